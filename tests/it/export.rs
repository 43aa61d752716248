//! `export`: what is found, as a file.

use serde_json::{Value, json};

use crate::env::Env;

fn env() -> Env {
    let env = Env::new();
    let record = |id: &str, outlet: &str, day: &str, headline: &str| {
        json!({"id": id, "outlet": outlet, "published": day, "headline": headline, "reporter": "김하나",
            "url": format!("https://example.com/{id}"),
            "body": format!("{headline}에 대한 기사다. 시는 새 다리를 놓기로 했다.")})
    };
    env.records(
        "a.jsonl",
        &[
            record("a", "한겨레", "2024-02-22", "다리 착공"),
            record("b", "경향신문", "2024-02-25", "다리 준공"),
            record("c", "한겨레", "2024-03-02", "도서관 개관"),
        ],
    );
    env.done("add a.jsonl");
    env
}

#[test]
fn records_come_back_as_they_went_in() {
    let env = env();
    let run = env.run("export 착공 OR 준공");
    assert_eq!(run.code, 0, "{run:?}");
    let ids: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone())
        .collect();
    assert_eq!(ids, ["b", "a"]);
    env.write("b.jsonl", run.out);
    let other = Env::new();
    other.write("b.jsonl", std::fs::read(env.path("b.jsonl")).unwrap());
    assert!(other.done("add b.jsonl").contains("added 2"));
}

#[test]
fn the_name_of_the_file_tells_the_format() {
    let env = env();
    for (file, begins) in [
        ("x.csv", "id,published"),
        ("x.tsv", "id\tpublished"),
        ("x.md", "# 다리"),
        ("x.html", "<!doctype html>"),
        ("x.xlsx", "PK"),
        ("x.jsonl", "{\"id\""),
    ] {
        let told = env.done(&format!("export 다리 --to 2024-02 -o {file}"));
        assert!(told.contains("wrote 2 clippings"), "{file}: {told}");
        let bytes = std::fs::read(env.path(file)).unwrap();
        assert!(bytes.starts_with(begins.as_bytes()), "{file}");
    }
    let run = env.run("export 다리 -o x.pdf");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--format"), "{run:?}");
    let book = std::fs::read_to_string(env.path("x.html")).unwrap();
    assert!(
        book.contains("2024-02-22 – 2024-02-25") && book.contains("2건"),
        "{book}"
    );
}

#[test]
fn nothing_found_is_an_exit_code() {
    let env = env();
    assert_eq!(env.run("export 없는말이다").code, 1);
    assert_eq!(
        env.run("export 다리 --outlet 한겨레 --format csv --bom")
            .out
            .lines()
            .count(),
        3
    );
}

#[test]
fn a_failed_export_leaves_the_file_as_it_was() {
    let env = env();
    env.write("x.html", "before");
    env.write("t.html", "{% for x %}");
    let run = env.run("export 다리 --template t.html -o x.html");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("template"), "{run:?}");
    assert_eq!(
        std::fs::read_to_string(env.path("x.html")).unwrap(),
        "before"
    );
    assert_eq!(
        env.run("export 다리 --format csv --template t.html").code,
        2
    );
}
