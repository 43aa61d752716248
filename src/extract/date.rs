//! Parses dates of publication.
//!
//! Korean pages show `2024.02.22 10:31`, `2024-02-22 10:31:05`, `2024년 2월 22일 (목) 오후 3:07`,
//! `20240222103105` in metadata, `24-02-22` rarely. A date without a year, or a day alone
//! (`21일(현지시간)`), is not a date of publication and is never completed.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Time};
use regex::Regex;

use super::pattern;
use super::table;
use crate::clipping::Published;

/// A date found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FoundDate {
    pub published: Published,
    /// Its byte range in the text.
    pub start: usize,
    pub end: usize,
    pub role: Role,
}

/// The meaning of a date according to its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Published,
    Modified,
    /// Something else: a view counter, the registration of the newspaper.
    Other,
    /// No label.
    Bare,
}

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"(?x)
        (?P<y>(?:19|20)\d\d) \s* (?: [-./] | 년 ) \s*
        (?P<m>\d{1,2}) \s* (?: [-./] | 월 ) \s*
        (?P<d>\d{1,2}) (?: \s*일 | \.)?
        (?: \s* [(\[]? [월화수목금토일] (?:요일)? [)\]] )?
        (?:
            [\sT,|ㅣ(]* (?P<half>오전|오후|AM|PM|am|pm)? [\s.]*
            (?P<h>\d{1,2}) \s* (?: : | 시 ) \s* (?P<min>\d{1,2}) (?: \s*분)?
            (?: \s* [:] \s* (?P<s>\d{1,2}) )?
            (?: \s* (?P<half2>오전|오후|AM|PM|am|pm) )?
        )?",
    )
});

/// `March 12, 2024 - 15:32`, `Mar.12,2024 3:32 PM`, `12 March 2024`, `15:32 March 12, 2024`.
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"(?x)
        (?: (?P<h0>\d{1,2}) : (?P<min0>\d\d) ,? \s+ (?:KST,?\s+)? )?
        (?: (?P<d0>\d{1,2}) \s+ )?
        \b(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [a-z]{0,6} \.? \s* (?: (?P<d>\d{1,2}) (?:st|nd|rd|th)? \s* ,? \s* )?
        (?P<y>(?:19|20)\d\d)
        (?: [\s,|-]{0,6} (?:at\s)? (?P<h>\d{1,2}) : (?P<min>\d\d) (?: : (?P<s>\d\d) )? (?: \s* (?P<half>[AaPp]) \.?[Mm]\b )? )?",
    )
});

/// `24.02.22 10:31`: a year of two digits counts only with a time.
static SHORT_YEAR: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"\b(?P<y>[0-3]\d)[-./](?P<m>\d\d)[-./](?P<d>\d\d)\s+(?P<h>\d\d):(?P<min>\d\d)(?::(?P<s>\d\d))?",
    )
});

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

static COMPACT: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"^(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?:T?(?P<h>\d\d)(?P<min>\d\d)(?P<s>\d\d)?)?$",
    )
});

/// `2024-02-22T10:31:00.000+0900` and the like: what [`Published`] reads once the fraction is gone.
static FRACTION: LazyLock<Regex> = LazyLock::new(|| pattern::fixed(r"[.,]\d+"));

static LABELS: LazyLock<Vec<(&'static str, Role)>> = LazyLock::new(|| {
    table::rows(include_str!("data/date_labels.tsv"))
        .filter_map(|row| {
            let role = match row.get(0) {
                "published" => Role::Published,
                "modified" => Role::Modified,
                "other" => Role::Other,
                _ => return None,
            };
            Some((row.get(1), role))
        })
        .collect()
});

/// Reads a visible date such as `입력 2024.02.22. 오후 3:07`: the first publication date in the
/// text, else the first date without a label. `None` without a full date (year, month, day).
pub fn parse_korean(text: &str) -> Option<Published> {
    let mut bare = None;
    for found in find_all(text) {
        match found.role {
            Role::Published => return Some(found.published),
            Role::Bare if bare.is_none() => bare = Some(found.published),
            _ => {}
        }
    }
    bare
}

/// Reads a date of metadata: ISO 8601 in the spellings that sites use, digits run together, or a
/// visible form.
pub(super) fn parse_meta(value: &str) -> Option<Published> {
    let value = value.trim();
    if value.len() < 8 || value.len() > 80 {
        return None;
    }
    if let Some(c) = COMPACT.captures(value) {
        return from_captures(&c);
    }
    if value
        .as_bytes()
        .get(10)
        .is_some_and(|b| matches!(b, b'T' | b't'))
    {
        let value = FRACTION.replace(value, "");
        if let Ok(published) = value.trim().parse::<Published>() {
            return plausible(published);
        }
        // `2016-09-17T11:35+09:00`: no seconds.
        if let Some((clock, zone)) = value.split_at_checked(16)
            && let Ok(published) = format!("{clock}:00{zone}").parse::<Published>()
        {
            return plausible(published);
        }
    }
    parse_korean(value)
}

/// Reads a value that is nothing but a date with a year of two digits, as Korean tables write it: `24.2.22`,
/// `24/02/22 10:31`. Years from 50 are of the 20th century.
pub(super) fn parse_short_year(value: &str) -> Option<Published> {
    let c = SHORT_YEAR_ALONE.captures(value.trim())?;
    from_captures(&c).and_then(plausible)
}

static SHORT_YEAR_ALONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"^'?(?P<y>\d\d)\s?[-./]\s?(?P<m>\d{1,2})\s?[-./]\s?(?P<d>\d{1,2})\.?(?:\s+(?P<h>\d{1,2}):(?P<min>\d\d)(?::(?P<s>\d\d))?)?$",
    )
});

/// `published`, unless its year cannot be that of a clipping; archives have digitized older issues.
fn plausible(published: Published) -> Option<Published> {
    (1945..=2100)
        .contains(&published.date.year())
        .then_some(published)
}

/// All full dates of a text with their roles: Korean ones in order, then those with a short year, then
/// English ones.
pub(super) fn find_all(text: &str) -> impl Iterator<Item = FoundDate> {
    let of_captures = |c: regex::Captures<'_>, published: Option<Published>| {
        let whole = c.get(0)?;
        // The year must not be the tail of a longer number.
        if text[..whole.start()].ends_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        Some(FoundDate {
            published: published?,
            start: whole.start(),
            end: whole.end(),
            role: role_before(&text[..whole.start()]),
        })
    };
    let korean = DATE.captures_iter(text).filter_map(move |c| {
        let published = from_captures(&c);
        of_captures(c, published)
    });
    let english = ENGLISH.captures_iter(text).filter_map(move |c| {
        let published = from_english(&c);
        of_captures(c, published)
    });
    let short = SHORT_YEAR.captures_iter(text).filter_map(move |c| {
        // `02-24-02-22` is a number.
        let at = c.get(0)?.start();
        let published = from_captures(&c).filter(|_| !text[..at].ends_with(['-', '.', '/']));
        of_captures(c, published)
    });
    korean.chain(short).chain(english)
}

/// The role given by the label before a date.
pub(super) fn role_before(before: &str) -> Role {
    let label = before.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '：' | '|' | 'ㅣ' | '.' | '-' | '=' | '[' | '(')
    });
    LABELS
        .iter()
        .filter(|(l, _)| {
            label.ends_with(l)
                || (label.len() >= l.len()
                    && label.is_char_boundary(label.len() - l.len())
                    && label[label.len() - l.len()..].eq_ignore_ascii_case(l))
        })
        .max_by_key(|(l, _)| l.len())
        .map_or(Role::Bare, |(_, role)| *role)
}

fn from_english(c: &regex::Captures<'_>) -> Option<Published> {
    let number = |name: &str| c.name(name).and_then(|m| m.as_str().parse::<i8>().ok());
    let month = c.name("month")?.as_str();
    let month = MONTHS.iter().position(|m| *m == month)? + 1;
    let day = number("d0").or_else(|| number("d"))?;
    let year = c.name("y")?.as_str().parse().ok()?;
    let date = Date::new(year, i8::try_from(month).ok()?, day).ok()?;
    let clock = match (number("h"), number("min")) {
        (Some(hour), Some(minute)) => Some((hour, minute)),
        _ => number("h0").zip(number("min0")),
    };
    let Some((hour, minute)) = clock else {
        return plausible(Published::day(date));
    };
    let hour = match c.name("half").map(|m| m.as_str()) {
        Some("P" | "p") if hour < 12 => hour + 12,
        Some("A" | "a") if hour == 12 => 0,
        _ => hour,
    };
    match Time::new(hour, minute, number("s").unwrap_or(0), 0) {
        Ok(time) => plausible(Published::at(DateTime::from_parts(date, time))),
        Err(_) => plausible(Published::day(date)),
    }
}

fn from_captures(c: &regex::Captures<'_>) -> Option<Published> {
    let number = |name: &str| c.name(name).and_then(|m| m.as_str().parse::<i16>().ok());
    let small = |name: &str| c.name(name).and_then(|m| m.as_str().parse::<i8>().ok());
    let year = match number("y")? {
        short @ 0..=49 => 2000 + short,
        short @ 50..=99 => 1900 + short,
        year => year,
    };
    let date = Date::new(year, small("m")?, small("d")?).ok()?;
    let (Some(hour), Some(minute)) = (small("h"), small("min")) else {
        return plausible(Published::day(date));
    };
    let half = c.name("half").or_else(|| c.name("half2"));
    let hour = match half.map(|m| m.as_str()) {
        Some("오후" | "PM" | "pm") if hour < 12 => hour + 12,
        Some("오전" | "AM" | "am") if hour == 12 => 0,
        _ => hour,
    };
    match Time::new(hour, minute, small("s").unwrap_or(0), 0) {
        Ok(time) => plausible(Published::at(DateTime::from_parts(date, time))),
        Err(_) => plausible(Published::day(date)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        parse_korean(text).map_or_else(|| "-".to_owned(), |p| p.to_string())
    }

    #[test]
    fn visible_dates_are_read() {
        for (text, date) in [
            ("입력 2024.02.22 10:31", "2024-02-22T10:31:00+09:00"),
            ("입력2024.02.22. 오후 3:07", "2024-02-22T15:07:00+09:00"),
            (
                "기사입력 2020.07.13. 오전 12:04 최종수정 2020.07.13. 오후 5:18",
                "2020-07-13T00:04:00+09:00",
            ),
            (
                "수정 2024-02-23 09:00 | 입력 2024-02-22 10:31:05",
                "2024-02-22T10:31:05+09:00",
            ),
            ("2016/09/17 11:35 송고", "2016-09-17T11:35:00+09:00"),
            (
                "2024년 2월 22일 (목) 오후 11시 20분",
                "2024-02-22T23:20:00+09:00",
            ),
            ("등록 : 2016-09-17 17:01", "2016-09-17T17:01:00+09:00"),
            ("작성일 2025-12-11 조회 123", "2025-12-11"),
            ("승인 2024.02.22 17:40", "2024-02-22T17:40:00+09:00"),
            (
                "입력 : 2016.09.17 18:59 | 수정 : 2016.09.17 19:10",
                "2016-09-17T18:59:00+09:00",
            ),
            ("2024. 2. 5.", "2024-02-05"),
            ("입력 2024.02.22 (10:31)", "2024-02-22T10:31:00+09:00"),
            (
                "Published : March 12, 2024 - 15:32",
                "2024-03-12T15:32:00+09:00",
            ),
            (
                "Posted on : Mar.12,2024 3:32 PM KST",
                "2024-03-12T15:32:00+09:00",
            ),
            ("12 Mar. 2024, 15:32", "2024-03-12T15:32:00+09:00"),
            ("All News 15:32 March 12, 2024", "2024-03-12T15:32:00+09:00"),
            (
                "Updated: May 3, 2024 / Published: May 2, 2024",
                "2024-05-02",
            ),
            ("the March 2024 report", "-"),
            ("24.02.22 10:31", "2024-02-22T10:31:00+09:00"),
            ("작성일 24-02-22 10:31", "2024-02-22T10:31:00+09:00"),
            ("24.02.22 10:31최종 업데이트", "2024-02-22T10:31:00+09:00"),
            ("24.02.22", "-"),
            ("2024.02.22 10:31", "2024-02-22T10:31:00+09:00"),
            ("02-24-02-22 10:31", "-"),
            ("in 12 May 1999 people", "1999-05-12"),
            ("21일(현지시간) 지적했다", "-"),
            ("2월 22일", "-"),
            ("2024.13.40", "-"),
            ("등록번호 서울 아12024.02.22", "-"),
            ("", "-"),
        ] {
            assert_eq!(read(text), date, "{text}");
        }
    }

    #[test]
    fn metadata_dates_are_read() {
        for (text, date) in [
            ("2025-05-15T20:00:52.000+0900", "2025-05-15T20:00:52+09:00"),
            ("2016-09-17T11:35+09:00", "2016-09-17T11:35:00+09:00"),
            ("20240222103105", "2024-02-22T10:31:05+09:00"),
            ("20240222", "2024-02-22"),
            ("2024-02-22 10:31:05", "2024-02-22T10:31:05+09:00"),
            ("2024-02-22T01:31:05Z", "2024-02-22T10:31:05+09:00"),
            ("2024-02-22", "2024-02-22"),
        ] {
            assert_eq!(
                parse_meta(text).map(|p| p.to_string()).as_deref(),
                Some(date),
                "{text}"
            );
        }
        assert_eq!(parse_meta("politics"), None);
        assert_eq!(parse_meta("0000-00-00 00:00:00"), None);
    }

    #[test]
    fn every_label_is_read() {
        for row in table::rows(include_str!("data/date_labels.tsv")) {
            assert_ne!(
                role_before(&format!("x {} : ", row.get(1))),
                Role::Bare,
                "{}",
                row.get(1)
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(s in "[0-9년월일.:입력오후 -]{0,40}") {
            let _ = parse_korean(&s);
            let _ = parse_meta(&s);
        }
    }
}
