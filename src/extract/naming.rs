//! Reduces names of outlets as written on pages to the name alone, without slogans, company forms, web
//! addresses and second spellings in parentheses.

use std::sync::LazyLock;

use regex::Regex;

use super::outlet::{self, Outlet};
use super::pattern;
use super::tidy;
use crate::hangul;

/// The name of a publisher: from the table, or as written on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    Known(&'static Outlet),
    Unknown(String),
}

impl Name {
    pub(super) fn text(&self) -> &str {
        match self {
            Name::Known(outlet) => outlet.name,
            Name::Unknown(name) => name,
        }
    }
}

/// `ⓒ 가나일보(www.example.com), 무단전재`, `저작권자 © 가나일보`, `Copyright (c) 2024 by 가나일보.`:
/// the holder after the sign.
static COPYRIGHT: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r#"(?xi)
        (?: 저작권자? \s* (?: [ⓒ©] | \(c\) | [:：] ) | copyrights? \s* (?: [ⓒ©] | \(c\) | by | [:：] )? | [ⓒ©] | \(c\) \s )
        [\s:.]* (?: by \s+ )? (?: (?:19|20)\d\d (?: \s* [-~–] \s* (?:19|20)?\d\d )? [.,]? \s* )? (?: by \s+ )? [ⓒ©]? \s*
        (?P<name> (?: ['‘"“] [^'’"”]{1,40} ['’"”] \s* )? [^\n,|<>\[\]ⓒ©&]{2,40} )"#,
    )
});

/// Text after the holder's name on the same line.
static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"(?i)\s*(?:무단|저작권|재배포|전재|\ball\s+rights?|rights?\s+reserved|모든\s*권리|판권|\.\s|\.$|사전|주소|등록|mail\b|powered|\bCorp\b|\bInc\b|\bCo\.|\bLtd\b).*$",
    )
});

/// Parts that do not belong to a name.
static DECORATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"(?i)\(주\)|㈜|주식회사|\(유\)|유한회사|\(사\)|사단법인|https?://\S*|www\.\S*|로고$|\blogo$|홈페이지$|누리집$|공식\s*홈.*$",
    )
});

/// Endings of the names of news outlets.
const ENDINGS: [&str; 39] = [
    "일보",
    "신문",
    "뉴스",
    "경제",
    "방송",
    "타임스",
    "타임즈",
    "투데이",
    "저널",
    "데일리",
    "미디어",
    "프레스",
    "통신",
    "포스트",
    "리뷰",
    "헤럴드",
    "매거진",
    "위클리",
    "닷컴",
    "코리아",
    "스포츠",
    "조선",
    "시사",
    "이코노미",
    "리포트",
    "워치",
    "비즈",
    "라인",
    "포커스",
    "월드",
    "tv",
    "news",
    "times",
    "today",
    "daily",
    "press",
    "media",
    "journal",
    "post",
];

/// Whether a word ends like a name of an outlet: `가나일보`, `다라뉴스`.
pub(super) fn reads_as_outlet(word: &str) -> bool {
    let word = word.to_lowercase();
    (3..=14).contains(&word.chars().count())
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || c == '&' || c == '.')
        && ENDINGS
            .iter()
            .any(|e| word.ends_with(e) && word.len() > e.len())
}

/// The publisher's name in a field for it. Portals are not publishers.
pub(super) fn of_field(value: &str) -> Option<Name> {
    let value = tidy::line(value);
    if let Some(known) = outlet::canonical(&value) {
        return (!known.is_portal()).then_some(Name::Known(known));
    }
    let parts: Vec<&str> = value
        .split(['|', 'ㅣ', '<', '>'])
        .flat_map(|p| p.split(" - "))
        .flat_map(|p| p.split("::"))
        .flat_map(|p| p.split(" : "))
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .collect();
    if let Some(known) = parts.iter().find_map(|p| known(p)) {
        return (!known.is_portal()).then_some(Name::Known(known));
    }
    parts.iter().find_map(|p| spoken(p)).map(Name::Unknown)
}

/// The holder in a copyright line.
pub(super) fn of_copyright(line: &str) -> Option<Name> {
    // `[사진=ⓒ 가나] 저작권자 ⓒ 다라뉴스`: the words say more than the sign.
    let worded = ["저작권", "opyright", "OPYRIGHT"]
        .iter()
        .filter_map(|w| line.find(w))
        .min()
        .map(|at| line[..at].char_indices().last().map_or(0, |(last, _)| last));
    let found = worded
        .and_then(|from| COPYRIGHT.captures(&line[from..]))
        .or_else(|| COPYRIGHT.captures(line))?;
    let name = found.name("name")?.as_str();
    let name = BEHIND.replace(name, "");
    match known(&name) {
        Some(known) => (!known.is_portal()).then_some(Name::Known(known)),
        None => spoken(&name).map(Name::Unknown),
    }
}

/// The outlet of the table named in a part of a line.
fn known(text: &str) -> Option<&'static Outlet> {
    let bare = strip(text);
    outlet::canonical(text.trim())
        .or_else(|| outlet::canonical(&bare))
        .or_else(|| {
            let (before, inside) = bare.split_once('(')?;
            outlet::canonical(before).or_else(|| outlet::canonical(inside.trim_end_matches(')')))
        })
        .or_else(|| {
            // `'가나다 전문매체' 가나일보`
            let last = bare.rsplit(['\'', '’', '"', '”']).next()?;
            outlet::canonical(last)
        })
        .or_else(|| {
            let first = bare.split_whitespace().next()?;
            (first.chars().count() >= 3)
                .then(|| outlet::canonical(first))
                .flatten()
                .filter(|o| o.kind != "government")
        })
}

fn strip(text: &str) -> String {
    let text = DECORATION.replace_all(text, " ");
    tidy::line(&text)
        .trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | '\'' | '’' | '"' | '”'))
        .to_owned()
}

/// A name that is not in the table, reduced to the name alone.
pub(super) fn spoken(text: &str) -> Option<String> {
    let bare = strip(text);
    // A slogan in quotation marks before the name.
    let bare = match bare.rsplit_once(['\'', '’', '"', '”']) {
        Some((_, name)) if !name.trim().is_empty() => name.trim(),
        _ => bare.as_str(),
    };
    // `톱스타뉴스(TopStarNews.Net)`: the Korean form of two.
    let name = match bare.split_once('(') {
        Some((before, _)) if hangul::has_syllable(before) => before.trim(),
        Some((before, inside)) if hangul::has_syllable(inside) => {
            let inside = inside.trim_end_matches(')').trim();
            if inside.is_empty() {
                before.trim()
            } else {
                inside
            }
        }
        Some((before, _)) => before.trim(),
        None => bare,
    };
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    let count = name.chars().count();
    let words = name.split_whitespace().count();
    let generic = [
        "뉴스",
        "news",
        "기사",
        "홈",
        "home",
        "포토",
        "사진",
        "기자",
        "제공",
        "copyright",
        "admin",
        "관리자",
        "untitled",
        "by",
        "all",
    ]
    .contains(&name.to_lowercase().as_str());
    let is_name = (2..=24).contains(&count)
        && words <= 4
        && !generic
        && !name.contains('@')
        && !name.contains("://")
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().any(char::is_alphabetic)
        && !name.ends_with(['다', '요']);
    is_name.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: Option<Name>) -> String {
        name.map_or_else(|| "-".to_owned(), |n| n.text().to_owned())
    }

    #[test]
    fn the_holder_of_a_copyright_line_is_found() {
        for (line, name) in [
            (
                "ⓒ 가람별뉴스(http://www.example.com) 무단전재 및 재배포금지",
                "가람별뉴스",
            ),
            (
                "저작권자 ⓒ '문화 전문 매체' 가람별미디어(www.example.com), 무단전재",
                "가람별미디어",
            ),
            (
                "저작권자 © 가람별신문 무단전재 및 재배포 금지",
                "가람별신문",
            ),
            (
                "Copyright (c) 2024 가람별뉴스. All rights reserved.",
                "가람별뉴스",
            ),
            (
                "Copyright by 가람별TV Co., Ltd. All Rights Reserved",
                "가람별TV",
            ),
            ("<저작권자ⓒ한겨레신문>", "한겨레"),
            ("Copyright ⓒ 매일경제 & mk.co.kr", "매일경제"),
            ("copyrightⓒ가람별", "가람별"),
            ("봄꽃이 피었다.", "-"),
        ] {
            assert_eq!(text(of_copyright(line)), name, "{line}");
        }
    }

    #[test]
    fn a_field_gives_the_name_alone() {
        for (field, name) in [
            ("가람별뉴스(GaramNews.Net)", "가람별뉴스"),
            ("GaramNews(가람별뉴스)", "가람별뉴스"),
            ("㈜가람별미디어", "가람별미디어"),
            ("가람별일보 - 바른 소식", "가람별일보"),
            ("네이버 뉴스", "-"),
            ("한겨레 | 사회", "한겨레"),
            ("뉴스", "-"),
            ("", "-"),
        ] {
            assert_eq!(text(of_field(field)), name, "{field}");
        }
    }

    #[test]
    fn words_that_end_as_outlets_do_are_told() {
        assert!(reads_as_outlet("가람별뉴스"));
        assert!(reads_as_outlet("GaramNews"));
        assert!(!reads_as_outlet("뉴스"));
        assert!(!reads_as_outlet("봄꽃 뉴스"));
    }
}
