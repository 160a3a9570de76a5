//! A cube: choices computed by the connector, each from those before it.

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
    ServiceAccount: "basic-auth-service-account";
    Personal: "basic-auth-personal";
    Oauth: "oauth-personal";
}

#[derive(Config)]
enum Authentication {
    #[config(rename = "None")]
    None,
    #[config(rename = "basic_auth_service_account", label = "Service accounts")]
    ServiceAccount,
    #[config(rename = "basic_auth_personal", label = "Personal account")]
    Personal,
    #[config(rename = "oauth_personal", label = "SSO")]
    Oauth,
}

#[derive(Config)]
struct Explore {
    #[config(default = Authentication::None)]
    authentication_type: Authentication,
    #[config(label = "User preset", visible_when(authentication_type = Authentication::ServiceAccount))]
    basic_auth_service_account_credentials: Option<ServiceAccount>,
    #[config(label = "User preset", visible_when(authentication_type = Authentication::Personal))]
    basic_auth_personal_credentials: Option<Personal>,
    #[config(label = "User preset", visible_when(authentication_type = Authentication::Oauth))]
    oauth_personal_credentials: Option<Oauth>,
    #[config(
        label = "Catalogs",
        dynamic_choices(
            basic_auth_service_account_credentials,
            basic_auth_personal_credentials,
            oauth_personal_credentials
        )
    )]
    select_catalog: Option<String>,
    #[config(label = "Cubes", visible_when(select_catalog), dynamic_choices(select_catalog))]
    select_schema_cube: Option<String>,
    #[config(
        label = "Dimensions",
        visible_when(select_catalog, select_schema_cube),
        dynamic_choices(select_schema_cube)
    )]
    select_dimensions: Option<Vec<String>>,
    #[config(label = "Properties", visible_when(select_dimensions), dynamic_choices(select_dimensions))]
    select_properties: Option<Vec<String>>,
    #[config(
        label = "Measures",
        visible_when(select_catalog, select_schema_cube),
        dynamic_choices(select_schema_cube)
    )]
    select_measures: Option<Vec<String>>,
    #[config(label = "Hierarchy", hidden, dynamic_choices(select_schema_cube))]
    select_hierarchy: Option<Vec<String>>,
}

#[test]
fn explore() {
    let given = "the same, and no error while there is no value at all";
    let both = "model.select_catalog.length>0&&model.select_schema_cube.length>0";
    let ours = "model.select_catalog&&model.select_schema_cube";
    let condition = |name: &str, ours: &str, theirs: &str| {
        format!("{name}.visibilityCondition: \"{ours}\", not \"{theirs}\"")
    };
    let expected = [
        ("select_catalog.visibilityCondition: null, not true".to_owned(), "`true` says nothing"),
        (condition("select_schema_cube", "model.select_catalog", "model.select_catalog.length>0"), given),
        (condition("select_dimensions", ours, both), given),
        (
            condition(
                "select_properties",
                "model.select_dimensions&&model.select_dimensions.length>0",
                "model.select_dimensions.length>0",
            ),
            given,
        ),
        (condition("select_measures", ours, both), given),
    ];
    let expected: Vec<_> =
        expected.iter().map(|(difference, reason)| (difference.as_str(), *reason)).collect();
    expect::<Explore>("alexbourret_dss-plugin-xmla__xmla_explore.json", &expected);
}
