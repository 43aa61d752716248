//! Errors of use cases.

use std::io;
use std::path::PathBuf;

use crate::analyze::DictionaryError;
use crate::index::{ClusterError, IndexError};
use crate::query::FilterError;
use crate::query::date_range::BadDate;
use crate::saved::SavedError;

/// An error of a use case. The messages are in `messages`.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// An error of the index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// An error of saved searches.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// Invalid filters.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// An invalid date or time.
    #[error(transparent)]
    BadDate(#[from] BadDate),
    /// A file named by the user cannot be read.
    #[error("{}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// A saved search needs a query or a filter.
    #[error("nothing to search for")]
    EmptySearch,
    /// There are no saved searches for a digest.
    #[error("no saved searches")]
    NoSavedSearches,
    /// No clipping with this id, or beginning with it, was removed since the last rebuild.
    #[error("{0:?} was not removed")]
    NotRemoved(String),
    /// After copying, the target has fewer clippings than the source.
    #[error("{to} of {from} clippings copied")]
    CopyIncomplete {
        /// Number of clippings in the source.
        from: u64,
        /// Number of clippings in the target.
        to: u64,
    },
    /// A trend with too many periods.
    #[error("more than {limit} periods from {from} to {to}")]
    TooManyPeriods {
        /// Maximum number of periods.
        limit: usize,
        /// First day.
        from: jiff::civil::Date,
        /// Last day.
        to: jiff::civil::Date,
    },
}

/// Category of an error, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no index.
    NoIndex,
    /// The clipping, page or saved search does not exist.
    NotFound,
    /// An invalid date.
    BadDate,
    /// The request is invalid for another reason.
    BadRequest,
    /// The name is taken, or the search is used by another.
    Conflict,
    /// Another process writes the index.
    Locked,
    /// The index or a file in its folder cannot be used.
    Index,
}

impl AppError {
    /// Whether the index is corrupt.
    pub fn is_damage(&self) -> bool {
        matches!(self, AppError::Index(IndexError::Damaged(_)))
    }

    /// Whether the request is one that an index in a cluster cannot answer.
    pub fn is_not_on_cluster(&self) -> bool {
        let e = match self {
            AppError::Index(e) => e,
            _ => return false,
        };
        matches!(e, IndexError::Cluster(ClusterError::NotOnCluster { .. }))
    }

    /// Its kind.
    pub fn kind(&self) -> ErrorKind {
        match self {
            AppError::Index(e) => of_index(e),
            AppError::Saved(e) => match e {
                SavedError::Cluster(e) => of_index(e),
                SavedError::Unknown { .. } => ErrorKind::NotFound,
                SavedError::Taken(_) | SavedError::Used { .. } => ErrorKind::Conflict,
                SavedError::InvalidName(_)
                | SavedError::Circular(_)
                | SavedError::TooMany(_)
                | SavedError::TooDeep(_)
                | SavedError::Filter { .. } => ErrorKind::BadRequest,
                _ => ErrorKind::Index,
            },
            AppError::NoSavedSearches | AppError::NotRemoved(_) => ErrorKind::NotFound,
            AppError::Filter(_) | AppError::BadDate(_) => ErrorKind::BadDate,
            AppError::EmptySearch | AppError::TooManyPeriods { .. } => ErrorKind::BadRequest,
            AppError::Unreadable { .. } | AppError::CopyIncomplete { .. } => ErrorKind::Index,
        }
    }
}

fn of_index(e: &IndexError) -> ErrorKind {
    match e {
        IndexError::Missing(_) => ErrorKind::NoIndex,
        IndexError::NoClipping(_) | IndexError::NoPage(_) => ErrorKind::NotFound,
        IndexError::Ambiguous { .. } | IndexError::TooManyRecords(_) => ErrorKind::BadRequest,
        IndexError::Locked(_) => ErrorKind::Locked,
        IndexError::Cluster(ClusterError::NotOnCluster { .. }) => ErrorKind::BadRequest,
        _ => ErrorKind::Index,
    }
}

impl From<ClusterError> for AppError {
    fn from(e: ClusterError) -> Self {
        AppError::Index(IndexError::from(e))
    }
}

impl From<DictionaryError> for AppError {
    fn from(e: DictionaryError) -> Self {
        AppError::Index(IndexError::from(e))
    }
}
