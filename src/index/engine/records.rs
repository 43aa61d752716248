//! Reads stored records by address.
//!
//! A quotation of a verb reads thousands of records, so the bytes are taken directly from the
//! document store, without building tantivy documents.

use std::io;
use std::sync::Arc;

use tantivy::directory::OwnedBytes;
use tantivy::schema::Field;
use tantivy::store::StoreReader;
use tantivy::{DocAddress, Searcher, TantivyError};

use super::record;
use crate::clipping::Clipping;
use crate::index::engine::record_codec::RecordCodec;
use crate::index::engine::vint::vint;
use crate::index::{Damage, IndexError, PageKey, RecordPrefilter, Result};

/// Decompressed blocks cached per store, for sequential reads.
pub(in crate::index) const BLOCKS: usize = 2;

/// Bytes of a field id and of a type tag in a stored document.
const FIELD: usize = 4;
const KIND: usize = 1;

/// The records of the segments of a searcher.
#[derive(Clone)]
pub struct Records {
    field: Field,
    codec: RecordCodec,
    /// By segment ordinal.
    stores: Arc<[StoreReader]>,
}

impl Records {
    /// Opens the `field` of the document stores of `searcher`.
    ///
    /// # Errors
    /// When a store cannot be opened.
    pub(in crate::index) fn open(
        searcher: &Searcher,
        field: Field,
        codec: RecordCodec,
    ) -> Result<Records> {
        let segments = searcher.segment_readers().iter();
        let stores = segments.map(|segment| segment.get_store_reader(BLOCKS));
        let stores = stores.collect::<io::Result<_>>();
        Ok(Records::over(
            field,
            codec,
            stores.map_err(TantivyError::from)?,
        ))
    }

    /// `stores` are in segment order.
    pub(in crate::index) fn over(
        field: Field,
        codec: RecordCodec,
        stores: Vec<StoreReader>,
    ) -> Records {
        Records {
            field,
            codec,
            stores: stores.into(),
        }
    }

    /// Whether `address` is past the last document of its store.
    pub(in crate::index) fn is_end(&self, address: DocAddress) -> bool {
        let store = self.stores.get(address.segment_ord as usize);
        store.is_none_or(|store| {
            let read = store.get_document_bytes(address.doc_id);
            matches!(read, Err(TantivyError::InvalidArgument(_)))
        })
    }

    /// The clipping at an address.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when the record cannot be read.
    pub fn clipping(&self, address: DocAddress) -> Result<Clipping> {
        record::read(&self.codec.decompress(&self.stored(address)?)?)
    }

    /// The clipping at an address, or `None` if `prefilter` rules it out.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when the record cannot be read.
    pub fn clipping_with(
        &self,
        address: DocAddress,
        prefilter: &RecordPrefilter,
    ) -> Result<Option<Clipping>> {
        let stored = self.stored(address)?;
        let record = self.codec.decompress(&stored)?;
        let is_worth_reading = prefilter.passes(&record);
        is_worth_reading.then(|| record::read(&record)).transpose()
    }

    /// The decompressed record at an address.
    pub(in crate::index) fn record(&self, address: DocAddress) -> Result<Vec<u8>> {
        Ok(self.codec.decompress(&self.stored(address)?)?.into_owned())
    }

    /// The key of the page stored with the clipping.
    pub(in crate::index) fn page(&self, address: DocAddress) -> Result<Option<PageKey>> {
        Ok(record::page(&self.stored(address)?))
    }

    /// The record as stored, compressed.
    fn stored(&self, address: DocAddress) -> Result<OwnedBytes> {
        let no_record = || IndexError::Damaged(Damage::NoRecord);
        let store = self.stores.get(address.segment_ord as usize);
        let document = store
            .ok_or_else(no_record)?
            .get_document_bytes(address.doc_id)?;
        let start = value_of(&document, self.field).ok_or_else(no_record)?;
        Ok(document.slice(start..document.len()))
    }
}

/// Offset of the value in a stored document that has `field` and nothing else. Layout: number of
/// values, then for each the field id, a type tag and, for bytes, the length.
fn value_of(document: &[u8], field: Field) -> Option<usize> {
    let mut rest = document;
    if vint(&mut rest)? != 1 {
        return None;
    }
    let (number, after) = rest.split_first_chunk::<FIELD>()?;
    if u32::from_le_bytes(*number) != field.field_id() {
        return None;
    }
    let mut value = after.get(KIND..)?;
    let length = vint(&mut value)?;
    (length == value.len() as u64).then(|| document.len() - value.len())
}

#[cfg(test)]
mod tests {
    use tantivy::schema::{BytesOptions, SchemaBuilder};
    use tantivy::store::Compressor;
    use tantivy::{Index, IndexSettings, doc};

    use super::*;

    #[test]
    fn stored_values_are_located() {
        let mut schema = SchemaBuilder::new();
        schema.add_bytes_field("other", BytesOptions::default());
        let field = schema.add_bytes_field("record", BytesOptions::default().set_stored());
        let settings = IndexSettings {
            docstore_compression: Compressor::None,
            ..IndexSettings::default()
        };
        let index = Index::builder().schema(schema.build()).settings(settings);
        let index = index.create_in_ram().unwrap();
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        let values: Vec<Vec<u8>> = [0, 1, 127, 128, 20_000].map(|n| vec![7; n]).into();
        for value in &values {
            writer.add_document(doc!(field => value.clone())).unwrap();
        }
        writer.add_document(doc!()).unwrap();
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let store = searcher.segment_reader(0).get_store_reader(1).unwrap();
        for (doc, value) in (0..).zip(&values) {
            let document = store.get_document_bytes(doc).unwrap();
            let start = value_of(&document, field).unwrap();
            assert_eq!(document[start..], **value);
        }
        let empty = store.get_document_bytes(values.len() as u32).unwrap();
        assert_eq!(value_of(&empty, field), None);
        for end in 0..6 {
            assert_eq!(value_of(&[1, 128, 3][..end.min(3)], field), None);
        }
    }
}
