//! Rules that read outlet, date, reporter or section from a file path: `{outlet}/{date}/*.html`.
//!
//! A rule matches the end of a path, component by component. `*` matches anything within a
//! component, `**` any number of components, and `{name}` captures a value within a component.

use std::path::Path;
use std::str::FromStr;

use jiff::civil::Date;
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::clipping::Published;

/// Names allowed in braces.
const NAMES: &[&str] = &[
    "outlet", "reporter", "section", "date", "year", "month", "day",
];

/// A parsed rule.
#[derive(Debug, Clone)]
pub struct PathRule {
    pattern: Regex,
}

/// Values read from a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FromPath {
    /// Outlet.
    pub outlet: Option<String>,
    /// Reporters, separated by commas in the path.
    pub reporters: Vec<String>,
    /// Section.
    pub section: Option<String>,
    /// Day of publication.
    pub published: Option<Published>,
}

/// An invalid rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathRuleError {
    /// An unknown name in braces.
    #[error(
        "'{{{0}}}' is not a field; use {{outlet}}, {{reporter}}, {{section}}, {{date}} or {{year}}, {{month}}, {{day}}"
    )]
    Field(String),
    /// The same field twice.
    #[error("'{{{0}}}' appears twice")]
    Twice(String),
    /// `{` without `}`.
    #[error("'{{' without '}}'")]
    Open,
    /// No field at all.
    #[error("no field: use {{outlet}}, {{reporter}}, {{section}} or {{date}}")]
    Nothing,
    /// The compiled pattern would be too large.
    #[error("too long")]
    TooLong,
}

impl FromStr for PathRule {
    type Err = PathRuleError;

    fn from_str(rule: &str) -> Result<Self, PathRuleError> {
        // `**` includes the separators around it, so that it also matches no component.
        let mut pattern = String::from("(?:^|/)");
        let mut seen: Vec<&str> = Vec::new();
        let rule: String = rule.nfc().collect();
        let mut rest = rule.trim_start_matches("./").trim_matches('/');
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("**/") {
                pattern.push_str("(?:.*/)?");
                rest = after;
            } else if let Some(after) = rest.strip_prefix("**") {
                pattern.push_str(".*");
                rest = after;
            } else if let Some(after) = rest.strip_prefix('*') {
                pattern.push_str("[^/]*");
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let (name, after) = after.split_once('}').ok_or(PathRuleError::Open)?;
                let name = NAMES
                    .iter()
                    .find(|&&n| n == name)
                    .ok_or_else(|| PathRuleError::Field(name.to_owned()))?;
                if seen.contains(name) {
                    return Err(PathRuleError::Twice((*name).to_owned()));
                }
                seen.push(name);
                pattern.push_str(&format!("(?P<{name}>[^/]+?)"));
                rest = after;
            } else {
                pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
                rest = &rest[c.len_utf8()..];
            }
        }
        pattern.push('$');
        if seen.is_empty() {
            return Err(PathRuleError::Nothing);
        }
        let pattern = Regex::new(&pattern).map_err(|_| PathRuleError::TooLong)?;
        Ok(PathRule { pattern })
    }
}

impl PathRule {
    /// The values of a path, if the rule matches it.
    pub fn read(&self, path: &Path) -> Option<FromPath> {
        let path: String = path.to_string_lossy().replace('\\', "/").nfc().collect();
        let found = self.pattern.captures(&path)?;
        let value = |name: &str| {
            let value = found.name(name)?.as_str().trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        let number = |name: &str| value(name).and_then(|v| v.parse::<i16>().ok());
        let part = |name: &str| number(name).and_then(|v| i8::try_from(v).ok());
        let day = match value("date") {
            Some(date) => read_date(&date),
            None => number("year")
                .zip(part("month"))
                .zip(part("day"))
                .and_then(|((year, month), day)| Date::new(year, month, day).ok()),
        };
        Some(FromPath {
            outlet: value("outlet"),
            reporters: value("reporter")
                .map(|names| {
                    names
                        .split(',')
                        .map(|name| name.trim().to_owned())
                        .filter(|name| !name.is_empty())
                        .collect()
                })
                .unwrap_or_default(),
            section: value("section"),
            published: day.map(Published::day),
        })
    }
}

/// Parses the date formats of file and folder names: `2024-02-22`, `2024.02.22`, `2024_2_22`,
/// `20240222`, `240222`.
fn read_date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect();
    let digits = |s: &str| s.parse::<i16>().ok();
    let date = |year: &str, month: &str, day: &str| {
        let year = match year.len() {
            4 => digits(year)?,
            2 => 2000 + digits(year)?,
            _ => return None,
        };
        Date::new(year, digits(month)? as i8, digits(day)? as i8).ok()
    };
    match parts.as_slice() {
        [all] if all.len() == 8 => date(&all[..4], &all[4..6], &all[6..]),
        [all] if all.len() == 6 => date(&all[..2], &all[2..4], &all[4..]),
        [year, month, day] if month.len() <= 2 && day.len() <= 2 => date(year, month, day),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(rule: &str, path: &str) -> Option<FromPath> {
        rule.parse::<PathRule>().unwrap().read(Path::new(path))
    }

    #[test]
    fn fields_are_read_from_the_end_of_a_path() {
        let found = read(
            "{outlet}/{date}/*.html",
            "/home/me/스크랩/한빛신문/2024-02-22/기사 1.html",
        )
        .unwrap();
        assert_eq!(found.outlet.as_deref(), Some("한빛신문"));
        assert_eq!(found.published.unwrap().to_string(), "2024-02-22");
        assert_eq!(read("{outlet}/{date}/*.html", "a/2024-02-22/b.txt"), None);
        assert_eq!(read("{outlet}/{date}/*.html", "2024-02-22/b.html"), None);
    }

    #[test]
    fn wildcards_and_parts_of_dates() {
        let found = read(
            "{outlet}/**/{year}/{month}/{day}_{reporter}.*",
            "한빛신문/경제/증권/2023/7/04_김하나, 이두리.txt",
        )
        .unwrap();
        assert_eq!(found.outlet.as_deref(), Some("한빛신문"));
        assert_eq!(found.published.unwrap().to_string(), "2023-07-04");
        assert_eq!(found.reporters, ["김하나", "이두리"]);
        let beside = read("{outlet}/**/{date}.txt", "한빛신문/20230704.txt").unwrap();
        assert_eq!(beside.outlet.as_deref(), Some("한빛신문"));
    }

    #[test]
    fn names_in_nfd_are_composed() {
        let path: String = "한빛신문/20240222/a.html".nfd().collect();
        let found = read("{outlet}/{date}/*", &path).unwrap();
        assert_eq!(found.outlet.as_deref(), Some("한빛신문"));
    }

    #[test]
    fn invalid_dates_are_ignored() {
        let found = read("{outlet}/{date}/*", "한빛신문/옛것/a.html").unwrap();
        assert_eq!(found.published, None);
        assert_eq!(read_date("2024-02-30"), None);
        assert_eq!(read_date("2024.2.9"), Date::new(2024, 2, 9).ok());
        assert_eq!(read_date("240209"), Date::new(2024, 2, 9).ok());
    }

    #[test]
    fn invalid_rules_are_refused() {
        let refused = |rule: &str| rule.parse::<PathRule>().unwrap_err();
        assert_eq!(
            refused("{press}/*"),
            PathRuleError::Field("press".to_owned())
        );
        assert_eq!(refused("{outlet/*"), PathRuleError::Open);
        assert_eq!(refused("*.html"), PathRuleError::Nothing);
        assert_eq!(
            refused("{date}/{date}"),
            PathRuleError::Twice("date".to_owned())
        );
    }

    proptest! {
        #[test]
        fn a_path_made_by_a_rule_is_read_by_it(
            outlet in "[가-힣a-zA-Z]{1,10}",
            year in 1990i16..2030, month in 1i8..13, day in 1i8..29,
            file in "[^/\\\\{}]{0,12}",
        ) {
            let path = format!("x/{outlet}/{year}-{month:02}-{day:02}/{file}.html");
            let found = read("{outlet}/{date}/*.html", &path).unwrap();
            prop_assert_eq!(found.outlet, Some(outlet));
            prop_assert_eq!(found.published.unwrap().date, Date::new(year, month, day).unwrap());
        }

        #[test]
        fn any_rule_and_path_are_accepted(rule in ".{0,40}", path in ".{0,60}") {
            if let Ok(rule) = rule.parse::<PathRule>() {
                let _ = rule.read(Path::new(&path));
            }
        }
    }
}
