//! Web pages, served by a local server.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::env::Env;

/// A response: status and header fields as sent, then the body.
#[derive(Clone)]
struct Answer {
    head: String,
    body: Vec<u8>,
    /// Delay before each half of the body.
    pause: Duration,
}

fn answer(status: &str, fields: &str, body: impl Into<Vec<u8>>) -> Answer {
    let fields: String = fields
        .lines()
        .map(|line| format!("{}\r\n", line.trim()))
        .collect();
    Answer {
        head: format!("HTTP/1.1 {status}\r\n{fields}"),
        body: body.into(),
        pause: Duration::ZERO,
    }
}

fn html(body: impl Into<Vec<u8>>) -> Answer {
    answer("200 OK", "Content-Type: text/html; charset=utf-8", body)
}

/// A local server that answers by path and records the requests.
struct Site {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    fn new(answers: &[(&str, Answer)]) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let answers: HashMap<String, Answer> = answers
            .iter()
            .map(|(path, answer)| ((*path).to_owned(), answer.clone()))
            .collect();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, seen) = (answers.clone(), Arc::clone(&seen));
                thread::spawn(move || serve(stream.unwrap(), &answers, &seen));
            }
        });
        Site { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Answers one request. A client may disconnect early.
fn serve(stream: TcpStream, answers: &HashMap<String, Answer>, seen: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(&stream).lines();
    let Some(Ok(first)) = lines.next() else {
        return;
    };
    let path = first.split(' ').nth(1).unwrap().to_owned();
    for line in lines {
        if line.unwrap_or_default().is_empty() {
            break;
        }
    }
    seen.lock().unwrap().push(path.clone());
    let none = answer("404 Not Found", "", "nothing here");
    let Answer { head, body, pause } = answers.get(&path).unwrap_or(&none);
    let mut out = &stream;
    let _ = write!(
        out,
        "{head}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    for half in [&body[..body.len() / 2], &body[body.len() / 2..]] {
        thread::sleep(*pause);
        let _ = out.write_all(half);
        let _ = out.flush();
    }
}

/// An article as a page.
fn page(headline: &str) -> String {
    let text = "시는 새 다리를 놓기로 하고 주민 설명회를 열었다. 공사는 내년 봄에 시작해 두 해 동안 이어진다. ".repeat(4);
    format!(
        "<!doctype html><html><head><title>{headline}</title><meta property=\"og:title\" content=\"{headline}\"><meta property=\"article:published_time\" content=\"2024-02-22T10:31:00+09:00\"></head><body><article><h1>{headline}</h1><p>{text}</p><p>{text}</p></article></body></html>"
    )
}

fn only(out: &str) -> Value {
    assert_eq!(out.lines().count(), 1, "{out}");
    serde_json::from_str(out).unwrap()
}

#[test]
fn a_page_is_fetched_and_stored_under_its_final_url() {
    let env = Env::new();
    let site = Site::new(&[
        (
            "/robots.txt",
            answer(
                "200 OK",
                "Content-Type: text/plain",
                "User-agent: *\nDisallow: /private\n",
            ),
        ),
        (
            "/short",
            answer("302 Found", "Location: /news/1?x=2#top", ""),
        ),
        ("/news/1?x=2", html(page("다리 공사 시작"))),
    ]);
    let given = format!("{}/short#a", site.address);
    let stderr = env.done(&format!("add --allow-local --delay 0 {given}"));
    assert!(stderr.starts_with("added 1"), "{stderr}");
    let record = only(&env.run("search --format jsonl 다리").out);
    assert_eq!(record["headline"], "다리 공사 시작");
    assert_eq!(record["url"], format!("{}/news/1?x=2", site.address));
    assert_eq!(record["source"], given);
    assert_eq!(site.asked(), ["/robots.txt", "/short", "/news/1?x=2"]);
    // The page is stored: it may be gone tomorrow.
    let id = record["id"].as_str().unwrap();
    assert_eq!(
        env.run(&format!("show --page {id}")).out,
        page("다리 공사 시작")
    );
    // It is fetched again each time, and is the same clipping.
    let stderr = env.done(&format!("add --allow-local --delay 0 {given}"));
    assert!(stderr.contains("unchanged 1"), "{stderr}");
    let run = env.run(&format!("extract --allow-local --delay 0 {given}"));
    assert_eq!(only(&run.out)["headline"], "다리 공사 시작");
}

#[test]
fn the_charset_of_the_response_is_used() {
    let env = Env::new();
    let korean = page("똠방각하 개봉");
    let (body, ..) = encoding_rs::EUC_KR.encode(&korean);
    let (chinese, ..) = encoding_rs::GBK.encode("<html><head><title>桥梁开工</title></head><body><article><h1>桥梁开工</h1><p>市政府决定修建一座新桥并举行了说明会。工程将于明年春天开始持续两年。</p><p>市政府决定修建一座新桥并举行了说明会。工程将于明年春天开始持续两年。</p></article></body></html>");
    let site = Site::new(&[
        (
            "/kr",
            answer(
                "200 OK",
                "Content-Type: text/html; charset=EUC-KR",
                body.into_owned(),
            ),
        ),
        (
            "/cn",
            answer(
                "200 OK",
                "Content-Type: text/html; charset=GBK",
                chinese.into_owned(),
            ),
        ),
    ]);
    let extract = |path: &str| {
        let run = env.run(&format!(
            "extract --allow-local --delay 0 {}{path}",
            site.address
        ));
        assert_eq!(run.code, 0, "{run:?}");
        only(&run.out)
    };
    assert_eq!(extract("/kr")["headline"], "똠방각하 개봉");
    assert!(extract("/cn")["headline"].is_string());
}

#[test]
fn local_addresses_are_refused_even_after_a_redirect() {
    let env = Env::new();
    let site = Site::new(&[("/a", html(page("안쪽")))]);
    let port = site.address.rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
        let run = env.run(&format!("add http://{host}:{port}/a"));
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.contains("is a loopback address"), "{run:?}");
        assert!(run.err.contains("--allow-local"), "{run:?}");
    }
    assert_eq!(site.asked(), Vec::<String>::new());
    env.write("list.txt", format!("http://127.0.0.1:{port}/a\n"));
    let run = env.run("add --strict --from-file list.txt");
    assert_eq!(run.code, 1, "{run:?}");
    let listed = env.run("stats --skipped").out;
    assert!(listed.contains("is a loopback address"), "{listed}");
}

#[test]
fn robots_txt_is_read_first() {
    let env = Env::new();
    let site = Site::new(&[
        (
            "/robots.txt",
            answer(
                "200 OK",
                "",
                "User-agent: *\nDisallow: /\nAllow: /open\n\nUser-agent: clippings\nDisallow: /closed\n",
            ),
        ),
        ("/closed/1", html(page("닫힌 글"))),
        ("/other", html(page("열린 글"))),
        (
            "/to-closed",
            answer("301 Moved Permanently", "Location: /closed/1", ""),
        ),
    ]);
    let at = |path: &str| format!("{}{path}", site.address);
    let run = env.run(&format!(
        "add --allow-local --delay 0 {} {} {}",
        at("/closed/1"),
        at("/to-closed"),
        at("/other")
    ));
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("robots.txt does not allow it"), "{run:?}");
    assert!(
        run.err
            .contains(&format!("redirects to {}", at("/closed/1"))),
        "{run:?}"
    );
    assert!(
        run.err
            .contains("added 1, updated 0, unchanged 0, skipped 0"),
        "{run:?}"
    );
    assert!(!site.asked().contains(&"/closed/1".to_owned()));

    let broken = Site::new(&[
        ("/robots.txt", answer("503 Service Unavailable", "", "")),
        ("/a", html(page("글"))),
    ]);
    let run = env.run(&format!("add --allow-local {}/a", broken.address));
    assert!(run.err.contains("try again later"), "{run:?}");
    assert_eq!(broken.asked(), ["/robots.txt"]);
}

#[test]
fn failures_are_reported_and_the_others_continue() {
    let env = Env::new();
    let mut slow = html(page("느린 글"));
    slow.pause = Duration::from_secs(3);
    let site = Site::new(&[
        ("/large", html("가".repeat(200_000))),
        ("/slow", slow),
        (
            "/picture",
            answer(
                "200 OK",
                "Content-Type: image/png",
                &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
            ),
        ),
        ("/loop", answer("302 Found", "Location: /loop", "")),
        (
            "/ftp",
            answer("302 Found", "Location: ftp://example.com/a", ""),
        ),
        ("/gone", answer("410 Gone", "", "")),
        ("/good", html(page("좋은 글"))),
    ]);
    let begun = Instant::now();
    let paths = [
        "/missing", "/large", "/slow", "/picture", "/loop", "/ftp", "/gone", "/good",
    ];
    let list: String = paths
        .iter()
        .map(|path| format!("{}{path}  # {path}\n", site.address))
        .collect();
    env.write("urls.txt", format!("# 오늘\n\n{list}http://\n"));
    let run =
        env.run("add --allow-local --delay 0 --timeout 1 --max-size 100K --from-file urls.txt");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    for (path, reason) in [
        (
            "/missing",
            "the site answered HTTP 404 Not Found: check the URL",
        ),
        ("/large", "larger than 100 KB (--max-size raises the limit)"),
        ("/slow", "timed out after 1 s (--timeout raises the limit)"),
        ("/picture", "PNG images are not supported"),
        ("/loop", "too many redirects (more than 10)"),
        ("/ftp", "only http and https are fetched, not 'ftp:'"),
        ("/gone", "the site answered HTTP 410 Gone"),
    ] {
        let line = format!("skipped {}{path}: ", site.address);
        let stderr = run.err.lines().find(|stderr| stderr.starts_with(&line));
        assert!(
            stderr.is_some_and(|stderr| stderr.contains(reason)),
            "{path}: {run:?}"
        );
    }
    assert!(run.err.contains("skipped http://: invalid URL"), "{run:?}");
    assert!(
        run.err
            .contains("added 1, updated 0, unchanged 0, skipped 8"),
        "{run:?}"
    );
}

#[test]
fn requests_to_a_host_are_delayed() {
    let env = Env::new();
    let site = Site::new(&[("/a", html(page("첫 글"))), ("/b", html(page("둘째 글")))]);
    let begun = Instant::now();
    env.done(&format!(
        "add --allow-local --delay 0.7 {0}/a {0}/b",
        site.address
    ));
    // robots.txt, then the two pages.
    assert_eq!(site.asked(), ["/robots.txt", "/a", "/b"]);
    assert!(
        begun.elapsed() >= Duration::from_millis(1_400),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn urls_from_standard_input_may_have_other_formats() {
    let env = Env::new();
    let feed = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>소식</title><item><title>새 다리</title><description>다리를 놓는다.</description><link>https://news.example/1</link></item><item><title>새 길</title><description>길을 낸다.</description><link>https://news.example/2</link></item></channel></rss>";
    let site = Site::new(&[(
        "/feed.xml",
        answer("200 OK", "Content-Type: application/rss+xml", feed),
    )]);
    let run = env.run_with(
        "add --allow-local --from-file -",
        &format!("{}/feed.xml\tRSS\n", site.address),
    );
    assert!(run.err.starts_with("added 2"), "{run:?}");
    let run = env.run("add --from-file nowhere.txt");
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("nowhere.txt") && run.err.contains("hint: "),
        "{run:?}"
    );
}

#[test]
fn a_page_cannot_replace_an_article_of_another_site() {
    let env = Env::new();
    let own = page("진짜 기사").replace(
        "<head>",
        "<head><link rel=canonical href='https://www.hani.co.kr/arti/1'>",
    );
    let site = Site::new(&[("/a", html(own))]);
    let run = env.run(&format!("extract --allow-local {}/a", site.address));
    assert_eq!(only(&run.out)["url"], format!("{}/a", site.address));
}

#[test]
fn fetched_pages_may_only_claim_urls_of_their_own_site() {
    let env = Env::new();
    let whole = "시는 새 다리를 놓기로 하고 주민 설명회를 열었다. ".repeat(20);
    env.records(
        "own.jsonl",
        &[
            serde_json::json!({"id": "own-1", "headline": "진짜 하나", "body": whole}),
            serde_json::json!({"headline": "진짜 둘", "url": "https://www.hani.co.kr/2", "body": whole}),
        ],
    );
    env.done("add own.jsonl");
    let before = env.run("search --format jsonl --all-copies 진짜").out;
    assert_eq!(before.lines().count(), 2, "{before}");
    let claims = [
        serde_json::json!({"id": "own-1", "headline": "가짜 하나", "body": whole}),
        serde_json::json!({"headline": "가짜 둘", "url": "https://www.hani.co.kr/2", "body": whole}),
        serde_json::json!({"headline": "새 셋", "url": "https://www.hani.co.kr/3", "body": whole}),
    ];
    let lines: String = claims.iter().map(|claim| format!("{claim}\n")).collect();
    let table = format!("제목,URL,본문\n가짜 둘,https://www.hani.co.kr/2,\"{whole}\"\n");
    let mhtml = format!(
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://www.hani.co.kr/2\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; type=\"text/html\"; boundary=\"y\"\r\n\r\n--y\r\nContent-Type: text/html; charset=utf-8\r\nContent-Location: https://www.hani.co.kr/2\r\n\r\n{}\r\n--y--\r\n",
        page("가짜 둘")
    );
    let claiming = page("가짜 둘").replace(
        "<head>",
        "<head><link rel=canonical href='https://www.hani.co.kr/2'><meta property='og:url' content='https://www.hani.co.kr/2'>",
    );
    let feed = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>x</title><item><title>가짜 둘</title><guid>own-1</guid><description>{whole}</description><link>https://www.hani.co.kr/2</link></item></channel></rss>"
    );
    let atom = format!(
        "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>x</title><entry><id>own-1</id><title>가짜 둘</title><link href=\"https://www.hani.co.kr/2\"/><content>{whole}</content></entry></feed>"
    );
    let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{claiming}");
    let warc = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://www.hani.co.kr/2\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
        http.len()
    );
    let mail = format!(
        "From: a@hani.co.kr\r\nSubject: x\r\nMessage-ID: <own-1>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Location: https://www.hani.co.kr/2\r\n\r\n{claiming}\r\n"
    );
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("own-1.html", options).unwrap();
    zip.write_all(claiming.as_bytes()).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    let json = serde_json::json!([
        {"id": "own-1", "headline": "가짜 하나", "body": whole},
        {"headline": "가짜 둘", "url": "https://www.hani.co.kr/2", "body": whole},
    ])
    .to_string();
    let site = Site::new(&[
        ("/a.jsonl", answer("200 OK", "", lines)),
        ("/a.csv", answer("200 OK", "", table)),
        ("/a.mhtml", answer("200 OK", "", mhtml)),
        ("/a.xml", answer("200 OK", "", feed)),
        ("/a.atom", answer("200 OK", "", atom)),
        ("/a.warc", answer("200 OK", "", warc)),
        ("/a.eml", answer("200 OK", "", mail)),
        ("/a.zip", answer("200 OK", "", zip)),
        ("/a.json", answer("200 OK", "", json)),
    ]);
    for path in [
        "a.jsonl", "a.csv", "a.mhtml", "a.xml", "a.atom", "a.warc", "a.eml", "a.zip", "a.json",
    ] {
        let run = env.run(&format!(
            "add --allow-local --delay 0 {}/{path}",
            site.address
        ));
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.err.contains("updated 0"), "{path}: {run:?}");
    }
    let after = env.run("search --format jsonl --all-copies 진짜").out;
    let headlines: Vec<String> = after
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["headline"].to_string())
        .collect();
    assert_eq!(headlines.len(), 2, "{after}");
    for id in before
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
    {
        assert_eq!(
            env.show(id["id"].as_str().unwrap())["headline"],
            id["headline"]
        );
    }
    // A page with the site's own URL may be added under it.
    let claimed = env.run("search --format jsonl --all-copies 가짜").out;
    for record in claimed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
    {
        let url = record["url"].as_str().unwrap_or_default().to_owned();
        assert!(url.is_empty() || url.starts_with(&site.address), "{record}");
    }
    // The site itself may change its page, and a local file may replace it.
    env.records(
        "later.jsonl",
        &[serde_json::json!({"headline": "진짜 셋", "url": "https://www.hani.co.kr/3", "body": whole})],
    );
    assert!(env.done("add later.jsonl").contains("updated 1"));
}
