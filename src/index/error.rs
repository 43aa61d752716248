//! Errors of an index. The messages for users are in `messages`.

use std::io;
use std::path::{Path, PathBuf};

use crate::analyze::DictionaryError;
use crate::index::{ClusterError, Damage, Meta};

/// Result of an operation on an index.
pub type Result<T> = std::result::Result<T, IndexError>;

/// Why an index cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The folder has no index.
    #[error("no index at {}", .0.display())]
    Missing(PathBuf),
    /// The index was deleted while it was in use.
    #[error("the index at {} is no longer there", .0.display())]
    Gone(PathBuf),
    /// The folder exists, but contains something else.
    #[error("{} is no index of clippings", .0.display())]
    Foreign(PathBuf),
    /// A later version of the program wrote the index.
    #[error("the index has format {found}, this program knows {known}")]
    Newer {
        /// Format of the index.
        found: u32,
        /// Newest format that this program supports.
        known: u32,
    },
    /// An earlier version wrote the index, or the dictionary or analyzer changed: its terms differ
    /// from those of this program, so searches would miss clippings.
    #[error("the index was made with another {0:?}")]
    Outdated(MadeWith),
    /// The files are corrupt.
    #[error("the index is damaged: {0}")]
    Damaged(Damage),
    /// Too damaged to be rebuilt from its records.
    #[error("the index cannot be rebuilt: {0}")]
    Unrebuildable(Damage),
    /// Another process holds the lock.
    #[error("another process writes the index: {0:?}")]
    Locked(Option<LockHolder>),
    /// No clipping has this id.
    #[error("no clipping '{0}'")]
    NoClipping(String),
    /// A prefix of several ids.
    #[error("'{prefix}' begins the names of several clippings: {}", .names.join(", "))]
    Ambiguous {
        /// As typed.
        prefix: String,
        /// Some of the ids.
        names: Vec<String>,
    },
    /// The clipping has no stored page.
    #[error("no page was kept of '{0}'")]
    NoPage(String),
    /// A query would verify its matches in more stored texts than this.
    #[error("the query reads more than {0} stored clippings")]
    TooManyRecords(usize),
    /// An error of the operating system.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Path of the file or folder.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
    /// `config.json` is invalid.
    #[error("config.json of the index: {0}")]
    Config(String),
    /// The dictionary cannot be loaded.
    #[error(transparent)]
    Dictionary(#[from] DictionaryError),
    /// A cluster.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The answer would not fit in memory.
    #[error("too many clippings match")]
    TooManyMatches,
    /// An internal error of tantivy or another library.
    #[error("{0}")]
    Engine(String),
}

/// What an index was made with that is not what this program has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeWith {
    /// The format of the index.
    Format,
    /// The dictionary, the word list or the analyzer.
    Analyzer,
}

/// The process that writes an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHolder {
    /// The command.
    pub command: String,
    /// The number of the process.
    pub process: u32,
    /// Since when, in Korean time.
    pub since: String,
}

impl IndexError {
    /// Turns errors that look like damage into [`IndexError::Gone`] if the index in `dir`, which was
    /// open, no longer exists.
    #[must_use]
    pub fn or_gone(self, dir: &Path) -> Self {
        match self {
            IndexError::Damaged(_) | IndexError::Io { .. } | IndexError::Engine(_)
                if !Meta::exists(dir) && Meta::of_newest_data(dir).is_none() =>
            {
                IndexError::Gone(dir.to_owned())
            }
            error => error,
        }
    }

    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        IndexError::Io {
            path: path.to_owned(),
            source,
        }
    }
}
