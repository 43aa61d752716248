//! Full clippings, as printed by `show` and `extract`.

use std::io::{self, Write};

use anstyle::Style as Look;
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use super::text::{BOLD, DIM, MARK_IN_BOLD, PLAIN, joined, styled, when};
use super::wrap::{paragraph, pieces, wrapped};
use super::{Style, json as records, link, sanitize, shown_source, to_json};
use crate::app::read::{Difference, Ranges, ReadAnswer};
use crate::clipping::Clipping;
use crate::messages::{Localize, msg};

/// The record as a JSON object with all keys, indented or on one line.
pub fn json(clipping: &Clipping, pretty: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", to_json(&records::record(clipping)?, pretty)?)
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
        out.write_all(to_json(&records::record(clipping)?, true)?.as_bytes())
    }

    /// Ends the array.
    pub fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.begun { b"\n]\n" } else { b"[]\n" })
    }
}

/// The clipping as text: headline, publication, decks, body, captions and source.
pub fn text(clipping: &Clipping, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = ClippingPrinter { style, out };
    page.text(clipping, &Marks::default())?;
    page.rows(clipping)
}

/// A clipping as text, with matches of a query marked and with its near-duplicates listed.
pub fn read_text(answer: &ReadAnswer, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = ClippingPrinter { style, out };
    let marks = Marks {
        headline: &answer.headline_highlights,
        subheads: &answer.subhead_highlights,
        body: &answer.body_highlights,
        captions: &answer.caption_highlights,
    };
    page.text(&answer.clipping, &marks)?;
    page.rows(&answer.clipping)?;
    let name = msg!(style.lang, ko: "비슷한 기사", en: "copy");
    for copy in &answer.copies {
        let published = copy.published.map(when).unwrap_or_default();
        let outlet = copy.outlet.as_deref().unwrap_or_default();
        page.row(
            &name,
            &joined([copy.id.as_str(), outlet, &published, &copy.headline]),
        )?;
    }
    Ok(())
}

/// Clippings with matches and near-duplicates as one JSON document: an object for one, an array for
/// several.
pub fn read_json(answers: &[ReadAnswer], out: &mut dyn Write) -> io::Result<()> {
    let objects = answers.iter().map(read_object);
    let objects = objects.collect::<io::Result<Vec<_>>>()?;
    let text = match objects.as_slice() {
        [only] => to_json(only, true)?,
        several => to_json(&several, true)?,
    };
    writeln!(out, "{text}")
}

/// A clipping with matches and near-duplicates as one line of JSON.
pub fn read_json_line(answer: &ReadAnswer, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", to_json(&read_object(answer)?, false)?)
}

fn read_object(answer: &ReadAnswer) -> io::Result<Map<String, Value>> {
    let mut object = records::record(&answer.clipping)?;
    let copy = |copy: &Difference| {
        json!({
            "id": copy.id,
            "outlet": copy.outlet,
            "published": copy.published,
            "headline": copy.headline,
        })
    };
    let more = json!({
        "headline_highlights": answer.headline_highlights,
        "subhead_highlights": answer.subhead_highlights,
        "body_highlights": answer.body_highlights,
        "caption_highlights": answer.caption_highlights,
        "copies": answer.copies.iter().map(copy).collect::<Vec<_>>(),
    });
    if let Value::Object(more) = more {
        object.extend(more);
    }
    Ok(object)
}

/// Matches to mark: ranges in characters.
#[derive(Default)]
struct Marks<'a> {
    headline: &'a [(usize, usize)],
    subheads: &'a [Ranges],
    body: &'a [(usize, usize)],
    captions: &'a [Ranges],
}

/// The parts of `marks` within `[start, start + length)`, relative to `start`.
fn within(marks: &[(usize, usize)], start: usize, length: usize) -> Ranges {
    let cut = |at: usize| at.saturating_sub(start).min(length);
    let marks = marks.iter().map(|(from, to)| (cut(*from), cut(*to)));
    marks.filter(|(from, to)| from < to).collect()
}

/// The name of a row, as wide as those of all rows.
fn padded(name: &str) -> String {
    /// Columns of the names in English; the longest Korean one takes 12.
    const WIDTH: usize = 9;

    let room = WIDTH.saturating_sub(name.width()).max(1);
    format!("{name}{}", " ".repeat(room))
}

struct ClippingPrinter<'a> {
    style: Style,
    out: &'a mut dyn Write,
}

impl ClippingPrinter<'_> {
    fn text(&mut self, c: &Clipping, marks: &Marks<'_>) -> io::Result<()> {
        self.marked(&c.headline, marks.headline, 0, BOLD)?;
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
        self.lines(&byline, 0, PLAIN)?;
        for (n, subhead) in c.subheads.iter().enumerate() {
            let marks = marks.subheads.get(n).map_or(&[][..], Vec::as_slice);
            self.marked(subhead, marks, 2, BOLD)?;
        }
        let mut at = 0;
        for text in c.body.split('\n') {
            let length = text.chars().count();
            if !text.trim().is_empty() {
                self.blank()?;
                self.marked(text, &within(marks.body, at, length), 0, PLAIN)?;
            }
            at += length + 1;
        }
        if c.excerpt {
            self.blank()?;
            let excerpt = msg!(self.style.lang, ko: "(앞부분만 있음)", en: "(excerpt only)");
            self.lines(&excerpt, 0, DIM)?;
        }
        if !c.captions.is_empty() {
            self.blank()?;
        }
        for (n, caption) in c.captions.iter().enumerate() {
            let marks = marks.captions.get(n).map_or(&[][..], Vec::as_slice);
            let moved: Ranges = marks.iter().map(|(a, b)| (a + 1, b + 1)).collect();
            self.marked(&format!("[{caption}]"), &moved, 2, PLAIN)?;
        }
        self.blank()
    }

    /// Keywords, corrected fields, BIGKinds fields, id, URL, sources and warnings.
    fn rows(&mut self, c: &Clipping) -> io::Result<()> {
        let lang = self.style.lang;
        let list = |list: &[String]| list.join(", ");
        self.row(
            &msg!(lang, ko: "키워드", en: "keywords"),
            &list(&c.keywords),
        )?;
        let corrected: Vec<&str> = c.corrected.iter().map(|field| field.name()).collect();
        self.row(
            &msg!(lang, ko: "고침", en: "corrected"),
            &corrected.join(", "),
        )?;
        if let Some(bigkinds) = &c.bigkinds {
            for (name, values) in [
                (msg!(lang, ko: "분류", en: "category"), &bigkinds.categories),
                (msg!(lang, ko: "사건", en: "incident"), &bigkinds.incidents),
                (msg!(lang, ko: "인물", en: "people"), &bigkinds.persons),
                (msg!(lang, ko: "위치", en: "places"), &bigkinds.places),
                (
                    msg!(lang, ko: "기관", en: "bodies"),
                    &bigkinds.organizations,
                ),
            ] {
                self.row(&name, &list(values))?;
            }
        }
        self.row("id", &c.id)?;
        if c.url.is_some() {
            let label = padded(&msg!(lang, ko: "주소", en: "url"));
            let lines = link::lines(&label, c, 0, "", DIM, self.style);
            self.out.write_all(lines.as_bytes())?;
        }
        let source = msg!(lang, ko: "출처", en: "source");
        for place in std::iter::once(&c.source).chain(&c.other_sources) {
            self.row(&source, shown_source(place))?;
        }
        let warning = msg!(lang, ko: "주의", en: "warning");
        for doubt in &c.warnings {
            self.row(&warning, &doubt.text(lang))?;
        }
        Ok(())
    }

    fn marked(
        &mut self,
        text: &str,
        marks: &[(usize, usize)],
        indent: usize,
        look: Look,
    ) -> io::Result<()> {
        let marked = if look == BOLD { MARK_IN_BOLD } else { BOLD };
        let lines = wrapped(&pieces(text, marks), indent, look, marked, self.style);
        self.out.write_all(lines.as_bytes())
    }

    fn lines(&mut self, text: &str, indent: usize, look: Look) -> io::Result<()> {
        let lines = paragraph(text, indent, look, self.style);
        self.out.write_all(lines.as_bytes())
    }

    fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A line that is not wrapped, so that it can be copied.
    fn row(&mut self, name: &str, value: &str) -> io::Result<()> {
        if value.is_empty() {
            return Ok(());
        }
        let row = format!("{}{}", padded(name), sanitize::line(value));
        writeln!(self.out, "{}", styled(&row, DIM, self.style))
    }
}
