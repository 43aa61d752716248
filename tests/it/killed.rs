//! `add`, `remove` and `reindex` killed at random moments.
//!
//! A few kills in every run; `CLIPPINGS_KILLS=200` for a long run, `CLIPPINGS_SEED` for other
//! moments. After each kill the index must open and be consistent, contain everything committed
//! before and nothing twice, and running the same command again must give the result of an
//! undisturbed run.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clippings::index::{Archive, check};
use serde_json::{Value, json};
use tantivy::DocAddress;

use crate::env::{Env, Random, body, number_from, program};

/// Three kills of each kind.
const KILLS: u64 = 12;

/// Records per batch.
const RECORDS: usize = 120;

/// A writing command, with the content of the index before and after it.
struct Scene {
    name: &'static str,
    arguments: Vec<String>,
    /// The index to copy; `None` for a new one.
    base: Option<&'static str>,
    before: State,
    after: State,
    takes: Duration,
}

/// Content of an index: record and group by id.
type State = BTreeMap<String, (String, u64)>;

#[test]
fn a_killed_command_loses_nothing_and_can_be_repeated() {
    let env = Env::new();
    let scenes = scenes(&env);
    let mut random = Random::new(number_from("CLIPPINGS_SEED", 6));
    let kills = number_from("CLIPPINGS_KILLS", KILLS);
    let mut in_time = BTreeMap::new();
    for n in 0..kills {
        let scene = &scenes[n as usize % scenes.len()];
        let at = scene.takes.mul_f64(random.fraction() * 1.1);
        let label = format!("kill {n}: {} after {at:?}", scene.name);
        // Printed when the test fails: the last one caused it.
        println!("{label}");
        fresh(&env, scene);
        let mut child = command(&env, &scene.arguments).spawn().unwrap();
        std::thread::sleep(at);
        child.kill().unwrap();
        let killed = child.wait().unwrap().code().is_none();
        *in_time.entry(scene.name).or_insert(0) += u64::from(killed);
        whole(&env, scene, &label);
        let again = command(&env, &scene.arguments).output().unwrap();
        // A clipping removed before the kill cannot be removed again.
        let done = again.status.success()
            || String::from_utf8_lossy(&again.stderr).contains("no clipping '");
        assert!(done, "{label}: {again:?}");
        assert_eq!(state(&env.path("index")), scene.after, "{label}");
        let findings = check(&env.path("index")).unwrap();
        assert!(
            findings.problems.is_empty(),
            "{label}: {:?}",
            findings.problems
        );
        let folders = fs::read_dir(env.path("index"))
            .unwrap()
            .filter(|e| e.as_ref().unwrap().path().is_dir())
            .count();
        assert_eq!(folders, 1, "{label}: an unused data folder is left");
    }
    println!("{kills} kills, met at work: {in_time:?}");
    assert!(in_time.values().sum::<u64>() * 2 >= kills, "{in_time:?}");
}

/// Files beside the index are replaced as a whole: a killed `digest` may show news again but never
/// drops any, and the output of a killed `export` is the old one or the new one.
#[test]
fn a_killed_digest_or_export_leaves_whole_files() {
    let env = Env::new();
    let records: Vec<Value> = (0..RECORDS)
        .map(|n| json!({"id": format!("k-{n:04}"), "headline": format!("소식 {n}"), "body": body(n)}))
        .collect();
    env.records("in.jsonl", &records);
    env.done("add in.jsonl");
    env.done("saved add 소식 소식");
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let digest = words("digest -o news.jsonl --format jsonl");
    let export = words("export 소식 -o out.jsonl");
    let mut takes = Vec::new();
    for arguments in [&digest, &export] {
        let start = Instant::now();
        assert!(command(&env, arguments).output().unwrap().status.success());
        takes.push(start.elapsed());
    }
    let news = fs::read(env.path("news.jsonl")).unwrap();
    let whole = fs::read(env.path("out.jsonl")).unwrap();
    assert!(news.len() > 10_000 && whole.len() > 10_000);
    let marks = fs::read(env.path("index/digest.json")).unwrap();
    let mut random = Random::new(number_from("CLIPPINGS_SEED", 6));
    let mut in_time = 0;
    let kills = number_from("CLIPPINGS_KILLS", KILLS);
    for n in 0..kills {
        let (arguments, file, new) = match n % 2 {
            0 => (&digest, "news.jsonl", &news),
            _ => (&export, "out.jsonl", &whole),
        };
        let at = takes[n as usize % 2].mul_f64(random.fraction() * 1.1);
        let label = format!("kill {n}: {arguments:?} after {at:?}");
        fs::write(env.path(file), "before").unwrap();
        let _ = fs::remove_file(env.path("index/digest.json"));
        let mut child = command(&env, arguments).spawn().unwrap();
        std::thread::sleep(at);
        child.kill().unwrap();
        in_time += u64::from(child.wait().unwrap().code().is_none());
        let now = fs::read(env.path(file)).unwrap();
        assert!(
            now == *b"before" || now == *new,
            "{label}: {} bytes",
            now.len()
        );
        if let Ok(state) = fs::read(env.path("index/digest.json")) {
            assert!(serde_json::from_slice::<Value>(&state).is_ok(), "{label}");
            assert_eq!(now, *new, "{label}: news that nobody saw count as seen");
        }
        let _ = fs::remove_file(env.path("index/digest.json"));
        let again = command(&env, arguments).output().unwrap();
        assert!(again.status.success(), "{label}: {again:?}");
        assert_eq!(fs::read(env.path(file)).unwrap(), *new, "{label}");
        for entry in fs::read_dir(env.path("")).unwrap() {
            let name = entry.unwrap().file_name();
            let is_known = ["index", "in.jsonl", "news.jsonl", "out.jsonl"]
                .contains(&&*name.to_string_lossy());
            assert!(is_known, "{label}: {name:?} is left");
        }
    }
    println!("{kills} kills of digest and export, met at work: {in_time}");
    assert!(!marks.is_empty());
    env.done("check");
}

/// Asserts that the index opens after a kill, is consistent, and has every clipping in its old or
/// new state.
fn whole(env: &Env, scene: &Scene, label: &str) {
    let index = env.path("index");
    if !index.join("clippings.json").exists() {
        assert!(scene.before.is_empty(), "{label}: the index is gone");
        return;
    }
    let findings = check(&index).unwrap_or_else(|e| panic!("{label}: {e}"));
    assert!(
        findings.problems.is_empty(),
        "{label}: {:?}",
        findings.problems
    );
    let now = state(&index);
    for (id, clipping) in &now {
        let is_known = [&scene.before, &scene.after]
            .iter()
            .any(|state| state.get(id) == Some(clipping));
        assert!(
            is_known,
            "{label}: {id} equals neither the old nor the new state"
        );
    }
    for id in scene.before.keys() {
        let may_be_gone = !scene.after.contains_key(id);
        assert!(now.contains_key(id) || may_be_gone, "{label}: {id} is lost");
    }
}

fn scenes(env: &Env) -> Vec<Scene> {
    let record = |n: usize, text: usize| {
        json!({"id": format!("k-{n:04}"), "headline": format!("소식 {n}"), "outlet": "한빛신문",
            "date": format!("2024-02-{:02}", n % 28 + 1), "body": body(text)})
    };
    let first: Vec<Value> = (0..RECORDS).map(|n| record(n, n % 100)).collect();
    // Half of it changed, a third with the same text at another URL, the rest new.
    let second: Vec<Value> = (RECORDS / 2..RECORDS * 3 / 2)
        .map(|n| record(n, n + usize::from(n < RECORDS) * 1_000))
        .collect();
    env.records("first.jsonl", &first);
    env.records("second.jsonl", &second);
    env.records("again.jsonl", &first[..RECORDS / 4]);
    crate::env::settle();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut remove = vec!["remove".to_owned()];
    remove.extend((0..RECORDS / 3).map(|n| format!("k-{:04}", n * 2)));
    let mut scenes = Vec::new();
    for (name, arguments, base) in [
        ("add to nothing", words("add first.jsonl"), None),
        (
            "add changes",
            words("add second.jsonl again.jsonl"),
            Some("base"),
        ),
        ("remove", remove, Some("base")),
        ("reindex", words("reindex"), Some("base")),
    ] {
        let mut scene = Scene {
            name,
            arguments,
            base,
            before: State::new(),
            after: State::new(),
            takes: Duration::ZERO,
        };
        fresh(env, &scene);
        if base.is_some() {
            scene.before = state(&env.path("index"));
        }
        let start = Instant::now();
        let run = command(env, &scene.arguments).output().unwrap();
        scene.takes = start.elapsed();
        assert!(run.status.success(), "{name}: {run:?}");
        scene.after = state(&env.path("index"));
        if base.is_none() {
            copy(&env.path("index"), &env.path("base"));
        }
        scenes.push(scene);
    }
    scenes
}

fn command(env: &Env, arguments: &[String]) -> Command {
    let mut command = Command::new(program());
    command.env("CLIPPINGS_LANG", "en");
    command
        .current_dir(env.path(""))
        .env_remove("CLIPPINGS_INDEX")
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Copies the initial index of the scene.
fn fresh(env: &Env, scene: &Scene) {
    let index = env.path("index");
    if index.exists() {
        fs::remove_dir_all(&index).unwrap();
    }
    match scene.base {
        Some(base) => copy(&env.path(base), &index),
        None => fs::create_dir(&index).unwrap(),
    }
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Everything in an index. Fails on duplicates.
pub fn state(index: &Path) -> State {
    let archive = Archive::open(index).unwrap();
    let mut state = State::new();
    for (ord, segment) in archive.searcher().segment_readers().iter().enumerate() {
        let groups = segment.fast_fields().u64("group").unwrap();
        for doc in segment.doc_ids_alive() {
            let clipping = archive.fetch(DocAddress::new(ord as u32, doc)).unwrap();
            let record = serde_json::to_string(&clipping).unwrap();
            let group = groups.first(doc).unwrap();
            let twice = state.insert(clipping.id.clone(), (record, group));
            assert!(twice.is_none(), "duplicate {}", clipping.id);
        }
    }
    state
}
