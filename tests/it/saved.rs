//! Saved searches and digests.

use std::fs;

use serde_json::{Value, json};

use crate::env::{Env, body};

fn record(id: &str, headline: &str) -> Value {
    json!({"id": id, "outlet": "한겨레", "published": "2024-02-22", "headline": headline,
           "url": format!("https://example.com/{id}"), "body": format!("{headline}에 대한 기사다.")})
}

fn env() -> Env {
    let env = Env::new();
    env.records(
        "a.jsonl",
        &[
            record("a", "다리 착공"),
            record("b", "다리 준공"),
            record("c", "도서관 개관"),
        ],
    );
    env.done("add a.jsonl");
    env
}

/// Ids in a digest as JSON, with the saved searches for which they are new.
#[track_caller]
fn news(env: &Env, arguments: &str) -> Vec<String> {
    let run = env.run(&format!("digest --format jsonl {arguments}"));
    assert!(run.code < 2, "{run:?}");
    assert_eq!(run.code == 1, run.out.is_empty(), "{run:?}");
    let mut news: Vec<String> = run
        .out
        .lines()
        .map(|line| {
            let hit: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| hit[name].as_str().unwrap().to_owned();
            format!("{} {}", text("query_id"), text("id"))
        })
        .collect();
    news.sort();
    news
}

#[test]
fn searches_are_saved_listed_run_and_removed() {
    let env = env();
    assert_eq!(env.run("saved list").code, 1);
    env.done("saved add 다리 다리 --outlet 한겨레 --from 2024");
    env.done("saved add both @다리 OR 도서관");
    let run = env.run("saved add 다리 x");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--replace"), "{run:?}");
    env.done("saved add 다리 다리 --outlet 한겨레 --from 2024 --replace");

    let list = env.run("saved list");
    assert!(list.out.contains("@다리  다리"), "{list:?}");
    assert!(list.out.contains("--outlet 한겨레 --from 2024"), "{list:?}");
    let list: Value = serde_json::from_str(&env.run("saved list --json").out).unwrap();
    assert_eq!(list[1]["query"], "@다리 OR 도서관");
    assert_eq!(list[0]["last_digest"], Value::Null);

    let run = env.run("saved run both --sort newest");
    assert!(run.out.contains("3 clippings"), "{run:?}");
    let run = env.run("saved run 다리 both --limit 1 --format jsonl");
    assert_eq!(run.out.lines().count(), 2, "{run:?}");

    let run = env.run("saved remove 다리");
    assert!(run.code == 2 && run.err.contains("@both"), "{run:?}");
    env.done("saved remove both 다리");
    assert_eq!(env.run("saved list").code, 1);
}

#[test]
fn a_query_uses_saved_searches() {
    let env = env();
    env.done("saved add 다리 다리 --to 2024-02");
    for (arguments, found) in [
        ("search -- @다리 -준공", "1 clipping"),
        ("search -- -@다리", "1 clipping"),
        ("search 제목:@다리", "2 clippings"),
    ] {
        let run = env.run(arguments);
        assert!(run.out.ends_with(&format!("{found}\n")), "{run:?}");
    }
    assert_eq!(env.run("export @다리 --format csv").out.lines().count(), 3);
    // An unknown name is searched as a word.
    let run = env.run("search @다라");
    assert_eq!(run.code, 1);
    assert!(
        run.out.contains("no saved search '@다라'") && run.out.contains("'@다리'"),
        "{run:?}"
    );
    assert_eq!(
        env.run("search @준공 --format jsonl").out.lines().count(),
        1
    );
    // Quoted, it is not a name.
    assert_eq!(env.run("search \"@다라\"").code, 1);
}

#[test]
fn cycles_and_mistakes_are_reported_in_one_line() {
    let env = env();
    env.done("saved add a 다리");
    env.done("saved add b @a");
    for (arguments, says) in [
        ("saved add a @b --replace", "a → b → a"),
        ("saved add self @self", "self → self"),
        ("saved add x @nothing", "'@nothing'"),
        ("saved add x 다리 --from 2024-13", "not a date"),
        ("saved add x:y 다리", "not a valid name"),
        ("saved add x", "nothing to search for"),
        ("saved run nothing", "'@nothing'"),
        ("digest --since soon", "not a date"),
        ("digest nothing", "'@nothing'"),
        ("digest -o x.pdf", ".pdf"),
    ] {
        let run = env.run(arguments);
        assert_eq!(run.code, 2, "{arguments}: {run:?}");
        assert!(run.err.lines().next().unwrap().contains(says), "{run:?}");
    }
    let list: Value = serde_json::from_str(&env.run("saved list --json").out).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 2);
    let nowhere = env.run("saved list --index nowhere");
    assert!(nowhere.err.contains("no index"), "{nowhere:?}");
}

#[test]
fn a_broken_file_is_reported_and_kept() {
    let env = env();
    env.done("saved add a 다리");
    env.write(
        "index/saved.json",
        "{\"version\": 1, \"searches\": [{\"nam\": 1}]}",
    );
    for arguments in ["saved list", "saved add b x", "digest", "search @a"] {
        let run = env.run(arguments);
        assert_eq!(run.code, 2, "{arguments}");
        assert!(
            run.err.contains("saved.json") && run.err.contains("nam"),
            "{run:?}"
        );
    }
    // Queries without saved searches still work.
    assert_eq!(env.run("search 다리").code, 0);
    env.done("reindex");
    assert!(
        fs::read_to_string(env.path("index/saved.json"))
            .unwrap()
            .contains("nam")
    );
    env.write("index/saved.json", "{\"version\": 7}");
    assert!(env.run("saved list").err.contains("version 7"));
}

#[test]
fn a_digest_shows_what_was_added_since_the_last() {
    let env = env();
    assert_eq!(env.run("digest").code, 2);
    env.done("saved add 다리 다리");
    env.done("saved add 도서관 도서관");
    assert_eq!(news(&env, "--peek"), ["다리 a", "다리 b", "도서관 c"]);
    assert_eq!(news(&env, ""), ["다리 a", "다리 b", "도서관 c"]);
    assert_eq!(news(&env, ""), [""; 0]);

    // Possibly stamped in the same second as the digest, so it is recognized by id.
    env.records("b.jsonl", &[record("d", "새 다리 논란")]);
    env.done("add b.jsonl");
    assert_eq!(news(&env, "도서관"), [""; 0]);
    assert_eq!(news(&env, ""), ["다리 d"]);
    assert_eq!(news(&env, ""), [""; 0]);

    // An update or a rebuild makes nothing new.
    env.records("b.jsonl", &[record("d", "새 다리 논란 (종합)")]);
    crate::env::settle();
    assert!(env.done("add b.jsonl").contains("updated 1"));
    env.done("reindex");
    assert_eq!(news(&env, ""), [""; 0]);

    // A removed clipping is not shown; one added again is.
    env.done("remove d");
    assert_eq!(news(&env, ""), [""; 0]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    env.records("c.jsonl", &[record("d", "새 다리 논란")]);
    env.done("add c.jsonl");
    assert_eq!(news(&env, ""), ["다리 d"]);

    let list: Value = serde_json::from_str(&env.run("saved list --json").out).unwrap();
    assert!(list[0]["last_digest"].as_str().is_some());
    // Removing a search removes its checkpoint.
    env.done("saved remove 다리");
    env.done("saved add 다리 다리");
    assert_eq!(news(&env, ""), ["다리 a", "다리 b", "다리 d"]);
}

#[test]
fn since_ignores_earlier_digests() {
    let env = env();
    env.done("saved add 다리 다리");
    for since in ["1h", "30min", "1d", "2024", "오늘"] {
        assert_eq!(news(&env, &format!("--since {since}")).len(), 2, "{since}");
    }
    assert_eq!(news(&env, "--since 2999-01-01"), [""; 0]);
    assert_eq!(news(&env, "").len(), 2);
}

#[test]
fn an_unwritten_digest_is_shown_again() {
    let env = env();
    env.done("saved add 다리 다리");
    let run = env.run("digest -o no/such/folder/new.md");
    assert_eq!(run.code, 2, "{run:?}");
    env.write("t.html", "{% for x %}");
    env.write("new.html", "before");
    let run = env.run("digest --template t.html -o new.html");
    assert!(run.code == 2 && run.err.contains("t.html"), "{run:?}");
    assert_eq!(fs::read_to_string(env.path("new.html")).unwrap(), "before");
    if cfg!(target_os = "linux") {
        let full = fs::File::create("/dev/full").unwrap();
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_clippings"))
            .env("CLIPPINGS_LANG", "en")
            .arg("digest")
            .current_dir(env.path(""))
            .stdout(full)
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(2));
    }
    assert_eq!(news(&env, "").len(), 2);
}

#[test]
fn an_invalid_search_does_not_stop_the_others() {
    let env = env();
    env.write(
        "index/saved.json",
        r#"{"version": 1, "searches": [{"name": "bad", "query": "@gone"}, {"name": "good", "query": "다리"}]}"#,
    );
    let run = env.run("digest");
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("@bad") && run.err.contains("@gone"),
        "{run:?}"
    );
    assert!(
        run.out.contains("good: 다리") && run.out.contains("2 clippings"),
        "{run:?}"
    );
    assert_eq!(env.run("digest").out, "");
}

#[test]
fn copies_are_folded_and_a_new_copy_names_the_old_one() {
    let env = Env::new();
    let copy = |id: &str, outlet: &str| {
        json!({"id": id, "outlet": outlet, "published": "2024-02-22", "headline": "시청 공사 발표",
               "body": body(1)})
    };
    env.records("a.jsonl", &[copy("a", "한겨레"), copy("b", "경향신문")]);
    env.done("add a.jsonl");
    env.done("saved add 공사 공사");
    assert_eq!(news(&env, "").len(), 1);
    env.records("b.jsonl", &[copy("c", "동아일보")]);
    env.done("add b.jsonl");
    assert_eq!(news(&env, "--peek --skip-copies"), [""; 0]);
    let run = env.run("digest");
    assert!(
        run.out.contains("동아일보") && run.out.contains("2 copies"),
        "{run:?}"
    );
}

#[test]
fn digests_can_be_clip_books() {
    let env = env();
    env.done("saved add 다리 다리");
    env.done("saved add 책 도서관");
    let run = env.run("digest --peek --format markdown");
    assert!(
        run.out.contains("## 다리 (2)") && run.out.contains("## 책 (1)"),
        "{run:?}"
    );
    let run = env.run("digest -o new.html --links-only --title 오늘");
    assert_eq!((run.code, run.err.as_str()), (0, "wrote new.html\n"));
    let book = fs::read_to_string(env.path("new.html")).unwrap();
    assert!(
        book.contains("<title>오늘</title>") && book.contains("도서관 개관"),
        "{book}"
    );
    assert!(!book.contains("대한 기사다"), "{book}");
    // Nothing new: the file is unchanged.
    env.write("new.html", "before");
    assert_eq!(env.run("digest -o new.html").code, 1);
    assert_eq!(fs::read_to_string(env.path("new.html")).unwrap(), "before");
}

/// Regression: queries are normalized, so a search saved under full-width letters was never found.
#[test]
fn a_name_in_full_width_letters_is_found() {
    let env = env();
    assert!(env.done("saved add ａ 다리").contains("saved @a"));
    for query in ["@ａ", "@a"] {
        let run = env.run(&format!("search {query} --format jsonl"));
        assert_eq!(run.out.lines().count(), 2, "{query}: {run:?}");
    }
}

#[test]
fn the_cover_counts_clippings_of_two_searches_once() {
    let env = env();
    env.done("saved add 다리 다리");
    env.done("saved add 착공 착공");
    env.done("digest --peek -o new.html");
    let book = fs::read_to_string(env.path("new.html")).unwrap();
    assert!(
        book.contains("<dd>2</dd>") && !book.contains("<dd>3</dd>"),
        "{book}"
    );
}

/// `saved.json` may be any kind of file.
#[cfg(unix)]
#[test]
fn a_pipe_instead_of_the_file_is_an_error() {
    let env = env();
    let made = std::process::Command::new("mkfifo")
        .arg(env.path("index/saved.json"))
        .status();
    assert!(made.unwrap().success());
    let run = env.run("saved list");
    assert!(run.code == 2 && run.err.contains("saved.json"), "{run:?}");
}

/// Regression: a digest made while the clock ran ahead hid everything added before that time.
#[test]
fn a_clock_that_ran_ahead_hides_nothing() {
    let env = env();
    env.done("saved add 다리 다리");
    assert_eq!(news(&env, "").len(), 2);
    let file = env.path("index/digest.json");
    let mut state: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let newest = state["marks"]["다리"]["newest"].clone();
    assert!(newest.is_i64(), "{state}");
    // As written by a version without this number.
    state["marks"]["다리"]["last"] = json!("2999-01-01T00:00:00Z");
    state["marks"]["다리"]["newest"] = Value::Null;
    fs::write(&file, state.to_string()).unwrap();
    env.records("b.jsonl", &[record("d", "새 다리 논란")]);
    env.done("add b.jsonl");
    assert_eq!(news(&env, ""), ["다리 d"]);
    assert_eq!(news(&env, ""), [""; 0]);
}
