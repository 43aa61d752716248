//! The clippings of a segment before it is written.
//!
//! What is kept of all clippings together lies in few large pieces of memory, which go back as a whole
//! when the segment is written: tens of thousands of small ones leave holes.

use std::ops::Range;

use tantivy::fastfield::FastFieldsWriter;
use tantivy::schema::Field;
use tantivy::{DocId, Index};

use super::inverted_index::InvertedIndexBuilder;
use crate::analyze::bulk::MAX_RUNS;
use crate::index::engine::document::IndexDocument;
use crate::index::engine::id_lookup::IdLookupWriter;
use crate::index::{Fields, Result};

/// Clippings of a segment.
pub(super) struct SegmentBuffer {
    /// Their texts.
    pub(super) inversion: InvertedIndexBuilder,
    /// All else of them.
    pub(super) rest: Rest,
}

/// What there is of clippings besides their texts. See [`IndexDocument`].
pub(super) struct Rest {
    /// Names of the clippings, and their numbers.
    pub(super) clippings: Vec<(String, u64)>,
    pub(super) records: Records,
    pub(super) columns: FastFieldsWriter,
    pub(super) keys: IdLookupWriter,
    pub(super) names: Names,
}

/// Records, one after the other.
#[derive(Default)]
pub(super) struct Records {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

/// What is looked up as a whole in some fields, and in which clippings it stands.
#[derive(Default)]
pub(super) struct Names {
    text: String,
    entries: Vec<(Field, Range<u32>, DocId)>,
}

/// Bytes that the keys and columns of a clipping take, about.
const SMALL_THINGS: usize = 300;

impl SegmentBuffer {
    /// No clippings yet.
    ///
    /// # Errors
    /// When the schema says what columns cannot be.
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
            },
        })
    }

    /// Takes a clipping in.
    ///
    /// # Errors
    /// When a value is none of its column.
    pub(super) fn add(&mut self, entry: IndexDocument) -> Result<()> {
        let rest = &mut self.rest;
        let doc = rest.clippings.len() as DocId;
        for (field, texts) in &entry.texts {
            let texts = texts.iter().map(String::as_str);
            self.inversion.add(doc, *field, texts);
        }
        rest.records.add(&entry.record);
        rest.columns.add_document(&entry.columns)?;
        rest.keys.add(doc, &entry.keys);
        for (field, name) in &entry.names {
            rest.names.add(*field, name, doc);
        }
        rest.clippings.push((entry.id, entry.number));
        Ok(())
    }

    /// Whether there are no clippings.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.clippings.is_empty()
    }

    /// Bytes of memory that it takes until it is written; more than there can be when it can number no
    /// more runs.
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

    /// The records in the order of the clippings.
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

    /// All of them, by field, then in alphabetical order, then in the order of the clippings.
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
