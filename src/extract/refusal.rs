//! Why a page gives no clipping. The codes of the JSON form are stable; the text for people is
//! in the `Display` implementations at the end.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a page or row gives no clipping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "detail", rename_all = "snake_case")]
pub enum Refusal {
    /// Nothing but white space.
    Empty,
    /// A file of another kind.
    NotText(FileKind),
    /// A list, a section front, a search result, with this many articles.
    List(usize),
    /// No running text, and nothing that marks the page as an article.
    NoText,
    /// Text, but the page has hardly any sign of an article.
    NotAnArticle,
    /// No headline and hardly any text.
    NoHeadline,
    /// A PDF whose text cannot be had.
    Pdf(PdfFault),
    /// A row with neither headline nor body.
    EmptyRow,
    /// A row whose id is longer than this many bytes.
    LongId(usize),
}

/// Kinds of files that certainly hold no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum FileKind {
    Png,
    Jpeg,
    Gif,
    Bitmap,
    Tiff,
    WebP,
    Zip,
    Office,
    Gzip,
    Zstd,
    SevenZip,
    Rar,
    Mp3,
    Program,
    Font,
    Video,
    Binary,
}

/// Why the text of a PDF cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "detail", rename_all = "snake_case")]
pub enum PdfFault {
    /// No thread could be started to read it.
    NoMemory,
    /// Reading takes more than this many seconds.
    TooSlow(u64),
    /// Its structure cannot be read, with the parser's message.
    Damaged(Option<String>),
    /// It is encrypted.
    Password,
    /// A page unpacks to more than is read.
    TooLarge,
    /// It holds pictures only.
    Scan,
    /// It holds no text at all.
    NoText,
    /// Most of its characters have no meaning in Unicode.
    UnknownCharacters,
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Empty => f.write_str("empty"),
            Refusal::NotText(kind) => write!(f, "not text: {kind}"),
            Refusal::List(count) => write!(f, "a list of {count} articles, not one"),
            Refusal::NoText => f.write_str("no article text found"),
            Refusal::NotAnArticle => f.write_str("not an article"),
            Refusal::NoHeadline => f.write_str("no headline and hardly any text"),
            Refusal::Pdf(fault) => write!(f, "a PDF that {fault}"),
            Refusal::EmptyRow => f.write_str("it has neither headline nor body"),
            Refusal::LongId(bytes) => write!(f, "its id is longer than {bytes} bytes"),
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FileKind::Png => "PNG image",
            FileKind::Jpeg => "JPEG image",
            FileKind::Gif => "GIF image",
            FileKind::Bitmap => "bitmap image",
            FileKind::Tiff => "TIFF image",
            FileKind::WebP => "WebP image",
            FileKind::Zip => "ZIP archive or office document",
            FileKind::Office => "office document",
            FileKind::Gzip => "gzip archive",
            FileKind::Zstd => "zstd archive",
            FileKind::SevenZip => "7-Zip archive",
            FileKind::Rar => "RAR archive",
            FileKind::Mp3 => "MP3 audio",
            FileKind::Program => "program",
            FileKind::Font => "font",
            FileKind::Video => "video or image",
            FileKind::Binary => "binary data",
        })
    }
}

impl fmt::Display for PdfFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PdfFault::NoMemory => f.write_str("cannot be read for lack of memory"),
            PdfFault::TooSlow(seconds) => write!(f, "takes more than {seconds} s to read"),
            PdfFault::Damaged(None) => f.write_str("is damaged"),
            PdfFault::Damaged(Some(message)) => write!(f, "is damaged: {message}"),
            PdfFault::Password => f.write_str("needs a password: remove it and add the file again"),
            PdfFault::TooLarge => f.write_str("unpacks to more than is read of a page"),
            PdfFault::Scan => {
                f.write_str("has no text, only pictures: it is a scan; run OCR on it first")
            }
            PdfFault::NoText => f.write_str("has no text"),
            PdfFault::UnknownCharacters => {
                f.write_str("does not say which characters its fonts show")
            }
        }
    }
}
