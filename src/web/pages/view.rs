//! Parts of views that several pages share. All texts are plain text; templates escape them.

use serde::Serialize;

use crate::app::Hit;
use crate::app::add::is_web_address;
use crate::clipping::{Clipping, Published};
use crate::messages::Lang;
use crate::report::sanitize;
use crate::web::params::Params;

/// Maximum number of characters shown of a headline in a list, and above its text. Real headlines
/// have up to a hundred; the bounds are for malformed input.
const LISTED_HEADLINE: usize = 300;
pub const FULL_HEADLINE: usize = 3000;

/// A piece of text, highlighted or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    pub text: String,
    pub marked: bool,
}

/// Splits `text` at its `highlights` (`[start, end)` in characters, sorted), and truncates it to
/// `max_chars`.
pub fn pieces(text: &str, highlights: &[(usize, usize)], max_chars: usize) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |text: &str, marked: bool| {
        let text = sanitize::line(text);
        if !text.is_empty() {
            pieces.push(Piece {
                text: text.into_owned(),
                marked,
            });
        }
    };
    let (text, is_cut) = truncated(text, max_chars);
    let mut rest = text;
    let mut done = 0;
    for &(start, end) in highlights {
        let (before, after) = split_at_char(rest, start.saturating_sub(done));
        let (marked, after) = split_at_char(after, end.saturating_sub(start.max(done)));
        push(before, false);
        push(marked, true);
        rest = after;
        done = done.max(end);
    }
    push(rest, false);
    if is_cut {
        push("…", false);
    }
    pieces
}

/// The first `max_chars` characters, and whether there are more.
fn truncated(text: &str, max_chars: usize) -> (&str, bool) {
    let (first, rest) = split_at_char(text, max_chars);
    (first, !rest.is_empty())
}

fn split_at_char(text: &str, n: usize) -> (&str, &str) {
    let at = text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// The headline as plain text, for titles and labels. Falls back to the beginning of the body.
pub fn plain_headline(clipping: &Clipping) -> String {
    let (text, is_cut) = truncated(&clipping.headline, LISTED_HEADLINE);
    let mut text = sanitize::line(text).trim().to_owned();
    if is_cut {
        text.push('…');
    }
    if text.is_empty() {
        text = sanitize::line(truncated(&clipping.body, 40).0).into_owned();
    }
    text
}

/// `text` on one line, sanitized and truncated.
pub fn line(text: &str) -> String {
    sanitize::line(truncated(text, LISTED_HEADLINE).0).into_owned()
}

/// A date, for display and for the `datetime` attribute.
#[derive(Debug, Clone, Serialize)]
pub struct When {
    pub text: String,
    pub iso: String,
}

/// Formats a date: `2024. 2. 22. (목) 10:31`, `Thu 22 Feb 2024, 10:31`.
pub fn when(published: Published, lang: Lang) -> When {
    let date = published.date;
    let weekday = date.weekday().to_monday_zero_offset();
    let weekday = usize::try_from(weekday).unwrap_or(0);
    let time = published
        .time
        .map(|t| format!("{:02}:{:02}", t.hour(), t.minute()));
    let text = match lang {
        Lang::Ko => {
            let name = ["월", "화", "수", "목", "금", "토", "일"]
                .get(weekday)
                .copied();
            let (y, m, d) = (date.year(), date.month(), date.day());
            let time = time.map_or_else(String::new, |t| format!(" {t}"));
            format!("{y}. {m}. {d}. ({}){time}", name.unwrap_or_default())
        }
        Lang::En => {
            let time = time.map_or_else(String::new, |t| format!(", {t}"));
            format!("{}{time}", date.strftime("%a %-d %b %Y"))
        }
    };
    When {
        text,
        iso: published.to_string(),
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct Link {
    pub label: String,
    pub href: String,
}

/// One of several mutually exclusive links.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    pub label: String,
    pub href: String,
    pub is_current: bool,
}

/// The URL of a clipping if it is safe to link to: `http:` or `https:`, not `javascript:`.
pub fn http_url(clipping: &Clipping) -> Option<&str> {
    clipping.url.as_deref().filter(|url| is_web_address(url))
}

/// A search result.
#[derive(Debug, Serialize)]
pub struct HitView {
    rank: u64,
    id: String,
    href: String,
    headline: Vec<Piece>,
    plain_headline: String,
    outlet: Option<String>,
    reporters: Vec<String>,
    published: Option<When>,
    section: Option<String>,
    snippets: Vec<Vec<Piece>>,
    missing: Vec<String>,
    copies: Vec<CopyView>,
}

#[derive(Debug, Serialize)]
struct CopyView {
    id: String,
    outlet: Option<String>,
    href: String,
}

/// The path of a clipping's page, percent-encoded.
pub fn path(id: &str) -> String {
    format!("/clippings/{}", percent_encoded(id))
}

/// The path of a saved search's feed, percent-encoded.
pub fn feed_path(name: &str) -> String {
    format!("/saved/{}.atom", percent_encoded(name))
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The URL of a clipping's page within a search; with `rank`, it links to neighboring results.
pub fn url(id: &str, params: &Params, rank: Option<u64>) -> String {
    let rank = rank.map(|rank| rank.to_string());
    let mut more = Vec::new();
    if let Some(rank) = &rank {
        more.push(("n", rank.as_str()));
    }
    if !params.sort.is_empty() {
        more.push(("sort", params.sort.as_str()));
    }
    params.url(&path(id), &more)
}

impl HitView {
    /// A hit whose rank is not one in the search with `params`.
    pub fn unranked(hit: &Hit, params: &Params, lang: Lang) -> HitView {
        HitView {
            href: url(&hit.clipping.id, params, None),
            ..HitView::new(hit, params, lang)
        }
    }

    /// A hit of the search with `params`.
    pub fn new(hit: &Hit, params: &Params, lang: Lang) -> HitView {
        let clipping = &hit.clipping;
        let plain = plain_headline(clipping);
        let mut headline = pieces(&clipping.headline, &hit.headline_marks, LISTED_HEADLINE);
        if headline.is_empty() {
            headline = pieces(&plain, &[], LISTED_HEADLINE);
        }
        HitView {
            rank: hit.rank,
            href: url(&clipping.id, params, Some(hit.rank)),
            id: clipping.id.clone(),
            headline,
            plain_headline: plain,
            outlet: clipping.outlet.as_deref().map(line),
            reporters: clipping
                .reporters
                .iter()
                .take(3)
                .map(|name| line(name))
                .collect(),
            published: clipping.published.map(|published| when(published, lang)),
            section: clipping.section.as_deref().map(line),
            snippets: hit
                .snippets
                .iter()
                .filter(|snippet| !snippet.text.is_empty())
                .map(|snippet| pieces(&snippet.text, &snippet.highlights, 2000))
                .collect(),
            missing: hit.missing.iter().map(|word| line(word)).collect(),
            copies: hit
                .copies
                .iter()
                .map(|copy| CopyView {
                    href: url(&copy.id, params, None),
                    outlet: copy.outlet.as_deref().map(line),
                    id: copy.id.clone(),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(pieces: &[Piece]) -> String {
        let piece = |p: &Piece| match p.marked {
            true => format!("[{}]", p.text),
            false => p.text.clone(),
        };
        pieces.iter().map(piece).collect()
    }

    #[test]
    fn texts_are_split_at_highlights() {
        for (highlights, max_chars, text) in [
            (&[][..], 99, "생성형 AI가"),
            (&[(0, 3), (4, 6)], 99, "[생성형] [AI]가"),
            (&[(4, 6)], 5, "생성형 [A]…"),
            (&[(0, 99)], 99, "[생성형 AI가]"),
            (&[(50, 60)], 99, "생성형 AI가"),
        ] {
            assert_eq!(joined(&pieces("생성형 AI가", highlights, max_chars)), text);
        }
        assert_eq!(
            joined(&pieces("a\u{202e}b\u{1b}[31mc", &[(0, 1)], 99)),
            "[a]bc"
        );
    }

    #[test]
    fn dates_are_formatted_by_language() {
        let at: Published = "2024-02-22T10:31:00+09:00".parse().unwrap();
        assert_eq!(when(at, Lang::Ko).text, "2024. 2. 22. (목) 10:31");
        assert_eq!(when(at, Lang::En).text, "Thu 22 Feb 2024, 10:31");
        assert_eq!(when(at, Lang::Ko).iso, "2024-02-22T10:31:00+09:00");
        let day: Published = "2024-02-25".parse().unwrap();
        assert_eq!(when(day, Lang::Ko).text, "2024. 2. 25. (일)");
    }

    #[test]
    fn only_http_urls_become_links() {
        for (url, is_link) in [
            ("https://example.com/1", true),
            ("HTTP://example.com/1", true),
            ("javascript:alert(1)", false),
            (" javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("//example.com", false),
            ("httpsx://example.com", false),
        ] {
            let clipping = Clipping {
                url: Some(url.to_owned()),
                ..Clipping::default()
            };
            assert_eq!(http_url(&clipping).is_some(), is_link, "{url}");
        }
    }

    #[test]
    fn ids_are_percent_encoded_in_paths() {
        assert_eq!(
            path("law:205/가?#"),
            "/clippings/law%3A205%2F%EA%B0%80%3F%23"
        );
        assert_eq!(path(".."), "/clippings/%2E%2E");
    }
}
