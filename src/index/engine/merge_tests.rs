//! A merged segment contains what its sources did, without the deleted documents.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use tantivy::DocAddress;

use crate::clipping::Clipping;
use crate::index::engine::id_lookup::{IdHash, IdLookup};
use crate::index::{Archive, IncomingDoc, IndexError, Meta, Writer, WriterOptions, check};

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

#[test]
fn keys_are_merged_with_their_documents() {
    let dir = tempfile::tempdir().unwrap();
    let mut writing = writer(dir.path());
    let is_gone = |id: u32| id.is_multiple_of(7);
    for id in 0..4_000 {
        writing
            .put(IncomingDoc::new(clipping(id, 0), false))
            .unwrap();
        if id % 501 == 500 {
            writing.commit().unwrap();
        }
    }
    for id in (0..4_000).filter(|&id| is_gone(id)) {
        writing.remove([format!("clip-{id}").as_str()]).unwrap();
    }
    assert!(writing.finish().unwrap().merge_failure.is_none());

    let archive = Archive::open(dir.path()).unwrap();
    let [segment] = archive.searcher().segment_readers() else {
        panic!("{} segments", archive.searcher().segment_readers().len());
    };
    let keys = IdLookup::open(segment).unwrap();
    for id in 0..4_000 {
        for key in [
            IdHash::Id(&format!("clip-{id}")),
            IdHash::Url(&format!("https://hanbit.example/{id}")),
        ] {
            let found: Vec<String> = keys
                .docs(key)
                .filter(|&doc| !segment.is_deleted(doc))
                .map(|doc| archive.fetch(DocAddress::new(0, doc)).unwrap().id)
                .collect();
            match is_gone(id) {
                true => assert!(found.is_empty(), "{id}: {found:?}"),
                false => assert_eq!(found, [format!("clip-{id}")]),
            }
        }
    }
}

/// A failed merge loses nothing and is reported.
#[test]
fn a_merge_that_fails_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let mut writing = writer(dir.path());
    let put = |writing: &mut Writer, id: u32| {
        let body = format!("{id}번 글의 {} 하나뿐인 본문", id * 7919);
        let clipping = Clipping {
            body,
            ..clipping(id, 0)
        };
        writing.put(IncomingDoc::new(clipping, false)).unwrap();
    };
    for segment in 0..6 {
        // Enough for a second block in the store: the last block is read on opening.
        (0..300).for_each(|id| put(&mut writing, segment * 300 + id));
        writing.commit().unwrap();
    }
    assert!(writing.finish().unwrap().merge_failure.is_none());
    assert_eq!(check(dir.path()).unwrap().unmerged, 0);
    let data = Meta::read(dir.path()).unwrap().data_dir(dir.path());
    for file in fs::read_dir(&data).unwrap().flatten() {
        if file.path().extension().is_some_and(|e| e == "store") {
            let mut bytes = fs::read(file.path()).unwrap();
            bytes[3] ^= 1;
            fs::remove_file(file.path()).unwrap();
            fs::write(file.path(), bytes).unwrap();
        }
    }
    let mut writing = writer(dir.path());
    for id in 0..3 {
        put(&mut writing, 9_000 + id);
        writing.commit().unwrap();
    }
    let finished = writing.finish().unwrap();
    assert!(matches!(
        finished.merge_failure,
        Some(IndexError::Damaged(_))
    ));
    drop(finished);
    let archive = Archive::open(dir.path()).unwrap();
    assert_eq!(archive.len(), 1_803);
    assert!(archive.unmerged_segments() >= 8);
}

/// An operation on an index.
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
    fn merging_neither_loses_nor_restores_documents(
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
        // No file of a merged segment is left.
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
