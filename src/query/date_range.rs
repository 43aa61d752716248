//! Parses days and ranges of days as people write them: `2024-02`, `2024년 2월`, `7d`, `지난달`,
//! `2024-02..2024-03`.
//!
//! Used for `date:` in queries and for `--from` and `--to`. Ranges consist of calendar days in
//! Korea, both ends included; the caller passes the current date there.

use std::fmt;

use jiff::Span;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::jamo;

/// A range of days, both ends included. An open end is `None`; if both are open, the range contains
/// every dated clipping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct DateRange {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

/// Text that is not a date or range of dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("'{text}' is not a date")]
pub struct BadDate {
    /// The text, truncated.
    pub text: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl DateRange {
    /// Parses a day, a period or a range (`a..b`, `..b`, `a..`, `a~b`, `a부터 b까지`).
    ///
    /// A relative period (`7d`, `2주`, `3m`, `1y`, `최근 3개월`) ends today. Reversed ends are swapped.
    /// `today` is the date in Korea.
    pub fn parse(text: &str, today: Date) -> Result<DateRange, BadDate> {
        let clean = normalize(text);
        let ends = ["..", "~", "부터"]
            .iter()
            .find_map(|mark| clean.split_once(mark));
        let Some((a, b)) = ends else {
            if let Some(from) = clean.strip_suffix("이후") {
                return Ok(DateRange {
                    from: Some(point(from, today)?.first),
                    to: None,
                });
            }
            if let Some(to) = ["이전", "까지"].iter().find_map(|s| clean.strip_suffix(s)) {
                return Ok(DateRange {
                    from: None,
                    to: Some(point(to, today)?.last),
                });
            }
            let p = point(&clean, today)?;
            let to = if p.ago { today } else { p.last };
            return Ok(DateRange {
                from: Some(p.first),
                to: Some(to),
            });
        };
        let a = a.trim_end_matches(['.', '~']);
        let b = b.trim_start_matches(['.', '~']);
        let b = b.strip_suffix("까지").unwrap_or(b);
        let completed = completed(a, b);
        let b = completed.as_deref().unwrap_or(b);
        let read = |t: &str| match t {
            "" | "*" => Ok(None),
            _ => point(t, today).map(Some),
        };
        let (a, b) = match (read(a)?, read(b)?) {
            (Some(a), Some(b)) if a.first > b.last => (Some(b), Some(a)),
            ends => ends,
        };
        Ok(DateRange {
            from: a.map(|p| p.first),
            to: b.map(|p| p.last),
        })
    }

    /// The first day of `text`, for `--from`.
    pub fn start(text: &str, today: Date) -> Result<Date, BadDate> {
        point(&normalize(text), today).map(|p| p.first)
    }

    /// The last day of `text`, for `--to`: `2024-02` ends on the 29th, and `7d` is the day a week
    /// ago.
    pub fn end(text: &str, today: Date) -> Result<Date, BadDate> {
        point(&normalize(text), today).map(|p| p.last)
    }

    /// Whether the range contains `day`.
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

impl fmt::Display for DateRange {
    /// `2024-02-01..2024-02-29`, `2024-02-22` for one day, `*` for any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (None, None) => f.write_str("*"),
            (Some(a), Some(b)) if a == b => write!(f, "{a}"),
            (a, b) => {
                if let Some(a) = a {
                    write!(f, "{a}")?;
                }
                f.write_str("..")?;
                b.map_or(Ok(()), |b| write!(f, "{b}"))
            }
        }
    }
}

/// Completes the abbreviated end of a range from its beginning: `2024-02..03` ends in `2024-03`,
/// `2024-02-22..25` on `2024-02-25`. `None` if nothing is abbreviated.
fn completed(begin: &str, end: &str) -> Option<String> {
    let (first, last) = (split_numbers(begin)?, split_numbers(end)?);
    let is_short = last.first().is_some_and(|part| part.len() <= 2);
    let missing = first.len().checked_sub(last.len()).filter(|n| *n > 0)?;
    let parts: Vec<&str> = first.into_iter().take(missing).chain(last).collect();
    is_short.then(|| parts.join("-"))
}

/// The days of one expression. With `ago`, it is a period counted back from today; `first` and
/// `last` are then both its first day.
#[derive(Clone, Copy)]
struct Point {
    first: Date,
    last: Date,
    ago: bool,
}

impl Point {
    fn day(day: Date) -> Point {
        Point::days(day, day)
    }

    fn days(first: Date, last: Date) -> Point {
        Point {
            first,
            last,
            ago: false,
        }
    }
}

/// Normalizes: NFKC, lower case, no white space, one character each for dashes and tildes.
fn normalize(text: &str) -> String {
    text.nfkc()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '〜' | '∼' | '～' => '~',
            '‐' | '‑' | '–' | '−' => '-',
            c => c,
        })
        .collect::<String>()
        .to_lowercase()
}

fn point(text: &str, today: Date) -> Result<Point, BadDate> {
    let refuse = || BadDate {
        text: text.chars().take(40).collect(),
        suggestion: suggestion(text, today),
    };
    named(text, today)
        .or_else(|| ago(text, today))
        .or_else(|| part_of_year(text))
        .or_else(|| numbers(text))
        .ok_or_else(refuse)
}

/// A named period.
#[derive(Clone, Copy)]
enum Named {
    /// Days from today.
    Day(i32),
    /// Weeks from this one, Monday to Sunday.
    Week(i32),
    /// Calendar months from this one.
    Month(i32),
    /// Calendar years from this one.
    Year(i32),
}

/// Suggestions use the first name of a row.
const NAMED: &[(Named, &[&str])] = &[
    (Named::Day(0), &["오늘", "today", "금일", "now"]),
    (Named::Day(-1), &["어제", "yesterday", "전일", "작일"]),
    (Named::Day(-2), &["그제", "그저께", "엊그제"]),
    (Named::Day(1), &["내일", "tomorrow"]),
    (Named::Week(0), &["이번주", "thisweek", "금주", "this-week"]),
    (
        Named::Week(-1),
        &["지난주", "lastweek", "last-week", "저번주"],
    ),
    (
        Named::Month(0),
        &["이번달", "thismonth", "this-month", "이달", "금월"],
    ),
    (
        Named::Month(-1),
        &["지난달", "lastmonth", "last-month", "저번달", "전월"],
    ),
    (
        Named::Year(0),
        &["올해", "thisyear", "this-year", "금년", "이번해"],
    ),
    (
        Named::Year(-1),
        &["작년", "lastyear", "last-year", "지난해", "전년"],
    ),
    (Named::Year(-2), &["재작년"]),
];

fn named(text: &str, today: Date) -> Option<Point> {
    let (what, _) = NAMED.iter().find(|(_, names)| names.contains(&text))?;
    match *what {
        Named::Day(n) => shifted(today, Span::new().days(n)).map(Point::day),
        Named::Week(n) => {
            let back = i32::from(today.weekday().since(Weekday::Monday));
            let monday = shifted(today, Span::new().days(7 * n - back))?;
            Some(Point::days(monday, shifted(monday, Span::new().days(6))?))
        }
        Named::Month(n) => {
            let first = shifted(today.first_of_month(), Span::new().months(n))?;
            Some(Point::days(first, first.last_of_month()))
        }
        Named::Year(n) => {
            let year = today.year().checked_add(i16::try_from(n).ok()?)?;
            whole_year(year)
        }
    }
}

fn shifted(day: Date, by: Span) -> Option<Date> {
    day.checked_add(by).ok()
}

fn whole_year(year: i16) -> Option<Point> {
    Some(Point::days(
        Date::new(year, 1, 1).ok()?,
        Date::new(year, 12, 31).ok()?,
    ))
}

/// Units of time counted back from today, in all spellings. `m` means months: nobody searches news
/// by the minute.
const UNITS: &[(char, &[&str])] = &[
    ('d', &["d", "day", "days", "일"]),
    ('w', &["w", "wk", "week", "weeks", "주", "주일"]),
    (
        'm',
        &["m", "mo", "month", "months", "개월", "달", "月", "개월치"],
    ),
    ('y', &["y", "yr", "year", "years", "년", "개년"]),
];

/// Parses `7d`, `2주`, `최근 3개월`, `1년간`, `일주일`.
fn ago(text: &str, today: Date) -> Option<Point> {
    let text = ["최근", "지난", "past", "last", "-"]
        .iter()
        .find_map(|p| text.strip_prefix(p))
        .unwrap_or(text);
    let text = ["ago", "이내", "전", "간"]
        .iter()
        .find_map(|s| text.strip_suffix(s))
        .unwrap_or(text);
    let text = match text {
        "일주일" | "한주" | "week" => "1w",
        "한달" | "month" => "1m",
        "year" | "한해" => "1y",
        t => t,
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at_checked(digits)?;
    // Before 년, four digits are a year, and two are probably one without century.
    if unit == "년" && count.len() > 1 {
        return None;
    }
    let count: i32 = count.parse().ok()?;
    let (unit, _) = UNITS.iter().find(|(_, names)| names.contains(&unit))?;
    let span = match unit {
        'd' => Span::new().try_days(count),
        'w' => Span::new().try_weeks(count),
        'm' => Span::new().try_months(count),
        _ => Span::new().try_years(count),
    };
    let day = today.checked_sub(span.ok()?).ok()?;
    Some(Point {
        first: day,
        last: day,
        ago: true,
    })
}

/// Parses quarters and halves: `2024Q1`, `2024년 1분기`, `2024 상반기`.
fn part_of_year(text: &str) -> Option<Point> {
    let (year, rest) = text.split_at_checked(4)?;
    let year = year_of(year)?;
    let rest = rest.trim_start_matches(['년', '-', '.']);
    let (first, months) = match rest {
        "q1" | "1q" | "1분기" => (1, 3),
        "q2" | "2q" | "2분기" => (4, 3),
        "q3" | "3q" | "3분기" => (7, 3),
        "q4" | "4q" | "4분기" => (10, 3),
        "h1" | "1h" | "상반기" => (1, 6),
        "h2" | "2h" | "하반기" => (7, 6),
        _ => return None,
    };
    let last = Date::new(year, first + months - 1, 1).ok()?;
    Some(Point::days(
        Date::new(year, first, 1).ok()?,
        last.last_of_month(),
    ))
}

fn year_of(digits: &str) -> Option<i16> {
    (digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// Splits year, month and day, with any separators.
fn split_numbers(text: &str) -> Option<Vec<&str>> {
    // Ignore a time of day: `2024-02-22T10:31:00+09:00`.
    let text = match text.split_once('t') {
        Some((day, time)) if time.starts_with(|c: char| c.is_ascii_digit()) => day,
        _ => text,
    };
    if !text
        .chars()
        .all(|c| c.is_ascii_digit() || "-./년월일".contains(c))
    {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) && matches!(text.len(), 6 | 8) {
        let (year, rest) = text.split_at(4);
        let (month, day) = rest.split_at(2);
        return Some(
            [year, month, day]
                .into_iter()
                .filter(|p| !p.is_empty())
                .collect(),
        );
    }
    Some(
        text.split(|c: char| !c.is_ascii_digit())
            .filter(|p| !p.is_empty())
            .collect(),
    )
}

fn numbers(text: &str) -> Option<Point> {
    let parts = split_numbers(text)?;
    let short = |p: &str| (p.len() <= 2).then(|| p.parse::<i8>().ok()).flatten();
    match parts.as_slice() {
        [year] => whole_year(year_of(year)?),
        [year, month] => {
            let first = Date::new(year_of(year)?, short(month)?, 1).ok()?;
            Some(Point::days(first, first.last_of_month()))
        }
        [year, month, day] => Date::new(year_of(year)?, short(month)?, short(day)?)
            .ok()
            .map(Point::day),
        _ => None,
    }
}

/// What `text` probably means.
fn suggestion(text: &str, today: Date) -> Option<String> {
    if let Some(parts) = split_numbers(text) {
        return corrected(&parts, text, today);
    }
    let spelling = jamo::Spelling::new(text);
    NAMED
        .iter()
        .flat_map(|(_, names)| *names)
        .filter(|name| jamo::decompose(name).len() >= 4)
        .filter_map(|name| spelling.distance(name, 2).map(|d| (d, *name)))
        .min_by_key(|(d, _)| *d)
        .map(|(_, name)| name.to_owned())
}

fn corrected(parts: &[&str], text: &str, today: Date) -> Option<String> {
    let number = |p: &str| p.parse::<i16>().ok();
    let small = |p: &str| p.parse::<i8>().ok();
    // Two-digit years are the most recent ones that are not in the future.
    let century = |p: &str| {
        let year = number(p)?;
        if p.len() == 4 {
            return Some(year);
        }
        if p.len() != 2 {
            return None;
        }
        let this = today.year();
        let full = this - this % 100 + year;
        Some(if full > this + 1 { full - 100 } else { full })
    };
    let text_of = |day: Date| Some(day.to_string());
    match parts {
        [year] if year.len() == 2 && text.ends_with('년') => century(year).map(|y| y.to_string()),
        [month] if text.ends_with('월') => {
            let first = Date::new(today.year(), small(month)?, 1).ok()?;
            Some(first.strftime("%Y-%m").to_string())
        }
        [day] if text.ends_with('일') => Date::new(today.year(), today.month(), small(day)?)
            .ok()
            .and_then(text_of),
        [year, month] if year.len() == 4 => {
            let month = small(month)?.clamp(1, 12);
            Some(format!("{year}-{month:02}"))
        }
        [month, day] => Date::new(today.year(), small(month)?, small(day)?)
            .ok()
            .and_then(text_of),
        [year, month, day] if year.len() == 4 => {
            let month = small(month)?;
            let day = small(day)?;
            match Date::new(number(year)?, month, 1) {
                // The month does not have this day: suggest its last.
                Ok(first) => text_of(first.last_of_month()),
                // Day and month are swapped.
                Err(_) => Date::new(number(year)?, day, month).ok().and_then(text_of),
            }
        }
        // 22-02-2024 and 02/22/2024.
        [a, b, year] if year.len() == 4 => {
            let (a, b) = (small(a)?, small(b)?);
            Date::new(number(year)?, b, a)
                .or_else(|_| Date::new(number(year).unwrap_or_default(), a, b))
                .ok()
                .and_then(text_of)
        }
        // 24.2.22
        [year, month, day] => Date::new(century(year)?, small(month)?, small(day)?)
            .ok()
            .and_then(text_of),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    /// A Thursday.
    const TODAY: Date = date(2024, 2, 22);

    fn range(text: &str) -> String {
        match DateRange::parse(text, TODAY) {
            Ok(range) => range.to_string(),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn a_number_too_large_for_a_year_is_not_a_date() {
        let today = jiff::civil::date(2024, 2, 22);
        assert!(DateRange::parse("032024-02-30", today).is_err());
    }

    #[test]
    fn days_and_periods() {
        for (text, expected) in [
            ("2024", "2024-01-01..2024-12-31"),
            ("2024년", "2024-01-01..2024-12-31"),
            ("2024-02", "2024-02-01..2024-02-29"),
            ("2024.2", "2024-02-01..2024-02-29"),
            ("202402", "2024-02-01..2024-02-29"),
            ("2024년 2월", "2024-02-01..2024-02-29"),
            ("2024-02-22", "2024-02-22"),
            ("2024.2.22", "2024-02-22"),
            ("2024. 2. 22.", "2024-02-22"),
            ("2024/02/22", "2024-02-22"),
            ("20240222", "2024-02-22"),
            ("２０２４－０２－２２", "2024-02-22"),
            ("2024년 2월 22일", "2024-02-22"),
            ("2024-02-22T10:31:00+09:00", "2024-02-22"),
            ("2024Q1", "2024-01-01..2024-03-31"),
            ("2023년 4분기", "2023-10-01..2023-12-31"),
            ("2023 하반기", "2023-07-01..2023-12-31"),
        ] {
            assert_eq!(range(text), expected, "{text}");
        }
    }

    #[test]
    fn periods_counted_from_today() {
        for (text, expected) in [
            ("오늘", "2024-02-22"),
            ("today", "2024-02-22"),
            ("어제", "2024-02-21"),
            ("이번주", "2024-02-19..2024-02-25"),
            ("지난 주", "2024-02-12..2024-02-18"),
            ("지난달", "2024-01-01..2024-01-31"),
            ("작년", "2023-01-01..2023-12-31"),
            ("7d", "2024-02-15..2024-02-22"),
            ("2w", "2024-02-08..2024-02-22"),
            ("3m", "2023-11-22..2024-02-22"),
            ("최근 3개월", "2023-11-22..2024-02-22"),
            ("1y", "2023-02-22..2024-02-22"),
            ("일주일", "2024-02-15..2024-02-22"),
            ("5년간", "2019-02-22..2024-02-22"),
        ] {
            assert_eq!(range(text), expected, "{text}");
        }
    }

    #[test]
    fn ranges() {
        for (text, expected) in [
            ("2024-02..2024-03", "2024-02-01..2024-03-31"),
            ("2024-02..03", "2024-02-01..2024-03-31"),
            ("2024-02-22..25", "2024-02-22..2024-02-25"),
            ("2024년 2월 22일 ~ 3월 2일", "2024-02-22..2024-03-02"),
            ("2023~2024-02", "2023-01-01..2024-02-29"),
            ("..2024-02", "..2024-02-29"),
            ("2024-02..", "2024-02-01.."),
            ("2024-02~", "2024-02-01.."),
            ("30d..7d", "2024-01-23..2024-02-15"),
            ("2024-03..2024-01", "2024-01-01..2024-03-31"),
            ("2024년 1월부터 2024년 3월까지", "2024-01-01..2024-03-31"),
            ("2024년 이후", "2024-01-01.."),
            ("어제까지", "..2024-02-21"),
            ("..", "*"),
        ] {
            assert_eq!(range(text), expected, "{text}");
        }
    }

    #[test]
    fn ends_of_from_and_to() {
        assert_eq!(DateRange::start("2024-02", TODAY), Ok(date(2024, 2, 1)));
        assert_eq!(DateRange::end("2024-02", TODAY), Ok(date(2024, 2, 29)));
        assert_eq!(DateRange::start("7d", TODAY), Ok(date(2024, 2, 15)));
        assert_eq!(DateRange::end("7d", TODAY), Ok(date(2024, 2, 15)));
    }

    #[test]
    fn invalid_dates_get_a_suggestion() {
        for (text, suggestion) in [
            ("2024-02-30", Some("2024-02-29")),
            ("2024-13", Some("2024-12")),
            ("2024-22-02", Some("2024-02-22")),
            ("22-02-2024", Some("2024-02-22")),
            ("02/22/2024", Some("2024-02-22")),
            ("24.2.22", Some("2024-02-22")),
            ("98.2.22", Some("1998-02-22")),
            ("24년", Some("2024")),
            ("3월", Some("2024-03")),
            ("오눌", Some("오늘")),
            ("yesteday", Some("yesterday")),
            ("곧", None),
            ("", None),
        ] {
            let error = DateRange::parse(text, TODAY).unwrap_err();
            assert_eq!(error.suggestion.as_deref(), suggestion, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_accepted(text in any::<String>()) {
            let _ = DateRange::parse(&text, TODAY);
        }

        #[test]
        fn any_number_like_text_is_accepted(text in "[0-9.~년월일dwmyqQ/ -]{0,24}") {
            if let Ok(range) = DateRange::parse(&text, TODAY) {
                prop_assert_eq!(DateRange::parse(&range.to_string(), TODAY).ok().filter(|_| range != DateRange::default()),
                    Some(range).filter(|_| range != DateRange::default()));
                if let (Some(a), Some(b)) = (range.from, range.to) {
                    prop_assert!(a <= b);
                }
            }
        }
    }
}
