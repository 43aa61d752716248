//! The command line: help, formats, errors, closed pipes.

use serde_json::json;

use crate::env::Env;

const COMMANDS: &[&str] = &[
    "add",
    "search",
    "export",
    "trend",
    "related",
    "similar",
    "saved",
    "digest",
    "ls",
    "show",
    "open",
    "extract",
    "analyze",
    "stats",
    "remove",
    "restore",
    "reindex",
    "copy",
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
fn usage_errors_exit_with_two_and_one_line() {
    let env = Env::new();
    for (arguments, says) in [
        ("add", "PATH"),
        ("add --date yesterday x", "date"),
        ("add --path-rule {press}/* x", "is not a field"),
        ("add --max-size huge x", "100M"),
        ("stats --format trec", "possible values: text, json"),
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
fn completions_and_manual_are_generated() {
    let env = Env::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = env.run(&format!("completions {shell}"));
        assert_eq!(run.code, 0);
        assert!(run.out.contains("COMPLETE"), "{shell}");
    }
    let page = env.run("man").out;
    assert!(page.contains(".TH clippings 1"), "{}", &page[..200]);
    env.done("man --dir pages");
    for command in COMMANDS {
        assert!(env.path(&format!("pages/clippings-{command}.1")).exists());
    }
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    use std::io::Read;
    use std::process::{Command, Stdio};

    let env = Env::new();
    let lines: String = (0..20_000)
        .map(|i| format!("{{\"id\": \"{i}\", \"headline\": \"제목 {i} 번\"}}\n"))
        .collect();
    let file = env.write("a.jsonl", lines);
    let mut child = Command::new(env!("CARGO_BIN_EXE_clippings"))
        .env("CLIPPINGS_LANG", "en")
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

/// Standard error may be a closed pipe or a full disk; the command still succeeds.
#[cfg(target_os = "linux")]
#[test]
fn an_unwritable_standard_error_is_ignored() {
    use std::process::{Command, Stdio};

    let env = Env::new();
    env.write("a.jsonl", "{\"id\": \"1\", \"headline\": \"하나\"}\n");
    let run = |arguments: &[&str], err: Stdio| {
        let status = Command::new(env!("CARGO_BIN_EXE_clippings"))
            .env("CLIPPINGS_LANG", "en")
            .args(arguments)
            .current_dir(env.path(""))
            .stdout(Stdio::null())
            .stderr(err)
            .status();
        status.unwrap().code()
    };
    let full = || Stdio::from(std::fs::File::create("/dev/full").unwrap());
    assert_eq!(run(&["add", "a.jsonl"], full()), Some(0));
    assert_eq!(run(&["show", "none"], full()), Some(2));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(run(&["remove", "1"], writer.into()), Some(0));
}

/// What is printed on standard output is complete, or the command fails.
#[cfg(target_os = "linux")]
#[test]
fn an_unwritable_standard_output_is_an_error() {
    let env = Env::new();
    env.write("a.jsonl", "{\"id\": \"1\", \"headline\": \"하나\"}\n");
    env.done("add a.jsonl");
    for arguments in [
        "--help",
        "--version",
        "help add",
        "search --help",
        "search 하나",
        "show 1",
        "stats",
        "check",
        "export --format csv",
        "trend 하나",
        "completions bash",
        "man",
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_clippings"))
            .env("CLIPPINGS_LANG", "en")
            .args(arguments.split(' '))
            .current_dir(env.path(""))
            .stdout(std::fs::File::create("/dev/full").unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments}: {output:?}");
        let err = String::from_utf8_lossy(&output.stderr);
        // A note on the answer may precede it.
        let is_error = err.lines().any(|line| line.starts_with("error: "));
        assert!(is_error, "{arguments}: {err}");
    }
}

/// A negative value is shown as typed, though a hyphen before a word of the query excludes it.
#[test]
fn a_negative_value_is_shown_as_typed() {
    let env = Env::new();
    let run = env.run("search 하나 -n -3");
    assert!(run.code == 2 && run.err.contains("'-3'"), "{run:?}");
}

#[test]
fn extreme_numbers_are_accepted() {
    let env = Env::new();
    env.write("a.jsonl", "{\"id\": \"1\", \"headline\": \"하나\"}\n");
    env.done("add a.jsonl --wait 18446744073709551615");
    let most = "18446744073709551615";
    let run = env.run(&format!("search 하나 --limit {most} --offset 1"));
    assert_eq!(
        (run.code, run.out.contains("1 clipping")),
        (0, true),
        "{run:?}"
    );
    assert_eq!(env.run(&format!("search 하나 --offset {most}")).code, 0);
    assert_eq!(
        env.run(&format!("search 하나 --snippet-chars {most}")).code,
        0
    );
}

#[test]
fn the_last_of_a_repeated_option_wins() {
    let env = Env::new();
    env.write(
        "a.jsonl",
        "{\"id\": \"1\", \"headline\": \"삼성 하나\"}\n{\"id\": \"2\", \"headline\": \"삼성 전자\"}\n",
    );
    env.done("add a.jsonl");
    let run = env.run("search 삼성 --limit 1 --limit 2 --format json --format jsonl");
    assert_eq!((run.code, run.out.lines().count()), (0, 2), "{run:?}");
    // A word to exclude is not an option.
    let run = env.run("search 삼성 -전자 --format jsonl");
    assert_eq!((run.code, run.out.lines().count()), (0, 1), "{run:?}");
    assert!(run.out.contains("하나"), "{run:?}");
}

#[test]
fn the_index_is_selected_by_option_variable_or_default() {
    let env = Env::new();
    env.write("a.jsonl", "{\"id\": \"1\", \"headline\": \"하나\"}\n");
    let elsewhere = env.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let run = |arguments: &[&str], variable: &str| {
        let command = env.command().current_dir(&elsewhere).args(arguments);
        let command = command.env("XDG_DATA_HOME", env.path("data"));
        command.env("CLIPPINGS_INDEX", variable).output().unwrap()
    };
    // An empty variable counts as unset.
    let output = run(&["add", "../a.jsonl"], "");
    assert!(output.status.success(), "{output:?}");
    assert!(env.path("data/clippings/index/clippings.json").exists());
    assert!(!elsewhere.join("index").exists());
    let output = run(&["stats"], "nowhere");
    let err = String::from_utf8(output.stderr).unwrap();
    let full = elsewhere.join("nowhere");
    assert!(err.contains(full.to_str().unwrap()), "{err}");
}

#[test]
fn json_output_is_a_single_document() {
    let env = Env::new();
    env.write(
        "a.jsonl",
        "{\"id\": \"1\", \"headline\": \"하나 둘\"}\n{\"id\": \"2\", \"headline\": \"둘\"}\n",
    );
    let added = env.run("add a.jsonl --format json");
    let added: serde_json::Value = serde_json::from_str(&added.out).unwrap();
    assert_eq!((&added["added"], &added["skipped"]), (&2.into(), &0.into()));
    env.write("q.tsv", "a\t하나\nb\t둘\n");
    env.done("saved add 하나 하나");
    env.done("saved add 둘 둘");
    for (arguments, size) in [
        ("search 둘 --format json --facets", None),
        ("search --batch q.tsv --format json", Some(2)),
        ("saved run 하나 둘 --format json", Some(2)),
        ("show 1 2 --format json", Some(2)),
        ("show 1 --format json", None),
        ("extract a.jsonl --format json", Some(2)),
        ("digest --peek --format json", Some(2)),
        ("trend 둘 --format json", None),
        ("related 둘 --format json", None),
    ] {
        let run = env.run(arguments);
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&run.out);
        let value = parsed.unwrap_or_else(|e| panic!("{arguments}: {e}: {run:?}"));
        assert_eq!(value.as_array().map(Vec::len), size, "{arguments}: {value}");
    }
    let value: serde_json::Value =
        serde_json::from_str(&env.run("search 둘 --format json --facets").out).unwrap();
    assert!(value["facets"]["outlets"].is_array(), "{value}");
    let csv = env.run("search 둘 --format csv --facets");
    assert!(csv.err.contains("csv output has no counts"), "{csv:?}");
}

#[test]
fn a_batch_names_the_invalid_line() {
    let env = Env::new();
    env.write("a.jsonl", "{\"id\": \"1\", \"headline\": \"하나\"}\n");
    env.done("add a.jsonl");
    let run = env.run_with("search --batch -", "1\t하나\nno tab\n");
    assert!(
        run.err
            .contains("error: stdin line 2: expected id<TAB>query"),
        "{run:?}"
    );
    env.write(
        "q.tsv",
        b"1\t\xed\x95\x98\xeb\x82\x98\n2\t\xff\xfe\xff \xed\x95\x98\n",
    );
    let run = env.run("search --batch q.tsv");
    assert!(run.code == 2 && run.err.contains("q.tsv line 2"), "{run:?}");
    // Valid in Windows-1254, which no query is in.
    env.write("q.tsv", b"1\tq\n2\t\xff\xfe\n");
    let run = env.run("search --batch q.tsv");
    assert!(run.code == 2 && run.err.contains("q.tsv line 2"), "{run:?}");
    // CP949.
    env.write("q.tsv", b"1\t\xc7\xcf\xb3\xaa\n");
    env.done("search --batch q.tsv --format trec");
}

#[test]
fn commands_offer_only_their_own_formats() {
    let env = Env::new();
    for (command, writes, writes_not) in [
        (
            "export",
            &["jsonl", "csv", "tsv", "markdown", "xlsx", "clipbook"][..],
            &["trec", "svg"][..],
        ),
        (
            "search",
            &["text", "json", "jsonl", "csv", "trec"],
            &["xlsx", "svg", "markdown"],
        ),
        (
            "trend",
            &["text", "csv", "tsv", "json", "svg"],
            &["jsonl", "trec"],
        ),
        ("saved list", &["text", "json"], &["jsonl", "csv"]),
        ("stats", &["text", "json"], &["csv"]),
    ] {
        let help = env.run(&format!("{command} --help")).out;
        let listed = help.split("--format <FORMAT>").nth(1).unwrap();
        let listed = listed.split("\n\n  -").next().unwrap();
        for format in writes {
            assert!(
                listed.contains(&format!("- {format}:")),
                "{command}: {listed}"
            );
        }
        for format in writes_not {
            assert!(
                !listed.contains(&format!("- {format}:")),
                "{command}: {listed}"
            );
            let run = env.run(&format!("{command} --format {format}"));
            assert_eq!(run.code, 2, "{run:?}");
            assert!(
                run.err.contains("possible values"),
                "{command} {format}: {run:?}"
            );
        }
    }
    // Commands without a format option do not complete formats.
    assert!(!env.run("reindex --help").out.contains("--format"));
}

#[test]
fn completions_include_outlets_and_saved_searches() {
    let env = Env::new();
    env.records(
        "in.jsonl",
        &[
            json!({"headline": "새 다리", "outlet": "한빛신문", "body": "다리를 놓는다."}),
            json!({"headline": "헌 다리", "outlet": "저녁신문", "body": "다리를 고친다."}),
        ],
    );
    env.done("add in.jsonl");
    env.done("saved add 다리-소식 다리");
    let complete = |words: &[&str]| {
        let last = (words.len() - 1).to_string();
        let output = env
            .command()
            .env("COMPLETE", "bash")
            .env("_CLAP_COMPLETE_INDEX", last)
            .env("_CLAP_IFS", "\n")
            .arg("--")
            .args(words)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let outlets = complete(&["clippings", "search", "--outlet", ""]);
    assert!(
        outlets.contains("한빛신문") && outlets.contains("저녁신문"),
        "{outlets}"
    );
    for words in [
        &["clippings", "digest", ""][..],
        &["clippings", "saved", "run", ""],
        &["clippings", "saved", "remove", "다"],
    ] {
        let names = complete(words);
        assert!(names.contains("다리-소식"), "{words:?}: {names}");
    }
    let query = complete(&["clippings", "search", "@"]);
    assert!(query.contains("@다리-소식"), "{query}");
    let formats = complete(&["clippings", "saved", "list", "--format", ""]);
    assert!(
        formats.contains("json") && !formats.contains("csv"),
        "{formats}"
    );
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = env.run(&format!("completions {shell}")).out;
        assert!(
            script.contains("COMPLETE") && script.contains("clippings"),
            "{shell}: {script}"
        );
    }
}

#[test]
fn folders_that_are_not_indexes_are_reported() {
    let env = Env::new();
    env.write("photo.jpg", b"\xff\xd8\xff\xe0 JFIF");
    for command in [
        "search 다리",
        "stats",
        "check",
        "add photo.jpg",
        "export 다리",
    ] {
        let run = env.run(&format!("--index photo.jpg {command}"));
        assert_eq!(run.code, 2, "{command}: {run:?}");
        assert!(
            run.err.contains("not an index of clippings: photo.jpg"),
            "{command}: {run:?}"
        );
        assert!(
            run.err.contains("hint: specify another folder"),
            "{command}: {run:?}"
        );
    }
    assert_eq!(
        std::fs::read(env.path("photo.jpg")).unwrap(),
        b"\xff\xd8\xff\xe0 JFIF"
    );
}

#[cfg(unix)]
#[test]
fn an_index_without_permissions_is_reported() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    let env = Env::new();
    env.records(
        "in.jsonl",
        &[json!({"headline": "새 다리", "body": "다리를 놓는다."})],
    );
    env.done("add in.jsonl");
    let set = |mode| fs::set_permissions(env.path("index"), Permissions::from_mode(mode)).unwrap();
    set(0o000);
    // Permissions do not apply to root.
    if fs::read_dir(env.path("index")).is_ok() {
        set(0o755);
        return;
    }
    for command in ["search 다리", "stats", "check", "add in.jsonl"] {
        let run = env.run(command);
        assert_eq!(run.code, 2, "{command}: {run:?}");
        assert!(
            run.err.contains("denied") && run.err.contains("permissions"),
            "{command}: {run:?}"
        );
    }
    set(0o755);
    assert_eq!(env.count(), 1);
}
