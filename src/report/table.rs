//! A text table with aligned columns.
//!
//! Widths are terminal columns: a Hangul syllable takes two.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::text::{BOLD, styled};
use super::{Style, sanitize};

/// Alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// For text.
    Left,
    /// For numbers.
    Right,
}

/// Rows of cells with a header.
pub struct TextTable {
    sides: Vec<Side>,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Separator of columns.
const GAP: &str = "  ";

impl TextTable {
    /// An empty table with these columns.
    pub fn new(columns: &[(&str, Side)]) -> TextTable {
        TextTable {
            sides: columns.iter().map(|(_, side)| *side).collect(),
            header: columns.iter().map(|(name, _)| cell(name)).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; its cells are sanitized for a terminal.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows
            .push(cells.into_iter().map(|text| cell(&text)).collect());
    }

    /// Writes the table, without empty columns.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let widths: Vec<usize> = (0..self.header.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                let most = cells.map(|text| text.width()).max().unwrap_or(0);
                let name = self.header.get(column).map_or(0, |text| text.width());
                if most == 0 { 0 } else { most.max(name) }
            })
            .collect();
        let header = self.line(&self.header, &widths);
        writeln!(out, "{}", styled(&header, BOLD, style))?;
        for row in &self.rows {
            writeln!(out, "{}", self.line(row, &widths))?;
        }
        Ok(())
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        let columns = cells.iter().zip(widths).zip(&self.sides);
        for ((text, &width), side) in columns.filter(|((_, width), _)| **width > 0) {
            if !line.is_empty() {
                line.push_str(GAP);
            }
            let space = " ".repeat(width.saturating_sub(text.width()));
            match side {
                Side::Left => line.extend([text, space.as_str()]),
                Side::Right => line.extend([space.as_str(), text]),
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

fn cell(text: &str) -> String {
    sanitize::line(text).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_one_another() {
        let mut table = TextTable::new(&[
            ("word", Side::Left),
            ("empty", Side::Left),
            ("n", Side::Right),
        ]);
        table.row(["반도체", "", "12"].map(str::to_owned));
        table.row(["AI\x1b[31m", "", "7"].map(str::to_owned));
        let mut out = Vec::new();
        table.write(Style::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "word     n\n반도체  12\nAI       7\n");
    }
}
