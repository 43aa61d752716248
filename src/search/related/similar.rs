//! Finds clippings similar to a given one: those with its characteristic words, weighted by tf-idf
//! (Salton, Buckley: Term-weighting approaches in automatic text retrieval, 1988).

use serde::{Deserialize, Serialize};

use super::nouns::Nouns;
use super::sample::{self, Occurrences, Tally};
use crate::analyze::{Analyzer, TermKind, particles};
use crate::clipping::Clipping;
use crate::index::{Result, encoded};
use crate::query::Node;
use crate::search::engine::RankedSet;
use crate::search::local::candidates::{Candidate, Candidates, Ranked, best_first, fold_copies};
use crate::search::local::plan;
use crate::search::local::population;
use crate::search::local::word::{Word, idf_of};
use crate::search::marks::Marks;
use crate::search::sentences::sentences;
use crate::search::{Hit, HitKey, Searcher, Show, params, show};

/// Number of characteristic words searched.
const MAX_WORDS: usize = 25;

/// Weight of a word in the headline relative to the body.
const IN_HEADLINE: f32 = 2.0;

/// Minimum score, relative to that of the given clipping itself.
const MIN_SIMILARITY: f32 = 0.1;

/// Clippings similar to a given one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Similar {
    /// Id of the given clipping.
    pub id: String,
    /// Headline of the given clipping.
    pub headline: String,
    /// The characteristic words, most characteristic first.
    pub words: Vec<TellingWord>,
    /// The others, most similar first. Scores are relative to that of the given clipping itself.
    pub hits: Vec<Hit>,
}

/// A characteristic word of a clipping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TellingWord {
    /// In its most frequent spelling.
    pub word: String,
    /// Share of the weight of all words.
    pub weight: f32,
}

impl Searcher {
    /// At most `limit` clippings that match `filters` and are similar to the one with this id or
    /// unique prefix of one. Excludes its copies, and folds those of the others.
    ///
    /// # Errors
    /// When there is no such clipping, or the index cannot be read.
    pub fn similar(&self, id: &str, filters: &Node, limit: usize, show: Show) -> Result<Similar> {
        let address = self.archive.resolve(id)?;
        let clipping = self.archive.fetch(address)?;
        let telling = self
            .analyzers
            .with(|analyzer| self.telling_words(&clipping, analyzer))?;
        let all: f32 = telling.iter().map(|(_, weight)| weight).sum();
        let words = telling.iter().map(|(word, weight)| TellingWord {
            word: word.label.clone(),
            weight: weight / all,
        });
        let mut similar = Similar {
            id: clipping.id,
            headline: clipping.headline,
            words: words.collect(),
            hits: Vec::new(),
        };
        if telling.is_empty() || limit == 0 {
            return Ok(similar);
        }
        let like = self.like(&telling, address.into(), filters)?;
        let hits: Vec<Ranked> = fold_copies(&like)
            .into_iter()
            .take(limit)
            .map(|(first, copies)| Ranked::new(&first, copies))
            .collect();
        let words: Vec<Word> = telling.into_iter().map(|(word, _)| word).collect();
        let set = RankedSet {
            marks: Marks::new(&words, Vec::new()),
            words,
            ..RankedSet::default()
        };
        similar.hits = show::hits(self, &set, &hits, 1, show)?;
        Ok(similar)
    }

    /// Clippings similar to that at `key`, best first, with scores relative to its own.
    fn like(&self, telling: &[(Word, f32)], key: HitKey, filters: &Node) -> Result<Vec<Candidate>> {
        let query = plan::weighted(&self.archive, telling);
        let mut like = Candidates::of(&self.archive, &*query)?;
        let own = like.all().iter().find(|c| c.key == key).copied();
        let Some(own) = own.filter(|own| own.score > 0.0) else {
            return Ok(Vec::new());
        };
        like.exclude(&[own], false);
        if *filters != Node::All {
            like.keep_only(
                self.matching(&crate::search::Request::all_of(filters.clone()))?
                    .0
                    .all(),
            );
        }
        let scaled = like.all().iter().map(|candidate| Candidate {
            score: candidate.score / own.score,
            ..*candidate
        });
        let mut like: Vec<Candidate> = scaled.filter(|c| c.score >= MIN_SIMILARITY).collect();
        like.sort_unstable_by(best_first);
        Ok(like)
    }

    /// The characteristic words of `clipping` with their weights, highest first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(in crate::search) fn telling_words(
        &self,
        clipping: &Clipping,
        analyzer: &mut Analyzer,
    ) -> Result<Vec<(Word, f32)>> {
        let headline = std::slice::from_ref(&clipping.headline);
        let body: Vec<String> = sentences(&clipping.body)
            .into_iter()
            .filter_map(|range| clipping.body.get(range).map(str::to_owned))
            .collect();
        let in_headline = sample::tally(headline, analyzer);
        let texts = [headline, &body].concat();
        let tallies = sample::tally(&texts, analyzer);
        let mut nouns = Nouns::default();
        let mut weighed = Vec::new();
        for (word, tally) in &tallies {
            let has_stem = particles::suffixes(word).any(|suffix| {
                let stem = word.get(..suffix.at).and_then(|stem| tallies.get(stem));
                stem.is_some_and(|stem| stem.texts >= tally.texts)
            });
            if has_stem || word.chars().count() < 2 || !nouns.has(word, Some(tally), analyzer) {
                continue;
            }
            let weight = self.telling(word, tally, in_headline.contains_key(word))?;
            weighed.push((weight, word));
        }
        weighed.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        weighed.truncate(MAX_WORDS);
        let known = weighed.iter().map(|(_, word)| (*word).clone()).collect();
        let occurrences = Occurrences::of(&known, &texts, analyzer);
        let words = weighed.into_iter().map(|(weight, word)| {
            let own = Word {
                label: occurrences.written(word),
                terms: terms(word),
                ..Word::default()
            };
            (own, weight)
        });
        Ok(words.collect())
    }

    /// tf-idf, where tf is the damped number of sentences.
    fn telling(&self, word: &str, tally: &Tally, in_headline: bool) -> Result<f32> {
        let with = population::postings(&self.archive, word)?;
        let often = 1.0 + (tally.texts as f32).ln();
        let place = if in_headline { IN_HEADLINE } else { 1.0 };
        Ok(often * place * idf_of(with, self.archive.whole_len()))
    }
}

/// The terms of the word itself, with particles, and as a part of others.
fn terms(word: &str) -> Vec<(String, f32)> {
    let kinds = [
        (TermKind::Whole, 1.0),
        (TermKind::Stem, 1.0),
        (TermKind::Part, params::PART),
    ];
    let term = |(kind, worth)| (encoded(kind, word), worth);
    kinds.map(term).into()
}
