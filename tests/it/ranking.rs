//! Results of the sample clippings for some queries, compared with `tests/scoreboards/ranking.txt`.
//!
//! Every change in ranking shows as a change of that file. `UPDATE_SCOREBOARD=1 cargo test --test
//! it ranking` rewrites it for review.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::env::Env;

/// Queries as people type them: topics, names, spacings, quotations, signs, Hanja, sentences.
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
