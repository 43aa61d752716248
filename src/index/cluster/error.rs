//! Errors of a cluster. Their texts are in `messages`.

use std::fmt;
use std::path::PathBuf;

/// An invalid address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressError {
    /// No host, or an invalid one.
    Host(String),
    /// No index, or a name that the cluster does not allow.
    IndexName(String),
    /// An unknown option after `?`, or one that is not a number.
    Option(String),
    /// A variable is not a number of seconds.
    Seconds(&'static str),
    /// It has a password.
    PasswordInAddress,
    /// It has a user, and no password is set.
    NoPassword(String),
    /// A file named by a variable cannot be read.
    SecretFile {
        /// The environment variable.
        variable: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the system.
        reason: String,
    },
}

/// An error of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterError {
    /// No host could be reached.
    Unreachable {
        /// The host tried last.
        host: String,
        /// The error of the system or the TLS library.
        reason: String,
    },
    /// The trusted certificates cannot be read.
    Certificates {
        /// What is wrong with the file.
        reason: String,
    },
    /// 401: the credentials are missing or wrong.
    Unauthorized,
    /// 403: the user lacks a permission.
    Forbidden,
    /// Too busy (429, 502, 503, 504) or too slow in every attempt.
    Busy {
        /// For how long the request was repeated.
        seconds: u64,
        /// Status of the last answer; `None` after a timeout.
        status: Option<u16>,
    },
    /// Any other error status.
    Status {
        /// The status.
        status: u16,
        /// The error type, such as `index_not_found_exception`.
        kind: String,
        /// The cluster's reason.
        reason: String,
    },
    /// A malformed answer.
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// Some shards failed or the search timed out: the answer would be incomplete.
    Partial {
        /// Number of shards that failed.
        failed: u64,
        /// Number of shards.
        total: u64,
    },
    /// Some shards have no live copy, so nothing may be written.
    Red,
    /// Writes are blocked: the index is being rebuilt, or a rebuild was killed.
    Blocked,
    /// The cluster refused a document.
    Refused {
        /// Id of the clipping.
        id: String,
        /// The cluster's reason.
        reason: String,
    },
    /// The address is invalid.
    Address(AddressError),
    /// The index was not made by this program.
    Foreign {
        /// Its name.
        index: String,
    },
    /// Only available for an index in a folder.
    NotOnCluster {
        /// The command or option, as typed.
        what: &'static str,
    },
    /// Not a supported version of OpenSearch or Elasticsearch.
    Unsupported {
        /// Name and version, as reported.
        version: String,
    },
}

impl std::error::Error for ClusterError {}

/// For logs only.
impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl From<AddressError> for ClusterError {
    fn from(e: AddressError) -> Self {
        ClusterError::Address(e)
    }
}
