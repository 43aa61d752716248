//! Files in the ledger that no longer exist.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use super::{IngestOptions, Progress, Summary};
use crate::index::{ClippingSink, IndexError, Ledger};
use crate::source::{absolute, is_gone, path_of};

/// Counts files that are gone from the folders of `options`. With `prune`, removes their clippings.
pub fn count_and_prune(
    writer: &mut dyn ClippingSink,
    options: &IngestOptions,
    progress: &Progress,
    summary: &mut Summary,
) -> Result<(), IndexError> {
    let folders = folders(options);
    writer.forget_moved_files()?;
    let gone = match writer.ledger() {
        Some(ledger) => gone_files(ledger, &folders, progress)?,
        None => Vec::new(),
    };
    summary.gone = gone.len() as u64;
    if !options.prune {
        return Ok(());
    }
    summary.pruned = writer.prune(&mut |source| {
        let path = path_of(source);
        folders.iter().any(|folder| path.starts_with(folder)) && is_gone(source)
    })?;
    match writer.ledger() {
        Some(ledger) => ledger.forget(gone.iter().map(|key| &**key)),
        None => Ok(()),
    }
}

/// The folders among the paths. An empty folder is skipped: it may be the mount point of an
/// unmounted drive.
fn folders(options: &IngestOptions) -> Vec<PathBuf> {
    let paths = options.paths.iter().chain(&options.listed);
    paths
        .filter(|path| fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()))
        .map(|path| absolute(path))
        .collect()
}

/// Keys of ledger files that are gone from their folder.
fn gone_files(
    ledger: &Ledger,
    folders: &[PathBuf],
    progress: &Progress,
) -> Result<Vec<Box<[u8]>>, IndexError> {
    let ledger = ledger.read()?;
    let mut gone = Vec::new();
    for folder in folders {
        let mut keys = 0;
        ledger.files_in(folder, |_| keys += 1)?;
        // All ledger files were seen during the walk. Checking each one again would take as long as
        // the walk.
        if folders.len() == 1 && keys == progress.known_files.load(Ordering::Relaxed) {
            break;
        }
        ledger.files_in(folder, |key| {
            if std::str::from_utf8(key).is_ok_and(is_gone) {
                gone.push(key.into());
            }
        })?;
    }
    gone.sort_unstable();
    gone.dedup();
    Ok(gone)
}
