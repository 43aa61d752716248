//! A word found step by step: all postings stand on places of their own, and the next clipping is the
//! lowest of these.
//!
//! A way (all atoms of a compound) goes to the clippings that all of its words have, the rarest of them
//! first.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::{DocId, DocSet, Score, TERMINATED};

use crate::index::TermDict;
use crate::search::local::graph::Found;
use crate::search::params;

/// A field of a segment, open.
pub struct Opened {
    /// Its terms.
    pub dict: Arc<TermDict>,
    /// How long it is in each clipping.
    pub lengths: FieldNormReader,
    /// What an occurrence is worth by that.
    pub factors: [f32; 256],
}

impl Opened {
    fn factor(&self, doc: DocId) -> f32 {
        self.factors[usize::from(self.lengths.fieldnorm_id(doc))]
    }
}

/// The postings of one term in one field.
pub struct PostingsRef {
    /// Where they stand.
    pub postings: SegmentPostings,
    /// Where they are in the index.
    pub info: TermInfo,
    /// The term, encoded.
    pub term: String,
    /// Which of the opened fields it is.
    pub field: usize,
    /// What an occurrence is worth beside those of other terms.
    pub worth: f32,
}

impl PostingsRef {
    /// The first clipping from `target` on.
    fn seek(&mut self, target: DocId) -> DocId {
        let doc = self.postings.doc();
        match doc < target {
            true if doc + 1 == target => self.postings.advance(),
            true => self.postings.seek(target),
            false => doc,
        }
    }

    /// What the clipping it stands on has of it.
    fn times(&self, fields: &[Opened]) -> f32 {
        let factor = self.worth * fields[self.field].factor(self.postings.doc());
        factor * self.postings.term_freq() as f32
    }
}

/// The clippings that have a word in several runs, in one field.
pub struct ListRef {
    /// In order.
    pub found: Arc<[Found]>,
    at: usize,
    /// Which of the opened fields it is.
    pub field: usize,
}

impl ListRef {
    /// Stands on the first of `found`.
    pub fn new(found: Arc<[Found]>, field: usize) -> ListRef {
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

/// All words of one way to find a word.
pub struct Way {
    /// What the words of it are worth beside the word itself.
    pub worth: f32,
    /// The rarest first.
    pub words: Vec<OpenWord>,
    /// The clipping that all stand on.
    doc: DocId,
}

impl Way {
    /// The way of all `words`.
    pub fn new(worth: f32, mut words: Vec<OpenWord>) -> Way {
        words.sort_by_key(OpenWord::size);
        let mut way = Way {
            worth,
            words,
            doc: 0,
        };
        way.settle(0);
        way
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.settle(target);
        }
        self.doc
    }

    /// Goes to the first clipping from `target` on that has all words.
    fn settle(&mut self, mut target: DocId) {
        loop {
            let mut reached = target;
            for word in &mut self.words {
                reached = word.seek(reached);
            }
            if reached == target || reached == TERMINATED {
                // Nothing is found by no words.
                self.doc = match self.words.is_empty() {
                    true => TERMINATED,
                    false => reached,
                };
                return;
            }
            target = reached;
        }
    }

    /// How many clippings it may have at most.
    fn size(&self) -> u64 {
        self.words.first().map_or(0, OpenWord::size)
    }
}

/// A word, its postings open.
pub struct OpenWord {
    /// Inverse document frequency.
    pub idf: f32,
    /// What it is found by itself.
    pub leaves: Vec<PostingsRef>,
    /// Where it stands in several runs.
    pub lists: Vec<ListRef>,
    /// Other alternatives to find it.
    pub alternatives: Vec<Way>,
    /// The clipping that it stands on.
    pub doc: DocId,
    /// The synonym that it is.
    pub synonym: Option<String>,
}

impl OpenWord {
    /// A word that is found by `leaves`, by `lists` and by `alternatives`.
    pub fn new(
        idf: f32,
        leaves: Vec<PostingsRef>,
        lists: Vec<ListRef>,
        alternatives: Vec<Way>,
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

    /// The first clipping from `target` on.
    pub fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.settle(target);
        }
        self.doc
    }

    fn settle(&mut self, target: DocId) {
        let leaves = self.leaves.iter_mut().map(|leaf| leaf.seek(target));
        let lists = self.lists.iter_mut().map(|list| list.seek(target));
        let alternatives = self.alternatives.iter_mut().map(|way| way.seek(target));
        let all = leaves.chain(lists).chain(alternatives);
        self.doc = all.min().unwrap_or(TERMINATED);
    }

    /// The score of the clipping that it stands on.
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
        let mut best_way: Score = 0.0;
        for way in self.alternatives.iter().filter(|way| way.doc == self.doc) {
            let scores = way.words.iter().map(|word| word.score(fields));
            best_way = best_way.max(way.worth * scores.sum::<Score>());
        }
        saturated(self.idf, times) + best_way
    }

    /// Calls `each` with every term and field that give something to the score of the clipping that it
    /// stands on, and what that would be without the others. The term of what stands in several runs
    /// is empty; of a synonym, it is named.
    pub fn shares(
        &self,
        fields: &[Opened],
        each: &mut dyn FnMut(&str, Option<&str>, usize, Score),
    ) {
        let doc = self.doc;
        let synonym = self.synonym.as_deref();
        for leaf in self.leaves.iter().filter(|l| l.postings.doc() == doc) {
            let share = leaf.times(fields) * self.idf;
            each(&leaf.term, synonym, leaf.field, share);
        }
        for list in self.lists.iter().filter(|l| l.doc() == doc) {
            each("", synonym, list.field, list.times(fields) * self.idf);
        }
        for way in self.alternatives.iter().filter(|way| way.doc == doc) {
            for word in &way.words {
                word.shares(fields, each);
            }
        }
    }

    /// How many clippings it may have at most.
    pub fn size(&self) -> u64 {
        let leaves = self.leaves.iter().map(|leaf| u64::from(leaf.info.doc_freq));
        let lists = self.lists.iter().map(|list| list.found.len() as u64);
        let alternatives = self.alternatives.iter().map(Way::size);
        leaves.chain(lists).chain(alternatives).sum()
    }

    fn words(&self) -> impl Iterator<Item = &OpenWord> {
        self.alternatives.iter().flat_map(|way| &way.words)
    }

    /// How many leaves there are, of words within it too.
    pub fn leaves(&self) -> u64 {
        let own = self.leaves.len() + self.lists.len();
        own as u64 + self.words().map(OpenWord::leaves).sum::<u64>()
    }

    /// How many postings there are, of words within it too.
    pub fn postings(&self) -> u64 {
        let own = self.leaves.iter().map(|leaf| u64::from(leaf.info.doc_freq));
        let lists = self.lists.iter().map(|list| list.found.len() as u64);
        own.chain(lists)
            .chain(self.words().map(OpenWord::postings))
            .sum()
    }
}

/// BM25 with so many occurrences, weighed by field and length.
pub fn saturated(idf: f32, times: f32) -> Score {
    idf * times * (params::K1 + 1.0) / (times + params::K1)
}
