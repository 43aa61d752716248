//! Files that were read before and are no longer there.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use super::{IngestOptions, Progress, Summary};
use crate::index::{IndexError, Writer};
use crate::source::{absolute, is_gone, path_of};

/// Counts the files that are gone from the folders of `options`; with `prune`, removes their
/// clippings.
pub fn settle(
    writer: &mut Writer,
    options: &IngestOptions,
    progress: &Progress,
    summary: &mut Summary,
) -> Result<(), IndexError> {
    let folders = folders(options);
    let gone = gone_files(writer, &folders, progress)?;
    summary.gone = gone.len() as u64;
    if !options.prune {
        return Ok(());
    }
    summary.pruned = writer.prune(&mut |source| {
        let path = path_of(source);
        folders.iter().any(|folder| path.starts_with(folder)) && is_gone(source)
    })?;
    writer.ledger().forget(gone.iter().map(|key| &**key))
}

/// The folders among the paths. An empty one is left alone: it is where a drive will be mounted.
fn folders(options: &IngestOptions) -> Vec<PathBuf> {
    let paths = options.paths.iter().chain(&options.listed);
    paths
        .filter(|path| fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()))
        .map(|path| absolute(path))
        .collect()
}

/// The keys of files in the ledger that are not in their folder any more.
fn gone_files(
    writer: &Writer,
    folders: &[PathBuf],
    progress: &Progress,
) -> Result<Vec<Box<[u8]>>, IndexError> {
    let ledger = writer.ledger().read()?;
    let mut gone = Vec::new();
    for folder in folders {
        let mut keys = 0;
        ledger.files_in(folder, |_| keys += 1)?;
        // Asking the file system again for each file would take as long as the walk.
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
