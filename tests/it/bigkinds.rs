//! Columns of BIGKinds exports are stored, searched and exported.

use serde_json::{Value, json};

use crate::env::Env;

const HEADER: &str = "뉴스 식별자,일자,언론사,기고자,제목,통합 분류1,통합 분류2,통합 분류3,사건/사고 분류1,사건/사고 분류2,사건/사고 분류3,인물,위치,기관,키워드,특성추출(가중치순 상위 50개),본문,URL,분석제외 여부";

/// An export of three articles, two of which have the same URL.
fn export(env: &Env) {
    let rows = [
        r#"01100001.20240222103101001,20240222,한빛신문,김하나,가람시 새 다리 착공,지역>경기,경제>산업_기업,,사고>교통사고,,,"홍길동,이몽룡","가람시,나래구",국토교통부,"가람시,다리,착공,예산","다리,착공",가람시가 강을 건너는 새 다리를 놓는다.,https://news.example/,"#,
        r#"01100001.20240223103101002,20240223,한빛신문,이두리,나래구 헌 다리 철거,지역>강원,,,,,,성춘향,나래구,"한국은행,국토교통부","나래구,다리,철거","다리,철거",나래구가 헌 다리를 철거한다.,https://news.example/,중복"#,
        r#"01100001.20240224103101003,20240224,저녁신문,,반도체 수출 늘어,경제>무역,,,,,,,서울,,"반도체,수출","반도체,수출",지난달 반도체 수출이 늘었다.,https://evening.example/3,"#,
    ];
    env.write("NewsResult.csv", format!("{HEADER}\n{}\n", rows.join("\n")));
}

fn ids(env: &Env, query: &str) -> Vec<String> {
    let run = env.run_query(&["--format", "jsonl", "--sort", "oldest", query]);
    let record = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let ids = run.out.lines().map(record);
    ids.map(|record| record["id"].as_str().unwrap()[23..].to_owned())
        .collect()
}

#[test]
fn columns_are_stored_and_searchable_as_fields() {
    let env = Env::new();
    export(&env);
    assert!(env.done("add NewsResult.csv").starts_with("added 3"));
    assert_eq!(
        env.show("01100001.20240222103101001")["bigkinds"],
        json!({
            "news_id": "01100001.20240222103101001",
            "categories": ["지역>경기", "경제>산업_기업"],
            "incidents": ["사고>교통사고"],
            "persons": ["홍길동", "이몽룡"],
            "places": ["가람시", "나래구"],
            "organizations": ["국토교통부"],
            "keywords": ["가람시", "다리", "착공", "예산"],
            "excluded": null,
        })
    );
    let second = env.show("01100001.20240223103101002");
    assert_eq!(second["bigkinds"]["excluded"], "중복");
    assert_eq!(second["keywords"], json!(["다리", "철거"]));
    for (query, expected) in [
        ("인물:홍길동", "001"),
        ("person:성춘향", "002"),
        ("위치:나래구", "001 002"),
        ("place:서울", "003"),
        ("기관:국토교통부 -인물:홍길동", "002"),
        ("organization:한국은행", "002"),
        ("분류:지역", "001 002"),
        ("분류:지역>경기", "001"),
        ("category:경제", "001 003"),
        ("분류:산업_기업", "001"),
        ("인물:*", "001 002"),
        ("인물:홍*", "001"),
        ("섹션:지역>강원", "002"),
        ("인물:아무개", ""),
    ] {
        assert_eq!(ids(&env, query).join(" "), expected, "{query}");
    }
    let text = env.run("show 01100001.20240222103101001").out;
    for line in [
        "people   홍길동, 이몽룡",
        "category 지역>경기, 경제>산업_기업",
    ] {
        assert!(text.contains(line), "{text}");
    }
    env.done("reindex");
    assert_eq!(ids(&env, "인물:홍길동 위치:가람시").join(" "), "001");
    env.done("check");
}

#[test]
fn exports_survive_a_round_trip() {
    let env = Env::new();
    export(&env);
    env.done("add NewsResult.csv");
    let records = |env: &Env| -> Vec<(String, Value, Value, Value)> {
        let run = env.run("export --sort oldest --all-copies");
        let read = |line: &str| {
            let record: Value = serde_json::from_str(line).unwrap();
            (
                record["headline"].to_string(),
                record["bigkinds"].clone(),
                record["keywords"].clone(),
                record["excerpt"].clone(),
            )
        };
        run.out.lines().map(read).collect()
    };
    let before = records(&env);
    assert_eq!(before.len(), 3);
    for file in ["out.csv", "out.tsv", "out.xlsx", "out.jsonl"] {
        env.done(&format!("export --all-copies -o {file}"));
        env.done(&format!("--index again-{file} add {file}"));
        let run = env.run(&format!(
            "--index again-{file} export --sort oldest --all-copies"
        ));
        assert_eq!(run.out.lines().count(), 3, "{file}: {run:?}");
        let again: Vec<_> = {
            let read = |line: &str| serde_json::from_str::<Value>(line).unwrap();
            run.out.lines().map(read).collect()
        };
        for (again, before) in again.iter().zip(&before) {
            assert_eq!(again["headline"].to_string(), before.0, "{file}");
            assert_eq!(again["bigkinds"], before.1, "{file}");
            assert_eq!(again["keywords"], before.2, "{file}");
            assert_eq!(again["excerpt"], before.3, "{file}");
        }
    }
    // A license for links covers none of these.
    let links = env.run("export --links-only --format csv --all-copies").out;
    assert!(
        !links.contains("홍길동") && !links.contains("예산"),
        "{links}"
    );
    // A workbook of other articles does not have these columns.
    let other = Env::new();
    other.records(
        "a.jsonl",
        &[json!({"headline": "다리", "body": "새 다리를 놓는다."})],
    );
    other.done("add a.jsonl");
    let header = other.run("export --format csv").out;
    assert!(
        header
            .lines()
            .next()
            .unwrap()
            .ends_with("organizations,bigkinds_keywords,excluded")
    );
}

/// Tables often give the URL of a site or section for all of its articles.
#[test]
fn rows_with_the_same_url_are_all_kept() {
    let env = Env::new();
    let table = "제목,본문,URL\n새 다리 착공,본문 하나.,https://news.example/\n헌 다리 철거,본문 둘.,https://news.example/\n새 다리 착공,본문 하나.,https://news.example/\n";
    env.write("a.csv", table);
    let stderr = env.done("add a.csv");
    assert!(
        stderr.starts_with("added 2, updated 0, unchanged 1"),
        "{stderr}"
    );
    let found = env.run("search --format csv 다리").out;
    assert!(
        found.contains("새 다리 착공") && found.contains("헌 다리 철거"),
        "{found}"
    );
    // Adding it again changes nothing.
    let stderr = env.done("add --reread a.csv");
    assert!(
        stderr.starts_with("added 0, updated 0, unchanged 3"),
        "{stderr}"
    );
    // A changed row replaces its clipping.
    env.write("a.csv", table.replace("본문 둘.", "고친 본문 둘."));
    let stderr = env.done("add a.csv");
    assert!(stderr.starts_with("added 0, updated 1"), "{stderr}");
    assert_eq!(env.count(), 2);
}
