//! Per-document column values for statistics and copies.

use rustc_hash::FxHashMap;
use tantivy::{DocAddress, Searcher, SegmentReader, TantivyError};

use crate::index::Result;

pub(in crate::index) struct DocCounts {
    pub group: Option<u64>,
    pub text_bytes: u64,
    /// Unix seconds; `None` when undated.
    pub published: Option<i64>,
}

/// Calls `each` for the live documents for which `counts` is true, and returns the number of these
/// per outlet.
///
/// # Errors
/// When a column cannot be read.
pub(in crate::index) fn for_each_doc(
    searcher: &Searcher,
    counts: &dyn Fn(DocAddress) -> bool,
    each: &mut dyn FnMut(DocCounts),
) -> Result<FxHashMap<String, u64>> {
    let mut outlets: FxHashMap<String, u64> = FxHashMap::default();
    for (ord, segment) in (0..).zip(searcher.segment_readers()) {
        let fast = segment.fast_fields();
        let (group, text_bytes) = (fast.u64("group")?, fast.u64("text_bytes")?);
        let published = fast.i64("published")?;
        let outlet = fast.str("outlet")?;
        let mut by_ord: FxHashMap<u64, u64> = FxHashMap::default();
        let alive = segment.doc_ids_alive();
        for doc in alive.filter(|doc| counts(DocAddress::new(ord, *doc))) {
            each(DocCounts {
                group: group.first(doc),
                text_bytes: text_bytes.first(doc).unwrap_or(0),
                published: published.first(doc),
            });
            for ord in outlet.iter().flat_map(|column| column.term_ords(doc)) {
                *by_ord.entry(ord).or_default() += 1;
            }
        }
        for (ord, count) in by_ord {
            let mut name = String::new();
            if let Some(column) = &outlet {
                let read = column.ord_to_str(ord, &mut name);
                read.map_err(TantivyError::from)?;
            }
            *outlets.entry(name).or_default() += count;
        }
    }
    Ok(outlets)
}

/// Time of adding of the document at `address`, in Unix seconds.
pub(in crate::index) fn added(searcher: &Searcher, address: DocAddress) -> Result<Option<i64>> {
    let segments = searcher.segment_readers();
    let Some(segment) = segments.get(address.segment_ord as usize) else {
        return Ok(None);
    };
    Ok(segment.fast_fields().i64("added")?.first(address.doc_id))
}

/// The other live documents in the near-duplicate group of the one at `address`, at most `limit`.
/// Scans one column: about 10 ms per million documents.
pub(in crate::index) fn of_same_group(
    searcher: &Searcher,
    address: DocAddress,
    limit: usize,
) -> Result<Vec<DocAddress>> {
    let column = |segment: &SegmentReader| segment.fast_fields().u64("group");
    let segments = searcher.segment_readers();
    let own = segments.get(address.segment_ord as usize);
    let own = own.map(column).transpose()?;
    let Some(group) = own.and_then(|column| column.first(address.doc_id)) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut docs = Vec::new();
    for (ord, segment) in (0..).zip(segments) {
        docs.clear();
        let column = column(segment)?;
        column.get_docids_for_value_range(group..=group, 0..segment.max_doc(), &mut docs);
        // For a column with a single value, tantivy returns all documents, whatever the range.
        docs.retain(|doc| column.first(*doc) == Some(group));
        let alive = docs.iter().filter(|doc| !segment.is_deleted(**doc));
        let addresses = alive.map(|doc| DocAddress::new(ord, *doc));
        found.extend(addresses.filter(|other| *other != address));
    }
    found.truncate(limit);
    Ok(found)
}
