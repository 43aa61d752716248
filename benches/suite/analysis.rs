//! Analysis of text into terms.

use std::iter;

use clippings::analyze::TermKind;
use clippings::analyze::bulk::{Interner, RunSequences, TermTable};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

use crate::data::{ARTICLES, analyzer, body_bytes};

/// All texts at once, as when a segment is written.
#[divan::bench(sample_count = 10)]
fn in_bulk(bencher: Bencher) {
    let language = analyzer().language().clone();
    let write = |_: TermKind, text: &str, out: &mut String| {
        out.push_str(text);
        true
    };
    bencher
        .counter(BytesCount::new(body_bytes()))
        .bench_local(|| {
            let (mut runs, mut texts) = (Interner::default(), RunSequences::default());
            for (doc, article) in (0..).zip(ARTICLES.iter()) {
                texts.add(doc, iter::once(article.body.as_str()), &mut runs);
            }
            black_box(
                TermTable::build(&runs.into_words(), &language, 1, &|_| true, &write).unwrap(),
            );
            black_box(texts);
        });
}

/// Text by text, with an empty cache.
#[divan::bench(sample_count = 10)]
fn empty_cache(bencher: Bencher) {
    bencher
        .counter(BytesCount::new(body_bytes()))
        .with_inputs(analyzer)
        .bench_local_refs(|analyzer| {
            for article in ARTICLES.iter() {
                analyzer.terms(&article.body, &mut |term| {
                    black_box(term);
                });
            }
        });
}

/// Text by text, with every word in the cache: tokenization and output only.
#[divan::bench(sample_count = 10)]
fn full_cache(bencher: Bencher) {
    let mut analyzer = analyzer();
    let mut pass = || {
        for article in ARTICLES.iter() {
            analyzer.terms(&article.body, &mut |term| {
                black_box(term);
            });
        }
    };
    pass();
    bencher
        .counter(BytesCount::new(body_bytes()))
        .bench_local(pass);
}
