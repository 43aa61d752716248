//! The language of an index: a dictionary, and the word list that lies in the index folder.
//!
//! `config.json` in the same folder may name a dictionary of the user's own:
//!
//! ```json
//! { "dictionary": "/path/to/a/folder/that/lindera/built" }
//! ```

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::analyze::Language;
use crate::analyze::user_words::UserWords;
use crate::index::{IndexError, Meta, Result};

/// Name of the user's word list in the folder of the index.
pub const USER_WORDS: &str = "user-words.txt";

/// Name of the configuration in the folder of the index.
pub const CONFIG: &str = "config.json";

/// What stands in [`CONFIG`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Folder of a dictionary; relative to the folder of the index.
    dictionary: Option<PathBuf>,
}

/// The language of the index in `dir`.
///
/// # Errors
/// When the configuration, the dictionary or the word list cannot be read. Bad rows of the list are
/// left out.
pub fn language(dir: &Path) -> Result<Language> {
    let config = match read(&dir.join(CONFIG))? {
        None => Config::default(),
        Some(text) => serde_json::from_str(&text).map_err(|e| IndexError::Config(e.to_string()))?,
    };
    let language = match config.dictionary {
        None => Language::embedded()?,
        Some(folder) => Language::from_folder(&dir.join(folder))?,
    };
    Ok(match read(&dir.join(USER_WORDS))? {
        None => language,
        Some(text) => language.with_user_words(UserWords::parse(&text).0),
    })
}

/// The language that an index in `dir` was made in, and whether the word list has changed since. An
/// index answers by the words it was made with until it is rebuilt.
///
/// # Errors
/// See [`language`]; and [`IndexError::Outdated`] when it is no language of this program.
pub(in crate::index) fn language_of(dir: &Path, meta: &Meta) -> Result<(Language, bool)> {
    meta.check_format()?;
    let now = language(dir)?;
    if meta.check(&now.identity()).is_ok() {
        return Ok((now, false));
    }
    let then = now.with_user_words(UserWords::parse(&meta.user_words).0);
    meta.check(&then.identity())?;
    Ok((then, true))
}

/// The text of a file that need not be there.
fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(IndexError::io(path, e)),
    }
}
