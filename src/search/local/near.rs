//! Words near one another: `"기준금리 인상"~5`.

use std::sync::Arc;

use tantivy::query::{BooleanQuery, EnableScoring, Explanation, Occur, Query, Scorer, Weight};
use tantivy::schema::Field;
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use crate::index::TermDictCache;
use crate::search::local::word::{FieldWeight, Word, WordPositions, WordQuery};

/// Matches documents with all words in one field and a limited number of other words between them.
#[derive(Debug, Clone)]
pub struct NearQuery {
    terms: TermDictCache,
    words: Arc<[Word]>,
    fields: Arc<[FieldWeight]>,
    slop: u32,
}

impl NearQuery {
    /// Matches `words` in any order with at most `slop` other words between the first and the last.
    pub fn new(
        words: Vec<Word>,
        fields: Arc<[FieldWeight]>,
        slop: u32,
        terms: &TermDictCache,
    ) -> Self {
        NearQuery {
            terms: terms.clone(),
            words: words.into(),
            fields,
            slop,
        }
    }
}

impl Query for NearQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let mut fields = Vec::with_capacity(self.fields.len());
        for &weighted in &*self.fields {
            let all = self.words.iter().map(|word| {
                let query = WordQuery::new(word.clone(), [weighted].into(), &self.terms);
                (Occur::Must, Box::new(query) as Box<dyn Query>)
            });
            let all = BooleanQuery::new(all.collect());
            fields.push((weighted.field, all.weight(scoring)?));
        }
        Ok(Box::new(NearWeight {
            terms: self.terms.clone(),
            fields,
            words: Arc::clone(&self.words),
            widest: self.slop + self.words.len() as u32,
        }))
    }
}

struct NearWeight {
    terms: TermDictCache,
    fields: Vec<(Field, Box<dyn Weight>)>,
    words: Arc<[Word]>,
    /// Maximum number of positions from the first to the last word, inclusive.
    widest: u32,
}

impl Weight for NearWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut fields = Vec::with_capacity(self.fields.len());
        for (field, weight) in &self.fields {
            let places: tantivy::Result<Vec<WordPositions>> = self
                .words
                .iter()
                .map(|w| WordPositions::open(w, *field, reader, &self.terms))
                .collect();
            let mut near = NearField {
                all: weight.scorer(reader, boost)?,
                places: places?,
                widest: self.widest,
            };
            near.settle();
            fields.push(near);
        }
        Ok(Box::new(NearScorer { fields }))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            return Ok(Explanation::new("no match", 0.0));
        }
        Ok(Explanation::new("words near one another", scorer.score()))
    }
}

/// Evaluates one field.
struct NearField {
    all: Box<dyn Scorer>,
    places: Vec<WordPositions>,
    widest: u32,
}

impl NearField {
    fn settle(&mut self) {
        while self.all.doc() != TERMINATED && !self.is_near() {
            self.all.advance();
        }
    }

    /// Whether some window of the allowed width contains every word.
    fn is_near(&mut self) -> bool {
        let doc = self.all.doc();
        let mut all: Vec<(u32, usize)> = Vec::new();
        for (word, places) in self.places.iter_mut().enumerate() {
            all.extend(places.at(doc).iter().map(|&p| (p, word)));
        }
        all.sort_unstable();
        let mut inside = vec![0u32; self.places.len()];
        let mut missing = inside.len();
        let mut first = 0;
        for &(position, word) in &all {
            missing -= usize::from(inside[word] == 0);
            inside[word] += 1;
            while position - all[first].0 >= self.widest {
                inside[all[first].1] -= 1;
                missing += usize::from(inside[all[first].1] == 0);
                first += 1;
            }
            if missing == 0 {
                return true;
            }
        }
        false
    }
}

struct NearScorer {
    fields: Vec<NearField>,
}

impl DocSet for NearScorer {
    fn advance(&mut self) -> DocId {
        let doc = self.doc();
        for field in &mut self.fields {
            if field.all.doc() == doc && doc != TERMINATED {
                field.all.advance();
                field.settle();
            }
        }
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        for field in &mut self.fields {
            if field.all.doc() < target {
                field.all.seek(target);
                field.settle();
            }
        }
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.fields
            .iter()
            .map(|f| f.all.doc())
            .min()
            .unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        self.fields
            .iter()
            .map(|f| f.all.size_hint())
            .max()
            .unwrap_or(0)
    }
}

impl Scorer for NearScorer {
    fn score(&mut self) -> Score {
        let doc = self.doc();
        let here = self.fields.iter_mut().filter(|f| f.all.doc() == doc);
        here.map(|f| f.all.score()).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::collector::DocSetCollector;
    use tantivy::schema::{SchemaBuilder, TEXT};
    use tantivy::{Index, doc};

    use super::*;

    proptest! {
        #[test]
        fn words_are_near_where_a_window_of_the_text_has_them_all(
            texts in prop::collection::vec("([a-e] ){0,10}", 1..20),
            words in prop::collection::hash_set(prop::char::range('a', 'e'), 1..4),
            slop in 0u32..4,
        ) {
            let mut schema = SchemaBuilder::new();
            let field = schema.add_text_field("text", TEXT);
            let index = Index::create_in_ram(schema.build());
            let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
            for text in &texts {
                writer.add_document(doc!(field => text.as_str())).unwrap();
            }
            writer.commit().unwrap();
            let searcher = index.reader().unwrap().searcher();
            let wanted: Vec<String> = words.iter().map(char::to_string).collect();
            let of = |term: &String| Word { terms: vec![(term.clone(), 1.0)], ..Word::default() };
            let fields = [FieldWeight { field, weight: 1.0, b: 0.5 }];
            let query = NearQuery::new(
                wanted.iter().map(of).collect(),
                fields.into(),
                slop,
                &TermDictCache::default(),
            );
            let mut found: Vec<DocId> = searcher
                .search(&query, &DocSetCollector)
                .unwrap()
                .into_iter()
                .map(|address| address.doc_id)
                .collect();
            found.sort_unstable();
            let width = wanted.len() + slop as usize;
            let has_all = |window: &[&str]| wanted.iter().all(|word| window.contains(&word.as_str()));
            let is_near = |text: &String| {
                let tokens: Vec<&str> = text.split_whitespace().collect();
                (0..tokens.len()).any(|from| has_all(&tokens[from..tokens.len().min(from + width)]))
            };
            let expected: Vec<DocId> = (0..).zip(&texts).filter(|(_, text)| is_near(text)).map(|(n, _)| n).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
