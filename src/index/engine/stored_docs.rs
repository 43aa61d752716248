//! Iterates over every clipping of a data folder, so that an index can be rebuilt from its records.
//!
//! An index that opens is read through tantivy. Otherwise the record stores are salvaged without
//! `meta.json` or with as much of it as is readable: its live segments, else every segment in the
//! folder; of each segment deletes and columns where they are readable.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tantivy::columnar::{Column, ColumnarReader, DynamicColumn};
use tantivy::directory::MmapDirectory;
use tantivy::fastfield::AliveBitSet;
use tantivy::index::{SegmentComponent, SegmentId};
use tantivy::store::StoreReader;
use tantivy::{
    DocAddress, DocId, Index, IndexSettings, ReloadPolicy, Searcher, Segment, SegmentMeta,
    SegmentReader, TantivyError,
};

use crate::clipping::Clipping;
use crate::index::engine::directory::salvage::SalvageDirectory;
use crate::index::engine::directory::{VerifiedDirectory, is_unverified};
use crate::index::engine::id_lookup::IdLookupPlugin;
use crate::index::engine::lost::LostDocs;
use crate::index::engine::record_codec::RecordCodec;
use crate::index::engine::records::{BLOCKS, Records};
use crate::index::engine::schema::schema;
use crate::index::{Damage, IndexError, PageKey, Result};

/// Stands for an unknown number of documents.
const UNKNOWN: DocId = DocId::MAX;

/// A stored clipping, with the columns that cannot be derived from it.
pub(in crate::index) struct StoredDoc {
    pub clipping: Clipping,
    pub page: Option<PageKey>,
    /// Unix seconds.
    pub added: Option<i64>,
    pub group: Option<u64>,
}

/// An unreadable record, with what its terms reveal.
pub(in crate::index) struct LostDoc {
    pub id: Option<String>,
    /// Words of the headline as indexed.
    pub headline: Option<String>,
    pub damage: Damage,
}

pub(in crate::index) struct StoredDocs {
    records: Records,
    segments: Vec<StoredSegment>,
    /// What could not be read.
    pub(in crate::index) damage: Vec<Damage>,
    pub(in crate::index) unnamed_losses: UnnamedLosses,
    /// The same clipping may occur in several versions, the newest last, because it is unknown
    /// which segments are live.
    pub(in crate::index) has_duplicates: bool,
    searcher: Option<Searcher>,
    lost_segments: Vec<LostSegment>,
}

/// A segment whose record store cannot be opened.
struct LostSegment {
    /// The rest of it, if that can be opened.
    reader: Option<SegmentReader>,
    why: Damage,
}

/// Clippings in segments of which nothing can be opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::index) struct UnnamedLosses {
    /// Their number, as far as it is known.
    pub(in crate::index) known: u64,
    /// Whether there are more.
    pub(in crate::index) has_more: bool,
}

struct StoredSegment {
    alive: Option<AliveBitSet>,
    /// `None` for a store whose end is only found by reading.
    docs: Option<DocId>,
    added: Option<Column<i64>>,
    group: Option<Column<u64>>,
}

impl StoredDocs {
    /// Opens a data folder, also one from a version without block checksums.
    ///
    /// # Errors
    /// When no record store is readable.
    pub(in crate::index) fn open(data: &Path) -> Result<StoredDocs> {
        let codec = RecordCodec::open(data)?;
        // Fail early: without the dictionary no record can be read.
        codec.read()?;
        match StoredDocs::open_whole(data, &codec) {
            Err(why @ IndexError::Damaged(_)) if !is_unverified(data) => {
                StoredDocs::salvage(data, codec, why)
            }
            opened => opened,
        }
    }

    fn open_whole(data: &Path, codec: &RecordCodec) -> Result<StoredDocs> {
        let index = match is_unverified(data) {
            true => Index::open(MmapDirectory::open(data).map_err(TantivyError::from)?)?,
            false => {
                let mut index = Index::open(VerifiedDirectory::open(data)?)?;
                index.register_plugin(Arc::new(IdLookupPlugin));
                index
            }
        };
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let searcher = reader.try_into()?.searcher();
        let field = searcher.schema().get_field("record");
        let field = field
            .map_err(|_| IndexError::Damaged(Damage::Other("it holds no records".to_owned())))?;
        let segments = searcher
            .segment_readers()
            .iter()
            .map(|segment| StoredSegment {
                alive: segment.alive_bitset().cloned(),
                docs: Some(segment.max_doc()),
                added: segment.fast_fields().i64("added").ok(),
                group: segment.fast_fields().u64("group").ok(),
            });
        Ok(StoredDocs {
            segments: segments.collect(),
            records: Records::open(&searcher, field, codec.clone())?,
            damage: Vec::new(),
            unnamed_losses: UnnamedLosses::default(),
            has_duplicates: false,
            searcher: Some(searcher),
            lost_segments: Vec::new(),
        })
    }

    fn salvage(data: &Path, codec: RecordCodec, why: IndexError) -> Result<StoredDocs> {
        let directory = SalvageDirectory::open(data)?;
        let index = Index::create(directory, schema(), IndexSettings::default())?;
        let field = index.schema().get_field("record")?;
        let mut damage = vec![Damage::ReadWithoutIndex(Box::new(why.into()))];
        let listed = Index::open(SalvageDirectory::open(data)?)
            .and_then(|index| index.searchable_segment_metas());
        let has_duplicates = listed.is_err();
        let metas = match listed {
            Ok(metas) => metas.iter().map(|meta| meta_for(&index, meta)).collect(),
            Err(_) => {
                damage.push(Damage::TombstonesUnknown);
                stores(data, &index)?
            }
        };
        let (mut stores, mut segments) = (Vec::new(), Vec::new());
        let mut lost_segments = Vec::new();
        let mut unnamed_losses = UnnamedLosses::default();
        for meta in metas {
            let segment = index.segment(meta);
            match StoreReader::open_of(&segment) {
                Ok(store) => {
                    segments.push(StoredSegment::salvage(&segment, &mut damage));
                    stores.push(store);
                }
                Err(e) => {
                    let lost = LostSegment {
                        reader: without_store(data, segment.meta()),
                        why: e.into(),
                    };
                    if lost.reader.is_none() {
                        damage.push(Damage::SegmentLost(Box::new(lost.why.clone())));
                        match segment.meta().max_doc() {
                            UNKNOWN => unnamed_losses.has_more = true,
                            _ => unnamed_losses.known += u64::from(segment.meta().num_docs()),
                        }
                    }
                    lost_segments.push(lost);
                }
            }
        }
        Ok(StoredDocs {
            records: Records::over(field, codec, stores),
            segments,
            damage,
            unnamed_losses,
            has_duplicates,
            searcher: None,
            lost_segments,
        })
    }

    /// Calls `each` with every live clipping until it returns `false`. Returns `false` if it was
    /// stopped.
    ///
    /// # Errors
    /// Those of `each`.
    pub(in crate::index) fn for_each(
        &self,
        each: &mut dyn FnMut(std::result::Result<StoredDoc, LostDoc>) -> Result<bool>,
    ) -> Result<bool> {
        for (ord, segment) in (0..).zip(&self.segments) {
            let mut lost = Vec::new();
            for doc in 0..segment.docs.unwrap_or(DocId::MAX) {
                // Check for the end first: the bitmap of deletes covers only existing documents.
                let at = DocAddress::new(ord, doc);
                if segment.docs.is_none() && self.records.is_end(at) {
                    break;
                }
                if segment
                    .alive
                    .as_ref()
                    .is_some_and(|alive| alive.is_deleted(doc))
                {
                    continue;
                }
                let clipping = self.records.clipping(at);
                let read = clipping.and_then(|c| Ok((c, self.records.page(at)?)));
                let goes_on = match read {
                    Ok((clipping, page)) => each(Ok(StoredDoc {
                        clipping,
                        page,
                        added: segment.added.as_ref().and_then(|column| column.first(doc)),
                        group: segment.group.as_ref().and_then(|column| column.first(doc)),
                    }))?,
                    Err(error) => {
                        lost.push((doc, error));
                        true
                    }
                };
                if !goes_on {
                    return Ok(false);
                }
            }
            let reader = self.searcher.as_ref().map(|s| s.segment_reader(ord));
            let names = LostDocs::of(reader, lost.iter().map(|(doc, _)| *doc));
            for (doc, error) in lost {
                let (id, headline) = names.of_doc(doc);
                each(Err(LostDoc {
                    id,
                    headline,
                    damage: error.into(),
                }))?;
            }
        }
        for lost in &self.lost_segments {
            if !lost.for_each(each)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl LostSegment {
    /// Calls `each` with every live clipping until it returns `false`. Returns `false` if it was
    /// stopped.
    fn for_each(
        &self,
        each: &mut dyn FnMut(std::result::Result<StoredDoc, LostDoc>) -> Result<bool>,
    ) -> Result<bool> {
        let Some(reader) = &self.reader else {
            return Ok(true);
        };
        let names = LostDocs::of(Some(reader), reader.doc_ids_alive());
        for doc in reader.doc_ids_alive() {
            let (id, headline) = names.of_doc(doc);
            let damage = self.why.clone();
            if !each(Err(LostDoc {
                id,
                headline,
                damage,
            }))? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The metadata of a segment of another [`Index`]: they belong to one and cannot be used with
/// another.
fn meta_for(index: &Index, meta: &SegmentMeta) -> SegmentMeta {
    let own = index.new_segment_meta(meta.id(), meta.max_doc());
    match meta.delete_opstamp() {
        Some(opstamp) => own.with_delete_meta(meta.num_deleted_docs(), opstamp),
        None => own,
    }
}

/// Opens a segment without its record store; `None` if nothing else of it can be opened either.
fn without_store(data: &Path, meta: &SegmentMeta) -> Option<SegmentReader> {
    if meta.max_doc() == UNKNOWN {
        return None;
    }
    let directory = SalvageDirectory::without_stores(data).ok()?;
    let index = Index::create(directory, schema(), IndexSettings::default()).ok()?;
    let segment = index.segment(meta_for(&index, meta));
    SegmentReader::open(&segment).ok()
}

impl StoredSegment {
    /// Opens what is readable of a segment besides its records.
    fn salvage(segment: &Segment, damage: &mut Vec<Damage>) -> StoredSegment {
        let meta = segment.meta();
        let alive = match meta.has_deletes() {
            false => None,
            true => {
                let file = segment.open_read(SegmentComponent::Delete);
                let read = file
                    .map_err(TantivyError::from)
                    .and_then(|f| Ok(f.read_bytes()?));
                if let Err(e) = &read {
                    let why = Damage::from(IndexError::from(e.clone()));
                    damage.push(Damage::TombstonesLost(Box::new(why)));
                }
                read.ok().map(AliveBitSet::open)
            }
        };
        let columns = segment.open_read(SegmentComponent::FastFields).ok();
        let columns = columns.and_then(|file| ColumnarReader::open(file).ok());
        let column = |name: &str| {
            let handles = columns.as_ref()?.read_columns(name).ok()?;
            handles.first()?.open().ok()
        };
        StoredSegment {
            alive,
            docs: (meta.max_doc() != UNKNOWN).then(|| meta.max_doc()),
            added: match column("added") {
                Some(DynamicColumn::I64(column)) => Some(column),
                _ => None,
            },
            group: match column("group") {
                Some(DynamicColumn::U64(column)) => Some(column),
                _ => None,
            },
        }
    }
}

trait OpenStore: Sized {
    fn open_of(segment: &Segment) -> Result<Self>;
}

impl OpenStore for StoreReader {
    fn open_of(segment: &Segment) -> Result<StoreReader> {
        let file = segment.open_read(SegmentComponent::Store);
        let store = StoreReader::open(file.map_err(TantivyError::from)?, BLOCKS);
        Ok(store.map_err(TantivyError::from)?)
    }
}

/// The segments of all record stores in a folder, oldest first, so that of two versions of a
/// clipping the newer comes last; each with its newest deletes file.
fn stores(data: &Path, index: &Index) -> Result<Vec<SegmentMeta>> {
    let io = |e| IndexError::io(data, e);
    let mut stores = Vec::new();
    let mut deletes: Vec<(SegmentId, u64)> = Vec::new();
    for entry in fs::read_dir(data).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let parts: Vec<&str> = name.split('.').collect();
        let id = parts
            .first()
            .and_then(|id| SegmentId::from_uuid_string(id).ok());
        match (id, &parts[..]) {
            (Some(id), [_, "store"]) => {
                let written = entry.metadata().and_then(|m| m.modified()).map_err(io)?;
                stores.push((written, id));
            }
            (Some(id), [_, opstamp, "del"]) => {
                deletes.extend(opstamp.parse().ok().map(|opstamp| (id, opstamp)));
            }
            _ => {}
        }
    }
    stores.sort();
    let metas = stores.into_iter().map(|(_, id)| {
        let meta = index.new_segment_meta(id, UNKNOWN);
        let newest = deletes
            .iter()
            .filter(|(of, _)| *of == id)
            .map(|(_, opstamp)| *opstamp)
            .max();
        match newest {
            // The count is unknown, but 0 would make tantivy ignore the file.
            Some(opstamp) => meta.with_delete_meta(1, opstamp),
            None => meta,
        }
    });
    Ok(metas.collect())
}
