//! What is built here is what the engine would have built.

use proptest::prelude::*;
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{DocId, DocSet, IndexWriter, Searcher, TERMINATED, TantivyDocument};

use super::*;
use crate::analyze::Analyzer;
use crate::clipping::Clipping;
use crate::index::engine::document::{DocMeta, IncomingDoc};
use crate::index::engine::record_codec::RecordCodec;
use crate::index::engine::schema::schema;
use crate::index::engine::term::{LONGEST_TERM, encode, fold_name};

/// The terms of a text, as an engine takes them.
struct Tokens(Vec<Token>, Option<usize>);

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        let next = self.1.map_or(0, |at| at + 1);
        self.1 = Some(next);
        next < self.0.len()
    }

    fn token(&self) -> &Token {
        &self.0[self.1.unwrap()]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.0[self.1.unwrap()]
    }
}

fn token(text: String, position: usize) -> Token {
    Token {
        text,
        position,
        ..Token::default()
    }
}

#[derive(Clone)]
struct Korean(Analyzer);

impl Tokenizer for Korean {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let mut tokens = Vec::new();
        self.0.terms(text, &mut |term| {
            if term.text.len() < LONGEST_TERM {
                let mut encoded = String::new();
                encode(term.kind, term.text, &mut encoded);
                tokens.push(token(encoded, term.position as usize));
            }
        });
        Tokens(tokens, None)
    }
}

#[derive(Clone)]
struct Name;

impl Tokenizer for Name {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        Tokens(vec![token(fold_name(text), 0)], None)
    }
}

fn prepared(clipping: &Clipping) -> (IncomingDoc, DocMeta) {
    let standing = DocMeta {
        added: 1,
        group: 2,
        page: None,
    };
    (IncomingDoc::new(clipping.clone(), true), standing)
}

/// What we make of clippings.
fn built(clippings: &[Clipping]) -> Searcher {
    let index = Index::create_in_ram(schema());
    let fields = Fields::of(&index.schema()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let packing = RecordCodec::open(dir.path()).unwrap();
    let mut builder = Builder::new(BuildContext {
        index: index.clone(),
        fields,
        language: Language::embedded().unwrap(),
        packing,
        threads: 3,
        memory: 64 << 20,
    });
    for (number, clipping) in (0..).zip(clippings) {
        let (prepared, standing) = prepared(clipping);
        let mut entry = IndexDocument::new(&fields, prepared, standing).unwrap();
        entry.number = number;
        builder.add(entry).unwrap();
    }
    let mut engine: IndexWriter = index.writer_with_num_threads(1, 15_000_000).unwrap();
    for finished in builder.flush().unwrap() {
        engine.add_segment(finished.segment.meta().clone()).unwrap();
    }
    engine.commit().unwrap();
    index.reader().unwrap().searcher()
}

/// What the engine makes of them.
fn expected(clippings: &[Clipping]) -> Searcher {
    let mut index = Index::create_in_ram(schema());
    let tokenizers = TokenizerManager::default();
    let analyzer = Analyzer::new(Language::embedded().unwrap());
    tokenizers.register("korean", TextAnalyzer::from(Korean(analyzer)));
    tokenizers.register("name", TextAnalyzer::from(Name));
    index.set_tokenizers(tokenizers);
    let fields = Fields::of(&index.schema()).unwrap();
    let mut engine: IndexWriter = index.writer_with_num_threads(1, 50_000_000).unwrap();
    for clipping in clippings {
        let (prepared, standing) = prepared(clipping);
        let entry = IndexDocument::new(&fields, prepared, standing).unwrap();
        let mut document = TantivyDocument::default();
        for (field, texts) in &entry.texts {
            for text in texts {
                document.add_text(*field, text);
            }
        }
        for (field, name) in &entry.names {
            document.add_text(*field, name);
        }
        engine.add_document(document).unwrap();
    }
    engine.commit().unwrap();
    index.reader().unwrap().searcher()
}

/// A term, and the clippings that have it, each with its positions there.
type Listed = (String, Vec<(DocId, Vec<u32>)>);

/// All that an index of one segment lists under a field, and how long the field is in each clipping.
fn listed(searcher: &Searcher, field: Field) -> (Vec<Listed>, u64, Vec<u32>) {
    let [reader] = searcher.segment_readers() else {
        panic!("{} segments", searcher.segment_readers().len());
    };
    let index = reader.inverted_index(field).unwrap();
    let mut terms = index.terms().stream().unwrap();
    let mut listed = Vec::new();
    while let Some((term, info)) = terms.next() {
        let option = IndexRecordOption::WithFreqsAndPositions;
        let mut postings = index.read_postings_from_terminfo(info, option).unwrap();
        assert_eq!(postings.doc_freq(), info.doc_freq);
        let mut docs = Vec::new();
        while postings.doc() != TERMINATED {
            let mut positions = Vec::new();
            postings.positions(&mut positions);
            docs.push((postings.doc(), positions));
            postings.advance();
        }
        listed.push((String::from_utf8(term.to_owned()).unwrap(), docs));
    }
    let norms = reader.fieldnorms_readers().get_field(field).unwrap();
    let norm = |doc| norms.as_ref().map_or(0, |norms| norms.fieldnorm(doc));
    let lengths = (0..reader.max_doc()).map(norm).collect();
    (listed, index.total_num_tokens(), lengths)
}

fn assert_built_as_expected(clippings: &[Clipping]) {
    let (built, expected) = (built(clippings), expected(clippings));
    for (field, entry) in schema().fields().filter(|(_, entry)| entry.is_indexed()) {
        assert_eq!(
            listed(&built, field),
            listed(&expected, field),
            "{}",
            entry.name()
        );
    }
}

#[test]
fn many_clippings_are_turned_over_as_the_engine_does() {
    let clipping = |n: usize| Clipping {
        headline: format!("제목 {n}: 생성형AI가 만든 {}", ["다리", "길", "집"][n % 3]),
        body: "R&D를 하는 국회의원들이 李 대통령과 3.1% 올랐다고 말했다.\n".repeat(n % 5),
        reporters: vec!["김하나".to_owned(); n % 2],
        outlet: Some("한빛신문".to_owned()),
        url: Some(format!("https://hanbit.example/{n}")),
        subheads: vec![String::new(), "곁제목".to_owned(), "둘째 곁제목".to_owned()],
        ..Clipping::default()
    };
    assert_built_as_expected(&(0..300).map(clipping).collect::<Vec<_>>());
}

#[test]
fn a_word_far_from_the_one_before_keeps_its_place() {
    let steps = ["가 나", "가, 나", "가\n\n나"].join(&" ".repeat(50));
    let body = format!("{steps} {} 다 {}", "-".repeat(200), "라".repeat(400));
    let captions = (0..40).map(|n| "…".repeat(n % 3)).collect();
    assert_built_as_expected(&[Clipping {
        headline: "가".to_owned(),
        body,
        captions,
        subheads: vec!["나".to_owned()],
        ..Clipping::default()
    }]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_clippings_are(
        texts in prop::collection::vec(
            ("[가나다a-c0-9 .,&·“\n]{0,20}", prop::collection::vec("[가나 ….]{0,6}", 0..4)),
            1..12,
        ),
    ) {
        let clippings = texts.into_iter().enumerate().map(|(n, (body, captions))| Clipping {
            id: format!("{n}"),
            reporters: captions.clone(),
            section: captions.first().cloned(),
            body,
            captions,
            ..Clipping::default()
        });
        assert_built_as_expected(&clippings.collect::<Vec<_>>());
    }
}
