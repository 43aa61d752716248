//! Marks and the best passage of one article.

use clippings::index::Archive;
use clippings::query::parse;
use clippings::search::snippet::passages;
use clippings::search::{Engine, Request};
use divan::{Bencher, black_box};
use jiff::civil::date;

use crate::data::{ARTICLES, INDEX, analyzer};

/// Characters of a snippet, as the command line has it by default.
const CHARACTERS: usize = 160;

#[divan::bench]
fn best_passage(bencher: Bencher) {
    let mut engine = Engine::new(Archive::open(INDEX.path()).unwrap(), None);
    let longest = ARTICLES.iter().max_by_key(|a| a.body.len()).unwrap();
    let words: Vec<&str> = longest.body.split(' ').skip(50).take(3).collect();
    let tree = parse(&words.join(" "), date(2025, 1, 1)).tree;
    let found = engine
        .search(&Request {
            tree,
            ..Request::default()
        })
        .unwrap();
    let mut analyzer = analyzer();
    bencher.bench_local(|| {
        let matches = found.marks.of(black_box(&longest.body), &mut analyzer);
        black_box(passages(&longest.body, &matches, CHARACTERS, 1))
    });
}
