//! TLS: rustls with `ring`, chosen here and never by what else is in the process.

mod client;
mod pem;
mod provider;
mod reload;
mod server;

pub use pem::Pem;
pub use reload::Certificates;
pub use server::Tls;

pub(crate) use client::{ClientTls, handshake, plain_words};
