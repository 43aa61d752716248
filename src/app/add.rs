//! Adding clippings.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{App, Note, Result};
use crate::analyze::user_words::UserWords;
use crate::index::{ClippingSink, ClusterWriter, Writer, WriterOptions};
use crate::ingest::{self, IngestEvent, Progress};
use crate::source::{self, FoundPath, Location, all_unreadable, name};

pub use crate::index::Skip;
pub use crate::ingest::{Extraction, FileReport, IngestOptions as ReadOptions, Summary};
pub use crate::source::{
    ColumnMap, ColumnMapError, Fill, Limits, PathRule, PathRuleError, SkipReason, WebOptions,
    is_web_address, read_list,
};

/// Interval of progress reports.
const TICK: Duration = Duration::from_millis(100);

/// What to add and how.
#[derive(Debug, Clone, Default)]
pub struct AddRequest {
    /// What to read and how.
    pub read: ReadOptions,
    /// Shown to other processes as the holder of the lock.
    pub command: &'static str,
    /// How long to wait for the lock.
    pub wait: Duration,
    /// Report progress, which requires an additional walk over all paths.
    pub progress: bool,
}

/// An event during an `add`.
#[derive(Debug)]
pub enum AddEvent<'a> {
    /// A note on the index, before anything is read.
    Note(Note),
    /// A source was skipped.
    Skipped(&'a Skip),
    /// A file was read, or is unchanged.
    File(&'a FileReport),
    /// Progress; ten times a second.
    Progress(&'a ReadProgress),
}

/// Progress of reading.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReadProgress {
    /// Bytes read.
    pub bytes: u64,
    /// Bytes of all files; `None` until they are counted, and for standard input and URLs.
    pub total_bytes: Option<u64>,
    /// Clippings so far.
    pub clippings: u64,
    /// The source being read.
    pub current: String,
}

/// Result of an `add`.
#[derive(Debug, Clone, Serialize)]
pub struct AddReport {
    /// The counts.
    #[serde(flatten)]
    pub summary: Summary,
    /// Duration in seconds.
    pub seconds: f64,
    /// Why a merge failed. No clipping is lost; searches are slower until a merge succeeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge_failure: Option<String>,
}

impl App {
    /// Adds clippings until `stop` is set. Everything counted in the report is committed. `on` is
    /// called from several threads.
    ///
    /// # Errors
    /// When the index cannot be opened or written. Earlier commits are kept.
    pub fn add(
        &self,
        request: AddRequest,
        stop: &Arc<AtomicBool>,
        on: &(dyn Fn(AddEvent<'_>) + Sync),
    ) -> Result<AddReport> {
        let begun = Instant::now();
        // No index is created for a mistyped path.
        if request.read.listed.is_empty()
            && let Some(unreadable) = all_unreadable(&request.read.paths)
        {
            let failures = unreadable.into_iter().map(|(path, reason)| Skip {
                source: name(&path),
                reason,
            });
            return Ok(AddReport {
                summary: Summary {
                    failures: failures.collect(),
                    ..Summary::default()
                },
                seconds: begun.elapsed().as_secs_f64(),
                merge_failure: None,
            });
        }
        for (is_asked, what) in [
            (request.read.prune, "add --prune"),
            (request.read.extraction.keep_pages, "add --keep-pages"),
        ] {
            if is_asked {
                self.only_in_folder(what)?;
            }
        }
        let options = WriterOptions {
            command: request.command,
            wait: request.wait,
            threads: request.read.threads,
        };
        let mut writer = self.target(options, &UserWords::default())?;
        if let Target::Folder(writer) = &writer
            && writer.words_changed()
        {
            on(AddEvent::Note(Note::UserWordsChanged));
        }
        let options = Arc::new(request.read);
        let counters = Arc::new(Progress::default());
        let report = |progress: &ReadProgress| on(AddEvent::Progress(progress));
        let report = request.progress.then_some(&report as Report<'_>);
        let mut merge_failure = None;
        let added = watched(&options, &counters, report, || {
            let sink = writer.sink();
            let summary = ingest::ingest(sink, &options, stop, &counters, &mut |event| {
                on(match event {
                    IngestEvent::Skipped(skip) => AddEvent::Skipped(skip),
                    IngestEvent::File(file) => AddEvent::File(file),
                });
            })?;
            if !summary.interrupted {
                merge_failure = writer.finish()?;
            }
            Ok(summary)
        });
        let summary = added.map_err(|e: crate::index::IndexError| e.or_gone(&self.dir))?;
        Ok(AddReport {
            summary,
            seconds: begun.elapsed().as_secs_f64(),
            merge_failure,
        })
    }
}

/// Where clippings are added.
pub(super) enum Target {
    Folder(Box<Writer>),
    Cluster(Box<ClusterWriter>),
}

impl App {
    /// Opens the index for writing. One that is created in a cluster gets `words` as its word list.
    pub(super) fn target(&self, options: WriterOptions<'_>, words: &UserWords) -> Result<Target> {
        Ok(match self.cluster_writer(options.threads, words)? {
            Some(writer) => Target::Cluster(Box::new(writer)),
            None => Target::Folder(Box::new(Writer::open(&self.dir, true, options)?)),
        })
    }
}

impl Target {
    pub(super) fn sink(&mut self) -> &mut dyn ClippingSink {
        match self {
            Target::Folder(writer) => &mut **writer,
            Target::Cluster(writer) => &mut **writer,
        }
    }

    /// Commits and waits for merges. Returns the reason if one failed.
    pub(super) fn finish(self) -> crate::index::Result<Option<String>> {
        match self {
            Target::Folder(writer) => {
                let failure = writer.finish()?.merge_failure;
                Ok(failure.map(|e| e.to_string()))
            }
            Target::Cluster(mut writer) => writer.commit().map(|()| None),
        }
    }
}

/// Receives progress.
pub(super) type Report<'a> = &'a (dyn Fn(&ReadProgress) + Sync);

/// Runs `work` and reports progress ten times a second meanwhile.
pub(super) fn watched<T>(
    options: &ReadOptions,
    counters: &Progress,
    report: Option<Report<'_>>,
    work: impl FnOnce() -> T,
) -> T {
    let Some(report) = report else {
        return work();
    };
    let done = AtomicBool::new(false);
    let total = AtomicU64::new(0);
    thread::scope(|scope| {
        // Also set when `work` panics, since the scope waits for the ticker.
        let _done = SetOnDrop(&done);
        let paths = [options.paths.as_slice(), &options.listed].concat();
        let (total, done) = (&total, &done);
        scope.spawn(move || count_bytes(&paths, total, done));
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let total = total.load(Ordering::Relaxed);
                report(&ReadProgress {
                    bytes: counters.bytes.load(Ordering::Relaxed),
                    total_bytes: (total > 0).then_some(total),
                    clippings: counters.clippings.load(Ordering::Relaxed),
                    current: counters.current(),
                });
                thread::sleep(TICK);
            }
        });
        work()
    })
}

struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Sums the sizes of all files. The sum is stored only when it is complete.
fn count_bytes(paths: &[PathBuf], total: &AtomicU64, done: &AtomicBool) {
    let mut sum = 0;
    let complete = source::walk(paths, &mut |found| {
        if let FoundPath::Location {
            location, metadata, ..
        } = found
        {
            match (location, metadata) {
                (Location::File(_), Some(metadata)) => sum += metadata.len(),
                // The size of standard input and of web pages is unknown.
                _ => return ControlFlow::Break(()),
            }
        }
        match done.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    if complete.is_continue() {
        total.store(sum, Ordering::Relaxed);
    }
}
