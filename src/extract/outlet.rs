//! Outlets, each with one canonical Korean name, looked up by any of their names and URLs.
//!
//! The tables are `data/outlets.tsv` and `data/government.tsv`. Names are compared without case, white
//! space and punctuation; an alias of two rows identifies neither.

use std::net::Ipv4Addr;
use std::sync::LazyLock;

use public_suffix::EffectiveTLDProvider;
use rustc_hash::FxHashMap;

use super::table;
use super::tidy::skeleton;

/// An outlet or portal of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    /// The canonical Korean name.
    pub name: &'static str,
    /// `daily`, `business`, `agency`, `portal`, `government`, ... as in the table.
    pub kind: &'static str,
    /// Domains it publishes under.
    pub domains: Vec<&'static str>,
    /// Other Korean names and spellings.
    pub aliases: Vec<&'static str>,
    /// English names.
    pub english: Vec<&'static str>,
}

impl Outlet {
    /// Whether it is a portal, which carries articles of others.
    pub fn is_portal(&self) -> bool {
        self.kind == "portal"
    }
}

/// The table of outlets with its look-ups.
pub struct Outlets {
    list: Vec<Outlet>,
    /// Position in the list by skeleton of a name; `None` for an alias of several rows.
    by_name: FxHashMap<String, Option<usize>>,
    by_domain: FxHashMap<&'static str, usize>,
}

static GLOBAL: LazyLock<Outlets> = LazyLock::new(|| {
    Outlets::read(&[
        include_str!("data/outlets.tsv"),
        include_str!("data/government.tsv"),
    ])
});

/// The outlet of a name, an alias, an English name or a domain; `None` when the table has none.
pub fn canonical(name: &str) -> Option<&'static Outlet> {
    Outlets::global().canonical(name)
}

/// The outlet that publishes under a host name (`www.mk.co.kr`, `news.naver.com`).
pub fn by_host(host: &str) -> Option<&'static Outlet> {
    Outlets::global().by_host(host)
}

/// Whether the text is the name of an outlet or portal.
pub(super) fn is_name(text: &str) -> bool {
    Outlets::global().canonical(text).is_some()
}

impl Outlets {
    /// The table built into the program.
    pub fn global() -> &'static Outlets {
        &GLOBAL
    }

    fn read(tables: &[&'static str]) -> Outlets {
        let mut outlets = Outlets {
            list: Vec::new(),
            by_name: FxHashMap::default(),
            by_domain: FxHashMap::default(),
        };
        for row in tables.iter().flat_map(|t| table::rows(t)) {
            let number = outlets.list.len();
            let outlet = Outlet {
                name: row.get(0),
                kind: row.get(1),
                domains: row.list(2).collect(),
                aliases: row.list(3).collect(),
                english: row.list(4).collect(),
            };
            for domain in &outlet.domains {
                outlets.by_domain.entry(domain).or_insert(number);
            }
            outlets.list.push(outlet);
        }
        // Canonical names first: an alias never takes one away.
        for (number, outlet) in outlets.list.iter().enumerate() {
            outlets.by_name.insert(skeleton(outlet.name), Some(number));
        }
        for (number, outlet) in outlets.list.iter().enumerate() {
            for alias in outlet.aliases.iter().chain(&outlet.english) {
                let known = outlets
                    .by_name
                    .entry(skeleton(alias))
                    .or_insert(Some(number));
                let canonical = known.is_some_and(|n| {
                    outlets
                        .list
                        .get(n)
                        .is_some_and(|o| skeleton(o.name) == skeleton(alias))
                });
                if *known != Some(number) && !canonical {
                    *known = None;
                }
            }
        }
        outlets
    }

    /// All outlets of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Outlet> {
        self.list.iter()
    }

    /// The outlet of a name, an alias, an English name or a domain.
    pub fn canonical(&self, name: &str) -> Option<&Outlet> {
        let name = name.trim();
        if name.is_empty() || name.len() > 120 {
            return None;
        }
        if let Some(number) = self.by_name.get(&skeleton(name)) {
            return self.list.get((*number)?);
        }
        if name.contains('.') && name.is_ascii() {
            return self.by_host(name);
        }
        None
    }

    /// The outlet of a host name: the longest domain of the table that the host ends with.
    pub fn by_host(&self, host: &str) -> Option<&Outlet> {
        let host = host.trim().trim_end_matches('.').to_ascii_lowercase();
        let mut rest = host.as_str();
        loop {
            if let Some(&number) = self.by_domain.get(rest) {
                return self.list.get(number);
            }
            rest = rest.split_once('.')?.1;
        }
    }
}

/// The outlet of an address: the host's, and for archived copies that of the address archived.
pub(super) fn by_url(address: &str) -> Option<&'static Outlet> {
    by_host(&host(address)?)
}

/// Labels before a domain that an outlet's own pages have. Others (`osen.mt.co.kr`) may be a guest's.
const OWN_LABELS: [&str; 23] = [
    "www", "m", "news", "mobile", "mnews", "view", "biz", "economy", "sports", "ent", "star",
    "photo", "amp", "article", "english", "en", "weekly", "magazine", "go", "land", "it", "car",
    "n",
];

/// Whether an address is directly under an outlet's domain, or under a label that outlets use
/// themselves.
pub(super) fn is_own_host(address: &str) -> bool {
    let Some(host) = host(address) else {
        return false;
    };
    let Some(outlet) = by_host(&host) else {
        return false;
    };
    outlet.domains.iter().any(|domain| {
        host == *domain
            || host
                .strip_suffix(domain)
                .and_then(|labels| labels.strip_suffix('.'))
                .is_some_and(|labels| labels.split('.').all(|l| OWN_LABELS.contains(&l)))
    })
}

/// Number of an outlet at Naver → its name; see the table.
static OFFICES: LazyLock<FxHashMap<&'static str, &'static str>> = LazyLock::new(|| {
    table::rows(include_str!("data/naver_offices.tsv"))
        .map(|row| (row.get(0), row.get(1)))
        .collect()
});

/// The outlet of an article that a portal carries, if the portal's address identifies it: Naver uses
/// a number, `/article/028/0002677123` or `?oid=028&aid=0002677123`.
pub(super) fn by_portal_url(address: &str) -> Option<&'static Outlet> {
    let address = original(address);
    let host = host(address)?;
    if host != "naver.com" && !host.ends_with(".naver.com") {
        return None;
    }
    let number = match address.split_once("/article/") {
        Some((_, rest)) => rest.split(['/', '?', '#']).find(|part| is_number(part)),
        None => address
            .split(['?', '&', '#'])
            .find_map(|pair| pair.strip_prefix("oid="))
            .filter(|number| is_number(number)),
    };
    canonical(OFFICES.get(number?)?)
}

/// Three digits. Article numbers have ten.
fn is_number(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether two addresses are of one site: one outlet's, or under one registered domain.
pub fn is_same_site(a: &str, b: &str) -> bool {
    let (Some(a), Some(b)) = (host(a), host(b)) else {
        return false;
    };
    if let (Some(a), Some(b)) = (by_host(&a), by_host(&b))
        && a.name == b.name
    {
        return true;
    }
    registered(&a) == registered(&b)
}

/// The part of a host's name that someone registered, by the Public Suffix List; all of a numeric
/// address.
fn registered(host: &str) -> &str {
    if host.parse::<Ipv4Addr>().is_ok() {
        return host;
    }
    public_suffix::DEFAULT_PROVIDER
        .effective_tld_plus_one(host)
        .unwrap_or(host)
}

/// The host of an address, without user and port; looks through the Wayback Machine's addresses.
pub(super) fn host(address: &str) -> Option<String> {
    let rest = without_scheme(original(address));
    // As a browser reads it: `\` ends the host, and what precedes the last `@` is a user.
    let authority = rest.split(['/', '\\', '?', '#']).next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = host.split(':').next()?;
    (host.contains('.') && host.len() < 256).then(|| host.to_ascii_lowercase())
}

/// The address that the Wayback Machine's address keeps a copy of,
/// `https://web.archive.org/web/20240105093000/https://…`, or the address itself.
pub fn original(address: &str) -> &str {
    let address = address.trim();
    let rest = without_scheme(address);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    if let Some(rest) = rest.strip_prefix("web.archive.org/web/")
        && let Some((_, inner)) = rest.split_once('/')
        && inner.starts_with("http")
    {
        return inner;
    }
    address
}

fn without_scheme(address: &str) -> &str {
    if let Some(rest) = address.strip_prefix("//") {
        return rest;
    }
    match address.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphabetic()) => rest,
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_whole() {
        const KINDS: [&str; 14] = [
            "daily",
            "business",
            "agency",
            "broadcast",
            "internet",
            "regional",
            "magazine",
            "trade",
            "sports",
            "tech",
            "law",
            "english",
            "portal",
            "government",
        ];
        let outlets = Outlets::global();
        assert!(outlets.list.len() >= 400, "{}", outlets.list.len());
        let mut seen = FxHashMap::default();
        for outlet in outlets.iter() {
            assert!(
                KINDS.contains(&outlet.kind),
                "{}: {}",
                outlet.name,
                outlet.kind
            );
            assert!(!outlet.domains.is_empty(), "{}", outlet.name);
            assert_eq!(
                outlets.canonical(outlet.name),
                Some(outlet),
                "{}",
                outlet.name
            );
            for domain in &outlet.domains {
                assert_eq!(*domain, domain.to_ascii_lowercase());
                assert_eq!(seen.insert(*domain, outlet.name), None, "{domain}");
                assert_eq!(
                    outlets.by_host(&format!("www.{domain}")),
                    Some(outlet),
                    "{domain}"
                );
            }
        }
    }

    #[test]
    fn every_office_is_an_outlet_of_the_table() {
        let rows = table::rows(include_str!("data/naver_offices.tsv"));
        assert_eq!(rows.count(), OFFICES.len(), "a number stands there twice");
        for (number, name) in OFFICES.iter() {
            assert!(is_number(number), "{number}");
            let known = canonical(name).unwrap_or_else(|| panic!("{number}: {name}"));
            assert_eq!(known.name, *name, "{number}");
        }
    }

    #[test]
    fn a_portal_address_tells_the_outlet() {
        let of = |address| by_portal_url(address).map(|o| o.name);
        for address in [
            "https://n.news.naver.com/mnews/article/028/0002677123?sid=101",
            "https://n.news.naver.com/article/028/0002677123",
            "https://news.naver.com/main/read.naver?mode=LSD&mid=shm&sid1=102&oid=028&aid=0002677123",
            "https://m.sports.naver.com/kbaseball/article/028/0002677123",
            "https://n.news.naver.com/article/newspaper/028/0002677123",
        ] {
            assert_eq!(of(address), Some("한겨레"), "{address}");
        }
        for address in [
            "https://n.news.naver.com/article/999/0002677123",
            "https://blog.naver.com/someone/028",
            "https://example.com/article/028/1",
            "naver",
        ] {
            assert_eq!(of(address), None, "{address}");
        }
    }

    #[test]
    fn one_site_may_have_many_hosts() {
        const HANI: &str = "https://www.hani.co.kr/a";
        assert!(is_same_site(
            "https://www.hani.co.kr/a",
            "http://m.hani.co.kr/a"
        ));
        assert!(is_same_site(
            "https://news.example.com/a",
            "https://example.com/b"
        ));
        assert!(is_same_site(
            "https://www.joins.com/",
            "https://joongang.co.kr/"
        ));
        for (a, b) in [
            ("https://a.co.kr/", "https://b.co.kr/"),
            ("https://a.io.kr/", "https://b.io.kr/"),
            ("https://a.github.io/", "https://b.github.io/"),
            ("https://co.kr/", "https://or.kr/"),
            ("http://192.0.2.1/", "http://198.51.2.1/"),
            // Addresses of other sites that name this one.
            (
                HANI,
                "https://a.example/?web.archive.org/web/1/https://www.hani.co.kr/a",
            ),
            (HANI, "https://a.example/?u=//www.hani.co.kr/a"),
            (HANI, "//a.example/?u=https://www.hani.co.kr/a"),
            (HANI, "https://www.hani.co.kr:80@a.example/a"),
            (HANI, "https://a.example\\@www.hani.co.kr/a"),
        ] {
            assert!(!is_same_site(a, b), "{a} {b}");
        }
        assert!(is_same_site("http://192.0.2.1/a", "http://192.0.2.1:80/b"));
        for same in [
            "https://user:word@www.hani.co.kr:443/a",
            "//m.hani.co.kr/a",
            "https://web.archive.org/web/2024id_/http://www.hani.co.kr/a",
        ] {
            assert!(is_same_site(HANI, same), "{same}");
        }
        assert!(!is_same_site(
            "https://www.hani.co.kr/a",
            "https://hani.example.com/a"
        ));
    }

    #[test]
    fn names_and_addresses_give_one_name() {
        for (text, name) in [
            ("동아닷컴", "동아일보"),
            ("Hankyoreh Inc", "한겨레"),
            ("mk.co.kr", "매일경제"),
            ("www.mk.co.kr", "매일경제"),
            ("조선비즈", "조선비즈"),
            ("biz.chosun.com", "조선비즈"),
            ("news.chosun.com", "조선일보"),
            ("SBS 뉴스", "SBS"),
            ("연합뉴스TV", "연합뉴스TV"),
            ("NEWS1", "뉴스1"),
            ("kbs news", "KBS"),
        ] {
            assert_eq!(canonical(text).map(|o| o.name), Some(name), "{text}");
        }
        assert_eq!(canonical("없는신문"), None);
        assert_eq!(canonical(""), None);
        assert_eq!(
            by_url("https://n.news.naver.com/a/1").map(|o| o.name),
            Some("네이버")
        );
        assert_eq!(
            by_url("https://web.archive.org/web/20220721135650/https://www.mk.co.kr/news/")
                .map(|o| o.name),
            Some("매일경제")
        );
    }
}
