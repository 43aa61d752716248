//! The index: clippings kept, with their terms, so that `search` finds them.
//!
//! Fourth on the way of the data. It takes [`Clipping`](crate::clipping::Clipping)s and keeps them
//! in a folder of this shape:
//!
//! ```text
//! index/
//!   clippings.json   format, dictionary and analyzer it was made with; which data folder is live
//!   data-1/          the tantivy index: terms, positions, fast fields, stored records
//! ```
//!
//! The stored record of a clipping is the truth; everything else can be made again from it.
//! This module and `search` are the only ones that know tantivy.

mod error;
mod meta;
mod reader;
mod schema;
mod term;
mod tokenizer;

pub use error::{IndexError, Result};
pub use meta::{FORMAT, Meta};
pub use reader::Archive;
pub use schema::Fields;
pub use term::{encode, fold_name};
