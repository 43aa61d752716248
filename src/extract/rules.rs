//! Rules about single outlets: where a layout defeats the generic way, selectors say where to look.
//!
//! One file an outlet under `data/rules/`. A rule only proposes: where its selector finds nothing,
//! or hardly any text, the generic way answers.

use std::sync::LazyLock;

use super::html::{Document, NodeId, Tag};
use super::outlet;
use super::table;

/// The rule files; a new outlet is a new line here and a file beside the others.
const FILES: [&str; 3] = [
    include_str!("data/rules/naver.tsv"),
    include_str!("data/rules/daum.tsv"),
    include_str!("data/rules/nate.tsv"),
];

/// Selectors for the pages of one domain.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Rule {
    domains: Vec<&'static str>,
    body: Vec<Selector>,
    headline: Vec<Selector>,
}

/// `tag#id.class`: all that is given must hold.
#[derive(Debug, Default, PartialEq)]
struct Selector {
    tag: Option<Tag>,
    id: Option<&'static str>,
    class: Option<&'static str>,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| FILES.iter().map(|f| read(f)).collect());

fn read(file: &'static str) -> Rule {
    let mut rule = Rule::default();
    for row in table::rows(file) {
        match row.get(0) {
            "domain" => rule.domains.push(row.get(1)),
            "body" => rule.body.extend(selector(row.get(1))),
            "headline" => rule.headline.extend(selector(row.get(1))),
            _ => {}
        }
    }
    rule
}

fn selector(text: &'static str) -> Option<Selector> {
    let (rest, class) = match text.split_once('.') {
        Some((rest, class)) => (rest, Some(class)),
        None => (text, None),
    };
    let (tag, id) = match rest.split_once('#') {
        Some((tag, id)) => (tag, Some(id)),
        None => (rest, None),
    };
    let tag = match tag {
        "" => None,
        name => Some(Tag::from_lower(name)),
    };
    (tag.is_some() || id.is_some() || class.is_some()).then_some(Selector { tag, id, class })
}

/// The rule for a page that says it stands at one of these addresses.
pub(super) fn of<'a>(addresses: impl Iterator<Item = &'a str>) -> Option<&'static Rule> {
    for address in addresses {
        let Some(host) = outlet::host(address) else {
            continue;
        };
        let found = RULES.iter().find(|r| {
            r.domains
                .iter()
                .any(|d| host == *d || host.strip_suffix(d).is_some_and(|h| h.ends_with('.')))
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

impl Rule {
    /// The element of the article's text, by the first selector that finds one.
    pub(super) fn body(&self, document: &Document) -> Option<NodeId> {
        find(document, &self.body)
    }

    /// The element of the headline.
    pub(super) fn headline(&self, document: &Document) -> Option<NodeId> {
        find(document, &self.headline)
    }
}

fn find(document: &Document, selectors: &[Selector]) -> Option<NodeId> {
    selectors
        .iter()
        .find_map(|s| (0..document.len()).find(|&id| s.matches(document, id)))
}

impl Selector {
    fn matches(&self, document: &Document, id: NodeId) -> bool {
        let Some(tag) = document.tag(id) else {
            return false;
        };
        self.tag.is_none_or(|t| t == tag)
            && self
                .id
                .is_none_or(|wanted| document.attr(id, "id").is_some_and(|v| v == wanted))
            && self.class.is_none_or(|wanted| {
                document
                    .attr(id, "class")
                    .is_some_and(|v| v.split_ascii_whitespace().any(|c| c == wanted))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::html;

    #[test]
    fn every_row_is_read() {
        for file in FILES {
            let rule = read(file);
            assert!(!rule.domains.is_empty());
            let rows = table::rows(file).count();
            assert_eq!(
                rows,
                rule.domains.len() + rule.body.len() + rule.headline.len()
            );
        }
    }

    #[test]
    fn a_selector_finds_its_element() {
        let document = html::parse("<div id=a class='x y'><p class=y>글</p></div>");
        let found = |s: &'static str| {
            find(&document, &[selector(s).unwrap()]).and_then(|id| document.tag(id))
        };
        assert_eq!(found("div#a.y"), Some(Tag::Div));
        assert_eq!(found("p.y"), Some(Tag::P));
        assert_eq!(found("#b"), None);
    }

    #[test]
    fn rules_are_found_by_address() {
        assert!(of(["https://n.news.naver.com/article/1"].into_iter()).is_some());
        assert!(of(["https://example.com/naver.com"].into_iter()).is_none());
    }
}
