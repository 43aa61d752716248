//! Maintenance of an index: show, remove, reindex, check, locks and versions.

use std::fs;

use serde_json::json;

use crate::env::{Env, body};

fn two(env: &Env) {
    env.records(
        "a.jsonl",
        &[
            json!({"id": "han-1", "headline": "하나", "outlet": "한빛신문", "date": "2024-02-22", "body": body(1)}),
            json!({"id": "han-2", "headline": "둘", "outlet": "저녁신문", "date": "2024-03-01T00:10:00+09:00", "body": body(2)}),
            json!({"id": "jeo-3", "headline": "셋", "body": body(3)}),
        ],
    );
    env.done("add a.jsonl");
}

#[test]
fn a_clipping_is_shown_by_its_id_or_a_prefix_of_it() {
    let env = Env::new();
    two(&env);
    assert_eq!(env.show("jeo")["headline"], "셋");
    let run = env.run("show han-");
    assert_eq!(run.code, 2);
    assert_eq!(
        run.err,
        "error: ID prefix 'han-' is ambiguous: han-1, han-2\nhint: use a longer prefix\n"
    );
    let run = env.run("show nothing");
    assert_eq!(run.code, 2);
    assert!(
        run.err.starts_with("error: no clipping 'nothing'\n"),
        "{run:?}"
    );
    let text = env.run("show han-1").out;
    assert!(text.contains("하나") && text.contains("한빛신문"), "{text}");
}

#[test]
fn removed_clippings_stay_removed() {
    let env = Env::new();
    two(&env);
    crate::env::settle();
    assert_eq!(env.done("remove han-1"), "removed 1\n");
    assert_eq!(env.run("show han-1").code, 2);
    assert_eq!(env.count(), 2);
    let run = env.run("remove han-1");
    assert_eq!(run.code, 2, "{run:?}");
}

#[test]
fn a_removal_that_fails_is_not_the_last_one() {
    let env = Env::new();
    two(&env);
    crate::env::settle();
    env.done("remove han-1");
    // The first id is found, and written to the file of removed clippings before the second fails.
    assert_eq!(env.run("remove han-2 nothing").code, 2);
    assert_eq!(env.count(), 2);
    assert_eq!(env.done("restore"), "restored 1\n");
    assert_eq!(env.run("show han-1").code, 0);
    // An id and a prefix of it are one clipping.
    assert_eq!(env.done("remove jeo-3 jeo"), "removed 1\n");
    assert_eq!(env.done("restore"), "restored 1\n");
    assert_eq!(env.count(), 3);
}

#[test]
fn removed_clippings_are_restored_by_a_prefix() {
    let env = Env::new();
    two(&env);
    crate::env::settle();
    env.done("remove han-1 han-2 jeo-3");
    for (ids, message) in [
        ("jeo-3 other", "no removed clipping 'other'"),
        ("han", "'han' is ambiguous: han-1, han-2"),
    ] {
        let run = env.run(&format!("restore {ids}"));
        assert_eq!((run.code, env.count()), (2, 0), "{run:?}");
        assert!(run.err.contains(message), "{run:?}");
    }
    assert_eq!(env.done("restore jeo han-2"), "restored 2\n");
    assert_eq!(env.count(), 2);
}

#[test]
fn stats_count_by_outlet_and_month_in_korean_time() {
    let env = Env::new();
    two(&env);
    let stats = env.stats();
    assert_eq!(stats["undated"], 1);
    assert_eq!(
        stats["months"],
        json!([{"name": "2024-02", "count": 1}, {"name": "2024-03", "count": 1}])
    );
    assert_eq!(
        stats["outlets"],
        json!([{"name": "저녁신문", "count": 1}, {"name": "한빛신문", "count": 1}])
    );
    assert_eq!(stats["first_day"], "2024-02-22");
    assert_eq!(stats["last_day"], "2024-03-01");
    let text = env.run("stats").out;
    assert!(
        text.contains("2024-02-22 to 2024-03-01, 1 undated"),
        "{text}"
    );
}

#[test]
fn a_rebuilt_index_has_the_same_content() {
    let env = Env::new();
    two(&env);
    let before = (env.show("han-1"), env.stats());
    assert_eq!(env.done("reindex"), "rebuilt 3 clippings\n");
    let mut after = env.stats();
    after["disk_bytes"] = before.1["disk_bytes"].clone();
    assert_eq!((env.show("han-1"), after), before);
    assert!(!env.path("index/data-1").exists());
    env.done("check");
    // It can be added to.
    env.records("b.jsonl", &[json!({"id": "4", "headline": "넷"})]);
    env.done("add b.jsonl");
    assert_eq!(env.count(), 4);
}

#[test]
fn an_index_of_another_analyzer_is_refused_until_rebuilt() {
    let env = Env::new();
    two(&env);
    let meta = env.path("index/clippings.json");
    let text = fs::read_to_string(&meta).unwrap();
    let changed = text.replace("\"analyzer\": \"", "\"analyzer\": \"other ");
    assert_ne!(changed, text);
    fs::write(&meta, changed).unwrap();
    for command in [
        "show han-1",
        "stats",
        "add a.jsonl",
        "remove han-1",
        "check",
    ] {
        let run = env.run(command);
        assert_eq!(run.code, 2, "{command}");
        assert!(run.err.contains("clippings reindex"), "{command}: {run:?}");
    }
    env.done("reindex");
    assert_eq!(env.show("han-1")["headline"], "하나");
}

#[test]
fn a_newer_format_is_refused() {
    let env = Env::new();
    two(&env);
    env.write("index/clippings.json", "{\"format\": 999}");
    let run = env.run("show han-1");
    assert_eq!(run.code, 2);
    assert!(
        run.err.starts_with("error: the index has format 999"),
        "{run:?}"
    );
    assert!(run.err.contains("hint: install a newer version"), "{run:?}");
}

#[test]
fn a_missing_index_is_reported_and_other_folders_are_left_alone() {
    let env = Env::new();
    let run = env.run("stats");
    assert_eq!(run.code, 2);
    assert!(
        run.err.starts_with("error: no index in index (") && run.err.contains("\nhint: create one"),
        "{run:?}"
    );

    env.write("pictures/a.jpg", "x");
    env.records("a.jsonl", &[json!({"id": "1", "headline": "하나"})]);
    let run = env.run("add a.jsonl --index pictures");
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("not an index of clippings: pictures"),
        "{run:?}"
    );
    let left: Vec<_> = fs::read_dir(env.path("pictures")).unwrap().collect();
    assert_eq!(left.len(), 1);
}

#[test]
fn a_second_writer_learns_who_holds_the_lock() {
    let env = Env::new();
    two(&env);
    let lock = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(env.path("index/writer.lock"))
        .unwrap();
    lock.lock().unwrap();
    let run = env.run("remove --wait 0 han-1");
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .starts_with("error: the index is being written by `clippings add`"),
        "{run:?}"
    );
    // Reading still works.
    assert_eq!(env.count(), 3);
    drop(lock);
    env.done("remove --wait 0 han-1");
}

#[test]
fn damage_is_found() {
    let env = Env::new();
    two(&env);
    assert_eq!(env.run("check").out, "3 clippings, no damage found\n");
    let store = fs::read_dir(env.path("index/data-1"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "store"))
        .unwrap();
    let mut bytes = fs::read(&store).unwrap();
    bytes[20] ^= 0x40;
    // Files of an index are immutable and may be read-only.
    fs::remove_file(&store).unwrap();
    fs::write(&store, bytes).unwrap();
    let run = env.run("check");
    assert_eq!(run.code, 2);
    let said = format!("{}{}", run.out, run.err);
    assert!(said.contains("checksum mismatch"), "{run:?}");
    assert!(run.err.contains("clippings reindex"), "{run:?}");
}

#[test]
fn changed_user_words_are_reported_once_and_apply_after_reindex() {
    let env = Env::new();
    env.records(
        "a.jsonl",
        &[json!({"id": "1", "headline": "새싹", "body": "가온다온협회가 문을 열었다."})],
    );
    env.done("add a.jsonl");
    env.write("index/user-words.txt", "가온다온협회,NNP,가온+다온협회\n");
    for command in [
        "search 문",
        "search 문 --add a.jsonl",
        "add a.jsonl",
        "stats",
    ] {
        let run = env.run(command);
        assert_eq!(run.code, 0, "{run:?}");
        let stderr = run.err.matches("user-words.txt has changed").count();
        assert_eq!(stderr, 1, "{command}: {run:?}");
    }
    assert_eq!(env.run("search 다온협회").code, 1);
    env.done("reindex");
    let run = env.run("search 다온협회");
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    // The words the index was created with are stored in it, so the file is not needed.
    std::fs::remove_file(env.path("index/user-words.txt")).unwrap();
    let run = env.run("search 다온협회");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("user-words.txt has changed"), "{run:?}");
}
