//! What a search is asked to do. Plain data.

use serde::{Deserialize, Serialize};

use crate::query::Node;
use crate::search::snippet::DEFAULT_CHARS;

/// Order of the hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Best first; newest first where nothing is ranked.
    #[default]
    Relevance,
    /// Newest first, undated last.
    Newest,
    /// Oldest first, undated last.
    Oldest,
}

/// A query with everything that decides the answer. Filters are part of the tree.
#[derive(Debug, Clone)]
pub struct Request {
    /// The query with its filters.
    pub tree: Node,
    /// Also give partial matches, after the full ones. They are never part of `total`, facets or
    /// any other count of the set.
    pub partial: bool,
    /// The order.
    pub sort: Sort,
    /// Hits to give.
    pub limit: usize,
    /// Hits to skip first.
    pub offset: usize,
    /// Do not fold near-duplicates into one hit.
    pub all_copies: bool,
    /// Note which hits report the same event as one before.
    pub same_events: bool,
    /// Count the set by outlet, reporter and month.
    pub facets: bool,
    /// Look for queries that would find something when this one does not.
    pub suggest: bool,
    /// What to say of each hit.
    pub show: Show,
}

impl Default for Request {
    fn default() -> Self {
        Request {
            tree: Node::All,
            partial: false,
            sort: Sort::Relevance,
            limit: 10,
            offset: 0,
            all_copies: false,
            same_events: false,
            facets: false,
            suggest: false,
            show: Show::default(),
        }
    }
}

impl Request {
    /// A request for everything that `tree` matches in full.
    pub fn all_of(tree: Node) -> Request {
        Request {
            tree,
            limit: usize::MAX,
            ..Request::default()
        }
    }
}

/// What to say of each hit beside its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Show {
    /// Characters of a passage; 0 for none.
    pub snippet_chars: usize,
    /// Passages of a hit.
    pub passages: usize,
    /// Where the score comes from.
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
