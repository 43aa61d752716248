//! Which places of a text are to be marked: the words that matched, without their particles.

use rustc_hash::FxHashMap;

use super::local::post_filter::{self, End};
use super::local::word::Word;
use super::run_prefilter::RunPrefilter;
use super::snippet::Match;
use crate::analyze::{Analyzer, TermKind};
use crate::index::{encode, term_text};

/// What a query marks in a text.
#[derive(Debug, Default)]
pub(in crate::search) struct Marks {
    /// By encoded term: the number of the query's word, and what it is worth.
    terms: FxHashMap<String, (u32, f32)>,
    prefixes: Vec<(String, u32)>,
    /// Tells the runs that are worth analysing.
    likely: RunPrefilter,
    phrases: Vec<String>,
    /// Number of the first phrase.
    words: u32,
}

impl Marks {
    /// Marks of the words and quotations of a query.
    pub(super) fn new(words: &[Word], phrases: Vec<String>) -> Self {
        let mut marks = Marks {
            phrases,
            words: words.len() as u32,
            ..Marks::default()
        };
        for (number, word) in words.iter().enumerate() {
            if word.terms.is_empty()
                && let Some(prefix) = word.label.strip_suffix('*')
            {
                marks.prefixes.push((prefix.to_owned(), number as u32));
            }
            marks.add(word, number as u32, 1.0);
        }
        let terms = marks.terms.keys().map(|term| term_text(term));
        let prefixes = marks.prefixes.iter().map(|(prefix, _)| prefix.as_str());
        marks.likely = RunPrefilter::new(terms.chain(prefixes));
        marks
    }

    fn add(&mut self, word: &Word, number: u32, weight: f32) {
        for (term, _) in &word.terms {
            self.terms.entry(term.clone()).or_insert((number, weight));
        }
        for (share, words) in &word.alternatives {
            for word in words {
                self.add(word, number, weight * share);
            }
        }
    }

    /// The places of `text` that matched.
    pub fn of(&self, text: &str, analyzer: &mut Analyzer) -> Vec<Match> {
        let mut matches = Vec::new();
        if !self.terms.is_empty() || !self.prefixes.is_empty() {
            let mut encoded = String::new();
            // Parts that a user gave a word need not look like it.
            let any = !analyzer.language().user_words().is_empty();
            let wanted = |run: &str| any || self.likely.has(run);
            analyzer.terms_of(text, wanted, &mut |term| {
                encoded.clear();
                encode(term.kind, term.text, &mut encoded);
                let found = self.terms.get(&encoded).copied().or_else(|| {
                    let mut prefixes = self.prefixes.iter();
                    let begun = prefixes
                        .find(|(p, _)| term.kind != TermKind::Part && term.text.starts_with(p));
                    begun.map(|(_, number)| (*number, 1.0))
                });
                if let Some((number, weight)) = found {
                    matches.push(Match {
                        range: term.start as usize..term.end as usize,
                        term: number,
                        weight,
                    });
                }
            });
        }
        for (prefix, number) in &self.prefixes {
            // Forms of verbs have no term of their own that begins so.
            if matches.iter().all(|m| m.term != *number) {
                let places = post_filter::places(text, prefix, End::Anywhere);
                matches.extend(places.map(|range| Match {
                    range,
                    term: *number,
                    weight: 1.0,
                }));
            }
        }
        for (number, phrase) in self.phrases.iter().enumerate() {
            matches.extend(
                post_filter::places(text, phrase, End::Word).map(|range| Match {
                    range,
                    term: self.words + number as u32,
                    weight: 1.0,
                }),
            );
        }
        matches
    }
}
