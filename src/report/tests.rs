//! The output of each format, on clippings that include hostile text.

use super::*;
use crate::app::{Copy, SearchNote, Snippet};
use crate::clipping::Clipping;
use crate::cpu_time::cpu_time;
use crate::query::QueryNote;

fn harmless() -> Clipping {
    Clipping {
        id: "a1".to_owned(),
        source: "pages/a1.html".to_owned(),
        url: Some("https://news.example.kr/a1".to_owned()),
        headline: "한빛전자, 생성형 AI 반도체 내놓는다".to_owned(),
        subheads: vec!["내년 봄 양산".to_owned()],
        reporters: vec!["김하늘".to_owned(), "이바다".to_owned()],
        outlet: Some("새벽일보".to_owned()),
        section: Some("경제".to_owned()),
        published: "2024-02-22T10:31:00+09:00".parse().ok(),
        body: "한빛전자가 생성형 AI 반도체를 내놓는다고 22일 밝혔다.\n양산은 내년 봄이다."
            .to_owned(),
        captions: vec!["한빛전자 본사. /새벽일보".to_owned()],
        ..Clipping::default()
    }
}

fn hostile() -> Clipping {
    Clipping {
        id: "b \x1b[2J2".to_owned(),
        source: "pages/\x1b]0;x\x07b.html".to_owned(),
        headline: "=cmd|'/c calc'!A1 \x1b[31m빨강\u{202e}".to_owned(),
        reporters: vec!["@홍길동".to_owned()],
        outlet: Some("-5%\n일보".to_owned()),
        body: "본문\u{9b}31m".to_owned(),
        ..Clipping::default()
    }
}

fn hit(clipping: &Clipping, rank: u64) -> Hit {
    Hit {
        rank,
        clipping: clipping.clone(),
        score: 12.5,
        headline_marks: vec![(6, 9)],
        snippets: vec![Snippet {
            text: "한빛전자가 생성형 AI 반도체를 내놓는다고 22일 밝혔다.".to_owned(),
            highlights: vec![(6, 9), (10, 12)],
        }],
        ..Hit::default()
    }
}

fn copies(n: usize) -> Vec<Copy> {
    (0..n)
        .map(|i| Copy {
            id: format!("c{i}"),
            outlet: (i > 0).then(|| format!("{i}일보")),
            url: None,
            headline: String::new(),
        })
        .collect()
}

fn printed(format: Format, style: Style, page: &ResultPage<'_>) -> String {
    let mut out = Vec::new();
    let mut printer = Printer::new(format, style, false);
    printer.page(page, &mut out).unwrap();
    printer.finish(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn two(a: &Clipping, b: &Clipping) -> [Hit; 2] {
    let mut first = hit(a, 1);
    first.copies = copies(7);
    let mut second = hit(b, 2);
    second.snippets = Vec::new();
    [first, second]
}

fn page<'a>(hits: &'a [Hit], notes: &'a [Note]) -> ResultPage<'a> {
    ResultPage {
        query_id: None,
        query: "생성형 AI",
        total: 12,
        partial: 0,
        clippings: 12,
        notes,
        hits,
        facets: None,
    }
}

#[test]
fn text_for_people() {
    let (a, b) = (harmless(), hostile());
    let notes = [SearchNote::OnlyPartial.into(), QueryNote::EmptyQuote.into()];
    let hits = two(&a, &b);
    let page = page(&hits, &notes);
    insta::assert_snapshot!(printed(Format::Text, Style::default(), &page), @r"
    note: no clipping contains all words; showing partial matches
    note: empty quotation: ignored

     1. 한빛전자, 생성형 AI 반도체 내놓는다
        새벽일보 · 김하늘, 이바다 · 2024-02-22 10:31
        한빛전자가 생성형 AI 반도체를 내놓는다고 22일 밝혔다.
        7 copies: c0, 1일보, 2일보, 3일보, 4일보, …
        a1 · https://news.example.kr/a1

     2. =cmd|'/c calc'!A1 빨강
        -5% 일보 · @홍길동
        b 2 · pages/b.html

    1–2 of 12 clippings
    ");
    let narrow = Style {
        color: true,
        width: Some(40),
        lang: Lang::En,
        links: false,
    };
    insta::assert_snapshot!(printed(Format::Text, narrow, &page).replace('\x1b', "^"), @r"
    note: no clipping contains all words; showing partial matches
    note: empty quotation: ignored

     1. ^[1m한빛전자,^[0m ^[1m^[4m생성형^[0m ^[1mAI 반도체 내놓는다^[0m
        새벽일보 · 김하늘, 이바다 ·
        2024-02-22 10:31
        한빛전자가 ^[1m생성형 AI^[0m 반도체를
        내놓는다고 22일 밝혔다.
        7 copies: c0, 1일보, 2일보, 3일보, 4일보, …
        ^[2ma1 · ^[0m^[2mhttps://news.example.kr/a1^[0m

     2. ^[1m=cmd|'^[0m^[1m^[4m/c^[0m ^[1mcalc'!A1 빨강^[0m
        -5% 일보 · @홍길동
        ^[2mb 2 · ^[0m^[2mpages/b.html^[0m

    ^[2m1–2 of 12 clippings^[0m
    ");
}

#[test]
fn nothing_found_is_said() {
    let page = ResultPage {
        total: 0,
        partial: 0,
        clippings: 0,
        ..page(&[], &[])
    };
    assert_eq!(
        printed(Format::Text, Style::default(), &page),
        "nothing found\n"
    );
    assert_eq!(printed(Format::Jsonl, Style::default(), &page), "");
    assert_eq!(printed(Format::Trec, Style::default(), &page), "");
}

#[test]
fn json_for_programs() {
    let (a, b) = (harmless(), hostile());
    let text = printed(Format::Json, Style::default(), &page(&two(&a, &b), &[]));
    assert!(!text.contains(['\x1b', '\u{9b}', '\u{202e}']));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["total"], 12);
    assert_eq!(value["hits"][0]["headline"], a.headline);
    assert_eq!(value["hits"][0]["snippet"]["highlights"][1][0], 10);
    assert_eq!(value["hits"][0]["copies"][1]["outlet"], "1일보");
    assert_eq!(value["hits"][1]["body"], b.body);
    assert!(value["hits"][1]["published"].is_null());
    assert_eq!(value["hits"][0]["passages"][0], value["hits"][0]["snippet"]);
    // All keys are always present.
    let keys = |hit: &serde_json::Value| {
        let keys = hit.as_object().unwrap().keys();
        keys.cloned().collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(keys(&value["hits"][0]), keys(&value["hits"][1]));
    let optional = [
        "warnings",
        "keywords",
        "carrier",
        "excerpt",
        "explanation",
        "corrected",
    ];
    for key in optional {
        assert!(value["hits"][0].get(key).is_some(), "{key}");
    }
    assert!(value.get("facets").unwrap().is_null());
}

#[test]
fn jsonl_lines_can_be_taken_in_again() {
    let (a, b) = (harmless(), hostile());
    let text = printed(Format::Jsonl, Style::default(), &page(&two(&a, &b), &[]));
    let again: Vec<Clipping> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(again, [a, b]);
}

#[test]
fn csv_for_spreadsheets() {
    let (a, b) = (harmless(), hostile());
    let text = printed(Format::Csv, Style::default(), &page(&two(&a, &b), &[]));
    insta::assert_snapshot!(text, @r#"
    rank,id,headline,outlet,reporters,published,date,time,section,url,snippet,copies,copy_ids,score,source
    1,a1,"한빛전자, 생성형 AI 반도체 내놓는다",새벽일보,"김하늘, 이바다",2024-02-22T10:31:00+09:00,2024-02-22,10:31:00,경제,https://news.example.kr/a1,한빛전자가 생성형 AI 반도체를 내놓는다고 22일 밝혔다.,7,c0 c1 c2 c3 c4 c5 c6,12.5,pages/a1.html
    2,b 2,'=cmd|'/c calc'!A1 빨강,"'-5%
    일보",'@홍길동,,,,,,,0,,12.5,pages/b.html
    "#);
    let mut rows = ::csv::Reader::from_reader(text.as_bytes());
    for row in rows.records() {
        assert_eq!(row.unwrap().len(), 15);
    }
}

#[test]
fn batches_name_their_queries() {
    let a = harmless();
    let hits = [hit(&a, 1)];
    let page = |id| ResultPage {
        query_id: Some(id),
        query: "생성형",
        total: 1,
        partial: 0,
        clippings: 1,
        ..page(&hits, &[])
    };
    let both = |format| {
        let mut out = Vec::new();
        let mut printer = Printer::new(format, Style::default(), true);
        printer.page(&page("q1"), &mut out).unwrap();
        printer.page(&page("q2"), &mut out).unwrap();
        printer.finish(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let csv = both(Format::Csv);
    assert_eq!(csv.matches("query_id,").count(), 1);
    assert_eq!(csv.lines().count(), 3);
    assert!(csv.lines().nth(2).unwrap().starts_with("q2,1,a1,"));
    let json: serde_json::Value = serde_json::from_str(&both(Format::Json)).unwrap();
    assert_eq!(json[1]["id"], "q2");
    assert!(both(Format::Jsonl).contains("\"query_id\":\"q2\""));
    assert!(both(Format::Text).starts_with("q1: 생성형\n"));
    assert_eq!(
        both(Format::Trec),
        "q1 Q0 a1 1 12.500000 clippings\nq2 Q0 a1 1 12.500000 clippings\n"
    );
}

#[test]
fn trec_columns_hold_no_space_and_many_lines_are_quick() {
    let mut out = Vec::new();
    trec::run("my query", [(1, "an id\u{3000}한", 1.0)], &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "my_query Q0 an_id_한 1 1.000000 clippings\n"
    );
    let begin = cpu_time();
    let mut out = Vec::new();
    let hits = (1..=100_000).map(|rank| (rank, "0123456789abcdef", 1.0 / rank as f32));
    trec::run("1", hits, &mut out).unwrap();
    assert!((cpu_time() - begin).as_secs() < 5);
}

#[test]
fn a_clipping_whole() {
    let mut out = Vec::new();
    let style = Style {
        color: false,
        width: Some(40),
        lang: Lang::En,
        links: false,
    };
    clipping::text(&harmless(), style, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
    한빛전자, 생성형 AI 반도체 내놓는다
    새벽일보 · 경제 · 김하늘, 이바다 ·
    2024-02-22 10:31
      내년 봄 양산

    한빛전자가 생성형 AI 반도체를 내놓는다고
    22일 밝혔다.

    양산은 내년 봄이다.

      [한빛전자 본사. /새벽일보]

    id       a1
    url      https://news.example.kr/a1
    source   pages/a1.html
    ");
    let mut out = Vec::new();
    clipping::text(&hostile(), style, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(!text.contains(['\x1b', '\u{9b}', '\u{202e}']), "{text:?}");
    let mut out = Vec::new();
    clipping::json(&harmless(), true, &mut out).unwrap();
    let again: Clipping = serde_json::from_slice(&out).unwrap();
    assert_eq!(again, harmless());
}
