//! Finds documents by exact terms: ids and URLs.

use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, Searcher, SegmentReader, TERMINATED, TantivyError, Term};

use crate::index::Result;

/// The live document with exactly the term `text` in `field`.
pub(in crate::index) fn find(
    searcher: &Searcher,
    field: Field,
    text: &str,
) -> Result<Option<DocAddress>> {
    let term = Term::from_field_text(field, text);
    for (ord, segment) in (0..).zip(searcher.segment_readers()) {
        if let Some(doc) = find_in(segment, &term)? {
            return Ok(Some(DocAddress::new(ord, doc)));
        }
    }
    Ok(None)
}

/// The live document of a segment with `term`.
pub(in crate::index) fn find_in(segment: &SegmentReader, term: &Term) -> Result<Option<DocId>> {
    let postings = segment
        .inverted_index(term.field())?
        .read_postings(term, IndexRecordOption::Basic)
        .map_err(TantivyError::from)?;
    Ok(postings.and_then(|postings| first_alive(segment, postings)))
}

/// Terms of `field` that begin with `prefix`, each with a live document. Stops scanning a segment
/// once more than `most` are found, which is enough to report an ambiguous prefix.
pub(in crate::index) fn find_by_prefix(
    searcher: &Searcher,
    field: Field,
    prefix: &str,
    most: usize,
) -> Result<Vec<(String, DocAddress)>> {
    let mut found = Vec::new();
    for (ord, segment) in (0..).zip(searcher.segment_readers()) {
        let index = segment.inverted_index(field)?;
        let from = index.terms().range().ge(prefix);
        let mut terms = from.into_stream().map_err(TantivyError::from)?;
        while terms.advance() && terms.key().starts_with(prefix.as_bytes()) {
            let postings = index
                .read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)
                .map_err(TantivyError::from)?;
            if let Some(doc) = first_alive(segment, postings) {
                let text = String::from_utf8_lossy(terms.key()).into_owned();
                found.push((text, DocAddress::new(ord, doc)));
            }
            if found.len() > most {
                break;
            }
        }
    }
    Ok(found)
}

fn first_alive(segment: &SegmentReader, mut postings: impl DocSet) -> Option<DocId> {
    let mut doc = postings.doc();
    while doc != TERMINATED {
        if !segment.is_deleted(doc) {
            return Some(doc);
        }
        doc = postings.advance();
    }
    None
}
