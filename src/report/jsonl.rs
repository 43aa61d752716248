//! JSON Lines: one hit per line, the record with `rank`, `score`, `snippet` and `copies`.
//!
//! What `add` takes in: the lines of a search can be given to another index.

use std::io::{self, Write};

use super::json::HitObject;
use super::{ResultPage, to_json};

pub(super) fn page(page: &ResultPage<'_>, out: &mut dyn Write) -> io::Result<()> {
    for hit in &page.hits {
        writeln!(
            out,
            "{}",
            to_json(&HitObject::new(hit, page.query_id), false)?
        )?;
    }
    Ok(())
}
