//! Formats of other programs: tables, workbooks, feeds, answers of search interfaces.

use std::io::Write;

use serde_json::Value;

use crate::env::Env;

/// What `extract` makes of a file, a record a line.
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

/// A workbook as BIGKinds writes it: inline strings, and a sheet that says it has one cell.
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
        ("_rels/.rels", r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("[Content_Types].xml", r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default ContentType="application/xml" Extension="xml"/></Types>"#),
        ("xl/workbook.xml", r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="sheet" r:id="rId1" sheetId="1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
    ];
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn an_export_of_bigkinds_is_taken_in() {
    let env = Env::new();
    let cut = format!("{}..", "새 다리가 놓인다. ".repeat(18));
    env.write(
        "NewsResult.xlsx",
        bigkinds(&[
            &["뉴스 식별자", "일자", "언론사", "기고자", "제목", "통합 분류1", "특성추출(가중치순 상위 50개)", "본문", "URL"],
            &["01.20200707", "20200707", "중앙일보", "이두리(duri@example.com)", "다리 공사 시작", "지역&gt;경기", "다리,공사", &cut, "https://example.com/1"],
            &["01.20200708", "20200708", "YTN", "", "다리 공사 중단", "", "", "짧은 본문이다.", ""],
        ]),
    );
    env.done("add NewsResult.xlsx");
    assert_eq!(env.count(), 2);
    let second = env.show("01.20200708");
    assert_eq!(second["published"], "2020-07-08");
    assert_eq!(second["excerpt"], Value::Null);
    let records = extract(&env, "NewsResult.xlsx");
    let first = &records[0];
    assert_eq!(first["source"], "NewsResult.xlsx#1");
    assert_eq!(first["headline"], "다리 공사 시작");
    assert_eq!(first["outlet"], "중앙일보");
    assert_eq!(first["reporters"][0], "이두리");
    assert_eq!(first["section"], "지역>경기");
    assert_eq!(first["keywords"][1], "공사");
    assert_eq!(first["excerpt"], true);
    // The whole text of the same address takes the excerpt's place.
    env.write(
        "whole.jsonl",
        serde_json::json!({"url": "https://example.com/1", "headline": "다리 공사 시작", "body": cut.repeat(4)}).to_string(),
    );
    let told = env.done("add whole.jsonl");
    assert!(told.contains("updated 1"), "{told}");
    assert_eq!(env.count(), 2);
}

#[test]
fn tables_are_read_in_any_encoding_and_with_any_separator() {
    let env = Env::new();
    let table = |s: &str| format!("언론사{s}제목{s}날짜{s}본문\n모두일보{s}\"새 \"\"도서관\"\"{s} 개관\"{s}2024.02.22{s}\"첫 문단.\n\n둘째 문단.\"\n{s}{s}{s}\n");
    env.write("a.csv", format!("\u{feff}{}", table(",")));
    env.write("b.csv", cp949(&table(";")));
    let utf16: Vec<u8> = format!("\u{feff}{}", table("\t")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    env.write("c.tsv", utf16);
    env.write("d.txt", cp949(&table("\t")));
    for file in ["a.csv", "b.csv", "c.tsv", "d.txt"] {
        let records = extract(&env, file);
        assert_eq!(records.len(), 1, "{file}");
        assert!(records[0]["headline"].as_str().unwrap().starts_with("새 \"도서관\""), "{file}: {}", records[0]);
        assert_eq!(records[0]["published"], "2024-02-22", "{file}");
        assert_eq!(records[0]["body"], "첫 문단.\n둘째 문단.", "{file}");
        assert_eq!(records[0]["outlet"], "모두일보", "{file}");
    }
}

#[test]
fn unknown_columns_are_named_and_can_be_mapped() {
    let env = Env::new();
    env.write("a.csv", "열1,열2\n새 소식,본문이다.\n");
    let run = env.run("add -v a.csv");
    assert!(run.err.contains("(it has: 열1, 열2)") && run.err.contains("--map"), "{run:?}");
    let records = extract(&env, "--map headline=열1,body=열2 a.csv");
    assert_eq!(records[0]["headline"], "새 소식");
    // The map is part of how a file is read: the same file is read again with it.
    assert!(env.done("add --map headline=열1 a.csv").contains("added 1"));
    let run = env.run("add --map colour=열1 a.csv");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("'colour' is no field"), "{run:?}");
}

#[test]
fn a_quote_that_is_never_closed_does_not_take_the_memory() {
    let env = Env::new();
    env.write("a.csv", format!("제목,본문\n하나,가\n둘,\"{}", "나".repeat(200_000)));
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
    assert_eq!(records[0]["excerpt"], Value::Null);
    assert_eq!(records[1]["headline"], "요약만");
    assert_eq!(records[1]["outlet"], "저녁신문");
    assert_eq!(records[1]["published"], "2024-02-22T09:00:00+09:00");
    assert_eq!(records[1]["excerpt"], true);

    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>모두일보</title><entry><title>새 소식</title>
<link rel="self" href="https://example.com/self"/><link href="https://example.com/b"/><updated>2024-02-22T01:00:00Z</updated>
<author><name>이두리</name><email>duri@example.com</email></author>
<content type="xhtml"><div><p>첫 문단.</p><p>둘째 문단.</p></div></content></entry></feed>"#;
    env.write("atom.xml", atom);
    let records = extract(&env, "atom.xml");
    assert_eq!(records[0]["url"], "https://example.com/b");
    assert_eq!(records[0]["reporters"][0], "이두리");
    assert_eq!(records[0]["published"], "2024-02-22T10:00:00+09:00");
    assert_eq!(records[0]["body"], "첫 문단.\n둘째 문단.");

    env.write("cut.xml", &rss.replace("euc-kr", "utf-8")[..rss.find("<item><title>요약").unwrap()]);
    assert_eq!(extract(&env, "cut.xml").len(), 1);
}

#[test]
fn answers_of_search_interfaces_are_read() {
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
