//! Different words, by numbers: the runs that stand in texts, and their terms.
//!
//! Under `texts` and `terms`.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// Words, numbered in the order in which they were first met.
pub struct Vocabulary {
    /// Numbers of the words of up to [`SHORT`] bytes: nearly all. To look one up touches one place of
    /// memory, where the word itself lies.
    short: HashTable<ShortWord>,
    /// Numbers of the others.
    long: HashTable<u32>,
    words: Words,
    seeds: [u64; 2],
}

/// The words of a vocabulary, by their numbers.
#[derive(Default)]
pub struct Words {
    /// All words, one after the other.
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
}

/// Bytes of a short word: five syllables.
const SHORT: usize = 15;

/// A short word and its number.
struct ShortWord {
    key: [u8; SHORT + 1],
    number: u32,
}

impl Default for Vocabulary {
    fn default() -> Self {
        // Seeds that no one knows, lest someone write words that all meet in one place of the table.
        let random = RandomState::new();
        Vocabulary {
            short: HashTable::new(),
            long: HashTable::new(),
            words: Words::default(),
            seeds: [random.hash_one(0), random.hash_one(1)],
        }
    }
}

impl Vocabulary {
    /// The words, when no more are to be numbered.
    pub fn into_words(self) -> Words {
        self.words
    }

    /// How many words there are.
    pub fn count(&self) -> usize {
        self.words.count()
    }

    /// Bytes of memory that it takes.
    pub fn memory(&self) -> usize {
        self.words.text.capacity()
            + (self.words.ends.capacity() + self.long.capacity()) * size_of::<u32>()
            + self.short.capacity() * size_of::<ShortWord>()
    }

    /// The number of `word`, which is new when it was not met yet.
    pub(super) fn number(&mut self, word: &str) -> u32 {
        let [number] = self.numbers(word, [(0, word.len())]);
        number
    }

    /// The numbers of the words that stand in `text` at bytes `[start, end)`.
    ///
    /// Most of looking a word up is waiting for memory. Here all are looked for before anything is done
    /// about those that are new, so that they wait together.
    pub(super) fn numbers<const N: usize>(
        &mut self,
        text: &str,
        words: [(usize, usize); N],
    ) -> [u32; N] {
        let seeds = self.seeds;
        let keys = words.map(|(start, end)| key(text.as_bytes(), start, end));
        let hashes = keys.map(|key| hash(key.unwrap_or(0), seeds));
        let mut numbers = [None; N];
        for ((number, key), hash) in numbers.iter_mut().zip(keys).zip(hashes) {
            let is_same = |short: &ShortWord| Some(u128::from_le_bytes(short.key)) == key;
            *number = self.short.find(hash, is_same).map(|short| short.number);
        }
        let mut place = 0;
        numbers.map(|number| {
            let (start, end) = words[place];
            let (key, hash) = (keys[place], hashes[place]);
            place += 1;
            number.unwrap_or_else(|| match key {
                Some(key) => self.number_of_short(key, hash, &text[start..end]),
                None => self.number_of_long(&text[start..end]),
            })
        })
    }

    fn number_of_short(&mut self, key: u128, hash_of_key: u64, word: &str) -> u32 {
        let (words, seeds) = (&mut self.words, self.seeds);
        let hash_of = |short: &ShortWord| hash(u128::from_le_bytes(short.key), seeds);
        let is_same = |short: &ShortWord| u128::from_le_bytes(short.key) == key;
        let entry = self.short.entry(hash_of_key, is_same, hash_of);
        let short = entry.or_insert_with(|| ShortWord {
            key: key.to_le_bytes(),
            number: words.add(word),
        });
        short.get().number
    }

    fn number_of_long(&mut self, word: &str) -> u32 {
        let (words, seeds) = (&mut self.words, self.seeds);
        let hash_of = |number: &u32| hash_long(words.word(*number), seeds);
        let is_same = |number: &u32| words.word(*number) == word;
        let hash = hash_long(word, seeds);
        match self.long.find(hash, is_same) {
            Some(number) => *number,
            None => {
                let number = words.next();
                self.long.insert_unique(hash, number, hash_of);
                words.add(word)
            }
        }
    }
}

impl Words {
    /// How many words there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// The number of the word that is added next.
    fn next(&self) -> u32 {
        self.ends.len() as u32
    }

    /// Adds a word, which gets the next number.
    fn add(&mut self, word: &str) -> u32 {
        let number = self.next();
        self.text.push_str(word);
        self.ends.push(self.text.len() as u32);
        number
    }

    /// The word of a number.
    pub(super) fn word(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[number] as usize]
    }

    /// All words, for bringing them into their order.
    pub(super) fn ranked(&self) -> Vec<Ranked> {
        let words = (0..self.ends.len() as u32).map(|number| {
            let mut beginning = [0; RANKED];
            let word = self.word(number).as_bytes();
            let length = word.len().min(RANKED);
            beginning[..length].copy_from_slice(&word[..length]);
            Ranked { beginning, number }
        });
        words.collect()
    }

    /// Brings words into the order of their bytes.
    pub(super) fn sort(&self, words: &mut [Ranked]) {
        words.sort_unstable_by(|a, b| {
            let by_rank = a.rank().cmp(&b.rank());
            by_rank.then_with(|| self.word(a.number).cmp(self.word(b.number)))
        });
    }
}

/// Bytes that decide about the order of nearly all words.
const RANKED: usize = 16;

/// A word on its way into the order of words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranked {
    /// Its first bytes, and zeros when it has fewer.
    beginning: [u8; RANKED],
    /// Its number.
    pub(super) number: u32,
}

impl Ranked {
    /// A number that is lower for a word that comes first, and equal for some that begin alike.
    pub(super) fn rank(&self) -> u128 {
        u128::from_be_bytes(self.beginning)
    }

    /// The word itself. A short one is here: the vocabulary has its words in another order, and each
    /// would be waited for.
    pub(super) fn word<'w>(&'w self, words: &'w Words) -> &'w str {
        let length = self.beginning.iter().position(|&byte| byte == 0);
        length
            .and_then(|length| str::from_utf8(&self.beginning[..length]).ok())
            .unwrap_or_else(|| words.word(self.number))
    }
}

/// The bytes of a short word, and in the last one its length; `None` for a long one.
fn key(text: &[u8], start: usize, end: usize) -> Option<u128> {
    let length = end - start;
    if length > SHORT {
        return None;
    }
    let key = match text.get(start..).and_then(|text| text.first_chunk()) {
        // Nearly always: the word with what stands after it, which is cut off.
        Some(chunk) => u128::from_le_bytes(*chunk) & ((1 << (8 * length)) - 1),
        None => {
            let mut bytes = [0; SHORT + 1];
            bytes[..length].copy_from_slice(&text[start..end]);
            u128::from_le_bytes(bytes)
        }
    };
    Some(key | (length as u128) << (8 * SHORT))
}

/// Both halves of the product of both halves: each bit hangs on all bits.
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
        fn a_word_has_one_number_and_its_place_in_the_order(
            words in prop::collection::vec("[가나a\u{1}]{0,8}", 0..60),
            after in "[a가]{0,20}",
        ) {
            let mut vocabulary = Vocabulary::default();
            let text = format!("{}{after}", words.concat());
            let mut at = 0;
            let mut numbers = Vec::new();
            for two in words.chunks(2) {
                let mut placed = [(0, 0); 2];
                for (place, word) in placed.iter_mut().zip(two) {
                    *place = (at, at + word.len());
                    at += word.len();
                }
                numbers.extend(vocabulary.numbers(&text, placed).into_iter().take(two.len()));
            }
            for (word, number) in words.iter().zip(&numbers) {
                prop_assert_eq!(vocabulary.number(word), *number);
                prop_assert_eq!(vocabulary.words.word(*number), word);
            }
            let mut expected: Vec<&str> = words.iter().map(String::as_str).collect();
            if words.len() % 2 == 1 {
                expected.push("");
            }
            expected.sort_unstable();
            expected.dedup();
            let known = vocabulary.into_words();
            let mut sorted = known.ranked();
            known.sort(&mut sorted);
            prop_assert!(sorted.iter().all(|w| w.word(&known) == known.word(w.number)));
            let sorted: Vec<&str> = sorted.iter().map(|w| w.word(&known)).collect();
            prop_assert_eq!(sorted, expected);
        }
    }
}
