//! `add`: identity, updates and copies.

use std::fs;

use serde_json::json;

use crate::env::{Env, body, settle};

#[test]
fn records_are_added_and_shown() {
    let env = Env::new();
    env.records(
        "a.jsonl",
        &[json!({
            "id": "han-1", "headline": "새 다리 놓는다", "reporter": "김하나", "outlet": "한빛신문",
            "date": "2024-02-22", "body": "첫 문단이다.\n둘째 문단이다.", "captions": ["다리 조감도"],
            "url": "https://hanbit.example/1"
        })],
    );
    assert_eq!(
        env.done("add a.jsonl"),
        "added 1, updated 0, unchanged 0, skipped 0\n"
    );
    let clipping = env.show("han-1");
    assert_eq!(clipping["headline"], "새 다리 놓는다");
    assert_eq!(clipping["reporters"], json!(["김하나"]));
    assert_eq!(clipping["published"], "2024-02-22");
    assert_eq!(clipping["body"], "첫 문단이다.\n둘째 문단이다.");
    assert_eq!(clipping["source"], env.source("a.jsonl#1"));
}

#[test]
fn an_unchanged_source_is_not_read_again() {
    let env = Env::new();
    let path = env.records(
        "a.jsonl",
        &[
            json!({"id": "1", "headline": "하나"}),
            json!({"id": "2", "headline": "둘"}),
            json!({"id": "3"}),
        ],
    );
    settle();
    env.done("add a.jsonl");
    // If it were read again, the record that has become unreadable would be skipped.
    let times = fs::metadata(&path).unwrap().modified().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"하나\"", "\"하나 ")).unwrap();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(times)
        .unwrap();
    assert_eq!(
        env.done("add a.jsonl").lines().next().unwrap(),
        "added 0, updated 0, unchanged 2, skipped 1"
    );
    let again = env.done("add --reread a.jsonl");
    assert_eq!(
        again.lines().next().unwrap(),
        "added 0, updated 0, unchanged 1, skipped 2"
    );
}

#[test]
fn the_last_record_with_an_id_wins() {
    let env = Env::new();
    let state = |id: &str, n: usize| json!({"id": id, "headline": format!("{n}번째 제목")});
    for first in [0, 3] {
        let states = (first..first + 3).flat_map(|n| [state("a", n), state("b", n)]);
        env.records("a.jsonl", &states.collect::<Vec<_>>());
        env.done("add a.jsonl");
        for id in ["a", "b"] {
            let last = format!("{}번째 제목", first + 2);
            assert_eq!(env.show(id)["headline"], last, "{id}");
        }
        assert_eq!(env.run("search --format trec 제목").out.lines().count(), 2);
        env.done("check");
    }
}

#[test]
fn a_changed_record_replaces_its_clipping() {
    let env = Env::new();
    env.records(
        "a.jsonl",
        &[json!({"id": "1", "headline": "처음", "body": "하나"})],
    );
    env.done("add a.jsonl");
    env.records(
        "a.jsonl",
        &[json!({"id": "1", "headline": "고침", "body": "하나"})],
    );
    assert_eq!(
        env.done("add a.jsonl"),
        "added 0, updated 1, unchanged 0, skipped 0\n"
    );
    assert_eq!(env.show("1")["headline"], "고침");
    assert_eq!(env.show("1")["other_sources"], json!([]));
    assert_eq!(env.count(), 1);
}

#[test]
fn a_clipping_without_id_is_identified_by_url_then_by_content() {
    let env = Env::new();
    let by_url = json!({"url": "https://hanbit.example/7", "headline": "처음", "body": "가"});
    let changed = json!({"url": "https://hanbit.example/7", "headline": "고침", "body": "나"});
    let bare = json!({"headline": "주소 없는 글", "body": "다"});
    env.records("a.jsonl", &[by_url, bare.clone()]);
    env.done("add a.jsonl");
    env.records("b.jsonl", &[changed, bare]);
    let summary = env.done("add b.jsonl");
    // The one without URL is the same clipping, with a second source.
    assert_eq!(summary, "added 0, updated 1, unchanged 1, skipped 0\n");
    assert_eq!(env.count(), 2);
}

#[test]
fn the_same_article_with_two_ids_is_one_clipping_with_two_sources() {
    let env = Env::new();
    let article = json!({"url": "https://hanbit.example/7", "headline": "같은 글", "body": "가"});
    for file in ["a.jsonl", "b.jsonl", "c.jsonl"] {
        env.records(file, std::slice::from_ref(&article));
    }
    // In one run, so that the second comes before the first is committed.
    assert_eq!(
        env.done("add ."),
        "added 1, updated 0, unchanged 2, skipped 0, 1 hidden or binary file ignored\n"
    );
    let listed = env.run("stats --format json").out;
    assert!(listed.contains("\"clippings\": 1"), "{listed}");
    let extracted = env.run("extract a.jsonl").out;
    assert!(extracted.contains("같은 글"));
    let id = id_of(&env, &article);
    let clipping = env.show(&id);
    assert_eq!(clipping["source"], env.source("a.jsonl#1"));
    assert_eq!(
        clipping["other_sources"],
        json!([env.source("b.jsonl#1"), env.source("c.jsonl#1")])
    );
    assert_eq!(
        env.done("add --reread a.jsonl b.jsonl c.jsonl"),
        "added 0, updated 0, unchanged 3, skipped 0\n"
    );
}

/// The derived id of a record: that of an index with nothing else.
fn id_of(env: &Env, record: &serde_json::Value) -> String {
    env.records("only/one.jsonl", std::slice::from_ref(record));
    env.done("add only/one.jsonl --index only/index");
    let run = env.run("remove --index only/index 0 1 2 3 4 5 6 7 8 9");
    assert_eq!(run.code, 2);
    for first in "0123456789abcdefghjkmnpqrstvwxyz".chars() {
        let run = env.run(&format!("show --format json --index only/index {first}"));
        if run.code == 0 {
            let clipping: serde_json::Value = serde_json::from_str(&run.out).unwrap();
            return clipping["id"].as_str().unwrap().to_owned();
        }
    }
    panic!("no id begins as derived ids begin");
}

#[test]
fn a_full_text_replaces_its_excerpt_and_not_vice_versa() {
    let env = Env::new();
    let url = "https://hanbit.example/9";
    let excerpt =
        json!({"id": "big-9", "url": url, "headline": "글", "body": "앞부분…", "excerpt": true});
    let whole = json!({"url": url, "headline": "글", "body": "앞부분과 뒷부분 모두."});
    env.records("excerpt.jsonl", &[excerpt]);
    env.records("whole.jsonl", &[whole]);
    env.done("add excerpt.jsonl");
    env.done("add whole.jsonl");
    assert_eq!(env.show("big-9")["body"], "앞부분과 뒷부분 모두.");
    assert_eq!(env.count(), 1);
    env.done("add --reread excerpt.jsonl");
    assert_eq!(env.show("big-9")["body"], "앞부분과 뒷부분 모두.");
    assert_eq!(env.show("big-9")["source"], env.source("whole.jsonl#1"));

    // In one run, before anything is committed.
    let env = Env::new();
    env.records(
        "both.jsonl",
        &[
            json!({"url": url, "headline": "글", "body": "앞부분과 뒷부분 모두."}),
            json!({"id": "big-9", "url": url, "headline": "글", "body": "앞", "excerpt": true}),
        ],
    );
    env.done("add both.jsonl");
    assert_eq!(env.count(), 1);
}

#[test]
fn copies_are_grouped_and_other_stories_are_not() {
    let env = Env::new();
    let story = body(1);
    let cut: Vec<&str> = story.lines().rev().take(6).collect();
    env.records(
        "a.jsonl",
        &[
            json!({"id": "1", "headline": "원래 제목", "body": story}),
            json!({"id": "2", "headline": "다른 제목", "body": cut.join("\n")}),
            json!({"id": "3", "headline": "다른 이야기", "body": body(2)}),
        ],
    );
    env.done("add a.jsonl");
    assert_eq!(env.stats()["groups"], 2);
    // A copy added later joins the group.
    env.records(
        "b.jsonl",
        &[json!({"id": "4", "headline": "또", "body": body(1)})],
    );
    env.done("add b.jsonl");
    assert_eq!(env.stats()["groups"], 2);
    assert_eq!(env.count(), 4);
}

#[test]
fn options_fill_missing_fields() {
    let env = Env::new();
    env.records(
        "한빛신문/2024-02-22/a.jsonl",
        &[
            json!({"id": "1", "headline": "하나"}),
            json!({"id": "2", "headline": "둘", "outlet": "저녁신문"}),
        ],
    );
    env.done(
        "add --reporter 김하나 --outlet 모두일보 --path-rule {outlet}/{date}/*.jsonl 한빛신문",
    );
    let first = env.show("1");
    assert_eq!(first["outlet"], "한빛신문");
    assert_eq!(first["published"], "2024-02-22");
    assert_eq!(first["reporters"], json!(["김하나"]));
    assert_eq!(env.show("2")["outlet"], "저녁신문");
    // Other options give other clippings, so the files are read again.
    let summary = env.done("add --date 2023-01-01 한빛신문");
    assert_eq!(summary, "added 0, updated 2, unchanged 0, skipped 0\n");
}

#[test]
fn skips_have_a_position_and_a_reason_and_are_stored() {
    let env = Env::new();
    env.write(
        "a.jsonl",
        "{\"id\": \"1\", \"headline\": \"하나\"}\n{\"headline\": \n\n{}\n{\"headline\": \"\u{1b}[31m붉은\"}\n",
    );
    env.write("empty.html", "");
    let run = env.run("add -v --strict a.jsonl empty.html gone.html");
    assert_eq!(run.code, 2);
    for line in [
        "skipped a.jsonl:2: not a record",
        "skipped a.jsonl:4: neither headline nor body",
        "skipped empty.html: empty",
        "error: gone.html: no such file or folder",
    ] {
        assert!(run.err.contains(line), "{line} in {}", run.err);
    }
    let listed = env.run("stats --skipped");
    assert_eq!(listed.code, 0);
    assert!(listed.out.contains("a.jsonl:4: neither"), "{listed:?}");
    assert!(listed.out.contains("empty.html: empty"), "{listed:?}");
    assert!(!listed.out.contains('\u{1b}'));
}

/// Waits until `lines` records of standard input are added, then sends SIGINT while `add` waits for
/// more.
#[cfg(unix)]
#[test]
fn an_interrupted_add_keeps_complete_clippings() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    let env = Env::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_clippings"))
        .env("CLIPPINGS_LANG", "en")
        .args(["add", "-"])
        .current_dir(env.path(""))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for i in 0..200 {
        writeln!(
            input,
            "{}",
            json!({"id": i.to_string(), "headline": "제목", "body": body(i)})
        )
        .unwrap();
    }
    input.flush().unwrap();
    env.wait_for_index();
    std::thread::sleep(Duration::from_secs(1));
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    drop(input);
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("Interrupted. Progress is saved"), "{err}");
    let counted: u64 = err
        .split("added ")
        .nth(1)
        .and_then(|rest| rest.split(',').next())
        .and_then(|n| n.parse().ok())
        .unwrap();
    assert_eq!(env.count(), counted);
    assert!(counted > 0);
    env.done("check");
}

/// The sources of a clipping.
fn sources_of(env: &Env, id: &str) -> Vec<String> {
    let clipping = env.show(id);
    let mut sources = vec![clipping["source"].as_str().unwrap().to_owned()];
    for source in clipping["other_sources"].as_array().into_iter().flatten() {
        sources.push(source.as_str().unwrap().to_owned());
    }
    sources
}

#[test]
fn a_renamed_file_keeps_its_clipping_under_the_new_path() {
    let env = Env::new();
    let article = json!({"id": "1", "headline": "같은 글", "body": body(1)});
    env.records("d/a.jsonl", std::slice::from_ref(&article));
    env.done("add d");
    fs::rename(env.path("d/a.jsonl"), env.path("d/b.jsonl")).unwrap();
    let stderr = env.done("add d");
    assert!(
        stderr.starts_with("added 0, updated 0, unchanged 1"),
        "{stderr}"
    );
    assert_eq!(sources_of(&env, "1"), [env.source("d/b.jsonl#1")]);
}

#[test]
fn the_old_name_of_a_renamed_file_is_not_reported_as_gone() {
    let env = Env::new();
    let text = |n| format!("소식 {n}\n입력 2024.02.22 10:31\n\n{}", body(n));
    env.write("d/a.txt", text(1));
    env.write("d/b.txt", text(2));
    settle();
    env.done("add d");
    fs::rename(env.path("d/a.txt"), env.path("d/c.txt")).unwrap();
    let stderr = env.done("add d");
    assert!(!stderr.contains("no longer there"), "{stderr}");
    fs::remove_file(env.path("d/b.txt")).unwrap();
    let stderr = env.done("add d");
    assert!(stderr.contains("1 file is no longer there"), "{stderr}");
    assert_eq!(env.count(), 2);
}

#[test]
fn a_renamed_file_of_many_records_is_reported_as_gone_only_while_it_had_others() {
    let env = Env::new();
    let record =
        |n: usize| json!({"id": n.to_string(), "headline": format!("소식 {n}"), "body": body(n)});
    env.records("d/a.jsonl", &[record(1), record(2), record(3)]);
    env.write(
        "d/x.txt",
        format!("소식 9\n입력 2024.02.22 10:31\n\n{}", body(9)),
    );
    settle();
    env.done("add d");
    fs::remove_file(env.path("d/a.jsonl")).unwrap();
    env.records("d/b.jsonl", &[record(1), record(2)]);
    let stderr = env.done("add d");
    assert!(stderr.contains("1 file is no longer there"), "{stderr}");
    env.records("d/c.jsonl", &[record(3)]);
    let stderr = env.done("add d");
    assert!(!stderr.contains("no longer there"), "{stderr}");
    assert_eq!(env.count(), 4);
    assert_eq!(sources_of(&env, "3"), [env.source("d/c.jsonl#1")]);
}

#[test]
fn what_was_too_large_is_read_when_the_limit_is_raised() {
    let env = Env::new();
    let record = |id: &str, body: String| json!({"id": id, "headline": id, "body": body});
    let large = record("large", "가나다 ".repeat(30_000));
    env.records("a.jsonl", &[record("small", body(1)), large]);
    settle();
    env.run("add --max-size 100K a.jsonl");
    assert_eq!(env.count(), 1);
    // A lower limit reads nothing again.
    env.run("add --max-size 50K a.jsonl");
    assert_eq!(env.count(), 1);
    env.done("add --max-size 1M a.jsonl");
    assert_eq!(env.count(), 2);
}

#[test]
fn files_that_are_named_like_items_are_not_pruned() {
    let env = Env::new();
    let text = |n: usize| format!("소식 {n}\n\n{}", body(n));
    env.write("d/소식#1", text(1));
    env.write("d/소식#2", text(2));
    settle();
    env.done("add d");
    assert_eq!(env.count(), 2);
    let stderr = env.done("add --prune d");
    assert!(!stderr.contains("removed"), "{stderr}");
    assert_eq!(env.count(), 2);
    fs::remove_file(env.path("d/소식#1")).unwrap();
    env.done("add --prune d");
    assert_eq!(env.count(), 1);
}

#[test]
fn clippings_of_files_that_are_gone_are_counted_and_pruned() {
    let env = Env::new();
    let record = |id: &str| json!({"id": id, "headline": format!("소식 {id}"), "body": body(1)});
    env.records("d/a.jsonl", &[record("only-a"), record("both")]);
    env.records("d/b.jsonl", &[record("both"), record("only-b")]);
    env.records("e/c.jsonl", &[record("elsewhere")]);
    settle();
    env.done("add d e");
    assert_eq!(env.count(), 4);
    fs::remove_file(env.path("d/a.jsonl")).unwrap();
    fs::remove_file(env.path("e/c.jsonl")).unwrap();
    let stderr = env.done("add d");
    assert!(
        stderr.contains("1 file is no longer there; `clippings add --prune`"),
        "{stderr}"
    );
    assert_eq!(env.count(), 4);
    let stderr = env.done("add --prune d");
    assert!(stderr.contains("removed 1"), "{stderr}");
    assert_eq!(env.count(), 3);
    assert_eq!(env.run("show only-a").code, 2);
    assert_eq!(sources_of(&env, "both"), [env.source("d/b.jsonl#1")]);
    // Other folders are not checked, and an empty one may be the mount point of an unmounted drive.
    assert_eq!(env.show("elsewhere")["headline"], "소식 elsewhere");
    env.done("add --prune e");
    assert_eq!(env.count(), 3);
    env.write("e/d.txt", "");
    assert!(env.done("add --prune e").contains("removed 1"));
    let stderr = env.done("add d");
    assert!(!stderr.contains("no longer there"), "{stderr}");
    env.done("check");
}

#[test]
fn sources_do_not_depend_on_the_working_directory() {
    let env = Env::new();
    env.records("d/a.jsonl", &[json!({"id": "1", "headline": "하나"})]);
    env.done("add d");
    for path in ["./d/a.jsonl", "d/../d", "../"] {
        let folder = match path {
            "../" => "d",
            _ => "",
        };
        let run = env.run_in(
            folder,
            &format!(
                "add --reread --index {} {path}",
                env.path("index").display()
            ),
        );
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(sources_of(&env, "1"), [env.source("d/a.jsonl#1")], "{path}");
    }
    // Displayed relative to the working directory.
    let shown = env.run("show 1").out;
    assert!(shown.contains("source   d/a.jsonl#1"), "{shown}");
}

/// A page whose byline looks correct but is not.
fn page(headline: &str, last: &str) -> String {
    format!(
        "<!doctype html><meta charset=utf-8><title>{headline}</title>\
         <meta property=og:type content=article><meta property=og:url content=https://hanbit.example/7>\
         <h1>{headline}</h1><p>입력 2024.02.22 10:31</p><div id=articleBody>\
         <p>가람시가 새 다리를 놓는다고 22일 밝혔다. 다리는 내년 봄에 열린다.</p>\
         <p>{last}</p><p>홍길동 기자</p></div>"
    )
}

#[test]
fn corrected_fields_survive_reextraction() {
    let env = Env::new();
    env.write(
        "a.html",
        page(
            "새 다리 놓는다",
            "시민은 누구나 걸어서 다리를 건널 수 있다.",
        ),
    );
    env.done("add --keep-pages a.html");
    let records = env.run("search --format jsonl 다리").out;
    let id = serde_json::from_str::<serde_json::Value>(&records).unwrap()["id"].clone();
    let id = id.as_str().unwrap().to_owned();
    assert_eq!(env.show(&id)["reporters"], json!(["홍길동"]));
    let correction = json!({"id": id, "headline": "새 다리 내년 봄에", "section": null,
        "reporters": ["김나라", "이하나"], "corrected": ["reporters", "headline", "section"]});
    env.records("corrections.jsonl", &[correction]);
    assert!(env.done("add corrections.jsonl").contains("updated 1"));
    let corrected = env.show(&id);
    assert_eq!(
        corrected["corrected"],
        json!(["reporters", "headline", "section"])
    );
    assert_eq!(corrected["source"], env.source("a.html"));
    assert!(corrected["body"].as_str().unwrap().contains("걸어서"));
    // The same page, and an update of it.
    assert!(
        env.done("add --keep-pages --reread a.html")
            .contains("unchanged 1")
    );
    env.done("reindex --extract");
    assert_eq!(env.show(&id), corrected);
    env.write(
        "a.html",
        page(
            "새 다리 곧 놓는다",
            "시민은 자전거로도 다리를 건널 수 있다.",
        ),
    );
    assert!(env.done("add --keep-pages a.html").contains("updated 1"));
    env.done("reindex --extract");
    let updated = env.show(&id);
    assert_eq!(updated["headline"], "새 다리 내년 봄에");
    assert_eq!(updated["reporters"], json!(["김나라", "이하나"]));
    assert!(updated["section"].is_null());
    assert!(updated["body"].as_str().unwrap().contains("자전거로도"));
    // An export of the index keeps the marks.
    let exported = env.run("export --format jsonl 다리").out;
    let other = Env::new();
    other.write("export.jsonl", &exported);
    other.write(
        "a.html",
        page(
            "새 다리 곧 놓는다",
            "시민은 자전거로도 다리를 건널 수 있다.",
        ),
    );
    other.done("add export.jsonl a.html");
    assert_eq!(other.show(&id)["headline"], "새 다리 내년 봄에");
    env.done("check");
}

#[test]
fn corrections_survive_changes_of_a_text_identified_by_content() {
    let env = Env::new();
    let text = |last: &str| {
        format!(
            "새 다리 놓는다\n가람일보 홍길동 기자\n가람시가 새 다리를 놓는다고 22일 밝혔다. 다리는 내년 봄에 열린다.\n{last}\n"
        )
    };
    env.write("a.txt", text("시민은 누구나 걸어서 다리를 건널 수 있다."));
    env.done("add a.txt");
    let first = |env: &Env| {
        let out = env.run("search --format jsonl 다리").out;
        serde_json::from_str::<serde_json::Value>(out.lines().next().unwrap()).unwrap()
    };
    let id = first(&env)["id"].clone();
    let correction = json!({"id": id, "headline": "새 다리 놓는다", "outlet": "한빛신문", "corrected": "outlet"});
    env.records("corrections.jsonl", &[correction]);
    env.done("add corrections.jsonl");
    assert_eq!(first(&env)["outlet"], "한빛신문");
    env.write("a.txt", text("시민은 자전거로도 다리를 건널 수 있다."));
    env.done("add a.txt");
    let updated = first(&env);
    assert!(
        updated["body"].as_str().unwrap().contains("자전거로도"),
        "{updated}"
    );
    assert_eq!(updated["outlet"], "한빛신문");
    assert_eq!(updated["corrected"], json!(["outlet"]));
}

#[test]
fn verbose_prints_one_line_per_file() {
    let env = Env::new();
    let text = |headline: &str| format!("{headline}\n\n{}", body(headline.len()));
    env.write("d/a.txt", text("첫 소식이다"));
    env.write("d/b.txt", text("둘째 소식이 왔다"));
    env.records(
        "d/c.jsonl",
        &[
            json!({"id": "c-1", "headline": "하나", "body": body(1)}),
            json!({"id": "c-2", "headline": "둘", "body": body(2)}),
        ],
    );
    env.write("d/empty.html", "");
    let lines = |run: &str| -> Vec<String> {
        let mut lines: Vec<String> = run.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let stderr = env.done("add -v d");
    for line in ["d/a.txt: added 1", "d/b.txt: added 1", "d/c.jsonl: added 2"] {
        assert!(lines(&stderr).contains(&line.to_owned()), "{stderr}");
    }
    assert!(stderr.contains("skipped d/empty.html: "), "{stderr}");
    settle();
    env.records(
        "d/c.jsonl",
        &[json!({"id": "c-1", "headline": "하나 고침", "body": body(3)})],
    );
    let stderr = env.done("add -v d");
    for line in [
        "d/a.txt: unchanged 1",
        "d/b.txt: unchanged 1",
        "d/c.jsonl: updated 1",
    ] {
        assert!(lines(&stderr).contains(&line.to_owned()), "{stderr}");
    }
    assert!(!env.done("add d").contains("d/a.txt"));
}
