//! A workbook: one row per clipping, with filters, real dates and links.

use std::io::Write;

use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, XlsxError};

use super::{Export, ExportEntry, ExportError, link};
use crate::report::sanitize;

/// Excel's limit of a cell, in UTF-16 units.
const LONGEST_CELL: usize = 32_767;

/// Excel's limit of links in a sheet, and of characters in one.
const MOST_LINKS: usize = 65_530;
const LONGEST_LINK: usize = 2_000;

/// Names and widths (in characters) of the columns.
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

/// The first of the columns that only some sources fill. They are written when a clipping has a value.
const FIRST_OF_SOURCE: &str = "keywords";

impl From<XlsxError> for ExportError {
    fn from(e: XlsxError) -> Self {
        ExportError::Workbook(e.to_string())
    }
}

/// Writes the workbook.
pub fn write(export: &Export, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let bold = Format::new().set_bold();
    let top = || Format::new().set_align(FormatAlign::Top);
    let plain = top();
    let wrapped = top().set_text_wrap();
    let day = top().set_num_format("yyyy-mm-dd");
    let moment = top().set_num_format("yyyy-mm-dd hh:mm");
    let mut columns: Vec<(&str, f64)> = COLUMNS
        .iter()
        .copied()
        .filter(|(name, _)| !(export.links_only && super::is_text(name)))
        .collect();
    let of_source = columns
        .iter()
        .position(|(name, _)| *name == FIRST_OF_SOURCE);
    let of_source = columns.split_off(of_source.unwrap_or(columns.len()));
    let is_filled = |name| {
        let mut values = export.entries.iter();
        values.any(|entry| !super::of_source(&entry.clipping, name).is_empty())
    };
    columns.extend(of_source.into_iter().filter(|(name, _)| is_filled(name)));
    for (column, (name, width)) in (0..).zip(&columns) {
        sheet.write_string_with_format(0, column, *name, &bold)?;
        sheet.set_column_width(column, *width)?;
    }
    let mut links = 0;
    for (row, entry) in (1..).zip(&export.entries) {
        for (column, (name, _)) in (0..).zip(&columns) {
            match *name {
                "published" => {
                    let Some(published) = entry.clipping.published else {
                        continue;
                    };
                    let date = published.date;
                    let cell = u16::try_from(date.year())
                        .ok()
                        .and_then(|y| {
                            let (m, d) = (date.month().unsigned_abs(), date.day().unsigned_abs());
                            ExcelDateTime::from_ymd(y, m, d).ok()
                        })
                        .and_then(|cell| match published.time {
                            Some(t) => cell
                                .and_hms(
                                    u16::from(t.hour().unsigned_abs()),
                                    t.minute().unsigned_abs(),
                                    f64::from(t.second()),
                                )
                                .ok(),
                            None => Some(cell),
                        });
                    let format = if published.time.is_some() {
                        &moment
                    } else {
                        &day
                    };
                    match cell {
                        Some(cell) => {
                            sheet.write_datetime_with_format(row, column, &cell, format)?
                        }
                        // Excel has no dates before 1900.
                        None => sheet.write_string_with_format(
                            row,
                            column,
                            published.to_string(),
                            &plain,
                        )?,
                    };
                }
                "url" => {
                    match link(entry.clipping.url.as_deref())
                        .filter(|url| url.chars().count() <= LONGEST_LINK)
                    {
                        Some(url) if links < MOST_LINKS => {
                            links += 1;
                            sheet.write_url(row, column, sanitize::line(url).as_ref())?;
                        }
                        _ => {
                            let url = entry.clipping.url.as_deref().unwrap_or_default();
                            sheet.write_string_with_format(row, column, text(url), &plain)?;
                        }
                    }
                }
                name => {
                    let format = if matches!(name, "headline" | "snippet") {
                        &wrapped
                    } else {
                        &plain
                    };
                    sheet.write_string_with_format(
                        row,
                        column,
                        text(&value(entry, name)),
                        format,
                    )?;
                }
            }
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
        name => super::of_source(c, name),
    }
}

/// Cells are strings, never formulas. They are sanitized, and cut to what a cell can have.
fn text(value: &str) -> String {
    let clean = sanitize::paragraphs(value);
    let mut units = 0;
    clean
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= LONGEST_CELL
        })
        .collect()
}
