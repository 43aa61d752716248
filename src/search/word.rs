//! One word of a query as tantivy runs it: found in any form and field, scored once.
//!
//! A word has forms (the word itself, its stem before particles, a part of a longer word), each in
//! several fields. To score every form and field for itself and add up would reward a word for
//! having many; here occurrences are added up first, weighed by field and length, and then go
//! through BM25 once: BM25F (Robertson, Zaragoza, Taylor: Simple BM25 extension to multiple
//! weighted fields, 2004). A word may also be found by *ways*: all of its atoms, or all words of a
//! synonym.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, Score, Searcher, SegmentReader, TERMINATED};

use super::params;
use crate::index::Terms;

/// A word, or a part of one, with all that it is found by.
#[derive(Debug, Clone, Default)]
pub struct Word {
    /// As typed, for explanations.
    pub label: String,
    /// Encoded terms, any of which is the word, with what each is worth.
    pub terms: Vec<(String, f32)>,
    /// Other ways to find it: all words of one way together, and what that is worth.
    pub ways: Vec<(f32, Vec<Word>)>,
}

/// A field to search, with its weight and its `b` of BM25F.
#[derive(Debug, Clone, Copy)]
pub struct Weighted {
    /// The field.
    pub field: Field,
    /// What an occurrence in it is worth.
    pub weight: f32,
    /// How much its length counts against it.
    pub b: f32,
}

/// Finds the clippings that have a word.
#[derive(Debug, Clone)]
pub struct WordQuery {
    terms: Terms,
    word: Arc<Word>,
    fields: Arc<[Weighted]>,
}

impl WordQuery {
    /// Looks for `word` in `fields`; `terms` are those of the index that is asked.
    pub fn new(word: Word, fields: Arc<[Weighted]>, terms: &Terms) -> Self {
        WordQuery {
            terms: terms.clone(),
            word: Arc::new(word),
            fields,
        }
    }
}

impl Query for WordQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.word_weight(scoring)?))
    }
}

impl WordQuery {
    fn word_weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<WordWeight> {
        let searcher = scoring.searcher();
        let mut slots = Vec::new();
        let asked = searcher.map(|searcher| (searcher, &self.terms));
        lay_out(&self.word, &self.fields, asked, &mut slots)?;
        let mut fields = Vec::with_capacity(self.fields.len());
        for &weighted in &*self.fields {
            let average = match searcher {
                Some(searcher) => average_length(searcher, weighted.field)?,
                None => 1.0,
            };
            fields.push((weighted, average));
        }
        Ok(WordWeight {
            terms: self.terms.clone(),
            slots: slots.into(),
            fields: fields.into(),
        })
    }
}

/// Mean number of terms of a field.
pub(super) fn average_length(searcher: &Searcher, field: Field) -> tantivy::Result<f32> {
    let mut tokens = 0;
    for reader in searcher.segment_readers() {
        tokens += reader.inverted_index(field)?.total_num_tokens();
    }
    Ok((tokens as f32 / searcher.num_docs().max(1) as f32).max(1.0))
}

/// A word laid out flat: children stand behind their parent.
#[derive(Debug)]
struct Slot {
    label: String,
    terms: Vec<(String, f32)>,
    /// Inverse document frequency, as BM25 has it.
    idf: f32,
    ways: Vec<(f32, Vec<usize>)>,
}

fn lay_out(
    word: &Word,
    fields: &[Weighted],
    asked: Option<(&Searcher, &Terms)>,
    slots: &mut Vec<Slot>,
) -> tantivy::Result<usize> {
    let at = slots.len();
    let idf = match asked {
        Some((searcher, terms)) => idf(&word.terms, fields, searcher, terms)?,
        None => 1.0,
    };
    slots.push(Slot {
        label: word.label.clone(),
        terms: word.terms.clone(),
        idf,
        ways: Vec::new(),
    });
    for (weight, words) in &word.ways {
        let mut children = Vec::with_capacity(words.len());
        for child in words {
            children.push(lay_out(child, fields, asked, slots)?);
        }
        slots[at].ways.push((*weight, children));
    }
    Ok(at)
}

/// The forms of a word seldom share a clipping in one field, so their counts add up; a field's
/// clippings are mostly among those of another, so of fields the largest count is taken.
fn idf(
    forms: &[(String, f32)],
    fields: &[Weighted],
    searcher: &Searcher,
    terms: &Terms,
) -> tantivy::Result<f32> {
    let mut most = 0;
    for weighted in fields {
        let mut with = 0;
        for (form, _) in forms {
            with += terms.doc_freq(searcher, weighted.field, form)?;
        }
        most = most.max(with);
    }
    Ok(idf_of(most, searcher))
}

/// BM25's inverse document frequency of what so many clippings have.
pub(super) fn idf_of(with: u64, searcher: &Searcher) -> f32 {
    let all = searcher.num_docs().max(1) as f32;
    let with = (with as f32).min(all);
    (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
}

struct WordWeight {
    terms: Terms,
    slots: Arc<[Slot]>,
    fields: Arc<[(Weighted, f32)]>,
}

impl WordWeight {
    fn open(
        &self,
        reader: &SegmentReader,
        option: IndexRecordOption,
    ) -> tantivy::Result<WordScorer> {
        let mut leaves = Vec::new();
        let mut norms = Vec::with_capacity(self.fields.len());
        for (field, (weighted, average)) in self.fields.iter().enumerate() {
            let index = reader.inverted_index(weighted.field)?;
            for (number, slot) in self.slots.iter().enumerate() {
                for (text, worth) in &slot.terms {
                    if let Some(postings) = self.terms.postings(&index, text, option)? {
                        leaves.push(Leaf {
                            term: text.clone(),
                            doc: postings.doc(),
                            postings,
                            slot: number,
                            field,
                            weight: weighted.weight * worth,
                        });
                    }
                }
            }
            norms.push(Norm {
                reader: reader.get_fieldnorms_reader(weighted.field)?,
                fixed: 1.0 - weighted.b,
                by_length: weighted.b / average,
            });
        }
        let mut scorer = WordScorer {
            marks: vec![(0.0, 0.0); self.slots.len()],
            slots: Arc::clone(&self.slots),
            leaves,
            norms,
            doc: 0,
            score: 0.0,
        };
        scorer.settle();
        Ok(scorer)
    }
}

impl Weight for WordWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorer = self.open(reader, IndexRecordOption::WithFreqs)?;
        if boost != 1.0 {
            for leaf in &mut scorer.leaves {
                leaf.weight *= boost;
            }
        }
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.open(reader, IndexRecordOption::WithFreqs)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            return Ok(Explanation::new("no match", 0.0));
        }
        let label = &self.slots[0].label;
        Ok(Explanation::new_with_string(label.clone(), scorer.score()))
    }
}

/// The postings of one term in one field.
struct Leaf {
    term: String,
    postings: SegmentPostings,
    doc: DocId,
    slot: usize,
    field: usize,
    weight: f32,
}

/// What the length of a field does to an occurrence in it.
struct Norm {
    reader: FieldNormReader,
    fixed: f32,
    by_length: f32,
}

struct WordScorer {
    leaves: Vec<Leaf>,
    slots: Arc<[Slot]>,
    norms: Vec<Norm>,
    /// By slot: occurrences weighed by field and length; then the score.
    marks: Vec<(f32, f32)>,
    doc: DocId,
    score: Score,
}

impl WordScorer {
    /// Goes to the first clipping, from where the leaves stand on, that has the word.
    fn settle(&mut self) {
        loop {
            self.doc = self
                .leaves
                .iter()
                .map(|l| l.doc)
                .min()
                .unwrap_or(TERMINATED);
            if self.doc == TERMINATED || self.judge() {
                return;
            }
            self.step();
        }
    }

    /// Moves the leaves that stand on the current clipping.
    fn step(&mut self) {
        for leaf in &mut self.leaves {
            if leaf.doc == self.doc {
                leaf.doc = leaf.postings.advance();
            }
        }
    }

    /// Whether the clipping has the word, all ways considered; if so its score stands in `score`.
    fn judge(&mut self) -> bool {
        for mark in &mut self.marks {
            *mark = (0.0, 0.0);
        }
        for leaf in &self.leaves {
            if leaf.doc == self.doc {
                let norm = &self.norms[leaf.field];
                let length = norm.reader.fieldnorm(self.doc) as f32;
                let times = leaf.postings.term_freq() as f32;
                self.marks[leaf.slot].0 +=
                    leaf.weight * times / (norm.fixed + norm.by_length * length);
            }
        }
        for (number, slot) in self.slots.iter().enumerate().rev() {
            let times = self.marks[number].0;
            let own = slot.idf * times * (params::K1 + 1.0) / (times + params::K1);
            let mut best_way: f32 = 0.0;
            for (weight, words) in &slot.ways {
                let scores = words.iter().map(|&w| self.marks[w].1);
                if scores.clone().all(|s| s > 0.0) {
                    best_way = best_way.max(weight * scores.sum::<f32>());
                }
            }
            self.marks[number].1 = own + best_way;
        }
        self.score = self.marks[0].1;
        self.score > 0.0
    }
}

impl DocSet for WordScorer {
    fn advance(&mut self) -> DocId {
        self.step();
        self.settle();
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            for leaf in &mut self.leaves {
                if leaf.doc < target {
                    leaf.doc = leaf.postings.seek(target);
                }
            }
            self.settle();
        }
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let most = self.leaves.iter().map(|l| l.postings.size_hint());
        most.max().unwrap_or(0)
    }
}

impl Scorer for WordScorer {
    fn score(&mut self) -> Score {
        self.score
    }
}

/// Positions of one word in one field of one segment, for whoever measures nearness.
pub struct Places {
    leaves: Vec<SegmentPostings>,
    positions: Vec<u32>,
}

impl Places {
    /// The places of `word`, in any form and also of its atoms, in `field`.
    pub fn open(
        word: &Word,
        field: Field,
        reader: &SegmentReader,
        terms: &Terms,
    ) -> tantivy::Result<Places> {
        let index = reader.inverted_index(field)?;
        let mut leaves = Vec::new();
        let mut rest = vec![word];
        while let Some(word) = rest.pop() {
            for (term, _) in &word.terms {
                let option = IndexRecordOption::WithFreqsAndPositions;
                leaves.extend(terms.postings(&index, term, option)?);
            }
            rest.extend(word.ways.iter().flat_map(|(_, words)| words));
        }
        Ok(Places {
            leaves,
            positions: Vec::new(),
        })
    }

    /// The positions in `doc`, in ascending order. Documents must be asked for in ascending order.
    pub fn at(&mut self, doc: DocId) -> &[u32] {
        self.positions.clear();
        for leaf in &mut self.leaves {
            if leaf.doc() < doc {
                leaf.seek(doc);
            }
            if leaf.doc() == doc {
                leaf.append_positions_with_offset(0, &mut self.positions);
            }
        }
        self.positions.sort_unstable();
        self.positions.dedup();
        &self.positions
    }
}

/// What each term of a word gives to the score of one clipping, by field: term, field, share.
pub fn contributions(
    query: &WordQuery,
    searcher: &Searcher,
    address: DocAddress,
) -> tantivy::Result<Vec<(String, Field, Score)>> {
    let scoring = EnableScoring::enabled_from_searcher(searcher);
    let weight = query.word_weight(scoring)?;
    let reader = searcher.segment_reader(address.segment_ord);
    let mut scorer = weight.open(reader, IndexRecordOption::WithFreqs)?;
    if scorer.doc() > address.doc_id || scorer.seek(address.doc_id) != address.doc_id {
        return Ok(Vec::new());
    }
    let mut shares = Vec::new();
    let mut sum = 0.0;
    for leaf in &scorer.leaves {
        if leaf.doc == address.doc_id {
            let norm = &scorer.norms[leaf.field];
            let length = norm.reader.fieldnorm(leaf.doc) as f32;
            let part = leaf.weight * leaf.postings.term_freq() as f32
                / (norm.fixed + norm.by_length * length)
                * scorer.slots[leaf.slot].idf;
            sum += part;
            shares.push((leaf.term.clone(), weight.fields[leaf.field].0.field, part));
        }
    }
    // Saturation and ways act on the sum; every term gets its part of what came out.
    for share in &mut shares {
        share.2 *= scorer.score / sum;
    }
    Ok(shares)
}
