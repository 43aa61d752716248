//! The runs of many texts → their terms, each analysed once.
//!
//! After `texts`, which has numbered the runs. Runs are analysed in alphabetical order, in which they
//! have most in common with the one before (see [`Lattice`](super::super::lattice::Lattice)). Each
//! thread does a stretch of the alphabet with a vocabulary of its own; at the end these are merged.

use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use super::super::{Analyzer, Kind, Language};
use super::vocabulary::{Ranked, Vocabulary, Words};

/// Runs of which one is taken to find out where to divide the alphabet.
const SAMPLED: usize = 64;

/// About how many terms a run has.
const TERMS_OF_RUN: usize = 3;

/// How a term is written down: appends a text and what tells its kind. When it says `false`, the term
/// is left out.
pub trait Write: Fn(Kind, &str, &mut String) -> bool + Sync {}

impl<F: Fn(Kind, &str, &mut String) -> bool + Sync> Write for F {}

/// All terms of many texts, numbered in the order of the bytes in which they are written, and those of
/// each run.
pub struct Terms {
    /// The terms, one after the other, and where each ends.
    texts: String,
    ends: Vec<usize>,
    /// The terms of all runs, one run after the other.
    of_runs: Vec<u32>,
    /// By the number of the run: where its terms are there.
    ranges: Vec<Range<u32>>,
}

/// What a thread makes of its runs.
struct Stretch {
    words: Words,
    /// The terms in their order.
    order: Vec<Ranked>,
    /// The terms of the runs, one run after the other, by their numbers in the vocabulary.
    of_runs: Vec<u32>,
    /// The numbers of the runs, and where the terms of each end.
    ends: Vec<(u32, u32)>,
}

impl Terms {
    /// The terms of `runs`, by so many threads, written by `write`.
    ///
    /// # Errors
    /// What a thread panicked with.
    pub fn of(
        runs: &Words,
        language: &Language,
        threads: usize,
        write: &impl Write,
    ) -> thread::Result<Terms> {
        let work = |words| Stretch::of(words, runs, language, write);
        let mut words = divide(runs.ranked(), threads);
        // The last is done here: another thread would keep memory of its own.
        let last = words.pop().unwrap_or_default();
        let stretches = thread::scope(|scope| {
            let spawn = |words| scope.spawn(move || work(words));
            let working: Vec<_> = words.into_iter().map(spawn).collect();
            let last = panic::catch_unwind(AssertUnwindSafe(|| work(last)));
            let joined = working.into_iter().map(|thread| thread.join());
            joined.chain([last]).collect::<Vec<_>>()
        });
        let stretches: thread::Result<Vec<_>> = stretches.into_iter().collect();
        Ok(merge(&stretches?, runs.count()))
    }

    /// How many terms there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// The terms of a run, by their numbers.
    pub fn of_run(&self, run: usize) -> &[u32] {
        let Range { start, end } = self.ranges[run];
        &self.of_runs[start as usize..end as usize]
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.ranges.len()
    }

    /// The terms, in their order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let text = &self.texts[start..end];
            start = end;
            text
        })
    }
}

/// Divides words into so many stretches of the alphabet, of about as many words each.
fn divide(words: Vec<Ranked>, count: usize) -> Vec<Vec<Ranked>> {
    let mut sample: Vec<u128> = words.iter().step_by(SAMPLED).map(Ranked::rank).collect();
    sample.sort_unstable();
    let borders: Vec<u128> = (1..count)
        .filter_map(|number| sample.get(sample.len() * number / count).copied())
        .collect();
    let mut stretches: Vec<Vec<Ranked>> = (0..=borders.len()).map(|_| Vec::new()).collect();
    for word in words {
        let stretch = borders.partition_point(|&border| border <= word.rank());
        stretches[stretch].push(word);
    }
    stretches
}

impl Stretch {
    fn of(
        mut words: Vec<Ranked>,
        runs: &Words,
        language: &Language,
        write: &impl Write,
    ) -> Stretch {
        runs.sort(&mut words);
        let mut analyzer = Analyzer::new(language.clone());
        let mut vocabulary = Vocabulary::default();
        let mut of_runs = Vec::with_capacity(words.len() * TERMS_OF_RUN);
        let mut written = String::new();
        let ends = words.iter().map(|run| {
            analyzer.terms_of_run(run.word(runs), &mut |text, kind| {
                written.clear();
                if write(kind, text, &mut written) {
                    of_runs.push(vocabulary.number(&written));
                }
            });
            (run.number, of_runs.len() as u32)
        });
        let ends = ends.collect();
        let terms = vocabulary.into_words();
        let mut order = terms.ranked();
        terms.sort(&mut order);
        Stretch {
            words: terms,
            order,
            of_runs,
            ends,
        }
    }
}

/// The terms of a stretch that have no number among all terms yet.
struct Rest<'s> {
    words: &'s Words,
    order: &'s [Ranked],
    /// The numbers of the others, by those in the vocabulary.
    numbers: Vec<u32>,
}

impl<'s> Rest<'s> {
    /// The first term, and before it what mostly decides which of two comes first.
    fn first(&self) -> Option<(u128, &'s str)> {
        let first = self.order.first()?;
        Some((first.rank(), first.word(self.words)))
    }
}

/// The term that comes first in all of `rest`, and in which that is.
fn first<'s>(rest: &[Rest<'s>]) -> Option<((u128, &'s str), usize)> {
    let firsts = rest.iter().enumerate();
    firsts
        .filter_map(|(at, rest)| Some((rest.first()?, at)))
        .min()
}

/// Numbers the terms of all stretches in their order.
fn merge(stretches: &[Stretch], runs: usize) -> Terms {
    let count = stretches.iter().map(|stretch| stretch.of_runs.len()).sum();
    let mut terms = Terms {
        texts: String::new(),
        ends: Vec::new(),
        of_runs: Vec::with_capacity(count),
        ranges: vec![0..0; runs],
    };
    let rest = stretches.iter().map(|stretch| Rest {
        words: &stretch.words,
        order: &stretch.order,
        numbers: vec![0; stretch.words.count()],
    });
    let mut rest: Vec<Rest<'_>> = rest.collect();
    let mut last = 0;
    while let Some(((_, text), at)) = first(&rest) {
        if terms.ends.is_empty() || terms.texts[last..] != *text {
            last = terms.texts.len();
            terms.texts.push_str(text);
            terms.ends.push(terms.texts.len());
        }
        let rest = &mut rest[at];
        if let Some((first, after)) = rest.order.split_first() {
            rest.numbers[first.number as usize] = terms.ends.len() as u32 - 1;
            rest.order = after;
        }
    }
    for (stretch, Rest { numbers, .. }) in stretches.iter().zip(rest) {
        let before = terms.of_runs.len();
        let of_runs = stretch.of_runs.iter();
        terms
            .of_runs
            .extend(of_runs.map(|&term| numbers[term as usize]));
        let mut start = before as u32;
        for &(run, end) in &stretch.ends {
            let end = before as u32 + end;
            terms.ranges[run as usize] = start..end;
            start = end;
        }
    }
    terms
}
