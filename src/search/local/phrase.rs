//! A phrase whose words may each be one of several terms, as the index may have them.
//!
//! Under `exact`, which says what the terms are. The engine's phrases have one term at a place; a
//! quotation whose last word may carry any particle would be dozens of them, each reading the postings
//! of the other words anew. Here every term is read once.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use crate::index::TermDictCache;
use crate::search::local::word::{average_length, idf_of};
use crate::search::params;

/// One word of a phrase.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Its place in the phrase, in positions.
    pub at: u32,
    /// Encoded terms, any of which is the word.
    pub terms: Vec<String>,
}

/// Finds the clippings that have the words of a phrase one after the other in a field.
#[derive(Debug, Clone)]
pub struct PhraseOfAnyQuery {
    terms: TermDictCache,
    field: Field,
    slots: Arc<[Slot]>,
}

impl PhraseOfAnyQuery {
    /// All of `slots`, in their places, in `field`; `terms` are those of the index that is asked.
    pub fn new(field: Field, slots: Vec<Slot>, terms: &TermDictCache) -> Self {
        PhraseOfAnyQuery {
            terms: terms.clone(),
            field,
            slots: slots.into(),
        }
    }
}

impl Query for PhraseOfAnyQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let (mut idf, mut average) = (1.0, 1.0);
        if let Some(searcher) = scoring.searcher() {
            average = average_length(searcher, self.field)?;
            idf = 0.0;
            for slot in &*self.slots {
                let mut with = 0;
                for term in &slot.terms {
                    with += self.terms.doc_freq(searcher, self.field, term)?;
                }
                idf += idf_of(with, searcher);
            }
        }
        Ok(Box::new(PhraseWeight {
            terms: self.terms.clone(),
            field: self.field,
            slots: Arc::clone(&self.slots),
            idf,
            average,
        }))
    }
}

struct PhraseWeight {
    terms: TermDictCache,
    field: Field,
    slots: Arc<[Slot]>,
    /// Inverse document frequency of all words, added up.
    idf: f32,
    /// Mean length of the field.
    average: f32,
}

impl Weight for PhraseWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let index = reader.inverted_index(self.field)?;
        let option = match self.slots.len() {
            1 => IndexRecordOption::WithFreqs,
            _ => IndexRecordOption::WithFreqsAndPositions,
        };
        let mut words = Vec::with_capacity(self.slots.len());
        for slot in &*self.slots {
            let mut infos = Vec::new();
            for term in &slot.terms {
                infos.extend(self.terms.info(&index, term)?);
            }
            let size = infos.iter().map(|info| info.doc_freq).sum();
            words.push((slot.at, size, infos));
        }
        // Before anything is read: most alternatives to divide a quotation have a word that is not there.
        if words.is_empty() || words.iter().any(|(_, size, _)| *size == 0) {
            return Ok(Box::new(EmptyScorer));
        }
        // The rarest leads.
        words.sort_by_key(|(_, size, _)| *size);
        let mut open = Vec::with_capacity(words.len());
        for (at, size, infos) in words {
            let mut postings = Vec::with_capacity(infos.len());
            for info in &infos {
                postings.push(index.read_postings_from_terminfo(info, option)?);
            }
            open.push(OpenSlot { at, size, postings });
        }
        let mut scorer = PhraseScorer {
            slots: open,
            norms: reader.get_fieldnorms_reader(self.field)?,
            idf: self.idf * boost,
            average: self.average,
            doc: 0,
            count: 0,
            starts: Vec::new(),
            positions: Vec::new(),
        };
        scorer.settle(0);
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            return Ok(Explanation::new("no match", 0.0));
        }
        Ok(Explanation::new("the quotation", scorer.score()))
    }
}

/// The postings of one word.
struct OpenSlot {
    at: u32,
    /// Clippings that have it, at most.
    size: u32,
    postings: Vec<SegmentPostings>,
}

impl OpenSlot {
    /// The first clipping from `target` on that has the word.
    fn seek(&mut self, target: DocId) -> DocId {
        let mut first = TERMINATED;
        for postings in &mut self.postings {
            let mut doc = postings.doc();
            if doc < target {
                doc = postings.seek(target);
            }
            first = first.min(doc);
        }
        first
    }

    /// The postings that stand on `doc`.
    fn on(&mut self, doc: DocId) -> impl Iterator<Item = &mut SegmentPostings> {
        self.postings.iter_mut().filter(move |p| p.doc() == doc)
    }

    /// Where a phrase with this word in its place would begin in `doc`, in any order.
    fn starts(&mut self, doc: DocId, positions: &mut Vec<u32>, starts: &mut Vec<u32>) {
        let at = self.at;
        positions.clear();
        for postings in self.on(doc) {
            postings.append_positions_with_offset(0, positions);
        }
        starts.clear();
        starts.extend(positions.iter().filter_map(|p| p.checked_sub(at)));
    }
}

struct PhraseScorer {
    /// The rarest first.
    slots: Vec<OpenSlot>,
    norms: FieldNormReader,
    idf: f32,
    average: f32,
    doc: DocId,
    /// How often the phrase stands in the clipping.
    count: u32,
    starts: Vec<u32>,
    positions: Vec<u32>,
}

impl PhraseScorer {
    /// Goes to the first clipping from `target` on that has the phrase.
    fn settle(&mut self, mut target: DocId) {
        'next: loop {
            let Some((lead, others)) = self.slots.split_first_mut() else {
                self.doc = TERMINATED;
                return;
            };
            self.doc = lead.seek(target);
            if self.doc == TERMINATED {
                return;
            }
            for other in others {
                let doc = other.seek(self.doc);
                if doc != self.doc {
                    target = doc;
                    continue 'next;
                }
            }
            self.count = self.times();
            if self.count > 0 {
                return;
            }
            target = self.doc + 1;
        }
    }

    /// How often the phrase stands in the clipping that all words stand on.
    fn times(&mut self) -> u32 {
        let doc = self.doc;
        if let [only] = &mut self.slots[..] {
            return only.on(doc).map(|postings| postings.term_freq()).sum();
        }
        let mut common: Option<Vec<u32>> = None;
        for slot in &mut self.slots {
            slot.starts(doc, &mut self.positions, &mut self.starts);
            self.starts.sort_unstable();
            match &mut common {
                None => common = Some(self.starts.clone()),
                Some(common) => common.retain(|start| self.starts.binary_search(start).is_ok()),
            }
            if common.as_ref().is_some_and(Vec::is_empty) {
                return 0;
            }
        }
        let mut common = common.unwrap_or_default();
        common.dedup();
        common.len() as u32
    }
}

impl DocSet for PhraseScorer {
    fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            self.settle(self.doc + 1);
        }
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.settle(target);
        }
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.slots.first().map_or(0, |slot| slot.size)
    }
}

impl Scorer for PhraseScorer {
    /// BM25 with the phrase as the term.
    fn score(&mut self) -> Score {
        let times = self.count as f32;
        let length = self.norms.fieldnorm(self.doc) as f32;
        let norm = 1.0 - params::B_BODY + params::B_BODY * length / self.average;
        self.idf * times * (params::K1 + 1.0) / (times + params::K1 * norm)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::collector::DocSetCollector;
    use tantivy::query::{BooleanQuery, PhraseQuery, TermQuery};
    use tantivy::schema::{SchemaBuilder, TEXT};
    use tantivy::{Index, Term, doc};

    use super::*;

    /// Every choice of terms as a phrase of the engine's.
    fn choices(field: Field, slots: &[Slot]) -> BooleanQuery {
        let mut choices: Vec<Vec<(usize, Term)>> = vec![Vec::new()];
        for slot in slots {
            let longer = choices.iter().flat_map(|choice| {
                slot.terms.iter().map(|term| {
                    let word = (slot.at as usize, Term::from_field_text(field, term));
                    [&choice[..], &[word]].concat()
                })
            });
            choices = longer.collect();
        }
        let queries = choices.into_iter().map(|mut words| -> Box<dyn Query> {
            match words.len() {
                1 => Box::new(TermQuery::new(words.remove(0).1, IndexRecordOption::Basic)),
                _ => Box::new(PhraseQuery::new_with_offset(words)),
            }
        });
        BooleanQuery::union(queries.collect())
    }

    proptest! {
        #[test]
        fn it_finds_what_phrases_of_every_choice_find(
            texts in prop::collection::vec("([a-d] ){0,8}", 1..20),
            words in prop::collection::vec((1u32..3, prop::collection::hash_set("[a-e]", 1..3)), 1..4),
        ) {
            let mut schema = SchemaBuilder::new();
            let field = schema.add_text_field("text", TEXT);
            let index = Index::create_in_ram(schema.build());
            let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
            for (i, text) in texts.iter().enumerate() {
                writer.add_document(doc!(field => text.as_str())).unwrap();
                if i % 7 == 6 {
                    writer.commit().unwrap();
                }
            }
            writer.commit().unwrap();
            let searcher = index.reader().unwrap().searcher();
            let mut at = 0;
            let slots: Vec<Slot> = words
                .into_iter()
                .map(|(gap, terms)| {
                    let slot = Slot { at, terms: terms.into_iter().collect() };
                    at += gap;
                    slot
                })
                .collect();
            let expected = searcher.search(&choices(field, &slots), &DocSetCollector).unwrap();
            let query = PhraseOfAnyQuery::new(field, slots, &TermDictCache::default());
            prop_assert_eq!(searcher.search(&query, &DocSetCollector).unwrap(), expected);
        }
    }
}
