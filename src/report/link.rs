//! URLs as terminal links (OSC 8).

use std::fmt::Write as _;

use anstyle::Style as Look;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::text::styled;
use super::{Style, sanitize, shown_source};
use crate::app::add::is_web_address;
use crate::clipping::Clipping;

/// `label` and the clipping's URL, or its source if it has none, on one line. If they do not fit,
/// the URL gets its own line, without indent if necessary, so that it is not broken. A URL that is
/// a link is truncated to the width of the terminal.
pub(super) fn lines(
    label: &str,
    c: &Clipping,
    indent: usize,
    between: &str,
    look: Look,
    style: Style,
) -> String {
    let source = c.url.as_deref().unwrap_or_else(|| shown_source(&c.source));
    let (label, shown) = (sanitize::line(label), sanitize::line(source));
    let width = style.width.unwrap_or(usize::MAX);
    let begins = indent + label.width() + between.width();
    let mut out = format!("{:indent$}", "");
    if label.is_empty() || shown.is_empty() || begins + shown.width() <= width {
        let between = if shown.is_empty() || label.is_empty() {
            ""
        } else {
            between
        };
        out += &styled(&format!("{label}{between}"), look, style);
    } else {
        out += &styled(&label, look, style);
        out.push('\n');
        if indent + shown.width() <= width {
            out += &" ".repeat(indent);
        }
    }
    let target = style.links.then(|| target(c.url.as_deref())).flatten();
    match target {
        Some(target) => {
            let text = styled(&shortened(&shown, width), look, style);
            let _ = write!(out, "\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\");
        }
        None => out += &styled(&shown, look, style),
    }
    out.push('\n');
    out
}

/// The target of a link: an http or https URL in printable ASCII, as OSC 8 requires.
fn target(url: Option<&str>) -> Option<String> {
    let url = url.filter(|url| is_web_address(url))?;
    let mut target = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'!'..=b'~' => target.push(char::from(byte)),
            byte => {
                let _ = write!(target, "%{byte:02X}");
            }
        }
    }
    Some(target)
}

/// `address` truncated to `width` columns.
fn shortened(address: &str, width: usize) -> String {
    if address.width() <= width {
        return address.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let mut out: String = address
        .chars()
        .take_while(|c| {
            let fits = c.width().unwrap_or(0) <= left;
            left = left.saturating_sub(c.width().unwrap_or(0));
            fits
        })
        .collect();
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str, width: Option<usize>, links: bool) -> String {
        let clipping = Clipping {
            url: Some(url.to_owned()),
            ..Clipping::default()
        };
        let style = Style {
            links,
            width,
            ..Style::default()
        };
        lines("7kq2m4", &clipping, 4, " · ", Look::new(), style)
    }

    #[test]
    fn addresses_are_not_broken_over_lines() {
        let url = "https://news.example/2024/02/22/1";
        assert_eq!(shown(url, None, false), format!("    7kq2m4 · {url}\n"));
        assert_eq!(shown(url, Some(46), false), format!("    7kq2m4 · {url}\n"));
        assert_eq!(
            shown(url, Some(45), false),
            format!("    7kq2m4\n    {url}\n")
        );
        assert_eq!(shown(url, Some(36), false), format!("    7kq2m4\n{url}\n"));
        assert_eq!(shown(url, Some(20), false), format!("    7kq2m4\n{url}\n"));
    }

    #[test]
    fn links_lead_to_the_whole_address() {
        let link = |target: &str, text: &str| {
            format!("    7kq2m4\n\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\\n")
        };
        let url = "https://news.example/2024/02/22/1";
        assert_eq!(
            shown(url, Some(20), true),
            link(url, "https://news.exampl…")
        );
        let korean = "https://news.example/가\x1b]8;;x";
        let safe = "https://news.example/%EA%B0%80%1B]8;;x";
        let out = shown(korean, Some(26), true);
        assert!(
            out.contains(safe) && out.matches('\x1b').count() == 4,
            "{out:?}"
        );
        assert!(!shown("javascript:alert(1)", None, true).contains('\x1b'));
    }
}
