//! Comma- and tab-separated values (RFC 4180), safe to open in a spreadsheet.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Export, when};
use crate::report::csv::date_and_time;
use crate::report::sanitize::cell;

/// Columns. The time of publication is also split into day and time.
const HEADER: &[&str] = &[
    "id",
    "published",
    "date",
    "time",
    "outlet",
    "reporters",
    "headline",
    "section",
    "url",
    "snippet",
    "body",
    "source",
    "story",
    "keywords",
    "news_id",
    "categories",
    "incidents",
    "persons",
    "places",
    "organizations",
    "bigkinds_keywords",
    "excluded",
];

/// Writes the table, without text columns if only links are allowed.
pub fn write(
    export: &Export,
    separator: u8,
    with_bom: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if with_bom && !export.is_continued {
        out.write_all("\u{feff}".as_bytes())?;
    }
    let mut table = csv::WriterBuilder::new()
        .delimiter(separator)
        .from_writer(out);
    let is_kept = |name: &&&str| !(export.links_only && super::is_text(name));
    if !export.is_continued {
        table.write_record(HEADER.iter().filter(is_kept))?;
    }
    for entry in &export.entries {
        let c = &entry.clipping;
        let reporters = c.reporters.join(", ");
        let snippet: Vec<&str> = entry.snippets.iter().map(|s| s.text.as_str()).collect();
        let snippet = snippet.join(" ");
        let when = when(c);
        let [date, time] = date_and_time(c.published);
        let row = HEADER.iter().filter(is_kept).map(|name| {
            let of_source;
            let value: &str = match *name {
                "id" => &c.id,
                "published" => &when,
                "date" => &date,
                "time" => &time,
                "outlet" => c.outlet.as_deref().unwrap_or_default(),
                "reporters" => &reporters,
                "headline" => &c.headline,
                "section" => c.section.as_deref().unwrap_or_default(),
                "url" => c.url.as_deref().unwrap_or_default(),
                "snippet" => &snippet,
                "body" => &c.body,
                "source" => &c.source,
                "story" => &entry.story,
                name => {
                    of_source = super::of_source(c, name);
                    &of_source
                }
            };
            let value = cell(value);
            match separator {
                // Readers of TSV often do not support quotes.
                b'\t' => Cow::Owned(value.replace(['\t', '\n', '\r'], " ").into_bytes()),
                _ => Cow::Owned(value.into_owned().into_bytes()),
            }
        });
        table.write_record(row.map(|v: Cow<'_, [u8]>| v.into_owned()))?;
    }
    table.flush()
}
