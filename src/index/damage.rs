//! What can be wrong with an index.

use std::io;

use super::IndexError;

/// A defect of an index, or what was lost by one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A file does not exist.
    #[error("{0} is missing")]
    Missing(String),
    /// A file was changed after it was written.
    #[error("{file}: checksum mismatch at byte {at}")]
    Checksum {
        /// The file.
        file: String,
        /// Offset of the block.
        at: u64,
    },
    /// The end of a file is missing.
    #[error("{0}: it has not its whole length")]
    Truncated(String),
    /// A file has content that this program does not write.
    #[error("{file}: {detail}")]
    Content {
        /// The file.
        file: String,
        /// What is wrong, in English.
        detail: String,
    },
    /// A file cannot be read, or tantivy found something wrong. The error, in English.
    #[error("{0}")]
    Other(String),
    /// A record cannot be decompressed or parsed. The error, in English.
    #[error("a record cannot be read: {0}")]
    Record(String),
    /// A clipping has no record.
    #[error("a clipping has no record")]
    NoRecord,
    /// A stored page cannot be read. What is wrong, in English.
    #[error("a stored page {0}")]
    Page(String),
    /// Stored pages do not exist, in this number.
    #[error("lost stored pages: {0}")]
    LostPages(u64),
    /// Something is wrong with one clipping.
    #[error("{id}: {damage}")]
    Clipping {
        /// Its id.
        id: String,
        /// What is wrong.
        damage: Box<Damage>,
    },
    /// The hash of a clipping is not that of its record.
    #[error("record and hash differ")]
    HashDiffers,
    /// The id of a clipping does not find it.
    #[error("it cannot be found by its id")]
    NotFoundById,
    /// A word of a clipping does not find it.
    #[error("it cannot be found by its word '{0}'")]
    NotFoundByWord(String),
    /// Some word of a clipping does not find it.
    #[error("it cannot be found by some of its words")]
    NotFoundBySomeWord,

    /// `clippings.json` is damaged, but there is data.
    #[error("{0}; its newest data is rebuilt")]
    NewestDataRebuilt(Box<Damage>),
    /// The index cannot be opened, but its records can be read.
    #[error("{0}; the records are read without it")]
    ReadWithoutIndex(Box<Damage>),
    /// It is unknown which records are tombstones.
    #[error("which clippings were removed or replaced since the last merge may be forgotten")]
    TombstonesUnknown,
    /// The tombstones of a segment cannot be read.
    #[error("clippings that were removed or replaced may be back: {0}")]
    TombstonesLost(Box<Damage>),
    /// The records of a segment cannot be read.
    #[error("the records of a segment are lost: {0}")]
    SegmentLost(Box<Damage>),
    /// A clipping cannot be read. Its id and headline if they are known from its terms.
    #[error(
        "lost: {}{}: {damage}",
        .id.as_deref().unwrap_or("a clipping whose id is lost too"),
        .headline.as_ref().map(|headline| format!(" ({headline})")).unwrap_or_default()
    )]
    ClippingLost {
        /// Its id.
        id: Option<String>,
        /// Its headline.
        headline: Option<String>,
        /// Why it cannot be read.
        damage: Box<Damage>,
    },
    /// A clipping is kept, but its stored page cannot be read.
    #[error("{id} is kept without its page: {damage}")]
    KeptWithoutPage {
        /// Its id.
        id: String,
        /// Why the page cannot be read.
        damage: Box<Damage>,
    },
    /// None of the clippings can be read, so the index is left as it is.
    #[error("none of its clippings can be read; it is left as it is")]
    NothingReadable,
}

impl Damage {
    /// In a clipping.
    pub(crate) fn of_clipping(self, id: &str) -> Damage {
        Damage::Clipping {
            id: id.to_owned(),
            damage: Box::new(self),
        }
    }
}

impl From<IndexError> for Damage {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Damaged(damage) => damage,
            error => Damage::Other(error.to_string()),
        }
    }
}

/// So that it passes through tantivy.
impl From<Damage> for io::Error {
    fn from(damage: Damage) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, damage)
    }
}

/// What an error of reading says is wrong.
impl From<&io::Error> for Damage {
    fn from(error: &io::Error) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        let damage: Option<&Damage> = inner;
        damage
            .cloned()
            .unwrap_or_else(|| Damage::Other(error.to_string()))
    }
}
