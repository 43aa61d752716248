//! What can go wrong with an index. The text for people is in `messages`.

use std::io;
use std::path::{Path, PathBuf};

use crate::analyze::DictionaryError;
use crate::index::Meta;

/// Result of work on an index.
pub type Result<T> = std::result::Result<T, IndexError>;

/// Why an index cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// No index in this folder.
    #[error("no index at {}", .0.display())]
    Missing(PathBuf),
    /// It went away while it was used.
    #[error("the index at {} is no longer there", .0.display())]
    Gone(PathBuf),
    /// The folder is there but holds something else.
    #[error("{} is no index of clippings", .0.display())]
    Foreign(PathBuf),
    /// Written by a later version of the program.
    #[error("the index has format {found}, this program knows {known}")]
    Newer {
        /// Format of the index.
        found: u32,
        /// Newest format that this program reads.
        known: u32,
    },
    /// Written by an earlier version, or with another dictionary or analyzer: its terms are not
    /// those of this program, and a search would answer wrongly.
    #[error("the index was made with another {0}")]
    Outdated(&'static str),
    /// What is on disk cannot be what was written.
    #[error("the index is damaged: {0}")]
    Damaged(String),
    /// Damaged beyond what a rebuild from its own records can mend.
    #[error("the index cannot be rebuilt: {0}")]
    Unrebuildable(String),
    /// Another process writes.
    #[error("the index is being written by {0}")]
    Locked(String),
    /// No clipping of this name.
    #[error("no clipping '{0}'")]
    NoClipping(String),
    /// The beginning of more than one name.
    #[error("'{prefix}' begins the names of several clippings: {}", .names.join(", "))]
    Ambiguous {
        /// What was asked for.
        prefix: String,
        /// Some of the names that begin with it.
        names: Vec<String>,
    },
    /// The clipping's page was not kept.
    #[error("no page was kept of '{0}'")]
    NoPage(String),
    /// The disk, the permissions, the mount.
    #[error("{}: {source}", .path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The configuration in the index folder cannot be understood.
    #[error("config.json of the index: {0}")]
    Config(String),
    /// The dictionary cannot be read.
    #[error(transparent)]
    Dictionary(#[from] DictionaryError),
    /// A failure inside the engine.
    #[error("{0}")]
    Engine(String),
}

impl IndexError {
    /// The error of a command that had the index in `dir` open: what looks like damage or a failure of
    /// the engine is not one where the whole index is gone.
    #[must_use]
    pub fn or_gone(self, dir: &Path) -> Self {
        match self {
            IndexError::Damaged(_) | IndexError::Io { .. } | IndexError::Engine(_)
                if !Meta::exists(dir) =>
            {
                IndexError::Gone(dir.to_owned())
            }
            error => error,
        }
    }

    /// An error of the system at `path`.
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        IndexError::Io {
            path: path.to_owned(),
            source,
        }
    }
}
