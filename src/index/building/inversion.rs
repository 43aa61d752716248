//! Texts turned over: from what stands in a clipping to where a term stands.
//!
//! Under `draft`, and between it and `lists`. A text is kept as the numbers of its runs, one after the
//! other. When it is known what terms each run has, the texts are gone through twice: to count how
//! often each term stands there, and to note where.

use std::{array, io, mem};

use tantivy::DocId;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::Field;

use super::lists::{Layout, Lists, Place};
use super::terms::Terms;
use super::vocabulary::Vocabulary;
use crate::analyze::runs_and_compounds;

/// A run in a text: its number in the lower bits, above them by how many positions it stands after the
/// run before.
const NUMBER_BITS: u32 = 27;
const NUMBER: u32 = (1 << NUMBER_BITS) - 1;
/// The highest step says that the real one follows.
const FAR: u32 = u32::MAX >> NUMBER_BITS;

/// Runs that are looked up together.
const BATCH: usize = 16;

/// Positions between two texts of one field.
const GAP: u32 = 1;

/// About how many terms a run has, and how many times as much memory the terms of a segment take as
/// its runs.
const TERMS_OF_RUN: usize = 3;
const TERMS_FOR_RUNS: usize = 4;

/// The most runs that an inversion can number.
pub(super) const MOST_RUNS: usize = NUMBER as usize;

/// The texts of a segment.
pub(super) struct Inversion {
    /// The different runs.
    pub(super) runs: Vocabulary,
    /// The texts of each field.
    pub(super) fields: Vec<Texts>,
}

/// The texts of one field.
pub(super) struct Texts {
    /// The field.
    pub(super) field: Field,
    /// See [`NUMBER_BITS`].
    runs: Vec<u32>,
    /// Where the runs of each clipping end.
    ends: Vec<usize>,
}

impl Inversion {
    /// Nothing yet of texts of these fields.
    pub(super) fn new(fields: &[Field]) -> Inversion {
        let texts = |&field| Texts {
            field,
            runs: Vec::new(),
            ends: Vec::new(),
        };
        Inversion {
            runs: Vocabulary::default(),
            fields: fields.iter().map(texts).collect(),
        }
    }

    /// Takes the texts of a clipping's `field`. Clippings come in their order.
    pub(super) fn add<'t>(
        &mut self,
        doc: DocId,
        field: Field,
        texts: impl Iterator<Item = &'t str>,
    ) {
        let Some(of_field) = self.fields.iter_mut().find(|texts| texts.field == field) else {
            return;
        };
        of_field.fill_up_to(doc);
        // Positions: that of the run before, that at which the text begins, that after the last run.
        let (mut last, mut base, mut end) = (0, 0u32, 0u32);
        for text in texts {
            let mut runs = runs_and_compounds(text);
            loop {
                let batch: [_; BATCH] = array::from_fn(|_| runs.next());
                let words = batch.map(|run| run.map_or((0, 0), |(from, to, _)| (from, to)));
                let numbers = self.runs.numbers(text, words);
                for ((.., position), number) in batch.into_iter().flatten().zip(numbers) {
                    let position = base.saturating_add(position);
                    let step = position - mem::replace(&mut last, position);
                    of_field.runs.push(step.min(FAR) << NUMBER_BITS | number);
                    if step >= FAR {
                        of_field.runs.push(step);
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
        of_field.ends.push(of_field.runs.len());
    }

    /// How many different runs there are.
    pub(super) fn runs(&self) -> usize {
        self.runs.len()
    }

    /// Bytes of memory that it takes, with what [`Texts::write`] is likely to take besides.
    pub(super) fn memory(&self) -> usize {
        let words: usize = self.fields.iter().map(|f| f.runs.capacity()).sum();
        let most = self.fields.iter().map(|f| f.runs.len()).max().unwrap_or(0);
        self.runs.memory() * TERMS_FOR_RUNS
            + words * size_of::<u32>()
            + most * TERMS_OF_RUN * size_of::<u32>()
    }
}

impl Texts {
    /// Notes that the clippings before `doc` that were not told of have nothing here.
    fn fill_up_to(&mut self, doc: DocId) {
        self.ends.resize(doc as usize, self.runs.len());
    }

    /// The clippings in their order, each as its runs: numbers and positions.
    fn docs(&self) -> impl Iterator<Item = (DocId, impl Iterator<Item = (usize, u32)>)> {
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
            (doc as DocId, placed)
        })
    }

    /// Turns the texts over and writes their `terms`. Gives how many terms each of the `docs` clippings
    /// has.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn write(
        mut self,
        terms: &Terms,
        docs: DocId,
        serializer: &mut InvertedIndexSerializer,
    ) -> io::Result<Vec<u32>> {
        self.fill_up_to(docs);
        let mut often = vec![0u32; terms.runs()];
        let mut lengths = Vec::with_capacity(self.ends.len());
        let mut last = 0;
        for (_, placed) in self.docs() {
            let mut length = 0;
            for (run, position) in placed {
                often[run] += 1;
                length += terms.of_run(run).len() as u32;
                last = last.max(position);
            }
            lengths.push(length);
        }
        let layout = Layout::of(last);
        match layout.is_narrow(docs) {
            true => self
                .turn::<u32>(terms, &often, layout)
                .write(terms, serializer)?,
            false => self
                .turn::<u64>(terms, &often, layout)
                .write(terms, serializer)?,
        }
        Ok(lengths)
    }

    /// The places of all `terms`. `often` says how often each run stands in the texts.
    fn turn<P: Place>(self, terms: &Terms, often: &[u32], layout: Layout) -> Lists<P> {
        let mut ends = vec![0usize; terms.len()];
        for (run, often) in often.iter().enumerate().filter(|(_, often)| **often > 0) {
            for &term in terms.of_run(run) {
                ends[term as usize] += *often as usize;
            }
        }
        let mut total = 0;
        for end in &mut ends {
            total += mem::replace(end, total);
        }
        // The ends are where the next place of each term goes, until all places are there.
        let mut places = vec![P::default(); total];
        for (doc, placed) in self.docs() {
            for (run, position) in placed {
                let place = layout.place(doc, position);
                for &term in terms.of_run(run) {
                    let end = &mut ends[term as usize];
                    places[*end] = place;
                    *end += 1;
                }
            }
        }
        Lists {
            field: self.field,
            layout,
            places,
            ends,
        }
    }
}
