//! All clippings that match in full, for counting them and for telling what is new.
//!
//! Beside ranking: where `search` falls back on partial matches when nothing has all words, and
//! only ranks by the words of a long query, here all words are demanded. A count of partial matches
//! would mean nothing.

use rustc_hash::FxHashSet;
use tantivy::DocAddress;
use tantivy::columnar::Column;

use super::local::candidates::{Candidate, Candidates, fold_copies};
use super::{Engine, Found, FoundHit, Marks, Request};
use crate::index::Result;

/// What of a saved search is new.
#[derive(Debug)]
pub struct NewHits {
    /// The new clippings, each group of near-duplicates folded into the first of them.
    pub found: Found,
    /// Name and time (unix seconds) of taking in of every clipping that matches and was taken in
    /// after the time asked for, the new ones among them.
    pub recent: Vec<(String, i64)>,
}

impl Engine {
    /// All that matches in full, in the order of the index, with how `request` was understood.
    pub(super) fn matching(&mut self, request: &Request) -> Result<(Candidates, super::Plan)> {
        let plan = self.plan(request)?;
        let candidates = Candidates::of(&self.archive, &plan, &*plan.query)?;
        Ok((candidates, plan))
    }

    /// Where everything is that matches in full.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn addresses(&mut self, request: &Request) -> Result<FxHashSet<DocAddress>> {
        let (candidates, _) = self.matching(request)?;
        Ok(candidates.all().iter().map(|c| c.address).collect())
    }

    /// What matches in full and is new: it was taken in after `watermark` (unix seconds) and is not
    /// `known` by its name and the time it was taken in at.
    ///
    /// A near-duplicate of an older clipping is a result of its own, with the older one as its
    /// copy; with `skip_copies` it is none.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn fresh(
        &mut self,
        request: &Request,
        watermark: Option<i64>,
        known: &dyn Fn(&str, i64) -> bool,
        skip_copies: bool,
    ) -> Result<NewHits> {
        let (mut candidates, plan) = self.matching(request)?;
        candidates.order(&self.archive, &plan, request)?;
        let candidates = candidates.all();
        let mut late = Vec::new();
        let stamps = self.stamps()?;
        for candidate in candidates {
            let stamps = stamps.get(candidate.address.segment_ord as usize);
            let added = stamps.and_then(|column| column.first(candidate.address.doc_id));
            let added = added.unwrap_or_default();
            if watermark.is_none_or(|watermark| added > watermark) {
                late.push((candidate.address, added));
            }
        }
        let ids = self.ids(late.iter().map(|(address, _)| *address))?;
        let recent: Vec<(String, i64)> = ids
            .into_iter()
            .zip(late.iter().map(|(_, added)| *added))
            .collect();
        let new: FxHashSet<DocAddress> = late
            .iter()
            .zip(&recent)
            .filter(|(_, (id, added))| !known(id, *added))
            .map(|((address, _), _)| *address)
            .collect();
        let is_new = |address: DocAddress| new.contains(&address);
        let mut results = Vec::new();
        if request.all_copies {
            let news = candidates.iter().filter(|c| is_new(c.address));
            results.extend(news.map(|c| hit(c, Vec::new())));
        } else {
            // The new ones first, so that one of them stands for its group.
            let (news, olds): (Vec<_>, Vec<_>) = candidates.iter().partition(|c| is_new(c.address));
            let all: Vec<Candidate> = news.into_iter().chain(olds).copied().collect();
            for (first, copies) in fold_copies(&all) {
                let told = copies.iter().any(|&copy| !is_new(copy));
                if is_new(first.address) && !(skip_copies && told) {
                    results.push(hit(&first, copies));
                }
            }
        }
        Ok(NewHits {
            found: Found {
                total: results.len(),
                partial: false,
                hits: results,
                marks: Marks::new(&plan.words, plan.phrases),
                facets: None,
                words: plan.words,
            },
            recent,
        })
    }

    /// By segment, when each clipping was first taken in, in unix seconds.
    fn stamps(&self) -> Result<Vec<Column<i64>>> {
        let readers = self.archive.searcher().segment_readers().iter();
        let columns = readers.map(|reader| reader.fast_fields().i64("added"));
        Ok(columns.collect::<tantivy::Result<_>>()?)
    }
}

fn hit(candidate: &Candidate, copies: Vec<DocAddress>) -> FoundHit {
    FoundHit {
        address: candidate.address,
        score: candidate.score,
        copies,
    }
}
