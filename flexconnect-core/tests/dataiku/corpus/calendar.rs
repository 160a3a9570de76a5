//! A calendar: instants that must be given.

use flexconnect_core::{Config, Secret};

use super::expect;

#[derive(Config)]
#[config(preset = "oauth-credentials")]
struct OauthCredentials {
    access_token: Secret<String>,
}

#[derive(Config)]
struct Events {
    #[config(label = "Microsoft Single Sign On")]
    oauth_credentials: Option<OauthCredentials>,
    #[config(label = "Calendar ID")]
    calendar_id: Option<String>,
    /// Mandatory
    #[config(label = "From")]
    from_date: jiff::Timestamp,
    /// Mandatory
    #[config(label = "To")]
    to_date: jiff::Timestamp,
    /// (Optional)
    #[config(default = -1, hidden)]
    max_results: i64,
    /// Select to output raw JSON results
    #[config(default = false)]
    raw_results: bool,
}

#[test]
fn events() {
    let reason = "theirs says `required`, a key nobody reads";
    expect::<Events>(
        "dataiku_dss-plugin-calendar-office365__calendar-office365_events.json",
        &[("from_date.mandatory: true, not null", reason), ("to_date.mandatory: true, not null", reason)],
    );
}
