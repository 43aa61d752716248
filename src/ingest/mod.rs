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

mod pages;
mod pipeline;
mod reading;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::index::{
    IncomingDoc, IndexError, LedgerEntry, Outcome, SKIPS_KEPT as SKIPS_OF_A_FILE, Share, Skip,
    Writer,
};
use crate::source::{Fill, Flow, Limits, WebOptions};

pub use pages::{Extraction, Made, remake};
use pipeline::{Known, Step};

/// Skips that are kept for the end; further ones are counted.
const SKIPS_KEPT: usize = 10_000;

/// Files that may wait for a commit before they are noted. Files that give no clipping ask for no
/// commit of their own, and there may be millions of them.
const FILES_WAITING: usize = 20_000;

/// What to take in, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files, folders, addresses of the web, or `-`.
    pub paths: Vec<PathBuf>,
    /// What fills the fields that a page leaves empty.
    pub fill: Fill,
    /// What bounds a source.
    pub limits: Limits,
    /// How pages of the web are fetched.
    pub web: WebOptions,
    /// How pages are extracted.
    pub extraction: Extraction,
    /// Read sources again that did not change.
    pub reread: bool,
    /// Workers; `None` for as many as there are cores.
    pub threads: Option<usize>,
}

/// What an `add` did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
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

/// Takes in what `options` names, until `stop` is set. Ends with everything committed that is
/// counted in the summary.
///
/// `skipped` is called for each skip as it is met.
///
/// # Errors
/// When the index cannot be read or written. What was committed before is kept.
pub fn ingest(
    writer: &mut Writer,
    options: &Arc<Options>,
    stop: &Arc<AtomicBool>,
    progress: &Arc<Progress>,
    skipped: &mut dyn FnMut(&Skip),
) -> Result<Summary, IndexError> {
    let readings = options.extraction.readings(&options.fill);
    let reading = readings.first().copied().unwrap_or_default();
    let known = Known {
        ledger: writer.ledger().read()?,
        readings,
    };
    let mut settling = Settling {
        writer,
        progress,
        reading,
        skipped,
        summary: Summary::default(),
        file: FileOutcome::default(),
        finished: Vec::new(),
    };
    pipeline::run(
        options,
        Some(known),
        stop,
        progress,
        |made| {
            let prepared = IncomingDoc::new(made.clipping, made.whole_source);
            Box::new(prepared.with_page(made.page).replacing(made.replaces))
        },
        &mut |step, share| settling.settle(step, share),
    )?;
    settling.commit()?;
    settling.summary.interrupted = stop.load(Ordering::Relaxed);
    Ok(settling.summary)
}

/// Reads what `options` names and hands on what `add` would take in, in the order of the input,
/// without an index.
///
/// # Errors
/// Those of `each`; the first ends the reading.
pub fn read<E>(
    options: &Arc<Options>,
    stop: &Arc<AtomicBool>,
    progress: &Arc<Progress>,
    each: &mut dyn FnMut(Result<Made, Skip>) -> Result<(), E>,
) -> Result<(), E> {
    pipeline::run(options, None, stop, progress, Box::new, &mut |step, _| {
        match step {
            Step::Made(made) => each(Ok(*made))?,
            Step::Skip(skip) => each(Err(skip))?,
            Step::End(_) | Step::Known(_) | Step::PassedOver => {}
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// What came of the file that is being read.
#[derive(Default)]
struct FileOutcome {
    kept: u64,
    /// See [`LedgerEntry::clipping`].
    clipping: Option<String>,
    skipped: u64,
    /// The first of what was skipped: a file may hold millions of lines that are no records.
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
    fn settle(&mut self, step: Step<Box<IncomingDoc>>, share: Share) -> Result<Flow, IndexError> {
        match step {
            Step::Made(prepared) => {
                self.progress.clippings.fetch_add(1, Ordering::Relaxed);
                self.file.clipping = prepared.name_by_content().map(str::to_owned);
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
                self.file.skipped += 1;
                if self.file.skips.len() < SKIPS_OF_A_FILE {
                    self.file.skips.push(skip);
                }
            }
            Step::End(ledger) => {
                let file = std::mem::take(&mut self.file);
                if let Some((key, stamp)) = ledger {
                    let entry =
                        LedgerEntry::new(stamp, self.reading, file.kept, file.skipped, file.skips)
                            .with_clipping(file.clipping);
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
        if self.writer.is_commit_due() || self.finished.len() >= FILES_WAITING {
            self.commit()?;
        }
        Ok(ControlFlow::Continue(()))
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
