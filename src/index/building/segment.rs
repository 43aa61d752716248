//! One segment of the engine, built of clippings.

use std::io::Write;

use tantivy::directory::TerminatingWrite;
use tantivy::fastfield::FastFieldsWriter;
use tantivy::fieldnorm::{FieldNormsSerializer, FieldNormsWriter};
use tantivy::index::SegmentComponent;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::{Field, Schema};
use tantivy::store::StoreWriter;
use tantivy::{DocId, Index, Segment, TantivyError};

use super::super::document::Entry;
use super::super::keys::KeysWriter;
use super::super::{Fields, Result};
use super::inversion::{Inversion, MOST_RUNS};
use crate::analyze::Analyzer;

/// A segment that is on disk and not the engine's yet.
pub(crate) struct Finished {
    /// The segment.
    pub(crate) segment: Segment,
    /// The name of each clipping, and its number in the order in which they were handed in.
    pub(crate) clippings: Vec<(String, u64)>,
}

/// A segment to which clippings are added.
pub(super) struct SegmentBuilder {
    segment: Segment,
    schema: Schema,
    inversion: Inversion,
    /// Names, whole: see [`Entry::names`].
    names: Vec<(Field, String, DocId)>,
    name_bytes: usize,
    norms: FieldNormsWriter,
    columns: FastFieldsWriter,
    store: StoreWriter,
    keys: KeysWriter,
    clippings: Vec<(String, u64)>,
}

impl SegmentBuilder {
    /// An empty segment of `index`.
    ///
    /// # Errors
    /// When its files cannot be begun.
    pub(super) fn new(index: &Index, fields: Fields) -> Result<SegmentBuilder> {
        let segment = index.new_segment();
        let schema = index.schema();
        let settings = index.settings();
        let write = segment
            .open_write(SegmentComponent::Store)
            .map_err(TantivyError::from)?;
        let store = StoreWriter::new(
            write,
            settings.docstore_compression,
            settings.docstore_blocksize,
            settings.docstore_compress_dedicated_thread,
        );
        let tokenizers = index.fast_field_tokenizer().clone();
        Ok(SegmentBuilder {
            inversion: Inversion::new(&fields.analyzed()),
            names: Vec::new(),
            name_bytes: 0,
            norms: FieldNormsWriter::for_schema(&schema),
            columns: FastFieldsWriter::from_schema_and_tokenizer_manager(&schema, tokenizers)?,
            store: store.map_err(TantivyError::from)?,
            keys: KeysWriter::default(),
            clippings: Vec::new(),
            segment,
            schema,
        })
    }

    /// Adds clippings.
    ///
    /// # Errors
    /// When a record cannot be written.
    pub(super) fn add(&mut self, entries: Vec<Entry>) -> Result<()> {
        let first = self.clippings.len() as DocId;
        for (doc, entry) in (first..).zip(&entries) {
            for (field, texts) in &entry.texts {
                let texts = texts.iter().map(String::as_str);
                self.inversion.add(doc, *field, texts);
            }
        }
        for (doc, entry) in (first..).zip(entries) {
            let stored = entry.stored();
            self.store
                .store(&stored, &self.schema)
                .map_err(TantivyError::from)?;
            self.columns.add_document(&entry.columns)?;
            self.keys.add(doc, &entry.keys);
            for (field, name) in entry.names {
                self.name_bytes += name.capacity();
                self.names.push((field, name, doc));
            }
            self.clippings.push((entry.id, entry.number));
        }
        Ok(())
    }

    /// Bytes of memory that it takes; more than there can be when it has to be finished.
    pub(super) fn memory(&self) -> usize {
        if self.inversion.runs() >= MOST_RUNS / 2 {
            return usize::MAX;
        }
        self.inversion.memory()
            + self.name_bytes
            + self.names.capacity() * size_of::<(Field, String, DocId)>()
            + self.clippings.capacity() * size_of::<(String, u64)>()
            + self.norms.mem_usage()
            + self.columns.mem_usage()
            + self.store.mem_usage()
            + self.keys.memory()
    }

    /// Analyses the texts and writes what is not on disk yet.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(mut self, analyzer: &mut Analyzer) -> Result<Finished> {
        let docs = self.clippings.len() as DocId;
        self.store.close().map_err(TantivyError::from)?;

        let mut serializer = InvertedIndexSerializer::open(&self.segment)?;
        self.inversion
            .write(docs, analyzer, &mut serializer, &mut self.norms)?;
        write_names(self.names, &mut serializer).map_err(TantivyError::from)?;
        serializer.close().map_err(TantivyError::from)?;

        let norms = self
            .segment
            .open_write(SegmentComponent::FieldNorms)
            .map_err(TantivyError::from)?;
        self.norms.fill_up_to_max_doc(docs);
        FieldNormsSerializer::from_write(norms)
            .and_then(|serializer| self.norms.serialize(serializer, None))
            .map_err(TantivyError::from)?;

        let mut columns = self
            .segment
            .open_write(SegmentComponent::FastFields)
            .map_err(TantivyError::from)?;
        self.columns
            .serialize(&mut columns, None)
            .and_then(|()| columns.flush())
            .and_then(|()| columns.terminate())
            .map_err(TantivyError::from)?;
        self.keys.write(&self.segment)?;

        let segment = self.segment.with_max_doc(docs);
        segment.meta().untrack_temp_docstore();
        Ok(Finished {
            segment,
            clippings: self.clippings,
        })
    }
}

/// Writes names, each a term with the clippings that have it.
fn write_names(
    mut names: Vec<(Field, String, DocId)>,
    serializer: &mut InvertedIndexSerializer,
) -> std::io::Result<()> {
    names.sort_unstable();
    for of_field in names.chunk_by(|a, b| a.0 == b.0) {
        let mut out = serializer.new_field(of_field[0].0, of_field.len() as u64, None)?;
        for of_name in of_field.chunk_by(|a, b| a.1 == b.1) {
            out.new_term(of_name[0].1.as_bytes(), 0, true)?;
            for of_doc in of_name.chunk_by(|a, b| a.2 == b.2) {
                out.write_doc(of_doc[0].2, 0, &[]);
            }
            out.close_term()?;
        }
        out.close()?;
    }
    Ok(())
}
