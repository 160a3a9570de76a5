//! The derives of flexconnect.
