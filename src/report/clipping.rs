//! One clipping whole: what `show` and `extract` print.

use std::io::{self, Write};

use anstyle::Style as Look;

use super::text::{BOLD, DIM, PLAIN, joined, styled, when};
use super::wrap::paragraph;
use super::{Style, sanitize, to_json};
use crate::clipping::Clipping;

/// The record as one JSON object, spread over lines or on one.
pub fn json(clipping: &Clipping, pretty: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", to_json(clipping, pretty)?)
}

/// The clipping as a page to read: headline, where and when it appeared, decks, text, captions,
/// and where it came from.
pub fn text(clipping: &Clipping, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let c = clipping;
    let mut page = Page { style, out };
    page.lines(&c.headline, 0, BOLD)?;
    let reporters = c.reporters.join(", ");
    let published = c.published.map(when).unwrap_or_default();
    let outlet = match (&c.outlet, &c.carrier) {
        (Some(outlet), Some(carrier)) => format!("{outlet} ({carrier})"),
        (outlet, carrier) => outlet
            .as_ref()
            .or(carrier.as_ref())
            .cloned()
            .unwrap_or_default(),
    };
    let section = c.section.as_deref().unwrap_or_default();
    let byline = joined([outlet.as_str(), section, &reporters, &published]);
    page.lines(&byline, 0, PLAIN)?;
    for subhead in &c.subheads {
        page.lines(subhead, 2, BOLD)?;
    }
    let body = sanitize::paragraphs(&c.body);
    for text in body.lines().filter(|text| !text.trim().is_empty()) {
        page.blank()?;
        page.lines(text, 0, PLAIN)?;
    }
    if c.excerpt {
        page.blank()?;
        page.lines("(the source held only the beginning)", 0, DIM)?;
    }
    if !c.captions.is_empty() {
        page.blank()?;
        for caption in &c.captions {
            page.lines(&format!("[{caption}]"), 2, PLAIN)?;
        }
    }
    page.blank()?;
    page.row("keywords", &c.keywords.join(", "))?;
    page.row("id", &c.id)?;
    page.row("url", c.url.as_deref().unwrap_or_default())?;
    page.row("source", &c.source)?;
    for source in &c.other_sources {
        page.row("source", source)?;
    }
    for warning in &c.warnings {
        page.row("doubt", warning)?;
    }
    Ok(())
}

struct Page<'a> {
    style: Style,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn lines(&mut self, text: &str, indent: usize, look: Look) -> io::Result<()> {
        let lines = paragraph(text, indent, look, self.style);
        self.out.write_all(lines.as_bytes())
    }

    fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// What stands on one line, to be copied from.
    fn row(&mut self, name: &str, value: &str) -> io::Result<()> {
        if value.is_empty() {
            return Ok(());
        }
        let row = format!("{name:<9}{}", sanitize::line(value));
        writeln!(self.out, "{}", styled(&row, DIM, self.style))
    }
}
