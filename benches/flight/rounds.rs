//! All pairs of a server and a client, round after round.

use flexconnect_benches::median;
use flexconnect_core::Result;

use crate::child::Child;

/// A server's table and who reads it.
#[derive(Clone, Copy)]
struct Pair {
    server: usize,
    client: usize,
    table: &'static str,
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

pub(crate) fn run(
    servers: &mut [(&'static str, Child)],
    clients: &mut [(&'static str, Child)],
    copy: &mut Child,
    rows: usize,
    rounds: usize,
) -> Result<()> {
    let mut pairs = Vec::new();
    for client in 0..clients.len() {
        pairs.extend((0..servers.len()).map(|server| Pair { server, client, table: "prebuilt" }));
        pairs.extend(["generated", "owned"].map(|table| Pair { server: 0, client, table }));
    }
    let count = pairs.len();
    let mut took = vec![Vec::new(); count + 1];
    // The first round warms caches and allocators, and is not counted.
    for round in 0..=rounds {
        for place in 0..=count {
            let which = (place + round) % (count + 1);
            let one = match pairs.get(which) {
                Some(pair) => {
                    let server = &mut servers[pair.server].1;
                    let line = format!("read {} {}", server.port, pair.table);
                    ask(server, &mut clients[pair.client].1, &line, rows)?
                }
                None => ask(copy, &mut clients[0].1, &format!("copy {}", copy.port), 0)?,
            };
            if round > 0 {
                took[which].push(one);
            }
        }
    }

    println!(
        "\n{:<18} {:<8} {:>12} {:>12} {:>8} {:>14} {:>14}",
        "from", "to", "server s/GB", "client s/GB", "GB/s", "server x c++", "GB/s x c++"
    );
    for (which, pair) in pairs.iter().enumerate() {
        let name = servers[pair.server].0;
        let name = if pair.table == "prebuilt" { name.to_owned() } else { format!("{name} {}", pair.table) };
        // Beside the last server, pyarrow's if there is one, with the same client.
        let beside =
            pairs.iter().rposition(|other| other.client == pair.client && other.server + 1 == servers.len());
        let beside = &took[beside.unwrap_or(which)];
        let ratio = |of: fn(&Took) -> f64| {
            median(took[which].iter().zip(beside).map(|(own, other)| of(own) / of(other)).collect())
        };
        let own = |of: fn(&Took) -> f64| median(took[which].iter().map(of).collect());
        println!(
            "{name:<18} {:<8} {:>12.3} {:>12.3} {:>8.2} {:>14.2} {:>14.2}",
            clients[pair.client].0,
            own(|took| took.server),
            own(|took| took.client),
            own(|took| took.speed),
            ratio(|took| took.server),
            ratio(|took| took.speed),
        );
    }
    let own = |of: fn(&Took) -> f64| median(took[count].iter().map(of).collect());
    println!(
        "{:<18} {:<8} {:>12.3} {:>12.3} {:>8.2}",
        "tcp copy",
        "rust",
        own(|took| took.server),
        own(|took| took.client),
        own(|took| took.speed)
    );
    Ok(())
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
