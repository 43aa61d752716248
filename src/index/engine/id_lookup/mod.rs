//! Hash tables by which the writer recognizes a clipping: of its id, its URL and the bands of its
//! fingerprint.
//!
//! The writer looks up about ten hashes per clipping in every segment. A term dictionary is built
//! for long, similar, sorted keys and few lookups; here the keys are 32-bit hashes in a table per
//! segment (see [`table`]), stored in a file that a plugin makes part of tantivy's segments.
//!
//! A lookup may return a document with another key of the same hash (probability 2⁻³²), so callers
//! verify by the exact term or by comparing sketches.

mod table;

use std::io::Write;

use tantivy::directory::TerminatingWrite;
use tantivy::index::SegmentComponent;
use tantivy::indexer::doc_id_mapping::MappingType;
use tantivy::{
    DocId, PluginMergeContext, PluginWriter, PluginWriterContext, Segment, SegmentPlugin,
    SegmentReader, TERMINATED, TantivyError,
};

use crate::index::hash::hash_text;
use crate::index::{Damage, IndexError, Result};
use table::Table;

/// File name extension.
pub(in crate::index) const EXTENSION: &str = "keys";

/// The segment component of the file.
pub(in crate::index) fn component() -> SegmentComponent {
    SegmentComponent::Custom(EXTENSION.to_owned())
}

/// A key by which a clipping is recognized.
#[derive(Debug, Clone, Copy)]
pub(in crate::index) enum IdHash<'a> {
    Id(&'a str),
    /// Canonical URL.
    Url(&'a str),
    Band(u64),
}

impl IdHash<'_> {
    fn hash(self) -> u32 {
        // Rotated, so that an id and a URL with the same text differ.
        let hash = match self {
            IdHash::Id(id) => hash_text(id),
            IdHash::Url(url) => hash_text(url).rotate_left(21),
            IdHash::Band(band) => band.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        };
        (hash >> 32) as u32
    }
}

/// The hashes of one clipping.
#[derive(Debug, Clone, Default)]
pub(in crate::index) struct IdHashes(Vec<u32>);

impl<'a> FromIterator<IdHash<'a>> for IdHashes {
    fn from_iter<I: IntoIterator<Item = IdHash<'a>>>(keys: I) -> Self {
        IdHashes(keys.into_iter().map(IdHash::hash).collect())
    }
}

/// The table of a segment.
pub(in crate::index) struct IdLookup(Table);

impl IdLookup {
    /// Opens the table of a segment.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(in crate::index) fn open(segment: &SegmentReader) -> Result<IdLookup> {
        let file = segment.open_read(component()).map_err(TantivyError::from)?;
        let bytes = file.read_bytes().map_err(TantivyError::from)?;
        let table = Table::open(bytes).ok_or_else(|| {
            IndexError::Damaged(Damage::Other("a segment has no table of keys".to_owned()))
        })?;
        Ok(IdLookup(table))
    }

    /// The documents with a key, deleted ones included, in ascending order.
    pub(in crate::index) fn docs(&self, key: IdHash<'_>) -> impl Iterator<Item = DocId> {
        self.0.docs(key.hash())
    }

    /// Calls `each` with up to `most` documents for each of `keys`, deleted ones included.
    pub(in crate::index) fn docs_of_all(
        &self,
        keys: &IdHashes,
        most: usize,
        each: &mut dyn FnMut(DocId),
    ) {
        self.0.docs_of_all(&keys.0, most, each);
    }
}

/// The plugin that makes the table part of a segment: it merges the tables of merged segments.
pub(in crate::index) struct IdLookupPlugin;

impl SegmentPlugin for IdLookupPlugin {
    fn extensions(&self) -> &[&str] {
        &[EXTENSION]
    }

    fn create_writer(&self, _: &PluginWriterContext<'_>) -> tantivy::Result<Box<dyn PluginWriter>> {
        let built =
            "segments are built outside of the engine, which has no documents to write keys of";
        Err(TantivyError::InvalidArgument(built.to_owned()))
    }

    /// tantivy concatenates the live documents of the sources, unless the index is sorted by a
    /// column, which this one is not.
    fn merge(&self, merge: PluginMergeContext<'_>) -> tantivy::Result<()> {
        if merge.doc_id_mapping.mapping_type() == MappingType::Shuffled {
            let sorted = "keys of a sorted index are not merged";
            return Err(TantivyError::InvalidArgument(sorted.to_owned()));
        }
        let mut merged = Vec::new();
        let mut first = 0;
        for segment in merge.readers {
            let keys = IdLookup::open(segment);
            let keys = keys.map_err(|e| TantivyError::SystemError(e.to_string()))?;
            let mut new_ids = vec![TERMINATED; segment.max_doc() as usize];
            for (doc, new_id) in segment.doc_ids_alive().zip(first..) {
                new_ids[doc as usize] = new_id;
            }
            merged.extend(keys.0.entries().filter_map(|(key, doc)| {
                let new_id = *new_ids.get(doc as usize)?;
                (new_id != TERMINATED).then_some((key, new_id))
            }));
            first += segment.num_docs();
        }
        write(merge.target_segment, merged)
    }
}

/// Collects the table of a segment that is being written.
#[derive(Default)]
pub(in crate::index) struct IdLookupWriter {
    entries: Vec<(u32, DocId)>,
}

impl IdLookupWriter {
    pub(in crate::index) fn add(&mut self, doc: DocId, keys: &IdHashes) {
        self.entries.extend(keys.0.iter().map(|&key| (key, doc)));
    }

    /// Writes the file of the segment.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(in crate::index) fn write(self, segment: &Segment) -> tantivy::Result<()> {
        write(segment, self.entries)
    }
}

fn write(segment: &Segment, entries: Vec<(u32, DocId)>) -> tantivy::Result<()> {
    let mut file = segment.open_write(component())?;
    file.write_all(&table::encode(entries))?;
    Ok(file.terminate()?)
}
