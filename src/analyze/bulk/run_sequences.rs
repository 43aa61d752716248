//! Texts as sequences of run ids.

use std::{array, mem};

use super::super::runs_and_compounds;
use super::interner::Interner;

/// A run takes one `u32`: its id in the low bits, and above them the distance to the position of
/// the previous run.
const ID_BITS: u32 = 27;
const ID_MASK: u32 = (1 << ID_BITS) - 1;
/// The largest distance is an escape: the actual distance follows as another `u32`.
const DISTANCE_ESCAPE: u32 = u32::MAX >> ID_BITS;

/// Maximum number of distinct runs.
pub const MAX_RUNS: usize = ID_MASK as usize;

/// Number of runs interned at once.
const BATCH: usize = 16;

/// Gap in positions between two texts of a document.
const GAP: u32 = 1;

/// The texts of many documents.
#[derive(Default)]
pub struct RunSequences {
    /// Encoded as described at [`ID_BITS`].
    runs: Vec<u32>,
    /// End offset of each document in `runs`.
    ends: Vec<usize>,
}

impl RunSequences {
    /// Adds the texts of a document. `interner` must have fewer than [`MAX_RUNS`] words. Documents
    /// must be added in ascending order; a skipped one has no text.
    pub fn add<'t>(
        &mut self,
        doc: u32,
        texts: impl Iterator<Item = &'t str>,
        interner: &mut Interner,
    ) {
        self.fill_up_to(doc);
        // Position of the previous run, start of the text, and end of the last run.
        let (mut last, mut base, mut end) = (0, 0u32, 0u32);
        for text in texts {
            let mut runs = runs_and_compounds(text);
            loop {
                let batch: [_; BATCH] = array::from_fn(|_| runs.next());
                let words = batch.map(|run| run.map_or((0, 0), |(from, to, _)| (from, to)));
                let ids = interner.intern_all(text, words);
                for ((.., position), id) in batch.into_iter().flatten().zip(ids) {
                    let position = base.saturating_add(position);
                    let distance = position - mem::replace(&mut last, position);
                    self.runs
                        .push(distance.min(DISTANCE_ESCAPE) << ID_BITS | id);
                    if distance >= DISTANCE_ESCAPE {
                        self.runs.push(distance);
                    }
                    end = position.saturating_add(1);
                }
                if batch[BATCH - 1].is_none() {
                    break;
                }
            }
            end = end.saturating_add(GAP);
            base = end;
        }
        self.ends.push(self.runs.len());
    }

    /// Adds empty documents up to `doc`, exclusive.
    pub fn fill_up_to(&mut self, doc: u32) {
        self.ends.resize(doc as usize, self.runs.len());
    }

    /// The runs of every document, as ids and positions.
    pub fn docs(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = (usize, u32)>)> {
        let mut start = 0;
        self.ends.iter().enumerate().map(move |(doc, &end)| {
            let mut runs = self.runs[start..end].iter();
            start = end;
            let mut position = 0;
            let runs = std::iter::from_fn(move || {
                let run = runs.next()?;
                position += match run >> ID_BITS {
                    DISTANCE_ESCAPE => *runs.next()?,
                    distance => distance,
                };
                Some(((run & ID_MASK) as usize, position))
            });
            (doc as u32, runs)
        })
    }

    /// Number of runs in all texts, or slightly more.
    pub fn count(&self) -> usize {
        self.runs.len()
    }

    /// Bytes of memory allocated.
    pub fn memory(&self) -> usize {
        self.runs.capacity() * size_of::<u32>() + self.ends.capacity() * size_of::<usize>()
    }
}
