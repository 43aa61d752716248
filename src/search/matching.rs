//! Finds the new clippings of a set.

use rustc_hash::FxHashSet;

use super::answer::{Answer, NewHits};
use super::engine::{RankedSet, Searcher};
use super::local::candidates::{Candidate, Ranked, fold_copies};
use super::local::reading;
use super::{HitKey, Marks, Request, show};
use crate::index::Result;

impl Searcher {
    /// Time of adding of the newest clipping, Unix seconds; 0 for an empty index.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn newest_added(&self) -> Result<i64> {
        reading::newest_added(&self.archive)
    }

    /// The full matches added after `watermark` (Unix seconds) for which `known` is false, given id
    /// and time of adding.
    ///
    /// A near-duplicate of an older clipping is a hit, with the older one as its copy; with
    /// `skip_copies` it is omitted.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn new_hits(
        &self,
        request: &Request,
        watermark: Option<i64>,
        known: &dyn Fn(&str, i64) -> bool,
        skip_copies: bool,
    ) -> Result<NewHits> {
        let (mut candidates, plan) = self.matching(request)?;
        candidates.order(&self.archive, &plan, request)?;
        let candidates = candidates.all();
        let keys: Vec<HitKey> = candidates.iter().map(|c| c.key).collect();
        let added = reading::added(&self.archive, &keys)?;
        let mut late: Vec<(HitKey, i64)> = keys.into_iter().zip(added).collect();
        late.retain(|(_, added)| watermark.is_none_or(|watermark| *added > watermark));
        let keys: Vec<HitKey> = late.iter().map(|(key, _)| *key).collect();
        let ids = self.ids_of(&keys)?.into_iter();
        let recent: Vec<(String, i64)> = ids.zip(late.iter().map(|(_, added)| *added)).collect();
        let new: FxHashSet<HitKey> = keys
            .iter()
            .zip(&recent)
            .filter(|(_, (id, added))| !known(id, *added))
            .map(|(key, _)| *key)
            .collect();
        let mut results = Vec::new();
        if request.all_copies {
            let news = candidates.iter().filter(|c| new.contains(&c.key));
            results.extend(news.map(|c| Ranked::new(c, Vec::new())));
        } else {
            // New clippings first, so that they represent their groups.
            let (news, olds): (Vec<_>, Vec<_>) =
                candidates.iter().partition(|c| new.contains(&c.key));
            let all: Vec<Candidate> = news.into_iter().chain(olds).copied().collect();
            for (first, copies) in fold_copies(&all) {
                let is_old = copies.iter().any(|copy| !new.contains(copy));
                if new.contains(&first.key) && !(skip_copies && is_old) {
                    results.push(Ranked::new(&first, copies));
                }
            }
        }
        let total = results.len() as u64;
        let last = request.end();
        let shown = request.offset.min(results.len())..last.min(results.len());
        let set = RankedSet {
            total,
            partial: 0,
            first_partial: results.len(),
            clippings: new.len() as u64,
            hits: results.drain(shown).collect(),
            facets: None,
            days: None,
            notes: Vec::new(),
            marks: Marks::new(&plan.words, plan.literals),
            words: plan.words,
            nearness: plan.nearness,
        };
        let first = request.offset as u64 + 1;
        Ok(NewHits {
            answer: Answer {
                total,
                clippings: set.clippings,
                hits: show::hits(self, &set, &set.hits, first, request.show)?,
                ..Answer::default()
            },
            recent,
        })
    }
}
