//! Two articles as other programs write them (`tests/data/generated/make.py`): every format yields the same fields.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::env::Env;

const TEXTS: [[&str; 3]; 2] = [
    [
        "가람시가 강을 건너는 새 다리를 놓기로 했다고 22일 밝혔다. 다리는 길이 420m로 걷는 사람과 자전거만 다닌다. 공사는 내년 봄에 시작해 두 해 동안 이어진다.",
        "시는 주민 설명회를 세 차례 열어 의견을 들었다. 상인들은 손님이 늘 것으로 기대했고, 강가에 사는 이들은 공사 소음을 걱정했다. 시 관계자는 “밤에는 공사를 하지 않겠다”고 말했다.",
        "다리가 놓이면 두 동네를 오가는 시간이 절반으로 준다. 시는 다리 양쪽에 작은 공원을 만들고 나무 300그루를 심을 계획이다.",
    ],
    [
        "나래구 구립도서관 네 곳이 다음 달부터 평일 밤 10시까지 문을 연다. 퇴근한 뒤에 책을 빌리기 어렵다는 주민 의견을 받아들였다고 구는 설명했다.",
        "늦은 시간에는 사서 두 명과 안전 요원 한 명이 자리를 지킨다. 열람실은 예약 없이 쓸 수 있고 아이와 함께 온 보호자를 위한 방도 따로 둔다.",
        "구는 석 달 동안 이용하는 사람 수를 보고 다른 도서관으로 넓힐지 정한다.",
    ],
];

fn article(n: usize) -> Value {
    let (headline, reporter, published) = [
        ("가람시, 걷는 다리 놓는다", "김하나", "2024-02-22"),
        ("나래구 도서관, 밤 10시까지 문 연다", "이두리", "2024-03-05"),
    ][n];
    json!({"headline": headline, "reporter": reporter, "published": published, "body": TEXTS[n].join("\n")})
}

pub fn bytes(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/generated");
    fs::read(folder.join(name)).unwrap()
}

/// Checks that a file gives exactly these articles, in this order; gives the records.
#[track_caller]
fn gives(name: &str, articles: &[usize]) -> Vec<Value> {
    let env = Env::new();
    env.write(name, bytes(name));
    let run = env.run(&format!("extract {name}"));
    assert_eq!(run.code, 0, "{run:?}");
    let records: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records.len(), articles.len(), "{name}: {run:?}");
    for (record, &n) in records.iter().zip(articles) {
        let article = article(n);
        for field in ["headline", "body"] {
            assert_eq!(record[field], article[field], "{name}: {field}");
        }
        assert_eq!(record["reporters"], json!([article["reporter"]]), "{name}");
        let published = record["published"].as_str().unwrap();
        let day = article["published"].as_str().unwrap();
        assert!(published.starts_with(day), "{name}: {published}");
    }
    records
}

#[test]
fn pages_saved_by_browsers() {
    let mhtml = gives("chromium.mhtml", &[0]);
    assert_eq!(mhtml[0]["url"], "http://localhost:8642/articles/1");
    assert_eq!(mhtml[0]["outlet"], "한빛신문");
    let single = gives("singlefile.html", &[1]);
    assert_eq!(single[0]["url"], "http://localhost:8642/articles/2");
    assert_eq!(single[0]["outlet"], "한빛신문");
}

#[test]
fn a_crawl() {
    let records = gives("warcio.warc.gz", &[0, 1]);
    assert_eq!(records[1]["url"], "http://localhost:8642/articles/2");
}

#[test]
fn mail() {
    gives("python.eml", &[0]);
    gives("python.mbox", &[0, 1]);
}

#[test]
fn archives() {
    for name in ["info-zip.zip", "gnu-tar.tar.gz"] {
        let mut records = {
            let env = Env::new();
            env.write(name, bytes(name));
            let run = env.run(&format!("extract --path-rule {{outlet}}/{{date}}/* {name}"));
            assert_eq!(run.code, 0, "{run:?}");
            let records = run.out.lines();
            records
                .map(|line| serde_json::from_str::<Value>(line).unwrap())
                .collect::<Vec<_>>()
        };
        records.sort_by_key(|record| record["published"].to_string());
        for (n, record) in records.iter().enumerate() {
            assert_eq!(record["headline"], article(n)["headline"], "{name}");
            assert_eq!(record["body"], article(n)["body"], "{name}");
        }
        let source = format!("{name}/한빛신문/2024-02-22/다리.html");
        assert_eq!(records[0]["source"], source.as_str());
    }
}

#[test]
fn a_path_inside_an_archive_is_read_like_any_path() {
    let env = Env::new();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive
        .start_file("저녁신문/2024-02-22/a.txt", options)
        .unwrap();
    let text = format!("다리 이야기\n\n{}\n", TEXTS[0].join("\n\n"));
    std::io::Write::write_all(&mut archive, text.as_bytes()).unwrap();
    env.write("b.zip", archive.finish().unwrap().into_inner());
    let run = env.run("extract --path-rule {outlet}/{date}/* b.zip");
    let record: Value = serde_json::from_str(run.out.trim()).unwrap();
    assert_eq!(record["outlet"], "저녁신문");
    assert_eq!(record["published"], "2024-02-22");
}

#[test]
fn workbooks() {
    for name in ["openpyxl.xlsx", "libreoffice.xlsx"] {
        let records = gives(name, &[0, 1]);
        assert_eq!(records[0]["outlet"], "한빛신문");
        assert_eq!(records[0]["url"], "https://hanbit.example/articles/1");
    }
}

#[test]
fn pdfs_with_a_text_layer() {
    gives("reportlab.pdf", &[1]);
    gives("libreoffice.pdf", &[0]);
    let env = Env::new();
    env.write("chromium.pdf", bytes("chromium.pdf"));
    let run = env.run("extract chromium.pdf");
    let record: Value = serde_json::from_str(run.out.trim()).unwrap();
    assert_eq!(record["headline"], article(0)["headline"]);
    assert_eq!(record["reporters"], json!(["김하나"]));
    assert_eq!(record["published"], "2024-02-22");
    // The address that the browser printed at the foot of the page.
    assert_eq!(record["url"], "http://localhost:8642/articles/1");
    let bare = |text: &Value| text.as_str().unwrap().replace(' ', "");
    assert_eq!(bare(&record["body"]), bare(&article(0)["body"]));
}

#[test]
fn pdfs_without_one_say_why() {
    let env = Env::new();
    env.write("scan.pdf", bytes("scan.pdf"));
    env.write("locked.pdf", bytes("locked.pdf"));
    let whole = bytes("reportlab.pdf");
    env.write("cut.pdf", &whole[..whole.len() / 2]);
    env.write("none.pdf", "%PDF-1.7\nnothing of the kind");
    let run = env.run("add -v scan.pdf locked.pdf cut.pdf none.pdf");
    assert_eq!(run.code, 0, "{run:?}");
    for line in [
        "scan.pdf: scanned PDF without text",
        "locked.pdf: password-protected PDF",
        "none.pdf: damaged PDF",
    ] {
        assert!(run.err.contains(line), "{line}: {run:?}");
    }
    assert!(!run.err.contains("internal error"), "{run:?}");
}

#[test]
fn a_pdf_damaged_anywhere_is_no_bug() {
    let env = Env::new();
    let whole = bytes("reportlab.pdf");
    let mut random = crate::env::Random::new(crate::env::number_from("CLIPPINGS_SEED", 11));
    for n in 0..crate::env::number_from("CLIPPINGS_PDFS", 60) {
        let mut damaged = whole.clone();
        for _ in 0..=random.below(12) {
            let at = random.below(damaged.len());
            damaged[at] = random.next() as u8;
        }
        if n % 3 == 0 {
            damaged.truncate(random.below(damaged.len()));
        }
        env.write(&format!("d/{n}.pdf"), damaged);
    }
    let run = env.run("add -v d");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.err.contains("internal error"), "{run:?}");
}
