//! An uncompressed file.
//!
//! ```text
//! body | CRC-32 of each block, 4 bytes | length of the body, 8 bytes | mark, 8 bytes
//! ```

use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use crc32fast::Hasher;
use tantivy::HasLen;
use tantivy::directory::{AntiCallToken, FileHandle, OwnedBytes, TerminatingWrite, WritePtr};

use super::bytes::Bytes;
use super::verified::{CRC_LEN, Checksums, Mark, Tail, cut, damaged, seed, split_tail, tail};

/// Bytes of the body per checksum.
pub(super) const BLOCK: usize = 16 << 10;

const MARK: &Mark = b"clipcrc";

pub(super) struct PlainFile {
    /// The file, beginning with the body.
    bytes: Bytes,
    /// Length of the body.
    length: usize,
    checksums: Checksums,
}

impl PlainFile {
    pub(super) fn new(path: &Path, bytes: Bytes) -> io::Result<PlainFile> {
        let Tail { at, length, seed } = split_tail(path, &bytes, MARK)?.ok_or_else(|| cut(path))?;
        let blocks = length.div_ceil(BLOCK);
        if length.checked_add(blocks * CRC_LEN) != Some(at) {
            return Err(cut(path));
        }
        Ok(PlainFile {
            checksums: Checksums::new(path, bytes.get(length..at)?, seed),
            bytes,
            length,
        })
    }
}

impl fmt::Debug for PlainFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.checksums.path();
        write!(f, "{} ({} bytes)", path.display(), self.length)
    }
}

impl HasLen for PlainFile {
    fn len(&self) -> usize {
        self.length
    }
}

impl FileHandle for PlainFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.length {
            let what = "something points beyond its end";
            return Err(damaged(self.checksums.path(), what));
        }
        // Read whole blocks, so that they can be verified.
        let first = range.start / BLOCK;
        let from = first * BLOCK;
        let to = range.end.next_multiple_of(BLOCK).min(self.length).max(from);
        let blocks = self.bytes.get(from..to)?;
        for (number, block) in blocks.chunks(BLOCK).enumerate() {
            let start = (from + number * BLOCK) as u64;
            self.checksums.verify(first + number, Some(block), start)?;
        }
        Ok(blocks.slice(range.start - from..range.end - from))
    }
}

pub(super) struct PlainWriter {
    file: WritePtr,
    seed: u32,
    checksums: Vec<u8>,
    block: Hasher,
    /// Length of the body so far.
    length: usize,
}

impl PlainWriter {
    pub(super) fn new(path: &Path, file: WritePtr) -> PlainWriter {
        let seed = seed(path);
        PlainWriter {
            file,
            seed,
            checksums: Vec::new(),
            block: Hasher::new_with_initial(seed),
            length: 0,
        }
    }

    fn end_block(&mut self) {
        let block = std::mem::replace(&mut self.block, Hasher::new_with_initial(self.seed));
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
