//! Finds clippings similar to a given one.

use serde::{Deserialize, Serialize};

use super::{App, Filters, Result, today};
use crate::query::Node;
use crate::search::Show;

pub use crate::search::{Similar, TellingWord};

/// Options for similar clippings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SimilarRequest {
    /// The id of a clipping, or a unique prefix of one.
    pub id: String,
    /// Restricts the clippings.
    pub filters: Filters,
    /// Maximum number of clippings.
    pub limit: usize,
    /// Maximum length of a snippet in characters.
    pub snippet_chars: usize,
    /// Maximum number of passages per clipping.
    pub passages: usize,
}

impl Default for SimilarRequest {
    fn default() -> Self {
        SimilarRequest {
            id: String::new(),
            filters: Filters::default(),
            limit: 10,
            snippet_chars: 160,
            passages: 1,
        }
    }
}

impl App {
    /// The clippings most similar to a given one, by its characteristic words. Excludes its copies.
    ///
    /// # Errors
    /// When there is no such clipping, a filter cannot be used, or the index cannot be read.
    pub fn similar(&self, asked: &SimilarRequest) -> Result<Similar> {
        let tree = match asked.filters == Filters::default() {
            true => Node::All,
            false => self.understand("", &asked.filters, today())?.tree,
        };
        let show = Show {
            snippet_chars: asked.snippet_chars,
            passages: asked.passages,
            explain: false,
        };
        self.any_searcher()?
            .similar(&asked.id, &tree, asked.limit, show)
    }
}
