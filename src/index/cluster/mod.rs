//! An index in an OpenSearch or Elasticsearch cluster, for archives beyond one machine.
//!
//! The cluster holds terms and records; analysis, near-duplicates and the rules of adding are those of the embedded
//! index. No plugin is needed. An alias points to the live index, so a rebuild replaces it atomically.
//!
//! ```text
//! address ──▶ client (hosts, retries) ──▶ store (open, read, scan, reindex) ──▶ writer (look up, decide, bulk)
//! ```

mod address;
mod client;
mod error;
mod grams;
mod mapping;
mod reading;
mod rebuild;
mod state;
mod store;
mod writer;

pub use address::{ClusterAddress, Environment};
pub use error::{AddressError, ClusterError};
pub use grams::grams_of;
pub use mapping::{ALL_TEXTS, JOINER, document_key};
pub use reading::{
    Best, ClusterClipping, Columns, HitColumns, NameCounts, Proposal, Search, by_score,
};
pub use rebuild::rebuild as rebuild_cluster;
pub use state::{ClusterState, StateDoc};
pub use store::ClusterIndex;
pub use writer::ClusterWriter;
