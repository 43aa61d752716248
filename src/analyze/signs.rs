//! t
/// t
pub struct Sign { /** t */ pub meaning: &'static str, /** t */ pub start: usize, /** t */ pub end: usize }
/// t
pub fn signs(_: &str) -> Vec<Sign> { Vec::new() }
