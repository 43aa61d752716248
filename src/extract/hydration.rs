//! Text that a page keeps only in its scripts: the data that a client-side framework builds the page
//! from (`Fusion.globalContent = {...}`, `__NEXT_DATA__`, `__NUXT__`, `window.x = JSON.parse("...")`).
//!
//! Scripts are not run and need not be JSON as a whole: their string literals are read one by one
//! with the key before them. Literals that hold JSON or script themselves are read in turn. The key
//! under which most running text stands is the article's.

use super::blocks;
use super::byline;
use super::clean::{Kind, Line};
use super::furniture;
use super::html::{self, Document, Tag};
use super::tidy;

use crate::hangul;

/// What scripts say of the article.
#[derive(Debug, Default)]
pub(super) struct Hydrated {
    pub lines: Vec<Line>,
    pub reporters: Vec<String>,
    /// Values of keys that name a publication date, as written.
    pub published: Option<String>,
}

/// Literals inside literals that are followed.
const MAX_DEPTH: usize = 3;
/// Text of all scripts that is read.
const MAX_SCRIPT: usize = 8 << 20;
const MAX_LITERALS: usize = 200_000;

/// Characters of the shortest literal that counts as running text.
const SHORTEST: usize = 40;

const BYLINE_KEYS: [&str; 8] = [
    "byline",
    "reporter",
    "reporterName",
    "reporter_name",
    "writer",
    "writerName",
    "journalist",
    "author_name",
];
const DATE_KEYS: [&str; 14] = [
    "display_date",
    "first_publish_date",
    "publish_date",
    "published_date",
    "publishDate",
    "publishedAt",
    "published_at",
    "datePublished",
    "firstPublishDate",
    "regDate",
    "reg_date",
    "createdAt",
    "serviceDate",
    "inputDate",
];
/// Keys whose text is about the article or belongs to another.
const OTHER_KEYS: [&str; 16] = [
    "description",
    "summary",
    "caption",
    "alt",
    "title",
    "headline",
    "subheadline",
    "comment",
    "message",
    "lead",
    "excerpt",
    "ogDescription",
    "alt_text",
    "credit",
    "name",
    "text_summary",
];

struct Literal {
    key: String,
    value: String,
}

/// Reads the scripts of a page; `None` when none holds running text.
pub(super) fn read(document: &Document) -> Option<Hydrated> {
    let mut literals = Vec::new();
    let mut budget = MAX_SCRIPT;
    for id in document.elements(Tag::Script) {
        let Some(script) = document.raw(id) else {
            continue;
        };
        let data = document
            .attr(id, "type")
            .is_some_and(|t| t.contains("ld+json"));
        if data || script.len() < 200 || script.len() > budget || !has_sentence(script) {
            continue;
        }
        budget -= script.len();
        collect(script, &mut literals);
    }
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for literal in &literals {
        let weight = prose_weight(&literal.value);
        if weight == 0 || OTHER_KEYS.contains(&literal.key.as_str()) {
            continue;
        }
        match groups.iter_mut().find(|g| g.0 == literal.key) {
            Some(group) => group.1 += weight,
            None => groups.push((&literal.key, weight)),
        }
    }
    let key = groups.iter().max_by_key(|g| g.1)?.0.to_owned();
    let mut out = Hydrated::default();
    let mut seen: Vec<String> = Vec::new();
    for literal in &literals {
        if literal.key == key && hangul::has_syllable(&literal.value) {
            let bare = tidy::skeleton(&literal.value);
            if bare.is_empty() || seen.contains(&bare) {
                continue;
            }
            if seen.len() < 2000 {
                seen.push(bare);
            }
            out.lines.extend(lines(&literal.value));
        } else if literal.key == "caption" && hangul::has_syllable(&literal.value) {
            out.lines.push(Line {
                text: tidy::line(&strip(&literal.value)),
                kind: Kind::Caption,
                ..Line::default()
            });
        } else if BYLINE_KEYS.contains(&literal.key.as_str()) && literal.value.len() < 200 {
            for name in byline::reporters(&literal.value) {
                if !out.reporters.contains(&name) {
                    out.reporters.push(name);
                }
            }
        } else if DATE_KEYS.contains(&literal.key.as_str()) && out.published.is_none() {
            out.published = Some(literal.value.clone());
        }
    }
    Some(out)
}

/// True when a script holds the end of a Korean sentence, plain or escaped.
fn has_sentence(script: &str) -> bool {
    script.contains("다.")
        || script.contains("\\ub2e4.")
        || script.contains("\\uB2E4.")
        || script.contains("%EB%8B%A4.")
}

fn prose_weight(value: &str) -> usize {
    if !hangul::has_syllable(value) || furniture::sentences(value) == 0 {
        return 0;
    }
    // Messages of a page's scripts are sentences too, but short ones.
    match tidy::weight(value) {
        short if short < SHORTEST => 0,
        weight => weight,
    }
}

/// A literal's text as lines: markup is read as a page is.
pub(super) fn lines(value: &str) -> Vec<Line> {
    if value.contains('<') && value.contains('>') {
        let document = html::parse(value);
        let hints = blocks::hints(&document);
        let read = blocks::lines(&document, &hints, &|_| false);
        return read
            .blocks
            .into_iter()
            .map(|b| Line {
                kind: match b.hint {
                    Some(super::hints::Hint::Caption) => Kind::Caption,
                    Some(hint) if hint.is_furniture() => Kind::Furniture,
                    _ if b.figure => Kind::Figure,
                    _ => Kind::Text,
                },
                strong: b.is_bold() || b.heading > 0,
                link_share: b.link_share(),
                after_image: b.after_image,
                text: b.text,
                ..Line::default()
            })
            .collect();
    }
    html::decode(value)
        .lines()
        .map(tidy::line)
        .filter(|l| !l.is_empty())
        .map(|text| Line {
            text,
            ..Line::default()
        })
        .collect()
}

fn strip(value: &str) -> String {
    if value.contains('<') {
        let document = html::parse(value);
        document.text(0)
    } else {
        html::decode(value).into_owned()
    }
}

/// All string literals of a script, and of literals that are script or JSON themselves.
fn collect(script: &str, out: &mut Vec<Literal>) {
    let mut queue = vec![(script.to_owned(), 0)];
    while let Some((text, depth)) = queue.pop() {
        let mut nested = Vec::new();
        scan(&text, &mut |key, value| {
            if out.len() >= MAX_LITERALS {
                return;
            }
            let holds_literals = value.len() > 200
                && value.matches('"').take(8).count() >= 8
                && (value.contains("\":") || value.contains("\",\""))
                && !value.trim_start().starts_with('<');
            if holds_literals && depth < MAX_DEPTH {
                nested.push(value);
            } else if value.len() < 1 << 20 {
                out.push(Literal { key, value });
            }
        });
        queue.extend(nested.into_iter().rev().map(|v| (v, depth + 1)));
    }
}

/// Reads the literals of one text in order, each with the key before it (`"key": "value"`,
/// `key: "value"`; the values of a list share their list's key).
fn scan(text: &str, found: &mut dyn FnMut(String, String)) {
    let bytes = text.as_bytes();
    let mut key = String::new();
    let mut at = 0;
    // Where the last key or literal ended: what stands between tells whether the key still holds.
    let mut known = 0;
    while let Some(offset) = memchr::memchr3(b'"', b'\'', b':', &bytes[at..]) {
        let here = at + offset;
        let quote = bytes[here];
        if quote == b':' {
            // `key:` without quotes, as scripts write it.
            let start = bytes[..here]
                .iter()
                .rposition(|b| !(b.is_ascii_alphanumeric() || *b == b'_' || *b == b'$'))
                .map_or(0, |p| p + 1);
            if start < here
                && here - start < 40
                && !matches!(bytes.get(start.wrapping_sub(1)), Some(b'"' | b'\''))
            {
                key = text[start..here].to_owned();
                known = here + 1;
            }
            at = here + 1;
            continue;
        }
        // An apostrophe inside a word or a comment opens nothing that ends on the same line.
        let end = match literal_end(bytes, here, quote) {
            Ok(end) => end,
            Err(stopped) => {
                at = stopped;
                continue;
            }
        };
        let raw = &text[here + 1..end];
        at = end + 1;
        let next = bytes[at..]
            .iter()
            .position(|b| !b.is_ascii_whitespace())
            .map(|p| bytes[at + p]);
        if next == Some(b':') {
            key = raw.chars().take(40).collect();
            at += bytes[at..]
                .iter()
                .position(|b| *b == b':')
                .map_or(0, |p| p + 1);
            known = at;
            continue;
        }
        if bytes
            .get(known..here)
            .is_some_and(|between| between.iter().any(|b| matches!(b, b'(' | b';' | b'=')))
        {
            key.clear();
        }
        known = at;
        found(key.clone(), unescape(raw));
    }
}

/// Where a literal that opens at `open` ends; JSON and script literals hold no raw line break. When
/// it does not end, where the line does.
fn literal_end(bytes: &[u8], open: usize, quote: u8) -> Result<usize, usize> {
    let mut at = open + 1;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(offset) = memchr::memchr3(quote, b'\\', b'\n', rest) else {
            return Err(bytes.len());
        };
        let here = at + offset;
        match bytes[here] {
            b'\\' => at = here + 2,
            b'\n' => return Err(here),
            _ => return Ok(here),
        }
    }
}

/// Undoes the escapes of JSON and script strings.
fn unescape(raw: &str) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    let mut pending: Option<u32> = None;
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => {}
            Some('t') => out.push(' '),
            Some('b' | 'f') => {}
            Some(kind @ ('u' | 'x')) => {
                let len = if kind == 'u' { 4 } else { 2 };
                let digits: String = chars.clone().take(len).collect();
                let Ok(code) = u32::from_str_radix(&digits, 16) else {
                    out.push(kind);
                    continue;
                };
                for _ in 0..digits.chars().count() {
                    chars.next();
                }
                match (pending.take(), code) {
                    (_, 0xD800..=0xDBFF) => pending = Some(code),
                    (Some(high), 0xDC00..=0xDFFF) => {
                        let scalar = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00);
                        out.extend(char::from_u32(scalar));
                    }
                    _ => out.extend(char::from_u32(code)),
                }
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(page: &str) -> Vec<String> {
        let document = html::parse(page);
        read(&document)
            .map(|h| h.lines.into_iter().map(|l| l.text).collect())
            .unwrap_or_default()
    }

    const LONG: &str = "시청 앞 광장에서 봄꽃 축제가 열려 시민 천여 명이 꽃길을 걸으며 주말 오후를 보냈다고 시가 밝혔다.";

    #[test]
    fn text_in_json_is_found() {
        let page = format!(
            r#"<script>window.Fusion=window.Fusion||{{}};Fusion.globalContent={{"a":1,"content_elements":[{{"type":"text","content":"{LONG}"}},{{"type":"text","content":"둘째 문단은 내년 계획을 전한다. 예산은 그대로다. 축제는 해마다 열린다."}}],"credits":{{"by":[{{"byline":"홍길동 기자"}}]}},"display_date":"2024-05-01T01:00:00Z"}};</script>"#
        );
        let found = read(&html::parse(&page)).unwrap();
        assert_eq!(found.lines.len(), 2);
        assert_eq!(found.reporters, ["홍길동"]);
        assert_eq!(found.published.as_deref(), Some("2024-05-01T01:00:00Z"));
    }

    #[test]
    fn json_inside_a_string_is_found() {
        let escaped: String = LONG
            .encode_utf16()
            .map(|u| format!("\\\\u{u:04x}"))
            .collect();
        let page = format!(
            "<script>window.__DATA__ = JSON.parse(\"{{\\\"article\\\":{{\\\"body\\\":\\\"<p>{}<\\/p>\\\",\\\"a\\\":\\\"b\\\",\\\"c\\\":\\\"d\\\"}}}}\"); // \\ub2e4.</script>",
            escaped
        );
        assert_eq!(texts(&page), [LONG]);
    }

    proptest! {
        #[test]
        fn any_script_is_read_without_panic(s in r#"["'\\:a-fu0-9{},가\n]{0,80}"#) {
            let mut out = Vec::new();
            collect(&s, &mut out);
        }
    }
}
