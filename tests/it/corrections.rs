//! Misspelt queries and questions.

use serde_json::{Value, json};

use crate::env::Env;

/// Made-up clippings: many about noise between floors, one with a word that looks like a typo.
fn archive() -> Env {
    let env = Env::new();
    let mut records: Vec<Value> = (0..120)
        .map(|n| {
            json!({"id": format!("noise-{n}"), "headline": format!("층간소음 다툼 {n}번째 조정"),
                   "body": format!("가람시 {n}동 주민이 층간소음 문제로 이웃과 다퉜다. 조정 위원은 {n}명이다."),
                   "outlet": "가람일보", "date": "2024-02-22"})
        })
        .collect();
    let clipping = |id: &str, headline: &str, body: &str| json!({"id": id, "headline": headline, "body": body, "outlet": "가람일보", "date": "2024-05-01"});
    records.extend([
        clipping(
            "tower",
            "가람타워 개장",
            "가람타워가 문을 열었다. 층간소움이라는 밴드가 공연했다.",
        ),
        clipping(
            "bug",
            "가람시에 하루살이가 늘었다",
            "하루살이 떼가 강변을 덮었다. 시민들이 불편을 호소했다.",
        ),
        clipping(
            "why",
            "왜 아무도 오지 않았나",
            "극단이 새 연극을 올렸다. 왜 오지 않는지 누구도 몰랐다.",
        ),
    ]);
    env.records("a.jsonl", &records);
    env.done("add a.jsonl");
    env
}

/// The first three ids, and all output.
fn answer(env: &Env, query: &str) -> (Vec<String>, String) {
    let ids = env.run_query(&[query, "--format", "trec", "--limit", "3"]);
    let ids = ids.out.lines().filter_map(|line| line.split(' ').nth(2));
    let text = env.run_query(&[query]);
    (ids.map(str::to_owned).collect(), text.out + &text.err)
}

#[test]
fn likely_corrections_are_searched_immediately() {
    let env = archive();
    for (query, shown) in [
        ("층간소응 다툼", "showing results for 층간소음"),
        ("충간소음", "showing results for 층간소음"),
        ("층간소음 조졍", "showing results for 조정"),
        ("층간소응 조졍", "showing results for 층간소음 조정"),
        ("층소간음", "showing results for 층간소음"),
        ("층간소응을", "showing results for 층간소음을"),
        ("cmdrksthdma", "showing results for 층간소음"),
    ] {
        let (ids, said) = answer(&env, query);
        assert!(said.contains(shown), "{query}: {said}");
        let are_meant = ids.iter().all(|id| id.starts_with("noise"));
        assert!(are_meant && ids.len() == 3, "{query}: {ids:?}");
    }
}

#[test]
fn quoted_words_are_never_corrected() {
    let env = archive();
    let (ids, said) = answer(&env, "\"층간소응\"");
    assert!(ids.is_empty(), "{ids:?}");
    assert!(!said.contains("showing results for"), "{said}");
    let (_, said) = answer(&env, "\"층간소응\" 다툼");
    assert!(!said.contains("showing results for"), "{said}");
}

#[test]
fn a_known_word_is_searched_and_a_frequent_one_suggested() {
    let env = archive();
    let (ids, said) = answer(&env, "층간소움");
    assert_eq!(ids, ["tower"]);
    assert!(!said.contains("showing results for"), "{said}");
    assert!(said.contains("층간소음"), "{said}");
}

#[test]
fn counting_commands_never_correct_queries() {
    let env = archive();
    assert_eq!(env.run_query(&["층간소응"]).code, 0);
    let export = env.run_with_arguments(&["export", "층간소응", "--format", "jsonl"]);
    assert_eq!((export.code, export.out.as_str()), (1, ""), "{export:?}");
    let trend = env.run_with_arguments(&["trend", "층간소응", "--format", "csv"]);
    assert!(!trend.out.contains("120"), "{trend:?}");
}

#[test]
fn question_words_are_not_required() {
    let env = archive();
    let (ids, said) = answer(&env, "하루살이 왜 늘었나");
    assert_eq!(ids.first().map(String::as_str), Some("bug"), "{said}");
    assert!(said.contains("not required: 왜 늘었나"), "{said}");
    let (ids, _) = answer(&env, "하루살이 AND 왜");
    assert!(!ids.iter().any(|id| id == "bug"), "{ids:?}");
    let trend = env.run_with_arguments(&["trend", "하루살이 왜", "--format", "csv"]);
    assert!(!trend.out.contains(",1"), "{trend:?}");
}
