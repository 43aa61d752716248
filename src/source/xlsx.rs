//! Workbooks (`.xlsx`, ECMA-376) with one article a row: the exports of BIGKinds, and tables kept in
//! a spreadsheet program.
//!
//! Rows are read as they stand in the sheet, whatever size it declares (BIGKinds writes `A1`). The
//! row of names is the first that has a column for headline or body; titles above it are passed
//! over. Every sheet is read that has such a row.

use std::io::{Read, Seek};

use calamine::{DataRef, Reader, Xlsx};

use super::columns::{Columns, no_columns};
use super::spool::{measure, spool};
use super::{Content, Flow, Format, Input, Item, Limits, Refusal, Sink};

/// See the module.
pub struct Workbook;

/// The row of names stands among the first of a sheet.
const ROWS_ABOVE: u32 = 20;

/// Columns beyond this hold nothing of an article (the format has 16,384).
const COLUMNS: usize = 512;

/// Parts smaller than this are not held against the ratio.
const FREE: u64 = 16 << 20;

impl Format for Workbook {
    fn claims(&self, head: &[u8], name: &str) -> bool {
        head.starts_with(b"PK\x03\x04")
            && ([".xlsx", ".xlsm"].iter().any(|e| name.ends_with(e)) || first_part_is_office(head))
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, Refusal> {
        let (mut file, _) = spool(&mut input)?;
        check_parts(&mut file, input.limits)?;
        let mut workbook = Xlsx::new(&mut file).map_err(|e| no_workbook(&e))?;
        let sheets = workbook.sheet_names();
        let mut names_seen = Vec::new();
        let mut number = 0;
        let mut found = false;
        for sheet in &sheets {
            let mut rows = match workbook.worksheet_cells_reader(sheet) {
                Ok(cells) => Rows::new(cells, input.limits.item),
                // A sheet of charts has no cells.
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
                if row.is_empty() {
                    continue;
                }
                number += 1;
                let item = Item {
                    source: format!("{}#{number}", input.source),
                    place: format!("{}, {sheet} row {row_number}", input.source),
                    size: row.size(),
                    whole_source: false,
                    content: Content::Row(row),
                };
                if sink.item(item).is_break() {
                    return Ok(Flow::Break(()));
                }
            }
        }
        if found {
            Ok(Flow::Continue(()))
        } else {
            Err(Refusal(no_columns(&names_seen)))
        }
    }
}

/// Whether the first part of a ZIP archive is one that office documents begin with.
fn first_part_is_office(head: &[u8]) -> bool {
    // A local file header: the name's length at 26, the name at 30 (APPNOTE 4.3.7).
    let Some(&[low, high]) = head.get(26..28) else {
        return false;
    };
    let length = usize::from(u16::from_le_bytes([low, high]));
    let name = head.get(30..30 + length).unwrap_or_default();
    ["[Content_Types].xml", "_rels/", "docProps/", "xl/"]
        .iter()
        .any(|part| name.starts_with(part.as_bytes()))
}

/// Unpacks every part once without keeping it, so that a bomb is told before its content is held in
/// memory: the sizes that an archive states may lie.
fn check_parts(file: &mut (impl Read + Seek), limits: Limits) -> Result<(), Refusal> {
    let broken = |e: zip::result::ZipError| Refusal(format!("a damaged workbook: {e}"));
    let mut archive = zip::ZipArchive::new(file).map_err(broken)?;
    for n in 0..archive.len() {
        let mut part = archive.by_index(n).map_err(broken)?;
        // Strings that cells share are held in memory as a whole; sheets are not.
        let is_held = part.name_raw().ends_with(b"sharedStrings.xml");
        let allowed = part
            .compressed_size()
            .saturating_mul(limits.ratio)
            .max(FREE);
        let size = measure(&mut part, allowed.saturating_add(1))?;
        if size > allowed {
            return Err(Refusal(format!(
                "its content is more than {} times its size (--max-ratio raises the limit)",
                limits.ratio
            )));
        }
        if is_held && size > limits.item.saturating_mul(4) {
            return Err(super::too_large(limits.item.saturating_mul(4)));
        }
    }
    Ok(())
}

fn no_workbook(e: &calamine::XlsxError) -> Refusal {
    let text = e.to_string();
    let first = text.lines().next().unwrap_or_default();
    Refusal(format!("not a workbook that can be read: {first}"))
}

/// The rows of a sheet as text, one after the other.
struct Rows<'a, R: Read + Seek> {
    cells: calamine::XlsxCellReader<'a, R>,
    /// The first cell of the row that comes next.
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

    /// The next row that has a cell: its number, from 1, and its cells.
    fn next(&mut self) -> Result<Option<(u32, Vec<String>)>, Refusal> {
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
                let Refusal(reason) = super::too_large(self.limit);
                return Err(Refusal(format!("row {} is {reason}", number + 1)));
            }
            set(&mut row, column, text);
        }
        Ok(Some((number + 1, row)))
    }

    fn cell(&mut self) -> Result<Option<(u32, usize, String)>, Refusal> {
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
            let column = usize::try_from(column).unwrap_or(COLUMNS);
            (row, column, text(cell.get_value()))
        }))
    }
}

fn set(row: &mut Vec<String>, column: usize, text: String) {
    if column >= COLUMNS {
        return;
    }
    if row.len() <= column {
        row.resize(column + 1, String::new());
    }
    if let Some(cell) = row.get_mut(column) {
        *cell = text;
    }
}

/// What a cell holds, as a person would write it: whole numbers without a fraction (BIGKinds keeps
/// days as 20200707), dates in ISO 8601.
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

/// `_x000D_` stands for a carriage return (ECMA-376 part 1, 22.9.2.19), which some writers leave in.
fn unescape(text: &str) -> String {
    text.replace("_x000D_", "")
}
