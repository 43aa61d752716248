//! The words that set a result set apart: a table for people, CSV and JSON for programs.

use std::io::{self, Write};

use super::table::{Side, Table};
use super::text::{DIM, styled};
use super::{Style, sanitize, to_json};
use crate::search::Related;

/// The table.
pub fn text(related: &Related, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if related.words.is_empty() {
        return writeln!(out, "nothing found");
    }
    let share = |n: u64, of: u64| format!("{:.1}%", 100.0 * n as f64 / of.max(1) as f64);
    let mut table = Table::new(&[
        ("word", Side::Left),
        ("results", Side::Right),
        ("", Side::Right),
        ("of all", Side::Right),
        ("", Side::Right),
        ("times as often", Side::Right),
    ]);
    for word in &related.words {
        table.row([
            word.word.clone(),
            word.count.to_string(),
            share(word.count, related.results),
            word.clippings.to_string(),
            share(word.clippings, related.clippings),
            format!("{:.1}", word.lift),
        ]);
    }
    table.write(style, out)?;
    let told = format!(
        "\n{} results, compared with {} clippings",
        related.results, related.clippings
    );
    writeln!(out, "{}", styled(&told, DIM, style))
}

/// A table for spreadsheets.
pub fn table(related: &Related, separator: u8, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::WriterBuilder::new()
        .delimiter(separator)
        .from_writer(out);
    table.write_record(["word", "count", "clippings", "lift", "score"])?;
    for word in &related.words {
        table.write_record([
            sanitize::cell(&word.word).replace(['\t', '\n'], " "),
            word.count.to_string(),
            word.clippings.to_string(),
            format!("{:.3}", word.lift),
            format!("{:.3}", word.score),
        ])?;
    }
    table.flush()
}

/// One JSON document.
pub fn json(related: &Related, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", to_json(related, true)?)
}
