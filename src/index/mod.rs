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
//!   ledger.redb      which sources were added, and which clipping a page is; a cache
//!   writer.lock      held by the process that writes
//! ```
//!
//! What else lies there is of other modules: `saved.json` and `digest.json` of `saved`.
//!
//! The stored record of a clipping is the truth; everything else can be made again from it.
//! `engine` and `search::local` are the only rooms that name tantivy.

mod engine;
mod error;
mod hash;
mod language;
mod meta;
mod pages;
mod read;
mod write;

pub use engine::DocAddress;
pub use engine::document::Permit;
pub use engine::record_prefilter::RecordPrefilter;
pub use engine::records::Records;
pub use engine::schema::Fields;
pub use engine::term::{encode, fold_name, readable_term, term_text};
pub use engine::term_dict_cache::{TermDict, TermDictCache};
pub use error::{IndexError, Result};
pub use language::{USER_WORDS, language};
pub use meta::{FORMAT, Meta};
pub use pages::{KeptPage, PackedPage, PageKey, PageReader};
pub use read::archive::Archive;
pub use read::check::{Findings, check};
pub use read::stats::{Count, Skipped, Stats, skipped, stats};
pub use write::budget::{Budget, Share};
pub use write::incoming_doc::IncomingDoc;
pub use write::ledger::{
    Entry as LedgerEntry, Ledger, SKIPS_KEPT, Skip, Stamp, View as LedgerView, is_guarded,
};
pub use write::rebuild::{Rebuilt, Redo, rebuild};
pub use write::writer::{Finished, Outcome, Writer, WriterOptions};
