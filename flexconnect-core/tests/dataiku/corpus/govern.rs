//! Items of an instance: choices computed by the connector, shown once a preset is picked.

use flexconnect_core::{Config, Secret};

use super::expect;

#[derive(Config)]
#[config(preset = "instance-configuration")]
struct Instance {
    url: String,
    api_key: Secret<String>,
}

#[derive(Config)]
struct Items {
    #[config(
        label = "Dataiku Govern instance configuration preset",
        section = "Govern instance configuration"
    )]
    instance_configuration_preset: Instance,
    /// Select the item types (Blueprint IDs) for which information will be fetched from Govern
    #[config(
        label = "Item types",
        section = "Input Parameters",
        visible_when(instance_configuration_preset),
        required,
        dynamic_choices
    )]
    blueprint_ids: Option<Vec<String>>,
    /// Use to retrieve the associated blueprint and blueprint version schemas associated to each items
    #[config(
        label = "Retrieve the associated schemas",
        section = "Input Parameters",
        visible_when(instance_configuration_preset),
        default = false
    )]
    retrieve_bp_bpv: bool,
}

#[test]
fn items() {
    expect::<Items>("dataiku_dss-plugin-govern__govern_items.json", &[]);
}
