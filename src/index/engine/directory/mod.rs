//! The files of the engine, with checksums that are verified as they are read.
//!
//! The engine writes a checksum at the end of each file and compares it only when asked to. That
//! finds damage, but not before it has given wrong answers. Here every file carries a checksum for
//! each of its blocks; a block is verified when something in it is read for the first time, and
//! what does not fit is an error. A search reads a small part of an index, so this costs it next to
//! nothing: CRC-32 runs at several gigabytes a second.
//!
//! Most files lie as they are (`plain`); postings and positions are packed besides (`packed`), with
//! blocks of their own. All numbers are little endian. A wrong bit in the checksums or after them makes the file
//! unreadable, never wrong. The engine sees the body alone, its own footer included. Small files
//! that are replaced as a whole (`meta.json`) end with a line `crc32 89abcdef` instead.

mod bytes;
pub(in crate::index) mod packed;
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
use packed::{PackedFile, PackedWriter};
use plain::{PlainFile, PlainWriter};
use verified::damaged;

use crate::atomic_file::{self, Durability};
use crate::index::{IndexError, Result};

/// What the names of packed files end with: postings and positions.
const PACKED: [&str; 2] = ["idx", "pos"];

/// The file that a commit replaces.
const META: &str = "meta.json";

/// What a small file ends with: the word, eight digits, a line break.
const LINE: usize = b"crc32 89abcdef\n".len();

/// A folder of the engine's files, each verified as it is read.
#[derive(Debug, Clone)]
pub(in crate::index) struct VerifiedDirectory {
    root: PathBuf,
    files: MmapDirectory,
    /// All files are mapped when they are read, and not just those in which single places are looked at.
    maps_all: bool,
    /// Files that are open, so that no block is verified twice while something has its file open.
    open: Arc<Mutex<HashMap<PathBuf, Weak<dyn FileHandle>>>>,
}

impl VerifiedDirectory {
    /// The folder at `path`, which must be there, for searching.
    pub(in crate::index) fn open(path: &Path) -> Result<VerifiedDirectory> {
        VerifiedDirectory::over(path, true)
    }

    /// The same for writing: most files are read and not mapped, see [`bytes`].
    pub(in crate::index) fn for_writing(path: &Path) -> Result<VerifiedDirectory> {
        VerifiedDirectory::over(path, false)
    }

    fn over(path: &Path, maps_all: bool) -> Result<VerifiedDirectory> {
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

/// Whether the files in `data` were written before this module was there, in the engine's own way.
/// What is left of a damaged `meta.json` is no JSON: the line of its checksum stands behind it.
pub(in crate::index) fn is_unverified(data: &Path) -> bool {
    fs::read(data.join(META))
        .is_ok_and(|bytes| serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_ok())
}

/// Makes a folder that is to be removed one that no reader opens any more. A reader opens its files
/// under the engine's lock, and takes one that it does not find for an empty one; so it must meet the
/// folder whole, or without the file that names the others.
pub(in crate::index) fn retire(data: &Path) {
    let lock = MmapDirectory::open(data)
        .ok()
        .and_then(|files| files.acquire_lock(&META_LOCK).ok());
    let _ = fs::remove_file(data.join(META));
    drop(lock);
}

/// Whether the writer reads a file at random, for every clipping: columns and keys.
fn is_looked_into(path: &Path) -> bool {
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
        let bytes = match self.maps_all || is_looked_into(path) {
            true => {
                let handle = self.files.get_file_handle(path)?;
                Bytes::Mapped(handle.read_bytes(0..handle.len()).map_err(wrap)?)
            }
            false => match Bytes::open(&self.root.join(path)) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    return Err(OpenReadError::FileDoesNotExist(path.to_owned()));
                }
                bytes => bytes.map_err(wrap)?,
            },
        };
        let file: Arc<dyn FileHandle> = match PackedFile::new(path, bytes).map_err(wrap)? {
            Ok(packed) => Arc::new(packed),
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
            // The engine never writes a file twice, and one process writes at a time: this one was
            // left by a process that was killed before its commit.
            Err(OpenWriteError::FileAlreadyExists(_)) => {
                self.delete(path).map_err(|e| {
                    OpenWriteError::wrap_io_error(io::Error::other(e), path.to_owned())
                })?;
                self.files.open_write(path)?
            }
            result => result?,
        };
        let is_packed = path
            .extension()
            .is_some_and(|kind| PACKED.iter().any(|packed| kind == *packed));
        Ok(BufWriter::new(match is_packed {
            true => Box::new(
                PackedWriter::new(file)
                    .map_err(|e| OpenWriteError::wrap_io_error(e, path.to_owned()))?,
            ),
            false => Box::new(PlainWriter::new(file)),
        }))
    }

    fn atomic_read(&self, path: &Path) -> std::result::Result<Vec<u8>, OpenReadError> {
        let mut bytes = self.files.atomic_read(path)?;
        let body = bytes.len().saturating_sub(LINE);
        let (content, line) = bytes.split_at(body);
        if line != checksum_line(content).as_bytes() {
            return Err(OpenReadError::wrap_io_error(
                damaged(path, "its checksum is wrong"),
                path.to_owned(),
            ));
        }
        bytes.truncate(body);
        Ok(bytes)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        // Only a commit has to be there after a power cut.
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
            // Readers hold this one against writers that remove files. Where the folder cannot be
            // written, there is none to hold, and readers must not be kept out.
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

    /// A file that lies as it is, and one that is packed.
    const NAMES: [&str; 2] = ["a.store", "a.idx"];

    /// A block of either kind fits in here.
    const BLOCK: usize = plain::BLOCK;

    /// Bytes that can be packed, and some that cannot.
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
        let of_a_block = [BLOCK, packed::BLOCK].map(|b| [b - 1, b, b + 1, 70 * b + 3]);
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
    fn postings_and_positions_are_packed() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.idx", "a.pos"] {
            written(dir.path(), name, &[0; 1 << 20]);
            let size = std::fs::metadata(dir.path().join(name)).unwrap().len();
            assert!(size < 1 << 14, "{size}");
        }
    }

    #[test]
    fn a_file_left_by_a_killed_process_is_written_anew() {
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
            let directory = VerifiedDirectory::over(dir.path(), maps).unwrap();
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
