//! Page → [`Clipping`]: the second step of the way, after `source` and before `analyze`.
//!
//! ```text
//! bytes ─ encoding ─▶ text ─┬─ HTML ─ html ▶ blocks ▶ content ▶ clean ─┐
//!                           │         metadata, jsonld, hydration      ├─▶ headline, outlet, byline, date ─▶ Clipping
//!                           └─ plain text ─ text ▶ clean ──────────────┘
//! PDF ─ pdf ▶ text ─────────────▲
//! ```
//!
//! The generic way needs no rule for a site. What it knows of the world stands in tables under
//! `data/`; rules for single outlets (`data/rules/`) only propose, and where a rule finds nothing
//! the generic way answers.

mod blocks;
pub mod byline;
mod clean;
mod content;
pub mod date;
pub mod encoding;
mod furniture;
mod headline;
mod hints;
mod html;
mod hydration;
mod jsonld;
mod listing;
mod metadata;
pub mod outlet;
mod page;
mod pattern;
mod pdf;
mod published;
mod publisher;
pub mod row;
mod rules;
mod table;
mod text;
pub(crate) mod tidy;
mod titles;

use crate::clipping::Clipping;
use crate::source::is_pdf;

/// A page as a source hands it over.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The bytes as they were stored or sent.
    pub bytes: &'a [u8],
    /// Path or address as the user gave it; becomes the record's `source`.
    pub source: &'a str,
    /// A `Content-Type` known from outside (HTTP, MIME); may carry the charset.
    pub content_type: Option<&'a str>,
    /// The page's address, where the source knows it.
    pub url: Option<&'a str>,
}

impl<'a> Page<'a> {
    /// A page of which nothing is known but where it was found.
    pub fn new(bytes: &'a [u8], source: &'a str) -> Self {
        Page {
            bytes,
            source,
            content_type: None,
            url: None,
        }
    }
}

/// What an [`Extractor`] may use.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Use rules about particular outlets where there are some.
    pub rules: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { rules: true }
    }
}

/// A record and where each of its fields was found.
#[derive(Debug, Clone, Default)]
pub struct Extracted {
    /// The record; its `id` is empty, the index settles it.
    pub clipping: Clipping,
    /// Field → where it was taken from, in plain words.
    pub provenance: Vec<(&'static str, String)>,
}

/// Why a page gives no clipping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAClipping {
    /// Nothing but white space.
    #[error("empty")]
    Empty,
    /// Bytes that are no text.
    #[error("not text: {0}")]
    NotText(&'static str),
    /// A list, a section front, a search result.
    #[error("a list of {0} articles, not one")]
    List(usize),
    /// No running text and nothing that says the page is an article.
    #[error("no article text found")]
    NoText,
    /// A PDF that gives no text, and why not.
    #[error("a PDF that {0}")]
    Pdf(String),
    /// An article's frame without a headline and with hardly any text.
    #[error("no headline and hardly any text")]
    NoHeadline,
}

/// Turns pages into clippings. Holds no state between pages; cheap to share between threads.
#[derive(Debug, Clone, Default)]
pub struct Extractor {
    options: Options,
}

impl Extractor {
    /// An extractor with these options.
    pub fn new(options: Options) -> Self {
        Extractor { options }
    }

    /// Reads a page: HTML (told by its content) or plain text in any of the encodings that
    /// [`encoding`] knows.
    ///
    /// # Errors
    /// A page that is no article gives the reason.
    pub fn extract(&self, page: &Page<'_>) -> Result<Extracted, NotAClipping> {
        if page.bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(NotAClipping::Empty);
        }
        if is_pdf(page.bytes) {
            let mut extracted = pdf::extract(page.bytes)?;
            let clipping = &mut extracted.clipping;
            clipping.source = page.source.to_owned();
            clipping.url = page.url.map(str::to_owned).or(clipping.url.take());
            return Ok(extracted);
        }
        if let Some(kind) = binary_kind(page.bytes) {
            return Err(NotAClipping::NotText(kind));
        }
        let decoded = encoding::decode(page.bytes, page.content_type);
        let mut extracted = if html::looks_like_html(&decoded.text) {
            page::extract(&decoded.text, page.url, self.options)?
        } else {
            text::extract(&decoded.text)?
        };
        let clipping = &mut extracted.clipping;
        clipping.source = page.source.to_owned();
        if clipping.url.is_none() {
            clipping.url = page.url.map(str::to_owned);
        }
        if decoded.replaced > 0 {
            clipping.warnings.push(format!(
                "{} bytes have no meaning in {}",
                decoded.replaced, decoded.encoding
            ));
        }
        let label = if decoded.mislabelled {
            ", though it says otherwise"
        } else {
            ""
        };
        extracted
            .provenance
            .push(("encoding", format!("{}{label}", decoded.encoding)));
        Ok(extracted)
    }
}

/// What kind of file bytes are that are certainly no text.
fn binary_kind(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 15] = [
        (b"\x89PNG", "PNG image"),
        (b"\xff\xd8\xff", "JPEG image"),
        (b"GIF8", "GIF image"),
        (b"BM6", "bitmap image"),
        (b"II*\0", "TIFF image"),
        (b"MM\0*", "TIFF image"),
        (b"PK\x03\x04", "ZIP archive or office document"),
        (b"\xd0\xcf\x11\xe0", "office document"),
        (b"\x1f\x8b", "gzip archive"),
        (b"\x28\xb5\x2f\xfd", "zstd archive"),
        (b"7z\xbc\xaf", "7-Zip archive"),
        (b"Rar!", "RAR archive"),
        (b"ID3", "MP3 audio"),
        (b"\x7fELF", "program"),
        (b"wOF", "font"),
    ];
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(kind);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some("WebP image");
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some("video or image");
    }
    // Control characters that no text has; UTF-16 has zeros but few of the others.
    let sample = &bytes[..bytes.len().min(8192)];
    let odd = sample
        .iter()
        .filter(|b| matches!(b, 1..=8 | 11 | 16..=26 | 28..=31))
        .count();
    (odd * 20 > sample.len()).then_some("binary data")
}
