//! Generates collections of Korean news articles of any size, to benchmark `clippings` with.
//!
//! The articles are meaningless but load a search engine as real ones do. Words follow Zipf's law
//! over the dictionary's nouns, take particles and endings, recur within an article, and are mixed
//! with names, numbers, Latin words and Hanja. Lengths are those of real articles, and one article
//! in twenty is a near-duplicate.
//!
//! An article is a pure function of the seed and its number ([`Generator::article`]), so the first
//! 10,000 of a million are the collection of 10,000.
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
