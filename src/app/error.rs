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

impl From<DictionaryError> for AppError {
    fn from(e: DictionaryError) -> Self {
        AppError::Index(IndexError::from(e))
    }
}
