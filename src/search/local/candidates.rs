//! Collects the matching clippings, sorts them, and folds near-duplicates.
//!
//! A query may match every clipping, of which ten are shown. So only a few numbers are read per
//! match, from columns and in batches, and only the best matches are sorted.

use std::cmp::{Ordering, Reverse};

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::query::{EnableScoring, Query, Weight};
use tantivy::{DocAddress, DocId, DocSet, Score, SegmentReader, TERMINATED};

use crate::index::{Archive, Result};
use crate::search::local::plan::{Plan, Requirement};
use crate::search::trend::Days;
use crate::search::{HitKey, Request, Sort, params, rerank, workers};

/// In a smaller archive, starting threads takes longer than searching.
const WORTH_THREADS: u64 = 50_000;

/// A matching clipping, before reranking.
#[derive(Debug, Clone, Copy)]
pub(in crate::search) struct Candidate {
    pub score: f32,
    pub key: HitKey,
    pub published: Option<i64>,
    pub group: u64,
}

/// All matches.
pub(in crate::search) struct Candidates {
    all: Vec<Candidate>,
    /// The first `ordered` matches are sorted best first; the rest is unsorted.
    ordered: usize,
}

/// The key of a hit, with the copies folded into it, best first.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::search) struct Ranked {
    pub key: HitKey,
    pub score: f32,
    /// Its near-duplicate group.
    pub group: u64,
    pub copies: Vec<HitKey>,
    /// Whether it is a partial match.
    pub partial: bool,
    /// The query words that it does not have.
    pub missing: Vec<String>,
}

impl Ranked {
    pub(in crate::search) fn new(candidate: &Candidate, copies: Vec<HitKey>) -> Ranked {
        Ranked {
            key: candidate.key,
            score: candidate.score,
            group: candidate.group,
            copies,
            partial: false,
            missing: Vec::new(),
        }
    }
}

/// A page of results.
pub(in crate::search) struct Results {
    /// Number of all results.
    pub total: usize,
    /// The requested ones.
    pub hits: Vec<Ranked>,
}

impl Candidates {
    /// All matches of `query`, in index order.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(in crate::search) fn of(archive: &Archive, query: &dyn Query) -> Result<Candidates> {
        let searcher = archive.searcher();
        let weight = query.weight(EnableScoring::enabled_from_searcher(searcher))?;
        let readers = searcher.segment_readers();
        let segments: Vec<(usize, &SegmentReader)> = readers.iter().enumerate().collect();
        let least = match searcher.num_docs() < WORTH_THREADS {
            true => segments.len(),
            false => 1,
        };
        let found = workers::map(&segments, least, |(segment, reader)| {
            of_segment(&*weight, *segment, reader)
        });
        let mut all = Vec::new();
        for of_one in found {
            match all.is_empty() {
                true => all = of_one?,
                false => all.extend(of_one?),
            }
        }
        Ok(Candidates { all, ordered: 0 })
    }

    /// Removes `others` and, unless `all_copies`, their copies.
    pub(in crate::search) fn exclude(&mut self, others: &[Candidate], all_copies: bool) {
        if all_copies {
            let keys: FxHashSet<HitKey> = others.iter().map(|c| c.key).collect();
            self.all.retain(|c| !keys.contains(&c.key));
        } else {
            let groups: FxHashSet<u64> = others.iter().map(|c| c.group).collect();
            self.all.retain(|c| !groups.contains(&c.group));
        }
    }

    /// Keeps only `others`.
    pub(in crate::search) fn keep_only(&mut self, others: &[Candidate]) {
        let keys: FxHashSet<HitKey> = others.iter().map(|c| c.key).collect();
        self.all.retain(|c| keys.contains(&c.key));
    }

    /// All matches. The first `self.ordered` are sorted best first, the rest is unsorted.
    pub(in crate::search) fn all(&self) -> &[Candidate] {
        &self.all
    }

    /// Number of groups of near-duplicates, or of matches with `all_copies`.
    pub(in crate::search) fn total(&self, all_copies: bool) -> usize {
        if all_copies {
            return self.all.len();
        }
        let mut groups = FxHashSet::with_capacity_and_hasher(self.all.len(), Default::default());
        groups.extend(self.all.iter().map(|c| c.group));
        groups.len()
    }

    /// The days of all matches.
    pub(in crate::search) fn days(&self, all_copies: bool) -> Days {
        Days::of(self.all.iter().map(|c| (c.group, c.published)), all_copies)
    }

    /// Sorts the matches as `request` asks: all of them, or only the best when sorted by relevance.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(in crate::search) fn order(
        &mut self,
        archive: &Archive,
        plan: &Plan,
        request: &Request,
    ) -> Result<()> {
        // Undated clippings sort last in both directions. Ties keep index order.
        let newest = |c: &Candidate| (c.published.is_none(), Reverse(c.published));
        match request.sort {
            Sort::Newest => self.all.sort_by_key(newest),
            Sort::Oldest => (self.all).sort_by_key(|c| (c.published.is_none(), c.published)),
            Sort::Relevance if plan.words.is_empty() && plan.literals.is_empty() => {
                self.all.sort_by_key(newest);
            }
            Sort::Relevance => {
                let last = request.end();
                self.order_best(last.max(params::RERANKED));
                let reranked = self.all.len().min(params::RERANKED);
                let reranked = &mut self.all[..reranked];
                rerank::rescore(archive, plan, reranked)?;
                reranked.sort_unstable_by(best_first);
                return Ok(());
            }
        }
        self.ordered = self.all.len();
        Ok(())
    }

    /// Sorts the next `count` best matches.
    fn order_best(&mut self, count: usize) {
        let rest = &mut self.all[self.ordered..];
        if count > 0 && rest.len() > count.saturating_mul(4) {
            rest.select_nth_unstable_by(count - 1, best_first);
            rest[..count].sort_unstable_by(best_first);
            self.ordered += count;
        } else {
            rest.sort_unstable_by(best_first);
            self.ordered = self.all.len();
        }
    }

    /// The results that `request` asks for: the first of each group of near-duplicates, or all with
    /// `all_copies`.
    pub(in crate::search) fn results(&mut self, request: &Request) -> Results {
        let last = request.end();
        if request.all_copies {
            let shown = self.all.iter().skip(request.offset).take(request.limit);
            return Results {
                total: self.all.len(),
                hits: shown.map(|c| Ranked::new(c, Vec::new())).collect(),
            };
        }
        let total = self.total(false);

        // Position of the first match of each group.
        let mut place_of: FxHashMap<u64, usize> = FxHashMap::default();
        let mut firsts: Vec<Candidate> = Vec::new();
        let mut at = 0;
        while firsts.len() < last.min(total) {
            if at == self.ordered {
                self.order_best(self.ordered.max(1));
            }
            let candidate = self.all[at];
            at += 1;
            place_of.entry(candidate.group).or_insert_with(|| {
                firsts.push(candidate);
                firsts.len() - 1
            });
        }
        let mut copies: Vec<Vec<Candidate>> = vec![Vec::new(); firsts.len()];
        for candidate in &self.all {
            if let Some(&place) = place_of.get(&candidate.group)
                && candidate.key != firsts[place].key
            {
                copies[place].push(*candidate);
            }
        }
        let shown = firsts.iter().zip(copies).skip(request.offset);
        let hits = shown.map(|(first, mut copies)| {
            // Unsorted matches come after the sorted ones.
            if self.ordered < self.all.len() {
                copies.sort_by(best_first);
            }
            Ranked::new(first, copies.iter().map(|c| c.key).collect())
        });
        Results {
            total,
            hits: hits.collect(),
        }
    }
}

/// All matches of a query in a segment.
fn of_segment(
    weight: &dyn Weight,
    segment: usize,
    reader: &SegmentReader,
) -> Result<Vec<Candidate>> {
    let mut found: Vec<(DocId, Score)> = Vec::new();
    let alive = reader.alive_bitset();
    weight.for_each(reader, &mut |doc, score| {
        if alive.is_none_or(|alive| alive.is_alive(doc)) {
            found.push((doc, score));
        }
    })?;
    let docs: Vec<DocId> = found.iter().map(|(doc, _)| *doc).collect();
    let mut published = vec![None; docs.len()];
    let mut groups = vec![None; docs.len()];
    let columns = reader.fast_fields();
    columns.i64("published")?.first_vals(&docs, &mut published);
    columns.u64("group")?.first_vals(&docs, &mut groups);
    let columns = published.into_iter().zip(groups);
    let candidates = found.into_iter().zip(columns);
    let candidates = candidates.map(|((doc, score), (published, group))| Candidate {
        score,
        key: DocAddress::new(segment as u32, doc).into(),
        published,
        group: group.unwrap_or_default(),
    });
    Ok(candidates.collect())
}

/// The `requirements` that each of `keys` does not match.
///
/// # Errors
/// When the index cannot be read.
pub(in crate::search) fn missing(
    archive: &Archive,
    requirements: &[Requirement],
    keys: &[HitKey],
) -> Result<Vec<Vec<String>>> {
    let searcher = archive.searcher();
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_unstable_by_key(|&n| keys[n]);
    let mut missing = vec![Vec::new(); keys.len()];
    for requirement in requirements {
        let scoring = EnableScoring::disabled_from_searcher(searcher);
        let weight = requirement.query.weight(scoring)?;
        for here in order.chunk_by(|&a, &b| keys[a].segment == keys[b].segment) {
            let segment = here.first().map_or(0, |&n| keys[n].segment);
            let mut scorer = weight.scorer(searcher.segment_reader(segment), 1.0)?;
            for &n in here {
                let doc = keys[n].doc;
                if scorer.doc() < doc {
                    scorer.seek(doc);
                }
                if scorer.doc() != doc {
                    missing[n].push(requirement.text.clone());
                }
            }
        }
    }
    Ok(missing)
}

/// Whether any clipping matches the requirement.
///
/// # Errors
/// When the index cannot be read.
pub(in crate::search) fn is_anywhere(archive: &Archive, requirement: &Requirement) -> Result<bool> {
    let searcher = archive.searcher();
    let scoring = EnableScoring::disabled_from_searcher(searcher);
    let weight = requirement.query.weight(scoring)?;
    for reader in searcher.segment_readers() {
        let mut scorer = weight.scorer(reader, 1.0)?;
        let alive = reader.alive_bitset();
        while scorer.doc() != TERMINATED {
            if alive.is_none_or(|alive| alive.is_alive(scorer.doc())) {
                return Ok(true);
            }
            scorer.advance();
        }
    }
    Ok(false)
}

/// By score; ties by date, newer first.
pub(in crate::search) fn best_first(a: &Candidate, b: &Candidate) -> Ordering {
    b.score
        .total_cmp(&a.score)
        .then_with(|| b.published.cmp(&a.published))
        .then_with(|| a.key.cmp(&b.key))
}

/// Keeps the first of each group of near-duplicates, with the others as its copies.
pub(in crate::search) fn fold_copies(candidates: &[Candidate]) -> Vec<(Candidate, Vec<HitKey>)> {
    let mut results: Vec<(Candidate, Vec<HitKey>)> = Vec::with_capacity(candidates.len());
    let mut place_of: FxHashMap<u64, usize> = FxHashMap::default();
    for candidate in candidates {
        let place = *place_of.entry(candidate.group).or_insert(results.len());
        match results.get_mut(place) {
            Some((_, copies)) => copies.push(candidate.key),
            None => results.push((*candidate, Vec::new())),
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
        let one = (0..4u8, 0..6u64, prop::option::of(0..3i64));
        prop::collection::vec(one, 0..40).prop_map(|all| {
            let candidate = |(n, (score, group, published))| Candidate {
                score: f32::from(score),
                key: HitKey {
                    segment: n % 3,
                    doc: n,
                },
                published,
                group,
            };
            (0..).zip(all).map(candidate).collect()
        })
    }

    proptest! {
        /// Whatever page is asked for, it is that part of the list that sorting everything gives.
        #[test]
        fn a_page_is_a_part_of_the_whole_list(
            all in candidates(),
            offset in 0..20usize,
            limit in 0..20usize,
            all_copies: bool,
        ) {
            let mut sorted = all.clone();
            sorted.sort_by(best_first);
            let expected: Vec<(HitKey, Vec<HitKey>)> = match all_copies {
                true => sorted.iter().map(|c| (c.key, Vec::new())).collect(),
                false => {
                    let folded = fold_copies(&sorted).into_iter();
                    folded.map(|(first, copies)| (first.key, copies)).collect()
                }
            };
            let mut candidates = Candidates { all, ordered: 0 };
            candidates.order_best(match all_copies {
                true => offset + limit,
                false => 3,
            });
            let request = Request { offset, limit, all_copies, ..Request::default() };
            let results = candidates.results(&request);
            prop_assert_eq!(results.total, expected.len());
            let hits = results.hits.into_iter().map(|hit| (hit.key, hit.copies));
            let page = expected.into_iter().skip(offset).take(limit);
            prop_assert_eq!(hits.collect::<Vec<_>>(), page.collect::<Vec<_>>());
        }

        #[test]
        fn what_is_excluded_is_gone_with_its_copies(all in candidates(), shown in candidates()) {
            let groups: Vec<u64> = shown.iter().map(|c| c.group).collect();
            let mut candidates = Candidates { all: all.clone(), ordered: 0 };
            candidates.exclude(&shown, false);
            let left = candidates.all.iter().map(|c| c.key);
            let expected = all.iter().filter(|c| !groups.contains(&c.group)).map(|c| c.key);
            prop_assert_eq!(left.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }
    }
}
