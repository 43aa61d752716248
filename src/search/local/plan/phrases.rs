//! Quotations, words near each other, prefixes and names.

use std::ops::Bound;
use std::sync::Arc;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, ConstScoreQuery, EmptyQuery, InvertedIndexRangeQuery, Query, TermQuery,
};
use tantivy::schema::{Field as IndexField, IndexRecordOption};

use super::words::{NearWord, encoded_term};
use super::{Planner, Requirement, Scope};
use crate::analyze::{TermKind, fold};
use crate::index::{Result, fold_name};
use crate::search::literal::{End, Literal};
use crate::search::local::graph::{Typed, verified};
use crate::search::local::listed::ListedQuery;
use crate::search::local::near::NearQuery;
use crate::search::local::reading::docs_of;
use crate::search::local::word::{FieldWeight, Word};
use crate::search::{params, same_forms};

/// Larger distances do not count as near.
const MAX_SLOP: u32 = 1000;

/// Longer prefixes match no term.
const MAX_PREFIX_BYTES: usize = 512;

impl Planner<'_> {
    pub(super) fn phrase(
        &mut self,
        text: &str,
        slop: Option<u32>,
        scope: &Scope,
    ) -> Result<Box<dyn Query>> {
        let Scope::Text(fields) = scope else {
            return Ok(self.name(text, scope));
        };
        let query: Option<Box<dyn Query>> = match slop {
            Some(slop) if slop > 0 => self.near(text, slop, fields),
            _ => self.quotation(text, fields)?,
        };
        let Some(query) = query else {
            return Ok(Box::new(EmptyQuery));
        };
        self.requirements.push(Requirement {
            text: text.to_owned(),
            is_quoted: true,
            query: query.box_clone(),
        });
        Ok(query)
    }

    fn near(
        &mut self,
        text: &str,
        slop: u32,
        fields: &Arc<[FieldWeight]>,
    ) -> Option<Box<dyn Query>> {
        let mut readings = self.analyzer.query_words(text);
        readings.truncate(self.room);
        self.room -= readings.len();
        let mut words = Vec::with_capacity(readings.len());
        for reading in readings {
            let mut terms: Vec<(String, f32)> = Vec::new();
            for text in &reading.forms {
                for kind in [TermKind::Whole, TermKind::Stem, TermKind::Part] {
                    terms.push((encoded_term(kind, text), 1.0));
                }
            }
            let lemmas = reading.lemmas.iter();
            terms.extend(lemmas.map(|l| (encoded_term(TermKind::Part, l), params::PART)));
            words.push(Word {
                label: reading.written,
                terms,
                ..Word::default()
            });
        }
        if words.is_empty() {
            return None;
        }
        self.words.extend(words.iter().cloned());
        self.nearness
            .extend(words.iter().cloned().map(NearWord::simple));
        let terms = self.archive.terms();
        let slop = slop.min(MAX_SLOP);
        let near = NearQuery::new(words, Arc::clone(fields), slop, terms);
        Some(Box::new(near))
    }

    fn quotation(
        &mut self,
        text: &str,
        fields: &Arc<[FieldWeight]>,
    ) -> Result<Option<Box<dyn Query>>> {
        let Some(typed) = Typed::new(text, self.analyzer) else {
            return Ok(None);
        };
        self.literals.push((None, Arc::clone(typed.literal())));
        let fields = self.quotable(fields);
        let mut word = Word {
            label: text.to_owned(),
            ..Word::default()
        };
        self.fill(&mut word, &typed, &fields)?;
        for other in same_forms::spellings(text) {
            if let Some(typed) = Typed::new(&other, self.analyzer) {
                self.literals.push((None, Arc::clone(typed.literal())));
                self.fill(&mut word, &typed, &fields)?;
            }
        }
        Ok(Some(self.query(&word, &fields)))
    }

    /// Quotations are searched in headline and body; captions only if requested.
    pub(super) fn quotable(&self, fields: &Arc<[FieldWeight]>) -> Arc<[FieldWeight]> {
        match fields.len() {
            1 => Arc::clone(fields),
            _ => {
                let extra = self.archive.fields().extra;
                fields
                    .iter()
                    .filter(|f| f.field != extra)
                    .copied()
                    .collect()
            }
        }
    }

    pub(super) fn prefix(&mut self, prefix: &str, scope: &Scope) -> Result<Box<dyn Query>> {
        if prefix.len() > MAX_PREFIX_BYTES {
            return Ok(Box::new(EmptyQuery));
        }
        let (fields, folded): (Vec<IndexField>, String) = match scope {
            Scope::Text(fields) => (
                fields.iter().map(|f| f.field).collect(),
                fold::folded(prefix),
            ),
            Scope::Name(field) => (vec![*field], fold_name(prefix)),
            Scope::Exact(field) => (vec![*field], prefix.to_owned()),
        };
        if matches!(scope, Scope::Text(_)) {
            self.words.push(Word {
                label: format!("{folded}*"),
                ..Word::default()
            });
        }
        // Verb forms are indexed by their stems: for 발표했*, search the clippings with 발표.
        let fallback = match (scope, &self.analyzer.query_words(prefix)[..]) {
            (Scope::Text(_), [word]) => word.indexed_fallback.clone(),
            _ => None,
        };
        let literal = Literal::new(prefix, End::Anywhere);
        let mut any: Vec<Box<dyn Query>> = Vec::new();
        for field in fields {
            let first = Term::from_field_text(field, &folded);
            let last = Term::from_field_text(field, &format!("{folded}{}", char::MAX));
            any.push(Box::new(InvertedIndexRangeQuery::new(
                Bound::Included(first),
                Bound::Excluded(last),
            )));
            if let (Some((kind, text)), Some(literal)) = (&fallback, &literal) {
                let term = encoded_term(*kind, text);
                any.push(Box::new(self.begun(field, &term, literal)?));
            }
        }
        Ok(Box::new(BooleanQuery::union(any)))
    }

    /// The clippings with `term` whose text has a word with the prefix.
    fn begun(&self, field: IndexField, term: &str, literal: &Literal) -> Result<ListedQuery> {
        let readers = self.archive.searcher().segment_readers();
        let mut segments = Vec::with_capacity(readers.len());
        for (segment, reader) in (0..).zip(readers) {
            let docs = docs_of(self.archive, reader, field, term)?;
            let found = verified(self.archive, segment, &docs, literal, field, &self.limit)?;
            segments.push((reader.segment_id(), Arc::from(found)));
        }
        Ok(ListedQuery::new(segments))
    }

    /// A word searched in names or URLs: matches whole values.
    pub(super) fn name(&self, text: &str, scope: &Scope) -> Box<dyn Query> {
        let term = match scope {
            Scope::Name(field) => Term::from_field_text(*field, &fold_name(text)),
            Scope::Exact(field) => Term::from_field_text(*field, text),
            Scope::Text(_) => return Box::new(EmptyQuery),
        };
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        Box::new(ConstScoreQuery::new(Box::new(query), 0.0))
    }
}
