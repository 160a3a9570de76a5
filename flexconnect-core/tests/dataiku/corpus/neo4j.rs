//! A graph: what to retrieve decides what else there is; its server is a preset.

use flexconnect_core::{Config, Secret};

use super::expect;

#[derive(Config)]
#[config(preset = "neo4j-server-configuration")]
struct Server {
    /// Starting with neo4j:// or neo4j+s://
    #[config(label = "URI of the Neo4j server")]
    neo4j_uri: String,
    /// Name of the target neo4j database. Use default database if empty.
    #[config(label = "Neo4j database")]
    neo4j_database: String,
    /// Username used to connect to the Neo4j database
    #[config(label = "Username")]
    neo4j_username: String,
    /// Password used to connect to the Neo4j database
    #[config(label = "Password")]
    neo4j_password: Secret<String>,
}

#[test]
fn server() {
    expect::<Server>("parameter-sets/dataiku_dss-plugin-neo4j__neo4j-server-configuration.json", &[]);
}

#[derive(Config)]
struct Graph {
    #[config(label = "Neo4j server configuration")]
    neo4j_server_configuration: Server,
    #[config(flatten)]
    retrieve: Retrieve,
}

#[derive(Config)]
#[config(tag = "select_nodes_or_relationships", label = "Data to retrieve")]
enum Retrieve {
    #[config(rename = "select_nodes", label = "Nodes", default)]
    Nodes {
        /// node_label|node_id|node_properties ... or list all node labels if empty
        #[config(label = "Enter one node")]
        selected_node: Option<String>,
    },
    #[config(rename = "select_relationships", label = "Relationships")]
    Relationships {
        /// rel_type|src_id|tgt_id|rel_properties ... or list all relationship types if empty
        #[config(label = "Enter one relationship")]
        selected_relationship: Option<String>,
    },
    #[config(rename = "custom_query", label = "Custom Cypher query")]
    Custom {
        /// Each row is a record of the output of the Cypher query
        #[config(label = "Enter a Cypher query", multiline)]
        selected_custom_query: String,
    },
}

#[test]
fn graph() {
    expect::<Graph>(
        "dataiku_dss-plugin-neo4j__neo4j.json",
        &[
            (
                "select_nodes_or_relationships.mandatory: null, not true",
                "what has a default need not be given",
            ),
            ("selected_custom_query.mandatory: true, not null", "a query that is asked for has a text"),
        ],
    );
}
