//! The record of a clipping: the type shared by all stages from extraction to report.
//!
//! Every stage reads or fills a [`Clipping`]; no other type passes between `source`, `extract`,
//! `index`, `search` and `report`. Its JSON form is printed by `extract`, `show` and `search
//! --format json`, read by `add` as JSON Lines, and stored in the index, which can be rebuilt from
//! it.

use std::fmt;
use std::ops::Not;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::korean_time;

/// A news clipping.
///
/// All text is in NFC. `headline` or `body` may be empty (a photo story has no body), but not both
/// in a stored record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Clipping {
    /// Id: given by the source, else derived from the canonical URL, else from the content. Empty
    /// until the index assigns it.
    pub id: String,
    /// The path or URL it was read from, as given by the user; with `#n` for the n-th item of a
    /// file with several.
    pub source: String,
    /// Other sources with the same clipping.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_sources: Vec<String>,
    /// Canonical URL of the article.
    pub url: Option<String>,
    /// Headline without the name of outlet or section.
    pub headline: String,
    /// Decks below the headline and subheads in the body, in order.
    #[serde(deserialize_with = "null_as_default")]
    pub subheads: Vec<String>,
    /// Names of the reporters, without title or e-mail.
    #[serde(deserialize_with = "null_as_default")]
    pub reporters: Vec<String>,
    /// Canonical Korean name of the outlet.
    pub outlet: Option<String>,
    /// The portal, if the page is a portal's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// Section as named by the outlet.
    pub section: Option<String>,
    /// Time of publication in Korea.
    pub published: Option<Published>,
    /// Paragraphs, separated by `\n`, without captions and page furniture.
    pub body: String,
    /// Captions of pictures, in order.
    #[serde(deserialize_with = "null_as_default")]
    pub captions: Vec<String>,
    /// Keywords assigned by the source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Fields that only BIGKinds has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bigkinds: Option<Box<BigKinds>>,
    /// Whether the source had only the beginning of the body.
    #[serde(skip_serializing_if = "Not::not")]
    pub excerpt: bool,
    /// Doubts about the record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// Fields corrected by the user. Later extractions do not change them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrected: Vec<Field>,
}

/// A field that the user can correct.
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
    /// Key of the field in JSON.
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

/// The columns of a BIGKinds export that have no other field in a record. Its column 특성추출 (the
/// terms with the highest weight) becomes `keywords` of the record.
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
    /// 키워드: all nouns of the article.
    pub keywords: Vec<String>,
    /// 분석제외 여부: why BIGKinds excludes the article from its statistics.
    pub excluded: Option<String>,
}

/// A doubt about a record. In JSON, a `code` in kebab-case with its data beside it.
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
    /// Most of the page's text is outside the detected body.
    LowBodyShare,
    NoOutlet,
    PageTruncated,
    UnreadableDate {
        text: String,
    },
    /// Bytes that are invalid in the encoding.
    UndecodableBytes {
        count: usize,
        encoding: String,
    },
    /// Text given by the source.
    Stated {
        text: String,
    },
}

impl Warning {
    /// Maximum length of an unreadable value, in characters.
    pub const MAX_TEXT_CHARS: usize = 40;
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Warning::serialize(self, s)
    }
}

impl<'de> Deserialize<'de> for Warning {
    /// A bare string is a warning with text given by the source.
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

    /// Removes what a licence for links and headlines does not cover: body, subheads, captions and
    /// keywords.
    pub fn keep_only_link(&mut self) {
        self.body.clear();
        self.subheads.clear();
        self.captions.clear();
        self.keywords.clear();
        self.bigkinds = None;
    }

    /// Copies the corrected fields of `other`, including empty ones, and marks them as corrected.
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

/// Exports of other programs have `null` for empty lists.
fn null_as_default<'de, D, T>(d: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(d).map(Option::unwrap_or_default)
}

/// Time of publication in Korea: a day, with a time of day if the source gives one.
///
/// Formatted as `2024-02-22` or `2024-02-22T10:31:00+09:00`. Ordered by day, then by time; a day
/// without a time comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Published {
    /// The calendar day in Korea.
    pub date: Date,
    /// The time of day in Korea; `None` if the source gives only a day.
    pub time: Option<Time>,
}

impl Published {
    /// A day without a time.
    pub fn day(date: Date) -> Self {
        Published { date, time: None }
    }

    /// A time in Korean civil time; fractions of a second are dropped, as they are not formatted.
    pub fn at(moment: DateTime) -> Self {
        let time = moment.time();
        let whole = Time::new(time.hour(), time.minute(), time.second(), 0);
        Published {
            date: moment.date(),
            time: Some(whole.unwrap_or(time)),
        }
    }

    /// The Korean time of a timestamp.
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        Published::at(korean_time::civil(timestamp))
    }

    /// Unix seconds. A day without a time counts as its midnight in Korea.
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

/// A string that is not an ISO 8601 date or date-time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no date: write 2024-02-22 or 2024-02-22T10:31:00+09:00")]
pub struct NoDate(pub(crate) String);

impl FromStr for Published {
    type Err = NoDate;

    /// Parses ISO 8601: a day, or a day with a time (separated by `T` or a space). A time with an
    /// offset or `Z` is converted to Korean time; one without is Korean time.
    fn from_str(s: &str) -> Result<Self, NoDate> {
        let text = s.trim();
        let refuse = || NoDate(s.chars().take(40).collect());
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Ok(Published::from_timestamp(timestamp));
        }
        // `+0900` without a colon, as on many Korean sites, is valid in ISO 8601 but not in RFC
        // 3339.
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
