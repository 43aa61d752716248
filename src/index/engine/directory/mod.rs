//! The `Directory` implementation for tantivy: files with per-block checksums that are verified on
//! read.
//!
//! tantivy writes one checksum per file and compares it only on request, which would find damage
//! after it has led to wrong results. Here every block of a file has a CRC-32, which is verified
//! the first time the block is read; a mismatch is an error. A search reads a small part of an
//! index and CRC-32 runs at several GB/s, so this costs next to nothing.
//!
//! Checksums depend on the name of the file, so that a file of another segment does not match.
//!
//! Most files are stored uncompressed (`plain`); postings and positions are compressed in blocks
//! (`compressed`). All numbers are little-endian. Damage to the checksums or to what follows them
//! makes a file unreadable, never wrong. tantivy sees only the body of a file, with its own footer.
//! Small files that are replaced as a whole (`meta.json`) end with a line `crc32 89abcdef` instead.

mod bytes;
pub(in crate::index) mod compressed;
mod plain;
pub(in crate::index) mod salvage;
mod verified;

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    DirectoryLock, FileHandle, Lock, META_LOCK, MmapDirectory, WatchCallback, WatchHandle, WritePtr,
};

use bytes::Bytes;
use compressed::{CompressedFile, CompressedWriter};
use plain::{PlainFile, PlainWriter};
use verified::mismatch;

use crate::atomic_file::{self, Durability};
use crate::index::{Damage, IndexError, Result};

/// Extensions of compressed files: postings and positions.
const COMPRESSED: [&str; 2] = ["idx", "pos"];

/// The file that a commit replaces.
pub(in crate::index) const META: &str = "meta.json";

/// Length of the last line of a small file.
const LINE: usize = b"crc32 89abcdef\n".len();

#[derive(Debug, Clone)]
pub(in crate::index) struct VerifiedDirectory {
    root: PathBuf,
    files: MmapDirectory,
    /// Whether all files are mapped, or only those that are read at random.
    maps_all: bool,
    /// Files that are open, so that a block is verified once however often its file is opened.
    open: Arc<Mutex<HashMap<PathBuf, Weak<dyn FileHandle>>>>,
}

impl VerifiedDirectory {
    /// Opens the folder at `path`, which must exist, for searching.
    pub(in crate::index) fn open(path: &Path) -> Result<VerifiedDirectory> {
        VerifiedDirectory::with_mapping(path, true)
    }

    /// Opens it for writing: most files are read with `pread` instead of mapped, see [`bytes`].
    pub(in crate::index) fn for_writing(path: &Path) -> Result<VerifiedDirectory> {
        VerifiedDirectory::with_mapping(path, false)
    }

    fn with_mapping(path: &Path, maps_all: bool) -> Result<VerifiedDirectory> {
        let files = MmapDirectory::open(path)
            .map_err(|e| IndexError::from(tantivy::TantivyError::from(e)))?;
        Ok(VerifiedDirectory {
            root: path.to_owned(),
            files,
            maps_all,
            open: Arc::default(),
        })
    }
}

/// Whether the index in `data` is from a version without block checksums. Then `meta.json` is plain
/// JSON; otherwise, even if it is damaged, its checksum line makes it invalid JSON.
pub(in crate::index) fn is_unverified(data: &Path) -> bool {
    fs::read(data.join(META))
        .is_ok_and(|bytes| serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_ok())
}

/// Prepares a data folder for removal, so that no reader opens it. tantivy's reader takes missing
/// files for an empty index, so it must find the folder either complete or without `meta.json`. It
/// holds the lock that is taken here while it opens files.
pub(in crate::index) fn retire(data: &Path) {
    let lock = MmapDirectory::open(data)
        .ok()
        .and_then(|files| files.acquire_lock(&META_LOCK).ok());
    let _ = fs::remove_file(data.join(META));
    drop(lock);
}

/// tantivy reads a segment without positions as one whose fields have none. Ours always have some.
fn not_optional(error: OpenReadError) -> OpenReadError {
    match error {
        OpenReadError::FileDoesNotExist(path) if path.extension().is_some_and(|e| e == "pos") => {
            let missing = Damage::Missing(path.display().to_string());
            OpenReadError::wrap_io_error(missing.into(), path)
        }
        error => error,
    }
}

/// Whether the writer reads a file at random for every clipping: columns and id hashes.
fn is_read_at_random(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        extension == "fast" || extension == crate::index::engine::id_lookup::EXTENSION
    })
}

impl Directory for VerifiedDirectory {
    fn get_file_handle(
        &self,
        path: &Path,
    ) -> std::result::Result<Arc<dyn FileHandle>, OpenReadError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(path).and_then(Weak::upgrade) {
            return Ok(file);
        }
        let wrap = |e| OpenReadError::wrap_io_error(e, path.to_owned());
        let bytes = match self.maps_all || is_read_at_random(path) {
            true => {
                let handle = self.files.get_file_handle(path).map_err(not_optional)?;
                Bytes::Mapped(handle.read_bytes(0..handle.len()).map_err(wrap)?)
            }
            false => match Bytes::open(&self.root.join(path)) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    return Err(not_optional(OpenReadError::FileDoesNotExist(
                        path.to_owned(),
                    )));
                }
                bytes => bytes.map_err(wrap)?,
            },
        };
        let file: Arc<dyn FileHandle> = match CompressedFile::new(path, bytes).map_err(wrap)? {
            Ok(compressed) => Arc::new(compressed),
            Err(bytes) => Arc::new(PlainFile::new(path, bytes).map_err(wrap)?),
        };
        open.retain(|_, file| file.strong_count() > 0);
        open.insert(path.to_owned(), Arc::downgrade(&file));
        Ok(file)
    }

    fn delete(&self, path: &Path) -> std::result::Result<(), DeleteError> {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(path);
        self.files.delete(path)
    }

    fn exists(&self, path: &Path) -> std::result::Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn open_write(&self, path: &Path) -> std::result::Result<WritePtr, OpenWriteError> {
        let file = match self.files.open_write(path) {
            // tantivy never writes a file twice, and there is one writer at a time: a process that
            // was killed before its commit left this file.
            Err(OpenWriteError::FileAlreadyExists(_)) => {
                self.delete(path).map_err(|e| {
                    OpenWriteError::wrap_io_error(io::Error::other(e), path.to_owned())
                })?;
                self.files.open_write(path)?
            }
            result => result?,
        };
        let is_compressed = path
            .extension()
            .is_some_and(|kind| COMPRESSED.iter().any(|compressed| kind == *compressed));
        Ok(BufWriter::new(match is_compressed {
            true => Box::new(
                CompressedWriter::new(path, file)
                    .map_err(|e| OpenWriteError::wrap_io_error(e, path.to_owned()))?,
            ),
            false => Box::new(PlainWriter::new(path, file)),
        }))
    }

    fn atomic_read(&self, path: &Path) -> std::result::Result<Vec<u8>, OpenReadError> {
        let mut bytes = self.files.atomic_read(path)?;
        let body = bytes.len().saturating_sub(LINE);
        let (content, line) = bytes.split_at(body);
        if line != checksum_line(content).as_bytes() {
            return Err(OpenReadError::wrap_io_error(
                mismatch(path, 0),
                path.to_owned(),
            ));
        }
        bytes.truncate(body);
        Ok(bytes)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        // Only the commit itself must survive a power failure.
        let durability = match path == Path::new(META) {
            true => Durability::Synced,
            false => Durability::Ordered,
        };
        atomic_file::replace(&self.root.join(path), durability, |file| {
            file.write_all(data)?;
            file.write_all(checksum_line(data).as_bytes())
        })
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> std::result::Result<DirectoryLock, LockError> {
        match self.files.acquire_lock(lock) {
            // Readers take this lock against writers that remove files. In a read-only folder it
            // cannot be created, but then nothing is removed either.
            Err(LockError::IoError(e))
                if lock.filepath == META_LOCK.filepath
                    && matches!(
                        e.kind(),
                        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
                    ) =>
            {
                Ok(DirectoryLock::from(Box::new(())))
            }
            result => result,
        }
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }
}

fn checksum_line(content: &[u8]) -> String {
    format!("crc32 {:08x}\n", crc32fast::hash(content))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;
    use tantivy::directory::TerminatingWrite;

    use super::*;

    /// One uncompressed and one compressed file.
    const NAMES: [&str; 2] = ["a.store", "a.idx"];

    /// Larger than a block of either kind.
    const BLOCK: usize = plain::BLOCK;

    /// Content that is partly compressible.
    fn content(length: usize) -> Vec<u8> {
        let mut state = 1u32;
        let mut noise = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..length)
            .map(|i| match i / 10_000 % 2 {
                0 => (i / 7 + i / 251) as u8,
                _ => noise(),
            })
            .collect()
    }

    fn written(dir: &Path, name: &str, content: &[u8]) -> VerifiedDirectory {
        let directory = VerifiedDirectory::open(dir).unwrap();
        let mut writer = directory.open_write(Path::new(name)).unwrap();
        for part in content.chunks(5_000) {
            writer.write_all(part).unwrap();
        }
        writer.terminate().unwrap();
        directory
    }

    #[test]
    fn a_file_is_read_as_written() {
        let of_a_block = [BLOCK, compressed::BLOCK].map(|b| [b - 1, b, b + 1, 70 * b + 3]);
        for length in of_a_block.into_iter().flatten().chain([0, 1]) {
            for name in NAMES {
                let dir = tempfile::tempdir().unwrap();
                let content = content(length);
                let mapping = written(dir.path(), name, &content);
                let reading = VerifiedDirectory::for_writing(dir.path()).unwrap();
                for directory in [mapping, reading] {
                    let file = directory.get_file_handle(Path::new(name)).unwrap();
                    assert_eq!(file.len(), length);
                    assert_eq!(file.read_bytes(0..length).unwrap().as_slice(), content);
                    assert!(file.read_bytes(length..length + 1).is_err());
                    let middle = length / 3..length / 2;
                    let read = file.read_bytes(middle.clone()).unwrap();
                    assert_eq!(read.as_slice(), &content[middle]);
                }
            }
        }
    }

    #[test]
    fn postings_and_positions_are_compressed() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.idx", "a.pos"] {
            written(dir.path(), name, &[0; 1 << 20]);
            let size = std::fs::metadata(dir.path().join(name)).unwrap().len();
            assert!(size < 1 << 14, "{size}");
        }
    }

    #[test]
    fn a_file_left_by_a_killed_process_is_overwritten() {
        for name in NAMES {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join(name), "half of").unwrap();
            let directory = written(dir.path(), name, b"all of it");
            let file = directory.get_file_handle(Path::new(name)).unwrap();
            assert_eq!(file.read_bytes(0..9).unwrap().as_slice(), b"all of it");
        }
    }

    #[test]
    fn files_replaced_as_a_whole_are_verified() {
        let dir = tempfile::tempdir().unwrap();
        let directory = VerifiedDirectory::open(dir.path()).unwrap();
        let path = Path::new("meta.json");
        directory.atomic_write(path, b"{}\n").unwrap();
        assert_eq!(directory.atomic_read(path).unwrap(), b"{}\n");
        let whole = std::fs::read(dir.path().join(path)).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(dir.path().join(path), bytes).unwrap();
            assert!(directory.atomic_read(path).is_err(), "bit {bit}");
        }
        std::fs::write(dir.path().join(path), "{}").unwrap();
        assert!(directory.atomic_read(path).is_err());
    }

    proptest! {
        #[test]
        fn a_wrong_bit_is_an_error_or_was_not_read(
            length in 0usize..3 * BLOCK,
            at in any::<prop::sample::Index>(),
            bit in 0u32..8,
            from in any::<prop::sample::Index>(),
            to in any::<prop::sample::Index>(),
            name in prop::sample::select(&NAMES),
            maps: bool,
        ) {
            let dir = tempfile::tempdir().unwrap();
            let content = content(length);
            drop(written(dir.path(), name, &content));
            let path = dir.path().join(name);
            let mut bytes = std::fs::read(&path).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            std::fs::write(&path, bytes).unwrap();
            let directory = VerifiedDirectory::with_mapping(dir.path(), maps).unwrap();
            let (from, to) = (from.index(length + 1), to.index(length + 1));
            let range = from.min(to)..from.max(to);
            let read = directory
                .get_file_handle(Path::new(name))
                .map_err(|e| e.to_string())
                .and_then(|file| file.read_bytes(range.clone()).map_err(|e| e.to_string()));
            if let Ok(read) = read {
                prop_assert_eq!(read.as_slice(), &content[range]);
            }
        }
    }
}
