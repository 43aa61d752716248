//! Formats of other programs: tables, workbooks, feeds, responses of search APIs.

use std::io::Write;

use serde_json::Value;

use crate::env::Env;

/// Runs `extract` on a file.
#[track_caller]
fn extract(env: &Env, arguments: &str) -> Vec<Value> {
    let run = env.run(&format!("extract {arguments}"));
    assert_eq!(run.code, 0, "{run:?}");
    run.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn cp949(text: &str) -> Vec<u8> {
    encoding_rs::EUC_KR.encode(text).0.into_owned()
}

/// A workbook like those of BIGKinds: inline strings, and a sheet that declares only one cell.
fn bigkinds(rows: &[&[&str]]) -> Vec<u8> {
    let mut sheet = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1"/><sheetData>"#,
    );
    for (r, row) in rows.iter().enumerate() {
        sheet += &format!("<row r=\"{}\">", r + 1);
        for (c, cell) in row.iter().enumerate() {
            let column = char::from(b'A' + u8::try_from(c).unwrap());
            sheet += &format!(
                r#"<c r="{column}{}" t="inlineStr"><is><t xml:space="preserve">{cell}</t></is></c>"#,
                r + 1
            );
        }
        sheet += "</row>";
    }
    sheet += "</sheetData></worksheet>";
    let parts = [
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default ContentType="application/xml" Extension="xml"/></Types>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="sheet" r:id="rId1" sheetId="1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
    ];
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn bigkinds_exports_are_added() {
    let env = Env::new();
    let cut = format!("{}..", "새 다리가 놓인다. ".repeat(18));
    env.write(
        "NewsResult.xlsx",
        bigkinds(&[
            &[
                "뉴스 식별자",
                "일자",
                "언론사",
                "기고자",
                "제목",
                "통합 분류1",
                "특성추출(가중치순 상위 50개)",
                "본문",
                "URL",
            ],
            &[
                "01.20200707",
                "20200707",
                "중앙일보",
                "이두리(duri@example.com)",
                "다리 공사 시작",
                "지역&gt;경기",
                "다리,공사",
                &cut,
                "https://example.com/1",
            ],
            &[
                "01.20200708",
                "20200708",
                "YTN",
                "",
                "다리 공사 중단",
                "",
                "",
                "짧은 본문이다.",
                "",
            ],
        ]),
    );
    env.done("add NewsResult.xlsx");
    assert_eq!(env.count(), 2);
    let second = env.show("01.20200708");
    assert_eq!(second["published"], "2020-07-08");
    assert_eq!(second["excerpt"], false);
    let records = extract(&env, "NewsResult.xlsx");
    let first = &records[0];
    assert_eq!(first["source"], "NewsResult.xlsx#1");
    assert_eq!(first["headline"], "다리 공사 시작");
    assert_eq!(first["outlet"], "중앙일보");
    assert_eq!(first["reporters"][0], "이두리");
    assert_eq!(first["section"], "지역>경기");
    assert_eq!(first["keywords"][1], "공사");
    assert_eq!(first["excerpt"], true);
    // Rows with the same URL are two articles.
    let rows = extract(&env, "NewsResult.xlsx");
    assert_eq!(rows[0]["id"], "01.20200707");
    // The full text from the same URL replaces the excerpt.
    env.write(
        "whole.jsonl",
        serde_json::json!({"url": "https://example.com/1", "headline": "다리 공사 시작", "body": cut.repeat(4)}).to_string(),
    );
    let stderr = env.done("add whole.jsonl");
    assert!(stderr.contains("updated 1"), "{stderr}");
    assert_eq!(env.count(), 2);
}

#[test]
fn tables_are_read_in_any_encoding_and_with_any_separator() {
    let env = Env::new();
    let table = |s: &str| {
        format!(
            "언론사{s}제목{s}날짜{s}본문\n모두일보{s}\"새 \"\"도서관\"\"{s} 개관\"{s}2024.02.22{s}\"첫 문단.\n\n둘째 문단.\"\n{s}{s}{s}\n"
        )
    };
    env.write("a.csv", format!("\u{feff}{}", table(",")));
    env.write("b.csv", cp949(&table(";")));
    let utf16: Vec<u8> = format!("\u{feff}{}", table("\t"))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    env.write("c.tsv", utf16);
    env.write("d.txt", cp949(&table("\t")));
    for file in ["a.csv", "b.csv", "c.tsv", "d.txt"] {
        let records = extract(&env, file);
        assert_eq!(records.len(), 1, "{file}");
        assert!(
            records[0]["headline"]
                .as_str()
                .unwrap()
                .starts_with("새 \"도서관\""),
            "{file}: {}",
            records[0]
        );
        assert_eq!(records[0]["published"], "2024-02-22", "{file}");
        assert_eq!(records[0]["body"], "첫 문단.\n둘째 문단.", "{file}");
        assert_eq!(records[0]["outlet"], "모두일보", "{file}");
    }
}

#[test]
fn unknown_columns_are_reported_and_can_be_mapped() {
    let env = Env::new();
    env.write("a.csv", "열1,열2\n새 소식,본문이다.\n");
    let run = env.run("add -v a.csv");
    assert!(
        run.err.contains("(columns: 열1, 열2)") && run.err.contains("--map"),
        "{run:?}"
    );
    let records = extract(&env, "--map headline=열1,body=열2 a.csv");
    assert_eq!(records[0]["headline"], "새 소식");
    // The map affects how a file is read, so the file is read again.
    assert!(env.done("add --map headline=열1 a.csv").contains("added 1"));
    let run = env.run("add --map colour=열1 a.csv");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("'colour' is not a field"), "{run:?}");
}

#[test]
fn a_mapped_column_must_exist() {
    let env = Env::new();
    env.write("a.csv", "열1,열2\n하나,가나다라\n");
    let run = env.run("add -v --map headline=열3,body=열2 a.csv");
    assert_eq!(env.count(), 0);
    assert!(run.err.contains("열1, 열2"), "{run:?}");
    env.done("add --map headline=열1,body=열2 a.csv");
    assert_eq!(env.count(), 1);
}

#[test]
fn an_unclosed_quote_does_not_exhaust_memory() {
    let env = Env::new();
    env.write(
        "a.csv",
        format!("제목,본문\n하나,가\n둘,\"{}", "나".repeat(200_000)),
    );
    let run = env.run("add -v --max-size 100K a.csv");
    assert!(run.err.contains("--max-size"), "{run:?}");
    assert_eq!(env.count(), 1);
}

#[test]
fn feeds_are_read() {
    let env = Env::new();
    let rss = r#"<?xml version="1.0" encoding="euc-kr"?>
<!-- 소식 --><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>모두일보</title>
<item><title><![CDATA[똠방각하 & 친구들]]></title><link>https://www.hani.co.kr/a?x=1&amp;y=2</link>
<pubDate>Thu, 22 Feb 2024 10:31:00 +0900</pubDate><dc:creator>김하나 기자</dc:creator>
<description>앞부분</description><content:encoded>&lt;p&gt;첫 문단.&lt;/p&gt;&lt;p&gt;둘째&amp;nbsp;문단.&lt;/p&gt;</content:encoded></item>
<item><title>요약만 - 저녁신문</title><source url="https://example.com">저녁신문</source><pubDate>2024-02-22 09:00</pubDate><description>요약이다.</description></item>
</channel></rss>"#;
    env.write("feed.xml", cp949(rss));
    let records = extract(&env, "feed.xml");
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["headline"], "똠방각하 & 친구들");
    assert_eq!(records[0]["url"], "https://www.hani.co.kr/a?x=1&y=2");
    assert_eq!(records[0]["outlet"], "한겨레");
    assert_eq!(records[0]["reporters"][0], "김하나");
    assert_eq!(records[0]["published"], "2024-02-22T10:31:00+09:00");
    assert_eq!(records[0]["body"], "첫 문단.\n둘째 문단.");
    assert_eq!(records[0]["excerpt"], false);
    assert_eq!(records[1]["headline"], "요약만");
    assert_eq!(records[1]["outlet"], "저녁신문");
    assert_eq!(records[1]["published"], "2024-02-22T09:00:00+09:00");
    assert_eq!(records[1]["excerpt"], true);

    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>모두일보</title><entry><title>새 소식</title>
<link rel="self" href="https://example.com/self"/><link href="https://example.com/b"/><updated>2024-02-22T01:00:00Z</updated>
<author><name>이두리</name><email>duri@example.com</email></author>
<source><id>urn:feed:1</id><title>저녁신문</title><updated>2024-02-22T02:00:00Z</updated></source>
<content type="xhtml"><div><p>첫 문단.</p><p>둘째 문단.</p></div></content></entry></feed>"#;
    env.write("atom.xml", atom);
    let records = extract(&env, "atom.xml");
    assert_eq!(records[0]["outlet"], "저녁신문");
    assert_eq!(records[0]["url"], "https://example.com/b");
    assert_eq!(records[0]["reporters"][0], "이두리");
    assert_eq!(records[0]["published"], "2024-02-22T10:00:00+09:00");
    assert_eq!(records[0]["body"], "첫 문단.\n둘째 문단.");

    env.write(
        "cut.xml",
        &rss.replace("euc-kr", "utf-8")[..rss.find("<item><title>요약").unwrap()],
    );
    assert_eq!(extract(&env, "cut.xml").len(), 1);

    env.write(
        "cut-in-item.xml",
        &rss.replace("euc-kr", "utf-8")[..rss.find("<description>요약").unwrap()],
    );
    let run = env.run("extract cut-in-item.xml");
    assert!(run.err.contains("malformed XML after item 1"), "{run:?}");
}

#[test]
fn responses_of_search_apis_are_read() {
    let env = Env::new();
    env.write(
        "naver.json",
        serde_json::json!({"total": 1, "items": [{
            "title": "<b>도서관</b> &quot;개관&quot;", "originallink": "https://www.hani.co.kr/a",
            "link": "https://n.news.naver.com/mnews/article/028/1", "description": "새 <b>도서관</b>이...",
            "pubDate": "Thu, 22 Feb 2024 10:31:00 +0900"}]}).to_string(),
    );
    env.write(
        "newsapi.json",
        serde_json::json!({"status": "ok", "articles": [{
            "source": {"id": null, "name": "저녁신문"}, "author": "김하나", "title": "새 소식",
            "description": "요약", "url": "https://example.com/b", "publishedAt": "2024-02-22T01:00:00Z",
            "content": "본문의 앞부분이 여기 있다… [+1234 chars]"}]}).to_string(),
    );
    let naver = &extract(&env, "naver.json")[0];
    assert_eq!(naver["headline"], "도서관 \"개관\"");
    assert_eq!(naver["url"], "https://www.hani.co.kr/a");
    assert_eq!(naver["outlet"], "한겨레");
    assert_eq!(naver["body"], "새 도서관이...");
    assert_eq!(naver["excerpt"], true);
    let newsapi = &extract(&env, "newsapi.json")[0];
    assert_eq!(newsapi["outlet"], "저녁신문");
    assert_eq!(newsapi["body"], "본문의 앞부분이 여기 있다…");
    assert_eq!(newsapi["excerpt"], true);
}

#[test]
fn dates_of_tables_have_years_of_two_digits_or_are_reported() {
    let env = Env::new();
    env.write(
        "a.csv",
        "보도일,매체사,기사명,본문 내용\n24.4.2,한겨레,도서관 개관,도서관이 문을 열었다.\n\
         '24. 05. 03.,한겨레,다리 개통,다리가 열렸다.\n4월 2일,한겨레,공원 개장,공원이 열렸다.\n",
    );
    let run = env.run("add a.csv");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.err
            .contains("1 clipping has a date that cannot be read"),
        "{run:?}"
    );
    let run = env.run_query(&["열었다 OR 열렸다", "--from", "2024-04", "--to", "2024-05"]);
    assert!(
        run.out.contains("2024-04-02") && run.out.contains("2024-05-03"),
        "{run:?}"
    );
}

/// A page with headline, date and text.
fn page(headline: &str) -> String {
    let body = "시는 새 다리를 놓기로 하고 주민 설명회를 열었다. 공사는 내년 봄에 시작해 두 해 동안 이어진다. ".repeat(4);
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><title>{headline}</title><meta property=\"og:title\" content=\"{headline}\"><meta property=\"og:type\" content=\"article\"><meta property=\"article:published_time\" content=\"2024-02-22T10:31:00+09:00\"></head><body><article><h1>{headline}</h1><p>{body}</p><p>{body}</p></article></body></html>"
    )
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn archives_are_read_without_unpacking() {
    let env = Env::new();
    let (first, second) = (page("새 다리 착공"), page("헌 다리 철거"));
    let table = zipped(&[("표.csv", "제목,본문\n도서관 개관,본문이다.\n".as_bytes())]);
    env.write(
        "a.zip",
        zipped(&[
            ("../../밖/a.html", first.as_bytes()),
            ("__MACOSX/x.html", first.as_bytes()),
            ("사진.jpg", b"x"),
            ("안/표.zip", &table),
            ("빈.html", b""),
        ]),
    );
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(second.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "폴더/b.html", second.as_bytes())
        .unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&tar.into_inner().unwrap()).unwrap();
    env.write("b.tgz", packed.finish().unwrap());

    let run = env.run("add -v a.zip b.tgz");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("a.zip/빈.html: empty"), "{run:?}");
    assert_eq!(env.count(), 3, "{run:?}");
    let sources: Vec<String> = extract(&env, "-q a.zip b.tgz")
        .iter()
        .map(|record| record["source"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        sources,
        [
            "a.zip/밖/a.html",
            "a.zip/안/표.zip/표.csv#1",
            "b.tgz/폴더/b.html"
        ]
    );
}

#[test]
fn an_archive_bomb_is_refused() {
    let env = Env::new();
    let zeros = vec![b' '; 30 << 20];
    env.write(
        "a.zip",
        zipped(&[
            ("a.html", &zeros),
            ("b.csv", "제목,본문\n하나,둘\n".as_bytes()),
        ]),
    );
    let run = env.run("add -v a.zip");
    assert!(run.err.contains("--max-ratio"), "{run:?}");
}

#[test]
fn mails_and_saved_pages_are_read() {
    let env = Env::new();
    let text =
        "시는 새 다리를 놓기로 했다. 공사는 내년 봄에 시작해 두 해 동안 이어진다고 시는 밝혔다. "
            .repeat(4);
    let base64 = |bytes: &[u8]| {
        const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for chunk in bytes.chunks(3) {
            let n =
                chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
            for i in 0..4 {
                out.push(if i <= chunk.len() {
                    char::from(SIGNS[(n >> (18 - 6 * i) & 63) as usize])
                } else {
                    '='
                });
            }
        }
        out
    };
    let mail = format!(
        "From: a@example.com\r\nTo: b@example.com\r\nDate: Thu, 22 Feb 2024 10:31:00 +0900\r\nSubject: =?utf-8?B?{}?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=euc-kr\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--x\r\nContent-Type: text/html; charset=euc-kr\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--x--\r\n",
        base64("Fwd: 새 다리 착공".as_bytes()),
        base64(&cp949(&text)),
        base64(&cp949(&format!(
            "<html><body><div><p>{text}</p><p>{text}</p></div></body></html>"
        ))),
    );
    // The date in the text takes precedence; the mail's is used if there is none.
    let plain = |text: &str| {
        format!(
            "From: a@example.com\r\nDate: Thu, 22 Feb 2024 10:31:00 +0900\r\nSubject: FW: [스크랩] 가람시, 강 건너는 새 다리 내년 봄 착공\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        )
    };
    env.write("plain.eml", plain(&text));
    env.write(
        "dated.eml",
        plain(&format!("입력 2023.05.06 07:08\n\n{text}")),
    );
    for (file, published) in [
        ("plain.eml", "2024-02-22T10:31:00+09:00"),
        ("dated.eml", "2023-05-06T07:08:00+09:00"),
    ] {
        let record = &extract(&env, file)[0];
        assert_eq!(record["published"], published, "{file}: {record}");
        assert_eq!(
            record["headline"], "가람시, 강 건너는 새 다리 내년 봄 착공",
            "{file}"
        );
    }
    // A mail of a few words is an article, since it has a subject and a date.
    env.write(
        "short.eml",
        plain("가람시가 새 다리를 놓는다. 내년 봄에 착공한다."),
    );
    let record = &extract(&env, "short.eml")[0];
    assert_eq!(
        record["body"],
        "가람시가 새 다리를 놓는다. 내년 봄에 착공한다."
    );
    env.write("a.eml", &mail);
    let record = &extract(&env, "a.eml")[0];
    assert_eq!(record["headline"], "새 다리 착공", "{record}");
    assert_eq!(record["published"], "2024-02-22T10:31:00+09:00");
    assert!(
        record["body"]
            .as_str()
            .unwrap()
            .contains("내년 봄에 시작해")
    );

    env.write(
        "b.mbox",
        format!(
            "From a Thu Feb 22 10:31:00 2024\n{}\n\nFrom b Thu Feb 22 10:31:00 2024\n{}",
            mail.replace("\r\n", "\n"),
            mail.replace("\r\n", "\n")
        ),
    );
    assert_eq!(extract(&env, "b.mbox").len(), 2);

    let saved = format!(
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://www.hani.co.kr/a\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; type=\"text/html\"; boundary=\"y\"\r\n\r\n--y\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\nContent-Location: https://www.hani.co.kr/a\r\n\r\n{}\r\n--y\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--y--\r\n",
        base64(page("헌 다리 철거").as_bytes()),
    );
    env.write("c.mhtml", saved);
    let record = &extract(&env, "c.mhtml")[0];
    assert_eq!(record["headline"], "헌 다리 철거", "{record}");
    assert_eq!(record["url"], "https://www.hani.co.kr/a");
    assert_eq!(record["outlet"], "한겨레");
}

#[test]
fn web_archives_are_read() {
    let env = Env::new();
    let record = |kind: &str, url: &str, content: &[u8]| {
        let mut out = format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nContent-Length: {}\r\n\r\n",
            content.len()
        )
        .into_bytes();
        out.extend(content);
        out.extend(b"\r\n\r\n");
        out
    };
    let html = page("새 다리 착공");
    let (left, right) = html.as_bytes().split_at(200);
    let mut chunked = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for part in [left, right] {
        chunked.extend(format!("{:x}\r\n", part.len()).bytes());
        chunked.extend(part);
        chunked.extend(b"\r\n");
    }
    chunked.extend(b"0\r\n\r\n");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(page("헌 다리 철거").as_bytes()).unwrap();
    let mut gzip =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n".to_vec();
    gzip.extend(packed.finish().unwrap());
    let records = [
        record("warcinfo", "", b"software: x\r\n"),
        record("response", "https://www.hani.co.kr/1", &chunked),
        record(
            "revisit",
            "https://www.hani.co.kr/1",
            b"HTTP/1.1 200 OK\r\n\r\n",
        ),
        record(
            "response",
            "https://www.hani.co.kr/p.png",
            b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx",
        ),
        record(
            "response",
            "https://www.hani.co.kr/no",
            b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>no",
        ),
        record("response", "https://www.hani.co.kr/2", &gzip),
    ];
    // One gzip member per record, as crawlers write them.
    let mut file = Vec::new();
    for record in records {
        let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        member.write_all(&record).unwrap();
        file.extend(member.finish().unwrap());
    }
    env.write("a.warc.gz", file);
    let records = extract(&env, "a.warc.gz");
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["headline"], "새 다리 착공");
    assert_eq!(records[0]["source"], "a.warc.gz#2");
    assert_eq!(records[1]["url"], "https://www.hani.co.kr/2");
}

#[test]
fn markdown_headings_and_johab_are_read() {
    let env = Env::new();
    let text =
        "시는 새 다리를 놓기로 했다. 공사는 내년 봄에 시작해 두 해 동안 이어진다고 시는 밝혔다.";
    env.write(
        "a.md",
        format!("# 가람시, 강 건너는 새 다리 내년 봄 착공\n\n{text}\n\n{text}\n"),
    );
    assert_eq!(
        extract(&env, "a.md")[0]["headline"],
        "가람시, 강 건너는 새 다리 내년 봄 착공"
    );
    env.write("b.txt", JOHAB);
    let record = &extract(&env, "b.txt")[0];
    assert_eq!(
        record["headline"], "가람시, 강 건너는 새 다리 내년 봄 착공",
        "{record}"
    );
    assert!(
        record["body"]
            .as_str()
            .unwrap()
            .contains("두 해 동안 이어진다고"),
        "{record}"
    );
}

/// The headline, and the text twice, in Johab (encoded with Python's codec).
const JOHAB: &[u8] = &[
    0x88, 0x61, 0x9c, 0x71, 0xaf, 0xa1, 0x2c, 0x20, 0x88, 0x77, 0x20, 0x88, 0xe5, 0x90, 0xe1, 0x93,
    0x65, 0x20, 0xac, 0x81, 0x20, 0x94, 0x61, 0x9f, 0xa1, 0x20, 0x90, 0x81, 0x91, 0x65, 0x20, 0xa5,
    0xb1, 0x20, 0xc0, 0x62, 0x89, 0xb7, 0x0a, 0x0a, 0xaf, 0xa1, 0x93, 0x65, 0x20, 0xac, 0x81, 0x20,
    0x94, 0x61, 0x9f, 0xa1, 0x9f, 0x69, 0x20, 0x91, 0xbd, 0x8b, 0xa1, 0x9d, 0xa1, 0x20, 0xd0, 0x96,
    0x94, 0x61, 0x2e, 0x20, 0x89, 0xb7, 0xac, 0x61, 0x93, 0x65, 0x20, 0x90, 0x81, 0x91, 0x65, 0x20,
    0xa5, 0xb1, 0xb5, 0x41, 0x20, 0xaf, 0xa1, 0xb8, 0x62, 0xd0, 0x81, 0x20, 0x96, 0x81, 0x20, 0xd0,
    0x81, 0x20, 0x95, 0xb7, 0xb4, 0x65, 0x20, 0xb7, 0xa1, 0xb4, 0xe1, 0xbb, 0xa5, 0x94, 0x61, 0x89,
    0xa1, 0x20, 0xaf, 0xa1, 0x93, 0x65, 0x20, 0xa4, 0x6a, 0xd1, 0x76, 0x94, 0x61, 0x2e, 0x0a, 0x0a,
    0xaf, 0xa1, 0x93, 0x65, 0x20, 0xac, 0x81, 0x20, 0x94, 0x61, 0x9f, 0xa1, 0x9f, 0x69, 0x20, 0x91,
    0xbd, 0x8b, 0xa1, 0x9d, 0xa1, 0x20, 0xd0, 0x96, 0x94, 0x61, 0x2e, 0x20, 0x89, 0xb7, 0xac, 0x61,
    0x93, 0x65, 0x20, 0x90, 0x81, 0x91, 0x65, 0x20, 0xa5, 0xb1, 0xb5, 0x41, 0x20, 0xaf, 0xa1, 0xb8,
    0x62, 0xd0, 0x81, 0x20, 0x96, 0x81, 0x20, 0xd0, 0x81, 0x20, 0x95, 0xb7, 0xb4, 0x65, 0x20, 0xb7,
    0xa1, 0xb4, 0xe1, 0xbb, 0xa5, 0x94, 0x61, 0x89, 0xa1, 0x20, 0xaf, 0xa1, 0x93, 0x65, 0x20, 0xa4,
    0x6a, 0xd1, 0x76, 0x94, 0x61, 0x2e, 0x0a,
];

/// A workbook of `cells` cells with the same string.
pub fn shared(string: &str, cells: usize) -> Vec<u8> {
    let mut sheet = String::from(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>제목</t></is></c></row>"#,
    );
    for row in 2..cells + 2 {
        sheet += &format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>");
    }
    sheet += "</sheetData></worksheet>";
    let strings = format!(
        r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{string}</t></si></sst>"#
    );
    let parts = [
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="sheet" r:id="rId1" sheetId="1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#,
        ),
        ("xl/sharedStrings.xml", strings.as_str()),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
    ];
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(n, c)| (*n, c.as_bytes())).collect();
    zipped(&parts)
}

#[test]
fn a_workbook_bomb_is_refused() {
    let env = Env::new();
    env.write("a.xlsx", shared("소식", 3));
    assert_eq!(extract(&env, "a.xlsx").len(), 3);
    // 50,000 cells of 100 KB: 5 GB from a file of 100 KB.
    env.write("d/bomb.xlsx", shared(&"가".repeat(33_000), 50_000));
    env.write("d/z.csv", "제목,본문\n이웃,본문이다.\n");
    let run = env.run("add -v d");
    assert!(
        run.err
            .contains("bomb.xlsx: expands to more than 200 times"),
        "{run:?}"
    );
    assert!(env.run("search 이웃").out.contains("이웃"));
}

/// A ZIP archive in which `count` members share the same bytes (APPNOTE 4.3.7, 4.3.12, 4.3.16).
fn overlapping(content: &[u8], count: u16) -> Vec<u8> {
    let whole = zipped(&[("a.txt", content)]);
    let directory = memchr::memmem::find(&whole, b"PK\x01\x02").unwrap();
    let end = memchr::memmem::rfind(&whole, b"PK\x05\x06").unwrap();
    let entry = &whole[directory..end];
    let mut out = whole[..directory].to_vec();
    for n in 0..count {
        // The name follows 46 bytes of other fields.
        out.extend_from_slice(&entry[..46]);
        out.extend_from_slice(format!("{n:05}").as_bytes());
        out.extend_from_slice(&entry[51..]);
    }
    let mut tail = whole[end..].to_vec();
    tail[8..10].copy_from_slice(&count.to_le_bytes());
    tail[10..12].copy_from_slice(&count.to_le_bytes());
    let size = u32::try_from(entry.len()).unwrap() * u32::from(count);
    tail[12..16].copy_from_slice(&size.to_le_bytes());
    out.extend_from_slice(&tail);
    out
}

#[test]
fn overlapping_archives_are_refused() {
    let env = Env::new();
    let content: String = (0..20_000).map(|n| format!("문장 {n}번. ")).collect();
    env.write("a.zip", overlapping(content.as_bytes(), 1));
    assert!(!env.run("add -v a.zip").err.contains("overlap"));
    env.write("b.zip", overlapping(content.as_bytes(), 2_000));
    let run = env.run("add -v b.zip");
    assert!(
        run.err
            .contains("b.zip: damaged archive: its files overlap"),
        "{run:?}"
    );
    env.write("c.xlsx", overlapping(content.as_bytes(), 2_000));
    assert!(env.run("add -v c.xlsx").err.contains("overlap"));
}

#[test]
fn a_text_of_millions_of_lines_is_refused() {
    let env = Env::new();
    env.write("a.txt", "가\n".repeat(1_000_001));
    let run = env.run("add -v a.txt");
    assert!(
        run.err.contains("a.txt: more than 1000000 lines"),
        "{run:?}"
    );
}

#[test]
fn rows_with_the_same_url_do_not_overwrite_each_other() {
    let env = Env::new();
    env.write(
        "a.csv",
        "뉴스 식별자,제목,본문,URL\n1,새 다리 착공,본문 하나.,https://example.com/\n2,헌 다리 철거,본문 둘.,https://example.com/\n",
    );
    assert!(env.done("add a.csv").starts_with("added 2"));
    assert_eq!(env.show("1")["headline"], "새 다리 착공");
    assert_eq!(env.show("2")["headline"], "헌 다리 철거");
}
