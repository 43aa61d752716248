//! Atomic replacement of small files: write a temporary file, sync it, rename it.
//!
//! Readers, and processes that start after a crash, see either the old or the new content.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Guarantee after [`replace`] returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The folder is synced: the new content survives a power failure.
    Synced,
    /// Only the content is synced: after a power failure, the file has the old or the new content.
    Ordered,
}

/// Replaces the file at `path` by what `write` writes. The temporary file is `path` with `.new`
/// appended.
///
/// # Errors
/// Those of `write` and of the file system. The old file then stays in place.
pub fn replace(
    path: &Path,
    durability: Durability,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let beside = path.with_added_extension("new");
    // Not with `tempfile`, whose files other users cannot read.
    let mut file = BufWriter::new(File::create(&beside)?);
    write(&mut file)?;
    file.into_inner()?.sync_all()?;
    fs::rename(&beside, path)?;
    match (durability, path.parent()) {
        (Durability::Synced, Some(folder)) => sync_folder(folder),
        _ => Ok(()),
    }
}

/// Makes the directory entries of a folder durable. Windows has no such call and needs none.
///
/// # Errors
/// Those of the file system.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        let write = |text: &'static str| {
            replace(&path, Durability::Synced, |out| {
                out.write_all(text.as_bytes())
            })
        };
        write("old").unwrap();
        write("new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let failed = replace(&path, Durability::Ordered, |out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }
}
