//! Workbooks (`.xlsx`, ECMA-376) with one article per row: BIGKinds exports and other spreadsheets.
//!
//! The declared size of a sheet is ignored (BIGKinds writes `A1`). The header is the first row with
//! a column for headline or body; title rows above it are skipped. Every sheet with a header is
//! read.

use std::io::{Read, Seek};

use calamine::{DataRef, Reader, Xlsx};

use super::archive::{check_overlap, of_zip, office_kind};
use super::columns::{Columns, MAX_COLUMNS, no_columns};
use super::row::SharedUrls;
use super::spool::{measure, spool};
use super::{Flow, Format, Input, ItemContent, Limits, Sink, SkipReason, SourceItem};

/// See the module documentation.
pub struct Workbook;

/// At most this many rows may precede the header.
const ROWS_ABOVE: u32 = 20;

impl Format for Workbook {
    fn claims(&self, head: &[u8], name: &str) -> bool {
        head.starts_with(b"PK\x03\x04")
            && ([".xlsx", ".xlsm"].iter().any(|e| name.ends_with(e)) || first_part_is_office(head))
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        let (mut file, size) = spool(&mut input)?;
        check_parts(&mut file, size, input.limits)?;
        // Many cells may share one long string, so their total size has its own limit.
        let mut left = input.limits.expanded(size);
        let mut workbook = Xlsx::new(&mut file).map_err(|e| no_workbook(&e))?;
        let sheets = workbook.sheet_names();
        let mut names_seen = Vec::new();
        let mut number = 0;
        let mut found = false;
        let mut urls = SharedUrls::default();
        for sheet in &sheets {
            let mut rows = match workbook.worksheet_cells_reader(sheet) {
                Ok(cells) => Rows::new(cells, input.limits.item),
                // A chart sheet has no cells.
                Err(calamine::XlsxError::NotAWorksheet(_)) => continue,
                Err(e) => return Err(no_workbook(&e)),
            };
            let mut columns: Option<Columns> = None;
            while let Some((row_number, cells)) = rows.next()? {
                let Some(columns) = &columns else {
                    columns = Columns::find(&cells, input.columns);
                    if columns.is_none() {
                        if names_seen.is_empty() {
                            names_seen = cells;
                        }
                        if row_number > ROWS_ABOVE {
                            break;
                        }
                    }
                    found |= columns.is_some();
                    continue;
                };
                let row = columns.row(|n| cells.get(n).map(String::as_str));
                let yielded = cells.iter().map(|cell| cell.len() as u64 + 1).sum();
                left = left.checked_sub(yielded).ok_or(SkipReason::TooExpansive {
                    ratio: input.limits.ratio,
                })?;
                if row.is_empty() {
                    continue;
                }
                number += 1;
                let row = urls.with_distinct_id(row);
                let item = SourceItem {
                    source: format!("{}#{number}", input.source),
                    place: format!("{}, {sheet} row {row_number}", input.source),
                    size: row.size(),
                    whole_source: false,
                    content: ItemContent::Row(row),
                };
                if sink.item(item).is_break() {
                    return Ok(Flow::Break(()));
                }
            }
        }
        if found {
            Ok(Flow::Continue(()))
        } else {
            Err(no_columns(&names_seen))
        }
    }
}

/// Whether the first member of a ZIP archive is one that office documents begin with.
fn first_part_is_office(head: &[u8]) -> bool {
    // Local file header: length of the name at offset 26, name at 30 (APPNOTE 4.3.7).
    let Some(&[low, high]) = head.get(26..28) else {
        return false;
    };
    let length = usize::from(u16::from_le_bytes([low, high]));
    let name = head.get(30..30 + length).unwrap_or_default();
    ["[Content_Types].xml", "_rels/", "docProps/", "xl/"]
        .iter()
        .any(|part| name.starts_with(part.as_bytes()))
}

/// Decompresses every part once without storing it, to reject a bomb before it is in memory: the
/// sizes in the directory may be wrong.
fn check_parts(file: &mut (impl Read + Seek), size: u64, limits: Limits) -> Result<(), SkipReason> {
    let mut archive = zip::ZipArchive::new(file).map_err(of_zip)?;
    if let Some(kind) = office_kind(&archive) {
        return Err(SkipReason::NotText { kind: Some(kind) });
    }
    check_overlap(&mut archive, size)?;
    let mut left = limits.expanded(size);
    for n in 0..archive.len() {
        let mut part = archive.by_index(n).map_err(of_zip)?;
        // calamine loads shared strings into memory; sheets are streamed.
        let is_held = part.name_raw().ends_with(b"sharedStrings.xml");
        let size = measure(&mut part, left.saturating_add(1))?;
        let ratio = limits.ratio;
        left = left
            .checked_sub(size)
            .ok_or(SkipReason::TooExpansive { ratio })?;
        if is_held && size > limits.item.saturating_mul(4) {
            let limit = limits.item.saturating_mul(4);
            return Err(SkipReason::TooLarge { limit });
        }
    }
    Ok(())
}

fn no_workbook(error: &calamine::XlsxError) -> SkipReason {
    SkipReason::inside(error).unwrap_or(SkipReason::UnreadableWorkbook)
}

/// Iterates over the rows of a sheet as text.
struct Rows<'a, R: Read + Seek> {
    cells: calamine::XlsxCellReader<'a, R>,
    /// The first cell of the next row.
    ahead: Option<(u32, usize, String)>,
    is_done: bool,
    limit: u64,
}

impl<'a, R: Read + Seek> Rows<'a, R> {
    fn new(cells: calamine::XlsxCellReader<'a, R>, limit: u64) -> Self {
        Rows {
            cells,
            ahead: None,
            is_done: false,
            limit,
        }
    }

    /// The next non-empty row: its number, from 1, and its cells.
    fn next(&mut self) -> Result<Option<(u32, Vec<String>)>, SkipReason> {
        let Some((number, column, text)) = self.cell()? else {
            return Ok(None);
        };
        let mut size = text.len();
        let mut row = Vec::with_capacity(24);
        set(&mut row, column, text);
        while let Some((next, column, text)) = self.cell()? {
            if next != number {
                self.ahead = Some((next, column, text));
                break;
            }
            size += text.len();
            if size as u64 > self.limit {
                let limit = self.limit;
                return Err(SkipReason::TooLarge { limit }.at_row(u64::from(number) + 1));
            }
            set(&mut row, column, text);
        }
        Ok(Some((number + 1, row)))
    }

    fn cell(&mut self) -> Result<Option<(u32, usize, String)>, SkipReason> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        if self.is_done {
            return Ok(None);
        }
        let cell = self.cells.next_cell().map_err(|e| no_workbook(&e))?;
        self.is_done = cell.is_none();
        Ok(cell.map(|cell| {
            let (row, column) = cell.get_position();
            let column = usize::try_from(column).unwrap_or(MAX_COLUMNS);
            (row, column, text(cell.get_value()))
        }))
    }
}

fn set(row: &mut Vec<String>, column: usize, text: String) {
    if column >= MAX_COLUMNS {
        return;
    }
    if row.len() <= column {
        row.resize(column + 1, String::new());
    }
    if let Some(cell) = row.get_mut(column) {
        *cell = text;
    }
}

/// The text of a cell: whole numbers without fraction (BIGKinds has days as 20200707), dates in ISO
/// 8601.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(s) | DataRef::DateTimeIso(s) => unescape(s),
        DataRef::SharedString(s) => unescape(s),
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(f) => f.to_string(),
        DataRef::DateTime(date) if date.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
            }
        }
        DataRef::Bool(_)
        | DataRef::DateTime(_)
        | DataRef::DurationIso(_)
        | DataRef::Error(_)
        | DataRef::Empty => String::new(),
    }
}

/// Removes `_x000D_`, an escaped carriage return (ECMA-376 part 1, 22.9.2.19) that some writers
/// leave in.
fn unescape(text: &str) -> String {
    text.replace("_x000D_", "")
}
