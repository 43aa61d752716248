//! Term dictionary lookups with a cache of decompressed blocks.
//!
//! tantivy stores terms in compressed blocks of a few hundred and decompresses one block per
//! lookup. A query looks up hundreds of terms: every form of a word in every field, and every
//! segmentation of a quotation, most of which do not occur. Nearly all fall into a few blocks, so
//! each block is decompressed once and cached.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, io};

use rustc_hash::FxHashMap;
use tantivy::directory::OwnedBytes;
use tantivy::index::{InvertedIndexReader, SegmentId};
use tantivy::postings::{SegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{HasLen, Searcher, SegmentReader};
use tantivy_sstable::DeltaReader;
use tantivy_sstable::value::ValueReader;
use zstd::zstd_safe::{self, DCtx};

use crate::index::engine::pool::Pool;
use crate::index::engine::vint::vint;

/// Bytes of cached blocks. A dictionary that adds a block beyond this drops its other blocks.
const CACHE_BYTES: usize = 192 << 20;

/// Limit for a decompressed block. tantivy ends a block at the first term after 4,000 bytes, so a
/// larger one is corrupt.
const MAX_BLOCK_BYTES: usize = 1 << 20;

/// Term dictionaries by segment and field.
type Dicts = FxHashMap<(SegmentId, Field), Arc<TermDict>>;

/// The open term dictionaries. Clones share them.
#[derive(Clone, Default)]
pub struct TermDictCache {
    dicts: Arc<Mutex<Dicts>>,
    shared: Arc<Shared>,
    whole: Option<Arc<dyn WholeCounts>>,
}

/// Counts of a whole archive, by which words are weighted in an index of a part of it.
pub trait WholeCounts: Send + Sync {
    /// Number of clippings.
    fn clippings(&self) -> u64;

    /// Mean number of terms in the field of this name.
    fn average_length(&self, field: &str) -> f32;

    /// Number of clippings with the encoded `term` in the field of this name.
    fn doc_freq(&self, field: &str, term: &str) -> u64;
}

/// Shared by all dictionaries of a cache.
#[derive(Default)]
struct Shared {
    /// Total size of the cached blocks.
    bytes: AtomicUsize,
    contexts: Pool<DCtx<'static>>,
}

impl fmt::Debug for TermDictCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TermDictCache")
    }
}

impl TermDictCache {
    /// For an index of a part of an archive.
    pub(in crate::index) fn of_part(whole: Arc<dyn WholeCounts>) -> TermDictCache {
        TermDictCache {
            whole: Some(whole),
            ..TermDictCache::default()
        }
    }

    /// Clippings of the whole archive.
    pub fn clippings(&self, searcher: &Searcher) -> u64 {
        match &self.whole {
            Some(whole) => whole.clippings(),
            None => searcher.num_docs(),
        }
    }

    /// Mean number of terms of a field in the whole archive.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn average_length(&self, searcher: &Searcher, field: Field) -> tantivy::Result<f32> {
        if let Some(whole) = &self.whole {
            return Ok(whole.average_length(searcher.schema().get_field_name(field)));
        }
        let mut tokens = 0;
        for reader in searcher.segment_readers() {
            tokens += reader.inverted_index(field)?.total_num_tokens();
        }
        Ok((tokens as f32 / searcher.num_docs().max(1) as f32).max(1.0))
    }

    /// How many clippings of the whole archive have `term` in `field`; see [`TermDictCache::doc_freq`].
    ///
    /// # Errors
    /// When the dictionaries cannot be read.
    pub fn whole_doc_freq(
        &self,
        searcher: &Searcher,
        field: Field,
        term: &str,
    ) -> tantivy::Result<u64> {
        match &self.whole {
            Some(whole) => Ok(whole.doc_freq(searcher.schema().get_field_name(field), term)),
            None => self.doc_freq(searcher, field, term),
        }
    }

    /// The term dictionary of `field` in `segment`.
    ///
    /// # Errors
    /// When the dictionary cannot be read.
    pub fn dict(&self, segment: &SegmentReader, field: Field) -> tantivy::Result<Arc<TermDict>> {
        let key = (segment.segment_id(), field);
        if let Some(dict) = lock(&self.dicts).get(&key) {
            return Ok(Arc::clone(dict));
        }
        // If two threads open it at the same time, the first one is kept.
        let opened = Arc::new(TermDict {
            index: segment.inverted_index(field)?,
            blocks: Mutex::default(),
            shared: Arc::clone(&self.shared),
        });
        Ok(Arc::clone(lock(&self.dicts).entry(key).or_insert(opened)))
    }

    /// Number of clippings with an encoded term in `field`, including deleted ones that are not
    /// merged away yet.
    ///
    /// # Errors
    /// When the dictionaries cannot be read.
    pub fn doc_freq(&self, searcher: &Searcher, field: Field, term: &str) -> tantivy::Result<u64> {
        let mut count = 0;
        for segment in searcher.segment_readers() {
            let info = self.dict(segment, field)?.info(term)?;
            count += info.map_or(0, |info| u64::from(info.doc_freq));
        }
        Ok(count)
    }
}

/// The term dictionary of one field of one segment.
pub struct TermDict {
    index: Arc<InvertedIndexReader>,
    blocks: Mutex<Blocks>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Blocks {
    /// By the highest term known to belong to the block.
    by_highest: BTreeMap<Box<[u8]>, CachedBlock>,
    bytes: usize,
}

struct CachedBlock {
    /// The lowest term known to belong to the block. From here to the highest, a lookup does not
    /// need the dictionary's own index, which would cost more than the rest.
    lowest: Box<[u8]>,
    block: Arc<Block>,
}

impl TermDict {
    /// For reading postings.
    pub fn index(&self) -> &InvertedIndexReader {
        &self.index
    }

    /// Looks up an encoded term; `None` if the segment does not have it.
    ///
    /// # Errors
    /// When the dictionary cannot be read.
    pub fn info(&self, term: &str) -> io::Result<Option<TermInfo>> {
        let block = self.block(term.as_bytes())?;
        Ok(block.and_then(|block| block.get(term.as_bytes())))
    }

    /// Opens the postings of an encoded term.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn postings(
        &self,
        term: &str,
        option: IndexRecordOption,
    ) -> io::Result<Option<SegmentPostings>> {
        self.info(term)?
            .map(|info| self.index.read_postings_from_terminfo(&info, option))
            .transpose()
    }

    /// The `endings`, which must be sorted by bytes, with which `stem` is a term.
    ///
    /// # Errors
    /// When the dictionary cannot be read.
    pub fn endings<'e>(&self, stem: &str, mut endings: &'e [&'e str]) -> io::Result<Vec<&'e str>> {
        let mut found = Vec::new();
        let mut block: Option<Arc<Block>> = None;
        let mut term_bytes = Vec::new();
        while let Some((ending, rest)) = endings.split_first() {
            endings = rest;
            term_bytes.clear();
            term_bytes.extend_from_slice(stem.as_bytes());
            term_bytes.extend_from_slice(ending.as_bytes());
            let kept = block.take().filter(|block| block.reaches(&term_bytes));
            let Some(here) = kept.map_or_else(|| self.block(&term_bytes), |b| Ok(Some(b)))? else {
                break;
            };
            // Both sides are sorted, so skip all endings before the next term.
            if let Some(term) = here.term(here.lower_bound(&term_bytes)) {
                match term.strip_prefix(stem.as_bytes()) {
                    None => break,
                    Some(after) if after == ending.as_bytes() => found.push(*ending),
                    Some(after) => {
                        let skip = endings.partition_point(|e| e.as_bytes() < after);
                        endings = endings.get(skip..).unwrap_or_default();
                    }
                }
            }
            block = Some(here);
        }
        Ok(found)
    }

    /// The block that contains `term` if any does; `None` if `term` sorts after all terms.
    fn block(&self, term: &[u8]) -> io::Result<Option<Arc<Block>>> {
        if let Some(block) = lock(&self.blocks).get(term) {
            return Ok(Some(block));
        }
        let only = (Bound::Included(term), Bound::Included(term));
        let compressed = self.index.terms().file_slice_for_range(only, None);
        if compressed.is_empty() {
            return Ok(None);
        }
        let block = Block::decode(&compressed.read_bytes()?, &self.shared.contexts)?;
        let mut blocks = lock(&self.blocks);
        if self.shared.bytes.load(Ordering::Relaxed) > CACHE_BYTES {
            self.shared.bytes.fetch_sub(blocks.bytes, Ordering::Relaxed);
            *blocks = Blocks::default();
        }
        let before = blocks.bytes;
        let block = blocks.keep(term, block);
        self.shared
            .bytes
            .fetch_add(blocks.bytes - before, Ordering::Relaxed);
        Ok(Some(block))
    }
}

impl Blocks {
    fn get(&self, term: &[u8]) -> Option<Arc<Block>> {
        let from = (Bound::Included(term), Bound::Unbounded);
        let (_, next) = self.by_highest.range::<[u8], _>(from).next()?;
        (*next.lowest <= *term).then(|| Arc::clone(&next.block))
    }

    /// Caches `block`, to which `term` belongs.
    fn keep(&mut self, term: &[u8], block: Block) -> Arc<Block> {
        let (Some(first), Some(last)) = (block.term(0), block.last()) else {
            return Arc::new(block);
        };
        let (mut lowest, mut highest): (Box<[u8]>, Box<[u8]>) = (first.into(), last.into());
        // A term between two blocks may be assigned to either by the dictionary's index. It extends
        // the known range of a cached block.
        let from = (Bound::Included(first), Bound::Unbounded);
        let known = self.by_highest.range::<[u8], _>(from).next();
        let known = known.filter(|(_, kept)| kept.block.last() == Some(last));
        let known = known.map(|(highest, _)| highest.clone());
        let known = known.and_then(|highest| self.by_highest.remove_entry(&highest));
        let block = match known {
            Some((was_highest, kept)) => {
                (lowest, highest) = (kept.lowest, was_highest);
                kept.block
            }
            None => {
                self.bytes += block.size();
                Arc::new(block)
            }
        };
        if *term < *lowest {
            lowest = term.into();
        } else if *term > *highest {
            highest = term.into();
        }
        let kept = CachedBlock {
            lowest,
            block: Arc::clone(&block),
        };
        self.by_highest.insert(highest, kept);
        block
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A decompressed block: some hundreds of consecutive terms.
#[derive(Default)]
struct Block {
    /// Terms, concatenated.
    terms: Vec<u8>,
    entries: Vec<TermEntry>,
    /// Start offsets of the postings and positions of the first term.
    base: (usize, usize),
}

#[derive(Clone, Copy)]
struct TermEntry {
    /// End offset in `terms`.
    end: u32,
    doc_freq: u32,
    /// End offsets relative to `base`. A range starts where the previous term's ends.
    postings_end: u32,
    positions_end: u32,
}

/// Block header: length, 4 bytes, and whether the block is compressed, 1 byte.
const FRAME: usize = 5;

impl Block {
    /// Decodes the sstable block at the start of `compressed`.
    fn decode(compressed: &[u8], contexts: &Pool<DCtx<'static>>) -> io::Result<Block> {
        let decompressed = decompress_frame(compressed, contexts)?;
        let mut reader = DeltaReader::<Infos>::new(OwnedBytes::new(decompressed));
        let mut block = Block::default();
        let mut term = Vec::new();
        while reader.advance()? {
            if reader.common_prefix_len() > term.len() {
                return Err(corrupt());
            }
            term.truncate(reader.common_prefix_len());
            term.extend_from_slice(reader.suffix());
            block.terms.extend_from_slice(&term);
            let info = reader.value();
            if block.entries.is_empty() {
                block.base = (info.postings_range.start, info.positions_range.start);
            }
            let offset = |at: usize, from: usize| u32::try_from(at - from).map_err(|_| corrupt());
            block.entries.push(TermEntry {
                end: offset(block.terms.len(), 0)?,
                doc_freq: info.doc_freq,
                postings_end: offset(info.postings_range.end, block.base.0)?,
                positions_end: offset(info.positions_range.end, block.base.1)?,
            });
        }
        Ok(block)
    }

    /// Bytes of memory.
    fn size(&self) -> usize {
        self.terms.capacity() + self.entries.capacity() * size_of::<TermEntry>()
    }

    /// The entry before `at`, for start offsets; zeros for the first.
    fn before(&self, at: usize) -> TermEntry {
        let before = at.checked_sub(1).and_then(|at| self.entries.get(at));
        before.copied().unwrap_or(TermEntry {
            end: 0,
            doc_freq: 0,
            postings_end: 0,
            positions_end: 0,
        })
    }

    fn term(&self, at: usize) -> Option<&[u8]> {
        let end = self.entries.get(at)?.end;
        self.terms.get(self.before(at).end as usize..end as usize)
    }

    /// Index of the first term `>= term`.
    fn lower_bound(&self, term: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.entries.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.term(middle) {
                Some(there) if there < term => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    /// Whether `term` is not after the last term.
    fn reaches(&self, term: &[u8]) -> bool {
        self.last().is_some_and(|last| term <= last)
    }

    fn last(&self) -> Option<&[u8]> {
        self.term(self.entries.len().checked_sub(1)?)
    }

    fn get(&self, term: &[u8]) -> Option<TermInfo> {
        let at = self.lower_bound(term);
        let entry = self.entries.get(at)?;
        let (before, (postings, positions)) = (self.before(at), self.base);
        (self.term(at)? == term).then(|| TermInfo {
            doc_freq: entry.doc_freq,
            postings_range: postings + before.postings_end as usize
                ..postings + entry.postings_end as usize,
            positions_range: positions + before.positions_end as usize
                ..positions + entry.positions_end as usize,
        })
    }
}

/// Decompresses a block and keeps its header. tantivy's reader creates a zstd context per block,
/// which takes as long as decompressing.
fn decompress_frame(compressed: &[u8], contexts: &Pool<DCtx<'static>>) -> io::Result<Vec<u8>> {
    // The length counts the bytes after it; 0 or 1 marks the end of the terms.
    let length = compressed.first_chunk().ok_or_else(corrupt)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length <= 1 {
        return Ok(Vec::new());
    }
    let (frame, rest) = compressed
        .split_first_chunk::<FRAME>()
        .ok_or_else(corrupt)?;
    let [.., is_compressed] = *frame;
    let content = rest.get(..length - 1).ok_or_else(corrupt)?;
    if is_compressed == 0 {
        return Ok([&frame[..], content].concat());
    }
    let size = zstd_safe::get_frame_content_size(content).ok().flatten();
    let size = size.and_then(|size| usize::try_from(size).ok());
    let size = size
        .filter(|&size| size <= MAX_BLOCK_BYTES)
        .ok_or_else(corrupt)?;
    let mut block = Vec::with_capacity(FRAME + size);
    block.extend_from_slice(&((size as u32 + 1).to_le_bytes()));
    block.push(0);
    let mut decompressed = Vec::with_capacity(size);
    let context = contexts.take().or_else(DCtx::try_create);
    let mut context = context.ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
    let result = context.decompress(&mut decompressed, content);
    contexts.put(context);
    result.map_err(|_| corrupt())?;
    block.extend_from_slice(&decompressed);
    Ok(block)
}

/// The values of a block in tantivy's format: their number; start offsets of the postings and of
/// the positions; then for each term its document frequency and the lengths of its postings and
/// positions. All as `VInt`.
#[derive(Default)]
struct Infos(Vec<TermInfo>);

impl ValueReader for Infos {
    type Value = TermInfo;

    fn value(&self, at: usize) -> &TermInfo {
        &self.0[at]
    }

    fn load(&mut self, mut data: &[u8]) -> io::Result<usize> {
        let length = data.len();
        let mut number = || vint(&mut data).ok_or_else(corrupt);
        self.0.clear();
        let count = number()?;
        let (mut postings, mut positions) = (number()? as usize, number()? as usize);
        for _ in 0..count {
            let doc_freq = number()? as u32;
            let postings_end = postings
                .checked_add(number()? as usize)
                .ok_or_else(corrupt)?;
            let positions_end = positions
                .checked_add(number()? as usize)
                .ok_or_else(corrupt)?;
            self.0.push(TermInfo {
                doc_freq,
                postings_range: postings..postings_end,
                positions_range: positions..positions_end,
            });
            (postings, positions) = (postings_end, positions_end);
        }
        Ok(length - data.len())
    }
}

fn corrupt() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a term dictionary is damaged")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::schema::{SchemaBuilder, TEXT};
    use tantivy::{Index, doc};

    use super::*;

    /// A searcher over one segment with these words.
    fn searcher(words: &[String]) -> (Searcher, Field) {
        let mut schema = SchemaBuilder::new();
        let field = schema.add_text_field("text", TEXT);
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        for part in words.chunks(100) {
            writer.add_document(doc!(field => part.join(" "))).unwrap();
        }
        writer.commit().unwrap();
        (index.reader().unwrap().searcher(), field)
    }

    fn assert_all_found(words: &[String], absent: &[String], terms: &TermDictCache) {
        let (searcher, field) = searcher(words);
        for segment in searcher.segment_readers() {
            let dict = terms.dict(segment, field).unwrap();
            for word in words.iter().chain(absent) {
                let expected = dict.index().terms().get(word).unwrap();
                assert_eq!(dict.info(word).unwrap(), expected, "{word}");
            }
        }
    }

    #[test]
    fn every_term_of_many_blocks_is_found() {
        let words: Vec<String> = (0..20_000u32)
            .map(|i| format!("{:x}", i.wrapping_mul(0x9e37_79b9)))
            .collect();
        let absent = ["", "0", "7fff", "zzz"].map(str::to_owned);
        assert_all_found(&words, &absent, &TermDictCache::default());
    }

    /// Readers are cached by segment and field, since a new one may reuse the address of a closed
    /// one.
    #[test]
    fn a_dictionary_is_not_confused_with_a_closed_one() {
        let terms = TermDictCache::default();
        for i in 0..50 {
            let words: Vec<String> = (0..=i % 7).map(|n| format!("{}", i * 10 + n)).collect();
            assert_all_found(&words, &["0".to_owned(), "999".to_owned()], &terms);
        }
    }

    #[test]
    fn an_unterminated_vint_is_an_error() {
        assert!(Infos::default().load(&[0; 11]).is_err());
    }

    proptest! {
        #[test]
        fn lookups_agree_with_tantivy(
            words in prop::collection::vec("[a-c가-다]{1,4}", 1..60),
            absent in prop::collection::vec("[a-d가-라]{0,5}", 0..20),
        ) {
            assert_all_found(&words, &absent, &TermDictCache::default());
        }

        #[test]
        fn endings_are_those_in_the_dictionary(
            words in prop::collection::vec("[ab]{1,5}", 1..60),
            stem in "[ab]{1,2}",
            endings in prop::collection::btree_set("[ab]{1,3}", 0..10),
        ) {
            let (searcher, field) = searcher(&words);
            let segment = searcher.segment_reader(0);
            let dict = TermDictCache::default().dict(segment, field).unwrap();
            let endings: Vec<&str> = endings.iter().map(String::as_str).collect();
            let found = dict.endings(&stem, &endings).unwrap();
            let expected: Vec<&str> = endings
                .iter()
                .copied()
                .filter(|ending| words.contains(&format!("{stem}{ending}")))
                .collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            // Blocks come verified. This covers one that was written wrong.
            let _ = Infos::default().load(&bytes);
            let contexts = Pool::default();
            if let Ok(decompressed) = decompress_frame(&bytes, &contexts) {
                prop_assert!(decompressed.len() <= FRAME + MAX_BLOCK_BYTES);
            }
        }
    }
}
