//! JSON Lines: one hit per line, as a record with `rank`, `score`, `snippet` and `copies`; then, if
//! requested, one line with the counts of all results.
//!
//! `add` reads these lines: the results of a search can be added to another index.

use std::io::{self, Write};

use serde_json::json;

use super::{ResultPage, json, to_json};

pub(super) fn page(page: &ResultPage<'_>, out: &mut dyn Write) -> io::Result<()> {
    for hit in page.hits {
        let hit = json::hit(hit, page.query_id)?;
        writeln!(out, "{}", to_json(&hit, false)?)?;
    }
    match page.facets {
        None => Ok(()),
        Some(facets) => writeln!(out, "{}", to_json(&json!({ "facets": facets }), false)?),
    }
}
