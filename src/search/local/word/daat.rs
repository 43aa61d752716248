//! Evaluates a word document at a time: the next match is the lowest document of all posting lists.
//!
//! An alternative of several words (all atoms of a compound) is their intersection, which starts
//! with the rarest.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::{DocId, DocSet, Score, TERMINATED};

use crate::index::TermDict;
use crate::search::local::graph::DocCount;
use crate::search::params;

/// Receives term, synonym, field index and weight of a contribution to a score.
type EachShare<'e> = &'e mut dyn FnMut(&str, Option<&str>, usize, Score);

/// An open field of a segment.
pub struct Opened {
    /// Term dictionary.
    pub dict: Arc<TermDict>,
    /// Field lengths.
    pub lengths: FieldNormReader,
    /// Weight of an occurrence by field length, which tantivy quantizes to 256 steps.
    pub factors: [f32; 256],
}

impl Opened {
    fn factor(&self, doc: DocId) -> f32 {
        self.factors[usize::from(self.lengths.fieldnorm_id(doc))]
    }
}

/// The postings of a term in a field.
pub struct PostingsRef {
    /// The cursor.
    pub postings: SegmentPostings,
    /// Location of the postings.
    pub info: TermInfo,
    /// The encoded term.
    pub term: String,
    /// Index of the field.
    pub field: usize,
    /// Weight of the term relative to others of the word.
    pub worth: f32,
}

impl PostingsRef {
    /// The first document at or after `target`.
    fn seek(&mut self, target: DocId) -> DocId {
        let doc = self.postings.doc();
        match doc < target {
            true if doc + 1 == target => self.postings.advance(),
            true => self.postings.seek(target),
            false => doc,
        }
    }

    /// Weighted frequency in the current document.
    fn times(&self, fields: &[Opened]) -> f32 {
        let factor = self.worth * fields[self.field].factor(self.postings.doc());
        factor * self.postings.term_freq() as f32
    }
}

/// Documents with the word spread over several runs, in one field.
pub struct ListRef {
    /// Sorted by document.
    pub found: Arc<[DocCount]>,
    at: usize,
    /// Index of the field.
    pub field: usize,
}

impl ListRef {
    /// Starts at the first document.
    pub fn new(found: Arc<[DocCount]>, field: usize) -> ListRef {
        ListRef {
            found,
            at: 0,
            field,
        }
    }

    fn doc(&self) -> DocId {
        self.found.get(self.at).map_or(TERMINATED, |(doc, _)| *doc)
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc() < target {
            let rest = self.found.get(self.at..).unwrap_or_default();
            self.at += rest.partition_point(|(doc, _)| *doc < target);
        }
        self.doc()
    }

    fn times(&self, fields: &[Opened]) -> f32 {
        let count = self.found.get(self.at).map_or(0, |(_, count)| *count);
        fields[self.field].factor(self.doc()) * count as f32
    }
}

/// All words of an alternative.
pub struct OpenAlternative {
    /// Weight of the words relative to the word itself.
    pub worth: f32,
    /// Rarest first.
    pub words: Vec<OpenWord>,
    /// The current document, which has all words.
    doc: DocId,
}

impl OpenAlternative {
    /// Starts at the first document.
    pub fn new(worth: f32, mut words: Vec<OpenWord>) -> OpenAlternative {
        words.sort_by_key(OpenWord::size);
        let mut alternative = OpenAlternative {
            worth,
            words,
            doc: 0,
        };
        alternative.settle(0);
        alternative
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.settle(target);
        }
        self.doc
    }

    /// Moves to the first document at or after `target` that has all words.
    fn settle(&mut self, mut target: DocId) {
        loop {
            let mut reached = target;
            for word in &mut self.words {
                reached = word.seek(reached);
            }
            if reached == target || reached == TERMINATED {
                // Without words, there is no match.
                self.doc = match self.words.is_empty() {
                    true => TERMINATED,
                    false => reached,
                };
                return;
            }
            target = reached;
        }
    }

    /// Upper bound for the number of matches.
    fn size(&self) -> u64 {
        self.words.first().map_or(0, OpenWord::size)
    }
}

/// A word with its open postings.
pub struct OpenWord {
    /// Inverse document frequency.
    pub idf: f32,
    /// Postings of the word itself.
    pub leaves: Vec<PostingsRef>,
    /// Occurrences spread over several runs.
    pub lists: Vec<ListRef>,
    /// Other words that match it.
    pub alternatives: Vec<OpenAlternative>,
    /// The current document.
    pub doc: DocId,
    /// The synonym, if it is one.
    pub synonym: Option<String>,
}

impl OpenWord {
    /// Starts at the first document.
    pub fn new(
        idf: f32,
        leaves: Vec<PostingsRef>,
        lists: Vec<ListRef>,
        alternatives: Vec<OpenAlternative>,
    ) -> OpenWord {
        let mut word = OpenWord {
            idf,
            leaves,
            lists,
            alternatives,
            doc: 0,
            synonym: None,
        };
        word.settle(0);
        word
    }

    /// The first match at or after `target`.
    pub fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.settle(target);
        }
        self.doc
    }

    fn settle(&mut self, target: DocId) {
        let leaves = self.leaves.iter_mut().map(|leaf| leaf.seek(target));
        let lists = self.lists.iter_mut().map(|list| list.seek(target));
        let alternatives = self
            .alternatives
            .iter_mut()
            .map(|alternative| alternative.seek(target));
        let all = leaves.chain(lists).chain(alternatives);
        self.doc = all.min().unwrap_or(TERMINATED);
    }

    /// The score of the current document.
    pub fn score(&self, fields: &[Opened]) -> Score {
        let mut times = 0.0;
        for leaf in &self.leaves {
            if leaf.postings.doc() == self.doc {
                times += leaf.times(fields);
            }
        }
        for list in self.lists.iter().filter(|list| list.doc() == self.doc) {
            times += list.times(fields);
        }
        let mut best_alternative: Score = 0.0;
        for alternative in self
            .alternatives
            .iter()
            .filter(|alternative| alternative.doc == self.doc)
        {
            let scores = alternative.words.iter().map(|word| word.score(fields));
            best_alternative = best_alternative.max(alternative.worth * scores.sum::<Score>());
        }
        saturated(self.idf, times) + best_alternative
    }

    /// Calls `each` with every term and field that contribute to the score of the current document,
    /// and with the weight of the contribution before saturation. The term is empty for an
    /// occurrence across several runs; for a synonym, its text is given too.
    pub fn shares(&self, fields: &[Opened], each: EachShare<'_>) {
        let doc = self.doc;
        let synonym = self.synonym.as_deref();
        for leaf in self.leaves.iter().filter(|l| l.postings.doc() == doc) {
            let share = leaf.times(fields) * self.idf;
            each(&leaf.term, synonym, leaf.field, share);
        }
        for list in self.lists.iter().filter(|l| l.doc() == doc) {
            each("", synonym, list.field, list.times(fields) * self.idf);
        }
        for alternative in self
            .alternatives
            .iter()
            .filter(|alternative| alternative.doc == doc)
        {
            for word in &alternative.words {
                word.shares(fields, each);
            }
        }
    }

    /// Upper bound for the number of matches.
    pub fn size(&self) -> u64 {
        let leaves = self.leaves.iter().map(|leaf| u64::from(leaf.info.doc_freq));
        let lists = self.lists.iter().map(|list| list.found.len() as u64);
        let alternatives = self.alternatives.iter().map(OpenAlternative::size);
        leaves.chain(lists).chain(alternatives).sum()
    }

    fn words(&self) -> impl Iterator<Item = &OpenWord> {
        self.alternatives
            .iter()
            .flat_map(|alternative| &alternative.words)
    }

    /// Number of posting lists, including those of alternatives.
    pub fn leaves(&self) -> u64 {
        let own = self.leaves.len() + self.lists.len();
        own as u64 + self.words().map(OpenWord::leaves).sum::<u64>()
    }

    /// Number of postings, including those of alternatives.
    pub fn postings(&self) -> u64 {
        let own = self.leaves.iter().map(|leaf| u64::from(leaf.info.doc_freq));
        let lists = self.lists.iter().map(|list| list.found.len() as u64);
        own.chain(lists)
            .chain(self.words().map(OpenWord::postings))
            .sum()
    }
}

/// BM25 of a frequency weighted by field and length.
pub fn saturated(idf: f32, times: f32) -> Score {
    idf * times * (params::K1 + 1.0) / (times + params::K1)
}
