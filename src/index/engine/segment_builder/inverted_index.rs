//! Inverts texts: from runs per document to positions per term.
//!
//! A text is stored as a sequence of run ids. Once the terms of every run are known, the texts are
//! traversed twice: first to count the positions of each term, then to write them at their final
//! offsets.

use std::{io, mem};

use tantivy::DocId;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::Field;

use super::posting_lists::{Layout, PackedPosition, PostingLists};
use crate::analyze::bulk::{Interner, RunSequences, TermTable};

/// Estimates: terms per run, and memory of the terms of a segment relative to its runs.
const TERMS_OF_RUN: usize = 3;
const TERMS_FOR_RUNS: usize = 4;

/// The analyzed texts of a segment.
pub(super) struct InvertedIndexBuilder {
    /// The distinct runs.
    pub(super) runs: Interner,
    pub(super) fields: Vec<FieldTexts>,
}

/// The texts of one field.
pub(super) struct FieldTexts {
    pub(super) field: Field,
    texts: RunSequences,
}

impl InvertedIndexBuilder {
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

    /// Adds the texts of a field of a document. Documents must come in order.
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

    /// Number of distinct runs.
    pub(super) fn runs(&self) -> usize {
        self.runs.count()
    }

    /// Bytes of memory, including the estimated need of [`FieldTexts::write`].
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
    /// Inverts the texts and writes their postings. Returns the number of terms in each of the
    /// `docs` documents.
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
        let mut frequencies = vec![0u32; terms.runs()];
        let mut lengths = Vec::with_capacity(docs as usize);
        let mut last = 0;
        for (_, runs) in self.texts.docs() {
            let mut length = 0;
            for (run, position) in runs {
                frequencies[run] += 1;
                length += terms.of_run(run).len() as u32;
                last = last.max(position);
            }
            lengths.push(length);
        }
        let layout = Layout::of(last);
        match layout.is_narrow(docs) {
            true => self
                .invert::<u32>(terms, &frequencies, layout)
                .write(terms, serializer)?,
            false => self
                .invert::<u64>(terms, &frequencies, layout)
                .write(terms, serializer)?,
        }
        Ok(lengths)
    }

    /// Fills the posting lists of all `terms`. `frequencies` has the number of occurrences of each
    /// run.
    fn invert<P: PackedPosition>(
        self,
        terms: &TermTable,
        frequencies: &[u32],
        layout: Layout,
    ) -> PostingLists<P> {
        let mut ends = vec![0usize; terms.count()];
        for (run, &frequency) in frequencies.iter().enumerate().filter(|(_, f)| **f > 0) {
            for &term in terms.of_run(run) {
                ends[term as usize] += frequency as usize;
            }
        }
        let mut total = 0;
        for end in &mut ends {
            total += mem::replace(end, total);
        }
        // `ends` now holds start offsets, each of which advances as positions of the term are
        // written.
        let mut positions = vec![P::default(); total];
        for (doc, runs) in self.texts.docs() {
            for (run, position) in runs {
                let packed = layout.pack(doc, position);
                for &term in terms.of_run(run) {
                    let end = &mut ends[term as usize];
                    positions[*end] = packed;
                    *end += 1;
                }
            }
        }
        PostingLists {
            field: self.field,
            layout,
            positions,
            ends,
        }
    }
}
