//! The last commit as the writer sees it: a searcher with the columns it needs, opened once per
//! commit.

use std::sync::Arc;

use tantivy::columnar::Column;
use tantivy::{DocAddress, Searcher, SegmentReader, Term};

use crate::clipping::Clipping;
use crate::index::engine::id_lookup::{IdHash, IdHashes, IdLookup};
use crate::index::engine::ids::find_in;
use crate::index::engine::record_codec::RecordCodec;
use crate::index::engine::records::Records;
use crate::index::{Fields, PageKey, Result};
use crate::korean_time::day_number;

/// Documents examined per band. If more share a band, they share a stock phrase and are not copies.
pub(in crate::index) const CANDIDATES: usize = 32;

/// Number of records in a training sample.
const SAMPLED: u64 = 1_000;

/// Columns and id hashes of one segment.
struct Columns {
    content: Column<u64>,
    group: Column<u64>,
    sketch: Column<u64>,
    added: Column<i64>,
    published: Column<i64>,
    keys: IdLookup,
}

/// One commit, opened for the writer.
pub(in crate::index) struct Snapshot {
    fields: Fields,
    searcher: Searcher,
    records: Records,
    /// By segment ordinal. Shared with later snapshots while the segment exists.
    columns: Vec<Arc<Columns>>,
}

/// A document that shares a band with another.
#[derive(Debug, Clone, Copy)]
pub(in crate::index) struct BandMate {
    pub sketch: [u64; 2],
    pub group: u64,
    /// Day of publication.
    pub day: Option<i64>,
}

impl Columns {
    fn open(segment: &SegmentReader) -> Result<Columns> {
        let fast = segment.fast_fields();
        Ok(Columns {
            content: fast.u64("content")?,
            group: fast.u64("group")?,
            sketch: fast.u64("sketch")?,
            added: fast.i64("added")?,
            published: fast.i64("published")?,
            keys: IdLookup::open(segment)?,
        })
    }
}

impl Snapshot {
    /// Opens a commit. Columns of segments that are also in `before` are reused.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(in crate::index) fn open(
        searcher: Searcher,
        fields: Fields,
        codec: &RecordCodec,
        before: Option<&Snapshot>,
    ) -> Result<Snapshot> {
        let records = Records::open(&searcher, fields.record, codec.clone())?;
        let columns = searcher
            .segment_readers()
            .iter()
            .map(|segment| {
                let open = before.and_then(|before| before.columns_of_segment(segment));
                open.map_or_else(|| Columns::open(segment).map(Arc::new), Ok)
            })
            .collect::<Result<_>>()?;
        Ok(Snapshot {
            fields,
            searcher,
            records,
            columns,
        })
    }

    pub(in crate::index) fn len(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// The addresses of all live documents.
    pub(in crate::index) fn addresses(&self) -> impl Iterator<Item = DocAddress> {
        let segments = self.searcher.segment_readers().iter().enumerate();
        segments.flat_map(|(ord, segment)| {
            segment
                .doc_ids_alive()
                .map(move |doc| DocAddress::new(ord as u32, doc))
        })
    }

    pub(in crate::index) fn by_id(&self, id: &str) -> Result<Option<DocAddress>> {
        self.find(IdHash::Id(id), &Term::from_field_text(self.fields.id, id))
    }

    pub(in crate::index) fn by_url(&self, url: &str) -> Result<Option<DocAddress>> {
        self.find(
            IdHash::Url(url),
            &Term::from_field_text(self.fields.url, url),
        )
    }

    /// Finds the document with `term`. Only segments whose hash table has `key` are searched.
    fn find(&self, key: IdHash<'_>, term: &Term) -> Result<Option<DocAddress>> {
        let segments = self.searcher.segment_readers().iter().zip(&self.columns);
        for (ord, (segment, columns)) in segments.enumerate() {
            if columns.keys.docs(key).next().is_some()
                && let Some(doc) = find_in(segment, term)?
            {
                return Ok(Some(DocAddress::new(ord as u32, doc)));
            }
        }
        Ok(None)
    }

    pub(in crate::index) fn clipping(&self, at: DocAddress) -> Result<Clipping> {
        self.records.clipping(at)
    }

    /// Uncompressed records, spread over the index, of about `bytes` in total; empty for an index
    /// with fewer than 1,000 clippings. Unreadable records are skipped.
    pub(in crate::index) fn sample(&self, bytes: usize) -> Vec<Vec<u8>> {
        let mut sample = Vec::new();
        let mut taken = 0;
        let stride = usize::try_from(self.len() / SAMPLED).unwrap_or(usize::MAX);
        if stride == 0 {
            return sample;
        }
        for (ord, segment) in self.searcher.segment_readers().iter().enumerate() {
            for doc in segment.doc_ids_alive().step_by(stride) {
                if taken >= bytes {
                    return sample;
                }
                let at = DocAddress::new(ord as u32, doc);
                if let Ok(record) = self.records.record(at) {
                    taken += record.len();
                    sample.push(record);
                }
            }
        }
        sample
    }

    /// The key of the page stored with a clipping.
    pub(in crate::index) fn page(&self, at: DocAddress) -> Result<Option<PageKey>> {
        self.records.page(at)
    }

    pub(in crate::index) fn content(&self, at: DocAddress) -> Option<u64> {
        self.columns_of(at)?.content.first(at.doc_id)
    }

    /// Newest time of adding. Includes deleted clippings until they are merged away.
    pub(in crate::index) fn newest_added(&self) -> i64 {
        let columns = self.columns.iter().map(|columns| &columns.added);
        let newest = columns.filter(|added| added.num_docs() > 0);
        newest.map(Column::max_value).max().unwrap_or(i64::MIN)
    }

    pub(in crate::index) fn added(&self, at: DocAddress) -> Option<i64> {
        self.columns_of(at)?.added.first(at.doc_id)
    }

    pub(in crate::index) fn candidate(&self, at: DocAddress) -> Option<BandMate> {
        let columns = self.columns_of(at)?;
        let mut halves = columns.sketch.values_for_doc(at.doc_id);
        Some(BandMate {
            sketch: [halves.next()?, halves.next()?],
            group: columns.group.first(at.doc_id)?,
            day: columns.published.first(at.doc_id).map(day_number),
        })
    }

    /// The columns of a segment, if this snapshot has it. Segments are immutable, so they can be
    /// reused.
    fn columns_of_segment(&self, segment: &SegmentReader) -> Option<Arc<Columns>> {
        let segments = self.searcher.segment_readers().iter();
        let mut columns = segments.zip(&self.columns);
        let is_it = |other: &SegmentReader| other.segment_id() == segment.segment_id();
        let (_, columns) = columns.find(|(other, _)| is_it(other))?;
        Some(Arc::clone(columns))
    }

    fn columns_of(&self, at: DocAddress) -> Option<&Columns> {
        self.columns.get(at.segment_ord as usize).map(Arc::as_ref)
    }

    /// Calls `each` with the documents that share one of `bands`.
    pub(in crate::index) fn sharing(
        &self,
        bands: &[u64],
        each: &mut dyn FnMut(DocAddress, BandMate),
    ) {
        let bands: IdHashes = bands.iter().copied().map(IdHash::Band).collect();
        let segments = self.searcher.segment_readers().iter().zip(&self.columns);
        for (ord, (segment, columns)) in segments.enumerate() {
            columns.keys.docs_of_all(&bands, CANDIDATES, &mut |doc| {
                let at = DocAddress::new(ord as u32, doc);
                if !segment.is_deleted(doc)
                    && let Some(candidate) = self.candidate(at)
                {
                    each(at, candidate);
                }
            });
        }
    }
}
