//! Writes a segment buffer to disk as a segment.

use std::borrow::Cow;
use std::io::{self, Write};
use std::thread;

use tantivy::directory::TerminatingWrite;
use tantivy::fastfield::FastFieldsWriter;
use tantivy::fieldnorm::{FieldNormsSerializer, FieldNormsWriter};
use tantivy::index::SegmentComponent;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::store::StoreWriter;
use tantivy::{DocId, Segment, TantivyDocument, TantivyError};

use super::inverted_index::{FieldTexts, InvertedIndexBuilder};
use super::segment_buffer::{Names, Records, Rest, SegmentBuffer};
use super::{BuildContext, panicked};
use crate::analyze::TermKind;
use crate::analyze::bulk::TermTable;
use crate::index::Result;
use crate::index::engine::term::{MAX_TERM_BYTES, encode};

/// A segment on disk that tantivy does not know yet.
pub(crate) struct BuiltSegment {
    pub(crate) segment: Segment,
    /// Id and sequence number of each document.
    pub(crate) clippings: Vec<(String, u64)>,
}

/// Writes `buffer` as a segment.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(context: &BuildContext, buffer: SegmentBuffer) -> Result<BuiltSegment> {
    // Records are compressed with the dictionary, which is trained on the first records of an
    // index.
    if let Some(codec) = &context.codec {
        codec.finish_training()?;
    }
    let segment = context.index.new_segment();
    let SegmentBuffer {
        inversion: InvertedIndexBuilder { runs, fields },
        rest,
    } = buffer;
    let Rest {
        clippings,
        records,
        columns,
        keys,
        names,
        lengths,
    } = rest;
    let docs = clippings.len() as DocId;
    let runs = runs.into_words();
    let is_indexed = |run: &str| context.runs.as_ref().is_none_or(|filter| filter(run));
    let terms = TermTable::build(
        &runs,
        &context.language,
        context.threads,
        &is_indexed,
        &write_term,
    )
    .map_err(|panic| panicked(&*panic))?;
    drop(runs);
    thread::scope(|scope| {
        let rest = scope.spawn(|| {
            write_records(context, &segment, &records)?;
            write_columns(&segment, columns)?;
            Ok(keys.write(&segment)?)
        });
        let written = write_terms(&segment, fields, &terms, &names, &lengths);
        let rest = rest.join().map_err(|panic| panicked(&*panic))?;
        written.and(rest)
    })?;
    let segment = segment.with_max_doc(docs);
    segment.meta().untrack_temp_docstore();
    Ok(BuiltSegment { segment, clippings })
}

/// Encodes a term, unless it is too long to be indexed.
fn write_term(kind: TermKind, text: &str, out: &mut String) -> bool {
    let is_kept = text.len() < MAX_TERM_BYTES;
    if is_kept {
        encode(kind, text, out);
    }
    is_kept
}

/// Writes terms, postings, positions and field lengths; those in `lengths` are known.
fn write_terms(
    segment: &Segment,
    fields: Vec<FieldTexts>,
    terms: &TermTable,
    names: &Names,
    lengths: &[Option<[u32; 3]>],
) -> Result<()> {
    let docs = lengths.len() as DocId;
    let mut norms = FieldNormsWriter::for_schema(&segment.schema());
    let mut serializer = InvertedIndexSerializer::open(segment)?;
    for (n, texts) in fields.into_iter().enumerate() {
        let field = texts.field;
        let counted = texts
            .write(terms, docs, &mut serializer)
            .map_err(TantivyError::from)?;
        for ((doc, counted), known) in (0..).zip(counted).zip(lengths) {
            let known = known.as_ref().and_then(|known| known.get(n));
            norms.record(doc, field, known.copied().unwrap_or(counted));
        }
    }
    write_names(names, &mut serializer)
        .and_then(|()| serializer.close())
        .map_err(TantivyError::from)?;
    norms.fill_up_to_max_doc(docs);
    let file = segment
        .open_write(SegmentComponent::FieldNorms)
        .map_err(TantivyError::from)?;
    FieldNormsSerializer::from_write(file)
        .and_then(|serializer| norms.serialize(serializer, None))
        .map_err(TantivyError::from)?;
    Ok(())
}

/// Writes the document store.
fn write_records(context: &BuildContext, segment: &Segment, records: &Records) -> Result<()> {
    let schema = context.index.schema();
    let settings = context.index.settings();
    let file = segment
        .open_write(SegmentComponent::Store)
        .map_err(TantivyError::from)?;
    let mut store = StoreWriter::new(
        file,
        settings.docstore_compression,
        settings.docstore_blocksize,
        settings.docstore_compress_dedicated_thread,
    )
    .map_err(TantivyError::from)?;
    for record in records.iter() {
        let packed: Cow<'_, [u8]> = match &context.codec {
            Some(codec) => codec.compress(record).into(),
            None => record.into(),
        };
        let mut stored = TantivyDocument::with_capacity(packed.len() + 16);
        stored.add_bytes(context.fields.record, &packed);
        store.store(&stored, &schema).map_err(TantivyError::from)?;
    }
    Ok(store.close().map_err(TantivyError::from)?)
}

fn write_columns(segment: &Segment, mut columns: FastFieldsWriter) -> Result<()> {
    let mut file = segment
        .open_write(SegmentComponent::FastFields)
        .map_err(TantivyError::from)?;
    Ok(columns
        .serialize(&mut file, None)
        .and_then(|()| file.flush())
        .and_then(|()| file.terminate())
        .map_err(TantivyError::from)?)
}

/// Writes the exact terms.
fn write_names(names: &Names, serializer: &mut InvertedIndexSerializer) -> io::Result<()> {
    let names = names.sorted();
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
