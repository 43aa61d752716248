//! Notes on an answer.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::analyze::synonyms::LineProblem;
use crate::query::QueryNote;
use crate::saved::SavedNote;
use crate::search::{self, Suggestion};

pub use crate::search::Note as SearchNote;

/// A note on how a request was interpreted, or on its results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Note {
    /// How the query was read.
    Query {
        /// The part that was read differently than the user may expect.
        note: QueryNote,
    },
    /// How saved searches in the query were read.
    Saved {
        /// The search, and what was read differently in it.
        note: SavedNote,
    },
    /// The query as it was read, if an explanation was requested.
    ReadAs {
        /// The query.
        query: String,
    },
    /// How the search was interpreted, or why it matched less than expected.
    Search {
        /// The interpretation or the reason.
        note: SearchNote,
    },
    /// There are no results, but this query has some.
    DidYouMean {
        /// The query.
        query: String,
        /// Number of its results.
        total: u64,
    },
    /// No clipping is from this outlet, but some are from one with a similar name.
    DidYouMeanOutlet {
        /// As typed.
        typed: String,
        /// The outlet in the index.
        name: String,
        /// Number of its clippings.
        count: u64,
    },
    /// No clipping is by this reporter, but some are by one with a similar name.
    DidYouMeanReporter {
        /// As typed.
        typed: String,
        /// The reporter in the index.
        name: String,
        /// Number of their clippings.
        count: u64,
    },
    /// No clipping is from this outlet or one with a similar name.
    NoSuchOutlet {
        /// As typed.
        typed: String,
    },
    /// No clipping is by this reporter or one with a similar name.
    NoSuchReporter {
        /// As typed.
        typed: String,
    },
    /// The word list has changed since the index was built.
    UserWordsChanged,
    /// An invalid line of the word list or the synonyms, which is ignored.
    BadLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Description of the problem.
        reason: LineProblem,
    },
    /// Undated clippings, which no period includes.
    Undated {
        /// The query that finds them.
        query: String,
        /// Number of clippings.
        count: u64,
    },
    /// Clippings dated before the first newspaper, which no period includes.
    ImplausibleDates {
        /// The query that finds them.
        query: String,
        /// Number of clippings.
        count: u64,
        /// Dates before this day are implausible.
        before: Date,
    },
    /// The results are the whole set that they would be compared with.
    NothingToCompare,
    /// The first digest of the search: everything is new.
    FirstDigest,
    /// The results were added since then.
    NewSince {
        /// The time.
        since: Timestamp,
    },
}

impl Note {
    /// Whether the answer is not to the query as typed: a part of it was ignored or read
    /// differently, or there are partial matches.
    pub fn changes_the_query(&self) -> bool {
        match self {
            Note::Query { .. } | Note::Saved { .. } => true,
            Note::Search { note } => match note {
                SearchNote::OnlyPartial
                | SearchNote::ShowingResultsFor { .. }
                | SearchNote::Light { .. } => true,
                SearchNote::NotFound { .. } | SearchNote::Estimated => false,
            },
            _ => false,
        }
    }
}

impl From<QueryNote> for Note {
    fn from(note: QueryNote) -> Note {
        Note::Query { note }
    }
}

impl From<SavedNote> for Note {
    fn from(note: SavedNote) -> Note {
        Note::Saved { note }
    }
}

impl From<search::Note> for Note {
    fn from(note: search::Note) -> Note {
        Note::Search { note }
    }
}

impl From<Suggestion> for Note {
    fn from(Suggestion { query, total }: Suggestion) -> Note {
        Note::DidYouMean { query, total }
    }
}
