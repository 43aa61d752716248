//! `clippings.json`: the format, dictionary and analyzer of the index, and its live data folder.
//!
//! The file is replaced atomically, so a reader sees the old or the new version. `reindex`
//! activates a rebuilt index by replacing it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::analyze::Language;
use crate::atomic_file::{self, Durability};
use crate::index::{Damage, IndexError, MadeWith, Result};
use crate::small_file;

/// Format of the index folder. Increased with every change of the schema, the encoding of terms or
/// the other files.
pub const FORMAT: u32 = 4;

const NAME: &str = "clippings.json";

/// Maximum size: the list of user words is part of the file.
const MAX_BYTES: u64 = 256 << 20;

/// Content of `clippings.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// See [`FORMAT`].
    pub format: u32,
    /// Name of the live data folder.
    pub data: String,
    /// Identifies the analyzer with its dictionary and word lists. Equal values mean equal terms.
    pub analyzer: String,
    /// The user's word list at the time the index was created.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user_words: String,
    /// The program version that wrote it, for information.
    pub program: String,
}

impl Meta {
    /// For a new index in `language` with data folder `data-{generation}`.
    pub fn of(generation: u32, language: &Language) -> Meta {
        Meta {
            user_words: language.user_words().to_text(),
            ..Meta::new(generation, &language.identity())
        }
    }

    fn new(generation: u32, analyzer: &str) -> Meta {
        Meta {
            format: FORMAT,
            data: format!("data-{generation}"),
            analyzer: analyzer.to_owned(),
            user_words: String::new(),
            program: concat!("clippings ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// A substitute when `clippings.json` is unreadable: names the newest data folder with records
    /// in `dir`, with format 0.
    pub(in crate::index) fn of_newest_data(dir: &Path) -> Option<Meta> {
        let entries = fs::read_dir(dir).ok()?;
        let generations = entries.flatten().filter_map(|entry| {
            let name = entry.file_name();
            name.to_str()?.strip_prefix("data-")?.parse::<u32>().ok()
        });
        // A killed rebuild leaves an unfinished folder that is newer than the live one. Skip
        // folders without a record store.
        let mut generations: Vec<u32> = generations.filter(|&n| n > 0).collect();
        generations.sort_unstable();
        let has_records = |n: &u32| {
            let data = fs::read_dir(dir.join(format!("data-{n}")));
            data.is_ok_and(|files| {
                let mut files = files.flatten();
                files.any(|file| file.path().extension().is_some_and(|e| e == "store"))
            })
        };
        let newest = generations.into_iter().rev().find(has_records)?;
        Some(Meta {
            format: 0,
            ..Meta::new(newest, "")
        })
    }

    /// Number in the name of the data folder; 0 if it has none.
    pub fn generation(&self) -> u32 {
        self.data
            .strip_prefix("data-")
            .and_then(|n| n.parse().ok())
            .unwrap_or(0)
    }

    /// Path of `clippings.json` in an index folder.
    pub(in crate::index) fn path(dir: &Path) -> PathBuf {
        dir.join(NAME)
    }

    /// Whether `dir` has an index, of any version.
    pub fn exists(dir: &Path) -> bool {
        dir.join(NAME).is_file()
    }

    /// Reads `clippings.json`, whatever analyzer it names, since `reindex` converts any.
    ///
    /// # Errors
    /// [`IndexError::Missing`], [`IndexError::Foreign`], [`IndexError::Newer`],
    /// [`IndexError::Damaged`].
    pub fn read(dir: &Path) -> Result<Meta> {
        /// The part that all formats share.
        #[derive(Deserialize)]
        struct Versioned {
            format: u32,
        }
        let path = dir.join(NAME);
        let bytes = match small_file::read(&path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(if Meta::of_newest_data(dir).is_some() {
                    IndexError::Damaged(Damage::Missing(NAME.to_owned()))
                } else if has_files(dir) {
                    IndexError::Foreign(dir.to_owned())
                } else {
                    IndexError::Missing(dir.to_owned())
                });
            }
            Err(e) if e.kind() == io::ErrorKind::NotADirectory => {
                return Err(IndexError::Foreign(dir.to_owned()));
            }
            Err(e) => return Err(IndexError::io(&path, e)),
        };
        let invalid = |detail: String| {
            let file = NAME.to_owned();
            IndexError::Damaged(Damage::Content { file, detail })
        };
        let damaged = |e: serde_json::Error| invalid(e.to_string());
        let versioned: Versioned = serde_json::from_slice(&bytes).map_err(damaged)?;
        if versioned.format > FORMAT {
            return Err(IndexError::Newer {
                found: versioned.format,
                known: FORMAT,
            });
        }
        let meta: Meta = serde_json::from_slice(&bytes).map_err(damaged)?;
        if meta.generation() == 0 {
            return Err(invalid(format!("it names '{}' as its data", meta.data)));
        }
        Ok(meta)
    }

    /// Checks that this program supports the format. Must be called before reading the data: a file
    /// in another format is not damaged.
    ///
    /// # Errors
    /// [`IndexError::Outdated`].
    pub fn check_format(&self) -> Result<()> {
        match self.format {
            FORMAT => Ok(()),
            _ => Err(IndexError::Outdated(MadeWith::Format)),
        }
    }

    /// Checks that the terms of this index equal those of `analyzer`.
    ///
    /// # Errors
    /// [`IndexError::Outdated`] names the difference.
    pub fn check(&self, analyzer: &str) -> Result<()> {
        self.check_format()?;
        if self.analyzer == analyzer {
            Ok(())
        } else {
            Err(IndexError::Outdated(MadeWith::Analyzer))
        }
    }

    /// Replaces `clippings.json` atomically and durably.
    ///
    /// # Errors
    /// [`IndexError::Io`].
    pub fn write(&self, dir: &Path) -> Result<()> {
        let path = dir.join(NAME);
        atomic_file::replace(&path, Durability::Synced, |file| {
            serde_json::to_writer_pretty(&mut *file, self)?;
            file.write_all(b"\n")
        })
        .map_err(|e| IndexError::io(&path, e))
    }

    /// The live data folder.
    pub fn data_dir(&self, dir: &Path) -> PathBuf {
        dir.join(&self.data)
    }
}

/// Whether a folder has files that are not hidden.
fn has_files(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|e| !e.file_name().as_encoded_bytes().starts_with(b"."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meta_round_trips() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(
            Meta::read(dir.path()),
            Err(IndexError::Missing(_))
        ));
        let meta = Meta::new(3, "a1");
        meta.write(dir.path()).unwrap();
        assert_eq!(Meta::read(dir.path()).unwrap(), meta);
        assert_eq!(meta.generation(), 3);
        meta.check("a1").unwrap();
        assert!(matches!(meta.check("a2"), Err(IndexError::Outdated(_))));
    }

    #[test]
    fn newer_formats_and_broken_files_are_distinguished() {
        let dir = tempfile::tempdir().unwrap();
        let write = |text: &str| fs::write(dir.path().join(NAME), text).unwrap();
        write(r#"{"format":999,"shape":"unknown"}"#);
        assert!(matches!(
            Meta::read(dir.path()),
            Err(IndexError::Newer { found: 999, .. })
        ));
        for broken in [
            "",
            "{",
            "[]",
            r#"{"format":1,"data":"../x","analyzer":"","program":""}"#,
        ] {
            write(broken);
            assert!(
                matches!(Meta::read(dir.path()), Err(IndexError::Damaged(_))),
                "{broken}"
            );
        }
        fs::remove_file(dir.path().join(NAME)).unwrap();
        fs::write(dir.path().join("photo.jpg"), "").unwrap();
        assert!(matches!(
            Meta::read(dir.path()),
            Err(IndexError::Foreign(_))
        ));
    }
}
