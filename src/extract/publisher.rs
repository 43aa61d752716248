//! Finds the publisher of a page, and the portal that carries it.
//!
//! Each place with the name of an outlet adds weight to it; the name with most weight is the
//! publisher. Names that are not in the table count too, as written.

use super::clean::Parts;
use super::date;
use super::evidence::{Decision, Sign, Weighing};
use super::headline;
use super::hints::Hint;
use super::html::Tag;
use super::naming::{self, Name};
use super::outlet::{self, Outlet};
use super::page::View;
use super::tidy::skeleton;
use crate::hangul;

/// The publisher of a page.
#[derive(Debug, Default)]
pub(super) struct Publisher {
    pub name: Option<String>,
    /// The portal that carries the page.
    pub carrier: Option<String>,
    /// All names that were weighed: a title may end with any of them.
    pub named: Vec<String>,
    pub weighing: Option<Weighing>,
}

/// Names with the signs for each.
struct Ballot {
    without: Option<Sign>,
    is_korean: bool,
    names: Vec<(Name, Weighing)>,
}

/// Maximum number of names: pages have a handful, hostile ones thousands.
const MAX_NAMES: usize = 48;

impl Ballot {
    fn add(&mut self, name: Name, sign: Sign) {
        let key = skeleton(name.text());
        let at = self
            .names
            .iter()
            .position(|(n, _)| skeleton(n.text()) == key);
        let at = match at {
            Some(at) => at,
            None if self.names.len() < MAX_NAMES && !key.is_empty() => {
                let mut weighing = Weighing::new(self.without);
                let unknown = matches!(name, Name::Unknown(_));
                weighing.note(Sign::UnknownName, unknown);
                weighing.note(
                    Sign::LatinName,
                    unknown && self.is_korean && !hangul::has_syllable(name.text()),
                );
                self.names.push((name, weighing));
                self.names.len() - 1
            }
            None => return,
        };
        if let Some((_, weighing)) = self.names.get_mut(at) {
            weighing.note(sign, true);
        }
    }

    fn known(&mut self, outlet: Option<&'static Outlet>, sign: Sign) {
        if let Some(outlet) = outlet.filter(|o| !o.is_portal()) {
            self.add(Name::Known(outlet), sign);
        }
    }

    fn any(&mut self, name: Option<Name>, sign: Sign) {
        if let Some(name) = name {
            self.add(name, sign);
        }
    }
}

impl View<'_> {
    /// The publisher according to everything outside the text.
    pub(super) fn publisher(&self) -> Publisher {
        self.weigh_publisher(None)
    }

    /// The publisher, with the datelines of the text.
    pub(super) fn publisher_with(&self, parts: &Parts) -> Publisher {
        self.weigh_publisher(Some(parts))
    }

    fn weigh_publisher(&self, parts: Option<&Parts>) -> Publisher {
        let mut ballot = Ballot {
            without: self.without,
            is_korean: self.content.is_some()
                && self
                    .blocks()
                    .iter()
                    .take(400)
                    .any(|b| hangul::has_syllable(&b.text)),
            names: Vec::new(),
        };
        let addresses = || self.url.into_iter().chain(self.metadata.addresses());
        let carrier = addresses()
            .find_map(outlet::by_url)
            .filter(|o| o.is_portal());
        if carrier.is_none() {
            for address in addresses() {
                let sign = match outlet::is_own_host(address) {
                    true => Sign::OwnHost,
                    false => Sign::GuestHost,
                };
                ballot.known(outlet::by_url(address), sign);
            }
        } else {
            ballot.known(
                addresses().find_map(outlet::by_portal_url),
                Sign::PortalNumber,
            );
            ballot.any(self.outlet_beside_headline(), Sign::BesideHeadline);
        }
        self.metadata_names(&mut ballot);
        self.text_names(&mut ballot, carrier.is_some());
        if carrier.is_none() {
            ballot.any(self.title_suffix(), Sign::TitleSuffix);
            ballot.known(self.logo(), Sign::Logo);
            if ballot.names.is_empty() {
                ballot.known(self.linked_outlet(), Sign::LinksToOutlet);
            }
        }
        if let Some(parts) = parts {
            for outlet in &parts.outlets {
                ballot.any(naming::of_field(outlet), Sign::DatelineOutlet);
            }
        }
        let best = ballot
            .names
            .iter()
            .filter(|(_, w)| w.decides(Decision::Outlet))
            .enumerate()
            // The first of those with equal weight.
            .max_by(|a, b| a.1.1.sum().total_cmp(&b.1.1.sum()).then(b.0.cmp(&a.0)))
            .map(|(_, best)| best);
        Publisher {
            name: best.map(|(name, _)| name.text().to_owned()),
            carrier: carrier.map(|o| o.name.to_owned()),
            weighing: best.map(|(_, weighing)| weighing.clone()),
            named: ballot
                .names
                .iter()
                .map(|(name, _)| name.text().to_owned())
                .collect(),
        }
    }

    fn metadata_names(&self, ballot: &mut Ballot) {
        if let Some(publisher) = &self.metadata.ld.publisher {
            ballot.any(naming::of_field(publisher), Sign::LdPublisher);
        }
        for value in self.metadata.all("og:site_name") {
            ballot.any(naming::of_field(value), Sign::SiteName);
        }
        for key in [
            "dable:publisher",
            "publisher",
            "article:publisher",
            "article:media_name",
        ] {
            for value in self.metadata.all(key) {
                if !value.contains("://") {
                    ballot.any(naming::of_field(value), Sign::MetaPublisher);
                }
            }
        }
        for key in [
            "og:article:author",
            "author",
            "twitter:creator",
            "copyright",
            "application-name",
        ] {
            for value in self.metadata.all(key) {
                // Most of these are persons or accounts.
                if let Some(known @ Name::Known(_)) = naming::of_field(value) {
                    ballot.add(known, Sign::MetaAuthor);
                }
            }
        }
    }

    /// Outlets in copyright lines, not counting those of pictures.
    fn text_names(&self, ballot: &mut Ballot, carried: bool) {
        for block in self.blocks() {
            let text = &block.text;
            let is_caption = block.figure
                || block.hint == Some(Hint::Caption)
                || text.starts_with(['▲', '△', '▼', '◀', '▶']);
            if is_caption || block.chars > 600 {
                continue;
            }
            let lower = text.to_ascii_lowercase();
            if !(text.contains(['ⓒ', '©'])
                || lower.contains("copyright")
                || text.contains("저작권"))
            {
                continue;
            }
            // The sign alone more often belongs to a picture than to the page.
            if block.after_image && !text.contains("저작권") && !lower.contains("copyright") {
                continue;
            }
            match naming::of_copyright(text) {
                Some(name @ Name::Known(_)) => ballot.add(name, Sign::CopyrightLine),
                // A portal's footer names the portal.
                Some(name) if !carried => ballot.add(name, Sign::CopyrightLine),
                _ => {}
            }
        }
    }

    /// On a portal's page: the publisher's name or logo between the page's top and its text. A name
    /// that the table lacks must end as outlets' names do and stand just before the text.
    fn outlet_beside_headline(&self) -> Option<Name> {
        let start = self.start();
        let lines = self
            .blocks()
            .get(start.saturating_sub(12)..start)
            .unwrap_or_default();
        let named = |text: &str| {
            let whole = outlet::canonical(text);
            // `가나일보 기사전송 2024-02-22 10:31`
            let first = || {
                let dated = text.len() < 200 && date::find_all(text).next().is_some();
                let word = text.split_whitespace().next().filter(|_| dated)?;
                outlet::canonical(word)
            };
            whole.or_else(first).filter(|o| !o.is_portal())
        };
        if let Some(found) = lines.iter().rev().find_map(|b| named(&b.text)) {
            return Some(Name::Known(found));
        }
        let pictures = || {
            self.document.elements(Tag::Img).filter_map(|id| {
                let text = self
                    .document
                    .attr(id, "alt")
                    .or_else(|| self.document.attr(id, "title"))?;
                Some((id, text))
            })
        };
        if let Some(found) = pictures().find_map(|(_, text)| named(text)) {
            return Some(Name::Known(found));
        }
        let reads = |text: &str| {
            let text = text.trim();
            let is_new = outlet::canonical(text).is_none() && naming::reads_as_outlet(text);
            is_new.then(|| Name::Unknown(text.to_owned()))
        };
        let (from, to) = (lines.first()?.node, lines.last()?.node);
        let near = pictures().filter(|(id, _)| (from..=to).contains(id));
        let shown = lines.iter().rev().find_map(|b| reads(&b.text));
        shown.or_else(|| near.into_iter().find_map(|(_, text)| reads(text)))
    }

    /// The last part of the page's title: a known outlet, or what another title or a heading of the
    /// page lacks.
    fn title_suffix(&self) -> Option<Name> {
        let title = self.metadata.title.as_deref()?;
        let (head, tail) = headline::split_suffix(title)?;
        let named = naming::of_field(tail)?;
        if matches!(named, Name::Known(_)) {
            return Some(named);
        }
        let bare = skeleton(head);
        let og = self.metadata.first(&["og:title"]);
        let shown = bare.chars().count() >= 6
            && (og.is_some_and(|t| skeleton(t) == bare)
                || self.blocks().iter().any(|b| skeleton(&b.text) == bare));
        shown.then_some(named)
    }

    fn logo(&self) -> Option<&'static Outlet> {
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
        self.document.elements(Tag::Img).find_map(|id| {
            let alt = self.document.attr(id, "alt")?;
            if alt.is_empty() || alt.len() >= 90 {
                return None;
            }
            let mut name = alt.trim();
            for word in DECORATION {
                name = name.trim_end_matches(word).trim_end();
            }
            outlet::canonical(name).filter(|o| !o.is_portal())
        })
    }

    /// The outlet that most of the page's links lead to.
    fn linked_outlet(&self) -> Option<&'static Outlet> {
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
        (*count >= 4 && *count >= next * 2).then_some(*found)
    }
}
