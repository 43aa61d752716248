//! Rules for single outlets: CSS selectors for layouts on which the generic method fails.
//!
//! There is one file per outlet in `data/rules/`. If a selector finds nothing, or hardly any text, the
//! generic method decides.

use std::sync::LazyLock;

use scraper::Selector;

use super::html::{Document, NodeId};
use super::outlet;
use super::table;

/// The rule files; a new outlet is a new line here and a file beside the others.
const FILES: [&str; 3] = [
    include_str!("data/rules/naver.tsv"),
    include_str!("data/rules/daum.tsv"),
    include_str!("data/rules/nate.tsv"),
];

/// Selectors for the pages of one domain.
#[derive(Debug, Default)]
pub(super) struct Rule {
    domains: Vec<&'static str>,
    body: Vec<Selector>,
    headline: Vec<Selector>,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| FILES.iter().map(|f| read(f)).collect());

fn read(file: &'static str) -> Rule {
    let mut rule = Rule::default();
    for row in table::rows(file) {
        match row.get(0) {
            "domain" => rule.domains.push(row.get(1)),
            "body" => rule.body.extend(Selector::parse(row.get(1))),
            "headline" => rule.headline.extend(Selector::parse(row.get(1))),
            _ => {}
        }
    }
    rule
}

/// The rule for a page with one of these addresses.
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
    selectors.iter().find_map(|s| document.select(s))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::html::{self, Tag};

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
        let page =
            "<!doctype html><!--c--><title>t</title><div id=a class='x y'><p class=y>글</p></div>";
        let document = html::parse(page);
        let found = |s: &str| {
            find(&document, &[Selector::parse(s).unwrap()]).and_then(|id| document.tag(id))
        };
        assert_eq!(found("div#a.y"), Some(Tag::Div));
        assert_eq!(found("#a > p.y"), Some(Tag::P));
        assert_eq!(found("#b"), None);
    }

    #[test]
    fn rules_are_found_by_address() {
        assert!(of(["https://n.news.naver.com/article/1"].into_iter()).is_some());
        assert!(of(["https://example.com/naver.com"].into_iter()).is_none());
    }
}
