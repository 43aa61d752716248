//! Benchmarks of single stages on generated articles: `cargo bench`, or `cargo bench -- analysis`.
//!
//! A single target, because each would embed the dictionary and be linked separately. `benches/run`
//! compares with other programs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod add;
mod analysis;
mod data;
mod extraction;
mod query;
mod snippet;

fn main() {
    divan::main();
}
