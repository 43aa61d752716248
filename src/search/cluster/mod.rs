//! Searching an index in a cluster: the cluster proposes, the engine of this machine decides and ranks.
//!
//! ```text
//! tree ──▶ dsl (widest and surest query) ──▶ all hits' columns ──▶ doubtful ones: records, local engine ──▶ the set
//! the set ──▶ counts, facets, order by time
//!         └─▶ the best by the cluster's ranking ──▶ records, local engine with the counts of the whole ──▶ hits
//! ```
//!
//! The local engine is the one that searches folders. It is given the records of the proposed clippings as an index
//! of their own, and the counts of the whole archive, so sets, scores, snippets and copies are the same code.

mod counts;
mod dsl;
mod new_hits;
mod related;
mod searcher;

pub use searcher::ClusterSearcher;
