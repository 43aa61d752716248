//! Inverts texts: from the runs of a clipping to the positions of a term.
//!
//! A text is kept as the numbers of its runs. When it is
//! known what terms each run has, the texts are gone through twice: to count how often each term stands
//! there, and to note where.

use std::{io, mem};

use tantivy::DocId;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::Field;

use super::posting_lists::{Layout, PackedPosition, PostingLists};
use crate::analyze::bulk::{Interner, RunSequences, TermTable};

/// About how many terms a run has, and how many times as much memory the terms of a segment take as
/// its runs.
const TERMS_OF_RUN: usize = 3;
const TERMS_FOR_RUNS: usize = 4;

/// The texts of a segment.
pub(super) struct InvertedIndexBuilder {
    /// The different runs.
    pub(super) runs: Interner,
    /// The texts of each field.
    pub(super) fields: Vec<FieldTexts>,
}

/// The texts of one field.
pub(super) struct FieldTexts {
    /// The field.
    pub(super) field: Field,
    texts: RunSequences,
}

impl InvertedIndexBuilder {
    /// Nothing yet of texts of these fields.
    pub(super) fn new(fields: &[Field]) -> InvertedIndexBuilder {
        let texts = |&field| FieldTexts {
            field,
            texts: RunSequences::default(),
        };
        InvertedIndexBuilder {
            runs: Interner::default(),
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
        if let Some(of_field) = self.fields.iter_mut().find(|f| f.field == field) {
            of_field.texts.add(doc, texts, &mut self.runs);
        }
    }

    /// How many different runs there are.
    pub(super) fn runs(&self) -> usize {
        self.runs.count()
    }

    /// Bytes of memory that it takes, with what [`FieldTexts::write`] is likely to take besides.
    pub(super) fn memory(&self) -> usize {
        let texts: usize = self.fields.iter().map(|f| f.texts.memory()).sum();
        let most = self
            .fields
            .iter()
            .map(|f| f.texts.count())
            .max()
            .unwrap_or(0);
        self.runs.memory() * TERMS_FOR_RUNS + texts + most * TERMS_OF_RUN * size_of::<u32>()
    }
}

impl FieldTexts {
    /// Turns the texts over and writes their `terms`. Gives how many terms each of the `docs` clippings
    /// has.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn write(
        mut self,
        terms: &TermTable,
        docs: DocId,
        serializer: &mut InvertedIndexSerializer,
    ) -> io::Result<Vec<u32>> {
        self.texts.fill_up_to(docs);
        let mut often = vec![0u32; terms.runs()];
        let mut lengths = Vec::with_capacity(docs as usize);
        let mut last = 0;
        for (_, placed) in self.texts.docs() {
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
    fn turn<P: PackedPosition>(
        self,
        terms: &TermTable,
        often: &[u32],
        layout: Layout,
    ) -> PostingLists<P> {
        let mut ends = vec![0usize; terms.count()];
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
        for (doc, placed) in self.texts.docs() {
            for (run, position) in placed {
                let place = layout.place(doc, position);
                for &term in terms.of_run(run) {
                    let end = &mut ends[term as usize];
                    places[*end] = place;
                    *end += 1;
                }
            }
        }
        PostingLists {
            field: self.field,
            layout,
            places,
            ends,
        }
    }
}
