//! Readers while an index is written: they see one whole state or the next.

use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::env::{Env, body};

fn spawn(env: &Env, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_clippings"))
        .args(arguments)
        .current_dir(env.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
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
