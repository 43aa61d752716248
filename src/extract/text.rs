//! A plain-text copy → record: text that a person copied from a page, a mail or a document.

use super::clean::{self, Context, Line};
use super::tidy;
use super::{Extracted, NotAClipping};

/// Reads a plain text.
pub(super) fn extract(text: &str) -> Result<Extracted, NotAClipping> {
    let lines: Vec<Line> = text
        .lines()
        .map(tidy::line)
        .filter(|l| !l.is_empty())
        .map(|text| Line {
            text,
            ..Line::default()
        })
        .collect();
    let Some(first) = lines.first() else {
        return Err(NotAClipping::Empty);
    };
    let headline = first.text.clone();
    let parts = clean::parts(
        lines.get(1..).unwrap_or_default(),
        &Context {
            headline: &headline,
            decks: &[],
        },
    );
    let mut out = Extracted::default();
    out.clipping.headline = headline;
    out.clipping.body = parts.paragraphs.join("\n");
    out.clipping.reporters = parts.names;
    Ok(out)
}
