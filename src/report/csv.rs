//! CSV (RFC 4180): a table with a header, in UTF-8, safe to open in a spreadsheet.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{ResultPage, sanitize};
use crate::app::Hit;
use crate::clipping::Published;

const HEADER: [&str; 15] = [
    "rank",
    "id",
    "headline",
    "outlet",
    "reporters",
    "published",
    "date",
    "time",
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
    // The column of query ids is first, and only in a batch.
    let query_id = page.query_id.map(sanitize::cell);
    if first {
        let head = query_id.is_some().then_some("query_id");
        table.write_record(head.into_iter().chain(HEADER))?;
    }
    for hit in page.hits {
        let cells = cells(hit);
        let row = query_id.iter().chain(&cells);
        table.write_record(row.map(|cell| cell.as_bytes()))?;
    }
    table.flush()
}

fn cells(hit: &Hit) -> [Cow<'_, str>; 15] {
    let c = &hit.clipping;
    let [date, time] = date_and_time(c.published).map(Cow::Owned);
    let optional = |text| sanitize::cell(Option::as_deref(text).unwrap_or_default());
    let joined =
        |parts: Vec<&str>, by: &str| Cow::Owned(sanitize::cell(&parts.join(by)).into_owned());
    [
        Cow::Owned(hit.rank.to_string()),
        sanitize::cell(&c.id),
        sanitize::cell(&c.headline),
        optional(&c.outlet),
        joined(c.reporters.iter().map(String::as_str).collect(), ", "),
        Cow::Owned(c.published.map(|p| p.to_string()).unwrap_or_default()),
        date,
        time,
        optional(&c.section),
        optional(&c.url),
        joined(hit.snippets.iter().map(|s| s.text.as_str()).collect(), " "),
        Cow::Owned(hit.copies.len().to_string()),
        joined(hit.copies.iter().map(|c| c.id.as_str()).collect(), " "),
        Cow::Owned(hit.score.to_string()),
        sanitize::cell(&c.source),
    ]
}

/// Day and time of day in separate columns: `published` may lack a time, and programs such as
/// pandas would read mixed values as text.
pub(super) fn date_and_time(published: Option<Published>) -> [String; 2] {
    let Some(published) = published else {
        return Default::default();
    };
    let time = published.time.map_or_else(String::new, |time| {
        format!(
            "{:02}:{:02}:{:02}",
            time.hour(),
            time.minute(),
            time.second()
        )
    });
    [published.date.to_string(), time]
}
