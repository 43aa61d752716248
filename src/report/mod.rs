//! Formats results for people and programs, one file per format.
//!
//! Writes answers of `app`. To add a format, add a file and a line in [`Printer`].
//!
//! Text from clippings is untrusted and sanitized for its destination, see [`sanitize`].

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
mod link;
pub mod related;
pub mod sanitize;
pub mod similar;
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
    /// Id of the query in a batch; `None` for a single query.
    pub query_id: Option<&'a str>,
    /// The query as typed.
    pub query: &'a str,
    /// Number of all results, with or without folding as in `hits`.
    pub total: u64,
    /// Number of partial matches.
    pub partial: u64,
    /// Number of clippings that match in full, including near-duplicates.
    pub clippings: u64,
    /// Notes on the query, and suggestions.
    pub notes: &'a [Note],
    /// The requested results.
    pub hits: &'a [Hit],
    /// Counts of all results, if requested.
    pub facets: Option<&'a Facets>,
}

/// Layout of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Whether to use colors.
    pub color: bool,
    /// Whether to print URLs as links (OSC 8).
    pub links: bool,
    /// Width of the terminal in columns; `None` to not wrap lines.
    pub width: Option<usize>,
    /// Language of messages.
    pub lang: Lang,
}

/// Formats of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One document: an object for one query, an array of objects for a batch.
    Json,
    /// One object per hit and line.
    Jsonl,
    /// A table with a header.
    Csv,
    /// Lines `query Q0 clipping rank score run`, for trec_eval.
    Trec,
}

/// Writes the results of one or more queries in one format.
pub struct Printer {
    format: Format,
    style: Style,
    /// Whether there may be more than one query.
    several: bool,
    /// Whether a page has been written.
    begun: bool,
}

impl Printer {
    /// A printer for one or `several` queries. `style` is used by [`Format::Text`] only.
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

/// A value as JSON that is safe on a terminal.
fn to_json<T: serde::Serialize>(value: &T, pretty: bool) -> io::Result<String> {
    let text = if pretty {
        serde_json::to_string_pretty(value)?
    } else {
        serde_json::to_string(value)?
    };
    Ok(sanitize::json(&text).into_owned())
}

/// A source for display: relative if it is in the working directory.
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
