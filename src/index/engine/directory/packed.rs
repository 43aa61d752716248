//! A file whose body lies on disk in packed blocks: postings and positions, which are read in pieces.
//!
//! The engine packs numbers by their bits, in rows of 128; most terms have fewer postings than that,
//! and theirs are left in whole bytes. RecordCodec takes a quarter off the postings and a tenth off the
//! positions. What is read is unpacked into memory of its own, a block or a few at a time.
//!
//! ```text
//! blocks | bytes of each block, 2 bytes | CRC-32 of each, 4 bytes | length of the body | mark
//! ```
//!
//! A block holds [`BLOCK`] bytes of the body, the last one what is left. It is a zstd frame (RFC 8878)
//! without its magic number, or, where that is not smaller, the bytes as they are.

use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tantivy::HasLen;
use tantivy::directory::{AntiCallToken, FileHandle, OwnedBytes, TerminatingWrite, WritePtr};
use zstd::zstd_safe::{self, CCtx, DCtx};

use super::bytes::Bytes;
use super::verified::{CRC_LEN, Checksums, Mark, cut, damaged, split_tail, tail};
use crate::index::engine::pool::Pool;

/// Bytes of the body in a block. Larger ones are 2% smaller on disk, and more to unpack for a term.
pub(super) const BLOCK: usize = 4 << 10;

/// Level of zstd. There is little but rare bytes to find; level 9 finds 1% more.
const LEVEL: i32 = 1;

/// Most blocks of a file that are kept unpacked: 512 KB.
const KEPT_BLOCKS: usize = 128;

/// Bytes of longer pieces of a file that are kept.
const KEPT_BYTES: usize = 1 << 20;

/// Bytes of a block's length.
const SIZE_LEN: usize = 2;

const MARK: &Mark = b"clippak1";

/// What every zstd frame begins with (RFC 8878, 3.1.1), and a block leaves out.
pub(in crate::index) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A file that is open for reading.
pub(super) struct PackedFile {
    /// Bytes of the body.
    length: usize,
    /// The file, which begins with the blocks.
    bytes: Bytes,
    /// Where each block ends.
    ends: Box<[u64]>,
    checksums: Checksums,
    unpacked: Mutex<BlockCache>,
    contexts: Pool<DCtx<'static>>,
}

impl PackedFile {
    /// The file at `path`, of these bytes; they are given back when they are a file of another kind.
    pub(super) fn new(path: &Path, bytes: Bytes) -> io::Result<Result<PackedFile, Bytes>> {
        let Some((length, tail)) = split_tail(&bytes, MARK)? else {
            return Ok(Err(bytes));
        };
        let count = length.div_ceil(BLOCK);
        let table = count.checked_mul(SIZE_LEN + CRC_LEN);
        let at = table
            .and_then(|table| tail.checked_sub(table))
            .ok_or_else(|| cut(path))?;
        let sizes = bytes.get(at..at + count * SIZE_LEN)?;
        let checksums = bytes.get(at + count * SIZE_LEN..tail)?;
        let mut end = 0;
        let sizes = sizes.as_chunks::<SIZE_LEN>().0.iter();
        let ends: Box<[u64]> = sizes
            .map(|size| {
                end += u64::from(u16::from_le_bytes(*size));
                end
            })
            .collect();
        if end != at as u64 {
            return Err(cut(path));
        }
        Ok(Ok(PackedFile {
            length,
            bytes,
            ends,
            checksums: Checksums::new(path, checksums),
            unpacked: Mutex::new(BlockCache {
                blocks: vec![None; count.min(KEPT_BLOCKS)],
                ..BlockCache::default()
            }),
            contexts: Pool::default(),
        }))
    }

    fn unpacked(&self) -> MutexGuard<'_, BlockCache> {
        self.unpacked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block, unpacked.
    fn block(&self, number: usize) -> io::Result<OwnedBytes> {
        if let Some(Some((at, block))) = self.unpacked().blocks.get(number % KEPT_BLOCKS)
            && *at == number
        {
            return Ok(block.clone());
        }
        let block = OwnedBytes::new(self.unpack(number)?);
        if let Some(place) = self.unpacked().blocks.get_mut(number % KEPT_BLOCKS) {
            *place = Some((number, block.clone()));
        }
        Ok(block)
    }

    /// What lies in several blocks.
    fn piece(&self, range: &Range<usize>) -> io::Result<OwnedBytes> {
        if let Some(piece) = self.unpacked().pieces.get(&(range.start, range.end)) {
            return Ok(piece.clone());
        }
        let mut bytes = Vec::with_capacity(range.len());
        for number in range.start / BLOCK..range.end.div_ceil(BLOCK) {
            let from = range.start.saturating_sub(number * BLOCK);
            let to = BLOCK.min(range.end - number * BLOCK);
            let is_edge = to - from < BLOCK;
            // Neighbours are asked for at the edges, what is between them is not.
            let block = match is_edge {
                true => self.block(number)?,
                false => OwnedBytes::new(self.unpack(number)?),
            };
            bytes.extend_from_slice(block.get(from..to).unwrap_or_default());
        }
        let piece = OwnedBytes::new(bytes);
        self.unpacked().keep(range, &piece);
        Ok(piece)
    }

    fn unpack(&self, number: usize) -> io::Result<Vec<u8>> {
        let start = number.checked_sub(1).and_then(|n| self.ends.get(n));
        let (start, end) = (start.copied().unwrap_or(0), self.ends.get(number));
        let end = *end.ok_or_else(|| damaged(self.checksums.path(), "it has no such block"))?;
        let packed = self.bytes.get(start as usize..end as usize)?;
        self.checksums.verify(number, Some(&packed), start)?;
        let packed = packed.as_slice();
        let length = BLOCK.min(self.length.saturating_sub(number * BLOCK));
        if packed.len() == length {
            return Ok(packed.to_vec());
        }
        let wrong = |what: &str| damaged(self.checksums.path(), what);
        let mut frame = [0; MAGIC.len() + BLOCK];
        let frame = frame
            .get_mut(..MAGIC.len() + packed.len())
            .ok_or_else(|| wrong("a block is too long"))?;
        frame[..MAGIC.len()].copy_from_slice(&MAGIC);
        frame[MAGIC.len()..].copy_from_slice(packed);
        let context = self.contexts.take().or_else(DCtx::try_create);
        let mut context = context.ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let mut block = Vec::with_capacity(length);
        let unpacked = context.decompress(&mut block, frame);
        self.contexts.put(context);
        match unpacked {
            Ok(unpacked) if unpacked == length => Ok(block),
            Ok(_) => Err(wrong("a block has not its length")),
            Err(code) => Err(wrong(zstd_safe::get_error_name(code))),
        }
    }
}

impl fmt::Debug for PackedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.checksums.path();
        write!(f, "{} ({} bytes, packed)", path.display(), self.length)
    }
}

impl HasLen for PackedFile {
    fn len(&self) -> usize {
        self.length
    }
}

impl FileHandle for PackedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.length {
            let what = "something points beyond its end";
            return Err(damaged(self.checksums.path(), what));
        }
        if range.is_empty() {
            return Ok(OwnedBytes::empty());
        }
        let first = range.start / BLOCK;
        if range.end <= (first + 1) * BLOCK {
            let block = self.block(first)?;
            return Ok(block.slice(range.start - first * BLOCK..range.end - first * BLOCK));
        }
        self.piece(&range)
    }
}

/// What was unpacked before. A quotation asks for the same terms in many ways; whoever merges
/// segments reads one small piece after another.
#[derive(Default)]
struct BlockCache {
    /// Blocks, each where its number modulo the number of places says.
    blocks: Vec<Option<(usize, OwnedBytes)>>,
    /// Longer pieces by start and end.
    pieces: FxHashMap<(usize, usize), OwnedBytes>,
    /// Bytes of the pieces.
    bytes: usize,
}

impl BlockCache {
    fn keep(&mut self, range: &Range<usize>, piece: &OwnedBytes) {
        if piece.len() > KEPT_BYTES {
            return;
        }
        if self.bytes + piece.len() > KEPT_BYTES {
            self.pieces.clear();
            self.bytes = 0;
        }
        self.bytes += piece.len();
        self.pieces.insert((range.start, range.end), piece.clone());
    }
}

/// Writes a file in packed blocks.
pub(super) struct PackedWriter {
    file: WritePtr,
    block: Vec<u8>,
    packed: Vec<u8>,
    sizes: Vec<u8>,
    checksums: Vec<u8>,
    /// Bytes of the body that are in blocks already.
    length: usize,
    context: CCtx<'static>,
}

impl PackedWriter {
    /// # Errors
    /// When there is no memory for it.
    pub(super) fn new(file: WritePtr) -> io::Result<PackedWriter> {
        Ok(PackedWriter {
            file,
            block: Vec::with_capacity(BLOCK),
            packed: Vec::with_capacity(zstd_safe::compress_bound(BLOCK)),
            sizes: Vec::new(),
            checksums: Vec::new(),
            length: 0,
            context: CCtx::try_create().ok_or(io::ErrorKind::OutOfMemory)?,
        })
    }

    fn end_block(&mut self) -> io::Result<()> {
        self.packed.clear();
        let packed = self
            .context
            .compress(&mut self.packed, &self.block, LEVEL)
            .ok()
            .and_then(|_| self.packed.strip_prefix(&MAGIC));
        let block = packed.filter(|packed| packed.len() < self.block.len());
        let block = block.unwrap_or(&self.block);
        self.file.write_all(block)?;
        // No block is longer than `BLOCK`.
        self.sizes
            .extend_from_slice(&(block.len() as u16).to_le_bytes());
        self.checksums
            .extend_from_slice(&crc32fast::hash(block).to_le_bytes());
        self.length += self.block.len();
        self.block.clear();
        Ok(())
    }
}

impl Write for PackedWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let room = BLOCK - self.block.len();
        let part = buffer.get(..room).unwrap_or(buffer);
        self.block.extend_from_slice(part);
        if self.block.len() == BLOCK {
            self.end_block()?;
        }
        Ok(part.len())
    }

    /// Hands on what is packed. A block that is not full waits: all blocks but the last are.
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl TerminatingWrite for PackedWriter {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        self.file.write_all(&self.sizes)?;
        self.file.write_all(&self.checksums)?;
        self.file.write_all(&tail(self.length, MARK))?;
        self.file.terminate_ref(token)
    }
}
