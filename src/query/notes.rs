//! What a reader of the query did that its writer may not expect, one line each.

/// Notes in the order they came up, none twice.
#[derive(Debug, Default)]
pub(super) struct Notes {
    lines: Vec<String>,
}

/// More than that are of no use to anyone.
const MOST: usize = 20;

impl Notes {
    pub(super) fn add(&mut self, line: &str) {
        if self.lines.len() < MOST && !self.lines.iter().any(|l| l == line) {
            self.lines.push(line.to_owned());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.lines
    }
}
