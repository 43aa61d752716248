//! Reasons for skipping something, as values; `messages` has the text.
//!
//! The serialized form is stable, because the ledger stores it and scripts read it: a `code` in
//! kebab-case with its data beside it.

use std::error::Error;
use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use super::Limits;

/// Why a source, or an item in it, gives no clipping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the variants are worded in `messages::skip`")]
pub enum SkipReason {
    // Files and folders.
    Empty,
    NotFound,
    NoPermission,
    PathTooLong,
    /// A symbolic link that leads to itself.
    LinkLoop,
    /// A symbolic link to a folder above it.
    LinkToParent,
    FolderTooDeep {
        limit: usize,
    },
    SpecialFile {
        kind: SpecialFile,
    },
    /// Another error of the operating system, with its message.
    Unreadable {
        detail: String,
    },
    OutOfMemory,

    // Size and work.
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// Compressed content that exceeds the ratio.
    TooExpansive {
        ratio: u64,
    },
    /// Formats nested too deeply.
    NestedTooDeep,
    TooManyValues {
        limit: usize,
    },
    TooManyCells {
        limit: usize,
    },
    TooManyLines {
        limit: usize,
    },

    // Formats.
    NotText {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<FileKind>,
    },
    DamagedArchive,
    PasswordProtectedArchive,
    /// Members of a ZIP archive that share bytes.
    OverlappingMembers,
    /// A file name in an archive, or a header, that does not end.
    UnterminatedHeader,
    UnreadableWorkbook,
    NotATable,
    /// A table without a column for headline or body.
    NoColumns {
        /// The columns found.
        columns: Vec<String>,
    },
    MalformedXml {
        after_item: u64,
    },
    InvalidJson {
        line: usize,
        column: usize,
    },
    NoItemList,
    NotARecord {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        column: Option<usize>,
        detail: String,
    },
    NotUtf8 {
        byte: usize,
    },
    IdTooLong {
        limit: usize,
    },
    /// An id with control characters.
    InvalidId,
    NoHeadlineOrBody,
    MalformedMail,
    MailWithoutText,
    NotAWarcRecord,
    NoRecordLength,
    UnsupportedCoding {
        coding: String,
    },

    // PDF.
    DamagedPdf,
    PasswordProtectedPdf,
    ScannedPdf,
    PdfWithoutText,
    PdfTooLarge,
    /// Fonts without a mapping to characters.
    PdfWithoutCharacters,
    PdfTimedOut {
        seconds: u64,
    },

    // Pages that are no article.
    ArticleList {
        articles: usize,
    },
    NoArticleText,
    /// Text without the features of an article.
    NotAnArticle,
    NoHeadline,

    // The web.
    InvalidAddress,
    AddressTooLong,
    UnsupportedScheme {
        scheme: String,
    },
    AddressWithPassword,
    /// An address outside the public internet.
    NotPublic {
        host: String,
        kind: AddressKind,
    },
    RobotsDisallow {
        site: String,
    },
    RobotsUnavailable {
        status: u16,
    },
    HttpStatus {
        status: u16,
    },
    TooManyRedirects {
        limit: usize,
    },
    InvalidRedirect {
        location: String,
    },
    TimedOut {
        seconds: u64,
    },
    HostNotFound,
    ConnectionRefused,
    HostUnresponsive,
    /// A failed TLS connection, mostly because of an invalid certificate.
    InsecureConnection {
        detail: String,
    },
    FetchFailed {
        detail: String,
    },

    // Where in a source it is.
    AtLine {
        line: u64,
        reason: Box<SkipReason>,
    },
    AtRow {
        row: u64,
        reason: Box<SkipReason>,
    },
    AtRecord {
        record: u64,
        reason: Box<SkipReason>,
    },
    Redirected {
        url: String,
        reason: Box<SkipReason>,
    },

    // The program itself.
    StoredPageUnreadable,
    InternalError,
}

impl SkipReason {
    /// Adds the line of the source from which it applies.
    #[must_use]
    pub fn at_line(self, line: u64) -> SkipReason {
        SkipReason::AtLine {
            line,
            reason: Box::new(self),
        }
    }

    /// Whether the limit that it states is lower than `limits`.
    pub fn is_lifted_by(&self, limits: &Limits) -> bool {
        match self {
            SkipReason::TooLarge { limit } => *limit < limits.item,
            SkipReason::TooExpansive { ratio } => *ratio < limits.ratio,
            SkipReason::AtLine { reason, .. }
            | SkipReason::AtRow { reason, .. }
            | SkipReason::AtRecord { reason, .. }
            | SkipReason::Redirected { reason, .. } => reason.is_lifted_by(limits),
            _ => false,
        }
    }

    /// Adds the row of a sheet.
    #[must_use]
    pub fn at_row(self, row: u64) -> SkipReason {
        SkipReason::AtRow {
            row,
            reason: Box::new(self),
        }
    }

    /// Adds the record of an archive.
    #[must_use]
    pub fn at_record(self, record: u64) -> SkipReason {
        SkipReason::AtRecord {
            record,
            reason: Box::new(self),
        }
    }

    /// Extracts the reason with which a reader of ours failed inside a library.
    pub fn inside(error: &(dyn Error + 'static)) -> Option<SkipReason> {
        let mut error = Some(error);
        while let Some(e) = error {
            if let Some(reason) = e.downcast_ref::<SkipReason>() {
                return Some(reason.clone());
            }
            // `io::Error::source` skips the error that it wraps.
            error = match e.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
                Some(wrapped) => Some(wrapped),
                None => e.source(),
            };
        }
        None
    }
}

/// For logs; `messages` has the text for users.
impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Lets a reader inside a library fail with a reason.
impl Error for SkipReason {}

impl From<SkipReason> for io::Error {
    fn from(reason: SkipReason) -> Self {
        io::Error::other(reason)
    }
}

impl From<io::Error> for SkipReason {
    fn from(error: io::Error) -> Self {
        if let Some(reason) = SkipReason::inside(&error) {
            return reason;
        }
        match error.kind() {
            io::ErrorKind::NotFound => SkipReason::NotFound,
            io::ErrorKind::PermissionDenied => SkipReason::NoPermission,
            io::ErrorKind::InvalidFilename => SkipReason::PathTooLong,
            io::ErrorKind::OutOfMemory => SkipReason::OutOfMemory,
            // ELOOP on Linux, and on the BSDs.
            _ if matches!(error.raw_os_error(), Some(40 | 62)) => SkipReason::LinkLoop,
            _ => SkipReason::Unreadable {
                detail: error.to_string(),
            },
        }
    }
}

/// Something that is neither file nor folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum SpecialFile {
    Pipe,
    Socket,
    Device,
    Other,
}

/// A kind of file without text, or with text that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum FileKind {
    Jpeg,
    Png,
    Gif,
    Bmp,
    Tiff,
    /// WebP images, audio and video.
    Riff,
    #[serde(rename = "jpeg-2000")]
    Jpeg2000,
    /// ISO media: MP4, HEIC, AVIF.
    IsoMedia,
    Matroska,
    Ogg,
    Mp3,
    Flac,
    Pdf,
    Zip,
    /// Compound files: DOC, XLS, PPT, and HWP if it cannot be distinguished.
    OldOffice,
    Hwp,
    Hwpx,
    Docx,
    Pptx,
    /// ODT, ODS, ODP.
    OpenDocument,
    #[serde(rename = "7z")]
    SevenZip,
    Rar,
    Bzip2,
    Xz,
    Program,
    Sqlite,
    Font,
    Icon,
}

/// A kind of IP address outside the public internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum AddressKind {
    Loopback,
    Private,
    LinkLocal,
    /// Shared by the customers of a carrier (RFC 6598).
    Shared,
    Multicast,
    /// Reserved for protocols, documentation or future use.
    Reserved,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stable() {
        let json = |reason: &SkipReason| serde_json::to_string(reason).unwrap();
        let nested = SkipReason::TooLarge { limit: 100 }.at_line(7);
        assert_eq!(
            json(&nested),
            r#"{"code":"at-line","line":7,"reason":{"code":"too-large","limit":100}}"#
        );
        let kind = SkipReason::NotText {
            kind: Some(FileKind::SevenZip),
        };
        assert_eq!(json(&kind), r#"{"code":"not-text","kind":"7z"}"#);
        assert_eq!(
            json(&SkipReason::NotText { kind: None }),
            r#"{"code":"not-text"}"#
        );
        for reason in [nested, kind] {
            assert_eq!(
                serde_json::from_str::<SkipReason>(&json(&reason)).unwrap(),
                reason
            );
        }
    }

    #[test]
    fn a_reason_survives_the_errors_of_libraries() {
        let reason = SkipReason::TooExpansive { ratio: 200 };
        let wrapped = io::Error::other(io::Error::from(reason.clone()));
        assert_eq!(SkipReason::from(wrapped), reason);
        let zip = zip::result::ZipError::Io(reason.clone().into());
        assert_eq!(SkipReason::inside(&zip), Some(reason));
        let plain = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(SkipReason::from(plain), SkipReason::NoPermission);
    }
}
