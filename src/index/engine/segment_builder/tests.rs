//! Compares segments built here with those that tantivy builds: terms, postings, positions, field
//! lengths, columns and stored documents. Id hashes, which tantivy does not have, are compared with
//! a naive list.

use std::sync::Arc;

use proptest::prelude::*;
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{DocId, DocSet, IndexWriter, Searcher, SegmentReader, TERMINATED};

use super::*;
use crate::analyze::Analyzer;
use crate::clipping::Clipping;
use crate::index::engine::document::{DocHashes, DocMeta};
use crate::index::engine::id_lookup::{IdHash, IdLookup, IdLookupPlugin};
use crate::index::engine::record_codec::RecordCodec;
use crate::index::engine::schema::schema;
use crate::index::engine::term::{MAX_TERM_BYTES, encode, fold_name};
use crate::index::hash::hash_text;

/// The terms of a text as a tantivy token stream.
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
            if term.text.len() < MAX_TERM_BYTES {
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
        let names = [fold_name(text)]
            .into_iter()
            .filter(|name| !name.is_empty());
        Tokens(names.map(|name| token(name, 0)).collect(), None)
    }
}

fn hashes(clipping: &Clipping) -> DocHashes {
    let content = hash_text(&clipping.body);
    DocHashes {
        content,
        bands: vec![content % 5, content % 7],
        sketch: [content, !content],
    }
}

fn document(fields: &Fields, clipping: &Clipping) -> IndexDocument {
    let meta = DocMeta {
        added: 1,
        group: 2,
        page: None,
    };
    IndexDocument::new(fields, clipping.clone(), &hashes(clipping), meta, None).unwrap()
}

fn codec() -> RecordCodec {
    RecordCodec::open(tempfile::tempdir().unwrap().path()).unwrap()
}

/// A segment built here.
fn built(clippings: &[Clipping]) -> Searcher {
    let index = Index::builder().schema(schema());
    let index = index
        .register_plugin(Arc::new(IdLookupPlugin))
        .create_in_ram()
        .unwrap();
    let fields = Fields::of(&index.schema()).unwrap();
    let mut builder = Builder::new(BuildContext {
        index: index.clone(),
        fields,
        language: Language::embedded().unwrap(),
        codec: Some(codec()),
        threads: 3,
        memory: 64 << 20,
        runs: None,
    });
    for (number, clipping) in (0..).zip(clippings) {
        let mut entry = document(&fields, clipping);
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

/// The same segment built by tantivy.
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
        let entry = document(&fields, clipping);
        let mut document = entry.columns.clone();
        for (field, texts) in &entry.texts {
            for text in texts {
                document.add_text(*field, text);
            }
        }
        // Names are indexed from the columns, since tantivy indexes and stores the same value.
        for (field, name) in &entry.names {
            if [fields.id, fields.url].contains(field) {
                document.add_text(*field, name);
            }
        }
        document.add_bytes(fields.record, &codec().compress(&entry.record));
        engine.add_document(document).unwrap();
    }
    engine.commit().unwrap();
    index.reader().unwrap().searcher()
}

/// A term with its documents and positions.
type Listed = (String, Vec<(DocId, Vec<u32>)>);

/// The values of all columns of a document.
fn columns(segment: &SegmentReader, doc: DocId) -> Vec<String> {
    let columns = segment.fast_fields();
    let mut values = Vec::new();
    for name in ["content", "group", "text_bytes", "sketch"] {
        let column = columns.u64(name).unwrap();
        values.extend(column.values_for_doc(doc).map(|n| format!("{name} {n}")));
    }
    for name in ["published", "added"] {
        let column = columns.i64(name).unwrap();
        values.extend(column.values_for_doc(doc).map(|n| format!("{name} {n}")));
    }
    for name in ["outlet", "reporter", "section"] {
        let column = columns.str(name).unwrap();
        for ord in column.iter().flat_map(|column| column.term_ords(doc)) {
            let mut value = format!("{name} ");
            column
                .as_ref()
                .unwrap()
                .ord_to_str(ord, &mut value)
                .unwrap();
            values.push(value);
        }
    }
    values
}

fn assert_same_columns_and_store(built: &Searcher, expected: &Searcher) {
    let (built, expected) = (built.segment_reader(0), expected.segment_reader(0));
    assert_eq!(built.max_doc(), expected.max_doc());
    let stores = [built, expected].map(|segment| segment.get_store_reader(1).unwrap());
    for doc in 0..built.max_doc() {
        assert_eq!(columns(built, doc), columns(expected, doc), "{doc}");
        let [ours, theirs] = stores
            .each_ref()
            .map(|s| s.get_document_bytes(doc).unwrap());
        assert_eq!(ours.as_slice(), theirs.as_slice(), "{doc}");
    }
}

fn assert_keys(built: &Searcher, clippings: &[Clipping]) {
    let keys = IdLookup::open(built.segment_reader(0)).unwrap();
    let docs_where = |is: &dyn Fn(&Clipping) -> bool| -> Vec<DocId> {
        let docs = (0..).zip(clippings);
        docs.filter(|(_, c)| is(c)).map(|(doc, _)| doc).collect()
    };
    let listed = |key: IdHash<'_>| keys.docs(key).collect::<Vec<_>>();
    for clipping in clippings {
        let id = &clipping.id;
        assert_eq!(listed(IdHash::Id(id)), docs_where(&|c| c.id == *id), "{id}");
        if let Some(url) = &clipping.url {
            let expected = docs_where(&|c| c.url.as_ref() == Some(url));
            assert_eq!(listed(IdHash::Url(url)), expected, "{url}");
        }
        for band in hashes(clipping).bands {
            let expected = docs_where(&|c| hashes(c).bands.contains(&band));
            assert_eq!(listed(IdHash::Band(band)), expected, "{band}");
        }
    }
}

/// All terms of a field in a one-segment index, the number of tokens, and the field lengths.
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
    assert_same_columns_and_store(&built, &expected);
    assert_keys(&built, clippings);
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
fn many_clippings_are_inverted_like_in_tantivy() {
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
fn distant_words_keep_their_positions() {
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
