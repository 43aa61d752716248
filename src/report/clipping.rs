//! Full clippings: what `show` and `extract` print.

use std::io::{self, Write};

use anstyle::Style as Look;

use super::text::{BOLD, DIM, PLAIN, joined, styled, when};
use super::wrap::paragraph;
use super::{Style, json, sanitize, shown_source, to_json};
use crate::clipping::Clipping;
use crate::messages::{Localize, msg};

/// The record as one JSON object with all its keys, pretty or on one line.
pub fn json(clipping: &Clipping, pretty: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", to_json(&json::record(clipping)?, pretty)?)
}

/// The records as one JSON array.
pub fn json_array<'c>(
    clippings: impl IntoIterator<Item = &'c Clipping>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut array = JsonArray::default();
    for clipping in clippings {
        array.item(clipping, out)?;
    }
    array.finish(out)
}

/// A JSON array written record by record.
#[derive(Debug, Default)]
pub struct JsonArray {
    begun: bool,
}

impl JsonArray {
    /// Writes a record.
    pub fn item(&mut self, clipping: &Clipping, out: &mut dyn Write) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        out.write_all(if first { b"[\n" } else { b",\n" })?;
        out.write_all(to_json(&json::record(clipping)?, true)?.as_bytes())
    }

    /// Ends the array.
    pub fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.begun { b"\n]\n" } else { b"[]\n" })
    }
}

/// The clipping as a page to read: headline, where and when it appeared, decks, text, captions,
/// and where it came from.
pub fn text(clipping: &Clipping, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let c = clipping;
    let mut page = ClippingPrinter { style, out };
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
        let excerpt = msg!(style.lang, ko: "(앞부분만 있음)", en: "(excerpt only)");
        page.lines(&excerpt, 0, DIM)?;
    }
    if !c.captions.is_empty() {
        page.blank()?;
        for caption in &c.captions {
            page.lines(&format!("[{caption}]"), 2, PLAIN)?;
        }
    }
    page.blank()?;
    page.row("keywords", &c.keywords.join(", "))?;
    let corrected: Vec<&str> = c.corrected.iter().map(|field| field.name()).collect();
    page.row("corrected", &corrected.join(", "))?;
    page.row("id", &c.id)?;
    page.row("url", c.url.as_deref().unwrap_or_default())?;
    page.row("source", shown_source(&c.source))?;
    for source in &c.other_sources {
        page.row("source", shown_source(source))?;
    }
    for warning in &c.warnings {
        page.row("warning", &warning.text(style.lang))?;
    }
    Ok(())
}

struct ClippingPrinter<'a> {
    style: Style,
    out: &'a mut dyn Write,
}

impl ClippingPrinter<'_> {
    fn lines(&mut self, text: &str, indent: usize, look: Look) -> io::Result<()> {
        let lines = paragraph(text, indent, look, self.style);
        self.out.write_all(lines.as_bytes())
    }

    fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// One line that is never wrapped, to be copied.
    fn row(&mut self, name: &str, value: &str) -> io::Result<()> {
        if value.is_empty() {
            return Ok(());
        }
        let row = format!("{name:<8} {}", sanitize::line(value));
        writeln!(self.out, "{}", styled(&row, DIM, self.style))
    }
}
