//! Indexes of all released formats, kept forever: each opens, or says that it must be rebuilt, and
//! is rebuilt without loss.
//!
//! `CLIPPINGS_WRITE_INDEX=1 cargo test --test it kept_index` rewrites the one of the current
//! format, which is only allowed until that format is released.

use std::fs;
use std::path::{Path, PathBuf};

use clippings::index::FORMAT;
use serde_json::{Value, json};

use crate::env::Env;
use crate::killed::copy;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// Three made-up articles.
fn articles() -> Vec<Value> {
    vec![
        json!({"id": "kept-1", "url": "https://hanbit.example/1", "headline": "가람시, 새 다리 놓는다",
            "subheads": ["봄에 첫 삽"], "reporters": ["김하나"], "outlet": "한빛신문", "section": "사회",
            "published": "2024-02-22T10:31:00+09:00",
            "body": "가람시가 강을 건너는 새 다리를 놓기로 했다고 밝혔다.\n공사는 내년 봄에 시작한다.",
            "captions": ["다리 조감도. /가람시 제공"]}),
        json!({"id": "kept-2", "headline": "생성형 AI로 민원 답한다", "reporters": ["이두리", "박세찬"],
            "outlet": "저녁신문", "published": "2023-11-05",
            "body": "나래구가 생성형 AI로 민원에 답하는 창구를 열었다.\n李 구청장은 “사람이 한 번 더 본다”고 말했다."}),
        json!({"id": "kept-3", "headline": "날짜 없는 글", "body": "언제 쓰였는지 적히지 않은 글이다. 😀"}),
    ]
}

#[test]
fn indexes_of_every_format_open_or_are_rebuilt() {
    if std::env::var_os("CLIPPINGS_WRITE_INDEX").is_some() {
        write();
    }
    let mut formats = 0;
    for entry in fs::read_dir(data()).unwrap() {
        let kept = entry.unwrap().path();
        let name = kept.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("index-format-") {
            continue;
        }
        formats += 1;
        let env = Env::new();
        copy(&kept, &env.path("index"));
        let run = env.run("search --format trec 다리");
        if run.code == 0 {
            assert!(run.out.contains("kept-1"), "{name}: {run:?}");
            env.done("check");
        } else {
            assert_eq!(run.code, 2, "{name}: {run:?}");
            assert!(run.err.contains("clippings reindex"), "{name}: {run:?}");
        }
        assert_eq!(env.done("reindex"), "rebuilt 3 clippings\n", "{name}");
        env.done("check");
        for article in articles() {
            let shown = env.show(article["id"].as_str().unwrap());
            for (field, value) in article.as_object().unwrap() {
                assert_eq!(&shown[field], value, "{name}: {field} of {shown}");
            }
        }
        assert!(env.run("search 생성형 AI").out.contains("나래구"), "{name}");
    }
    assert_eq!(formats, FORMAT, "tests/data holds an index of every format");
}

/// Sets the format number of an index.
fn set_format(env: &Env, format: u32) {
    let path = env.path("index/clippings.json");
    let mut meta: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    meta["format"] = json!(format);
    fs::write(path, meta.to_string()).unwrap();
}

/// Asserts that all commands except `reindex` refuse the index in two lines because of its version.
#[track_caller]
fn assert_version_error(env: &Env, says: &str, hint: &str) {
    env.records("more.jsonl", &articles()[..1]);
    for arguments in [
        "search 다리",
        "show kept-1",
        "stats",
        "check",
        "add more.jsonl",
        "remove kept-1",
        "export 다리",
    ] {
        let run = env.run(arguments);
        assert_eq!(run.code, 2, "{arguments}: {run:?}");
        assert_eq!(run.err.lines().count(), 2, "{arguments}: {run:?}");
        assert!(run.err.contains(says), "{arguments}: {run:?}");
        assert!(run.err.contains(hint), "{arguments}: {run:?}");
    }
}

#[test]
fn an_index_of_another_version_is_not_called_damaged() {
    let env = Env::new();
    copy(&data().join("index-format-1"), &env.path("index"));
    // The version error takes precedence over everything else.
    env.write("index/config.json", "{\"dictionary\": \"nowhere\"}");
    env.write("index/data-1/meta.json", "{\"segments\": 7}");
    set_format(&env, 0);
    assert_version_error(
        &env,
        "another version of the index format",
        "clippings reindex",
    );
    set_format(&env, FORMAT + 1);
    assert_version_error(
        &env,
        "this program reads up to",
        "newer version of `clippings`",
    );
    let run = env.run("reindex");
    assert!(
        run.code == 2 && run.err.contains("newer version of `clippings`"),
        "{run:?}"
    );
}

/// Before files had block checksums, they ended with tantivy's footer.
#[test]
fn an_index_without_checksums_is_rebuilt() {
    let env = Env::new();
    copy(&data().join("index-format-1"), &env.path("index"));
    for entry in fs::read_dir(env.path("index/data-1")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        let length = match path.extension().is_some_and(|e| e == "json") {
            true => bytes.len() - b"crc32 89abcdef\n".len(),
            false => {
                let at = bytes.len() - 16;
                u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize
            }
        };
        bytes.truncate(length);
        fs::write(path, bytes).unwrap();
    }
    for format in [0, FORMAT] {
        set_format(&env, format);
        assert_version_error(&env, "the index was made with another", "clippings reindex");
    }
    assert_eq!(env.done("reindex"), "rebuilt 3 clippings\n");
    env.done("check");
    assert!(env.run("search 다리").out.contains("가람시"));
}

/// Writes the index of the current format.
fn write() {
    let env = Env::new();
    env.records("articles.jsonl", &articles());
    env.done("add --threads 1 articles.jsonl");
    let kept = data().join(format!("index-format-{FORMAT}"));
    if kept.exists() {
        fs::remove_dir_all(&kept).unwrap();
    }
    // Locks and the ledger need not be readable later.
    for name in [
        "writer.lock",
        "ledger.redb",
        "data-1/.tantivy-writer.lock",
        "data-1/.tantivy-meta.lock",
    ] {
        fs::remove_file(env.path("index").join(name)).unwrap();
    }
    copy(&env.path("index"), &kept);
}
