//! `clippings serve`, over a real connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use crate::env::Env;

struct Server {
    child: Child,
    stderr: BufReader<ChildStderr>,
    address: String,
    /// The URL as printed, with a token if there is one.
    printed: String,
}

impl Server {
    fn start(env: &Env, args: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_clippings"))
            .env("CLIPPINGS_LANG", "en")
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(args)
            .current_dir(env.path("."))
            .env_remove("CLIPPINGS_INDEX")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let printed = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        let printed = printed.unwrap_or_else(|| panic!("{line}")).to_owned();
        let address = printed
            .trim_start_matches("http://")
            .split('/')
            .next()
            .unwrap()
            .to_owned();
        Server {
            child,
            stderr,
            address,
            printed,
        }
    }

    fn get(&self, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let host = &self.address;
        // A server that refuses a request may close before reading all of it.
        let _ = write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
        );
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    fn end(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "no response within 30 s"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mut rest = String::new();
        let _ = self.stderr.read_to_string(&mut rest);
    }
}

fn with_clipping() -> Env {
    let env = Env::new();
    env.write(
        "a.jsonl",
        r#"{"id":"a","headline":"하만주 기자","body":"하만주가 썼다.","outlet":"모두일보"}"#,
    );
    env.done("add a.jsonl");
    env
}

#[test]
fn commits_of_other_processes_become_visible() {
    let env = with_clipping();
    let server = Server::start(&env, &[]);
    let search = "/api/search?q=%ED%95%98%EB%A7%8C%EC%A3%BC";
    assert!(server.get(search, "").contains("\"total\": 1"));
    env.write(
        "b.jsonl",
        r#"{"id":"b","headline":"둘째","body":"하만주는 또 썼다. 전혀 다른 이야기다."}"#,
    );
    env.done("add b.jsonl");
    assert!(server.get(search, "").contains("\"total\": 2"));
    env.done("reindex");
    assert!(server.get(search, "").contains("\"total\": 2"));
    env.done("remove b");
    assert!(server.get(search, "").contains("\"total\": 1"));
}

#[test]
fn a_printed_token_opens_the_page() {
    let env = with_clipping();
    let server = Server::start(&env, &["--token-file", "token"]);
    let token = server.printed.split("token=").nth(1).unwrap();
    assert!(server.get("/", "").starts_with("HTTP/1.1 303"));
    assert!(
        server
            .get(&format!("/?token={token}"), "")
            .contains("set-cookie: session=")
    );
    assert!(server.get("/api/stats", "").starts_with("HTTP/1.1 401"));
    let bearer = format!("Authorization: Bearer {token}\r\n");
    assert!(
        server
            .get("/api/stats", &bearer)
            .contains("\"clippings\": 1")
    );
}

#[test]
fn listening_on_other_addresses_requires_a_secret() {
    let env = with_clipping();
    let refused = Command::new(env!("CARGO_BIN_EXE_clippings"))
        .env("CLIPPINGS_LANG", "en")
        .args(["serve", "--listen", "0.0.0.0:0"])
        .current_dir(env.path("."))
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{message}");
    assert!(
        message.contains("--token-file or --password-file"),
        "{message}"
    );
}

#[cfg(unix)]
#[test]
fn a_signal_lets_requests_finish() {
    let env = with_clipping();
    let mut server = Server::start(&env, &[]);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(
        stream,
        "GET /api/health HTTP/1.1\r\nHost: {}\r\n",
        server.address
    )
    .unwrap();
    stream.flush().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    server.signal("-TERM");
    std::thread::sleep(Duration::from_millis(200));
    assert!(
        server.child.try_wait().unwrap().is_none(),
        "it ended under a request"
    );
    write!(stream, "\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(server.end(), Some(0));
}

#[test]
fn request_headers_are_bounded() {
    let env = with_clipping();
    let server = Server::start(&env, &[]);
    let long = format!("X-Long: {}\r\n", "x".repeat(200 << 10));
    let answer = server.get("/api/health", &long);
    assert!(
        answer.starts_with("HTTP/1.1 431") || answer.is_empty(),
        "{answer}"
    );
    let many: String = (0..100).map(|n| format!("X-{n}: x\r\n")).collect();
    assert!(server.get("/api/health", &many).starts_with("HTTP/1.1 431"));
    assert!(server.get("/api/health", "").starts_with("HTTP/1.1 200"));
}

#[test]
#[ignore = "needs a browser: .ci/run, or `npm ci && npm test` in tests/web"]
fn pages_work_in_a_browser() {
    let status = Command::new("npm")
        .arg("test")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/web"))
        .env("CLIPPINGS", env!("CARGO_BIN_EXE_clippings"))
        .status()
        .unwrap();
    assert!(status.success());
}
