//! The parameters of ranking. Tuned on the development queries (headlines as queries for their
//! articles, questions for paragraphs); see `tests/scoreboards`.

/// BM25's saturation of term frequency.
pub const K1: f32 = 1.2;

/// BM25F's `b` by field: the strength of length normalization.
pub const B_BODY: f32 = 0.6;
/// See [`B_BODY`]. Headlines have similar lengths.
pub const B_HEADLINE: f32 = 0.3;
/// See [`B_BODY`].
pub const B_EXTRA: f32 = 0.5;

/// Weight of an occurrence in the headline relative to the body.
pub const HEADLINE: f32 = 2.5;
/// Weight of an occurrence in subheads and captions.
pub const EXTRA: f32 = 0.5;

/// Weight of a part of a longer word relative to the word itself.
pub const PART: f32 = 0.8;

/// Weight of a light word in a question.
pub const LIGHT: f32 = 0.25;

/// Weight of the atoms' score relative to that of the word itself.
pub const ATOMS: f32 = 0.5;
/// Weight of a synonym's score.
pub const SYNONYM: f32 = 0.5;

/// Number of hits that are reranked.
pub const RERANKED: usize = 100;
/// Bonus for two adjacent words of a sentence that are adjacent in the clipping too, relative to
/// the lesser word's weight.
pub const PROXIMITY: f32 = 2.0;
/// The same for keywords, whose order means little.
pub const PROXIMITY_OF_KEYWORDS: f32 = 0.5;
/// Factor for words with another query word between them.
pub const ACROSS: f32 = 0.5;
/// Distance in words at which the bonus is halved.
pub const NEAR: f32 = 4.0;
/// Bonus for a word that occurs at all, relative to its weight.
pub const COVERAGE: f32 = 0.2;

/// Bonus for a word at the very beginning of the body, relative to its weight.
pub const LEAD: f32 = 1.0;
/// Position in the body at which this bonus is halved.
pub const LEAD_REACH: f32 = 100.0;

/// A query with more words is a sentence (a pasted headline, a question), one with fewer a list of
/// keywords.
pub const MAX_KEYWORDS: usize = 5;
