//! The query language: parses what the user types into a tree ([`Node`]).
//!
//! `search` compiles the tree with the analyzer. This module does not depend on the index.
//!
//! The grammar accepts what people type elsewhere: Lucene, Naver, BIGKinds. Parsing never fails;
//! parts that make no sense are ignored, with a note.
//!
//! Operators are listed in `messages/operators.rs`. Not listed there:
//!
//! - other quotation marks (`‘…’`, `『…』`, `«…»`), and relative dates of several words in quotation marks
//!   (`날짜:"최근 2주"`)
//! - `date:2024-02~` for an open range, and `{a TO b}`, which excludes both ends
//! - `면:` for `섹션:`, and fields of BIGKinds: `인물:` `person:`, `기관:` `organization:`, `위치:` `place:`,
//!   `분류:` `category:`
//!
//! Operators work only at word boundaries: `C++`, `R&D`, `AT&T`, `3.1%`, `6·25`, `12:30`,
//! `인공지능(AI)`, URLs and email addresses are words. Full-width characters are equivalent to ASCII.
//! `AND`, `OR` and `NOT` must be in capitals. Lucene's boosts (`^2`) and fuzzy words (`word~1`) are
//! ignored, with a note. A query with nothing to search for (`...`) matches nothing.

pub mod date_range;
mod escape;
pub mod field;
mod filters;
pub mod jamo;
pub mod keyboard;
mod lexer;
mod notes;
mod parser;
mod signs;
pub mod slip;
#[cfg(test)]
mod tests;
pub mod tree;

pub use date_range::DateRange;
pub use field::Field;
pub use filters::{FilterError, Filters};
pub use notes::QueryNote;
pub use parser::{Parsed, parse};
pub use signs::normalized;
pub use tree::Node;
