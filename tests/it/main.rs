//! What a person does with the program, done through the program.
//!
//! One crate for all, so that the dictionary is linked once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod add;
mod archive;
mod arguments;
mod copies;
mod counting;
mod damage;
mod env;
mod export;
mod formats;
mod hostile;
mod kept_index;
mod kept_pages;
mod killed;
mod learnt;
mod made;
mod moving;
mod oversized;
mod pages;
mod ranking;
mod readers;
mod replay;
mod saved;
mod search;
mod shown;
mod sources;
mod web;
