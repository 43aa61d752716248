//! Ranked results.

use serde::{Deserialize, Serialize};

use super::query::Understood;
use super::searching::AnySearcher;
use super::{App, Filters, Hit, Note, Result, Sort, today};
use crate::query::{Field, Node, jamo};
use crate::search::trend::Days;
use crate::search::{Answer, Request, ScoredIds, Show};

pub use crate::index::Count;
pub use crate::search::Facets;

/// Options of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchRequest {
    /// The query as typed; empty for everything.
    pub query: String,
    /// Restricts the clippings.
    pub filters: Filters,
    /// Order of the results.
    pub sort: Sort,
    /// Maximum number of results.
    pub limit: usize,
    /// Number of results to skip.
    pub offset: usize,
    /// Do not fold near-duplicates.
    pub all_copies: bool,
    /// Do not detect hits that report the same event as an earlier one.
    pub all_events: bool,
    /// Maximum length of a snippet in characters.
    pub snippet_chars: usize,
    /// Maximum number of passages per result.
    pub passages: usize,
    /// Count all results by outlet, reporter and month.
    pub facets: bool,
    /// Count all results by day.
    pub days: bool,
    /// Explain the query and the scores.
    pub explain: bool,
    /// Suggest other queries if there are few results.
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
            all_events: false,
            snippet_chars: 160,
            passages: 1,
            facets: false,
            days: false,
            explain: false,
            suggest: true,
        }
    }
}

/// Results of a search.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SearchAnswer {
    /// The query as typed.
    pub query: String,
    /// Number of full matches, with or without folding as in `hits`.
    pub total: u64,
    /// Number of clippings that match in full, including copies.
    pub clippings: u64,
    /// Number of partial matches.
    pub partial: u64,
    /// Notes on the query, and suggestions.
    pub notes: Vec<Note>,
    /// The requested results.
    pub hits: Vec<Hit>,
    /// Counts of all results, if requested.
    pub facets: Option<Facets>,
    /// Days of all results, if requested; see [`over_time`](super::trend::over_time).
    #[serde(skip)]
    pub days: Option<Days>,
}

impl App {
    /// Searches.
    ///
    /// # Errors
    /// When a filter or a saved search cannot be used, or the index cannot be read.
    pub fn search(&self, asked: &SearchRequest) -> Result<SearchAnswer> {
        let (request, mut notes) = self.request(asked)?;
        let searcher = self.any_searcher()?;
        let Answer {
            total,
            clippings,
            partial,
            hits,
            facets,
            days,
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
            true => name_suggestions(&searcher, &request.tree)?,
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
            days,
        })
    }

    /// Ids and scores of the hits, without their records, and notes on the query.
    ///
    /// # Errors
    /// See [`App::search`].
    pub fn search_ids(&self, asked: &SearchRequest) -> Result<(ScoredIds, Vec<Note>)> {
        let (request, mut notes) = self.request(asked)?;
        let (ids, of_search) = self.any_searcher()?.ids(&request)?;
        notes.extend(of_search.into_iter().map(Note::from));
        Ok((ids, notes))
    }

    /// Outlets and reporters that the query or the filters name and no clipping has, with similar
    /// names of others.
    ///
    /// # Errors
    /// See [`App::search`].
    pub fn name_notes(&self, query: &str, filters: &Filters) -> Result<Vec<Note>> {
        let Understood { tree, .. } = self.understand(query, filters, today())?;
        name_suggestions(&self.any_searcher()?, &tree)
    }

    /// Checks the filters without opening the index.
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
            is_pasted,
            notes,
        } = self.understand(&asked.query, &asked.filters, today())?;
        let request = Request {
            tree,
            partial: !require_all,
            optional_words: false,
            is_pasted,
            sort: asked.sort,
            limit: asked.limit,
            // The first rank is the offset plus one, which must not overflow.
            offset: asked.offset.min(usize::MAX - 1),
            all_copies: asked.all_copies,
            same_events: !asked.all_events,
            facets: asked.facets,
            days: asked.days,
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

/// Names outlets and reporters in a query, filters included, that no clipping has, each with a
/// similar name in the index if there is one.
pub(super) fn name_suggestions(searcher: &AnySearcher, tree: &Node) -> Result<Vec<Note>> {
    let mut named = Vec::new();
    names(tree, None, &mut named);
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let everything = searcher.search(&Request {
        facets: true,
        limit: 0,
        ..Request::default()
    })?;
    let facets = everything.facets.unwrap_or_default();
    let mut notes = Vec::new();
    for (field, typed) in named {
        let name = Node::Word(typed.to_owned());
        let of_name = Request::all_of(Node::Field {
            field,
            node: Box::new(name),
        });
        let of_name = Request {
            limit: 0,
            ..of_name
        };
        if searcher.search(&of_name)?.total > 0 {
            continue;
        }
        let (is_outlet, typed) = (field == Field::Outlet, typed.to_owned());
        let counts = match is_outlet {
            true => &facets.outlets,
            false => &facets.reporters,
        };
        notes.push(match nearest_name(&typed, counts).cloned() {
            Some(Count { name, count }) if is_outlet => {
                Note::DidYouMeanOutlet { typed, name, count }
            }
            Some(Count { name, count }) => Note::DidYouMeanReporter { typed, name, count },
            None if is_outlet => Note::NoSuchOutlet { typed },
            None => Note::NoSuchReporter { typed },
        });
    }
    Ok(notes)
}

/// Collects the outlets and reporters that a query requires. `field` is that of the part.
fn names<'q>(node: &'q Node, field: Option<Field>, named: &mut Vec<(Field, &'q str)>) {
    match node {
        Node::Field { field, node } => names(node, Some(*field), named),
        Node::And(parts) | Node::Or(parts) => {
            for part in parts {
                names(part, field, named);
            }
        }
        Node::Word(text) | Node::Phrase { text, .. } => {
            let field = field.filter(|f| matches!(f, Field::Outlet | Field::Reporter));
            named.extend(field.map(|field| (field, text.as_str())));
        }
        Node::All | Node::Prefix(_) | Node::Date(_) | Node::Not(_) => {}
    }
}

/// The most frequent name that begins with `typed` or is spelt similarly.
fn nearest_name<'c>(typed: &str, names: &'c [Count]) -> Option<&'c Count> {
    /// Maximum edit distance of a suggested name, in jamo.
    const MAX_DISTANCE: usize = 2;

    let spelling = jamo::Spelling::new(typed);
    let near = |count: &&Count| {
        count.name.starts_with(typed) || spelling.distance(&count.name, MAX_DISTANCE).is_some()
    };
    // Names are sorted by frequency.
    names.iter().find(near)
}
