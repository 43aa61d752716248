//! The record dictionary: trained once an index has enough records, stored twice, restored from its
//! copy.

use std::fs;

use serde_json::{Value, json};

use crate::env::{Env, body};

/// Clippings with ids from `first`; `times` controls the length of their bodies.
fn clippings(first: usize, count: usize, times: usize) -> Vec<Value> {
    (first..first + count)
        .map(|i| {
            let bodies: Vec<String> = (0..times).map(|n| body(i * 50 + n)).collect();
            json!({"id": format!("record-{i}"), "headline": format!("소식 {i}"), "body": bodies.join("\n")})
        })
        .collect()
}

#[test]
fn records_are_read_with_the_dictionary_or_its_copy() {
    let env = Env::new();
    let records = clippings(0, 300, 40);
    env.records("long.jsonl", &records);
    env.done("add long.jsonl");
    let files =
        ["records.dict", "records-copy.dict"].map(|f| env.path(&format!("index/data-1/{f}")));
    let whole = fs::read(&files[0]).expect("enough records to train a dictionary");
    assert_eq!(fs::read(&files[1]).unwrap(), whole);
    let is_whole = || {
        for i in [0, 150, 299] {
            let shown = env.show(&format!("record-{i}"));
            assert_eq!(shown["body"], records[i]["body"], "record-{i}");
        }
    };
    is_whole();
    env.done("check");

    // One copy is damaged: read from the other, found by `check`, restored by the next `add`.
    for (n, file) in files.iter().enumerate() {
        fs::write(file, &whole[..whole.len() / 2]).unwrap();
        is_whole();
        let check = env.run("check");
        assert_eq!(check.code, 2, "{check:?}");
        assert!(check.out.contains("dict"), "{check:?}");
        env.records("one.jsonl", &clippings(1_000 + n, 1, 1));
        env.done("add one.jsonl");
        assert_eq!(fs::read(file).unwrap(), whole);
        env.done("check");
    }

    // Both copies are gone: no record is readable, and the files stay for recovery.
    for file in &files {
        fs::remove_file(file).unwrap();
    }
    for (command, said) in [
        ("show record-0", "damaged"),
        ("reindex", "cannot be rebuilt"),
    ] {
        let run = env.run(command);
        assert_eq!(run.code, 2, "{command}: {run:?}");
        assert!(run.err.contains(said), "{command}: {run:?}");
    }
    fs::write(&files[1], &whole).unwrap();
    is_whole();
    assert_eq!(env.done("reindex"), "rebuilt 302 clippings\n");
    is_whole();
}

#[test]
fn a_dictionary_is_trained_on_committed_records() {
    let env = Env::new();
    let dictionary = env.path("index/data-1/records.dict");
    env.records("short.jsonl", &clippings(0, 1_100, 1));
    env.done("add short.jsonl");
    assert!(!dictionary.exists());
    env.records("more.jsonl", &clippings(2_000, 1, 1));
    env.done("add more.jsonl");
    assert!(dictionary.exists());
    env.done("check");
    assert_eq!(env.count(), 1_101);
}
