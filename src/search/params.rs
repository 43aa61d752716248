//! The figures of ranking, all in one place. Found by search over the development queries
//! (headlines as queries for their articles, questions for paragraphs); see `tests/scoreboards`.

/// BM25's saturation of term frequency.
pub const K1: f32 = 1.2;

/// How much the length of a field counts against it, by field: BM25F's `b`.
pub const B_BODY: f32 = 0.6;
/// See [`B_BODY`]. Headlines are all about as long.
pub const B_HEADLINE: f32 = 0.3;
/// See [`B_BODY`].
pub const B_EXTRA: f32 = 0.5;

/// What an occurrence in the headline is worth beside one in the body.
pub const HEADLINE: f32 = 2.5;
/// What an occurrence in subheads and captions is worth.
pub const EXTRA: f32 = 0.5;

/// What a part of a longer word is worth beside the word itself.
pub const PART: f32 = 0.8;

/// Share of its score that a light word of a question has.
pub const LIGHT: f32 = 0.25;

/// Share of the score of its atoms that a word has beside its own.
pub const ATOMS: f32 = 0.5;
/// The same for what a synonym has.
pub const SYNONYM: f32 = 0.5;

/// Hits of the first pass that the second one looks at again.
pub const SECOND_PASS: usize = 100;
/// What two neighbouring words of a sentence add that stand side by side in the clipping too, as a
/// share of the lesser word's weight.
pub const PROXIMITY: f32 = 2.0;
/// The same for keywords: the order in which they are typed says little.
pub const PROXIMITY_OF_KEYWORDS: f32 = 0.5;
/// Share of this for words with another one typed between them.
pub const ACROSS: f32 = 0.5;
/// Words apart at which nearness is worth half.
pub const NEAR: f32 = 4.0;
/// What a word adds by occurring at all, however often, as a share of its weight.
pub const COVERAGE: f32 = 0.2;

/// What a word adds that stands at the very beginning of the body, as a share of its weight.
pub const LEAD: f32 = 1.0;
/// Position in the body at which that is worth half.
pub const LEAD_REACH: f32 = 100.0;

/// A query of more words is a sentence (a headline pasted in, a question asked), of fewer a list of
/// keywords.
pub const MOST_KEYWORDS: usize = 5;
