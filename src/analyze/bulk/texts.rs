//! Texts as the numbers of their runs.
//!
//! First step in bulk: a text is cut into runs, which are looked up and never looked at again.

use std::{array, mem};

use super::super::runs_and_compounds;
use super::vocabulary::Vocabulary;

/// A run in a text: its number in the lower bits, above them by how many positions it stands after the
/// run before.
const NUMBER_BITS: u32 = 27;
const NUMBER: u32 = (1 << NUMBER_BITS) - 1;
/// The highest step says that the real one follows.
const FAR: u32 = u32::MAX >> NUMBER_BITS;

/// The most different runs that there may be.
pub const MOST_RUNS: usize = NUMBER as usize;

/// Runs that are looked up together.
const BATCH: usize = 16;

/// Positions between two texts of one document.
const GAP: u32 = 1;

/// The texts of many documents.
#[derive(Default)]
pub struct Texts {
    /// See [`NUMBER_BITS`].
    runs: Vec<u32>,
    /// Where the runs of each document end.
    ends: Vec<usize>,
}

impl Texts {
    /// Takes the texts of a document, one after the other; their runs are numbered by `runs`, which must
    /// have fewer than [`MOST_RUNS`]. Documents come in their order; one that does not come has none.
    pub fn add<'t>(
        &mut self,
        doc: u32,
        texts: impl Iterator<Item = &'t str>,
        runs: &mut Vocabulary,
    ) {
        self.fill_up_to(doc);
        // Positions: that of the run before, that at which the text begins, that after the last run.
        let (mut last, mut base, mut end) = (0, 0u32, 0u32);
        for text in texts {
            let mut cut = runs_and_compounds(text);
            loop {
                let batch: [_; BATCH] = array::from_fn(|_| cut.next());
                let words = batch.map(|run| run.map_or((0, 0), |(from, to, _)| (from, to)));
                let numbers = runs.numbers(text, words);
                for ((.., position), number) in batch.into_iter().flatten().zip(numbers) {
                    let position = base.saturating_add(position);
                    let step = position - mem::replace(&mut last, position);
                    self.runs.push(step.min(FAR) << NUMBER_BITS | number);
                    if step >= FAR {
                        self.runs.push(step);
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

    /// Notes that the documents before `doc` that did not come have no text.
    pub fn fill_up_to(&mut self, doc: u32) {
        self.ends.resize(doc as usize, self.runs.len());
    }

    /// The documents in their order, each as its runs: numbers and positions.
    pub fn docs(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = (usize, u32)>)> {
        let mut start = 0;
        self.ends.iter().enumerate().map(move |(doc, &end)| {
            let mut runs = self.runs[start..end].iter();
            start = end;
            let mut position = 0;
            let placed = std::iter::from_fn(move || {
                let run = runs.next()?;
                position += match run >> NUMBER_BITS {
                    FAR => *runs.next()?,
                    step => step,
                };
                Some(((run & NUMBER) as usize, position))
            });
            (doc as u32, placed)
        })
    }

    /// How many runs stand in the texts, or a few more.
    pub fn count(&self) -> usize {
        self.runs.len()
    }

    /// Bytes of memory that they take.
    pub fn memory(&self) -> usize {
        self.runs.capacity() * size_of::<u32>() + self.ends.capacity() * size_of::<usize>()
    }
}
