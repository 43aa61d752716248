//! The program, run on an index in a cluster or in a folder.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

/// The program with a folder of its own.
pub struct Program {
    pub dir: TempDir,
    index: String,
    environment: Vec<(&'static str, String)>,
}

/// What a run gave.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Program {
    /// On the index at this address, or in this folder below its own.
    pub fn new(index: impl Into<String>) -> Program {
        Program {
            dir: tempfile::tempdir().unwrap(),
            index: index.into(),
            environment: Vec::new(),
        }
    }

    /// In a folder that is not its own.
    pub fn within(mut self, dir: &Path) -> Program {
        self.index = dir.join(&self.index).to_str().unwrap().to_owned();
        self
    }

    /// With a variable set.
    pub fn with(mut self, variable: &'static str, value: impl Into<String>) -> Program {
        self.environment.push((variable, value.into()));
        self
    }

    /// Writes a file of records and gives its path.
    pub fn records(&self, name: &str, records: &[Value]) -> PathBuf {
        let path = self.dir.path().join(name);
        let lines: Vec<String> = records.iter().map(Value::to_string).collect();
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        path
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clippings"));
        command
            .current_dir(self.dir.path())
            .args(arguments)
            .stdin(Stdio::null())
            .env("NO_COLOR", "1")
            .env("CLIPPINGS_LANG", "en")
            .env("CLIPPINGS_INDEX", &self.index)
            .env_remove("CLIPPINGS_OPENSEARCH_PASSWORD")
            .env_remove("CLIPPINGS_OPENSEARCH_API_KEY");
        for (variable, value) in &self.environment {
            command.env(variable, value);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        finish(self.command(arguments).output().unwrap())
    }

    pub fn spawn(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Runs it and expects that it is done.
    #[track_caller]
    pub fn done(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        run
    }

    /// The JSON that it prints, whether it finds something or nothing.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(arguments);
        assert!(run.code < 2, "{arguments:?}: {run:?}");
        serde_json::from_str(&run.out).unwrap()
    }

    /// Adds records.
    #[track_caller]
    pub fn add(&self, name: &str, records: &[Value]) -> Run {
        let path = self.records(name, records);
        self.add_file(&path)
    }

    #[track_caller]
    pub fn add_file(&self, path: &Path) -> Run {
        self.done(&["add", path.to_str().unwrap()])
    }
}

/// `clippings serve`, until it is dropped.
pub struct Server {
    child: Child,
    address: String,
}

impl Server {
    pub fn start(program: &Program) -> Server {
        let mut child = program.spawn(&["serve", "--listen", "127.0.0.1:0"]);
        let mut line = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut line).unwrap();
        let address = line
            .split("http://")
            .nth(1)
            .unwrap_or_else(|| panic!("{line}"));
        let address = address.split('/').next().unwrap().to_owned();
        // Whatever else it says must not block it.
        thread::spawn(move || io::copy(&mut stderr, &mut io::sink()));
        Server { child, address }
    }

    pub fn get(&self, path: &str) -> String {
        // On a busy machine, an answer may take longer than the server allows.
        let answers = (0..5).map(|_| self.request("GET", path, ""));
        let mut answers = answers.skip_while(|answer| answer.starts_with("HTTP/1.1 503"));
        answers.next().unwrap_or_else(|| panic!("{path}: 503"))
    }

    /// The answer to a request, head and body.
    pub fn request(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Language: ko\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn finish(output: Output) -> Run {
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
