//! The small call: GetFlightInfo, then DoGet of three rows.

use flexconnect_benches::median;
use flexconnect_core::Result;

use crate::child::Child;

/// Calls of one client, one after the other.
const CALLS: usize = 300;
const CLIENTS: usize = 8;

pub(crate) fn run(servers: &mut [(&'static str, Child)], client: &mut Child, rounds: usize) -> Result<()> {
    let mut took = vec![(Vec::new(), Vec::new()); servers.len()];
    for round in 0..=rounds {
        for place in 0..servers.len() {
            let which = (place + round) % servers.len();
            let port = servers[which].1.port;
            let latency = client.ask(&format!("small {port} three {CALLS}"))?[0];
            let calls = client.ask(&format!("many {port} three {CLIENTS} {CALLS}"))?[0];
            if round > 0 {
                took[which].0.push(latency);
                took[which].1.push(calls);
            }
        }
    }
    println!("\n{:<8} {:>16} {:>24}", "from", "3 rows, median", format!("calls/s, {CLIENTS} clients"));
    for ((name, _), (latency, calls)) in servers.iter().zip(took) {
        println!("{name:<8} {:>13.0} µs {:>24.0}", median(latency) * 1e6, median(calls));
    }
    Ok(())
}
