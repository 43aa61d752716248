//! Limits the nesting of a page in one linear pass over its text, before it is parsed.
//!
//! The standard's tree construction searches the open elements at almost every tag and reopens
//! formatting elements in each new block, which is quadratic on pages with endless nesting or
//! unclosed tags. Tags beyond the limits are removed here, with their end tags; their content
//! stays. An ordinary page is neither changed nor copied.
//!
//! Server directives (`<%@ page ... %>`), with which some saved pages begin, are removed as well:
//! the parser would treat them as text.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memmem};
use rustc_hash::FxHashMap;

/// Open elements, not counting those that cannot nest in themselves (`p`, `li`, `td`, `h1`, ...).
/// Browsers cut the whole tree at 512.
const MAX_OPEN: usize = 400;
/// Open formatting elements.
const MAX_FORMATTING: usize = 32;
/// Attributes of one element.
const MAX_ATTRS: usize = 128;
/// End tags that close nothing. A page written by hand has a handful.
const MAX_STRAY: usize = 10_000;

/// The page with the tags beyond the limits taken out.
pub(super) fn limit(page: &str) -> Cow<'_, str> {
    let mut pass = Pass {
        page,
        at: 0,
        out: String::new(),
        copied: 0,
        open: Vec::new(),
        formatting: Vec::new(),
        dropped: FxHashMap::default(),
        paragraph: false,
        stray: 0,
        foreign: 0,
        directives: true,
    };
    pass.run();
    if pass.copied == 0 {
        return Cow::Borrowed(page);
    }
    pass.out
        .push_str(page.get(pass.copied..).unwrap_or_default());
    Cow::Owned(pass.out)
}

/// An element's name in lower case; longer names are compared by their beginning.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Name([u8; 14]);

impl Name {
    fn of(written: &[u8]) -> Name {
        let mut name = [0; 14];
        for (to, from) in name.iter_mut().zip(written) {
            *to = from.to_ascii_lowercase();
        }
        Name(name)
    }

    fn as_str(&self) -> &str {
        let len = memchr(0, &self.0).unwrap_or(self.0.len());
        self.0
            .get(..len)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    fn kind(&self) -> ElementKind {
        match self.as_str() {
            "area" | "base" | "basefont" | "bgsound" | "br" | "col" | "embed" | "frame" | "hr"
            | "img" | "image" | "input" | "keygen" | "link" | "meta" | "param" | "source"
            | "track" | "wbr" | "html" | "head" | "body" | "frameset" => ElementKind::Uncounted,
            "p" | "li" | "dt" | "dd" | "option" | "optgroup" | "colgroup" | "td" | "th" | "tr"
            | "tbody" | "thead" | "tfoot" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                ElementKind::Uncounted
            }
            "script" | "style" | "title" | "textarea" | "iframe" | "noembed" | "noframes"
            | "noscript" | "xmp" => ElementKind::Raw,
            "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small"
            | "strike" | "strong" | "tt" | "u" => ElementKind::Formatting,
            "table" | "caption" | "template" | "object" | "applet" | "marquee" => {
                ElementKind::Barrier
            }
            "svg" | "math" => ElementKind::Foreign,
            "address" | "article" | "aside" | "blockquote" | "button" | "center" | "details"
            | "dialog" | "dir" | "div" | "dl" | "fieldset" | "figcaption" | "figure" | "footer"
            | "form" | "header" | "hgroup" | "listing" | "main" | "menu" | "nav" | "ol" | "pre"
            | "search" | "section" | "select" | "summary" | "ul" => ElementKind::Special,
            _ => ElementKind::Inline,
        }
    }
}

/// How the standard's tree construction treats an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ElementKind {
    /// Void, single in the page, or closed by its next sibling at the latest.
    Uncounted,
    /// Its content is text up to its end tag.
    Raw,
    /// Opened again in the next block when left open.
    Formatting,
    /// Its end tag closes the elements open in it.
    Special,
    /// As `Special`, and no end tag reaches out of it.
    Barrier,
    /// Root of another language, in which tags may close themselves.
    Foreign,
    /// Its end tag reaches up to the next special element.
    Inline,
}

impl ElementKind {
    fn is_barrier(self) -> bool {
        matches!(self, ElementKind::Barrier | ElementKind::Foreign)
    }
}

/// A tag of the page.
struct Tag {
    name: Name,
    /// All of it, with the brackets.
    span: Range<usize>,
    /// Where the attributes beyond the limit begin.
    surplus: Option<usize>,
    closes_itself: bool,
}

struct Pass<'a> {
    page: &'a str,
    at: usize,
    out: String,
    /// Up to where the page stands in `out`, or was left out of it.
    copied: usize,
    open: Vec<(Name, ElementKind)>,
    /// Open formatting elements, each with the number of elements open around it.
    formatting: Vec<(Name, usize)>,
    /// Removed start tags whose end tag is still to come.
    dropped: FxHashMap<Name, usize>,
    /// The last tag of a paragraph was its start tag.
    paragraph: bool,
    stray: usize,
    /// Number of open elements that are roots of another language (SVG, MathML).
    foreign: usize,
    /// Whether a server directive may still end after this point.
    directives: bool,
}

impl Pass<'_> {
    fn run(&mut self) {
        let bytes = self.page.as_bytes();
        while let Some(offset) = bytes.get(self.at..).and_then(|rest| memchr(b'<', rest)) {
            let lt = self.at + offset;
            self.at = lt + 1;
            match bytes.get(lt + 1) {
                Some(b'!') if bytes[lt..].starts_with(b"<!--") => self.comment(lt),
                Some(b'!' | b'?') => self.skip_past(lt, b">"),
                Some(b'%') if self.directives => {
                    self.skip_past(lt, b"%>");
                    self.directives = self.at < bytes.len() || bytes.ends_with(b"%>");
                    if self.directives {
                        self.cut(lt..self.at);
                    } else {
                        self.at = lt + 1;
                    }
                }
                Some(b'/') if bytes.get(lt + 2).is_some_and(u8::is_ascii_alphabetic) => {
                    let Some(tag) = self.tag(lt, lt + 2) else {
                        return;
                    };
                    self.end(&tag);
                }
                Some(b) if b.is_ascii_alphabetic() => {
                    let Some(tag) = self.tag(lt, lt + 1) else {
                        return;
                    };
                    self.start(&tag);
                }
                _ => {}
            }
        }
    }

    /// Leaves a part of the page out.
    fn cut(&mut self, span: Range<usize>) {
        self.out
            .push_str(self.page.get(self.copied..span.start).unwrap_or_default());
        self.copied = span.end;
    }

    fn skip_past(&mut self, from: usize, needle: &[u8]) {
        let bytes = self.page.as_bytes();
        self.at = memmem::find(&bytes[from..], needle)
            .map_or(bytes.len(), |offset| from + offset + needle.len());
    }

    fn comment(&mut self, lt: usize) {
        let rest = &self.page.as_bytes()[lt..];
        if rest.starts_with(b"<!-->") || rest.starts_with(b"<!--->") {
            self.skip_past(lt, b">");
        } else {
            self.skip_past(lt + 4, b"-->");
        }
    }

    /// Reads a tag whose name begins at `name_from`; `None` when the page ends in it.
    fn tag(&mut self, lt: usize, name_from: usize) -> Option<Tag> {
        let bytes = self.page.as_bytes();
        let delimits = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'>');
        let mut at = name_from + bytes[name_from..].iter().position(delimits)?;
        let name = Name::of(&bytes[name_from..at]);
        let mut surplus = None;
        let mut attrs = 0;
        let mut closes_itself = false;
        loop {
            let here = *bytes.get(at)?;
            if here == b'>' {
                break;
            }
            if here == b'/' || here.is_ascii_whitespace() {
                closes_itself = here == b'/';
                at += 1;
                continue;
            }
            closes_itself = false;
            attrs += 1;
            if attrs == MAX_ATTRS + 1 {
                surplus = Some(at);
            }
            at = self.attribute(at)?;
        }
        self.at = at + 1;
        Some(Tag {
            name,
            span: lt..at + 1,
            surplus,
            closes_itself,
        })
    }

    /// Where the attribute that begins at `from` ends.
    fn attribute(&self, from: usize) -> Option<usize> {
        let bytes = self.page.as_bytes();
        let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'=' | b'>' | b'/');
        // A name may begin with `=`.
        let mut at = from + 1 + bytes.get(from + 1..)?.iter().position(ends)?;
        let space = |b: &u8| !b.is_ascii_whitespace();
        let ahead = at + bytes[at..].iter().position(space)?;
        if bytes.get(ahead) != Some(&b'=') {
            return Some(at);
        }
        at = ahead + 1;
        at += bytes.get(at..)?.iter().position(space)?;
        let rest = bytes.get(at + 1..)?;
        match bytes[at] {
            quote @ (b'"' | b'\'') => Some(at + 1 + memchr(quote, rest)? + 1),
            b'>' => Some(at),
            _ => rest
                .iter()
                .position(|b| b.is_ascii_whitespace() || *b == b'>')
                .map(|offset| at + 1 + offset),
        }
    }

    fn start(&mut self, tag: &Tag) {
        let kind = tag.name.kind();
        let closed = tag.closes_itself && (self.foreign > 0 || kind == ElementKind::Foreign);
        let fits = match kind {
            ElementKind::Uncounted => {
                self.paragraph |= tag.name.as_str() == "p";
                true
            }
            ElementKind::Raw => {
                if self.foreign == 0 {
                    self.raw_text(tag.name);
                }
                true
            }
            ElementKind::Formatting => {
                // A link ends the one before it.
                if tag.name.as_str() == "a" {
                    self.close_formatting(tag.name);
                }
                let fits = self.formatting.len() < MAX_FORMATTING;
                if fits {
                    self.formatting.push((tag.name, self.open.len()));
                }
                fits
            }
            _ if closed => true,
            _ => {
                let fits = self.open.len() < MAX_OPEN;
                if fits {
                    self.open.push((tag.name, kind));
                    self.foreign += usize::from(kind == ElementKind::Foreign);
                }
                fits
            }
        };
        if !fits {
            *self.dropped.entry(tag.name).or_default() += 1;
            self.cut(tag.span.clone());
        } else if let Some(from) = tag.surplus {
            self.cut(from..tag.span.end - 1);
        }
    }

    fn end(&mut self, tag: &Tag) {
        if let Some(count) = self.dropped.get_mut(&tag.name).filter(|count| **count > 0) {
            *count -= 1;
            self.cut(tag.span.clone());
            return;
        }
        let closes = match tag.name.kind() {
            // Alone, these make elements.
            ElementKind::Uncounted if tag.name.as_str() == "p" => {
                std::mem::take(&mut self.paragraph)
            }
            ElementKind::Uncounted if tag.name.as_str() == "br" => false,
            ElementKind::Uncounted | ElementKind::Raw => true,
            ElementKind::Formatting => self.close_formatting(tag.name),
            kind => self.close(tag.name, kind),
        };
        if !closes {
            self.stray += 1;
        }
        if self.stray > MAX_STRAY && !closes {
            self.cut(tag.span.clone());
        } else if let Some(from) = tag.surplus {
            self.cut(from..tag.span.end - 1);
        }
    }

    fn close_formatting(&mut self, name: Name) -> bool {
        let found = self.formatting.iter().rposition(|f| f.0 == name);
        if let Some(at) = found {
            self.formatting.remove(at);
        }
        found.is_some()
    }

    /// Closes the innermost open element of this name if an end tag reaches it from here.
    fn close(&mut self, name: Name, kind: ElementKind) -> bool {
        for at in (0..self.open.len()).rev() {
            let (open, open_kind) = self.open[at];
            if open == name {
                let closed = self.open.split_off(at);
                self.foreign -= closed
                    .iter()
                    .filter(|o| o.1 == ElementKind::Foreign)
                    .count();
                self.dropped.clear();
                // What is left open in a table's cell or an object ends with it.
                if closed.iter().any(|o| o.1.is_barrier()) {
                    self.formatting.retain(|f| f.1 <= at);
                }
                return true;
            }
            let stops = match kind {
                ElementKind::Inline => open_kind != ElementKind::Inline,
                _ => open_kind.is_barrier() && !kind.is_barrier(),
            };
            if stops {
                return false;
            }
        }
        false
    }

    /// Moves past the content of a raw text element, up to its end tag or the end of the page.
    fn raw_text(&mut self, name: Name) {
        let bytes = self.page.as_bytes();
        let name = name.as_str().as_bytes();
        while let Some(offset) = bytes
            .get(self.at..)
            .and_then(|rest| memmem::find(rest, b"</"))
        {
            let from = self.at + offset + 2;
            let to = from + name.len();
            let same = bytes
                .get(from..to)
                .is_some_and(|n| n.eq_ignore_ascii_case(name));
            let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'>');
            if same && bytes.get(to).is_some_and(ends) {
                self.at = from - 2;
                return;
            }
            self.at = from;
        }
        self.at = bytes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu_time::cpu_time;
    use proptest::prelude::*;

    #[test]
    fn ordinary_pages_are_not_copied() {
        let page = "<!doctype html><html><head><title>a</title><script>'<div>'.repeat(1000)</script>\
            <body><div class=a><p>가<p>나<br/><b>다</b><svg><path/><path/></svg></div>";
        assert!(matches!(limit(page), Cow::Borrowed(_)));
        let rows = format!("<table>{}</table>", "<tr><td><b>가<td>나".repeat(1000));
        assert!(!limit(&rows).contains("<x"));
        let list = format!("<ul>{}</ul>", "<li><p>가<a href=x>나</a>".repeat(1000));
        assert!(matches!(limit(&list), Cow::Borrowed(_)));
        let icons = format!("<svg>{}</svg>", "<path d='a>b'/>".repeat(1000));
        assert!(matches!(limit(&icons), Cow::Borrowed(_)));
    }

    #[test]
    fn tags_beyond_the_limits_go_and_their_text_stays() {
        let page = format!("{}가{}나", "<div>".repeat(1000), "</div>".repeat(1000));
        let limited = limit(&page);
        assert_eq!(limited.matches("<div>").count(), MAX_OPEN);
        assert_eq!(limited.matches("</div>").count(), MAX_OPEN);
        assert!(limited.contains(">가<") && limited.ends_with('나'));
        let bold: String = (0..100).map(|n| format!("<b id={n}><p>가</p>")).collect();
        assert_eq!(limit(&bold).matches("<b ").count(), MAX_FORMATTING);
        let attrs: String = (0..1000).map(|n| format!(" a{n}='>'")).collect();
        let limited = limit(&format!("<div{attrs}>가</div>")).into_owned();
        assert_eq!(limited.matches('=').count(), MAX_ATTRS);
        assert!(limited.ends_with(">가</div>"));
    }

    #[test]
    fn server_directives_go() {
        assert_eq!(limit("<%@ page a=\"<b>\" %>\n<html>"), "\n<html>");
        assert_eq!(limit("<% open <b>"), "<% open <b>");
    }

    /// Parses and drops a page; fails when that takes as long as a loop within a loop would.
    fn survives(name: &str, page: &str) -> bool {
        let started = cpu_time();
        let truncated = crate::extract::html::parse(page).truncated;
        let took = cpu_time() - started;
        println!(
            "{name}: {:.1} MB, {took:?}, truncated: {truncated}",
            page.len() as f64 / 1e6
        );
        assert!(
            took < std::time::Duration::from_secs(20),
            "{name} took {took:?}"
        );
        truncated
    }

    #[test]
    fn hostile_pages_stay_linear() {
        let many = |part: &dyn Fn(usize) -> String| (0..1_000_000).map(part).collect::<String>();
        assert!(!survives("divs", &"<div>".repeat(1_000_000)));
        survives("divs with text", &"<div>가".repeat(1_000_000));
        survives("spans", &"<span>".repeat(1_000_000));
        survives(
            "bold and paragraphs",
            &many(&|n| format!("<b id={n}><p>가")),
        );
        survives(
            "attributes",
            &format!("<div {}>가", many(&|n| format!("a{n}=1 "))),
        );
        survives("links and paragraphs", &"<a><p>".repeat((20 << 20) / 6));
        survives(
            "stray end tags",
            &format!(
                "{}{}",
                "<span>".repeat(500),
                "</i></b></x></p>".repeat(500_000)
            ),
        );
        survives("tables", &"<table><tr><td><b>".repeat(300_000));
        survives("text in tables", &"<table>가<b>".repeat(300_000));
        survives("misnested", &"<b><div></b>".repeat(500_000));
        survives(
            "out of scope",
            &"<div><table><tr><td></div>".repeat(300_000),
        );
        survives("left inside", &"<span><p></span>".repeat(500_000));
        survives(
            "another language",
            &format!("<svg><div/>{}", "<foo/>".repeat(1_000_000)),
        );
        survives(
            "styles in SVG",
            &format!("<svg><desc><p></desc><style>{}", "<div>".repeat(1_000_000)),
        );
        survives("templates", &"<template>".repeat(500_000));
        survives("selects", &"<select><option>".repeat(500_000));
        survives("buttons and forms", &"<form><button><p>".repeat(500_000));
        survives("frames", &"<frameset>".repeat(500_000));
        survives("NUL", &"\0<p>\0".repeat(1_000_000));
        survives(
            "a long attribute",
            &format!("<p title='{}", "가 ".repeat(4 << 20)),
        );
        for open in [
            "<!--",
            "<script>",
            "<title>",
            "<p class=\"",
            "<![CDATA[",
            "<?x",
            "<%",
            "<",
            "</",
            "&",
            "<!",
        ] {
            survives(open, &open.repeat(1_000_000));
        }
    }

    proptest! {
        #[test]
        fn any_text_passes(s in r#"([<>/!='" \n%?-]|div|b|svg|table|a|script|가){0,60}"#) {
            let _ = limit(&s);
        }
    }
}
