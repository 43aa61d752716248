//! The engine: tantivy, and code that depends on its internals.
//!
//! Only this module and `search::local` name tantivy, and this module does not import `write` or
//! `read`. tantivy and tantivy-sstable are pinned to an exact version. To upgrade, change both
//! versions and run `cargo test --lib index::engine`, which compares everything reimplemented here
//! with tantivy's own output.
//!
//! | internal used | where | test that notices |
//! |---|---|---|
//! | serializers of terms, postings, positions, lengths | `segment_builder` | `segment_builder::tests` |
//! | serializers of columns and of the document store | `segment_builder::segment` | `segment_builder::tests` |
//! | `IndexWriter::add_segment` of segments built outside | `segment_writer` | `merge_tests`, `segment_builder::tests` |
//! | when a delete applies to a segment (`delete_query` before `add_segment`) | `tombstones`, `segment_writer` | `merge_tests` |
//! | the file of deletes (`write_alive_bitset`, `AliveBitSet`) | `segment_writer`, `stored_docs` | `merge_tests`, `tests/it/damage.rs` |
//! | order of documents in a merge (stacked) | `id_lookup`, a `SegmentPlugin` | `merge_tests` |
//! | layout of a stored document | `records` | `records::tests` |
//! | block layout of the term dictionary (sstable) | `term_dict_cache` | `term_dict_cache::tests` |
//! | names of the files of a segment | `data_index`, `stored_docs`, `directory` | `tests/it/damage.rs` |
//! | `meta.json`, locks, the `Directory` contract | `directory` | `directory::tests`, `tests/it/readers.rs` |
//! | error messages from tantivy's threads | `error` | `error::tests` |

pub(in crate::index) mod columns;
pub(in crate::index) mod data_index;
pub(in crate::index) mod directory;
pub(in crate::index) mod document;
mod error;
pub(in crate::index) mod id_lookup;
pub(in crate::index) mod ids;
mod lost;
mod merge_policy;
#[cfg(test)]
mod merge_tests;
mod pool;
pub(in crate::index) mod record;
pub(in crate::index) mod record_codec;
pub(in crate::index) mod record_prefilter;
pub(in crate::index) mod records;
pub(in crate::index) mod schema;
pub(in crate::index) mod segment_builder;
pub(in crate::index) mod segment_check;
pub(in crate::index) mod segment_writer;
pub(in crate::index) mod snapshot;
pub(in crate::index) mod stored_docs;
pub(in crate::index) mod term;
pub(in crate::index) mod term_dict_cache;
mod tombstones;
mod vint;

pub use tantivy::{DocAddress, Searcher};
