//! Measurements of flexconnect beside its peers.
