//! Creating an index folder, and creating and removing data folders in it.
//!
//! `meta` describes the content of the folder; the files in a data folder are tantivy's.

use std::fs;
use std::path::Path;

use crate::atomic_file::sync_folder;
use crate::index::engine::data_index::DataIndex;
use crate::index::engine::directory;
use crate::index::language::{CONFIG, USER_WORDS, language};
use crate::index::{IndexError, Meta, Result};

/// Creates an empty index in `dir`.
pub(in crate::index) fn create_index(dir: &Path) -> Result<Meta> {
    let meta = Meta::of(1, &language(dir)?);
    create_data(dir, &meta)?;
    meta.write(dir)?;
    Ok(meta)
}

/// Creates the data folder that `meta` names, empty.
pub(in crate::index) fn create_data(dir: &Path, meta: &Meta) -> Result<()> {
    let data = meta.data_dir(dir);
    if data.exists() {
        // Left by a process that died before the folder became live.
        fs::remove_dir_all(&data).map_err(|e| IndexError::io(&data, e))?;
    }
    fs::create_dir(&data).map_err(|e| IndexError::io(&data, e))?;
    DataIndex::create(&data)?;
    sync_folder(dir).map_err(|e| IndexError::io(dir, e))
}

/// Whether a folder without `clippings.json` may become an index: it has only files that the user
/// prepared for it or that a killed first `add` left.
pub(in crate::index) fn can_become_index(dir: &Path) -> bool {
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

/// Removes all data folders except the live one. A reader that has one open keeps its files until
/// it closes them.
pub(in crate::index) fn remove_dead_data(dir: &Path, live: &Meta) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("data-") && name.to_string_lossy() != live.data {
            // What cannot be removed now is left to the next writer.
            directory::retire(&entry.path());
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
