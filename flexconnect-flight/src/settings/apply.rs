//! From settings to a server.

use flexconnect_core::config::Faults;
use flexconnect_core::{Error, Plugin, Secret};
use serde_json::{Map, Value};

use super::limits::bytes;
use super::server::{
    AccessSetting, CertificateNameSetting, ClientCertificateSettings, ReadySetting, ServerSettings,
    TlsSettings,
};
use crate::identity::{Access, CertificateName, ClientCertificates, FirstOf, Passwords, Permissions, Tokens};
use crate::keys::Keys;
use crate::locations::Locations;
use crate::server::Server;
use crate::server::readiness::ReadyWhen;
use crate::service::FlightService;
use crate::tls::{Pem, Tls};

impl Server {
    /// A server of this plugin with an operator's settings; `settings.listen` says where to
    /// [`serve`](Self::serve) it. What it is to have besides is set on it afterwards.
    ///
    /// # Errors
    /// One error of kind [`Config`](flexconnect_core::ErrorKind::Config) that names everything that is wrong, by key.
    pub fn from_settings(plugin: impl Into<Plugin>, settings: &ServerSettings) -> Result<Server, Error> {
        let mut faults = Faults::new();
        let plugin = plugin_of(plugin.into(), settings);
        let mut service = FlightService::new(plugin)
            .with_limits(settings.limits.to_limits())
            .with_login_lifetime(settings.login_lifetime)
            .with_ticket_lifetime(settings.tickets.lifetime)
            .with_upload_idle_limit(settings.messages.upload_idle)
            .with_max_message_bytes(bytes(settings.messages.sent_row))
            .with_max_upload_message_bytes(bytes(settings.messages.taken))
            .with_message_limits(settings.messages.to_limits());
        #[cfg(any(feature = "lz4", feature = "zstd"))]
        if let Some(compression) = settings.messages.compression.to_compression() {
            service = service.with_compression(compression);
        }
        #[cfg(feature = "logging")]
        if let Err(error) = crate::insight::logging::check_level(&settings.log.level) {
            faults.add("log.level", said(&error));
        }
        if let Some(keys) = keys(&settings.tickets.keys, &mut faults) {
            service = service.with_ticket_keys(keys);
        }
        if let Some(authenticator) = authenticator(settings, &mut faults) {
            service = service.with_authenticator(authenticator);
        }
        if !settings.permissions.is_empty() {
            service = service.with_authorizer(permissions(settings));
        }
        match Locations::parse(settings.locations.clone()) {
            Ok(locations) => service = service.at_locations(locations),
            Err(error) => faults.add("locations", said(&error)),
        }
        let mut server =
            Server::from(service).with_grace(settings.grace).with_ready_when(ready_when(settings.ready_when));
        if let Some(address) = &settings.http {
            server = server.with_http_port(address);
        }
        if let Some(address) = &settings.metrics {
            server = server.with_metrics_port(address);
        }
        if let Some(tls) = &settings.tls
            && let Some(tls) = tls_of(tls, &mut faults)
        {
            server = server.with_tls(tls);
        }
        faults.finish()?;
        Ok(server)
    }
}

fn ready_when(setting: ReadySetting) -> ReadyWhen {
    match setting {
        ReadySetting::Listening => ReadyWhen::Listening,
        ReadySetting::Opened => ReadyWhen::Opened,
        ReadySetting::Checked => ReadyWhen::Checked,
    }
}

/// The plugin with the operator's values.
fn plugin_of(plugin: Plugin, settings: &ServerSettings) -> Plugin {
    let values = |values: &std::collections::BTreeMap<String, Secret<Value>>| -> Map<String, Value> {
        values.iter().map(|(name, value)| (name.clone(), value.expose().clone())).collect()
    };
    let plugin = match settings.plugin.is_empty() {
        true => plugin,
        false => plugin.shared_values(values(&settings.plugin)),
    };
    settings.tables.iter().fold(plugin, |plugin, (path, table)| {
        plugin.values_at(path.split('/'), Value::Object(values(&table.values)), table.open.clone())
    })
}

fn keys(texts: &[Secret<String>], faults: &mut Faults) -> Option<Keys> {
    let mut keys: Option<Keys> = None;
    for (index, text) in texts.iter().enumerate() {
        match Keys::from_text(text.expose()) {
            Ok(next) => {
                keys = Some(match keys {
                    Some(keys) => keys.and_open(next),
                    None => next,
                });
            }
            Err(error) => faults.add(format!("tickets.keys[{index}]"), error.message()),
        }
    }
    keys
}

/// Whoever is known by one of the ways that are set; `None` when none is, and everybody may call.
fn authenticator(settings: &ServerSettings, faults: &mut Faults) -> Option<FirstOf> {
    let mut ways = FirstOf::new();
    let mut is_any = false;
    if !settings.tokens.is_empty() {
        is_any = true;
        let tokens = settings.tokens.iter().flat_map(|(name, tokens)| {
            tokens.iter().map(move |token| (name.as_str(), token.expose().as_str()))
        });
        match Tokens::new(tokens) {
            Ok(tokens) => match &settings.token_header {
                None => ways = ways.or(tokens),
                Some(header) => match tokens.with_header(header) {
                    Ok(tokens) => ways = ways.or(tokens),
                    Err(error) => faults.add("token_header", said(&error)),
                },
            },
            Err(error) => faults.add("tokens", said(&error)),
        }
    } else if settings.token_header.is_some() {
        faults.add("token_header", "is set and there are no `tokens`: set those, or remove it");
    }
    if !settings.users.is_empty() {
        is_any = true;
        let users = settings.users.iter().map(|(user, password)| (user.as_str(), password.expose().as_str()));
        match Passwords::new(users) {
            Ok(passwords) => ways = ways.or(passwords),
            Err(error) => faults.add("users", said(&error)),
        }
    }
    if let Some(certificates) = &settings.client_certificates {
        is_any = true;
        if settings.tls.as_ref().is_none_or(|tls| tls.client_authority.is_none()) {
            faults.add(
                "client_certificates",
                "is set and `tls.client_authority` is not: nobody's certificate could be verified",
            );
        }
        ways = ways.or(by_certificate(certificates));
    }
    is_any.then_some(ways)
}

fn by_certificate(settings: &ClientCertificateSettings) -> ClientCertificates {
    let by = ClientCertificates::by(match settings.by {
        CertificateNameSetting::CommonName => CertificateName::CommonName,
        CertificateNameSetting::Dns => CertificateName::Dns,
        CertificateNameSetting::Uri => CertificateName::Uri,
    });
    if settings.names.is_empty() { by } else { by.with_names(settings.names.clone()) }
}

fn permissions(settings: &ServerSettings) -> Permissions {
    let mut permissions = Permissions::new();
    for rule in &settings.permissions {
        let access: Vec<_> = rule
            .access
            .iter()
            .map(|access| match access {
                AccessSetting::Read => Access::Read,
                AccessSetting::Write => Access::Write,
            })
            .collect();
        for caller in &rule.callers {
            for tables in &rule.tables {
                permissions = permissions.with_rule(caller, tables, access.clone());
            }
        }
    }
    permissions
}

fn tls_of(settings: &TlsSettings, faults: &mut Faults) -> Option<Tls> {
    let mut pem = |key: &str, text: &str| match Pem::parse(text) {
        Ok(pem) => Some(pem),
        Err(error) => {
            faults.add(format!("tls.{key}"), format!("is {}", error.message()));
            None
        }
    };
    let certificate = pem("certificate", &settings.certificate);
    let key = pem("key", settings.key.expose());
    let authority = settings.client_authority.as_deref().map(|text| pem("client_authority", text));
    if settings.client_certificate_optional && authority.is_none() {
        faults.add(
            "tls.client_certificate_optional",
            "is set and `tls.client_authority` is not: set that, or remove it",
        );
    }
    let tls = Tls::new(certificate?, key?).with_check_every(settings.check_every);
    Some(match authority {
        None => tls,
        Some(authority) if settings.client_certificate_optional => {
            tls.with_optional_client_authority(authority?)
        }
        Some(authority) => tls.with_client_authority(authority?),
    })
}

/// A message as it follows a key.
fn said(error: &Error) -> String {
    format!("cannot be used: {}", error.message())
}
