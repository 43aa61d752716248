//! Hints about the purpose of an element from its class and id.
//!
//! Names are in `data/class_hints.tsv`. Hints may be wrong: some pages wrap whole articles in elements
//! called `ad_wrap` or `comment_area`, so [`blocks`](super::blocks) ignores the hint of an element
//! with most of the page's prose.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::table;

/// The purpose of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Hint {
    /// The article's text.
    Body,
    /// The headline, or a headline in a list.
    Headline,
    /// A deck: lines under the headline that summarize the article.
    Deck,
    /// A picture's caption.
    Caption,
    /// A picture with its caption.
    Photo,
    /// An automatic summary.
    Summary,
    /// Links to other articles.
    Related,
    /// Comments of readers.
    Comment,
    /// Share buttons.
    Share,
    /// Advertisement.
    Ad,
    /// The byline.
    Byline,
    /// The date.
    Date,
    /// The copyright notice.
    Copyright,
    /// Menus, headers and footers of the site.
    Nav,
    /// Tools: font size, print, tags, votes.
    Tool,
    /// Not displayed.
    Hidden,
}

impl Hint {
    fn from_name(name: &str) -> Option<Hint> {
        Some(match name {
            "body" => Hint::Body,
            "headline" => Hint::Headline,
            "deck" => Hint::Deck,
            "caption" => Hint::Caption,
            "photo" => Hint::Photo,
            "summary" => Hint::Summary,
            "related" => Hint::Related,
            "comment" => Hint::Comment,
            "share" => Hint::Share,
            "ad" => Hint::Ad,
            "byline" => Hint::Byline,
            "date" => Hint::Date,
            "copyright" => Hint::Copyright,
            "nav" => Hint::Nav,
            "tool" => Hint::Tool,
            "hidden" => Hint::Hidden,
            _ => return None,
        })
    }

    /// Whether it is never part of the article's text.
    pub(super) fn is_furniture(self) -> bool {
        use Hint::*;
        matches!(
            self,
            Summary | Related | Comment | Share | Ad | Copyright | Nav | Tool | Hidden
        )
    }
}

struct Names {
    /// Whole tokens → rank and hint.
    tokens: FxHashMap<String, (usize, Hint)>,
    words: FxHashMap<String, (usize, Hint)>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names {
        tokens: FxHashMap::default(),
        words: FxHashMap::default(),
    };
    for (rank, row) in table::rows(include_str!("data/class_hints.tsv")).enumerate() {
        let Some(hint) = Hint::from_name(row.get(0)) else {
            continue;
        };
        let map = match row.get(1) {
            "token" => &mut names.tokens,
            _ => &mut names.words,
        };
        for name in row.list(2) {
            map.entry(name.to_ascii_lowercase()).or_insert((rank, hint));
        }
    }
    names
});

/// Maximum length of a class list; hostile pages have megabytes of them.
const MAX_TOKENS: usize = 24;
const MAX_TOKEN: usize = 64;

/// The hint of the value of a class or id attribute.
pub(super) fn of(value: &str) -> Option<Hint> {
    let names = &*NAMES;
    let mut best: Option<(usize, Hint)> = None;
    let mut take = |found: Option<&(usize, Hint)>| {
        if let Some(&found) = found
            && best.is_none_or(|b| found.0 < b.0)
        {
            best = Some(found);
        }
    };
    let mut lower = String::new();
    let window = value
        .char_indices()
        .nth(MAX_TOKENS * MAX_TOKEN)
        .map_or(value, |(at, _)| &value[..at]);
    for token in window.split_ascii_whitespace().take(MAX_TOKENS) {
        if token.len() > MAX_TOKEN {
            continue;
        }
        lower.clear();
        lower.push_str(token);
        lower.make_ascii_lowercase();
        take(names.tokens.get(lower.as_str()));
        for (from, to) in words(token) {
            take(names.words.get(&lower[from..to]));
        }
    }
    best.map(|b| b.1)
}

/// Byte ranges of the words of a token: `articleBody_ad` → article, Body, ad.
fn words(token: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = token.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while bytes.get(at).is_some_and(|b| !b.is_ascii_alphabetic()) {
            at += 1;
        }
        let from = at;
        while let Some(&b) = bytes.get(at) {
            let starts_word = at > from
                && b.is_ascii_uppercase()
                && bytes.get(at - 1).is_some_and(u8::is_ascii_lowercase);
            if !b.is_ascii_alphabetic() || starts_word {
                break;
            }
            at += 1;
        }
        (at > from).then_some((from, at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        for row in table::rows(include_str!("data/class_hints.tsv")) {
            assert!(Hint::from_name(row.get(0)).is_some(), "{}", row.get(0));
            assert!(matches!(row.get(1), "token" | "word"), "{}", row.get(1));
            assert!(row.list(2).count() > 0);
        }
    }

    #[test]
    fn names_are_read_by_word() {
        assert_eq!(of("newsct_article _article_body"), Some(Hint::Body));
        assert_eq!(of("articleRelatedNews"), Some(Hint::Related));
        assert_eq!(of("view_ad01"), Some(Hint::Ad));
        assert_eq!(of("shadow"), None);
        assert_eq!(of("img_desc"), Some(Hint::Caption));
        assert_eq!(of("교육-news"), None);
    }
}
