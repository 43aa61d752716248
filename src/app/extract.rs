//! What `add` would extract, without an index.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::add::{ReadOptions, ReadProgress, watched};
use crate::index::Skip;
use crate::ingest::{self, Progress};

pub use crate::ingest::Made;

/// Reads what `options` names and calls `each` with every clipping, in the order of the input.
/// `progress`, when given, is called ten times a second from another thread.
///
/// # Errors
/// Those of `each`; the first ends the reading.
pub fn extract<E>(
    options: ReadOptions,
    stop: &Arc<AtomicBool>,
    progress: Option<&(dyn Fn(&ReadProgress) + Sync)>,
    each: &mut dyn FnMut(std::result::Result<Made, Skip>) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let options = Arc::new(options);
    let counters = Arc::new(Progress::default());
    watched(&options.paths, &counters, progress, || {
        ingest::read(&options, stop, &counters, each)
    })
}
