//! Ingestion: reads paths and URLs into the index.
//!
//! ```text
//! reader thread ──▶ workers (one per core) ──▶ this thread ──▶ indexing threads
//! walk, open,       extract or parse,          identity,       analyze, build segments
//! split into items  hash, fingerprint          groups
//! ```
//!
//! Everything in flight holds a share of a fixed byte budget until it is in a segment, so memory
//! does not grow with the input. Workers finish in any order; the items are sorted back into input
//! order before their identity is decided, so the same input always gives the same index.

mod gone;
mod pages;
mod pipeline;
mod reading;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::clipping::Warning;
use crate::index::{
    ClippingSink, IncomingDoc, IndexError, LedgerEntry, Outcome, Outcomes,
    SKIPS_KEPT as SKIPS_OF_A_FILE, Share, Skip,
};
use crate::source::{Fill, Flow, Limits, WebOptions};

pub use pages::{ExtractedItem, Extraction, re_extract, with_corrections};
use pipeline::{KnownSources, Step};

/// Maximum number of skips listed in the summary; all are counted.
const SKIPS_KEPT: usize = 10_000;

/// Maximum number of files that wait for a commit before the ledger records them. Files without
/// clippings cause no commit by themselves, and there may be millions of them.
const FILES_WAITING: usize = 20_000;

/// What to read and how.
#[derive(Debug, Clone, Default)]
pub struct IngestOptions {
    /// Files, folders, URLs, or `-`, as the user named them.
    pub paths: Vec<PathBuf>,
    /// More of them, from a list. If one cannot be opened, it is skipped and does not count as a
    /// failure.
    pub listed: Vec<PathBuf>,
    /// Values for fields that a page leaves empty.
    pub fill: Fill,
    /// Limits per source.
    pub limits: Limits,
    /// How web pages are fetched.
    pub web: WebOptions,
    /// URL of pages in files that do not give one.
    pub page_url: Option<String>,
    /// How pages are extracted.
    pub extraction: Extraction,
    /// Remove clippings whose files are gone from the folders among the paths.
    pub prune: bool,
    /// Read unchanged sources again.
    pub reread: bool,
    /// Number of workers; `None` for one per core.
    pub threads: Option<usize>,
}

/// Result of an ingestion.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// New clippings.
    pub added: u64,
    /// Changed clippings.
    pub updated: u64,
    /// Clippings that stayed the same, even if a source was added to them.
    pub unchanged: u64,
    /// Clippings removed because their files are gone.
    pub pruned: u64,
    /// New or changed clippings with a date that could not be read.
    pub unreadable_dates: u64,
    /// Number of skips.
    pub skipped: u64,
    /// The first 10,000 of them.
    pub skips: Vec<Skip>,
    /// Named paths and URLs that could not be opened.
    pub failures: Vec<Skip>,
    /// Hidden files, images and the like in folders.
    pub ignored: u64,
    /// Files in the ledger that are gone from the folders.
    pub gone: u64,
    /// Whether it was stopped early. Everything counted here is committed.
    pub interrupted: bool,
}

impl Summary {
    /// Adds what became of some clippings.
    pub fn count(&mut self, outcomes: Outcomes) {
        let Outcomes {
            added,
            updated,
            unchanged,
        } = outcomes;
        self.added += added;
        self.updated += updated;
        self.unchanged += unchanged;
    }
}

/// An event during an ingestion.
#[derive(Debug)]
pub enum IngestEvent<'a> {
    /// Something was skipped.
    Skipped(&'a Skip),
    /// A file was read, or is unchanged.
    File(&'a FileReport),
}

/// Counts for one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Source of the file.
    pub source: String,
    /// New clippings.
    pub added: u64,
    /// Changed clippings.
    pub updated: u64,
    /// Unchanged clippings.
    pub unchanged: u64,
    /// Number of skips.
    pub skipped: u64,
}

/// Progress of an ingestion. Counters only grow.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes read.
    pub bytes: AtomicU64,
    /// Clippings processed.
    pub clippings: AtomicU64,
    /// Files in folders that are in the ledger.
    known_files: AtomicU64,
    /// The source being read.
    current: Mutex<String>,
}

impl Progress {
    /// The source being read.
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

/// Reads what `options` names into the index, until `stop` is set. Everything in the summary is
/// committed. Calls `on` for each skip and at the end of each file.
///
/// # Errors
/// When the index cannot be read or written. Earlier commits are kept.
pub fn ingest(
    writer: &mut dyn ClippingSink,
    options: &Arc<IngestOptions>,
    stop: &Arc<AtomicBool>,
    progress: &Arc<Progress>,
    on: &mut dyn FnMut(IngestEvent<'_>),
) -> Result<Summary, IndexError> {
    let readings = options.extraction.readings(&options.fill);
    let reading = readings.first().copied().unwrap_or_default();
    let known = match writer.ledger() {
        None => None,
        Some(ledger) => Some(KnownSources {
            ledger: ledger.read()?,
            readings,
            limits: options.limits,
        }),
    };
    let mut applier = StepApplier {
        writer,
        progress,
        reading,
        on,
        summary: Summary::default(),
        file: FileOutcome::default(),
        finished: Vec::new(),
    };
    pipeline::run(
        options,
        known,
        stop,
        progress,
        |item| {
            let incoming = IncomingDoc::new(item.clipping, item.whole_source)
                .with_page(item.page)
                .replacing(item.replaces)
                .with_may_replace(item.may_replace);
            Box::new(incoming)
        },
        &mut |step, share| applier.apply(step, share),
    )?;
    applier.commit()?;
    let mut summary = applier.summary;
    summary.interrupted = stop.load(Ordering::Relaxed);
    if !summary.interrupted {
        gone::count_and_prune(&mut *writer, options, progress, &mut summary)?;
    }
    Ok(summary)
}

/// Something without a clipping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRead {
    /// It has no clipping, or it was found in a folder or list.
    Skipped(Skip),
    /// The user named it, and it cannot be opened.
    Failed(Skip),
}

/// Reads what `options` names and passes on what `add` would index, in input order, without an
/// index.
///
/// # Errors
/// Those of `each`; the first one ends the reading.
pub fn read<E>(
    options: &Arc<IngestOptions>,
    stop: &Arc<AtomicBool>,
    progress: &Arc<Progress>,
    each: &mut dyn FnMut(Result<ExtractedItem, NotRead>) -> Result<(), E>,
) -> Result<(), E> {
    pipeline::run(options, None, stop, progress, Box::new, &mut |step, _| {
        match step {
            Step::Item(item) => each(Ok(*item))?,
            Step::Skip(skip) => each(Err(NotRead::Skipped(skip)))?,
            Step::Failed(skip) => each(Err(NotRead::Failed(skip)))?,
            Step::End(..) | Step::Known(..) | Step::Ignored => {}
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// Result of the file that is being read.
#[derive(Default)]
struct FileOutcome {
    report: FileReport,
    /// See [`LedgerEntry::clipping`].
    clipping: Option<String>,
    /// The first skips. A file may have millions of invalid lines.
    skips: Vec<Skip>,
}

/// Applies the steps to the index, in order.
struct StepApplier<'a> {
    writer: &'a mut dyn ClippingSink,
    progress: &'a Progress,
    reading: u64,
    on: &'a mut dyn FnMut(IngestEvent<'_>),
    summary: Summary,
    file: FileOutcome,
    /// Files whose clippings are not committed yet.
    finished: Vec<(Box<[u8]>, LedgerEntry)>,
}

impl StepApplier<'_> {
    fn apply(&mut self, step: Step<Box<IncomingDoc>>, share: Share) -> Result<Flow, IndexError> {
        match step {
            Step::Item(incoming) => {
                self.progress.clippings.fetch_add(1, Ordering::Relaxed);
                self.file.clipping = incoming.content_id().map(str::to_owned);
                let is_undated =
                    |warning: &Warning| matches!(warning, Warning::UnreadableDate { .. });
                let is_undated = incoming.clipping.warnings.iter().any(is_undated);
                let outcome = self.writer.put(incoming.with_permit(Box::new(share)))?;
                let (all, file) = (&mut self.summary, &mut self.file.report);
                if is_undated && outcome != Some(Outcome::Unchanged) {
                    all.unreadable_dates += 1;
                }
                if let Some(outcome) = outcome {
                    for count in match outcome {
                        Outcome::Added => [&mut all.added, &mut file.added],
                        Outcome::Updated => [&mut all.updated, &mut file.updated],
                        Outcome::Unchanged => [&mut all.unchanged, &mut file.unchanged],
                    } {
                        *count += 1;
                    }
                }
                self.count_outcomes();
            }
            Step::Skip(skip) => {
                self.count_skip(&skip);
                self.file.report.skipped += 1;
                if self.file.skips.len() < SKIPS_OF_A_FILE {
                    self.file.skips.push(skip);
                }
            }
            Step::End(source, ledger) => {
                let FileOutcome {
                    mut report,
                    clipping,
                    skips,
                } = std::mem::take(&mut self.file);
                report.source = source;
                (self.on)(IngestEvent::File(&report));
                if let Some((key, stamp)) = ledger {
                    let kept = report.added + report.updated + report.unchanged;
                    let entry = LedgerEntry::new(stamp, self.reading, kept, report.skipped, skips)
                        .with_clipping(clipping);
                    self.finished.push((key, entry));
                }
            }
            Step::Known(source, entry) => {
                (self.on)(IngestEvent::File(&FileReport {
                    source,
                    unchanged: entry.kept,
                    skipped: entry.skipped,
                    ..FileReport::default()
                }));
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

    fn count_outcomes(&mut self) {
        let outcomes = self.writer.take_outcomes();
        self.summary.count(outcomes);
    }

    fn count_skip(&mut self, skip: &Skip) {
        (self.on)(IngestEvent::Skipped(skip));
        self.summary.skipped += 1;
        if self.summary.skips.len() < SKIPS_KEPT {
            self.summary.skips.push(skip.clone());
        }
    }

    /// Commits clippings, then records their files in the ledger. In the reverse order, a crash
    /// would lose clippings.
    fn commit(&mut self) -> Result<(), IndexError> {
        self.writer.commit()?;
        self.count_outcomes();
        let finished = std::mem::take(&mut self.finished);
        if let Some(ledger) = self.writer.ledger().filter(|_| !finished.is_empty()) {
            ledger.record(finished.iter().map(|(key, entry)| (&**key, entry)))?;
        }
        Ok(())
    }
}
