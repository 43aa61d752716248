//! Search: matching, ranking, snippets, folding and counting.
//!
//! Takes a query tree and an index and returns hits with snippets for `report`.
//!
//! ```text
//! tree ──▶ plan ──▶ candidates (BM25F) ──▶ rerank (proximity) ──▶ fold copies ──▶ marks
//! ```

mod answer;
pub mod cluster;
mod engine;
mod intent;
mod literal;
mod local;
mod marks;
mod matching;
pub mod params;
mod question;
mod related;
mod request;
mod rerank;
mod run_prefilter;
mod same_event;
mod same_forms;
pub mod sentences;
mod show;
pub mod snippet;
mod suggest;
pub mod trend;
mod verb_forms;
mod workers;

pub use answer::{
    Answer, Cause, Contribution, Copy, Facets, Hit, HitKey, NewHits, Note, Snippet, Suggestion,
};
pub use engine::{Engine, ScoredIds, Searcher};
use marks::Marks;
pub use related::{Related, RelatedWord, Similar, TellingWord};
pub use request::{Request, Show, Sort};
