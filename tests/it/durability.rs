//! Killed at any moment: nothing kept is lost, nothing is there twice, and running again ends as if
//! nothing had happened.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::env::{Env, body};

const FILES: usize = 6;
const RECORDS: usize = 150;

fn spawn(env: &Env, arguments: &[&str]) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_clippings"))
        .args(arguments)
        .current_dir(env.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_add_is_finished_by_the_next() {
    for round in 0..8u64 {
        let env = Env::new();
        for file in 0..FILES {
            let records: Vec<_> = (0..RECORDS)
                .map(|i| {
                    let n = file * RECORDS + i;
                    json!({"id": n.to_string(), "headline": format!("제목 {n}"), "body": body(n)})
                })
                .collect();
            env.records(&format!("d/{file}.jsonl"), &records);
        }
        env.done("add d/0.jsonl");
        let mut child = spawn(&env, &["add", "d"]);
        thread::sleep(Duration::from_millis(15 + 35 * round));
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().unwrap();

        env.done("check");
        assert!(env.count() >= RECORDS as u64, "round {round}");
        env.done("add d");
        assert_eq!(env.count(), (FILES * RECORDS) as u64, "round {round}");
        env.done("check");
    }
}

#[test]
fn a_killed_rebuild_leaves_the_index_as_it_was() {
    let env = Env::new();
    let records: Vec<_> = (0..400)
        .map(|n| json!({"id": n.to_string(), "headline": format!("제목 {n}"), "body": body(n)}))
        .collect();
    env.records("a.jsonl", &records);
    env.done("add a.jsonl");
    for round in 0..6u64 {
        let mut child = spawn(&env, &["reindex"]);
        thread::sleep(Duration::from_millis(10 + 30 * round));
        let _ = child.kill();
        child.wait().unwrap();
        env.done("check");
        assert_eq!(env.count(), 400, "round {round}");
    }
    env.done("reindex");
    assert_eq!(env.count(), 400);
    let folders = std::fs::read_dir(env.path("index"))
        .unwrap()
        .filter(|e| e.as_ref().unwrap().path().is_dir())
        .count();
    assert_eq!(folders, 1);
}

#[test]
fn readers_see_a_whole_state_while_it_is_written() {
    let env = Env::new();
    env.records("a.jsonl", &[json!({"id": "first", "headline": "하나"})]);
    env.done("add a.jsonl");
    let records: Vec<_> = (0..2000)
        .map(|n| json!({"id": n.to_string(), "headline": format!("제목 {n}"), "body": body(n)}))
        .collect();
    env.records("b.jsonl", &records);
    let mut add = spawn(&env, &["add", "b.jsonl"]);
    let mut counts = Vec::new();
    while add.try_wait().unwrap().is_none() {
        counts.push(env.count());
    }
    let mut reindex = spawn(&env, &["reindex"]);
    while reindex.try_wait().unwrap().is_none() {
        counts.push(env.count());
        assert_eq!(env.show("first")["headline"], "하나");
    }
    counts.push(env.count());
    assert!(counts.is_sorted(), "{counts:?}");
    assert!(counts.iter().all(|c| [1, 2001].contains(c)), "{counts:?}");
}
