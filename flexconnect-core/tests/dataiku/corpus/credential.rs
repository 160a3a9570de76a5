//! A parameter set: logins of several kinds, key-value pairs, certificates.

use std::collections::BTreeMap;

use flexconnect_core::{Config, Secret};

use super::expect;

#[derive(Config)]
#[config(preset = "credential")]
pub(super) struct Credential {
    #[config(
        default = Login::NoAuth,
        section = "Warning",
        section_help = "Anyone with read permission to this credential can obtain its stored passwords / keys by calling an \
                        untrusted API endpoint"
    )]
    login_type: Login,
    /// Can be reused as {{username}}
    #[config(label = "User name", visible_when(login_type = [Login::Basic, Login::Ntlm]), required, section = "Warning")]
    username: Option<String>,
    /// Can be reused as {{password}}
    #[config(visible_when(login_type = [Login::Basic, Login::Ntlm]), section = "Warning")]
    password: Option<Secret<String>>,
    /// Can be reused as {{token}}
    #[config(visible_when(login_type = Login::BearerToken), section = "Warning")]
    token: Option<Secret<String>>,
    #[config(label = "Key", visible_when(login_type = Login::ApiKey), section = "Warning")]
    api_key_name: Option<String>,
    #[config(label = "Value", visible_when(login_type = Login::ApiKey), section = "Warning")]
    api_key_value: Option<Secret<String>>,
    #[config(
        label = "Add to",
        visible_when(login_type = Login::ApiKey),
        default = Destination::Header,
        section = "Warning"
    )]
    api_key_destination: Destination,
    #[config(
        label = "Header prefix",
        visible_when(login_type = Login::BearerToken),
        default = "Bearer {{token}}",
        section = "Warning"
    )]
    bearer_template: String,
    /// For security, lock these credentials to https + tld
    #[config(label = "Top level domain name", hidden, section = "Warning")]
    domain: Option<String>,
    /// User defined keys/values that can be used later in url, query string...
    #[config(label = "User key/values", default, section = "Warning")]
    user_defined_keys: BTreeMap<String, String>,
    #[config(label = "Use mTLS", default = false, section = "Warning")]
    use_mtls: bool,
    /// or full certificate starting with -----BEGIN and ending with END CERTIFICATE-----
    #[config(label = "Path to certificate", visible_when(use_mtls = true), required, section = "Warning")]
    mtls_certificate_path: Option<Secret<String>>,
    /// or full key starting with -----BEGIN and ending with END PRIVATE KEY-----
    #[config(label = "Path to key", visible_when(use_mtls = true), required, section = "Warning")]
    mtls_key_path: Option<Secret<String>>,
}

#[derive(Config)]
enum Login {
    #[config(label = "No auth")]
    NoAuth,
    #[config(rename = "basic_login", label = "Basic auth")]
    Basic,
    #[config(label = "API key")]
    ApiKey,
    BearerToken,
    #[config(label = "NTLM")]
    Ntlm,
}

#[derive(Config)]
enum Destination {
    Header,
    #[config(label = "Query params")]
    Params,
}

#[test]
fn credential() {
    let reason = "theirs fails later without it";
    expect::<Credential>(
        "parameter-sets/dataiku_dss-plugin-api-connect__credential.json",
        &[
            ("username.mandatory: true, not null", reason),
            ("mtls_certificate_path.mandatory: true, not null", reason),
            ("mtls_key_path.mandatory: true, not null", reason),
        ],
    );
}
