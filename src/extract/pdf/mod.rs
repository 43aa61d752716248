//! A PDF with a text layer → record: pages printed to a file, pages of newspapers.
//!
//! ```text
//! bytes ─ lopdf ▶ objects ─ content ▶ glyphs ─ lines ▶ lines ─ paragraphs ▶ text ─ super::text ▶ record
//!                             ▲ font: codes ▶ characters
//! ```
//!
//! Files are untrusted, so everything is bounded: the expanded size of streams, glyphs, nesting and
//! time. Reading runs in a separate thread, so that neither a bug in a dependency nor a file built to
//! take forever delays the others.

mod content;
mod font;
mod lines;
mod paragraphs;
mod spacing;

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use lopdf::{Document, LoadOptions, Object};

use super::provenance::{ExtractedField, Origin};
use super::{Extracted, outlet, text, tidy};
use crate::clipping::Warning;
use crate::source::SkipReason;
use content::Glyphs;
use lines::Lines;

/// Bytes that one stream of a file may unpack to.
const STREAM_BYTES: usize = 32 << 20;

/// Pages that are read.
const MAX_PAGES: usize = 300;

/// Time that one file may take.
const TIME: Duration = Duration::from_secs(30);

/// Stack of the thread that reads: objects may be nested deep.
const STACK: usize = 16 << 20;

/// Share of the characters that may be unknown before the text is of no use.
const MAX_UNKNOWN: f32 = 0.3;

/// What a file says.
#[derive(Default)]
struct Text {
    /// One paragraph a line, the headline first.
    text: String,
    /// `Title` of the document.
    title: Option<String>,
    /// The address that a browser printed at the foot of its pages.
    url: Option<String>,
}

/// Reads a PDF.
pub(super) fn extract(bytes: &[u8]) -> Result<Extracted, SkipReason> {
    let (sender, receiver) = sync_channel(1);
    let bytes = bytes.to_vec();
    let reading = thread::Builder::new().stack_size(STACK).spawn(move || {
        // The receiver is gone when it took too long.
        let _ = sender.send(read(&bytes));
    });
    let answer = match reading {
        Ok(_) => receiver.recv_timeout(TIME),
        Err(_) => return Err(SkipReason::OutOfMemory),
    };
    let found = match answer {
        Ok(found) => found?,
        Err(RecvTimeoutError::Timeout) => {
            return Err(SkipReason::PdfTimedOut {
                seconds: TIME.as_secs(),
            });
        }
        Err(RecvTimeoutError::Disconnected) => {
            return Err(SkipReason::DamagedPdf);
        }
    };
    let mut extracted = text::extract(&found.text, false)?;
    let clipping = &mut extracted.clipping;
    if clipping.url.is_none() {
        clipping.url = found.url;
    }
    let named = clipping
        .url
        .as_deref()
        .and_then(|url| outlet::by_portal_url(url).or_else(|| outlet::by_url(url)))
        .filter(|outlet| !outlet.is_portal())
        .or_else(|| found.title.as_deref().and_then(outlet_in_title));
    if let Some(named) = named.filter(|_| clipping.outlet.is_none()) {
        clipping.outlet = Some(named.name.to_owned());
        clipping.warnings.retain(|w| *w != Warning::NoOutlet);
        extracted.note(ExtractedField::Outlet, Origin::DocumentInfo);
    }
    Ok(extracted)
}

/// `Headline - Outlet`, as browsers title what they print.
fn outlet_in_title(title: &str) -> Option<&'static outlet::Outlet> {
    title
        .split(['|', '-', '<', '>', ':', 'ㅣ', '·'])
        .rev()
        .filter_map(|part| outlet::canonical(part.trim()))
        .find(|outlet| !outlet.is_portal())
}

fn read(bytes: &[u8]) -> Result<Text, SkipReason> {
    let options = LoadOptions::with_max_decompressed_size(STREAM_BYTES);
    let document = Document::load_mem_with_options(bytes, options).map_err(|e| match e {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => {
            SkipReason::PasswordProtectedPdf
        }
        _ => SkipReason::DamagedPdf,
    })?;
    if document.is_encrypted() {
        return Err(SkipReason::PasswordProtectedPdf);
    }
    let mut glyphs = Glyphs::default();
    for page in document.page_iter().take(MAX_PAGES) {
        glyphs.page(&document, page);
    }
    if glyphs.shown() == 0 {
        return Err(match glyphs.has_pictures {
            _ if glyphs.is_too_large => SkipReason::PdfTooLarge,
            true => SkipReason::ScannedPdf,
            false => SkipReason::PdfWithoutText,
        });
    }
    if glyphs.unknown as f32 > glyphs.shown() as f32 * MAX_UNKNOWN {
        return Err(SkipReason::PdfWithoutCharacters);
    }
    let title = info(&document, b"Title").filter(|title| !title.is_empty());
    let mut lines = Lines::of(&glyphs);
    let url = lines.drop_margins(title.as_deref());
    Ok(Text {
        text: paragraphs::text(&lines, title.as_deref()),
        title,
        url,
    })
}

/// A field of the document's information dictionary (ISO 32000-1, 14.3.3).
fn info(document: &Document, field: &[u8]) -> Option<String> {
    let info = document.trailer.get_deref(b"Info", document).ok()?;
    let value = info.as_dict().ok()?.get_deref(field, document).ok()?;
    match value {
        Object::String(bytes, _) => {
            let text = lopdf::decode_text_string(value)
                .unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned());
            Some(tidy::line(&text))
        }
        _ => None,
    }
}
