//! Exports all results of a query with full records.

use serde::{Deserialize, Serialize};

use super::query::Understood;
use super::{App, AppError, Filters, Hit, Note, Sort, today};
use crate::index::IndexError;
use crate::query::Node;
use crate::search::{Request, Show};

/// Options of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportRequest {
    /// The query as typed; empty for everything.
    pub query: String,
    /// Restricts the clippings.
    pub filters: Filters,
    /// Order of the clippings.
    pub sort: Sort,
    /// Maximum number of clippings; `None` for all.
    pub limit: Option<usize>,
    /// Include near-duplicates.
    pub all_copies: bool,
    /// Maximum length of a snippet in characters; 0 for no snippets.
    pub snippet_chars: usize,
}

impl Default for ExportRequest {
    fn default() -> Self {
        ExportRequest {
            query: String::new(),
            filters: Filters::default(),
            sort: Sort::Newest,
            limit: None,
            all_copies: false,
            snippet_chars: 240,
        }
    }
}

/// Result of an export, without its hits.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ExportSummary {
    /// Number of all results.
    pub total: u64,
    /// Notes on the query.
    pub notes: Vec<Note>,
}

impl ExportRequest {
    fn request(&self, tree: Node) -> Request {
        Request {
            tree,
            optional_words: true,
            sort: self.sort,
            limit: self.limit.unwrap_or(usize::MAX),
            all_copies: self.all_copies,
            show: Show {
                snippet_chars: self.snippet_chars,
                ..Show::default()
            },
            ..Request::default()
        }
    }
}

/// Why an export ended.
enum Ended<E> {
    Index(IndexError),
    ByCaller(E),
}

impl<E> From<IndexError> for Ended<E> {
    fn from(e: IndexError) -> Self {
        Ended::Index(e)
    }
}

impl App {
    /// Notes on a query, without running it.
    ///
    /// # Errors
    /// See [`App::search`].
    pub fn query_notes(&self, query: &str, filters: &Filters) -> super::Result<Vec<Note>> {
        Ok(self.understand(query, filters, today())?.notes)
    }

    /// Number of clippings or stories of an export.
    ///
    /// # Errors
    /// See [`App::search`].
    pub fn export_total(&self, asked: &ExportRequest) -> super::Result<u64> {
        let tree = self.understand(&asked.query, &asked.filters, today())?.tree;
        let request = Request {
            limit: 0,
            ..asked.request(tree)
        };
        let total = self.any_searcher()?.search(&request)?.total;
        let limit = asked.limit.map_or(u64::MAX, |limit| limit as u64);
        Ok(total.min(limit))
    }

    /// Calls `each` with all full matches, in batches.
    ///
    /// # Errors
    /// See [`App::search`]; the first error of `each` ends the export.
    pub fn export<E: From<AppError>>(
        &self,
        asked: &ExportRequest,
        each: &mut dyn FnMut(Vec<Hit>) -> std::result::Result<(), E>,
    ) -> std::result::Result<ExportSummary, E> {
        let Understood { tree, notes, .. } =
            self.understand(&asked.query, &asked.filters, today())?;
        let request = asked.request(tree);
        let found = self
            .any_searcher()?
            .search_in_batches(&request, &mut |hits| each(hits).map_err(Ended::ByCaller));
        match found {
            Ok(answer) => Ok(ExportSummary {
                total: answer.total,
                notes,
            }),
            Err(Ended::Index(e)) => Err(AppError::from(e).into()),
            Err(Ended::ByCaller(e)) => Err(e),
        }
    }
}
