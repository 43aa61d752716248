//! Results → what people and programs read. One file per format.
//!
//! Takes what `app` found and writes it, and knows nothing of how it was found. A format is added
//! as a file and a line in [`Printer`].
//!
//! Everything that comes from a clipping is untrusted and sanitized for where it goes, see
//! [`sanitize`].

use std::io::{self, Write};
use std::sync::LazyLock;

use crate::app::search::Facets;
use crate::app::{Hit, Note};
use crate::messages::{Lang, Localize};

pub mod chart;
pub mod clipping;
mod csv;
pub mod export;
mod json;
mod jsonl;
pub mod related;
pub mod sanitize;
pub mod stats;
pub mod table;
#[cfg(test)]
mod tests;
mod text;
pub mod trec;
pub mod trend;
mod wrap;

/// The results of one query.
#[derive(Debug, Clone, Copy)]
pub struct ResultPage<'a> {
    /// The query's name in a batch; `None` for a single one.
    pub query_id: Option<&'a str>,
    /// The query as typed.
    pub query: &'a str,
    /// How many results there are in all, copies folded or not as in `hits`.
    pub total: u64,
    /// How many results match in part, beside these.
    pub partial: u64,
    /// How the query was read, and suggestions.
    pub notes: &'a [Note],
    /// The results asked for, best or newest first.
    pub hits: &'a [Hit],
    /// Counts of all results, when asked for.
    pub facets: Option<&'a Facets>,
}

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Whether marks are made with terminal escapes.
    pub color: bool,
    /// Columns of the terminal; `None` for one long line per paragraph.
    pub width: Option<usize>,
    /// Language of what the program says.
    pub lang: Lang,
}

/// The formats of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One document: an object for one query, an array of objects for several.
    Json,
    /// One object per hit and line.
    Jsonl,
    /// A table with a header.
    Csv,
    /// Lines `query Q0 clipping rank score run`, for trec_eval.
    Trec,
}

/// Writes the results of one query after another in one format.
pub struct Printer {
    format: Format,
    style: Style,
    /// Whether there may be more than one query.
    several: bool,
    /// Whether a page has been written.
    begun: bool,
}

impl Printer {
    /// A printer for one query or for `several`. `style` matters for [`Format::Text`] only.
    pub fn new(format: Format, style: Style, several: bool) -> Self {
        Printer {
            format,
            style,
            several,
            begun: false,
        }
    }

    /// Writes the results of one query.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn page(&mut self, page: &ResultPage<'_>, out: &mut dyn Write) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        match self.format {
            Format::Text => text::page(page, self.style, first, out),
            Format::Json if self.several => {
                out.write_all(if first { b"[\n" } else { b",\n" })?;
                write!(out, "{}", json::object(page, self.style.lang, false)?)
            }
            Format::Json => writeln!(out, "{}", json::object(page, self.style.lang, true)?),
            Format::Jsonl => jsonl::page(page, out),
            Format::Csv => csv::page(page, first, out),
            Format::Trec => trec::page(page, out),
        }
    }

    /// Ends the document.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        match (self.format, self.several) {
            (Format::Json, true) if self.begun => out.write_all(b"\n]\n"),
            (Format::Json, true) => out.write_all(b"[]\n"),
            _ => Ok(()),
        }
    }
}

/// Notes as text.
fn texts(notes: &[Note], lang: Lang) -> Vec<String> {
    notes.iter().map(|note| note.text(lang)).collect()
}

/// A JSON value as text that is safe on a terminal.
fn to_json<T: serde::Serialize>(value: &T, pretty: bool) -> io::Result<String> {
    let text = if pretty {
        serde_json::to_string_pretty(value)?
    } else {
        serde_json::to_string(value)?
    };
    Ok(sanitize::json(&text).into_owned())
}

/// A source as it is shown to a person: relative where it is in the folder in which they stand.
pub fn shown_source(source: &str) -> &str {
    static FOLDER: LazyLock<Option<String>> = LazyLock::new(|| {
        let folder = std::env::current_dir().ok()?;
        Some(format!("{}/", crate::source::name(&folder)))
    });
    match FOLDER
        .as_deref()
        .and_then(|folder| source.strip_prefix(folder))
    {
        Some(inside) if !inside.is_empty() => inside,
        _ => source,
    }
}
