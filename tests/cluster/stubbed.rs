//! What a healthy cluster does not do on purpose.

use serde_json::{Value, json};

use crate::program::Program;
use crate::stub::{Received, Reply, Stub};

fn ok(body: &Value) -> Reply {
    Reply::Json(200, body.to_string())
}

/// The answers of a cluster that has an index of clippings and keeps nothing. `None` for what the test answers.
fn healthy(request: &Received) -> Option<Reply> {
    let path = request.path.split('?').next().unwrap();
    Some(match (request.method.as_str(), path) {
        (_, "/") => ok(&json!({"version": {"distribution": "opensearch", "number": "2.19.6"}})),
        (_, "/news/_mapping") => {
            ok(&json!({"news-000001": {"mappings": {"_meta": {"clippings": meta()}}}}))
        }
        (_, "/_cluster/health/news") => ok(&json!({"status": "green"})),
        (_, "/news/_refresh") => ok(&json!({})),
        (_, "/news/_mget") => {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            let ids = body["ids"].as_array().unwrap().iter();
            let docs: Vec<Value> = ids.map(|id| json!({"_id": id, "found": false})).collect();
            ok(&json!({ "docs": docs }))
        }
        (_, "/news/_search") => ok(&json!({
            "timed_out": false, "_shards": {"total": 1, "successful": 1, "failed": 0},
            "hits": {"hits": []},
        })),
        _ => return None,
    })
}

/// The meta data with which the program creates an index.
fn meta() -> Value {
    static META: std::sync::OnceLock<Value> = std::sync::OnceLock::new();
    let read = || {
        let stub = Stub::start(|request, _| match request.path.as_str() {
            "/" => ok(&json!({"version": {"distribution": "opensearch", "number": "2.19.6"}})),
            "/news/_mapping" => Reply::Json(404, "{}".to_owned()),
            _ => Reply::Json(
                400,
                r#"{"error": {"type": "seen", "reason": "enough"}}"#.to_owned(),
            ),
        });
        let program = Program::new(stub.address("news"));
        let path = program.records("a.jsonl", &[json!({"id": "a", "headline": "가"})]);
        let run = program.run(&["add", path.to_str().unwrap()]);
        assert_eq!(run.code, 2, "{run:?}");
        let received = stub.received();
        let created = received.iter().find(|r| r.method == "PUT").unwrap();
        let body: Value = serde_json::from_str(&created.body).unwrap();
        body["mappings"]["_meta"]["clippings"].clone()
    };
    META.get_or_init(read).clone()
}

/// Answers a bulk request: every document by `status`.
fn bulk(request: &Received, status: impl Fn(usize) -> u16) -> Reply {
    let actions = request.body.lines().step_by(2);
    let items: Vec<Value> = actions
        .enumerate()
        .map(|(n, _)| {
            let status = status(n);
            match status {
                200..=299 => json!({"create": {"status": status}}),
                _ => json!({"create": {"status": status, "error": {"type": "t", "reason": "r"}}}),
            }
        })
        .collect();
    ok(&json!({ "items": items }))
}

fn records(count: usize) -> Vec<Value> {
    let record = |n| json!({"id": format!("r{n}"), "headline": format!("다리 {n}")});
    (0..count).map(record).collect()
}

fn is_bulk(request: &Received) -> bool {
    request.path.starts_with("/news/_bulk")
}

/// How often each document was sent.
fn times_sent(stub: &Stub, count: usize) -> Vec<usize> {
    let received = stub.received();
    let bodies: Vec<&str> = (received.iter().filter(|r| is_bulk(r)))
        .map(|r| r.body.as_str())
        .collect();
    (0..count)
        .map(|n| {
            let id = format!("\"id\":\"r{n}\",\"key\"");
            bodies.iter().map(|body| body.matches(&id).count()).sum()
        })
        .collect()
}

#[test]
fn half_a_bulk_that_is_refused_for_want_of_room_is_sent_again() {
    let stub = Stub::start(|request, _| {
        healthy(request).unwrap_or_else(|| {
            // The second request has what was refused of the first.
            let is_first = request.body.lines().count() == 20;
            bulk(request, |n| if is_first && n % 2 == 1 { 429 } else { 201 })
        })
    });
    let program = Program::new(stub.address("news"));
    let run = program.add("a.jsonl", &records(10));
    assert!(run.err.contains("added 10"), "{run:?}");
    assert_eq!(times_sent(&stub, 10), [1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
}

#[test]
fn busy_answers_and_broken_connections_are_repeated() {
    let stub = Stub::start(|request, number| match number % 3 {
        0 => Reply::Json(503, "{}".to_owned()),
        1 if is_bulk(request) => Reply::Hangup,
        _ => healthy(request).unwrap_or_else(|| bulk(request, |_| 201)),
    });
    let program = Program::new(stub.address("news"));
    let run = program.add("a.jsonl", &records(3));
    assert!(run.err.contains("added 3"), "{run:?}");
}

#[test]
fn a_cluster_that_stays_busy_or_silent_ends_in_one_clear_line() {
    for silent in [false, true] {
        let stub = Stub::start(move |request, _| match (healthy(request), silent) {
            (Some(reply), _) => reply,
            (None, true) => Reply::Silence,
            (None, false) => Reply::Json(429, "{}".to_owned()),
        });
        let program = Program::new(stub.address("news")).with("CLIPPINGS_OPENSEARCH_TIMEOUT", "1");
        let path = program.records("a.jsonl", &records(1));
        let run = program.run(&["add", path.to_str().unwrap()]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(
            run.err
                .contains("error: the cluster did not take a request"),
            "{run:?}"
        );
        assert!(!run.err.contains("added"), "{run:?}");
    }
}

#[test]
fn a_document_that_is_refused_for_good_is_named() {
    // 404: the index is gone. Only for a deletion is that as good as done.
    for status in [400, 404] {
        let stub = Stub::start(move |request, _| {
            let answer = || bulk(request, |n| if n == 1 { status } else { 201 });
            healthy(request).unwrap_or_else(answer)
        });
        let program = Program::new(stub.address("news"));
        let path = program.records("a.jsonl", &records(3));
        let run = program.run(&["add", path.to_str().unwrap()]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.contains("refused clipping 'r1': t: r"), "{run:?}");
    }
}

#[test]
fn nothing_is_written_to_a_red_cluster() {
    let stub = Stub::start(|request, _| match request.path.split('?').next() {
        Some("/_cluster/health/news") => Reply::Json(408, r#"{"status": "red"}"#.to_owned()),
        _ => healthy(request).unwrap_or_else(|| bulk(request, |_| 201)),
    });
    let program = Program::new(stub.address("news"));
    let path = program.records("a.jsonl", &records(1));
    let run = program.run(&["add", path.to_str().unwrap()]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("cluster status red"), "{run:?}");
    assert_eq!(times_sent(&stub, 1), [0]);
}

#[test]
fn an_answer_of_some_shards_is_no_answer() {
    refuses_partial_answers(json!({"total": 3, "successful": 2, "failed": 1}));
}

/// OpenSearch does not count a shard without a living copy as failed.
#[test]
fn a_shard_without_a_living_copy_is_missed() {
    refuses_partial_answers(json!({"total": 3, "successful": 2, "failed": 0}));
}

#[track_caller]
fn refuses_partial_answers(shards: Value) {
    let partial = json!({
        "timed_out": false, "_shards": shards, "hits": {"hits": [], "total": {"value": 0}},
    });
    let several = json!({"responses": [partial]});
    let stub = Stub::start(move |request, _| match request.path.as_str() {
        "/news/_msearch" => ok(&several),
        _ => healthy(request).unwrap_or(Reply::Hangup),
    });
    let program = Program::new(stub.address("news")).with("CLIPPINGS_OPENSEARCH_TIMEOUT", "5");
    for arguments in [&["search", "*"][..], &["export", "*"], &["stats"]] {
        let run = program.run(arguments);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.contains("1 of 3 shards did not answer"), "{run:?}");
        assert_eq!(run.out, "");
    }
    let stub = Stub::start(move |request, _| match request.path.split('?').next() {
        Some("/news/_search") => ok(&partial),
        _ => healthy(request).unwrap_or(Reply::Hangup),
    });
    let program = Program::new(stub.address("news")).with("CLIPPINGS_OPENSEARCH_TIMEOUT", "5");
    for arguments in [
        &["show", "a"][..],
        &["search", "다리"],
        &["export", "다리"],
        &["stats"],
    ] {
        let run = program.run(arguments);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.contains("1 of 3 shards did not answer"), "{run:?}");
        assert_eq!(run.out, "");
    }
}

#[test]
fn answers_that_make_no_sense_are_errors() {
    for answer in [
        "",
        "null",
        "[]",
        "{\"docs\": []}",
        "{\"docs\": 7}",
        "<html>",
        "{\"docs\": [{\"found\": true, \"_source\": {\"record\": 1}}]}",
    ] {
        let stub = Stub::start(move |request, _| match request.path.as_str() {
            "/news/_mget" => Reply::Json(200, answer.to_owned()),
            _ => healthy(request).unwrap_or(Reply::Hangup),
        });
        let run = Program::new(stub.address("news")).run(&["show", "a"]);
        assert_eq!(run.code, 2, "{answer}: {run:?}");
        assert!(run.err.contains("unexpected response"), "{answer}: {run:?}");
    }
}

#[test]
fn secrets_are_sent_and_never_shown() {
    let refusing = || Stub::start(|_, _| Reply::Json(401, "{}".to_owned()));
    let stub = refusing();
    let address = format!("opensearch+http://kim@{}/news", stub.host);
    let program = Program::new(&address).with("CLIPPINGS_OPENSEARCH_PASSWORD", "hush-hush");
    let run = program.run(&["-v", "show", "a"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("refused the credentials"), "{run:?}");
    let authorization = stub.received()[0].authorization.clone().unwrap();
    assert_eq!(authorization, "Basic a2ltOmh1c2gtaHVzaA==");
    let shown = run.out + &run.err;
    assert!(
        !shown.contains("hush") && !shown.contains("a2lt"),
        "{shown}"
    );

    let stub = refusing();
    let program = Program::new(stub.address("news"));
    let file = program.dir.path().join("key");
    std::fs::write(&file, "c2VjcmV0\n").unwrap();
    let file = file.to_str().unwrap();
    let run = program
        .with("CLIPPINGS_OPENSEARCH_API_KEY_FILE", file)
        .run(&["show", "a"]);
    assert_eq!(run.code, 2);
    let authorization = stub.received()[0].authorization.clone().unwrap();
    assert_eq!(authorization, "ApiKey c2VjcmV0");
    assert!(!run.err.contains("c2VjcmV0"), "{run:?}");

    let run = Program::new("opensearch+http://kim:hush@127.0.0.1:1/news").run(&["show", "a"]);
    assert!(run.err.contains("must not contain a password"), "{run:?}");
    assert!(!run.err.contains("hush"), "{run:?}");
}

#[test]
fn an_authority_of_ones_own_is_trusted_when_it_is_named() {
    let stub =
        Stub::start_tls(|request, _| healthy(request).unwrap_or_else(|| bulk(request, |_| 201)));
    let address = stub.address("news").replace("+http:", "+https:");
    let run = Program::new(&address).run(&["show", "a"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("cannot connect to https://"), "{run:?}");
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cluster/tls/ca.pem");
    let program = Program::new(&address)
        .with("CLIPPINGS_OPENSEARCH_CA", authority)
        .with("CLIPPINGS_OPENSEARCH_API_KEY", "c2VjcmV0");
    let run = program.add("a.jsonl", &records(2));
    assert!(run.err.contains("added 2"), "{run:?}");
    let received = stub.received();
    let sent = |r: &Received| r.authorization.as_deref() == Some("ApiKey c2VjcmV0");
    assert!(!received.is_empty() && received.iter().all(sent));
}

/// A document of saved searches in which another machine saves one, too, between reading and writing.
#[test]
fn changes_to_saved_searches_that_conflict_are_made_again() {
    let stub = Stub::start(|request, number| {
        let path = request.path.split('?').next().unwrap();
        let foreign = |write: &str| {
            ok(&json!({"_seq_no": 7, "_primary_term": 1, "_source": {
                "content": {"version": 1, "searches": [{"name": "other", "query": "공사"}]},
                "write": write,
            }}))
        };
        match (request.method.as_str(), path) {
            ("GET", "/news-state/_doc/saved.json") if number < 5 => {
                Reply::Json(404, r#"{"found": false}"#.to_owned())
            }
            ("GET", "/news-state/_doc/saved.json") => foreign("theirs"),
            ("PUT", "/news-state/_create/saved.json") => Reply::Json(
                409,
                r#"{"error": {"type": "conflict", "reason": ""}}"#.to_owned(),
            ),
            ("PUT", _) => ok(&json!({})),
            _ => healthy(request).unwrap_or(Reply::Hangup),
        }
    });
    Program::new(stub.address("news")).done(&["saved", "add", "own", "다리"]);
    let received = stub.received();
    let last = received.iter().rfind(|r| r.method == "PUT").unwrap();
    assert!(
        last.path.contains("if_seq_no=7&if_primary_term=1"),
        "{last:?}"
    );
    let body: Value = serde_json::from_str(&last.body).unwrap();
    let names: Vec<&Value> = body["content"]["searches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|search| &search["name"])
        .collect();
    assert_eq!(names, ["other", "own"]);
}

#[test]
fn internal_errors_and_documents_that_do_not_come_are_asked_for_again() {
    let stub = Stub::start(|request, number| match request.path.as_str() {
        "/news/_mget" if number < 3 => Reply::Json(500, "{}".to_owned()),
        "/news/_mget" if number < 5 => {
            ok(&json!({"docs": [{"_id": "x", "error": {"type": "gone"}}]}))
        }
        _ => healthy(request).unwrap_or(Reply::Hangup),
    });
    let run = Program::new(stub.address("news")).run(&["show", "a"]);
    assert!(run.err.contains("no clipping 'a'"), "{run:?}");
    let asked = stub
        .received()
        .iter()
        .filter(|r| r.path == "/news/_mget")
        .count();
    assert!(asked > 3, "{asked}");
}

#[test]
fn when_a_host_is_down_the_next_is_asked() {
    let stub = Stub::start(|request, _| healthy(request).unwrap_or_else(|| bulk(request, |_| 201)));
    // Nothing listens on the first of all ports.
    let down = "127.0.0.1:1";
    let address = format!("opensearch+http://{down},{}/news", stub.host);
    let run = Program::new(address).add("a.jsonl", &records(2));
    assert!(run.err.contains("added 2"), "{run:?}");

    let run = Program::new(format!("opensearch+http://{down}/news")).run(&["show", "a"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.err
            .contains(&format!("cannot connect to http://{down}")),
        "{run:?}"
    );
}

#[test]
fn another_dictionary_format_or_server_is_told() {
    let mut other = meta();
    other["analyzer"] = "other".into();
    for (meta, expected) in [
        (other, "clippings reindex"),
        (
            json!({"format": 1, "analyzer": "other"}),
            "clippings reindex",
        ),
        (json!({"format": 9}), "the index has format 9"),
        (json!({}), "not an index of clippings"),
    ] {
        let stub = Stub::start(move |request, _| match request.path.as_str() {
            "/news/_mapping" => {
                ok(&json!({"news-000001": {"mappings": {"_meta": {"clippings": meta}}}}))
            }
            _ => Reply::Hangup,
        });
        let run = Program::new(stub.address("news")).run(&["show", "a"]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.contains(expected), "{run:?}");
    }
    let stub = Stub::start(|_, _| ok(&json!({"version": {"number": "7.10.2"}})));
    let program = Program::new(stub.address("news"));
    let path = program.records("a.jsonl", &records(1));
    let run = program.run(&["add", path.to_str().unwrap()]);
    assert!(
        run.err.contains("not supported: elasticsearch 7.10.2"),
        "{run:?}"
    );
}

#[test]
fn what_a_cluster_cannot_do_is_told_before_anything_is_asked_of_it() {
    let program = Program::new("opensearch+http://127.0.0.1:1/news");
    let path = program.records("a.jsonl", &records(1));
    let path = path.to_str().unwrap();
    for arguments in [
        &["add", "--prune", path][..],
        &["add", "--keep-pages", path],
        &["show", "--page", "a"],
        &["restore"],
        &["reindex", "--extract"],
        &["stats", "--skipped"],
    ] {
        let run = program.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {run:?}");
        assert!(
            run.err
                .contains("not available yet for an index in a cluster"),
            "{arguments:?}: {run:?}"
        );
    }
}
