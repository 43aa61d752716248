//! Hashes that are stored in the index, so they must never change: the first 64 bits of BLAKE3.

use blake3::Hasher;

pub(in crate::index) fn hash_text(text: &str) -> u64 {
    let mut hasher = Hasher::new();
    hasher.update(text.as_bytes());
    first_u64(&hasher)
}

/// Adds one of several parts. The length prefix makes `ab`, `c` differ from `a`, `bc`.
pub(in crate::index) fn hash_part(hasher: &mut Hasher, part: &[u8]) {
    hasher.update(&(part.len() as u64).to_le_bytes());
    hasher.update(part);
}

pub(in crate::index) fn first_u64(hasher: &Hasher) -> u64 {
    let mut bytes = [0; 8];
    hasher.finalize_xof().fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
