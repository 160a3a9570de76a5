//! What a server answered, held whole.

use bytes::{Bytes, BytesMut};
use flexconnect_core::{Error, ErrorKind};
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::fault::{Failure, Secrets, Shown};

/// How many characters of an answer an error quotes.
const EXCERPT: usize = 200;

/// How many bytes of it are looked at: a secret must be seen whole to be left out, also where the excerpt ends.
const LOOKED_AT: usize = 16 << 10;

/// A successful answer. Errors made from it begin with the method and the URL of its request.
#[derive(Debug, Clone)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    shown: Shown,
}

impl Answer {
    /// Reads an answer whose body has no more bytes than `most`. What goes beyond is not waited for.
    pub(crate) async fn read(mut response: Response, most: u64, shown: &Shown) -> Result<Self, Failure> {
        let too_long = || {
            let size = flexconnect_core::ByteSize(most);
            let message =
                format!("the answer has more than {size}; ask for less at once, or raise `max_body`");
            Failure::lasting(shown.error(ErrorKind::Exhausted, message))
        };
        // What the header promises is known before the first byte.
        if response.content_length().is_some_and(|length| length > most) {
            return Err(too_long());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| Failure::of(error, shown))? {
            if (body.len() + chunk.len()) as u64 > most {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Ok(Answer { status, headers, body: body.freeze(), shown: shown.clone() })
    }

    /// Its status, one of success.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its headers: an API may say there where the next page is.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Its body.
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// Its body as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] when it is none, or is not a `T`, with the request and how the body begins.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let what = if self.body.is_empty() {
                "the answer is empty, not JSON".to_owned()
            } else {
                format!(
                    "the answer is not the JSON expected: {error}; it begins: {}",
                    excerpt(&self.body, &self.shown.secrets)
                )
            };
            self.error(ErrorKind::Data, what)
        })
    }

    /// An error about this answer: the message is preceded by the request, and cleared of its secrets.
    pub fn error(&self, kind: ErrorKind, message: impl std::fmt::Display) -> Error {
        self.shown.error(kind, message)
    }

    /// Another error, preceded by the request.
    pub(crate) fn place(&self, error: &Error) -> Error {
        let placed = self.error(error.kind(), error.message());
        let placed = match error.place().row {
            Some(row) => placed.with_row(row),
            None => placed,
        };
        match &error.place().column {
            Some(column) => placed.with_column(column.clone()),
            None => placed,
        }
    }
}

/// How the body of a refusal begins; whatever goes wrong while reading it, the refusal is what counts.
pub(crate) async fn beginning(mut response: Response, shown: &Shown) -> String {
    let mut begun = Vec::new();
    while begun.len() < LOOKED_AT {
        match response.chunk().await {
            Ok(Some(chunk)) => begun.extend_from_slice(&chunk[..chunk.len().min(LOOKED_AT - begun.len())]),
            _ => break,
        }
    }
    excerpt(&begun, &shown.secrets)
}

/// The first characters, on one line and without secrets.
fn excerpt(body: &[u8], secrets: &Secrets) -> String {
    let begun = secrets.clear(&String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT)]));
    let words = begun.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    let mut cut: String = line.chars().take(EXCERPT).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_short_line() {
        let excerpt = |body: &[u8]| excerpt(body, &Secrets::default());
        assert_eq!(excerpt(b"{\n  \"error\":\t\"x\"\r\n}\x1b[2J"), "{ \"error\": \"x\" } [2J");
        let long = excerpt("ä".repeat(1000).as_bytes());
        assert_eq!(long.chars().count(), EXCERPT + 1);
        assert!(excerpt(&[0xff, b'a']).ends_with('a'));
        assert_eq!(excerpt(b""), "");
    }

    #[test]
    fn no_part_of_a_secret_is_left_where_an_excerpt_ends() {
        let secrets = Secrets(vec!["open  sesame".into()]);
        let body = format!("{} open  sesame", "x".repeat(EXCERPT - 6));
        assert!(excerpt(body.as_bytes(), &secrets).ends_with("x ***"));
    }
}
