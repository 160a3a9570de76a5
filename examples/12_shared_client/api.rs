//! The API client, which gives the things of a collection one after another.

use std::sync::Arc;

use flexconnect_core::{Accepts, Error, ErrorKind, Page, Record, Result, Rows};
use flexconnect_http::{BaseUrl, Client};
use serde::de::DeserializeOwned;

use super::spec::Spec;

/// A handle to the one client: cheap to clone, so that each table keeps its own.
#[derive(Debug, Clone)]
pub struct Api(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    client: Client,
    base: BaseUrl,
    first: u64,
    most: u64,
}

impl Api {
    /// The client that the specification describes. An API that wants a login first gets it here.
    ///
    /// # Errors
    /// Config for a specification that cannot be used.
    pub async fn open(spec: Spec) -> Result<Self> {
        let client = Client::new(&spec.http, spec.auth.auth()?)?;
        let Spec { base_url: base, first, most, .. } = spec;
        Ok(Api(Arc::new(Opened { client, base, first, most })))
    }

    /// All things of a collection as rows, by their numbers: the first number that is not there ends them. Each is
    /// asked for when the one before is delivered.
    pub fn all<T>(&self, collection: &'static str) -> Rows<'static, T>
    where
        T: DeserializeOwned + Record + Accepts<T> + Send + 'static,
    {
        let (api, first, most) = (self.clone(), self.0.first, self.0.most);
        Rows::pages_up_to(most, first, move |num| {
            let api = api.clone();
            async move {
                let thing: Option<T> = api.one(collection, num).await?;
                let next = thing.is_some().then_some(num + 1);
                Ok(Page::new(thing, next))
            }
        })
    }

    /// One thing, if it is there.
    async fn one<T: DeserializeOwned>(&self, collection: &str, num: u64) -> Result<Option<T>, Error> {
        let Opened { client, base, .. } = &*self.0;
        let url = base
            .join(&format!("{collection}/{num}"))
            .map_err(|unfit| Error::new(ErrorKind::Internal, format!("a number leads nowhere: {unfit}")))?;
        match client.get(&url).send().await {
            Ok(answer) => answer.json().map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
