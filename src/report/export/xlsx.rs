//! A workbook: one row per clipping, with filters, real dates and links.

use std::io::Write;

use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::{Export, ExportEntry, ExportError, link};
use crate::clipping::{Clipping, Published};
use crate::report::sanitize;

/// Excel's limit for a cell, in UTF-16 units.
const MAX_CELL: usize = 32_767;

/// Excel's limits for links in a sheet and for characters in a link.
const MAX_LINKS: usize = 65_530;
const MAX_LINK_CHARS: usize = 2_000;

/// Names and widths of the columns, in characters.
const COLUMNS: &[(&str, f64)] = &[
    ("published", 17.0),
    ("outlet", 16.0),
    ("reporters", 14.0),
    ("headline", 60.0),
    ("section", 14.0),
    ("url", 40.0),
    ("snippet", 60.0),
    ("body", 60.0),
    ("id", 20.0),
    ("story", 18.0),
    ("keywords", 30.0),
    ("news_id", 26.0),
    ("categories", 24.0),
    ("incidents", 24.0),
    ("persons", 24.0),
    ("places", 24.0),
    ("organizations", 24.0),
    ("bigkinds_keywords", 30.0),
    ("excluded", 10.0),
];

/// The first of the optional columns, which are written only if some clipping has a value.
const FIRST_OF_SOURCE: &str = "keywords";

impl From<XlsxError> for ExportError {
    fn from(e: XlsxError) -> Self {
        ExportError::Workbook(e.to_string())
    }
}

/// Writes the workbook.
pub fn write(export: &Export, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut workbook = Workbook::new();
    // Rows go to a temporary file: in memory, a clipping takes 10 KB.
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    let columns = columns(export);
    let bold = Format::new().set_bold();
    for (column, (name, width)) in (0..).zip(&columns) {
        sheet.write_string_with_format(0, column, *name, &bold)?;
        sheet.set_column_width(column, *width)?;
    }
    let mut cells = CellWriter::new(sheet);
    for (row, entry) in (1..).zip(&export.entries) {
        for (column, (name, _)) in (0..).zip(&columns) {
            cells.write(row, column, name, entry)?;
        }
    }
    let last_row = u32::try_from(export.entries.len()).unwrap_or(u32::MAX);
    let last_column = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(0);
    sheet.autofilter(0, 0, last_row, last_column)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_name("clippings")?;
    out.write_all(&workbook.save_to_buffer()?)?;
    Ok(())
}

/// Names and widths of the columns to write: those that the license covers and, of the optional
/// ones, those with a value.
fn columns(export: &Export) -> Vec<(&'static str, f64)> {
    let is_covered = |name| !(export.links_only && super::is_text(name));
    let is_filled = |name| {
        let mut values = export.entries.iter();
        values.any(|entry| !super::of_source(&entry.clipping, name).is_empty())
    };
    let optional = COLUMNS
        .iter()
        .position(|(name, _)| *name == FIRST_OF_SOURCE);
    let (always, optional) = COLUMNS.split_at(optional.unwrap_or(COLUMNS.len()));
    let optional = optional.iter().filter(|(name, _)| is_filled(name));
    let columns = always.iter().chain(optional);
    let columns = columns.filter(|(name, _)| is_covered(name));
    columns.copied().collect()
}

/// Writes the cells of clippings.
struct CellWriter<'s> {
    sheet: &'s mut Worksheet,
    plain: Format,
    wrapped: Format,
    day: Format,
    moment: Format,
    /// Number of links so far.
    links: usize,
}

impl<'s> CellWriter<'s> {
    fn new(sheet: &'s mut Worksheet) -> CellWriter<'s> {
        let top = || Format::new().set_align(FormatAlign::Top);
        CellWriter {
            sheet,
            plain: top(),
            wrapped: top().set_text_wrap(),
            day: top().set_num_format("yyyy-mm-dd"),
            moment: top().set_num_format("yyyy-mm-dd hh:mm"),
            links: 0,
        }
    }

    fn write(
        &mut self,
        row: u32,
        column: u16,
        name: &str,
        entry: &ExportEntry,
    ) -> Result<(), XlsxError> {
        match name {
            "published" => match entry.clipping.published {
                Some(published) => self.published(row, column, published),
                None => Ok(()),
            },
            "url" => self.url(row, column, &entry.clipping),
            "headline" | "snippet" => {
                let text = text(&value(entry, name));
                self.sheet
                    .write_string_with_format(row, column, text, &self.wrapped)?;
                Ok(())
            }
            name => self.plain(row, column, &text(&value(entry, name))),
        }
    }

    fn plain(&mut self, row: u32, column: u16, text: &str) -> Result<(), XlsxError> {
        self.sheet
            .write_string_with_format(row, column, text, &self.plain)?;
        Ok(())
    }

    fn published(&mut self, row: u32, column: u16, published: Published) -> Result<(), XlsxError> {
        let format = match published.time {
            Some(_) => &self.moment,
            None => &self.day,
        };
        match excel_time(published) {
            Some(time) => {
                self.sheet
                    .write_datetime_with_format(row, column, &time, format)?;
                Ok(())
            }
            None => self.plain(row, column, &published.to_string()),
        }
    }

    /// Writes the URL as a link, unless it is too long or there are too many links.
    fn url(&mut self, row: u32, column: u16, clipping: &Clipping) -> Result<(), XlsxError> {
        match link(clipping.url.as_deref()).filter(|url| url.chars().count() <= MAX_LINK_CHARS) {
            Some(url) if self.links < MAX_LINKS => {
                self.links += 1;
                self.sheet
                    .write_url(row, column, sanitize::line(url).as_ref())?;
                Ok(())
            }
            _ => {
                let url = clipping.url.as_deref().unwrap_or_default();
                self.plain(row, column, &text(url))
            }
        }
    }
}

/// A time of publication as Excel stores it; `None` before 1900.
fn excel_time(published: Published) -> Option<ExcelDateTime> {
    let date = published.date;
    let year = u16::try_from(date.year()).ok()?;
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    let day = ExcelDateTime::from_ymd(year, month, day).ok()?;
    match published.time {
        Some(time) => {
            let (hour, minute) = (time.hour().unsigned_abs(), time.minute().unsigned_abs());
            let second = f64::from(time.second());
            day.and_hms(u16::from(hour), minute, second).ok()
        }
        None => Some(day),
    }
}

fn value(entry: &ExportEntry, name: &str) -> String {
    let c = &entry.clipping;
    match name {
        "outlet" => c.outlet.clone().unwrap_or_default(),
        "reporters" => c.reporters.join(", "),
        "headline" => c.headline.clone(),
        "section" => c.section.clone().unwrap_or_default(),
        "snippet" => {
            let parts: Vec<&str> = entry.snippets.iter().map(|s| s.text.as_str()).collect();
            parts.join(" ")
        }
        "body" => c.body.clone(),
        "id" => c.id.clone(),
        "story" => entry.story.clone(),
        name => super::of_source(c, name),
    }
}

/// Cells are strings, never formulas. They are sanitized and truncated to the limit.
fn text(value: &str) -> String {
    let clean = sanitize::paragraphs(value);
    let mut units = 0;
    clean
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= MAX_CELL
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Snippet;
    use crate::clipping::BigKinds;

    #[test]
    fn every_column_has_a_value() {
        let text = || "가".to_owned();
        let list = || vec![text()];
        let entry = ExportEntry {
            clipping: Clipping {
                id: text(),
                headline: text(),
                reporters: list(),
                outlet: Some(text()),
                section: Some(text()),
                body: text(),
                keywords: list(),
                bigkinds: Some(Box::new(BigKinds {
                    news_id: Some(text()),
                    categories: list(),
                    incidents: list(),
                    persons: list(),
                    places: list(),
                    organizations: list(),
                    keywords: list(),
                    excluded: Some(text()),
                })),
                ..Clipping::default()
            },
            snippets: vec![Snippet {
                text: text(),
                highlights: Vec::new(),
            }],
            story: text(),
            copies: Vec::new(),
            group: String::new(),
        };
        for (name, _) in COLUMNS {
            let is_typed = matches!(*name, "published" | "url");
            assert!(is_typed || value(&entry, name) == "가", "{name}");
        }
    }
}
