//! The terms of distinct runs, each analysed once.
//!
//! Runs are analysed in alphabetical order, in which the lattice reuses most of the previous run (see
//! [`Lattice`](super::super::lattice::Lattice)). Each thread analyses a shard of the alphabet and
//! interns its terms; the shards are merged at the end.

use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use super::super::{Analyzer, Language, TermKind};
use super::interner::{InternedWords, Interner, SortKey};

/// One of this many runs is sampled to choose the borders of the shards.
const SAMPLE_RATE: usize = 64;

/// About the mean; used to reserve memory.
const TERMS_PER_RUN: usize = 3;

/// Appends a term as the index writes it: its text and a mark for its kind. Returns `false` if the term
/// is to be left out.
pub trait EncodeTerm: Fn(TermKind, &str, &mut String) -> bool + Sync {}

impl<F: Fn(TermKind, &str, &mut String) -> bool + Sync> EncodeTerm for F {}

/// All distinct terms, with ids in byte order of their encoding, and the terms of each run.
pub struct TermTable {
    /// The encoded terms, concatenated.
    texts: String,
    /// End of each in `texts`.
    ends: Vec<usize>,
    /// Term ids of all runs.
    of_runs: Vec<u32>,
    /// By run id: its range in `of_runs`.
    ranges: Vec<Range<u32>>,
}

/// The result of one thread.
struct Shard {
    terms: InternedWords,
    /// The terms, sorted.
    sorted: Vec<SortKey>,
    /// Terms of all runs of the shard, by their ids in `terms`.
    of_runs: Vec<u32>,
    /// Run ids, and the end of each run in `of_runs`.
    ends: Vec<(u32, u32)>,
}

impl TermTable {
    /// Analyses `runs` with this many threads.
    ///
    /// # Errors
    /// The payload of a thread's panic.
    pub fn build(
        runs: &InternedWords,
        language: &Language,
        threads: usize,
        encode: &impl EncodeTerm,
    ) -> thread::Result<TermTable> {
        let work = |words| Shard::build(words, runs, language, encode);
        let mut words = split(runs.sort_keys(), threads);
        // The last shard is built on this thread: another one would have an allocator arena of its own.
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

    /// How many terms there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// The ids of the terms of a run.
    pub fn of_run(&self, run: usize) -> &[u32] {
        let Range { start, end } = self.ranges[run];
        &self.of_runs[start as usize..end as usize]
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.ranges.len()
    }

    /// The encoded terms, by id.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let text = &self.texts[start..end];
            start = end;
            text
        })
    }
}

/// Splits words into this many ranges of the alphabet, of about equal size.
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

/// The terms of a shard that are not merged yet.
struct ShardCursor<'s> {
    terms: &'s InternedWords,
    remaining: &'s [SortKey],
    /// By id in the shard: the id in the merged table.
    merged_ids: Vec<u32>,
}

impl<'s> ShardCursor<'s> {
    /// The next term, after its prefix, which decides most comparisons.
    fn peek(&self) -> Option<(u128, &'s str)> {
        let first = self.remaining.first()?;
        Some((first.prefix(), first.word(self.terms)))
    }
}

/// The next term in byte order, and the cursor that has it.
fn smallest<'s>(cursors: &[ShardCursor<'s>]) -> Option<((u128, &'s str), usize)> {
    let terms = cursors.iter().enumerate();
    terms
        .filter_map(|(at, cursor)| Some((cursor.peek()?, at)))
        .min()
}

/// Merges the sorted terms of all shards.
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
