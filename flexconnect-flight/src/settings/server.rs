//! The settings of a server.

use std::collections::BTreeMap;
use std::time::Duration;

use flexconnect_core::{Config, Secret};
use serde_json::{Map, Value};

use super::limits::{LimitSettings, MessageSettings};
#[cfg(feature = "logging")]
use super::log::LogSettings;

/// The settings of a [`Server`](crate::Server), as an operator writes them in a file.
///
/// All have defaults: a server without settings is for one machine, plain and open. A program's own settings stand
/// beside these, in a struct of its own with `#[config(flatten)]`:
///
/// ```
/// use flexconnect_core::Config;
/// use flexconnect_flight::settings::{Document, ServerSettings};
///
/// #[derive(Config)]
/// struct Program {
///     /// Where the data is.
///     folder: String,
///     #[config(flatten)]
///     server: ServerSettings,
/// }
///
/// let text = "folder = '/srv/data'\nlisten = '0.0.0.0:8815'\n[tokens]\nreports = ['t0k3n']";
/// let program: Program = Document::new().with_text("server.toml", text).read()?;
/// assert_eq!(program.server.listen, "0.0.0.0:8815");
/// # Ok::<_, flexconnect_core::Error>(())
/// ```
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct ServerSettings {
    /// Where the server listens: an address and a port. Port 0 takes a free one.
    #[config(default = "127.0.0.1:8815")]
    pub listen: String,
    /// Where `/live` and `/ready` are answered for probes, and `/metrics`; nowhere if not said. There is no login and no
    /// TLS, so let it be an address that only the operator reaches.
    #[config(placeholder = "127.0.0.1:9815")]
    pub http: Option<String>,
    /// Where `/metrics` is answered, if not with the probes.
    #[config(placeholder = "127.0.0.1:9816")]
    pub metrics: Option<String>,
    /// When the server calls itself ready: as soon as it listens, when every connector has been opened with the values
    /// here, or when the check of each has passed, too.
    #[config(default = ReadySetting::Listening)]
    pub ready_when: ReadySetting,
    /// How long calls may go on once the server is told to stop.
    #[config(default = "10s")]
    pub grace: Duration,
    /// Where endpoints are, each `grpc://host:port` or `grpc+tls://host:port`; where the client is connected already if
    /// there is none, which is what gets through proxies.
    #[config(default)]
    pub locations: Vec<String>,
    /// The header a token comes in, whose whole value it is; `authorization: Bearer <token>` if not said.
    #[config(placeholder = "x-api-key")]
    pub token_header: Option<String>,
    /// How long a login by Handshake lasts.
    #[config(default = "12h", min = "1s")]
    pub login_lifetime: Duration,
    /// Serves over TLS, and over nothing else.
    pub tls: Option<TlsSettings>,
    /// The tokens of each caller: whoever sends one is called so. Two for one caller let a token be changed without a
    /// call refused.
    #[config(default)]
    pub tokens: BTreeMap<String, Vec<Secret<String>>>,
    /// Users with their passwords, who log in by Handshake.
    #[config(default)]
    pub users: BTreeMap<String, Secret<String>>,
    /// Knows callers by their certificates; `tls.client_authority` must be set.
    pub client_certificates: Option<ClientCertificateSettings>,
    /// What callers may do; everything if there is no rule, else what one of the rules allows.
    #[config(default)]
    pub permissions: Vec<PermissionSetting>,
    /// The tickets of reads.
    #[config(default)]
    pub tickets: TicketSettings,
    /// What is taken at once, and from one caller.
    #[config(default)]
    pub limits: LimitSettings,
    /// How large messages may be, and what they may hold.
    #[config(default)]
    pub messages: MessageSettings,
    /// What is logged to standard error, and how, where the program keeps to it.
    #[cfg(feature = "logging")]
    #[config(default)]
    pub log: LogSettings,
    /// The values of what all connectors share, over those of the program.
    #[config(default)]
    pub plugin: BTreeMap<String, Secret<Value>>,
    /// Values of connectors over those of the program, each under the path of its table: `crm/contacts`.
    #[config(default)]
    pub tables: BTreeMap<String, TableSettings>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self::parse(&Map::new()).expect("every setting has a default")
    }
}

/// When a server calls itself ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Config)]
#[non_exhaustive]
pub enum ReadySetting {
    /// As soon as it listens.
    Listening,
    /// When every connector that needs no client's values has been opened.
    Opened,
    /// When each has been opened and its check has passed.
    Checked,
}

/// Certificates, each `@` and the path of a file in PEM, or the text itself. Changed files are taken as they change.
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct TlsSettings {
    /// The server's certificate, followed by those between it and its authority.
    #[config(placeholder = "@/etc/tls/server.crt")]
    pub certificate: String,
    /// Its key.
    #[config(placeholder = "@/etc/tls/server.key")]
    pub key: Secret<String>,
    /// The authorities that sign the certificates of clients.
    #[config(placeholder = "@/etc/tls/clients.crt")]
    pub client_authority: Option<String>,
    /// Whether a client without a certificate may connect.
    #[config(default = false)]
    pub client_certificate_optional: bool,
    /// How often files are looked at for a change.
    #[config(default = "30s", min = "1s")]
    pub check_every: Duration,
}

/// How a certificate names its owner.
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct ClientCertificateSettings {
    /// What of a certificate names its owner: the subject's common name, or the first DNS name or URI beside it.
    #[config(default = CertificateNameSetting::CommonName)]
    pub by: CertificateNameSetting,
    /// The callers of these names; the name itself if there is none here, else others are refused.
    #[config(default)]
    pub names: BTreeMap<String, String>,
}

/// What of a certificate names its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Config)]
#[non_exhaustive]
pub enum CertificateNameSetting {
    /// The subject's common name.
    CommonName,
    /// The first DNS name.
    Dns,
    /// The first URI.
    Uri,
}

/// One rule: who may do what.
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct PermissionSetting {
    /// The callers; `*` is everybody whose name is known, `?` is everybody.
    #[config(placeholder = "ann")]
    pub callers: Vec<String>,
    /// The tables, one component per level between `/`; `*` is any one component, `**` at the end any number of them.
    #[config(placeholder = "sales/*")]
    pub tables: Vec<String>,
    /// What they may do.
    #[config(default = [AccessSetting::Read])]
    pub access: Vec<AccessSetting>,
}

/// What is done to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Config)]
#[non_exhaustive]
pub enum AccessSetting {
    /// Rows are read.
    Read,
    /// Rows are written.
    Write,
}

/// The tickets of reads, and the tokens of logins, which are sealed alike.
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct TicketSettings {
    /// The keys: the first seals, all open. One made when the server starts if there is none, which no other server
    /// and no later run has. `openssl rand -base64 32` prints one.
    #[config(default)]
    pub keys: Vec<Secret<String>>,
    /// How long a read may begin after it was planned.
    #[config(default = "1h", min = "1s")]
    pub lifetime: Duration,
}

impl Default for TicketSettings {
    fn default() -> Self {
        Self::parse(&Map::new()).expect("every setting has a default")
    }
}

/// An operator's values for one table.
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct TableSettings {
    /// The values of its connector's parameters. Clients neither see nor set them.
    #[config(default)]
    pub values: BTreeMap<String, Secret<Value>>,
    /// Parameters that clients may set although they have a value.
    #[config(default)]
    pub open: Vec<String>,
}
