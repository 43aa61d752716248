//! `robots.txt` (RFC 9309).

use std::time::Duration;

/// Our product token in `robots.txt`.
const PRODUCT: &str = "clippings";

/// Longer rules are ignored.
const MAX_RULE_BYTES: usize = 2000;

/// The rules of a site for this program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Robots {
    rules: Vec<Rule>,
    /// Delay between two requests. Not part of the RFC, but widely used.
    pub crawl_delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    allow: bool,
    pattern: String,
}

/// The user agents that a group of rules applies to.
#[derive(Clone, Copy, PartialEq)]
enum Group {
    Ours,
    Everyone,
    Others,
}

impl Robots {
    /// No restrictions.
    pub fn allow_all() -> Robots {
        Robots::default()
    }

    /// Parses the file. All groups for our product token are combined; if there are none, those for
    /// `*` (RFC 9309, 2.2.1). Invalid lines are ignored.
    pub fn parse(bytes: &[u8]) -> Robots {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_start_matches('\u{feff}');
        let (mut ours, mut everyone) = (None, Robots::default());
        let mut group = Group::Others;
        let mut in_agents = false;
        for line in text.split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((field, value)) = line.split_once(':') else {
                continue;
            };
            let (field, value) = (field.trim().to_ascii_lowercase(), value.trim());
            if field == "user-agent" {
                // Consecutive `User-agent` lines belong to one group.
                let named = agent(value);
                group = match (in_agents, group, named) {
                    (_, _, Group::Ours) | (true, Group::Ours, _) => Group::Ours,
                    (_, _, Group::Everyone) | (true, Group::Everyone, _) => Group::Everyone,
                    _ => Group::Others,
                };
                if group == Group::Ours {
                    ours.get_or_insert_with(Robots::default);
                }
                in_agents = true;
                continue;
            }
            let robots = match group {
                Group::Ours => ours.get_or_insert_with(Robots::default),
                Group::Everyone => &mut everyone,
                Group::Others => {
                    in_agents &= !matches!(&*field, "allow" | "disallow");
                    continue;
                }
            };
            match &*field {
                "allow" | "disallow" => {
                    in_agents = false;
                    if !value.is_empty() && value.len() <= MAX_RULE_BYTES {
                        robots.rules.push(Rule {
                            allow: field == "allow",
                            pattern: normal(value),
                        });
                    }
                }
                "crawl-delay" => {
                    let seconds = value.parse::<f64>().ok();
                    robots.crawl_delay =
                        seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                }
                _ => {}
            }
        }
        ours.unwrap_or(everyone)
    }

    /// Whether a path with its query is allowed: the longest matching rule decides, and `Allow`
    /// wins a tie (RFC 9309, 2.2.2).
    pub fn allows(&self, path: &str) -> bool {
        let path = normal(path);
        self.rules
            .iter()
            .filter(|rule| fits(&rule.pattern, &path))
            .max_by_key(|rule| (rule.pattern.len(), rule.allow))
            .is_none_or(|rule| rule.allow)
    }
}

/// The group of a `User-agent` value.
fn agent(value: &str) -> Group {
    if value == "*" {
        return Group::Everyone;
    }
    let end = value
        .find(|c: char| !c.is_ascii_alphabetic() && c != '_' && c != '-')
        .unwrap_or(value.len());
    match value.get(..end) {
        Some(name) if name.eq_ignore_ascii_case(PRODUCT) => Group::Ours,
        _ => Group::Others,
    }
}

/// Normalizes a path or rule for comparison: percent-encodes non-ASCII, and decodes unreserved
/// characters.
fn normal(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = match byte {
            b'%' => bytes
                .get(at + 1..at + 3)
                .filter(|code| code.iter().all(u8::is_ascii_hexdigit))
                .and_then(|code| std::str::from_utf8(code).ok())
                .and_then(|code| u8::from_str_radix(code, 16).ok()),
            _ => None,
        };
        at += if code.is_some() { 3 } else { 1 };
        match code.unwrap_or(byte) {
            plain if plain.is_ascii_alphanumeric() || b"-._~".contains(&plain) => {
                out.push(char::from(plain));
            }
            plain if code.is_none() && plain.is_ascii() => out.push(char::from(plain)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// Whether a rule matches a path: `*` matches anything, `$` at the end the end of the path.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return !to_end || rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if to_end && parts.peek().is_none() {
            return rest.ends_with(part);
        }
        // The first occurrence is enough, since `*` may match anything after it.
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allows(rules: &str, path: &str) -> bool {
        Robots::parse(rules.as_bytes()).allows(path)
    }

    #[test]
    fn our_group_takes_precedence() {
        let rules = "User-agent: *\nDisallow: /\n\nUser-agent: Clippings/2.0\nDisallow: /member\n";
        assert!(allows(rules, "/news/1"));
        assert!(!allows(rules, "/member/1"));
        let others =
            "User-agent: yeti\nUser-agent: *\nDisallow: /a\nUser-agent: googlebot\nDisallow: /b\n";
        assert!(!allows(others, "/a"));
        assert!(allows(others, "/b"));
        // Groups for the same agent are combined; an empty rule forbids nothing.
        let twice = "user-agent: clippings\r\ndisallow: /a\r\nuser-agent: clippings\r\ndisallow: /b\r\nuser-agent: *\r\ndisallow:\r\n";
        assert!(!allows(twice, "/a") && !allows(twice, "/b") && allows(twice, "/c"));
        let named_only = "User-agent: clippings\nUser-agent: *\nDisallow: /\n";
        assert!(!allows(named_only, "/x"));
    }

    #[test]
    fn the_longest_rule_decides() {
        let rules = "User-agent: *\nDisallow: /news\nAllow: /news/view\nDisallow: /*.pdf$\n";
        assert!(allows(rules, "/news/view/1"));
        assert!(!allows(rules, "/news/list"));
        assert!(!allows(rules, "/a/b.pdf"));
        assert!(allows(rules, "/a/b.pdf?x=1"));
        assert!(allows("User-agent: *\nDisallow: /a\nAllow: /a\n", "/a"));
        assert!(!allows(
            "User-agent: *\nDisallow: /*?print=\n",
            "/n?print=1"
        ));
    }

    #[test]
    fn equivalent_paths_match() {
        let rules = "User-agent: *\nDisallow: /기사/\nDisallow: /%7Eme\n";
        assert!(!allows(rules, "/%EA%B8%B0%EC%82%AC/1"));
        assert!(!allows(rules, "/~me/x"));
    }

    #[test]
    fn an_invalid_file_forbids_nothing() {
        for no in [
            "",
            "<html><body>Not found</body></html>",
            "Disallow: /",
            "\u{0}\u{1}:",
        ] {
            assert_eq!(Robots::parse(no.as_bytes()), Robots::allow_all(), "{no}");
        }
        let slow = Robots::parse(b"User-agent: *\nCrawl-delay: 2.5\n");
        assert_eq!(slow.crawl_delay, Some(Duration::from_millis(2500)));
        for no in ["-1", "NaN", "1e300", "x"] {
            let file = format!("User-agent: *\nCrawl-delay: {no}\n");
            assert_eq!(Robots::parse(file.as_bytes()).crawl_delay, None, "{no}");
        }
    }

    proptest! {
        #[test]
        fn any_file_and_path_are_accepted(
            file in "(User-agent: \\*\n)?([Dd]isallow: [/a*$%가0-9A-F]{0,12}\n|.{0,20}\n){0,6}",
            path in "/[a-c*$%가0-9A-F?]{0,20}",
        ) {
            let _ = Robots::parse(file.as_bytes()).allows(&path);
        }

        #[test]
        fn a_rule_matches_its_prefix(start in "/[a-z/]{0,10}", rest in "[a-z/]{0,10}") {
            let file = format!("User-agent: *\nDisallow: {start}\n");
            let path = format!("{start}{rest}");
            prop_assert!(!allows(&file, &path));
        }
    }
}
