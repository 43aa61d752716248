//! What can go wrong with saved searches, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a saved search cannot be kept, found or run.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// No search of this name.
    #[error("there is no saved search '@{name}'")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The name that was probably meant.
        suggestion: Option<String>,
    },
    /// The name cannot stand in a query.
    #[error("'{0}' is no name for a saved search")]
    Name(String),
    /// The name is that of another search.
    #[error("there is a saved search '@{0}' already")]
    Taken(String),
    /// Another search needs it.
    #[error("the saved search '@{name}' is used by '@{by}'")]
    Used {
        /// The search to be removed.
        name: String,
        /// The one that uses it.
        by: String,
    },
    /// It is part of itself.
    #[error("a saved search uses itself: {}", .0.join(" → "))]
    Circle(Vec<String>),
    /// It uses too many others.
    #[error("a query uses more than {0} saved searches, those counted that these use")]
    TooMany(usize),
    /// One of its days is none.
    #[error("the saved search '@{name}': {reason}")]
    Date {
        /// The search.
        name: String,
        /// What is wrong with the day.
        reason: String,
    },
    /// The file is not what the program writes.
    #[error("{}: {reason}", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// The file was written by a later version of the program.
    #[error("{} has version {found}, this program knows {known}", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version that this program reads.
        known: u32,
    },
    /// The disk, the permissions.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl SavedError {
    /// What a person can do about it, one line.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            SavedError::Unknown {
                suggestion: Some(name),
                ..
            } => format!("did you mean '@{name}'? `clippings saved list` shows all"),
            SavedError::Unknown { .. } => "`clippings saved list` shows all".to_owned(),
            SavedError::Name(_) => {
                "write one word of letters and digits, with - _ or . between them".to_owned()
            }
            SavedError::Taken(name) => {
                format!(
                    "put this one in its place with --replace, or see it with `clippings saved list {name}`"
                )
            }
            SavedError::Used { by, .. } => {
                format!("remove '@{by}' too, or change it with `clippings saved add --replace`")
            }
            SavedError::Circle(_) | SavedError::TooMany(_) | SavedError::Date { .. } => {
                "change it with `clippings saved add --replace`".to_owned()
            }
            SavedError::Broken { .. } => {
                "mend the file by hand, or remove it and save the searches again".to_owned()
            }
            SavedError::Newer { .. } => "install the newer `clippings` that wrote it".to_owned(),
            SavedError::Io { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "check the permissions of the index folder".to_owned()
                }
                _ => return None,
            },
        })
    }

    /// An error of the system at `path`.
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        SavedError::Io {
            path: path.to_owned(),
            source,
        }
    }
}
