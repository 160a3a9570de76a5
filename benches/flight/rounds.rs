//! All pairs of a server and a client, round after round.

use flexconnect_benches::median;
use flexconnect_core::Result;

use crate::child::Child;

/// A server's table and who reads it, and what that took, round after round.
struct Pair {
    server: &'static str,
    client: &'static str,
    /// The plain copy has none.
    table: Option<&'static str>,
    took: Vec<Took>,
}

/// What one read took.
#[derive(Clone, Copy)]
struct Took {
    /// Seconds of the server's and the client's processor for each gigabyte.
    server: f64,
    client: f64,
    /// Gigabytes a second.
    speed: f64,
}

const PREBUILT: Option<&str> = Some("prebuilt");

/// All pairs, the copy last.
#[derive(Default)]
pub(crate) struct Pairs(Vec<Pair>);

impl Pairs {
    /// Asks each pair this often, and once before. A client of this name is started for each.
    pub(crate) fn measure(
        &mut self,
        servers: &mut [(&'static str, Child)],
        clients: impl Iterator<Item = &'static str>,
        start: impl Fn(&str) -> Result<Child>,
        copy: &mut Child,
        rows: usize,
        rounds: usize,
    ) -> Result<()> {
        if self.0.is_empty() {
            let pair = |server, client, table| Pair { server, client, table, took: Vec::new() };
            for client in clients {
                self.0.extend(servers.iter().map(|(server, _)| pair(server, client, PREBUILT)));
                self.0.extend(["generated", "owned"].map(|table| pair(servers[0].0, client, Some(table))));
            }
            self.0.push(pair("tcp copy", self.0[0].client, None));
        }
        let count = self.0.len();
        let mut clients = self.0.iter().map(|pair| start(pair.client)).collect::<Result<Vec<_>>>()?;
        for round in 0..=rounds {
            for place in 0..count {
                let which = (place + round) % count;
                let (pair, client) = (&mut self.0[which], &mut clients[which]);
                let took = match pair.table {
                    Some(table) => {
                        let server = servers.iter_mut().find(|(name, _)| *name == pair.server);
                        let server = &mut server.ok_or_else(|| format!("{} was not started", pair.server))?.1;
                        let line = format!("read {} {table}", server.port);
                        ask(server, client, &line, rows)?
                    }
                    None => {
                        let line = format!("copy {}", copy.port);
                        ask(copy, client, &line, 0)?
                    }
                };
                if round > 0 {
                    pair.took.push(took);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn print(&self) {
        println!(
            "\n{:<15} {:<8} {:>12} {:>12} {:>6} {:>14} {:>12} {:>14} {:>11}",
            "from",
            "to",
            "server s/GB",
            "client s/GB",
            "GB/s",
            "server x c++",
            "GB/s x c++",
            "GB/s x stock",
            "x prebuilt"
        );
        for pair in &self.0 {
            let own = |of: fn(&Took) -> f64| median(pair.took.iter().map(of).collect());
            let beside = |server: &str, of: fn(&Took) -> f64| {
                let mut pairs = self.0.iter();
                let other = pairs.find(|other| {
                    (other.server, other.client, other.table) == (server, pair.client, PREBUILT)
                });
                let ratio = |other: &Pair| {
                    let rounds = pair.took.iter().zip(&other.took);
                    format!("{:.2}", median(rounds.map(|(own, other)| of(own) / of(other)).collect()))
                };
                other.filter(|_| pair.table.is_some()).map_or_else(String::new, ratio)
            };
            let from = match pair.table {
                Some(table) if pair.table != PREBUILT => format!("{} {table}", pair.server),
                _ => pair.server.to_owned(),
            };
            println!(
                "{from:<15} {:<8} {:>12.3} {:>12.3} {:>6.2} {:>14} {:>12} {:>14} {:>11}",
                pair.client,
                own(|took| took.server),
                own(|took| took.client),
                own(|took| took.speed),
                beside("c++", |took| took.server),
                beside("c++", |took| took.speed),
                beside("stock", |took| took.speed),
                if pair.table == PREBUILT { String::new() } else { beside(pair.server, |took| took.speed) },
            );
        }
    }
}

fn ask(server: &mut Child, client: &mut Child, line: &str, rows: usize) -> Result<Took> {
    let before = server.ask("cpu")?[0];
    let answer = client.ask(line)?;
    let used = server.ask("cpu")?[0] - before;
    let [read, bytes, seconds, cpu] = answer[..] else { return Err("a client answered otherwise".into()) };
    if read as usize != rows {
        return Err(format!("`{line}` gave {read} rows and not {rows}").into());
    }
    let gigabytes = bytes / 1e9;
    Ok(Took { server: used / gigabytes, client: cpu / gigabytes, speed: gigabytes / seconds })
}
