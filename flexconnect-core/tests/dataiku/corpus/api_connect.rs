//! Any REST service: the largest descriptor of all, with a login and a pagination that each decide what else there
//! is, two parameters of one name, maps, and choices among which is "none".

use std::collections::BTreeMap;

use flexconnect_core::{Config, Secret};

use super::credential::Credential;
use super::expect;

macro_rules! presets {
    ($($name:ident: $set:literal;)*) => {$(
        #[derive(Config)]
        #[config(preset = $set)]
        struct $name {
            secret: Secret<String>,
        }
    )*};
}

presets! {
    SecureOauth: "secure-oauth";
    SecureOauthRotation: "secure-oauth-refresh-token-rotation";
    SecureBasic: "secure-basic";
}

#[derive(Config)]
struct Rest {
    #[config(flatten)]
    auth: Auth,
    /// Use profile's 'other credentials'
    #[config(label = " ", default = false, section = "Authentication")]
    should_use_user_secrets: bool,
    #[config(flatten, section = "API call parameters")]
    call: Call,
    #[config(flatten, section = "Data extraction")]
    extraction: Extraction,
    #[config(flatten)]
    pagination: Pagination,
    /// Ignore SSL check
    #[config(
        label = " ",
        default = false,
        section = "Advanced",
        visible_when(not(auth = [Auth::SecureOauth, Auth::SecureBasic]))
    )]
    ignore_ssl_check: bool,
    #[config(flatten, section = "Advanced")]
    advanced: Advanced,
}

#[derive(Config)]
#[config(tag = "auth_type", label = "Authentication type", section = "Authentication")]
enum Auth {
    #[config(label = "SSO")]
    SecureOauth {
        #[config(label = "SSO preset")]
        secure_oauth: Option<SecureOauth>,
    },
    #[config(rename = "secure_oauth_refresh_token_rotation", label = "SSO (token rotation)")]
    SecureOauthRotation {
        #[config(label = "SSO preset (token rotation)")]
        secure_oauth_refresh_token_rotation: Option<SecureOauthRotation>,
    },
    #[config(label = "Secure username / password")]
    SecureBasic {
        #[config(label = "Credential preset")]
        secure_basic: Option<SecureBasic>,
    },
    #[config(default)]
    Other {
        #[config(label = "Credential preset")]
        credential: Option<Box<Credential>>,
    },
}

#[derive(Config)]
struct Call {
    /// Replace {{key}} by value in presets (optional)
    #[config(label = "Custom keys / values", default, hidden)]
    custom_key_values: BTreeMap<String, String>,
    /// https://{{variable}}.exmpl.com/usr/{{username}}/details
    #[config(label = "URL template", multiline)]
    endpoint_url: Option<String>,
    #[config(label = "HTTP method", default = Method::Get)]
    http_method: Method,
    /// Will add ?key1=val1&key2=val2 to the URL
    #[config(label = "Query Params", default)]
    endpoint_query_string: BTreeMap<String, String>,
    #[config(label = "Body", default, hidden)]
    endpoint_body: BTreeMap<String, String>,
    #[config(label = "Headers", default = [("Content-Type", "application/json"), ("Accept", "application/json")])]
    endpoint_headers: Vec<(String, String)>,
    #[config(label = "Body")]
    body_format: Option<Body>,
    #[config(label = "Request's body", visible_when(body_format = Body::Raw), multiline)]
    text_body: Option<String>,
    #[config(
        label = "Request's body",
        visible_when(body_format = [Body::FormData, Body::MultipartFormData]),
        default
    )]
    key_value_body: BTreeMap<String, String>,
}

#[derive(Config)]
#[config(rename_all = "UPPERCASE")]
enum Method {
    #[config(label = "GET")]
    Get,
    #[config(label = "POST")]
    Post,
    #[config(label = "PUT")]
    Put,
    #[config(label = "PATCH")]
    Patch,
    #[config(label = "DELETE")]
    Delete,
}

#[derive(Config)]
#[config(rename_all = "SCREAMING_SNAKE_CASE")]
enum Body {
    #[config(label = "Form-data (Json)")]
    FormData,
    #[config(label = "Multipart Form-data")]
    MultipartFormData,
    Raw,
}

#[derive(Config)]
struct Extraction {
    /// Dot separated key path
    #[config(label = "Path to data array (optional)")]
    extraction_key: Option<String>,
    /// Raw JSON output
    #[config(label = " ", default = true)]
    raw_output: bool,
}

/// Refer to the API's documentation
#[derive(Config)]
#[config(tag = "pagination_type", label = "Pagination mechanism", section = "Pagination")]
enum Pagination {
    #[config(rename = "na", label = "No pagination", default)]
    None,
    #[config(label = "Next page URL provided")]
    NextPage {
        /// Dot separated key path to next request URL
        #[config(label = "Key to next request URL")]
        next_page_url_key: Option<String>,
        /// Next page URL is relative
        #[config(label = " ", default = false)]
        is_next_page_url_relative: bool,
        /// https://mysite.com/path/
        #[config(label = "Base URL to next page", visible_when(is_next_page_url_relative = true))]
        next_page_url_base: Option<String>,
    },
    #[config(label = "Offset pagination")]
    Offset {
        #[config(label = "Key limiting elements per page")]
        top_key: Option<String>,
        #[config(label = "Key for element offset")]
        skip_key: Option<String>,
    },
    #[config(label = "Per page")]
    Page {
        #[config(label = "Key for page offset")]
        skip_key: Option<String>,
    },
}

#[derive(Config)]
struct Advanced {
    /// Force CSV parameters
    #[config(label = " ", default = false)]
    force_csv_parameters: bool,
    #[config(label = "Delimiter", visible_when(force_csv_parameters = true))]
    csv_delimiter: Option<char>,
    #[config(label = "Double quote", visible_when(force_csv_parameters = true))]
    csv_doublequote: Option<DoubleQuote>,
    #[config(label = "Escape char", visible_when(force_csv_parameters = true))]
    csv_escapechar: Option<char>,
    #[config(label = "Line terminator", visible_when(force_csv_parameters = true))]
    csv_lineterminator: Option<String>,
    #[config(label = "Quote char", visible_when(force_csv_parameters = true))]
    csv_quotechar: Option<char>,
    #[config(label = "Quote", visible_when(force_csv_parameters = true))]
    csv_quoting: Option<Quoting>,
    #[config(label = "Skip initial space", visible_when(force_csv_parameters = true))]
    csv_skipinitialspace: Option<Skip>,
    /// Redirect authorization header
    #[config(label = " ", default = false)]
    redirect_auth_header: bool,
    /// Display metadata
    #[config(label = " ", default = false)]
    display_metadata: bool,
    /// -1 for no limit
    #[config(label = "Timeout (s)", default = 3600)]
    timeout: i64,
    /// -1 for no limit
    #[config(label = "Rate limit (requests/m)", default = -1)]
    requests_per_minute: i64,
    /// -1 for no limit
    #[config(label = "Maximum number of rows", default = -1)]
    maximum_number_rows: i64,
}

#[derive(Config)]
enum DoubleQuote {
    DoubleQuote,
    #[config(label = "No double quote")]
    NotDoubleQuote,
}

#[derive(Config)]
enum Quoting {
    #[config(rename = "0")]
    Minimal,
    #[config(rename = "1")]
    All,
    #[config(rename = "2")]
    NonNumeric,
    #[config(rename = "3")]
    None,
    #[config(rename = "4")]
    Strings,
    #[config(rename = "5")]
    NotNull,
}

#[derive(Config)]
enum Skip {
    Skip,
    #[config(label = "Do not skip")]
    NotSkip,
}

#[test]
fn rest() {
    let null = "none of a choice is an `Option` that is not given, and has no label; values are text";
    let other = "the variant that theirs calls null has a name";
    expect::<Rest>(
        "dataiku_dss-plugin-api-connect__api-connect_dataset.json",
        &[
            ("auth_type.defaultValue: \"other\", not null", other),
            (
                "auth_type.selectChoices: [{\"value\":\"secure_oauth\",\"label\":\"SSO\"},{\"value\":\"secure_oauth_refresh_token_rotation\",\"label\":\"SSO (token rotation)\"},{\"value\":\"secure_basic\",\"label\":\"Secure username / password\"},{\"value\":\"other\",\"label\":\"Other\"}], not [{\"value\":\"secure_oauth\",\"label\":\"SSO\"},{\"value\":\"secure_oauth_refresh_token_rotation\",\"label\":\"SSO (token rotation)\"},{\"value\":\"secure_basic\",\"label\":\"Secure username / password\"},{\"value\":null,\"label\":\"Other\"}]",
                other,
            ),
            (
                "credential.visibilityCondition: \"model.auth_type=='other'\", not \"model.auth_type==null\"",
                other,
            ),
            (
                "body_format.selectChoices: [{\"value\":\"FORM_DATA\",\"label\":\"Form-data (Json)\"},{\"value\":\"MULTIPART_FORM_DATA\",\"label\":\"Multipart Form-data\"},{\"value\":\"RAW\",\"label\":\"Raw\"}], not [{\"value\":null,\"label\":\"None\"},{\"value\":\"FORM_DATA\",\"label\":\"Form-data (Json)\"},{\"value\":\"MULTIPART_FORM_DATA\",\"label\":\"Multipart Form-data\"},{\"value\":\"RAW\",\"label\":\"Raw\"}]",
                null,
            ),
            ("--: missing", "a separator that is a warning about two other parameters: a `check` says it"),
            (
                "csv_doublequote.selectChoices: [{\"value\":\"double_quote\",\"label\":\"Double quote\"},{\"value\":\"not_double_quote\",\"label\":\"No double quote\"}], not [{\"value\":null,\"label\":\"Auto detect\"},{\"value\":\"double_quote\",\"label\":\"Double quote\"},{\"value\":\"not_double_quote\",\"label\":\"No double quote\"}]",
                null,
            ),
            (
                "csv_quoting.selectChoices: [{\"value\":\"0\",\"label\":\"Minimal\"},{\"value\":\"1\",\"label\":\"All\"},{\"value\":\"2\",\"label\":\"Non numeric\"},{\"value\":\"3\",\"label\":\"None\"},{\"value\":\"4\",\"label\":\"Strings\"},{\"value\":\"5\",\"label\":\"Not null\"}], not [{\"value\":null,\"label\":\"Auto detect\"},{\"value\":0,\"label\":\"Minimal\"},{\"value\":1,\"label\":\"All\"},{\"value\":2,\"label\":\"Non numeric\"},{\"value\":3,\"label\":\"None\"},{\"value\":4,\"label\":\"Strings\"},{\"value\":5,\"label\":\"Not null\"}]",
                null,
            ),
            (
                "csv_skipinitialspace.selectChoices: [{\"value\":\"skip\",\"label\":\"Skip\"},{\"value\":\"not_skip\",\"label\":\"Do not skip\"}], not [{\"value\":null,\"label\":\"Auto detect\"},{\"value\":\"skip\",\"label\":\"Skip\"},{\"value\":\"not_skip\",\"label\":\"Do not skip\"}]",
                null,
            ),
            (
                "order: `secure_oauth` where theirs has `credential`",
                "variants stand in the order of the choices",
            ),
        ],
    );
}
