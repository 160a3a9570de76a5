//! Tables of a service: a login by one of two presets.

use flexconnect_core::{Config, Secret};

use super::expect;

#[derive(Config)]
#[config(preset = "basic-per-user")]
struct PerUser {
    user: String,
    password: Secret<String>,
}

#[derive(Config)]
#[config(preset = "basic-service-account")]
struct ServiceAccount {
    user: String,
    password: Secret<String>,
}

#[derive(Config)]
struct Viewer {
    #[config(flatten)]
    auth: Auth,
    #[config(label = "Table")]
    endpoint: Option<Table>,
    #[config(label = "Tabel name", visible_when(endpoint = Table::Manual), required)]
    table_name: Option<String>,
    /// Display values
    #[config(label = " ", default = true)]
    display_values: bool,
}

#[derive(Config)]
#[config(tag = "auth_type", label = "Authentication type")]
enum Auth {
    #[config(rename = "basic_per_user", label = "User account")]
    User {
        #[config(label = "Per user")]
        basic_per_user: PerUser,
    },
    #[config(rename = "basic_service_account", label = "Service account")]
    Service {
        #[config(label = "Service account")]
        basic_service_account: ServiceAccount,
    },
}

#[derive(Config)]
enum Table {
    #[config(rename = "incident", label = "Incidents")]
    Incident,
    #[config(rename = "concoursepicker", label = "Course picker")]
    CoursePicker,
    #[config(rename = "change", label = "Changes")]
    Change,
    #[config(rename = "catalogmanagement", label = "Catalog")]
    Catalog,
    #[config(rename = "problem", label = "Problems")]
    Problem,
    #[config(label = "Caller ID")]
    CallerId,
    #[config(rename = "sys_db_object", label = "List all tables")]
    All,
    #[config(rename = "sys_app_category", label = "Categories")]
    Category,
    #[config(rename = "catalog_category_request", label = "Catalog category")]
    CatalogCategory,
    #[config(rename = "_dku_manual_setting", label = "✍️ Enter manually")]
    Manual,
}

#[test]
fn viewer() {
    let reason = "theirs fails later without it";
    expect::<Viewer>(
        "dataiku_dss-plugin-servicenow__servicenow_table-viewer.json",
        &[
            ("auth_type.mandatory: true, not null", reason),
            ("basic_per_user.mandatory: true, not null", reason),
            ("basic_service_account.mandatory: true, not null", reason),
            ("table_name.mandatory: true, not null", reason),
        ],
    );
}
