//! A file whose body lies on disk as it is, read where it lies.
//!
//! ```text
//! body | CRC-32 of each block, 4 bytes | length of the body, 8 bytes | mark, 8 bytes
//! ```

use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use tantivy::HasLen;
use tantivy::directory::{AntiCallToken, FileHandle, OwnedBytes, TerminatingWrite, WritePtr};

use super::verified::{CRC_LEN, Checksums, Mark, cut, damaged, split_tail, tail};

/// Bytes that share a checksum.
pub(super) const BLOCK: usize = 16 << 10;

const MARK: &Mark = b"clipcrc1";

/// A file that is open for reading.
pub(super) struct PlainFile {
    body: OwnedBytes,
    checksums: Checksums,
}

impl PlainFile {
    /// The file at `path`, of these bytes.
    pub(super) fn new(path: &Path, bytes: &OwnedBytes) -> io::Result<PlainFile> {
        let (length, rest) = split_tail(bytes, MARK).ok_or_else(|| cut(path))?;
        let blocks = length.div_ceil(BLOCK);
        if length.checked_add(blocks * CRC_LEN) != Some(rest.len()) {
            return Err(cut(path));
        }
        let end = rest.len();
        Ok(PlainFile {
            body: rest.slice(0..length),
            checksums: Checksums::new(path, rest.slice(length..end)),
        })
    }
}

impl fmt::Debug for PlainFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.checksums.path();
        write!(f, "{} ({} bytes)", path.display(), self.body.len())
    }
}

impl HasLen for PlainFile {
    fn len(&self) -> usize {
        self.body.len()
    }
}

impl FileHandle for PlainFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.body.len() {
            let what = "something points beyond its end";
            return Err(damaged(self.checksums.path(), what));
        }
        for block in range.start / BLOCK..range.end.div_ceil(BLOCK) {
            let start = block * BLOCK;
            let bytes = self.body.get(start..self.body.len().min(start + BLOCK));
            self.checksums.verify(block, bytes, start as u64)?;
        }
        Ok(self.body.slice(range))
    }
}

/// Writes a file with its checksums.
pub(super) struct PlainWriter {
    file: WritePtr,
    checksums: Vec<u8>,
    block: crc32fast::Hasher,
    /// Bytes written.
    length: usize,
}

impl PlainWriter {
    pub(super) fn new(file: WritePtr) -> PlainWriter {
        PlainWriter {
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

impl Write for PlainWriter {
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

impl TerminatingWrite for PlainWriter {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        if !self.length.is_multiple_of(BLOCK) {
            self.end_block();
        }
        self.file.write_all(&self.checksums)?;
        self.file.write_all(&tail(self.length, MARK))?;
        self.file.terminate_ref(token)
    }
}
