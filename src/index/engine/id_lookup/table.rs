//! A hash table on disk that maps 32-bit hashes to documents.
//!
//! Hashes are evenly distributed. The top bits of a hash select a bucket of about eight entries;
//! the entry holds the remaining bits of the hash and the document.
//!
//! ```text
//! number of entries, 4 bytes | bucket bits, 1 byte | document bits, 1 byte
//! | start of each bucket and end of the last, 4 bytes each | entries, bit-packed | 16 zero bytes
//! ```
//!
//! All numbers are little-endian. The low bits of an entry are the document.

use std::array;
use std::ops::Range;

use tantivy::DocId;
use tantivy::directory::OwnedBytes;

const HEADER: usize = 6;
const START: usize = 4;
/// log₂ of the average number of entries per bucket.
const BUCKET_LOG: u32 = 3;
/// Hashes looked up at once: the bands of a fingerprint.
const TOGETHER: usize = 8;
/// Zeros after the entries, so that the last one can be read as 16 bytes like any other.
const PADDING: usize = 16;

/// Serializes (hash, document) pairs.
pub(super) fn encode(mut entries: Vec<(u32, DocId)>) -> Vec<u8> {
    entries.sort_unstable();
    entries.dedup();
    let bucket_bits = entries.len().checked_ilog2().unwrap_or(0);
    let shape = Shape {
        count: entries.len(),
        bucket_bits: bucket_bits.saturating_sub(BUCKET_LOG).min(u32::BITS - 1),
        doc_bits: entries
            .iter()
            .map(|(_, doc)| u32::BITS - doc.leading_zeros())
            .max()
            .unwrap_or(0),
    };
    let mut bytes = Vec::with_capacity(shape.length().unwrap_or_default());
    bytes.extend_from_slice(&(shape.count as u32).to_le_bytes());
    bytes.extend_from_slice(&[shape.bucket_bits as u8, shape.doc_bits as u8]);
    for bucket in 0..=1u64 << shape.bucket_bits {
        let start = entries.partition_point(|&(key, _)| u64::from(shape.bucket(key)) < bucket);
        bytes.extend_from_slice(&(start as u32).to_le_bytes());
    }
    let (mut waiting, mut bits) = (0u128, 0);
    for (key, doc) in entries {
        let entry = u128::from(shape.rest(key)) << shape.doc_bits | u128::from(doc);
        waiting |= entry << bits;
        bits += shape.entry_bits();
        while bits >= 8 {
            bytes.push(waiting as u8);
            waiting >>= 8;
            bits -= 8;
        }
    }
    bytes.push(waiting as u8);
    bytes.extend_from_slice(&[0; PADDING]);
    bytes
}

/// Parameters of a table.
#[derive(Debug, Clone, Copy)]
struct Shape {
    count: usize,
    bucket_bits: u32,
    doc_bits: u32,
}

impl Shape {
    fn bucket(self, key: u32) -> u32 {
        (u64::from(key) >> (u32::BITS - self.bucket_bits)) as u32
    }

    /// The bits of a hash that are stored in the entry.
    fn rest(self, key: u32) -> u32 {
        key & (u32::MAX >> self.bucket_bits)
    }

    fn entry_bits(self) -> u32 {
        u32::BITS - self.bucket_bits + self.doc_bits
    }

    /// Offset of the entries.
    fn entries(self) -> usize {
        HEADER + START * ((1 << self.bucket_bits) + 1)
    }

    /// Length of the file; `None` on overflow.
    fn length(self) -> Option<usize> {
        let bits = self.count.checked_mul(self.entry_bits() as usize)?;
        Some(self.entries() + bits / 8 + 1 + PADDING)
    }
}

pub(super) struct Table {
    bytes: OwnedBytes,
    shape: Shape,
}

impl Table {
    /// `None` when `bytes` are not a table.
    pub(super) fn open(bytes: OwnedBytes) -> Option<Table> {
        let [c0, c1, c2, c3, bucket_bits, doc_bits] = *bytes.first_chunk::<HEADER>()?;
        let shape = Shape {
            count: u32::from_le_bytes([c0, c1, c2, c3]) as usize,
            bucket_bits: u32::from(bucket_bits),
            doc_bits: u32::from(doc_bits),
        };
        let is_one = shape.bucket_bits < u32::BITS
            && shape.doc_bits <= u32::BITS
            && shape.length() == Some(bytes.len());
        is_one.then_some(Table { bytes, shape })
    }

    /// The documents with the hash `key`, in ascending order.
    pub(super) fn docs(&self, key: u32) -> impl Iterator<Item = DocId> {
        self.listed(self.bucket(self.shape.bucket(key)), self.shape.rest(key))
    }

    /// Calls `each` with up to `most` documents for each of `keys`.
    ///
    /// A lookup costs two cache misses (bucket, then entry). Do all bucket reads first, then all
    /// entry reads, so that the misses of different keys overlap.
    pub(super) fn docs_of_all(&self, keys: &[u32], most: usize, each: &mut dyn FnMut(DocId)) {
        for keys in keys.chunks(TOGETHER) {
            let mut buckets: [_; TOGETHER] = array::from_fn(|_| 0..0);
            for (bucket, &key) in buckets.iter_mut().zip(keys) {
                *bucket = self.bucket(self.shape.bucket(key));
            }
            let firsts = buckets.each_ref().map(|bucket| self.entry(bucket.start).0);
            for ((&key, bucket), first) in keys.iter().zip(buckets).zip(firsts) {
                let rest = self.shape.rest(key);
                // Entries are sorted: if the first is greater, the key is absent.
                if first <= rest {
                    self.listed(bucket, rest).take(most).for_each(&mut *each);
                }
            }
        }
    }

    /// The documents of the entries in `bucket` with these remaining bits.
    fn listed(&self, bucket: Range<usize>, rest: u32) -> impl Iterator<Item = DocId> {
        bucket
            .map(|at| self.entry(at))
            .skip_while(move |entry| entry.0 < rest)
            .take_while(move |entry| entry.0 == rest)
            .map(|(_, doc)| doc)
    }

    /// All (hash, document) pairs, sorted.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, DocId)> {
        let bucket_bits = self.shape.bucket_bits;
        (0..1u64 << bucket_bits).flat_map(move |bucket| {
            self.bucket(bucket as u32).map(move |at| {
                let (rest, doc) = self.entry(at);
                ((bucket << (u32::BITS - bucket_bits)) as u32 | rest, doc)
            })
        })
    }

    /// The entries of a bucket.
    fn bucket(&self, bucket: u32) -> Range<usize> {
        let start = |bucket: usize| {
            let at = HEADER + START * bucket;
            let bytes = self.bytes.get(at..).and_then(|b| b.first_chunk());
            bytes.map_or(0, |&bytes| u32::from_le_bytes(bytes) as usize)
        };
        start(bucket as usize)..start(bucket as usize + 1).min(self.shape.count)
    }

    /// Remaining bits of the hash, and document.
    fn entry(&self, at: usize) -> (u32, DocId) {
        let bit = at * self.shape.entry_bits() as usize;
        let bytes = self.bytes.get(self.shape.entries() + bit / 8..);
        let bytes = bytes.and_then(|bytes| bytes.first_chunk());
        let entry = bytes.map_or(0, |&bytes| u128::from_le_bytes(bytes)) >> (bit % 8);
        let doc = entry as u64 & ((1 << self.shape.doc_bits) - 1);
        let rest = (entry >> self.shape.doc_bits) as u32;
        (self.shape.rest(rest), doc as DocId)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(entries: &[(u32, DocId)]) -> Table {
        Table::open(OwnedBytes::new(encode(entries.to_vec()))).unwrap()
    }

    #[test]
    fn a_table_without_entries_finds_nothing() {
        let table = table(&[]);
        assert_eq!(table.docs(7).count(), 0);
        assert_eq!(table.entries().count(), 0);
    }

    #[test]
    fn entries_are_compact() {
        let entries: Vec<_> = (0..100_000u32)
            .map(|i| (i.wrapping_mul(0x9e37_79b9), i / 10))
            .collect();
        let size = encode(entries).len();
        assert!(size < 480_000, "{size}");
    }

    proptest! {
        #[test]
        fn entries_are_found(
            mut entries in prop::collection::vec(
                (prop_oneof![0u32..50, any::<u32>()], prop_oneof![0u32..100, any::<u32>()]),
                0..300,
            ),
            strangers in prop::collection::vec(any::<u32>(), 0..20),
        ) {
            let table = table(&entries);
            entries.sort_unstable();
            entries.dedup();
            prop_assert_eq!(table.entries().collect::<Vec<_>>(), entries.clone());
            let keys = entries.iter().map(|&(key, _)| key).chain(strangers);
            let keys: Vec<u32> = keys.collect();
            for &key in &keys {
                let of_key = entries.iter().filter(|e| e.0 == key).map(|e| e.1);
                prop_assert_eq!(table.docs(key).collect::<Vec<_>>(), of_key.collect::<Vec<_>>());
            }
            for most in 0..4 {
                let mut found = Vec::new();
                table.docs_of_all(&keys, most, &mut |doc| found.push(doc));
                let expected = keys.iter().flat_map(|&key| table.docs(key).take(most));
                prop_assert_eq!(found, expected.collect::<Vec<_>>());
            }
        }

        #[test]
        fn other_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200), key: u32) {
            if let Some(table) = Table::open(OwnedBytes::new(bytes)) {
                table.docs(key).count();
                table.docs_of_all(&[key, !key], 9, &mut |_| ());
                table.entries().take(1_000).count();
            }
        }

        #[test]
        fn wrong_bytes_do_no_harm(
            entries in prop::collection::vec((any::<u32>(), 0u32..100), 0..100),
            at: prop::sample::Index,
            byte: u8,
            key: u32,
        ) {
            let mut bytes = encode(entries);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Some(table) = Table::open(OwnedBytes::new(bytes)) {
                table.docs(key).count();
                table.entries().take(1_000).count();
            }
        }
    }
}
