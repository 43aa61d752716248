//! An interner: distinct words and their ids.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// Assigns ids to distinct words, in order of first occurrence.
pub struct Interner {
    /// Words of up to [`SHORT`] bytes, which are nearly all. The word is stored in the table, so a
    /// lookup is one cache miss.
    short: HashTable<ShortWord>,
    /// Ids of longer words.
    long: HashTable<u32>,
    words: InternedWords,
    seeds: [u64; 2],
}

/// The words of an [`Interner`], by id.
#[derive(Default)]
pub struct InternedWords {
    /// Words, concatenated.
    text: String,
    /// End offset of each in `text`.
    ends: Vec<u32>,
}

/// In bytes; five syllables.
const SHORT: usize = 15;

struct ShortWord {
    key: [u8; SHORT + 1],
    id: u32,
}

impl Default for Interner {
    fn default() -> Self {
        // Random seeds against hash flooding.
        let random = RandomState::new();
        Interner {
            short: HashTable::new(),
            long: HashTable::new(),
            words: InternedWords::default(),
            seeds: [random.hash_one(0), random.hash_one(1)],
        }
    }
}

impl Interner {
    /// Ends interning.
    pub fn into_words(self) -> InternedWords {
        self.words
    }

    /// Number of words.
    pub fn count(&self) -> usize {
        self.words.count()
    }

    /// Bytes of memory allocated.
    pub fn memory(&self) -> usize {
        self.words.text.capacity()
            + (self.words.ends.capacity() + self.long.capacity()) * size_of::<u32>()
            + self.short.capacity() * size_of::<ShortWord>()
    }

    /// The id of `word`, which is added if it is new.
    pub(super) fn intern(&mut self, word: &str) -> u32 {
        let [id] = self.intern_all(word, [(0, word.len())]);
        id
    }

    /// The ids of the words at byte ranges of `text`.
    ///
    /// All lookups are done before any insertion, so that their cache misses overlap.
    pub(super) fn intern_all<const N: usize>(
        &mut self,
        text: &str,
        words: [(usize, usize); N],
    ) -> [u32; N] {
        let seeds = self.seeds;
        let mut keys = [None; N];
        let mut hashes = [0; N];
        for (at, (start, end)) in words.into_iter().enumerate() {
            keys[at] = key(text.as_bytes(), start, end);
            hashes[at] = hash(keys[at].unwrap_or(0), seeds);
        }
        let mut known = [None; N];
        for (at, id) in known.iter_mut().enumerate() {
            let is_same = |short: &ShortWord| Some(u128::from_le_bytes(short.key)) == keys[at];
            *id = self.short.find(hashes[at], is_same).map(|short| short.id);
        }
        let mut ids = [0; N];
        for (at, id) in ids.iter_mut().enumerate() {
            let (start, end) = words[at];
            *id = known[at].unwrap_or_else(|| match keys[at] {
                Some(key) => self.intern_short(key, hashes[at], &text[start..end]),
                None => self.intern_long(&text[start..end]),
            });
        }
        ids
    }

    fn intern_short(&mut self, key: u128, hash_of_key: u64, word: &str) -> u32 {
        let (words, seeds) = (&mut self.words, self.seeds);
        let hash_of = |short: &ShortWord| hash(u128::from_le_bytes(short.key), seeds);
        let is_same = |short: &ShortWord| u128::from_le_bytes(short.key) == key;
        let entry = self.short.entry(hash_of_key, is_same, hash_of);
        let short = entry.or_insert_with(|| ShortWord {
            key: key.to_le_bytes(),
            id: words.add(word),
        });
        short.get().id
    }

    fn intern_long(&mut self, word: &str) -> u32 {
        let (words, seeds) = (&mut self.words, self.seeds);
        let hash_of = |id: &u32| hash_long(words.word(*id), seeds);
        let is_same = |id: &u32| words.word(*id) == word;
        let hash = hash_long(word, seeds);
        match self.long.find(hash, is_same) {
            Some(id) => *id,
            None => {
                let id = words.next_id();
                self.long.insert_unique(hash, id, hash_of);
                words.add(word)
            }
        }
    }
}

impl InternedWords {
    /// Number of words.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    fn next_id(&self) -> u32 {
        self.ends.len() as u32
    }

    fn add(&mut self, word: &str) -> u32 {
        let id = self.next_id();
        self.text.push_str(word);
        self.ends.push(self.text.len() as u32);
        id
    }

    #[inline]
    pub(super) fn word(&self, id: u32) -> &str {
        let id = id as usize;
        let start = id.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[id] as usize]
    }

    pub(super) fn sort_keys(&self) -> Vec<SortKey> {
        let words = (0..self.ends.len() as u32).map(|id| {
            let mut prefix = [0; PREFIX];
            let word = self.word(id).as_bytes();
            let length = word.len().min(PREFIX);
            prefix[..length].copy_from_slice(&word[..length]);
            SortKey { prefix, id }
        });
        words.collect()
    }

    /// Sorts words by their bytes.
    pub(super) fn sort(&self, words: &mut [SortKey]) {
        words.sort_unstable_by(|a, b| {
            let by_prefix = a.prefix().cmp(&b.prefix());
            by_prefix.then_with(|| self.word(a.id).cmp(self.word(b.id)))
        });
    }
}

/// Prefix length that decides the order of nearly all words.
const PREFIX: usize = 16;

/// A word to be sorted.
#[derive(Debug, Clone, Copy)]
pub(super) struct SortKey {
    /// First bytes, padded with zeros.
    prefix: [u8; PREFIX],
    pub(super) id: u32,
}

impl SortKey {
    /// Compares like the words, except that words with equal prefixes compare equal.
    #[inline]
    pub(super) fn prefix(&self) -> u128 {
        u128::from_be_bytes(self.prefix)
    }

    /// The word. A short one is read from the key: `words` is in another order, so each access to
    /// it would be a cache miss.
    #[inline]
    pub(super) fn word<'w>(&'w self, words: &'w InternedWords) -> &'w str {
        let length = self.prefix.iter().position(|&byte| byte == 0);
        length
            .and_then(|length| str::from_utf8(&self.prefix[..length]).ok())
            .unwrap_or_else(|| words.word(self.id))
    }
}

/// A short word with its length in the last byte; `None` for a long one.
#[inline]
fn key(text: &[u8], start: usize, end: usize) -> Option<u128> {
    let length = end - start;
    if length > SHORT {
        return None;
    }
    let key = match text.get(start..).and_then(|text| text.first_chunk()) {
        // One load of fixed size, except at the end of the text; bytes after the word are masked
        // out.
        Some(chunk) => u128::from_le_bytes(*chunk) & ((1 << (8 * length)) - 1),
        None => {
            let mut bytes = [0; SHORT + 1];
            bytes[..length].copy_from_slice(&text[start..end]);
            u128::from_le_bytes(bytes)
        }
    };
    Some(key | (length as u128) << (8 * SHORT))
}

/// Folded multiplication: XOR of both halves of the product.
#[inline]
fn hash(key: u128, [a, b]: [u64; 2]) -> u64 {
    let (low, high) = (key as u64, (key >> 64) as u64);
    let product = u128::from(low ^ a) * u128::from(high ^ b);
    product as u64 ^ (product >> 64) as u64
}

fn hash_long(word: &str, seeds: [u64; 2]) -> u64 {
    let chunks = word.as_bytes().chunks(SHORT + 1);
    chunks.fold(word.len() as u64, |before, chunk| {
        let mut bytes = [0; SHORT + 1];
        bytes[..chunk.len()].copy_from_slice(chunk);
        hash(u128::from_le_bytes(bytes) ^ u128::from(before), seeds)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_and_order_are_those_of_distinct_words(
            words in prop::collection::vec("[가나a\u{1}]{0,8}", 0..60),
            after in "[a가]{0,20}",
        ) {
            let mut interner = Interner::default();
            let text = format!("{}{after}", words.concat());
            let mut at = 0;
            let mut ids = Vec::new();
            for two in words.chunks(2) {
                let mut placed = [(0, 0); 2];
                for (place, word) in placed.iter_mut().zip(two) {
                    *place = (at, at + word.len());
                    at += word.len();
                }
                ids.extend(interner.intern_all(&text, placed).into_iter().take(two.len()));
            }
            for (word, id) in words.iter().zip(&ids) {
                prop_assert_eq!(interner.intern(word), *id);
                prop_assert_eq!(interner.words.word(*id), word);
            }
            let mut expected: Vec<&str> = words.iter().map(String::as_str).collect();
            if words.len() % 2 == 1 {
                expected.push("");
            }
            expected.sort_unstable();
            expected.dedup();
            let known = interner.into_words();
            let mut sorted = known.sort_keys();
            known.sort(&mut sorted);
            prop_assert!(sorted.iter().all(|w| w.word(&known) == known.word(w.id)));
            let sorted: Vec<&str> = sorted.iter().map(|w| w.word(&known)).collect();
            prop_assert_eq!(sorted, expected);
        }
    }
}
