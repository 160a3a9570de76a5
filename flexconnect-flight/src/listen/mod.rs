//! From a listener to connections that are ready to be served: private where they are to be, and each client told if
//! it speaks what this port does not.

mod connection;
mod farewell;
mod gathered;
#[cfg(feature = "tls")]
mod private;

mod greeting;

use std::time::Duration;

use futures::Stream;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::greeting::greet;

pub(crate) use connection::{Connection, Outgoing};
pub(crate) use greeting::Greeting;

/// How long accepting rests when the system has no room for another connection.
const REST: Duration = Duration::from_millis(100);

/// The connections of this listener, for as long as the stream is there. So many greetings are under way at a time;
/// further clients wait in the system's queue, and none waits longer than a greeting may take.
pub(crate) fn connections(listener: TcpListener, greeting: Greeting) -> impl Stream<Item = Connection> {
    let greeted = JoinSet::<Option<Connection>>::new();
    futures::stream::unfold((listener, greeting, greeted), |(listener, greeting, mut greeted)| async move {
        loop {
            tokio::select! {
                accepted = listener.accept(), if greeted.len() < greeting.at_once => match accepted {
                    Ok((stream, address)) => {
                        greeted.spawn(greet(stream, address, greeting.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(REST).await;
                    }
                },
                Some(done) = greeted.join_next(), if !greeted.is_empty() => {
                    if let Ok(Some(connection)) = done {
                        return Some((connection, (listener, greeting, greeted)));
                    }
                }
            }
        }
    })
}
