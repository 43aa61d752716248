//! Which sources are read, and reasons for skipping others.

use std::io::Write;

use serde_json::json;

use crate::env::Env;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn json_lines_are_read_compressed_and_from_standard_input() {
    let env = Env::new();
    let line = |id: &str| json!({"id": id, "headline": format!("제목 {id}")}).to_string();
    env.write("a.jsonl.gz", gzip(line("gz").as_bytes()));
    env.write(
        "b.zst",
        zstd::encode_all(line("zst").as_bytes(), 3).unwrap(),
    );
    env.write("c.ndjson", format!("\u{feff}{}\r\n\r\n", line("nd")));
    env.write(
        "d.json",
        json!([{"id": "j1", "headline": "하나"}, {"id": "j2", "headline": "둘"}]).to_string(),
    );
    env.write(
        "e.json",
        "{\n  \"id\": \"one\",\n  \"headline\": \"하나\"\n}\n",
    );
    env.done("add a.jsonl.gz b.zst c.ndjson d.json e.json");
    let run = env.run_with("add -", &line("in"));
    assert_eq!(run.code, 0, "{run:?}");
    for (id, source) in [
        ("gz", "a.jsonl.gz#1"),
        ("zst", "b.zst#1"),
        ("nd", "c.ndjson#1"),
        ("j2", "d.json#2"),
        ("one", "e.json"),
    ] {
        assert_eq!(env.show(id)["source"], env.source(source), "{id}");
    }
    assert_eq!(env.show("in")["source"], "-#1");
}

#[test]
fn binary_files_are_identified() {
    let env = Env::new();
    env.write("photo", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    env.write("folder/photo.jpg", "x");
    env.write("folder/.hidden.html", "x");
    env.write("zeros.html", [0u8; 4000]);
    let run = env.run("add -v photo folder zeros.html");
    assert_eq!(run.code, 0);
    assert!(
        run.err
            .contains("skipped photo: PNG images are not supported"),
        "{run:?}"
    );
    assert!(
        run.err.contains("skipped zeros.html: not a text file"),
        "{run:?}"
    );
    assert!(
        run.err.contains("2 hidden or binary files ignored"),
        "{run:?}"
    );
}

#[test]
fn bombs_and_huge_files_are_refused() {
    let env = Env::new();
    env.write("bomb.jsonl.gz", gzip(&vec![b' '; 40 << 20]));
    let giant = json!({"id": "giant", "headline": "가".repeat(100_000)}).to_string();
    let after = json!({"id": "after", "headline": "뒤"}).to_string();
    env.write("a.jsonl", format!("{giant}\n{after}\n"));
    let run = env.run("add -v --max-size 100K bomb.jsonl.gz a.jsonl");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("bomb.jsonl.gz: "), "{run:?}");
    assert!(run.err.contains("--max-size"), "{run:?}");
    assert_eq!(env.show("after")["headline"], "뒤");
    assert_eq!(env.run("show giant").code, 2);

    let run = env.run("add -v bomb.jsonl.gz");
    assert!(run.err.contains("--max-ratio"), "{run:?}");
}

#[test]
fn a_truncated_file_yields_what_is_complete() {
    let env = Env::new();
    let lines: String = (0..3000)
        .map(|i| {
            json!({"id": i.to_string(), "headline": format!("제목 {}", i * 7919)}).to_string()
                + "\n"
        })
        .collect();
    let packed = gzip(lines.as_bytes());
    env.write("a.jsonl.gz", &packed[..packed.len() / 2]);
    let run = env.run("add -v a.jsonl.gz");
    assert_eq!(run.code, 0);
    assert!(run.err.contains("a.jsonl.gz: line "), "{run:?}");
    assert!(env.count() > 100);
}

#[test]
fn hostile_json_is_a_skip() {
    let env = Env::new();
    let deep = format!("{{\"headline\": {}", "[".repeat(100_000));
    env.write(
        "a.jsonl",
        format!(
            "{deep}\n{}\n{}\n{}\n",
            json!({"id": "year0", "headline": "옛날", "date": "0000-01-01"}),
            json!({"id": "far", "headline": "먼 훗날", "date": "99999-01-01"}),
            json!({"id": "long", "headline": "나".repeat(3_000_000)}),
        ),
    );
    let run = env.run("add -v a.jsonl");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.err.contains("skipped a.jsonl:1: not a record"),
        "{run:?}"
    );
    assert_eq!(env.show("far")["published"], json!(null));
    assert_eq!(env.count(), 3);
    env.done("check");
}

#[test]
fn an_overlong_word_is_truncated() {
    let env = Env::new();
    let word = "나".repeat(30_000);
    env.records("a.jsonl", &[json!({"id": "long", "headline": &word})]);
    env.done("add a.jsonl");
    let query = word.chars().take(200).collect::<String>();
    assert!(
        env.run_query(&["--format", "trec", &query])
            .out
            .contains("long")
    );
    let terms = env.run(&format!("analyze {word}")).out;
    assert!(terms.contains(&query[..300]), "{terms}");
}

#[cfg(unix)]
#[test]
fn unusual_file_names_are_read() {
    use std::os::unix::ffi::OsStrExt;

    let env = Env::new();
    let record = |id: &str| json!({"id": id, "headline": "하나"}).to_string();
    env.write("d/a\nb\u{1b}[31m.jsonl", record("escape"));
    env.write("d/가.jsonl", record("nfd"));
    let bytes = std::ffi::OsStr::from_bytes(b"d/\xff\xfe.jsonl");
    std::fs::write(env.path("").join(bytes), record("bytes")).unwrap();
    std::os::unix::fs::symlink("..", env.path("d/up")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(env.path("d/socket")).unwrap();
    let run = env.run("add -v d");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("d/socket: a socket"), "{run:?}");
    assert!(!run.err.contains('\u{1b}'), "{run:?}");
    assert!(env.count() >= 3);
    let shown = env.run("show escape");
    assert!(!shown.out.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn an_unreadable_argument_is_an_error() {
    let env = Env::new();
    // No index is created for a mistyped path.
    for command in [
        "add gone.html",
        "add -q gone.html nowhere",
        "search --add gone 말",
    ] {
        let run = env.run(command);
        assert_eq!(run.code, 2, "{command}: {run:?}");
        assert!(
            run.err.contains("no such file or folder"),
            "{command}: {run:?}"
        );
        assert!(!env.path("index/clippings.json").exists(), "{command}");
    }
    assert_eq!(env.run("extract gone.html").code, 2);

    env.records("a.jsonl", &[json!({"id": "1", "headline": "하나"})]);
    let run = env.run("add -q a.jsonl gone.html");
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(run.err, "error: gone.html: no such file or folder\n");
    assert_eq!(env.count(), 1);
    // Entries of a list are only skipped.
    env.write("list.txt", "gone.html\na.jsonl\n");
    let run = env.run("add --from-file list.txt");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("skipped 1"), "{run:?}");
}

#[cfg(unix)]
#[test]
fn dangling_links_are_listed_until_they_are_gone() {
    let env = Env::new();
    env.records("d/a.jsonl", &[json!({"id": "1", "headline": "하나"})]);
    std::os::unix::fs::symlink("nowhere", env.path("d/dead")).unwrap();
    std::os::unix::fs::symlink("loop", env.path("d/loop")).unwrap();
    env.done("add d");
    let listed = env.run("stats --skipped").out;
    assert!(
        listed.contains("d/dead: no such file or folder"),
        "{listed}"
    );
    assert!(
        listed.contains("d/loop: the link points to itself"),
        "{listed}"
    );
    std::fs::remove_file(env.path("d/dead")).unwrap();
    env.done("add --prune d");
    let listed = env.run("stats --skipped").out;
    assert!(
        !listed.contains("dead") && listed.contains("loop"),
        "{listed}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&env.run("stats --skipped --format json").out).unwrap();
    assert_eq!(json["skips"][0]["reason"]["code"], "link-loop", "{json}");
    assert_eq!(json["skips"][0]["message"], "the link points to itself");
}

#[test]
fn documents_of_other_programs_are_identified() {
    let env = Env::new();
    let zip = |parts: &[&str]| {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for part in parts {
            archive
                .start_file(*part, zip::write::SimpleFileOptions::default())
                .unwrap();
            archive.write_all(b"<x/>").unwrap();
        }
        archive.finish().unwrap().into_inner()
    };
    env.write("a.docx", zip(&["[Content_Types].xml", "word/document.xml"]));
    env.write("b.hwpx", zip(&["mimetype", "Contents/content.hpf"]));
    env.write(
        "c.pptx",
        zip(&["[Content_Types].xml", "ppt/presentation.xml"]),
    );
    env.write("d.hwp", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0");
    env.write("e.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0");
    // A file without extension.
    env.write("f", zip(&["[Content_Types].xml", "word/document.xml"]));
    let run = env.run("add -v a.docx b.hwpx c.pptx d.hwp e.doc f");
    for line in [
        "skipped a.docx: Word documents (DOCX) are not supported: convert to PDF",
        "skipped b.hwpx: HWPX documents are not supported: convert to PDF",
        "skipped c.pptx: PowerPoint documents (PPTX) are not supported: convert to PDF",
        "skipped d.hwp: HWP documents are not supported: convert to PDF",
        "skipped e.doc: old Office documents (DOC, XLS, PPT) are not supported",
        "skipped f: Word documents (DOCX) are not supported: convert to PDF",
    ] {
        assert!(run.err.contains(line), "{line} in {}", run.err);
    }
}

#[test]
fn ids_that_differ_by_white_space_are_distinct() {
    let env = Env::new();
    env.records(
        "a.jsonl",
        &[
            json!({"id": "a b", "headline": "하나"}),
            json!({"id": "a  b", "headline": "둘"}),
            json!({"id": "a\u{7}b", "headline": "셋"}),
            json!({"id": "  ", "headline": "넷"}),
        ],
    );
    let run = env.run("add -v a.jsonl");
    assert!(
        run.err
            .contains("a.jsonl:3: the id contains control characters"),
        "{run:?}"
    );
    assert!(run.err.contains("added 3"), "{run:?}");
    let shown = env.run_with_arguments(&["show", "--format", "json", "a  b"]);
    assert!(shown.out.contains("둘"), "{shown:?}");
}
