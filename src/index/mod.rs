//! The index: clippings and their terms on disk.
//!
//! ```text
//! index/
//!   clippings.json   format, dictionary and analyzer; which data folder is live
//!   data-1/          the tantivy index: terms, positions, columns and stored records
//!   pages/           original pages of clippings
//!   ledger.redb      what was read from which source; a cache
//!   writer.lock      held by the process that writes
//! ```
//!
//! `saved.json` and `digest.json` in the same folder belong to `saved`.
//!
//! The stored record of a clipping is the source of truth; everything else can be rebuilt from it.
//! Only `engine` and `search::local` name tantivy. `cluster` keeps the same clippings in OpenSearch.

mod cluster;
mod damage;
mod engine;
mod error;
mod hash;
mod language;
mod meta;
mod pages;
mod part;
mod read;
mod write;

pub use cluster::{
    ALL_TEXTS, AddressError, Best, ClusterAddress, ClusterClipping, ClusterError, ClusterIndex,
    ClusterState, ClusterWriter, Columns, Environment, HitColumns, JOINER, NameCounts, Proposal,
    Search as ClusterSearch, StateDoc, by_score, document_key, grams_of, rebuild_cluster,
};
pub use damage::Damage;
pub use engine::DocAddress;
pub use engine::document::Permit;
pub use engine::record_prefilter::RecordPrefilter;
pub use engine::records::Records;
pub use engine::schema::Fields;
pub use engine::segment_builder::RunFilter;
pub use engine::term::{encode, encoded, fold_name, readable_term, term_text};
pub use engine::term_dict_cache::{TermDict, TermDictCache, WholeCounts};
pub use error::{IndexError, LockHolder, MadeWith, Result};
pub use language::{USER_WORDS, language};
pub use meta::{FORMAT, Meta};
pub use pages::{KeptPage, PackedPage, PageKey, PageReader};
pub use part::index_part;
pub use read::archive::{Archive, StoredClipping};
pub use read::check::{Findings, check, check_with_progress};
pub use read::stats::{Count, Skipped, Stats, skipped, stats};
pub use write::budget::{Budget, Share};
pub use write::identity::id_of;
pub use write::incoming_doc::IncomingDoc;
pub use write::ledger::{
    Ledger, LedgerEntry, SKIPS_KEPT, Skip, Stamp, View as LedgerView, is_guarded,
};
pub use write::rebuild::{Rebuilt, Redo, rebuild};
pub use write::sink::{ClippingSink, Outcomes};
pub use write::writer::{Finished, Outcome, Writer, WriterOptions};
