//! The query language: parses what the user types into a tree ([`Node`]).
//!
//! `search` compiles the tree with the analyzer. This module does not depend on the index.
//!
//! The grammar accepts what people type elsewhere: Lucene, Naver, BIGKinds. Parsing never fails;
//! parts that make no sense are ignored, with a note.
//!
//! | you type | it finds |
//! |---|---|
//! | `생성형 AI` | clippings with both words; of four or more words, those with most of them come first, and `AND`, `&` or a leading `+` requires all |
//! | `반도체 OR 디스플레이`, `반도체\|디스플레이` | either; `수출 반도체 OR 자동차` is 수출 and one of the two |
//! | `사과 -애플`, `사과 NOT 애플`, `사과 !애플` | the first without the second |
//! | `(실적 OR 매출) 삼성전자` | parentheses group |
//! | `"토스"`, `“기준금리 인상”`, `‘…’`, `「…」`, `『…』`, `《…》`, `«…»` | this exact phrase, spacing ignored; particles may follow, a longer word (토스트) does not match |
//! | `"기준금리 인상"~5` | both words with at most five others between them |
//! | `삼성*` | words beginning with it |
//! | `제목:총선`, `headline:총선` | in the headline; likewise `부제:` `subhead:`, `본문:` `body:`, `사진설명:` `caption:`, `기자:` `reporter:`, `언론사:` `outlet:`, `섹션:` `면:` `section:`, `url:`, `id:`; of BIGKinds `인물:` `person:`, `기관:` `organization:`, `위치:` `place:`, `분류:` `category:` |
//! | `제목:(금리 -인하)`, `제목:"금리 인상"` | a whole group or phrase in the field |
//! | `기자:*` | clippings that have such a field |
//! | `날짜:2024-02`, `date:2024`, `날짜:2024년 2월 22일`, `date:2024Q1` | published then, in Korean time |
//! | `date:2024-02..2024-03`, `date:..2023`, `date:2024-02~`, `date:[2024-02 TO 2024-03]`, `date:>=2024-02` | in a range, both ends included (`{a TO b}` leaves the ends out) |
//! | `날짜:7d`, `날짜:최근 2주` in quotes, `3m`, `1y`, `오늘`, `어제`, `이번주`, `지난달`, `작년` | counted from today |
//! | `*`, or nothing | everything, for use with filters |
//! | `\-5%`, `\"` | a backslash escapes an operator |
//!
//! Operators work only at word boundaries: `C++`, `R&D`, `AT&T`, `3.1%`, `6·25`, `12:30`,
//! `인공지능(AI)`, URLs and email addresses are words. Full-width signs are read as plain ones.
//! `AND`, `OR` and `NOT` are written in capitals. Lucene's weights (`^2`) and fuzzy words (`word~1`)
//! are ignored, with a note. A query with nothing to search for (`...`) matches nothing.

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
