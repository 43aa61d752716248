//! A folder for each test, and helpers to run the program in it.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;
use snapbox::cmd::Command;
use tempfile::TempDir;

/// A temporary folder, removed with the value.
pub struct Env {
    dir: TempDir,
}

/// Result of a run.
#[derive(Debug)]
pub struct Run {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Env {
    pub fn new() -> Env {
        let dir = tempfile::tempdir().unwrap();
        // The default location.
        fs::create_dir(dir.path().join("index")).unwrap();
        Env { dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Writes records as JSON Lines.
    pub fn records(&self, name: &str, records: &[Value]) -> PathBuf {
        let lines: Vec<String> = records.iter().map(Value::to_string).collect();
        self.write(name, lines.join("\n") + "\n")
    }

    /// The program, to be run in the folder.
    pub fn command(&self) -> Command {
        Command::new(program())
            .current_dir(self.dir.path())
            .env_remove("CLIPPINGS_INDEX")
            .env("NO_COLOR", "1")
            .env("CLIPPINGS_LANG", "en")
    }

    /// Runs the program with arguments separated by spaces.
    pub fn run(&self, arguments: &str) -> Run {
        self.run_with(arguments, "")
    }

    /// The same from a subfolder.
    pub fn run_in(&self, folder: &str, arguments: &str) -> Run {
        let arguments = arguments.split(' ').filter(|a| !a.is_empty());
        finish(
            self.command()
                .current_dir(self.path(folder))
                .args(arguments),
        )
    }

    /// The same with standard input.
    pub fn run_with(&self, arguments: &str, input: &str) -> Run {
        let arguments = arguments.split(' ').filter(|a| !a.is_empty());
        finish(self.command().args(arguments).stdin(input))
    }

    /// Runs the program with these arguments.
    pub fn run_with_arguments(&self, arguments: &[&str]) -> Run {
        finish(self.command().args(arguments))
    }

    /// Runs a search.
    pub fn run_query(&self, arguments: &[&str]) -> Run {
        finish(self.command().arg("search").args(arguments))
    }

    /// Runs the program and expects success; returns standard error, which has the summaries.
    #[track_caller]
    pub fn done(&self, arguments: &str) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments}: {run:?}");
        run.err
    }

    /// The record printed by `show`.
    #[track_caller]
    pub fn show(&self, id: &str) -> Value {
        let run = self.run(&format!("show --format json {id}"));
        assert_eq!(run.code, 0, "{id}: {run:?}");
        serde_json::from_str(&run.out).unwrap()
    }

    /// The output of `stats`.
    #[track_caller]
    pub fn stats(&self) -> Value {
        let run = self.run("stats --format json");
        assert_eq!(run.code, 0, "{run:?}");
        serde_json::from_str(&run.out).unwrap()
    }

    /// A source as stored: the absolute path of a file in the folder.
    pub fn source(&self, name: &str) -> String {
        let folder = self.dir.path().canonicalize().unwrap();
        format!("{}/{name}", folder.display())
    }

    /// Waits until a process that was started has created the index.
    pub fn wait_for_index(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        while !self.path("index/clippings.json").exists() {
            assert!(Instant::now() < until, "no index was created");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Number of clippings in the index.
    #[track_caller]
    pub fn count(&self) -> u64 {
        self.stats()["clippings"].as_u64().unwrap()
    }
}

/// The program: that of `CLIPPINGS_PROGRAM`, to measure a release build, else the one built with the
/// tests.
pub fn program() -> OsString {
    std::env::var_os("CLIPPINGS_PROGRAM").unwrap_or(env!("CARGO_BIN_EXE_clippings").into())
}

/// Runs a command to completion.
fn finish(command: Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Waits until modification times of files written before are reliable.
pub fn settle() {
    std::thread::sleep(Duration::from_millis(80));
}

/// A body long enough to be compared, made from `seed`.
pub fn body(seed: usize) -> String {
    let words = [
        "시청", "공사", "예산", "주민", "도로", "다리", "회의", "계획", "발표", "의견", "사업",
        "구간", "교통", "시설", "안전", "점검", "기간", "비용", "담당", "설명",
    ];
    let mut state = seed * 7 + 3;
    let mut sentences = Vec::new();
    for _ in 0..8 {
        let mut sentence = Vec::new();
        for _ in 0..9 {
            state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
            sentence.push(format!(
                "{}{}",
                words[(state >> 8) % words.len()],
                state % 97
            ));
        }
        sentences.push(sentence.join(" ") + " 했다.");
    }
    sentences.join("\n")
}

/// A number from the environment, to make a test longer or vary it.
pub fn number_from(variable: &str, normal: u64) -> u64 {
    std::env::var(variable).map_or(normal, |text| text.parse().unwrap())
}

/// A seeded random number generator (SplitMix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `0..end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// In `0.0..1.0`.
    pub fn fraction(&mut self) -> f64 {
        self.next() as f64 / u64::MAX as f64
    }
}
