//! Results of the sample clippings for some queries, compared with `tests/scoreboards/ranking.txt`.
//!
//! Every change in ranking shows as a change of that file. `UPDATE_SCOREBOARD=1 cargo test --test
//! it ranking` rewrites it for review.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::env::Env;

/// Realistic queries: topics, names, spacings, quotations, signs, Hanja, sentences.
const QUERIES: [&str; 14] = [
    "생성형 AI",
    "생성형AI",
    "생성형 인공지능 도서관",
    "\"생성형 AI\"",
    "인공 지능",
    "챗GPT",
    "미국",
    "예산 -축제",
    "제목:축제",
    "도서관 OR 박물관",
    "기자:*  날짜:2024",
    "시청 예산 심의 결과가 나온 날은 언제인가",
    "박람회*",
    "\"봄꽃 축제\"~3",
];

#[test]
fn ranking_equals_the_scoreboard() {
    let env = Env::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixtures = root.join("fixtures");
    let added = env.run_query(&["*", "--add", &fixtures.to_string_lossy()]);
    assert_eq!(added.code, 0, "{added:?}");
    let mut board =
        String::from("# Rank statistics of the sample clippings; see tests/it/ranking.rs.\n");
    for query in QUERIES {
        let run = env.run_query(&[query, "--format", "json", "--limit", "5"]);
        let page: Value = serde_json::from_str(&run.out).unwrap();
        writeln!(board, "\n{query}: {}", page["total"]).unwrap();
        for hit in page["hits"].as_array().unwrap() {
            let copies = hit["copies"].as_array().map_or(0, Vec::len);
            let headline = hit["headline"].as_str().unwrap();
            writeln!(
                board,
                "  {:6.2} +{copies} {headline}",
                hit["score"].as_f64().unwrap()
            )
            .unwrap();
        }
    }
    let path = root.join("tests/scoreboards/ranking.txt");
    if std::env::var_os("UPDATE_SCOREBOARD").is_some() {
        fs::write(&path, &board).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), board);
}

fn archive(texts: &[(&str, &str)]) -> Env {
    let env = Env::new();
    let records: Vec<Value> = texts
        .iter()
        .map(|(id, body)| json!({"id": id, "headline": "소식", "body": body, "date": "2024-03-01"}))
        .collect();
    let records = env.records("records.jsonl", &records);
    let added = env.run_with_arguments(&["add", &records.to_string_lossy()]);
    assert_eq!(added.code, 0, "{added:?}");
    env
}

fn page(env: &Env, arguments: &[&str]) -> Value {
    let run = env.run_query(&[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&run.out).unwrap()
}

fn ids(page: &Value) -> Vec<&str> {
    let hits = page["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["id"].as_str().unwrap()).collect()
}

/// A compound typed with or without a space has the same ranking.
#[test]
fn spaced_and_unspaced_compounds_rank_equally() {
    let env = Env::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let added = env.run_query(&["*", "--add", &fixtures.to_string_lossy()]);
    assert_eq!(added.code, 0, "{added:?}");
    for (joined, apart) in [
        ("생성형AI", "생성형 AI"),
        ("관광열차", "관광 열차"),
        ("판례번호", "판례 번호"),
        ("인공지능", "인공 지능"),
        ("관광열차를", "관광 열차를"),
    ] {
        let [one, two] = [joined, apart].map(|query| page(&env, &[query, "--limit", "50"]));
        let [full, other] = [&one, &two].map(|page| {
            let hits = page["hits"].as_array().unwrap().iter();
            let full = hits.filter(|hit| hit["partial"] == false);
            let scores = full.filter_map(|hit| Some((hit["id"].as_str()?, hit["score"].as_f64()?)));
            scores.collect::<Vec<_>>()
        });
        assert!(!full.is_empty(), "{joined}");
        // Clippings with the unspaced form are found by both, in the same order with the same scores.
        let shared: Vec<_> = other
            .iter()
            .filter(|(id, _)| full.iter().any(|(known, _)| known == id))
            .collect();
        assert_eq!(shared.len(), full.len(), "{joined}: {full:?} {other:?}");
        for ((a, x), (b, y)) in full.iter().zip(shared) {
            assert_eq!(a, b, "{joined}");
            assert!((x - y).abs() < 0.05 * x, "{joined} {a}: {x} {y}");
        }
    }
}

#[test]
fn proximity_requires_the_whole_compound() {
    let filler = "가게 나무 다리 라면 마을 바다 사람 아침 자리 차림 타래 파도 하늘 거리 노래 도구 로봇 모자 보물";
    let apart = format!("금리 대책이 나왔다. {filler} 금리인하는 없다.");
    let beside = format!("금리인하 대책이 나왔다. {filler} 끝.");
    let env = archive(&[
        ("apart", &apart),
        ("beside", &beside),
        ("else", "날씨가 맑다."),
    ]);
    let page = page(&env, &["금리인하 대책", "--explain"]);
    let near = |id: &str| -> f64 {
        let hits = page["hits"].as_array().unwrap().iter();
        let hit = hits.clone().find(|hit| hit["id"] == id).unwrap();
        let shares = hit["explanation"].as_array().unwrap().iter();
        let near = shares.filter(|share| share["cause"] == "nearness");
        near.map(|share| share["score"].as_f64().unwrap()).sum()
    };
    assert_eq!(ids(&page), ["beside", "apart"]);
    assert!(near("apart") < 0.5 * near("beside"), "{page:#}");
}

#[test]
fn words_written_as_one_are_near_the_others() {
    let filler = "가게 나무 다리 라면 마을 바다 사람 아침 자리 차림 타래 파도 하늘 거리 노래 도구 로봇 모자 보물";
    let joined = format!("전동킥보드 사고가 났다. {filler} 끝.");
    let apart = format!("전동 킥보드를 샀다. {filler} 사고는 없다.");
    let env = archive(&[
        ("joined", &joined),
        ("apart", &apart),
        ("else", "날씨가 맑다."),
    ]);
    let page = page(&env, &["전동 킥보드 사고"]);
    assert_eq!(
        (&page["total"], ids(&page)),
        (&json!(2), vec!["joined", "apart"])
    );
}

#[test]
fn a_clipping_with_one_of_several_quotations_is_a_partial_match() {
    let env = archive(&[
        ("both", "고의 사고를 낸 보험사기 조직이 잡혔다."),
        ("one", "보험사기 신고가 늘었다."),
        ("words", "고의로 낸 사고였다."),
    ]);
    let found = page(&env, &["\"보험사기\" \"고의 사고\""]);
    assert_eq!((&found["total"], &found["partial"]), (&json!(1), &json!(1)));
    assert_eq!(ids(&found), ["both", "one"]);
    assert_eq!(found["hits"][1]["missing"], json!(["고의 사고"]));
    assert!(ids(&page(&env, &["\"고의 신고\""])).is_empty());
}

#[test]
fn components_of_compounds_fill_the_page() {
    let env = archive(&[
        ("both", "전자발찌를 찬 사람이 장치를 훼손했다."),
        ("one", "전자발찌를 채운다."),
        ("shop", "무인점포에서 지난달에도 절도가 있었다."),
        ("else", "날씨가 맑다."),
    ]);
    let found = page(&env, &["전자발찌훼손"]);
    assert_eq!((&found["total"], &found["partial"]), (&json!(0), &json!(2)));
    assert_eq!(ids(&found), ["both", "one"]);
    for hit in found["hits"].as_array().unwrap() {
        assert_eq!(hit["partial"], true);
        assert_eq!(hit["missing"], json!(["전자발찌훼손"]));
    }
    // The last syllable may be mistaken for a particle.
    assert_eq!(ids(&page(&env, &["무인점포절도"])), ["shop"]);
    assert!(ids(&page(&env, &["\"전자발찌훼손\""])).is_empty());
    // A made-up word has no components, whatever the analyzer finds in it.
    assert!(ids(&page(&env, &["전자에도없는말이다"])).is_empty());
}
