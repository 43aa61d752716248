//! Searching.

use serde_json::{Value, json};

use crate::env::{Env, body};

/// A small archive of made-up clippings.
fn archive() -> Env {
    let env = Env::new();
    let clipping = |id: &str, headline: &str, body: &str, outlet: &str, date: &str| {
        json!({"id": id, "headline": headline, "body": body, "outlet": outlet, "date": date,
               "reporter": "하만주"})
    };
    let mut records = vec![
        clipping(
            "ai-1",
            "생성형 AI 도입 서두르는 시청",
            "시청이 생성형 AI를 민원 창구에 들인다.",
            "한겨레",
            "2024-02-22",
        ),
        clipping(
            "ai-2",
            "민원 창구의 새 얼굴",
            "창구 직원은 생성형AI가 답을 다듬는다고 말했다.",
            "경향신문",
            "2024-03-01T09:00:00+09:00",
        ),
        clipping(
            "ai-3",
            "AI 박람회 개막",
            "인공 지능 기업이 모였다. 생성형 기술은 없었다.",
            "동아일보",
            "2023-11-05",
        ),
        clipping(
            "name-1",
            "특파원 하만주가 본 도시",
            "하만주는 리카이푸(李開復)를 만났다.",
            "아시아투데이",
            "2024-01-03",
        ),
        clipping(
            "name-2",
            "만주 벌판의 겨울",
            "만주에 눈이 내렸다. 토스트를 구웠다.",
            "한국일보",
            "2022-12-30",
        ),
        clipping(
            "toss",
            "토스의 새 서비스",
            "토스가 새 서비스를 내놓았다. 배달의 민족도 나섰다.",
            "매일경제",
            "2024-02-10",
        ),
        clipping(
            "baemin",
            "배달의민족 할인",
            "배달의민족이 할인한다. 중국집이 반긴다.",
            "한국경제",
            "2024-02-11",
        ),
        clipping(
            "usa",
            "美 대선 앞두고 들썩",
            "여론이 들썩인다. 연구개발(R&D) 예산은 3.1% 늘었다.",
            "세계일보",
            "2024-02-12",
        ),
    ];
    records.push(
        json!({"id": "undated", "headline": "날짜 없는 글", "body": "생성형 AI를 다룬 글이다."}),
    );
    env.records("a.jsonl", &records);
    env.done("add a.jsonl");
    env
}

/// Ids of all results, sorted.
#[track_caller]
fn found(env: &Env, query: &str) -> Vec<String> {
    let mut ids = ranked(env, &[query]);
    ids.sort();
    ids
}

/// Ids of all results, ranked.
#[track_caller]
fn ranked(env: &Env, arguments: &[&str]) -> Vec<String> {
    let output = env
        .command()
        .arg("search")
        .args(arguments)
        .args(["--format", "jsonl", "--limit", "100"])
        .output()
        .unwrap();
    assert!(output.status.code() < Some(2), "{output:?}");
    let out = String::from_utf8(output.stdout).unwrap();
    out.lines()
        .map(|l| {
            serde_json::from_str::<Value>(l).unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn spacing_does_not_matter() {
    let env = archive();
    for (one, two) in [
        ("생성형 AI", "생성형AI"),
        ("인공지능", "인공 지능"),
        ("배달의민족", "배달의 민족"),
        ("\"생성형 AI\"", "\"생성형AI\""),
    ] {
        let ids = found(&env, one);
        assert!(!ids.is_empty(), "{one}");
        assert_eq!(ids, found(&env, two), "{one}, {two}");
    }
    assert_eq!(found(&env, "배달의민족"), ["baemin", "toss"]);
}

#[test]
fn names_match_with_particles_and_at_full_length_only() {
    let env = archive();
    assert_eq!(found(&env, "\"하만주\""), ["name-1"]);
    assert_eq!(found(&env, "\"만주\""), ["name-2"]);
    assert_eq!(found(&env, "\"토스\""), ["toss"]);
    assert_eq!(found(&env, "李開復"), ["name-1"]);
    assert_eq!(found(&env, "이개복"), ["name-1"]);
}

#[test]
fn headline_symbols_and_mixed_words_are_found() {
    let env = archive();
    assert_eq!(found(&env, "미국"), ["usa"]);
    assert_eq!(found(&env, "R&D"), ["usa"]);
    assert_eq!(found(&env, "3.1%"), ["usa"]);
    // 중 in 중국집 is not a country.
    assert_eq!(found(&env, "제목:중국"), Vec::<String>::new());
}

#[test]
fn filters_apply_and_exclude_undated_clippings_by_default() {
    let env = archive();
    assert_eq!(
        ranked(&env, &["생성형 AI", "--outlet", "경향닷컴"]),
        ["ai-2"]
    );
    assert_eq!(
        ranked(
            &env,
            &["생성형 AI", "--from", "2024-02", "--to", "2024-02-22"]
        ),
        ["ai-1"]
    );
    let with = ranked(
        &env,
        &[
            "생성형 AI",
            "--from",
            "2024-02",
            "--undated",
            "--sort",
            "newest",
        ],
    );
    assert_eq!(with, ["ai-2", "ai-1", "undated"]);
    assert_eq!(ranked(&env, &["날짜:2024-03"]), ["ai-2"]);
    assert_eq!(
        ranked(&env, &["*", "--sort", "oldest"])[..2],
        ["name-2", "ai-3"]
    );
}

#[test]
fn the_best_partial_matches_are_shown_without_full_ones() {
    let env = archive();
    let run = env.run_query(&["벌판의 배달의민족"]);
    assert_eq!(run.code, 0);
    assert!(
        run.out.contains("no clipping contains all words"),
        "{run:?}"
    );
    assert!(run.out.contains("만주 벌판의 겨울"), "{run:?}");
}

#[test]
fn spellings_with_results_are_suggested() {
    let env = archive();
    let run = env.run_query(&["todtjdgud"]);
    assert_eq!(run.code, 0);
    let said = format!("{}{}", run.out, run.err);
    assert!(said.contains("showing results for 생성형"), "{run:?}");
    let run = env.run_query(&["하만쥬"]);
    assert!(run.out.contains("하만주"), "{run:?}");
}

#[test]
fn options_may_follow_the_query() {
    let env = archive();
    let run = env.run_query(&["생성형", "AI", "--limit", "1", "--sort", "newest"]);
    assert!(run.out.contains("1–1 of 4 clippings"), "{run:?}");
    let run = env.run_query(&["생성형 AI", "--from", "2024-13"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.starts_with("error: '2024-13' is not a date"),
        "{run:?}"
    );
}

#[test]
fn highlights_exclude_particles() {
    let env = archive();
    let run = env.run_query(&["\"하만주\"", "--format", "json"]);
    let page: Value = serde_json::from_str(&run.out).unwrap();
    let snippet = &page["hits"][0]["snippet"];
    let text: Vec<char> = snippet["text"].as_str().unwrap().chars().collect();
    let marks = snippet["highlights"].as_array().unwrap();
    let [start, end] = [&marks[0][0], &marks[0][1]].map(|n| n.as_u64().unwrap() as usize);
    assert_eq!(text[start..end].iter().collect::<String>(), "하만주");
}

#[test]
fn batches_produce_trec_runs() {
    let env = archive();
    env.write("q.tsv", "1\t생성형 AI\n2\t\"하만주\"\n");
    let run = env.run("search --batch q.tsv --format trec --limit 1");
    let lines: Vec<Vec<&str>> = run.out.lines().map(|l| l.split(' ').collect()).collect();
    assert_eq!(lines.len(), 2, "{run:?}");
    assert_eq!(
        (
            lines[1][0],
            lines[1][1],
            lines[1][2],
            lines[1][3],
            lines[1][5]
        ),
        ("2", "Q0", "name-1", "1", "clippings")
    );
}

#[test]
fn results_are_counted_by_facet() {
    let env = archive();
    let run = env.run_query(&["생성형", "--facets"]);
    assert!(
        run.out.contains("by outlet") && run.out.contains("2024-02"),
        "{run:?}"
    );
}

#[test]
fn the_first_command_of_the_readme_has_results() {
    let env = Env::new();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let run = env.run_query(&["생성형 AI", "--add", fixtures]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("added "), "{run:?}");
    assert!(run.out.matches("생성형").count() > 5, "{run:?}");
    let again = env.run_query(&["생성형 AI", "--add", fixtures]);
    assert!(again.err.contains("added 0, updated 0"), "{again:?}");
    assert_eq!(again.out, run.out);
}

/// Verb forms are indexed by their stems, so their text has to be verified.
#[test]
fn verb_forms_match_exactly_and_by_prefix() {
    let env = Env::new();
    env.records(
        "a.jsonl",
        &[
            json!({"id": "said", "headline": "가", "body": "시는 계획을 발표했다. 순위가 뒤처지면서 서둘렀다."}),
            json!({"id": "says", "headline": "나", "body": "시는 계획을 발표하며 웃었다. 순위는 뒤처져 있다."}),
            json!({"id": "noun", "headline": "다", "body": "발표는 내일이다. 뒤를 돌아본다."}),
        ],
    );
    env.done("add a.jsonl");
    let found = |query: &str| {
        let page: Value =
            serde_json::from_str(&env.run_query(&[query, "--format", "json"]).out).unwrap();
        let hits = page["hits"].as_array().unwrap().clone();
        let mut ids: Vec<String> = hits
            .iter()
            .map(|hit| hit["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids.join(" ")
    };
    assert_eq!(found("발표했다"), "noun said says");
    assert_eq!(found("\"발표했다\""), "said");
    assert_eq!(found("\"계획을 발표하며\""), "says");
    assert_eq!(found("발표했*"), "said");
    assert_eq!(found("발표*"), "noun said says");
    assert_eq!(found("뒤처진"), "said says");
    assert_eq!(found("\"뒤처지면서\""), "said");
    let run = env.run_query(&["발표했*", "--format", "json"]);
    assert!(run.out.contains("highlights"), "{run:?}");
}

/// 中 stands for 중국 and reads 중, which occurs in nearly every text.
#[test]
fn an_abbreviation_is_not_searched_by_its_reading() {
    let env = Env::new();
    env.records(
        "a.jsonl",
        &[
            json!({"id": "sign", "headline": "中 수출 늘어", "body": "수출이 늘었다."}),
            json!({"id": "word", "headline": "무역", "body": "중국으로 가는 배가 늘었다."}),
            json!({"id": "among", "headline": "이 중 하나", "body": "여럿 중 하나를 골랐다."}),
        ],
    );
    env.done("add a.jsonl");
    for query in ["중국", "中"] {
        let page: Value =
            serde_json::from_str(&env.run_query(&[query, "--format", "json"]).out).unwrap();
        assert_eq!(page["total"], 2, "{query}: {page}");
    }
}

/// Every hit contains a quotation, however long.
#[test]
fn a_long_quotation_is_required() {
    let env = Env::new();
    env.records(
        "a.jsonl",
        &[
            json!({"id": "quoted", "headline": "가", "body": "새 도서관 건립 예산 심의 결과 발표가 미뤄졌다."}),
            json!({"id": "words", "headline": "나", "body": "도서관 결과 발표. 심의는 새 예산 건립."}),
        ],
    );
    env.done("add a.jsonl");
    let total = |query: &str| {
        let run = env.run_query(&[query, "--format", "json"]);
        let page: Value = serde_json::from_str(&run.out).unwrap();
        page["total"].clone()
    };
    assert_eq!(total("\"새 도서관 건립 예산 심의 결과 발표\""), 1);
    assert_eq!(total("\"도서관 건립 예산 심의\" 새 결과"), 1);
    assert_eq!(total("새 도서관 건립 예산 심의 결과 발표"), 2);
}

/// A headline that is a quotation was pasted, with the typographic marks that the article has. What is
/// typed in straight marks, or is a phrase, stays exact.
#[test]
fn a_pasted_headline_in_quotation_marks_is_searched_by_its_words() {
    let env = Env::new();
    env.records(
        "a.jsonl",
        &[
            json!({"id": "story", "headline": "가", "body": "시장은 새 도서관을 짓는 예산을 올해 안에 심의하겠다고 말했다."}),
            json!({"id": "other", "headline": "나", "body": "올해 예산은 지난해보다 적다."}),
            json!({"id": "exact", "headline": "다", "body": "새 놀이터는 내년 봄에 연다."}),
        ],
    );
    env.done("add a.jsonl");
    let page = |query: &str| -> Value {
        let run = env.run_query(&[query, "--format", "json"]);
        serde_json::from_str(&run.out).unwrap()
    };
    let pasted = page("“새 도서관 짓는 예산 올해 심의”");
    assert_eq!(pasted["total"], 0, "{pasted}");
    assert_eq!(pasted["hits"][0]["id"], "story", "{pasted}");
    assert_eq!(pasted["hits"][0]["partial"], true, "{pasted}");
    for exact in ["\"새 도서관 짓는 예산 올해 심의\"", "“도서관 예산 심의”"]
    {
        let page = page(exact);
        assert_eq!(page["total"], 0, "{exact}: {page}");
        assert!(
            page["hits"].as_array().unwrap().is_empty(),
            "{exact}: {page}"
        );
    }
    let found = page("“새 놀이터는 내년 봄에 연다”");
    assert_eq!(found["total"], 1, "{found}");
    assert_eq!(found["hits"].as_array().unwrap().len(), 1, "{found}");
}

/// `--add` takes one path; the next argument is the query.
#[test]
fn a_query_may_follow_add() {
    let env = Env::new();
    env.records("a.jsonl", &[json!({"id": "1", "headline": "다리 착공"})]);
    let run = env.run_query(&["--add", "a.jsonl", "착공"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("1 clipping\n"), "{run:?}");
}

/// A prefix of a name marks no words of the text.
#[test]
fn prefixes_of_names_are_not_marked_in_texts() {
    let env = Env::new();
    let record = json!({"id": "a", "headline": "김치 담그기", "reporters": ["김하나"], "body": "이웃이 김치를 담갔다."});
    env.records("a.jsonl", &[record]);
    env.done("add a.jsonl");
    let run = env.run_query(&["기자:김*", "--format", "json"]);
    let answer: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(answer["total"], 1, "{answer}");
    assert_eq!(answer["hits"][0]["headline_highlights"], json!([]));
}

#[test]
fn an_unknown_outlet_gets_a_suggestion() {
    let env = archive();
    for (arguments, suggested) in [
        (["*", "--outlet", "한겨래"], "한겨레 (1)"),
        (["*", "--outlet", "아시아"], "아시아투데이 (1)"),
        (["생성형", "--reporter", "하만"], "하만주 (8)"),
    ] {
        let run = env.run_query(&arguments);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.out.contains(suggested), "{run:?}");
    }
    // Within the query, and in the other commands.
    for arguments in [
        &["search", "언론사:한겨래"][..],
        &["search", "생성형", "AND", "언론사:\"한겨래\""],
        &["export", "--outlet", "한겨래"],
        &["export", "언론사:한겨래", "-o", "none.csv"],
        &["trend", "언론사:한겨래", "--format", "csv"],
        &["related", "언론사:한겨래"],
        &["stats", "--outlet", "한겨래"],
        &["ls", "--outlet", "한겨래"],
    ] {
        let run = env.run_with_arguments(arguments);
        let said = format!("{}{}", run.out, run.err);
        assert!(said.contains("한겨레 (1)"), "{arguments:?}: {run:?}");
    }
    // A name without a similar one.
    for (arguments, said) in [
        (["*", "--outlet", "없는매체"], "from an outlet '없는매체'"),
        (["*", "--reporter", "없는기자"], "by a reporter '없는기자'"),
    ] {
        let run = env.run_query(&arguments);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.out.contains(said), "{run:?}");
    }
    // The outlet has clippings, but none with the word.
    let run = env.run_query(&["없는낱말", "--outlet", "한겨레"]);
    assert!(!run.out.contains("outlet"), "{run:?}");
    // What is excluded needs no suggestion.
    let run = env.run_query(&["없는낱말", "-언론사:한겨래"]);
    assert!(!run.out.contains("한겨레 (1)"), "{run:?}");
}

#[test]
fn clippings_are_listed_newest_first() {
    let env = archive();
    let run = env.run("ls -n 2");
    assert_eq!(run.code, 0, "{run:?}");
    let order = [
        "민원 창구의 새 얼굴",
        "생성형 AI 도입 서두르는 시청",
        "1–2 of 9 clippings",
    ];
    let places: Vec<_> = order.iter().map(|text| run.out.find(text)).collect();
    assert!(places.is_sorted() && places[0].is_some(), "{run:?}");
    assert!(!run.out.contains("창구 직원은"), "{run:?}");
}

#[cfg(unix)]
#[test]
fn an_article_is_opened_by_its_url() {
    let env = Env::new();
    env.records(
        "a.jsonl",
        &[
            json!({"id": "web", "headline": "하나", "url": "https://example.com/1"}),
            json!({"id": "script", "headline": "둘", "url": "javascript:alert(1)"}),
        ],
    );
    env.done("add a.jsonl");
    let open = |id: &str| {
        let command = env.command().args(["open", id]).env("BROWSER", "echo");
        command.output().unwrap()
    };
    assert_eq!(open("web").stdout, b"https://example.com/1\n");
    let refused = open("script");
    assert!(refused.stdout.is_empty() && refused.status.code() == Some(2));
}

#[test]
fn a_range_of_months_is_read_as_the_help_says() {
    let env = archive();
    assert_eq!(found(&env, "날짜:2024-02..03").len(), 5);
    let run = env.run_query(&["가 날짜:2024-13"]);
    assert!(
        run.out
            .contains("did you mean '2024-12'? The date was ignored."),
        "{run:?}"
    );
}

#[test]
fn an_invalid_line_of_the_word_list_is_reported() {
    let env = archive();
    env.write("index/synonyms.txt", "하나, 둘\n홀로\n");
    let run = env.run_query(&["생성형"]);
    assert!(run.err.contains("synonyms.txt, line 2 ignored"), "{run:?}");
    env.write("index/user-words.txt", "한빛미래연구소\n가,없는품사\n");
    let run = env.run_query(&["생성형"]);
    assert!(
        run.err.contains("user-words.txt, line 2 ignored"),
        "{run:?}"
    );
}

#[test]
fn a_strict_query_is_answered_as_typed_or_refused() {
    let env = archive();
    let strict = |command: &str, query: &str| {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.insert(1, "--strict-query");
        arguments.push(query);
        env.run_with_arguments(&arguments)
    };
    for (query, reason) in [
        ("생성형 토스트", "showing partial matches"),
        ("(생성형", "parenthesis"),
        ("제몫:생성형", "제몫"),
    ] {
        let run = strict("search", query);
        assert_eq!(run.code, 2, "{query}: {}", run.err);
        assert!(
            run.err.starts_with("error: ") && run.err.contains(reason),
            "{}",
            run.err
        );
        assert_eq!(run.out, "", "{query}");
    }
    for command in ["export", "trend", "related", "remove --yes --query"] {
        let run = strict(command, "(생성형");
        assert_eq!((run.code, &*run.out), (2, ""), "{command}: {}", run.err);
    }
    assert_eq!(env.count(), 9);
    assert_eq!(strict("search", "생성형 AI").code, 0);
    assert_eq!(strict("search", "\"어디에도 없다\"").code, 1);
    assert_eq!(strict("search", "어디에도없는말이다").code, 1);

    let batch = env.write("batch.tsv", "q1\t생성형\nq2\t(생성형\n");
    let run = env.run(&format!(
        "search --strict-query --batch {}",
        batch.display()
    ));
    assert_eq!(run.code, 2);
    assert!(run.err.contains("q2: "), "{}", run.err);
}

#[test]
fn notes_are_shown_in_every_format() {
    let env = archive();
    for format in ["jsonl", "csv", "trec"] {
        let run = env.run(&format!("search --format {format} (생성형"));
        assert!(run.err.starts_with("note: "), "{format}: {}", run.err);
    }
    let run = env.run("search --format json (생성형");
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document["notes"].as_array().unwrap().len(), 1);
    assert!(env.run("search (생성형").out.starts_with("note: "));
}

#[test]
fn symbols_alone_match_nothing() {
    let env = archive();
    for query in ["①", "℃", "😀", "㈜", "№", "★", "\"①\"", "제목:😀", "- ①"] {
        let run = env.run_query(&[query]);
        assert_eq!(run.code, 1, "{query}: {}", run.out);
    }
    assert_eq!(env.run_query(&["😀 토스트"]).code, 0);
}

#[test]
fn companies_are_found_with_any_form_of_their_legal_suffix() {
    let env = Env::new();
    let headlines = [
        "㈜가람기계 새 공장",
        "(주)가람기계 노조 파업",
        "주식회사 가람기계 창립",
        "가람기계(주) 상장",
        "주식회사가람기계 공시",
        "이번 주 날씨",
    ];
    let records = headlines.iter().enumerate();
    let records: Vec<_> = records
        .map(|(n, headline)| json!({"id": n.to_string(), "headline": headline, "body": headline}))
        .collect();
    env.records("a.jsonl", &records);
    env.done("add a.jsonl");
    for query in ["(주)가람기계", "㈜가람기계", "가람기계(주)", "가람기계㈜"] {
        let run = env.run_query(&["--format", "json", query]);
        let answer: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(answer["total"], 5, "{query}: {}", run.out);
    }
    // A group of one word stays a group.
    assert_eq!(env.run_query(&["(날씨)"]).code, 0);
}

#[test]
fn score_shares_add_up() {
    let env = archive();
    let run = env.run_query(&["--explain", "--format", "json", "민원 생성형AI"]);
    let answer: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(answer["total"], 2, "{}", run.out);
    let hits = answer["hits"].as_array().unwrap().iter();
    for hit in hits.filter(|hit| hit["partial"] == false) {
        let shares = hit["explanation"].as_array().unwrap();
        let sum: f64 = shares.iter().map(|s| s["score"].as_f64().unwrap()).sum();
        assert!((sum - hit["score"].as_f64().unwrap()).abs() < 0.05, "{hit}");
        let causes = ["word", "coverage", "lead"].iter();
        // Only this clipping has both words in one field.
        for cause in causes.chain((hit["id"] == "ai-1").then_some(&"nearness")) {
            assert!(
                shares.iter().any(|s| s["cause"] == *cause),
                "{cause}: {hit}"
            );
        }
    }
    let run = env.run_query(&["--explain", "--format", "json", "미국"]);
    let answer: Value = serde_json::from_str(&run.out).unwrap();
    let shares = answer["hits"][0]["explanation"].as_array().unwrap();
    let synonym = shares.iter().find(|s| s["cause"] == "synonym").unwrap();
    assert_eq!(
        (&synonym["word"], &synonym["form"]),
        (&json!("미국"), &json!("美"))
    );
}

#[test]
fn an_outlet_is_excluded_by_another_of_its_names() {
    let env = Env::new();
    let record = |(n, outlet): (usize, &str)| json!({"headline": "사과 풍년", "outlet": outlet, "body": body(n)});
    let records = [(1, "한겨레"), (2, "매일경제")].map(record);
    env.records("a.jsonl", &records);
    env.done("add a.jsonl");
    for query in [
        "사과 outlet:((한겨레 OR 매일경제) -매경)",
        "사과 outlet:(-매경)",
        "사과 -outlet:매경",
    ] {
        let run = env.run_query(&[query, "--format", "jsonl"]);
        assert_eq!(run.code, 0, "{query}: {run:?}");
        assert_eq!(run.out.lines().count(), 1, "{query}: {run:?}");
        assert!(run.out.contains("한겨레"), "{query}: {run:?}");
    }
}

/// Without a particle behind it, the dictionary reads 사기 of 전세사기 as a form of 사다, 보안 of 정보보안 as one of 보다.
#[test]
fn a_noun_that_ends_a_compound_is_found_though_it_looks_like_a_verb() {
    let env = Env::new();
    let record = |(id, text): (&str, &str)| json!({"id": id, "headline": id, "body": text});
    let records = [
        ("tenants", "전세사기 피해자를 돕는다고 밝혔다."),
        ("network", "정보보안 기업이 모였다고 전했다."),
        ("verdict", "원고패소 판결이 나왔다고 전했다."),
        ("news", "소식이 끝나자 자리를 떴다고 전했다."),
    ];
    env.records("a.jsonl", &records.map(record));
    env.done("add a.jsonl");
    for (query, id, mark) in [
        ("사기", "tenants", "전세[사기]"),
        ("보안", "network", "정보[보안]"),
        ("패소", "verdict", "원고[패소]"),
        ("끝나다", "news", ""),
    ] {
        let run = env.run_query(&[query, "--format", "json"]);
        let answer: Value = serde_json::from_str(&run.out).unwrap();
        let [hit] = answer["hits"].as_array().unwrap().as_slice() else {
            panic!("{query}: {answer}");
        };
        assert_eq!(hit["id"], *id, "{query}");
        if !mark.is_empty() {
            let passage = &hit["snippet"];
            let text: Vec<char> = passage["text"].as_str().unwrap().chars().collect();
            let highlight = passage["highlights"][0].as_array().unwrap();
            let [from, to] = [0, 1].map(|n| highlight[n].as_u64().unwrap() as usize);
            let part = |range: std::ops::Range<usize>| text[range].iter().collect::<String>();
            let marked = format!("{}[{}]", part(0..from), part(from..to));
            assert_eq!(marked, mark, "{query}");
        }
    }
}

/// 말 + 하다 is no noun with a light verb like 발표하다; stems in ㄷ and ㅅ change before a vowel.
#[test]
fn every_form_of_a_verb_finds_the_others() {
    let env = Env::new();
    let verbs: [&[&str]; 7] = [
        &["말하다", "말했다", "말한다", "말하고", "말하는"],
        &["답하다", "답했다", "답하면서"],
        &["듣다", "들었다", "들어", "들은"],
        &["묻다", "물었다", "물어"],
        &["짓다", "지었다", "지었고"],
        &["못하다", "못했다", "못하고"],
        &["당하다", "당했다", "당하는"],
    ];
    let records: Vec<Value> = verbs
        .iter()
        .flat_map(|forms| forms.iter().map(move |form| (forms[0], form)))
        .map(|(verb, form)| {
            json!({"id": format!("{verb}-{form}"), "headline": "알림", "body": format!("이웃이 {form} 장면이다.")})
        })
        .collect();
    env.records("a.jsonl", &records);
    env.done("add a.jsonl");
    for forms in verbs {
        for query in forms {
            let run = env.run_query(&[query, "--all-copies", "--format", "json", "-n", "50"]);
            let answer: Value = serde_json::from_str(&run.out).unwrap();
            let ids: Vec<&str> = answer["hits"]
                .as_array()
                .unwrap()
                .iter()
                .map(|hit| hit["id"].as_str().unwrap())
                .collect();
            for form in forms {
                let id = format!("{}-{form}", forms[0]);
                assert!(
                    ids.contains(&id.as_str()),
                    "{query}: {form} is not in {ids:?}"
                );
            }
        }
    }
}

#[test]
fn a_noun_does_not_find_the_verb_it_looks_like() {
    let env = Env::new();
    let record = |(id, text): (&str, &str)| json!({"id": id, "headline": id, "body": text});
    let records = [
        ("librarian", "도서관이 사서를 뽑는다고 밝혔다."),
        ("buys", "시민이 표를 사서 공연을 보았다고 전했다."),
        ("bought", "시민이 표를 샀다고 전했다."),
        ("other", "시민이 공연을 보았다고 전했다."),
    ];
    env.records("a.jsonl", &records.map(record));
    env.done("add a.jsonl");
    let found = |query: &str| {
        let run = env.run_query(&[query, "--format", "jsonl"]);
        let hits = run
            .out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut ids: Vec<String> = hits
            .map(|hit| hit["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids.join(" ")
    };
    assert_eq!(found("사서"), "buys librarian");
    assert_eq!(found("사다"), "bought buys");
    assert_eq!(found("시민 -사서"), "bought other");
}
