//! Text that is only in the scripts of a page: the data from which a client-side framework builds it
//! (`Fusion.globalContent = {...}`, `__NEXT_DATA__`, `__NUXT__`, `window.x = JSON.parse("...")`).
//!
//! Scripts are not run and need not be JSON: their string literals are read one by one with the key
//! before them, and so are those inside literals with JSON or script. The key with most running text
//! is that of the article.

use rustc_hash::FxHashMap;

use super::blocks;
use super::byline;
use super::clean::{Line, LineKind};
use super::furniture;
use super::html::{self, Document, Tag};
use super::tidy;

use crate::hangul;

/// An article in scripts.
#[derive(Debug, Default)]
pub(super) struct Hydrated {
    /// Decks, then the text.
    pub lines: Vec<Line>,
    decks: Vec<Line>,
    pub reporters: Vec<String>,
    /// Values of keys that name a publication date, as written.
    pub published: Option<String>,
}

/// Maximum nesting of literals inside literals.
const MAX_DEPTH: usize = 3;
/// Maximum size of all scripts read, in bytes.
const MAX_SCRIPT: usize = 8 << 20;
const MAX_LITERALS: usize = 200_000;
/// Maximum number of decks.
const MAX_DECKS: usize = 8;
/// Factor for the length of a group that begins like a description of the page: related articles
/// beside it may be longer, a summary of it is much shorter.
const DESCRIBED: usize = 8;

/// Minimum length of a literal of running text.
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
/// Keys of decks, and of objects that hold them.
const DECK_KEYS: [&str; 9] = [
    "subTitle",
    "subtitle",
    "sub_title",
    "subHeadline",
    "subheadline",
    "subheadlines",
    "subheadings",
    "deck",
    "subhead",
];
/// Keys of texts about the article, or of other articles.
const OTHER_KEYS: [&str; 17] = [
    "basic",
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
    /// The list or object that it is in.
    place: usize,
}

/// The list or object around each list and object; 0 is the top of all scripts.
#[derive(Default)]
struct Containers {
    around: Vec<usize>,
    /// Those under a key of decks.
    of_decks: Vec<usize>,
}

impl Containers {
    fn open(&mut self, around: usize, key: &str) -> usize {
        self.around.push(around);
        let place = self.around.len();
        if DECK_KEYS.contains(&key) {
            self.of_decks.push(place);
        }
        place
    }

    fn is_deck(&self, literal: &Literal) -> bool {
        DECK_KEYS.contains(&literal.key.as_str())
            || literal.key == "basic" && self.of_decks.binary_search(&literal.place).is_ok()
    }

    fn around(&self, place: usize) -> usize {
        match place.checked_sub(1) {
            Some(at) => self.around.get(at).copied().unwrap_or_default(),
            None => 0,
        }
    }

    /// Whether a place is another or inside it.
    fn is_in(&self, mut place: usize, wanted: usize) -> bool {
        for _ in 0..64 {
            if place == wanted {
                return true;
            }
            if place == 0 {
                return false;
            }
            place = self.around(place);
        }
        false
    }
}

/// Reads the scripts of a page; `None` if none has running text. `descriptions` are skeletons of the
/// page's descriptions.
///
/// Scripts contain other articles too (lists, "read also"). The text of one article is under one key
/// in one list; of several such groups, the one that begins like a description is chosen, else the
/// longest.
pub(super) fn read(document: &Document, descriptions: &[String]) -> Option<Hydrated> {
    let mut literals = Vec::new();
    let mut containers = Containers::default();
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
        collect(script, &mut literals, &mut containers);
    }
    let Group {
        key, list, whole, ..
    } = article_group(&literals, &containers, descriptions)?;
    // Byline, date, decks and captions of the article are in the object around the list.
    let object = containers.around(list);
    let home = literals
        .iter()
        .find(|l| l.key == key && list_of(l, &containers) == list)
        .map_or(0, |l| l.place);
    let mut out = Hydrated::default();
    let mut seen: Vec<String> = Vec::new();
    for literal in &literals {
        if list_of(literal, &containers) == list && literal.key == key {
            if whole.is_some_and(|place| place != literal.place) {
                continue;
            }
            let bare = tidy::skeleton(&literal.value);
            if bare.is_empty() || seen.contains(&bare) || !hangul::has_syllable(&literal.value) {
                continue;
            }
            if seen.len() < 2000 {
                seen.push(bare);
            }
            out.lines.extend(lines(&literal.value));
        } else if list > 0 && !containers.is_in(literal.place, object) {
            continue;
        } else if containers.is_deck(literal)
            && (literal.place == home || containers.around(literal.place) == object && list > 0)
            && tidy::weight(&literal.value) >= 6
        {
            out.decks
                .extend(lines(&literal.value).into_iter().map(|line| Line {
                    kind: LineKind::Deck,
                    ..line
                }));
        } else if literal.key == "caption" && hangul::has_syllable(&literal.value) {
            out.lines.push(Line {
                text: tidy::line(&strip(&literal.value)),
                kind: LineKind::Caption,
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
    out.decks.truncate(MAX_DECKS);
    out.lines.splice(0..0, std::mem::take(&mut out.decks));
    Some(out)
}

/// The list that a literal is an item of: items are literals, or objects with one.
fn list_of(literal: &Literal, containers: &Containers) -> usize {
    containers.around(literal.place)
}

/// Literals under one key in one list.
struct Group {
    key: String,
    list: usize,
    /// Characters of running text.
    weight: usize,
    /// Whether one of them begins like a description of the page.
    described: bool,
    /// Whether it is only a description.
    is_description: bool,
    /// The place of the literal that begins like a description, if it has several paragraphs: a whole
    /// article, beside others in the list.
    whole: Option<usize>,
}

/// The group with the article's text.
fn article_group(
    literals: &[Literal],
    containers: &Containers,
    descriptions: &[String],
) -> Option<Group> {
    let heads: Vec<String> = descriptions
        .iter()
        .map(|d| d.chars().take(20).collect::<String>())
        .filter(|d| d.chars().count() >= 16)
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut numbers: FxHashMap<(&str, usize), usize> = FxHashMap::default();
    // Reading markup is the expensive part; articles are among the first literals.
    let mut looks = 2000;
    for literal in literals {
        let weight = prose_weight(&literal.value);
        if weight == 0 || OTHER_KEYS.contains(&literal.key.as_str()) {
            continue;
        }
        let list = list_of(literal, containers);
        let (mut described, mut is_description) = (false, false);
        if looks > 0 && !heads.is_empty() {
            looks -= 1;
            let near: String = literal.value.chars().take(600).collect();
            let bare = tidy::skeleton(&strip(&near));
            described = heads.iter().any(|h| bare.contains(h));
            // Scripts hold the description itself too, which is no article.
            is_description = descriptions.contains(&bare);
        }
        let paragraphs = ["<p", "<br", "\n"]
            .iter()
            .any(|b| literal.value.contains(b));
        let whole = (described && paragraphs && weight >= 300).then_some(literal.place);
        let number = *numbers
            .entry((literal.key.as_str(), list))
            .or_insert(groups.len());
        match groups.get_mut(number) {
            Some(group) => {
                group.weight += weight;
                group.described |= described;
                group.is_description &= is_description;
                group.whole = group.whole.or(whole);
            }
            None => groups.push(Group {
                key: literal.key.clone(),
                list,
                weight,
                described,
                is_description,
                whole,
            }),
        }
    }
    groups.into_iter().max_by_key(|g| {
        if g.described && !g.is_description {
            g.weight * DESCRIBED
        } else {
            g.weight
        }
    })
}

/// Whether a script has the end of a Korean sentence, plain or escaped.
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

/// The lines of a literal; markup is read like a page.
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
                    Some(super::hints::Hint::Caption) => LineKind::Caption,
                    Some(hint) if hint.is_furniture() => LineKind::Furniture,
                    _ if b.figure => LineKind::Figure,
                    _ => LineKind::Text,
                },
                strong: b.is_bold() || b.heading > 0,
                link_share: b.link_share(),
                after_image: b.after_image,
                repeats_alt: b.repeats_alt,
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
fn collect(script: &str, out: &mut Vec<Literal>, containers: &mut Containers) {
    let mut queue = vec![(script.to_owned(), 0)];
    while let Some((text, depth)) = queue.pop() {
        let mut nested = Vec::new();
        scan(&text, containers, &mut |literal| {
            if out.len() >= MAX_LITERALS {
                return;
            }
            let value = &literal.value;
            let holds_literals = value.len() > 200
                && value.matches('"').take(8).count() >= 8
                && (value.contains("\":") || value.contains("\",\""))
                && !value.trim_start().starts_with('<');
            if holds_literals && depth < MAX_DEPTH {
                nested.push(literal.value);
            } else if value.len() < 1 << 20 {
                out.push(literal);
            }
        });
        queue.extend(nested.into_iter().rev().map(|v| (v, depth + 1)));
    }
}

/// Follows the brackets between literals.
fn follow(between: &[u8], key: &str, mut place: usize, containers: &mut Containers) -> usize {
    for b in between {
        match b {
            b'[' | b'{' if containers.around.len() < MAX_LITERALS => {
                place = containers.open(place, key)
            }
            b']' | b'}' => place = containers.around(place),
            _ => {}
        }
    }
    place
}

/// Reads the literals of one text in order, each with the key before it (`"key": "value"`,
/// `key: "value"`; the values of a list share their list's key).
fn scan(text: &str, containers: &mut Containers, found: &mut dyn FnMut(Literal)) {
    let bytes = text.as_bytes();
    let mut key = String::new();
    let mut at = 0;
    // Where the last key or literal ended: the text between decides whether the key still holds.
    let mut known = 0;
    let mut place = containers.open(0, "");
    // Up to where brackets have been followed.
    let mut followed = 0;
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
        let between = bytes.get(followed..here).unwrap_or_default();
        place = follow(between, &key, place, containers);
        followed = end + 1;
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
        found(Literal {
            key: key.clone(),
            value: unescape(raw),
            place,
        });
    }
}

/// End of the literal that opens at `open`. Literals have no raw line breaks, so an unterminated one
/// ends with its line.
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
        read(&document, &[])
            .map(|h| h.lines.into_iter().map(|l| l.text).collect())
            .unwrap_or_default()
    }

    const LONG: &str = "시청 앞 광장에서 봄꽃 축제가 열려 시민 천여 명이 꽃길을 걸으며 주말 오후를 보냈다고 시가 밝혔다.";

    #[test]
    fn text_in_json_is_found() {
        let page = format!(
            r#"<script>window.Fusion=window.Fusion||{{}};Fusion.globalContent={{"a":1,"content_elements":[{{"type":"text","content":"{LONG}"}},{{"type":"text","content":"둘째 문단은 내년 계획을 전한다. 예산은 그대로다. 축제는 해마다 열린다."}}],"credits":{{"by":[{{"byline":"홍길동 기자"}}]}},"display_date":"2024-05-01T01:00:00Z"}};</script>"#
        );
        let found = read(&html::parse(&page), &[]).unwrap();
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

    #[test]
    fn other_articles_of_a_script_stay_out() {
        let other = "강변 산책로에 새 가로등이 들어서 밤길이 밝아졌다고 구가 전했다. 주민은 반겼다. 구는 내년에 더 놓는다.";
        let page = format!(
            r#"<script>window.data={{"main":{{"items":[{{"type":"text","content":"{LONG}"}},{{"type":"text","content":"둘째 문단은 내년 계획을 전한다. 예산은 그대로다."}}],"credits":{{"by":[{{"byline":"홍길동 기자"}}]}}}},"more":[{{"items":[{{"type":"text","content":"{other}"}},{{"content":"{other} 셋째도 그렇다. 넷째도 그렇다. 다섯째도 그렇다."}}],"credits":{{"by":[{{"byline":"김나라 기자"}}]}}}}]}};</script>"#
        );
        let description: String = tidy::skeleton(LONG).chars().take(30).collect();
        let found = read(&html::parse(&page), &[description]).unwrap();
        assert_eq!(found.lines.len(), 2);
        assert_eq!(found.reporters, ["홍길동"]);
    }

    proptest! {
        #[test]
        fn any_script_is_read_without_panic(s in r#"["'\\:a-fu0-9{},가\n]{0,80}"#) {
            let mut out = Vec::new();
            collect(&s, &mut out, &mut Containers::default());
        }
    }
}
