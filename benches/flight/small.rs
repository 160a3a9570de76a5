//! The small call: GetFlightInfo, then DoGet of three rows.

use flexconnect_benches::median;
use flexconnect_core::Result;

use crate::child::Child;

/// Calls of one client, one after the other.
const CALLS: usize = 300;
const CLIENTS: usize = 8;

/// What calls of each server took.
#[derive(Default)]
pub(crate) struct Small(Vec<Took>);

struct Took {
    server: &'static str,
    /// Seconds of a call, the median of a round.
    latency: Vec<f64>,
    calls_per_second: Vec<f64>,
}

impl Small {
    pub(crate) fn measure(
        &mut self,
        servers: &mut [(&'static str, Child)],
        client: &mut Child,
        rounds: usize,
    ) -> Result<()> {
        if self.0.is_empty() {
            let took = |server| Took { server, latency: Vec::new(), calls_per_second: Vec::new() };
            self.0.extend(servers.iter().map(|(server, _)| took(*server)));
        }
        // The first round warms caches, and is not counted.
        for round in 0..=rounds {
            for place in 0..servers.len() {
                let which = (place + round) % servers.len();
                let (took, port) = (&mut self.0[which], servers[which].1.port);
                let latency = client.ask(&format!("small {port} three {CALLS}"))?[0];
                let calls = client.ask(&format!("many {port} three {CLIENTS} {CALLS}"))?[0];
                if round > 0 {
                    took.latency.push(latency);
                    took.calls_per_second.push(calls);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn print(self) {
        println!("\n{:<8} {:>16} {:>24}", "from", "3 rows, median", format!("calls/s, {CLIENTS} clients"));
        for Took { server, latency, calls_per_second } in self.0 {
            println!("{server:<8} {:>13.0} µs {:>24.0}", median(latency) * 1e6, median(calls_per_second));
        }
    }
}
