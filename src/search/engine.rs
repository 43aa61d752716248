//! The engine that all threads of a process share, and the states of the index it answers from.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::HitKey;
use super::answer::{Answer, Hit, Note};
use super::local::candidates::{Candidates, Ranked};
use super::local::plan::{Plan, Planner};
use super::local::{self, reading};
use super::marks::Marks;
use super::request::Request;
use super::show;
use super::workers::AnalyzerPool;
use crate::analyze::synonyms::Synonyms;
use crate::clipping::Clipping;
use crate::index::{Archive, Result, Stats};

/// Answers requests on an index, whatever other processes commit to it meanwhile.
///
/// Share it between threads by reference: [`Engine::searcher`] gives the current state, and every
/// search on one [`Searcher`] sees the same state.
pub struct Engine {
    dir: PathBuf,
    synonyms: Option<Arc<Synonyms>>,
    current: RwLock<Arc<Searcher>>,
    renewal: Mutex<()>,
}

impl Engine {
    /// Opens the index in `dir`. Queries are widened by `synonyms`.
    ///
    /// # Errors
    /// When there is no index that this program can read.
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

    /// The state of the last commit. It is opened anew when another process has committed or rebuilt
    /// the index since.
    ///
    /// # Errors
    /// When the new state cannot be read.
    pub fn searcher(&self) -> Result<Arc<Searcher>> {
        let current = self.current();
        if current.archive.is_current() {
            return Ok(current);
        }
        let _renewal = self.renewal.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have renewed it while this one waited.
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
    pub(in crate::search) analyzers: AnalyzerPool,
    pub(in crate::search) synonyms: Option<Arc<Synonyms>>,
}

impl Searcher {
    fn open(dir: &Path, synonyms: Option<Arc<Synonyms>>) -> Result<Searcher> {
        let archive = Archive::open(dir)?;
        archive.open_terms();
        Ok(Searcher {
            analyzers: AnalyzerPool::new(archive.language().clone()),
            archive,
            synonyms,
        })
    }

    /// The index it answers from.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Answers `request`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(&self, request: &Request) -> Result<Answer> {
        let set = self.ranked(request)?;
        let first = request.offset as u64 + 1;
        let mut answer = Answer {
            total: set.total,
            clippings: set.clippings,
            partial: set.partial,
            hits: show::hits(self, &set, &set.hits, first, request.show)?,
            facets: set.facets,
            notes: set.notes,
            suggestions: Vec::new(),
        };
        if request.suggest && answer.total == 0 {
            answer.suggestions = self.suggestions(request)?;
        }
        Ok(answer)
    }

    /// Calls `each` with the hits of `request`, some at a time, for results that do not fit in
    /// memory. The answer has everything but the hits.
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
            notes: set.notes,
            suggestions: Vec::new(),
        })
    }

    /// Id and score of every hit of `request`, in order; copies are not listed.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ids(&self, request: &Request) -> Result<Vec<(String, f32)>> {
        let set = self.ranked(request)?;
        let keys: Vec<HitKey> = set.hits.iter().map(|hit| hit.key).collect();
        let clippings = self.clippings(&keys)?;
        let scores = set.hits.iter().map(|hit| hit.score);
        Ok(clippings.into_iter().map(|c| c.id).zip(scores).collect())
    }

    /// The records of hits that this searcher gave, in their order.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn clippings(&self, keys: &[HitKey]) -> Result<Vec<Clipping>> {
        reading::clippings(&self.archive, keys)
    }

    /// What the index says of everything that matches `request` in full.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn stats(&self, request: &Request) -> Result<Stats> {
        let (set, _) = self.matching(request)?;
        reading::stats_of(&self.archive, set.all().iter().map(|c| c.key))
    }

    /// The hits of `request`, ranked and folded, without their records.
    pub(in crate::search) fn ranked(&self, request: &Request) -> Result<RankedSet> {
        let plan = self.plan(request)?;
        let any_of_fallback = plan.any_of_fallback.as_ref().filter(|_| request.partial);
        let (mut candidates, is_partial) = match any_of_fallback {
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
        let clippings = candidates.all().len() as u64;
        candidates.order(&self.archive, &plan, request)?;
        let results = candidates.results(request);
        let (total, partial) = match is_partial {
            true => (0, results.total as u64),
            false => (results.total as u64, 0),
        };
        Ok(RankedSet {
            total,
            partial,
            clippings: if is_partial { 0 } else { clippings },
            hits: results.hits,
            facets,
            notes: is_partial
                .then_some(Note::OnlyPartial)
                .into_iter()
                .collect(),
            marks: Marks::new(&plan.words, plan.phrases),
            words: plan.words,
        })
    }

    /// All that matches in full, in the order of the index, with how `request` was understood.
    pub(in crate::search) fn matching(&self, request: &Request) -> Result<(Candidates, Plan)> {
        let plan = self.plan(request)?;
        let candidates = Candidates::of(&self.archive, &plan, &*plan.query)?;
        Ok((candidates, plan))
    }

    fn plan(&self, request: &Request) -> Result<Plan> {
        self.analyzers.with(|analyzer| {
            let planner = Planner::new(&self.archive, analyzer, self.synonyms.as_deref());
            Ok(planner.plan(&request.tree)?)
        })
    }
}

/// The hits of a request by their keys, with what is needed to show them.
pub(in crate::search) struct RankedSet {
    pub total: u64,
    pub partial: u64,
    pub clippings: u64,
    pub hits: Vec<Ranked>,
    pub facets: Option<super::Facets>,
    pub notes: Vec<Note>,
    pub marks: Marks,
    pub words: Vec<local::word::Word>,
}
