//! The files of the engine, with checksums that are verified as they are read.
//!
//! The engine writes a checksum at the end of each file and compares it only when asked to. That
//! finds damage, but not before it has given wrong answers. Here every file carries a checksum for
//! each block of 16 KB; a block is verified when something in it is read for the first time, and
//! what does not fit is an error. A search reads a small part of an index, so this costs it next to
//! nothing: CRC-32 runs at several gigabytes a second.
//!
//! ```text
//! body | CRC-32 of each block, 4 bytes | length of the body, 8 bytes | mark, 8 bytes
//! ```
//!
//! All numbers are little endian. A wrong bit in the checksums or after them makes the file
//! unreadable, never wrong. The engine sees the body alone, its own footer included. Small files
//! that are replaced as a whole (`meta.json`) end with a line `crc32 89abcdef` instead.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, Lock, META_LOCK, MmapDirectory, OwnedBytes,
    TerminatingWrite, WatchCallback, WatchHandle, WritePtr,
};
use tantivy::{Directory, HasLen};

use super::{IndexError, Result};

/// Bytes that share a checksum.
const BLOCK: usize = 16 << 10;

/// Last bytes of a file that was written to its end.
const MARK: &[u8; 8] = b"clipcrc1";

/// Bytes after the checksums: length of the body and mark.
const TAIL: usize = 16;

/// The file that a commit replaces.
const META: &str = "meta.json";

/// What a small file ends with: the word, eight digits, a line break.
const LINE: usize = b"crc32 89abcdef\n".len();

/// A folder of the engine's files, each verified as it is read.
#[derive(Debug, Clone)]
pub(super) struct VerifiedDirectory {
    root: PathBuf,
    files: MmapDirectory,
    /// Files that are open, so that no block is verified twice while something has its file open.
    open: Arc<Mutex<HashMap<PathBuf, Weak<VerifiedFile>>>>,
}

impl VerifiedDirectory {
    /// The folder at `path`, which must be there.
    pub(super) fn open(path: &Path) -> Result<VerifiedDirectory> {
        let files = MmapDirectory::open(path)
            .map_err(|e| IndexError::from(tantivy::TantivyError::from(e)))?;
        Ok(VerifiedDirectory {
            root: path.to_owned(),
            files,
            open: Arc::default(),
        })
    }
}

/// Whether the files in `data` were written before this module was there, in the engine's own way.
/// What is left of a damaged `meta.json` is no JSON: the line of its checksum stands behind it.
pub(super) fn is_unverified(data: &Path) -> bool {
    fs::read(data.join(META))
        .is_ok_and(|bytes| serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_ok())
}

/// Makes a folder that is to be removed one that no reader opens any more. A reader opens its files
/// under the engine's lock, and takes one that it does not find for an empty one; so it must meet the
/// folder whole, or without the file that names the others.
pub(super) fn retire(data: &Path) {
    let lock = MmapDirectory::open(data)
        .ok()
        .and_then(|files| files.acquire_lock(&META_LOCK).ok());
    let _ = fs::remove_file(data.join(META));
    drop(lock);
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
        let handle = self.files.get_file_handle(path)?;
        let file = handle
            .read_bytes(0..handle.len())
            .and_then(|bytes| VerifiedFile::new(path, bytes))
            .map_err(|e| OpenReadError::wrap_io_error(e, path.to_owned()))?;
        let file = Arc::new(file);
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
        Ok(BufWriter::new(Box::new(VerifiedWriter::new(file))))
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
        // Not the engine's own way, which makes files that no other user can read.
        let beside = self.root.join(path).with_added_extension("new");
        let mut file = File::create(&beside)?;
        file.write_all(data)?;
        file.write_all(checksum_line(data).as_bytes())?;
        file.sync_data()?;
        fs::rename(&beside, self.root.join(path))?;
        // A commit is one when its `meta.json` is there after a power cut.
        match path == Path::new(META) {
            true => self.sync_directory(),
            false => Ok(()),
        }
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> std::result::Result<DirectoryLock, LockError> {
        match self.files.acquire_lock(lock) {
            // Readers hold this one against writers that remove files. Where the folder cannot be
            // written, there is none to hold, and whoever reads must not be kept out.
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

fn damaged(path: &Path, what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{}: {what}", path.display()),
    )
}

/// A file that is open for reading.
struct VerifiedFile {
    path: PathBuf,
    body: OwnedBytes,
    /// Checksums of the blocks, four bytes each.
    checksums: OwnedBytes,
    /// One bit for each block: it was verified.
    verified: Box<[AtomicU64]>,
}

impl VerifiedFile {
    fn new(path: &Path, bytes: OwnedBytes) -> io::Result<VerifiedFile> {
        let cut = || damaged(path, "it has not its whole length");
        let (rest, tail) = bytes
            .len()
            .checked_sub(TAIL)
            .and_then(|at| bytes.split_at_checked(at))
            .ok_or_else(cut)?;
        let (length, mark) = tail.split_first_chunk::<8>().ok_or_else(cut)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut())?;
        let blocks = length.div_ceil(BLOCK);
        if mark != MARK || length.checked_add(blocks * 4) != Some(rest.len()) {
            return Err(cut());
        }
        let end = rest.len();
        Ok(VerifiedFile {
            path: path.to_owned(),
            body: bytes.slice(0..length),
            checksums: bytes.slice(length..end),
            verified: (0..blocks.div_ceil(64))
                .map(|_| AtomicU64::new(0))
                .collect(),
        })
    }

    /// Verifies the blocks that `range` touches, as far as they were not.
    fn verify(&self, range: &Range<usize>) -> io::Result<()> {
        for block in range.start / BLOCK..range.end.div_ceil(BLOCK) {
            let (word, bit) = (self.verified.get(block / 64), 1 << (block % 64));
            // Relaxed: a bit that is seen late costs verifying a block twice. The bytes never change.
            if word.is_some_and(|w| w.load(Ordering::Relaxed) & bit != 0) {
                continue;
            }
            let start = block * BLOCK;
            let bytes = self.body.get(start..self.body.len().min(start + BLOCK));
            let wanted = self.checksums.get(block * 4..block * 4 + 4);
            let is_whole = bytes
                .zip(wanted)
                .is_some_and(|(bytes, wanted)| crc32fast::hash(bytes).to_le_bytes() == *wanted);
            if !is_whole {
                let what = format!("its checksum is wrong at byte {start}");
                return Err(damaged(&self.path, &what));
            }
            if let Some(word) = word {
                word.fetch_or(bit, Ordering::Relaxed);
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for VerifiedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.path.display(), self.body.len())
    }
}

impl HasLen for VerifiedFile {
    fn len(&self) -> usize {
        self.body.len()
    }
}

impl FileHandle for VerifiedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.body.len() {
            return Err(damaged(&self.path, "something points beyond its end"));
        }
        self.verify(&range)?;
        Ok(self.body.slice(range))
    }
}

/// Writes a file with its checksums.
struct VerifiedWriter {
    file: WritePtr,
    checksums: Vec<u8>,
    block: crc32fast::Hasher,
    /// Bytes written.
    length: usize,
}

impl VerifiedWriter {
    fn new(file: WritePtr) -> VerifiedWriter {
        VerifiedWriter {
            file,
            checksums: Vec::new(),
            block: crc32fast::Hasher::new(),
            length: 0,
        }
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        self.checksums
            .extend_from_slice(&block.finalize().to_le_bytes());
    }
}

impl Write for VerifiedWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let room = BLOCK - self.length % BLOCK;
        let part = buffer.get(..room).unwrap_or(buffer);
        let written = self.file.write(part)?;
        self.block.update(part.get(..written).unwrap_or(part));
        self.length += written;
        if written > 0 && self.length.is_multiple_of(BLOCK) {
            self.end_block();
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl TerminatingWrite for VerifiedWriter {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        if !self.length.is_multiple_of(BLOCK) {
            self.end_block();
        }
        self.file.write_all(&self.checksums)?;
        self.file.write_all(&(self.length as u64).to_le_bytes())?;
        self.file.write_all(MARK)?;
        self.file.terminate_ref(token)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn content(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i * 7 + i / 251) as u8).collect()
    }

    fn written(dir: &Path, content: &[u8]) -> VerifiedDirectory {
        let directory = VerifiedDirectory::open(dir).unwrap();
        let mut writer = directory.open_write(Path::new("a")).unwrap();
        for part in content.chunks(5_000) {
            writer.write_all(part).unwrap();
        }
        writer.terminate().unwrap();
        directory
    }

    #[test]
    fn a_file_is_read_as_written() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 70 * BLOCK + 3] {
            let dir = tempfile::tempdir().unwrap();
            let content = content(length);
            let directory = written(dir.path(), &content);
            let file = directory.get_file_handle(Path::new("a")).unwrap();
            assert_eq!(file.len(), length);
            assert_eq!(file.read_bytes(0..length).unwrap().as_slice(), content);
            assert!(file.read_bytes(length..length + 1).is_err());
            let middle = length / 3..length / 2;
            let read = file.read_bytes(middle.clone()).unwrap();
            assert_eq!(read.as_slice(), &content[middle]);
        }
    }

    #[test]
    fn a_file_left_by_a_killed_process_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a"), "half of").unwrap();
        let directory = written(dir.path(), b"all of it");
        let file = directory.get_file_handle(Path::new("a")).unwrap();
        assert_eq!(file.read_bytes(0..9).unwrap().as_slice(), b"all of it");
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
        ) {
            let dir = tempfile::tempdir().unwrap();
            let content = content(length);
            drop(written(dir.path(), &content));
            let path = dir.path().join("a");
            let mut bytes = std::fs::read(&path).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            std::fs::write(&path, bytes).unwrap();
            let directory = VerifiedDirectory::open(dir.path()).unwrap();
            let (from, to) = (from.index(length + 1), to.index(length + 1));
            let range = from.min(to)..from.max(to);
            let read = directory
                .get_file_handle(Path::new("a"))
                .map_err(|e| e.to_string())
                .and_then(|file| file.read_bytes(range.clone()).map_err(|e| e.to_string()));
            if let Ok(read) = read {
                prop_assert_eq!(read.as_slice(), &content[range]);
            }
        }
    }
}
