//! Search on the local tantivy index. The only module of `search` that names tantivy.
//!
//! ```text
//! plan (tree → queries) ──▶ word, graph (letters in a row), near, listed ──▶ candidates
//! ```
//!
//! Other modules get plain data: keys of hits, positions of words, counts, terms.

pub(in crate::search) mod candidates;
pub(in crate::search) mod facets;
mod graph;
mod listed;
mod near;
pub(in crate::search) mod plan;
pub(in crate::search) mod population;
pub(in crate::search) mod reading;
mod term_lookup;
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
