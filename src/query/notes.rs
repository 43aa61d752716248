//! Notes on how a query was read.

use serde::{Deserialize, Serialize};

use super::date_range::BadDate;

/// Something that was ignored, or read differently than the user may expect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum QueryNote {
    /// A `*` at the beginning of a word or inside it: ignored.
    MisplacedStar,
    /// `-3%`: excludes clippings with 3%.
    ExcludedNumber,
    /// The closing quotation mark is missing: the phrase extends to the end.
    UnclosedQuote,
    /// Nothing between two quotation marks: ignored.
    EmptyQuote,
    /// Lucene's `^2`: ignored.
    IgnoredWeight,
    /// Lucene's `word~1`: ignored.
    IgnoredFuzziness,
    /// `headlin:`: searched in all fields.
    MisspeltField {
        /// As typed.
        name: String,
        /// The field that was probably meant.
        suggestion: String,
    },
    /// `name:` that is not similar to any field: read as a word.
    UnknownField {
        /// As typed.
        name: String,
    },
    /// A field name with nothing after its colon: ignored.
    EmptyField,
    /// A closing parenthesis without an opening one: ignored.
    UnmatchedParenthesis,
    /// A parenthesis is not closed: the group extends to the end.
    UnclosedParenthesis,
    /// Parentheses nested too deeply: the innermost are ignored.
    TooDeep,
    /// An operator with nothing on one of its sides: ignored.
    MissingOperand,
    /// Two operators in a row: the second is ignored.
    TwoOperators,
    /// Nothing but operators: searched as words.
    OnlyOperators,
    /// Nothing but signs: matches nothing.
    OnlySigns,
    /// Only exclusions: everything else matches.
    OnlyExclusions,
    /// `OR` next to words without parentheses.
    OrReadAs {
        /// The query with parentheses as it was read.
        query: String,
    },
    /// More words than a query may have.
    TooManyWords {
        /// Number of words searched.
        limit: usize,
    },
    /// The value of `date:` is not a date: ignored.
    NotADate(BadDate),
    /// `[a TO b]` over something other than dates: read as words.
    NotADateRange,
}

/// Notes in order, without duplicates.
#[derive(Debug, Default)]
pub(super) struct Notes {
    list: Vec<QueryNote>,
}

/// Further notes are dropped.
const MAX_NOTES: usize = 20;

impl Notes {
    pub(super) fn add(&mut self, note: QueryNote) {
        if self.list.len() < MAX_NOTES && !self.list.contains(&note) {
            self.list.push(note);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn into_list(self) -> Vec<QueryNote> {
        self.list
    }
}
