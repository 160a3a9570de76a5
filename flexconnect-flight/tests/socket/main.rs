//! The server as clients see it: over a socket, with connectors small enough to know every row.

mod connectors;
mod served;

mod actions;
mod listing;
mod plans;
mod reads;
mod refusals;
mod shutdown;
mod tickets;
mod types;
mod writes;
