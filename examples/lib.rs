//! What the lessons share.
