//! The terms of distinct runs.
//!
//! Runs are analyzed in alphabetical order, because the lattice reuses the prefix shared with the
//! previous run (see [`Lattice`](super::super::lattice::Lattice)). Each thread analyzes a range of
//! the alphabet and interns its terms; the shards are merged at the end.

use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use super::super::{Analyzer, Language, TermKind};
use super::interner::{InternedWords, Interner, SortKey};

/// One run in this many is sampled to choose the borders of the shards.
const SAMPLE_RATE: usize = 64;

/// Approximate mean, to reserve memory.
const TERMS_PER_RUN: usize = 3;

/// Appends a term in the encoding of the index. Returns `false` to leave the term out.
pub trait EncodeTerm: Fn(TermKind, &str, &mut String) -> bool + Sync {}

impl<F: Fn(TermKind, &str, &mut String) -> bool + Sync> EncodeTerm for F {}

/// All distinct terms, with ids in byte order of their encoding, and the term ids of each run.
pub struct TermTable {
    /// Encoded terms, concatenated.
    texts: String,
    /// End offset of each in `texts`.
    ends: Vec<usize>,
    /// Term ids of all runs, concatenated.
    of_runs: Vec<u32>,
    /// By run id: range in `of_runs`.
    ranges: Vec<Range<u32>>,
}

/// The result of one thread.
struct Shard {
    terms: InternedWords,
    sorted: Vec<SortKey>,
    /// Term ids of all runs of the shard, as in `terms`.
    of_runs: Vec<u32>,
    /// Run ids, each with its end in `of_runs`.
    ends: Vec<(u32, u32)>,
}

impl TermTable {
    /// Analyzes those of `runs` that `wanted` accepts on this many threads; the others have no terms.
    ///
    /// # Errors
    /// The payload of a thread's panic.
    pub fn build(
        runs: &InternedWords,
        language: &Language,
        threads: usize,
        wanted: &dyn Fn(&str) -> bool,
        encode: &impl EncodeTerm,
    ) -> thread::Result<TermTable> {
        let work = |words| Shard::build(words, runs, language, encode);
        let mut words = runs.sort_keys();
        words.retain(|run| wanted(run.word(runs)));
        let mut words = split(words, threads);
        // Build the last shard on this thread: another thread would have its own allocator arena.
        let last = words.pop().unwrap_or_default();
        let shards = thread::scope(|scope| {
            let spawn = |words| scope.spawn(move || work(words));
            let working: Vec<_> = words.into_iter().map(spawn).collect();
            let last = panic::catch_unwind(AssertUnwindSafe(|| work(last)));
            let joined = working.into_iter().map(|thread| thread.join());
            joined.chain([last]).collect::<Vec<_>>()
        });
        let shards: thread::Result<Vec<_>> = shards.into_iter().collect();
        Ok(merge(&shards?, runs.count()))
    }

    /// Number of terms.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Term ids of a run.
    pub fn of_run(&self, run: usize) -> &[u32] {
        let Range { start, end } = self.ranges[run];
        &self.of_runs[start as usize..end as usize]
    }

    /// Number of runs.
    pub fn runs(&self) -> usize {
        self.ranges.len()
    }

    /// Encoded terms, by id.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let text = &self.texts[start..end];
            start = end;
            text
        })
    }
}

/// Splits words into `count` alphabetical ranges of about equal size.
fn split(words: Vec<SortKey>, count: usize) -> Vec<Vec<SortKey>> {
    let mut sample: Vec<u128> = words
        .iter()
        .step_by(SAMPLE_RATE)
        .map(SortKey::prefix)
        .collect();
    sample.sort_unstable();
    let borders: Vec<u128> = (1..count)
        .filter_map(|number| sample.get(sample.len() * number / count).copied())
        .collect();
    let mut shards: Vec<Vec<SortKey>> = (0..=borders.len()).map(|_| Vec::new()).collect();
    for word in words {
        let shard = borders.partition_point(|&border| border <= word.prefix());
        shards[shard].push(word);
    }
    shards
}

impl Shard {
    fn build(
        mut words: Vec<SortKey>,
        runs: &InternedWords,
        language: &Language,
        encode: &impl EncodeTerm,
    ) -> Shard {
        runs.sort(&mut words);
        let mut analyzer = Analyzer::new(language.clone());
        let mut interner = Interner::default();
        let mut of_runs = Vec::with_capacity(words.len() * TERMS_PER_RUN);
        let mut encoded = String::new();
        let ends = words.iter().map(|run| {
            analyzer.terms_of_run(run.word(runs), &mut |text, kind| {
                encoded.clear();
                if encode(kind, text, &mut encoded) {
                    of_runs.push(interner.intern(&encoded));
                }
            });
            (run.id, of_runs.len() as u32)
        });
        let ends = ends.collect();
        let terms = interner.into_words();
        let mut sorted = terms.sort_keys();
        terms.sort(&mut sorted);
        Shard {
            terms,
            sorted,
            of_runs,
            ends,
        }
    }
}

/// The terms of a shard that remain to be merged.
struct ShardCursor<'s> {
    terms: &'s InternedWords,
    remaining: &'s [SortKey],
    /// By id in the shard: id in the merged table.
    merged_ids: Vec<u32>,
}

impl<'s> ShardCursor<'s> {
    /// The next term with its prefix, which decides most comparisons.
    fn peek(&self) -> Option<(u128, &'s str)> {
        let first = self.remaining.first()?;
        Some((first.prefix(), first.word(self.terms)))
    }
}

/// The next term in byte order, and the index of its cursor.
fn smallest<'s>(cursors: &[ShardCursor<'s>]) -> Option<((u128, &'s str), usize)> {
    let terms = cursors.iter().enumerate();
    terms
        .filter_map(|(at, cursor)| Some((cursor.peek()?, at)))
        .min()
}

fn merge(shards: &[Shard], runs: usize) -> TermTable {
    let count = shards.iter().map(|shard| shard.of_runs.len()).sum();
    let mut table = TermTable {
        texts: String::new(),
        ends: Vec::new(),
        of_runs: Vec::with_capacity(count),
        ranges: vec![0..0; runs],
    };
    let cursors = shards.iter().map(|shard| ShardCursor {
        terms: &shard.terms,
        remaining: &shard.sorted,
        merged_ids: vec![0; shard.terms.count()],
    });
    let mut cursors: Vec<ShardCursor<'_>> = cursors.collect();
    let mut last = 0;
    while let Some(((_, text), at)) = smallest(&cursors) {
        if table.ends.is_empty() || table.texts[last..] != *text {
            last = table.texts.len();
            table.texts.push_str(text);
            table.ends.push(table.texts.len());
        }
        let cursor = &mut cursors[at];
        if let Some((first, after)) = cursor.remaining.split_first() {
            cursor.merged_ids[first.id as usize] = table.ends.len() as u32 - 1;
            cursor.remaining = after;
        }
    }
    for (shard, ShardCursor { merged_ids, .. }) in shards.iter().zip(cursors) {
        let before = table.of_runs.len();
        let of_runs = shard.of_runs.iter();
        table
            .of_runs
            .extend(of_runs.map(|&term| merged_ids[term as usize]));
        let mut start = before as u32;
        for &(run, end) in &shard.ends {
            let end = before as u32 + end;
            table.ranges[run as usize] = start..end;
            start = end;
        }
    }
    table
}
