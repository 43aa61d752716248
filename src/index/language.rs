//! The language of an index: its dictionary and its user word list.
//!
//! `config.json` in the index folder may name a dictionary of the user's:
//!
//! ```json
//! { "dictionary": "/path/to/a/folder/that/lindera/built" }
//! ```

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::analyze::Language;
use crate::analyze::user_words::UserWords;
use crate::index::{IndexError, Meta, Result};
use crate::small_file;

/// File name of the user's word list in the index folder.
pub const USER_WORDS: &str = "user-words.txt";

/// File name of the configuration in the index folder.
pub const CONFIG: &str = "config.json";

/// Maximum size of these files.
const MAX_BYTES: u64 = 64 << 20;

/// Content of [`CONFIG`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Folder of a dictionary, relative to the index folder.
    dictionary: Option<PathBuf>,
}

/// The language that the files of the index in `dir` describe now.
///
/// # Errors
/// When the configuration, the dictionary or the word list cannot be read. Invalid lines of the
/// word list are skipped.
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

/// The language that the index in `dir` was created with, and whether the word list has changed
/// since. Until it is rebuilt, an index is searched with the word list it was created with.
///
/// # Errors
/// Those of [`language`], and [`IndexError::Outdated`] if this program cannot reproduce the
/// language.
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

/// The content of a file, `None` if there is none.
fn read(path: &Path) -> Result<Option<String>> {
    let text = small_file::read(path, MAX_BYTES).and_then(|bytes| {
        String::from_utf8(bytes).map_err(|e| io::Error::new(ErrorKind::InvalidData, e.utf8_error()))
    });
    match text {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(IndexError::io(path, e)),
    }
}
