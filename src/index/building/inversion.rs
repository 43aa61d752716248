//! Texts turned over: which term stands where, in memory.
//!
//! Under `segment`. What comes in is numbers of runs, three in four of them met before (see
//! [`Analyzer::number`]); a text is kept as the numbers of its runs, one after the other. What terms a
//! run has is noted once. At the end the texts are gone through twice: to count how often each term
//! stands there, and to note where. So a word costs four bytes while it comes in, and is never looked
//! up in a table of terms again.

use tantivy::fieldnorm::FieldNormsWriter;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::Field;
use tantivy::{DocId, TantivyError};

use super::super::Result;
use super::super::term::{LONGEST_TERM, encode};
use super::vocabulary::Vocabulary;
use crate::analyze::cache::{CachedTerms, Edition};
use crate::analyze::{Analyzer, Numbering};

/// A run in a text: its number in the lower bits, above them by how many positions it stands after the
/// run before.
const NUMBER_BITS: u32 = 27;
const NUMBER: u32 = (1 << NUMBER_BITS) - 1;
/// The highest step says that the real one follows.
const FAR: u32 = u32::MAX >> NUMBER_BITS;

/// Positions between two texts of one field.
const GAP: u32 = 1;

/// The most runs that an inversion can number.
pub(super) const MOST_RUNS: usize = NUMBER as usize;

/// The texts of a segment, turned over.
pub(super) struct Inversion {
    edition: Edition,
    runs: Runs,
    fields: Vec<Texts>,
}

/// The different runs.
#[derive(Default)]
struct Runs {
    vocabulary: Vocabulary,
    /// The terms of all runs, one run after the other.
    terms: Vec<u32>,
    /// Where those of each run end.
    ends: Vec<u32>,
    /// A term on its way into the vocabulary.
    encoded: String,
}

/// The texts of one field.
struct Texts {
    field: Field,
    /// See [`NUMBER_BITS`].
    runs: Vec<u32>,
    /// Where the runs of each clipping end.
    ends: Vec<usize>,
}

impl Inversion {
    /// Nothing yet of texts of these fields, to be read by `analyzer`.
    pub(super) fn new(fields: &[Field], analyzer: &mut Analyzer) -> Inversion {
        let texts = |&field| Texts {
            field,
            runs: Vec::new(),
            ends: Vec::new(),
        };
        Inversion {
            edition: analyzer.edition(),
            runs: Runs::default(),
            fields: fields.iter().map(texts).collect(),
        }
    }

    /// Takes the texts of a clipping's `field`. Clippings come in their order.
    pub(super) fn add<'t>(
        &mut self,
        doc: DocId,
        field: Field,
        texts: impl Iterator<Item = &'t str>,
        analyzer: &mut Analyzer,
    ) {
        let Some(of_field) = self.fields.iter_mut().find(|texts| texts.field == field) else {
            return;
        };
        of_field.fill_up_to(doc);
        let mut reading = Reading {
            runs: &mut self.runs,
            out: &mut of_field.runs,
            last: 0,
            base: 0,
            end: 0,
        };
        for text in texts {
            reading.base = reading.end;
            analyzer.number(text, self.edition, &mut reading);
            reading.end += GAP;
        }
        of_field.ends.push(of_field.runs.len());
    }

    /// How many different runs there are.
    pub(super) fn runs(&self) -> usize {
        self.runs.ends.len()
    }

    /// Bytes of memory that it takes, with what [`Inversion::write`] will take besides.
    pub(super) fn memory(&self) -> usize {
        let runs = &self.runs;
        let words: usize = self.fields.iter().map(|f| f.runs.capacity()).sum();
        let most = self.fields.iter().map(|f| f.runs.len()).max().unwrap_or(0);
        let terms_of_a_run = runs.terms.len() / runs.ends.len().max(1) + 1;
        let lists = words + runs.terms.capacity() + runs.ends.capacity();
        runs.vocabulary.memory()
            + lists * size_of::<u32>()
            + most * terms_of_a_run * size_of::<Place>()
    }

    /// Writes the terms of all fields with their postings and positions, and how many terms each
    /// clipping has in each field.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(
        &mut self,
        docs: DocId,
        serializer: &mut InvertedIndexSerializer,
        norms: &mut FieldNormsWriter,
    ) -> Result<()> {
        let order = self.runs.vocabulary.sorted();
        for texts in &mut self.fields {
            texts.fill_up_to(docs);
            let lists = Lists::of(texts, &self.runs, &order, norms);
            if lists.places.is_empty() {
                continue;
            }
            lists
                .write(texts.field, &self.runs.vocabulary, &order, serializer)
                .map_err(TantivyError::from)?;
        }
        Ok(())
    }
}

impl Texts {
    /// Notes that the clippings before `doc` that were not told of have nothing here.
    fn fill_up_to(&mut self, doc: DocId) {
        self.ends.resize(doc as usize, self.runs.len());
    }

    /// The clippings in their order, each as its runs: numbers and positions.
    fn docs(&self) -> impl Iterator<Item = (DocId, impl Iterator<Item = (usize, u32)>)> {
        let mut start = 0;
        self.ends.iter().enumerate().map(move |(doc, &end)| {
            let mut runs = self.runs[start..end].iter();
            start = end;
            let mut position = 0;
            let placed = std::iter::from_fn(move || {
                let run = runs.next()?;
                position += match run >> NUMBER_BITS {
                    FAR => *runs.next()?,
                    step => step,
                };
                Some(((run & NUMBER) as usize, position))
            });
            (doc as DocId, placed)
        })
    }
}

impl Runs {
    fn terms(&self, run: usize) -> &[u32] {
        let start = run.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.terms[start as usize..self.ends[run] as usize]
    }
}

/// A text that is being taken in.
struct Reading<'i> {
    runs: &'i mut Runs,
    out: &'i mut Vec<u32>,
    /// Position of the run before.
    last: u32,
    /// Position at which the text begins.
    base: u32,
    /// Position after the last run.
    end: u32,
}

impl Numbering for Reading<'_> {
    fn number(&mut self, terms: CachedTerms<'_>) -> u32 {
        let runs = &mut *self.runs;
        for (text, kind, ..) in terms.filter(|term| term.0.len() < LONGEST_TERM) {
            runs.encoded.clear();
            encode(kind, text, &mut runs.encoded);
            let term = runs.vocabulary.number(runs.encoded.as_bytes());
            runs.terms.push(term);
        }
        runs.ends.push(runs.terms.len() as u32);
        runs.ends.len() as u32 - 1
    }

    fn stands(&mut self, number: u32, position: u32) {
        let position = self.base.saturating_add(position);
        let step = position.saturating_sub(self.last);
        self.out.push(step.min(FAR) << NUMBER_BITS | number);
        if step >= FAR {
            self.out.push(step);
        }
        self.last = position;
        self.end = position.saturating_add(1);
    }
}

/// Where a term stands: the clipping in the upper half, the position in the lower.
type Place = u64;

/// The places of all terms in one field.
struct Lists {
    /// Those of the first term in the order, of the second ...
    places: Vec<Place>,
    /// By the number of the term: where its places end.
    ends: Vec<usize>,
}

impl Lists {
    fn of(texts: &Texts, runs: &Runs, order: &[u32], norms: &mut FieldNormsWriter) -> Lists {
        let mut often = vec![0u32; runs.ends.len()];
        for (doc, placed) in texts.docs() {
            let mut terms = 0;
            for (run, _) in placed {
                often[run] += 1;
                terms += runs.terms(run).len();
            }
            norms.record(doc, texts.field, terms as u32);
        }
        let mut ends = vec![0usize; runs.vocabulary.len()];
        for (run, often) in often.iter().enumerate().filter(|(_, often)| **often > 0) {
            for &term in runs.terms(run) {
                ends[term as usize] += *often as usize;
            }
        }
        let mut total = 0;
        for &term in order {
            let count = std::mem::replace(&mut ends[term as usize], total);
            total += count;
        }
        // The ends are where the next place of each term goes, until all places are there.
        let mut places = vec![0; total];
        for (doc, placed) in texts.docs() {
            for (run, position) in placed {
                let place = Place::from(doc) << 32 | Place::from(position);
                for &term in runs.terms(run) {
                    let end = &mut ends[term as usize];
                    places[*end] = place;
                    *end += 1;
                }
            }
        }
        Lists { places, ends }
    }

    fn write(
        &self,
        field: Field,
        vocabulary: &Vocabulary,
        order: &[u32],
        serializer: &mut InvertedIndexSerializer,
    ) -> std::io::Result<()> {
        // Without the lengths of texts the engine notes no highest scores of blocks: our queries score
        // by all fields of a clipping together and have no use for them.
        let mut out = serializer.new_field(field, self.places.len() as u64, None)?;
        let mut positions = Vec::new();
        let mut start = 0;
        for &term in order {
            let end = self.ends[term as usize];
            let places = &self.places[start..end];
            start = end;
            if places.is_empty() {
                continue;
            }
            out.new_term(vocabulary.term(term), 0, true)?;
            for of_doc in places.chunk_by(|a, b| a >> 32 == b >> 32) {
                let mut last = 0;
                positions.clear();
                positions.extend(of_doc.iter().map(|&place| {
                    let position = place as u32;
                    position - std::mem::replace(&mut last, position)
                }));
                let doc = (of_doc[0] >> 32) as DocId;
                out.write_doc(doc, positions.len() as u32, &positions);
            }
            out.close_term()?;
        }
        out.close()
    }
}
