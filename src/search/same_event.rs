//! Groups hits of a page that report the same event in different words. (Copies are folded by their
//! text.)
//!
//! Two hits report the same event if they were published within [`MAX_DAYS`], their headlines
//! share a word, and headlines with leads share much of their vocabulary: words and numbers,
//! weighted by inverse document frequency. Query words do not count, since every hit has them.

use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};

use super::local::population;
use super::local::word::{Word, idf_of};
use super::{Hit, Searcher};
use crate::analyze::{Analyzer, TermKind};
use crate::index::Result;

/// Maximum number of hits compared.
const MAX_HITS: usize = 100;

/// Maximum number of days between reports of one event.
const MAX_DAYS: i32 = 2;

/// Characters of the body that are compared: lead and following text.
const LEAD: usize = 300;

/// Minimum overlap, relative to the smaller of both.
const MIN_SHARED_WEIGHT: f32 = 0.4;

/// Minimum number of common words, not counting query words.
const MIN_SHARED_WORDS: usize = 4;

/// A hit with the words of its headline, folded.
struct Titled<'h> {
    place: usize,
    hit: &'h Hit,
    day: Date,
    headline: FxHashSet<String>,
}

/// The words of headline and lead with their weights.
struct Named<'h> {
    titled: &'h Titled<'h>,
    words: FxHashMap<String, f32>,
    weight: f32,
}

impl Searcher {
    /// Sets in each hit the rank of an earlier one that reports the same event.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn note_same_events(&self, hits: &mut [Hit], query: &[Word]) -> Result<()> {
        let days: Vec<Option<Date>> = hits
            .iter()
            .map(|hit| hit.clipping.published.map(|published| published.date))
            .collect();
        let is_near_another = |place: usize, day: Date| {
            let others = days.iter().enumerate().filter(|(other, _)| *other != place);
            others
                .filter_map(|(_, other)| *other)
                .any(|other| is_near(day, other))
        };
        let mut compared = Vec::new();
        for (place, hit) in hits.iter().enumerate().take(MAX_HITS) {
            if let Some(day) = days[place].filter(|day| is_near_another(place, *day)) {
                compared.push((place, hit, day));
            }
        }
        let own: FxHashSet<&str> = query.iter().flat_map(texts).collect();
        let titled = self.analyzers.with(|analyzer| {
            let titled = compared.into_iter().map(|(place, hit, day)| Titled {
                place,
                hit,
                day,
                headline: words(&hit.clipping.headline, &own, analyzer),
            });
            titled.collect::<Vec<_>>()
        });
        let may_match = |one: &Titled| {
            let mut others = titled.iter().filter(|other| other.place != one.place);
            others.any(|other| one.may_report(other))
        };
        let mut idf = FxHashMap::default();
        let mut first: Vec<Named> = Vec::new();
        let mut found = Vec::new();
        // Counting all words of a lead takes longer than comparing headlines.
        for titled in titled.iter().filter(|one| may_match(one)) {
            let mut all = self
                .analyzers
                .with(|analyzer| words(lead(&titled.hit.clipping.body), &own, analyzer));
            all.extend(titled.headline.iter().cloned());
            let mut weighed = FxHashMap::default();
            for word in all {
                let weight = match idf.get(&word) {
                    Some(weight) => *weight,
                    None => {
                        let with = population::postings(&self.archive, &word)?;
                        let weight = idf_of(with, self.archive.whole_len());
                        idf.insert(word.clone(), weight);
                        weight
                    }
                };
                weighed.insert(word, weight);
            }
            let named = Named {
                titled,
                weight: weighed.values().sum(),
                words: weighed,
            };
            match first.iter().find(|other| named.is_of(other)) {
                Some(other) => found.push((titled.place, other.titled.hit.rank)),
                None => first.push(named),
            }
        }
        for (place, rank) in found {
            hits[place].same_event = Some(rank);
        }
        Ok(())
    }
}

impl Titled<'_> {
    fn may_report(&self, other: &Titled) -> bool {
        is_near(self.day, other.day)
            && self.hit.partial == other.hit.partial
            && !self.headline.is_disjoint(&other.headline)
    }
}

impl Named<'_> {
    fn is_of(&self, other: &Named) -> bool {
        if !self.titled.may_report(other.titled) {
            return false;
        }
        let shared = self
            .words
            .iter()
            .filter(|(word, _)| other.words.contains_key(*word));
        let (mut count, mut weight) = (0, 0.0);
        for (_, one) in shared {
            count += 1;
            weight += one;
        }
        count >= MIN_SHARED_WORDS && weight >= MIN_SHARED_WEIGHT * self.weight.min(other.weight)
    }
}

fn is_near(a: Date, b: Date) -> bool {
    (a - b).get_days().abs() <= MAX_DAYS
}

/// All forms of a query word, including its atoms.
fn texts(word: &Word) -> Vec<&str> {
    let mut all: Vec<&str> = word.texts().collect();
    let alternatives = word.alternatives.iter().flat_map(|(_, words)| words);
    all.extend(alternatives.flat_map(texts));
    all
}

/// The beginning of a body.
fn lead(body: &str) -> &str {
    let end = body
        .char_indices()
        .nth(LEAD)
        .map_or(body.len(), |(at, _)| at);
    body.get(..end).unwrap_or_default()
}

/// The words of a text without particles, except query words.
fn words(text: &str, query: &FxHashSet<&str>, analyzer: &mut Analyzer) -> FxHashSet<String> {
    let mut runs: Vec<(u32, String)> = Vec::new();
    analyzer.terms(text, &mut |term| {
        let is_word = term.kind != TermKind::Part && term.text.chars().count() > 1;
        if !is_word || query.contains(term.text) {
            return;
        }
        match runs.last_mut() {
            // The stem of a run is the shorter term.
            Some((position, text)) if *position == term.position => {
                if term.text.len() < text.len() {
                    term.text.clone_into(text);
                }
            }
            _ => runs.push((term.position, term.text.to_owned())),
        }
    });
    runs.into_iter().map(|(_, text)| text).collect()
}
