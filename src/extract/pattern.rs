//! Compiles the patterns that are written in the code and its tables.

use regex::Regex;

/// A pattern of the code or of a table built into the program.
#[expect(
    clippy::expect_used,
    reason = "patterns are constants of the program; the tests of each table compile every one"
)]
pub(super) fn fixed(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of the program is well formed")
}
