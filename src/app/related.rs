//! Words over-represented in the results of a query.

use serde::{Deserialize, Serialize};

use super::query::Understood;
use super::search::name_suggestions;
use super::{App, Filters, Note, Result, SearchNote, today};
use crate::search::Request;

pub use crate::search::{Related, RelatedWord};

/// Options for related words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RelatedRequest {
    /// The query as typed; empty for everything.
    pub query: String,
    /// Restricts the clippings.
    pub filters: Filters,
    /// Compare with the results of this query instead of the whole index.
    pub against: Option<String>,
    /// Maximum number of words.
    pub limit: usize,
    /// Count every copy of a story.
    pub all_copies: bool,
}

impl Default for RelatedRequest {
    fn default() -> Self {
        RelatedRequest {
            query: String::new(),
            filters: Filters::default(),
            against: None,
            limit: 30,
            all_copies: false,
        }
    }
}

/// The related words of a query.
#[derive(Debug, Clone, Serialize)]
pub struct RelatedAnswer {
    /// Counts and words.
    #[serde(flatten)]
    pub related: Related,
    /// Notes on the queries.
    pub notes: Vec<Note>,
}

impl App {
    /// The names and nouns that are far more frequent in the results than in other clippings.
    ///
    /// # Errors
    /// See [`App::search`].
    pub fn related(&self, asked: &RelatedRequest) -> Result<RelatedAnswer> {
        let today = today();
        let Understood {
            tree, mut notes, ..
        } = self.understand(&asked.query, &asked.filters, today)?;
        let request = Request {
            all_copies: asked.all_copies,
            ..Request::all_of(tree)
        };
        let against = match &asked.against {
            None => None,
            Some(query) => {
                let against = self.understand(query, &Filters::default(), today)?;
                notes.extend(against.notes);
                Some(Request::all_of(against.tree))
            }
        };
        let searcher = self.any_searcher()?;
        let (related, is_estimated) = searcher.related(&request, against.as_ref(), asked.limit)?;
        if is_estimated {
            notes.push(SearchNote::Estimated.into());
        }
        if related.results > 0 && related.results == related.clippings {
            notes.push(Note::NothingToCompare);
        }
        if related.results == 0 {
            notes.extend(name_suggestions(&searcher, &request.tree)?);
        }
        Ok(RelatedAnswer { related, notes })
    }
}
