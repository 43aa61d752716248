//! What the index knows of a text: the terms under which it has it as a run of its own.

use tantivy::Searcher;
use tantivy::schema::Field;

use crate::analyze::{TermKind, particles};
use crate::index::{TermDictCache, encode};

/// The terms of one field.
pub struct Known<'s> {
    pub searcher: &'s Searcher,
    pub terms: &'s TermDictCache,
    pub field: Field,
}

impl Known<'_> {
    /// Adds the term when the index has it.
    pub fn take(&self, kind: TermKind, text: &str, terms: &mut Vec<String>) -> tantivy::Result<()> {
        let mut term = String::new();
        encode(kind, text, &mut term);
        if self.terms.doc_freq(self.searcher, self.field, &term)? > 0 && !terms.contains(&term) {
            terms.push(term);
        }
        Ok(())
    }

    /// Adds the runs that are `text` before a particle: those that the dictionary reads so, and those
    /// kept as written only.
    pub fn take_before_particles(
        &self,
        text: &str,
        terms: &mut Vec<String>,
    ) -> tantivy::Result<()> {
        self.take(TermKind::Stem, text, terms)?;
        for reader in self.searcher.segment_readers() {
            let dict = self.terms.dict(reader, self.field)?;
            for particle in dict.endings(text, particles::forms())? {
                let term = format!("{text}{particle}");
                if !terms.contains(&term) {
                    terms.push(term);
                }
            }
        }
        Ok(())
    }

    /// Adds the stems of `text` where it may end with a particle: clippings that have `text` as a run
    /// have one of them when its whole form was dropped for a particle beyond doubt.
    pub fn take_stems(&self, text: &str, terms: &mut Vec<String>) -> tantivy::Result<()> {
        for suffix in particles::suffixes(text) {
            let stem = text.get(..suffix.at).unwrap_or_default();
            self.take(TermKind::Stem, stem, terms)?;
        }
        Ok(())
    }
}
