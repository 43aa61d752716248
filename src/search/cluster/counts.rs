//! Counts of the whole archive for ranking and for interpreting queries.
//!
//! Code that needs counts runs in passes: unknown counts are 0 and noted, [`Counts::fill`] reads all of them in one
//! request, and the code runs again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use crate::analyze::TermKind;
use crate::index::{ClusterIndex, Result, WholeCounts, encoded};
use crate::search::intent::Vocabulary;

/// Maximum number of cached counts.
const KEPT: usize = 200_000;

/// How long counts are used before the size of the archive is checked again. They only affect weights.
const CURRENT: Duration = Duration::from_secs(5);

/// A field, by its name in the local engine, and an encoded term.
type Term = (String, String);

/// Cached counts.
#[derive(Default)]
pub(super) struct Counts(Mutex<CountCache>);

/// The unit in which matches are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Unit {
    Clippings,
    /// Near-duplicate groups.
    Groups,
}

#[derive(Default)]
struct CountCache {
    /// Number of times that a count was needed but unknown.
    misses: u64,
    renewed: Option<Instant>,
    clippings: u64,
    lengths: [f32; 3],
    freqs: FxHashMap<Term, u64>,
    missing: FxHashSet<Term>,
    /// By query.
    matches: FxHashMap<(String, Unit), u64>,
    missing_matches: FxHashMap<(String, Unit), Value>,
    /// Similar terms, by text and least frequency.
    similar: FxHashMap<(String, u64), Vec<String>>,
    missing_similar: FxHashSet<(String, u64)>,
}

impl Counts {
    fn known(&self) -> MutexGuard<'_, CountCache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the size of the archive unless it was read just now, and drops all counts if it has changed.
    pub(super) fn renew(&self, index: &ClusterIndex) -> Result<()> {
        let is_current = |since: Instant| since.elapsed() < CURRENT;
        if self.known().renewed.is_some_and(is_current) {
            return Ok(());
        }
        let (clippings, lengths) = index.lengths()?;
        let mut known = self.known();
        known.renewed = Some(Instant::now());
        let kept = known.freqs.len() + known.matches.len() + known.similar.len();
        if (known.clippings, known.lengths) != (clippings, lengths) || kept > KEPT {
            known.freqs.clear();
            known.matches.clear();
            known.similar.clear();
        }
        known.clippings = clippings;
        known.lengths = lengths;
        Ok(())
    }

    /// Number of times so far that a count was needed but unknown, by any thread.
    pub(super) fn misses(&self) -> u64 {
        self.known().misses
    }

    /// Reads the counts that were needed but unknown. Those that another thread is reading just now may still be
    /// unknown afterwards.
    pub(super) fn fill(&self, index: &ClusterIndex) -> Result<()> {
        let (terms, matches, similar) = {
            let mut known = self.known();
            let terms: Vec<Term> = std::mem::take(&mut known.missing).into_iter().collect();
            let matches = std::mem::take(&mut known.missing_matches);
            let similar: Vec<(String, u64)> = std::mem::take(&mut known.missing_similar)
                .into_iter()
                .collect();
            (terms, matches, similar)
        };
        if !terms.is_empty() {
            let named: Vec<Term> = terms
                .iter()
                .map(|(field, term)| (format!("t_{field}"), term.clone()))
                .collect();
            let counts = index.doc_freqs(&named)?;
            self.known().freqs.extend(terms.into_iter().zip(counts));
        }
        for unit in [Unit::Clippings, Unit::Groups] {
            let here = matches.iter().filter(|((_, other), _)| *other == unit);
            let here = here.map(|(key, query)| (key.clone(), query.clone()));
            let (here, queries): (Vec<_>, Vec<Value>) = here.unzip();
            if here.is_empty() {
                continue;
            }
            let counts = match unit {
                Unit::Clippings => index.counts(&queries)?,
                Unit::Groups => index.counts_of_groups(&queries)?,
            };
            self.known().matches.extend(here.into_iter().zip(counts));
        }
        if !similar.is_empty() {
            let found = index.similar_terms(&similar)?;
            self.known().similar.extend(similar.into_iter().zip(found));
        }
        Ok(())
    }

    /// Number of clippings or groups that match a query.
    pub(super) fn matches(&self, query: &Value, unit: Unit) -> u64 {
        let mut known = self.known();
        let key = (query.to_string(), unit);
        match known.matches.get(&key) {
            Some(count) => *count,
            None => {
                known.misses += 1;
                known.missing_matches.insert(key, query.clone());
                0
            }
        }
    }

    /// Terms similar to `text`, see [`ClusterIndex::similar_terms`]; none until they and all earlier counts are known.
    pub(super) fn similar(&self, text: &str, least: u64) -> Vec<String> {
        let mut known = self.known();
        let key = (text.to_owned(), least);
        match known.similar.get(&key) {
            Some(similar) => similar.clone(),
            // The counts may show that they are not needed.
            None if !known.missing.is_empty() => {
                known.misses += 1;
                Vec::new()
            }
            None => {
                known.misses += 1;
                known.missing_similar.insert(key);
                Vec::new()
            }
        }
    }
}

impl WholeCounts for Counts {
    fn clippings(&self) -> u64 {
        self.known().clippings
    }

    fn average_length(&self, field: &str) -> f32 {
        let [headline, body, extra] = self.known().lengths;
        match field {
            "headline" => headline,
            "body" => body,
            _ => extra,
        }
    }

    fn doc_freq(&self, field: &str, term: &str) -> u64 {
        let mut known = self.known();
        let key = (field.to_owned(), term.to_owned());
        match known.freqs.get(&key) {
            Some(count) => *count,
            None => {
                known.misses += 1;
                known.missing.insert(key);
                0
            }
        }
    }
}

impl Vocabulary for Counts {
    fn count(&self, text: &str) -> Result<u64> {
        let mut sum = 0;
        for kind in [TermKind::Whole, TermKind::Stem] {
            let term = encoded(kind, text);
            for field in ["headline", "body"] {
                sum += self.doc_freq(field, &term);
            }
        }
        Ok(sum)
    }
}
