//! End-to-end tests of the binary.
//!
//! A single test crate, so that the dictionary is linked only once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod add;
mod archive;
mod arguments;
mod bigkinds;
mod changing_files;
mod copies;
mod corrections;
mod counting;
mod damage;
mod damage_battery;
mod dictionary;
mod documents;
mod env;
mod exact;
mod export;
mod formats;
mod generated_inputs;
mod hostile;
mod imports;
mod judge;
mod kept_index;
mod kept_pages;
mod killed;
mod language;
mod oversized;
mod pages;
mod ranking;
mod ranking_board;
mod readers;
mod replay;
mod saved;
mod search;
mod serve;
mod similar;
mod sources;
mod terminal;
mod terminal_escaping;
mod web;
