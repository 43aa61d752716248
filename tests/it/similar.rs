//! `similar`, and folding of reports of the same event.

use serde_json::{Value, json};

use crate::env::Env;

fn record(id: &str, headline: &str, body: &str, date: &str) -> Value {
    json!({"id": id, "headline": headline, "body": body, "date": date, "outlet": format!("{id}일보")})
}

/// Three reports of a collapse, a copy of the first, and loosely related articles.
fn archive() -> Env {
    let env = Env::new();
    let first = "가람시 소라대교 공사장에서 3일 오전 교각이 무너져 인부 7명이 다쳤다. 가람소방서는 소라대교 \
                 교각의 철근이 설계보다 적었다고 밝혔다. 시공사 한별건설은 사과했다.";
    let mut records = vec![
        record("a", "소라대교 교각 붕괴…7명 부상", first, "2024-03-03"),
        record("copy", "소라대교 교각 붕괴…7명 부상", first, "2024-03-03"),
        record(
            "b",
            "가람시 공사장서 교각 무너져 인부 7명 다쳐",
            "3일 가람시 소라대교 교각이 내려앉아 일하던 인부 7명이 병원으로 옮겨졌다. 한별건설이 맡은 공사다. \
             가람소방서가 현장을 조사한다.",
            "2024-03-04",
        ),
        record(
            "c",
            "한별건설, 소라대교 사고 보상 합의",
            "한별건설이 소라대교 교각 붕괴로 다친 인부들과 보상에 합의했다. 가람시는 공사를 다시 시작한다.",
            "2024-09-12",
        ),
        record(
            "d",
            "가람시 도서관 새 단장",
            "가람시 도서관이 여섯 달 공사 끝에 문을 열었다. 어린이 열람실이 넓어졌다.",
            "2024-03-03",
        ),
        record(
            "e",
            "봄꽃 축제 막 올라",
            "벚꽃이 피자 축제가 열렸다. 상인들이 반겼다.",
            "2024-03-03",
        ),
    ];
    for n in 0..12 {
        let body = format!("마을 소식 {n}. 주민들이 모여 회의를 열었다. 다음 모임은 {n}월이다.");
        records.push(record(
            &format!("f{n}"),
            &format!("마을 소식지 {n}호"),
            &body,
            "2023-01-01",
        ));
    }
    let records = env.records("records.jsonl", &records);
    let added = env.run_with_arguments(&["add", &records.to_string_lossy()]);
    assert_eq!(added.code, 0, "{added:?}");
    env
}

fn ids(hits: &Value) -> Vec<&str> {
    let hits = hits["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["id"].as_str().unwrap()).collect()
}

#[test]
fn similar_finds_articles_on_the_same_topic() {
    let env = archive();
    let run = env.run("similar a --format json");
    assert_eq!(run.code, 0, "{run:?}");
    let similar: Value = serde_json::from_str(&run.out).unwrap();
    let found = ids(&similar);
    assert_eq!(found[..2], ["b", "c"], "{found:?}");
    // Neither the clipping itself, nor its copy, nor articles that share no distinctive word.
    for id in ["a", "copy", "e", "f3"] {
        assert!(!found.contains(&id), "{id}: {found:?}");
    }
    let words: Vec<&str> = similar["words"]
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word["word"].as_str().unwrap())
        .collect();
    assert!(words.contains(&"소라대교"), "{words:?}");
    assert!(!words.contains(&"밝혔다"), "{words:?}");
    let weights = similar["words"].as_array().unwrap().iter();
    let sum: f64 = weights.map(|word| word["weight"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-3, "{sum}");
    let scores = similar["hits"].as_array().unwrap().iter();
    assert!(
        scores
            .clone()
            .all(|hit| hit["score"].as_f64().unwrap() <= 1.0)
    );

    let later = env.run("similar a --from 2024-05 --format json");
    let later: Value = serde_json::from_str(&later.out).unwrap();
    assert_eq!(ids(&later), ["c"]);
    let text = env.run("similar a -n 1").out;
    assert!(
        text.contains("가람시 공사장서") && text.contains("소라대교"),
        "{text}"
    );
    assert!(!text.contains("보상 합의"), "{text}");
    assert_eq!(
        env.run("similar a --format jsonl").out.lines().count(),
        found.len()
    );
}

#[test]
fn similar_reports_no_results_and_unknown_ids() {
    let env = archive();
    assert_eq!(env.run("similar e --format json").code, 1);
    let unknown = env.run("similar nowhere");
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("nowhere"), "{unknown:?}");
}

#[test]
fn reports_of_an_event_are_folded_and_counted() {
    let env = archive();
    let page = |arguments: &str| -> Value {
        let run = env.run(&format!("search 공사 --format json {arguments}"));
        serde_json::from_str(&run.out).unwrap()
    };
    let folded = page("");
    let hits = folded["hits"].as_array().unwrap();
    let of = |id: &str| hits.iter().find(|hit| hit["id"] == id).unwrap();
    assert_eq!(folded["total"], hits.len());
    let (a, b) = match hits.iter().any(|hit| hit["id"] == "a") {
        true => (of("a"), of("b")),
        false => (of("copy"), of("b")),
    };
    let (first, second) = match a["rank"].as_u64() < b["rank"].as_u64() {
        true => (a, b),
        false => (b, a),
    };
    assert_eq!(first["same_event"], Value::Null);
    assert_eq!(second["same_event"], first["rank"]);
    // Half a year later, and a different story of the same day.
    assert_eq!(of("c")["same_event"], Value::Null);
    assert_eq!(of("d")["same_event"], Value::Null);

    let text = env.run("search 공사").out;
    let second = second["headline"].as_str().unwrap();
    assert!(text.contains("1 more report of the same event"), "{text}");
    assert_eq!(text.matches(second).count(), 1, "{text}");

    let apart = page("--all-events");
    assert_eq!(apart["total"], folded["total"]);
    let apart = apart["hits"].as_array().unwrap();
    assert!(apart.iter().all(|hit| hit["same_event"].is_null()));
    assert!(
        !env.run("search 공사 --all-events")
            .out
            .contains("same event")
    );
}
