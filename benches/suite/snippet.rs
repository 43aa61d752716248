//! Snippet of one article.

use clippings::search::snippet::{Match, passages};
use divan::{Bencher, black_box};

use crate::data::ARTICLES;

/// Snippet length in characters; the default of the command line.
const CHARACTERS: usize = 160;

#[divan::bench]
fn best_passage(bencher: Bencher) {
    let longest = ARTICLES.iter().max_by_key(|a| a.body.len()).unwrap();
    let words = longest.body.split(' ').skip(50).take(3);
    let matches: Vec<Match> = (0..)
        .zip(words)
        .flat_map(|(term, word)| {
            let places = longest.body.match_indices(word);
            places.map(move |(start, word)| Match {
                range: start..start + word.len(),
                term,
                weight: 1.0,
            })
        })
        .collect();
    bencher.bench_local(|| black_box(passages(black_box(&longest.body), &matches, CHARACTERS, 1)));
}
