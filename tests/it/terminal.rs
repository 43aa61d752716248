//! Output on a terminal: pager, links, line width.
#![cfg(target_os = "linux")]

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::env::Env;

/// Output on a terminal with this many columns, created by `script` of util-linux; `None` if it is
/// not installed.
fn on_terminal(env: &Env, columns: u16, pager: &str, arguments: &[&str]) -> Option<String> {
    let quoted: Vec<String> = arguments.iter().map(|a| format!("'{a}'")).collect();
    let program = env!("CARGO_BIN_EXE_clippings");
    let command = format!(
        "stty cols {columns} rows 24; exec '{program}' {}",
        quoted.join(" ")
    );
    let output = Command::new("script")
        .args(["-q", "-e", "-c", &command, "/dev/null"])
        .current_dir(env.path(""))
        .env_remove("CLIPPINGS_INDEX")
        .env_remove("NO_COLOR")
        .env_remove("LESSCHARSET")
        .env("CLIPPINGS_LANG", "en")
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm-256color")
        .env("PAGER", pager)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let out = String::from_utf8(output.stdout).unwrap();
    Some(out.replace("\r\n", "\n"))
}

fn pager(env: &Env) -> String {
    script(
        env,
        "while IFS= read -r line; do printf 'paged %s\\n' \"$line\"; done",
    )
}

fn script(env: &Env, commands: &str) -> String {
    let path = env.write("pager", format!("#!/bin/sh\n{commands}\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

fn clippings(env: &Env) {
    env.records(
        "in.jsonl",
        &[
            json!({"id": "a-1", "headline": "새 다리를 놓는다", "outlet": "한빛신문", "published": "2024-02-22",
                "url": "https://news.example/2024/02/22/a-rather-long-address/1", "body": "가람시가 새 다리를 놓는다."}),
            json!({"id": "a-2", "headline": "다른 소식", "published": "2024-02-23", "body": "헌 길 옆에 다리가 있다."}),
        ],
    );
    env.done("add in.jsonl");
}

#[test]
fn text_is_paged_with_the_best_result_first() {
    let env = Env::new();
    clippings(&env);
    let pager = pager(&env);
    let Some(out) = on_terminal(&env, 100, &pager, &["search", "다리"]) else {
        return;
    };
    let first = out.lines().next().unwrap();
    assert!(
        first.starts_with("paged  1. ") && first.contains("새"),
        "{out}"
    );
    assert!(out.lines().all(|line| line.starts_with("paged ")), "{out}");
    for arguments in [
        &["search", "--no-pager", "다리"][..],
        &["search", "--format", "jsonl", "다리"],
    ] {
        let out = on_terminal(&env, 100, &pager, arguments).unwrap();
        assert!(!out.contains("paged"), "{arguments:?}: {out}");
    }
    for no_pager in ["cat", "", "/nowhere/pager"] {
        let out = on_terminal(&env, 100, no_pager, &["search", "다리"]).unwrap();
        assert!(
            out.contains("2 clippings") && !out.contains("paged"),
            "{out}"
        );
    }
    for arguments in [
        &["ls"][..],
        &["show", "a-1"],
        &["stats"],
        &["trend", "다리"],
    ] {
        let out = on_terminal(&env, 100, &pager, arguments).unwrap();
        assert!(out.contains("paged"), "{arguments:?}: {out}");
    }
}

#[test]
fn the_pager_gets_the_encoding() {
    let env = Env::new();
    clippings(&env);
    let pager = script(&env, "echo \"charset=$LESSCHARSET\"; cat");
    let Some(out) = on_terminal(&env, 100, &pager, &["ls"]) else {
        return;
    };
    assert!(out.starts_with("charset=utf-8\n"), "{out}");
}

#[test]
fn urls_are_unbroken_links() {
    let env = Env::new();
    clippings(&env);
    let url = "https://news.example/2024/02/22/a-rather-long-address/1";
    let Some(out) = on_terminal(&env, 100, "cat", &["search", "놓는다"]) else {
        return;
    };
    assert!(out.contains(&format!("\x1b]8;;{url}\x1b\\")), "{out:?}");
    assert!(out.contains("\x1b]8;;\x1b\\"), "{out:?}");
    // On a line of its own, exactly as wide as the terminal.
    let out = on_terminal(&env, 60, "cat", &["search", "--color", "never", "놓는다"]).unwrap();
    assert!(out.lines().any(|line| line.trim() == url), "{out:?}");
    assert!(!out.contains('\x1b'), "{out:?}");
    // Neither in a pipe.
    assert!(
        !env.run("search --color always 놓는다")
            .out
            .contains("\x1b]8")
    );
}

#[test]
fn show_marks_the_words_of_a_query() {
    let env = Env::new();
    clippings(&env);
    let run = env.run_with_arguments(&["--color", "always", "show", "a-1", "--query", "다리"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("\x1b[1m다리\x1b[0m"), "{run:?}");
    let shown: serde_json::Value = serde_json::from_str(
        &env.run_with_arguments(&["show", "--format", "json", "a-1", "--query", "다리"])
            .out,
    )
    .unwrap();
    assert_eq!(shown["headline_highlights"], json!([[2, 4]]));
    assert_eq!(shown["copies"], json!([]));
}

#[test]
fn running_without_arguments_prints_next_steps() {
    let env = Env::new();
    let Some(out) = on_terminal(&env, 100, "cat", &["--lang", "en"]) else {
        return;
    };
    assert!(out.contains("There is no index yet"), "{out}");
    assert!(out.contains("clippings add ~/scraps"), "{out}");
    clippings(&env);
    let out = on_terminal(&env, 100, "cat", &["--lang", "ko"]).unwrap();
    assert!(
        out.contains("기사 2건이 있습니다") && out.contains("clippings serve --open"),
        "{out}"
    );
    env.done("saved add 다리 다리");
    env.done("digest");
    let out = on_terminal(&env, 100, "cat", &["--lang", "en"]).unwrap();
    assert!(
        out.contains("2 clippings in ") && out.contains("Last digest: 20"),
        "{out}"
    );
    // Without a terminal, a missing command is an error.
    let run = env.run("");
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
    assert!(run.err.contains("Usage: clippings"), "{run:?}");
}
