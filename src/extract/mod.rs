//! Extracts a [`Clipping`] from a page: the second stage, after `source` and before `analyze`.
//!
//! ```text
//! bytes ─ encoding ─▶ text ─┬─ HTML ─ html ▶ blocks ▶ content ▶ clean ─┐
//!                           │         metadata, jsonld, hydration      ├─▶ headline, outlet, byline, date ─▶ Clipping
//!                           └─ plain text ─ text ▶ clean ──────────────┘
//! PDF ─ pdf ▶ text ─────────────▲
//! ```
//!
//! The generic method needs no rules for sites. Names and patterns are in tables under `data/`, weights
//! in [`evidence`]. If the rule of an outlet (`data/rules/`) finds nothing, the generic method decides.

mod blocks;
pub mod byline;
mod clean;
mod content;
pub mod date;
mod decks;
pub mod encoding;
pub mod evidence;
mod furniture;
mod headline;
mod hints;
mod html;
mod hydration;
mod johab;
mod jsonld;
mod metadata;
mod naming;
pub mod outlet;
mod page;
mod pattern;
mod pdf;
pub mod provenance;
mod published;
mod publisher;
pub mod row;
mod rules;
mod table;
mod text;
pub(crate) mod tidy;
mod titles;
mod verdict;

use crate::clipping::{Clipping, Warning};
use crate::source::{FileKind, SkipReason, file_kind, is_pdf};
use evidence::{Sign, Weighing};
use provenance::{ExtractedField, Origin, Provenance};

/// A page to extract.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Content in any encoding.
    pub bytes: &'a [u8],
    /// Path or URL, the `source` of the clipping.
    pub source: &'a str,
    /// `Content-Type` from HTTP or MIME, with or without a charset.
    pub content_type: Option<&'a str>,
    /// URL, if the source has it.
    pub url: Option<&'a str>,
    /// Whether the source has a date for it, as a mail does.
    pub is_dated: bool,
}

impl<'a> Page<'a> {
    /// A page of which only the source is known.
    pub fn new(bytes: &'a [u8], source: &'a str) -> Self {
        Page {
            bytes,
            source,
            content_type: None,
            url: None,
            is_dated: false,
        }
    }
}

/// Options of an [`Extractor`].
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether to use rules of outlets.
    pub rules: bool,
    /// A sign that is not counted, to measure its contribution.
    pub without: Option<Sign>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            rules: true,
            without: None,
        }
    }
}

/// A clipping with the provenance of its fields.
#[derive(Debug, Clone, Default)]
pub struct Extracted {
    /// The clipping; its `id` is empty until it is indexed.
    pub clipping: Clipping,
    /// Where its fields were found.
    pub provenance: Vec<Provenance>,
}

impl Extracted {
    fn note(&mut self, field: ExtractedField, origin: Origin) {
        self.provenance.push(Provenance { field, origin });
    }
}

/// Extracts clippings from pages. Stateless, cheap to share between threads.
#[derive(Debug, Clone, Default)]
pub struct Extractor {
    options: Options,
}

impl Extractor {
    /// An extractor with these options.
    pub fn new(options: Options) -> Self {
        Extractor { options }
    }

    /// Reads a page: HTML (detected by its content) or plain text in any of the encodings that
    /// [`encoding`] knows.
    ///
    /// # Errors
    /// The reason if the page is not an article.
    pub fn extract(&self, page: &Page<'_>) -> Result<Extracted, SkipReason> {
        if page.bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(SkipReason::Empty);
        }
        if is_pdf(page.bytes) {
            let mut extracted = pdf::extract(page.bytes)?;
            let clipping = &mut extracted.clipping;
            clipping.source = page.source.to_owned();
            clipping.url = page.url.map(str::to_owned).or(clipping.url.take());
            return Ok(extracted);
        }
        if let Some(kind) = binary_kind(page.bytes) {
            return Err(SkipReason::NotText { kind });
        }
        let decoded = encoding::decode(page.bytes, page.content_type);
        let mut extracted = if html::looks_like_html(&decoded.text) {
            page::extract(&decoded.text, page.url, self.options)
                .map_err(|refusal| refusal.reason)?
        } else {
            text::extract(&decoded.text, page.is_dated)?
        };
        let clipping = &mut extracted.clipping;
        clipping.source = page.source.to_owned();
        if clipping.url.is_none() {
            clipping.url = page.url.map(str::to_owned);
        }
        if decoded.replaced > 0 {
            clipping.warnings.push(Warning::UndecodableBytes {
                count: decoded.replaced,
                encoding: decoded.encoding.to_string(),
            });
        }
        let origin = Origin::Encoding {
            name: decoded.encoding,
            is_mislabelled: decoded.mislabelled,
        };
        extracted.note(ExtractedField::Encoding, origin);
        Ok(extracted)
    }

    /// The signs by which a page of HTML was refused; `None` for other inputs and for articles.
    pub fn refusal(&self, page: &Page<'_>) -> Option<Weighing> {
        if is_pdf(page.bytes) || binary_kind(page.bytes).is_some() {
            return None;
        }
        let decoded = encoding::decode(page.bytes, page.content_type);
        if !html::looks_like_html(&decoded.text) {
            return None;
        }
        let refusal = page::extract(&decoded.text, page.url, self.options).err()?;
        Some(refusal.weighing)
    }
}

/// `Some` if the bytes cannot be text, with the kind of file if known.
fn binary_kind(bytes: &[u8]) -> Option<Option<FileKind>> {
    // Control characters that no text has; UTF-16 has zeros but few of the others.
    let sample = &bytes[..bytes.len().min(8192)];
    let odd = sample
        .iter()
        .filter(|b| matches!(b, 1..=8 | 11 | 16..=26 | 28..=31))
        .count();
    match file_kind(sample) {
        None => (odd * 20 > sample.len()).then_some(None),
        kind => Some(kind),
    }
}
