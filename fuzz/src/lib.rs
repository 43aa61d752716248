//! Properties that hold for any input: one function per fuzz target.
//!
//! Each takes arbitrary bytes and panics if a property is violated. libFuzzer calls them through
//! `fuzz_targets/`. The tests of the crate include this file and run them on stable Rust over all
//! inputs in `seeds/`.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use clippings::analyze::{Analyzer, Language};
use clippings::clipping::{Clipping, Published};
use clippings::extract::{Extractor, Page, byline, date, encoding, row};
use clippings::messages::{Lang, Localize};
use clippings::query::{self, DateRange};
use clippings::search::sentences;
use clippings::search::snippet::{Match, passages};
use clippings::source::{
    self, ColumnMap, Flow, Input, ItemContent, Limits, Origin, Sink, SkipReason, SourceItem,
};

/// A fuzz target.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("encoding", encoding),
    ("html", html),
    ("text", text),
    ("record", record),
    ("date", date),
    ("byline", byline),
    ("query", query),
    ("analysis", analysis),
    ("snippet", snippet),
];

/// Decoding: valid UTF-8 is lossless, and decoding the result again changes nothing.
pub fn encoding(data: &[u8]) {
    let decoded = encoding::decode(data, None);
    let again = encoding::decode(decoded.text.as_bytes(), Some("utf-8"));
    if decoded.encoding == "UTF-8" && decoded.replaced == 0 && !data.starts_with(b"\xef\xbb\xbf") {
        assert_eq!(decoded.text.as_bytes(), data);
    }
    assert!(again.replaced == 0 || again.encoding != "UTF-8");
    // The first byte chooses the charset that a server might have declared.
    let labels = [
        "euc-kr",
        "utf-16",
        "text/html; charset=utf-8",
        "iso-2022-kr",
        "no such thing",
    ];
    if let Some((first, rest)) = data.split_first() {
        let label = labels[usize::from(*first) % labels.len()];
        let _ = encoding::decode(rest, Some(label));
    }
}

/// Extraction of HTML.
pub fn html(data: &[u8]) {
    // Prevents detection as plain text.
    let page = [b"<!doctype html><html>", data].concat();
    extract(&page);
}

/// Extraction of plain text.
pub fn text(data: &[u8]) {
    extract(data);
}

fn extract(data: &[u8]) {
    let page = Page::new(data, "fuzz");
    if let Ok(extracted) = Extractor::default().extract(&page) {
        check(&extracted.clipping);
        let again = Extractor::default().extract(&page).map(|e| e.clipping);
        assert_eq!(
            again,
            Ok(extracted.clipping),
            "a page gives the same clipping every time"
        );
    }
}

/// Records of JSON Lines.
pub fn record(data: &[u8]) {
    struct Parsing;
    impl Sink for Parsing {
        fn item(&mut self, item: SourceItem) -> Flow {
            let made = match item.content {
                ItemContent::Record(parse) => parse(),
                ItemContent::Row(row) => row::clipping(&row),
                ItemContent::Page(_) => return ControlFlow::Continue(()),
            };
            match made {
                Ok(clipping) => check(&clipping),
                Err(reason) => on_one_line(&reason),
            }
            ControlFlow::Continue(())
        }

        fn skip(&mut self, _: String, reason: SkipReason) -> Flow {
            on_one_line(&reason);
            ControlFlow::Continue(())
        }
    }

    fn on_one_line(reason: &SkipReason) {
        for lang in [Lang::Ko, Lang::En] {
            let text = reason.text(lang);
            assert!(!text.contains('\n'), "{text:?}");
        }
    }

    for name in ["a.jsonl", "a.json", "a.csv", "a"] {
        let input = Input {
            source: name,
            name: name.to_owned(),
            reader: Box::new(Cursor::new(data)),
            limits: Limits::default(),
            columns: &ColumnMap::default(),
            depth: 0,
            origin: Origin::default(),
        };
        let _ = source::read(input, &mut Parsing);
    }
}

/// Properties of every record that is read.
fn check(clipping: &Clipping) {
    let control = |text: &str| text.chars().any(|c| c.is_control() && c != '\n');
    assert!(!clipping.headline.is_empty() || !clipping.body.is_empty());
    assert!(
        !clipping.headline.contains('\n') && !control(&clipping.headline),
        "{clipping:?}"
    );
    assert!(!control(&clipping.body), "{clipping:?}");
    for list in [&clipping.subheads, &clipping.captions, &clipping.reporters] {
        assert!(
            list.iter().all(|text| !text.is_empty() && !control(text)),
            "{clipping:?}"
        );
    }
    let json = serde_json::to_string(clipping).expect("a record can be written");
    let read: Clipping = serde_json::from_str(&json).expect("what was written can be read");
    assert_eq!(&read, clipping);
}

/// Dates: of metadata, of visible text, of `--from` and `date:`.
pub fn date(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let today = jiff::civil::date(2024, 2, 22);
    for published in [text.parse::<Published>().ok(), date::parse_korean(&text)]
        .into_iter()
        .flatten()
    {
        let printed = published.to_string();
        assert_eq!(
            printed.parse::<Published>().ok(),
            Some(published),
            "{printed}"
        );
    }
    if let Ok(range) = DateRange::parse(&text, today)
        && let (Some(from), Some(to)) = (range.from, range.to)
    {
        assert!(from <= to, "{range:?}");
    }
}

/// Names in a byline.
pub fn byline(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for name in byline::reporters(&text) {
        assert!(!name.trim().is_empty());
        assert!(!name.contains(char::is_control), "{name:?}");
    }
}

/// Query parsing never fails, and the printed query parses to the same query.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let today = jiff::civil::date(2024, 2, 22);
    let parsed = query::parse(&text, today);
    let printed = parsed.tree.to_string();
    assert_eq!(query::parse(&printed, today).tree, parsed.tree, "{printed}");
    for note in &parsed.notes {
        let text = note.text(Lang::En);
        assert!(!text.contains('\n'), "{note:?}");
    }
}

/// Analysis: offsets are within the text, and a warm cache does not change the terms.
pub fn analysis(data: &[u8]) {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    let language = LANGUAGE.get_or_init(|| Language::embedded().expect("the dictionary loads"));
    let text = String::from_utf8_lossy(data);
    let mut analyzer = Analyzer::new(language.clone());
    let mut passes: [Vec<_>; 2] = Default::default();
    for pass in &mut passes {
        let mut last = 0;
        analyzer.terms(&text, &mut |term| {
            assert!(!term.text.is_empty());
            assert!(term.position >= last);
            last = term.position;
            let (start, end) = (term.start as usize, term.end as usize);
            assert!(start < end && text.get(start..end).is_some(), "{term:?}");
            pass.push((term.text.to_owned(), term.kind, term.position, start, end));
        });
    }
    assert_eq!(passes[0], passes[1]);
    // The separate code path of `clippings analyze`.
    let _ = analyzer.explain(&text);
}

/// Snippets. The first bytes choose length, number and matches.
pub fn snippet(data: &[u8]) {
    let Some((head, rest)) = data.split_at_checked(10) else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    let (max_chars, n) = (usize::from(head[0]), usize::from(head[1] % 8));
    let matches: Vec<Match> = head[2..]
        .chunks_exact(2)
        .enumerate()
        .map(|(i, at)| {
            let start = usize::from(at[0]) * text.len() / 256;
            Match {
                range: start..start + usize::from(at[1] % 32),
                term: i as u32 % 3,
                weight: f32::from(at[1]) / 16.0,
            }
        })
        .collect();
    let mut end = 0;
    for passage in passages(&text, &matches, max_chars, n) {
        let chars = passage.text.chars().count();
        assert!(chars <= max_chars);
        assert!(!passage.text.contains('\n'));
        assert!(passage.range.start >= end && text.get(passage.range.clone()).is_some());
        end = passage.range.end;
        let mut last = 0;
        for &(from, to) in &passage.highlights {
            assert!(from >= last && from < to && to <= chars);
            last = to;
        }
    }
    let mut end = 0;
    for sentence in sentences::sentences(&text) {
        assert!(sentence.start >= end && text.get(sentence.clone()).is_some());
        end = sentence.end;
    }
}
