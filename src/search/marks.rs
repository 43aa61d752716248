//! Finds what to mark in a text: the matching words, without their particles.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::literal::{End, Literal};
use super::local::word::Word;
use super::run_prefilter::RunPrefilter;
use super::snippet::Match;
use crate::analyze::{Analyzer, TermKind};
use crate::index::{encode, term_text};

/// The terms and literals that a query marks.
#[derive(Debug, Default)]
pub(in crate::search) struct Marks {
    /// By encoded term: the number of the query word, and the term's weight.
    terms: FxHashMap<String, (u32, f32)>,
    prefixes: Vec<(String, u32, Option<Literal>)>,
    /// Rules out runs, so that they are not analyzed.
    prefilter: RunPrefilter,
    /// Texts to be marked literally, with the number of their word.
    literals: Vec<(u32, Arc<Literal>)>,
}

impl Marks {
    /// The marks of words and quotations.
    pub(super) fn new(words: &[Word], literals: Vec<(Option<usize>, Arc<Literal>)>) -> Self {
        let numbered = (words.len() as u32..).zip(literals);
        let literals = numbered.map(|(own, (word, literal))| {
            let number = word.map_or(own, |word| word as u32);
            (number, literal)
        });
        let mut marks = Marks {
            literals: literals.collect(),
            ..Marks::default()
        };
        for (number, word) in words.iter().enumerate() {
            if word.terms.is_empty()
                && let Some(prefix) = word.label.strip_suffix('*')
            {
                let literal = Literal::new(prefix, End::Anywhere);
                marks
                    .prefixes
                    .push((prefix.to_owned(), number as u32, literal));
            }
            marks.add(word, number as u32, 1.0);
        }
        let terms = marks.terms.keys().map(|term| term_text(term));
        let prefixes = marks.prefixes.iter().map(|(prefix, ..)| prefix.as_str());
        marks.prefilter = RunPrefilter::new(terms.chain(prefixes));
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

    /// The matches in `text`.
    pub fn of(&self, text: &str, analyzer: &mut Analyzer) -> Vec<Match> {
        let mut matches = Vec::new();
        if !self.terms.is_empty() || !self.prefixes.is_empty() {
            let mut encoded = String::new();
            // The parts of a user word need not be substrings of it.
            let any = !analyzer.language().user_words().is_empty();
            let wanted = |run: &str| any || self.prefilter.has(run);
            analyzer.terms_of(text, wanted, &mut |term| {
                encoded.clear();
                encode(term.kind, term.text, &mut encoded);
                let found = self.terms.get(&encoded).copied().or_else(|| {
                    let mut prefixes = self.prefixes.iter();
                    let begun = prefixes
                        .find(|(p, ..)| term.kind != TermKind::Part && term.text.starts_with(p));
                    begun.map(|(_, number, _)| (*number, 1.0))
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
        for (_, number, literal) in &self.prefixes {
            // Verb forms have no whole term with this prefix.
            if let Some(literal) = literal
                && matches.iter().all(|m| m.term != *number)
            {
                matches.extend(literal.places(text).map(|range| Match {
                    range,
                    term: *number,
                    weight: 1.0,
                }));
            }
        }
        for (number, literal) in &self.literals {
            matches.extend(literal.places(text).map(|range| Match {
                range,
                term: *number,
                weight: 1.0,
            }));
        }
        matches
    }
}
