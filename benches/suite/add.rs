//! Adds JSON Lines to an index, with all features on, in this process.

use divan::Bencher;
use divan::counter::ItemsCount;

use crate::data::{ARTICLES, FILE, add};

#[divan::bench(args = [1, 2], sample_count = 5)]
fn json_lines(bencher: Bencher, threads: usize) {
    assert!(FILE.path().exists());
    bencher
        .counter(ItemsCount::new(ARTICLES.len()))
        .with_inputs(|| tempfile::tempdir().unwrap())
        .bench_local_refs(|folder| add(folder.path(), Some(threads)));
}
