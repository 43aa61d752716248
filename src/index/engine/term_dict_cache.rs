//! The term dictionaries of an index, looked up through blocks that are kept unpacked.
//!
//! The engine keeps terms in packed blocks of some hundreds and unpacks one for each term that it looks
//! up. A query looks up hundreds: every form of a word in every field, every way to divide a quotation,
//! most of which no clipping has; and nearly all of them lie in a few blocks. So a block is unpacked
//! once here and kept.

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

/// Bytes of blocks that are kept. A dictionary that is asked while there are more drops its own.
const KEPT: usize = 192 << 20;

/// A larger block was not written by the engine: it ends one after 4,000 bytes and the term at hand.
const LARGEST_BLOCK: usize = 1 << 20;

/// The term dictionaries that were asked, by segment and field. Clones share them.
#[derive(Clone, Default)]
pub struct TermDictCache {
    dicts: Arc<Mutex<FxHashMap<(SegmentId, Field), Arc<TermDict>>>>,
    shared: Arc<Shared>,
}

/// What all dictionaries of a cache have in common.
#[derive(Default)]
struct Shared {
    /// Bytes of all kept blocks.
    bytes: AtomicUsize,
    contexts: Pool<DCtx<'static>>,
}

impl fmt::Debug for TermDictCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TermDictCache")
    }
}

impl TermDictCache {
    /// The terms that `segment` has in `field`.
    ///
    /// # Errors
    /// When the dictionary cannot be read.
    pub fn dict(&self, segment: &SegmentReader, field: Field) -> tantivy::Result<Arc<TermDict>> {
        let key = (segment.segment_id(), field);
        if let Some(dict) = lock(&self.dicts).get(&key) {
            return Ok(Arc::clone(dict));
        }
        // Two threads may open it at the same time; the first one is kept.
        let opened = Arc::new(TermDict {
            index: segment.inverted_index(field)?,
            blocks: Mutex::default(),
            shared: Arc::clone(&self.shared),
        });
        Ok(Arc::clone(lock(&self.dicts).entry(key).or_insert(opened)))
    }

    /// How many clippings have `term`, in its encoded form, in `field`; deleted ones count until they
    /// are merged away.
    ///
    /// # Errors
    /// When the dictionaries cannot be read.
    pub fn doc_freq(&self, searcher: &Searcher, field: Field, term: &str) -> tantivy::Result<u64> {
        let mut having = 0;
        for segment in searcher.segment_readers() {
            let info = self.dict(segment, field)?.info(term)?;
            having += info.map_or(0, |info| u64::from(info.doc_freq));
        }
        Ok(having)
    }
}

/// The terms of one field of one segment.
pub struct TermDict {
    index: Arc<InvertedIndexReader>,
    blocks: Mutex<Blocks>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Blocks {
    /// By the highest term that is known to belong to each.
    kept: BTreeMap<Box<[u8]>, Kept>,
    bytes: usize,
}

struct Kept {
    /// The lowest term that is known to belong to the block. Between the two it is asked without the
    /// dictionary's own index, which takes longer than all the rest.
    lowest: Box<[u8]>,
    block: Arc<Block>,
}

impl TermDict {
    /// The reader of the postings behind the terms.
    pub fn index(&self) -> &InvertedIndexReader {
        &self.index
    }

    /// What the segment has of `term`, in its encoded form; `None` when it has not the term.
    ///
    /// # Errors
    /// When the dictionary cannot be read.
    pub fn info(&self, term: &str) -> io::Result<Option<TermInfo>> {
        let block = self.block(term.as_bytes())?;
        Ok(block.and_then(|block| block.get(term.as_bytes())))
    }

    /// The postings of `term`, in its encoded form.
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

    /// Those of `endings` with which `stem` is a term. `endings` are in the order of their bytes.
    ///
    /// # Errors
    /// When the dictionary cannot be read.
    pub fn endings<'e>(&self, stem: &str, mut endings: &'e [&'e str]) -> io::Result<Vec<&'e str>> {
        let mut found = Vec::new();
        let mut block: Option<Arc<Block>> = None;
        let mut sought = Vec::new();
        while let Some((ending, rest)) = endings.split_first() {
            endings = rest;
            sought.clear();
            sought.extend_from_slice(stem.as_bytes());
            sought.extend_from_slice(ending.as_bytes());
            let kept = block.take().filter(|block| block.reaches(&sought));
            let Some(here) = kept.map_or_else(|| self.block(&sought), |b| Ok(Some(b)))? else {
                break;
            };
            // Both are in order: what lies before the next term is passed over at once.
            if let Some(term) = here.term(here.lower_bound(&sought)) {
                match term.strip_prefix(stem.as_bytes()) {
                    None => break,
                    Some(after) if after == ending.as_bytes() => found.push(*ending),
                    Some(after) => {
                        let passed = endings.partition_point(|e| e.as_bytes() < after);
                        endings = endings.get(passed..).unwrap_or_default();
                    }
                }
            }
            block = Some(here);
        }
        Ok(found)
    }

    /// The block in which `term` is when it is a term; `None` when it lies behind all terms.
    fn block(&self, term: &[u8]) -> io::Result<Option<Arc<Block>>> {
        if let Some(block) = lock(&self.blocks).of(term) {
            return Ok(Some(block));
        }
        let only = (Bound::Included(term), Bound::Included(term));
        let packed = self.index.terms().file_slice_for_range(only, None);
        if packed.is_empty() {
            return Ok(None);
        }
        let block = Block::unpack(&packed.read_bytes()?, &self.shared.contexts)?;
        let mut blocks = lock(&self.blocks);
        if self.shared.bytes.load(Ordering::Relaxed) > KEPT {
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
    fn of(&self, term: &[u8]) -> Option<Arc<Block>> {
        let from = (Bound::Included(term), Bound::Unbounded);
        let (_, next) = self.kept.range::<[u8], _>(from).next()?;
        (*next.lowest <= *term).then(|| Arc::clone(&next.block))
    }

    /// Keeps `block`, to which `term` belongs.
    fn keep(&mut self, term: &[u8], block: Block) -> Arc<Block> {
        let (Some(first), Some(last)) = (block.term(0), block.last()) else {
            return Arc::new(block);
        };
        let (mut lowest, mut highest): (Box<[u8]>, Box<[u8]>) = (first.into(), last.into());
        // A term between two blocks belongs to either, as the dictionary's index has it; such a term
        // widens what is known of a block that is kept.
        let from = (Bound::Included(first), Bound::Unbounded);
        let known = self.kept.range::<[u8], _>(from).next();
        let known = known.filter(|(_, kept)| kept.block.last() == Some(last));
        let known = known.map(|(highest, _)| highest.clone());
        let known = known.and_then(|highest| self.kept.remove_entry(&highest));
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
        let kept = Kept {
            lowest,
            block: Arc::clone(&block),
        };
        self.kept.insert(highest, kept);
        block
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Some hundreds of terms that follow each other in a dictionary.
#[derive(Default)]
struct Block {
    /// The terms, one after the other.
    terms: Vec<u8>,
    /// What there is of each.
    entries: Vec<Entry>,
    /// Where the postings and the positions of the first term begin.
    base: (usize, usize),
}

/// A term of a block.
#[derive(Clone, Copy)]
struct Entry {
    /// Where it ends in the terms.
    end: u32,
    /// How many clippings have it.
    doc_freq: u32,
    /// Where its postings and positions end, counted from those of the first term. They begin where
    /// those of the term before end.
    postings_end: u32,
    positions_end: u32,
}

/// What stands before a block: its length, in four bytes, and whether it is packed.
const FRAME: usize = 5;

impl Block {
    /// Unpacks a block of a dictionary (tantivy's `sstable`), which `packed` is, and perhaps more.
    fn unpack(packed: &[u8], contexts: &Pool<DCtx<'static>>) -> io::Result<Block> {
        let unpacked = unpack_frame(packed, contexts)?;
        let mut reader = DeltaReader::<Infos>::new(OwnedBytes::new(unpacked));
        let mut block = Block::default();
        let mut before = 0;
        while reader.advance()? {
            let start = block.terms.len();
            let shared = before..before + reader.common_prefix_len();
            if shared.end > start {
                return Err(wrong());
            }
            block.terms.extend_from_within(shared);
            block.terms.extend_from_slice(reader.suffix());
            let info = reader.value();
            if block.entries.is_empty() {
                block.base = (info.postings_range.start, info.positions_range.start);
            }
            let offset = |at: usize, from: usize| u32::try_from(at - from).map_err(|_| wrong());
            block.entries.push(Entry {
                end: offset(block.terms.len(), 0)?,
                doc_freq: info.doc_freq,
                postings_end: offset(info.postings_range.end, block.base.0)?,
                positions_end: offset(info.positions_range.end, block.base.1)?,
            });
            before = start;
        }
        Ok(block)
    }

    /// Bytes that it takes in memory.
    fn size(&self) -> usize {
        self.terms.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    /// What there is of the term before a place; of the first one, nothing.
    fn before(&self, at: usize) -> Entry {
        let before = at.checked_sub(1).and_then(|at| self.entries.get(at));
        before.copied().unwrap_or(Entry {
            end: 0,
            doc_freq: 0,
            postings_end: 0,
            positions_end: 0,
        })
    }

    /// The term at a place.
    fn term(&self, at: usize) -> Option<&[u8]> {
        let end = self.entries.get(at)?.end;
        self.terms.get(self.before(at).end as usize..end as usize)
    }

    /// The place of the first term that is not before `term`.
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

    /// Whether `term` is not behind its last.
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

/// A block with its frame, not packed any more. The dictionary's own reader makes a context of zstd for
/// each block, which takes as long as unpacking it.
fn unpack_frame(packed: &[u8], contexts: &Pool<DCtx<'static>>) -> io::Result<Vec<u8>> {
    // The length is that of what comes after it; where nothing does, the terms are at their end.
    let length = packed.first_chunk().ok_or_else(wrong)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length <= 1 {
        return Ok(Vec::new());
    }
    let (frame, rest) = packed.split_first_chunk::<FRAME>().ok_or_else(wrong)?;
    let [.., is_packed] = *frame;
    let content = rest.get(..length - 1).ok_or_else(wrong)?;
    if is_packed == 0 {
        return Ok([&frame[..], content].concat());
    }
    let size = zstd_safe::get_frame_content_size(content).ok().flatten();
    let size = size.and_then(|size| usize::try_from(size).ok());
    let size = size
        .filter(|&size| size <= LARGEST_BLOCK)
        .ok_or_else(wrong)?;
    let mut block = Vec::with_capacity(FRAME + size);
    block.extend_from_slice(&((size as u32 + 1).to_le_bytes()));
    block.push(0);
    let mut unpacked = Vec::with_capacity(size);
    let context = contexts.take().or_else(DCtx::try_create);
    let mut context = context.ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
    let result = context.decompress(&mut unpacked, content);
    contexts.put(context);
    result.map_err(|_| wrong())?;
    block.extend_from_slice(&unpacked);
    Ok(block)
}

/// What a block says of its terms, as tantivy writes it: how many there are, where the postings and the
/// positions of the first begin; then of each, how many clippings have it, and how many bytes its
/// postings and its positions take. All in its `VInt`.
#[derive(Default)]
struct Infos(Vec<TermInfo>);

impl ValueReader for Infos {
    type Value = TermInfo;

    fn value(&self, at: usize) -> &TermInfo {
        &self.0[at]
    }

    fn load(&mut self, mut data: &[u8]) -> io::Result<usize> {
        let length = data.len();
        let mut number = || vint(&mut data).ok_or_else(wrong);
        self.0.clear();
        let count = number()?;
        let (mut postings, mut positions) = (number()? as usize, number()? as usize);
        for _ in 0..count {
            let doc_freq = number()? as u32;
            let postings_end = postings.checked_add(number()? as usize).ok_or_else(wrong)?;
            let positions_end = positions
                .checked_add(number()? as usize)
                .ok_or_else(wrong)?;
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

fn wrong() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a term dictionary is damaged")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::schema::{SchemaBuilder, TEXT};
    use tantivy::{Index, doc};

    use super::*;

    /// A searcher over one segment with these words, and their field.
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

    fn assert_all_found(words: &[String], strangers: &[String], terms: &TermDictCache) {
        let (searcher, field) = searcher(words);
        for segment in searcher.segment_readers() {
            let dict = terms.dict(segment, field).unwrap();
            for word in words.iter().chain(strangers) {
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
        let strangers = ["", "0", "7fff", "zzz"].map(str::to_owned);
        assert_all_found(&words, &strangers, &TermDictCache::default());
    }

    /// A reader of postings may lie in memory where another one lay before.
    #[test]
    fn a_dictionary_is_never_taken_for_one_that_is_gone() {
        let terms = TermDictCache::default();
        for i in 0..50 {
            let words: Vec<String> = (0..=i % 7).map(|n| format!("{}", i * 10 + n)).collect();
            assert_all_found(&words, &["0".to_owned(), "999".to_owned()], &terms);
        }
    }

    #[test]
    fn a_number_without_end_is_an_error() {
        assert!(Infos::default().load(&[0; 11]).is_err());
    }

    proptest! {
        #[test]
        fn what_the_engine_finds_is_found(
            words in prop::collection::vec("[a-c가-다]{1,4}", 1..60),
            strangers in prop::collection::vec("[a-d가-라]{0,5}", 0..20),
        ) {
            assert_all_found(&words, &strangers, &TermDictCache::default());
        }

        #[test]
        fn endings_are_those_with_which_a_stem_is_a_term(
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
        fn other_bytes_are_an_error_or_terms(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            // Blocks come verified; this is for one that was written wrong.
            let _ = Infos::default().load(&bytes);
            let contexts = Pool::default();
            if let Ok(unpacked) = unpack_frame(&bytes, &contexts) {
                prop_assert!(unpacked.len() <= FRAME + LARGEST_BLOCK);
            }
        }
    }
}
