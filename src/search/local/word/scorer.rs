//! Scores the documents of a segment that match a word.
//!
//! A word is evaluated document at a time (`daat`) or term at a time (`taat`), with the same
//! result. Evaluation starts document at a time and switches when the steps taken, or the steps
//! expected, cost more than scoring all windows.

use tantivy::query::Scorer;
use tantivy::{DocId, DocSet, Score, TERMINATED};

use super::daat::{OpenWord, Opened};
use super::taat::{WINDOW, Windowed};

/// Cost of one step of one posting list, in postings of a window.
const STEP: u64 = 6;

/// Slots of a window that cost as much as one posting.
const PLACES: u64 = 4;

/// Iterates over the documents that match a word.
pub struct WordScorer {
    /// Positioned at `doc` while evaluating document at a time.
    word: OpenWord,
    fields: Vec<Opened>,
    /// Number of documents in the segment.
    docs: DocId,
    doc: DocId,
    windows: Option<Window>,
    /// Cost of the steps so far, and the cost at which windows are cheaper.
    spent: u64,
    limit: u64,
    /// Cost of one step of all posting lists.
    step: u64,
}

/// The current window.
struct Window {
    word: Windowed,
    from: DocId,
}

impl WordScorer {
    /// `docs` is the number of documents in the segment.
    pub fn new(word: OpenWord, fields: Vec<Opened>, docs: DocId) -> WordScorer {
        WordScorer {
            docs,
            doc: word.doc,
            windows: None,
            spent: 0,
            limit: word.postings() + u64::from(docs) / PLACES,
            step: word.leaves() * STEP,
            word,
            fields,
        }
    }

    fn go(&mut self, target: DocId) -> DocId {
        self.spent += self.step;
        if self.windows.is_none() && self.spent > self.limit {
            // If the postings cannot be read again, continue document at a time.
            self.windows = Windowed::of(&self.word, &self.fields)
                .ok()
                .map(|word| Window {
                    word,
                    from: DocId::MAX,
                });
            self.limit = u64::MAX;
        }
        self.doc = match &mut self.windows {
            None => self.word.seek(target),
            Some(window) => window.seek(target, &self.fields, self.docs),
        };
        self.doc
    }
}

impl Window {
    /// The first match at or after `target`.
    fn seek(&mut self, mut target: DocId, fields: &[Opened], docs: DocId) -> DocId {
        while target < docs {
            let from = target - target % WINDOW as DocId;
            if from != self.from {
                let size = WINDOW.min((docs - from) as usize);
                self.word.fill(from, size, fields);
                self.from = from;
            }
            let rest = self.word.scores.get((target - from) as usize..);
            let found = rest.and_then(|rest| rest.iter().position(|&score| score > 0.0));
            if let Some(found) = found {
                return target + found as DocId;
            }
            target = from + WINDOW as DocId;
        }
        TERMINATED
    }
}

impl DocSet for WordScorer {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED {
            return TERMINATED;
        }
        // `advance` means that every match will be visited, so windows pay if there are many.
        // `seek` means skipping.
        if self.spent == 0 && self.word.size() * self.step > self.limit {
            self.spent = self.limit;
        }
        self.go(self.doc + 1)
    }

    fn seek(&mut self, target: DocId) -> DocId {
        match self.doc < target {
            true => self.go(target),
            false => self.doc,
        }
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        u32::try_from(self.word.size()).unwrap_or(u32::MAX)
    }
}

impl Scorer for WordScorer {
    fn score(&mut self) -> Score {
        match &self.windows {
            None => self.word.score(&self.fields),
            Some(window) => {
                let place = self.doc.wrapping_sub(window.from) as usize;
                window.word.scores.get(place).copied().unwrap_or(0.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::query::EnableScoring;
    use tantivy::schema::{SchemaBuilder, TEXT};
    use tantivy::{Index, SegmentReader, doc};

    use super::*;
    use crate::index::TermDictCache;
    use crate::search::local::word::{FieldWeight, Word, WordQuery, WordWeight};

    fn word(terms: &[char], alternatives: Vec<(f32, Vec<Word>)>) -> Word {
        Word {
            terms: terms.iter().map(|t| (t.to_string(), 0.8)).collect(),
            alternatives,
            ..Word::default()
        }
    }

    fn scorer(weight: &WordWeight, reader: &SegmentReader, by_windows: bool) -> WordScorer {
        let (word, fields) = weight.open(reader, 1.0).unwrap();
        let mut scorer = WordScorer::new(word, fields, reader.max_doc());
        scorer.limit = if by_windows { 0 } else { u64::MAX };
        scorer
    }

    /// An index of texts with two fields.
    fn searcher(texts: &[(String, String)]) -> (tantivy::Searcher, [tantivy::schema::Field; 2]) {
        let mut schema = SchemaBuilder::new();
        let fields = ["first", "second"].map(|name| schema.add_text_field(name, TEXT));
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        for (first, second) in texts {
            let document = doc!(fields[0] => first.as_str(), fields[1] => second.as_str());
            writer.add_document(document).unwrap();
        }
        writer.commit().unwrap();
        (index.reader().unwrap().searcher(), fields)
    }

    /// Documents and scores of the only segment.
    fn scores(
        query: &dyn tantivy::query::Query,
        searcher: &tantivy::Searcher,
    ) -> Vec<(DocId, Score)> {
        let scoring = EnableScoring::enabled_from_searcher(searcher);
        let weight = query.weight(scoring).unwrap();
        let mut scorer = weight.scorer(searcher.segment_reader(0), 1.0).unwrap();
        let mut found = Vec::new();
        while scorer.doc() != TERMINATED {
            found.push((scorer.doc(), scorer.score()));
            scorer.advance();
        }
        found
    }

    fn assert_near(ours: &[(DocId, Score)], theirs: &[(DocId, Score)]) {
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert_eq!(ours.0, theirs.0);
            assert!(
                (ours.1 - theirs.1).abs() < 1e-5 * theirs.1.max(1.0),
                "{ours:?} {theirs:?}"
            );
        }
    }

    proptest! {
        /// Not with empty texts: our average length is at least one.
        #[test]
        fn a_term_of_one_field_scores_as_with_the_engine(
            texts in prop::collection::vec("([a-d] ){1,12}", 1..40),
        ) {
            let texts: Vec<_> = texts.into_iter().map(|text| (text, String::new())).collect();
            let (searcher, [field, _]) = searcher(&texts);
            // tantivy's b.
            let fields = [FieldWeight { field, weight: 1.0, b: 0.75 }];
            for term in 'a'..='d' {
                let mut word = word(&[term], Vec::new());
                word.terms[0].1 = 1.0;
                let ours = WordQuery::new(word, fields.into(), &TermDictCache::default());
                let term = tantivy::Term::from_field_text(field, &term.to_string());
                let option = tantivy::schema::IndexRecordOption::WithFreqs;
                let theirs = tantivy::query::TermQuery::new(term, option);
                assert_near(&scores(&ours, &searcher), &scores(&theirs, &searcher));
            }
        }

        #[test]
        fn a_word_scores_as_the_formula_says(
            texts in prop::collection::vec(("([a-d] ){0,12}", "([a-d] ){0,12}"), 1..30),
            terms in prop::collection::hash_set(prop::char::range('a', 'd'), 1..3),
        ) {
            let (searcher, [first, second]) = searcher(&texts);
            let weights = [(first, 2.5, 0.3), (second, 1.0, 0.6)];
            let terms: Vec<char> = terms.into_iter().collect();
            let fields = weights.map(|(field, weight, b)| FieldWeight { field, weight, b });
            let query = WordQuery::new(word(&terms, Vec::new()), fields.into(), &TermDictCache::default());
            // BM25F computed from the texts.
            let rows: Vec<[Vec<&str>; 2]> = texts
                .iter()
                .map(|(first, second)| [first, second].map(|text| text.split_whitespace().collect()))
                .collect();
            let count = rows.len() as f32;
            let average = |n: usize| {
                let tokens: usize = rows.iter().map(|row| row[n].len()).sum();
                (tokens as f32 / count).max(1.0)
            };
            let averages = [average(0), average(1)];
            let with = |n: usize| {
                let of = |term: &char| rows.iter().filter(|row| row[n].contains(&&*term.to_string())).count();
                terms.iter().map(of).sum::<usize>()
            };
            let with = (with(0).max(with(1)) as f32).min(count);
            let idf = (1.0 + (count - with + 0.5) / (with + 0.5)).ln();
            let mut expected = Vec::new();
            for (doc, row) in (0..).zip(&rows) {
                let mut times = 0.0;
                for (n, (_, weight, b)) in weights.into_iter().enumerate() {
                    let is_term = |token: &&&str| terms.iter().any(|term| **token == term.to_string());
                    let found = row[n].iter().filter(is_term).count() as f32;
                    let length = row[n].len() as f32 / averages[n];
                    times += 0.8 * weight * found / (1.0 - b + b * length);
                }
                if times > 0.0 {
                    expected.push((doc, idf * times * 2.2 / (times + 1.2)));
                }
            }
            assert_near(&scores(&query, &searcher), &expected);
        }
    }

    proptest! {
        #[test]
        fn steps_and_windows_find_the_same(
            texts in prop::collection::vec(("([a-f] ){0,5}", "([a-f] ){0,5}"), 1..60),
            targets in prop::collection::vec(0u32..70, 0..10),
            own in prop::collection::vec(prop::char::range('a', 'g'), 0..3),
            alternatives in prop::collection::vec(
                prop::collection::vec(prop::collection::vec(prop::char::range('a', 'g'), 1..3), 0..3),
                0..3,
            ),
        ) {
            let mut schema = SchemaBuilder::new();
            let fields = ["first", "second"].map(|name| schema.add_text_field(name, TEXT));
            let index = Index::create_in_ram(schema.build());
            let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
            for (first, second) in &texts {
                let document = doc!(fields[0] => first.as_str(), fields[1] => second.as_str());
                writer.add_document(document).unwrap();
            }
            writer.commit().unwrap();
            let searcher = index.reader().unwrap().searcher();
            let weighted = fields.map(|field| FieldWeight { field, weight: 1.5, b: 0.4 });
            let alternatives = alternatives.iter().map(|words| {
                (0.5, words.iter().map(|terms| word(terms, Vec::new())).collect())
            });
            let word = word(&own, alternatives.collect());
            let query = WordQuery::new(word, weighted.into(), &TermDictCache::default());
            let scoring = EnableScoring::enabled_from_searcher(&searcher);
            let weight = query.word_weight(scoring).unwrap();
            let reader = searcher.segment_reader(0);

            let mut found = Vec::new();
            for by_windows in [false, true] {
                let mut scorer = scorer(&weight, reader, by_windows);
                let mut all = Vec::new();
                while scorer.doc() != TERMINATED {
                    all.push((scorer.doc(), scorer.score().to_bits()));
                    scorer.advance();
                }
                found.push(all);
            }
            prop_assert_eq!(&found[0], &found[1]);

            let (mut steps, mut windows) =
                (scorer(&weight, reader, false), scorer(&weight, reader, true));
            for target in targets {
                let doc = steps.seek(target);
                prop_assert_eq!(windows.seek(target), doc);
                if doc != TERMINATED {
                    prop_assert_eq!(windows.score().to_bits(), steps.score().to_bits());
                }
            }
        }
    }
}
