//! A dataset that exists or is to be made: parameters required only while they apply.

use flexconnect_core::{Config, Secret};

use super::expect;

#[derive(Config)]
#[config(preset = "api-configuration")]
struct Api {
    url: String,
    key: Secret<String>,
}

#[derive(Config)]
struct Dataset {
    #[config(label = "API configuration preset", section = "Input Parameters")]
    api_configuration_preset: Api,
    #[config(label = "Use existing KDP dataset", default = false, section = "Input Parameters")]
    use_existing_dataset: bool,
    #[config(
        label = "Dataset ID",
        visible_when(use_existing_dataset = true),
        required,
        section = "Input Parameters"
    )]
    dataset_id: Option<String>,
    #[config(
        label = "New Dataset Name",
        visible_when(use_existing_dataset = false),
        required,
        section = "Input Parameters"
    )]
    dataset_name: Option<String>,
    #[config(label = "Batch Size", default = 1000, section = "Input Parameters")]
    batch_size: i64,
}

#[test]
fn dataset() {
    let reason = "theirs writes the condition a second time; ours is required while it is visible";
    expect::<Dataset>(
        "Koverse_dss-plugin-kdp4__kdp-dataset.json",
        &[
            ("dataset_id.mandatory: true, not \"model.use_existing_dataset\"", reason),
            ("dataset_name.mandatory: true, not \"!model.use_existing_dataset\"", reason),
        ],
    );
}
