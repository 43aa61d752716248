//! Reads the tables of `data/`: tab-separated values, `#` comments, blank lines ignored.

/// One row of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a>(&'a str);

impl<'a> Row<'a> {
    /// The n-th column, from 0, without white space around it; empty when the row is shorter.
    pub(super) fn get(self, n: usize) -> &'a str {
        self.0.split('\t').nth(n).unwrap_or_default().trim()
    }

    /// The n-th column as a list separated by `|`.
    pub(super) fn list(self, n: usize) -> impl Iterator<Item = &'a str> {
        self.get(n)
            .split('|')
            .map(str::trim)
            .filter(|s| !s.is_empty())
    }
}

/// The rows of a table in order.
pub(super) fn rows(table: &str) -> impl Iterator<Item = Row<'_>> {
    table
        .lines()
        .filter(|l| !l.trim().is_empty() && !l.starts_with('#'))
        .map(Row)
}
