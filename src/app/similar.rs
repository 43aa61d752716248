//! Clippings about the same as a given one.

use serde::{Deserialize, Serialize};

use super::{App, Filters, Result, today};
use crate::query::Node;
use crate::search::Show;

pub use crate::search::{Similar, TellingWord};

/// What to find clippings like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SimilarRequest {
    /// The id of a clipping, or a unique prefix of one.
    pub id: String,
    /// Which clippings to consider.
    pub filters: Filters,
    /// Clippings to return.
    pub limit: usize,
    /// Characters of a snippet.
    pub snippet_chars: usize,
    /// Passages per clipping.
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
    /// The clippings that are most like one, by the words that tell what it is about. Copies of it are
    /// left out.
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
        Ok(self
            .searcher()?
            .similar(&asked.id, &tree, asked.limit, show)?)
    }
}
