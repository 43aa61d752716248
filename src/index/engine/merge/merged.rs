//! Writes segments as one: one after the other, without what was taken out of them.
//!
//! Under `merging`. What lies on disk is the engine's own format, written by its own serializers.
//! A field either has positions or nothing but clippings (see `schema`): how often a clipping has a term
//! is how many positions there are.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tantivy::columnar::{
    ColumnarReader, MergeRowOrder, RowAddr, ShuffleMergeOrder, StackMergeOrder, merge_columnar,
};
use tantivy::directory::{CompositeFile, FileSlice, TerminatingWrite};
use tantivy::fieldnorm::{FieldNormReader, FieldNormsSerializer, FieldNormsWriter};
use tantivy::index::SegmentComponent;
use tantivy::positions::PositionReader;
use tantivy::postings::{BlockSegmentPostings, FieldSerializer, InvertedIndexSerializer, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::store::StoreWriter;
use tantivy::termdict::TermMerger;
use tantivy::{
    DocId, HasLen, Index, InvertedIndexReader, Segment, SegmentReader, TERMINATED, TantivyError,
};

use crate::index::engine::id_lookup;

/// Blocks of records that are kept while records are copied one by one.
const KEPT_BLOCKS: usize = 2;

/// A segment on its way into another.
struct Source<'r> {
    reader: &'r SegmentReader,
    moved: DocIdMapping,
}

/// Where the clippings of a segment go.
enum DocIdMapping {
    /// All of them: by so much.
    By(DocId),
    /// Where each goes; [`TERMINATED`] for those that are taken out.
    To(Vec<DocId>),
}

impl DocIdMapping {
    /// Where a clipping goes; `None` when it was taken out.
    fn place(&self, doc: DocId) -> Option<DocId> {
        match self {
            DocIdMapping::By(step) => Some(doc + step),
            DocIdMapping::To(places) => {
                let place = places.get(doc as usize).copied();
                place.filter(|&place| place != TERMINATED)
            }
        }
    }
}

/// Writes the clippings of `readers` as one segment of `index`; `None` when there are none.
///
/// # Errors
/// When they cannot be read or written, and when `stop` says that it is not to go on.
pub(super) fn write(
    index: &Index,
    readers: &[SegmentReader],
    stop: &AtomicBool,
) -> tantivy::Result<Option<Segment>> {
    let mut docs = 0;
    let sources: Vec<Source<'_>> = readers
        .iter()
        .map(|reader| {
            let moved = match reader.has_deletes() {
                false => DocIdMapping::By(docs),
                true => {
                    let mut places = vec![TERMINATED; reader.max_doc() as usize];
                    for (doc, place) in reader.doc_ids_alive().zip(docs..) {
                        places[doc as usize] = place;
                    }
                    DocIdMapping::To(places)
                }
            };
            docs += reader.num_docs();
            Source { reader, moved }
        })
        .collect();
    if docs == 0 {
        return Ok(None);
    }
    let segment = index.new_segment();
    write_lengths(&sources, &segment, docs)?;
    write_terms(&sources, &segment, stop)?;
    write_columns(&sources, &segment)?;
    write_records(&sources, &segment, stop)?;
    id_lookup::merge(
        sources.iter().map(|s| (s.reader, |doc| s.moved.place(doc))),
        &segment,
    )?;
    let segment = segment.with_max_doc(docs);
    segment.meta().untrack_temp_docstore();
    Ok(Some(segment))
}

/// Writes how many terms each clipping has in each field.
fn write_lengths(sources: &[Source<'_>], segment: &Segment, docs: DocId) -> tantivy::Result<()> {
    let schema = segment.schema();
    let mut norms = FieldNormsWriter::for_schema(&schema);
    for (field, _) in schema.fields().filter(|(_, entry)| entry.has_fieldnorms()) {
        for Source { reader, moved } in sources {
            let Some(lengths) = reader.fieldnorms_readers().get_field(field)? else {
                continue;
            };
            for doc in reader.doc_ids_alive() {
                if let Some(place) = moved.place(doc) {
                    norms.record(place, field, lengths.fieldnorm(doc));
                }
            }
        }
    }
    norms.fill_up_to_max_doc(docs);
    let file = segment.open_write(SegmentComponent::FieldNorms)?;
    Ok(norms.serialize(FieldNormsSerializer::from_write(file)?, None)?)
}

/// Writes terms, postings and positions.
fn write_terms(
    sources: &[Source<'_>],
    segment: &Segment,
    stop: &AtomicBool,
) -> tantivy::Result<()> {
    let positions: Vec<CompositeFile> = sources
        .iter()
        .map(|source| {
            let file = source.reader.open_read(SegmentComponent::Positions)?;
            Ok(CompositeFile::open(&file)?)
        })
        .collect::<tantivy::Result<_>>()?;
    let mut serializer = InvertedIndexSerializer::open(segment)?;
    for (field, entry) in segment.schema().fields() {
        let Some(option) = entry.field_type().get_index_record_option() else {
            continue;
        };
        let mut lists = Vec::with_capacity(sources.len());
        let mut tokens = 0;
        for (source, positions) in sources.iter().zip(&positions) {
            let index = source.reader.inverted_index(field)?;
            tokens += tokens_of(source.reader, &index, field)?;
            lists.push(Lists {
                index,
                option,
                block: None,
                positions: positions
                    .open_read(field)
                    .filter(|_| option.has_positions()),
                moved: &source.moved,
            });
        }
        // Without lengths, as in `building`.
        let mut out = serializer.new_field(field, tokens, None)?;
        write_field(&mut lists, option, stop, &mut out)?;
        out.close()?;
    }
    Ok(serializer.close()?)
}

/// How many terms stand in the clippings of a segment; an estimate when some were taken out.
fn tokens_of(
    reader: &SegmentReader,
    index: &InvertedIndexReader,
    field: Field,
) -> tantivy::Result<u64> {
    if !reader.has_deletes() {
        return Ok(index.total_num_tokens());
    }
    let lengths: Option<FieldNormReader> = reader.fieldnorms_readers().get_field(field)?;
    Ok(match lengths {
        Some(lengths) => reader
            .doc_ids_alive()
            .map(|doc| u64::from(lengths.fieldnorm(doc)))
            .sum(),
        None => {
            index.total_num_tokens() * u64::from(reader.num_docs())
                / u64::from(reader.max_doc().max(1))
        }
    })
}

/// What a source lists under the terms of a field.
struct Lists<'s> {
    index: Arc<InvertedIndexReader>,
    option: IndexRecordOption,
    /// The postings read last, whose memory is used again.
    block: Option<BlockSegmentPostings>,
    positions: Option<FileSlice>,
    moved: &'s DocIdMapping,
}

/// What is listed under a term.
#[derive(Default)]
struct Listed {
    /// Where each clipping goes, [`TERMINATED`] for those taken out, and where its positions end.
    docs: Vec<(DocId, usize)>,
    /// Positions, each by its distance from the one before in the clipping.
    positions: Vec<u32>,
}

impl Lists<'_> {
    /// Reads what is listed under the term of `info`, and adds it to `listed`.
    fn read(&mut self, info: &TermInfo, listed: &mut Listed) -> io::Result<()> {
        let block = match &mut self.block {
            Some(block) => {
                self.index.reset_block_postings_from_terminfo(info, block)?;
                block
            }
            none => none.insert(
                self.index
                    .read_block_postings_from_terminfo(info, self.option)?,
            ),
        };
        let start = listed.positions.len();
        let mut end = start;
        let mut rest = info.doc_freq as usize;
        while rest > 0 && !block.docs().is_empty() {
            let docs = &block.docs()[..block.docs().len().min(rest)];
            rest -= docs.len();
            for (at, &doc) in docs.iter().enumerate() {
                if self.positions.is_some() {
                    end += block.freq(at) as usize;
                }
                let place = self.moved.place(doc).unwrap_or(TERMINATED);
                listed.docs.push((place, end));
            }
            block.advance();
        }
        let Some(positions) = self.positions.as_ref().filter(|_| end > start) else {
            return Ok(());
        };
        if info.positions_range.end > positions.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        listed.positions.resize(end, 0);
        let bytes = positions.read_bytes_slice(info.positions_range.clone())?;
        PositionReader::open(bytes)?.read(0, &mut listed.positions[start..]);
        Ok(())
    }
}

/// Writes the terms of a field with what all sources list.
fn write_field(
    lists: &mut [Lists<'_>],
    option: IndexRecordOption,
    stop: &AtomicBool,
    out: &mut FieldSerializer<'_>,
) -> io::Result<()> {
    let indexes: Vec<_> = lists.iter().map(|list| Arc::clone(&list.index)).collect();
    let streams = indexes.iter().map(|index| index.terms().stream());
    let mut terms = TermMerger::new(streams.collect::<io::Result<_>>()?);
    let mut listed = Listed::default();
    let mut infos = Vec::with_capacity(lists.len());
    while terms.advance() {
        go_on(stop)?;
        listed.docs.clear();
        listed.positions.clear();
        infos.clear();
        infos.extend(terms.current_segment_ords_and_term_infos());
        // In the order of the sources, so that clippings come in theirs.
        infos.sort_unstable_by_key(|(ord, _)| *ord);
        for (ord, info) in &infos {
            lists[*ord].read(info, &mut listed)?;
        }
        let live = listed.docs.iter().filter(|(doc, _)| *doc != TERMINATED);
        let count = live.count() as u32;
        if count == 0 {
            continue;
        }
        out.new_term(terms.key(), count, option.has_freq())?;
        let mut start = 0;
        for &(doc, end) in &listed.docs {
            let positions = &listed.positions[start..end];
            start = end;
            if doc != TERMINATED {
                out.write_doc(doc, positions.len() as u32, positions);
            }
        }
        out.close_term()?;
    }
    Ok(())
}

/// Writes columns.
fn write_columns(sources: &[Source<'_>], segment: &Segment) -> tantivy::Result<()> {
    let readers: Vec<ColumnarReader> = sources
        .iter()
        .map(|source| {
            let file = source.reader.open_read(SegmentComponent::FastFields);
            Ok(ColumnarReader::open(file.map_err(TantivyError::from)?)?)
        })
        .collect::<tantivy::Result<_>>()?;
    let readers: Vec<&ColumnarReader> = readers.iter().collect();
    // Also columns in which nothing stands.
    let mut columns = Vec::new();
    for reader in &readers {
        let own = reader.list_columns()?.into_iter();
        columns.extend(own.map(|(name, column)| (name, column.column_type())));
    }
    columns.sort_unstable();
    columns.dedup();
    let is_stacked = sources
        .iter()
        .all(|s| matches!(s.moved, DocIdMapping::By(_)));
    let order = match is_stacked {
        true => MergeRowOrder::Stack(StackMergeOrder::stack(&readers)),
        false => MergeRowOrder::Shuffled(ShuffleMergeOrder {
            new_row_id_to_old_row_id: (0..)
                .zip(sources)
                .flat_map(|(segment_ord, source)| {
                    let alive = source.reader.doc_ids_alive();
                    alive.map(move |row_id| RowAddr {
                        segment_ord,
                        row_id,
                    })
                })
                .collect(),
            alive_bitsets: sources
                .iter()
                .map(|source| source.reader.alive_bitset().map(|b| b.bitset().clone()))
                .collect(),
        }),
    };
    let mut file = segment.open_write(SegmentComponent::FastFields)?;
    merge_columnar(&readers, &columns, order, &mut file)?;
    file.flush()?;
    Ok(file.terminate()?)
}

/// Writes records. They are copied one by one: the engine would copy blocks, and for that read whole
/// files into memory.
fn write_records(
    sources: &[Source<'_>],
    segment: &Segment,
    stop: &AtomicBool,
) -> tantivy::Result<()> {
    let settings = segment.index().settings();
    let file = segment.open_write(SegmentComponent::Store)?;
    let mut out = StoreWriter::new(
        file,
        settings.docstore_compression,
        settings.docstore_blocksize,
        settings.docstore_compress_dedicated_thread,
    )?;
    for Source { reader, .. } in sources {
        let records = reader.get_store_reader(KEPT_BLOCKS)?;
        for doc in reader.doc_ids_alive() {
            go_on(stop)?;
            out.store_bytes(&records.get_document_bytes(doc)?)?;
        }
    }
    Ok(out.close()?)
}

/// An error when it is not to go on.
fn go_on(stop: &AtomicBool) -> io::Result<()> {
    match stop.load(Ordering::Relaxed) {
        true => Err(io::ErrorKind::Interrupted.into()),
        false => Ok(()),
    }
}
