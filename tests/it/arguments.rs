//! The command line itself: help, formats, errors, closed pipes.

use crate::env::Env;

const COMMANDS: &[&str] = &[
    "add",
    "search",
    "export",
    "trend",
    "related",
    "saved",
    "digest",
    "show",
    "extract",
    "analyze",
    "stats",
    "remove",
    "reindex",
    "check",
    "completions",
    "man",
];

#[test]
fn every_command_has_help_with_an_example() {
    let env = Env::new();
    let overview = env.run("--help");
    assert_eq!(overview.code, 0);
    for command in COMMANDS {
        assert!(overview.out.contains(command), "{command}");
        let long = env.run(&format!("{command} --help"));
        assert_eq!(long.code, 0);
        assert!(long.out.contains("Example"), "{command}: {}", long.out);
        assert!(long.out.contains("clippings "), "{command}");
        let short = env.run(&format!("{command} -h"));
        assert!(short.out.len() <= long.out.len());
    }
    assert_eq!(env.run("--version").code, 0);
    assert_eq!(env.run("").code, 2);
}

#[test]
fn mistakes_exit_with_two_and_a_line() {
    let env = Env::new();
    for (arguments, says) in [
        ("add", "PATH"),
        ("add --date yesterday x", "no date"),
        ("add --path-rule {press}/* x", "is no field"),
        ("add --max-size huge x", "100M"),
        ("stats --format trec", "this command does not write trec"),
        ("show -q -v x", "cannot be used with"),
        ("frobnicate", "unrecognized"),
    ] {
        let run = env.run(arguments);
        assert_eq!(run.code, 2, "{arguments}");
        assert!(run.err.contains(says), "{arguments}: {}", run.err);
        assert!(run.out.is_empty(), "{arguments}");
    }
}

#[test]
fn completions_and_manual_are_made() {
    let env = Env::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = env.run(&format!("completions {shell}"));
        assert_eq!(run.code, 0);
        assert!(run.out.contains("path-rule"), "{shell}");
    }
    let page = env.run("man").out;
    assert!(page.contains(".TH clippings 1"), "{}", &page[..200]);
    env.done("man --dir pages");
    for command in COMMANDS {
        assert!(env.path(&format!("pages/clippings-{command}.1")).exists());
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    use std::io::Read;
    use std::process::{Command, Stdio};

    let env = Env::new();
    let lines: String = (0..20_000)
        .map(|i| format!("{{\"id\": \"{i}\", \"headline\": \"제목 {i} 번\"}}\n"))
        .collect();
    let file = env.write("a.jsonl", lines);
    let mut child = Command::new(env!("CARGO_BIN_EXE_clippings"))
        .arg("extract")
        .arg(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0; 10]).unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}
