//! Why a use case failed.

use std::io;
use std::path::PathBuf;

use crate::analyze::DictionaryError;
use crate::index::IndexError;
use crate::query::FilterError;
use crate::query::date_range::BadDate;
use crate::saved::SavedError;

/// An error of a use case. Its text for people is in `messages`.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The saved searches.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// The filters.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A moment that cannot be read.
    #[error(transparent)]
    BadDate(#[from] BadDate),
    /// A file that was named cannot be read.
    #[error("{}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A saved search needs a query or a filter.
    #[error("nothing to search for")]
    EmptySearch,
    /// There are no saved searches to make a digest of.
    #[error("no saved searches")]
    NoSavedSearches,
    /// A trend with more lines than anybody reads.
    #[error("more than {limit} periods from {from} to {to}")]
    TooManyPeriods {
        /// The most there may be.
        limit: usize,
        /// First day.
        from: jiff::civil::Date,
        /// Last day.
        to: jiff::civil::Date,
    },
}

/// What kind of failure an error is, for answers to programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no index.
    NoIndex,
    /// The clipping, page or saved search does not exist.
    NotFound,
    /// A date that is none.
    BadDate,
    /// The request makes no sense otherwise.
    BadRequest,
    /// The name is taken, or the search is used by another.
    Conflict,
    /// Another process writes the index.
    Locked,
    /// The index or a file beside it cannot be used.
    Index,
}

impl AppError {
    /// Whether bytes of the index are not what was written.
    pub fn is_damage(&self) -> bool {
        matches!(self, AppError::Index(IndexError::Damaged(_)))
    }

    /// Its kind.
    pub fn kind(&self) -> ErrorKind {
        match self {
            AppError::Index(e) => match e {
                IndexError::Missing(_) => ErrorKind::NoIndex,
                IndexError::NoClipping(_) | IndexError::NoPage(_) => ErrorKind::NotFound,
                IndexError::Ambiguous { .. } => ErrorKind::BadRequest,
                IndexError::Locked(_) => ErrorKind::Locked,
                _ => ErrorKind::Index,
            },
            AppError::Saved(e) => match e {
                SavedError::Unknown { .. } => ErrorKind::NotFound,
                SavedError::Taken(_) | SavedError::Used { .. } => ErrorKind::Conflict,
                SavedError::InvalidName(_)
                | SavedError::Circular(_)
                | SavedError::TooMany(_)
                | SavedError::Filter { .. } => ErrorKind::BadRequest,
                _ => ErrorKind::Index,
            },
            AppError::NoSavedSearches => ErrorKind::NotFound,
            AppError::Filter(_) | AppError::BadDate(_) => ErrorKind::BadDate,
            AppError::EmptySearch | AppError::TooManyPeriods { .. } => ErrorKind::BadRequest,
            AppError::Unreadable { .. } => ErrorKind::Index,
        }
    }
}

impl From<DictionaryError> for AppError {
    fn from(e: DictionaryError) -> Self {
        AppError::Index(IndexError::from(e))
    }
}
