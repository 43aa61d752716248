//! Full disks, read-only folders, special files, malicious pages.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::env::{Env, body, settle};
use crate::killed::state;

const PROGRAM: &str = env!("CARGO_BIN_EXE_clippings");

fn records(range: std::ops::Range<usize>) -> Vec<Value> {
    range
        .map(|n| json!({"id": format!("h-{n:05}"), "headline": format!("소식 {n}"), "body": body(n)}))
        .collect()
}

/// An in-memory file system, unmounted on drop.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` if this user may not mount one.
    fn mount(at: PathBuf, size: &str) -> Option<SmallDisk> {
        fs::create_dir_all(&at).unwrap();
        let done = mount(
            &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"],
            &at,
        );
        done.then_some(SmallDisk(at))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn mount(arguments: &[&str], at: &PathBuf) -> bool {
    Command::new("mount")
        .args(arguments)
        .arg(at)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[test]
fn a_full_disk_is_reported_and_loses_nothing() {
    let env = Env::new();
    env.records("first.jsonl", &records(0..20));
    env.records("rest.jsonl", &records(0..6_000));
    let Some(disk) = SmallDisk::mount(env.path("small"), "2m") else {
        eprintln!("skipped: no file system can be mounted here");
        return;
    };
    env.done("add --index small/index first.jsonl");
    let kept = state(&env.path("small/index"));
    assert_eq!(kept.len(), 20);
    let run = env.run("add --index small/index rest.jsonl");
    assert_eq!(run.code, 2, "{run:?}");
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines.len(), 2, "{run:?}");
    assert!(lines[0].starts_with("error: "), "{run:?}");
    assert!(lines[1].starts_with("hint: free some space"), "{run:?}");
    assert_eq!(state(&env.path("small/index")), kept);
    env.done("check --index small/index");
    let run = env.run("reindex --index small/index");
    assert!(
        run.code == 0 || run.err.contains("hint: free some space"),
        "{run:?}"
    );
    assert_eq!(state(&env.path("small/index")), kept);

    assert!(mount(&["-o", "remount,size=200m"], &disk.0));
    env.done("add --index small/index rest.jsonl");
    env.done("add --index whole rest.jsonl");
    let ids = |index: &str| state(&env.path(index)).into_keys().collect::<Vec<_>>();
    assert_eq!(ids("small/index"), ids("whole"));

    // The same disk, mounted read-only.
    assert!(mount(&["-o", "remount,ro"], &disk.0));
    only_reading_works(&env, "small/index", &|arguments| {
        let mut command = Command::new(PROGRAM);
        command.env("CLIPPINGS_LANG", "en");
        command.args(arguments);
        command
    });
    assert!(mount(&["-o", "remount,rw"], &disk.0));
}

/// Asserts that reading commands work and writing ones fail with an error and a hint.
fn only_reading_works(env: &Env, index: &str, command: &dyn Fn(&[&str]) -> Command) {
    let run = |arguments: &[&str]| {
        command(arguments)
            .args(["--index", index])
            .current_dir(env.path(""))
            .output()
            .unwrap()
    };
    for arguments in [
        &["search", "소식"][..],
        &["show", "h-00001"],
        &["stats"],
        &["stats", "--skipped"],
        &["check"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    }
    for arguments in [
        &["add", "first.jsonl"][..],
        &["remove", "h-00001"],
        &["reindex"],
    ] {
        let output = run(arguments);
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {err}");
        assert_eq!(err.lines().count(), 2, "{arguments:?}: {err}");
        assert!(
            err.contains("hint: check the permissions"),
            "{arguments:?}: {err}"
        );
    }
}

/// How to run the program with limited permissions, if the tests run as root.
fn bound(env: &Env) -> Option<Vec<String>> {
    let own = Command::new("id").arg("-u").output().unwrap();
    if own.stdout != b"0\n" {
        return Some(Vec::new());
    }
    let prefix = "setpriv --reuid=65534 --regid=65534 --clear-groups";
    let prefix: Vec<String> = prefix.split(' ').map(str::to_owned).collect();
    fs::set_permissions(env.path(""), Permissions::from_mode(0o755)).unwrap();
    let works = Command::new(&prefix[0])
        .args(&prefix[1..])
        .args([PROGRAM, "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    works.then_some(prefix)
}

#[test]
fn without_write_permission_reading_works_and_errors_explain() {
    let env = Env::new();
    let Some(prefix) = bound(&env) else {
        eprintln!("skipped: cannot run as another user here");
        return;
    };
    let command = |arguments: &[&str]| {
        let mut words = prefix.iter().map(String::as_str).chain([PROGRAM]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(arguments);
        command
    };
    env.records("first.jsonl", &records(0..20));
    env.done("add first.jsonl");
    let set = |name: &str, mode| fs::set_permissions(env.path(name), Permissions::from_mode(mode));
    for name in ["index", "index/data-1"] {
        set(name, 0o555).unwrap();
    }
    for name in ["index/writer.lock", "index/ledger.redb"] {
        set(name, 0o444).unwrap();
    }
    only_reading_works(&env, "index", &command);

    // Unreadable sources are skipped, and the others added.
    env.records("d/a.jsonl", &records(0..1));
    env.records("d/b.jsonl", &records(1..2));
    fs::create_dir(env.path("d/c")).unwrap();
    fs::create_dir(env.path("free")).unwrap();
    set("d/a.jsonl", 0o000).unwrap();
    set("d/c", 0o000).unwrap();
    set("free", 0o777).unwrap();
    let output = command(&["add", "-v", "--index", "free/index", "d"])
        .current_dir(env.path(""))
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    for place in ["d/a.jsonl", "d/c"] {
        assert!(
            err.lines()
                .any(|l| l.starts_with(&format!("skipped {place}: ")) && l.contains("ermission")),
            "{place}: {err}"
        );
    }
    assert!(
        err.contains("added 1, updated 0, unchanged 0, skipped 2"),
        "{err}"
    );
    for name in ["index", "index/data-1", "d/c"] {
        set(name, 0o755).unwrap();
    }
}

#[test]
fn special_files_are_skipped_in_one_line() {
    let env = Env::new();
    env.records("d/a.jsonl", &records(0..1));
    assert!(
        Command::new("mkfifo")
            .arg(env.path("d/pipe"))
            .status()
            .unwrap()
            .success()
    );
    symlink("nowhere", env.path("d/gone")).unwrap();
    symlink("self", env.path("d/self")).unwrap();
    symlink(".", env.path("d/up")).unwrap();
    symlink("a.jsonl", env.path("d/z.jsonl")).unwrap();
    env.write("d/empty.html", "");
    env.write("d/blank.txt", "\n \u{3000}\n");
    env.write("d/noise", [0u8, 159, 146, 150, 7, 1, 2, 3].repeat(200));
    env.write("d/한글.txt", "");
    let run = env.run("add -v d d/pipe /dev/null");
    assert_eq!(run.code, 2, "{run:?}");
    for line in [
        "skipped d/pipe: a named pipe",
        "skipped d/gone: no such file or folder",
        "skipped d/self: the link points to itself",
        "skipped d/up: the link points to a parent folder",
        "skipped d/empty.html: empty",
        "skipped d/blank.txt: empty",
        "skipped d/noise: not a text file",
        "error: d/pipe: a named pipe",
        "error: /dev/null: a device",
    ] {
        assert!(run.err.contains(line), "{line} in {}", run.err);
    }
    // The link to a file is the same clipping with a second source.
    assert!(
        run.err
            .contains("added 1, updated 0, unchanged 1, skipped 8"),
        "{run:?}"
    );
    assert_eq!(env.run("add -v --strict d").code, 1);
}

#[test]
fn pathological_pages_are_read_or_refused() {
    let env = Env::new();
    let text =
        "<p>가람시가 강을 건너는 새 다리를 놓기로 했다고 밝혔다. 공사는 내년 봄에 시작한다.</p>"
            .repeat(5);
    let page = |head: &str, body: &str| {
        format!("<!doctype html><html><head>{head}</head><body>{body}</body></html>")
    };
    let deep = "[".repeat(100_000);
    for (name, content) in [
        (
            "a-headline.html",
            page(&format!("<title>{}</title>", "가".repeat(3_500_000)), &text),
        ),
        (
            "b-nested.html",
            page(
                "<title>겹</title>",
                &format!("{}{text}", "<div>".repeat(100_000)),
            ),
        ),
        (
            "c-json.html",
            page(
                &format!(
                    "<title>속</title><script type='application/ld+json'>{deep}</script><script>{deep}</script>"
                ),
                &text,
            ),
        ),
        (
            "d-attributes.html",
            page(
                "<title>값</title>",
                &format!("<p {}>{text}", "a=b ".repeat(200_000)),
            ),
        ),
        (
            "e-entities.html",
            page(
                "<title>글</title>",
                &format!("<p>{}</p>{text}", "&amp;&#x110000;&#0;&".repeat(100_000)),
            ),
        ),
        (
            "f-years.html",
            page(
                "<title>해</title><meta property='article:published_time' content='0000-00-00T00:00:00Z'><meta name='date' content='99999-12-31'>",
                &text,
            ),
        ),
        ("g-line.txt", "끝없는 한 줄 ".repeat(300_000)),
        (
            "h-nulls.html",
            page("<title>영\0\0</title>", &format!("\0{text}\0")),
        ),
    ] {
        env.write(&format!("d/{name}"), content);
    }
    env.write("d/i-utf16-odd.html", [0xff, 0xfe, 0x3c, 0x00, 0x41]);
    env.write(
        "d/j-mixed.html",
        [
            page("<title>섞임</title>", &text).into_bytes(),
            vec![0xb0, 0xa1, 0xff, 0x80, 0xc8],
        ]
        .concat(),
    );
    env.write("d/z-good.html", page("<title>마지막 소식</title>", &text));
    settle();
    let run = env.run("add -v d");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.err.contains("internal error"), "{run:?}");
    for line in run.err.lines() {
        assert!(
            line.len() < 1_000 && !line.contains('\0'),
            "{} bytes: {line}",
            line.len()
        );
    }
    let found = env.run("search --format json --all-copies --limit 50 마지막");
    assert!(found.out.contains("z-good.html"), "{found:?}");
    env.done("check");
    let again = env.run("add d");
    assert!(again.err.starts_with("added 0, updated 0, "), "{again:?}");
}

#[test]
fn overlong_paths_are_skipped_in_one_line() {
    let env = Env::new();
    env.records("d/a.jsonl", &records(0..1));
    // Longer than PATH_MAX, though each component is short.
    let name = "긴이름".repeat(25);
    let mut at = env.path("d");
    let deep = format!(
        "cd \"$1\" && for i in $(seq 22); do mkdir {name} && cd {name} || exit 1; done; echo x > a.txt"
    );
    let made = Command::new("bash")
        .args(["-c", &deep, "-"])
        .arg(&at)
        .status()
        .unwrap();
    assert!(made.success());
    for _ in 0..22 {
        at.push(&name);
    }
    assert!(at.as_os_str().len() > 4_096);
    for path in ["d".to_owned(), at.to_string_lossy().into_owned()] {
        let run = env.run_with_arguments(&["add", "-v", &path]);
        let is_folder = path == "d";
        assert_eq!(run.code, if is_folder { 0 } else { 2 }, "{run:?}");
        let begin = if is_folder { "skipped " } else { "error: " };
        let skips: Vec<&str> = run.err.lines().filter(|l| l.starts_with(begin)).collect();
        assert_eq!(skips.len(), 1, "{run:?}");
        assert!(skips[0].contains("the path is too long"), "{run:?}");
    }
    assert_eq!(env.count(), 1);
    // `rm` descends step by step, which is needed for paths of this length.
    let removed = Command::new("rm")
        .arg("-rf")
        .arg(env.path("d"))
        .status()
        .unwrap();
    assert!(removed.success());
}

#[test]
fn a_signal_ends_after_the_current_clipping() {
    let env = Env::new();
    let mut child = Command::new(PROGRAM)
        .env("CLIPPINGS_LANG", "en")
        .args(["add", "-"])
        .current_dir(env.path(""))
        .env_remove("CLIPPINGS_INDEX")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for record in records(0..300) {
        writeln!(input, "{record}").unwrap();
    }
    input.flush().unwrap();
    env.wait_for_index();
    // It adds what it has, and waits for input that never comes.
    std::thread::sleep(Duration::from_secs(2));
    let signal = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(signal.unwrap().success());
    let until = Instant::now() + Duration::from_secs(20);
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "still running");
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("Interrupted"), "{err}");
    let kept = state(&env.path("index")).len();
    assert!(
        kept > 0 && err.contains(&format!("added {kept}, ")),
        "{kept}: {err}"
    );
    env.done("check");
}

#[test]
fn readers_see_one_state_during_a_rebuild() {
    let env = Env::new();
    env.records("a.jsonl", &records(0..80));
    env.done("add a.jsonl");
    let index = env.path("index");
    let before = state(&index);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut times = 0;
                while !done.load(Ordering::Relaxed) || times < 3 {
                    assert_eq!(state(&index), before);
                    times += 1;
                }
            });
        }
        for _ in 0..4 {
            env.done("reindex");
        }
        done.store(true, Ordering::Relaxed);
    });
}
