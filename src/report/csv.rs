//! CSV (RFC 4180): a table with a header, in UTF-8, safe to open in a spreadsheet.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Hit, ResultPage, sanitize};

const HEADER: [&str; 13] = [
    "rank",
    "id",
    "headline",
    "outlet",
    "reporters",
    "published",
    "section",
    "url",
    "snippet",
    "copies",
    "copy_ids",
    "score",
    "source",
];

pub(super) fn page(page: &ResultPage<'_>, first: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut table = ::csv::Writer::from_writer(out);
    // The batch's column stands first, and only in a batch.
    let query_id = page.query_id.map(sanitize::cell);
    if first {
        let head = query_id.is_some().then_some("query_id");
        table.write_record(head.into_iter().chain(HEADER))?;
    }
    for hit in &page.hits {
        let cells = cells(hit);
        let row = query_id.iter().chain(&cells);
        table.write_record(row.map(|cell| cell.as_bytes()))?;
    }
    table.flush()
}

fn cells<'a>(hit: &'a Hit<'a>) -> [Cow<'a, str>; 13] {
    let c = hit.clipping;
    let optional = |text: &'a Option<String>| sanitize::cell(text.as_deref().unwrap_or_default());
    let joined =
        |parts: Vec<&str>, by: &str| Cow::Owned(sanitize::cell(&parts.join(by)).into_owned());
    [
        Cow::Owned(hit.rank.to_string()),
        sanitize::cell(&c.id),
        sanitize::cell(&c.headline),
        optional(&c.outlet),
        joined(c.reporters.iter().map(String::as_str).collect(), ", "),
        Cow::Owned(c.published.map(|p| p.to_string()).unwrap_or_default()),
        optional(&c.section),
        optional(&c.url),
        joined(hit.snippets.iter().map(|s| s.text.as_str()).collect(), " "),
        Cow::Owned(hit.copies.len().to_string()),
        joined(hit.copies.iter().map(|c| c.id.as_str()).collect(), " "),
        Cow::Owned(hit.score.to_string()),
        sanitize::cell(&c.source),
    ]
}
