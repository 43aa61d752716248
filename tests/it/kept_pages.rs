//! Stored pages.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::env::{Env, settle};

fn page(headline: &str, text: &str) -> String {
    let text = format!("{text} 시는 새 다리를 놓기로 하고 주민 설명회를 열었다. 공사는 내년 봄에 시작해 두 해 동안 이어진다. ").repeat(3);
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><title>{headline}</title><meta property=\"og:title\" content=\"{headline}\"></head><body><article><h1>{headline}</h1><p>{text}</p><p>{text}</p></article></body></html>"
    )
}

/// Ids of all clippings, in order.
fn ids(env: &Env) -> Vec<String> {
    let run = env.run("search --format trec --limit 1000 *");
    let mut ids: Vec<String> = run
        .out
        .lines()
        .map(|line| line.split_whitespace().nth(2).unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

#[track_caller]
fn pages(env: &Env) -> u64 {
    env.stats()["pages"].as_u64().unwrap()
}

fn packs(env: &Env) -> Vec<PathBuf> {
    fs::read_dir(env.path("index/pages"))
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default()
}

#[test]
fn a_stored_page_is_returned_unchanged_and_removed_with_its_clipping() {
    let env = Env::new();
    let (html, ..) = encoding_rs::EUC_KR.encode("<!doctype html>").clone();
    let euc = page("다리", "하나").replace("utf-8", "euc-kr");
    let (euc, ..) = encoding_rs::EUC_KR.encode(&euc);
    assert!(euc.starts_with(&html));
    env.write("a.html", &euc[..]);
    env.write("b.html", page("길", "둘"));
    env.records(
        "c.jsonl",
        &[json!({"id": "c", "headline": "기록", "body": "쪽이 없다."})],
    );
    settle();
    env.done("add --keep-pages a.html b.html c.jsonl");
    assert_eq!(pages(&env), 2);
    assert_eq!(
        env.run("check").out,
        "3 clippings, 2 stored pages, no damage found\n"
    );
    assert!(env.run("stats").out.contains("pages      2 stored"));
    let found = env.run("search --format jsonl 제목:다리");
    let id = serde_json::from_str::<Value>(found.out.trim()).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = env
        .command()
        .args(["show", "--page", &id])
        .output()
        .unwrap();
    assert_eq!(shown.stdout, &euc[..]);
    let run = env.run("show --page c");
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("no page is stored for 'c'\nhint: "),
        "{run:?}"
    );
    // A source read with its page stored is not read again without.
    assert!(
        env.done("add -v a.html b.html c.jsonl")
            .contains("unchanged 3")
    );
    env.done(&format!("remove {id}"));
    assert_eq!(pages(&env), 1);
    for pack in packs(&env) {
        let bytes = fs::read(pack).unwrap();
        assert!(bytes.len() > 30, "the other page is still there");
    }
    env.done("check");
    for id in ids(&env) {
        env.done(&format!("remove {id}"));
    }
    assert_eq!(pages(&env), 0);
}

#[test]
fn pages_are_stored_later_and_replaced_with_their_clipping() {
    let env = Env::new();
    env.write("a.html", page("다리", "하나"));
    settle();
    env.done("add a.html");
    assert_eq!(pages(&env), 0);
    assert!(env.done("add --keep-pages a.html").contains("updated 1"));
    assert_eq!((pages(&env), env.count()), (1, 1));
    env.write("a.html", page("다리", "고친 글"));
    settle();
    assert!(env.done("add --keep-pages a.html").contains("updated 1"));
    assert_eq!((pages(&env), env.count()), (1, 1));
    let page_of = |env: &Env| env.run(&format!("show --page {}", ids(env)[0])).out;
    assert!(page_of(&env).contains("고친 글"));
    // The same article from a second source: one clipping, which keeps its page.
    env.write("b.html", page("다리", "고친 글"));
    env.done("add --keep-pages b.html");
    assert_eq!((pages(&env), env.count()), (1, 1));
    assert!(page_of(&env).contains("고친 글"));
}

#[test]
fn the_page_of_an_older_version_is_not_kept() {
    let env = Env::new();
    env.write("a.html", page("다리", "하나"));
    settle();
    env.done("add --keep-pages a.html");
    env.write("a.html", page("다리", "고친 글"));
    settle();
    env.done("add a.html");
    assert_eq!((pages(&env), env.count()), (0, 1));
    env.done("check");
}

#[test]
fn clippings_are_reextracted_from_stored_pages() {
    let env = Env::new();
    env.write("한빛신문/a.html", page("다리", "하나"));
    env.write("b.html", page("길", "둘"));
    settle();
    env.done("add --keep-pages --path-rule {outlet}/a.html --date 2024-02-22 한빛신문 b.html");
    env.records(
        "c.jsonl",
        &[json!({"id": "c", "headline": "기록", "body": "쪽이 없다."})],
    );
    env.done("add c.jsonl");
    let before: Vec<Value> = ids(&env).iter().map(|id| env.show(id)).collect();
    assert_eq!(
        env.done("reindex --extract"),
        "rebuilt 3 clippings, 2 from stored pages\n"
    );
    let after: Vec<Value> = ids(&env).iter().map(|id| env.show(id)).collect();
    assert_eq!(after, before);
    assert!(
        before
            .iter()
            .any(|clipping| clipping["outlet"] == "한빛신문")
    );
    assert_eq!(
        env.run("check").out,
        "3 clippings, 2 stored pages, no damage found\n"
    );
    // A plain rebuild keeps them too.
    env.done("reindex");
    assert_eq!(pages(&env), 2);
    assert!(env.done("add --keep-pages b.html").contains("unchanged 1") || env.count() == 3);
}

#[test]
fn lost_and_damaged_pages_are_reported_and_lose_no_clipping() {
    let env = Env::new();
    env.write("a.html", page("다리", "하나"));
    env.write("b.html", page("길", "둘"));
    env.done("add --keep-pages a.html b.html");
    let pack = packs(&env).pop().unwrap();
    let mut bytes = fs::read(&pack).unwrap();
    let end = bytes.len() - 10;
    bytes[end] ^= 1;
    fs::write(&pack, bytes).unwrap();
    let run = env.run("check");
    assert_eq!(run.code, 2);
    assert!(
        run.out.contains("a stored page has a wrong checksum"),
        "{run:?}"
    );
    let run = env.run("reindex --extract");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("is kept without its page"), "{run:?}");
    assert!(
        run.err.contains("rebuilt 2 clippings, 1 from stored pages"),
        "{run:?}"
    );
    env.done("check");
    assert_eq!(env.count(), 2);
    // The page is stored again with its source.
    env.done("add --reread --keep-pages a.html b.html");
    assert_eq!(
        env.run("check").out,
        "2 clippings, 2 stored pages, no damage found\n"
    );

    fs::remove_dir_all(env.path("index/pages")).unwrap();
    assert_eq!(env.run("check").code, 2);
    env.done("reindex");
    env.done("check");
    assert_eq!((pages(&env), env.count()), (0, 2));
}

#[cfg(unix)]
#[test]
fn a_kill_loses_no_stored_page() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    use crate::env::{Random, number_from};

    let env = Env::new();
    for n in 0..60 {
        env.write(
            &format!("first/{n}.html"),
            page(&format!("소식 {n}"), &format!("글 {n}")),
        );
        env.write(
            &format!("second/{n}.html"),
            page(&format!("새 소식 {n}"), &format!("새 글 {n}")),
        );
    }
    settle();
    env.done("add --keep-pages first");
    crate::killed::copy(&env.path("index"), &env.path("base"));
    let victims = ids(&env)[..30].join(" ");
    let commands = [
        "add --keep-pages second",
        &format!("remove {victims}"),
        "reindex --extract",
    ];
    let mut random = Random::new(number_from("CLIPPINGS_SEED", 5));
    for n in 0..number_from("CLIPPINGS_KILLS", 12) {
        let command = commands[n as usize % commands.len()];
        let start = Instant::now();
        if n < 3 {
            // Measure the duration without a kill.
            fs::remove_dir_all(env.path("index")).unwrap();
            crate::killed::copy(&env.path("base"), &env.path("index"));
            env.done(command);
        }
        let takes = start.elapsed().max(Duration::from_millis(300));
        fs::remove_dir_all(env.path("index")).unwrap();
        crate::killed::copy(&env.path("base"), &env.path("index"));
        let at = takes.mul_f64(random.fraction());
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_clippings"))
            .env("CLIPPINGS_LANG", "en")
            .current_dir(env.path(""))
            .args(command.split(' '))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(at);
        child.kill().unwrap();
        child.wait().unwrap();
        let label = format!("kill {n}: {command} after {at:?}");
        println!("{label}");
        let run = env.run("check");
        assert_eq!(run.code, 0, "{label}: {run:?}");
        let count = env.count();
        let whole = format!("{count} clippings, {count} stored pages, no damage found\n");
        assert_eq!(run.out, whole, "{label}");
        // A rebuild removes unreferenced pages.
        env.done("reindex");
        assert_eq!(pages(&env), count, "{label}");
    }
}

#[test]
fn restored_clippings_have_their_page_and_their_time_of_adding() {
    let env = Env::new();
    env.write("a.html", page("첫 소식", "첫"));
    env.write("b.html", page("둘째 소식", "둘"));
    env.done("add --keep-pages a.html b.html");
    env.done("saved add 소식 소식");
    env.done("digest");
    let id = |headline: &str| {
        let run = env.run_query(&["--format", "jsonl", headline]);
        let record: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
        record["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (id("첫"), id("둘째"));
    let before = env.run(&format!("show --page {first}")).out;
    env.done(&format!("remove {first} {second}"));
    assert_eq!(env.run(&format!("show --page {first}")).code, 2);
    // A commit in between removes nothing that restoring needs.
    env.records(
        "c.jsonl",
        &[serde_json::json!({"headline": "셋째 글", "body": "다른 글."})],
    );
    env.done("add c.jsonl");
    assert_eq!(env.done(&format!("restore {first}")), "restored 1\n");
    assert_eq!(env.run(&format!("show --page {first}")).out, before);
    assert_eq!(
        env.run("digest").code,
        1,
        "restored clippings count as seen"
    );
    // A rebuild drops removed clippings for good.
    std::fs::remove_dir_all(env.path("index/pages")).unwrap();
    assert_eq!(
        env.done("restore"),
        "restored 1, 1 without the page that was stored\n"
    );
    assert_eq!(env.run(&format!("show --page {second}")).code, 2);
}
