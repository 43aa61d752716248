//! `saved.json` and `digest.json`: bounded reads, atomic changes. Beside an index in a folder they are files, beside
//! one in a cluster documents with the same content.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{SavedError, SavedSearch, Searches, check_name, tidy};
use crate::atomic_file::{self, Durability};
use crate::index::{ClusterError, ClusterState, IndexError};
use crate::small_file;

/// Version of both files. Increased when an older program would misread them.
const VERSION: u32 = 1;

/// File of saved searches.
pub(super) const SEARCHES: &str = "saved.json";

/// Locked while a process changes one of the files.
const LOCK: &str = "saved.lock";

/// Maximum size of a file. Ten thousand searches take 1 MB.
const MAX_BYTES: u64 = 64 << 20;

/// Tries of a change that another machine is faster to write.
const ATTEMPTS: usize = 20;

/// Where the saved searches of an index are kept.
pub enum SavedStore {
    /// In the folder of the index.
    Folder(PathBuf),
    /// Beside the index in a cluster.
    Cluster(Arc<ClusterState>),
}

/// Content of `saved.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedFile {
    version: u32,
    searches: Vec<SavedSearch>,
}

impl Searches {
    /// Reads the saved searches; none if nothing was saved yet.
    ///
    /// # Errors
    /// When they exist but cannot be read.
    pub fn read(store: &SavedStore) -> Result<Searches, SavedError> {
        Searches::of(store, store.read(SEARCHES)?)
    }

    fn of(store: &SavedStore, content: Option<SavedFile>) -> Result<Searches, SavedError> {
        let Some(SavedFile { mut searches, .. }) = content else {
            return Ok(Searches::default());
        };
        let mut names = FxHashSet::default();
        for search in &mut searches {
            search.name = tidy(&search.name);
            if check_name(&search.name).is_err() {
                return Err(SavedError::InvalidNameIn {
                    path: store.path(SEARCHES),
                    name: search.name.clone(),
                });
            }
            if !names.insert(search.name.clone()) {
                return Err(SavedError::Duplicate {
                    path: store.path(SEARCHES),
                    name: search.name.clone(),
                });
            }
        }
        Ok(Searches { list: searches })
    }

    /// Changes the saved searches. `change` is called again when another process changed them meanwhile.
    ///
    /// # Errors
    /// The error of `change`; when they cannot be written. Then they are as before.
    pub fn update<T>(
        store: &SavedStore,
        mut change: impl FnMut(&mut Searches) -> Result<T, SavedError>,
    ) -> Result<T, SavedError> {
        store.update(SEARCHES, &mut |content| {
            let before = Searches::of(store, content)?;
            let mut after = before.clone();
            let result = change(&mut after)?;
            let content = (after != before).then_some(SavedFile {
                version: VERSION,
                searches: after.list,
            });
            Ok((content, result))
        })
    }
}

impl SavedStore {
    /// Where one of the files is, for messages.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        match self {
            SavedStore::Folder(dir) => dir.join(name),
            SavedStore::Cluster(state) => state.locate(name).into(),
        }
    }

    /// Reads a file of this or an older version; `None` if it does not exist.
    pub(super) fn read<C: DeserializeOwned>(&self, name: &str) -> Result<Option<C>, SavedError> {
        let bytes = match self {
            SavedStore::Folder(dir) => read_file(&dir.join(name))?,
            SavedStore::Cluster(state) => state.read(name)?.map(|doc| doc.content),
        };
        bytes.map(|bytes| self.parse(name, &bytes)).transpose()
    }

    fn parse<C: DeserializeOwned>(&self, name: &str, bytes: &[u8]) -> Result<C, SavedError> {
        /// The part that all versions share.
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        // Windows editors write a byte order mark.
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let invalid = |e: serde_json::Error| SavedError::Invalid {
            path: self.path(name),
            detail: e.to_string(),
        };
        let Versioned { version } = serde_json::from_slice(bytes).map_err(invalid)?;
        if version > VERSION {
            return Err(SavedError::Newer {
                path: self.path(name),
                found: version,
                known: VERSION,
            });
        }
        serde_json::from_slice(bytes).map_err(invalid)
    }

    /// Replaces a file by the result of `change`, atomically and durably, unless that is `None`. In a
    /// folder, a lock excludes changes by other processes; in a cluster, `change` is called again after
    /// one.
    pub(super) fn update<C: DeserializeOwned + Serialize, T>(
        &self,
        name: &str,
        change: &mut dyn FnMut(Option<C>) -> Result<(Option<C>, T), SavedError>,
    ) -> Result<T, SavedError> {
        let state = match self {
            SavedStore::Folder(dir) => {
                let _lock = lock(dir)?;
                let (content, result) = change(self.read(name)?)?;
                if let Some(content) = content {
                    write_file(&dir.join(name), &content)?;
                }
                return Ok(result);
            }
            SavedStore::Cluster(state) => state,
        };
        for _ in 0..ATTEMPTS {
            let seen = state.read(name)?;
            let content = seen.as_ref().map(|doc| self.parse(name, &doc.content));
            let (content, result) = change(content.transpose()?)?;
            let Some(content) = content else {
                return Ok(result);
            };
            let content = serde_json::to_vec(&content).map_err(|e| SavedError::Invalid {
                path: self.path(name),
                detail: e.to_string(),
            })?;
            if state.replace(name, &content, seen.as_ref())? {
                return Ok(result);
            }
        }
        Err(IndexError::from(ClusterError::Busy {
            seconds: 0,
            status: Some(409),
        })
        .into())
    }
}

/// Locks the files of a folder until the returned file is closed. Never held for long.
fn lock(dir: &Path) -> Result<File, SavedError> {
    let path = dir.join(LOCK);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .and_then(|file| file.lock().map(|()| file));
    file.map_err(|e| SavedError::io(&path, e))
}

fn read_file(path: &Path) -> Result<Option<Vec<u8>>, SavedError> {
    match small_file::read(path, MAX_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(SavedError::io(path, e)),
    }
}

fn write_file(path: &Path, content: &impl Serialize) -> Result<(), SavedError> {
    atomic_file::replace(path, Durability::Synced, |file| {
        serde_json::to_writer_pretty(&mut *file, content)?;
        file.write_all(b"\n")
    })
    .map_err(|e| SavedError::io(path, e))
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
        let store = SavedStore::Folder(dir.path().to_owned());
        assert_eq!(Searches::read(&store).unwrap(), Searches::default());
        let search = SavedSearch {
            name: "칩".to_owned(),
            query: "\"반도체\" -광고".to_owned(),
            ..SavedSearch::default()
        };
        let searches = Searches { list: vec![search] };
        Searches::update(&store, |all| {
            *all = searches.clone();
            Ok(())
        })
        .unwrap();
        assert_eq!(Searches::read(&store).unwrap(), searches);
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
            let error = Searches::read(&store).unwrap_err().to_string();
            assert!(
                error.contains(says) && error.contains(SEARCHES),
                "{broken}: {error}"
            );
        }
    }
}
