//! The engine of an index with its synonyms.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

use super::{AppError, Note, Result};
use crate::analyze::synonyms::Synonyms;
use crate::analyze::user_words::UserWords;
use crate::index::USER_WORDS;
use crate::search::Engine;
use crate::small_file;

/// File name of the synonyms in the index folder.
const SYNONYMS: &str = "synonyms.txt";

/// Maximum size of a file of synonyms or words.
const MAX_BYTES: u64 = 64 << 20;

/// Where synonyms come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SynonymSource {
    /// A file to use instead of `synonyms.txt` in the index folder.
    pub file: Option<PathBuf>,
    /// Do not use the built-in table.
    pub without_builtin: bool,
}

/// Modification time and length of a file; `None` if it does not exist.
pub(super) type Stamp = Option<(Option<SystemTime>, u64)>;

impl SynonymSource {
    fn path(&self, dir: &Path) -> PathBuf {
        self.file.clone().unwrap_or_else(|| dir.join(SYNONYMS))
    }

    pub(super) fn stamp(&self, dir: &Path) -> Stamp {
        let metadata = fs::metadata(self.path(dir)).ok()?;
        Some((metadata.modified().ok(), metadata.len()))
    }

    pub(super) fn read(&self, dir: &Path, notes: &mut Vec<Note>) -> Result<Option<Synonyms>> {
        let path = self.path(dir);
        let own = match small_file::read(&path, MAX_BYTES) {
            Ok(bytes) => {
                let (synonyms, bad) = Synonyms::parse(&String::from_utf8_lossy(&bytes));
                notes.extend(bad.into_iter().map(|note| Note::BadLine {
                    path: path.clone(),
                    line: note.line,
                    reason: note.problem,
                }));
                synonyms
            }
            // If the index folder is a file, opening the index reports it.
            Err(e)
                if self.file.is_none()
                    && matches!(
                        e.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                    ) =>
            {
                Synonyms::default()
            }
            Err(source) => return Err(AppError::Unreadable { path, source }),
        };
        Ok(match self.without_builtin {
            true => (!own.is_empty()).then_some(own),
            false => Some(own.merge(Synonyms::builtin())),
        })
    }
}

/// See the module documentation.
pub(super) struct Opened {
    pub(super) engine: Engine,
    /// State of the file of synonyms when it was read.
    pub(super) synonyms: Stamp,
    /// Lines of the synonyms and the word list that make no sense.
    pub(super) notes: Vec<Note>,
}

impl Opened {
    pub(super) fn new(dir: &Path, source: &SynonymSource, stamp: Stamp) -> Result<Opened> {
        let mut notes = Vec::new();
        let synonyms = source.read(dir, &mut notes)?;
        let engine = Engine::open(dir, synonyms)?;
        notes.extend(bad_user_words(dir));
        Ok(Opened {
            engine,
            synonyms: stamp,
            notes,
        })
    }
}

/// Ignored lines of the word list. Other errors in the file are reported when the index is opened.
pub(super) fn bad_user_words(dir: &Path) -> Vec<Note> {
    let path = dir.join(USER_WORDS);
    let Ok(bytes) = small_file::read(&path, MAX_BYTES) else {
        return Vec::new();
    };
    let (_, bad) = UserWords::parse(&String::from_utf8_lossy(&bytes));
    let note = |note: crate::analyze::synonyms::LineWarning| Note::BadLine {
        path: path.clone(),
        line: note.line,
        reason: note.problem,
    };
    bad.into_iter().map(note).collect()
}
