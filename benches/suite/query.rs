//! Queries on an open index: parsing, searching, ranking, and reading the records of ten results.

use clippings::query::parse;
use clippings::search::{Engine, Request, Show};
use divan::{Bencher, black_box};
use jiff::civil::date;

use crate::data::{ARTICLES, INDEX};

fn first_words(count: usize) -> String {
    let words = ARTICLES
        .iter()
        .map(|a| a.headline.split([' ', ',', '…']).next());
    words.flatten().take(count).collect::<Vec<_>>().join(" OR ")
}

fn measure(bencher: Bencher, query: &str) {
    let engine = Engine::open(INDEX.path(), None).unwrap();
    bencher.bench_local(|| {
        let tree = parse(black_box(query), date(2025, 1, 1)).tree;
        let request = Request {
            tree,
            show: Show {
                snippet_chars: 0,
                ..Show::default()
            },
            ..Request::default()
        };
        black_box(engine.searcher().unwrap().search(&request).unwrap())
    });
}

#[divan::bench]
fn one_word(bencher: Bencher) {
    measure(bencher, &first_words(1));
}

#[divan::bench]
fn ten_words_any(bencher: Bencher) {
    measure(bencher, &first_words(10));
}

#[divan::bench]
fn frequent_words(bencher: Bencher) {
    measure(bencher, "대한 관련 이날");
}

#[divan::bench]
fn quoted_name(bencher: Bencher) {
    let name = ARTICLES.iter().find_map(|a| a.reporters.first()).unwrap();
    measure(bencher, &format!("\"{name}\""));
}

#[divan::bench]
fn open_the_index(bencher: Bencher) {
    let folder = INDEX.path();
    bencher.bench_local(|| black_box(Engine::open(folder, None).unwrap()));
}
