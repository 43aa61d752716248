//! Errors of saved searches.

use std::io;
use std::path::{Path, PathBuf};

use crate::index::IndexError;
use crate::query::FilterError;

/// Why a saved search cannot be stored, found or run. The messages are in `messages`.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// No search has this name.
    #[error("unknown saved search {name:?}")]
    Unknown {
        /// As typed.
        name: String,
        /// The name that was probably meant.
        suggestion: Option<String>,
    },
    /// The name cannot be used in a query.
    #[error("invalid name {0:?}")]
    InvalidName(String),
    /// Another search has this name.
    #[error("name {0:?} is taken")]
    Taken(String),
    /// Another search uses it.
    #[error("{name:?} is used by {by:?}")]
    Used {
        /// The search to remove.
        name: String,
        /// The search that uses it.
        by: String,
    },
    /// It uses itself, through these searches.
    #[error("circular saved searches: {0:?}")]
    Circular(Vec<String>),
    /// A query uses more saved searches than this, directly and indirectly.
    #[error("more than {0} saved searches used")]
    TooMany(usize),
    /// A query with all the saved searches that it uses has more levels than this.
    #[error("saved searches of more than {0} levels")]
    TooDeep(usize),
    /// Its filters are invalid.
    #[error("saved search {name:?}: {error}")]
    Filter {
        /// The search.
        name: String,
        /// The error.
        error: FilterError,
    },
    /// The file is invalid.
    #[error("{}: {detail}", .path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Error of the parser, with line and column.
        detail: String,
    },
    /// The name of a search in the file cannot be used in a query.
    #[error("{}: invalid name {name:?}", .path.display())]
    InvalidNameIn {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// Two searches in the file have one name.
    #[error("{}: duplicate name {name:?}", .path.display())]
    Duplicate {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// A later version of the program wrote the file.
    #[error("{}: version {found}, known {known}", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Version of the file.
        found: u32,
        /// Newest version that this program supports.
        known: u32,
    },
    /// The file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The cluster that keeps them does not answer.
    #[error(transparent)]
    Cluster(#[from] IndexError),
}

impl SavedError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        SavedError::Io {
            path: path.to_owned(),
            source,
        }
    }
}
