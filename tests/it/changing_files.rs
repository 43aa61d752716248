//! Files, folders and clocks that change during a run.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::env::{Env, body, number_from, settle};
use crate::killed::state;

fn record(n: usize) -> Value {
    json!({"id": format!("m-{n:05}"), "headline": format!("소식 {n}"), "body": body(n)})
}

fn lines(range: std::ops::Range<usize>) -> String {
    range.map(|n| record(n).to_string() + "\n").collect()
}

fn spawn(env: &Env, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_clippings"))
        .env("CLIPPINGS_LANG", "en")
        .args(arguments)
        .current_dir(env.path(""))
        .env_remove("CLIPPINGS_INDEX")
        .env("XDG_DATA_HOME", env.path("data"))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Asserts exit code 2, an error line and a hint line.
fn failure(output: &Output, says: &str, hint: &str) {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{err}");
    let lines: Vec<&str> = err.lines().collect();
    assert_eq!(lines.len(), 2, "{err}");
    assert!(
        lines[0].starts_with("error: ") && lines[0].contains(says),
        "{err}"
    );
    assert!(
        lines[1].starts_with("hint: ") && lines[1].contains(hint),
        "{err}"
    );
}

/// Files grow, shrink, are replaced and vanish while a folder is added. Afterwards, running the
/// command again gives the same result as a single run over the final files. `CLIPPINGS_CHANGES`
/// sets the number of rounds.
#[test]
fn files_that_change_while_they_are_read_are_repaired_by_the_next_run() {
    for round in 0..number_from("CLIPPINGS_CHANGES", 3) {
        let env = Env::new();
        // Read first, and long enough for the others to change meanwhile.
        env.write("d/0.jsonl", lines(0..3_000));
        env.write("d/grows.jsonl", lines(3_000..4_000));
        env.write("d/is-replaced.jsonl", lines(4_000..5_000));
        env.write("d/shrinks.jsonl", lines(5_000..6_000));
        env.write("d/vanishes.jsonl", lines(6_000..7_000));
        env.write("d/z.txt", format!("다리 소식\n\n{}", body(7_000)));
        settle();
        let child = spawn(&env, &["add", "-v", "d"]);
        for step in 0..20 + round {
            std::thread::sleep(Duration::from_millis(10));
            let grows = OpenOptions::new()
                .append(true)
                .open(env.path("d/grows.jsonl"));
            let from = 8_000 + step as usize * 10;
            grows
                .unwrap()
                .write_all(lines(from..from + 10).as_bytes())
                .unwrap();
            match step {
                4 => {
                    env.write("d/new", lines(9_000..9_500));
                    fs::rename(env.path("d/new"), env.path("d/is-replaced.jsonl")).unwrap();
                    let shrinks = File::options()
                        .write(true)
                        .open(env.path("d/shrinks.jsonl"));
                    shrinks.unwrap().set_len(50_000).unwrap();
                    env.write("d/z.txt", format!("시장 소식\n\n{}", body(7_001)));
                }
                6 => fs::remove_file(env.path("d/vanishes.jsonl")).unwrap(),
                _ => {}
            }
        }
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{err}");
        assert!(!err.contains("internal error"), "{err}");
        for line in err.lines().filter(|line| line.starts_with("skipped ")) {
            // A truncated record, or a file that is gone.
            let is_known = line.contains("not a record") || line.contains("no such file");
            assert!(is_known, "{line}");
        }
        env.done("check");
        settle();
        env.done("add d");
        let now = state(&env.path("index"));
        env.done("add --index whole d");
        let mut whole = state(&env.path("whole"));
        // Earlier content with ids of its own is kept.
        for (id, (said, _)) in &now {
            if let Some((wanted, _)) = whole.remove(id) {
                assert_eq!(said, &wanted, "{id}");
            } else {
                assert!(id.starts_with("m-"), "{id} is no longer there: {said}");
            }
        }
        assert!(whole.is_empty(), "lost: {:?}", whole.keys());
    }
}

#[test]
fn a_deleted_index_is_reported_in_one_line() {
    let env = Env::new();
    let mut child = spawn(&env, &["add", "-"]);
    let mut input = child.stdin.take().unwrap();
    input.write_all(lines(0..200).as_bytes()).unwrap();
    env.wait_for_index();
    std::thread::sleep(Duration::from_secs(1));
    // As if the drive was removed.
    fs::rename(env.path("index"), env.path("away")).unwrap();
    fs::remove_dir_all(env.path("away")).unwrap();
    input.write_all(lines(200..400).as_bytes()).unwrap();
    drop(input);
    failure(
        &child.wait_with_output().unwrap(),
        "is no longer there",
        "drive",
    );
    assert!(!env.path("index").exists());
    let output = spawn(&env, &["search", "소식"]).wait_with_output().unwrap();
    failure(&output, "no index in", "clippings add");

    // Half of it is gone, which is damage.
    env.write("a.jsonl", lines(0..20));
    fs::create_dir(env.path("index")).unwrap();
    env.done("add a.jsonl");
    fs::remove_dir_all(env.path("index/data-1")).unwrap();
    for (arguments, hint) in [
        (&["search", "소식"][..], "clippings check"),
        (&["add", "a.jsonl"], "clippings check"),
        (&["check"], "clippings reindex"),
        (&["reindex"], "move this folder away"),
    ] {
        let output = spawn(&env, arguments).wait_with_output().unwrap();
        failure(&output, "data-1 is missing", hint);
    }
}

/// When the clock is set back, modification times in the future must not be trusted.
#[test]
fn a_clock_that_was_set_back_hides_no_change() {
    let env = Env::new();
    let path = env.write("a.txt", format!("다리 소식\n\n{}", body(1)));
    let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    let date = |path: &Path| {
        let file = File::options().write(true).open(path);
        file.unwrap().set_modified(tomorrow).unwrap();
    };
    date(&path);
    env.done("add a.txt");
    // Same length, and same modification time according to the clock.
    let text = fs::read_to_string(&path).unwrap().replace("다리", "시장");
    fs::write(&path, text).unwrap();
    date(&path);
    assert!(env.done("add a.txt").starts_with("added 0, updated 1, "));
    assert_eq!(env.count(), 1);

    // An index from the future can be read and written.
    for entry in fs::read_dir(env.path("index/data-1")).unwrap() {
        date(&entry.unwrap().path());
    }
    env.write("b.jsonl", lines(0..20));
    env.done("add b.jsonl");
    env.done("reindex");
    assert_eq!(env.count(), 21);
    env.done("check");
}
