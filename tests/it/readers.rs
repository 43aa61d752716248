//! Reading during writes: readers see one consistent state or the next.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clippings::index::{Archive, Writer, WriterOptions, check, rebuild};
use clippings::ingest::{IngestOptions, ingest};
use clippings::query;
use clippings::search::{Engine, Request};
use serde_json::json;

use crate::env::{Env, body, number_from};

fn spawn(env: &Env, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_clippings"))
        .env("CLIPPINGS_LANG", "en")
        .args(arguments)
        .current_dir(env.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn readers_see_a_consistent_state_during_writes() {
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

/// Number of clippings replaced per round.
const CLIPPINGS: u64 = 40;

/// Sixteen reader threads that share an engine, and a writer, in one process, so that it can run
/// under ThreadSanitizer (see SECURITY.md). The writer alternates between replacing every clipping
/// in one commit and rebuilding; everything a reader finds must be of one round.
/// `CLIPPINGS_READERS=60` runs for a minute.
#[test]
fn sixteen_readers_and_a_writer() {
    let env = Env::new();
    let index = env.path("index");
    write_round(&env, &index, 0);
    let engine = Engine::open(&index, None).unwrap();
    let until = Instant::now() + Duration::from_secs(number_from("CLIPPINGS_READERS", 2));
    let done = AtomicBool::new(false);
    let searches = AtomicU64::new(0);
    let mut rounds = 0;
    std::thread::scope(|scope| {
        for reader in 0..16 {
            let (engine, done, searches) = (&engine, &done, &searches);
            scope.spawn(move || {
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    let round = seen(engine);
                    assert!(round >= last, "reader {reader}: {round} after {last}");
                    last = round;
                    searches.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // Also ends the readers when this thread panics.
        let ending = Ending(&done);
        while Instant::now() < until || rounds < 2 {
            rounds += 1;
            write_round(&env, &index, rounds);
            if rounds % 3 == 0 {
                rebuild(&index, options("reindex"), &AtomicBool::new(false), None).unwrap();
            }
        }
        drop(ending);
    });
    assert_eq!(seen(&engine), rounds);
    assert!(check(&index).unwrap().problems.is_empty());
    let searches = searches.load(Ordering::Relaxed);
    println!("{rounds} rounds written, {searches} states read by sixteen readers");
}

/// Sets the flag on drop.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn options(command: &str) -> WriterOptions<'_> {
    WriterOptions {
        command,
        wait: Duration::from_secs(60),
        threads: Some(2),
    }
}

/// Replaces every clipping by one that names the round.
fn write_round(env: &Env, index: &Path, round: u64) {
    let records: Vec<_> = (0..CLIPPINGS)
        .map(|n| {
            json!({"id": format!("r-{n}"), "headline": format!("다리 소식 {n}"), "section": round.to_string(),
                "body": body((round * CLIPPINGS + n) as usize)})
        })
        .collect();
    let path = env.records(&format!("{round}.jsonl"), &records);
    let mut writer = Writer::open(index, true, options("add")).unwrap();
    let options = IngestOptions {
        paths: vec![path],
        threads: Some(2),
        ..IngestOptions::default()
    };
    let summary = ingest(
        &mut writer,
        &Arc::new(options),
        &Default::default(),
        &Default::default(),
        &mut |_| {},
    );
    let summary = summary.unwrap();
    assert_eq!(summary.added + summary.updated, CLIPPINGS);
    writer.finish().unwrap();
}

/// The round of an index, according to a search.
fn seen(engine: &Engine) -> u64 {
    let today = jiff::civil::date(2024, 2, 22);
    let answer = engine
        .searcher()
        .unwrap()
        .search(&Request {
            tree: query::parse("다리 소식", today).tree,
            all_copies: true,
            limit: CLIPPINGS as usize * 2,
            ..Request::default()
        })
        .unwrap();
    let sections = answer
        .hits
        .iter()
        .map(|hit| hit.clipping.section.as_deref());
    let rounds: Vec<u64> = sections.map(|s| s.unwrap().parse().unwrap()).collect();
    assert_eq!(rounds.len() as u64, CLIPPINGS);
    assert!(rounds.iter().all(|r| *r == rounds[0]), "{rounds:?}");
    rounds[0]
}

#[test]
fn concurrent_answers_equal_those_of_one_thread() {
    let env = Env::new();
    let records: Vec<_> = (0..300)
        .map(|n| json!({"id": n.to_string(), "headline": format!("제목 {n}"), "body": body(n)}))
        .collect();
    env.records("a.jsonl", &records);
    env.done("add a.jsonl");
    let queries = [
        "시청 공사",
        "\"제목\"",
        "발표했다",
        "예산*",
        "다리 -공사",
        "제목 7",
        "\"공사를\"",
    ];
    let engine = Engine::open(&env.path("index"), None).unwrap();
    let answer = |query: &str| {
        let tree = query::parse(query, jiff::civil::date(2024, 2, 22)).tree;
        let request = Request {
            tree,
            partial: true,
            facets: true,
            ..Request::default()
        };
        engine.searcher().unwrap().search(&request).unwrap()
    };
    let expected = queries.map(answer);
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let (expected, answer) = (&expected, &answer);
            scope.spawn(move || {
                for n in 0..queries.len() {
                    let n = (n + thread) % queries.len();
                    assert_eq!(answer(queries[n]), expected[n], "{}", queries[n]);
                }
            });
        }
    });
}

/// A rebuild removes the folder, so a reader must have opened all its files, including the record
/// dictionary.
#[test]
fn records_are_read_after_a_rebuild_removed_their_folder() {
    let env = Env::new();
    // Enough records for a dictionary.
    let long = |n: usize| {
        (0..40)
            .map(|i| body(n * 50 + i))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let records: Vec<_> = (0..300)
        .map(|n| json!({"id": n.to_string(), "headline": format!("제목 {n}"), "body": long(n)}))
        .collect();
    env.records("a.jsonl", &records);
    env.done("add a.jsonl");
    assert!(env.path("index/data-1/records.dict").is_file());
    let archive = Archive::open(&env.path("index")).unwrap();
    env.done("reindex");
    assert!(!env.path("index/data-1").exists());
    for n in (0..300).step_by(20) {
        let clipping = archive.get(&n.to_string()).unwrap();
        assert_eq!(clipping.body, long(n));
    }
}

/// Concurrent writes are not damage.
#[test]
fn checking_during_writes_finds_no_damage() {
    let env = Env::new();
    let index = env.path("index");
    let page = |n: usize| {
        let text = body(n).replace('\n', "</p><p>");
        format!(
            "<html><title>소식 {n}</title><body><h1>소식 {n}</h1><article><p>{text}</p></article></body></html>"
        )
    };
    for n in 0..20 {
        env.write(&format!("in/{n}.html"), page(n));
    }
    env.done("add --keep-pages in");
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 1..4 {
                for n in 0..20 {
                    env.write(&format!("in/{n}.html"), page(n + round * 100));
                }
                env.done("add --reread --keep-pages in");
                env.done("reindex");
            }
            is_done.store(true, Ordering::Relaxed);
        });
        let mut checked = 0;
        while !is_done.load(Ordering::Relaxed) || checked == 0 {
            let findings = check(&index).unwrap();
            assert!(findings.problems.is_empty(), "{:?}", findings.problems);
            checked += 1;
        }
    });
}
