//! What a query searches for, in order to index only the runs that may have it.
//!
//! Of the runs of 200 clippings, a query needs one in twenty, and analyzing all of them takes most of the time of a
//! search.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::index::RunFilter;
use crate::search::intent::WordIntent;
use crate::search::literal::{End, Literal};
use crate::search::run_prefilter::RunPrefilter;
use crate::search::same_forms;

/// Everything that the local engine looks up for a query.
#[derive(Debug, Default, Clone)]
pub struct Searched {
    /// Texts of terms.
    terms: Vec<String>,
    /// Beginnings of terms.
    prefixes: Vec<String>,
    /// Folded letters of words and quotations, which match in a row with any spacing.
    letters: Vec<String>,
}

impl Searched {
    /// Adds a word with its forms, spellings, synonyms and components.
    pub fn add_word(&mut self, word: &WordIntent) {
        let forms = word.exact.iter().chain(&word.loose);
        self.terms.extend(forms.map(|form| form.text.clone()));
        for text in word.written.iter().chain(&word.apart) {
            self.add_text(text);
        }
        for text in &word.synonyms {
            self.add_letters(text);
        }
        for atom in &word.atoms {
            self.add_word(atom);
        }
    }

    /// Adds a text that matches in all its spellings.
    pub fn add_text(&mut self, text: &str) {
        self.add_letters(text);
        for text in same_forms::spellings(text) {
            self.add_letters(&text);
        }
    }

    /// Adds texts of terms.
    pub fn add_terms<'t>(&mut self, terms: impl IntoIterator<Item = &'t String>) {
        self.terms.extend(terms.into_iter().cloned());
    }

    /// Adds the beginning of words, as typed and folded.
    pub fn add_prefix(&mut self, prefix: &str, folded: &str) {
        self.add_letters(prefix);
        self.prefixes.push(folded.to_owned());
    }

    /// Adds everything of `other`.
    pub fn add_all(&mut self, other: &Searched) {
        self.terms.extend_from_slice(&other.terms);
        self.prefixes.extend_from_slice(&other.prefixes);
        self.letters.extend_from_slice(&other.letters);
    }

    fn add_letters(&mut self, text: &str) {
        let letters = Literal::new(text, End::Word);
        self.letters
            .extend(letters.map(|letters| letters.chars().collect::<String>()));
    }

    /// Accepts the runs that may have any of it; few others.
    pub fn runs(&self) -> RunFilter {
        let terms = self.terms.iter().map(String::as_str);
        let prefixes = self.prefixes.iter().map(String::as_str);
        let terms = RunPrefilter::with_prefixes(terms, prefixes);
        let mut ends: FxHashMap<char, Vec<Arc<str>>> = FxHashMap::default();
        for letters in &self.letters {
            for (at, first) in letters.char_indices() {
                let ends = ends.entry(first).or_default();
                let end = letters.get(at..).unwrap_or_default();
                if !ends.iter().any(|other| **other == *end) {
                    ends.push(end.into());
                }
            }
        }
        // In a text with the letters in a row, a run of them is a part of the letters, or the last one, which begins
        // with an end of the letters. The prefilter accepts all runs with anything but syllables, ASCII letters and
        // digits, so lower case is all that folding changes here.
        let is_in_row = move |run: &str| {
            let ends = run.chars().next().and_then(|first| ends.get(&first));
            let mut ends = ends.into_iter().flatten();
            ends.any(|end| end.starts_with(run) || run.starts_with(&**end))
        };
        Arc::new(move |run: &str| {
            terms.has(run)
                || match run.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    true => is_in_row(&run.to_ascii_lowercase()),
                    false => is_in_row(run),
                }
        })
    }
}
