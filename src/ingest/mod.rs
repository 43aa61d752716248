//! Ingestion: from paths to a committed index.
//!
//! ```text
//! reader thread ──▶ workers (one per core) ──▶ this thread ──▶ threads of the engine
//! walk, open,       extract or parse,          identity,       analyze, build segments
//! cut into items    hash, fingerprint          groups
//! ```
//!
//! Everything in flight holds a share of a fixed budget of bytes until the engine is done with it, so
//! memory does not grow with the input. Items leave the workers in any order and are sorted back into
//! the order of the input before their identity is settled, so the same input always gives the same
//! index.
//!
//! Stands above `source`, `extract` and `index`.

mod gone;
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

pub use pages::{ExtractedItem, Extraction, re_extract};
use pipeline::{KnownSources, Step};

/// Most skips kept for the summary; further ones are counted.
const SKIPS_KEPT: usize = 10_000;

/// Most files that wait for a commit before the ledger records them. Files without a clipping cause no
/// commit by themselves, and there may be millions of them.
const FILES_WAITING: usize = 20_000;

/// What to read, and how.
#[derive(Debug, Clone, Default)]
pub struct IngestOptions {
    /// Files, folders, addresses of the web, or `-`, as a person names them.
    pub paths: Vec<PathBuf>,
    /// Further ones from a list: what cannot be opened of these is skipped, not a failure.
    pub listed: Vec<PathBuf>,
    /// Values for the fields that a page leaves empty.
    pub fill: Fill,
    /// Bounds of one source.
    pub limits: Limits,
    /// How pages of the web are fetched.
    pub web: WebOptions,
    /// How pages are extracted.
    pub extraction: Extraction,
    /// Remove clippings from the folders among the paths whose files are gone.
    pub prune: bool,
    /// Read unchanged sources, too.
    pub reread: bool,
    /// Number of workers; `None` for one per core.
    pub threads: Option<usize>,
}

/// The outcome of an ingestion.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// New clippings.
    pub added: u64,
    /// Clippings replaced by a changed state.
    pub updated: u64,
    /// Clippings that are as they were, be it at a further place.
    pub unchanged: u64,
    /// Clippings removed because their files are gone.
    pub pruned: u64,
    /// Number of skips.
    pub skipped: u64,
    /// The first ten thousand of them.
    pub skips: Vec<Skip>,
    /// What was named and could not be opened.
    pub failures: Vec<Skip>,
    /// Hidden files, pictures and the like in folders.
    pub ignored: u64,
    /// Files read before that are no longer in the folders.
    pub gone: u64,
    /// It was stopped early. What is counted here is committed.
    pub interrupted: bool,
}

/// Progress of an ingestion. All counters only grow.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes read.
    pub bytes: AtomicU64,
    /// Clippings seen.
    pub clippings: AtomicU64,
    /// Files met that had been read before.
    known_files: AtomicU64,
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

/// Reads what `options` names into the index, until `stop` is set. All that the summary counts is
/// committed.
///
/// Calls `skipped` for each skip as it happens.
///
/// # Errors
/// When the index cannot be read or written. Earlier commits are kept.
pub fn ingest(
    writer: &mut Writer,
    options: &Arc<IngestOptions>,
    stop: &Arc<AtomicBool>,
    progress: &Arc<Progress>,
    skipped: &mut dyn FnMut(&Skip),
) -> Result<Summary, IndexError> {
    let readings = options.extraction.readings(&options.fill);
    let reading = readings.first().copied().unwrap_or_default();
    let known = KnownSources {
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
            let incoming = IncomingDoc::new(made.clipping, made.whole_source)
                .with_page(made.page)
                .replacing(made.replaces)
                .with_right_to_replace(made.may_replace);
            Box::new(incoming)
        },
        &mut |step, share| settling.settle(step, share),
    )?;
    settling.commit()?;
    let mut summary = settling.summary;
    summary.interrupted = stop.load(Ordering::Relaxed);
    if !summary.interrupted {
        gone::settle(writer, options, progress, &mut summary)?;
    }
    Ok(summary)
}

/// Something that gives no clipping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRead {
    /// It holds none, or stands in a folder or list.
    Skipped(Skip),
    /// A person named it, and it cannot be opened.
    Failed(Skip),
}

/// Reads what `options` names and passes on what `add` would index, in the order of the input, without
/// an index.
///
/// # Errors
/// Those of `each`; the first ends the reading.
pub fn read<E>(
    options: &Arc<IngestOptions>,
    stop: &Arc<AtomicBool>,
    progress: &Arc<Progress>,
    each: &mut dyn FnMut(Result<ExtractedItem, NotRead>) -> Result<(), E>,
) -> Result<(), E> {
    pipeline::run(options, None, stop, progress, Box::new, &mut |step, _| {
        match step {
            Step::ExtractedItem(made) => each(Ok(*made))?,
            Step::Skip(skip) => each(Err(NotRead::Skipped(skip)))?,
            Step::Failed(skip) => each(Err(NotRead::Failed(skip)))?,
            Step::End(_) | Step::Known(_) | Step::Ignored => {}
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// The outcome of the file that is being read.
#[derive(Default)]
struct FileOutcome {
    kept: u64,
    /// See [`LedgerEntry::clipping`].
    clipping: Option<String>,
    skipped: u64,
    /// The first skips: a file may have millions of lines that are not records.
    skips: Vec<Skip>,
}

/// Applies the steps to the index, in order.
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
            Step::ExtractedItem(prepared) => {
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
            Step::Failed(skip) => self.summary.failures.push(skip),
            Step::Ignored => self.summary.ignored += 1,
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

    /// Commits the clippings, then records their files: in the other order, a crash would lose clippings.
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
