//! Regular expressions that texts match.
#![cfg(feature = "pattern")]

use flexconnect_core::{Config, Secret};
use serde_json::json;

use super::{faults, read};

#[derive(Config, Debug)]
struct Account {
    #[config(pattern = "^[a-z][a-z0-9-]*$", max_len = 20)]
    tenant: String,
    #[config(pattern = "@")]
    mail: Option<String>,
    #[config(pattern = "^tok_")]
    token: Option<Secret<String>>,
    #[config(pattern = "(unclosed")]
    broken: Option<String>,
}

#[test]
fn a_text_matches_its_pattern() {
    let account: Account = read(json!({ "tenant": "acme-1", "mail": "a@b", "token": "tok_1" }));
    assert_eq!((account.tenant.as_str(), account.broken), ("acme-1", None));
    assert_eq!(
        faults::<Account>(json!({ "tenant": "Acme", "mail": "", "token": "s3cr3t" })),
        [
            "`tenant` must match the pattern `^[a-z][a-z0-9-]*$`",
            "`mail` must match the pattern `@`",
            "`token` must match the pattern `^tok_`",
        ]
    );
    // What takes forever elsewhere is a matter of its length here.
    assert_eq!(faults::<Account>(json!({ "tenant": "a".repeat(100_000) + "!" })).len(), 2);
}

#[test]
fn a_pattern_that_is_none_is_a_fault_of_what_is_given() {
    let faults = faults::<Account>(json!({ "tenant": "a", "broken": "y" }));
    assert!(
        faults[0].starts_with("`broken` cannot be checked: the connector's pattern `(unclosed` is none"),
        "{faults:?}"
    );
}

#[test]
fn forms_and_schemas_are_told() {
    assert_eq!(Account::parameters()[0].pattern.as_deref(), Some("^[a-z][a-z0-9-]*$"));
    let schema = Account::json_schema();
    assert_eq!(schema["properties"]["tenant"]["pattern"], "^[a-z][a-z0-9-]*$");
    assert_eq!(serde_json::to_value(&Account::parameters()[1]).unwrap()["pattern"], "@");
}
