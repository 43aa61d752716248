//! Extracts clippings like `add`, without an index.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::add::{ReadOptions, ReadProgress, watched};
use crate::extract::{Extractor, Page};
use crate::ingest::{self, Progress};

pub use crate::extract::evidence::Weighing;
pub use crate::extract::provenance::{ExtractedField, Origin, Provenance};
pub use crate::ingest::{ExtractedItem, NotRead};

/// Reads what `options` names and calls `each` with every clipping, in input order. `progress` is
/// called ten times a second from another thread.
///
/// # Errors
/// Those of `each`; the first ends the reading.
pub fn extract<E>(
    options: ReadOptions,
    stop: &Arc<AtomicBool>,
    progress: Option<&(dyn Fn(&ReadProgress) + Sync)>,
    each: &mut dyn FnMut(std::result::Result<ExtractedItem, NotRead>) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let options = Arc::new(options);
    let counters = Arc::new(Progress::default());
    watched(&options, &counters, progress, || {
        ingest::read(&options, stop, &counters, each)
    })
}

/// Larger files are not read a second time to explain why they were refused.
const MAX_REFUSED_BYTES: u64 = 32 << 20;

/// The signs by which a file was judged not to be an article; `None` if it is not a file of its own, or
/// not HTML.
pub fn refusal(source: &str) -> Option<Weighing> {
    let size = fs::metadata(source).ok().filter(|m| m.is_file())?.len();
    if size > MAX_REFUSED_BYTES {
        return None;
    }
    let bytes = fs::read(source).ok()?;
    Extractor::default().refusal(&Page::new(&bytes, source))
}
