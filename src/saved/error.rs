//! Why a saved search cannot be kept, found or run.

use std::io;
use std::path::{Path, PathBuf};

use crate::query::FilterError;

/// An error of saved searches. Its text for people is in `messages`.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// No search has this name.
    #[error("unknown saved search {name:?}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The name that was probably meant.
        suggestion: Option<String>,
    },
    /// The name could not be used in a query.
    #[error("invalid name {0:?}")]
    InvalidName(String),
    /// Another search has the name.
    #[error("name {0:?} is taken")]
    Taken(String),
    /// Another search uses it.
    #[error("{name:?} is used by {by:?}")]
    Used {
        /// The search to be removed.
        name: String,
        /// The search that uses it.
        by: String,
    },
    /// It uses itself; the names along the circle.
    #[error("circular saved searches: {0:?}")]
    Circular(Vec<String>),
    /// A query uses more saved searches than this, directly and indirectly.
    #[error("more than {0} saved searches used")]
    TooMany(usize),
    /// Its filters cannot be used.
    #[error("saved search {name:?}: {error}")]
    Filter {
        /// The search.
        name: String,
        /// What is wrong with them.
        error: FilterError,
    },
    /// The file does not parse.
    #[error("{}: {detail}", .path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What the parser says, with line and column.
        detail: String,
    },
    /// Two searches in the file have one name.
    #[error("{}: duplicate name {name:?}", .path.display())]
    Duplicate {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// The file was written by a later version of the program.
    #[error("{}: version {found}, known {known}", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version that this program reads.
        known: u32,
    },
    /// The system refused to read or write the file.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl SavedError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        SavedError::Io {
            path: path.to_owned(),
            source,
        }
    }
}
