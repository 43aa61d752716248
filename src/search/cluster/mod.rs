//! Search in a cluster: the cluster proposes clippings, the local engine decides and ranks.
//!
//! ```text
//! tree ──▶ dsl: upper and lower bound ──▶ columns of all matches, records of the best ──▶ doubtful ones: local engine
//! full matches ──▶ counts, facets, order by time
//!              └─▶ the best, with their copies ──▶ local engine with counts of the whole archive ──▶ hits
//! ```
//!
//! The local engine is the one for folders. It gets the records as a temporary index, and document frequencies and
//! field lengths of the whole archive, so matches, scores, snippets and copies are computed by the same code.

mod counts;
mod dsl;
mod new_hits;
mod related;
mod searched;
mod searcher;

pub use searcher::ClusterSearcher;
