//! What a search gives back: everything that is printed, as plain data.

use serde::{Deserialize, Serialize};

use crate::clipping::Clipping;
use crate::index::Count;
use crate::search::snippet::Passage;

/// The answer to a request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Hits that match in full: stories, or clippings when copies are not folded.
    pub total: u64,
    /// Clippings that match in full, every copy counted.
    pub clippings: u64,
    /// Partial matches beside these, counted like `total`; 0 unless asked for.
    pub partial: u64,
    /// The hits asked for; partial ones stand after all full ones.
    pub hits: Vec<Hit>,
    /// Counts of all clippings that match in full, when asked for.
    pub facets: Option<Facets>,
    /// How the query was understood, and why it found less than expected.
    pub notes: Vec<Note>,
    /// Queries that would find something, the most likely first.
    pub suggestions: Vec<Suggestion>,
}

/// One hit, ready to print.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// Where it is, for the searcher that gave it.
    pub key: HitKey,
    /// Place among all hits, from 1.
    pub rank: u64,
    /// What it was ranked by; 0 where nothing is ranked.
    pub score: f32,
    /// It lacks some of the words.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// The words it lacks, as typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The record.
    pub clipping: Clipping,
    /// What matched in the headline: `[start, end)` in characters, in order, none touching another.
    pub headline_marks: Vec<(usize, usize)>,
    /// The best passages, in the order of the text.
    pub snippets: Vec<Snippet>,
    /// Rank of a hit before this one that reports the same event. Both count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_event: Option<u64>,
    /// Near-duplicates folded into this hit, best first.
    pub copies: Vec<Copy>,
    /// Where the score comes from, the largest share first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explanation: Vec<Contribution>,
}

/// Names a hit to the [`Searcher`](super::Searcher) that gave it; means nothing to another one.
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
    /// One line of text.
    pub text: String,
    /// What matched, `[start, end)` in characters of `text`, in order.
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
    /// Its id.
    pub id: String,
    /// Its outlet, if known.
    pub outlet: Option<String>,
    /// Its address, if known.
    pub url: Option<String>,
    /// Its headline.
    pub headline: String,
}

/// A share of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// What it is for.
    #[serde(flatten)]
    pub cause: Cause,
    /// The field it was found in, by its English name in queries; none where that has no meaning.
    pub field: Option<String>,
    /// How much.
    pub score: f32,
}

/// What a share of a score is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Cause {
    /// A word of the query.
    Word {
        /// As typed.
        word: String,
        /// The form that the text has.
        form: String,
    },
    /// A synonym of a word.
    Synonym {
        /// The word as typed.
        word: String,
        /// The synonym.
        form: String,
    },
    /// How many of the words the clipping has.
    Coverage,
    /// How near the words stand to one another.
    Nearness,
    /// How early in the body they stand.
    Lead,
    /// Quoted text and whatever else is demanded but is no word.
    Rest,
}

/// Counts of a set. Every copy counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    /// By outlet, the most frequent first.
    pub outlets: Vec<Count>,
    /// By reporter, the most frequent first.
    pub reporters: Vec<Count>,
    /// By month as `2024-02`, the earliest first.
    pub months: Vec<Count>,
}

/// How a query was understood, or why it found less than expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "kebab-case")]
pub enum Note {
    /// No clipping matches in full; the hits are partial matches.
    OnlyPartial,
    /// No clipping matches what was typed in full; the hits are those of the corrected query.
    ShowingResultsFor {
        /// The words that were replaced, as typed.
        typed: String,
        /// What they were replaced by.
        corrected: String,
    },
    /// These words of a question are not demanded: clippings that lack them match in full.
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

/// A query near the one that found nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What to type.
    pub query: String,
    /// How many hits it has.
    pub total: u64,
}

/// What of a set is new.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NewHits {
    /// The new clippings, each group of near-duplicates folded into the first of them.
    pub answer: Answer,
    /// Id and time of adding (unix seconds) of every clipping that matches and was added after the
    /// time asked for, the new ones among them.
    pub recent: Vec<(String, i64)>,
}
