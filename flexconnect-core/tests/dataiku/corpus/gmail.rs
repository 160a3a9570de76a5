//! A mailbox: dates, several choices at once, a number that no form shows.

use flexconnect_core::{Config, Secret};

use super::expect;

#[derive(Config)]
#[config(preset = "oauth-credentials")]
struct OauthCredentials {
    access_token: Secret<String>,
}

#[derive(Config)]
#[config(rename_all = "lowercase")]
enum Has {
    Attachment,
    Drive,
    Document,
    Spreadsheet,
    Presentation,
    #[config(label = "Youtube video")]
    Youtube,
    #[config(label = "User Labels")]
    UserLabels,
    #[config(label = "No User Label")]
    NoUserLabels,
}

#[derive(Config)]
struct Labels {
    #[config(label = "Google Single Sign On")]
    oauth_credentials: Option<OauthCredentials>,
    search_query: Option<String>,
    #[config(label = "After")]
    after_date: Option<chrono::NaiveDate>,
    #[config(label = "Before", help = "Optional")]
    before_date: Option<chrono::NaiveDate>,
    /// Optional email addresse
    #[config(label = "From:")]
    search_from: Option<String>,
    /// Optional email addresse
    #[config(label = "To:")]
    search_to: Option<String>,
    #[config(label = "Email has", default)]
    search_has: Vec<Has>,
    /// (Optional)
    #[config(default = -1, hidden)]
    max_results: i64,
    /// Select to output raw JSON results
    #[config(default = false)]
    raw_results: bool,
}

#[test]
fn labels() {
    expect::<Labels>("alexbourret_dss-plugin-gmail__google-mail_labels.json", &[]);
}
