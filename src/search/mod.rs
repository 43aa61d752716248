//! Searching: rank, snippet, group, count.
//!
//! Fifth on the way of the data: takes the tree of a query and the index, gives hits with their
//! snippets to `report`.
//!
//! ```text
//! tree ──▶ plan ──▶ candidates (BM25F) ──▶ second pass (nearness) ──▶ fold copies ──▶ marks
//! ```

pub(crate) mod local;
mod marks;
mod matching;
pub mod params;
mod related;
mod rerank;
mod run_prefilter;
pub mod sentences;
pub mod snippet;
mod suggest;
pub mod trend;

use tantivy::DocAddress;

use crate::analyze::Analyzer;
use crate::analyze::synonyms::Synonyms;
use crate::clipping::Clipping;
use crate::index::{Archive, Result};
use crate::query::{DateRange, Node};

use local::candidates::Candidates;
pub use local::facets::Facets;
use local::plan::{Plan, Planner};
use local::word::{Word, WordQuery};
pub use marks::Marks;
pub use matching::NewHits;
pub use related::{Related, RelatedWord};

/// In which order results come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Best first; where nothing is ranked, newest first.
    #[default]
    Relevance,
    /// Newest first, undated last.
    Newest,
    /// Oldest first, undated last.
    Oldest,
}

/// What is asked of an archive.
#[derive(Debug, Clone)]
pub struct Request {
    /// The query.
    pub tree: Node,
    /// Only these outlets, by canonical name; any when empty.
    pub outlets: Vec<String>,
    /// Only these reporters; any when empty.
    pub reporters: Vec<String>,
    /// Only what was published then.
    pub published: Option<DateRange>,
    /// With `published`: also what has no date.
    pub undated: bool,
    /// Every word must occur, however many they are. Without it, many words only rank, and where
    /// nothing has all of a few, what has some is given.
    pub require_all: bool,
    /// The order.
    pub sort: Sort,
    /// Results to give.
    pub limit: usize,
    /// Results to pass over first.
    pub offset: usize,
    /// Do not fold near-duplicates into one result.
    pub all_copies: bool,
    /// Count the results by outlet, reporter and month.
    pub facets: bool,
}

impl Default for Request {
    fn default() -> Self {
        Request {
            tree: Node::All,
            outlets: Vec::new(),
            reporters: Vec::new(),
            published: None,
            undated: false,
            require_all: false,
            sort: Sort::Relevance,
            limit: 10,
            offset: 0,
            all_copies: false,
            facets: false,
        }
    }
}

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// How many results there are in all.
    pub total: usize,
    /// Nothing had all words, these have some.
    pub partial: bool,
    /// The results asked for.
    pub hits: Vec<FoundHit>,
    /// What to mark in them.
    pub marks: Marks,
    /// Counts of all results, when asked for.
    pub facets: Option<Facets>,
    /// The words of the query, for explanations.
    words: Vec<Word>,
}

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundHit {
    /// Where it is.
    pub address: DocAddress,
    /// What it was ranked by.
    pub score: f32,
    /// Near-duplicates folded into it, best first.
    pub copies: Vec<DocAddress>,
}

/// Answers requests on one state of an archive.
pub struct Engine {
    archive: Archive,
    analyzer: Analyzer,
    synonyms: Option<Synonyms>,
}

impl Engine {
    /// An engine on `archive` that knows `synonyms`.
    pub fn new(archive: Archive, synonyms: Option<Synonyms>) -> Self {
        archive.open_terms();
        Engine {
            analyzer: Analyzer::new(archive.language().clone()),
            archive,
            synonyms,
        }
    }

    /// The archive it answers from.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// The analyzer that reads the queries.
    pub fn analyzer(&mut self) -> &mut Analyzer {
        &mut self.analyzer
    }

    /// Answers `request`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(&mut self, request: &Request) -> Result<Found> {
        let plan = self.plan(request)?;
        let any_of_fallback = plan
            .any_of_fallback
            .as_ref()
            .filter(|_| !request.require_all);
        let (mut candidates, partial) = match any_of_fallback {
            Some(any_of_fallback) if plan.is_long_query => (
                Candidates::of(&self.archive, &plan, &**any_of_fallback)?,
                false,
            ),
            any_of_fallback => match (
                Candidates::of(&self.archive, &plan, &*plan.query)?,
                any_of_fallback,
            ) {
                (none, Some(any_of_fallback)) if none.is_empty() => {
                    let some = Candidates::of(&self.archive, &plan, &**any_of_fallback)?;
                    let partial = !some.is_empty();
                    (some, partial)
                }
                (all, _) => (all, false),
            },
        };
        let facets = match request.facets {
            true => Some(local::facets::facets(&self.archive, candidates.all())?),
            false => None,
        };
        candidates.order(&self.archive, &plan, request)?;
        let results = candidates.results(request);
        Ok(Found {
            total: results.total,
            partial,
            hits: results.hits,
            marks: Marks::new(&plan.words, plan.phrases),
            facets,
            words: plan.words,
        })
    }

    /// The clipping of a result.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub fn fetch(&self, address: DocAddress) -> Result<Clipping> {
        self.archive.fetch(address)
    }

    /// The names of results.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub fn ids(&self, addresses: impl IntoIterator<Item = DocAddress>) -> Result<Vec<String>> {
        let names = addresses.into_iter().map(|at| Ok(self.fetch(at)?.id));
        names.collect()
    }

    /// Where the score of a hit comes from: term, field and share, the largest first. What is left
    /// is for the nearness of the words, and for quotations.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn explain(&self, found: &Found, hit: &FoundHit) -> Result<Vec<(String, String, f32)>> {
        let searcher = self.archive.searcher();
        let fields = local::plan::all_fields(&self.archive);
        let mut shares = Vec::new();
        for word in &found.words {
            let query = WordQuery::new(word.clone(), fields.clone(), self.archive.terms());
            for (term, field, share) in local::word::contributions(&query, searcher, hit.address)? {
                shares.push((
                    term,
                    searcher.schema().get_field_name(field).to_owned(),
                    share,
                ));
            }
        }
        let rest = hit.score - shares.iter().map(|s| s.2).sum::<f32>();
        if rest > 0.005 {
            shares.push(("nearness, quotations".to_owned(), String::new(), rest));
        }
        shares.sort_by(|a, b| b.2.total_cmp(&a.2));
        Ok(shares)
    }

    fn plan(&mut self, request: &Request) -> Result<Plan> {
        let fields = *self.archive.fields();
        let mut filters = Vec::new();
        for (field, names) in [
            (fields.outlet, &request.outlets),
            (fields.reporter, &request.reporters),
        ] {
            if !names.is_empty() {
                filters.push(local::plan::any_name(field, names));
            }
        }
        if let Some(range) = &request.published {
            filters.push(local::plan::dates(&self.archive, range, request.undated));
        }
        let planner = Planner::new(&self.archive, &mut self.analyzer, self.synonyms.as_ref());
        Ok(planner.plan(&request.tree, filters)?)
    }
}
