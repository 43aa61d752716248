//! Searching the index on this machine: the only room of `search` that names tantivy.
//!
//! ```text
//! plan (tree → queries) ──▶ word / quotation + phrase / near, post_filter ──▶ candidates
//! ```
//!
//! What the other rooms need of the engine they get as plain data: hits by their keys, positions of
//! words, counts, terms.

pub(in crate::search) mod candidates;
pub(in crate::search) mod facets;
pub(in crate::search) mod near;
pub(in crate::search) mod phrase;
pub(in crate::search) mod plan;
pub(in crate::search) mod population;
pub(in crate::search) mod post_filter;
pub(in crate::search) mod quotation;
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
