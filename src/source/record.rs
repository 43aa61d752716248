//! Parses records of JSON Lines.
//!
//! The fields are those that the program prints. `reporter` for a single name and `date` for
//! `published` work too. Unknown fields are ignored.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, IgnoredAny, IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::SkipReason;
use crate::clipping::{BigKinds, Clipping, Field, Published, Warning};
use crate::compose::nfc;

/// Longer ids cannot be terms of the index.
const MAX_ID_BYTES: usize = 512;

/// Maximum number of values in a list.
const MAX_VALUES: usize = 10_000;

/// One value or a list of values.
struct OneOrMany<T> {
    values: Vec<T>,
    /// Whether there were more than the maximum.
    is_cut: bool,
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        OneOrMany {
            values: Vec::new(),
            is_cut: false,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reading<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E: Error>(self, one: &str) -> Result<OneOrMany<T>, E> {
                Ok(OneOrMany {
                    values: vec![T::deserialize(one.into_deserializer())?],
                    is_cut: false,
                })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMany<T>, A::Error> {
                let mut many = OneOrMany::default();
                while many.values.len() < MAX_VALUES {
                    match list.next_element::<Option<T>>()? {
                        Some(value) => many.values.extend(value),
                        None => return Ok(many),
                    }
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    many.is_cut = true;
                }
                Ok(many)
            }
        }

        deserializer.deserialize_any(Reading(PhantomData))
    }
}

type Strings = OneOrMany<String>;

/// An id given as a string or a number.
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
                // White space is significant in ids.
                Ok(Id(nfc(text).into_owned()))
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

/// The fields of a record. Each may be missing or null.
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
    bigkinds: Option<BigKindsRecord>,
    excerpt: Option<bool>,
    warnings: Option<OneOrMany<Warning>>,
    corrected: Option<OneOrMany<Field>>,
}

/// See [`BigKinds`].
#[derive(Default, Deserialize)]
#[serde(default)]
struct BigKindsRecord {
    news_id: Option<Id>,
    categories: Option<Strings>,
    incidents: Option<Strings>,
    persons: Option<Strings>,
    places: Option<Strings>,
    organizations: Option<Strings>,
    keywords: Option<Strings>,
    excluded: Option<String>,
}

impl BigKindsRecord {
    fn lists(&self) -> [&Option<Strings>; 6] {
        [
            &self.categories,
            &self.incidents,
            &self.persons,
            &self.places,
            &self.organizations,
            &self.keywords,
        ]
    }
}

impl From<BigKindsRecord> for BigKinds {
    fn from(record: BigKindsRecord) -> BigKinds {
        BigKinds {
            news_id: record.news_id.and_then(|Id(id)| line(&id)),
            categories: lines(record.categories),
            incidents: lines(record.incidents),
            persons: lines(record.persons),
            places: lines(record.places),
            organizations: lines(record.organizations),
            keywords: lines(record.keywords),
            excluded: record.excluded.as_deref().and_then(line),
        }
    }
}

impl Record {
    fn check(&self) -> Result<(), SkipReason> {
        let lists = [
            &self.subheads,
            &self.reporters,
            &self.reporter,
            &self.captions,
            &self.keywords,
        ];
        let of_bigkinds = self.bigkinds.iter().flat_map(BigKindsRecord::lists);
        let mut lists = lists.into_iter().chain(of_bigkinds).flatten();
        let is_cut = lists.any(|list| list.is_cut)
            || self.warnings.as_ref().is_some_and(|list| list.is_cut)
            || self.corrected.as_ref().is_some_and(|list| list.is_cut);
        match is_cut {
            true => Err(SkipReason::TooManyValues { limit: MAX_VALUES }),
            false => Ok(()),
        }
    }
}

/// Parses one record.
///
/// # Errors
/// The reason why it is not a record.
pub fn parse(json: &[u8]) -> Result<Clipping, SkipReason> {
    let text = std::str::from_utf8(json).map_err(|e| SkipReason::NotUtf8 {
        byte: e.valid_up_to(),
    })?;
    let record: Record = serde_json::from_str(text).map_err(|e| not_a_record(&e))?;
    record.check()?;
    let id = record.id.map(|Id(id)| id).unwrap_or_default();
    let id = match id.trim().is_empty() {
        true => String::new(),
        false => id,
    };
    check_id(&id)?;
    let mut warnings = record.warnings.unwrap_or_default().values;
    let given = record.published.or(record.date);
    let published = given.as_deref().map(str::trim).filter(|d| !d.is_empty());
    let published = match published.map(str::parse::<Published>) {
        Some(Ok(published)) => Some(published),
        Some(Err(_)) => {
            let text = published.unwrap_or_default().chars();
            let text = text.take(Warning::MAX_TEXT_CHARS).collect();
            warnings.push(Warning::UnreadableDate { text });
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
    let mut corrected: Vec<Field> = Vec::new();
    for field in record.corrected.unwrap_or_default().values {
        if !corrected.contains(&field) {
            corrected.push(field);
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
        bigkinds: record
            .bigkinds
            .map(BigKinds::from)
            .filter(|bigkinds| *bigkinds != BigKinds::default())
            .map(Box::new),
        excerpt: record.excerpt.unwrap_or(false),
        warnings,
        corrected,
        ..Clipping::default()
    };
    if clipping.headline.is_empty() && clipping.body.is_empty() {
        return Err(SkipReason::NoHeadlineOrBody);
    }
    Ok(clipping)
}

/// Checks that an id can be stored, searched and printed.
///
/// # Errors
/// When it has control characters or is too long.
pub fn check_id(id: &str) -> Result<(), SkipReason> {
    if id.contains(char::is_control) {
        return Err(SkipReason::InvalidId);
    }
    if id.len() > MAX_ID_BYTES {
        return Err(SkipReason::IdTooLong {
            limit: MAX_ID_BYTES,
        });
    }
    Ok(())
}

fn not_a_record(error: &serde_json::Error) -> SkipReason {
    // serde_json appends line and column, but a record is a single line.
    let text = error.to_string();
    let (detail, column) = match text.rsplit_once(" at line ") {
        Some((detail, _)) => (detail.to_owned(), Some(error.column())),
        None => (text, None),
    };
    SkipReason::NotARecord { column, detail }
}

fn lines(field: Option<Strings>) -> Vec<String> {
    field
        .unwrap_or_default()
        .values
        .iter()
        .filter_map(|s| line(s))
        .collect()
}

/// Normalizes a text of one line: NFC, with white space and control characters collapsed to single
/// spaces; `None` if nothing is left.
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

/// Normalizes a text of several paragraphs: NFC, without control characters, empty lines and white
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
    fn what_is_no_record_is_refused() {
        let refused = |json: &str| parse(json.as_bytes()).unwrap_err();
        for json in ["{}", r#"{"headline": "  "}"#] {
            assert_eq!(refused(json), SkipReason::NoHeadlineOrBody, "{json}");
        }
        for json in [
            "[1]",
            r#"{"headline": 3}"#,
            r#"{"headline": "끝"#,
            r#"{"headline": "끝", "corrected": ["title"]}"#,
        ] {
            match refused(json) {
                SkipReason::NotARecord { column, detail } => {
                    assert!(column.is_some(), "{json}");
                    assert!(!detail.contains(['\n', ':']) || !detail.contains(" at line "));
                }
                other => panic!("{json}: {other:?}"),
            }
        }
        assert_eq!(
            parse(b"{\"headline\": \"\xb1\"}"),
            Err(SkipReason::NotUtf8 { byte: 14 })
        );
        let many = format!(
            "{{\"headline\": \"가\", \"reporters\": [{}0]}}",
            "\"가\",".repeat(10_000)
        );
        assert_eq!(
            refused(&many),
            SkipReason::TooManyValues { limit: MAX_VALUES }
        );
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).is_err());
    }

    #[test]
    fn an_unreadable_date_is_a_warning() {
        let clipping = parse(r#"{"headline": "제목", "date": "어제"}"#.as_bytes()).unwrap();
        assert_eq!(clipping.published, None);
        let text = "어제".to_owned();
        assert_eq!(clipping.warnings, [Warning::UnreadableDate { text }]);
    }

    #[test]
    fn warnings_are_read_as_codes_and_as_text() {
        let json =
            r#"{"headline": "제목", "warnings": [{"code": "no-outlet"}, "확인할 것", null]}"#;
        let text = "확인할 것".to_owned();
        assert_eq!(
            parse(json.as_bytes()).unwrap().warnings,
            [Warning::NoOutlet, Warning::Stated { text }]
        );
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
        fn any_bytes_are_accepted(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
