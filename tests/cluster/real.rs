//! Real nodes: what a person does, with one node and with three of which one dies.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::nodes::{Nodes, request, shared};
use crate::program::{Program, Run, Server, finish};

/// A program on an index of its own on the shared node; `None` where there is no node.
fn program(index: &str) -> Option<Program> {
    let host = shared()?;
    Some(Program::new(format!(
        "opensearch+http://{host}/{index}?shards=2&replicas=0"
    )))
}

fn body(seed: usize) -> String {
    let words = [
        "시청", "공사", "예산", "주민", "도로", "다리", "회의", "계획", "발표", "의견", "사업",
        "구간", "교통", "시설", "안전", "점검", "기간", "비용", "담당", "설명",
    ];
    let mut state = seed * 7 + 3;
    let mut sentences = Vec::new();
    for _ in 0..6 {
        let mut sentence = Vec::new();
        for _ in 0..9 {
            state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
            let word = words[(state >> 8) % words.len()];
            sentence.push(format!("{word}{}", state % 97));
        }
        sentences.push(sentence.join(" ") + " 했다.");
    }
    sentences.join("\n")
}

fn record(n: usize) -> Value {
    let outlet = ["한빛신문", "저녁신문"][n % 2];
    let reporter = ["김하나", "이두리"][n / 2 % 2];
    json!({
        "id": format!("r{n}"),
        "headline": format!("{n}번째 다리를 놓는다"),
        "outlet": outlet,
        "reporters": [reporter],
        "published": format!("2024-0{}-11", n % 9 + 1),
        "body": body(n),
    })
}

fn records(numbers: std::ops::Range<usize>) -> Vec<Value> {
    numbers.map(record).collect()
}

#[test]
fn clippings_are_added_shown_counted_checked_removed_and_rebuilt() {
    let Some(program) = program("walk") else {
        return;
    };
    let run = program.run(&["show", "r1"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("no index in opensearch+http"), "{run:?}");

    let run = program.add("a.jsonl", &records(0..30));
    assert!(
        run.err.contains("added 30, updated 0, unchanged 0"),
        "{run:?}"
    );
    let run = program.add("a.jsonl", &records(0..30));
    assert!(
        run.err.contains("added 0, updated 0, unchanged 30"),
        "{run:?}"
    );
    let mut changed = record(3);
    changed["body"] = "고쳐 쓴 글이다.".into();
    let run = program.add("a.jsonl", &[changed]);
    assert!(run.err.contains("added 0, updated 1"), "{run:?}");

    let shown = program.json(&["show", "--format", "json", "r3"]);
    assert_eq!(shown["body"], "고쳐 쓴 글이다.");
    let run = program.run(&["show", "r"]);
    assert!(run.err.contains("is ambiguous"), "{run:?}");
    let run = program.run(&["show", "nobody"]);
    assert!(run.err.contains("no clipping 'nobody'"), "{run:?}");

    let stats = program.json(&["stats", "--format", "json"]);
    assert_eq!(stats["clippings"], 30);
    assert_eq!(stats["outlets"][0]["count"], 15);
    assert_eq!(stats["months"].as_array().unwrap().len(), 9);
    assert!(stats["disk_bytes"].as_u64().unwrap() > 0);

    let run = program.done(&["check"]);
    assert!(run.out.contains("30 clippings, no damage found"), "{run:?}");
    let run = program.done(&["remove", "r29", "r28"]);
    assert!(run.err.contains("removed 2"), "{run:?}");
    // Another rebuild has begun, or was killed: its index is not ours to fill.
    let host = shared().unwrap();
    let status = |method: &str, index: &str| {
        let answer = request(&host, method, &format!("/{index}"));
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(status("PUT", "walk-000002"), "200");
    let run = program.done(&["reindex"]);
    assert!(run.err.contains("rebuilt 28 clippings"), "{run:?}");
    let found = ["000001", "000002", "000003"].map(|n| status("GET", &format!("walk-{n}")));
    assert_eq!(found, ["404", "404", "200"]);
    assert_eq!(
        program.json(&["stats", "--format", "json"])["clippings"],
        28
    );
    let run = program.add("b.jsonl", &records(28..31));
    assert!(run.err.contains("added 3"), "{run:?}");
    program.done(&["check"]);
}

#[test]
fn the_same_clippings_are_grouped_and_merged_as_in_a_folder() {
    let Some(cluster) = program("groups") else {
        return;
    };
    let folder = Program::new("index");
    let mut all = records(0..12);
    for n in 0..4 {
        // The same story in another paper, with another headline and its last sentence cut.
        let text = body(n);
        let cut = text.rsplit_once('\n').unwrap().0;
        all.push(json!({
            "id": format!("copy{n}"), "headline": "다른 제목", "outlet": "아침신문",
            "published": format!("2024-0{}-12", n % 9 + 1), "body": cut,
        }));
    }
    // Known by its address, then by another state of it.
    let url = "https://news.example/1";
    all.push(json!({"url": url, "headline": "첫 제목", "body": "글이다."}));
    all.push(json!({"url": url, "headline": "고친 제목", "body": "고친 글이다."}));
    for part in all.chunks(7) {
        let [one, other] = [&cluster, &folder].map(|program| program.add("a.jsonl", part).err);
        let counts = |text: &str| text.lines().next().unwrap_or_default().to_owned();
        assert_eq!(counts(&one), counts(&other));
    }
    let stats = |program: &Program| {
        let mut stats = program.json(&["stats", "--format", "json"]);
        stats.as_object_mut().unwrap().remove("disk_bytes");
        stats
    };
    assert_eq!(stats(&cluster), stats(&folder));
    assert_eq!(stats(&cluster)["groups"], 13);

    // Copies are named, whichever of a group is shown.
    for id in ["r1", "copy1"] {
        let shown = |program: &Program| program.json(&["show", "--format", "json", id]);
        assert_eq!(shown(&cluster)["copies"].as_array().unwrap().len(), 1);
        assert_eq!(shown(&cluster)["copies"], shown(&folder)["copies"]);
    }
    let marked = |program: &Program| {
        let mut shown = program.json(&["show", "--query", "다리 없는말", "--format", "json", "r1"]);
        shown.as_object_mut().unwrap().remove("source");
        shown
    };
    assert_eq!(marked(&cluster), marked(&folder));
    assert!(
        !marked(&cluster)["headline_highlights"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    // To another cluster index and back, a second time without effect, nothing lost on the way.
    let Some(second) = program("copied") else {
        return;
    };
    cluster.done(&["saved", "add", "다리", "다리 공사"]);
    let target = format!("opensearch+http://{}/copied", shared().unwrap());
    let run = cluster.done(&["copy", "--to", &target]);
    assert!(
        run.err
            .contains("added 17, updated 0, unchanged 0, saved searches 1"),
        "{run:?}"
    );
    let run = cluster.done(&["copy", "--to", &target]);
    assert!(
        run.err
            .contains("added 0, updated 0, unchanged 17, saved searches 0"),
        "{run:?}"
    );
    assert!(
        run.err.contains("the source has 17 clippings, the copy 17"),
        "{run:?}"
    );
    assert_eq!(stats(&second), stats(&cluster));
    second.done(&["copy", "--from", &target, "--to", "back"]);
    let back = Program::new("back").within(second.dir.path());
    assert_eq!(stats(&back), stats(&folder));
    assert!(back.done(&["saved", "list"]).out.contains("@다리"));
}

#[test]
fn saved_searches_and_digests_are_shared_by_machines() {
    let Some(one) = program("saved") else {
        return;
    };
    let other = program("saved").unwrap();
    assert_eq!(one.run(&["saved", "add", "a", "다리"]).code, 2);
    one.add("a.jsonl", &records(0..4));
    // Changes by several processes at once are all kept.
    let names: Vec<String> = (0..6).map(|n| format!("s{n}")).collect();
    let saving: Vec<_> = names
        .iter()
        .map(|name| one.spawn(&["saved", "add", name, "다리", "--outlet", "한빛신문"]))
        .collect();
    for child in saving {
        let run = finish(child.wait_with_output().unwrap());
        assert_eq!(run.code, 0, "{run:?}");
    }
    let listed = other.done(&["saved", "list"]).out;
    assert!(names.iter().all(|name| listed.contains(name)), "{listed}");
    let run = other.run(&["saved", "add", "s1", "x"]);
    assert!(
        run.err.contains("saved search '@s1' already exists"),
        "{run:?}"
    );
    other.done(&["saved", "rename", "s1", "다리"]);
    one.done(&["saved", "remove", "s2", "s3", "s4", "s5"]);

    let found = one.json(&["search", "@다리", "--format", "json"]);
    assert_eq!(found["total"], 2);
    let ids = |run: Run| -> Vec<String> {
        let lines = run.out.lines().map(|line| {
            let hit: Value = serde_json::from_str(line).unwrap();
            hit["id"].as_str().unwrap().to_owned()
        });
        let mut ids: Vec<String> = lines.collect();
        ids.sort();
        ids
    };
    let digest = ["digest", "다리", "--format", "jsonl"];
    assert_eq!(ids(one.done(&digest)), ["r0", "r2"]);
    assert_eq!(other.run(&digest).code, 1);
    let mut copy = record(2);
    copy["id"] = "copy".into();
    one.add("b.jsonl", &[copy, record(6)]);
    let skipping = other.done(&[&digest[..], &["--skip-copies", "--peek"]].concat());
    assert_eq!(ids(skipping), ["r6"]);
    assert_eq!(ids(other.done(&digest)), ["copy", "r6"]);
    assert_eq!(one.run(&digest).code, 1);
    // A rebuild leaves them alone.
    one.done(&["reindex"]);
    assert_eq!(one.run(&digest).code, 1);
    one.done(&["check"]);
}

#[test]
fn the_page_is_served_from_a_cluster() {
    let Some(program) = program("page") else {
        return;
    };
    program.add("a.jsonl", &archive());
    program.done(&["saved", "add", "공사", "다리 공사"]);
    let server = Server::start(&program);
    for (path, expected) in [
        ("/", "다리"),
        ("/search?q=%EA%B3%B5%EC%82%AC", "다리 공사"),
        ("/api/search?q=%EA%B3%B5%EC%82%AC&facets=1", "\"total\""),
        ("/clippings/t5?q=%EA%B3%B5%EC%82%AC&n=1", "<mark>"),
        ("/clippings/copy0", "번째 다리를"),
        ("/api/clippings/t5", "시청은"),
        ("/trend?q=%EB%8B%A4%EB%A6%AC", "2024"),
        ("/related?q=%EA%B3%B5%EC%82%AC", "공사"),
        ("/export?q=%EA%B3%B5%EC%82%AC", "공사"),
        ("/api/export?q=%EA%B3%B5%EC%82%AC&format=jsonl", "\"t5\""),
        ("/saved", "공사"),
        ("/digest", "공사"),
        ("/stats", "한빛신문"),
        ("/add", "form"),
    ] {
        let answer = server.get(path);
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        assert!(answer.contains(expected), "{path}: {answer}");
    }
    // An answer is new after a change by another process.
    let search = "/api/search?q=%ED%86%A0%EC%8A%A4%ED%8A%B8";
    assert!(server.get(search).contains("\"total\": 1"));
    program.add(
        "b.jsonl",
        &[json!({"id": "new", "headline": "토스트 값이 올랐다"})],
    );
    assert!(server.get(search).contains("\"total\": 2"));
    let posted = json!({"id": "posted", "headline": "토스트 굽는 법"}).to_string();
    let answer = server.request("POST", "/api/clippings", &posted);
    assert!(answer.contains("\"added\": 1"), "{answer}");
    assert!(server.get(search).contains("\"total\": 3"));
}

#[test]
fn two_machines_add_the_same_at_once() {
    let Some(one) = program("twice") else {
        return;
    };
    // The index is there before both begin.
    one.add("first.jsonl", &records(0..1));
    let path = one.records("all.jsonl", &records(0..300));
    let path = path.to_str().unwrap();
    let children: Vec<_> = (0..3).map(|_| one.spawn(&["add", path])).collect();
    let runs: Vec<_> = children
        .into_iter()
        .map(|child| finish(child.wait_with_output().unwrap()))
        .collect();
    let mut added = 0;
    for run in &runs {
        assert_eq!(run.code, 0, "{run:?}");
        let count = run.err.split("added ").nth(1).unwrap();
        added += count.split(',').next().unwrap().parse::<u32>().unwrap();
    }
    assert_eq!(added, 299, "{runs:?}");
    assert_eq!(one.json(&["stats", "--format", "json"])["clippings"], 300);
}

#[test]
fn a_killed_add_loses_nothing_and_repeats_nothing() {
    let Some(program) = program("killed") else {
        return;
    };
    program.add("first.jsonl", &records(0..1));
    let path = program.records("all.jsonl", &records(0..3_000));
    let path = path.to_str().unwrap();
    for wait in [300, 900] {
        let mut child = program.spawn(&["add", path]);
        thread::sleep(Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
    }
    program.done(&["add", path]);
    assert_eq!(
        program.json(&["stats", "--format", "json"])["clippings"],
        3_000
    );
    let run = program.done(&["add", path]);
    assert!(
        run.err.contains("added 0, updated 0, unchanged 3000"),
        "{run:?}"
    );
}

#[test]
fn a_node_that_dies_costs_no_clipping_and_no_hit() {
    let Some(mut nodes) = Nodes::start(3) else {
        return;
    };
    let program = Program::new(nodes.address("news") + "?shards=2&replicas=1")
        .with("CLIPPINGS_OPENSEARCH_TIMEOUT", "180");
    let mut first = records(0..300);
    for record in &mut first {
        record["section"] = "첫묶음".into();
    }
    program.add("first.jsonl", &first);
    // A shard that has no second copy yet could not survive.
    nodes.wait_until_green("news");
    let path = program.records("all.jsonl", &records(300..3_000));
    let adding = program.spawn(&["add", path.to_str().unwrap()]);
    let searching = || {
        for _ in 0..6 {
            let arguments = [
                "search",
                "section:첫묶음 다리",
                "--all-copies",
                "--format",
                "json",
            ];
            assert_eq!(program.json(&arguments)["total"], 300);
        }
    };
    thread::scope(|scope| {
        let searching = scope.spawn(searching);
        thread::sleep(Duration::from_millis(1_000));
        nodes.stop(0);
        searching.join().unwrap();
    });
    let run = finish(adding.wait_with_output().unwrap());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("added 2700"), "{run:?}");
    let stats = program.json(&["stats", "--format", "json"]);
    assert_eq!(stats["clippings"], 3_000);
    let run = program.done(&["check"]);
    assert!(
        run.out.contains("3,000 clippings, no damage found"),
        "{run:?}"
    );
}

/// A small archive: compounds in several spellings, particles, Hanja, verbs, synonyms, copies, names, days.
fn archive() -> Vec<Value> {
    let texts = [
        (
            "인공지능 반도체 수출이 늘었다",
            "정부는 인공지능 반도체의 수출이 크게 늘었다고 밝혔다. 기업들은 반겼다.",
        ),
        (
            "인공 지능을 배우는 학생들",
            "학생들이 인공 지능을 배운다. 반도체도 배운다고 학교는 설명했다.",
        ),
        (
            "한국은행, 기준금리 인상",
            "한국은행이 기준금리를 올렸다. 금융통화위원회는 기준금리 인상을 결정했다.",
        ),
        (
            "기준 금리 인상에 대출자 부담",
            "기준금리 인상 여파로 대출자의 부담이 커졌다. 은행은 대책을 내놓았다.",
        ),
        (
            "美대선 앞두고 李후보 발언",
            "미국 대선을 앞두고 이 후보가 말했다. R&D 예산은 3.1% 늘었다.",
        ),
        (
            "시청 앞 다리 공사 시작",
            "시청은 다리 공사를 시작했다고 발표했다. 주민 김하나 씨는 환영했다.",
        ),
        (
            "다리 공사 끝났다",
            "공사가 끝났다. 다리를 건너는 주민이 많았다. 시청이 발표했다.",
        ),
        (
            "KBS 사장 선임",
            "KBS 이사회가 사장을 선임했다. 한국방송공사는 곧 발표한다.",
        ),
        (
            "정부청사 이전 논의",
            "정부청사를 옮기는 논의가 있다. 행정부는 말을 아꼈다.",
        ),
        (
            "예산 1,000억원 배정",
            "국회가 예산 1,000억원을 배정했다. 인권침해 조사도 한다.",
        ),
        (
            "인권 침해를 조사한다",
            "위원회가 인권 침해를 조사한다. 토스가 서비스를 열었다.",
        ),
        (
            "토스트 가게의 하루",
            "토스트를 파는 가게가 하루에 백 개를 판다.",
        ),
    ];
    let mut records: Vec<Value> = Vec::new();
    for (n, (headline, body)) in texts.into_iter().enumerate() {
        let outlet = ["한빛신문", "저녁신문", "아침신문"][n % 3];
        let reporter = ["김하나", "이두리"][n % 2];
        records.push(json!({
            "id": format!("t{n}"), "headline": headline, "body": body, "outlet": outlet,
            "reporters": [reporter], "url": format!("https://news.example/{n}"),
            "captions": [format!("사진 {n} 시청 전경")],
        }));
        if n != 5 {
            records[n]["published"] = format!("2024-03-{:02}", n + 1).into();
        }
    }
    for n in 0..40 {
        records.push(record(n));
    }
    for n in 0..5 {
        let text = body(n);
        records.push(json!({
            "id": format!("copy{n}"), "headline": format!("{n}번 다리"), "outlet": "아침신문",
            "published": "2024-02-01", "body": text.rsplit_once('\n').unwrap().0,
        }));
    }
    records
}

const QUERIES: &[&str] = &[
    "인공지능",
    "인공 지능",
    "반도체 수출",
    "다리",
    "기준금리",
    "\"기준금리 인상\"",
    "\"기준 금리 인상\"",
    "\"수출이 늘었다\"",
    "\"발표했다\"",
    "발표했다",
    "발표하다",
    "\"인공 반도체\"~3",
    "정부",
    "토스",
    "토스트",
    "\"토스\"",
    "인권침해",
    "인권 침해",
    "이재명",
    "미국 대선",
    "대통령",
    "R&D",
    "\"3.1%\"",
    "1000억원",
    "KBS",
    "한국방송공사",
    "반도*",
    "발표했*",
    "시*",
    "\"시청이\"",
    "headline:다리",
    "body:다리 -공사",
    "caption:시청",
    "outlet:한빛신문",
    "outlet:한빛신문 다리",
    "outlet:*",
    "reporter:김하나 공사",
    "reporter:김*",
    "url:https://news.example/3",
    "id:t4",
    "date:2024-03",
    "date:..2024-02 다리",
    "다리 -시청",
    "-다리",
    "다리 OR 토스",
    "(공사 OR 반도체) -\"기준금리 인상\"",
    "-\"다리 공사\" 시청",
    "다리 공사는 언제 끝나나",
    "없는말도있다",
    "반도채 수출",
    "기준굼리 인상",
    "한국은앵",
    "qksehcp",
    "\"기준금리 하락\"",
    "“시청 앞 다리 공사 반드시 마친다”",
    "outlet:한빗신문",
    "*",
    "공사12 예산",
    "시청 앞 다리 공사가 언제 시작되는지 알려 달라",
    "!!",
    "\"\"",
];

#[test]
fn searches_find_and_rank_what_they_do_in_a_folder() {
    let Some(cluster) = program("agree") else {
        return;
    };
    let folder = Program::new("index");
    for program in [&cluster, &folder] {
        program.add("archive.jsonl", &archive());
    }
    let ids = |answer: &Value| -> Vec<String> {
        let hits = answer["hits"].as_array().unwrap().iter();
        hits.map(|hit| hit["id"].as_str().unwrap().to_owned())
            .collect()
    };
    for (n, query) in QUERIES.iter().enumerate() {
        let arguments = [
            "search", "--format", "json", "--facets", "--limit", "20", "--", query,
        ];
        let [ours, theirs] = [&cluster, &folder].map(|program| program.json(&arguments));
        for field in ["total", "partial", "facets", "notes", "suggestions"] {
            assert_eq!(ours[field], theirs[field], "{query}: {field}");
        }
        assert_eq!(ids(&ours), ids(&theirs), "{query}");
        let hits = |answer: &Value| answer["hits"].as_array().unwrap().clone();
        for (our, their) in hits(&ours).iter().zip(hits(&theirs)) {
            for field in [
                "snippet",
                "snippets",
                "highlights",
                "copies",
                "missing",
                "partial",
                "rank",
            ] {
                assert_eq!(our[field], their[field], "{query}: {field}");
            }
            let [our, their] = [our, &their].map(|hit| hit["score"].as_f64().unwrap());
            assert!(
                (our - their).abs() <= 0.02 * their.abs() + 0.01,
                "{query}: {our} {their}"
            );
        }
        // `search` has counted them; every third set is compared id by id.
        if n % 3 != 0 {
            continue;
        }
        let exported = |program: &Program| {
            let run = program.run(&["export", "--format", "jsonl", "--all-copies", "--", query]);
            assert!(run.code < 2, "{query}: {run:?}");
            let lines = run.out.lines().map(|line| {
                let hit: Value = serde_json::from_str(line).unwrap();
                hit["id"].as_str().unwrap().to_owned()
            });
            lines.collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(exported(&cluster), exported(&folder), "{query}");
    }
    for arguments in [
        &[
            "trend", "다리", "공사", "--by", "month", "--share", "--format", "json",
        ][..],
        &[
            "search", "다리", "--sort", "newest", "--limit", "7", "--offset", "3", "--format",
            "json",
        ],
        &[
            "search",
            "다리",
            "--sort",
            "oldest",
            "--outlet",
            "한빛신문",
            "--format",
            "json",
        ],
        &[
            "search",
            "다리",
            "--all-copies",
            "--limit",
            "50",
            "--format",
            "json",
        ],
        &["show", "t3", "--format", "json"],
        &["related", "다리", "--all-copies", "--format", "json"],
        &["similar", "t5", "--format", "json"],
        &["search", "다리", "--outlet", "한빗신문", "--format", "json"],
    ] {
        let mut answers = [&cluster, &folder].map(|program| program.json(arguments));
        for answer in &mut answers {
            forget_scores(answer);
        }
        let [ours, theirs] = answers;
        assert_eq!(ours, theirs, "{arguments:?}");
    }
    let stats = |program: &Program| {
        let arguments = [
            "stats",
            "--outlet",
            "아침신문",
            "--from",
            "2024-02",
            "--format",
            "json",
        ];
        let mut stats = program.json(&arguments);
        stats.as_object_mut().unwrap().remove("disk_bytes");
        stats
    };
    assert_eq!(stats(&cluster), stats(&folder));
    let run = cluster.done(&["remove", "--query", "토스트", "--yes"]);
    assert!(run.err.contains("removed 1"), "{run:?}");
    assert_eq!(
        cluster.json(&["search", "토스트", "--format", "json"])["total"],
        0
    );
}

/// More matches than the program ranks, many of them with equal scores.
#[test]
fn equal_hits_of_a_large_set_are_ordered_as_in_a_folder() {
    let Some(cluster) = program("equal") else {
        return;
    };
    let folder = Program::new("index");
    let records: Vec<Value> = (0..520)
        .map(|n| {
            let day = n * 37 % 520;
            let name = ["김하나", "김두리", "이두리"][n % 3];
            let headline = ["오늘 알림", "대통령실 알림"][usize::from(n % 9 == 0)];
            let mut record = json!({
                "id": format!("e{n}"), "headline": headline, "reporters": [name],
                "body": format!("대통령실이 {n}번째로 알린다.\n{}", body(n)),
            });
            if n % 50 != 7 {
                let (year, month) = (2020 + day / 130, day % 130 / 11 + 1);
                record["published"] = format!("{year}-{month:02}-{:02}", day % 11 + 1).into();
            }
            record
        })
        .collect();
    for program in [&cluster, &folder] {
        program.add("equal.jsonl", &records);
    }
    for query in [
        "대통령*",
        "알림* -body:없는말",
        "reporter:김*",
        "headline:알림",
        "headline:알림 date:2021..",
        "headline:대통령* OR headline:오늘*",
        "date:2020..",
        "outlet:없는신문 OR reporter:김하나",
    ] {
        let first = |program: &Program| {
            let answer = program.json(&["search", "--format", "json", "--", query]);
            let hits = answer["hits"].as_array().unwrap().iter();
            let hits: Vec<Value> = hits.map(|hit| hit["id"].clone()).collect();
            (answer["total"].clone(), hits)
        };
        let (ours, theirs) = (first(&cluster), first(&folder));
        assert_eq!(ours, theirs, "{query}");
        assert_eq!(ours.1.len(), 10, "{query}");
    }
}

/// Paths of sources differ between the two, and scores by rounding.
fn forget_scores(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for name in ["score", "source", "key"] {
                map.remove(name);
            }
            map.values_mut().for_each(forget_scores);
        }
        Value::Array(values) => values.iter_mut().for_each(forget_scores),
        _ => {}
    }
}
