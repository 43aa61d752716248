//! Related words: those far more frequent in a result set than in the whole index.
//!
//! ```text
//! results ──▶ sample of texts ──▶ nouns ──▶ exact counts ──▶ G² ──▶ multi-word names
//! ```
//!
//! Words are ranked by the log-likelihood ratio G² of their counts in the results and in the rest
//! (Dunning: Accurate Methods for the Statistics of Surprise and Coincidence, Computational
//! Linguistics 19(1), 1993), which is valid for rare words too. Candidates come from a sample of
//! the results, so the time does not grow with their number; the counts are exact, from the
//! postings.

mod nouns;
mod sample;
mod similar;

use rustc_hash::{FxHashMap, FxHashSet};

use super::local::candidates::Candidates;
use super::local::population::Population;
use super::local::word::Word;
use super::{HitKey, Request, Searcher};
use crate::analyze::query_words::QueryWord;
use crate::analyze::{Analyzer, fold};
use crate::index::Result;
use crate::query::Node;
use nouns::{Nouns, Pair};
use sample::{Occurrences, Tally};
pub use similar::{Similar, TellingWord};

/// Number of results sampled.
pub(super) const SAMPLE: usize = 1200;

/// Number of candidates counted exactly.
const COUNTED: usize = 400;

/// Number of words whose candidacy is decided where a count is a request to a cluster: the most
/// frequent nouns.
const COUNTED_IN_SAMPLE: usize = 1500;

/// Minimum number and share of the sampled results that have a word.
const MIN_TEXTS: u32 = 2;
const MIN_SHARE: f64 = 0.005;

/// Share of a word's occurrences next to the same other word from which on the two are one name.
const NAME_SHARE: f64 = 0.75;

/// G² exceeded by chance for one word in a thousand (χ² with one degree of freedom, p = 0.001).
const CHANCE: f64 = 10.83;

/// The related words of a result set.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Related {
    /// Number of results; copies are folded unless requested otherwise.
    pub results: u64,
    /// Number of clippings compared with, including the results, counted in the same way.
    pub clippings: u64,
    /// Highest score first.
    pub words: Vec<RelatedWord>,
}

/// A related word.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RelatedWord {
    /// In its most frequent spelling.
    pub word: String,
    /// Number of results with the word in headline or body.
    pub count: u64,
    /// Number of clippings compared with that have it, including results.
    pub clippings: u64,
    /// Ratio of its frequency in the results to that in all clippings.
    pub lift: f64,
    /// Log-likelihood ratio G².
    pub score: f64,
}

impl Searcher {
    /// At most `most` words that distinguish the full matches of `request` from those of `against`,
    /// or from all clippings. Words of the query are excluded.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn related(
        &self,
        request: &Request,
        against: Option<&Request>,
        most: usize,
    ) -> Result<Related> {
        let (results, plan) = self.matching(request)?;
        let compared: Option<Candidates> = match against {
            Some(against) => Some(self.matching(against)?.0),
            None => None,
        };
        let population = Population::new(
            &self.archive,
            results.all(),
            compared.as_ref().map(Candidates::all),
            request.all_copies,
        )?;
        let (results, clippings) = population.totals();
        let words = match results == 0 || results == clippings {
            true => Vec::new(),
            false => self.distinctive(request, &plan.words, &population, most, &|| Ok(false))?,
        };
        Ok(Related {
            results,
            clippings,
            words,
        })
    }

    /// The words that distinguish the results of a population. `fill` reads the counts that a step
    /// needed and did not have, and returns whether there were any.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(in crate::search) fn distinctive(
        &self,
        request: &Request,
        words: &[Word],
        population: &Population<'_>,
        most: usize,
        fill: &dyn Fn() -> Result<bool>,
    ) -> Result<Vec<RelatedWord>> {
        let texts = self.texts(&population.sample(SAMPLE))?;
        self.analyzers.with(|analyzer| {
            let tallies = sample::tally(&texts, analyzer);
            let own = self.own_words(request, words, analyzer);
            let candidates = filled(fill, || {
                self.candidate_words(&tallies, &texts, population, &own, analyzer)
            })?;
            let occurrences = Occurrences::of(&candidates, &texts, analyzer);
            let words = filled(fill, || {
                self.judged(&candidates, &tallies, &occurrences, population)
            })?;
            filled(fill, || {
                self.named(
                    words.clone(),
                    &occurrences,
                    population,
                    &own,
                    most,
                    analyzer,
                )
            })
        })
    }

    /// Headline and body of each clipping.
    fn texts(&self, keys: &[HitKey]) -> Result<Vec<String>> {
        let clippings = self.clippings(keys)?.into_iter();
        let texts = clippings.map(|c| format!("{}\n{}", c.headline, c.body));
        Ok(texts.collect())
    }

    /// Words of the query, folded: all forms of each, and the text as a whole.
    fn own_words(&self, request: &Request, words: &[Word], analyzer: &mut Analyzer) -> OwnWords {
        let mut own = OwnWords::default();
        words.iter().for_each(|word| own.add(word));
        for leaf in leaves(&request.tree) {
            for reading in analyzer.query_words(leaf) {
                own.words.extend(reading.forms);
                own.words.extend(reading.atoms);
            }
            own.written.push_str(&fold::folded(leaf).replace(' ', ""));
            self.add_synonyms(leaf, &mut own, analyzer);
        }
        own
    }

    /// Adds synonyms of `text`: the query matches them, so they are not informative.
    fn add_synonyms(&self, text: &str, own: &mut OwnWords, analyzer: &mut Analyzer) {
        let Some(synonyms) = &self.synonyms else {
            return;
        };
        let readings = analyzer.query_words(text);
        let folded: Vec<(&str, &str)> = readings.iter().map(QueryWord::spellings).collect();
        for expansion in synonyms.expansions(&folded) {
            for phrase in expansion.phrases {
                for word in phrase {
                    let forms = analyzer.query_words(word).into_iter().flat_map(|r| r.forms);
                    own.words.extend(forms);
                }
            }
        }
    }

    /// The most promising nouns of the sample.
    fn candidate_words(
        &self,
        tallies: &FxHashMap<String, Tally>,
        texts: &[String],
        population: &Population<'_>,
        own: &OwnWords,
        analyzer: &mut Analyzer,
    ) -> Result<FxHashSet<String>> {
        let sampled = texts.len() as f64;
        let fewest = MIN_TEXTS
            .max((sampled * MIN_SHARE) as u32)
            .min(texts.len() as u32);
        let (results, clippings) = population.totals();
        let (results, clippings) = (results as f64, clippings as f64);
        let grown = results / sampled;
        let mut promising = Vec::new();
        let mut nouns = Nouns::default();
        let may_be = |(word, tally): &(&String, &Tally)| {
            tally.texts >= fewest && word.chars().count() >= 2 && !own.has(word)
        };
        let mut words: Vec<(&String, &Tally)> = tallies.iter().filter(may_be).collect();
        if population.is_sample() {
            words.retain(|(word, tally)| nouns.has(word, Some(tally), analyzer));
            words.sort_by(|a, b| b.1.texts.cmp(&a.1.texts).then_with(|| a.0.cmp(b.0)));
            words.truncate(COUNTED_IN_SAMPLE);
        }
        for (word, tally) in words {
            // The sum over all forms and fields is an upper bound, so no word is dropped that the
            // exact count would keep.
            let upper = population.most_with(&self.archive, word)? as f64;
            let upper = upper.min(clippings);
            let here = f64::from(tally.texts) * grown;
            let score = surprise(here, upper.max(here), results, clippings);
            // A word in every form and field is counted up to four times. Drop only words that are
            // clearly common.
            let hopeful = surprise(here, (upper / 4.0).max(here), results, clippings);
            if hopeful > CHANCE {
                promising.push((score, word));
            }
        }
        promising.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let nouns = promising
            .into_iter()
            .filter(|(_, word)| nouns.has(word, tallies.get(*word), analyzer));
        Ok(nouns.take(COUNTED).map(|(_, word)| word.clone()).collect())
    }

    /// Scores the candidates by exact counts, highest first. Drops words that are another candidate
    /// with a particle.
    fn judged(
        &self,
        candidates: &FxHashSet<String>,
        tallies: &FxHashMap<String, Tally>,
        occurrences: &Occurrences,
        population: &Population<'_>,
    ) -> Result<Vec<(String, RelatedWord)>> {
        let mut words = Vec::new();
        let mut no_words = FxHashSet::default();
        for word in candidates {
            let mut forms = vec![word.as_str()];
            match nouns::pair(word, tallies, occurrences) {
                Some(Pair::Particle) => {
                    no_words.insert(word.clone());
                }
                Some(Pair::Name(beginning)) => {
                    // The index took the last syllable for a particle and has the beginning as a
                    // term.
                    forms.push(beginning);
                    no_words.insert(beginning.to_owned());
                }
                None => {}
            }
            let (count, all) = population.count(&self.archive, &forms)?;
            words.extend(
                related_word(population, &occurrences.written(word), count, all)
                    .map(|found| (word.clone(), found)),
            );
        }
        words.retain(|(word, _)| !no_words.contains(word));
        words.sort_by(|(a, x), (b, y)| y.score.total_cmp(&x.score).then_with(|| a.cmp(b)));
        Ok(words)
    }

    /// Joins a word to a neighbour that it rarely occurs without.
    fn named(
        &self,
        words: Vec<(String, RelatedWord)>,
        occurrences: &Occurrences,
        population: &Population<'_>,
        own: &OwnWords,
        most: usize,
        analyzer: &mut Analyzer,
    ) -> Result<Vec<RelatedWord>> {
        let mut nouns = Nouns::default();
        let mut named: Vec<RelatedWord> = Vec::new();
        // A name may replace up to two words.
        for (word, alone) in words.into_iter().take(most.saturating_mul(2)) {
            let mut best = alone;
            if let Some((neighbour, written)) = occurrences.neighbour(&word, NAME_SHARE)
                && !own.has(neighbour)
                && nouns.has(neighbour, None, analyzer)
                && let Some((count, all)) =
                    population.count_quoted(&self.archive, written, analyzer)?
            {
                let name = related_word(population, written, count, all);
                best = name
                    .filter(|name| name.count as f64 >= NAME_SHARE * best.count as f64)
                    .unwrap_or(best);
            }
            let tight = |word: &str| word.replace(' ', "");
            if !named.iter().any(|n| tight(&n.word) == tight(&best.word)) {
                named.push(best);
            }
        }
        named.sort_by(|a, b| b.score.total_cmp(&a.score));
        named.truncate(most);
        Ok(named)
    }
}

/// Words of the query, folded.
#[derive(Default)]
struct OwnWords {
    words: FxHashSet<String>,
    written: String,
}

impl OwnWords {
    fn add(&mut self, word: &Word) {
        self.words.extend(word.texts().map(str::to_owned));
        for (_, words) in &word.alternatives {
            words.iter().for_each(|word| self.add(word));
        }
    }

    /// Whether the word is in the query, or part of one of its words.
    fn has(&self, word: &str) -> bool {
        self.words.contains(word) || self.written.contains(word)
    }
}

/// Texts of the words and phrases of a tree.
fn leaves(node: &Node) -> Vec<&str> {
    match node {
        Node::Word(text) | Node::Prefix(text) | Node::Phrase { text, .. } => vec![text],
        Node::And(parts) | Node::Or(parts) => parts.iter().flat_map(leaves).collect(),
        Node::Field { field, node } if !field.is_name() => leaves(node),
        _ => Vec::new(),
    }
}

/// Does `work` until all counts that it needs are known.
fn filled<T>(fill: &dyn Fn() -> Result<bool>, mut work: impl FnMut() -> Result<T>) -> Result<T> {
    loop {
        let result = work()?;
        if !fill()? {
            return Ok(result);
        }
    }
}

/// The word with these counts, if it is more frequent than by chance.
fn related_word(
    population: &Population<'_>,
    written: &str,
    count: u64,
    all: u64,
) -> Option<RelatedWord> {
    let (of_results, of_clippings) = population.totals();
    let [here, all_of, results, clippings] =
        [count, all, of_results, of_clippings].map(|n| n as f64);
    let score = surprise(here, all_of, results, clippings);
    (count >= 2.min(of_results) && score > CHANCE).then(|| RelatedWord {
        word: written.to_owned(),
        count,
        clippings: all,
        lift: (here / results) / (all_of / clippings),
        score,
    })
}

/// G² of a word that occurs in `here` of `results` and in `all` of `clippings`, which include the
/// results; 0 if it is not more frequent in the results.
fn surprise(here: f64, all: f64, results: f64, clippings: f64) -> f64 {
    if here * clippings <= all * results {
        return 0.0;
    }
    let cell = |observed: f64, row: f64, column: f64| match observed > 0.0 {
        true => observed * (observed * clippings / (row * column)).ln(),
        false => 0.0,
    };
    let (there, rest) = (all - here, clippings - results);
    2.0 * (cell(here, all, results)
        + cell(there, all, rest)
        + cell(results - here, clippings - all, results)
        + cell(rest - there, clippings - all, rest))
    .max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surprise_is_that_of_the_literature() {
        // Expected values computed by hand.
        let by_hand = |o: [f64; 4], e: [f64; 4]| -> f64 {
            2.0 * o.iter().zip(e).map(|(o, e)| o * (o / e).ln()).sum::<f64>()
        };
        let expected = by_hand([10.0, 10.0, 90.0, 890.0], [2.0, 18.0, 98.0, 882.0]);
        assert!((surprise(10.0, 20.0, 100.0, 1000.0) - expected).abs() < 1e-9);
        assert_eq!(surprise(2.0, 20.0, 100.0, 1000.0), 0.0);
        assert!(surprise(10.0, 10.0, 10.0, 1000.0) > 100.0);
        // More occurrences in the results increase the score, more elsewhere decrease it.
        assert!(surprise(20.0, 30.0, 100.0, 1000.0) > surprise(10.0, 30.0, 100.0, 1000.0));
        assert!(surprise(10.0, 20.0, 100.0, 1000.0) > surprise(10.0, 40.0, 100.0, 1000.0));
    }
}
