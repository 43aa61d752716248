//! Makes a [`Clipping`] from a row of named fields: exports, tables, feeds, responses of search APIs.
//!
//! Unlike on pages, the fields are given, but names, dates and paragraphs have many formats.

use jiff::fmt::rfc2822;

use super::clean::{self, Context, Line, Parts};
use super::html::{self, Data, Tag};
use super::{byline, date, furniture, headline, naming, outlet, tidy};
use crate::clipping::{BigKinds, Clipping, Published, Warning};
use crate::source::{Field, Row, SkipReason, check_id};

/// BIGKinds gives this many characters of a body and appends `..` to those that are cut; spaces at the
/// end may be lost or added.
const BIGKINDS_BODY: std::ops::RangeInclusive<usize> = 200..=210;

/// Makes a clipping from a row.
///
/// # Errors
/// The reason why it is not an article.
pub fn clipping(row: &Row) -> Result<Clipping, SkipReason> {
    let text = |field| row.first(field).map(|v| one_line(v, row.is_markup));
    let headline = text(Field::Headline)
        .map(|h| without_tags(&h))
        .unwrap_or_default();
    let (body, excerpt) = body(row);
    if headline.is_empty() && body.is_empty() {
        return Err(SkipReason::NoHeadlineOrBody);
    }
    let parts = sorted(&headline, &body);
    let mut warnings = Vec::new();
    let published = published(row, &mut warnings);
    let urls: Vec<String> = row.all(Field::Url).filter_map(address).collect();
    let (outlet, carrier) = outlet(row, &urls, &parts);
    let names: Vec<String> = outlet.iter().cloned().collect();
    let headline = headline::strip_names(&headline, &names);
    let url = urls.into_iter().next();
    let id = row
        .first(Field::Id)
        // Before the address, which several rows may share.
        .or_else(|| row.first(Field::NewsId))
        .map(|id| id.trim().to_owned())
        .unwrap_or_default();
    check_id(&id)?;
    let lines = |field| -> Vec<String> {
        row.all(field)
            .map(|value| one_line(value, row.is_markup))
            .filter(|line| !line.is_empty())
            .collect()
    };
    Ok(Clipping {
        id,
        url,
        headline,
        subheads: joined(lines(Field::Subhead), parts.subheads),
        reporters: reporters(row, parts.names),
        outlet,
        carrier,
        section: text(Field::Section)
            .or_else(|| text(Field::Category))
            .filter(|section| !section.is_empty()),
        published,
        body: parts.paragraphs.join("\n"),
        captions: joined(lines(Field::Caption), parts.captions),
        keywords: list(row.first(Field::Keywords), row),
        bigkinds: bigkinds(row),
        excerpt,
        warnings,
        ..Clipping::default()
    })
}

/// Cleans the text like that of pages: without datelines, bylines, captions and promotion. If little
/// would be left, it is unchanged: tables and lists are not running text.
fn sorted(headline: &str, body: &str) -> Parts {
    let lines: Vec<Line> = body
        .lines()
        .map(|text| Line {
            text: text.to_owned(),
            ..Line::default()
        })
        .collect();
    let context = Context {
        headline,
        decks: &[],
        is_text: true,
        without: None,
    };
    let mut parts = clean::parts(&lines, &context);
    let kept: usize = parts.weight()
        + parts
            .captions
            .iter()
            .map(|c| tidy::weight(c))
            .sum::<usize>();
    if kept * 3 < tidy::weight(body) {
        parts.paragraphs = body.lines().map(str::to_owned).collect();
        parts.subheads.clear();
        parts.captions.clear();
    }
    parts
}

fn joined(mut lines: Vec<String>, more: Vec<String>) -> Vec<String> {
    for line in more {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// A headline without tags that a source left in it.
fn without_tags(headline: &str) -> String {
    let lower = headline.to_ascii_lowercase();
    let has_tag = [
        "<br", "</", "<b>", "<i>", "<p>", "<span", "<font", "<strong",
    ]
    .iter()
    .any(|tag| lower.contains(tag));
    match has_tag {
        true => tidy::line(&plain(headline)),
        false => headline.to_owned(),
    }
}

/// The text and whether it is only the beginning.
fn body(row: &Row) -> (String, bool) {
    let whole = row.first(Field::Body).map(|v| paragraphs(v, row.is_markup));
    let whole = whole.unwrap_or_default();
    if whole.is_empty() {
        let summary = row
            .first(Field::Summary)
            .map(|v| paragraphs(v, row.is_markup));
        let summary = summary.unwrap_or_default();
        let is_some = !summary.is_empty();
        return (summary, is_some);
    }
    // newsapi.org appends `… [+1234 chars]` to what it cuts. Some of what it cuts is menus.
    if let Some((kept, rest)) = whole.rsplit_once("[+")
        && rest.trim_end().ends_with("chars]")
    {
        let kept = kept.trim_end();
        let summary = row
            .first(Field::Summary)
            .map(|v| paragraphs(v, row.is_markup))
            .filter(|s| furniture::sentences(s) > furniture::sentences(kept));
        return (summary.unwrap_or_else(|| kept.to_owned()), true);
    }
    if row.first(Field::NewsId).is_some() {
        let raw = row.first(Field::Body).unwrap_or_default();
        if let Some(kept) = whole.strip_suffix("..") {
            return (kept.trim_end_matches('.').trim_end().to_owned(), true);
        }
        return (whole, BIGKINDS_BODY.contains(&raw.chars().count()));
    }
    (whole, false)
}

fn reporters(row: &Row, in_text: Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for value in row.all(Field::Reporter) {
        for line in value.lines() {
            for name in authors(&one_line(line, row.is_markup), row.first(Field::Outlet)) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    if names.is_empty() { in_text } else { names }
}

/// The names in a value of a column of authors. Beyond what a byline on a page says for certain,
/// a name alone in such a column is the author: `조하나리`, `김하나2` (the second of that
/// name), `호남취재본부 김하나`, `김하나 대학교수`, `김하나|이두리|기자|기자`.
fn authors(value: &str, outlet: Option<&str>) -> Vec<String> {
    let mut found: Vec<(usize, String)> = byline::reporters(value)
        .into_iter()
        .filter_map(|name| {
            let at = value.find(&name)?;
            // `이슈&탐사팀`
            let is_part = value
                .get(at + name.len()..)
                .is_some_and(|rest| rest.starts_with('&'));
            (!is_part).then_some((at, name))
        })
        .collect();
    let mut at = 0;
    for part in value.split_inclusive([',', ';', '|', '·', 'ㆍ', '/', '=']) {
        let start = at;
        at += part.len();
        // The part before `=` is a place.
        if part.ends_with('=') {
            continue;
        }
        let part = part.split(['(', '<', '[']).next().unwrap_or_default();
        let words: Vec<&str> = part
            .split(|c: char| c.is_whitespace() || ",;|·ㆍ/".contains(c))
            .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()))
            .filter(|word| !word.is_empty())
            .collect();
        let name = match words.as_slice() {
            [only] => Some(*only).filter(|w| is_author(w)),
            [name, "기자"] => Some(*name).filter(|w| is_author(w)),
            [desk, name] if desk.ends_with("본부") => Some(*name).filter(|w| is_author(w)),
            [name, _, ..]
                if words.len() <= 6
                    && !found
                        .iter()
                        .any(|(at, _)| (start..start + part.len()).contains(at)) =>
            {
                Some(*name).filter(|w| byline::is_name(w) && w.chars().count() >= 3)
            }
            _ => None,
        };
        if let Some(name) = name.filter(|name| Some(*name) != outlet)
            && !found.iter().any(|(_, known)| known == name)
        {
            found.push((start, name.to_owned()));
        }
    }
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

/// A Korean name; also a family name of one syllable and a given name of three.
fn is_author(word: &str) -> bool {
    if byline::is_name(word) {
        return true;
    }
    let end = word.char_indices().nth(3).map_or(word.len(), |(at, _)| at);
    word.chars().count() == 4
        && !word.ends_with("기자")
        && !outlet::is_name(word)
        && !byline::is_signature(word)
        && word.get(..end).is_some_and(byline::is_name)
}

/// The outlet, from its column or the addresses; and the portal that the first one belongs to.
fn outlet(row: &Row, urls: &[String], parts: &Parts) -> (Option<String>, Option<String>) {
    let host = urls.first().and_then(|url| outlet::by_url(url));
    let by_number = || urls.iter().find_map(|url| outlet::by_portal_url(url));
    let named = row
        .first(Field::Outlet)
        .map(|name| one_line(name, row.is_markup))
        .filter(|name| !name.is_empty())
        .map(|name| match outlet::canonical(&name) {
            Some(known) => known.name.to_string(),
            None => name,
        });
    let (publisher, portal) = match host {
        Some(host) if host.is_portal() => (None, Some(host.name.to_string())),
        Some(host) => (Some(host.name.to_string()), None),
        None => (None, None),
    };
    let publisher = named
        .or(publisher)
        .or_else(|| by_number().map(|outlet| outlet.name.to_owned()))
        .or_else(|| {
            let named = parts.outlets.iter().find_map(|o| naming::of_field(o))?;
            Some(named.text().to_owned())
        });
    (publisher, portal)
}

fn published(row: &Row, warnings: &mut Vec<Warning>) -> Option<Published> {
    let mut given = row.all(Field::Published).map(tidy::line).peekable();
    let first = given.peek().cloned()?;
    let read = given.find_map(|value| moment(&value));
    if read.is_none() {
        let text = first.chars().take(Warning::MAX_TEXT_CHARS).collect();
        warnings.push(Warning::UnreadableDate { text });
    }
    read
}

/// A date as tables, feeds and interfaces write it: ISO 8601, RFC 2822, digits run together, or as
/// on a page.
fn moment(value: &str) -> Option<Published> {
    if let Ok(published) = value.parse() {
        return Some(published);
    }
    if value.contains(':') && value.contains(|c: char| c.is_ascii_alphabetic()) {
        let parse = |v: &str| rfc2822::DateTimeParser::new().parse_timestamp(v).ok();
        // `13:47:03+0900`: some feeds leave out the space before the offset.
        // `15 Sept 2005`, `21 July 2005`: months longer than the standard's three letters.
        let lenient: Vec<String> = value
            .replace('+', " +")
            .split_whitespace()
            .map(
                |word| match word.len() > 3 && word.bytes().all(|b| b.is_ascii_alphabetic()) {
                    true => word.chars().take(3).collect(),
                    false => word.to_owned(),
                },
            )
            .collect();
        if let Some(timestamp) = parse(value).or_else(|| parse(&lenient.join(" "))) {
            return Some(Published::from_timestamp(timestamp));
        }
    }
    date::parse_meta(value).or_else(|| date::parse_short_year(value))
}

/// The distinct items of lists, separated by commas.
fn list<'r>(values: impl IntoIterator<Item = &'r str>, row: &Row) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    let values = values.into_iter();
    for item in values.flat_map(|value| value.split([',', ';', '|', '\n'])) {
        let item = one_line(item.trim().trim_start_matches('#'), row.is_markup);
        if !item.is_empty() && seen.insert(item.clone()) {
            items.push(item);
        }
    }
    items
}

/// What BIGKinds adds to an article; `None` for a table that has none of its columns, or categories
/// alone: other tables have these, too.
fn bigkinds(row: &Row) -> Option<Box<BigKinds>> {
    let items = |field| list(row.all(field), row);
    let text = |field| {
        let value = row.first(field).map(|value| one_line(value, row.is_markup));
        value.filter(|value| !value.is_empty())
    };
    let news_id = text(Field::NewsId);
    let nouns = row.all(Field::Keywords).nth(1);
    let found = BigKinds {
        keywords: list(nouns.filter(|_| news_id.is_some()), row),
        news_id,
        categories: Vec::new(),
        incidents: items(Field::Incident),
        persons: items(Field::Person),
        places: items(Field::Place),
        organizations: items(Field::Organization),
        excluded: text(Field::Excluded),
    };
    (found != BigKinds::default()).then(|| {
        Box::new(BigKinds {
            categories: items(Field::Category),
            ..found
        })
    })
}

/// An address of the web. Tables write it without its scheme (`www.example.com/1`), or with one that
/// was mistyped: `http:www.example.com`, `http//…`, `https:/…`, `http://http://…`.
fn address(value: &str) -> Option<String> {
    let decoded = html::decode(value);
    let text = tidy::line(once(&decoded));
    if text.contains(' ') {
        return None;
    }
    let mut scheme = None;
    let mut rest = text.as_str();
    for name in std::iter::repeat_n(["https", "http"], 2).flatten() {
        let Some((start, behind)) = rest.split_at_checked(name.len()) else {
            continue;
        };
        let bare = behind.trim_start_matches([':', ';', '/', '\\']);
        if start.eq_ignore_ascii_case(name) && bare.len() < behind.len() {
            scheme = Some(name);
            rest = bare;
        }
    }
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let is_host = host.contains('.')
        && !host.contains("..")
        && host.starts_with(|c: char| c.is_alphanumeric())
        && host.ends_with(|c: char| c.is_alphanumeric());
    let is_www = host
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("www."));
    match scheme {
        // A complete address is kept unchanged, whatever its host looks like.
        _ if whole(&text) => Some(text),
        Some(scheme) if is_host => Some(format!("{scheme}://{rest}")),
        None if is_www && is_host => Some(format!("http://{rest}")),
        _ => None,
    }
}

/// An address that repeats its site (`https://a.com/https://a.com/1`), reduced to the last part.
fn once(address: &str) -> &str {
    let inner = ["http://", "https://"]
        .iter()
        .filter_map(|scheme| address.rfind(scheme))
        .max()
        .filter(|&at| at > 8);
    match inner {
        Some(at) => {
            let (before, rest) = address.split_at(at);
            let site = before.split_once("://").map_or(before, |(_, site)| site);
            let is_site = !site.contains(['?', '#'])
                && site.trim_end_matches('/').contains('.')
                && !site.trim_end_matches('/').contains('/');
            if is_site { rest } else { address }
        }
        None => address,
    }
}

/// Whether an address has a scheme and a host, and no second scheme in the host's place.
fn whole(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        text.split_at_checked(scheme.len())
            .is_some_and(|(start, rest)| {
                let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
                start.eq_ignore_ascii_case(scheme)
                    && !host.is_empty()
                    && !["http", "https"].contains(&&*host.to_ascii_lowercase())
            })
    })
}

fn one_line(value: &str, is_markup: bool) -> String {
    if is_markup {
        tidy::line(&plain(value))
    } else {
        tidy::line(value)
    }
}

/// Paragraphs, a line each. Values that are HTML though they need not be are detected by their tags.
fn paragraphs(value: &str, is_markup: bool) -> String {
    let unpacked;
    let text = if is_markup || html::looks_like_html(value) {
        unpacked = plain(value);
        &unpacked
    } else {
        value
    };
    let mut out = String::with_capacity(text.len());
    for line in text.split(['\n', '\r', '\u{2028}', '\u{2029}']) {
        let line = tidy::line(line);
        if line.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&line);
    }
    out
}

/// The text of a fragment of HTML: blocks and line breaks begin a line, captions and scripts are
/// left out.
fn plain(fragment: &str) -> String {
    if !fragment.contains(['<', '&']) {
        return fragment.to_owned();
    }
    let document = html::parse(fragment);
    let mut out = String::with_capacity(fragment.len());
    let mut skip_to = 0;
    // Ends of blocks that are open, innermost last.
    let mut open: Vec<usize> = Vec::new();
    for (id, node) in document.iter() {
        while open.last().is_some_and(|&end| end <= id) {
            open.pop();
            out.push('\n');
        }
        if id < skip_to {
            continue;
        }
        match &node.data {
            Data::Text(text) => {
                for (n, part) in html::decode(text).split('\n').enumerate() {
                    if n > 0 {
                        out.push(' ');
                    }
                    out.push_str(part);
                }
            }
            Data::Element { tag: Tag::Br, .. } => out.push('\n'),
            Data::Element {
                tag: Tag::Figcaption | Tag::Iframe | Tag::Button | Tag::Select,
                ..
            } => skip_to = document.subtree(id).end,
            Data::Element { tag, .. } if tag.is_block() => {
                out.push('\n');
                open.push(document.subtree(id).end);
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(fields: &[(Field, &str)], is_markup: bool) -> Row {
        let mut row = if is_markup {
            Row::markup()
        } else {
            Row::default()
        };
        for (field, value) in fields {
            row.push(*field, *value);
        }
        row
    }

    #[test]
    fn a_row_of_bigkinds_is_an_excerpt() {
        let long = format!("{}..", "도서관이 문을 연다. ".repeat(20));
        let record = clipping(&row(
            &[
                (Field::NewsId, "01100001.20200707101010001"),
                (Field::Published, "20200707"),
                (Field::Outlet, "중앙일보"),
                (Field::Reporter, "차현수\n차현수·정명희"),
                (Field::Headline, " 새  도서관 "),
                (Field::Keywords, "도서관,개관,도서관"),
                (Field::Body, &long),
                (Field::Url, "https://example.com/a"),
            ],
            false,
        ))
        .unwrap();
        assert_eq!(record.id, "01100001.20200707101010001");
        assert_eq!(record.headline, "새 도서관");
        assert_eq!(record.published.unwrap().to_string(), "2020-07-07");
        assert_eq!(record.reporters, ["차현수", "정명희"]);
        assert_eq!(record.keywords, ["도서관", "개관"]);
        assert!(record.excerpt);
        assert!(record.body.ends_with("문을 연다."));
    }

    #[test]
    fn authors_are_read_from_their_column() {
        for (value, names) in [
            ("조하나리", "조하나리"),
            ("김하나2 기자", "김하나"),
            ("호남취재본부 김하나", "김하나"),
            ("김하나 모두대 교수", "김하나"),
            ("김하나|이두리|기자|기자", "김하나 이두리"),
            ("수원=김하나|기자", "김하나"),
            ("김하나 |기자", "김하나"),
            ("이슈&탐사1팀,김하나,이두리", "김하나 이두리"),
            (
                "김하나(hana@example.com);이두리(duri@example.com)",
                "김하나 이두리",
            ),
            ("김정수| 시인", "김정수"),
            ("기고", ""),
            ("김하나|이두리|기자|인턴기자", "김하나 이두리"),
            ("모두일보", ""),
            ("편집국", ""),
        ] {
            assert_eq!(authors(value, Some("모두일보")).join(" "), names, "{value}");
        }
    }

    #[test]
    fn without_an_address_the_number_is_the_name() {
        let record = clipping(&row(
            &[(Field::NewsId, "011.2020"), (Field::Headline, "소식")],
            false,
        ))
        .unwrap();
        assert_eq!(record.id, "011.2020");
        assert!(!record.excerpt);
    }

    #[test]
    fn markup_becomes_paragraphs() {
        let record = clipping(&row(
            &[
                (Field::Headline, "<b>도서관</b> &quot;개관&quot;"),
                (
                    Field::Body,
                    "<p>첫 &amp; 문단\n이어짐</p><div>둘째<br>셋째<script>x()</script></div>끝",
                ),
            ],
            true,
        ))
        .unwrap();
        assert_eq!(record.headline, "도서관 \"개관\"");
        assert_eq!(record.body, "첫 & 문단 이어짐\n둘째\n셋째\n끝");
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        for (given, read) in [
            ("20200707", "2020-07-07"),
            ("2020-07-07", "2020-07-07"),
            ("2020.07.07", "2020-07-07"),
            ("2020년 7월 7일", "2020-07-07"),
            ("2020-07-07 09:10", "2020-07-07T09:10:00+09:00"),
            (
                "Mon, 03 Jun 2024 15:50:00 +0900",
                "2024-06-03T15:50:00+09:00",
            ),
            ("Mon, 03 Jun 2024 15:50:00 GMT", "2024-06-04T00:50:00+09:00"),
            (
                "Thu, 15 Sept 2005 18:13:46+0900",
                "2005-09-15T18:13:46+09:00",
            ),
            (
                "Sat, 31 Dec 2005 13:47:03+0900",
                "2005-12-31T13:47:03+09:00",
            ),
            ("2022-06-16T19:56:27.000Z", "2022-06-17T04:56:27+09:00"),
            ("24.2.22", "2024-02-22"),
            ("'24. 04. 02.", "2024-04-02"),
            ("24/04/02 9:31", "2024-04-02T09:31:00+09:00"),
            ("98-12-31", "1998-12-31"),
        ] {
            assert_eq!(
                moment(given).map(|p| p.to_string()).as_deref(),
                Some(read),
                "{given}"
            );
        }
        let record = clipping(&row(
            &[(Field::Headline, "가"), (Field::Published, "어제")],
            false,
        ))
        .unwrap();
        assert_eq!(record.published, None);
        let text = "어제".to_owned();
        assert_eq!(record.warnings, [Warning::UnreadableDate { text }]);
    }

    #[test]
    fn mistyped_addresses_are_mended() {
        for (given, read) in [
            (
                "https://example.com/a?b#c",
                Some("https://example.com/a?b#c"),
            ),
            ("HTTP://example.com", Some("HTTP://example.com")),
            ("http://localhost:80/a", Some("http://localhost:80/a")),
            ("www.example.com/1", Some("http://www.example.com/1")),
            ("http:www.example.com/1", Some("http://www.example.com/1")),
            ("http:/www.example.com/1", Some("http://www.example.com/1")),
            ("https//example.com/1", Some("https://example.com/1")),
            ("http:///example.com/1", Some("http://example.com/1")),
            ("http:\\\\example.com/1", Some("http://example.com/1")),
            ("http://http://example.com/1", Some("http://example.com/1")),
            (
                "http://https://example.com/1",
                Some("https://example.com/1"),
            ),
            ("http:", None),
            ("http", None),
            ("httpd.example.com", None),
            ("https://", None),
            ("기사 없음", None),
            ("ftp://example.com", None),
            ("http:..", None),
        ] {
            assert_eq!(address(given).as_deref(), read, "{given}");
        }
    }

    #[test]
    fn the_text_of_a_row_is_sorted_as_a_page_is() {
        let record = clipping(&row(
            &[
                (Field::Headline, "봄꽃 축제<br />내일 개막 - 한겨레"),
                (Field::Outlet, "한겨레"),
                (
                    Field::Body,
                    "【서울=뉴시스】홍길동 기자 = 시청 앞 광장에서 봄꽃 축제가 열린다고 시가 밝혔다.\n시민 누구나 참여할 수 있으며 비가 오면 하루 미룬다.\nhong@example.com\nⓒ 한겨레 무단전재 및 재배포 금지",
                ),
                (Field::Url, "https://example.com/https://example.com/a?b=1&amp;c=2"),
            ],
            false,
        ))
        .unwrap();
        assert_eq!(record.headline, "봄꽃 축제 내일 개막");
        assert_eq!(record.reporters, ["홍길동"]);
        assert!(record.body.starts_with("시청 앞"), "{}", record.body);
        assert!(record.body.ends_with("미룬다."), "{}", record.body);
        assert_eq!(record.url.as_deref(), Some("https://example.com/a?b=1&c=2"));
    }

    #[test]
    fn bylines_in_the_text_of_a_row_are_read() {
        for (text, reporters, begins) in [
            (
                "[가람한국 홍길동 기자] 시청 앞 광장에서 봄꽃 축제가 열린다고 시가 밝혔다.",
                &["홍길동"][..],
                "시청 앞",
            ),
            (
                "시청 앞 광장에서 봄꽃 축제가 열린다고 시가 밝혔다.\n박나래 기자 narae@example.com",
                &["박나래"],
                "시청 앞",
            ),
            (
                "시청 앞 광장에서 봄꽃 축제가 열린다고 시가 밝혔다. 박나래 기자 narae@example.com",
                &["박나래"],
                "시청 앞",
            ),
            (
                "[서울=가람시스] 홍길동 박나래 기자 = 시청 앞 광장에서 봄꽃 축제가 열린다.",
                &["홍길동", "박나래"],
                "시청 앞",
            ),
            (
                "(가람=연합뉴스) 홍길동 기자 = 시청 앞 광장에서 봄꽃 축제가 열린다고 시가...",
                &["홍길동"],
                "시청 앞",
            ),
        ] {
            let fields = [(Field::Headline, "봄꽃 축제"), (Field::Body, text)];
            let record = clipping(&row(&fields, false)).unwrap();
            assert_eq!(record.reporters, reporters, "{text}");
            assert!(record.body.starts_with(begins), "{}", record.body);
            assert!(!record.body.contains("기자"), "{}", record.body);
        }
    }

    #[test]
    fn short_lines_of_a_row_stay() {
        let body = "첫 문단은 조금 길게 쓴 문장이다.\n짧다.\n■ 둘째\n끝.";
        let record = clipping(&row(
            &[(Field::Headline, "소식"), (Field::Body, body)],
            false,
        ))
        .unwrap();
        assert_eq!(record.body, body);
        assert!(record.subheads.is_empty());
    }

    #[test]
    fn a_mangled_excerpt_gives_way_to_the_description() {
        let record = clipping(&row(
            &[
                (Field::Headline, "소식"),
                (Field::Body, "로그인 회원가입 구독 메뉴 [+1234 chars]"),
                (Field::Summary, "도서관이 내일 문을 연다고 시가 밝혔다."),
            ],
            false,
        ))
        .unwrap();
        assert_eq!(record.body, "도서관이 내일 문을 연다고 시가 밝혔다.");
        assert!(record.excerpt);
    }

    #[test]
    fn what_holds_no_article_is_refused() {
        assert!(clipping(&row(&[(Field::Outlet, "모두일보")], false)).is_err());
        assert!(clipping(&row(&[(Field::Headline, "<br>")], true)).is_err());
    }

    proptest! {
        #[test]
        fn no_value_makes_it_panic(value in "[<>&;a-z/가-힣\\n .,0-9\\[\\]+]{0,60}", is_markup: bool) {
            let fields: Vec<(Field, &str)> = Field::NAMES.iter().map(|(_, f)| (*f, value.as_str())).collect();
            let _ = clipping(&row(&fields, is_markup));
        }
    }
}
