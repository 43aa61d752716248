//! What is merged says what its sources said, without what was taken out of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use tantivy::directory::RamDirectory;
use tantivy::indexer::merge_indices;
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::store::StoreReader;
use tantivy::{DocAddress, DocId, DocSet, SegmentReader, TERMINATED};

use super::*;
use crate::clipping::Clipping;
use crate::index::engine::directory::VerifiedDirectory;
use crate::index::engine::id_lookup::{IdHash, IdLookup};
use crate::index::engine::schema::schema;
use crate::index::read::archive::open_data;
use crate::index::{Archive, IncomingDoc, Meta, Writer, WriterOptions, check};

fn writer(dir: &Path) -> Writer {
    let options = WriterOptions {
        command: "add",
        wait: Duration::ZERO,
        threads: Some(1),
    };
    Writer::open(dir, true, options).unwrap()
}

fn clipping(id: u32, version: u32) -> Clipping {
    Clipping {
        id: format!("clip-{id}"),
        headline: format!("제목 {id}: 생성형AI"),
        body: format!(
            "{version}번째 판. {}",
            "대통령실은 R&D를 늘린다고 말했다.\n".repeat((id % 5) as usize)
        ),
        outlet: (!id.is_multiple_of(3)).then(|| format!("한빛신문{}", id % 4)),
        reporters: vec!["김하나".to_owned(); (id % 2) as usize],
        url: Some(format!("https://hanbit.example/{id}")),
        ..Clipping::default()
    }
}

/// A term, and what is listed under it: clippings, how often each has it, and where.
type OfTerm = (Vec<u8>, Vec<(DocId, u32, Vec<u32>)>);

/// All that a segment lists under a field.
fn listed(segment: &SegmentReader, field: Field) -> Vec<OfTerm> {
    let index = segment.inverted_index(field).unwrap();
    let mut terms = index.terms().stream().unwrap();
    let mut listed = Vec::new();
    while let Some((term, info)) = terms.next() {
        let option = IndexRecordOption::WithFreqsAndPositions;
        let mut postings = index.read_postings_from_terminfo(info, option).unwrap();
        let mut docs = Vec::new();
        while postings.doc() != TERMINATED {
            let mut positions = Vec::new();
            postings.positions(&mut positions);
            docs.push((postings.doc(), postings.term_freq(), positions));
            postings.advance();
        }
        listed.push((term.to_owned(), docs));
    }
    listed
}

/// The values of all columns for a clipping.
fn columns(segment: &SegmentReader, doc: DocId) -> Vec<String> {
    let columns = segment.fast_fields();
    let mut values = Vec::new();
    for name in ["content", "group", "text_bytes", "sketch"] {
        let column = columns.u64(name).unwrap();
        values.extend(column.values_for_doc(doc).map(|n| format!("{name} {n}")));
    }
    for name in ["published", "added"] {
        let column = columns.i64(name).unwrap();
        values.extend(column.values_for_doc(doc).map(|n| format!("{name} {n}")));
    }
    for name in ["outlet", "reporter", "section"] {
        let column = columns.str(name).unwrap().unwrap();
        for ord in column.term_ords(doc) {
            let mut value = format!("{name} ");
            column.ord_to_str(ord, &mut value).unwrap();
            values.push(value);
        }
    }
    values
}

#[test]
fn what_is_merged_is_what_the_engine_would_have_merged() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = writer(dir.path());
    for id in 0..5_000 {
        writer
            .put(IncomingDoc::new(clipping(id, 0), false))
            .unwrap();
        if [9, 150, 1_700, 1_701, 4_000].contains(&id) {
            writer.commit().unwrap();
        }
    }
    for id in (1_750..1_790).chain([0, 9]) {
        writer.remove([format!("clip-{id}").as_str()]).unwrap();
    }
    writer.finish().unwrap();

    let data = Meta::read(dir.path()).unwrap().data_dir(dir.path());
    let index = open_data(&data).unwrap();
    let searcher = index.reader().unwrap().searcher();
    let sources = searcher.segment_readers();
    assert_eq!(sources.len(), 6);
    assert_eq!(sources.iter().filter(|s| s.has_deletes()).count(), 2);
    let ours = merged::write(&index, sources, &AtomicBool::new(false))
        .unwrap()
        .unwrap();
    let ours = SegmentReader::open(&ours).unwrap();

    assert!(merged::write(&index, sources, &AtomicBool::new(true)).is_err());

    // The engine does not know of keys here.
    let theirs = Index::open(VerifiedDirectory::open(&data).unwrap()).unwrap();
    let theirs = merge_indices(&[theirs], RamDirectory::create()).unwrap();
    let theirs = theirs.reader().unwrap().searcher();
    let [theirs] = theirs.segment_readers() else {
        panic!("{} segments", theirs.segment_readers().len());
    };

    assert_eq!(ours.max_doc(), theirs.max_doc());
    for (field, entry) in schema().fields().filter(|(_, entry)| entry.is_indexed()) {
        assert_eq!(
            listed(&ours, field),
            listed(theirs, field),
            "{}",
            entry.name()
        );
        let tokens =
            |segment: &SegmentReader| segment.inverted_index(field).unwrap().total_num_tokens();
        assert_eq!(tokens(&ours), tokens(theirs), "{}", entry.name());
        let lengths = |segment: &SegmentReader| {
            let lengths = segment.fieldnorms_readers().get_field(field).unwrap();
            let length = |doc| lengths.as_ref().map_or(0, |lengths| lengths.fieldnorm(doc));
            segment.doc_ids_alive().map(length).collect::<Vec<_>>()
        };
        assert_eq!(lengths(&ours), lengths(theirs), "{}", entry.name());
    }
    let records = |segment: &SegmentReader| segment.get_store_reader(1).unwrap();
    let (our_records, their_records) = (records(&ours), records(theirs));
    for doc in ours.doc_ids_alive() {
        let record = |of: &StoreReader| of.get_document_bytes(doc).unwrap();
        assert_eq!(record(&our_records), record(&their_records), "{doc}");
        assert_eq!(columns(&ours, doc), columns(theirs, doc), "{doc}");
    }
    let keys = IdLookup::open(&ours).unwrap();
    for id in 0..5_000 {
        let found = keys.docs(IdHash::Id(&format!("clip-{id}"))).count();
        let is_out = (1_750..1_790).contains(&id) || [0, 9].contains(&id);
        assert_eq!(found, usize::from(!is_out), "{id}");
    }
}

/// What is done to an index.
#[derive(Debug, Clone)]
enum Step {
    Put(u32, u32),
    Remove(u32),
    Commit,
    Reopen,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn merging_loses_nothing_and_brings_nothing_back(
        steps in prop::collection::vec(
            prop_oneof![
                3 => (0u32..30, 0u32..9).prop_map(|(id, version)| Step::Put(id, version)),
                1 => (0u32..30).prop_map(Step::Remove),
                4 => Just(Step::Commit),
                1 => Just(Step::Reopen),
            ],
            20..160,
        ),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut writing = writer(dir.path());
        let mut expected = BTreeMap::new();
        for step in steps {
            match step {
                Step::Put(id, version) => {
                    writing.put(IncomingDoc::new(clipping(id, version), false)).unwrap();
                    expected.insert(format!("clip-{id}"), clipping(id, version).body);
                }
                Step::Remove(id) => {
                    let id = format!("clip-{id}");
                    writing.remove([id.as_str()]).unwrap();
                    expected.remove(&id);
                }
                Step::Commit => writing.commit().unwrap(),
                Step::Reopen => {
                    writing.finish().unwrap();
                    writing = writer(dir.path());
                }
            }
        }
        writing.finish().unwrap();
        let archive = Archive::open(dir.path()).unwrap();
        let mut found = BTreeMap::new();
        for (ord, segment) in (0..).zip(archive.searcher().segment_readers()) {
            for doc in segment.doc_ids_alive() {
                let clipping = archive.fetch(DocAddress::new(ord, doc)).unwrap();
                prop_assert!(found.insert(clipping.id, clipping.body).is_none());
            }
        }
        prop_assert_eq!(found, expected);
        prop_assert!(archive.searcher().segment_readers().len() < 2 * 8);
        let findings = check(dir.path()).unwrap();
        prop_assert!(findings.problems.is_empty(), "{:?}", findings.problems);
        // No file is left of what was merged.
        let data = Meta::read(dir.path()).unwrap().data_dir(dir.path());
        let segments: Vec<String> = archive
            .searcher()
            .segment_readers()
            .iter()
            .map(|segment| segment.segment_id().uuid_string())
            .collect();
        for file in fs::read_dir(data).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let is_of_segment = name.len() > 32 && name.is_char_boundary(32);
            if is_of_segment {
                prop_assert!(segments.iter().any(|s| name.starts_with(s.as_str())), "{}", name);
            }
        }
    }
}
