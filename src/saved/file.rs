//! `saved.json` and `digest.json`: bounded reads, atomic writes.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use rustc_hash::FxHashSet;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{SavedError, SavedSearch, Searches, check_name, tidy};
use crate::atomic_file::{self, Durability};
use crate::small_file;

/// Version of both files. Increased when an older program would misread them.
const VERSION: u32 = 1;

/// File of saved searches.
const SEARCHES: &str = "saved.json";

/// Locked while a process changes one of the files.
const LOCK: &str = "saved.lock";

/// Maximum size of a file. Ten thousand searches take 1 MB.
const MAX_BYTES: u64 = 64 << 20;

/// Content of `saved.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedFile {
    version: u32,
    searches: Vec<SavedSearch>,
}

impl Searches {
    /// Reads the saved searches of the index in `dir`; none if there is no file.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    pub fn read(dir: &Path) -> Result<Searches, SavedError> {
        let Some(SavedFile { mut searches, .. }) = read(dir, SEARCHES)? else {
            return Ok(Searches::default());
        };
        let mut names = FxHashSet::default();
        for search in &mut searches {
            search.name = tidy(&search.name);
            check_name(&search.name).map_err(|e| SavedError::Invalid {
                path: dir.join(SEARCHES),
                detail: e.to_string(),
            })?;
            if !names.insert(search.name.clone()) {
                return Err(SavedError::Duplicate {
                    path: dir.join(SEARCHES),
                    name: search.name.clone(),
                });
            }
        }
        Ok(Searches { list: searches })
    }

    /// Replaces the saved searches of the index in `dir`.
    ///
    /// # Errors
    /// When they cannot be written; the old file then stays in place.
    pub fn write(&self, dir: &Path) -> Result<(), SavedError> {
        let content = SavedFile {
            version: VERSION,
            searches: self.list.clone(),
        };
        write(dir, SEARCHES, &content)
    }
}

/// Holds the lock on both files; released on drop. Never held for long.
#[derive(Debug)]
pub struct SavedLock {
    /// Closing the file releases the lock.
    _file: File,
}

impl SavedLock {
    /// Acquires the lock, waiting for other processes.
    ///
    /// # Errors
    /// When the folder is not writable.
    pub fn acquire(dir: &Path) -> Result<SavedLock, SavedError> {
        let path = dir.join(LOCK);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file));
        Ok(SavedLock {
            _file: file.map_err(|e| SavedError::io(&path, e))?,
        })
    }
}

/// Reads a file of this or an older version; `None` if it does not exist.
pub(super) fn read<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<Option<T>, SavedError> {
    /// The part that all versions share.
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let path = dir.join(name);
    let bytes = match small_file::read(&path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(SavedError::io(&path, e)),
    };
    // Windows editors write a byte order mark.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let invalid = |e: serde_json::Error| SavedError::Invalid {
        path: path.clone(),
        detail: e.to_string(),
    };
    let Versioned { version } = serde_json::from_slice(bytes).map_err(invalid)?;
    if version > VERSION {
        return Err(SavedError::Newer {
            path,
            found: version,
            known: VERSION,
        });
    }
    serde_json::from_slice(bytes).map(Some).map_err(invalid)
}

/// Replaces a file atomically and durably.
pub(super) fn write(dir: &Path, name: &str, content: &impl Serialize) -> Result<(), SavedError> {
    let path = dir.join(name);
    atomic_file::replace(&path, Durability::Synced, |file| {
        serde_json::to_writer_pretty(&mut *file, content)?;
        file.write_all(b"\n")
    })
    .map_err(|e| SavedError::io(&path, e))
}

/// The current version.
pub(super) const fn version() -> u32 {
    VERSION
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_round_trips_and_mistakes_in_it_are_named() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Searches::read(dir.path()).unwrap(), Searches::default());
        let search = SavedSearch {
            name: "칩".to_owned(),
            query: "\"반도체\" -광고".to_owned(),
            ..SavedSearch::default()
        };
        let searches = Searches { list: vec![search] };
        searches.write(dir.path()).unwrap();
        assert_eq!(Searches::read(dir.path()).unwrap(), searches);
        let text = fs::read_to_string(dir.path().join(SEARCHES)).unwrap();
        assert!(text.contains(r#""name": "칩""#), "{text}");
        for (broken, says) in [
            ("", "EOF"),
            ("{", "EOF"),
            ("[]", "struct"),
            (r#"{"version":1}"#, "searches"),
            (
                r#"{"version":1,"searches":[{"name":"a","qwery":"x"}]}"#,
                "qwery",
            ),
            (r#"{"version":1,"searches":[{"name":"a b"}]}"#, "a b"),
            (
                r#"{"version":1,"searches":[{"name":"a"},{"name":"a"}]}"#,
                "duplicate",
            ),
            (r#"{"version":9,"shape":"unknown"}"#, "version 9"),
        ] {
            fs::write(dir.path().join(SEARCHES), broken).unwrap();
            let error = Searches::read(dir.path()).unwrap_err().to_string();
            assert!(
                error.contains(says) && error.contains(SEARCHES),
                "{broken}: {error}"
            );
        }
    }
}
