//! The keys by which the writer recognizes a clipping: its id, its address, the bands of its fingerprint.
//!
//! The writer looks up ten keys of each clipping in every segment. Term dictionaries serve words, which are long, alike,
//! and looked up a few at a time; here keys are hashes of 32 bits in a table for each segment (see [`table`]), in a file
//! that a plugin of the engine makes part of the segment.
//!
//! A key may be another clipping's, with a probability of one in four thousand million, so callers verify by the exact
//! term or by comparing sketches.

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
use crate::index::{IndexError, Result};
use table::Table;

/// What the names of these files end with.
pub(in crate::index) const EXTENSION: &str = "keys";

/// Where the file of a segment's keys is.
pub(in crate::index) fn component() -> SegmentComponent {
    SegmentComponent::Custom(EXTENSION.to_owned())
}

/// What a clipping is known again by.
#[derive(Debug, Clone, Copy)]
pub(in crate::index) enum IdHash<'a> {
    /// Its name.
    Id(&'a str),
    /// Its canonical address.
    Url(&'a str),
    /// A band of its fingerprint.
    Band(u64),
}

impl IdHash<'_> {
    fn hash(self) -> u32 {
        // So that a name and an address of one spelling are two keys.
        let hash = match self {
            IdHash::Id(id) => hash_text(id),
            IdHash::Url(url) => hash_text(url).rotate_left(21),
            IdHash::Band(band) => band.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        };
        (hash >> 32) as u32
    }
}

/// The keys of one clipping.
#[derive(Debug, Clone, Default)]
pub(in crate::index) struct IdHashes(Vec<u32>);

impl<'a> FromIterator<IdHash<'a>> for IdHashes {
    fn from_iter<I: IntoIterator<Item = IdHash<'a>>>(keys: I) -> Self {
        IdHashes(keys.into_iter().map(IdHash::hash).collect())
    }
}

/// The keys of a segment.
pub(in crate::index) struct IdLookup(Table);

impl IdLookup {
    /// Opens the keys of a segment.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(in crate::index) fn open(segment: &SegmentReader) -> Result<IdLookup> {
        let file = segment.open_read(component()).map_err(TantivyError::from)?;
        let bytes = file.read_bytes().map_err(TantivyError::from)?;
        let table = Table::open(bytes)
            .ok_or_else(|| IndexError::Damaged("a segment has no table of keys".to_owned()))?;
        Ok(IdLookup(table))
    }

    /// The clippings that have a key, deleted ones too, in ascending order.
    pub(in crate::index) fn docs(&self, key: IdHash<'_>) -> impl Iterator<Item = DocId> {
        self.0.docs(key.hash())
    }

    /// Calls `each` with the clippings that have any of `keys`, deleted ones too, with the first `most`
    /// of a key.
    pub(in crate::index) fn docs_of_all(
        &self,
        keys: &IdHashes,
        most: usize,
        each: &mut dyn FnMut(DocId),
    ) {
        self.0.docs_of_all(&keys.0, most, each);
    }
}

/// Has the engine keep a table of keys with each segment, and merge the tables of segments that it merges.
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

    /// The engine lays segments one after the other without the deleted documents, unless an index is sorted
    /// by a column, which this one is not.
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

/// The keys of a segment that is being written.
#[derive(Default)]
pub(in crate::index) struct IdLookupWriter {
    entries: Vec<(u32, DocId)>,
}

impl IdLookupWriter {
    /// Adds those of a clipping.
    pub(in crate::index) fn add(&mut self, doc: DocId, keys: &IdHashes) {
        self.entries.extend(keys.0.iter().map(|&key| (key, doc)));
    }

    /// Writes the file of a segment.
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
