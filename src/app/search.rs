//! Ranked results.

use serde::{Deserialize, Serialize};

use super::query::{Understood, outlet_name};
use super::{App, Filters, Hit, Note, Result, Sort, today};
use crate::query::jamo;
use crate::search::{Answer, Request, Searcher, Show};

pub use crate::index::Count;
pub use crate::search::Facets;

/// What to search for, and how much of the results to return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchRequest {
    /// The query as typed; everything when empty.
    pub query: String,
    /// Which clippings to consider.
    pub filters: Filters,
    /// Order of the results.
    pub sort: Sort,
    /// Results to return.
    pub limit: usize,
    /// Results to skip first.
    pub offset: usize,
    /// Do not fold near-duplicates.
    pub all_copies: bool,
    /// Characters of a snippet.
    pub snippet_chars: usize,
    /// Passages per result.
    pub passages: usize,
    /// Count all results by outlet, reporter and month.
    pub facets: bool,
    /// Explain how the query was read and where each score comes from.
    pub explain: bool,
    /// When nothing is found, suggest queries that would find something.
    pub suggest: bool,
}

impl Default for SearchRequest {
    fn default() -> Self {
        SearchRequest {
            query: String::new(),
            filters: Filters::default(),
            sort: Sort::default(),
            limit: 10,
            offset: 0,
            all_copies: false,
            snippet_chars: 160,
            passages: 1,
            facets: false,
            explain: false,
            suggest: true,
        }
    }
}

/// What a search found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SearchAnswer {
    /// The query as typed.
    pub query: String,
    /// How many results match in full, folded or not as the hits are.
    pub total: u64,
    /// How many clippings these are, every copy counted.
    pub clippings: u64,
    /// How many results match in part.
    pub partial: u64,
    /// How the query was read, and suggestions.
    pub notes: Vec<Note>,
    /// The results asked for.
    pub hits: Vec<Hit>,
    /// Counts of all results, when asked for.
    pub facets: Option<Facets>,
}

impl App {
    /// Searches.
    ///
    /// # Errors
    /// When a filter or a saved search cannot be used, or the index cannot be read.
    pub fn search(&self, asked: &SearchRequest) -> Result<SearchAnswer> {
        let (request, mut notes) = self.request(asked)?;
        let searcher = self.searcher()?;
        let Answer {
            total,
            clippings,
            partial,
            hits,
            facets,
            notes: of_search,
            suggestions,
        } = searcher.search(&request)?;
        if asked.explain {
            notes.push(Note::ReadAs {
                query: request.tree.to_string(),
            });
        }
        notes.extend(of_search.into_iter().map(Note::from));
        let by_name = match asked.suggest && total == 0 && partial == 0 {
            true => name_suggestions(&searcher, &asked.filters)?,
            false => Vec::new(),
        };
        match by_name.is_empty() {
            true => notes.extend(suggestions.into_iter().map(Note::from)),
            false => notes.extend(by_name),
        }
        Ok(SearchAnswer {
            query: asked.query.clone(),
            total,
            clippings,
            partial,
            notes,
            hits,
            facets,
        })
    }

    /// Ids and scores of the hits, without their records, and how the query was read.
    ///
    /// # Errors
    /// See [`App::search`].
    pub fn search_ids(&self, asked: &SearchRequest) -> Result<(Vec<(String, f32)>, Vec<Note>)> {
        let (request, mut notes) = self.request(asked)?;
        let (ids, of_search) = self.searcher()?.ids(&request)?;
        notes.extend(of_search.into_iter().map(Note::from));
        Ok((ids, notes))
    }

    /// Whether the filters can be used, without touching the index.
    ///
    /// # Errors
    /// When a day is not a date.
    pub fn check_filters(&self, filters: &Filters) -> Result<()> {
        filters.days(today())?;
        Ok(())
    }

    pub(super) fn request(&self, asked: &SearchRequest) -> Result<(Request, Vec<Note>)> {
        let Understood {
            tree,
            require_all,
            notes,
        } = self.understand(&asked.query, &asked.filters, today())?;
        let request = Request {
            tree,
            partial: !require_all,
            sort: asked.sort,
            limit: asked.limit,
            // Ranks are numbered from the next one on.
            offset: asked.offset.min(usize::MAX - 1),
            all_copies: asked.all_copies,
            facets: asked.facets,
            suggest: asked.suggest,
            show: Show {
                snippet_chars: asked.snippet_chars,
                passages: asked.passages,
                explain: asked.explain,
            },
        };
        Ok((request, notes))
    }
}

/// Names of outlets and reporters in the index for those in `filters` that it does not have.
fn name_suggestions(searcher: &Searcher, filters: &Filters) -> Result<Vec<Note>> {
    if filters.outlets.is_empty() && filters.reporters.is_empty() {
        return Ok(Vec::new());
    }
    let everything = searcher.search(&Request {
        facets: true,
        limit: 0,
        ..Request::default()
    })?;
    let facets = everything.facets.unwrap_or_default();
    let mut notes = Vec::new();
    for typed in &filters.outlets {
        if let Some(near) = nearest_name(&outlet_name(typed), &facets.outlets) {
            notes.push(Note::DidYouMeanOutlet {
                typed: typed.clone(),
                name: near.name.clone(),
                count: near.count,
            });
        }
    }
    for typed in &filters.reporters {
        if let Some(near) = nearest_name(typed, &facets.reporters) {
            notes.push(Note::DidYouMeanReporter {
                typed: typed.clone(),
                name: near.name.clone(),
                count: near.count,
            });
        }
    }
    Ok(notes)
}

/// The most frequent name that begins with `typed` or is spelt like it; `None` when `typed` is
/// itself a name or nothing is near.
fn nearest_name<'c>(typed: &str, names: &'c [Count]) -> Option<&'c Count> {
    /// Edit distance in jamo up to which a name is suggested.
    const MAX_DISTANCE: usize = 2;

    if names.iter().any(|count| count.name == typed) {
        return None;
    }
    let spelling = jamo::Spelling::new(typed);
    let near = |count: &&Count| {
        count.name.starts_with(typed) || spelling.distance(&count.name, MAX_DISTANCE).is_some()
    };
    // Names come by frequency.
    names.iter().find(near)
}
