//! From a listener to connections that are ready to be served: private where they are to be, and each client told if
//! it speaks what this port does not.

mod connection;
mod farewell;
mod gathered;
#[cfg(feature = "tls")]
mod private;

mod greeting;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use futures::Stream;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use self::greeting::{Spoke, greet};

pub(crate) use connection::{Connection, Outgoing};
pub(crate) use greeting::Greeting;

/// How long accepting rests when the system has no room for another connection.
const REST: Duration = Duration::from_millis(100);
/// A client that has been silent for less may be about to speak.
const SILENT: Duration = Duration::from_millis(250);

/// The connections of this listener, for as long as the stream is there. So many greetings are under way at a time; then
/// the client that has been silent for longest makes room for the next. Where all of them speak, further clients wait in
/// the system's queue, and none waits longer than a greeting may take.
pub(crate) fn connections(listener: TcpListener, greeting: Greeting) -> impl Stream<Item = Connection> {
    let greeted = JoinSet::<Option<Connection>>::new();
    let begun = (listener, greeting, greeted, Silent::default());
    futures::stream::unfold(begun, |(listener, greeting, mut greeted, mut silent)| async move {
        loop {
            let waits =
                if greeted.len() < greeting.at_once { Some(Duration::ZERO) } else { silent.first_goes_in() };
            let has_room = waits.is_some_and(|waits| waits.is_zero());
            tokio::select! {
                () = tokio::time::sleep(waits.unwrap_or_default()), if waits.is_some() && !has_room => {}
                accepted = listener.accept(), if has_room => match accepted {
                    Ok((stream, address)) => {
                        if greeted.len() >= greeting.at_once {
                            silent.make_room();
                        }
                        let spoke = Spoke::default();
                        let greet = greet(stream, address, greeting.clone(), spoke.clone());
                        silent.push(spoke, greeted.spawn(greet));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(REST).await;
                    }
                },
                Some(done) = greeted.join_next(), if !greeted.is_empty() => {
                    if let Ok(Some(connection)) = done {
                        return Some((connection, (listener, greeting, greeted, silent)));
                    }
                }
            }
        }
    })
}

/// The clients that may not have said anything yet, in the order in which they came, and when that was.
#[derive(Debug, Default)]
struct Silent(VecDeque<(Instant, Spoke, AbortHandle)>);

impl Silent {
    fn push(&mut self, spoke: Spoke, greeting: AbortHandle) {
        // Those behind one that is silent have come since, and are no more than may be greeted at a time.
        self.0.retain(|(_, spoke, greeting)| !spoke.get() && !greeting.is_finished());
        self.0.push_back((Instant::now(), spoke, greeting));
    }

    /// How long it takes until one may be sent away; `None` when none of them is silent.
    fn first_goes_in(&mut self) -> Option<Duration> {
        while self.0.front().is_some_and(|(_, spoke, greeting)| spoke.get() || greeting.is_finished()) {
            self.0.pop_front();
        }
        self.0.front().map(|(came, _, _)| SILENT.saturating_sub(came.elapsed()))
    }

    /// Sends the first away, unless all have spoken meanwhile.
    fn make_room(&mut self) {
        if self.first_goes_in().is_some()
            && let Some((_, _, greeting)) = self.0.pop_front()
        {
            tracing::debug!("a connection that said nothing makes room for another");
            greeting.abort();
        }
    }
}
