//! `export`.

use serde_json::{Value, json};

use crate::env::{Env, body};

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

/// In a question, 언제 and 했나 need not be in a clipping.
#[test]
fn the_results_of_a_question_are_exported() {
    let env = env();
    let question = ["다리", "착공은", "언제", "했나"];
    let found = env.run_query(&[&question[..], &["--format", "json"]].concat());
    let found: Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(found["total"], 1, "{found}");
    let run = env.run_with_arguments(&[&["export"], &question[..]].concat());
    assert_eq!(run.out.lines().count(), 1, "{run:?}");
}

#[test]
fn exported_records_can_be_added_again() {
    let env = env();
    let run = env.run("export 착공 OR 준공");
    assert_eq!(run.code, 0, "{run:?}");
    let ids: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone())
        .collect();
    assert_eq!(ids, ["b", "a"]);
    let first: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
    assert_eq!(first["warnings"], json!([]));
    env.write("b.jsonl", run.out);
    let other = Env::new();
    other.write("b.jsonl", std::fs::read(env.path("b.jsonl")).unwrap());
    assert!(other.done("add b.jsonl").contains("added 2"));
}

#[test]
fn the_file_name_determines_the_format() {
    let env = env();
    for (file, begins) in [
        ("x.csv", "\u{feff}id,published"),
        ("x.tsv", "id\tpublished"),
        ("x.md", "# 다리"),
        ("x.html", "<!doctype html>"),
        ("x.xlsx", "PK"),
        ("x.jsonl", "{\"id\""),
    ] {
        let stderr = env.done(&format!("export 다리 --to 2024-02 -o {file}"));
        assert!(stderr.contains("wrote 2 clippings"), "{file}: {stderr}");
        let bytes = std::fs::read(env.path(file)).unwrap();
        assert!(bytes.starts_with(begins.as_bytes()), "{file}");
    }
    let run = env.run("export 다리 -o x.pdf");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--format"), "{run:?}");
    let book = std::fs::read_to_string(env.path("x.html")).unwrap();
    assert!(
        book.contains("2024-02-22 – 2024-02-25") && book.contains("<dd>2</dd>"),
        "{book}"
    );
}

#[test]
fn no_results_exit_with_one() {
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
fn a_failed_export_leaves_the_file_unchanged() {
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

/// Regression: `-o /dev/null` as root replaced the device by a file.
#[cfg(target_os = "linux")]
#[test]
fn devices_pipes_and_links_are_written_in_place() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    let env = env();
    assert!(
        env.done("export 착공 OR 준공 -o /dev/null")
            .contains("wrote 2")
    );
    let null = std::fs::metadata("/dev/null").unwrap();
    assert!(null.file_type().is_char_device());

    // A named pipe.
    let fifo = env.path("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    let reader = std::thread::spawn({
        let fifo = fifo.clone();
        move || std::fs::read_to_string(fifo).unwrap()
    });
    env.done("export 착공 OR 준공 -o fifo");
    assert_eq!(reader.join().unwrap().lines().count(), 2);
    assert!(std::fs::metadata(&fifo).unwrap().file_type().is_fifo());

    // Standard output, under both names.
    assert_eq!(env.run("export 착공 OR 준공 -o -").out.lines().count(), 2);
    assert!(!env.path("-").exists());
    assert_eq!(
        env.run("export 착공 OR 준공 -o /dev/fd/1")
            .out
            .lines()
            .count(),
        2
    );

    // A symbolic link; the permissions of its target are kept.
    let target = env.write("target.jsonl", "before");
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(&target, mode).unwrap();
    symlink("target.jsonl", env.path("link.jsonl")).unwrap();
    symlink("later.jsonl", env.path("dangling.jsonl")).unwrap();
    env.done("export 착공 OR 준공 -o link.jsonl");
    env.done("export 착공 OR 준공 -o dangling.jsonl");
    assert!(env.path("link.jsonl").is_symlink() && env.path("dangling.jsonl").is_symlink());
    for name in ["target.jsonl", "later.jsonl"] {
        let text = std::fs::read_to_string(env.path(name)).unwrap();
        assert_eq!(text.lines().count(), 2, "{name}");
    }
    let metadata = std::fs::metadata(&target).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
}

#[test]
fn leftovers_of_a_killed_export_are_removed() {
    let env = env();
    let left = env.write(".clippings-exportAb12", "half");
    env.done("export 다리 -o x.jsonl");
    assert!(!left.exists());
}

#[test]
fn limits_apply_and_symbols_alone_export_nothing() {
    let env = env();
    for arguments in ["export 다리 -n 0", "export ...", "export 제목:"] {
        let run = env.run(arguments);
        assert_eq!(
            (run.code, run.out.as_str()),
            (1, ""),
            "{arguments}: {run:?}"
        );
    }
    assert_eq!(env.run("export").out.lines().count(), 3);
}

#[test]
fn only_table_files_start_with_a_bom() {
    let env = env();
    assert!(env.run("export 다리 --format csv").out.starts_with("id,"));
    assert!(
        env.run("export 다리 --format csv --bom")
            .out
            .starts_with("\u{feff}id,")
    );
    env.done("export 다리 --no-bom -o x.csv");
    let csv = std::fs::read_to_string(env.path("x.csv")).unwrap();
    assert!(csv.starts_with("id,published,date,time,"), "{csv}");
    assert!(csv.contains(",2024-02-22,2024-02-22,,"), "{csv}");
    let run = env.run("export 다리 book2.html");
    assert!(
        run.code == 2 && run.err.contains("-o book2.html"),
        "{run:?}"
    );
    let run = env.run("export 다리 -o nodir/x.csv");
    assert!(run.err.contains("no such folder: nodir"), "{run:?}");
}

/// Exports that lie in the folder that is added change no clipping and are none themselves.
#[test]
fn exports_added_again_add_nothing() {
    let env = env();
    std::fs::create_dir(env.path("out")).unwrap();
    for name in ["all.jsonl", "all.csv", "all.xlsx", "all.md"] {
        env.done(&format!("export -o out/{name}"));
    }
    env.done("export 착공 -n 1 -o out/one.md");
    env.done("export 착공 -n 1 --full-text -o out/one.html");
    env.done("export -o out/all.html");
    let before = env.run("ls --format jsonl -n 99").out;
    let summary = env.done("add out");
    assert!(summary.starts_with("added 0, updated 0"), "{summary}");
    let heads = |out: &str| {
        let ids = out.lines().map(|line| {
            let hit: Value = serde_json::from_str(line).unwrap();
            (
                hit["id"].clone(),
                hit["headline"].clone(),
                hit["published"].clone(),
            )
        });
        ids.collect::<Vec<_>>()
    };
    assert_eq!(
        heads(&before),
        heads(&env.run("ls --format jsonl -n 99").out)
    );
}

/// Tables and JSON Lines are written in batches, with a single header.
#[test]
fn a_long_export_is_one_table() {
    let env = Env::new();
    let records: Vec<Value> = (0..600)
        .map(|n| json!({"id": format!("e-{n}"), "headline": format!("소식 {n}"), "body": body(n)}))
        .collect();
    env.records("in.jsonl", &records);
    env.done("add in.jsonl");
    for (format, lines) in [("csv", 601), ("tsv", 601), ("jsonl", 600)] {
        let out = env
            .run(&format!("export --all-copies --format {format} 소식"))
            .out;
        let starts = out
            .lines()
            .filter(|line| line.contains("e-") || line.starts_with("id"));
        assert_eq!(starts.count(), lines, "{format}");
        let file = format!("out.{format}");
        let stderr = env.done(&format!("export --all-copies -o {file} 소식"));
        assert_eq!(stderr, format!("wrote 600 clippings to {file}\n"));
        let written = std::fs::read_to_string(env.path(&file)).unwrap();
        assert_eq!(written.trim_start_matches('\u{feff}'), out, "{format}");
        let none = env.run(&format!("export --format {format} 없는말"));
        assert_eq!(
            (none.code, none.out.lines().count()),
            (1, lines - 600),
            "{format}"
        );
    }
}
