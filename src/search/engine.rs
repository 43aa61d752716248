//! The engine that all threads of a process share, and the states of the index it answers from.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::HitKey;
use super::answer::{Answer, Hit, Note, Suggestion};
use super::local::candidates::{self, Candidate, Candidates, Ranked};
use super::local::plan::{Plan, Planner, SPACED_BYTES, SpacedCache};
use super::local::{self, reading};
use super::marks::Marks;
use super::question::{Question, question};
use super::request::{Request, Sort};
use super::suggest::Spelling;
use super::trend::Days;
use super::workers::AnalyzerPool;
use super::{params, show, suggest};
use crate::analyze::synonyms::Synonyms;
use crate::cache::Cache;
use crate::clipping::Clipping;
use crate::index::{Archive, Result, Stats};
use crate::query::Node;

/// With fewer hits than this, clippings that only have components of a compound follow.
const FEW: usize = 10;

/// A larger limit asks for a listing instead of a page, and is not filled with partial matches.
const MAX_PAGE: usize = 100;

/// Ids of clippings with their scores.
pub type ScoredIds = Vec<(String, f32)>;

/// Answers requests on an index that other processes may modify.
///
/// Share it between threads by reference. [`Engine::searcher`] returns the current state of the
/// index; all searches with one [`Searcher`] see the same state.
pub struct Engine {
    dir: PathBuf,
    synonyms: Option<Arc<Synonyms>>,
    current: RwLock<Arc<Searcher>>,
    renewal: Mutex<()>,
}

impl Engine {
    /// Opens the index in `dir`. Queries are expanded by `synonyms`.
    ///
    /// # Errors
    /// When the index is missing or cannot be read.
    pub fn open(dir: &Path, synonyms: Option<Synonyms>) -> Result<Engine> {
        let synonyms = synonyms.map(Arc::new);
        let searcher = Searcher::open(dir, synonyms.clone())?;
        Ok(Engine {
            dir: dir.to_owned(),
            synonyms,
            current: RwLock::new(Arc::new(searcher)),
            renewal: Mutex::default(),
        })
    }

    /// The state of the last commit. Reopens the index if another process has committed or rebuilt
    /// it since.
    ///
    /// # Errors
    /// When the new state cannot be read.
    pub fn searcher(&self) -> Result<Arc<Searcher>> {
        let current = self.current();
        if current.archive.is_current() {
            return Ok(current);
        }
        let _renewal = self.renewal.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have reopened it in the meantime.
        let current = self.current();
        if current.archive.is_current() {
            return Ok(current);
        }
        let renewed = Arc::new(Searcher::open(&self.dir, self.synonyms.clone())?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&renewed);
        Ok(renewed)
    }

    fn current(&self) -> Arc<Searcher> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Answers requests on one state of an index.
pub struct Searcher {
    pub(in crate::search) archive: Archive,
    pub(in crate::search) analyzers: Arc<AnalyzerPool>,
    pub(in crate::search) synonyms: Option<Arc<Synonyms>>,
    spaced: SpacedCache,
}

impl Searcher {
    fn open(dir: &Path, synonyms: Option<Arc<Synonyms>>) -> Result<Searcher> {
        let archive = Archive::open(dir)?;
        archive.open_terms();
        Ok(Searcher {
            analyzers: Arc::new(AnalyzerPool::new(archive.language().clone())),
            archive,
            synonyms,
            spaced: Cache::new(SPACED_BYTES),
        })
    }

    /// Answers from `archive`, with analyzers that are warm already.
    pub(in crate::search) fn over(
        archive: Archive,
        analyzers: Arc<AnalyzerPool>,
        synonyms: Option<Arc<Synonyms>>,
    ) -> Searcher {
        Searcher {
            archive,
            analyzers,
            synonyms,
            spaced: Cache::new(SPACED_BYTES),
        }
    }

    /// The index.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Answers `request`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(&self, request: &Request) -> Result<Answer> {
        let (set, suggestions) = self.corrected(request)?;
        self.answer(request, set, suggestions)
    }

    /// The answer to `request`, of its ranked set.
    pub(in crate::search) fn answer(
        &self,
        request: &Request,
        set: RankedSet,
        suggestions: Vec<Suggestion>,
    ) -> Result<Answer> {
        let first = request.offset as u64 + 1;
        let mut hits = show::hits(self, &set, &set.hits, first, request.show)?;
        if request.same_events {
            self.note_same_events(&mut hits, &set.words)?;
        }
        Ok(Answer {
            total: set.total,
            clippings: set.clippings,
            partial: set.partial,
            hits,
            facets: set.facets,
            days: set.days,
            notes: set.notes,
            suggestions,
        })
    }

    /// Calls `each` with batches of the hits of `request`, for results that do not fit into memory.
    /// The returned answer has no hits.
    ///
    /// # Errors
    /// When the index cannot be read, or the error of `each`.
    pub fn search_in_batches<E: From<crate::index::IndexError>>(
        &self,
        request: &Request,
        each: &mut dyn FnMut(Vec<Hit>) -> std::result::Result<(), E>,
    ) -> std::result::Result<Answer, E> {
        let set = self.ranked(request)?;
        let mut rank = request.offset as u64 + 1;
        for batch in set.hits.chunks(show::BATCH) {
            each(show::hits(self, &set, batch, rank, request.show)?)?;
            rank += batch.len() as u64;
        }
        Ok(Answer {
            total: set.total,
            clippings: set.clippings,
            partial: set.partial,
            hits: Vec::new(),
            facets: set.facets,
            days: set.days,
            notes: set.notes,
            suggestions: Vec::new(),
        })
    }

    /// The ids of all hits of `request`, in order and without copies, and notes on the query.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ids(&self, request: &Request) -> Result<(ScoredIds, Vec<Note>)> {
        let (set, _) = self.corrected(request)?;
        let keys: Vec<HitKey> = set.hits.iter().map(|hit| hit.key).collect();
        let scores = set.hits.iter().map(|hit| hit.score);
        let ids = self.ids_of(&keys)?.into_iter().zip(scores).collect();
        Ok((ids, set.notes))
    }

    /// The ids of clippings, whose records are not all in memory at once.
    pub(in crate::search) fn ids_of(&self, keys: &[HitKey]) -> Result<Vec<String>> {
        let mut ids = Vec::with_capacity(keys.len());
        for keys in keys.chunks(show::BATCH) {
            ids.extend(self.clippings(keys)?.into_iter().map(|c| c.id));
        }
        Ok(ids)
    }

    /// The matches of `request` in each of `texts`: `[start, end)` in characters, sorted and
    /// disjoint.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn marks(&self, request: &Request, texts: &[String]) -> Result<Vec<Vec<(usize, usize)>>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let plan = self.plan(&request.tree)?;
        let marks = Marks::new(&plan.words, plan.literals);
        Ok(self.analyzers.with(|analyzer| {
            let ranges = |text: &String| show::char_ranges(text, &marks.of(text, analyzer));
            texts.iter().map(ranges).collect()
        }))
    }

    /// The clipping with this id or unique prefix of one, and at most `limit` copies.
    ///
    /// # Errors
    /// When there is none, or when a record cannot be read.
    pub fn clipping_and_copies(&self, id: &str, limit: usize) -> Result<(Clipping, Vec<Clipping>)> {
        let address = self.archive.resolve(id)?;
        let copies = self.archive.copies(address, limit)?.into_iter();
        let copies = copies
            .map(|copy| self.archive.fetch(copy))
            .collect::<Result<_>>()?;
        Ok((self.archive.fetch(address)?, copies))
    }

    /// The records of hits of this searcher, in order.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn clippings(&self, keys: &[HitKey]) -> Result<Vec<Clipping>> {
        reading::clippings(&self.archive, keys)
    }

    /// Statistics of all full matches of `request`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn stats(&self, request: &Request) -> Result<Stats> {
        let (set, _) = self.matching(request)?;
        reading::stats_of(&self.archive, set.all().iter().map(|c| c.key))
    }

    /// The hits of `request`, or of its likely correction if it has no full matches and partial
    /// ones are allowed; and suggestions.
    fn corrected(&self, request: &Request) -> Result<(RankedSet, Vec<Suggestion>)> {
        let set = self.ranked(request)?;
        match suggest::spelling(self, request, set.total)? {
            Spelling::AsTyped(suggestions) => Ok((set, suggestions)),
            Spelling::Corrected(correction) => {
                let mut set = self.ranked(&Request {
                    tree: correction.tree,
                    ..request.clone()
                })?;
                set.notes.insert(0, correction.note);
                Ok((set, Vec::new()))
            }
        }
    }

    /// The hits of `request`, ranked and with copies folded, without their records.
    pub(in crate::search) fn ranked(&self, request: &Request) -> Result<RankedSet> {
        let question = self.question(request);
        let mut plan = match &question {
            Some(question) => {
                let words = question.light.iter().cloned().map(Node::Word);
                let light = self.plan(&Node::or(words))?;
                self.plan(&question.content)?
                    .preferring(&light, params::LIGHT)
            }
            None => self.plan(&request.tree)?,
        };
        let mut full = Candidates::of(&self.archive, &*plan.full)?;
        let facets = match request.facets {
            true => Some(local::facets::facets(&self.archive, full.all())?),
            false => None,
        };
        let days = request.days.then(|| full.days(request.all_copies));
        let clippings = full.all().len() as u64;
        full.order(&self.archive, &plan, request)?;
        let results = full.results(request);
        let mut set = RankedSet {
            total: results.total as u64,
            partial: 0,
            clippings,
            hits: results.hits,
            first_partial: results.total,
            facets,
            days,
            notes: Vec::new(),
            marks: Marks::default(),
            words: Vec::new(),
            nearness: Vec::new(),
        };
        self.fill(&mut set, &full, &plan, request)?;
        if set.total == 0 && request.is_pasted {
            let words = self.plan(&suggest::unquoted(&request.tree))?;
            self.fill(&mut set, &full, &words, request)?;
            plan = Plan {
                requirements: plan.requirements,
                ..words
            };
        }
        if set.total == 0 {
            set.notes = self.why_nothing(&plan, set.partial > 0)?;
        }
        set.notes.extend(question.map(|question| Note::Light {
            words: question.light,
        }));
        set.marks = Marks::new(&plan.words, plan.literals);
        set.words = plan.words;
        set.nearness = plan.nearness;
        Ok(set)
    }

    /// Number of full matches of `request`: stories, or clippings with `all_copies`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(in crate::search) fn total(&self, request: &Request) -> Result<u64> {
        let plan = match self.question(request) {
            Some(question) => self.plan(&question.content)?,
            None => self.plan(&request.tree)?,
        };
        let full = Candidates::of(&self.archive, &*plan.full)?;
        Ok(full.total(request.all_copies) as u64)
    }

    /// Separates content words from light words if `request` is a question or sentence and may have optional
    /// words.
    fn question(&self, request: &Request) -> Option<Question> {
        if !request.partial && !request.optional_words {
            return None;
        }
        self.analyzers
            .with(|analyzer| question(&request.tree, analyzer))
    }

    /// Fills the rest of a page with partial matches.
    fn fill(
        &self,
        set: &mut RankedSet,
        full: &Candidates,
        plan: &Plan,
        request: &Request,
    ) -> Result<()> {
        let last = request.end();
        let total = set.first_partial;
        let is_page = request.partial
            && request.limit <= MAX_PAGE
            && (request.sort == Sort::Relevance || total == 0);
        if !is_page {
            return Ok(());
        }
        let mut before: Vec<Candidate> = Vec::new();
        let mut filled = total;
        for (query, enough) in [(&plan.partial, last), (&plan.components, FEW)] {
            let Some(query) = query.as_ref().filter(|_| filled < enough) else {
                continue;
            };
            let mut some = Candidates::of(&self.archive, &**query)?;
            some.exclude(full.all(), request.all_copies);
            some.exclude(&before, request.all_copies);
            some.order(&self.archive, plan, request)?;
            let rest = Request {
                offset: request.offset.saturating_sub(filled),
                limit: last.saturating_sub(request.offset.max(filled)),
                ..request.clone()
            };
            let results = some.results(&rest);
            let keys: Vec<HitKey> = results.hits.iter().map(|hit| hit.key).collect();
            let missing = candidates::missing(&self.archive, &plan.requirements, &keys)?;
            set.partial += results.total as u64;
            filled += results.total;
            before.extend_from_slice(some.all());
            let hits = results.hits.into_iter().zip(missing);
            set.hits.extend(hits.map(|(hit, missing)| Ranked {
                partial: true,
                missing,
                ..hit
            }));
        }
        Ok(())
    }

    /// The words and quotations of a query that no clipping has.
    fn why_nothing(&self, plan: &Plan, has_partial: bool) -> Result<Vec<Note>> {
        let mut notes: Vec<Note> = has_partial
            .then_some(Note::OnlyPartial)
            .into_iter()
            .collect();
        for requirement in &plan.requirements {
            if !candidates::is_anywhere(&self.archive, requirement)? {
                notes.push(Note::NotFound {
                    text: requirement.text.clone(),
                    quoted: requirement.is_quoted,
                });
            }
        }
        Ok(notes)
    }

    /// All full matches, in index order, and the plan of `request`.
    pub(in crate::search) fn matching(&self, request: &Request) -> Result<(Candidates, Plan)> {
        let plan = self.plan(&request.tree)?;
        let candidates = Candidates::of(&self.archive, &*plan.full)?;
        Ok((candidates, plan))
    }

    fn plan(&self, tree: &Node) -> Result<Plan> {
        self.analyzers.with(|analyzer| {
            let planner = Planner::new(&self.archive, analyzer, self.synonyms.as_deref());
            planner.with_cache(&self.spaced).plan(tree)
        })
    }
}

/// The hits of a request as keys, with what is needed to display them.
#[derive(Default)]
pub(in crate::search) struct RankedSet {
    pub total: u64,
    pub partial: u64,
    pub clippings: u64,
    pub hits: Vec<Ranked>,
    /// Number of full matches before the first partial one.
    pub first_partial: usize,
    pub facets: Option<super::Facets>,
    pub days: Option<Days>,
    pub notes: Vec<Note>,
    pub marks: Marks,
    pub words: Vec<local::word::Word>,
    /// The words for proximity scoring.
    pub nearness: Vec<local::word::Word>,
}
