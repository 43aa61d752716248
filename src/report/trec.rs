//! TREC runs: lines `query Q0 clipping rank score run`, for trec_eval.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{ResultPage, sanitize};

/// Last column: the name of the run.
const RUN: &str = "clippings";

pub(super) fn page(page: &ResultPage<'_>, out: &mut dyn Write) -> io::Result<()> {
    let hits = page
        .hits
        .iter()
        .map(|hit| (hit.rank, hit.clipping.id.as_str(), hit.score));
    run(page.query_id.unwrap_or("1"), hits, out)
}

/// Writes the hits of a query: rank from 1, id and score, best first. `out` should be buffered.
pub fn run<'a>(
    query_id: &str,
    hits: impl IntoIterator<Item = (u64, &'a str, f32)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let query_id = column(query_id);
    for (rank, id, score) in hits {
        writeln!(out, "{query_id} Q0 {} {rank} {score:.6} {RUN}", column(id))?;
    }
    Ok(())
}

/// Columns are separated by white space and contain none.
fn column(text: &str) -> Cow<'_, str> {
    if text.is_empty() {
        return Cow::Borrowed("_");
    }
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        return Cow::Borrowed(text);
    }
    match sanitize::line(text).replace(char::is_whitespace, "_") {
        text if text.is_empty() => Cow::Borrowed("_"),
        text => Cow::Owned(text),
    }
}
