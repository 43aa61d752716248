//! Extracts clippings like `add`, without an index.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::add::{ReadOptions, ReadProgress, watched};
use crate::ingest::{self, Progress};

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
