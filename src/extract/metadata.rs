//! Metadata in the head of a page: meta elements, JSON-LD, the canonical link, the URL in a "saved
//! from" comment.

use rustc_hash::FxHashMap;

use super::html::{Data, Document, NodeId, Tag};
use super::jsonld::{self, LdArticle};
use super::tidy::{self, skeleton};

/// The head of a page, read once.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    /// Names in lower case → values in order of appearance.
    meta: FxHashMap<String, Vec<String>>,
    /// The page's `<title>`.
    pub title: Option<String>,
    pub canonical: Option<String>,
    /// Address in the comment of the program that saved the page.
    pub saved_from: Option<String>,
    pub ld: LdArticle,
}

impl Metadata {
    /// Reads the head. JSON-LD of anything but an article is ignored.
    pub(super) fn read(document: &Document) -> Metadata {
        let mut out = Metadata::default();
        let mut svg_end = 0;
        for (id, node) in document.iter() {
            match &node.data {
                Data::Element { tag: Tag::Svg, .. } => svg_end = node.end as NodeId,
                Data::Element {
                    tag: Tag::Title, ..
                } if id >= svg_end && out.title.is_none() => {
                    let title = document.raw(id).map(tidy::line);
                    out.title = title.filter(|t| !t.is_empty());
                }
                Data::Element { tag: Tag::Meta, .. } => out.meta(document, id),
                Data::Element { tag: Tag::Link, .. } => {
                    let rel = document.attr(id, "rel").unwrap_or_default();
                    if rel.eq_ignore_ascii_case("canonical") && out.canonical.is_none() {
                        out.canonical = document.attr(id, "href").map(str::to_owned);
                    }
                }
                Data::Element {
                    tag: Tag::Script, ..
                } => {
                    let is_ld = document
                        .attr(id, "type")
                        .is_some_and(|t| t.trim().eq_ignore_ascii_case("application/ld+json"));
                    if is_ld && let Some(json) = document.raw(id) {
                        jsonld::read(json, &mut out.ld);
                    }
                }
                Data::Comment(text) if out.saved_from.is_none() => {
                    out.saved_from = saved_from(text);
                }
                _ => {}
            }
        }
        out
    }

    fn meta(&mut self, document: &Document, id: NodeId) {
        let Some(content) = document
            .attr(id, "content")
            .or_else(|| document.attr(id, "value"))
        else {
            return;
        };
        if content.len() > 20_000 {
            return;
        }
        let content = tidy::line(content);
        if content.is_empty() {
            return;
        }
        for attribute in ["property", "name", "itemprop"] {
            if let Some(names) = document.attr(id, attribute) {
                for name in names.split_ascii_whitespace().take(4) {
                    self.meta
                        .entry(name.to_ascii_lowercase())
                        .or_default()
                        .push(content.clone());
                }
            }
        }
    }

    /// The first value of the first of these names that has one.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|n| self.meta.get(*n)?.first())
            .map(String::as_str)
    }

    /// All values of a name.
    pub(super) fn all(&self, name: &str) -> &[String] {
        self.meta.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether the page is marked as an article.
    pub(super) fn is_of_article(&self) -> bool {
        let kind = self.first(&["og:type"]).unwrap_or_default();
        kind.eq_ignore_ascii_case("article") || self.ld.found
    }

    /// The page's own address: canonical link, `og:url`, JSON-LD, the comment of a saved page.
    pub(super) fn url(&self) -> Option<&str> {
        let usable = |url: &&str| {
            let url = super::outlet::original(url);
            // A canonical link to the front page does not identify the article.
            url.split_once("://").is_some_and(|(scheme, rest)| {
                scheme.starts_with("http") && rest.trim_end_matches('/').contains(['/', '?'])
            })
        };
        [
            self.canonical.as_deref(),
            self.first(&["og:url", "al:web:url", "twitter:url"]),
            self.ld.url.as_deref(),
            self.saved_from.as_deref(),
        ]
        .into_iter()
        .flatten()
        .find(usable)
        .map(super::outlet::original)
    }

    /// Addresses that identify the publisher, best first; a bare front page counts too.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        [
            self.first(&["og:url"]),
            self.canonical.as_deref(),
            self.saved_from.as_deref(),
            self.ld.url.as_deref(),
        ]
        .into_iter()
        .flatten()
    }

    /// Skeletons of the descriptions. Where one begins with the page's title, what follows it too.
    pub(super) fn description_skeletons(&self) -> Vec<String> {
        let titles: Vec<String> = [self.first(&["og:title"]), self.ld.headline.as_deref()]
            .into_iter()
            .flatten()
            .map(skeleton)
            .filter(|t| t.chars().count() >= 6)
            .collect();
        let mut out: Vec<String> = self.descriptions().map(skeleton).collect();
        let behind: Vec<String> = out
            .iter()
            .flat_map(|d| titles.iter().filter_map(|t| d.strip_prefix(t.as_str())))
            .map(str::to_owned)
            .collect();
        out.extend(behind);
        out
    }

    /// The description, on most pages the beginning of the article.
    pub(super) fn descriptions(&self) -> impl Iterator<Item = &str> {
        [
            "og:description",
            "description",
            "twitter:description",
            "dable:description",
        ]
        .into_iter()
        .filter_map(|n| self.first(&[n]))
        .chain(self.ld.description.as_deref())
    }
}

/// The address in the comment of a browser (`saved from url=(0052)http://...`), of SingleFile
/// (`Page saved with SingleFile url: https://...`) or of HTTrack (`Mirrored from news.example/1.html
/// by HTTrack ...`, without a scheme).
fn saved_from(comment: &str) -> Option<String> {
    let comment = comment.trim();
    if let Some(rest) = comment.strip_prefix("Mirrored from") {
        let address = rest.split_whitespace().next()?;
        return Some(match address.contains("://") {
            true => address.to_owned(),
            false => format!("http://{address}"),
        });
    }
    let is_known =
        comment.starts_with("saved from url") || comment.starts_with("Page saved with SingleFile");
    let (_, address) = comment.split_at(comment.find("http").filter(|_| is_known)?);
    address.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saving_programs_state_the_address() {
        for (comment, address) in [
            (
                " saved from url=(0031)https://news.example/2024/1.html ",
                Some("https://news.example/2024/1.html"),
            ),
            (
                "\n Page saved with SingleFile \n url: https://news.example/1 \n saved date: Thu Feb 22 2024",
                Some("https://news.example/1"),
            ),
            (
                " Mirrored from www.news.example/2024/1.html by HTTrack Website Copier/3.x [XR&CO'2014], Thu, 22 Feb 2024 ",
                Some("http://www.news.example/2024/1.html"),
            ),
            (" Mirrored from ", None),
            (" see http://news.example/1 ", None),
        ] {
            assert_eq!(saved_from(comment).as_deref(), address, "{comment}");
        }
    }
}
