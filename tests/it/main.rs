//! What a person does with the program, done through the program.
//!
//! One crate for all, so that the dictionary is linked once.

mod add;
mod archive;
mod arguments;
mod env;
mod export;
mod formats;
mod sources;
