//! Runs met before → their terms, in bounded memory.
//!
//! Three of four runs of a newspaper's text have been met before, and a miss costs a hundred times
//! a hit, so this cache decides the speed of indexing. It keeps two generations: what is met goes
//! into the young one; when that is full it becomes the old one, and the old one is forgotten.
//! What the old one still answers is copied back, so words in use stay.
//!
//! An entry is bytes in an arena: nothing is allocated per entry and reading one touches one place
//! in memory.
//!
//! ```text
//! [key length u16][terms length u16][key][terms]
//! term: kind u8 with AS_WRITTEN, start u8, end u8           a piece of the key, as most are
//!       kind u8, start u16, end u16, length u16, text       any other
//! ```

use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use super::Kind;

/// Arena bytes of one generation: some 150,000 words of Korean newspapers.
const GENERATION_BYTES: usize = 16 << 20;

const HEADER: usize = 4;
const TERM_HEADER: usize = 7;

/// Beside the kind: the term is a piece of the run as written, and only its place is kept.
const AS_WRITTEN: u8 = 0x80;

/// Terms of runs, by the run as it is written.
#[derive(Default)]
pub struct Cache {
    young: Generation,
    old: Generation,
    /// How often the young generation became the old one.
    turn: u64,
}

#[derive(Default)]
struct Generation {
    table: HashTable<u32>,
    arena: Vec<u8>,
}

/// The terms of one run, as the cache holds them.
#[derive(Debug, Clone, Copy)]
pub struct CachedTerms<'c> {
    run: &'c str,
    bytes: &'c [u8],
}

/// Where the terms of a run are, for as long as the cache does not turn over.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    at: usize,
    turn: u64,
}

/// One term: its folded text, its kind and its place in the run as written, in bytes.
pub type CachedTerm<'c> = (&'c str, Kind, usize, usize);

impl Cache {
    /// Where the terms of `run` are, if it was met just now. For looking up several runs at once.
    pub fn find(&self, run: &str) -> Option<Place> {
        let at = self.young.find(hash(run.as_bytes()), run.as_bytes())?;
        let turn = self.turn;
        Some(Place { at, turn })
    }

    /// The terms of `run` at the place that [`Cache::find`] gave for it, unless they have moved.
    pub fn at<'c>(&'c self, run: &'c str, place: Place) -> Option<CachedTerms<'c>> {
        (place.turn == self.turn).then(|| self.young.terms(run, place.at))
    }

    /// The terms of `run`, if it was met not long ago.
    pub fn get<'c>(&'c mut self, run: &'c str) -> Option<CachedTerms<'c>> {
        let hash = hash(run.as_bytes());
        if let Some(at) = self.young.find(hash, run.as_bytes()) {
            return Some(self.young.terms(run, at));
        }
        let at = self.old.find(hash, run.as_bytes())?;
        let entry = self.old.entry(at).to_vec();
        let at = self.keep(hash, &entry);
        Some(self.young.terms(run, at))
    }

    /// Keeps the terms of `run` and hands them back. A run or a term too long for the format is
    /// the caller's to avoid: see `segment`'s limit.
    pub fn insert<'c, 't>(
        &'c mut self,
        run: &'c str,
        terms: impl Iterator<Item = (&'t str, Kind, usize, usize)>,
    ) -> CachedTerms<'c> {
        let mut entry = vec![0; HEADER];
        entry.extend_from_slice(run.as_bytes());
        let key_end = entry.len();
        for (text, kind, start, end) in terms {
            if let (Ok(from), Ok(to)) = (u8::try_from(start), u8::try_from(end))
                && run.get(start..end) == Some(text)
            {
                entry.extend_from_slice(&[kind as u8 | AS_WRITTEN, from, to]);
                continue;
            }
            entry.push(kind as u8);
            for n in [start, end, text.len()] {
                entry.extend_from_slice(&(n as u16).to_le_bytes());
            }
            entry.extend_from_slice(text.as_bytes());
        }
        let terms = (entry.len() - key_end) as u16;
        entry[..2].copy_from_slice(&(run.len() as u16).to_le_bytes());
        entry[2..4].copy_from_slice(&terms.to_le_bytes());
        let at = self.keep(hash(run.as_bytes()), &entry);
        self.young.terms(run, at)
    }

    fn keep(&mut self, hash: u64, entry: &[u8]) -> usize {
        if self.young.arena.len() + entry.len() > GENERATION_BYTES {
            self.turn += 1;
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.table.clear();
            self.young.arena.clear();
        }
        self.young.insert(hash, entry)
    }
}

impl Generation {
    fn find(&self, hash: u64, key: &[u8]) -> Option<usize> {
        let is_key = |&at: &u32| key_at(&self.arena, at as usize) == key;
        self.table.find(hash, is_key).map(|&at| at as usize)
    }

    fn insert(&mut self, hash_of_key: u64, entry: &[u8]) -> usize {
        let at = self.arena.len();
        self.arena.extend_from_slice(entry);
        let arena = &self.arena;
        let rehash = |&at: &u32| hash(key_at(arena, at as usize));
        self.table.insert_unique(hash_of_key, at as u32, rehash);
        at
    }

    fn entry(&self, at: usize) -> &[u8] {
        let length = HEADER + u16_at(&self.arena, at) + u16_at(&self.arena, at + 2);
        &self.arena[at..at + length]
    }

    fn terms<'c>(&'c self, run: &'c str, at: usize) -> CachedTerms<'c> {
        let entry = self.entry(at);
        CachedTerms {
            run,
            bytes: &entry[HEADER + u16_at(entry, 0)..],
        }
    }
}

impl<'c> Iterator for CachedTerms<'c> {
    type Item = CachedTerm<'c>;

    fn next(&mut self) -> Option<CachedTerm<'c>> {
        let kind = match self.bytes.first()? & !AS_WRITTEN {
            0 => Kind::Whole,
            1 => Kind::Stem,
            _ => Kind::Part,
        };
        if let [tag, start, end, rest @ ..] = self.bytes
            && tag & AS_WRITTEN != 0
        {
            self.bytes = rest;
            let (start, end) = (usize::from(*start), usize::from(*end));
            let text = self.run.get(start..end).unwrap_or_default();
            return Some((text, kind, start, end));
        }
        let (head, rest) = self.bytes.split_at_checked(TERM_HEADER)?;
        let (text, rest) = rest.split_at_checked(u16_at(head, 5))?;
        self.bytes = rest;
        // Only whole strings are ever put in.
        let text = std::str::from_utf8(text).unwrap_or_default();
        Some((text, kind, u16_at(head, 1), u16_at(head, 3)))
    }
}

fn key_at(arena: &[u8], at: usize) -> &[u8] {
    &arena[at + HEADER..at + HEADER + u16_at(arena, at)]
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

fn hash(key: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(key);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(run: &str) -> Vec<(String, Kind, usize, usize)> {
        vec![
            (run.to_owned(), Kind::Whole, 0, run.len()),
            (run.chars().take(1).collect(), Kind::Part, 0, 3),
        ]
    }

    fn insert(cache: &mut Cache, run: &str) {
        cache.insert(
            run,
            terms(run).iter().map(|(t, k, s, e)| (&t[..], *k, *s, *e)),
        );
    }

    #[test]
    fn gives_back_what_was_put_in() {
        let mut cache = Cache::default();
        assert!(cache.get("하만주").is_none());
        insert(&mut cache, "하만주");
        insert(&mut cache, "만주");
        for run in ["하만주", "만주"] {
            let got: Vec<_> = cache
                .get(run)
                .unwrap()
                .map(|(t, k, s, e)| (t.to_owned(), k, s, e))
                .collect();
            assert_eq!(got, terms(run));
        }
    }

    #[test]
    fn memory_is_bounded_and_words_in_use_stay() {
        let mut cache = Cache::default();
        insert(&mut cache, "늘");
        for i in 0..2_000_000 {
            insert(&mut cache, &format!("낱말{i}"));
            if i % 1000 == 0 {
                assert!(cache.get("늘").is_some(), "{i}");
            }
        }
        assert!(cache.young.arena.capacity() <= 2 * GENERATION_BYTES);
        assert!(cache.old.arena.capacity() <= 2 * GENERATION_BYTES);
        assert!(cache.get("낱말0").is_none());
    }
}
