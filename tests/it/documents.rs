//! README and guide: commands print the output shown, and links resolve.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use clippings::messages::Lang;
use clippings::messages::operators::OPERATORS;
use serde_json::Value;

use crate::env::Env;

/// Root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All documents: in the root and in `docs/`, `benches/` and `ko-dic/`.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap_or_default();
            let at_top = folder == root();
            if path.is_dir() {
                if !at_top || matches!(name, "docs" | "benches" | "ko-dic") {
                    folders.push(path);
                }
            } else if name.ends_with(".md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Lines outside of fenced code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// Anchors of headings as GitHub and mdBook generate them: lower case, hyphens for spaces, no other
/// punctuation, repeated names numbered.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen = BTreeMap::new();
    let headings = prose(text).filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
            let count = seen.entry(anchor.clone()).or_insert(0);
            *count += 1;
            match *count {
                1 => anchor,
                n => format!("{anchor}-{}", n - 1),
            }
        })
        .collect()
}

/// Targets of links and images, outside of code spans.
fn targets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        let outside: Vec<&str> = line.split('`').step_by(2).collect();
        let line = outside.join("``");
        for part in line.split("](").skip(1) {
            if let Some((target, _)) = part.split_once(')') {
                found.push(target.to_owned());
            }
        }
    }
    found
}

#[test]
fn links_resolve() {
    let mut broken = Vec::new();
    let mut checked = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for target in targets(&text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            checked += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let file = match path {
                "" => document.clone(),
                path => document.parent().unwrap().join(path),
            };
            let sound = if anchor.is_empty() {
                file.exists()
            } else {
                fs::read_to_string(&file).is_ok_and(|text| anchors(&text).contains(anchor))
            };
            if !sound {
                let document = document.strip_prefix(root()).unwrap().display();
                broken.push(format!("{document}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(checked > 50, "only {checked} links");
}

#[test]
fn guide_pages_exist_in_both_languages_and_in_the_summary() {
    let pages = |language: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(root().join("docs").join(language)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".md")).collect()
    };
    let korean = pages("ko");
    assert_eq!(korean, pages("en"));
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let listed: BTreeSet<String> = targets(&summary).into_iter().collect();
    for page in korean {
        for language in ["ko", "en"] {
            let page = format!("{language}/{page}");
            assert!(listed.contains(&page), "{page} is not in SUMMARY.md");
        }
    }
}

#[test]
fn the_guide_documents_every_api_path() {
    let openapi = fs::read_to_string(root().join("openapi.json")).unwrap();
    let openapi: Value = serde_json::from_str(&openapi).unwrap();
    for language in ["ko", "en"] {
        let guide = root().join("docs").join(language).join("api.md");
        let guide = fs::read_to_string(guide).unwrap();
        for (path, methods) in openapi["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                let row = format!("`{} {path}`", method.to_uppercase());
                assert!(guide.contains(&row), "docs/{language}/api.md: no {row}");
            }
        }
    }
}

/// A code span in a table cell.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

#[test]
fn the_guide_has_the_table_of_operators() {
    for (language, lang) in [("ko", Lang::Ko), ("en", Lang::En)] {
        let guide = root().join("docs").join(language).join("query.md");
        let guide = fs::read_to_string(guide).unwrap();
        let rows: Vec<&str> = guide
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        let expected: Vec<String> = OPERATORS
            .iter()
            .map(|operator| {
                let forms: Vec<String> = operator.forms.iter().map(|form| code(form)).collect();
                let forms = forms.join(", ");
                let meaning = match lang {
                    Lang::Ko => operator.ko,
                    Lang::En => operator.en,
                };
                format!("| {forms} | {meaning} | {} |", code(operator.example))
            })
            .collect();
        assert_eq!(rows, expected);
    }
}

#[test]
fn every_operator_finds_something_in_the_samples() {
    let env = Env::new();
    let fixtures = root().join("fixtures");
    env.done(&format!("add {}", fixtures.display()));
    env.run_with_arguments(&["saved", "add", "ai", "생성형 AI"]);
    let queries = OPERATORS.iter().map(|operator| operator.example);
    let batch: Vec<String> = queries
        .clone()
        .map(|query| format!("{query}\t{query}"))
        .collect();
    env.write("queries.tsv", batch.join("\n"));
    let run = env.run("search --batch queries.tsv --format json");
    assert_eq!(run.code, 0, "{run:?}");
    let answers: Value = serde_json::from_str(&run.out).unwrap();
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), OPERATORS.len());
    for (query, answer) in queries.zip(answers) {
        assert_eq!(answer["id"], query);
        assert!(answer["total"].as_u64().unwrap() > 0, "{query}: {answer}");
        let notes = answer["notes"].as_array().unwrap();
        assert!(notes.is_empty(), "{query}: {notes:?}");
    }
}

/// A command in a console block and the output shown below it.
struct Step {
    command: String,
    shown: String,
}

/// Commands of all console blocks of a document.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut console = false;
    for line in text.lines() {
        if line.starts_with("```") {
            console = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| console) {
            let command = command.replace("cargo run --release -- ", "clippings ");
            steps.push(Step {
                command,
                shown: String::new(),
            });
        } else if let Some(step) = steps.last_mut().filter(|_| console) {
            step.shown += line;
            step.shown.push('\n');
        }
    }
    steps
}

/// Removes durations from a summary, which differ from run to run.
fn without_times(text: &str) -> String {
    let time = regex::Regex::new(r"\b\d+\.\d+ ?(s\b|초)").unwrap();
    time.replace_all(text, "0.0 s").into_owned()
}

/// Runs the commands of a document in order, in a folder that contains `fixtures/`.
#[cfg(unix)]
#[track_caller]
fn commands_run(document: &str, language: &str) {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let env = Env::new();
    copy(&root().join("fixtures"), &env.path("fixtures"));
    let program = Path::new(env!("CARGO_BIN_EXE_clippings")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let steps = steps(&text);
    assert!(!steps.is_empty(), "{document}: no commands");
    for Step { command, shown } in steps {
        let output = std::process::Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(env.path(""))
            .env("PATH", format!("{}:{path}", program.display()))
            .env("HOME", env.path(""))
            .env("NO_COLOR", "1")
            .env("CLIPPINGS_LANG", language)
            .env_remove("CLIPPINGS_INDEX")
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{document}: $ {command}\n{printed}"
        );
        if !shown.is_empty() {
            let (printed, shown) = (without_times(&printed), without_times(&shown));
            snapbox::assert_data_eq!(printed, shown);
        }
    }
}

#[cfg(unix)]
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[cfg(unix)]
#[test]
fn commands_of_the_readme_run() {
    commands_run("README.md", "en");
}

#[cfg(unix)]
#[test]
fn commands_of_the_korean_readme_run() {
    commands_run("README.ko.md", "ko");
}

#[cfg(unix)]
#[test]
fn commands_of_the_guide_run() {
    for (folder, language) in [("docs/en", "en"), ("docs/ko", "ko")] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let document = format!("{folder}/{name}");
            let text = fs::read_to_string(root().join(&document)).unwrap();
            if text.contains("```console") {
                commands_run(&document, language);
            }
        }
    }
}
