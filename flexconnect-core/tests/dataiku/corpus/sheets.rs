//! A spreadsheet: three ways to log in, sheets to choose among those there are, parameters for the advanced.

use flexconnect_core::{Config, Secret};

use super::expect;

#[derive(Config)]
#[config(preset = "service-account")]
struct ServiceAccount {
    key: Secret<String>,
}

#[derive(Config)]
#[config(preset = "single-sign-on")]
struct SingleSignOn {
    access_token: Secret<String>,
}

#[derive(Config)]
#[config(rename_all = "kebab-case")]
enum Auth {
    #[config(label = "Single Sign On")]
    SingleSignOn,
    #[config(label = "Service account preset")]
    PresetServiceAccount,
    #[config(label = "Service account credentials (legacy)")]
    LegacyServiceAccount,
}

#[derive(Config)]
#[config(rename_all = "kebab-case")]
enum Format {
    #[config(label = "First row contains column headers")]
    FirstRowHeader,
    #[config(label = "First row contains data (not recommended)")]
    NoHeader,
    #[config(label = "JSON (read mode only)")]
    Json,
}

#[derive(Config)]
#[config(rename_all = "SCREAMING_SNAKE_CASE")]
enum Write {
    #[config(label = "Raw: store as is")]
    Raw,
    #[config(label = "Format numbers, dates, or currencies in the spreadsheet")]
    UserEntered,
}

#[derive(Config)]
struct Sheet {
    #[config(label = "Type of authentication")]
    auth_type: Option<Auth>,
    /// Copy/paste the JSON private key provided by Google, or a path to a file containing the key. Click on the
    /// link above above to read how to get it.
    #[config(
        label = "Service Account credentials",
        visible_when(auth_type = Auth::LegacyServiceAccount),
        multiline
    )]
    credentials: Option<String>,
    #[config(label = "Service account preset", visible_when(auth_type = Auth::PresetServiceAccount))]
    preset_credentials_service_account: Option<ServiceAccount>,
    #[config(label = "Single Sign On", visible_when(auth_type = Auth::SingleSignOn))]
    oauth_credentials: Option<SingleSignOn>,
    /// Can be extracted from the spreadsheet's URL
    #[config(label = "Document id")]
    doc_id: String,
    /// Please use the Sheets names selector below
    #[config(
        label = "Sheet name (legacy)",
        visible_when(show_advanced_parameters = true),
        deprecated = "use `tabs_ids`"
    )]
    tab_id: Option<String>,
    /// Leave empty for all sheets
    #[config(label = "Sheets names", default, dynamic_choices)]
    tabs_ids: Vec<String>,
    /// Add sheet name column
    #[config(label = " ")]
    add_sheet_name_column: Option<bool>,
    /// Show advanced parameters
    #[config(label = " ", default = false)]
    show_advanced_parameters: bool,
    #[config(label = "Format", visible_when(show_advanced_parameters = true), default = Format::FirstRowHeader)]
    result_format: Format,
    /// In write mode, how data is interpreted by the spreadsheet
    #[config(
        label = "Values interpretation (write mode)",
        visible_when(show_advanced_parameters = true),
        default = Write::UserEntered
    )]
    write_format: Write,
}

#[test]
fn sheet() {
    let stale = "theirs also looks at values typed before; ours leaves those alone";
    let default = "what has a default need not be given";
    expect::<Sheet>(
        "dataiku_dss-plugin-googlesheets__googlesheets-sheet.json",
        &[
            (
                "credentials.visibilityCondition: \"model.auth_type=='legacy-service-account'\", not \"model.auth_type=='legacy-service-account'||(model.auth_type==null&&model.credentials!=null)\"",
                stale,
            ),
            (
                "tab_id.visibilityCondition: \"model.show_advanced_parameters\", not \"model.show_advanced_parameters||(model.tab_id!=null&&model.tab_id!=''&&model.tabs_ids.length==0)\"",
                stale,
            ),
            ("result_format.mandatory: null, not true", default),
            ("write_format.mandatory: null, not true", default),
        ],
    );
}
