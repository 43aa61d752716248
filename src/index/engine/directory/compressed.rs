//! A file compressed in blocks, for postings and positions, which are read in small pieces.
//!
//! tantivy bit-packs postings in groups of 128. Most terms have fewer, which are stored as whole
//! bytes. Compression makes the postings a quarter smaller and the positions a tenth. Reads return
//! decompressed copies.
//!
//! ```text
//! blocks | length of each block, 2 bytes | CRC-32 of each, 4 bytes | length of the body | mark
//! ```
//!
//! A block holds [`BLOCK`] bytes of the body, the last one the rest. It is a zstd frame (RFC 8878)
//! without magic number, or the plain bytes if that is not smaller.

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
use super::verified::{CRC_LEN, Checksums, Mark, checksum, cut, damaged, seed, split_tail, tail};
use crate::index::engine::pool::Pool;

/// Bytes of the body per block. Larger blocks are 2% smaller on disk but take longer to decompress
/// for one term.
pub(super) const BLOCK: usize = 4 << 10;

/// zstd level. Level 9 saves 1% more.
const LEVEL: i32 = 1;

/// Decompressed blocks cached per file: 512 KB.
const CACHED_BLOCKS: usize = 128;

/// Total size of cached multi-block reads per file.
const CACHED_BYTES: usize = 1 << 20;

/// Size of a block length.
const SIZE_LEN: usize = 2;

const MARK: &Mark = b"clippak";

/// Magic number of a zstd frame (RFC 8878, 3.1.1), omitted on disk.
pub(in crate::index) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

pub(super) struct CompressedFile {
    /// Length of the body.
    length: usize,
    /// The file, beginning with the blocks.
    bytes: Bytes,
    /// End offset of each block.
    ends: Box<[u64]>,
    checksums: Checksums,
    cache: Mutex<BlockCache>,
    contexts: Pool<DCtx<'static>>,
}

impl CompressedFile {
    /// Opens the file at `path`, or returns `bytes` if they are not a compressed file.
    pub(super) fn new(path: &Path, bytes: Bytes) -> io::Result<Result<CompressedFile, Bytes>> {
        let Some(tail) = split_tail(path, &bytes, MARK)? else {
            return Ok(Err(bytes));
        };
        let length = tail.length;
        let count = length.div_ceil(BLOCK);
        let table = count.checked_mul(SIZE_LEN + CRC_LEN);
        let at = table
            .and_then(|table| tail.at.checked_sub(table))
            .ok_or_else(|| cut(path))?;
        let sizes = bytes.get(at..at + count * SIZE_LEN)?;
        let checksums = bytes.get(at + count * SIZE_LEN..tail.at)?;
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
        Ok(Ok(CompressedFile {
            length,
            bytes,
            ends,
            checksums: Checksums::new(path, checksums, tail.seed),
            cache: Mutex::new(BlockCache {
                blocks: vec![None; count.min(CACHED_BLOCKS)],
                ..BlockCache::default()
            }),
            contexts: Pool::default(),
        }))
    }

    fn cache(&self) -> MutexGuard<'_, BlockCache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A decompressed block, cached.
    fn block(&self, number: usize) -> io::Result<OwnedBytes> {
        if let Some(Some((at, block))) = self.cache().blocks.get(number % CACHED_BLOCKS)
            && *at == number
        {
            return Ok(block.clone());
        }
        let block = OwnedBytes::new(self.decompress(number)?);
        if let Some(slot) = self.cache().blocks.get_mut(number % CACHED_BLOCKS) {
            *slot = Some((number, block.clone()));
        }
        Ok(block)
    }

    /// A range that spans several blocks.
    fn piece(&self, range: &Range<usize>) -> io::Result<OwnedBytes> {
        if let Some(piece) = self.cache().pieces.get(&(range.start, range.end)) {
            return Ok(piece.clone());
        }
        let mut bytes = Vec::with_capacity(range.len());
        for number in range.start / BLOCK..range.end.div_ceil(BLOCK) {
            let from = range.start.saturating_sub(number * BLOCK);
            let to = BLOCK.min(range.end - number * BLOCK);
            let is_edge = to - from < BLOCK;
            // Edge blocks are cached because the next read may continue there; inner blocks are not
            // needed again.
            let block = match is_edge {
                true => self.block(number)?,
                false => OwnedBytes::new(self.decompress(number)?),
            };
            bytes.extend_from_slice(block.get(from..to).unwrap_or_default());
        }
        let piece = OwnedBytes::new(bytes);
        self.cache().keep(range, &piece);
        Ok(piece)
    }

    fn decompress(&self, number: usize) -> io::Result<Vec<u8>> {
        let start = number.checked_sub(1).and_then(|n| self.ends.get(n));
        let (start, end) = (start.copied().unwrap_or(0), self.ends.get(number));
        let end = *end.ok_or_else(|| damaged(self.checksums.path(), "it has no such block"))?;
        let compressed = self.bytes.get(start as usize..end as usize)?;
        self.checksums.verify(number, Some(&compressed), start)?;
        let compressed = compressed.as_slice();
        let length = BLOCK.min(self.length.saturating_sub(number * BLOCK));
        if compressed.len() == length {
            return Ok(compressed.to_vec());
        }
        let wrong = |what: &str| damaged(self.checksums.path(), what);
        let mut frame = [0; MAGIC.len() + BLOCK];
        let frame = frame
            .get_mut(..MAGIC.len() + compressed.len())
            .ok_or_else(|| wrong("a block is too long"))?;
        frame[..MAGIC.len()].copy_from_slice(&MAGIC);
        frame[MAGIC.len()..].copy_from_slice(compressed);
        let context = self.contexts.take().or_else(DCtx::try_create);
        let mut context = context.ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let mut block = Vec::with_capacity(length);
        let written = context.decompress(&mut block, frame);
        self.contexts.put(context);
        match written {
            Ok(written) if written == length => Ok(block),
            Ok(_) => Err(wrong("a block has a wrong length")),
            Err(code) => Err(wrong(zstd_safe::get_error_name(code))),
        }
    }
}

impl fmt::Debug for CompressedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.checksums.path();
        write!(f, "{} ({} bytes, compressed)", path.display(), self.length)
    }
}

impl HasLen for CompressedFile {
    fn len(&self) -> usize {
        self.length
    }
}

impl FileHandle for CompressedFile {
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

/// Decompressed data of earlier reads. A quotation reads the same terms repeatedly, and a merge
/// reads many small adjacent ranges.
#[derive(Default)]
struct BlockCache {
    /// Direct-mapped by block number modulo the length.
    blocks: Vec<Option<(usize, OwnedBytes)>>,
    /// Multi-block ranges by start and end.
    pieces: FxHashMap<(usize, usize), OwnedBytes>,
    /// Total size of `pieces`.
    bytes: usize,
}

impl BlockCache {
    fn keep(&mut self, range: &Range<usize>, piece: &OwnedBytes) {
        if piece.len() > CACHED_BYTES {
            return;
        }
        if self.bytes + piece.len() > CACHED_BYTES {
            self.pieces.clear();
            self.bytes = 0;
        }
        self.bytes += piece.len();
        self.pieces.insert((range.start, range.end), piece.clone());
    }
}

pub(super) struct CompressedWriter {
    file: WritePtr,
    seed: u32,
    block: Vec<u8>,
    compressed: Vec<u8>,
    sizes: Vec<u8>,
    checksums: Vec<u8>,
    /// Length of the body so far, without the open block.
    length: usize,
    context: CCtx<'static>,
}

impl CompressedWriter {
    /// # Errors
    /// When there is no memory for it.
    pub(super) fn new(path: &Path, file: WritePtr) -> io::Result<CompressedWriter> {
        Ok(CompressedWriter {
            file,
            seed: seed(path),
            block: Vec::with_capacity(BLOCK),
            compressed: Vec::with_capacity(zstd_safe::compress_bound(BLOCK)),
            sizes: Vec::new(),
            checksums: Vec::new(),
            length: 0,
            context: CCtx::try_create().ok_or(io::ErrorKind::OutOfMemory)?,
        })
    }

    fn end_block(&mut self) -> io::Result<()> {
        self.compressed.clear();
        let compressed = self
            .context
            .compress(&mut self.compressed, &self.block, LEVEL)
            .ok()
            .and_then(|_| self.compressed.strip_prefix(&MAGIC));
        let block = compressed.filter(|compressed| compressed.len() < self.block.len());
        let block = block.unwrap_or(&self.block);
        self.file.write_all(block)?;
        // At most `BLOCK`, which fits.
        self.sizes
            .extend_from_slice(&(block.len() as u16).to_le_bytes());
        self.checksums
            .extend_from_slice(&checksum(self.seed, block).to_le_bytes());
        self.length += self.block.len();
        self.block.clear();
        Ok(())
    }
}

impl Write for CompressedWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let room = BLOCK - self.block.len();
        let part = buffer.get(..room).unwrap_or(buffer);
        self.block.extend_from_slice(part);
        if self.block.len() == BLOCK {
            self.end_block()?;
        }
        Ok(part.len())
    }

    /// Flushes complete blocks only: all blocks but the last must be full.
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl TerminatingWrite for CompressedWriter {
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
