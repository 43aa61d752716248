//! Tables of separated values (`.csv`, `.tsv`): a header row, then one article per row.
//!
//! Separators are comma, tab, semicolon or bar; encodings UTF-8, CP949 or UTF-16. Rows are split as
//! bytes and decoded one by one, so a file of any length is read in one pass, even one concatenated
//! from files in two encodings: no byte of a CP949 character is a separator or a quote.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder};

use super::columns::{ColumnMap, Columns, MAX_COLUMNS, no_columns};
use super::row::SharedUrls;
use super::{Flow, Format, Input, ItemContent, Sink, SkipReason, SourceItem, charset};

/// See the module documentation.
pub struct SeparatedValues;

/// In the order in which they are tried.
const SEPARATORS: &[u8] = b",\t;|";

/// Maximum number of separators in a row, including those in its text.
const MAX_CELLS: usize = 1 << 20;

/// Bytes searched for the header row.
const HEAD: usize = 64 << 10;

impl Format for SeparatedValues {
    fn claims(&self, head: &[u8], name: &str) -> bool {
        if [".csv", ".tsv", ".tab"].iter().any(|e| name.ends_with(e)) {
            return super::magic::is_text(head);
        }
        // By content: most cells of the first line are known column names.
        let text = charset::decode(head, None);
        let Some((first, _)) = text.split_once('\n') else {
            return false;
        };
        let (_, names) = best_separator(first.as_bytes(), &ColumnMap::default());
        let known = known(&names, &ColumnMap::default());
        known >= 2 && known * 2 >= names.len()
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        let limit = input.limits.item;
        let mut reader = charset::ascii_compatible(input.reader)?;
        let mut head = Vec::new();
        (&mut reader).take(HEAD as u64).read_to_end(&mut head)?;
        let (separator, names) = best_separator(&head, input.columns);
        let Some(columns) = Columns::find(&names, input.columns) else {
            return Err(no_columns(&names));
        };
        let (used, cells) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        input.reader = Box::new(io::empty());
        let mut table = builder(separator).from_reader(Bounded {
            reader: io::Cursor::new(head).chain(reader),
            used: Rc::clone(&used),
            cells: Rc::clone(&cells),
            separator,
            limit,
        });
        let mut record = ByteRecord::new();
        let mut number = 0u64;
        let mut urls = SharedUrls::default();
        loop {
            used.set(0);
            cells.set(0);
            match table.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(Flow::Continue(())),
                Err(e) => {
                    let line = table.position().line();
                    return Err(reason(&e).at_line(line));
                }
            }
            number += 1;
            // The header row.
            if number == 1 {
                continue;
            }
            let line = record.position().map_or(number, csv::Position::line);
            let values: Vec<_> = record
                .iter()
                .take(MAX_COLUMNS)
                .map(|cell| charset::decode(cell, None))
                .collect();
            let row = columns.row(|n| values.get(n).map(AsRef::as_ref));
            if row.is_empty() {
                continue;
            }
            let row = urls.with_distinct_id(row);
            let item = SourceItem {
                source: format!("{}#{}", input.source, number - 1),
                place: format!("{}:{line}", input.source),
                size: row.size(),
                whole_source: false,
                content: ItemContent::Row(row),
            };
            if sink.item(item).is_break() {
                return Ok(Flow::Break(()));
            }
        }
    }
}

fn builder(separator: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder
        .delimiter(separator)
        .flexible(true)
        .has_headers(false);
    builder
}

/// The separator with the most known names in the first row, then the most cells; and that row.
fn best_separator(head: &[u8], map: &ColumnMap) -> (u8, Vec<String>) {
    let mut best = (b',', Vec::new());
    let mut best_score = None;
    for &separator in SEPARATORS {
        let mut record = ByteRecord::new();
        let read = builder(separator)
            .from_reader(head)
            .read_byte_record(&mut record);
        if !matches!(read, Ok(true)) {
            continue;
        }
        let names: Vec<String> = record
            .iter()
            .map(|cell| charset::decode(cell, None).into_owned())
            .collect();
        let score = Some((known(&names, map), names.len()));
        if score > best_score {
            best_score = score;
            best = (separator, names);
        }
    }
    best
}

fn known(names: &[String], map: &ColumnMap) -> usize {
    Columns::find(names, map).map_or(0, |columns| columns.len())
}

fn reason(error: &csv::Error) -> SkipReason {
    match error.kind() {
        csv::ErrorKind::Io(e) => SkipReason::inside(e).unwrap_or(SkipReason::Unreadable {
            detail: e.to_string(),
        }),
        _ => SkipReason::NotATable,
    }
}

/// Limits the size of a row: an unclosed quote would swallow the rest of the file.
struct Bounded<R> {
    reader: R,
    /// Bytes since the start of the row.
    used: Rc<Cell<u64>>,
    /// Separators since the start of the row: the csv crate stores an offset for each.
    cells: Rc<Cell<usize>>,
    separator: u8,
    limit: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        let used = self.used.get().saturating_add(n as u64);
        self.used.set(used);
        if used > self.limit.saturating_add(64 << 10) {
            return Err(SkipReason::TooLarge { limit: self.limit }.into());
        }
        let read = buffer.get(..n).unwrap_or_default();
        let cells = self.cells.get() + memchr::memchr_iter(self.separator, read).count();
        self.cells.set(cells);
        if cells > MAX_CELLS {
            return Err(SkipReason::TooManyCells { limit: MAX_CELLS }.into());
        }
        Ok(n)
    }
}
