//! `trend`, `stats` and `related`.

use serde_json::{Value, json};

use crate::env::{Env, body};

fn env() -> Env {
    let env = Env::new();
    let record = |id: &str, day: &str, outlet: &str, headline: &str| {
        json!({"id": id, "outlet": outlet, "published": day, "headline": headline,
               "body": format!("{headline} 소식이다.")})
    };
    env.records(
        "a.jsonl",
        &[
            record("a", "2024-02-27", "한겨레", "다리 착공"),
            record("b", "2024-02-27T23:59:00+09:00", "경향신문", "다리 준공"),
            record("c", "2024-03-01", "한겨레", "다리 보수"),
            record("d", "2024-03-01", "한겨레", "도서관 개관"),
            json!({"id": "e", "headline": "언제인지 모를 다리"}),
        ],
    );
    env.done("add a.jsonl");
    env
}

#[test]
fn gaps_count_zero_and_undated_clippings_are_reported() {
    let env = env();
    let run = env.run("trend 다리 도서관 --by day --format csv");
    assert_eq!(
        run.out,
        "period,다리,도서관\n2024-02-27,2,0\n2024-02-28,0,0\n2024-02-29,0,0\n2024-03-01,1,1\n"
    );
    assert!(
        run.err.contains("1 clipping of '다리' has no date"),
        "{run:?}"
    );
    let run = env.run("trend 다리 --by month");
    assert!(run.out.starts_with("2024-02  2 █"), "{run:?}");
    assert!(
        run.out.contains("total    3\n") && run.out.contains("no date"),
        "{run:?}"
    );
    assert!(!run.out.contains('\x1b'), "{run:?}");
    let run = env.run("trend 다리 --by week --format csv -q");
    assert_eq!(run.out, "period,다리\n2024-02-26,3\n");
    assert!(run.err.is_empty());
    let run = env.run("trend 다리 --by year --format tsv");
    assert_eq!(run.out, "period\t다리\n2024\t3\n");
}

#[test]
fn trend_applies_filters_and_shows_shares() {
    let env = env();
    let run = env.run(
        "trend 다리 --outlet 한겨레 --by month --from 2024-01 --to 2024-03 --share --format csv",
    );
    assert_eq!(
        run.out,
        "period,다리,다리 %,all\n2024-01,0,0.00,0\n2024-02,1,100.00,1\n2024-03,1,50.00,2\n"
    );
    let run = env.run("trend 다리 --by month --share --format json");
    let trend: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(trend["by"], "month");
    assert_eq!(
        trend["queries"][0],
        json!({"query": "다리", "total": 4, "undated": 1})
    );
    assert_eq!(trend["periods"][1]["counts"], json!([1]));
    assert_eq!(trend["periods"][1]["all"], 2);
    assert_eq!(trend["periods"][1]["to"], "2024-03-31");
    let run = env.run("trend 없는말이다 --format csv");
    assert_eq!((run.code, run.out.as_str()), (1, "period,없는말이다\n"));
    assert_eq!(env.run("trend 없는말이다").code, 1);
    // Without a query, everything that passes the filters is counted.
    assert!(
        env.run("trend --by year --format csv")
            .out
            .ends_with("2024,4\n")
    );
}

#[test]
fn queries_are_escaped_in_every_format() {
    let env = env();
    let run = env.run("trend =다리 --by year --format csv");
    assert!(run.out.starts_with("period,'=다리\n"), "{run:?}");
    env.done("trend <b>다리</b> 도서관 --by day -o t.svg");
    let svg = std::fs::read_to_string(env.path("t.svg")).unwrap();
    assert!(
        svg.starts_with("<svg ") && svg.contains("<polyline"),
        "{svg}"
    );
    assert!(
        svg.contains("&lt;b&gt;다리") && !svg.contains("<b>"),
        "{svg}"
    );
    let run = env.run("trend 다리 -o t.pdf");
    assert!(run.code == 2 && run.err.contains("svg"), "{run:?}");
}

#[test]
fn a_very_old_clipping_does_not_make_a_huge_table() {
    let env = env();
    env.records(
        "old.jsonl",
        &[json!({"id": "old", "headline": "옛 다리", "published": "0001-01-01"})],
    );
    env.done("add old.jsonl");
    let run = env.run("trend 다리 --by day");
    assert!(run.code == 0 && run.out.lines().count() < 10, "{run:?}");
    let run = env.run("trend 다리 --by day --from 0001");
    assert!(run.code == 2 && run.err.contains("--from"), "{run:?}");
    assert_eq!(env.run("trend 다리 --by day --from 2024").code, 0);
    assert_eq!(env.run("trend 다리").code, 0);
}

#[test]
fn copies_count_once_by_default() {
    let env = Env::new();
    let copy = |id: &str, day: &str| json!({"id": id, "published": day, "headline": "시청 공사 발표", "body": body(1)});
    env.records(
        "a.jsonl",
        &[copy("a", "2024-02-23"), copy("b", "2024-02-22")],
    );
    env.done("add a.jsonl");
    let run = env.run("trend 공사 --by day --format csv");
    assert_eq!(run.out, "period,공사\n2024-02-22,1\n");
    let run = env.run("trend 공사 --by year --all-copies --format csv");
    assert!(run.out.ends_with("2024,2\n"), "{run:?}");
}

#[test]
fn stats_count_within_filters() {
    let env = env();
    let run = env.run("stats --outlet 한겨레 --from 2024-03 --format json");
    let stats: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(stats["clippings"], 2);
    assert_eq!(stats["outlets"], json!([{"name": "한겨레", "count": 2}]));
    assert_eq!(env.run("stats --skipped --outlet 한겨레").code, 2);
}

#[test]
fn related_words_distinguish_the_results() {
    let env = Env::new();
    let mut records = Vec::new();
    for n in 0..120 {
        let (headline, text) = match n % 4 {
            // 존슨 rarely occurs without the first half of the name; 하만주 takes particles.
            0 => (
                "하천 준설 착수",
                "하만주가 하천을 살폈다. 장비를 맡은 존슨 올슨은 하만주와 함께 갔다. 이날 존슨 올슨이 준설선을 몰았다.",
            ),
            1 => (
                "시장 물가",
                "이날 시장 물가가 올랐다고 상인이 밝혔다. 채소 값이 뛰었다.",
            ),
            2 => (
                "야구 개막",
                "이날 야구 시즌이 열렸다고 구단이 밝혔다. 관중이 모였다.",
            ),
            _ => (
                "전시 소식",
                "이날 미술관 전시가 열렸다. 관람객이 줄을 섰다고 한다.",
            ),
        };
        let text = format!("{text}\n{}", body(n));
        records.push(json!({"id": n.to_string(), "headline": headline, "body": text}));
    }
    env.records("a.jsonl", &records);
    env.done("add a.jsonl");
    let run = env.run("related 하천 --format json");
    assert_eq!(run.code, 0, "{run:?}");
    let related: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(related["results"], 30);
    assert_eq!(related["clippings"], 120);
    let words: Vec<&str> = related["words"]
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word["word"].as_str().unwrap())
        .collect();
    for word in ["하만주", "존슨 올슨", "준설선"] {
        assert!(words.contains(&word), "{word}: {words:?}");
    }
    // Not the query's own word, nor a word of all clippings, nor one with a particle, nor a verb.
    for word in [
        "하천",
        "이날",
        "하만주가",
        "올슨은",
        "올슨",
        "살폈다",
        "야구",
    ] {
        assert!(!words.contains(&word), "{word}: {words:?}");
    }
    let name = &related["words"][words.iter().position(|w| *w == "하만주").unwrap()];
    assert_eq!(
        (&name["count"], &name["clippings"]),
        (&json!(30), &json!(30))
    );
    assert_eq!(name["lift"], 4.0);
    let run = env.run("related 하천 -n 2 --format csv");
    assert_eq!(run.out.lines().count(), 3, "{run:?}");
    let text = env.run("related 하천").out;
    assert!(text.contains("30 results, compared with 120 clippings"));
    // The last column is the sort key.
    let mut lines = text.lines().take_while(|line| !line.is_empty());
    assert!(lines.next().unwrap().ends_with("G²"), "{text}");
    let scores: Vec<f64> = lines
        .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
        .collect();
    assert!(
        scores.len() > 1 && scores.is_sorted_by(|a, b| a >= b),
        "{text}"
    );
    // Without a query there is nothing to compare with.
    let run = env.run("related");
    assert!(run.code == 1 && run.err.contains("compare"), "{run:?}");
    assert_eq!(env.run("related 하천 --against 하천").code, 1);
    assert_eq!(env.run("related 없는말이다").code, 1);
}

/// Regression: a page dated in the year 0000 produced a line for every year since.
#[test]
fn a_date_before_newspapers_is_not_counted() {
    let env = Env::new();
    env.records(
        "a.jsonl",
        &[
            json!({"id": "1", "headline": "다리", "published": "0000-01-01"}),
            json!({"id": "2", "headline": "다리", "published": "2024-02-22"}),
        ],
    );
    env.done("add a.jsonl");
    let run = env.run("trend 다리 --by year");
    assert!(run.out.lines().count() < 6, "{run:?}");
    assert!(run.out.contains("dated before 1883-01-01"), "{run:?}");
    let run = env.run("trend 다리 --by year --from 0000 --format csv");
    assert_eq!(run.out.lines().count(), 2026, "{run:?}");
}

/// Tables contain every clipping and mark those that belong together; documents fold copies and name them.
#[test]
fn exports_contain_or_name_every_copy() {
    let env = Env::new();
    let body = crate::env::body(7);
    let mut records: Vec<_> = ["한빛신문", "저녁신문", "모두일보"]
        .iter()
        .enumerate()
        .map(|(n, outlet)| {
            json!({"id": format!("copy-{n}"), "headline": format!("다리 공사 {n}"), "outlet": outlet,
                "url": format!("https://example.com/{n}"), "date": "2024-02-22", "body": format!("공사 {body}")})
        })
        .collect();
    let other = crate::env::body(8);
    records.push(json!({"id": "other", "headline": "공사 입찰", "body": format!("공사 {other}")}));
    env.records("a.jsonl", &records);
    env.done("add a.jsonl");

    let answer: Value = serde_json::from_str(&env.run("search --format json 공사").out).unwrap();
    assert_eq!(
        (&answer["total"], &answer["clippings"]),
        (&json!(2), &json!(4))
    );
    assert!(
        env.run("search 공사")
            .out
            .contains("2 stories, 4 clippings")
    );
    let csv = env.run("export --format csv 공사").out;
    let mut table = csv::Reader::from_reader(csv.as_bytes());
    let column = table
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == "story")
        .unwrap();
    let stories: Vec<String> = table
        .records()
        .map(|row| row.unwrap()[column].to_owned())
        .collect();
    assert_eq!(stories.len(), 4);
    let distinct: std::collections::HashSet<&String> = stories.iter().collect();
    assert_eq!(distinct.len(), 2);
    let lines = env.run("export --format jsonl 공사").out;
    assert!(lines.lines().all(|line| {
        let record: Value = serde_json::from_str(line).unwrap();
        stories.contains(&record["story"].as_str().unwrap().to_owned())
    }));
    assert_eq!(lines.lines().count(), 4);
    assert_eq!(
        env.run("export --no-copies --format jsonl 공사")
            .out
            .lines()
            .count(),
        2
    );
    assert!(
        env.done("export -o a.csv 공사")
            .contains("wrote 4 clippings (2 stories)")
    );
    for format in ["markdown", "clipbook"] {
        let document = env.run(&format!("export --format {format} 공사")).out;
        assert!(document.contains("2 copies: "), "{format}: {document}");
        for n in 0..3 {
            assert!(
                {
                    let url = format!("https://example.com/{n}");
                    document.contains(&url) || document.contains(&url.replace('/', "&#x2f;"))
                },
                "{format} {n}"
            );
        }
    }
}
