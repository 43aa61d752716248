//! Makes collections of Korean news articles of any size, to measure `clippings` with.
//!
//! The articles are nonsense, yet they put the same load on a search engine as real ones do: words
//! follow Zipf's law over the dictionary's nouns, take particles and endings, come back within
//! their article, and stand beside names, numbers, Latin words and Hanja. Their lengths are those
//! of a daily's articles, and one in twenty is a near-duplicate of another.
//!
//! An article is a pure function of the seed and its number: [`Generator::article`] gives the
//! same one whichever others were made, so the first 10,000 of a million are the collection of
//! 10,000.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod article;
mod chance;
mod lexicon;
mod page;
mod prose;
mod table;

pub use article::{Article, Generator};
pub use lexicon::{Lexicon, NoLexicon};
pub use page::html;
