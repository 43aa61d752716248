//! Counts of the whole archive that ranking and reading a query need, asked for many at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::json;

use crate::analyze::TermKind;
use crate::index::{ClusterIndex, Result, WholeCounts, encode};
use crate::search::intent::Vocabulary;

/// Counts that are kept.
const KEPT: usize = 200_000;

/// A field of text, by its name in the index of this machine, and a term.
type Term = (String, String);

/// What is known of the archive. What is asked and not known counts as 0 until [`Counts::fill`].
#[derive(Default)]
pub(super) struct Counts(Mutex<Known>);

#[derive(Default)]
struct Known {
    clippings: u64,
    lengths: [f32; 3],
    freqs: FxHashMap<Term, u64>,
    missing: FxHashSet<Term>,
}

impl Counts {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads how large the archive is. When that has changed, all is counted anew.
    pub(super) fn renew(&self, index: &ClusterIndex) -> Result<()> {
        let (clippings, lengths) = index.lengths()?;
        let mut known = self.known();
        if (known.clippings, known.lengths) != (clippings, lengths) || known.freqs.len() > KEPT {
            known.freqs.clear();
        }
        known.clippings = clippings;
        known.lengths = lengths;
        Ok(())
    }

    /// Counts what was asked for and is not known; `false` when that is nothing.
    pub(super) fn fill(&self, index: &ClusterIndex) -> Result<bool> {
        let missing: Vec<Term> = std::mem::take(&mut self.known().missing)
            .into_iter()
            .collect();
        if missing.is_empty() {
            return Ok(false);
        }
        let queries: Vec<_> = missing
            .iter()
            .map(|(field, term)| json!({"term": {format!("t_{field}"): term}}))
            .collect();
        let counts = index.counts(&queries)?;
        self.known().freqs.extend(missing.into_iter().zip(counts));
        Ok(true)
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
            let mut term = String::new();
            encode(kind, text, &mut term);
            for field in ["headline", "body"] {
                sum += self.doc_freq(field, &term);
            }
        }
        Ok(sum)
    }
}
