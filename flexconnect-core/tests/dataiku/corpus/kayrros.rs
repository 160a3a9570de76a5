//! A collection to choose once the login is known: a password, choices computed by the connector.

use flexconnect_core::{Config, Secret};

use super::expect;

#[derive(Config)]
struct Retrieve {
    /// The email you use to connect to the Kayrros instance
    #[config(label = "Email")]
    username: Option<String>,
    /// The password you use to connect to the Kayrros instance
    password: Option<Secret<String>>,
    /// The collection you want to retrieve from Kayrros
    #[config(label = "Choose your collection", dynamic_choices)]
    collection_id: Option<String>,
    /// The specific dataset inside of that collection
    #[config(label = "Choose your dataset", dynamic_choices)]
    dataset_id: Option<String>,
}

#[test]
fn retrieve() {
    expect::<Retrieve>("dataiku_dss-plugin-kayrros__kayrros_retrieve-dataset.json", &[]);
}
