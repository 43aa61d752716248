//! Damages every kind of file of an index, then runs every kind of query.
//!
//! Each answer equals that of the undamaged index or is an error; never another answer, never a
//! panic. Files that users edit (`saved.json`, the word lists) have no checksums and are not
//! damaged.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use clippings::app::digest::DigestRequest;
use clippings::app::export::ExportRequest;
use clippings::app::read::ReadRequest;
use clippings::app::related::RelatedRequest;
use clippings::app::search::SearchRequest;
use clippings::app::trend::{TrendRequest, Unit};
use clippings::app::{App, AppError, Filters, SynonymSource};
use serde_json::{Value, json};

use crate::env::{Env, Random, body, number_from};
use crate::killed::copy;

/// Number of damaged positions per kind of file: at the beginning, in the middle, at the end, and
/// random ones.
const PLACES: u64 = 6;

/// Half of the clippings are about a bridge, so that queries match only some.
fn make(env: &Env) {
    let record = |n: usize| {
        let topic = match n % 2 {
            0 => format!("가람시가 교량 설계를 {n}일 발표했다. 교량 난간은 목재로 한다."),
            _ => format!("나래구가 도서관 서가를 {n}일 정리했다. 서가는 철제로 바꾼다."),
        };
        json!({
            "id": format!("d-{n:02}"),
            "headline": format!("소식 {n}"),
            "outlet": if n.is_multiple_of(3) { "한빛신문" } else { "저녁신문" },
            "reporters": ["김하나"],
            "published": format!("2024-0{}-1{}", n % 4 + 1, n % 9),
            "body": format!("{topic}\n{}", body(n)),
        })
    };
    let records: Vec<Value> = (0..40).map(record).collect();
    env.records("in.jsonl", &records);
    env.done("add in.jsonl");
    let page = |n: usize| {
        format!(
            "<html><head><title>지면 {n}</title></head><body><article><h1>교량 지면 {n}</h1><p>{}</p></article></body></html>",
            body(100 + n)
        )
    };
    for n in 0..3 {
        env.write(&format!("pages/{n}.html"), page(n));
    }
    env.done("add --keep-pages pages");
    env.done("remove d-01 d-02");
    env.done("saved add 교량 교량");
}

/// All answers as text.
fn answers(index: &Path) -> Result<Vec<(&'static str, String)>, AppError> {
    let app = App::new(index, SynonymSource::default());
    let search = |query: &str| {
        app.search(&SearchRequest {
            query: query.to_owned(),
            facets: true,
            ..SearchRequest::default()
        })
    };
    let mut answers = Vec::new();
    let quoted = search("\"발표했다\"")?;
    assert!(quoted.hits.is_empty() || quoted.facets.is_some());
    answers.push(("quotation of a verb", json!(quoted).to_string()));
    answers.push(("prefix of a verb", json!(search("발표했*")?).to_string()));
    answers.push(("words", json!(search("교량 난간")?).to_string()));
    let page = search("지면")?;
    let id = page.hits.first().map(|hit| hit.clipping.id.clone());
    answers.push(("headline", json!(page).to_string()));
    let trend = app.trend(&TrendRequest {
        queries: vec!["교량".to_owned(), "발표했*".to_owned()],
        filters: Filters::default(),
        by: Some(Unit::Month),
        share: true,
        all_copies: false,
    })?;
    answers.push(("trend", json!(trend).to_string()));
    let related = app.related(&RelatedRequest {
        query: "교량".to_owned(),
        ..RelatedRequest::default()
    })?;
    answers.push(("related", json!(related).to_string()));
    let mut exported = String::new();
    let request = ExportRequest {
        query: "\"정리했다\"".to_owned(),
        ..ExportRequest::default()
    };
    app.export(&request, &mut |hits| -> Result<(), AppError> {
        exported += &json!(hits).to_string();
        Ok(())
    })?;
    answers.push(("export", exported));
    let mut stats = app.stats(&Filters::default())?;
    stats.disk_bytes = 0;
    answers.push(("stats", json!(stats).to_string()));
    if let Some(id) = id {
        let page = app.page(&id)?;
        answers.push(("show --page", String::from_utf8_lossy(&page).into_owned()));
        let read = ReadRequest {
            id,
            query: "지면".to_owned(),
            ..ReadRequest::default()
        };
        answers.push(("show", json!(app.read(&read)?).to_string()));
    }
    let digest = app.digest(&DigestRequest::default())?;
    assert!(digest.failed.len() <= 1);
    if let Some((_, e)) = digest.failed.into_iter().next() {
        return Err(e);
    }
    answers.push(("digest", json!(digest.parts).to_string()));
    Ok(answers)
}

/// The files of an index by kind, without user files and locks.
fn kinds(index: &Path) -> BTreeMap<String, Vec<PathBuf>> {
    let mut kinds: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let mut folders = vec![index.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !name.ends_with(".lock") && !["saved.json", "removed.jsonl"].contains(&&*name)
            {
                let kind = match name.rsplit_once('.') {
                    Some((_, "json" | "dict" | "redb")) | None => name,
                    Some((_, extension)) => extension.to_owned(),
                };
                kinds.entry(kind).or_default().push(path);
            }
        }
    }
    kinds
}

#[test]
fn a_damaged_index_gives_an_error_or_the_right_answer() {
    let env = Env::new();
    make(&env);
    let (whole, index) = (env.path("whole"), env.path("index"));
    copy(&index, &whole);
    let expected = answers(&index).unwrap();
    for (name, answer) in &expected {
        assert!(answer.len() > 60, "{name}: answer too short: {answer}");
    }
    let kinds = kinds(&index);
    for kind in [
        "store",
        "term",
        "idx",
        "pos",
        "fast",
        "keys",
        "del",
        "pack",
        "meta.json",
    ] {
        assert!(
            kinds.contains_key(kind),
            "no file of the kind {kind}: {kinds:?}"
        );
    }
    let mut random = Random::new(number_from("CLIPPINGS_SEED", 8));
    let (mut refused, mut right) = (0, 0);
    for (kind, files) in &kinds {
        for n in 0..number_from("CLIPPINGS_PLACES", PLACES) {
            let path = &files[random.below(files.len())];
            let bytes = fs::read(path).unwrap();
            if bytes.is_empty() {
                continue;
            }
            let mut damaged = bytes.clone();
            let at = match n {
                0 => 0,
                1 => bytes.len() / 2,
                2 => bytes.len() - 1,
                _ => random.below(bytes.len()),
            };
            let label = match n % 3 == 2 {
                true => {
                    damaged.truncate(at);
                    format!("{kind}: cut to {at} of {} bytes", bytes.len())
                }
                false => {
                    damaged[at] ^= 1 << random.below(8);
                    format!("{kind}: a bit of byte {at} of {}", bytes.len())
                }
            };
            replace(path, &damaged);
            let answered = catch_unwind(AssertUnwindSafe(|| answers(&index)))
                .unwrap_or_else(|_| panic!("{label}: panic"));
            match answered {
                Err(_) => refused += 1,
                Ok(answered) => {
                    right += 1;
                    for (expected, answered) in expected.iter().zip(&answered) {
                        assert_eq!(expected, answered, "{label}");
                    }
                    assert_eq!(expected.len(), answered.len(), "{label}");
                }
            }
            replace(path, &bytes);
        }
    }
    println!("{refused} refused, {right} right, none wrong");
    assert!(refused > 0 && right > 0);
    assert_eq!(answers(&index).unwrap(), expected);
}

/// Replaces a file by a new one, since the old one may be memory-mapped.
fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}
