//! Answers requests on an index in a cluster.

use std::cmp::Reverse;
use std::slice;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::bounded;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Value, json};

use super::counts::Counts;
use super::dsl::{ClusterQuery, QueryBuilder};
use crate::analyze::TermKind;
use crate::analyze::synonyms::Synonyms;
use crate::clipping::Clipping;
use crate::index::{
    Best, ClusterClipping, ClusterIndex, ClusterSearch, Columns, Count, HitColumns, IndexError,
    NameCounts, Proposal, Result, RunFilter, Stats, WholeCounts, by_score, document_key, encoded,
    index_part,
};
use crate::korean_time;
use crate::query::Node;
use crate::search::answer::{Answer, Facets, Hit, Note};
use crate::search::engine::{ScoredIds, Searcher};
use crate::search::params;
use crate::search::question::{Question, question};
use crate::search::request::{Request, Sort};
use crate::search::suggest::{self, Spelling, SpellingSource};
use crate::search::trend::Days;
use crate::search::workers::AnalyzerPool;

/// Maximum number of matches whose columns are read. For more, counts are estimates.
const MAX_HITS: usize = 1_000_000;

/// Maximum number of clippings that are decided locally. For more, counts are estimates.
pub(super) const MAX_DECIDED: usize = 50_000;

/// Number of clippings per temporary index when deciding.
const DECIDED_TOGETHER: usize = 1_000;

/// Number of clippings that the cluster ranks best and that are ranked locally; a smaller set is ranked entirely.
///
/// The local engine reranks [`params::RERANKED`] clippings. The first ten are among the best 200 of the cluster for
/// 97 of 100 hits, and each costs 0.2 ms to read and index.
const CANDIDATES: usize = 2 * params::RERANKED;

/// The cluster does not sort more hits than this.
const MAX_ORDERED: usize = 10_000;

/// A larger limit asks for a listing instead of a page, and is not filled with partial matches.
const MAX_PAGE: usize = 100;

/// Limits of the check whether a missing query word occurs at all: clippings fetched per word, and words.
const OF_REQUIREMENT: usize = 20;
const MAX_REQUIREMENTS: usize = 20;

/// Number of groups that are indexed together when a whole set is listed.
const GROUPS_TOGETHER: usize = 200;

/// Maximum number of passes: each interpretation of a query may need further counts.
const PASSES: usize = 6;

/// Records by the keys of their documents.
pub(super) type Records = FxHashMap<i64, ClusterClipping>;

/// Answers requests on an index in a cluster. Threads share it.
pub struct ClusterSearcher {
    pub(super) index: ClusterIndex,
    pub(super) analyzers: Arc<AnalyzerPool>,
    pub(super) synonyms: Option<Arc<Synonyms>>,
    pub(super) counts: Arc<Counts>,
}

/// The full matches of a request.
#[derive(Default)]
pub(super) struct Matching {
    pub(super) members: Vec<HitColumns>,
    /// Estimated number of clippings if `members` is a sample.
    pub(super) estimate: Option<u64>,
    /// Records that have been read.
    pub(super) records: Records,
    /// Outlets and reporters of the members, if requested.
    names: Option<NameCounts>,
    /// Number of members that the cluster was certain about; the others were decided locally.
    certain: usize,
}

/// Clippings that the local engine ranks.
struct RankedLocally {
    keys: Vec<i64>,
    /// The temporary index of exactly these, if there is one already.
    part: Option<Searcher>,
}

impl RankedLocally {
    /// Adds clippings whose records were read.
    fn add(&mut self, found: Vec<ClusterClipping>, records: &mut Records) {
        add(found, &mut self.keys, records);
        self.part = None;
    }
}

/// Candidates for a request.
struct Candidates {
    matching: Matching,
    /// Clippings that may match.
    doubtful: Vec<HitColumns>,
    /// Number of further ones if not all can be decided.
    undecided: Option<usize>,
    /// Keys of the best, in order.
    best: Vec<i64>,
}

impl Matching {
    pub(super) fn groups(&self) -> usize {
        let groups: FxHashSet<u64> = self.members.iter().map(|m| m.group).collect();
        groups.len()
    }

    /// A count of the sample, extrapolated.
    pub(super) fn scaled(&self, count: u64) -> u64 {
        match self.estimate {
            Some(all) if !self.members.is_empty() => {
                (count as f64 * all as f64 / self.members.len() as f64).round() as u64
            }
            _ => count,
        }
    }

    /// Counts the names of a member that was decided locally.
    fn count_names(&mut self, clipping: &Clipping) {
        let Some(counts) = &mut self.names else {
            return;
        };
        if let Some(outlet) = clipping.outlet.as_ref().filter(|name| !name.is_empty()) {
            *counts.outlets.entry(outlet.clone()).or_default() += 1;
        }
        let reporters: FxHashSet<&String> = clipping.reporters.iter().collect();
        for reporter in reporters.into_iter().filter(|name| !name.is_empty()) {
            *counts.reporters.entry(reporter.clone()).or_default() += 1;
        }
    }
}

impl SpellingSource for ClusterSearcher {
    fn analyzers(&self) -> &AnalyzerPool {
        &self.analyzers
    }

    fn count_forms(&self, forms: &[String]) -> Result<u64> {
        let mut having = 0;
        for form in forms {
            for kind in [TermKind::Whole, TermKind::Stem, TermKind::Part] {
                let term = encoded(kind, form);
                for field in ["headline", "body"] {
                    having += self.counts.doc_freq(field, &term);
                }
            }
        }
        Ok(having)
    }

    fn each_like(&self, spelled: &str, least: u64, each: &mut dyn FnMut(&str)) -> Result<()> {
        for term in self.counts.similar(spelled, least) {
            each(&term);
        }
        Ok(())
    }

    /// Only function words have more, and the cluster takes 20 ms to find the terms similar to a word.
    fn max_count(&self) -> u64 {
        self.counts.clippings()
    }

    fn total(&self, request: &Request) -> Result<u64> {
        let query = self.query(request)?;
        let matching = self.matching(request, &query, Columns::Few)?;
        let total = match request.all_copies {
            true => matching.members.len(),
            false => matching.groups(),
        };
        Ok(matching.scaled(total as u64))
    }

    fn with_counts<T>(&self, work: impl Fn() -> Result<T>) -> Result<T> {
        self.counted(work)
    }
}

impl ClusterSearcher {
    /// Answers from `index`. Queries are expanded by `synonyms`.
    pub fn new(index: ClusterIndex, synonyms: Option<Synonyms>) -> ClusterSearcher {
        ClusterSearcher {
            analyzers: Arc::new(AnalyzerPool::new(index.language().clone())),
            index,
            synonyms: synonyms.map(Arc::new),
            counts: Arc::default(),
        }
    }

    /// The index.
    pub fn index(&self) -> &ClusterIndex {
        &self.index
    }

    /// Answers `request`.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn search(&self, request: &Request) -> Result<Answer> {
        self.counts.renew(&self.index)?;
        let mut answer = self.search_as_typed(request)?;
        match suggest::spelling(self, request, answer.total)? {
            Spelling::AsTyped(suggestions) => answer.suggestions = suggestions,
            Spelling::Corrected(correction) => {
                answer = self.search_as_typed(&Request {
                    tree: correction.tree,
                    ..request.clone()
                })?;
                answer.notes.insert(0, correction.note);
            }
        }
        Ok(answer)
    }

    fn search_as_typed(&self, request: &Request) -> Result<Answer> {
        let query = self.query(request)?;
        let (mut matching, mut ranked) = self.matches_to_rank(request, &query)?;
        let groups = matching.groups();
        let total = match request.all_copies {
            true => matching.members.len(),
            false => groups,
        };
        // A pasted headline in quotation marks that no clipping has is searched by its words.
        let words = match total == 0 && request.is_pasted {
            true => Some(self.query(&Request {
                tree: suggest::unquoted(&request.tree),
                ..request.clone()
            })?),
            false => None,
        };
        let mut runs = query.searched.runs();
        if let Some(words) = &words {
            let mut searched = query.searched.clone();
            searched.add_all(&words.searched);
            runs = searched.runs();
            ranked.part = None;
        }
        let is_page = request.limit <= MAX_PAGE && total < request.end();
        let is_filled =
            request.partial && is_page && (total == 0 || request.sort == Sort::Relevance);
        let filling = words.as_ref().unwrap_or(&query).partial.as_ref();
        let filling = filling.filter(|_| is_filled);
        let mut partial = None;
        if let Some(any) = filling {
            let best = [Best {
                query: &any.best,
                sort: by_score(),
                most: most_ranked(request),
            }];
            let (found, all) = self.index.best(&best, Some(&any.all))?;
            if found.len() >= most_ranked(request) {
                partial = Some(all.saturating_sub(groups as u64));
            }
            ranked.add(found, &mut matching.records);
        }
        if total == 0 {
            self.add_requirements(&query, &mut ranked, &mut matching.records)?;
        }
        let part = match ranked.part {
            Some(part) => part,
            None => self.part(&ranked.keys, &mut matching.records, Some(runs))?,
        };
        let answer = || part.answer(request, part.ranked(request)?, Vec::new());
        let mut answer = self.counted(answer)?;
        if filling.is_none() {
            answer.hits.retain(|hit| !hit.partial);
            answer.partial = 0;
        }
        answer.total = matching.scaled(total as u64);
        answer.clippings = matching.scaled(matching.members.len() as u64);
        answer.partial = partial.unwrap_or(answer.partial);
        answer.facets = request.facets.then(|| facets(&matching));
        answer.days = request.days.then(|| days(&matching, request.all_copies));
        let are_names_cut = matching.names.as_ref().is_some_and(|names| names.is_cut);
        if matching.estimate.is_some() || are_names_cut {
            answer.notes.insert(0, Note::Estimated);
        }
        Ok(answer)
    }

    /// All full matches, and those of them that the local engine ranks.
    fn matches_to_rank(
        &self,
        request: &Request,
        query: &ClusterQuery,
    ) -> Result<(Matching, RankedLocally)> {
        let best = match request.sort {
            Sort::Relevance => ranked(&query.upper, &query.ranking),
            Sort::Newest | Sort::Oldest => query.upper.clone(),
        };
        let best = Best {
            query: &best,
            sort: order_of(request.sort, query),
            most: most_ranked(request),
        };
        let Candidates {
            mut matching,
            doubtful,
            undecided,
            best,
        } = self.candidates(query, Columns::Few, request.facets, Some(best))?;
        let proposed = matching.members.len() + doubtful.len();
        if proposed <= CANDIDATES && undecided.is_none() {
            // One temporary index is enough for deciding and ranking.
            let mut keys = keys(&matching.members);
            keys.extend(self::keys(&doubtful));
            let runs = query.searched.runs();
            let part = self.part(&keys, &mut matching.records, Some(runs))?;
            self.decide(request, &part, &doubtful, &mut matching)?;
            let part = Some(part);
            return Ok((matching, RankedLocally { keys, part }));
        }
        let is_certain = doubtful.is_empty();
        self.settle(request, doubtful, undecided, query, &mut matching)?;
        let best = match is_certain {
            true => best,
            false => self.best_members(request, query, &mut matching)?,
        };
        let keys = page(request, query, &mut matching, &best);
        Ok((matching, RankedLocally { keys, part: None }))
    }

    /// Adds a few clippings that have each of the words that must occur, for the note on words that do not.
    fn add_requirements(
        &self,
        query: &ClusterQuery,
        ranked: &mut RankedLocally,
        records: &mut Records,
    ) -> Result<()> {
        if query.requirements.is_empty() {
            return Ok(());
        }
        let queries = query.requirements.iter().take(MAX_REQUIREMENTS);
        let queries: Vec<Best<'_>> = queries
            .map(|query| Best {
                query,
                sort: json!(["_doc"]),
                most: OF_REQUIREMENT,
            })
            .collect();
        let (found, _) = self.index.best(&queries, None)?;
        ranked.add(found, records);
        Ok(())
    }

    /// The keys of the members that the cluster ranks best. Their records are read.
    fn best_members(
        &self,
        request: &Request,
        query: &ClusterQuery,
        matching: &mut Matching,
    ) -> Result<Vec<i64>> {
        let decided = matching.members.get(matching.certain..).unwrap_or_default();
        let members = match decided.len() <= MAX_ORDERED {
            true => json!({"bool": {
                "should": [query.lower, {"terms": {"key": keys(decided)}}],
                "minimum_should_match": 1,
            }}),
            false => query.upper.clone(),
        };
        let members = ranked(&members, &query.ranking);
        let best = [Best {
            query: &members,
            sort: order_of(request.sort, query),
            most: most_ranked(request),
        }];
        let (found, _) = self.index.best(&best, None)?;
        let mut best = Vec::with_capacity(found.len());
        add(found, &mut best, &mut matching.records);
        Ok(best)
    }

    /// Calls `each` with batches of the hits of `request`. The returned answer has no hits.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards, or too many clippings match; the error of `each`.
    pub fn search_in_batches<E: From<IndexError>>(
        &self,
        request: &Request,
        each: &mut dyn FnMut(Vec<Hit>) -> std::result::Result<(), E>,
    ) -> std::result::Result<Answer, E> {
        self.counts.renew(&self.index)?;
        let query = self.query(request)?;
        let mut matching = self.matching(request, &query, Columns::Few)?;
        if matching.estimate.is_some() {
            return Err(IndexError::TooManyMatches.into());
        }
        let is_ranked = request.sort == Sort::Relevance && !query.ranking.is_empty();
        let total = match request.all_copies {
            true => matching.members.len(),
            false => matching.groups(),
        };
        let answer = Answer {
            total: total as u64,
            clippings: matching.members.len() as u64,
            ..Answer::default()
        };
        let batches: Vec<Vec<i64>> = match is_ranked {
            true if matching.members.len() > MAX_ORDERED => {
                return Err(IndexError::TooManyMatches.into());
            }
            true => vec![keys(&matching.members)],
            false => {
                order_by_time(&mut matching.members, request.sort);
                batches(&matching.members, request)
            }
        };
        let runs = query.searched.runs();
        let mut rank = 1;
        let (mut to_skip, mut left) = (request.offset, request.limit);
        for batch in batches {
            if left == 0 {
                break;
            }
            let part = self.part(&batch, &mut matching.records, Some(Arc::clone(&runs)))?;
            let all = Request {
                offset: 0,
                limit: usize::MAX,
                ..request.clone()
            };
            let answer = || part.answer(&all, part.ranked(&all)?, Vec::new());
            let mut hits = self.counted(answer)?.hits;
            let skipped = to_skip.min(hits.len());
            hits.drain(..skipped);
            to_skip -= skipped;
            rank += skipped as u64;
            hits.truncate(left);
            left -= hits.len();
            for hit in &mut hits {
                hit.rank = rank;
                rank += 1;
            }
            if !hits.is_empty() {
                each(hits)?;
            }
        }
        Ok(answer)
    }

    /// The ids of all hits of `request`, in order and without copies, and notes on the query.
    ///
    /// # Errors
    /// See [`ClusterSearcher::search_in_batches`].
    pub fn ids(&self, request: &Request) -> Result<(ScoredIds, Vec<Note>)> {
        if request.limit <= MAX_ORDERED {
            let Answer { hits, notes, .. } = self.search(request)?;
            let ids = hits.into_iter().map(|hit| (hit.clipping.id, hit.score));
            return Ok((ids.collect(), notes));
        }
        let mut ids = Vec::new();
        self.search_in_batches::<IndexError>(request, &mut |hits| {
            ids.extend(hits.into_iter().map(|hit| (hit.clipping.id, hit.score)));
            Ok(())
        })?;
        Ok((ids, Vec::new()))
    }

    /// The days of all full matches of `request`, and whether they are estimates.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn days(&self, request: &Request) -> Result<(Days, bool)> {
        self.counts.renew(&self.index)?;
        let query = self.query(request)?;
        let matching = self.matching(request, &query, Columns::Few)?;
        let days = days(&matching, request.all_copies);
        Ok((days, matching.estimate.is_some()))
    }

    /// Statistics of all full matches of `request`.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn stats(&self, request: &Request) -> Result<Stats> {
        self.counts.renew(&self.index)?;
        let query = self.query(request)?;
        let matching = self.matching(request, &query, Columns::Sizes)?;
        match matching.estimate {
            None => self.index.stats(matching.members),
            Some(_) => Err(IndexError::TooManyMatches),
        }
    }

    /// Separates content words from light words, as [`Searcher`] does.
    fn question(&self, request: &Request) -> Option<Question> {
        if !request.partial && !request.optional_words {
            return None;
        }
        self.analyzers
            .with(|analyzer| question(&request.tree, analyzer))
    }

    /// Translates `request`.
    pub(super) fn query(&self, request: &Request) -> Result<ClusterQuery> {
        let question = self.question(request);
        let (tree, light): (&Node, &[String]) = match &question {
            Some(question) => (&question.content, &question.light),
            None => (&request.tree, &[]),
        };
        self.counted(|| {
            self.analyzers.with(|analyzer| {
                let builder = QueryBuilder::new(analyzer, self.synonyms.as_deref(), &*self.counts);
                builder.query(tree, light)
            })
        })
    }

    /// Repeats `work` until all counts that it needs are known. Misses of other threads cost another pass, so there
    /// may be more of them than [`PASSES`].
    pub(super) fn counted<T>(&self, work: impl Fn() -> Result<T>) -> Result<T> {
        for _ in 1..4 * PASSES {
            let before = self.counts.misses();
            let result = work()?;
            if self.counts.misses() == before {
                return Ok(result);
            }
            self.counts.fill(&self.index)?;
        }
        work()
    }

    /// All full matches.
    pub(super) fn matching(
        &self,
        request: &Request,
        query: &ClusterQuery,
        columns: Columns,
    ) -> Result<Matching> {
        let found = self.candidates(query, columns, false, None)?;
        let mut matching = found.matching;
        self.settle(
            request,
            found.doubtful,
            found.undecided,
            query,
            &mut matching,
        )?;
        Ok(matching)
    }

    /// The candidates that the cluster proposes.
    fn candidates(
        &self,
        query: &ClusterQuery,
        columns: Columns,
        names: bool,
        best: Option<Best<'_>>,
    ) -> Result<Candidates> {
        let Proposal {
            certain,
            mut doubtful,
            is_cut,
            names: counts,
            best,
        } = self.index.propose(&ClusterSearch {
            lower: &query.lower,
            upper: &query.upper,
            columns,
            most: MAX_HITS,
            names,
            best,
        })?;
        let undecided = doubtful.split_off(doubtful.len().min(MAX_DECIDED)).len();
        let mut matching = Matching {
            certain: certain.len(),
            members: certain,
            names: names.then_some(counts),
            ..Matching::default()
        };
        let mut keys = Vec::with_capacity(best.len());
        add(best, &mut keys, &mut matching.records);
        Ok(Candidates {
            matching,
            doubtful,
            undecided: (is_cut || undecided > 0).then_some(undecided),
            best: keys,
        })
    }

    /// Adds the matching ones of `doubtful`. If not all could be read or decided, estimates the number of matches.
    fn settle(
        &self,
        request: &Request,
        doubtful: Vec<HitColumns>,
        undecided: Option<usize>,
        query: &ClusterQuery,
        matching: &mut Matching,
    ) -> Result<()> {
        let decided = doubtful.len();
        let runs = query.searched.runs();
        let known: FxHashSet<i64> = matching.records.keys().copied().collect();
        // Records are read while those before them are decided.
        thread::scope(|scope| {
            let (sender, batches) = bounded(1);
            let (doubtful, known) = (&doubtful, &known);
            scope.spawn(move || {
                for batch in doubtful.chunks(DECIDED_TOGETHER) {
                    let missing = batch.iter().map(|found| found.key);
                    let missing: Vec<i64> = missing.filter(|key| !known.contains(key)).collect();
                    // The receiver is gone after an error.
                    if sender
                        .send((batch, self.index.read_keys(&missing)))
                        .is_err()
                    {
                        break;
                    }
                }
            });
            for (batch, read) in batches {
                let mut records = std::mem::take(&mut matching.records);
                let kept: FxHashSet<i64> = records.keys().copied().collect();
                add(read?, &mut Vec::new(), &mut records);
                let part = self.part(&keys(batch), &mut records, Some(Arc::clone(&runs)))?;
                if kept.len() >= 2 * CANDIDATES {
                    records.retain(|key, _| kept.contains(key));
                }
                matching.records = records;
                self.decide(request, &part, batch, matching)?;
            }
            Ok::<(), IndexError>(())
        })?;
        if let Some(undecided) = undecided {
            let rate = match decided {
                0 => 0.0,
                decided => (matching.members.len() - matching.certain) as f64 / decided as f64,
            };
            let seen = matching.members.len() as f64 + undecided as f64 * rate;
            let read = (matching.certain + decided + undecided).max(1) as f64;
            let all = self.index.counts(slice::from_ref(&query.upper))?;
            let all = all.into_iter().sum::<u64>() as f64;
            matching.estimate = Some((seen * all / read).round() as u64);
        }
        Ok(())
    }

    /// Adds the matching ones of `doubtful`, whose records `part` has.
    fn decide(
        &self,
        request: &Request,
        part: &Searcher,
        doubtful: &[HitColumns],
        matching: &mut Matching,
    ) -> Result<()> {
        if doubtful.is_empty() {
            return Ok(());
        }
        let question = self.question(request);
        let tree = question.map_or_else(|| request.tree.clone(), |question| question.content);
        let (candidates, _) = part.matching(&Request::all_of(tree))?;
        let hits: Vec<_> = candidates.all().iter().map(|c| c.key).collect();
        let found = part.clippings(&hits)?.into_iter();
        let found: FxHashMap<i64, Clipping> = found.map(|c| (document_key(&c.id), c)).collect();
        for member in doubtful {
            if let Some(clipping) = found.get(&member.key) {
                matching.count_names(clipping);
                matching.members.push(member.clone());
            }
        }
        Ok(())
    }

    /// A temporary index of these clippings; with `runs`, of these runs of them. Records that are missing in `records`
    /// are read and added to it.
    pub(super) fn part(
        &self,
        keys: &[i64],
        records: &mut Records,
        runs: Option<RunFilter>,
    ) -> Result<Searcher> {
        let mut seen = FxHashSet::default();
        let keys: Vec<i64> = keys
            .iter()
            .copied()
            .filter(|key| seen.insert(*key))
            .collect();
        let missing = keys.iter().filter(|key| !records.contains_key(key));
        let missing: Vec<i64> = missing.copied().collect();
        for stored in self.index.read_keys(&missing)? {
            records.insert(stored.key(), stored);
        }
        // Clippings that have been removed meanwhile are missing.
        let stored = keys.iter().filter_map(|key| records.get(key));
        self.part_of(stored.cloned().collect(), runs)
    }

    /// A temporary index of these clippings; with `runs`, of these runs of them.
    pub(super) fn part_of(
        &self,
        mut stored: Vec<ClusterClipping>,
        runs: Option<RunFilter>,
    ) -> Result<Searcher> {
        // Equal hits are in index order.
        stored.sort_by_key(|stored| stored.order);
        let whole: Arc<dyn WholeCounts> = Arc::clone(&self.counts) as Arc<dyn WholeCounts>;
        let archive = index_part(&stored, self.index.language(), runs, whole)?;
        let analyzers = Arc::clone(&self.analyzers);
        Ok(Searcher::over(archive, analyzers, self.synonyms.clone()))
    }
}

pub(super) fn keys(members: &[HitColumns]) -> Vec<i64> {
    members.iter().map(|m| m.key).collect()
}

/// Adds clippings to `records` and their keys to `wanted`.
pub(super) fn add(found: Vec<ClusterClipping>, wanted: &mut Vec<i64>, records: &mut Records) {
    for clipping in found {
        wanted.push(clipping.key());
        records.insert(clipping.key(), clipping);
    }
}

/// Number of clippings that the cluster ranks best and that are read for a page.
fn most_ranked(request: &Request) -> usize {
    let end = request.end().saturating_mul(2);
    CANDIDATES.max(end).min(MAX_ORDERED)
}

/// `filter`, scored by `ranking`.
fn ranked(filter: &Value, ranking: &[Value]) -> Value {
    json!({"bool": {"filter": [filter], "should": ranking}})
}

/// The sort order in the cluster.
fn order_of(sort: Sort, query: &ClusterQuery) -> Value {
    match sort {
        Sort::Relevance if !query.ranking.is_empty() => by_score(),
        Sort::Relevance | Sort::Newest => json!([{"published": "desc"}, "order"]),
        Sort::Oldest => json!(["published", "order"]),
    }
}

/// The keys of the clippings from which a page is made: `best`, which is sorted by relevance, or the first by time;
/// with their copies.
fn page(
    request: &Request,
    query: &ClusterQuery,
    matching: &mut Matching,
    best: &[i64],
) -> Vec<i64> {
    let members = &mut matching.members;
    let groups: FxHashSet<u64> = match request.sort {
        Sort::Relevance if !query.ranking.is_empty() => {
            let best: FxHashSet<i64> = best.iter().copied().collect();
            let best = members.iter().filter(|m| best.contains(&m.key));
            best.map(|m| m.group).collect()
        }
        sort => {
            order_by_time(members, sort);
            let mut groups = FxHashSet::default();
            for (n, member) in members.iter().enumerate() {
                let is_full = match request.all_copies {
                    true => n >= request.end(),
                    false => groups.len() >= request.end(),
                };
                if is_full {
                    break;
                }
                groups.insert(member.group);
            }
            groups
        }
    };
    let wanted = members.iter().filter(|m| groups.contains(&m.group));
    wanted.map(|m| m.key).collect()
}

/// Undated clippings sort last in both directions. Ties keep the order of writing.
fn order_by_time(members: &mut [HitColumns], sort: Sort) {
    members.sort_by_key(|m| m.order);
    match sort {
        Sort::Oldest => members.sort_by_key(|m| (m.published.is_none(), m.published)),
        _ => members.sort_by_key(|m| (m.published.is_none(), Reverse(m.published))),
    }
}

/// The days of all matches, extrapolated if they are a sample.
fn days(matching: &Matching, all_copies: bool) -> Days {
    let members = matching.members.iter().map(|m| (m.group, m.published));
    let mut days = Days::of(members, all_copies);
    if matching.estimate.is_some() {
        for count in days.dated.values_mut() {
            *count = matching.scaled(*count);
        }
        days.undated = matching.scaled(days.undated);
    }
    days
}

/// Keys in batches of groups, in the order of the first of each.
fn batches(members: &[HitColumns], request: &Request) -> Vec<Vec<i64>> {
    let mut place_of: FxHashMap<u64, usize> = FxHashMap::default();
    let mut groups: Vec<Vec<i64>> = Vec::new();
    for member in members {
        let place = match request.all_copies {
            true => groups.len(),
            false => *place_of.entry(member.group).or_insert(groups.len()),
        };
        match groups.get_mut(place) {
            Some(group) => group.push(member.key),
            None => groups.push(vec![member.key]),
        }
    }
    let batches = groups.chunks(GROUPS_TOGETHER);
    batches.map(<[Vec<i64>]>::concat).collect()
}

fn facets(matching: &Matching) -> Facets {
    let mut months: FxHashMap<String, u64> = FxHashMap::default();
    for seconds in matching
        .members
        .iter()
        .filter_map(|member| member.published)
    {
        let day = korean_time::date(seconds).unwrap_or_default();
        let month = format!("{:04}-{:02}", day.year(), day.month());
        *months.entry(month).or_default() += 1;
    }
    let names = |counts: &FxHashMap<String, u64>| {
        let counts = counts.iter().map(|(name, count)| Count {
            name: name.clone(),
            count: *count,
        });
        let mut counts: Vec<Count> = counts.collect();
        counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        counts
    };
    let counts = matching.names.as_ref();
    let months = months.into_iter().map(|(name, count)| Count {
        name,
        count: matching.scaled(count),
    });
    let mut months: Vec<Count> = months.collect();
    months.sort_by(|a, b| a.name.cmp(&b.name));
    Facets {
        outlets: counts.map(|c| names(&c.outlets)).unwrap_or_default(),
        reporters: counts.map(|c| names(&c.reporters)).unwrap_or_default(),
        months,
    }
}
