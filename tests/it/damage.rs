//! Single flipped bits in the files of an index.
//!
//! In each round, one bit is flipped or a file is truncated. Then every query is answered as before
//! or fails; never another answer, never a panic. `CLIPPINGS_FLIPS=2000` for a long run,
//! `CLIPPINGS_SEED` for other positions.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clippings::analyze::synonyms::Synonyms;
use clippings::clipping::Clipping;
use clippings::index::{IndexError, Result, Writer, WriterOptions, check, skipped, stats};
use clippings::ingest::{IngestOptions, ingest};
use clippings::query;
use clippings::search::{Engine, HitKey, Request, Show, Sort};
use serde_json::json;

use crate::env::{Env, Random, body, number_from};
use crate::killed::{copy, state};

/// Number of rounds.
const FLIPS: u64 = 60;

/// Queries of each round: words, quotations, fields, filters, orders.
const QUERIES: &[&str] = &[
    "시청",
    "공사 예산",
    "\"새 다리\"",
    "제목:소식 -본문:없는말",
    "기자:김하나",
    "언론사:한빛신문 도로",
    "date:2024-02-03..2024-02-09",
    "주*",
    "\"발표했다\"",
    "발표했*",
    "없는말",
    "*",
];

#[test]
fn a_flipped_bit_gives_an_error_or_the_right_answer() {
    let env = Env::new();
    make(&env);
    let whole = env.path("whole");
    copy(&env.path("index"), &whole);
    let index = env.path("index");
    let expected = answers(&index).unwrap();
    let files = files(&whole);
    let mut random = Random::new(number_from("CLIPPINGS_SEED", 6));
    let (mut refused, mut right) = (0, 0);
    for n in 0..number_from("CLIPPINGS_FLIPS", FLIPS) {
        // Every second round, small files are as likely as large ones.
        let file = match n % 2 {
            0 => by_size(&files, &mut random),
            _ => &files[random.below(files.len())].0,
        };
        let mut bytes = fs::read(whole.join(file)).unwrap();
        if bytes.is_empty() {
            continue;
        }
        let (at, bit) = (random.below(bytes.len()), random.below(8));
        let label = if n % 10 == 9 {
            bytes.truncate(at);
            format!("flip {n}: {} cut to {at} bytes", file.display())
        } else {
            bytes[at] ^= 1 << bit;
            format!("flip {n}: bit {bit} of byte {at} of {}", file.display())
        };
        replace(&index.join(file), &bytes);
        let stderr = catch_unwind(AssertUnwindSafe(|| answers(&index)))
            .unwrap_or_else(|_| panic!("{label}: searching panicked"));
        match stderr {
            Ok(answers) => {
                assert_eq!(answers, expected, "{label}");
                right += 1;
            }
            Err(_) => refused += 1,
        }
        let found = catch_unwind(AssertUnwindSafe(|| check(&index)))
            .unwrap_or_else(|_| panic!("{label}: checking panicked"));
        let is_data = file.extension().is_some() && file.starts_with("data-1");
        if is_data && file.extension().is_some_and(|e| e != "json" && e != "lock") {
            let is_found = found.as_ref().map_or(true, |f| !f.problems.is_empty());
            assert!(is_found, "{label}: not found by check");
        }
        if file.starts_with("ledger.redb") {
            let stderr = catch_unwind(AssertUnwindSafe(|| add_again(&env)))
                .unwrap_or_else(|_| panic!("{label}: adding panicked"));
            if stderr.is_ok() {
                // A recreated ledger no longer knows what was removed, and a source may be stored
                // under another path, but no clipping may be lost or changed.
                let now = texts(&index);
                for (id, text) in texts(&whole) {
                    assert_eq!(now.get(&id), Some(&text), "{label}");
                }
            }
            fs::remove_dir_all(&index).unwrap();
            copy(&whole, &index);
        } else {
            replace(&index.join(file), &fs::read(whole.join(file)).unwrap());
        }
    }
    println!("{refused} refused, {right} right, none wrong");
    assert!(refused > 0 && right > 0);
    assert_eq!(answers(&index).unwrap(), expected);
}

/// Verb forms are indexed by their stems, so these queries read the record of every clipping with
/// the stem. An unreadable record is an error, since the answer without it would be wrong.
#[test]
fn an_unreadable_record_fails_a_query_that_verifies_records() {
    let env = Env::new();
    // More than one checksum block, since the last one is read when the file is opened.
    let records: Vec<_> = (0..400)
        .map(|n| json!({"headline": format!("소식 {n}"), "body": format!("{}\n시청이 {n}일 발표했다.", body(n))}))
        .collect();
    env.records("in.jsonl", &records);
    env.done("add in.jsonl");
    let index = env.path("index");
    for file in files(&index).into_iter().map(|(file, _)| file) {
        if file.extension().is_some_and(|e| e == "store") {
            let mut bytes = fs::read(index.join(&file)).unwrap();
            bytes[100] ^= 1;
            replace(&index.join(&file), &bytes);
        }
    }
    let engine = Engine::open(&index, Some(Synonyms::builtin().clone())).unwrap();
    let searcher = engine.searcher().unwrap();
    // With no hits to show, records are only read for verification.
    let count = |query: &str| {
        let tree = query::parse(query, jiff::civil::date(2024, 2, 22)).tree;
        let request = Request {
            tree,
            limit: 0,
            ..Request::default()
        };
        searcher.search(&request).map(|answer| answer.total)
    };
    assert!(count("발표").unwrap() > 0);
    for query in [
        "\"발표했다\"",
        "발표했*",
        "발표했* -없는말",
        "시청 \"발표했다\"",
    ] {
        let counted = count(query);
        assert!(
            matches!(counted, Err(IndexError::Damaged(_))),
            "{query}: {counted:?}"
        );
    }
    for arguments in [
        "search --format trec \"발표했다\"",
        "trend 발표했*",
        "export --format csv \"발표했다\"",
    ] {
        let run = env.run(arguments);
        assert_eq!(run.code, 2, "{arguments}: {run:?}");
    }
}

/// An index of one segment with many blocks.
fn make_large(env: &Env) -> PathBuf {
    let records: Vec<_> = (0..400)
        .map(|n| json!({"id": format!("d-{n:03}"), "headline": format!("소식{n} 새다리"), "body": body(n)}))
        .collect();
    env.records("in.jsonl", &records);
    env.done("add in.jsonl");
    env.done("remove d-007 d-300");
    env.path("index/data-1")
}

/// The checksums of a file of another segment are right, and so may be its number of documents.
#[test]
fn a_file_of_another_segment_is_an_error() {
    let [env, other] = [0, 1_000].map(|first| {
        let env = Env::new();
        let records: Vec<_> = (0..60)
            .map(|n| {
                json!({"id": format!("d-{n:02}"), "headline": format!("소식 {} 새 다리", first + n),
                    "body": format!("{}\n시청이 {n}일 발표했다.", body(first + n))})
            })
            .collect();
        env.records("in.jsonl", &records);
        env.done("add in.jsonl");
        env
    });
    let index = env.path("index");
    let expected = answers(&index).unwrap();
    let others = files(&other.path("index/data-1"));
    let mut exchanged = 0;
    for (file, _) in files(&index.join("data-1")) {
        let path = index.join("data-1").join(&file);
        let is_same_kind = |other: &&(PathBuf, usize)| other.0.extension() == file.extension();
        let Some((from, _)) = others.iter().find(is_same_kind) else {
            continue;
        };
        if file.extension().is_none_or(|e| e == "json" || e == "lock") {
            continue;
        }
        let own = fs::read(&path).unwrap();
        let from = fs::read(other.path("index/data-1").join(from)).unwrap();
        if own == from {
            continue;
        }
        exchanged += 1;
        replace(&path, &from);
        let label = file.display();
        let found = catch_unwind(AssertUnwindSafe(|| answers(&index)))
            .unwrap_or_else(|_| panic!("{label}: searching panicked"));
        if let Ok(answers) = found {
            assert_eq!(answers, expected, "{label}");
        }
        let found = catch_unwind(AssertUnwindSafe(|| check(&index)))
            .unwrap_or_else(|_| panic!("{label}: checking panicked"));
        assert!(
            found.map_or(true, |found| !found.problems.is_empty()),
            "{label}"
        );
        replace(&path, &own);
    }
    assert!(exchanged >= 5, "{exchanged}");
    assert!(answers(&index).unwrap() == expected);
}

/// Records alone are enough to rebuild the index, whatever else is damaged.
#[test]
fn an_index_is_rebuilt_from_its_record_store_alone() {
    let env = Env::new();
    let data = make_large(&env);
    let whole = env.path("whole");
    copy(&env.path("index"), &whole);
    let expected: BTreeMap<_, _> = texts(&env.path("index"));
    assert_eq!(expected.len(), 398);
    let mut names: Vec<String> = files(&data)
        .into_iter()
        .map(|(file, _)| format!("data-1/{}", file.display()))
        .filter(|name| !name.ends_with(".lock") && !name.ends_with(".store"))
        .collect();
    names.push("clippings.json".to_owned());
    let mut tried = 0;
    for name in names {
        for harm in ["flip", "cut", "remove", "garble"] {
            fs::remove_dir_all(env.path("index")).unwrap();
            copy(&whole, &env.path("index"));
            let path = env.path(&format!("index/{name}"));
            let mut bytes = fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            match harm {
                "flip" => bytes[middle] ^= 1,
                "cut" => bytes.truncate(middle),
                _ => bytes = b"garbled".to_vec(),
            }
            match harm {
                "remove" => fs::remove_file(&path).unwrap(),
                _ => replace(&path, &bytes),
            }
            if harm == "remove" && name == "clippings.json" {
                // A folder that only looks new: `add` must not start over in it.
                let run = env.run("add in.jsonl");
                assert_eq!(run.code, 2, "{run:?}");
                assert!(run.err.contains("clippings.json is missing"), "{run:?}");
            }
            let run = env.run("reindex");
            assert_eq!(run.code, 0, "{harm} {name}: {run:?}");
            let now = texts(&env.path("index"));
            let is_of_deletes = name.ends_with(".del") || name.ends_with("meta.json");
            for (id, text) in &expected {
                assert_eq!(now.get(id), Some(text), "{harm} {name}: {id}");
            }
            // If nothing readable says that clippings were removed, they are back, and a warning
            // says so.
            assert!(
                now.len() == 398 || is_of_deletes,
                "{harm} {name}: {}",
                now.len()
            );
            if now.len() != 398 {
                assert!(run.err.contains("may be"), "{harm} {name}: {run:?}");
            }
            env.done("check");
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

/// A lost record is described by what the rest of the index knows about it.
#[test]
fn lost_records_are_named() {
    let env = Env::new();
    let data = make_large(&env);
    let (store, _) = files(&data)
        .into_iter()
        .find(|(file, _)| file.extension().is_some_and(|e| e == "store"))
        .unwrap();
    let path = data.join(store);
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    replace(&path, &bytes);
    let run = env.run("reindex");
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("d-000 (소식0 새다리)"), "{run:?}");
    assert!(run.err.contains("clippings are lost"), "{run:?}");
    let left = texts(&env.path("index")).len();
    assert!(left > 100 && left < 398, "{left}");
    env.done("check");

    // Without any record, the sources have to be added again.
    for (file, _) in files(&env.path("index/data-2")) {
        if file.extension().is_some_and(|e| e == "store") {
            replace(&env.path("index/data-2").join(file), b"garbled");
        }
    }
    let run = env.run("reindex");
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("move this folder away"), "{run:?}");
    assert!(run.err.contains("saved.json"), "{run:?}");
}

/// A segment whose record store cannot be opened is lost as a whole, but the rest of it still names
/// its clippings.
#[test]
fn clippings_of_a_lost_store_are_named_and_counted() {
    let env = Env::new();
    let data = make_large(&env);
    env.records(
        "more.jsonl",
        &[json!({"id": "kept", "headline": "남은 소식", "body": body(7_777)})],
    );
    let before: Vec<PathBuf> = files(&data).into_iter().map(|(file, _)| file).collect();
    env.done("add more.jsonl");
    let store = before
        .iter()
        .find(|file| file.extension().is_some_and(|e| e == "store"))
        .unwrap();
    let path = data.join(store);
    assert!(path.exists(), "the segments were merged");
    let whole = env.path("whole");
    copy(&env.path("index"), &whole);
    for harm in ["cut", "removed", "terms"] {
        fs::remove_dir_all(env.path("index")).unwrap();
        copy(&whole, &env.path("index"));
        match harm {
            "removed" => fs::remove_file(&path).unwrap(),
            _ => replace(&path, &fs::read(&path).unwrap()[..1_000]),
        }
        if harm == "terms" {
            replace(&path.with_extension("term"), b"garbled");
        }
        let run = env.run("reindex");
        assert_eq!(run.code, 2, "{harm}: {run:?}");
        assert!(
            run.err.contains("398 clippings are lost"),
            "{harm}: {run:?}"
        );
        let names_them = run.err.contains("lost: d-399 (소식399 새다리)");
        assert_eq!(names_them, harm != "terms", "{harm}: {run:?}");
        assert_eq!(
            texts(&env.path("index")).into_keys().collect::<Vec<_>>(),
            ["kept"]
        );
    }
}

/// Pipes would block, and a file without end would fill the memory.
#[cfg(unix)]
#[test]
fn files_of_the_index_folder_are_small_regular_files() {
    let env = Env::new();
    env.records(
        "in.jsonl",
        &[json!({"id": "a", "headline": "소식", "body": body(1)})],
    );
    env.done("add in.jsonl");
    env.done("saved add 소식 소식");
    for (name, command) in [
        ("user-words.txt", "search 소식"),
        ("user-words.txt", "add in.jsonl"),
        ("user-words.txt", "reindex"),
        ("config.json", "search 소식"),
        ("synonyms.txt", "search 소식"),
        ("saved.json", "saved list"),
        ("digest.json", "digest"),
        ("removed.jsonl", "remove a"),
        ("removed.jsonl", "restore"),
        ("clippings.json", "search 소식"),
        ("clippings.json", "check"),
    ] {
        let path = env.path(&format!("index/{name}"));
        let before = fs::read(&path).ok();
        let _ = fs::remove_file(&path);
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        let run = env.run(command);
        assert_eq!(run.code, 2, "{name}, {command}: {run:?}");
        assert!(
            run.err.contains("not a regular file"),
            "{name}, {command}: {run:?}"
        );
        fs::remove_file(&path).unwrap();
        if name.ends_with(".txt") || name == "saved.json" {
            fs::File::create(&path)
                .unwrap()
                .set_len((64 << 20) + 1)
                .unwrap();
            let run = env.run(command);
            assert_eq!(run.code, 2, "{name}, {command}: {run:?}");
            assert!(
                run.err.contains("larger than 64 MB"),
                "{name}, {command}: {run:?}"
            );
            fs::remove_file(&path).unwrap();
        }
        if let Some(before) = before {
            fs::write(&path, before).unwrap();
        }
    }
    assert_eq!(env.count(), 1);
}

/// A killed `remove` may leave an incomplete line, to which the next one must not append.
#[test]
fn an_incomplete_line_of_removed_clippings_costs_no_other() {
    let env = Env::new();
    make(&env);
    let path = env.path("index/removed.jsonl");
    let mut lines = fs::read(&path).unwrap();
    lines.extend_from_slice(br#"{"removal":2,"id":"d-0"#);
    fs::write(&path, &lines).unwrap();
    env.done("check");
    env.done("remove d-10 d-11");
    env.done("check");
    assert!(env.done("restore").contains("restored 2"));
    assert_eq!(env.count(), 58);
    fs::write(&path, "garbled\n").unwrap();
    let run = env.run("check");
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.out.contains("removed.jsonl"), "{run:?}");
}

#[test]
fn an_unreadable_removed_clipping_is_reported_and_kept() {
    let env = Env::new();
    make(&env);
    let path = env.path("index/removed.jsonl");
    let line = b"{\"removal\":1,\"id\":7}\n";
    let before = [line, &fs::read(&path).unwrap()[..]].concat();
    fs::write(&path, &before).unwrap();
    env.done("remove d-10");
    let run = env.run("restore");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("restored 1"), "{run:?}");
    assert!(
        run.err.contains("unreadable lines of removed.jsonl"),
        "{run:?}"
    );
    assert!(fs::read(&path).unwrap() == before);
}

/// `check` also reads user files.
#[test]
fn user_files_are_checked() {
    let env = Env::new();
    make(&env);
    env.done("check");
    for (name, bad) in [
        ("saved.json", "{"),
        ("digest.json", "{"),
        ("synonyms.txt", "혼자"),
        ("user-words.txt", "a,b,c,d,e"),
    ] {
        let path = env.path(&format!("index/{name}"));
        let before = fs::read(&path).ok();
        fs::write(&path, bad).unwrap();
        let run = env.run("check");
        assert_eq!(run.code, 2, "{name}: {run:?}");
        assert!(run.out.contains(name), "{name}: {run:?}");
        match before {
            Some(before) => fs::write(&path, before).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
    }
    env.done("check");
}

/// The README tells users to put these files there, so they do not make the folder foreign.
#[test]
fn user_files_in_a_new_index_folder_are_not_foreign() {
    let env = Env::new();
    env.write("index/config.json", "{}");
    env.write("index/synonyms.txt", "한은, 한국은행");
    env.write("index/user-words.txt", "새다리");
    env.records(
        "a.jsonl",
        &[json!({"headline": "소식", "body": "새다리를 놓는다"})],
    );
    env.done("add a.jsonl");
    assert!(env.run("search 새다리").out.contains("소식"));
}

/// The ledger is a cache: damage to it is not an error and needs no action.
#[test]
fn a_damaged_ledger_is_not_reported_as_a_bug() {
    let env = Env::new();
    make(&env);
    let path = env.path("index/ledger.redb");
    let whole = fs::read(&path).unwrap();
    let mut random = Random::new(number_from("CLIPPINGS_SEED", 6));
    for n in 0..30 {
        let mut bytes = whole.clone();
        // Most of the file is unused; its header and the following pages are not.
        let at = random.below(if n % 3 == 0 { 512 } else { 32 << 10 }.min(bytes.len()));
        bytes[at] ^= 1 << random.below(8);
        replace(&path, &bytes);
        for arguments in ["stats --skipped", "add in"] {
            let run = env.run(arguments);
            let label = format!("byte {at}: {arguments}: {run:?}");
            assert_eq!(run.code, 0, "{label}");
            assert!(!run.err.contains("internal error"), "{label}");
        }
    }
    assert_eq!(state(&env.path("index")).len(), 60);
}

/// An index of two segments, one with removed clippings, and with skipped files.
fn make(env: &Env) {
    let records: Vec<_> = (0..60)
        .map(|n| {
            json!({"id": format!("d-{n:02}"), "headline": format!("소식 {n} 새 다리"), "reporter": "김하나",
                "outlet": if n % 3 == 0 { "한빛신문" } else { "저녁신문" },
                "date": format!("2024-02-{:02}", n % 28 + 1), "body": format!("{}\n시청이 {n}일 발표했다.", body(n)),
                "captions": ["다리 조감도"]})
        })
        .collect();
    env.records("in/a.jsonl", &records[..40]);
    env.records("in/b.jsonl", &records[40..]);
    env.write("in/c.txt", "");
    crate::env::settle();
    env.done("add in/a.jsonl");
    env.done("add in");
    env.done("remove d-07 d-45");
}

/// All answers of an index, as text.
fn answers(index: &Path) -> Result<Vec<String>> {
    let today = jiff::civil::date(2024, 2, 22);
    let engine = Engine::open(index, Some(Synonyms::builtin().clone()))?;
    let searcher = engine.searcher()?;
    let mut answers = Vec::new();
    for query in QUERIES {
        for (sort, all_copies) in [(Sort::Relevance, false), (Sort::Newest, true)] {
            let mut answer = searcher.search(&Request {
                tree: query::parse(query, today).tree,
                partial: true,
                sort,
                all_copies,
                show: Show {
                    passages: 2,
                    ..Show::default()
                },
                ..Request::default()
            })?;
            // Addresses within the index may differ, content may not.
            answer
                .hits
                .iter_mut()
                .for_each(|hit| hit.key = HitKey::default());
            answers.push(format!("{query}: {answer:?}"));
        }
    }
    for id in ["d-01", "d-5", "d-07", "d-"] {
        answers.push(match searcher.archive().get(id) {
            Ok(clipping) => format!("{clipping:?}"),
            Err(e @ (IndexError::NoClipping(_) | IndexError::Ambiguous { .. })) => e.to_string(),
            Err(e) => return Err(e),
        });
    }
    let mut stats = stats(searcher.archive(), None)?;
    stats.disk_bytes = 0;
    answers.push(format!("{stats:?}"));
    Ok(answers)
}

/// Adds the same folder again.
fn add_again(env: &Env) -> Result<()> {
    let index = env.path("index");
    let _ = skipped(&index)?;
    let options = WriterOptions {
        command: "add",
        wait: std::time::Duration::ZERO,
        threads: Some(1),
    };
    let mut writer = Writer::open(&index, false, options)?;
    let options = IngestOptions {
        // Under the same name, so that the sources are the same.
        paths: vec![env.path("in/b.jsonl")],
        ..IngestOptions::default()
    };
    ingest(
        &mut writer,
        &Arc::new(options),
        &Default::default(),
        &Default::default(),
        &mut |_| {},
    )?;
    writer.finish()?;
    Ok(())
}

/// Content of each clipping by id. Fails on duplicates.
fn texts(index: &Path) -> BTreeMap<String, (String, String)> {
    state(index)
        .into_iter()
        .map(|(id, (record, _))| {
            let clipping: Clipping = serde_json::from_str(&record).unwrap();
            (id, (clipping.headline, clipping.body))
        })
        .collect()
}

/// All files in a folder, recursively, with relative path and size.
fn files(root: &Path) -> Vec<(PathBuf, usize)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let size = fs::metadata(&path).unwrap().len() as usize;
                found.push((path.strip_prefix(root).unwrap().to_owned(), size));
            }
        }
    }
    found.sort();
    found
}

fn by_size<'a>(files: &'a [(PathBuf, usize)], random: &mut Random) -> &'a PathBuf {
    let all: usize = files.iter().map(|(_, size)| size).sum();
    let mut at = random.below(all);
    for (file, size) in files {
        if at < *size {
            return file;
        }
        at -= size;
    }
    unreachable!()
}

/// Replaces a file by a new one, since the old one may be memory-mapped.
fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// The hint printed by `check` does not suggest running `check`.
#[test]
fn check_does_not_suggest_running_check() {
    let env = Env::new();
    env.records("in.jsonl", &[json!({"headline": "소식", "body": body(1)})]);
    env.done("add in.jsonl");
    for file in files(&env.path("index/data-1"))
        .into_iter()
        .map(|(file, _)| file)
    {
        let path = env.path("index/data-1").join(&file);
        let bytes = fs::read(&path).unwrap();
        for damaged in [&bytes[..bytes.len() / 2], &[]] {
            replace(&path, damaged);
            let run = env.run("check");
            let hint = run.err.lines().find(|line| line.starts_with("hint: "));
            let is_circular = hint.is_some_and(|hint| hint.contains("clippings check"));
            assert!(!is_circular, "{}: {run:?}", file.display());
        }
        replace(&path, &bytes);
    }
}
