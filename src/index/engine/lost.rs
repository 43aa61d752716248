//! Recovers ids and headlines of clippings with unreadable records from their terms.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

use crate::index::Fields;
use crate::index::engine::term::{PART_MARK, STEM_MARK};

#[derive(Default)]
pub(in crate::index) struct LostDocs {
    ids: FxHashMap<DocId, String>,
    /// Words of the headline by position.
    headlines: FxHashMap<DocId, BTreeMap<u32, String>>,
}

impl LostDocs {
    /// Collects what `segment` has about `docs`, in ascending order. Scans all terms of two fields,
    /// so it is called only for damaged records. Unreadable postings are skipped.
    pub(in crate::index) fn of(
        segment: Option<&SegmentReader>,
        docs: impl Iterator<Item = DocId>,
    ) -> LostDocs {
        let mut lost = LostDocs::default();
        let docs: Vec<DocId> = docs.collect();
        let Some((segment, fields)) = segment.and_then(|s| Some((s, Fields::of(s.schema()).ok()?)))
        else {
            return lost;
        };
        if docs.is_empty() {
            return lost;
        }
        for_each_term(segment, fields.id, &docs, &mut |id, doc, _| {
            lost.ids.insert(doc, id.to_owned());
        });
        for_each_term(
            segment,
            fields.headline,
            &docs,
            &mut |term, doc, positions| {
                if term.ends_with(PART_MARK) {
                    return;
                }
                let words = lost.headlines.entry(doc).or_default();
                let word = term.trim_end_matches(STEM_MARK);
                for &position in positions {
                    // A run is indexed whole and without its particle; keep the longer one.
                    let listed = words.entry(position).or_default();
                    if listed.len() < word.len() {
                        word.clone_into(listed);
                    }
                }
            },
        );
        lost
    }

    /// Id and headline of a document, where known.
    pub(in crate::index) fn of_doc(&self, doc: DocId) -> (Option<String>, Option<String>) {
        let headline = self.headlines.get(&doc).map(|words| {
            let words: Vec<&str> = words.values().map(String::as_str).collect();
            words.join(" ")
        });
        (self.ids.get(&doc).cloned(), headline)
    }
}

/// Calls `each` with every (term, document, positions) of a field for `docs`, which are ascending.
fn for_each_term(
    segment: &SegmentReader,
    field: Field,
    docs: &[DocId],
    each: &mut dyn FnMut(&str, DocId, &[u32]),
) {
    let Ok(index) = segment.inverted_index(field) else {
        return;
    };
    let Ok(mut terms) = index.terms().stream() else {
        return;
    };
    let mut positions = Vec::new();
    while terms.advance() {
        let option = IndexRecordOption::WithFreqsAndPositions;
        let (Ok(term), Ok(mut postings)) = (
            std::str::from_utf8(terms.key()),
            index.read_postings_from_terminfo(terms.value(), option),
        ) else {
            continue;
        };
        // Most terms are in few documents, so neither list is walked from end to end.
        let mut left = docs;
        while postings.doc() != TERMINATED {
            left = left
                .split_at(left.partition_point(|&doc| doc < postings.doc()))
                .1;
            match left.first() {
                None => break,
                Some(&doc) if doc == postings.doc() => {
                    postings.positions(&mut positions);
                    each(term, doc, &positions);
                    postings.advance();
                }
                Some(&doc) => {
                    postings.seek(doc);
                }
            }
        }
    }
}
