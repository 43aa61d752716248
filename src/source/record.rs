//! A record of JSON Lines → [`Clipping`].
//!
//! The fields are those that the program itself prints; besides, `reporter` for a single name and
//! `date` for `published` are understood, and fields of other names are passed over.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::clipping::{Clipping, Published};
use crate::compose::nfc;

/// Names longer than this cannot be terms of the index.
const LONGEST_ID: usize = 512;

/// A list with more values than this is none of an article.
const MOST_VALUES: usize = 10_000;

/// One string or several.
struct Strings(Vec<String>);

impl<'de> Deserialize<'de> for Strings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;

        impl<'de> Visitor<'de> for Reading {
            type Value = Strings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E>(self, one: &str) -> Result<Strings, E> {
                Ok(Strings(vec![one.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Strings, A::Error> {
                let mut many = Vec::new();
                while let Some(value) = values.next_element::<Option<String>>()? {
                    many.extend(value.filter(|text| !text.is_empty()));
                    if many.len() > MOST_VALUES {
                        return Err(A::Error::custom(format!(
                            "a list of more than {MOST_VALUES} values"
                        )));
                    }
                }
                Ok(Strings(many))
            }
        }

        deserializer.deserialize_any(Reading)
    }
}

/// A name given as a string or a number.
struct Id(String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;

        impl Visitor<'_> for Reading {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a whole number")
            }

            fn visit_str<E>(self, text: &str) -> Result<Id, E> {
                Ok(Id(line(text).unwrap_or_default()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Id, E> {
                Ok(Id(number.to_string()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Id, E> {
                Ok(Id(number.to_string()))
            }
        }

        deserializer.deserialize_any(Reading)
    }
}

/// What may stand in a record. Every field may be missing or null.
#[derive(Deserialize)]
struct Record {
    id: Option<Id>,
    url: Option<String>,
    headline: Option<String>,
    subheads: Option<Strings>,
    reporters: Option<Strings>,
    reporter: Option<Strings>,
    outlet: Option<String>,
    carrier: Option<String>,
    section: Option<String>,
    published: Option<String>,
    date: Option<String>,
    body: Option<String>,
    captions: Option<Strings>,
    keywords: Option<Strings>,
    excerpt: Option<bool>,
    warnings: Option<Strings>,
}

/// Reads one record.
///
/// # Errors
/// One line for people: what is wrong with it.
pub fn parse(json: &[u8]) -> Result<Clipping, String> {
    let text = utf8(json)?;
    let record: Record =
        serde_json::from_str(text).map_err(|e| format!("not a record: {}", on_one_line(&e)))?;
    let id = record.id.map(|Id(id)| id).unwrap_or_default();
    if id.len() > LONGEST_ID {
        return Err(format!("its id is longer than {LONGEST_ID} bytes"));
    }
    let mut warnings = lines(record.warnings);
    let given = record.published.or(record.date);
    let published = given.as_deref().map(str::trim).filter(|d| !d.is_empty());
    let published = match published.map(str::parse::<Published>) {
        Some(Ok(published)) => Some(published),
        Some(Err(e)) => {
            warnings.push(e.to_string());
            None
        }
        None => None,
    };
    let optional = |field: Option<String>| field.as_deref().and_then(line);
    let mut reporters = lines(record.reporters);
    for name in lines(record.reporter) {
        if !reporters.contains(&name) {
            reporters.push(name);
        }
    }
    let clipping = Clipping {
        id,
        url: optional(record.url),
        headline: optional(record.headline).unwrap_or_default(),
        subheads: lines(record.subheads),
        reporters,
        outlet: optional(record.outlet),
        carrier: optional(record.carrier),
        section: optional(record.section),
        published,
        body: record.body.as_deref().map(paragraphs).unwrap_or_default(),
        captions: lines(record.captions),
        keywords: lines(record.keywords),
        excerpt: record.excerpt.unwrap_or(false),
        warnings,
        ..Clipping::default()
    };
    if clipping.headline.is_empty() && clipping.body.is_empty() {
        return Err("it has neither headline nor body".to_owned());
    }
    Ok(clipping)
}

/// The bytes as text, or how they are not.
fn utf8(json: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(json).map_err(|e| format!("not UTF-8 (byte {})", e.valid_up_to()))
}

/// serde_json counts lines and columns; a record is one line already.
fn on_one_line(e: &serde_json::Error) -> String {
    let message = e.to_string();
    match message.rsplit_once(" at line 1 column ") {
        Some((what, column)) => format!("{what} (column {column})"),
        None => message,
    }
}

fn lines(field: Option<Strings>) -> Vec<String> {
    field
        .map(|Strings(many)| many)
        .unwrap_or_default()
        .iter()
        .filter_map(|s| line(s))
        .collect()
}

/// A text of one line: NFC, every run of white space and control characters one space; `None` when
/// nothing is left.
fn line(text: &str) -> Option<String> {
    let text = nfc(text);
    let is_gap = |c: char| c.is_whitespace() || c.is_control();
    let mut out = String::with_capacity(text.len());
    for word in text.split(is_gap).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    (!out.is_empty()).then_some(out)
}

/// A text of paragraphs: NFC, without control characters, without empty lines and without white
/// space around lines.
fn paragraphs(text: &str) -> String {
    let text = nfc(text);
    let mut out = String::with_capacity(text.len());
    for paragraph in text.split(['\n', '\r', '\u{2028}', '\u{2029}']) {
        let paragraph = paragraph.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        if paragraph.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        if paragraph.contains(char::is_control) {
            out.extend(
                paragraph
                    .chars()
                    .map(|c| if c.is_control() { ' ' } else { c }),
            );
        } else {
            out.push_str(paragraph);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn aliases_and_nulls_are_understood() {
        let clipping = parse(
            r#"{"id": 7, "headline": " 새  소식\n", "reporter": "김하나", "reporters": null,
                "date": "2024-02-22", "body": "첫째.\r\n\r\n 둘째. ", "views": 3, "captions": ["사진", null]}"#
                .as_bytes(),
        )
        .unwrap();
        assert_eq!(clipping.id, "7");
        assert_eq!(clipping.headline, "새 소식");
        assert_eq!(clipping.reporters, ["김하나"]);
        assert_eq!(clipping.published.unwrap().to_string(), "2024-02-22");
        assert_eq!(clipping.body, "첫째.\n둘째.");
        assert_eq!(clipping.captions, ["사진"]);
    }

    #[test]
    fn text_is_composed() {
        let clipping = parse("{\"headline\": \"\u{1112}\u{1161}\u{11ab}글\"}".as_bytes()).unwrap();
        assert_eq!(clipping.headline, "한글");
    }

    #[test]
    fn what_is_no_record_is_refused_in_one_line() {
        for (json, reason) in [
            ("{}", "neither headline nor body"),
            (r#"{"headline": "  "}"#, "neither headline nor body"),
            ("[1]", "not a record"),
            (r#"{"headline": 3}"#, "not a record"),
            (r#"{"headline": "끝"#, "not a record"),
        ] {
            let refused = parse(json.as_bytes()).unwrap_err();
            assert!(refused.contains(reason), "{json}: {refused}");
            assert!(!refused.contains('\n'));
        }
        assert!(
            parse(b"{\"headline\": \"\xb1\"}")
                .unwrap_err()
                .contains("UTF-8")
        );
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).is_err());
    }

    #[test]
    fn an_unreadable_date_is_a_warning() {
        let clipping = parse(r#"{"headline": "제목", "date": "어제"}"#.as_bytes()).unwrap();
        assert_eq!(clipping.published, None);
        assert!(clipping.warnings[0].contains("어제"));
    }

    proptest! {
        #[test]
        fn what_the_program_prints_is_read_again(
            headline in "[가-힣a-z]{1,12}( [가-힣]{1,5}){0,3}",
            reporters in prop::collection::vec("[가-힣]{2,4}", 0..3),
            body in "([가-힣 ]{0,20}[가-힣.]\n){0,4}[가-힣]{1,8}",
        ) {
            let clipping = Clipping {
                id: "a1".to_owned(),
                headline,
                reporters,
                body: paragraphs(&body),
                ..Clipping::default()
            };
            let json = serde_json::to_vec(&clipping).unwrap();
            prop_assert_eq!(parse(&json).unwrap(), clipping);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
