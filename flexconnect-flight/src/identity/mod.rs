//! Who calls, and what they may do.
//!
//! An [`Authenticate`] tells the caller of each call from what came with it, before anything of the call is decoded
//! and before any connector's code. An [`Authorize`] says which tables that caller may read and write. Both are given
//! to the [`FlightService`](crate::FlightService), or to the [`Server`](crate::Server):
//!
//! ```
//! use flexconnect_core::Plugin;
//! use flexconnect_flight::Server;
//! use flexconnect_flight::identity::{Access, Permissions, Tokens};
//!
//! # fn example() -> flexconnect_core::Result<Server> {
//! let tokens = Tokens::new([("ann", "a long random text, as `openssl rand` gives"), ("bob", "another of these")])?;
//! let permissions = Permissions::new()
//!     .with_rule("ann", "**", [Access::Read, Access::Write])
//!     .with_rule("bob", "sales/*", [Access::Read]);
//! let server = Server::new(Plugin::new("samples", "1.0.0"))
//!     .with_authenticator(tokens)
//!     .with_authorizer(permissions);
//! # Ok(server)
//! # }
//! # example().unwrap();
//! ```
//!
//! # What is checked, and when
//!
//! - Every call of the Flight service, `ListActions` too, is authenticated; without an authenticator everybody may
//!   call, as nobody in particular, unless an interceptor of the host names a [`Caller`](flexconnect_core::Caller).
//! - `Handshake` is how a client logs in where the authenticator [offers a login](Authenticate::offers_login): the
//!   header `authorization: Basic ..` is answered by a header `authorization: Bearer ..`, whose sealed token is taken
//!   in place of the credentials until it expires. Where no login is offered, `Handshake` is `UNIMPLEMENTED`.
//! - Other services of the same server, such as `grpc.health.v1.Health`, are open: what asks whether a server lives has no
//!   credentials as a rule. [`FlightService::guard`](crate::FlightService::guard) puts one behind the same door.
//! - Permission is asked for the path a client names before that path is looked up, so a table one may not see and a
//!   table that is not there are answered alike, with `PERMISSION_DENIED`; and again when a ticket is redeemed. Tables
//!   one may neither read nor write are not listed.
//! - Headers an authenticator reads never reach a connector.

mod authenticate;
mod credentials;
mod first_of;
mod login;
mod passwords;
mod permissions;
mod tokens;

#[cfg(feature = "tls")]
mod client_certificates;

pub use authenticate::Authenticate;
#[cfg(feature = "tls")]
pub use client_certificates::{CertificateName, ClientCertificates};
pub use credentials::{Credentials, Peer};
pub use first_of::FirstOf;
pub use passwords::Passwords;
pub use permissions::{Access, Authorize, Permissions};
pub use tokens::Tokens;

pub(crate) use login::Logins;
