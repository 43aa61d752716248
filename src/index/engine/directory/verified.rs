//! Shared by plain and compressed files: block checksums and the tail of a file.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crc32fast::Hasher;
use tantivy::directory::OwnedBytes;

use super::bytes::Bytes;
use crate::index::Damage;

pub(super) const CRC_LEN: usize = 4;

/// Length of the body, 8 bytes, and mark, 8 bytes.
const TAIL: usize = 16;

/// The last bytes of a file but its version; missing if it was not written to its end.
pub(super) type Mark = [u8; 7];

/// Checksums are those of the blocks alone.
const UNNAMED: u8 = b'1';

/// Checksums continue that of the file's name, so that those of another segment's file are wrong.
const NAMED: u8 = b'2';

/// The tail of a file.
pub(super) struct Tail {
    /// Its offset.
    pub(super) at: usize,
    /// Length of the body.
    pub(super) length: usize,
    /// The initial value of checksums.
    pub(super) seed: u32,
}

/// The bytes of a tail.
pub(super) fn tail(length: usize, mark: &Mark) -> [u8; TAIL] {
    let mut tail = [NAMED; TAIL];
    tail[..8].copy_from_slice(&(length as u64).to_le_bytes());
    tail[8..TAIL - 1].copy_from_slice(mark);
    tail
}

/// The initial value of checksums in the file at `path`.
pub(super) fn seed(path: &Path) -> u32 {
    let name = path.file_name().unwrap_or_default();
    crc32fast::hash(name.as_encoded_bytes())
}

/// `None` if the file does not end with `mark`.
pub(super) fn split_tail(path: &Path, bytes: &Bytes, mark: &Mark) -> io::Result<Option<Tail>> {
    let Some(at) = bytes.len().checked_sub(TAIL) else {
        return Ok(None);
    };
    let tail = bytes.get(at..bytes.len())?;
    let Some((length, rest)) = tail.split_first_chunk::<8>() else {
        return Ok(None);
    };
    let seed = match rest.split_last() {
        Some((&UNNAMED, found)) if found == mark => 0,
        Some((&NAMED, found)) if found == mark => seed(path),
        _ => return Ok(None),
    };
    let length = usize::try_from(u64::from_le_bytes(*length)).ok();
    Ok(length.map(|length| Tail { at, length, seed }))
}

pub(super) fn damaged(path: &Path, what: &str) -> io::Error {
    let damage = Damage::Content {
        file: path.display().to_string(),
        detail: what.to_owned(),
    };
    damage.into()
}

/// The error for a truncated file.
pub(super) fn cut(path: &Path) -> io::Error {
    Damage::Truncated(path.display().to_string()).into()
}

/// The error for a block with another checksum.
pub(super) fn mismatch(path: &Path, at: u64) -> io::Error {
    let file = path.display().to_string();
    Damage::Checksum { file, at }.into()
}

/// CRC-32 of a block.
pub(super) fn checksum(seed: u32, block: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(seed);
    hasher.update(block);
    hasher.finalize()
}

/// The CRC-32 of each block of a file.
pub(super) struct Checksums {
    path: PathBuf,
    checksums: OwnedBytes,
    seed: u32,
    /// One bit per block: set once it was verified.
    verified: Box<[AtomicU64]>,
}

impl Checksums {
    pub(super) fn new(path: &Path, checksums: OwnedBytes, seed: u32) -> Checksums {
        let blocks = checksums.len() / CRC_LEN;
        Checksums {
            path: path.to_owned(),
            checksums,
            seed,
            verified: (0..blocks.div_ceil(64))
                .map(|_| AtomicU64::new(0))
                .collect(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Verifies a block unless it was verified before. `start` is its offset, for the error
    /// message.
    pub(super) fn verify(&self, block: usize, bytes: Option<&[u8]>, start: u64) -> io::Result<()> {
        let (word, bit) = (self.verified.get(block / 64), 1 << (block % 64));
        // Relaxed is enough: at worst a block is verified twice. Files are immutable.
        if word.is_some_and(|w| w.load(Ordering::Relaxed) & bit != 0) {
            return Ok(());
        }
        let at = block * CRC_LEN;
        let wanted = self.checksums.get(at..at + CRC_LEN);
        let is_whole = bytes
            .zip(wanted)
            .is_some_and(|(bytes, wanted)| checksum(self.seed, bytes).to_le_bytes() == *wanted);
        if !is_whole {
            return Err(mismatch(&self.path, start));
        }
        if let Some(word) = word {
            word.fetch_or(bit, Ordering::Relaxed);
        }
        Ok(())
    }
}
