//! Taking clippings in: from paths to a committed index.
//!
//! ```text
//! reader thread ──▶ workers (one per core) ──▶ this thread ──▶ threads of the engine
//! walk, open,       extract or parse,          identity,       analyze, build segments
//! cut into items    hash, fingerprint          groups
//! ```
//!
//! Everything in flight carries a share of a fixed budget of bytes and gives it back when the
//! engine is done with it, so memory does not grow with the input. Items come out of the workers
//! in any order and are put back into the order of the input before their identity is settled, so
//! the same input always gives the same index.
//!
//! This stands above `source`, `extract` and `index`; `add` and `search --add` call it.

mod budget;
mod pages;
mod reading;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::index::{IndexError, LedgerEntry, Outcome, Prepared, Skip, Stamp, Writer};
use crate::source::{Content, Fill, Item, Limits};

use budget::{Budget, Share};
pub use pages::Extraction;
use reading::Reader;

/// Bytes of pages and records in flight. Small enough that an interrupted `add` ends within a
/// second, large enough that no thread waits.
const IN_FLIGHT: usize = 24 << 20;

/// Skips that are kept for the end; further ones are counted.
const SKIPS_KEPT: usize = 10_000;

/// What to take in, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files, folders, or `-`.
    pub paths: Vec<PathBuf>,
    /// What fills the fields that a page leaves empty.
    pub fill: Fill,
    /// What bounds a source.
    pub limits: Limits,
    /// How pages are extracted.
    pub extraction: Extraction,
    /// Read sources again that did not change.
    pub reread: bool,
    /// Workers; `None` for as many as there are cores.
    pub threads: Option<usize>,
}

/// What an `add` did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// New clippings.
    pub added: u64,
    /// Clippings replaced by a changed state, or found at a further place.
    pub updated: u64,
    /// Clippings that are as they were.
    pub unchanged: u64,
    /// How much was skipped.
    pub skipped: u64,
    /// What was skipped and why: the first ten thousand.
    pub skips: Vec<Skip>,
    /// Hidden files, pictures and the like in folders.
    pub passed_over: u64,
    /// It was stopped before its end; what is counted here is kept.
    pub interrupted: bool,
}

/// How far an `add` is, for whoever shows it. All counters only grow.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of files done with.
    pub bytes: AtomicU64,
    /// Clippings seen.
    pub clippings: AtomicU64,
    /// The source that is being read.
    current: Mutex<String>,
}

impl Progress {
    /// The source that is being read.
    pub fn current(&self) -> String {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set_current(&self, source: &str) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.clear();
        current.push_str(source);
    }
}

/// A step of the way, in the order of the input.
enum Step {
    /// A clipping, ready for the index.
    Clipping(Box<Prepared>),
    /// Something that is no clipping.
    Skip(Skip),
    /// A file's end: its key, its state when it was opened, its size.
    End(Option<(Box<[u8]>, Stamp)>),
    /// A file that did not change since it was taken in.
    Known(LedgerEntry),
    /// Files that were not opened.
    PassedOver,
}

/// A step on its way, with its place in the order and its share of the budget.
struct Numbered<T> {
    number: u64,
    share: Share,
    value: T,
}

/// An item on its way to a worker, with the file it comes from.
type Task = Numbered<(Item, Arc<Path>)>;

/// Takes in what `options` names, until `stop` is set. Ends with everything committed that is
/// counted in the summary.
///
/// `skipped` is called for each skip as it is met.
///
/// # Errors
/// When the index cannot be read or written. What was committed before is kept.
pub fn ingest(
    writer: &mut Writer,
    options: &Options,
    stop: &AtomicBool,
    progress: &Progress,
    skipped: &mut dyn FnMut(&Skip),
) -> Result<Summary, IndexError> {
    let workers = options
        .threads
        .or_else(|| thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1)
        .max(1);
    let reading = options.extraction.fingerprint(&options.fill);
    let budget = Budget::new(IN_FLIGHT);
    let view = writer.ledger().read()?;
    let (task_sender, tasks) = bounded::<Task>(256);
    let (step_sender, steps) = bounded::<Numbered<Step>>(256);

    thread::scope(|scope| {
        for _ in 0..workers {
            let (tasks, steps) = (tasks.clone(), step_sender.clone());
            scope.spawn(move || work(&tasks, &steps, options));
        }
        drop(tasks);
        let reader = Reader {
            options,
            stop,
            progress,
            budget,
            ledger: view,
            reading,
            tasks: task_sender,
            steps: step_sender,
            number: 0,
        };
        scope.spawn(move || reader.run());

        let mut settling = Settling {
            writer,
            progress,
            reading,
            skipped,
            summary: Summary::default(),
            file: FileOutcome::default(),
            finished: Vec::new(),
        };
        let result = settling.run(&steps, stop);
        // The threads end when no one listens any more.
        drop(steps);
        result
    })
}

/// A worker: items in, steps out, until either end is closed.
fn work(tasks: &Receiver<Task>, steps: &Sender<Numbered<Step>>, options: &Options) {
    let mut extractor = options.extraction.extractor();
    for task in tasks {
        let Numbered {
            number,
            share,
            value: (item, file),
        } = task;
        let Item {
            source,
            place,
            whole_source,
            content,
            ..
        } = item;
        // A bug that shows on one page must not cost the others.
        let clipping = catch_unwind(AssertUnwindSafe(|| match content {
            Content::Page(page) => extractor.extract(&page, &source),
            Content::Record(parse) => parse(),
        }))
        .unwrap_or_else(|_| {
            extractor = options.extraction.extractor();
            Err("an error inside the program; please report it with this file".to_owned())
        });
        let value = match clipping {
            Ok(mut clipping) => {
                clipping.source = source;
                options.fill.apply(&file, &mut clipping);
                Step::Clipping(Box::new(Prepared::new(clipping, whole_source)))
            }
            Err(reason) => Step::Skip(Skip {
                source: place,
                reason,
            }),
        };
        let step = Numbered {
            number,
            share,
            value,
        };
        if steps.send(step).is_err() {
            return;
        }
    }
}

/// What came of the file that is being read.
#[derive(Default)]
struct FileOutcome {
    kept: u64,
    skips: Vec<Skip>,
}

/// Settles the steps in their order.
struct Settling<'a> {
    writer: &'a mut Writer,
    progress: &'a Progress,
    reading: u64,
    skipped: &'a mut dyn FnMut(&Skip),
    summary: Summary,
    file: FileOutcome,
    /// Files whose clippings wait for a commit.
    finished: Vec<(Box<[u8]>, LedgerEntry)>,
}

impl Settling<'_> {
    fn run(
        &mut self,
        steps: &Receiver<Numbered<Step>>,
        stop: &AtomicBool,
    ) -> Result<Summary, IndexError> {
        let mut next = 0;
        let mut waiting: BTreeMap<u64, (Step, Share)> = BTreeMap::new();
        'all: for step in steps {
            waiting.insert(step.number, (step.value, step.share));
            while let Some((step, share)) = waiting.remove(&next) {
                next += 1;
                if stop.load(Ordering::Relaxed) {
                    self.summary.interrupted = true;
                    break 'all;
                }
                self.settle(step, share)?;
                if self.writer.is_commit_due() {
                    self.commit()?;
                }
            }
        }
        self.summary.interrupted |= stop.load(Ordering::Relaxed);
        self.commit()?;
        Ok(std::mem::take(&mut self.summary))
    }

    fn settle(&mut self, step: Step, share: Share) -> Result<(), IndexError> {
        match step {
            Step::Clipping(prepared) => {
                self.progress.clippings.fetch_add(1, Ordering::Relaxed);
                let outcome = self.writer.put(prepared.with_permit(Box::new(share)))?;
                self.file.kept += 1;
                *match outcome {
                    Outcome::Added => &mut self.summary.added,
                    Outcome::Updated => &mut self.summary.updated,
                    Outcome::Unchanged => &mut self.summary.unchanged,
                } += 1;
            }
            Step::Skip(skip) => {
                self.count_skip(&skip);
                self.file.skips.push(skip);
            }
            Step::End(ledger) => {
                let FileOutcome { kept, skips } = std::mem::take(&mut self.file);
                if let Some((key, stamp)) = ledger {
                    let entry = LedgerEntry::new(stamp, self.reading, kept, skips);
                    self.finished.push((key, entry));
                }
            }
            Step::Known(entry) => {
                self.summary.unchanged += entry.kept;
                for skip in &entry.skips {
                    self.count_skip(skip);
                }
                self.summary.skipped += entry.skipped.saturating_sub(entry.skips.len() as u64);
            }
            Step::PassedOver => self.summary.passed_over += 1,
        }
        Ok(())
    }

    fn count_skip(&mut self, skip: &Skip) {
        (self.skipped)(skip);
        self.summary.skipped += 1;
        if self.summary.skips.len() < SKIPS_KEPT {
            self.summary.skips.push(skip.clone());
        }
    }

    /// Commits the clippings, then notes their files: never the other way round.
    fn commit(&mut self) -> Result<(), IndexError> {
        self.writer.commit()?;
        let finished = std::mem::take(&mut self.finished);
        if !finished.is_empty() {
            self.writer
                .ledger()
                .record(finished.iter().map(|(key, entry)| (&**key, entry)))?;
        }
        Ok(())
    }
}
