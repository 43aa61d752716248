//! An index in a cluster, through the program: against real OpenSearch nodes, and against a server that misbehaves.
//!
//! The nodes need Java 17 and Maven. Where those lack, the tests with real nodes say so and are left out, unless
//! CLIPPINGS_REQUIRE_OPENSEARCH is set, as it is in `.ci/run`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod nodes;
mod program;
mod real;
mod stub;
mod stubbed;
