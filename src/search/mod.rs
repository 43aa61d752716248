//! Searching: rank, snippet, group, count.
//!
//! Fifth on the way of the data: takes the tree of a query and the index, gives hits with their
//! snippets to `report`.
//!
//! ```text
//! tree ──▶ plan ──▶ candidates (BM25F) ──▶ second pass (nearness) ──▶ fold copies ──▶ marks
//! ```

pub mod exact;
mod facets;
mod likely;
mod marks;
mod matching;
mod near;
pub mod params;
mod phrase;
mod plan;
mod related;
mod second_pass;
pub mod sentences;
pub mod snippet;
mod suggest;
pub mod trend;
mod verify;
mod word;

use rustc_hash::FxHashMap;
use tantivy::query::{EnableScoring, Query};
use tantivy::{DocAddress, DocId};

use crate::analyze::Analyzer;
use crate::analyze::synonyms::Synonyms;
use crate::clipping::Clipping;
use crate::index::{Archive, Result};
use crate::query::{DateRange, Node};

pub use facets::Facets;
pub use marks::Marks;
pub use matching::Fresh;
use plan::{Plan, Planner};
pub use related::{Related, RelatedWord};
use word::{Word, WordQuery};

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
    pub demanding: bool,
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
            demanding: false,
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

/// A clipping that matches, before ranking is done.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    score: f32,
    address: DocAddress,
    published: Option<i64>,
    group: u64,
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
        let relaxed = plan.relaxed.as_ref().filter(|_| !request.demanding);
        let (mut candidates, partial) = match relaxed {
            Some(relaxed) if plan.many_words => (self.candidates(&**relaxed)?, false),
            relaxed => match (self.candidates(&*plan.query)?, relaxed) {
                (none, Some(relaxed)) if none.is_empty() => {
                    let some = self.candidates(&**relaxed)?;
                    let partial = !some.is_empty();
                    (some, partial)
                }
                (all, _) => (all, false),
            },
        };
        let facets = match request.facets {
            true => Some(facets::facets(&self.archive, &candidates)?),
            false => None,
        };
        self.order(&mut candidates, &plan, request)?;
        let results = match request.all_copies {
            true => candidates.iter().map(|c| (*c, Vec::new())).collect(),
            false => fold_copies(&candidates),
        };
        let hits = results.iter().skip(request.offset).take(request.limit);
        let hits = hits.map(|(candidate, copies)| FoundHit {
            address: candidate.address,
            score: candidate.score,
            copies: copies.clone(),
        });
        Ok(Found {
            total: results.len(),
            partial,
            hits: hits.collect(),
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
        let fields = plan::all_fields(&self.archive);
        let mut shares = Vec::new();
        for word in &found.words {
            let query = WordQuery::new(word.clone(), fields.clone(), self.archive.terms());
            for (term, field, share) in word::contributions(&query, searcher, hit.address)? {
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
                filters.push(plan::any_name(field, names));
            }
        }
        if let Some(range) = &request.published {
            filters.push(plan::dates(&self.archive, range, request.undated));
        }
        let planner = Planner::new(&self.archive, &mut self.analyzer, self.synonyms.as_ref());
        Ok(planner.plan(&request.tree, filters)?)
    }

    /// All clippings that match, in the order of the index.
    fn candidates(&self, query: &dyn Query) -> Result<Vec<Candidate>> {
        let searcher = self.archive.searcher();
        let weight = query.weight(EnableScoring::enabled_from_searcher(searcher))?;
        let mut candidates = Vec::new();
        for (segment, reader) in searcher.segment_readers().iter().enumerate() {
            let published = reader.fast_fields().i64("published")?;
            let group = reader.fast_fields().u64("group")?;
            let alive = reader.alive_bitset();
            weight.for_each(reader, &mut |doc: DocId, score| {
                if alive.is_none_or(|alive| alive.is_alive(doc)) {
                    candidates.push(Candidate {
                        score,
                        address: DocAddress::new(segment as u32, doc),
                        published: published.first(doc),
                        group: group.first(doc).unwrap_or_default(),
                    });
                }
            })?;
        }
        Ok(candidates)
    }

    fn order(&self, candidates: &mut [Candidate], plan: &Plan, request: &Request) -> Result<()> {
        // Undated ones sort last both ways; what is equal stays in the order of the index.
        let newest = |c: &Candidate| (c.published.is_none(), std::cmp::Reverse(c.published));
        match request.sort {
            Sort::Newest => candidates.sort_by_key(newest),
            Sort::Oldest => candidates.sort_by_key(|c| (c.published.is_none(), c.published)),
            Sort::Relevance if plan.words.is_empty() && plan.phrases.is_empty() => {
                candidates.sort_by_key(newest);
            }
            Sort::Relevance => {
                let first = (request.offset + request.limit).max(params::SECOND_PASS);
                best_first(candidates, first);
                let again = candidates.len().min(params::SECOND_PASS);
                second_pass::rescore(&self.archive, plan, &mut candidates[..again])?;
                best_first(&mut candidates[..again], again);
            }
        }
        Ok(())
    }
}

/// Sorts by score, newer ones first among equals; only the first `count` need be in order when
/// there are many more.
fn best_first(candidates: &mut [Candidate], count: usize) {
    let order = |a: &Candidate, b: &Candidate| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| b.published.cmp(&a.published))
            .then_with(|| a.address.cmp(&b.address))
    };
    if candidates.len() > count.saturating_mul(4) && count > 0 {
        candidates.select_nth_unstable_by(count - 1, order);
        candidates[..count].sort_unstable_by(order);
    } else {
        candidates.sort_unstable_by(order);
    }
}

/// Keeps the first of each group of near-duplicates, with the others as its copies.
fn fold_copies(candidates: &[Candidate]) -> Vec<(Candidate, Vec<DocAddress>)> {
    let mut results: Vec<(Candidate, Vec<DocAddress>)> = Vec::with_capacity(candidates.len());
    let mut first_of: FxHashMap<u64, usize> = FxHashMap::default();
    for candidate in candidates {
        match first_of.entry(candidate.group) {
            std::collections::hash_map::Entry::Occupied(e) => {
                results[*e.get()].1.push(candidate.address);
            }
            std::collections::hash_map::Entry::Vacant(e) => {
                e.insert(results.len());
                results.push((*candidate, Vec::new()));
            }
        }
    }
    results
}
