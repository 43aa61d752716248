//! Compares the terms, hashes and columns of a segment with its records.

use tantivy::columnar::Column;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocSet, Searcher, SegmentReader, TantivyError};

use crate::index::engine::id_lookup::{IdHash, IdLookup};
use crate::index::{Fields, Result, TermDictCache};

pub(in crate::index) struct SegmentCheck<'s> {
    ord: u32,
    segment: &'s SegmentReader,
    fields: Fields,
    content: Column<u64>,
    keys: IdLookup,
    terms: TermDictCache,
}

impl<'s> SegmentCheck<'s> {
    /// One for each segment of `searcher`.
    ///
    /// # Errors
    /// When columns or keys cannot be opened.
    pub(in crate::index) fn of(
        searcher: &'s Searcher,
        fields: Fields,
    ) -> impl Iterator<Item = Result<SegmentCheck<'s>>> {
        let segments = (0..).zip(searcher.segment_readers());
        segments.map(move |(ord, segment)| {
            Ok(SegmentCheck {
                ord,
                segment,
                fields,
                content: segment.fast_fields().u64("content")?,
                keys: IdLookup::open(segment)?,
                terms: TermDictCache::default(),
            })
        })
    }

    /// The live documents.
    pub(in crate::index) fn docs(&self) -> impl Iterator<Item = DocAddress> {
        let ord = self.ord;
        let alive = self.segment.doc_ids_alive();
        alive.map(move |doc| DocAddress::new(ord, doc))
    }

    /// The content hash in the column.
    pub(in crate::index) fn content(&self, at: DocAddress) -> Option<u64> {
        self.content.first(at.doc_id)
    }

    /// Whether a document is found by its id, through the hash table and through the term.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(in crate::index) fn finds_by_id(&self, id: &str, at: DocAddress) -> Result<bool> {
        let mut listed = self.keys.docs(IdHash::Id(id));
        Ok(listed.any(|doc| doc == at.doc_id) && self.has_term(self.fields.id, id, at)?)
    }

    /// Whether the postings of an encoded term contain a document.
    ///
    /// # Errors
    /// When postings cannot be read.
    pub(in crate::index) fn has_term(
        &self,
        field: Field,
        term: &str,
        at: DocAddress,
    ) -> Result<bool> {
        let dict = self.terms.dict(self.segment, field)?;
        let postings = dict.postings(term, IndexRecordOption::Basic);
        let postings = postings.map_err(TantivyError::from)?;
        let doc = at.doc_id;
        Ok(postings.is_some_and(|mut postings| postings.doc() <= doc && postings.seek(doc) == doc))
    }
}
