//! Chooses the headline among the titles of a page, and removes what the site has added.
//!
//! `og:title` is nearly always there but often carries the site's or section's name (` - 매일경제`,
//! ` | 한국일보`, `-정치ㅣ한국일보`). A name is cut when it is known, or when another title of the
//! page says the same without it.

use super::metadata::Metadata;
use super::naming;
use super::outlet;
use super::provenance::Origin;
use super::tidy::{self, skeleton};

/// A title of the page.
#[derive(Debug, Clone)]
pub(super) struct TitleCandidate {
    pub text: String,
    /// Its place in the page, for the provenance.
    pub from: Origin,
    /// Whether it is in the page's head, where sites decorate titles.
    pub decorated: bool,
}

const MAX_HEADLINE: usize = 300;

/// Chooses and cleans the headline. `visible` are headings near the content, best first; `labelled` is
/// a field labelled as the title; `names` are names of the outlet and its sections that a title may
/// end with; `lines` are skeletons of the lines near the text.
pub(super) fn choose(
    metadata: &Metadata,
    visible: &[String],
    labelled: Option<&str>,
    names: &[String],
    lines: &[String],
) -> Option<(String, Origin)> {
    let mut candidates = Vec::new();
    let mut add = |text: Option<&str>, from: &'static str, decorated: bool| {
        if let Some(text) = text {
            // Some sites escape twice.
            let text = tidy::line(&super::html::decode(text));
            if !text.is_empty() && text.chars().count() <= MAX_HEADLINE {
                candidates.push(TitleCandidate {
                    text,
                    from: Origin::Markup(from),
                    decorated,
                });
            }
        }
    };
    add(metadata.ld.headline.as_deref(), "JSON-LD headline", true);
    add(metadata.first(&["og:title"]), "og:title", true);
    add(
        metadata.first(&["dable:title", "taboola:title"]),
        "dable:title",
        true,
    );
    add(metadata.first(&["twitter:title"]), "twitter:title", true);
    add(
        metadata.first(&["title", "headline", "dc.title"]),
        "meta title",
        true,
    );
    add(metadata.title.as_deref(), "<title>", true);
    let decorated = candidates.len();
    for text in visible {
        candidates.push(TitleCandidate {
            text: text.clone(),
            from: Origin::Heading,
            decorated: false,
        });
    }
    // A heading that a title of the head contains is the headline, free of decoration.
    for title in &candidates[..decorated] {
        let whole = skeleton(&title.text);
        let best = candidates[decorated..]
            .iter()
            .filter(|h| {
                let bare = skeleton(&h.text);
                bare.chars().count() >= 6
                    && whole.contains(&bare)
                    && bare.len() * 3 >= whole.len()
                    && !is_site(&h.text, names)
            })
            .max_by_key(|h| skeleton(&h.text).len());
        if let Some(heading) = best {
            let text = strip_names(&heading.text, names);
            // `<h1><span>속보</span>봄꽃`: a badge, which the title sets in brackets.
            let written = strip_names(&title.text, names);
            if written.starts_with('[')
                && !text.starts_with('[')
                && skeleton(&written) == skeleton(&text)
            {
                return Some((written, Origin::TitleLikeHeading));
            }
            return Some((text, Origin::HeadingInTitle));
        }
    }
    if let Some(text) = labelled {
        return Some((text.to_owned(), Origin::LabelledField));
    }
    for candidate in &candidates {
        let text = skeleton(&strip_names(&candidate.text, names));
        // A line may name the section before it.
        let is_long = text.chars().count() >= 8;
        let is_shown = lines
            .iter()
            .any(|l| l.starts_with(&text) || is_long && l.contains(&text));
        if candidate.decorated && !is_shown && is_path(&candidate.text) && !visible.is_empty() {
            continue;
        }
        let text = if candidate.decorated {
            let text = strip_names(&candidate.text, names);
            let text = shorter_twin(&text, &candidates[..decorated], names).unwrap_or(text);
            shown_beginning(&text, lines).unwrap_or(text)
        } else {
            candidate.text.clone()
        };
        if skeleton(&text).chars().count() >= 2 && !is_site(&text, names) {
            return Some((text, candidate.from.clone()));
        }
    }
    None
}

/// A title without its last part, if a line of the page has the title without it.
fn shown_beginning(title: &str, lines: &[String]) -> Option<String> {
    let whole = skeleton(title);
    if lines.iter().any(|l| l.starts_with(&whole)) {
        return None;
    }
    let (head, tail) = split_suffix(title)?;
    let bare = skeleton(head);
    let is_shown = bare.chars().count() >= 6 && lines.iter().any(|l| l.starts_with(&bare));
    (is_shown && tail.chars().count() <= 30).then(|| head.to_owned())
}

/// A title split at its last separator: the last part and the part before it.
pub(super) fn split_suffix(title: &str) -> Option<(&str, &str)> {
    let title = title
        .trim()
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '|' | '-' | '<'));
    SEPARATORS
        .iter()
        .filter_map(|s| title.rfind(s).map(|at| (at, at + s.len())))
        .max()
        .map(|(from, to)| (title[..from].trim(), title[to..].trim()))
        .filter(|(head, tail)| !head.is_empty() && !tail.is_empty())
}

/// Whether a title is only a name of the site or of a board.
fn is_site(text: &str, names: &[String]) -> bool {
    let bare = skeleton(text);
    outlet::is_name(text)
        || names.iter().any(|n| skeleton(n) == bare)
        || text
            .split(['|', '>', '<', ':', 'ㅣ', '-'])
            .all(|part| part.trim().is_empty() || outlet::is_name(part) || is_generic(part, names))
}

/// Whether a title is a path through the site's menu: `알림마당>담양뉴스>보도자료 > 상세`.
fn is_path(text: &str) -> bool {
    [" > ", " < ", ">", "›", "»"]
        .iter()
        .any(|s| text.contains(s))
        && !text.contains(['“', '"', '…', '〈', '’'])
}

/// Names of boards and kinds of pages.
fn is_generic(part: &str, names: &[String]) -> bool {
    const WORDS: [&str; 44] = [
        "보도자료",
        "뉴스",
        "기사",
        "상세",
        "상세보기",
        "보기",
        "기사보기",
        "공지사항",
        "알림마당",
        "소식",
        "홈",
        "home",
        "보도해명",
        "보도설명",
        "해명자료",
        "보도자료상세",
        "정치",
        "경제",
        "사회",
        "국제",
        "문화",
        "스포츠",
        "연예",
        "it과학",
        "생활문화",
        "오피니언",
        "사설",
        "칼럼",
        "전국",
        "지역",
        "세계",
        "산업",
        "증권",
        "부동산",
        "금융",
        "it",
        "과학",
        "종합",
        "속보",
        "기사본문",
        "본문",
        "전체기사",
        "포토",
        "사람들",
    ];
    let bare = skeleton(part);
    bare.is_empty()
        || WORDS.contains(&bare.as_str())
        || names.iter().any(|n| skeleton(n) == bare)
        || bare.ends_with("홈페이지")
        || bare.ends_with("누리집")
}

const SEPARATORS: [&str; 13] = [
    " - ", " | ", " : ", " :: ", " < ", " > ", " – ", " — ", "ㅣ", " · ", "|", "::", " » ",
];

/// Cuts names of sites and sections from the end (or the beginning) of a title.
pub(super) fn strip_names(title: &str, names: &[String]) -> String {
    let mut text = title
        .trim()
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '|' | '<' | 'ㅣ'));
    'again: loop {
        for separator in SEPARATORS {
            if let Some((head, tail)) = text.rsplit_once(separator)
                && names_site(tail, names)
                && skeleton(head).chars().count() >= 2
            {
                text = head.trim_end();
                continue 'again;
            }
        }
        // `-정치ㅣ한국일보`: without the outlet, the section follows a hyphen without spaces.
        if text.len() < title.trim().len()
            && let Some((head, tail)) = text.rsplit_once('-')
            && is_generic(tail, names)
            && !tail.trim().is_empty()
        {
            text = head.trim_end();
            continue;
        }
        if let Some((head, tail)) = text.rsplit_once('-')
            && (outlet::is_name(tail) && !tail.trim().is_empty())
            && skeleton(head).chars().count() >= 6
        {
            text = head.trim_end();
            continue;
        }
        for separator in [" | ", " :: ", " - ", " : ", " > "] {
            if let Some((head, tail)) = text.split_once(separator)
                && names_site(head, names)
                && skeleton(tail).chars().count() >= 6
            {
                text = tail.trim_start();
                continue 'again;
            }
        }
        return text.trim().to_owned();
    }
}

/// Whether a part of a title is the name of the outlet, a portal, or a section of the site.
fn names_site(part: &str, names: &[String]) -> bool {
    let part = part.trim();
    if part.chars().count() > 40 || part.is_empty() {
        return false;
    }
    // Not all outlets are in the table.
    if outlet::is_name(part) || naming::reads_as_outlet(part) || is_generic(part, names) {
        return true;
    }
    // `1등 인터넷뉴스 조선닷컴`, `네이버 뉴스`, `뉴스 : 동아닷컴`
    let words: Vec<&str> = part.split_whitespace().collect();
    words.len() <= 5
        && words.last().is_some_and(|w| outlet::is_name(w))
        && words.len() > 1
        && !part.contains(['"', '“', '…', '‘', '\''])
        || part
            .split(['ㆍ', '·', ',', '>', '/'])
            .all(|w| is_generic(w, names))
}

/// Another title of the head that is this one without its last part.
fn shorter_twin(text: &str, candidates: &[TitleCandidate], names: &[String]) -> Option<String> {
    candidates
        .iter()
        .map(|c| strip_names(&c.text, names))
        .filter(|other| {
            other.len() < text.len()
                && skeleton(other).chars().count() >= 6
                && text.starts_with(other.as_str())
                && text[other.len()..]
                    .trim_start()
                    .starts_with(['-', '|', ':', 'ㅣ', '<', '–', '—', '·', '>'])
        })
        .min_by_key(String::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sites_are_cut() {
        for (title, headline) in [
            ("봄꽃 축제 - 매일경제", "봄꽃 축제"),
            ("봄꽃 축제 | 한국일보", "봄꽃 축제"),
            ("봄꽃 축제-정치ㅣ한국일보", "봄꽃 축제"),
            ("봄꽃 축제 : 뉴스 : 동아닷컴", "봄꽃 축제"),
            ("봄꽃 축제 : 노동 : 사회 : 뉴스 : 한겨레", "봄꽃 축제"),
            (
                "봄꽃 축제 - 1등 인터넷뉴스 조선닷컴 - 정치 > 정부ㆍ지자체",
                "봄꽃 축제",
            ),
            ("봄꽃 축제 : 네이버 뉴스", "봄꽃 축제"),
            ("봄꽃 축제 - 가람별일보", "봄꽃 축제"),
            ("봄꽃 축제 < 사회 < 기사본문 - 중도일보", "봄꽃 축제"),
            ("오늘 A-B 축제, 내일 C", "오늘 A-B 축제, 내일 C"),
            ("김씨 “봄 - 여름 사이”", "김씨 “봄 - 여름 사이”"),
        ] {
            assert_eq!(
                strip_names(title, &["정부ㆍ지자체".into(), "노동".into()]),
                headline,
                "{title}"
            );
        }
    }
}
