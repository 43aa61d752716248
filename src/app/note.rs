//! What an answer says beside its results.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::query::QueryNote;
use crate::saved::SavedNote;
use crate::search::{self, Suggestion};

pub use crate::search::Note as SearchNote;

/// A remark on how a request was understood, or on what its answer means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Note {
    /// How the query was read.
    Query {
        /// The remark.
        note: QueryNote,
    },
    /// How saved searches in the query were read.
    Saved {
        /// The remark.
        note: SavedNote,
    },
    /// The query as it was read, when an explanation was asked for.
    ReadAs {
        /// The query.
        query: String,
    },
    /// Why the search found less than expected.
    Search {
        /// The remark.
        note: SearchNote,
    },
    /// Nothing was found, and this query would find something.
    DidYouMean {
        /// The query.
        query: String,
        /// How many results it has.
        total: u64,
    },
    /// No clipping is from this outlet; one of a similar name has some.
    DidYouMeanOutlet {
        /// As typed.
        typed: String,
        /// The outlet in the index.
        name: String,
        /// How many clippings it has.
        count: u64,
    },
    /// No clipping is by this reporter; one of a similar name has some.
    DidYouMeanReporter {
        /// As typed.
        typed: String,
        /// The reporter in the index.
        name: String,
        /// How many clippings there are.
        count: u64,
    },
    /// The word list has changed since the index was made.
    UserWordsChanged,
    /// A line of the word list or of the synonyms that makes no sense: ignored.
    BadLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Clippings without a date, which no period counts.
    Undated {
        /// The query that finds them.
        query: String,
        /// How many.
        count: u64,
    },
    /// Clippings dated before there were newspapers, which no period counts.
    ImplausibleDates {
        /// The query that finds them.
        query: String,
        /// How many.
        count: u64,
        /// Dates before this day are implausible.
        before: Date,
    },
    /// The results are everything there is to compare them with.
    NothingToCompare,
    /// The search was in no digest before, so everything is new.
    FirstDigest,
    /// What is shown was added since then.
    NewSince {
        /// The moment.
        since: Timestamp,
    },
}

impl Note {
    /// Whether the answer is to something other than the query as typed: a part of it was ignored or
    /// read differently, or clippings are shown that do not match all of it.
    pub fn changes_the_query(&self) -> bool {
        match self {
            Note::Query { .. } | Note::Saved { .. } => true,
            Note::Search { note } => match note {
                SearchNote::OnlyPartial
                | SearchNote::ShowingResultsFor { .. }
                | SearchNote::Light { .. } => true,
                SearchNote::NotFound { .. } => false,
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
