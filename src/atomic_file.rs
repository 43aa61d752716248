//! Replacing a small file as a whole: written beside, synced, renamed over the old one.
//!
//! A reader, and a process that starts after a crash, sees the old file or the new one and never half of one.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Whether the new name is on disk when [`replace`] returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The folder is synced: after a power cut the new file is there.
    Synced,
    /// Only the bytes are synced: after a power cut the old file or the new one is there.
    Ordered,
}

/// Replaces the file at `path` by what `write` writes. It is first written to `path` with `.new` added.
///
/// # Errors
/// Those of `write` and of the system. The file is then as it was.
pub fn replace(
    path: &Path,
    durability: Durability,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let beside = path.with_added_extension("new");
    // Created like any file, not as a temporary one, which other users could not read.
    let mut file = BufWriter::new(File::create(&beside)?);
    write(&mut file)?;
    file.into_inner()?.sync_all()?;
    fs::rename(&beside, path)?;
    match (durability, path.parent()) {
        (Durability::Synced, Some(folder)) => sync_folder(folder),
        _ => Ok(()),
    }
}

/// Makes the names of the files in a folder durable. Windows has no such call and needs none.
///
/// # Errors
/// Those of the system.
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
