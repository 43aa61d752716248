//! Searching the index on this machine: the only room of `search` that names tantivy.
//!
//! ```text
//! plan (tree → queries) ──▶ word, graph (letters in a row), near, listed ──▶ candidates
//! ```
//!
//! What the other rooms need of the engine they get as plain data: hits by their keys, positions of
//! words, counts, terms.

pub(in crate::search) mod candidates;
pub(in crate::search) mod facets;
mod graph;
mod known;
mod listed;
mod near;
pub(in crate::search) mod plan;
pub(in crate::search) mod population;
pub(in crate::search) mod reading;
pub(in crate::search) mod word;

use tantivy::DocAddress;

use crate::search::HitKey;

impl From<DocAddress> for HitKey {
    fn from(address: DocAddress) -> Self {
        HitKey {
            segment: address.segment_ord,
            doc: address.doc_id,
        }
    }
}

impl From<HitKey> for DocAddress {
    fn from(key: HitKey) -> Self {
        DocAddress::new(key.segment, key.doc)
    }
}
