//! The index: clippings kept, with their terms, so that `search` finds them.
//!
//! Fourth on the way of the data. It takes [`Clipping`](crate::clipping::Clipping)s and keeps them
//! in a folder of this shape:
//!
//! ```text
//! index/
//!   clippings.json   format, dictionary and analyzer it was made with; which data folder is live
//!   data-1/          the tantivy index: terms, positions, fast fields, stored records and what
//!                    they are packed with
//!   pages/           the pages that clippings were made of, where they are kept
//!   ledger.redb      which sources were taken in, and which clipping a page is; a cache
//!   writer.lock      held by the process that writes
//! ```
//!
//! What else lies there is of other modules: `saved.json` and `digest.json` of `saved`.
//!
//! The stored record of a clipping is the truth; everything else can be made again from it.
//! This module and `search` are the only ones that know tantivy.

mod budget;
mod building;
mod check;
mod committed;
mod directory;
mod document;
mod error;
mod feed;
mod folder;
mod glance;
mod groups;
mod identity;
mod keys;
mod language;
mod ledger;
mod lock;
mod merging;
mod meta;
mod packing;
mod pages;
mod pending;
mod pool;
mod reader;
mod rebuild;
mod record;
mod records;
mod schema;
mod stats;
mod taken_out;
mod term;
mod terms;
mod vint;
mod writer;

pub use budget::{Budget, Share};
pub use check::{Findings, check};
pub use document::{Permit, Prepared};
pub use error::{IndexError, Result};
pub use glance::Glance;
pub use language::{USER_WORDS, language};
pub use ledger::{
    Entry as LedgerEntry, Ledger, SKIPS_KEPT, Skip, Stamp, View as LedgerView, is_guarded,
};
pub use meta::{FORMAT, Meta};
pub use pages::{KeptPage, PackedPage, PageKey, PageReader};
pub use reader::Archive;
pub use rebuild::{Rebuilt, Redo, rebuild};
pub use records::Records;
pub use schema::Fields;
pub use stats::{Count, Skipped, Stats, skipped, stats};
pub use term::{PART_MARK, STEM_MARK, encode, fold_name};
pub use terms::Terms;
pub use writer::{Outcome, Writer, WriterOptions};
