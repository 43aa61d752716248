//! Why a cluster cannot be used. The text for people is in `messages`.

use std::fmt;
use std::path::PathBuf;

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressError {
    /// It names no host, or one that is not a host.
    Host(String),
    /// It names no index, or the name breaks the cluster's rules.
    IndexName(String),
    /// It has an option after `?` that is not known, or whose value is no number.
    Option(String),
    /// A variable holds no number of seconds.
    Seconds(&'static str),
    /// It holds a password.
    PasswordInAddress,
    /// It names a user, and no password is set.
    NoPassword(String),
    /// A file that a variable names cannot be read.
    SecretFile {
        /// The environment variable.
        variable: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// Why the cluster did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterError {
    /// No host could be reached.
    Unreachable {
        /// The host tried last.
        host: String,
        /// What the system or the TLS library said.
        reason: String,
    },
    /// The certificates to trust cannot be read.
    Certificates {
        /// What is wrong with the file.
        reason: String,
    },
    /// 401: the credentials are missing or wrong.
    Unauthorized,
    /// 403: the user may not do this.
    Forbidden,
    /// It was too busy (429, 502, 503, 504) or too slow in every try.
    Busy {
        /// How long it was asked.
        seconds: u64,
        /// Status of the last answer; `None` when it timed out.
        status: Option<u16>,
    },
    /// Any other status that is an error.
    Status {
        /// The status.
        status: u16,
        /// Type of the error as the cluster names it, such as `index_not_found_exception`.
        kind: String,
        /// The cluster's reason.
        reason: String,
    },
    /// The answer is not what this request is answered with.
    Malformed {
        /// Where it deviates.
        reason: String,
    },
    /// Some shards failed or the search timed out: the answer would be incomplete.
    Partial {
        /// Shards that failed.
        failed: u64,
        /// Shards in all.
        total: u64,
    },
    /// No state of the index for writing: some of its shards have no copy that is alive.
    Red,
    /// The index may not be written to: it is being rebuilt, or a rebuild was killed.
    Blocked,
    /// The cluster refused a document.
    Refused {
        /// Id of the clipping.
        id: String,
        /// The cluster's reason.
        reason: String,
    },
    /// The address cannot be used.
    Address(AddressError),
    /// The index was not made by this program.
    Foreign {
        /// Its name.
        index: String,
    },
    /// What was asked for works on an index of this machine only.
    NotOnCluster {
        /// The command or option, as typed.
        what: &'static str,
    },
    /// Neither OpenSearch nor Elasticsearch of a version that works.
    Unsupported {
        /// What it says it is.
        version: String,
    },
}

impl std::error::Error for ClusterError {}

/// For logs; people read `messages`.
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
