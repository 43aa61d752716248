//! The result of a search, as plain data for display.

use serde::{Deserialize, Serialize};

use crate::clipping::Clipping;
use crate::index::Count;
use crate::search::snippet::Passage;
use crate::search::trend::Days;

/// The answer to a request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Number of full matches: stories, or clippings if copies are not folded.
    pub total: u64,
    /// Number of clippings that match in full, including copies.
    pub clippings: u64,
    /// Number of partial matches, counted like `total`; 0 unless requested.
    pub partial: u64,
    /// The requested hits; partial matches come after all full ones.
    pub hits: Vec<Hit>,
    /// Counts of all full matches, if requested.
    pub facets: Option<Facets>,
    /// Days of all full matches, if requested.
    #[serde(skip)]
    pub days: Option<Days>,
    /// How the query was interpreted, and why it matched less than expected.
    pub notes: Vec<Note>,
    /// Queries with results, most likely first.
    pub suggestions: Vec<Suggestion>,
}

/// A hit with everything that is displayed of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// Address, valid for the searcher that returned it.
    pub key: HitKey,
    /// Rank among all hits, from 1.
    pub rank: u64,
    /// Ranking score; 0 when sorted by date.
    pub score: f32,
    /// Whether it is a partial match.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// The query words that it does not have, as typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The record.
    pub clipping: Clipping,
    /// Matches in the headline: `[start, end)` in characters, sorted and disjoint.
    pub headline_marks: Vec<(usize, usize)>,
    /// The best passages, in text order.
    pub snippets: Vec<Snippet>,
    /// Rank of an earlier hit that reports the same event. Both count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_event: Option<u64>,
    /// Identifies its story: equal for all near-duplicates, found or not.
    #[serde(default)]
    pub story: String,
    /// Copies folded into this hit, best first.
    pub copies: Vec<Copy>,
    /// Parts of the score, largest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explanation: Vec<Contribution>,
}

/// Identifies a hit; valid only for the [`Searcher`](super::Searcher) that returned it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub struct HitKey {
    pub(in crate::search) segment: u32,
    pub(in crate::search) doc: u32,
}

/// A passage of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// The passage, on one line.
    pub text: String,
    /// Matches: `[start, end)` in characters of `text`, sorted and disjoint.
    pub highlights: Vec<(usize, usize)>,
}

impl From<Passage> for Snippet {
    fn from(passage: Passage) -> Self {
        Snippet {
            text: passage.text,
            highlights: passage.highlights,
        }
    }
}

/// A near-duplicate of a hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Id.
    pub id: String,
    /// Outlet, if known.
    pub outlet: Option<String>,
    /// URL, if known.
    pub url: Option<String>,
    /// Headline.
    pub headline: String,
}

/// A part of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// What it is scored for.
    #[serde(flatten)]
    pub cause: Cause,
    /// The matching field by its English name in queries; `None` where that does not apply.
    pub field: Option<String>,
    /// The part.
    pub score: f32,
}

/// What a part of a score is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Cause {
    /// A word of the query.
    Word {
        /// As typed.
        word: String,
        /// The form in the text.
        form: String,
    },
    /// A synonym of a word.
    Synonym {
        /// The word as typed.
        word: String,
        /// The synonym.
        form: String,
    },
    /// The number of query words in the clipping.
    Coverage,
    /// The proximity of the words.
    Nearness,
    /// How early they occur in the body.
    Lead,
    /// Quotations and other required parts that are not words.
    Rest,
}

/// Counts of a set, including copies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    /// By outlet, most frequent first.
    pub outlets: Vec<Count>,
    /// By reporter, most frequent first.
    pub reporters: Vec<Count>,
    /// By month as `2024-02`, earliest first.
    pub months: Vec<Count>,
}

/// How a query was interpreted, or why it matched less than expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "kebab-case")]
pub enum Note {
    /// The counts are estimates.
    Estimated,
    /// There are only partial matches.
    OnlyPartial,
    /// The query as typed has no full matches; the hits are those of a corrected query.
    ShowingResultsFor {
        /// The replaced words, as typed.
        typed: String,
        /// Their replacements.
        corrected: String,
    },
    /// Words of a question that are not required: clippings without them match in full.
    Light {
        /// As typed.
        words: Vec<String>,
    },
    /// No clipping that passes the filters has this word or quotation.
    NotFound {
        /// As typed.
        text: String,
        /// Whether it was quoted.
        quoted: bool,
    },
}

/// A similar query with results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The query.
    pub query: String,
    /// Number of hits.
    pub total: u64,
}

/// The new clippings of a set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NewHits {
    /// The new clippings, with near-duplicates folded into the first of each group.
    pub answer: Answer,
    /// Id and time of adding (Unix seconds) of every match added after the given time, including
    /// the new ones.
    pub recent: Vec<(String, i64)>,
}
