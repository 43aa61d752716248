//! A temporary index of some clippings of a cluster, for the time of a search.
//!
//! A cluster returns candidates, which the embedded engine matches and ranks. It needs their records,
//! and the counts of the whole archive ([`WholeCounts`]).

use std::env;
use std::path::Path;
use std::sync::Arc;

use crate::analyze::Language;
use crate::index::engine::data_index::DataIndex;
use crate::index::engine::document::{DocHashes, DocMeta, IndexDocument};
use crate::index::{Archive, ClusterClipping, IndexError, Meta, Result, RunFilter, WholeCounts};

/// A file system in memory, on Linux. Every file is synced, which on a disk takes as long as everything else.
const MEMORY: &str = "/dev/shm";

/// Indexes `clippings` in a temporary folder, which is deleted with the archive. With `runs`, only the runs that it
/// accepts: most of the work is analyzing them.
///
/// # Errors
/// When the folder cannot be written.
pub fn index_part(
    clippings: &[ClusterClipping],
    language: &Language,
    runs: Option<RunFilter>,
    whole: Arc<dyn WholeCounts>,
) -> Result<Archive> {
    let index_in = |parent: &Path| index_in(parent, clippings, language, &runs, &whole);
    // Containers often have little space there.
    index_in(Path::new(MEMORY)).or_else(|_| index_in(&env::temp_dir()))
}

fn index_in(
    parent: &Path,
    clippings: &[ClusterClipping],
    language: &Language,
    runs: &Option<RunFilter>,
    whole: &Arc<dyn WholeCounts>,
) -> Result<Archive> {
    let folder = tempfile::tempdir_in(parent).map_err(|e| IndexError::io(parent, e))?;
    let meta = Meta::of(1, language);
    let data = meta.data_dir(folder.path());
    std::fs::create_dir(&data).map_err(|e| IndexError::io(&data, e))?;
    DataIndex::create(&data)?;
    let index = DataIndex::open_for_writing(&data)?;
    let fields = index.fields();
    let documents = clippings.iter().map(|stored| {
        let hashes = DocHashes {
            content: 0,
            bands: Vec::new(),
            sketch: [0; 2],
        };
        let meta = DocMeta {
            added: stored.added,
            group: stored.group,
            page: None,
        };
        let document = IndexDocument::new(&fields, stored.clipping.clone(), &hashes, meta, None)?;
        Ok(IndexDocument {
            lengths: runs.as_ref().map(|_| stored.lengths),
            ..document
        })
    });
    index.fill(documents, language, runs.clone())?;
    Archive::of_part(folder, meta, language.clone(), Arc::clone(whole))
}
