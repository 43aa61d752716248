//! The import rules: no module imports one above it, only two import tantivy, and the outer modules
//! do not import `search` and `index`.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules, lowest first. A module may import those before it.
const MODULES: &[&str] = &[
    "atomic_file",
    "korean_time",
    "cpu_time",
    "clipping",
    "cache",
    "hangul",
    "compose",
    "small_file",
    "analyze",
    "source",
    "extract",
    "query",
    "index",
    "saved",
    "search",
    "ingest",
    "app",
    "messages",
    "report",
    "web",
    "cli",
];

/// The only folders that may import tantivy.
const ENGINE_FOLDERS: &[&str] = &["index/engine/", "search/local/"];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file: its path below `src`, and its code without comments.
fn sources() -> Vec<(String, String)> {
    let mut folders = vec![src()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let is_code = |line: &&str| !line.trim_start().starts_with("//");
                let code: Vec<&str> = text.lines().filter(is_code).collect();
                let name = path.strip_prefix(src()).unwrap().to_str().unwrap();
                sources.push((name.replace('\\', "/"), code.join("\n")));
            }
        }
    }
    assert!(sources.len() > 100);
    sources
}

/// The modules that code imports: `crate::module` and `crate::{module, other::item}`.
fn imported_modules(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (_, rest) in code
        .match_indices("crate::")
        .map(|(at, m)| code.split_at(at + m.len()))
    {
        let mut depth = 0;
        let mut name = String::new();
        for c in rest.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => {
                    names.push(std::mem::take(&mut name));
                    continue;
                }
                c if depth <= 1 => name.push(c),
                _ => {}
            }
            if depth == 0 && !(c.is_alphanumeric() || c == '_' || c == '}') {
                break;
            }
        }
        names.push(name);
    }
    let first = |name: String| {
        let name = name.trim().split("::").next().unwrap_or_default();
        let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        name[..end.unwrap_or(name.len())].to_owned()
    };
    names.into_iter().map(first).collect()
}

#[test]
fn no_module_imports_one_above_it() {
    let rank = |module: &str| MODULES.iter().position(|r| *r == module);
    for (file, code) in sources() {
        let module = file.split(['/', '.']).next().unwrap();
        let Some(own) = rank(module) else {
            assert!(
                matches!(module, "lib" | "main"),
                "{file}: module missing from MODULES"
            );
            continue;
        };
        for named in imported_modules(&code) {
            if let Some(other) = rank(&named) {
                assert!(other <= own, "{file} imports {named}");
            }
        }
    }
}

#[test]
fn outer_modules_do_not_import_search_and_index() {
    for (file, code) in sources() {
        let is_outer = ["cli/", "report/", "web/"]
            .iter()
            .any(|module| file.starts_with(module));
        if is_outer {
            for named in imported_modules(&code) {
                assert!(
                    !["search", "index", "saved", "ingest"].contains(&named.as_str()),
                    "{file} imports {named}"
                );
            }
        }
    }
}

#[test]
fn only_two_modules_import_tantivy() {
    for (file, code) in sources() {
        let may = ENGINE_FOLDERS.iter().any(|module| file.starts_with(module));
        assert!(may || !code.contains("tantivy::"), "{file} imports tantivy");
    }
}

/// `index::engine` is below the other modules of the index. Its tests write and read whole indexes.
#[test]
fn the_engine_is_the_lowest_module_of_the_index() {
    for (file, code) in sources() {
        if file.starts_with("index/engine/") && !file.ends_with("tests.rs") {
            for module in ["index::write", "index::read"] {
                assert!(!code.contains(module), "{file} imports {module}");
            }
        }
    }
}

#[test]
fn imports_are_parsed() {
    let named = imported_modules(
        "use crate::index::{A, B};\nuse crate::{clipping, search::x};\ncrate::app::today()",
    );
    assert_eq!(named, ["index", "clipping", "search", "app"]);
}
