//! Hits → what people and programs read. One file per format.
//!
//! Last on the way of the data: takes what `search` found and writes it. Knows nothing of the index
//! or of how hits were found; a format is added as a file and a line in [`Printer`].
//!
//! Everything that comes from a clipping is taken for hostile and cleaned for where it goes, see
//! [`sanitize`].

use std::io::{self, Write};

use crate::clipping::Clipping;
use crate::search::snippet::Passage;

pub mod chart;
pub mod clipping;
mod csv;
pub mod export;
mod json;
mod jsonl;
pub mod related;
pub mod sanitize;
pub mod table;
#[cfg(test)]
mod tests;
mod text;
pub mod trec;
pub mod trend;
mod wrap;

/// What one query found.
#[derive(Debug, Clone, Default)]
pub struct ResultPage<'a> {
    /// The query's name in a batch; `None` for a single one.
    pub query_id: Option<&'a str>,
    /// The query as typed.
    pub query: &'a str,
    /// How many results there are in all, copies folded or not as in `hits`.
    pub total: u64,
    /// How the query was read, suggestions, that only partial matches were found: a line each.
    pub notes: &'a [String],
    /// The results asked for, best or newest first.
    pub hits: Vec<Hit<'a>>,
}

/// One result.
#[derive(Debug, Clone)]
pub struct Hit<'a> {
    /// Place among all results, from 1.
    pub rank: usize,
    /// The record.
    pub clipping: &'a Clipping,
    /// What it was ranked by; 0 when sorted by date.
    pub score: f32,
    /// What matched in the headline, `[start, end)` in characters, in order.
    pub headline_marks: Vec<(usize, usize)>,
    /// The best passages, in the order of the text.
    pub snippets: Vec<Snippet>,
    /// Near-duplicates folded into this result.
    pub copies: Vec<Copy>,
    /// Where the score comes from, when asked for.
    pub explanation: Vec<Contribution>,
}

/// A passage of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Snippet {
    /// One line of text.
    pub text: String,
    /// What matched, `[start, end)` in characters of `text`, in order.
    pub highlights: Vec<(usize, usize)>,
}

impl From<Passage> for Snippet {
    fn from(passage: Passage) -> Self {
        Snippet {
            text: passage.text,
            highlights: passage.highlights,
        }
    }
}

/// Another clipping with nearly the same text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Copy {
    /// Its id.
    pub id: String,
    /// Its outlet, if known.
    pub outlet: Option<String>,
}

/// What one term gave to a score.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Contribution {
    /// The term, as the index keeps it.
    pub term: String,
    /// The field it was found in.
    pub field: String,
    /// Its share of the score.
    pub score: f32,
}

/// How text is laid out for whoever reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Whether marks are made with terminal escapes.
    pub color: bool,
    /// Columns of the terminal; `None` for one long line per paragraph.
    pub width: Option<usize>,
}

/// The formats results can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One object per query.
    Json,
    /// One object per hit and line.
    Jsonl,
    /// A table with a header.
    Csv,
    /// Lines `query Q0 clipping rank score run`, what retrieval scorers read.
    Trec,
}

/// Writes the results of one query after another in one format.
pub struct Printer {
    format: Format,
    style: Style,
    /// Whether a page has been written, so that a header stands only once.
    begun: bool,
}

impl Printer {
    /// A printer that has written nothing yet. `style` matters for [`Format::Text`] only.
    pub fn new(format: Format, style: Style) -> Self {
        Printer {
            format,
            style,
            begun: false,
        }
    }

    /// Writes what one query found. Fails only when `out` does.
    pub fn page(&mut self, page: &ResultPage<'_>, out: &mut dyn Write) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        match self.format {
            Format::Text => text::page(page, self.style, first, out),
            Format::Json => json::page(page, out),
            Format::Jsonl => jsonl::page(page, out),
            Format::Csv => csv::page(page, first, out),
            Format::Trec => trec::page(page, out),
        }
    }
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
