//! Output escaping: no page, file name or argument can control a terminal or a spreadsheet, and JSON stays valid.
#![cfg(unix)]

use std::fs;

use serde_json::{Value, json};

use crate::env::{Env, Run};

/// A formula, a window title, a color, a change of direction, an escape sequence in one character,
/// invisible letters.
const EVIL: &str = "=HYPERLINK(\"http://evil.example\") \u{1b}]0;제목\u{7}\u{1b}[31m\u{202e}뒤집힘\u{2066}\u{9b}2J\u{e0041}\u{7f}";

/// The same for arguments and file names, without NUL and slash.
const NAME: &str = "a\u{1b}[31m\u{202e}\u{1b}]0;x\u{7}\nb\u{9b}2J";

fn evil(env: &Env) {
    let record = json!({"id": "evil", "headline": EVIL, "subheads": [EVIL], "outlet": format!("+한빛{EVIL}"),
        "reporter": format!("@김하나{EVIL}"), "section": format!("-면{EVIL}"), "body": format!("{EVIL}\n다리 {EVIL}"),
        "captions": [EVIL], "keywords": [EVIL], "date": EVIL, "url": format!("https://hanbit.example/{EVIL}")});
    // With an invalid id, so that a skip is printed too.
    let mut copy = record.clone();
    copy["id"] = json!(format!("copy{EVIL}"));
    copy["url"] = Value::Null;
    env.records("a.jsonl", &[record, copy]);
    env.done("add a.jsonl");
}

/// Asserts that there are only line breaks and our own colors.
#[track_caller]
fn harmless(label: &str, run: &Run) {
    let hidden = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}');
    for shown in [&run.out, &run.err] {
        let shown = match label.contains("always") {
            true => without_colors(shown),
            false => shown.clone(),
        };
        // A table begins with a byte order mark.
        let shown = shown.strip_prefix('\u{feff}').unwrap_or(&shown);
        let bad = shown
            .chars()
            .find(|&c| hidden(c) || (c != '\n' && c != '\t' && c.is_control()));
        assert_eq!(bad, None, "{label}: {shown:?}");
    }
}

/// Removes sequences that set colors (`ESC [ digits m`).
fn without_colors(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let end = after.find(|c: char| !(c.is_ascii_digit() || c == ';'));
        match end.and_then(|at| after[at..].strip_prefix('m')) {
            Some(tail) => rest = tail,
            None => {
                out.push('\u{1b}');
                rest = after;
            }
        }
    }
    out + rest
}

#[test]
fn page_text_cannot_control_a_terminal() {
    let env = Env::new();
    evil(&env);
    for arguments in [
        "search 다리",
        "search --all-copies --passages 3 다리",
        "search --format csv 다리",
        "search --format json 다리",
        "search --format jsonl 다리",
        "search --format trec 다리",
        "search --explain --facets 다리",
        "search --facets --format json 다리",
        "search --color always 다리",
        "show evil",
        "show --color always evil",
        "show --format json evil",
        "show --format jsonl evil",
        "extract a.jsonl",
        "extract --format text -v a.jsonl",
        "stats",
        "stats --format json",
        "check",
        "export 다리",
        "export --format csv --bom 다리",
        "export --format tsv 다리",
        "export --format markdown 다리",
        "export --format markdown --full-text --by section 다리",
        "export --format clipbook 다리",
        "export --format clipbook --full-text 다리",
        "reindex",
        "remove evil",
    ] {
        let run = env.run(arguments);
        assert_eq!(run.code, 0, "{arguments}: {run:?}");
        harmless(arguments, &run);
    }
}

#[test]
fn arguments_and_file_names_cannot_control_a_terminal() {
    let env = Env::new();
    evil(&env);
    env.write(NAME, "");
    env.write(&format!("d/{NAME}.jsonl"), format!("{{\"{NAME}"));
    env.write("batch.tsv", format!("{NAME}\t다리\n{NAME}"));
    fs::write(
        env.path("index/synonyms.txt"),
        format!("{NAME} => \n{NAME}\n"),
    )
    .unwrap();
    let query = format!("다리{}", EVIL.replace('"', ""));
    let column = format!("{NAME}=b");
    for arguments in [
        &["add", "-v", NAME, "d", "nowhere\u{1b}[31m"][..],
        &["stats", "--skipped"],
        &["stats", "--skipped", "--format", "json"],
        &["extract", "-v", NAME],
        &["search", &query],
        &["search", "--explain", &query],
        &["search", "--format", "json", &query],
        &["search", "--format", "trec", "--batch", "batch.tsv"],
        &["search", "--batch", "batch.tsv"],
        &["search", "--batch", NAME],
        &["search", "--synonyms", NAME, "다리"],
        &["search", "--from", NAME, "다리"],
        &["search", "--outlet", NAME, "다리"],
        &["search", "--index", NAME, "다리"],
        &["add", "--date", NAME, "x"],
        &["add", "--path-rule", NAME, "x"],
        &["add", "--map", &column, "x"],
        &["add", "--max-size", NAME, "x"],
        &["add", "--index", NAME, "a.jsonl"],
        &["show", NAME],
        &["remove", NAME],
        &["analyze", NAME],
        &["analyze", &query],
        &["analyze", "--format", "json", &query],
        &["analyze", "--format", "jsonl", &query],
        &["export", "-o", NAME, "다리"],
        &["export", "--format", "jsonl", "-o", NAME, "다리"],
        &["export", "--title", NAME, "--format", "markdown", "다리"],
        &["export", "--template", NAME, "--format", "clipbook", "다리"],
        &["man", "--dir", NAME],
        &[NAME],
    ] {
        let run = env.run_with_arguments(arguments);
        harmless(&format!("{arguments:?}"), &run);
        assert!(!run.err.contains("internal error"), "{run:?}");
    }
}

#[test]
fn page_text_is_never_a_formula() {
    let env = Env::new();
    evil(&env);
    for (arguments, separator) in [
        ("search --format csv 다리", b','),
        ("export --format csv 다리", b','),
        ("export --format tsv 다리", b'\t'),
    ] {
        let table = env.run(arguments).out;
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(separator)
            .from_reader(table.as_bytes());
        let mut cells = 0;
        for row in rows.records() {
            for cell in &row.unwrap() {
                let formula = cell
                    .trim_start()
                    .starts_with(['=', '+', '-', '@', '\t', '\r']);
                assert!(!formula, "{arguments}: {cell:?}");
                cells += 1;
            }
        }
        assert!(cells >= 10, "{arguments}: {table}");
    }
    env.done("export -o evil.xlsx 다리");
    // Every text in a workbook is a string; a formula would be another element.
    let file = fs::File::open(env.path("evil.xlsx")).unwrap();
    let mut book = zip::ZipArchive::new(file).unwrap();
    let sheet = book.by_name("xl/worksheets/sheet1.xml").unwrap();
    let sheet = std::io::read_to_string(sheet).unwrap();
    assert!(sheet.contains("<c ") && !sheet.contains("<f"), "{sheet}");
}

#[test]
fn json_is_utf8_and_equals_the_record() {
    let env = Env::new();
    evil(&env);
    for arguments in [
        "show --format json evil",
        "search --format json 다리",
        "stats --format json",
    ] {
        // `Run` decodes output, so it was UTF-8.
        serde_json::from_str::<Value>(&env.run(arguments).out).unwrap();
    }
    // Changes of direction are data, but escaped so that a terminal ignores them.
    let shown = env.run("show --format json evil").out;
    assert!(shown.contains("\\u202e"), "{shown}");
    assert!(
        env.show("evil")["body"]
            .as_str()
            .unwrap()
            .contains('\u{202e}')
    );
}

#[test]
fn removing_by_query_asks_first() {
    let env = Env::new();
    let record = |id: &str, headline: &str| json!({"id": id, "headline": headline});
    env.records(
        "a.jsonl",
        &[
            record("1", "다리 하나"),
            record("2", "다리 둘"),
            record("3", "도서관"),
        ],
    );
    env.done("add a.jsonl");
    // Without a terminal it cannot ask.
    let run = env.run("remove --query 다리");
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("2 clippings") && run.err.contains("다리 하나"),
        "{run:?}"
    );
    assert_eq!(env.count(), 3);
    assert_eq!(env.run("remove --query 없는말").code, 1);
    assert!(env.done("remove --query 다리 --yes").contains("removed 2"));
    assert_eq!(env.count(), 1);
    // Removed clippings can be restored, all or one, until the index is rebuilt.
    env.done("remove 3");
    assert!(env.done("restore").contains("restored 1"));
    assert!(env.done("restore 1").contains("restored 1"));
    assert_eq!(env.show("1")["headline"], "다리 하나");
    assert_eq!(env.count(), 2);
    env.done("reindex");
    assert_eq!(env.run("restore").code, 1);
    assert_eq!(env.count(), 2);
}
