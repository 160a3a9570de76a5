//! Lists: five ways to log in, each a preset, numbers with bounds.

use flexconnect_core::{Config, Secret};

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
    OauthLogin: "oauth-login";
    AppCertificate: "app-certificate";
    AppUsernamePassword: "app-username-password";
    SharepointLogin: "sharepoint-login";
    SiteAppPermissions: "site-app-permissions";
}

#[derive(Config)]
#[config(rename_all = "kebab-case")]
enum Auth {
    #[config(label = "Azure Single Sign On")]
    Oauth,
    #[config(label = "Certificates")]
    AppCertificate,
    #[config(label = "User name / password")]
    AppUsernamePassword,
    #[config(label = "User name / password (deprecated)")]
    Login,
    #[config(label = "Site App Permissions (deprecated)")]
    SiteAppPermissions,
}

#[derive(Config)]
#[config(rename_all = "PascalCase")]
enum Metadata {
    #[config(rename = "ID", label = "Item's ID")]
    Id,
    #[config(label = "Creation date")]
    Created,
    #[config(label = "Modification date")]
    Modified,
    #[config(label = "Created by")]
    Author,
    #[config(label = "Modified by")]
    Editor,
}

#[derive(Config)]
enum WriteMode {
    #[config(label = "Create a new list")]
    Create,
    #[config(label = "Append to existing list")]
    Append,
}

#[derive(Config)]
struct Lists {
    #[config(label = "Type of authentication")]
    auth_type: Auth,
    #[config(label = "Azure preset", visible_when(auth_type = Auth::Oauth))]
    sharepoint_oauth: Option<OauthLogin>,
    #[config(label = "SharePoint preset", visible_when(auth_type = Auth::Login))]
    sharepoint_sharepy: Option<SharepointLogin>,
    #[config(label = "Site App preset", visible_when(auth_type = Auth::SiteAppPermissions))]
    site_app_permissions: Option<SiteAppPermissions>,
    #[config(label = "Certificates", visible_when(auth_type = Auth::AppCertificate))]
    app_certificate: Option<AppCertificate>,
    #[config(label = "App username password", visible_when(auth_type = Auth::AppUsernamePassword))]
    app_username_password: Option<AppUsernamePassword>,
    #[config(label = "List title", default = "DSS_${projectKey}_")]
    sharepoint_list_title: String,
    #[config(label = "Expand lookup fields", default = false, hidden)]
    expand_lookup: bool,
    #[config(default, hidden)]
    metadata_to_retrieve: Vec<Metadata>,
    #[config(label = "Show advanced parameters", default = false)]
    advanced_parameters: bool,
    /// sites/site_name/subsite...
    #[config(label = "Site path preset overwrite", visible_when(advanced_parameters = true))]
    sharepoint_site_overwrite: Option<String>,
    /// Read data from a specific view
    #[config(label = "View name", default = "", visible_when(advanced_parameters = true))]
    sharepoint_list_view_title: String,
    #[config(default = WriteMode::Create, hidden)]
    write_mode: WriteMode,
    /// More workers will speed writing but also randomize items order
    #[config(
        label = "Max nb of workers (write mode only)",
        visible_when(advanced_parameters = true),
        default = 1,
        min = 1,
        max = 5
    )]
    max_workers: u8,
    /// Number of items writen per batch
    #[config(
        label = "Batch size (write mode only)",
        visible_when(advanced_parameters = true),
        default = 100,
        min = 1,
        max = 100
    )]
    batch_size: u8,
    /// Slow, refer to documentation
    #[config(label = "Attempt session reset", visible_when(advanced_parameters = true), default = false)]
    #[config(rename = "attempt_session_reset_on_403")]
    attempt_session_reset: bool,
    /// When writing, use 'multiple lines' columns when 256+ chars
    #[config(label = "Allow multiple lines", visible_when(advanced_parameters = true), default = false)]
    allow_string_recasting: bool,
}

#[test]
fn lists() {
    let default = "what has a default need not be given";
    expect::<Lists>(
        "dataiku_dss-plugin-sharepoint-online__sharepoint-online_lists.json",
        &[
            ("auth_type.mandatory: true, not null", "theirs fails later without it"),
            ("sharepoint_list_title.mandatory: null, not true", default),
            ("expand_lookup.mandatory: null, not true", default),
        ],
    );
}
