//! Answers requests on an index in a cluster.

use std::cmp::Reverse;
use std::slice;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Value, json};

use super::counts::Counts;
use super::dsl::{ClusterQuery, Writer};
use crate::analyze::TermKind;
use crate::analyze::synonyms::Synonyms;
use crate::index::{
    ClusterClipping, ClusterIndex, Columns, Count, Found, IndexError, Result, Stats, WholeCounts,
    document_name, encode, index_part,
};
use crate::korean_time;
use crate::query::Node;
use crate::search::answer::{Answer, Facets, Hit, Note};
use crate::search::engine::{ScoredIds, Searcher};
use crate::search::question;
use crate::search::request::{Request, Sort};
use crate::search::suggest::{self, Spelling, SpellingSource};
use crate::search::trend::Days;
use crate::search::workers::AnalyzerPool;

/// Hits of a query of which columns are read. Of more, counts are estimates.
const MAX_HITS: usize = 1_000_000;

/// Hits that the cluster cannot decide about and that are decided here. Of more, counts are estimates.
pub(super) const MAX_DECIDED: usize = 50_000;

/// Records that are indexed here at a time to decide about them.
const DECIDED_TOGETHER: usize = 1_000;

/// A set of no more clippings is ranked as a whole; of a larger one, the best by the ranking of the cluster.
const RANKED_WHOLE: usize = 500;
const RANKED_BEST: usize = 400;

/// More hits than this are no page, and the cluster does not order them.
const MAX_ORDERED: usize = 10_000;

/// More hits than this are no page but a listing, which partial matches do not fill.
const MAX_PAGE: usize = 100;

/// Limits of the check whether a missing query word occurs at all: clippings fetched per word, and words.
const OF_DEMAND: usize = 20;
const MAX_DEMANDS: usize = 20;

/// Groups whose hits are made at a time when all of a set are wanted.
const GROUPS_TOGETHER: usize = 200;

/// How often a query is read while its words are being counted: joining and dividing words asks for further counts.
const PASSES: usize = 6;

/// Answers requests on an index in a cluster. Threads share it.
pub struct ClusterSearcher {
    pub(super) index: ClusterIndex,
    pub(super) analyzers: Arc<AnalyzerPool>,
    pub(super) synonyms: Option<Arc<Synonyms>>,
    pub(super) counts: Arc<Counts>,
}

/// Everything that matches a request in full.
pub(super) struct Matching {
    pub(super) members: Vec<Found>,
    /// Clippings, where `members` are a sample of them.
    pub(super) estimate: Option<u64>,
    /// Records that were read on the way, by document.
    pub(super) records: FxHashMap<String, ClusterClipping>,
}

impl Matching {
    pub(super) fn groups(&self) -> usize {
        let groups: FxHashSet<u64> = self.members.iter().map(|m| m.group).collect();
        groups.len()
    }

    /// A count of the sample, for the whole.
    pub(super) fn scaled(&self, count: u64) -> u64 {
        match self.estimate {
            Some(all) if !self.members.is_empty() => {
                (count as f64 * all as f64 / self.members.len() as f64).round() as u64
            }
            _ => count,
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
                let mut term = String::new();
                encode(kind, form, &mut term);
                for field in ["headline", "body"] {
                    having += self.counts.doc_freq(field, &term);
                }
            }
        }
        Ok(having)
    }

    fn each_like(&self, spelled: &str, each: &mut dyn FnMut(&str)) -> Result<()> {
        for term in self.counts.similar(spelled) {
            each(&term);
        }
        Ok(())
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
    /// Answers from `index`. Queries are widened by `synonyms`.
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
        let last = request.offset.saturating_add(request.limit);
        let may_fill = request.partial && request.limit <= MAX_PAGE;
        let any = query.partial.as_ref().filter(|_| may_fill);
        let columns = match request.facets {
            true => Columns::Names,
            false => Columns::Few,
        };
        let (mut matching, doubtful, undecided) = self.proposed(&query, columns)?;
        let proposed = matching.members.len() + doubtful.len();
        let is_small = proposed <= RANKED_WHOLE && undecided.is_none();
        let mut wanted = Vec::new();
        let mut filling = None;
        let mut part = None;
        if is_small {
            // All that may match fits in one index, which decides and ranks.
            wanted = documents(&matching.members);
            wanted.extend(documents(&doubtful));
            if let Some(any) = any.filter(|_| proposed < last) {
                let most = RANKED_BEST.max(last * 2);
                filling = Some(self.best(
                    slice::from_ref(&any.best),
                    most,
                    &mut wanted,
                    &mut matching,
                )?);
            }
            let all = self.part(&wanted, &mut matching.records)?;
            self.decide(request, &all, doubtful, &mut matching)?;
            part = Some(all);
        } else {
            self.settle(request, doubtful, undecided, &query, &mut matching)?;
        }
        let groups = matching.groups();
        let total = match request.all_copies {
            true => matching.members.len(),
            false => groups,
        };
        let is_filled =
            any.is_some() && (request.sort == Sort::Relevance || total == 0) && total < last;
        if !is_small {
            wanted = self.page(request, &query, &mut matching, last)?;
        }
        if let Some(any) = any.filter(|_| is_filled && filling.is_none()) {
            let most = RANKED_BEST.max(last * 2);
            filling =
                Some(self.best(slice::from_ref(&any.best), most, &mut wanted, &mut matching)?);
            part = None;
        }
        if total == 0 && !query.demands.is_empty() {
            // Which of the words are anywhere.
            let demands = query.demands.iter().take(MAX_DEMANDS);
            let demands: Vec<Value> = demands.cloned().collect();
            self.best(&demands, OF_DEMAND, &mut wanted, &mut matching)?;
            part = None;
        }
        let mut partial = None;
        if let Some(any) = any.filter(|_| is_filled)
            && filling.is_some_and(|found| found >= RANKED_BEST)
        {
            let all = self.index.count_groups(&any.all)?;
            partial = Some(all.saturating_sub(groups as u64));
        }
        let part = match part {
            Some(part) => part,
            None => self.part(&wanted, &mut matching.records)?,
        };
        let answer = || part.answer(request, part.ranked(request)?, Vec::new());
        let mut answer = self.counted(answer)?;
        if !is_filled {
            answer.hits.retain(|hit| !hit.partial);
            answer.partial = 0;
        }
        answer.total = matching.scaled(total as u64);
        answer.clippings = matching.scaled(matching.members.len() as u64);
        answer.partial = partial.unwrap_or(answer.partial);
        answer.facets = request.facets.then(|| facets(&matching));
        answer.days = request.days.then(|| days(&matching, request.all_copies));
        if matching.estimate.is_some() {
            answer.notes.insert(0, Note::Estimated);
        }
        Ok(answer)
    }

    /// Adds the clippings that match each of `queries` best, and gives how many there are.
    fn best(
        &self,
        queries: &[Value],
        most: usize,
        wanted: &mut Vec<String>,
        matching: &mut Matching,
    ) -> Result<usize> {
        let mut count = 0;
        for found in self.index.best(queries, most)?.into_iter().flatten() {
            count += 1;
            let document = document_name(&found.clipping.id);
            wanted.push(document.clone());
            matching.records.insert(document, found);
        }
        Ok(count)
    }

    /// Calls `each` with the hits of `request`, some at a time. The answer has everything but the hits.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards, or there are too many hits to be ranked; the error of `each`.
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
        let batches: Vec<Vec<String>> = match is_ranked {
            true if matching.members.len() > MAX_ORDERED => {
                return Err(IndexError::TooManyMatches.into());
            }
            true => vec![documents(&matching.members)],
            false => {
                order_by_time(&mut matching.members, request.sort);
                batches(&matching.members, request)
            }
        };
        let mut rank = 1;
        let (mut to_skip, mut left) = (request.offset, request.limit);
        for batch in batches {
            if left == 0 {
                break;
            }
            let part = self.part(&batch, &mut matching.records)?;
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

    /// Id and score of every hit of `request`, in order, and how the query was read; copies are not listed.
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

    /// The days of what matches `request` in full; see [`Searcher::days`]. Whether they are estimates.
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

    /// What the index says of everything that matches `request` in full.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn stats(&self, request: &Request) -> Result<Stats> {
        self.counts.renew(&self.index)?;
        let query = self.query(request)?;
        let matching = self.matching(request, &query, Columns::Names)?;
        match matching.estimate {
            None => self.index.stats(matching.members),
            Some(_) => Err(IndexError::TooManyMatches),
        }
    }

    /// What the cluster is asked for `request`.
    pub(super) fn query(&self, request: &Request) -> Result<ClusterQuery> {
        let question = request
            .partial
            .then(|| {
                self.analyzers
                    .with(|analyzer| question::question(&request.tree, analyzer))
            })
            .flatten();
        let (tree, light): (&Node, &[String]) = match &question {
            Some(question) => (&question.content, &question.light),
            None => (&request.tree, &[]),
        };
        self.counted(|| {
            self.analyzers.with(|analyzer| {
                let writer = Writer::new(analyzer, self.synonyms.as_deref(), &*self.counts);
                writer.query(tree, light)
            })
        })
    }

    /// Does `work` until all counts that it asks for are known.
    pub(super) fn counted<T>(&self, work: impl Fn() -> Result<T>) -> Result<T> {
        for _ in 1..PASSES {
            let result = work()?;
            if !self.counts.fill(&self.index)? {
                return Ok(result);
            }
        }
        work()
    }

    /// Everything that matches in full.
    pub(super) fn matching(
        &self,
        request: &Request,
        query: &ClusterQuery,
        columns: Columns,
    ) -> Result<Matching> {
        let (mut matching, doubtful, undecided) = self.proposed(query, columns)?;
        self.settle(request, doubtful, undecided, query, &mut matching)?;
        Ok(matching)
    }

    /// What the cluster finds: clippings that match, others that may, and how many more of these there are than can
    /// be decided about; `None` when that is none and all were read.
    fn proposed(
        &self,
        query: &ClusterQuery,
        columns: Columns,
    ) -> Result<(Matching, Vec<Found>, Option<usize>)> {
        let certain = (query.widest != query.surest).then_some(&query.surest);
        let mut matching = Matching {
            members: Vec::new(),
            estimate: None,
            records: FxHashMap::default(),
        };
        let mut doubtful = Vec::new();
        let mut count = 0;
        self.index
            .scan(&query.widest, certain, columns, &mut |found| {
                count += 1;
                match certain.is_none() || found.is_certain {
                    true => matching.members.push(found),
                    false => doubtful.push(found),
                }
                count < MAX_HITS
            })?;
        let decided = doubtful.len().min(MAX_DECIDED);
        let undecided = doubtful.split_off(decided).len();
        let is_all = count < MAX_HITS && undecided == 0;
        Ok((matching, doubtful, (!is_all).then_some(undecided)))
    }

    /// Adds those of `doubtful` that match. Where not all could be read or decided, estimates how many there are.
    fn settle(
        &self,
        request: &Request,
        doubtful: Vec<Found>,
        undecided: Option<usize>,
        query: &ClusterQuery,
        matching: &mut Matching,
    ) -> Result<()> {
        let (before, decided) = (matching.members.len(), doubtful.len());
        let mut rest = doubtful.into_iter();
        loop {
            let together: Vec<Found> = rest.by_ref().take(DECIDED_TOGETHER).collect();
            if together.is_empty() {
                break;
            }
            let mut records = FxHashMap::default();
            let part = self.part(&documents(&together), &mut records)?;
            self.decide(request, &part, together, matching)?;
            if matching.records.len() < RANKED_WHOLE {
                matching.records.extend(records);
            }
        }
        if let Some(undecided) = undecided {
            let rate = match decided {
                0 => 0.0,
                decided => (matching.members.len() - before) as f64 / decided as f64,
            };
            let seen = matching.members.len() as f64 + undecided as f64 * rate;
            let read = (before + decided + undecided).max(1) as f64;
            let all = self.index.counts(slice::from_ref(&query.widest))?;
            let all = all.into_iter().sum::<u64>() as f64;
            matching.estimate = Some((seen * all / read).round() as u64);
        }
        Ok(())
    }

    /// Adds those of `doubtful` that match according to `part`, which has their records.
    fn decide(
        &self,
        request: &Request,
        part: &Searcher,
        doubtful: Vec<Found>,
        matching: &mut Matching,
    ) -> Result<()> {
        if doubtful.is_empty() {
            return Ok(());
        }
        let question = request
            .partial
            .then(|| {
                self.analyzers
                    .with(|analyzer| question::question(&request.tree, analyzer))
            })
            .flatten();
        let tree = question.map_or_else(|| request.tree.clone(), |question| question.content);
        let (candidates, _) = part.matching(&Request::all_of(tree))?;
        let keys: Vec<_> = candidates.all().iter().map(|c| c.key).collect();
        let found = part.clippings(&keys)?.into_iter();
        let found: FxHashSet<String> = found.map(|c| document_name(&c.id)).collect();
        let doubtful = doubtful.into_iter();
        let matches = doubtful.filter(|member| found.contains(&member.document));
        matching.members.extend(matches);
        Ok(())
    }

    /// The documents among which the hits of a page are, with their copies.
    fn page(
        &self,
        request: &Request,
        query: &ClusterQuery,
        matching: &mut Matching,
        last: usize,
    ) -> Result<Vec<String>> {
        let members = &mut matching.members;
        if members.len() <= RANKED_WHOLE {
            return Ok(documents(members));
        }
        let groups: FxHashSet<u64> = match request.sort {
            Sort::Relevance if query.is_constant => {
                // Equal hits stand in the order of writing.
                members.sort_by_key(|member| member.order);
                let first = members.iter().take(RANKED_BEST.max(last));
                first.map(|member| member.group).collect()
            }
            Sort::Relevance if !query.ranking.is_empty() => {
                let ranked = json!({"bool": {
                    "filter": [query.widest], "should": query.ranking,
                }});
                let best = RANKED_BEST.max(last.saturating_mul(2)).min(MAX_ORDERED);
                let best = self.index.best_ids(&ranked, best)?;
                let best: FxHashSet<String> = best.into_iter().collect();
                let best = members.iter().filter(|m| best.contains(&m.id));
                best.map(|m| m.group).collect()
            }
            sort => {
                order_by_time(members, sort);
                let mut groups = FxHashSet::default();
                for (n, member) in members.iter().enumerate() {
                    let is_full = match request.all_copies {
                        true => n >= last,
                        false => groups.len() >= last,
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
        Ok(wanted.map(|m| m.document.clone()).collect())
    }

    /// These documents as an index of this machine. `records` has some of them, and is given the others.
    pub(super) fn part(
        &self,
        documents: &[String],
        records: &mut FxHashMap<String, ClusterClipping>,
    ) -> Result<Searcher> {
        let mut seen = FxHashSet::default();
        let documents: Vec<&String> = documents.iter().filter(|d| seen.insert(*d)).collect();
        let missing = documents.iter().filter(|d| !records.contains_key(**d));
        let missing: Vec<String> = missing.map(|d| (*d).clone()).collect();
        let read = self.index.read_documents(&missing)?;
        for (document, stored) in missing.into_iter().zip(read) {
            // One that was removed meanwhile is no hit any more.
            if let Some(stored) = stored {
                records.insert(document, stored);
            }
        }
        let stored = documents.iter().filter_map(|d| records.get(*d));
        self.part_of(stored.cloned().collect())
    }

    /// These clippings as an index of this machine.
    pub(super) fn part_of(&self, mut stored: Vec<ClusterClipping>) -> Result<Searcher> {
        // The order of the index decides between hits that are equal otherwise.
        stored.sort_by_key(|stored| stored.order);
        let whole: Arc<dyn WholeCounts> = Arc::clone(&self.counts) as Arc<dyn WholeCounts>;
        let archive = index_part(&stored, self.index.language(), whole)?;
        let analyzers = Arc::clone(&self.analyzers);
        Ok(Searcher::over(archive, analyzers, self.synonyms.clone()))
    }
}

pub(super) fn documents(members: &[Found]) -> Vec<String> {
    members.iter().map(|m| m.document.clone()).collect()
}

/// Undated ones last both ways; what is equal stands in the order of writing.
fn order_by_time(members: &mut [Found], sort: Sort) {
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

/// Documents in the order of their groups, some groups at a time.
fn batches(members: &[Found], request: &Request) -> Vec<Vec<String>> {
    let mut place_of: FxHashMap<u64, usize> = FxHashMap::default();
    let mut groups: Vec<Vec<String>> = Vec::new();
    for member in members {
        let place = match request.all_copies {
            true => groups.len(),
            false => *place_of.entry(member.group).or_insert(groups.len()),
        };
        match groups.get_mut(place) {
            Some(group) => group.push(member.document.clone()),
            None => groups.push(vec![member.document.clone()]),
        }
    }
    let batches = groups.chunks(GROUPS_TOGETHER);
    batches.map(<[Vec<String>]>::concat).collect()
}

fn facets(matching: &Matching) -> Facets {
    let mut outlets: FxHashMap<&str, u64> = FxHashMap::default();
    let mut reporters: FxHashMap<&str, u64> = FxHashMap::default();
    let mut months: FxHashMap<String, u64> = FxHashMap::default();
    for member in &matching.members {
        if let Some(outlet) = &member.outlet {
            *outlets.entry(outlet).or_default() += 1;
        }
        for reporter in &member.reporters {
            *reporters.entry(reporter).or_default() += 1;
        }
        if let Some(seconds) = member.published {
            let day = korean_time::date(seconds).unwrap_or_default();
            let month = format!("{:04}-{:02}", day.year(), day.month());
            *months.entry(month).or_default() += 1;
        }
    }
    let names = |counts: FxHashMap<&str, u64>| {
        let counts = counts.into_iter().map(|(name, count)| Count {
            name: name.to_owned(),
            count: matching.scaled(count),
        });
        let mut counts: Vec<Count> = counts.collect();
        counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        counts
    };
    let months = months.into_iter().map(|(name, count)| Count {
        name,
        count: matching.scaled(count),
    });
    let mut months: Vec<Count> = months.collect();
    months.sort_by(|a, b| a.name.cmp(&b.name));
    Facets {
        outlets: names(outlets),
        reporters: names(reporters),
        months,
    }
}
