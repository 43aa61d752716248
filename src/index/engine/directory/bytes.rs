//! Access to the bytes of a file: memory-mapped or by `pread`.
//!
//! Readers map files: repeated queries hit the page cache. The writer reads whole segments once, in
//! order, to merge them, and mapped pages would count as memory of the process while the file is
//! open, so it uses `pread`. It maps only files that it reads at random for every clipping.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use tantivy::directory::OwnedBytes;

pub(super) enum Bytes {
    Mapped(OwnedBytes),
    /// An open file and its length.
    Read(File, usize),
}

impl Bytes {
    /// Opens a file for `pread`.
    pub(super) fn open(path: &Path) -> io::Result<Bytes> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
        Ok(Bytes::Read(file, length))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Bytes::Mapped(bytes) => bytes.len(),
            Bytes::Read(_, length) => *length,
        }
    }

    /// The bytes of `range`.
    ///
    /// # Errors
    /// When they cannot be read, or `range` is not within the file.
    pub(super) fn get(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match self {
            Bytes::Mapped(bytes) => Ok(bytes.slice(range)),
            Bytes::Read(file, _) => {
                let mut bytes = vec![0; range.len()];
                read_exact_at(file, &mut bytes, range.start as u64)?;
                Ok(OwnedBytes::new(bytes))
            }
        }
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                at += read as u64;
            }
        }
    }
    Ok(())
}
