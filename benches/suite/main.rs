//! What the parts of the way cost, on made-up articles: `cargo bench`, or `cargo bench -- analysis`.
//!
//! One target holds all of them, because each would carry the dictionary and be linked anew.
//! Figures against other programs come from `benches/run`.
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
