//! The folder of an index: an empty one begun, its data folders made and removed.
//!
//! `meta` describes what is in the folder; the files inside a data folder are the engine's.

use std::fs;
use std::path::Path;

use crate::atomic_file::sync_folder;
use crate::index::engine::data_index::DataIndex;
use crate::index::engine::directory;
use crate::index::language::{CONFIG, USER_WORDS, language};
use crate::index::{IndexError, Meta, Result};

/// Makes an empty index in `dir`.
pub(in crate::index) fn begin(dir: &Path) -> Result<Meta> {
    let meta = Meta::of(1, &language(dir)?);
    make_data(dir, &meta)?;
    meta.write(dir)?;
    Ok(meta)
}

/// Makes the data folder that `meta` names, empty.
pub(in crate::index) fn make_data(dir: &Path, meta: &Meta) -> Result<()> {
    let data = meta.data_dir(dir);
    if data.exists() {
        // Left by a process that ended before the folder went live.
        fs::remove_dir_all(&data).map_err(|e| IndexError::io(&data, e))?;
    }
    fs::create_dir(&data).map_err(|e| IndexError::io(&data, e))?;
    DataIndex::create(&data)?;
    sync_folder(dir).map_err(|e| IndexError::io(dir, e))
}

/// Whether a folder without `clippings.json` may become an index: it holds only files that are put there for it, and
/// what a first `add` that was killed leaves.
pub(in crate::index) fn only_ours(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|entries| {
        entries.flatten().all(|e| {
            let name = e.file_name();
            let name = name.to_string_lossy();
            name.starts_with('.')
                || name.starts_with("data-")
                || [
                    "clippings.json.new",
                    "ledger.redb",
                    "pages",
                    "writer.lock",
                    CONFIG,
                    USER_WORDS,
                    "synonyms.txt",
                    "saved.json",
                    "saved.lock",
                    "digest.json",
                ]
                .contains(&&*name)
        })
    })
}

/// Removes data folders other than the live one. A reader that still has one open keeps its files
/// until it closes them.
pub(in crate::index) fn remove_dead_data(dir: &Path, live: &Meta) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("data-") && name.to_string_lossy() != live.data {
            // What cannot be removed now is tried again by the next writer.
            directory::retire(&entry.path());
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
