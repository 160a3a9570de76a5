//! Objects of a service: a choice with names of its own.

use flexconnect_core::{Config, Secret};

use super::expect;

#[derive(Config)]
enum Object {
    Users,
    #[config(rename = "contacts")]
    Leads,
    Companies,
    Admins,
    Conversations,
    Tags,
    Segments,
}

#[derive(Config)]
enum Format {
    #[config(label = "Readable with columns")]
    Readable,
    #[config(label = "JSON")]
    Json,
}

#[derive(Config)]
struct Objects {
    /// https://developers.intercom.com/v2.0/docs/personal-access-tokens
    #[config(label = "Intercom Access Token (with Extended Scopes)")]
    token: Secret<String>,
    #[config(label = "Object to retrieve")]
    object: Object,
    #[config(label = "Format", default = Format::Readable)]
    result_format: Format,
}

#[test]
fn objects() {
    expect::<Objects>(
        "dataiku_dataiku-contrib__intercom2-object.json",
        &[
            ("token.type: \"PASSWORD\", not \"STRING\"", "a token should not be shown"),
            (
                "object.defaultValue: null, not \"readable\"",
                "theirs is not among its choices; an enum cannot have such a default",
            ),
            ("result_format.mandatory: null, not true", "what has a default need not be given"),
        ],
    );
}
