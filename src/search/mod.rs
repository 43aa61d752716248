//! Searching: rank, snippet, group, count.
//!
//! Fifth on the way of the data: takes the tree of a query and the index, gives hits with their
//! snippets to `report`.

pub mod sentences;
pub mod snippet;
