//! The files: read with a clear word about what is wrong, replaced as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{SavedError, Search, Searches, check_name};

/// Version of both files. It rises when an older program would misread them.
const VERSION: u32 = 1;

/// The file of saved searches.
const SEARCHES: &str = "saved.json";

/// What programs that change the files hold meanwhile.
const LOCK: &str = "saved.lock";

/// Content of `saved.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    searches: Vec<Search>,
}

impl Searches {
    /// Reads the saved searches of the index in `dir`; none when there is no file.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(dir: &Path) -> Result<Searches, SavedError> {
        let Some(Content { searches, .. }) = read(dir, SEARCHES)? else {
            return Ok(Searches::default());
        };
        let broken = |reason: String| SavedError::Broken {
            path: dir.join(SEARCHES),
            reason,
        };
        for (n, search) in searches.iter().enumerate() {
            check_name(&search.name).map_err(|e| broken(e.to_string()))?;
            if searches.iter().take(n).any(|s| s.name == search.name) {
                return Err(broken(format!("it has two searches '{}'", search.name)));
            }
        }
        Ok(Searches { list: searches })
    }

    /// Replaces the saved searches of the index in `dir`.
    ///
    /// # Errors
    /// When they cannot be written; then they are as they were.
    pub fn write(&self, dir: &Path) -> Result<(), SavedError> {
        let content = Content {
            version: VERSION,
            searches: self.list.clone(),
        };
        write(dir, SEARCHES, &content)
    }
}

/// The right to change the files; given up when dropped. It is held for moments.
#[derive(Debug)]
pub struct SavedLock {
    /// Closing it unlocks it.
    _file: File,
}

impl SavedLock {
    /// Waits until no other process changes the files of the index in `dir`.
    ///
    /// # Errors
    /// When the folder cannot be written.
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

/// Reads a file of this or an older version; `None` when there is none.
pub(super) fn read<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<Option<T>, SavedError> {
    /// The part that every version has.
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let path = dir.join(name);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(SavedError::io(&path, e)),
    };
    // Editors on Windows begin a file with a mark.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let broken = |e: serde_json::Error| SavedError::Broken {
        path: path.clone(),
        reason: e.to_string(),
    };
    let Versioned { version } = serde_json::from_slice(bytes).map_err(broken)?;
    if version > VERSION {
        return Err(SavedError::Newer {
            path,
            found: version,
            known: VERSION,
        });
    }
    serde_json::from_slice(bytes).map(Some).map_err(broken)
}

/// Replaces a file, durably: it is written beside, synced and renamed.
pub(super) fn write(dir: &Path, name: &str, content: &impl Serialize) -> Result<(), SavedError> {
    let path = dir.join(name);
    let beside = dir.join(format!("{name}.new"));
    let save = || -> io::Result<()> {
        let mut file = File::create(&beside)?;
        serde_json::to_writer_pretty(&mut file, content)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        if cfg!(unix) {
            File::open(dir)?.sync_all()?;
        }
        Ok(())
    };
    save().map_err(|e| SavedError::io(&path, e))
}

/// The version that files are written with.
pub(super) const fn version() -> u32 {
    VERSION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_written_and_what_is_wrong_is_told() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Searches::read(dir.path()).unwrap(), Searches::default());
        let search = Search {
            name: "칩".to_owned(),
            query: "\"반도체\" -광고".to_owned(),
            ..Search::default()
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
                "two",
            ),
            (r#"{"version":9,"shape":"unknown"}"#, "version 9"),
        ] {
            fs::write(dir.path().join(SEARCHES), broken).unwrap();
            let told = Searches::read(dir.path()).unwrap_err().to_string();
            assert!(
                told.contains(says) && told.contains(SEARCHES),
                "{broken}: {told}"
            );
        }
    }
}
