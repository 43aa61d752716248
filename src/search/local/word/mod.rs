//! A query word as a tantivy query: matched in any form and field, scored once.
//!
//! A word has several forms (the word itself, its stem before particles, a part of a longer word),
//! each in several fields. Summing their scores would reward words with many forms. Instead,
//! frequencies are summed, weighted by field and length, and scored once: BM25F (Robertson,
//! Zaragoza, Taylor: Simple BM25 extension to multiple weighted fields, 2004). A word may also
//! match by *alternatives*: all of its atoms, or all words of a synonym.

mod daat;
mod scorer;
mod taat;

use std::array;
use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::SegmentId;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader};

use crate::index::{Archive, Result, TermDictCache, term_text};
use crate::search::HitKey;
use crate::search::local::graph::DocCount;
use crate::search::local::plan::all_fields;

use daat::{ListRef, OpenAlternative, OpenWord, Opened, PostingsRef};
use scorer::WordScorer;

/// A word, or a part of one, with everything that matches it.
#[derive(Debug, Clone, Default)]
pub struct Word {
    /// As typed, for explanations.
    pub label: String,
    /// Encoded terms that match the word, with their weights.
    pub terms: Vec<(String, f32)>,
    /// Occurrences across several runs, by field.
    pub spaced: Vec<Arc<Spaced>>,
    /// Alternatives: words that together match, with their weight.
    pub alternatives: Vec<(f32, Vec<Word>)>,
    /// Whether it is a synonym of the word it is an alternative of.
    pub is_synonym: bool,
    /// Whether captions are left out of the ranking: the query that decides about matches ranks too, and does not search
    /// them.
    pub without_captions: bool,
}

impl Word {
    /// The folded texts of its own terms.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let terms = self.terms.iter();
        terms.map(|(term, _)| term_text(term))
    }
}

/// The documents with a word across several runs, in one field.
#[derive(Debug)]
pub struct Spaced {
    /// The field.
    pub field: Field,
    /// Number of documents.
    pub docs: u64,
    /// Documents of each segment, sorted, with the number of occurrences.
    pub segments: Vec<(SegmentId, Arc<[DocCount]>)>,
}

impl Spaced {
    fn of(&self, segment: SegmentId) -> Option<&Arc<[DocCount]>> {
        let found = self.segments.iter().find(|(id, _)| *id == segment);
        found.map(|(_, found)| found)
    }
}

/// A field to search, with its BM25F parameters.
#[derive(Debug, Clone, Copy)]
pub struct FieldWeight {
    /// The field.
    pub field: Field,
    /// Weight of an occurrence.
    pub weight: f32,
    /// Strength of length normalization.
    pub b: f32,
}

/// Matches documents with a word.
#[derive(Debug, Clone)]
pub struct WordQuery {
    terms: TermDictCache,
    word: Arc<Word>,
    fields: Arc<[FieldWeight]>,
}

impl WordQuery {
    /// Searches `word` in `fields`. `terms` must be the dictionaries of the index searched.
    pub fn new(word: Word, fields: Arc<[FieldWeight]>, terms: &TermDictCache) -> Self {
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
        let asked = searcher.map(|searcher| (searcher, &self.terms));
        let mut fields = Vec::with_capacity(self.fields.len());
        for &weighted in &*self.fields {
            let average = match searcher {
                Some(searcher) => self.terms.average_length(searcher, weighted.field)?,
                None => 1.0,
            };
            fields.push(OfField {
                weighted,
                factors: factors(weighted, average),
            });
        }
        Ok(WordWeight {
            terms: self.terms.clone(),
            word: ScoredWord::of(&self.word, &self.fields, asked)?,
            fields,
        })
    }
}

/// A field with the weight of an occurrence by field length, which tantivy quantizes to 256 steps.
struct OfField {
    weighted: FieldWeight,
    factors: [f32; 256],
}

fn factors(weighted: FieldWeight, average: f32) -> [f32; 256] {
    array::from_fn(|id| {
        let length = FieldNormReader::id_to_fieldnorm(id as u8) as f32;
        weighted.weight / (1.0 - weighted.b + weighted.b * length / average)
    })
}

/// A word with its inverse document frequency.
#[derive(Debug, Clone)]
struct ScoredWord {
    label: String,
    is_synonym: bool,
    terms: Vec<(String, f32)>,
    spaced: Vec<Arc<Spaced>>,
    /// As in BM25.
    idf: f32,
    alternatives: Vec<(f32, Vec<ScoredWord>)>,
}

impl ScoredWord {
    fn of(
        word: &Word,
        fields: &[FieldWeight],
        asked: Option<(&Searcher, &TermDictCache)>,
    ) -> tantivy::Result<ScoredWord> {
        let mut alternatives = Vec::with_capacity(word.alternatives.len());
        for (worth, words) in &word.alternatives {
            let words = words.iter().map(|word| ScoredWord::of(word, fields, asked));
            alternatives.push((*worth, words.collect::<tantivy::Result<_>>()?));
        }
        Ok(ScoredWord {
            label: word.label.clone(),
            is_synonym: word.is_synonym,
            terms: word.terms.clone(),
            spaced: word.spaced.clone(),
            idf: match asked {
                Some((searcher, terms)) => idf(word, fields, searcher, terms)?,
                None => 1.0,
            },
            alternatives,
        })
    }
}

/// Document frequencies of forms are summed, because two forms of a word rarely occur in the same
/// field of a clipping. Of several fields the largest sum is taken, because the clippings with a
/// word in one field mostly have it in another too.
fn idf(
    word: &Word,
    fields: &[FieldWeight],
    searcher: &Searcher,
    terms: &TermDictCache,
) -> tantivy::Result<f32> {
    let mut most = 0;
    for weighted in fields {
        let here = word.spaced.iter().filter(|s| s.field == weighted.field);
        let mut with: u64 = here.map(|spaced| spaced.docs).sum();
        for (form, _) in &word.terms {
            with += terms.whole_doc_freq(searcher, weighted.field, form)?;
        }
        most = most.max(with);
    }
    Ok(idf_of(most, terms.clippings(searcher)))
}

/// BM25's inverse document frequency of what so many of `all` clippings have.
pub(in crate::search) fn idf_of(with: u64, all: u64) -> f32 {
    let all = all.max(1) as f32;
    let with = (with as f32).min(all);
    (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
}

struct WordWeight {
    terms: TermDictCache,
    word: ScoredWord,
    fields: Vec<OfField>,
}

impl WordWeight {
    /// Opens the word and its fields.
    fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<(OpenWord, Vec<Opened>)> {
        let mut fields = Vec::with_capacity(self.fields.len());
        for OfField { weighted, factors } in &self.fields {
            fields.push(Opened {
                dict: self.terms.dict(reader, weighted.field)?,
                lengths: reader.get_fieldnorms_reader(weighted.field)?,
                factors: factors.map(|factor| factor * boost),
            });
        }
        Ok((
            self.open_word(&self.word, &fields, reader.segment_id())?,
            fields,
        ))
    }

    fn open_word(
        &self,
        word: &ScoredWord,
        fields: &[Opened],
        segment: SegmentId,
    ) -> tantivy::Result<OpenWord> {
        let mut leaves = Vec::new();
        let mut lists = Vec::new();
        for spaced in &word.spaced {
            let field = self
                .fields
                .iter()
                .position(|f| f.weighted.field == spaced.field);
            if let (Some(field), Some(found)) = (field, spaced.of(segment)) {
                lists.push(ListRef::new(Arc::clone(found), field));
            }
        }
        for (field, opened) in fields.iter().enumerate() {
            for (term, worth) in &word.terms {
                if let Some(info) = opened.dict.info(term)? {
                    let option = IndexRecordOption::WithFreqs;
                    leaves.push(PostingsRef {
                        postings: opened
                            .dict
                            .index()
                            .read_postings_from_terminfo(&info, option)?,
                        info,
                        term: term.clone(),
                        field,
                        worth: *worth,
                    });
                }
            }
        }
        let mut alternatives = Vec::with_capacity(word.alternatives.len());
        for (worth, words) in &word.alternatives {
            let words = words
                .iter()
                .map(|word| self.open_word(word, fields, segment));
            alternatives.push(OpenAlternative::new(
                *worth,
                words.collect::<tantivy::Result<_>>()?,
            ));
        }
        let synonym = word.is_synonym.then(|| word.label.clone());
        let open = OpenWord::new(word.idf, leaves, lists, alternatives);
        Ok(OpenWord { synonym, ..open })
    }
}

impl Weight for WordWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let (word, fields) = self.open(reader, boost)?;
        Ok(Box::new(WordScorer::new(word, fields, reader.max_doc())))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let (mut word, fields) = self.open(reader, 1.0)?;
        if word.seek(doc) != doc {
            return Ok(Explanation::new("no match", 0.0));
        }
        let label = self.word.label.clone();
        Ok(Explanation::new_with_string(label, word.score(&fields)))
    }
}

/// Positions of a word in one field of a segment, for proximity.
pub struct WordPositions {
    leaves: Vec<SegmentPostings>,
    /// Words that follow one another where the word stands: its components, or a synonym.
    rows: Vec<Vec<WordPositions>>,
    positions: Vec<u32>,
}

impl WordPositions {
    /// The positions of `word` in `field`, as one run or as its components side by side.
    pub fn open(
        word: &Word,
        field: Field,
        reader: &SegmentReader,
        terms: &TermDictCache,
    ) -> tantivy::Result<WordPositions> {
        let dict = terms.dict(reader, field)?;
        let mut leaves = Vec::new();
        for (term, _) in &word.terms {
            let option = IndexRecordOption::WithFreqsAndPositions;
            leaves.extend(dict.postings(term, option)?);
        }
        let mut rows = Vec::with_capacity(word.alternatives.len());
        for (_, words) in &word.alternatives {
            let row = words
                .iter()
                .map(|word| WordPositions::open(word, field, reader, terms));
            rows.push(row.collect::<tantivy::Result<_>>()?);
        }
        Ok(WordPositions {
            leaves,
            rows,
            positions: Vec::new(),
        })
    }

    /// The positions in `doc`, sorted. Documents must be requested in ascending order.
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
        for row in &mut self.rows {
            let mut words = row.iter_mut();
            let mut ends = words
                .next()
                .map_or(Vec::new(), |word| word.at(doc).to_vec());
            for word in words {
                let next = word.at(doc).iter().copied();
                ends = next.filter(|at| follows(&ends, *at)).collect();
            }
            self.positions.append(&mut ends);
        }
        self.positions.sort_unstable();
        self.positions.dedup();
        &self.positions
    }
}

/// Whether one of the sorted `ends` is in the same run as `at`, or in the one before.
fn follows(ends: &[u32], at: u32) -> bool {
    let has = |position: u32| ends.binary_search(&position).is_ok();
    has(at) || at.checked_sub(1).is_some_and(has)
}

/// The part of a form in a score.
pub struct FormShare {
    /// Folded.
    pub form: String,
    /// The form is that of a synonym.
    pub is_synonym: bool,
    /// Name of the field in queries.
    pub field: String,
    pub score: Score,
}

/// The part of each form and field in the score of a clipping.
pub fn contributions(word: &Word, archive: &Archive, key: HitKey) -> Result<Vec<FormShare>> {
    let searcher = archive.searcher();
    let captions = archive.fields().extra;
    let fields = all_fields(archive);
    let fields = fields.iter().copied();
    let fields = fields.filter(|f| !word.without_captions || f.field != captions);
    let query = WordQuery::new(word.clone(), fields.collect(), archive.terms());
    let weight = query.word_weight(EnableScoring::enabled_from_searcher(searcher))?;
    let reader = searcher.segment_reader(key.segment);
    let (mut word, fields) = weight.open(reader, 1.0)?;
    if word.seek(key.doc) != key.doc {
        return Ok(Vec::new());
    }
    let mut shares: Vec<FormShare> = Vec::new();
    word.shares(&fields, &mut |term, synonym, field, share| {
        let form = match term {
            // An occurrence across several runs has no term.
            "" => synonym.unwrap_or(&query.word.label),
            term => term_text(term),
        };
        let is_synonym = synonym.is_some();
        let field = query.fields[field].field;
        let field = searcher.schema().get_field_name(field);
        match shares
            .iter_mut()
            .find(|s| s.form == form && s.is_synonym == is_synonym && s.field == field)
        {
            Some(known) => known.score += share,
            None => shares.push(FormShare {
                form: form.to_owned(),
                is_synonym,
                field: field.to_owned(),
                score: share,
            }),
        }
    });
    let sum: Score = shares.iter().map(|share| share.score).sum();
    // Saturation and alternatives apply to the sum, so distribute the result in proportion.
    let score = word.score(&fields);
    for share in &mut shares {
        share.score *= score / sum;
    }
    Ok(shares)
}
