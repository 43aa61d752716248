//! The record: one clipping, the same type all along the way from extraction to report.
//!
//! Every stage reads or fills a [`Clipping`]; nothing else crosses the borders between
//! `source`, `extract`, `index`, `search` and `report`. Its serde form is the JSON that
//! `extract`, `show` and `search --format json` print and that `add` takes in as JSON Lines,
//! and is also what the index stores, so that it can be rebuilt from itself.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::korean_time;

/// One saved article.
///
/// All text is NFC. An empty `headline` or `body` is possible (a photo story has no body), never
/// both in a record that is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Clipping {
    /// Name of the clipping in the index: given by the source, else derived from the canonical
    /// url, else from the content. Empty until the index has settled it.
    pub id: String,
    /// The path or address it was read from, as the user gave it; with `#n` for the n-th record
    /// of a file that holds many.
    pub source: String,
    /// Further places the same clipping was found at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_sources: Vec<String>,
    /// Canonical address of the article.
    pub url: Option<String>,
    /// Headline without the outlet's or section's name.
    pub headline: String,
    /// Decks under the headline and subheads inside the body, in order.
    #[serde(deserialize_with = "null_as_default")]
    pub subheads: Vec<String>,
    /// Names of the reporters, without title or address.
    #[serde(deserialize_with = "null_as_default")]
    pub reporters: Vec<String>,
    /// Canonical Korean name of the publisher.
    pub outlet: Option<String>,
    /// The portal that carried the article, when the page is a portal's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// Section as the outlet calls it.
    pub section: Option<String>,
    /// When it was published, in Korean time.
    pub published: Option<Published>,
    /// The article's paragraphs, separated by `\n`, without captions or furniture of the page.
    pub body: String,
    /// Captions of pictures, in order.
    #[serde(deserialize_with = "null_as_default")]
    pub captions: Vec<String>,
    /// Keywords that the source itself assigned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// What BIGKinds says of the article beside its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bigkinds: Option<Box<BigKinds>>,
    /// True when the source held only the beginning of the body.
    #[serde(skip_serializing_if = "is_false")]
    pub excerpt: bool,
    /// What is doubtful about the record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// Fields that a person corrected. No later extraction changes them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrected: Vec<Field>,
}

/// A field that a person can correct.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the fields of `Clipping`")]
pub enum Field {
    Url,
    Headline,
    Subheads,
    Reporters,
    Outlet,
    Section,
    Published,
    Body,
    Captions,
    Keywords,
}

impl Field {
    /// The key of the field in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Field::Url => "url",
            Field::Headline => "headline",
            Field::Subheads => "subheads",
            Field::Reporters => "reporters",
            Field::Outlet => "outlet",
            Field::Section => "section",
            Field::Published => "published",
            Field::Body => "body",
            Field::Captions => "captions",
            Field::Keywords => "keywords",
        }
    }
}

/// The columns of a BIGKinds export that have no other place in a record. Its 특성추출 (the terms of
/// most weight) are the `keywords` of the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BigKinds {
    /// 뉴스 식별자.
    pub news_id: Option<String>,
    /// 통합 분류1 to 3: paths such as `정치>국회_정당`.
    pub categories: Vec<String>,
    /// 사건/사고 분류1 to 3.
    pub incidents: Vec<String>,
    /// 인물.
    pub persons: Vec<String>,
    /// 위치.
    pub places: Vec<String>,
    /// 기관.
    pub organizations: Vec<String>,
    /// 키워드: the nouns of the whole article.
    pub keywords: Vec<String>,
    /// 분석제외 여부: why BIGKinds leaves the article out of its own counts.
    pub excluded: Option<String>,
}

/// Something doubtful about a record. In JSON a `code` in kebab-case with its data beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case", remote = "Self")]
#[allow(
    missing_docs,
    reason = "the variants are worded in `messages::warning`"
)]
pub enum Warning {
    NoHeadline,
    NoBody,
    ShortBody,
    /// Most of the page's text is outside of what was recognised as the body.
    LowBodyShare,
    NoOutlet,
    PageTruncated,
    UnreadableDate {
        text: String,
    },
    /// Bytes without a meaning in the encoding.
    UndecodableBytes {
        count: usize,
        encoding: String,
    },
    /// The source itself words it.
    Stated {
        text: String,
    },
}

impl Warning {
    /// Characters of an unreadable value that are kept.
    pub const LONGEST_TEXT: usize = 40;
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Warning::serialize(self, s)
    }
}

impl<'de> Deserialize<'de> for Warning {
    /// A bare string is a warning that the source words itself.
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Json {
            Text(String),
            Coded(#[serde(with = "Warning")] Warning),
        }
        Ok(match Json::deserialize(d)? {
            Json::Text(text) => Warning::Stated { text },
            Json::Coded(warning) => warning,
        })
    }
}

impl Clipping {
    /// Drops the warnings that no longer hold after a change.
    pub fn drop_settled_warnings(&mut self) {
        let (no_headline, no_body) = (self.headline.is_empty(), self.body.is_empty());
        let (no_outlet, no_date) = (self.outlet.is_none(), self.published.is_none());
        self.warnings.retain(|warning| match warning {
            Warning::NoHeadline => no_headline,
            Warning::NoBody => no_body,
            Warning::NoOutlet => no_outlet,
            Warning::UnreadableDate { .. } => no_date,
            _ => true,
        });
    }

    /// Empties what a licence of links and headlines does not cover: body, subheads, captions,
    /// keywords and what BIGKinds found in the text.
    pub fn keep_only_link(&mut self) {
        self.body.clear();
        self.subheads.clear();
        self.captions.clear();
        self.keywords.clear();
        self.bigkinds = None;
    }

    /// Copies the corrected fields of `other`, empty ones too, and marks them as corrected here.
    pub fn apply_corrections(&mut self, other: &Clipping) {
        for &field in &other.corrected {
            match field {
                Field::Url => self.url.clone_from(&other.url),
                Field::Headline => self.headline.clone_from(&other.headline),
                Field::Subheads => self.subheads.clone_from(&other.subheads),
                Field::Reporters => self.reporters.clone_from(&other.reporters),
                Field::Outlet => self.outlet.clone_from(&other.outlet),
                Field::Section => self.section.clone_from(&other.section),
                Field::Published => self.published = other.published,
                Field::Body => {
                    self.body.clone_from(&other.body);
                    self.excerpt = other.excerpt;
                }
                Field::Captions => self.captions.clone_from(&other.captions),
                Field::Keywords => self.keywords.clone_from(&other.keywords),
            }
            if !self.corrected.contains(&field) {
                self.corrected.push(field);
            }
        }
    }
}

fn is_false(b: &bool) -> bool {
    !*b
}

/// Exports write `null` where a list is empty.
fn null_as_default<'de, D, T>(d: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(d).map(Option::unwrap_or_default)
}

/// Publication time in Korean time: a day, with a time of day where the source gives one.
///
/// Written as `2024-02-22` or `2024-02-22T10:31:00+09:00`. Order: by day, then by time, a day
/// without a time first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Published {
    /// The calendar day in Korea.
    pub date: Date,
    /// The time of day in Korea, `None` when the source gives only a day.
    pub time: Option<Time>,
}

impl Published {
    /// A day without a time.
    pub fn day(date: Date) -> Self {
        Published { date, time: None }
    }

    /// A moment of Korean civil time, without its fraction of a second, which is not written either.
    pub fn at(moment: DateTime) -> Self {
        let time = moment.time();
        let whole = Time::new(time.hour(), time.minute(), time.second(), 0);
        Published {
            date: moment.date(),
            time: Some(whole.unwrap_or(time)),
        }
    }

    /// The moment of a timestamp, moved to Korean time.
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        Published::at(korean_time::civil(timestamp))
    }

    /// Seconds since 1970-01-01T00:00:00Z; a day without a time counts from its midnight in Korea.
    pub fn unix_seconds(self) -> i64 {
        let moment = self.date.to_datetime(self.time.unwrap_or(Time::midnight()));
        match korean_time::instant(moment) {
            Some(instant) => instant.as_second(),
            None if moment < DateTime::ZERO => i64::MIN,
            None => i64::MAX,
        }
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        match self.time {
            Some(t) => write!(
                f,
                "T{:02}:{:02}:{:02}+09:00",
                t.hour(),
                t.minute(),
                t.second()
            ),
            None => Ok(()),
        }
    }
}

/// A string that is no ISO 8601 date or date-time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no date: write 2024-02-22 or 2024-02-22T10:31:00+09:00")]
pub struct NoDate(String);

impl FromStr for Published {
    type Err = NoDate;

    /// Reads ISO 8601: a day, or a day with a time (`T` or a space between). A time with an
    /// offset or `Z` is moved to Korean time; one without is taken as Korean.
    fn from_str(s: &str) -> Result<Self, NoDate> {
        let text = s.trim();
        let refuse = || NoDate(s.chars().take(40).collect());
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Ok(Published::from_timestamp(timestamp));
        }
        // `+0900` without a colon, as many Korean sites write it, is not RFC 3339 but is ISO 8601.
        if let Some(at) = text.rfind(['+', '-']).filter(|&at| at > 10)
            && let Ok(moment) = text[..at].trim_end().parse::<DateTime>()
        {
            let digits: String = text[at + 1..].chars().filter(|c| *c != ':').collect();
            let (hours, minutes) = match digits.len() {
                2 => (digits.parse::<i64>().ok(), Some(0)),
                4 => (
                    digits.get(..2).and_then(|d| d.parse().ok()),
                    digits.get(2..).and_then(|d| d.parse().ok()),
                ),
                _ => (None, None),
            };
            if let (Some(h), Some(m)) = (hours, minutes) {
                let sign = if text.as_bytes()[at] == b'-' { -1 } else { 1 };
                let shift = SignedDuration::from_mins(9 * 60 - sign * (h * 60 + m));
                return moment
                    .checked_add(shift)
                    .map(Published::at)
                    .map_err(|_| refuse());
            }
        }
        if text.len() > 10 {
            return text
                .parse::<DateTime>()
                .map(Published::at)
                .map_err(|_| refuse());
        }
        text.parse::<Date>()
            .map(Published::day)
            .map_err(|_| refuse())
    }
}

impl Serialize for Published {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Published {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(s: &str) -> String {
        s.parse::<Published>().unwrap().to_string()
    }

    #[test]
    fn what_is_written_of_a_date_is_all_of_it() {
        for text in ["2024-02-22T10:31:00.66660", "2024-02-22T01:31:00.5Z"] {
            let published: Published = text.parse().unwrap();
            assert_eq!(published.to_string().parse(), Ok(published), "{text}");
        }
    }

    #[test]
    fn published_is_read_from_iso_8601_and_written_in_korean_time() {
        assert_eq!(published("2024-02-22"), "2024-02-22");
        assert_eq!(
            published("2024-02-22T10:31:00+09:00"),
            "2024-02-22T10:31:00+09:00"
        );
        assert_eq!(
            published("2024-02-22T10:31:00+0900"),
            "2024-02-22T10:31:00+09:00"
        );
        assert_eq!(published("2024-02-22 10:31"), "2024-02-22T10:31:00+09:00");
        assert_eq!(
            published("2024-02-21T20:31:00Z"),
            "2024-02-22T05:31:00+09:00"
        );
        assert_eq!(
            published("2024-02-21T20:31:00-0500"),
            "2024-02-22T10:31:00+09:00"
        );
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for s in [
            "",
            "어제",
            "21일",
            "2024-13-01",
            "0x7f",
            "2024-02-30",
            "가나다라마바사아자차카-타",
        ] {
            assert!(s.parse::<Published>().is_err(), "{s}");
        }
    }

    #[test]
    fn a_record_survives_json() {
        let json = r#"{"id":"a","headline":"제목","reporters":null,"published":"2024-02-22","corrected":["headline"]}"#;
        let c: Clipping = serde_json::from_str(json).unwrap();
        let again: Clipping = serde_json::from_str(&serde_json::to_string(&c).unwrap()).unwrap();
        assert_eq!(c, again);
        assert_eq!(c.corrected, [Field::Headline]);
        assert_eq!(c.published.unwrap().unix_seconds(), 1_708_527_600);
    }
}
