//! Extraction of saved pages.

use clippings::extract::{Extractor, Page};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

use crate::data::PAGES;

#[divan::bench(sample_count = 10)]
fn pages(bencher: Bencher) {
    let extractor = Extractor::default();
    bencher
        .counter(ItemsCount::new(PAGES.len()))
        .bench_local(|| {
            for page in PAGES.iter() {
                black_box(extractor.extract(&Page::new(page.as_bytes(), "page.html"))).unwrap();
            }
        });
}
