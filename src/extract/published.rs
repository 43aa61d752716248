//! Finds the date of publication: in metadata, attributes of elements, and visible dates.

use std::sync::LazyLock;

use regex::Regex;

use super::Extracted;
use super::content;
use super::date;
use super::html::Tag;
use super::page::View;
use super::pattern;
use super::provenance::{ExtractedField, Origin};
use crate::clipping::Published;

/// `"deployDt":"2026.01.29 18:40"`, its quotation marks perhaps escaped: key and value.
static SCRIPT_DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r#"([A-Za-z_]{3,28})\\*["']?\s*[:=]\s*\\*["']((?:19|20)\d\d[^"'\\<>]{4,30})\\*["']"#,
    )
});

/// `"입력 : 2016.09.14 22:00"`: a label and a date in a string of a script.
static SCRIPT_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r#"["'](?:기사)?(?:입력|등록|송고|승인|게재)(?:일시?|시간)?\s*[:：]?\s*((?:19|20)\d\d[.\-/년][^"'\\<>]{4,24})["']"#,
    )
});

/// Whether a key is one such as `publishedAt`, `regDate`, `first_publish_date`, `deploy-dt`.
fn names_publication(key: &str) -> bool {
    const TIME: [&str; 7] = ["date", "dt", "time", "at", "ymd", "datetime", "day"];
    const PUBLICATION: [&str; 22] = [
        "publish",
        "published",
        "publication",
        "pub",
        "deploy",
        "reg",
        "regist",
        "registered",
        "input",
        "write",
        "written",
        "created",
        "create",
        "first",
        "service",
        "display",
        "insert",
        "ins",
        "issue",
        "send",
        "article",
        "news",
    ];
    const OTHER: [&str; 11] = [
        "mod", "modified", "modify", "update", "updated", "re", "edit", "last", "end", "expire",
        "user",
    ];
    let mut words: Vec<String> = Vec::new();
    let mut lower_before = false;
    for c in key.chars().take(40) {
        if !c.is_ascii_alphabetic() {
            words.push(String::new());
            lower_before = false;
            continue;
        }
        if words.is_empty() || lower_before && c.is_ascii_uppercase() {
            words.push(String::new());
        }
        lower_before = c.is_ascii_lowercase();
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    let glued = words.len() == 1
        && [
            "regdate",
            "pubdate",
            "inputdate",
            "writedate",
            "regdt",
            "newsdate",
            "regtime",
        ]
        .contains(&words[0].as_str());
    glued || has(&TIME) && has(&PUBLICATION) && !has(&OTHER)
}

/// The day in an address: `/2024/02/22/`, `/20240222`, `key=2024022210311234`.
fn address_date(address: &str) -> Option<Published> {
    let path = address.split_once("://").map_or(address, |(_, rest)| rest);
    let found = ADDRESS_DATE.captures(path)?;
    date::parse_meta(&format!("{}-{}-{}", &found[1], &found[2], &found[3]))
}

static ADDRESS_DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"[/=_-](20[0-3]\d)(?:/|-|)(0[1-9]|1[0-2])(?:/|-|)(0[1-9]|[12]\d|3[01])(?:[/_.-]|\d{0,12}(?:$|[/?&._-]))",
    )
});

/// Reads a date of metadata. Some sites append a `Z` to Korean time: it is read as that if the page
/// shows the same time of day.
fn read_meta(value: &str, visible: Option<Published>) -> Option<Published> {
    let read = date::parse_meta(value)?;
    let value = value.trim();
    let bare = ["Z", "z", "+00:00", "+0000"]
        .iter()
        .find_map(|zone| value.strip_suffix(zone));
    if let (Some(bare), Some(visible)) = (bare, visible)
        && let Some(korean) = date::parse_meta(bare)
        && korean.date == visible.date
        && let (Some(written), Some(shown)) = (korean.time, visible.time)
        && (written.hour(), written.minute()) == (shown.hour(), shown.minute())
    {
        return Some(korean);
    }
    Some(read)
}

impl View<'_> {
    pub(super) fn published(&self, headline: &str, out: &mut Extracted) -> Option<Published> {
        let meta = [
            "article:published_time",
            "article:published",
            "og:article:published_time",
            "datepublished",
            "dable:published_time",
            "og:regdate",
            "pubdate",
            "dc.date.issued",
            "dc.date",
            "parsely-pub-date",
            "sailthru.date",
            "date",
            "regdate",
            "article_date_original",
        ];
        let visible = self.visible_date(headline);
        let mut best: Option<Published> = None;
        let mut from = Origin::VisibleDate;
        let mut consider = |found: Option<Published>, whence: Origin| {
            if let Some(found) = found {
                match best {
                    None => {
                        best = Some(found);
                        from = whence;
                    }
                    // Another date of the same day may add the time.
                    Some(known)
                        if known.time.is_none()
                            && found.time.is_some()
                            && known.date == found.date =>
                    {
                        best = Some(found);
                        from = whence;
                    }
                    _ => {}
                }
            }
        };
        let read = |value: &str| read_meta(value, visible);
        consider(
            self.metadata.ld.published.as_deref().and_then(read),
            Origin::Markup("JSON-LD datePublished"),
        );
        for key in meta {
            consider(
                self.metadata.first(&[key]).and_then(read),
                Origin::Markup(key),
            );
        }
        consider(self.date_attribute(), Origin::Attribute);
        consider(visible, Origin::VisibleDate);
        consider(self.time_near_headline(headline), Origin::Markup("<time>"));
        if best.is_none() {
            best = self.script_date();
            from = Origin::Scripts;
        }
        if best.is_none() {
            best = self.address().and_then(address_date);
            from = Origin::Address;
        }
        if best.is_none() {
            best = self.modified_date();
            from = Origin::VisibleChange;
        }
        if best.is_some() {
            out.note(ExtractedField::Published, from);
        }
        best
    }

    /// `<time datetime>`, `data-date-time` and the like.
    fn date_attribute(&self) -> Option<Published> {
        for (id, _) in self.document.iter() {
            for attr in self.document.attrs(id) {
                let name = attr.name;
                let is_date = name.eq_ignore_ascii_case("datetime")
                    && self
                        .document
                        .attr(id, "itemprop")
                        .is_some_and(|p| p.contains("datePublished"))
                    || name
                        .strip_prefix("data-")
                        .is_some_and(|n| n == "date-time" || names_publication(n));
                if is_date && let Some(found) = date::parse_meta(attr.value) {
                    return Some(found);
                }
            }
        }
        None
    }

    /// `<time datetime>` between headline and text, or just above: pages show `3 hours ago` in it.
    fn time_near_headline(&self, headline: &str) -> Option<Published> {
        let blocks = self.blocks();
        let title = self.headline_at(headline)?;
        let from = blocks.get(title.saturating_sub(4))?.node;
        let to = self.content.as_ref()?.root;
        self.document
            .elements(Tag::Time)
            .filter(|id| (from..to).contains(id))
            .find_map(|id| date::parse_meta(self.document.attr(id, "datetime")?))
    }

    /// A date under a key of the page's scripts that names a publication. Of several, one that the
    /// address repeats.
    fn script_date(&self) -> Option<Published> {
        let address: String = self
            .address()
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        let mut first = None;
        for id in self.document.elements(Tag::Script) {
            let script = self.document.raw(id).unwrap_or_default();
            for found in SCRIPT_DATE.captures_iter(script).take(200) {
                let (Some(key), Some(value)) = (found.get(1), found.get(2)) else {
                    continue;
                };
                if !names_publication(key.as_str()) {
                    continue;
                }
                if let Some(published) = date::parse_meta(value.as_str()) {
                    let day = published.date.strftime("%Y%m%d").to_string();
                    if address.contains(&day) {
                        return Some(published);
                    }
                    first = first.or(Some(published));
                }
            }
            if first.is_none() && (script.contains("입력") || script.contains("등록")) {
                first = SCRIPT_LABEL
                    .captures(script)
                    .and_then(|found| date::parse_meta(found.get(1)?.as_str()));
            }
        }
        first
    }

    /// The date of the last change, if the page has no other.
    pub(super) fn modified_date(&self) -> Option<Published> {
        let start = self.start();
        let end = self.content.as_ref().map_or(start, |c| c.lines.end);
        let near = start.saturating_sub(30)..(end + 15).min(self.blocks().len());
        self.blocks()
            .get(near)
            .unwrap_or_default()
            .iter()
            .filter(|b| b.chars <= 120 && b.link_share() <= 0.6)
            .flat_map(|b| date::find_all(&b.text))
            .find(|found| found.role == date::Role::Modified)
            .map(|found| found.published)
    }

    pub(super) fn visible_date(&self, headline: &str) -> Option<Published> {
        let blocks = self.blocks();
        let start = self.start();
        let end = self.content.as_ref().map_or(start, |c| c.lines.end);
        let title_at = self
            .headline_at(headline)
            .unwrap_or_else(|| start.saturating_sub(30));
        // From the headline to the text, then above the headline, then the end of the text and what follows.
        let near = title_at..start;
        let above = title_at.saturating_sub(12)..title_at;
        let below = start..(end + 15).min(blocks.len());
        let mut fallback = None;
        for range in [near, above, below] {
            for block in blocks.get(range).unwrap_or_default() {
                if block.chars > 160
                    || block.link_share() > 0.6
                    || content::is_prose(block) && block.chars > 60
                {
                    continue;
                }
                // Label and date are often neighbours: `<dt>등록일</dt><dd>2024-02-22</dd>`.
                for found in date::find_all(&block.text) {
                    match found.role {
                        date::Role::Published => return Some(found.published),
                        date::Role::Bare if fallback.is_none() => fallback = Some(found.published),
                        _ => {}
                    }
                }
            }
            if fallback.is_some() {
                return fallback;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_publication_are_told_from_others() {
        for key in [
            "publishedAt",
            "regDate",
            "reg_date",
            "deployDt",
            "deploy-dt",
            "first_publish_date",
            "regdate",
            "createdAt",
        ] {
            assert!(names_publication(key), "{key}");
        }
        for key in [
            "reDeployDt",
            "modDate",
            "updatedAt",
            "lastPublishDate",
            "date",
            "title",
            "userCreatedAt",
            "",
        ] {
            assert!(!names_publication(key), "{key}");
        }
    }

    #[test]
    fn addresses_hold_days() {
        for (address, day) in [
            ("https://example.com/2024/02/22/a.html", "2024-02-22"),
            (
                "https://example.com/view?key=2024022210311234",
                "2024-02-22",
            ),
            ("https://example.com/article/20240222", "2024-02-22"),
            ("https://example.com/article/28401234", "-"),
            ("https://example.com/article/20249922", "-"),
        ] {
            let found = address_date(address).map_or("-".to_owned(), |p| p.to_string());
            assert_eq!(found, day, "{address}");
        }
    }

    #[test]
    fn korean_time_with_a_z_is_read_by_what_the_page_shows() {
        let shown = date::parse_korean("입력 2024.02.22 10:31");
        let read = |value, visible| read_meta(value, visible).map(|p| p.to_string());
        assert_eq!(
            read("2024-02-22T10:31:05Z", shown).as_deref(),
            Some("2024-02-22T10:31:05+09:00")
        );
        assert_eq!(
            read("2024-02-22T01:31:05Z", shown).as_deref(),
            Some("2024-02-22T10:31:05+09:00")
        );
        assert_eq!(
            read("2024-02-22T10:31:05Z", None).as_deref(),
            Some("2024-02-22T19:31:05+09:00")
        );
    }
}
