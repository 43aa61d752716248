//! The documents of a segment before it is written.
//!
//! Data of all documents are concatenated in a few large allocations, which are freed at once when
//! the segment is written; tens of thousands of small ones would fragment the heap.

use std::ops::Range;

use tantivy::fastfield::FastFieldsWriter;
use tantivy::schema::Field;
use tantivy::{DocId, Index};

use super::inverted_index::InvertedIndexBuilder;
use crate::analyze::bulk::MAX_RUNS;
use crate::index::engine::document::IndexDocument;
use crate::index::engine::id_lookup::IdLookupWriter;
use crate::index::{Fields, Result};

pub(super) struct SegmentBuffer {
    /// Analyzed texts.
    pub(super) inversion: InvertedIndexBuilder,
    /// Everything else.
    pub(super) rest: Rest,
}

/// Data of documents besides the analyzed texts, see [`IndexDocument`].
pub(super) struct Rest {
    /// Ids and sequence numbers.
    pub(super) clippings: Vec<(String, u64)>,
    pub(super) records: Records,
    pub(super) columns: FastFieldsWriter,
    pub(super) keys: IdLookupWriter,
    pub(super) names: Names,
    /// See [`IndexDocument::lengths`].
    pub(super) lengths: Vec<Option<[u32; 3]>>,
}

/// Records, concatenated.
#[derive(Default)]
pub(super) struct Records {
    bytes: Vec<u8>,
    /// End offset of each.
    ends: Vec<usize>,
}

/// Exact terms with their documents.
#[derive(Default)]
pub(super) struct Names {
    text: String,
    entries: Vec<(Field, Range<u32>, DocId)>,
}

/// Estimated bytes of hashes and columns per document.
const SMALL_THINGS: usize = 300;

impl SegmentBuffer {
    /// # Errors
    /// When tantivy rejects the schema's columns.
    pub(super) fn new(index: &Index, fields: Fields) -> Result<SegmentBuffer> {
        let tokenizers = index.fast_field_tokenizer().clone();
        let schema = index.schema();
        Ok(SegmentBuffer {
            inversion: InvertedIndexBuilder::new(&fields.analyzed()),
            rest: Rest {
                clippings: Vec::new(),
                records: Records::default(),
                columns: FastFieldsWriter::from_schema_and_tokenizer_manager(&schema, tokenizers)?,
                keys: IdLookupWriter::default(),
                names: Names::default(),
                lengths: Vec::new(),
            },
        })
    }

    /// Adds a document.
    ///
    /// # Errors
    /// When a value does not fit its column.
    pub(super) fn add(&mut self, document: IndexDocument) -> Result<()> {
        let rest = &mut self.rest;
        let doc = rest.clippings.len() as DocId;
        for (field, texts) in &document.texts {
            let texts = texts.iter().map(String::as_str);
            self.inversion.add(doc, *field, texts);
        }
        rest.records.add(&document.record);
        rest.lengths.push(document.lengths);
        rest.columns.add_document(&document.columns)?;
        rest.keys.add(doc, &document.keys);
        for (field, name) in &document.names {
            rest.names.add(*field, name, doc);
        }
        rest.clippings.push((document.id, document.number));
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.clippings.is_empty()
    }

    /// Bytes of memory needed until the segment is written; `usize::MAX` when run ids or offsets
    /// are about to overflow.
    pub(super) fn memory(&self) -> usize {
        let Rest {
            clippings,
            records,
            names,
            ..
        } = &self.rest;
        match self.inversion.runs() < MAX_RUNS / 2 && names.text.len() < u32::MAX as usize / 2 {
            true => {
                let small = clippings.len() * SMALL_THINGS;
                self.inversion.memory() + records.bytes.len() + names.text.len() + small
            }
            false => usize::MAX,
        }
    }
}

impl Records {
    fn add(&mut self, record: &[u8]) {
        self.bytes.extend_from_slice(record);
        self.ends.push(self.bytes.len());
    }

    /// The records in document order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let record = &self.bytes[start..end];
            start = end;
            record
        })
    }
}

impl Names {
    fn add(&mut self, field: Field, name: &str, doc: DocId) {
        let start = self.text.len() as u32;
        self.text.push_str(name);
        let end = self.text.len() as u32;
        self.entries.push((field, start..end, doc));
    }

    /// Sorted by field, term and document.
    pub(super) fn sorted(&self) -> Vec<(Field, &str, DocId)> {
        let entries = self.entries.iter().map(|(field, range, doc)| {
            let name = &self.text[range.start as usize..range.end as usize];
            (*field, name, *doc)
        });
        let mut sorted: Vec<_> = entries.collect();
        sorted.sort_unstable();
        sorted
    }
}
