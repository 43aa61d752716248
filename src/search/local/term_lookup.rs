//! Finds the terms under which the index has a text as a run.

use tantivy::Searcher;
use tantivy::schema::Field;

use crate::analyze::{TermKind, particles};
use crate::index::{TermDictCache, encoded};

/// The terms of one field.
pub struct TermLookup<'s> {
    pub searcher: &'s Searcher,
    pub terms: &'s TermDictCache,
    pub field: Field,
}

impl TermLookup<'_> {
    /// Adds the term if the index has it.
    pub fn take(&self, kind: TermKind, text: &str, terms: &mut Vec<String>) -> tantivy::Result<()> {
        let term = encoded(kind, text);
        if self.terms.doc_freq(self.searcher, self.field, &term)? > 0 && !terms.contains(&term) {
            terms.push(term);
        }
        Ok(())
    }

    /// Adds terms of runs that are `text` with a particle: those the analyzer segments so, and
    /// those indexed only as written.
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

    /// Adds the stems of `text` if it may end with a particle. Clippings with `text` as a run have
    /// one of them if the analyzer dropped its whole term because the particle was certain.
    pub fn take_stems(&self, text: &str, terms: &mut Vec<String>) -> tantivy::Result<()> {
        for suffix in particles::suffixes(text) {
            let stem = text.get(..suffix.at).unwrap_or_default();
            self.take(TermKind::Stem, stem, terms)?;
        }
        Ok(())
    }
}
