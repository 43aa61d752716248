//! The words that set a result set apart: those that it has far more often than all clippings.
//!
//! ```text
//! results ──▶ sample read again ──▶ nouns in it ──▶ counted in the index ──▶ G² ──▶ names made whole
//! ```
//!
//! A word is judged by the log-likelihood ratio G² of its counts among the results and among the
//! rest (Dunning: Accurate Methods for the Statistics of Surprise and Coincidence, Computational
//! Linguistics 19(1), 1993), which holds for rare words too. Candidates come from a sample of the
//! results, so that time does not grow with them; their counts are exact, from the postings.

mod nouns;
mod sample;
mod similar;

use rustc_hash::{FxHashMap, FxHashSet};

use super::local::candidates::Candidates;
use super::local::population::{self, Population};
use super::local::word::Word;
use super::{HitKey, Request, Searcher};
use crate::analyze::query_words::QueryWord;
use crate::analyze::{Analyzer, fold};
use crate::index::Result;
use crate::query::Node;
use nouns::{Nouns, Pair};
use sample::{Occurrences, Tally};
pub use similar::{Similar, TellingWord};

/// Results that are read again for their words.
const SAMPLE: usize = 1200;

/// Words whose exact counts are looked up.
const COUNTED: usize = 400;

/// A word must occur in so many of the sampled results, and in this share of them.
const FEWEST: u32 = 2;
const LEAST_SHARE: f64 = 0.005;

/// Share of a word's occurrences that stand beside one other word from which on the two are a name.
const NAME_SHARE: f64 = 0.75;

/// The largest G² that chance gives to one word in a thousand (χ² with one degree of freedom,
/// p = 0.001).
const CHANCE: f64 = 10.83;

/// What sets a result set apart.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Related {
    /// How many results there are, copies folded unless asked for otherwise.
    pub results: u64,
    /// How many clippings they were compared with, themselves among them, counted likewise.
    pub clippings: u64,
    /// The words, the most telling first.
    pub words: Vec<RelatedWord>,
}

/// A word that a result set has more often than others.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RelatedWord {
    /// As it is mostly written.
    pub word: String,
    /// Results that have it in headline or body.
    pub count: u64,
    /// Clippings compared with that have it, results among them.
    pub clippings: u64,
    /// How many times as frequent it is among the results as among all.
    pub lift: f64,
    /// G².
    pub score: f64,
}

impl Searcher {
    /// The words, at most `most`, that set what matches `request` in full apart from what matches
    /// `against`, or from everything. The words of the query are left out.
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
        let mut related = Related {
            results: population.results,
            clippings: population.clippings,
            words: Vec::new(),
        };
        if population.results == 0 || population.results == population.clippings {
            return Ok(related);
        }
        let texts = self.texts(&population.sample(SAMPLE))?;
        related.words = self.analyzers.with(|analyzer| {
            let tallies = sample::tally(&texts, analyzer);
            let own = self.own_words(request, &plan.words, analyzer);
            let candidates = self.candidate_words(&tallies, &texts, &population, &own, analyzer)?;
            let occurrences = Occurrences::of(&candidates, &texts, analyzer);
            let words = self.judged(&candidates, &tallies, &occurrences, &population)?;
            self.named(words, &occurrences, &population, &own, most, analyzer)
        })?;
        Ok(related)
    }

    /// Headline and body of each clipping.
    fn texts(&self, keys: &[HitKey]) -> Result<Vec<String>> {
        let clippings = self.clippings(keys)?.into_iter();
        let texts = clippings.map(|c| format!("{}\n{}", c.headline, c.body));
        Ok(texts.collect())
    }

    /// What the query itself asks for, folded: its words in all their forms, and the whole of it.
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

    /// Adds what means the same as the words of `text`: it is found by them, so it says nothing new.
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

    /// The nouns of the sample that promise most.
    fn candidate_words(
        &self,
        tallies: &FxHashMap<String, Tally>,
        texts: &[String],
        population: &Population,
        own: &OwnWords,
        analyzer: &mut Analyzer,
    ) -> Result<FxHashSet<String>> {
        let sampled = texts.len() as f64;
        let fewest = FEWEST
            .max((sampled * LEAST_SHARE) as u32)
            .min(texts.len() as u32);
        let grown = population.results as f64 / sampled;
        let mut promising = Vec::new();
        for (word, tally) in tallies {
            if tally.texts < fewest || word.chars().count() < 2 || own.has(word) {
                continue;
            }
            // The postings of all forms and fields, added up: more than there are, so that nothing
            // is passed over that the exact count would keep.
            let upper = population::postings(&self.archive, word)? as f64;
            let upper = upper.min(population.clippings as f64);
            let here = f64::from(tally.texts) * grown;
            let score = surprise(
                here,
                upper.max(here),
                population.results as f64,
                population.clippings as f64,
            );
            // What is in every form and field counts up to four times: only the plainly common go.
            let hopeful = surprise(
                here,
                (upper / 4.0).max(here),
                population.results as f64,
                population.clippings as f64,
            );
            if hopeful > CHANCE {
                promising.push((score, word));
            }
        }
        promising.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let mut nouns = Nouns::default();
        let nouns = promising
            .into_iter()
            .filter(|(_, word)| nouns.has(word, tallies.get(*word), analyzer));
        Ok(nouns.take(COUNTED).map(|(_, word)| word.clone()).collect())
    }

    /// Candidates with their exact counts and scores, the best first, without those that are only
    /// another with a particle.
    fn judged(
        &self,
        candidates: &FxHashSet<String>,
        tallies: &FxHashMap<String, Tally>,
        occurrences: &Occurrences,
        population: &Population,
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
                    // Where the index took the last syllable for a particle, it has the beginning.
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

    /// Words that hardly stand without a certain neighbour become one name with it.
    fn named(
        &self,
        words: Vec<(String, RelatedWord)>,
        occurrences: &Occurrences,
        population: &Population,
        own: &OwnWords,
        most: usize,
        analyzer: &mut Analyzer,
    ) -> Result<Vec<RelatedWord>> {
        let mut nouns = Nouns::default();
        let mut named: Vec<RelatedWord> = Vec::new();
        // Names take the place of up to two words each.
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

/// What the query asks for, folded.
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

    /// Whether the query asks for this word, or has it within one of its own.
    fn has(&self, word: &str) -> bool {
        self.words.contains(word) || self.written.contains(word)
    }
}

/// The words and quotations that a tree asks for.
fn leaves(node: &Node) -> Vec<&str> {
    match node {
        Node::Word(text) | Node::Prefix(text) | Node::Phrase { text, .. } => vec![text],
        Node::And(parts) | Node::Or(parts) => parts.iter().flat_map(leaves).collect(),
        Node::Field { field, node } if !field.is_name() => leaves(node),
        _ => Vec::new(),
    }
}

/// The word with these counts, if it is more than chance.
fn related_word(
    population: &Population,
    written: &str,
    count: u64,
    all: u64,
) -> Option<RelatedWord> {
    let [here, all_of, results, clippings] =
        [count, all, population.results, population.clippings].map(|n| n as f64);
    let score = surprise(here, all_of, results, clippings);
    (count >= 2.min(population.results) && score > CHANCE).then(|| RelatedWord {
        word: written.to_owned(),
        count,
        clippings: all,
        lift: (here / results) / (all_of / clippings),
        score,
    })
}

/// G² of a word that `here` of `results` have and `all` of `clippings`, results among them; 0 when
/// the results have it no more often.
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
        // Observed and expected counts of a table worked by hand.
        let by_hand = |o: [f64; 4], e: [f64; 4]| -> f64 {
            2.0 * o.iter().zip(e).map(|(o, e)| o * (o / e).ln()).sum::<f64>()
        };
        let expected = by_hand([10.0, 10.0, 90.0, 890.0], [2.0, 18.0, 98.0, 882.0]);
        assert!((surprise(10.0, 20.0, 100.0, 1000.0) - expected).abs() < 1e-9);
        assert_eq!(surprise(2.0, 20.0, 100.0, 1000.0), 0.0);
        assert!(surprise(10.0, 10.0, 10.0, 1000.0) > 100.0);
        // The more often here, the more surprising; the more often everywhere, the less.
        assert!(surprise(20.0, 30.0, 100.0, 1000.0) > surprise(10.0, 30.0, 100.0, 1000.0));
        assert!(surprise(10.0, 20.0, 100.0, 1000.0) > surprise(10.0, 40.0, 100.0, 1000.0));
    }
}
