//! Korean and English: snapshots of all help texts, and no output in the other language.
//!
//! `UPDATE_SNAPSHOTS=1` rewrites `tests/data/help.*.txt`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use unicode_width::UnicodeWidthStr;

use crate::env::{Env, Run, body};

fn is_hangul(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

fn run(env: &Env, lang: &str, arguments: &[&str]) -> Run {
    let all = [&["--lang", lang], arguments].concat();
    env.run_with_arguments(&all)
}

/// All commands, including subcommands of `saved`.
fn commands(env: &Env) -> Vec<Vec<String>> {
    let of = |path: &[String]| -> Vec<String> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let help = run(env, "en", &[&["help"], path.as_slice()].concat()).out;
        let Some((_, listed)) = help.split_once("Commands:\n") else {
            return Vec::new();
        };
        let lines = listed.lines().take_while(|line| !line.is_empty());
        // Continuation lines of descriptions are indented further.
        let lines = lines.filter(|line| !line.starts_with("   "));
        lines
            .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
            .collect()
    };
    let mut all = vec![Vec::new()];
    for name in of(&[]) {
        let path = vec![name];
        let inner = of(&path);
        all.push(path.clone());
        all.extend(inner.into_iter().map(|sub| vec![path[0].clone(), sub]));
    }
    all
}

fn snapshot(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

#[test]
fn help_equals_the_snapshot() {
    let env = Env::new();
    let commands = commands(&env);
    assert!(commands.len() > 20, "{commands:?}");
    for lang in ["ko", "en"] {
        let mut all = String::new();
        for path in &commands {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let help = run(&env, lang, &[path.as_slice(), &["--help"]].concat());
            assert_eq!(
                (help.code, help.err.as_str()),
                (0, ""),
                "{path:?}: {help:?}"
            );
            all += &format!("$ clippings {} --help\n{}\n", path.join(" "), help.out);
        }
        let file = snapshot(&format!("help.{lang}.txt"));
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&file, &all).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap();
        snapbox::assert_data_eq!(all, snapbox::Data::text(kept).raw());
    }
}

#[test]
fn help_fits_the_terminal() {
    let env = Env::new();
    for lang in ["ko", "en"] {
        for path in commands(&env) {
            let command = env
                .command()
                .env("COLUMNS", "80")
                .env("CLIPPINGS_LANG", lang);
            let output = command.args(&path).arg("--help").output().unwrap();
            let help = String::from_utf8(output.stdout).unwrap();
            assert!(!help.is_empty());
            for line in help.lines() {
                // Examples are not wrapped, so that they can be copied.
                let is_example = line.starts_with("  clippings ") || line.starts_with("  curl ");
                assert!(is_example || line.width() <= 80, "{path:?}: {line}");
            }
        }
    }
}

/// Finds two English words in a row outside of code, which Korean texts never have.
fn english(text: &str) -> Option<String> {
    let mut outside = String::new();
    for (n, part) in text.split('`').enumerate() {
        outside += if n % 2 == 0 { part } else { "·" };
    }
    let is_word = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let words: Vec<&str> = outside.split_whitespace().collect();
    words
        .windows(2)
        .find(|pair| pair.iter().all(|word| is_word(word)))
        .map(|pair| pair.join(" "))
}

#[test]
fn help_is_in_one_language() {
    let env = Env::new();
    for path in commands(&env) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        for flag in ["-h", "--help"] {
            let korean = run(&env, "ko", &[path.as_slice(), &[flag]].concat()).out;
            // Examples and value names are the same in both languages.
            let sentences: Vec<&str> = korean
                .lines()
                .filter(|line| !line.trim_start().starts_with("clippings "))
                .filter(|line| !line.contains("BROWSER=") && !line.contains("curl "))
                .filter(|line| !line.starts_with("사용법: clippings "))
                .collect();
            for line in &sentences {
                assert_eq!(english(line), None, "{path:?} {flag}: {line}");
            }
            for word in [
                "Usage",
                "Options",
                "Arguments",
                "Commands",
                "default:",
                "possible",
                "Print",
            ] {
                assert!(
                    !korean.contains(word),
                    "{path:?} {flag}: {word} in {korean}"
                );
            }
            assert!(korean.contains("사용법: clippings"), "{path:?}: {korean}");
            let english = run(&env, "en", &[path.as_slice(), &[flag]].concat()).out;
            for word in ["사용법", "옵션", "인수", "기본값", "니다"] {
                assert!(
                    !english.contains(word),
                    "{path:?} {flag}: {word} in {english}"
                );
            }
        }
    }
}

#[test]
fn argument_errors_are_translated() {
    let env = Env::new();
    for (line, says) in [
        ("serach 다리", "없는 명령입니다: 'serach'"),
        ("search --outlte 가", "없는 옵션입니다: '--outlte'"),
        ("copy 가", "쓸 수 없는 인수입니다: '가'"),
        ("serch 가", "혹시 'search', 'serve'인가요?"),
        ("search --limit", "'--limit <N>'에 값이 없습니다"),
        (
            "search --limit 많이",
            "'많이'는 '--limit <N>'에 쓸 수 없는 값입니다",
        ),
        (
            "search --sort best",
            "'best'은(는) '--sort <순서>'에 쓸 수 없는 값입니다",
        ),
        ("search --format xlsx", "쓸 수 있는 값: text, json"),
        ("show", "빠진 것이 있습니다: <ID>"),
        ("saved", "명령"),
        ("-q -v search", "함께 쓸 수 없습니다"),
        ("add --date 어제 a.html", "'어제'는 날짜가 아닙니다"),
        ("add --max-size x a.html", "500K, 100M, 2G처럼 쓰세요"),
        ("add --path-rule {x} a.html", "없는 항목입니다: '{x}'"),
        ("add --map 제목 a.csv", "'='가 없습니다"),
        ("add --timeout 0 a.html", "1부터 3600까지의 정수를 쓰세요"),
        ("add --threads x a.html", "1부터 256까지의 정수를 쓰세요"),
        (
            "serve --listen 300.1.1.1:1",
            "127.0.0.1:7700처럼 주소와 포트를 쓰세요",
        ),
        ("help nothing", "없는 명령입니다: 'nothing'"),
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        let output = run(&env, "ko", &arguments);
        assert_eq!(output.code, 2, "{line}: {output:?}");
        assert!(output.err.contains(says), "{line}: {}", output.err);
        for word in ["error", "Usage", "try", "tip", "value"] {
            assert!(
                !output.err.contains(word),
                "{line}: {word} in {}",
                output.err
            );
        }
        let output = run(&env, "en", &arguments);
        assert_eq!(output.code, 2, "{line}: {output:?}");
        let own: String = output.err.replace(line, "");
        for word in ["오류", "도움말", "사용법", "니다", "세요"] {
            assert!(!own.contains(word), "{line}: {word} in {own}");
        }
    }
}

/// All output of commands, except text of clippings.
#[test]
fn output_is_in_one_language() {
    let env = Env::new();
    // Clippings without Hangul, so that all Hangul is the program's.
    let record = |n: usize| {
        json!({"id": format!("r-{n}"), "headline": format!("Bridge {n}"), "outlet": if n.is_multiple_of(2) { "KBS" } else { "MBC" },
            "published": format!("2024-02-1{}", n % 9), "url": format!("https://news.example/{n}"),
            "body": format!("ARTICLE{n} TEXT{n} BRIDGE{}", n % 3)})
    };
    let records: Vec<_> = (0..8).map(record).collect();
    env.records("in.jsonl", &records);
    env.write("bad.jsonl", "{}\n");
    env.write("photo.jpg", b"\xff\xd8\xff\xe0 JFIF");
    env.write("empty.html", "");
    env.records(
        "copies.jsonl",
        &[
            json!({"id": "c-1", "headline": "STORY", "outlet": "KBS", "body": body(1)}),
            json!({"id": "c-2", "headline": "STORY", "outlet": "YTN", "body": body(1)}),
        ],
    );
    let commands: &[&[&str]] = &[
        &["stats"],
        &[
            "add",
            "-v",
            "in.jsonl",
            "copies.jsonl",
            "bad.jsonl",
            "photo.jpg",
            "empty.html",
            "gone.html",
        ],
        &["add", "in.jsonl"],
        &["stats"],
        &["stats", "--skipped"],
        &["search", "BRIDGE1"],
        &["search", "--facets", "--explain", "BRIDGE1 ARTICLE4"],
        &["search", "NOTHINGHERE"],
        &["search", "BRIDGE1 NOTHINGHERE"],
        &["search", "\"BRIDGE1"],
        &["search", "date:2024-13"],
        &["search", "STORY"],
        &["search", "--outlet", "KBX"],
        &["search", "--from", "2024-05", "--to", "2024-01"],
        &["search", "--batch", "bad.jsonl"],
        &["ls"],
        &["show", "r-1"],
        &["show", "c-1"],
        &["show", "x-9"],
        &["show", "r"],
        &["show", "--page", "r-1"],
        &["open", "c-1"],
        &["trend", "BRIDGE1", "BRIDGE2", "--by", "day"],
        &["trend", "NOTHINGHERE"],
        &["related", "BRIDGE1"],
        &["related"],
        &["analyze", "ABC"],
        &["export", "BRIDGE1", "-o", "out.csv"],
        &["export", "BRIDGE1", "--format", "markdown"],
        &["export", "BRIDGE1", "--format", "clipbook"],
        &["export", "BRIDGE1", "-o", "nowhere/out.csv"],
        &["export", "BRIDGE1", "-o", "out.pdf"],
        &["export", "BRIDGE1", "out.csv"],
        &["saved", "list"],
        &["digest"],
        &["saved", "add", "b", "BRIDGE1"],
        &["saved", "add", "b", "BRIDGE1"],
        &["saved", "add", "a b", "x"],
        &["saved", "list"],
        &["saved", "run", "nothing"],
        &["digest"],
        &["digest"],
        &["digest", "--since", "soon"],
        &["remove", "--query", "BRIDGE2"],
        &["remove", "r-1"],
        &["restore"],
        &["restore"],
        &["reindex"],
        &["check"],
        &["extract", "photo.jpg", "empty.html"],
        &["--index", "photo.jpg", "search", "x"],
        &["--index", "none", "search", "x"],
    ];
    // Run all commands in each language, starting from the same state.
    for lang in ["en", "ko"] {
        let _ = fs::remove_dir_all(env.path("index"));
        fs::create_dir(env.path("index")).unwrap();
        for arguments in commands {
            let output = run(&env, lang, arguments);
            assert!((0..=2).contains(&output.code), "{arguments:?}: {output:?}");
            for line in output.out.lines().chain(output.err.lines()) {
                match lang {
                    "en" => {
                        // Examples of queries are Korean, and so are the bodies in `copies.jsonl`.
                        let own = line.replace("오늘", "").replace("삼성*", "");
                        let is_text = arguments.contains(&"c-1") || arguments.contains(&"STORY");
                        // CSS of clip books names Korean fonts.
                        let is_own =
                            is_text || line.contains("font:") || !own.chars().any(is_hangul);
                        assert!(is_own, "{arguments:?}: {line}");
                    }
                    _ => {
                        // HTML has scripts and styles; `analyze` prints tags of parts of speech.
                        let is_html =
                            arguments.contains(&"clipbook") || arguments.contains(&"analyze");
                        assert!(is_html || english(line).is_none(), "{arguments:?}: {line}");
                        for word in ["error", "hint:", "note:", "warning:", "skipped", "added"] {
                            assert!(is_html || !line.contains(word), "{arguments:?}: {line}");
                        }
                    }
                }
            }
        }
    }
}

/// The provenance of fields names markup in both languages, and everything else in one.
#[test]
fn provenance_is_in_one_language() {
    let env = Env::new();
    let sentence = "THE BRIDGE OPENED TODAY AND CARRIES TRAINS OVER THE RIVER. ".repeat(8);
    let article = format!(
        r#"<!doctype html><meta charset="utf-8"><title>BRIDGE OPENS</title>
<meta property="og:title" content="BRIDGE OPENS"><meta property="og:type" content="article">
<meta property="article:published_time" content="2024-02-22T10:31:00+09:00">
<h1>BRIDGE OPENS</h1><h2 class="sub_title">RIVER CROSSED AFTER YEARS</h2>
<div class="article_view"><figure><img src="a.jpg" alt=""><p>THE BRIDGE AT NIGHT</p></figure>
<p>{sentence}</p><p>{sentence}</p></div>"#
    );
    env.write("article.html", article);
    env.write(
        "login.html",
        "<!doctype html><title>LOGIN</title><form><input type=password></form><p>ENTER</p>",
    );
    for (lang, labels) in [
        (
            "en",
            [
                "article: +",
                "headline: ",
                "published: article:published_time",
            ],
        ),
        (
            "ko",
            ["기사 여부: +", "제목: ", "날짜: article:published_time"],
        ),
    ] {
        let output = run(&env, lang, &["extract", "-v", "article.html", "login.html"]);
        assert_eq!(output.code, 0, "{output:?}");
        for label in labels {
            assert!(output.err.contains(label), "{label}: {}", output.err);
        }
        // Of the article and of the page that is none.
        assert_eq!(
            output
                .err
                .matches(&labels[0][..labels[0].len() - 1])
                .count(),
            2
        );
        for line in output.err.lines() {
            match lang {
                "en" => assert!(!line.chars().any(is_hangul), "{line}"),
                _ => assert_eq!(english(line), None, "{line}"),
            }
        }
    }
}

#[test]
fn keys_codes_and_formats_are_the_same_in_both_languages() {
    let env = Env::new();
    env.records(
        "in.jsonl",
        &[json!({"id": "a", "headline": "다리", "body": "다리를 놓는다."})],
    );
    env.done("add in.jsonl");
    for line in [
        "search --format jsonl 다리",
        "search --format csv 다리",
        "search --format trec 다리",
        "show --format json a",
        "stats --format json",
        "trend --format csv 다리",
        "related --format tsv 다리",
        "export --format csv 다리",
        "saved list --format json",
        "analyze --format json 다리를",
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        let [ko, en] = ["ko", "en"].map(|lang| run(&env, lang, &arguments));
        assert_eq!((ko.code, &ko.out), (en.code, &en.out), "{line}");
    }
}

#[test]
fn the_environment_selects_the_language() {
    let env = Env::new();
    let output = |variables: &[(&str, &str)]| {
        let mut command = env.command().env_remove("CLIPPINGS_LANG");
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            command = command.env_remove(name);
        }
        for (name, value) in variables {
            command = command.env(name, value);
        }
        let output = command.args(["search", "다리"]).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        if err.starts_with("오류: ") {
            "ko"
        } else {
            "en"
        }
    };
    assert_eq!(output(&[]), "en");
    assert_eq!(output(&[("LANG", "ko_KR.UTF-8")]), "ko");
    assert_eq!(output(&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C")]), "en");
    assert_eq!(
        output(&[("LANG", "en_US.UTF-8"), ("CLIPPINGS_LANG", "ko")]),
        "ko"
    );
}

#[test]
fn man_pages_are_in_both_languages() {
    let env = Env::new();
    let page = run(&env, "ko", &["man"]).out;
    for heading in [".SH 이름", ".SH 개요", ".SH 설명", "공통 옵션"] {
        assert!(page.contains(heading), "{heading}: {page}");
    }
    assert!(!page.contains(".SH NAME"), "{page}");
    let page = run(&env, "en", &["man"]).out;
    assert!(page.contains(".SH NAME"), "{page}");
    let written = run(&env, "ko", &["man", "--dir", "man"]);
    assert_eq!(written.code, 0, "{written:?}");
    let page = fs::read_to_string(env.path("man/clippings-saved-add.1")).unwrap();
    assert!(page.contains("검색에 이름을 붙여 저장합니다"), "{page}");
}

/// Damages files of an index one by one: a term dictionary, a record store, the list of segments,
/// user files.
#[test]
fn damage_is_described_in_one_language() {
    for lang in ["en", "ko"] {
        for damage in [
            "term",
            "store",
            "idx",
            "meta.json",
            "saved.json",
            "config.json",
        ] {
            let env = Env::new();
            let record = json!({"id": "r-1", "headline": "BRIDGE", "body": "ARTICLE"});
            env.records("in.jsonl", &[record]);
            env.done("add in.jsonl");
            env.done("saved add b BRIDGE");
            let own = |name: &str| env.path("index").join(name);
            match damage {
                "saved.json" => fs::write(own(damage), r#"{"version": "1"}"#).unwrap(),
                "config.json" => fs::write(own(damage), r#"{"words": 1}"#).unwrap(),
                _ => {
                    let entries = fs::read_dir(own("data-1")).unwrap();
                    let mut paths = entries.map(|entry| entry.unwrap().path());
                    let file = paths
                        .find(|path| path.to_string_lossy().ends_with(damage))
                        .unwrap();
                    let mut bytes = fs::read(&file).unwrap();
                    bytes[0] ^= 1;
                    fs::remove_file(&file).unwrap();
                    fs::write(&file, bytes).unwrap();
                }
            }
            let mut said = String::new();
            for arguments in [
                ["check"].as_slice(),
                &["search", "@b"],
                &["reindex"],
                &["add", "in.jsonl"],
            ] {
                let output = run(&env, lang, arguments);
                said += &output.out;
                said += &output.err;
            }
            assert!(
                said.contains(if lang == "ko" { "오류: " } else { "error: " }),
                "{damage}: {said}"
            );
            for line in said.lines() {
                match lang {
                    "en" => assert!(!line.contains(is_hangul), "{damage}: {line}"),
                    _ => assert_eq!(english(line), None, "{damage}: {line}"),
                }
            }
        }
    }
}
