//! Evaluates a word term at a time: the scores of each term's postings are summed in an array with
//! a slot per document.
//!
//! A posting takes a few instructions, compared with a hundred for a step document at a time (see
//! `daat`), but all postings have to be read. The array covers a window of 16,384 documents,
//! whose 64 KB fit into L2.

use std::sync::Arc;

use tantivy::DocId;
use tantivy::Score;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;

use super::daat::{OpenWord, Opened, saturated};
use crate::search::local::graph::DocCount;

/// Documents per window; few in tests, so that they have several windows.
pub const WINDOW: usize = if cfg!(test) { 1 << 3 } else { 1 << 14 };

/// The postings of a term in a field.
struct PostingsRef {
    blocks: BlockSegmentPostings,
    /// The first posting in the block that is after all earlier windows.
    next: usize,
    field: usize,
    /// Weight of an occurrence by field length.
    factors: [f32; 256],
}

/// Documents with the word spread over several runs, in one field.
struct ListWindow {
    found: Arc<[DocCount]>,
    /// The first that is after all earlier windows.
    next: usize,
    field: usize,
}

/// A word with its scores in the current window.
pub struct Windowed {
    idf: f32,
    leaves: Vec<PostingsRef>,
    lists: Vec<ListWindow>,
    alternatives: Vec<(f32, Vec<Windowed>)>,
    /// By document in the window; 0 for no match.
    pub scores: Vec<Score>,
}

impl Windowed {
    /// Opens the postings of `word` again, from the beginning.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn of(word: &OpenWord, fields: &[Opened]) -> tantivy::Result<Windowed> {
        let mut leaves = Vec::with_capacity(word.leaves.len());
        for leaf in &word.leaves {
            let field = &fields[leaf.field];
            let option = IndexRecordOption::WithFreqs;
            let index = field.dict.index();
            leaves.push(PostingsRef {
                blocks: index.read_block_postings_from_terminfo(&leaf.info, option)?,
                next: 0,
                field: leaf.field,
                factors: field.factors.map(|factor| leaf.worth * factor),
            });
        }
        let mut alternatives = Vec::with_capacity(word.alternatives.len());
        // Without words, there is no match.
        for alternative in word
            .alternatives
            .iter()
            .filter(|alternative| !alternative.words.is_empty())
        {
            let words = alternative
                .words
                .iter()
                .map(|word| Windowed::of(word, fields));
            alternatives.push((alternative.worth, words.collect::<tantivy::Result<_>>()?));
        }
        let lists = word.lists.iter().map(|list| ListWindow {
            found: Arc::clone(&list.found),
            next: 0,
            field: list.field,
        });
        Ok(Windowed {
            idf: word.idf,
            leaves,
            lists: lists.collect(),
            alternatives,
            scores: Vec::new(),
        })
    }

    /// Computes the scores of `size` documents from `from`. Windows must be ascending.
    pub fn fill(&mut self, from: DocId, size: usize, fields: &[Opened]) {
        self.scores.clear();
        self.scores.resize(size, 0.0);
        for leaf in &mut self.leaves {
            leaf.add(from, &fields[leaf.field], &mut self.scores);
        }
        for list in &mut self.lists {
            list.add(from, &fields[list.field], &mut self.scores);
        }
        for times in &mut self.scores {
            *times = saturated(self.idf, *times);
        }
        let Some((first, others)) = self.alternatives.split_first_mut() else {
            return;
        };
        let best = together(first, from, size, fields);
        for alternative in others {
            for (best, score) in best
                .iter_mut()
                .zip(together(alternative, from, size, fields))
            {
                *best = best.max(*score);
            }
        }
        for (score, alternative) in self.scores.iter_mut().zip(best) {
            *score += *alternative;
        }
    }
}

/// The scores of an alternative. Sums in the same order as document-at-a-time evaluation, so that
/// the results are equal.
fn together<'w>(
    (worth, words): &'w mut (f32, Vec<Windowed>),
    from: DocId,
    size: usize,
    fields: &[Opened],
) -> &'w mut [Score] {
    for word in &mut *words {
        word.fill(from, size, fields);
    }
    let Some((first, others)) = words.split_first_mut() else {
        return &mut [];
    };
    for other in others {
        for (sum, score) in first.scores.iter_mut().zip(&other.scores) {
            *sum = match *sum > 0.0 && *score > 0.0 {
                true => *sum + score,
                false => 0.0,
            };
        }
    }
    for sum in &mut first.scores {
        *sum *= *worth;
    }
    &mut first.scores
}

impl ListWindow {
    /// Adds the frequencies in the window from `from`.
    fn add(&mut self, from: DocId, field: &Opened, scores: &mut [Score]) {
        let rest = self.found.get(self.next..).unwrap_or_default();
        self.next += rest.partition_point(|(doc, _)| *doc < from);
        for &(doc, count) in self.found.get(self.next..).unwrap_or_default() {
            let Some(score) = scores.get_mut((doc - from) as usize) else {
                return;
            };
            let length = usize::from(field.lengths.fieldnorm_id(doc));
            *score += field.factors[length] * count as f32;
            self.next += 1;
        }
    }
}

impl PostingsRef {
    /// Adds the frequencies in the window from `from`.
    fn add(&mut self, from: DocId, field: &Opened, scores: &mut [Score]) {
        if self.blocks.docs().last().is_some_and(|&last| last < from) {
            self.next = self.blocks.seek(from);
        }
        loop {
            let docs = self.blocks.docs();
            let Some(rest) = docs.get(self.next..).filter(|rest| !rest.is_empty()) else {
                if docs.is_empty() {
                    return;
                }
                self.blocks.advance();
                self.next = 0;
                continue;
            };
            let freqs = self.blocks.freqs().iter().skip(self.next);
            for (&doc, &times) in rest.iter().zip(freqs) {
                let place = doc.wrapping_sub(from) as usize;
                let Some(score) = scores.get_mut(place) else {
                    if doc >= from {
                        return;
                    }
                    self.next += 1;
                    continue;
                };
                let length = usize::from(field.lengths.fieldnorm_id(doc));
                *score += self.factors[length] * times as f32;
                self.next += 1;
            }
        }
    }
}
