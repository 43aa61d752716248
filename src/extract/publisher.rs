//! Whose page it is: the publisher, and the portal that carries it.

use super::Extracted;
use super::html::Tag;
use super::outlet::{self, Outlet};
use super::page::View;

impl View<'_> {
    /// The publisher's canonical name and the portal that carries the page.
    pub(super) fn outlet(&self, out: &mut Extracted) -> (Option<String>, Option<String>) {
        let hosts: Vec<&'static Outlet> = self
            .url
            .into_iter()
            .chain(self.metadata.addresses())
            .filter_map(outlet::by_url)
            .collect();
        let carrier = hosts
            .first()
            .filter(|o| o.is_portal())
            .map(|o| o.name.to_owned());
        let mut named: Vec<(String, &'static str)> = Vec::new();
        for (key, from) in [
            ("og:article:author", "og:article:author"),
            ("og:site_name", "og:site_name"),
            ("dable:publisher", "dable:publisher"),
            ("publisher", "meta publisher"),
            ("article:publisher", "article:publisher"),
            ("article:media_name", "article:media_name"),
            ("twitter:creator", "twitter:creator"),
            ("author", "meta author"),
            ("copyright", "meta copyright"),
            ("application-name", "application-name"),
        ] {
            for value in self.metadata.all(key) {
                named.push((value.clone(), from));
            }
        }
        if let Some(publisher) = &self.metadata.ld.publisher {
            named.insert(0, (publisher.clone(), "JSON-LD publisher"));
        }
        let known = |text: &str| -> Option<&'static Outlet> {
            outlet::canonical(text).or_else(|| {
                text.split(['|', '-', '<', ':', 'ㅣ', '·'])
                    .filter_map(|part| outlet::canonical(part.trim()))
                    .find(|o| !o.is_portal())
            })
        };
        if carrier.is_none()
            && let Some(host) = hosts.first()
        {
            out.provenance
                .push(("outlet", "the page's address".to_owned()));
            return (Some(host.name.to_owned()), None);
        }
        if let Some(found) = self
            .url
            .into_iter()
            .chain(self.metadata.addresses())
            .find_map(outlet::by_portal_url)
        {
            out.provenance
                .push(("outlet", "the number in the portal's address".to_owned()));
            return (Some(found.name.to_owned()), carrier);
        }
        for (value, from) in &named {
            if let Some(found) = known(value).filter(|o| !o.is_portal()) {
                out.provenance.push(("outlet", (*from).to_owned()));
                return (Some(found.name.to_owned()), carrier);
            }
        }
        if carrier.is_some()
            && let Some(found) = self.outlet_beside_headline()
        {
            out.provenance
                .push(("outlet", "name beside the headline".to_owned()));
            return (Some(found), carrier);
        }
        if let Some(found) = self.outlet_of_text() {
            out.provenance.push(("outlet", "copyright line".to_owned()));
            return (Some(found), carrier);
        }
        if carrier.is_none()
            && let Some((found, from)) = self.outlet_of_site()
        {
            out.provenance.push(("outlet", from.to_owned()));
            return (Some(found), carrier);
        }
        // A site that the table does not know, by its own name.
        if carrier.is_none()
            && let Some(name) =
                self.metadata
                    .first(&["og:site_name"])
                    .or(self.metadata.ld.publisher.as_deref())
            && name.chars().count() <= 30
        {
            out.provenance.push(("outlet", "og:site_name".to_owned()));
            return (Some(name.to_owned()), None);
        }
        (None, carrier)
    }

    /// On a portal's page: the publisher's name or logo between the page's top and its text.
    fn outlet_beside_headline(&self) -> Option<String> {
        let start = self.start();
        let lines = self
            .blocks()
            .get(start.saturating_sub(12)..start)
            .unwrap_or_default();
        let named = |text: &str| outlet::canonical(text).filter(|o| !o.is_portal());
        if let Some(found) = lines.iter().rev().find_map(|b| named(&b.text)) {
            return Some(found.name.to_owned());
        }
        self.document
            .elements(Tag::Img)
            .filter_map(|id| {
                self.document
                    .attr(id, "alt")
                    .or_else(|| self.document.attr(id, "title"))
            })
            .find_map(named)
            .map(|o| o.name.to_owned())
    }

    /// An outlet named in a copyright line or at the end of the title.
    fn outlet_of_text(&self) -> Option<String> {
        for block in self.blocks() {
            if block.chars > 200
                || !(block.text.contains(['ⓒ', '©'])
                    || block.text.to_ascii_lowercase().contains("copyright")
                    || block.text.contains("저작권자"))
            {
                continue;
            }
            for part in block
                .text
                .split(|c: char| !c.is_alphanumeric() && c != '.' && c != ' ')
            {
                for word in std::iter::once(part).chain(part.split(' ')) {
                    if let Some(found) = outlet::canonical(word.trim().trim_end_matches('.'))
                        .filter(|o| !o.is_portal())
                    {
                        return Some(found.name.to_owned());
                    }
                }
            }
        }
        let title = self.metadata.title.as_deref()?;
        title
            .split(['|', '-', '<', '>', ':', 'ㅣ'])
            .rev()
            .flat_map(|part| std::iter::once(part).chain(part.split(' ')))
            .filter_map(|part| outlet::canonical(part.trim()))
            .find(|o| !o.is_portal())
            .map(|o| o.name.to_owned())
    }

    /// The outlet by its logo, else by the addresses that the page's links lead to.
    fn outlet_of_site(&self) -> Option<(String, &'static str)> {
        const DECORATION: [&str; 8] = [
            "로고",
            "logo",
            "LOGO",
            "Logo",
            "홈페이지",
            "누리집",
            "바로가기",
            "홈",
        ];
        for id in self.document.elements(Tag::Img) {
            let Some(alt) = self
                .document
                .attr(id, "alt")
                .filter(|a| !a.is_empty() && a.len() < 90)
            else {
                continue;
            };
            let mut name = alt.trim();
            for word in DECORATION {
                name = name.trim_end_matches(word).trim_end();
            }
            if let Some(found) = outlet::canonical(name).filter(|o| !o.is_portal()) {
                return Some((found.name.to_owned(), "logo"));
            }
        }
        let mut counts: Vec<(&'static Outlet, usize)> = Vec::new();
        for (id, _) in self.document.iter() {
            for attr in self.document.attrs(id) {
                let is_address = ["href", "src", "action"]
                    .iter()
                    .any(|n| attr.name.eq_ignore_ascii_case(n));
                if is_address
                    && attr.value.len() < 2000
                    && attr.value.contains("//")
                    && let Some(found) = outlet::by_url(attr.value).filter(|o| !o.is_portal())
                {
                    if let Some(count) = counts.iter_mut().find(|c| c.0.name == found.name) {
                        count.1 += 1;
                    } else if counts.len() < 64 {
                        counts.push((found, 1));
                    }
                }
            }
        }
        counts.sort_by_key(|c| std::cmp::Reverse(c.1));
        let (found, count) = counts.first()?;
        let next = counts.get(1).map_or(0, |c| c.1);
        (*count >= 4 && *count >= next * 2)
            .then(|| (found.name.to_owned(), "most of the page's links"))
    }
}
