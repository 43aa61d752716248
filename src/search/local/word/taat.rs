//! A word found all at once: what the postings of each term are worth is added up in an array with a
//! place for each clipping of a window.
//!
//! That takes a few instructions a posting where a step (see `steps`) takes a hundred, but it reads all
//! postings of the window. A window is small enough to stay in the processor's own memory.

use std::sync::Arc;

use tantivy::DocId;
use tantivy::Score;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;

use super::daat::{OpenWord, Opened, saturated};
use crate::search::local::graph::Found;

/// Clippings of a window; fewer in tests, which have few.
pub const WINDOW: usize = if cfg!(test) { 1 << 3 } else { 1 << 14 };

/// The postings of one term in one field.
struct PostingsRef {
    blocks: BlockSegmentPostings,
    /// The first posting in the block that no window had.
    next: usize,
    field: usize,
    /// What an occurrence is worth by the length of the field.
    factors: [f32; 256],
}

/// Where a word stands in several runs, in one field.
struct ListWindow {
    found: Arc<[Found]>,
    /// The first that no window had.
    next: usize,
    field: usize,
}

/// A word with the scores of a window.
pub struct Windowed {
    idf: f32,
    leaves: Vec<PostingsRef>,
    lists: Vec<ListWindow>,
    alternatives: Vec<(f32, Vec<Windowed>)>,
    /// The score of each clipping; 0 for those that have not the word.
    pub scores: Vec<Score>,
}

impl Windowed {
    /// A word that is open, read from the beginning.
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
        // Nothing is found by no words.
        for way in word.alternatives.iter().filter(|way| !way.words.is_empty()) {
            let words = way.words.iter().map(|word| Windowed::of(word, fields));
            alternatives.push((way.worth, words.collect::<tantivy::Result<_>>()?));
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

    /// Works out the scores of the window of `size` clippings that begins at `from`, behind all windows
    /// before.
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
        for way in others {
            for (best, score) in best.iter_mut().zip(together(way, from, size, fields)) {
                *best = best.max(*score);
            }
        }
        for (score, way) in self.scores.iter_mut().zip(best) {
            *score += *way;
        }
    }
}

/// Works out what a way is worth in a window. The sums are made in the order of steps, so that they
/// are the same.
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
    /// Adds what the clippings of the window that begins at `from` are worth.
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
    /// Adds what the postings of the window that begins at `from` are worth.
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
