//! Text into terms.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};

use crate::data::{ARTICLES, analyzer, body_bytes};

/// An analyzer that has seen none of the words.
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

/// An analyzer that has seen all of them: what is left is cutting and handing out.
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
