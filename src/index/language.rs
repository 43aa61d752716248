//! The language of an index: the dictionary with the word list that lies in its folder.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::{IndexError, Result};
use crate::analyze::Language;
use crate::analyze::user_words::UserWords;

/// Name of the user's word list in the folder of the index.
pub const USER_WORDS: &str = "user-words.txt";

/// The language of the index in `dir`.
///
/// # Errors
/// When the dictionary or the word list cannot be read. Bad rows of the list are left out.
pub fn language(dir: &Path) -> Result<Language> {
    let language = Language::embedded()?;
    let path = dir.join(USER_WORDS);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(language.with_user_words(UserWords::parse(&text).0)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(language),
        Err(e) => Err(IndexError::io(&path, e)),
    }
}
