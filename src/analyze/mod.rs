//! The analyzer: text → terms, shared by indexing and searching. Independent of tantivy.
//!
//! ```text
//! text ──▶ runs ──▶ fold ──▶ lattice ──▶ terms     each with position and byte range
//! ```
//!
//! The unit of analysis is the *run*, a maximal sequence of letters, digits and Hanja (`runs`). The
//! terms of a run do not depend on its neighbours, so a word has the same terms in a query as in a
//! clipping. For the same reason they can be computed once per distinct run: [`bulk`] does so for
//! the texts of a whole segment, [`Analyzer`] with a cache for single texts.

pub mod abbreviations;
pub mod bulk;
pub mod explain;
pub mod fold;
pub mod hanja;
pub mod lattice;
pub mod letters;
pub mod particles;
pub mod query_words;
pub mod runs;
pub mod synonyms;
pub mod tag;
pub mod terms;
pub mod user_words;

use std::path::Path;
use std::sync::Arc;

use lindera::dictionary::{Dictionary, load_fs_dictionary};
use rustc_hash::FxHashMap;

use fold::Folded;
use lattice::{Lattice, Morpheme};
use terms::RunTerms;
pub use terms::TermOrigin;
use user_words::UserWords;

/// Increased whenever some text gives other terms than before, so that an index built by another
/// version is recognized.
pub const ANALYZER_VERSION: u32 = 4;

/// A longer run is not a word; its first bytes become its only term.
const MAX_RUN_BYTES: usize = 384;

/// Capacity of the cache in runs, about 25 MB. It is cleared when full.
const CACHED_RUNS: usize = 100_000;

/// What a term stands for. The kinds are separate in the index, so that an exact search does not
/// match parts of longer words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TermKind {
    /// The run as written: `토스` of `토스`.
    Whole,
    /// The run without the particle at its end: `토스` of `토스가`.
    Stem,
    /// A part of the run (a morpheme or a piece of a compound), or the dictionary form of a verb.
    Part,
}

impl TermKind {
    /// As in the JSON of `analyze`.
    pub fn name(self) -> &'static str {
        match self {
            TermKind::Whole => "whole",
            TermKind::Stem => "stem",
            TermKind::Part => "part",
        }
    }
}

/// One term of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term<'a> {
    /// Folded, as in the index.
    pub text: &'a str,
    /// Its kind.
    pub kind: TermKind,
    /// Position of its run. Runs separated by white space only (or white space and quotation marks)
    /// differ by one, others by two or more.
    pub position: u32,
    /// Byte range in the text: start.
    pub start: u32,
    /// End.
    pub end: u32,
}

/// A dictionary and user words, shared by all analyzers of a process.
#[derive(Clone)]
pub struct Language {
    /// Identifies the dictionary.
    source: Arc<str>,
    dictionary: Dictionary,
    user_words: Arc<UserWords>,
}

/// The embedded dictionary, or the one in a folder, cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the dictionary cannot be read: {0}")]
pub struct DictionaryError(pub String);

impl Language {
    /// The embedded dictionary without user words. Takes about 1 ms.
    pub fn embedded() -> Result<Self, DictionaryError> {
        let dictionary = clippings_ko_dic::load().map_err(|e| DictionaryError(e.to_string()))?;
        Ok(Language {
            source: clippings_ko_dic::DIGEST.into(),
            dictionary,
            user_words: Arc::default(),
        })
    }

    /// A dictionary in a folder, built by lindera from a source in mecab-ko-dic's format.
    pub fn from_folder(dir: &Path) -> Result<Self, DictionaryError> {
        let failed = |reason: String| DictionaryError(format!("{}: {reason}", dir.display()));
        let dictionary = load_fs_dictionary(dir).map_err(|e| failed(e.to_string()))?;
        let sizes = [
            dictionary.prefix_dictionary.words_data.len(),
            dictionary.prefix_dictionary.vals_data.len(),
            dictionary.connection_cost_matrix.costs().len(),
        ];
        let digest = blake3::hash(&dictionary.prefix_dictionary.vals_data).to_hex();
        let source = format!("{} {sizes:?} {digest}", dictionary.metadata.name);
        Ok(Language {
            source: source.into(),
            dictionary,
            user_words: Arc::default(),
        })
    }

    /// Replaces the user words.
    pub fn with_user_words(mut self, words: UserWords) -> Self {
        self.user_words = Arc::new(words);
        self
    }

    /// The user words.
    pub fn user_words(&self) -> &UserWords {
        &self.user_words
    }

    /// Identifies everything that affects terms: languages with the same identity give the same
    /// terms for every text.
    pub fn identity(&self) -> String {
        let mut identity = format!("analyzer {ANALYZER_VERSION}, {}", self.source);
        if !self.user_words.is_empty() {
            identity.push_str(", user words ");
            identity.push_str(&self.user_words.digest());
        }
        identity
    }
}

/// An analyzer for one thread. The dictionary is shared, the cache is not.
pub struct Analyzer {
    language: Language,
    lattice: Lattice,
    /// Terms of earlier runs. Three of four runs in news text repeat, and analyzing a run takes as
    /// long as a hundred lookups.
    cache: FxHashMap<Box<str>, RunTerms>,
    folded: Folded,
    morphemes: Vec<Morpheme>,
    run_terms: RunTerms,
}

impl Clone for Analyzer {
    /// With an empty cache.
    fn clone(&self) -> Self {
        Analyzer::new(self.language.clone())
    }
}

impl Analyzer {
    /// The dictionary and user words.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// Creates an analyzer with an empty cache.
    pub fn new(language: Language) -> Self {
        Analyzer {
            lattice: Lattice::new(language.dictionary.clone()),
            language,
            cache: FxHashMap::default(),
            folded: Folded::default(),
            morphemes: Vec::new(),
            run_terms: RunTerms::default(),
        }
    }

    /// Calls `each` with every term of `text`, by position.
    pub fn terms(&mut self, text: &str, each: &mut dyn FnMut(Term<'_>)) {
        self.terms_of(text, |_| true, each);
    }

    /// Calls `each` with the terms of those runs and compounds of `text` that `wanted` accepts.
    /// Rejecting runs early saves most of the work on a text.
    pub fn terms_of(
        &mut self,
        text: &str,
        wanted: impl Fn(&str) -> bool,
        each: &mut dyn FnMut(Term<'_>),
    ) {
        for (start, end, position) in runs_and_compounds(text) {
            let run = &text[start..end];
            if !wanted(run) {
                continue;
            }
            if let Some(terms) = self.cache.get(run) {
                emit(terms, start, position, each);
                continue;
            }
            self.analyze_run(run);
            self.run_terms.map_offsets(&self.folded);
            emit(&self.run_terms, start, position, each);
            if run.len() <= MAX_RUN_BYTES {
                if self.cache.len() >= CACHED_RUNS {
                    self.cache.clear();
                }
                self.cache.insert(run.into(), self.run_terms.clone());
            }
        }
    }

    /// Calls `each` with text and kind of every term of a run or compound, see
    /// [`runs_and_compounds`]. Does not use the cache. Fastest for distinct runs in alphabetical
    /// order, because the lattice reuses the common prefix with the previous run.
    pub fn terms_of_run(&mut self, run: &str, each: &mut dyn FnMut(&str, TermKind)) {
        self.analyze_run(run);
        for (text, kind, ..) in self.run_terms.iter() {
            each(text, kind);
        }
    }

    /// Analyzes a run into `self.run_terms`.
    fn analyze_run(&mut self, run: &str) {
        if run.len() > MAX_RUN_BYTES {
            let end = run.floor_char_boundary(MAX_RUN_BYTES);
            fold::fold(&run[..end], &mut self.folded);
            self.run_terms.clear();
            let word = &self.folded.text;
            self.run_terms.push(
                word,
                TermKind::Whole,
                TermOrigin::AsWritten,
                (0, word.len()),
            );
            self.morphemes.clear();
            return;
        }
        fold::fold(run, &mut self.folded);
        let words = &*self.language.user_words;
        self.lattice
            .segment(&self.folded.text, words, &mut self.morphemes);
        terms::derive(
            &self.folded.text,
            &self.morphemes,
            &self.lattice,
            words,
            &mut self.run_terms,
        );
    }
}

/// Byte range and position of every run and compound of a text, by position. Equal ones have equal
/// terms.
pub fn runs_and_compounds(text: &str) -> impl Iterator<Item = (usize, usize, u32)> {
    runs::runs(text).flat_map(|run| {
        let compound = run.compound.map(|c| (run.start, c.end, run.position));
        std::iter::once((run.start, run.end, run.position)).chain(compound)
    })
}

/// Calls `each` with the terms of a run at byte `start`.
fn emit(terms: &RunTerms, start: usize, position: u32, each: &mut dyn FnMut(Term<'_>)) {
    for (text, kind, from, to) in terms.iter() {
        each(Term {
            text,
            kind,
            position,
            start: (start + from) as u32,
            end: (start + to) as u32,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_terms(analyzer: &mut Analyzer, text: &str) -> Vec<(String, TermKind, u32, u32, u32)> {
        let mut terms = Vec::new();
        analyzer.terms(text, &mut |t| {
            terms.push((t.text.to_owned(), t.kind, t.position, t.start, t.end));
        });
        terms
    }

    #[test]
    fn a_cached_run_has_the_same_terms_everywhere() {
        let mut analyzer = Analyzer::new(Language::embedded().unwrap());
        let text = "5㎞를 1,000억원 R&D는 대통령실이 ".repeat(2);
        let terms = all_terms(&mut analyzer, &text);
        assert_eq!(all_terms(&mut analyzer, &text), terms);
        let (first, second) = terms.split_at(terms.len() / 2);
        let half = text.len() as u32 / 2;
        for (a, b) in first.iter().zip(second) {
            assert_eq!((&a.0, a.1, a.3 + half, a.4 + half), (&b.0, b.1, b.3, b.4));
        }
        assert_eq!(analyzer.cache.len(), 6);
    }

    #[test]
    fn an_overlong_run_is_truncated_and_not_cached() {
        let mut analyzer = Analyzer::new(Language::embedded().unwrap());
        let terms = all_terms(&mut analyzer, &"가나".repeat(1_000));
        assert_eq!(terms[0].0, "가나".repeat(MAX_RUN_BYTES / 6));
        assert_eq!(terms.len(), 1);
        assert!(analyzer.cache.is_empty());
    }
}
