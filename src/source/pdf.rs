//! PDF (ISO 32000). Passed on as a page; `extract` reads its text.

use super::{Flow, Format, Input, Sink, SkipReason};

/// See the module documentation.
pub struct Pdf;

/// Whether bytes are a PDF. The signature may follow a few other bytes; readers search the first
/// kilobyte.
pub fn is_pdf(bytes: &[u8]) -> bool {
    let start = bytes.get(..1024).unwrap_or(bytes);
    start.starts_with(b"%PDF-")
        || (!start.trim_ascii_start().starts_with(b"<")
            && memchr::memmem::find(start, b"\n%PDF-").is_some())
}

impl Format for Pdf {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        is_pdf(head)
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        Ok(sink.item(input.into_page(Some("application/pdf".to_owned()))?))
    }
}
