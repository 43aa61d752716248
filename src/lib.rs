//! `clippings`: a search engine for Korean news clippings.
//!
//! The folders follow the data, and no module imports from one further down the way:
//!
//! ```text
//! source ──▶ extract ──▶ analyze ──▶ index ──▶ search ──▶ report
//! bytes      Clipping    terms       tantivy    hits        text, JSON, TREC, ...
//! ```
//!
//! `query` stands beside `analyze`: it reads what a person types into a tree that `search` turns
//! into terms. The command line (`cli`) stands on top and only talks to these.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod analyze;
pub mod app;
mod atomic_file;
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
