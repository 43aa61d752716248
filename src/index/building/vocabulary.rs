//! The different terms of a segment, by numbers.
//!
//! Under `inversion`.

use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

/// Terms, numbered in the order in which they were first met.
#[derive(Default)]
pub(super) struct Vocabulary {
    /// Numbers by the hash of the term.
    table: HashTable<u32>,
    /// All terms, one after the other.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<u32>,
}

impl Vocabulary {
    /// How many terms there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity() + (self.ends.capacity() + self.table.capacity()) * size_of::<u32>()
    }

    /// The number of `term`, which is new when it was not met yet.
    pub(super) fn number(&mut self, term: &[u8]) -> u32 {
        let (bytes, ends) = (&mut self.bytes, &mut self.ends);
        let hash_of = |number: &u32| hash(term_at(bytes, ends, *number));
        let is_same = |number: &u32| term_at(bytes, ends, *number) == term;
        let entry = self.table.entry(hash(term), is_same, hash_of);
        *entry
            .or_insert_with(|| {
                let number = ends.len() as u32;
                bytes.extend_from_slice(term);
                ends.push(bytes.len() as u32);
                number
            })
            .get()
    }

    /// The term of a number.
    pub(super) fn term(&self, number: u32) -> &[u8] {
        term_at(&self.bytes, &self.ends, number)
    }

    /// All numbers, in the order of their terms' bytes.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let mut order: Vec<(u128, u32)> = (0..self.ends.len() as u32)
            .map(|number| (rank(self.term(number)), number))
            .collect();
        order.sort_unstable_by(|(rank_a, a), (rank_b, b)| {
            rank_a
                .cmp(rank_b)
                .then_with(|| self.term(*a).cmp(self.term(*b)))
        });
        order.into_iter().map(|(_, number)| number).collect()
    }
}

fn term_at<'v>(bytes: &'v [u8], ends: &[u32], number: u32) -> &'v [u8] {
    let number = number as usize;
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    &bytes[start as usize..ends[number] as usize]
}

/// A number in the order of terms that decides about all but those that begin with the same 16 bytes:
/// five syllables.
fn rank(term: &[u8]) -> u128 {
    let mut first = [0; 16];
    let length = term.len().min(first.len());
    first[..length].copy_from_slice(&term[..length]);
    u128::from_be_bytes(first)
}

fn hash(term: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(term);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_term_has_one_number_and_its_place_in_the_order(
            terms in prop::collection::vec("[가나a\u{0}\u{1}]{0,8}", 0..60),
        ) {
            let mut vocabulary = Vocabulary::default();
            let numbers: Vec<u32> = terms.iter().map(|t| vocabulary.number(t.as_bytes())).collect();
            for (term, number) in terms.iter().zip(&numbers) {
                prop_assert_eq!(vocabulary.number(term.as_bytes()), *number);
                prop_assert_eq!(vocabulary.term(*number), term.as_bytes());
            }
            let mut expected: Vec<&[u8]> = terms.iter().map(String::as_bytes).collect();
            expected.sort_unstable();
            expected.dedup();
            let sorted = vocabulary.sorted();
            let sorted: Vec<&[u8]> = sorted.iter().map(|&n| vocabulary.term(n)).collect();
            prop_assert_eq!(sorted, expected);
        }
    }
}
