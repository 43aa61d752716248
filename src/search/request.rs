//! A search request, as plain data.

use serde::{Deserialize, Serialize};

use crate::query::Node;
use crate::search::snippet::DEFAULT_CHARS;

/// Order of the hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// By score; by date, newest first, if the query has no words.
    #[default]
    Relevance,
    /// Newest first, undated last.
    Newest,
    /// Oldest first, undated last.
    Oldest,
}

/// A query with all options. Filters are part of the tree.
#[derive(Debug, Clone)]
pub struct Request {
    /// The query with its filters.
    pub tree: Node,
    /// Also return partial matches, after the full ones. They are never part of `total`, facets or
    /// other counts.
    pub partial: bool,
    /// Words of a question that carry little meaning are optional, as with `partial`.
    pub optional_words: bool,
    /// The query is a pasted headline in quotation marks. If no clipping has it, those with some of
    /// its words are partial matches.
    pub is_pasted: bool,
    /// Order of the hits.
    pub sort: Sort,
    /// Maximum number of hits.
    pub limit: usize,
    /// Number of hits to skip.
    pub offset: usize,
    /// Do not fold near-duplicates.
    pub all_copies: bool,
    /// Detect hits that report the same event as an earlier one.
    pub same_events: bool,
    /// Count by outlet, reporter and month.
    pub facets: bool,
    /// Count by day of publication.
    pub days: bool,
    /// Suggest other queries if this one has few results.
    pub suggest: bool,
    /// What to return with each hit.
    pub show: Show,
}

impl Default for Request {
    fn default() -> Self {
        Request {
            tree: Node::All,
            partial: false,
            optional_words: false,
            is_pasted: false,
            sort: Sort::Relevance,
            limit: 10,
            offset: 0,
            all_copies: false,
            same_events: false,
            facets: false,
            days: false,
            suggest: false,
            show: Show::default(),
        }
    }
}

impl Request {
    /// A request for all full matches of `tree`.
    pub fn all_of(tree: Node) -> Request {
        Request {
            tree,
            limit: usize::MAX,
            ..Request::default()
        }
    }

    /// Number of hits that are skipped or returned at most.
    pub(in crate::search) fn end(&self) -> usize {
        self.offset.saturating_add(self.limit)
    }
}

/// What to return with each hit besides its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Show {
    /// Maximum length of a passage in characters; 0 for no passages.
    pub snippet_chars: usize,
    /// Maximum number of passages.
    pub passages: usize,
    /// Explain the score.
    pub explain: bool,
}

impl Default for Show {
    fn default() -> Self {
        Show {
            snippet_chars: DEFAULT_CHARS,
            passages: 1,
            explain: false,
        }
    }
}
