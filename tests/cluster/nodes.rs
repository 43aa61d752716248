//! Real OpenSearch nodes, in a process that ends with the tests.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use tempfile::TempDir;

/// When it is set, tests fail where no node can be started.
const REQUIRED: &str = "CLIPPINGS_REQUIRE_OPENSEARCH";

/// Nodes of one cluster.
pub struct Nodes {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// `127.0.0.1:PORT` of each.
    pub hosts: Vec<String>,
    _home: TempDir,
}

impl Nodes {
    /// Starts `count` nodes; `None`, with a word on standard error, where Java or Maven lacks.
    pub fn start(count: usize) -> Option<Nodes> {
        let class_path = class_path()?;
        for _ in 0..2 {
            // Another process may have taken a port that was free.
            if let Ok(nodes) = Nodes::launch(count, &class_path) {
                return Some(nodes);
            }
        }
        Some(Nodes::launch(count, &class_path).unwrap_or_else(|log| panic!("no nodes: {log}")))
    }

    /// The log, when they do not start.
    fn launch(count: usize, class_path: &str) -> Result<Nodes, String> {
        let home = tempfile::tempdir().unwrap();
        let launcher = launcher_dir().join("OpenSearchNodes.java");
        let mut process = Command::new("java")
            .args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
            .args(["-Dopensearch.set.netty.runtime.available.processors=false"])
            .arg("-cp")
            .arg(class_path)
            .arg(launcher)
            .arg(count.to_string())
            .arg(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(home.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut hosts = vec![String::new(); count];
        loop {
            let line = read_line(&mut output);
            if line.is_empty() {
                let _ = process.wait();
                return Err(fs::read_to_string(home.path().join("log")).unwrap());
            }
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                ["ready"] => break,
                ["node", n, host] => hosts[n.parse::<usize>().unwrap()] = host.to_owned(),
                _ => {}
            }
        }
        Ok(Nodes {
            process,
            input,
            output,
            hosts,
            _home: home,
        })
    }

    /// The address of an index on all of its hosts.
    pub fn address(&self, index: &str) -> String {
        format!("opensearch+http://{}/{index}", self.hosts.join(","))
    }

    /// Waits until every shard of an index has all of its copies.
    pub fn wait_until_green(&self, index: &str) {
        let path = format!("/_cluster/health/{index}?wait_for_status=green&timeout=120s");
        let answer = request(&self.hosts[0], "GET", &path);
        assert!(answer.contains("\"status\":\"green\""), "{answer}");
    }

    /// Closes a node.
    pub fn stop(&mut self, n: usize) {
        writeln!(self.input, "stop {n}").unwrap();
        self.input.flush().unwrap();
        loop {
            let line = read_line(&mut self.output);
            assert!(!line.is_empty(), "the nodes are gone");
            if line.trim() == format!("stopped {n}") {
                return;
            }
        }
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One node that all tests share, each with an index of its own.
pub fn shared() -> Option<String> {
    static NODE: OnceLock<Option<Mutex<Nodes>>> = OnceLock::new();
    let node = NODE
        .get_or_init(|| Nodes::start(1).map(Mutex::new))
        .as_ref()?;
    let node = node.lock().unwrap();
    Some(node.hosts[0].clone())
}

/// The answer of a node to a request without a body, head and body.
pub fn request(host: &str, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn read_line(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line
}

fn launcher_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opensearch")
}

/// The class path of OpenSearch, which Maven fetches once.
fn class_path() -> Option<String> {
    static CLASS_PATH: OnceLock<Option<String>> = OnceLock::new();
    CLASS_PATH
        .get_or_init(|| {
            let has = |program: &str| {
                let run = Command::new(program).arg("-version").output();
                run.is_ok_and(|output| output.status.success())
            };
            if !has("java") || !has("mvn") {
                assert!(
                    std::env::var_os(REQUIRED).is_none(),
                    "{REQUIRED} is set, and java or mvn is not installed"
                );
                eprintln!("left out: tests with OpenSearch nodes need Java 17 and Maven");
                return None;
            }
            let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
            fs::create_dir_all(target).unwrap();
            let file = target.join(format!("opensearch-class-path-{}", std::process::id()));
            let maven = || {
                let mut command = Command::new("mvn");
                command.args(["-q", "-B", "dependency:build-classpath", "-f"]);
                command.arg(launcher_dir().join("pom.xml"));
                command.arg(format!("-Dmdep.outputFile={}", file.display()));
                command.output().unwrap()
            };
            // What it fetches comes from the network, which may fail once.
            let mut run = maven();
            if !run.status.success() {
                run = maven();
            }
            assert!(run.status.success(), "mvn: {run:?}");
            let class_path = fs::read_to_string(&file).unwrap();
            fs::remove_file(&file).unwrap();
            Some(class_path.trim().to_owned())
        })
        .clone()
}
