//! Oversized inputs: each is read or refused in one line, with bounded memory, and the files beside
//! it are added.
//!
//! Every run uses small versions. `CLIPPINGS_OVERSIZED=all cargo test --release --test it oversized
//! -- --nocapture` creates the inputs in full size, one by one (20 GB are written to the temporary
//! folder and removed), and prints a table: input, size, seconds of CPU time, peak memory
//! (`VmHWM`), and the reason given. `CLIPPINGS_OVERSIZED=name,name` selects inputs;
//! `CLIPPINGS_PROGRAM` names another build of the program to measure.
//!
//! `CLIPPINGS_QUERIED=FOLDER` runs the hostile queries on an index of your own and prints their table.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::env::{Env, body, program};
use crate::formats::shared;

/// Default limit of a page or record, in bytes.
const LIMIT: usize = 100 << 20;

/// Factor by which the inputs of a normal run are smaller.
const SMALLER: usize = 400;

/// Memory limit in MB: several times the need of a page of maximum size.
const MAX_MEMORY: u64 = 3_000;

/// An input: name, generator, and expected reason (empty if it is added).
struct Case {
    name: &'static str,
    file: &'static str,
    /// Writes the input; `size` is the limit of a page.
    make: fn(size: usize, out: &mut dyn Write),
    reason: &'static str,
    /// Expected reason in a small run, which does not reach limits that do not scale.
    reason_small: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "only the valid record",
        file: "a.txt",
        make: |_, out| drop(out.write_all(b"\n")),
        reason: "empty",
        reason_small: "empty",
    },
    Case {
        name: "one line of JSON Lines, ten times the limit",
        file: "a.jsonl",
        make: |size, out| framed(out, "{\"headline\": \"", "가", size * 10, "\"}\n"),
        reason: "larger than",
        reason_small: "larger than",
    },
    Case {
        name: "one line of text, ten times the limit",
        file: "a.txt",
        make: |size, out| framed(out, "제목", "끝없는 한 줄 ", size * 10, ""),
        reason: "larger than",
        reason_small: "larger than",
    },
    Case {
        name: "a page of HTML, five times the limit",
        file: "a.html",
        make: |size, out| framed(out, "<html><body>", "<p>문단이 이어진다.</p>", size * 5, ""),
        reason: "larger than",
        reason_small: "larger than",
    },
    Case {
        name: "a record of JSON Lines within the limit",
        file: "a.jsonl",
        make: |size, out| {
            framed(
                out,
                "{\"id\": \"a\", \"headline\": \"길다\", \"body\": \"",
                "가람시가 새 다리를 놓는다. ",
                size - 100,
                "\"}\n",
            );
        },
        reason: "",
        reason_small: "",
    },
    Case {
        name: "a text within the limit",
        file: "a.txt",
        make: |size, out| {
            framed(
                out,
                "긴 글\n\n",
                "가람시가 새 다리를 놓는다고 밝혔다. ",
                size - 100,
                "",
            )
        },
        reason: "",
        reason_small: "",
    },
    Case {
        name: "a page within the limit",
        file: "a.html",
        make: |size, out| {
            framed(
                out,
                "<html><head><meta property='article:published_time' content='2024-02-22'></head><body><h1>긴 글</h1>",
                "<p>가람시가 새 다리를 놓는다고 밝혔다.</p>",
                size - 100,
                "",
            )
        },
        reason: "",
        reason_small: "",
    },
    Case {
        name: "a page of nothing but tags",
        file: "a.html",
        make: |size, out| framed(out, "<html><body>", "<a>", size - 100, ""),
        reason: " ",
        reason_small: " ",
    },
    Case {
        name: "a page with a list in its metadata",
        file: "a.html",
        make: |size, out| {
            framed(
                out,
                "<html><script type='application/ld+json'>[0",
                ",0",
                size - 100,
                "]</script>",
            )
        },
        reason: " ",
        reason_small: " ",
    },
    Case {
        name: "a headline of a tenth of the limit",
        file: "a.jsonl",
        make: |size, out| {
            framed(
                out,
                "{\"id\": \"a\", \"headline\": \"",
                "가나 ",
                size / 10,
                "\"}\n",
            )
        },
        reason: "",
        reason_small: "",
    },
    Case {
        name: "a URL of a tenth of the limit",
        file: "a.jsonl",
        make: |size, out| {
            framed(
                out,
                "{\"headline\": \"가\", \"url\": \"https://hanbit.example/",
                "a",
                size / 10,
                "\"}\n",
            )
        },
        reason: "",
        reason_small: "",
    },
    Case {
        name: "a record with millions of names",
        file: "a.jsonl",
        make: |size, out| {
            framed(
                out,
                "{\"headline\": \"가\", \"reporters\": [\"\"",
                ",\"가\"",
                size - 100,
                "]}\n",
            )
        },
        reason: "a list has more than 10000 values",
        reason_small: "a list has more than 10000 values",
    },
    Case {
        name: "lines that are not records",
        file: "a.jsonl",
        make: |size, out| framed(out, "", "x\n", size, ""),
        reason: "not a record",
        reason_small: "not a record",
    },
    Case {
        name: "JSON nested to the limit",
        file: "a.json",
        make: |size, out| framed(out, "{\"headline\": ", "[", size - 100, ""),
        reason: "invalid JSON",
        reason_small: "invalid JSON",
    },
    Case {
        name: "a list of empty records",
        file: "a.json",
        make: |size, out| framed(out, "[{\"headline\": \"가\"}", ",{}", size - 100, "]"),
        reason: "neither headline nor body",
        reason_small: "neither headline nor body",
    },
    Case {
        name: "a search response with millions of items",
        file: "a.json",
        make: |size, out| {
            framed(
                out,
                "{\"items\": [{\"title\": \"가\", \"pubDate\": \"\"}",
                ",0",
                size - 100,
                "]}",
            )
        },
        reason: "neither headline nor body",
        reason_small: "neither headline nor body",
    },
    Case {
        name: "a row of nothing but separators",
        file: "a.csv",
        make: |size, out| framed(out, "제목,본문\n", ",", size - 100, ""),
        reason: "a row has more than 1048576 cells",
        reason_small: "",
    },
    Case {
        name: "endless keywords",
        file: "a.csv",
        make: |size, out| framed(out, "제목\t본문\t키워드\n가\t나\t", "다,", size - 100, "\n"),
        reason: "",
        reason_small: "",
    },
    Case {
        name: "a feed of empty items",
        file: "a.xml",
        make: |size, out| {
            framed(
                out,
                "<rss><channel>",
                "<item></item>",
                size - 100,
                "</channel></rss>",
            )
        },
        reason: " ",
        reason_small: " ",
    },
    Case {
        name: "a mail of empty parts",
        file: "a.eml",
        make: |size, out| {
            framed(
                out,
                "From: a@b.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n",
                "--b\n\n\n",
                size - 200,
                "--b--\n",
            );
        },
        reason: "malformed mail",
        reason_small: "mail without text",
    },
    Case {
        name: "a mail of nothing but header fields",
        file: "a.eml",
        make: |size, out| {
            framed(
                out,
                "From: a@b.example\nSubject: x\n",
                "a:\n",
                size - 200,
                "\n글",
            )
        },
        reason: "malformed mail",
        reason_small: "no article text found",
    },
    Case {
        name: "a gzip bomb",
        file: "a.jsonl.gz",
        make: |size, out| {
            let mut packed = flate2::write::GzEncoder::new(out, flate2::Compression::best());
            framed(&mut packed, "", " ", size * 40, "");
            packed.finish().unwrap();
        },
        reason: "times its size",
        reason_small: "larger than",
    },
    Case {
        name: "a zstd bomb",
        file: "a.jsonl.zst",
        make: |size, out| {
            let mut packed = zstd::Encoder::new(out, 1).unwrap();
            framed(&mut packed, "", " ", size * 40, "");
            packed.finish().unwrap();
        },
        reason: "times its size",
        reason_small: "larger than",
    },
    Case {
        name: "a tar archive with an endless name",
        file: "a.tar.gz",
        make: |size, out| {
            // Incompressible, so the ratio does not catch it.
            let mut packed = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
            let mut head = tar::Header::new_gnu();
            head.set_entry_type(tar::EntryType::GNULongName);
            head.set_path("././@LongLink").unwrap();
            head.set_size(size as u64 * 10);
            head.set_cksum();
            packed.write_all(head.as_bytes()).unwrap();
            let mut random = crate::env::Random::new(1);
            for _ in 0..size * 10 / 8 {
                packed.write_all(&random.next().to_ne_bytes()).unwrap();
            }
            packed.finish().unwrap();
        },
        reason: "unterminated header",
        reason_small: "unterminated header",
    },
    Case {
        name: "a ZIP bomb",
        file: "a.zip",
        make: |size, out| {
            let mut bytes = std::io::Cursor::new(Vec::new());
            let mut zip = zip::ZipWriter::new(&mut bytes);
            for n in 0..40 {
                zip.start_file(
                    format!("{n}.jsonl"),
                    zip::write::SimpleFileOptions::default(),
                )
                .unwrap();
                framed(&mut zip, "", " ", size, "");
            }
            zip.finish().unwrap();
            out.write_all(&bytes.into_inner()).unwrap();
        },
        reason: "times its size",
        reason_small: "",
    },
    Case {
        name: "a workbook of one string in many cells",
        file: "a.xlsx",
        make: |size, out| {
            let string = "가".repeat(size / 3_000);
            drop(out.write_all(&shared(&string, size.min(50_000_000) / 1_000)));
        },
        reason: "times its size",
        reason_small: "",
    },
];

/// Queries that cost more than they look: name and query.
fn hostile_queries() -> Vec<(&'static str, String)> {
    let words: Vec<String> = (0..6_000).map(|n| format!("낱말{n}")).collect();
    let quoted: String = words.iter().map(|word| format!("\"{word}\" ")).collect();
    vec![
        ("a ligature of 18 letters, 100 times", "ﷺ".repeat(100)),
        ("the same, quoted", format!("\"{}\"", "ﷺ".repeat(100))),
        ("thousands of words", words.join(" ")),
        ("thousands of quoted words", quoted),
        (
            "a quotation of thousands of words",
            format!("\"{}\"", words.join(" ")),
        ),
        (
            "thousands of words near each other",
            format!("\"{}\"~50", words.join(" ")),
        ),
        ("digits and commas", "1,".repeat(20_000)),
        (
            "digits and commas, quoted",
            format!("\"{}\"", "1,".repeat(20_000)),
        ),
        ("a prefix of 60 KB", format!("{}*", "가나다".repeat(7_000))),
        ("a word of 60 KB", "가나다".repeat(7_000)),
        (
            "a reporter of 100 KB",
            format!("기자:{}", "가".repeat(33_000)),
        ),
        (
            "nested brackets",
            format!("{}가{}", "(".repeat(20_000), ")".repeat(20_000)),
        ),
        ("nested negations", format!("{}가", "NOT ".repeat(20_000))),
        ("thousands of alternatives", words.join(" OR ")),
        (
            "short prefixes",
            "이* 그* 가* 시* 정* 대* 한* 사* ".repeat(120),
        ),
        ("a frequent verb, quoted", "\"했다\" ".repeat(200)),
        ("hundreds of verb forms", verb_forms().join(" ")),
        ("a distance of 2^32", "\"가 나\"~4294967296".to_owned()),
        ("an endless word", "가".repeat(40_000)),
    ]
}

/// Forms of frequent verbs.
fn verb_forms() -> Vec<String> {
    let stems = [
        "발표", "설명", "수사", "지적", "강조", "요구", "주장", "판단", "결정", "추진", "운영",
        "제공", "확인", "진행", "조사", "점검",
    ];
    let endings = [
        "했다",
        "하고",
        "하는",
        "했고",
        "했지만",
        "하면서",
        "하며",
        "하기",
        "해야",
        "했다고",
        "한다고",
        "하려는",
        "되는",
        "됐다",
        "되고",
        "되면서",
        "했던",
        "하라고",
        "하자고",
    ];
    let forms = |stem: &&str| endings.map(|ending| format!("{stem}{ending}"));
    stems.iter().flat_map(forms).collect()
}

/// Quoted forms are verified in the stored texts: too many are refused, since they could take
/// minutes.
#[test]
fn a_query_that_reads_the_texts_too_often_is_refused() {
    let env = Env::new();
    let forms = verb_forms();
    let records: Vec<_> = (0..400)
        .map(|n| {
            let of_each: Vec<&str> = forms
                .iter()
                .skip(n % 19)
                .step_by(19)
                .map(|f| &**f)
                .collect();
            json!({"headline": format!("소식 {n}"), "body": of_each.join(" ")})
        })
        .collect();
    env.records("in.jsonl", &records);
    env.done("add in.jsonl");
    let quoted =
        |forms: &[String]| -> String { forms.iter().map(|form| format!("\"{form}\" ")).collect() };
    let few = env.run_query(&[&quoted(&forms[..2])]);
    assert!(matches!(few.code, 0 | 1), "{}", few.err);
    let refused = env.run_query(&[&quoted(&forms)]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    let error = "error: the query has too many verb forms";
    assert!(refused.err.contains(error), "{}", refused.err);
}

/// Bounds for a debug build; a release build keeps to 1 s and 300 MB.
#[test]
fn hostile_queries_are_answered_within_bounds() {
    let env = Env::new();
    let index = match std::env::var("CLIPPINGS_QUERIED") {
        Ok(index) => index,
        Err(_) => {
            let records: Vec<_> = (0..200)
                .map(|n| json!({"headline": format!("소식 {n}"), "body": body(n)}))
                .collect();
            env.records("in.jsonl", &records);
            env.done("add in.jsonl");
            "index".to_owned()
        }
    };
    println!("| query | size | CPU time | peak memory | without mapped files |");
    println!("|---|---:|---:|---:|---:|");
    for (name, query) in hostile_queries() {
        let mut child = Command::new(program())
            .env("CLIPPINGS_LANG", "en")
            .args(["search", "--index", &index, "--", &query])
            .current_dir(env.path(""))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let used = watched(&mut child);
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        // Refused, with 2, if it reads the texts too often.
        let is_refused = err.contains("too many verb forms");
        let is_answered = matches!(output.status.code(), Some(0 | 1)) || is_refused;
        assert!(is_answered, "{name}: {err:.500}");
        println!(
            "| {name} | {:.1} KB | {:.2} s | {} MB | {} MB |",
            query.len() as f64 / 1e3,
            used.seconds,
            used.peak,
            used.anonymous,
        );
        assert!(used.seconds < 30.0, "{name}: {} s", used.seconds);
        assert!(used.anonymous < 600, "{name}: {} MB", used.anonymous);
    }
}

/// Writes `before`, enough copies of `part` to make `size` bytes, and `after`.
fn framed(mut out: &mut dyn Write, before: &str, part: &str, size: usize, after: &str) {
    let block = part.repeat((1 << 20) / part.len());
    out.write_all(before.as_bytes()).unwrap();
    let mut left = size / part.len();
    let in_block = block.len() / part.len();
    while left > in_block {
        out.write_all(block.as_bytes()).unwrap();
        left -= in_block;
    }
    out.write_all(&block.as_bytes()[..left * part.len()])
        .unwrap();
    out.write_all(after.as_bytes()).unwrap();
    out.flush().unwrap();
    let _ = &mut out;
}

#[test]
fn oversized_inputs_are_refused_or_read_in_bounded_memory() {
    let asked = std::env::var("CLIPPINGS_OVERSIZED").ok();
    let size = if asked.is_some() {
        LIMIT
    } else {
        LIMIT / SMALLER
    };
    let is_asked = |name: &str| match asked.as_deref() {
        None | Some("all") => true,
        Some(names) => names.split(',').any(|asked| name.contains(asked)),
    };
    println!("| input | size | CPU time | peak memory | result |\n|---|---:|---:|---:|---|");
    for case in CASES.iter().filter(|case| is_asked(case.name)) {
        let env = Env::new();
        let path = env.write(&format!("in/{}", case.file), "");
        let mut out = BufWriter::new(File::create(&path).unwrap());
        (case.make)(size, &mut out);
        out.flush().unwrap();
        drop(out);
        let skips = add_with_neighbour(&env, case.name, size);
        let said = skips.first().map_or("", String::as_str);
        let wanted = match asked {
            Some(_) => case.reason,
            None => case.reason_small,
        };
        match wanted {
            "" => assert!(skips.is_empty(), "{}: {said}", case.name),
            reason => assert!(said.contains(reason), "{}: {said:?}", case.name),
        }
    }
    if is_asked("tiny files") {
        tiny_files(asked.is_some());
    }
}

/// Many tiny files, half of them without text.
fn tiny_files(full: bool) {
    let env = Env::new();
    let count = if full { 2_000_000 } else { 2_000 };
    for n in 0..count {
        if n % 1_000 == 0 {
            fs::create_dir_all(env.path(&format!("in/{}", n / 1_000))).unwrap();
        }
        let text = match n % 2 {
            0 => String::new(),
            _ => format!(
                "소식 {n}\n\n가람시가 강을 건너는 {n}번째 다리를 놓기로 했다고 밝혔다. 공사는 내년 봄에 시작하고 예산은 백억 원이라고 시장이 말했다.\n"
            ),
        };
        fs::write(env.path(&format!("in/{}/{n}.txt", n / 1_000)), text).unwrap();
    }
    let skips = add_with_neighbour(
        &env,
        &format!("{count} tiny files, half of them empty"),
        LIMIT,
    );
    assert!(skips.iter().any(|line| line.ends_with(": empty")));
    assert_eq!(env.count(), 1 + count as u64 / 2);
}

/// Adds the folder together with a record that must be added, and prints a row. Returns the skips
/// stored for it.
fn add_with_neighbour(env: &Env, name: &str, limit: usize) -> Vec<String> {
    env.records(
        "in/zz.jsonl",
        &[json!({"id": "neighbour", "headline": "이웃", "body": body(1)})],
    );
    // Without -v: millions of lines would measure the pipe.
    let mut child = Command::new(program())
        .env("CLIPPINGS_LANG", "en")
        .args(["add", "--max-size", &limit.to_string(), "in"])
        .current_dir(env.path(""))
        .env_remove("CLIPPINGS_INDEX")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let Used { peak, seconds, .. } = watched(&mut child);
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{name}: {err}");
    assert!(!err.contains("internal error"), "{name}: {err}");
    assert!(err.lines().count() <= 2, "{name}: {err}");
    assert_eq!(env.show("neighbour")["headline"], "이웃", "{name}");
    let skips = env.run("stats --skipped").out;
    let skips: Vec<String> = skips.lines().map(str::to_owned).collect();
    for line in &skips {
        assert!(line.len() < 1_000, "{name}: a line of {} bytes", line.len());
    }
    let said = skips
        .first()
        .and_then(|line| line.split_once(": "))
        .map_or(err.lines().next().unwrap_or_default(), |(_, reason)| reason);
    println!(
        "| {name} | {:.1} MB | {seconds:.1} s | {peak} MB | {said} |",
        bytes(&env.path("in")) as f64 / 1e6,
    );
    assert!(peak < MAX_MEMORY, "{name}: {peak} MB");
    skips
}

/// What a process used.
struct Used {
    /// Peak memory in MB, pages of mapped files included.
    peak: u64,
    /// Peak of the rest: the heap and stacks.
    anonymous: u64,
    /// CPU time.
    seconds: f64,
}

/// Waits for a process and measures it (proc(5): ticks of 10 ms).
fn watched(child: &mut Child) -> Used {
    let folder = format!("/proc/{}", child.id());
    let (mut peak, mut anonymous, mut ticks) = (0, 0, 0);
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("{folder}/status")).unwrap_or_default();
        let kilobytes = |field: &str| -> u64 {
            let held = status.lines().find_map(|line| line.strip_prefix(field));
            held.and_then(|held| held.trim().strip_suffix("kB")?.trim().parse().ok())
                .unwrap_or(0)
        };
        peak = peak.max(kilobytes("VmHWM:"));
        anonymous = anonymous.max(kilobytes("RssAnon:"));
        let stat = fs::read_to_string(format!("{folder}/stat")).unwrap_or_default();
        // After the name in parentheses: state, ..., utime and stime.
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
        let used = fields.split(' ').skip(11).take(2);
        ticks = ticks.max(used.filter_map(|n| n.parse::<u64>().ok()).sum());
        thread::sleep(Duration::from_millis(3));
    }
    Used {
        peak: peak / 1_000,
        anonymous: anonymous / 1_000,
        seconds: ticks as f64 / 100.0,
    }
}

fn bytes(folder: &Path) -> u64 {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| match entry.metadata().unwrap() {
            folder if folder.is_dir() => bytes(&entry.path()),
            file => file.len(),
        })
        .sum()
}
