//! `clippings`: a search engine for Korean news clippings.
//!
//! Data flows through the modules in this order, and none imports a later one:
//!
//! ```text
//! source ──▶ extract ──▶ analyze ──▶ index ──▶ search ──▶ report
//! bytes      Clipping    terms       tantivy    hits        text, JSON, TREC, ...
//! ```
//!
//! `query` parses queries into trees, which `search` compiles. `app` has the use cases, on which
//! the command line (`cli`) and the web server (`web`) are built. See ARCHITECTURE.md.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod analyze;
pub mod app;
mod atomic_file;
mod cache;
pub mod cli;
pub mod clipping;
mod compose;
#[cfg(test)]
mod cpu_time;
pub mod extract;
mod hangul;
pub mod index;
pub mod ingest;
mod korean_time;
pub mod messages;
pub mod query;
pub mod report;
pub mod saved;
pub mod search;
mod small_file;
pub mod source;
mod web;
