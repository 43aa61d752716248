//! Rebuilds the index from its records or stored pages.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::removed::RemovedFile;
use super::{App, Result};
use crate::index::{Redo, WriterOptions, rebuild, rebuild_cluster};
use crate::ingest::re_extract;

pub use crate::index::Rebuilt;

impl App {
    /// Rebuilds the index until `stop` is set. With `extract`, clippings with a stored page are
    /// extracted again. Waits up to `wait` for the lock. Removed clippings cannot be restored
    /// afterwards.
    ///
    /// # Errors
    /// When there is no index, when another process holds the lock, or when the index cannot be
    /// written. The old index then stays in place.
    pub fn reindex(&self, extract: bool, wait: Duration, stop: &AtomicBool) -> Result<Rebuilt> {
        if let Some(address) = self.cluster_address()? {
            if extract {
                self.only_in_folder("reindex --extract")?;
            }
            return Ok(rebuild_cluster(address, stop)?);
        }
        let options = WriterOptions {
            command: "reindex",
            wait,
            threads: None,
        };
        let redo = extract.then_some(&re_extract as Redo<'_>);
        let rebuilt = rebuild(&self.dir, options, stop, redo);
        let rebuilt = rebuilt.map_err(|e| e.or_gone(&self.dir))?;
        if rebuilt.clippings.is_some() {
            RemovedFile::of(&self.dir).clear()?;
        }
        Ok(rebuilt)
    }
}
