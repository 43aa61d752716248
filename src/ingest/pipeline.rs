//! The threads between the sources and the index.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::pages::{ExtractedItem, extract_page, name_outlet, pack};
use super::reading::Reader;
use super::{IngestOptions, Progress};
use crate::clipping::Clipping;
use crate::extract::{Extractor, outlet, row};
use crate::index::{Budget, LedgerEntry, LedgerView, Share, Skip, Stamp};
use crate::source::{Fetcher, Flow, ItemContent, Limits, SkipReason, SourceItem, file_of};

/// Bytes of pages and records in flight: little enough that an interrupted `add` ends within a
/// second, enough to keep all threads busy.
const IN_FLIGHT: usize = 24 << 20;

/// How often the waiting thread checks the stop flag.
const PAUSE: Duration = Duration::from_millis(50);

/// Capacity of the channels.
const WAITING: usize = 256;

/// One step of an ingestion, in input order.
pub enum Step<T> {
    /// A clipping.
    Item(T),
    /// Something without a clipping.
    Skip(Skip),
    /// Something that the user named and that cannot be opened.
    Failed(Skip),
    /// End of a file: its source, and its ledger key and stamp, if it has them.
    End(String, Option<(Box<[u8]>, Stamp)>),
    /// A file that is unchanged according to the ledger.
    Known(String, LedgerEntry),
    /// A hidden file, or one that is not text by its name.
    Ignored,
}

/// A value with its sequence number and its share of the budget.
pub struct Numbered<T> {
    pub number: u64,
    pub share: Share,
    pub value: T,
}

/// An item for a worker, with its file.
pub type Task = Numbered<(SourceItem, Arc<SourceFile>)>;

/// The file that an item comes from.
pub struct SourceFile {
    pub path: PathBuf,
    /// The URL after redirects.
    pub fetched_from: Option<String>,
    /// Id of the clipping that the file contained when it was last read, see
    /// [`LedgerEntry::clipping`].
    pub clipping: Option<String>,
}

/// The ledger, for skipping unchanged sources.
pub struct KnownSources {
    pub ledger: LedgerView,
    /// The values of [`LedgerEntry::reading`] under which a source is up to date.
    pub readings: Vec<u64>,
    pub limits: Limits,
}

impl KnownSources {
    /// Whether reading a source again would give the same result.
    pub fn holds(&self, entry: &LedgerEntry, stamp: &Stamp) -> bool {
        self.readings
            .iter()
            .any(|reading| entry.holds(stamp, *reading))
            && !entry
                .skips
                .iter()
                .any(|skip| skip.reason.is_lifted_by(&self.limits))
    }
}

/// Reads what `options` names. Workers extract a clipping from each item and call `convert` on it;
/// this thread calls `handle` on every step, in input order, until it breaks or fails or `stop` is
/// set.
///
/// The threads are not joined: they end when the channels close, and one that waits for standard
/// input must not delay an interrupted command.
pub fn run<T: Send + 'static, E>(
    options: &Arc<IngestOptions>,
    known: Option<KnownSources>,
    stop: &Arc<AtomicBool>,
    progress: &Arc<Progress>,
    convert: fn(ExtractedItem) -> T,
    handle: &mut dyn FnMut(Step<T>, Share) -> Result<Flow, E>,
) -> Result<(), E> {
    let workers = options
        .threads
        .or_else(|| thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1)
        .max(1);
    let budget = Budget::new(IN_FLIGHT);
    let (task_sender, tasks) = bounded::<Task>(WAITING);
    let (step_sender, steps) = bounded::<Numbered<Step<T>>>(WAITING);
    for _ in 0..workers {
        let (options, tasks, steps) = (Arc::clone(options), tasks.clone(), step_sender.clone());
        thread::spawn(move || work(&tasks, &steps, &options, convert));
    }
    drop(tasks);
    let reader = Reader {
        options: Arc::clone(options),
        stop: Arc::clone(stop),
        progress: Arc::clone(progress),
        budget: budget.clone(),
        known,
        tasks: task_sender,
        steps: step_sender,
        number: 0,
        fetcher: Fetcher::new(options.web),
    };
    thread::spawn(move || reader.run());

    let result = in_order(steps, stop, handle);
    budget.close();
    result
}

/// Calls `handle` on the steps in order. Dropping the channel on return ends the threads.
fn in_order<T, E>(
    steps: Receiver<Numbered<Step<T>>>,
    stop: &AtomicBool,
    handle: &mut dyn FnMut(Step<T>, Share) -> Result<Flow, E>,
) -> Result<(), E> {
    let mut next = 0;
    let mut waiting: BTreeMap<u64, (Step<T>, Share)> = BTreeMap::new();
    while !stop.load(Ordering::Relaxed) {
        let step = match steps.recv_timeout(PAUSE) {
            Ok(step) => step,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        waiting.insert(step.number, (step.value, step.share));
        while let Some((step, share)) = waiting.remove(&next) {
            next += 1;
            if stop.load(Ordering::Relaxed) || handle(step, share)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A worker: turns items into steps until a channel closes.
fn work<T>(
    tasks: &Receiver<Task>,
    steps: &Sender<Numbered<Step<T>>>,
    options: &IngestOptions,
    convert: fn(ExtractedItem) -> T,
) {
    let extractor = options.extraction.extractor();
    for task in tasks {
        let Numbered {
            number,
            share,
            value: (item, file),
        } = task;
        let place = item.place.clone();
        // A bug that one page triggers must not end the whole run.
        let converted = catch_unwind(AssertUnwindSafe(|| {
            extract_item(item, &file, &extractor, options).map(convert)
        }));
        let value = match converted.unwrap_or(Err(SkipReason::InternalError)) {
            Ok(converted) => Step::Item(converted),
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

/// Extracts the clipping of an item and fills its fields as `options` say.
fn extract_item(
    item: SourceItem,
    file: &SourceFile,
    extractor: &Extractor,
    options: &IngestOptions,
) -> Result<ExtractedItem, SkipReason> {
    let SourceItem {
        source,
        whole_source,
        content,
        ..
    } = item;
    let inside = Path::new(match whole_source {
        true => &*source,
        false => file_of(&source),
    });
    let mut extracted = match content {
        ItemContent::Page(page) => {
            let mut extracted = extract_page(extractor, &page, &source)?;
            let published = &mut extracted.clipping.published;
            *published = published.or(page.sent);
            // Always store web pages: they may be gone tomorrow.
            if options.extraction.keep_pages || file.fetched_from.is_some() {
                let mut filled = Clipping {
                    published: page.sent,
                    ..Clipping::default()
                };
                options.fill.apply(&file.path, inside, &mut filled);
                extracted.page = Some(pack(&page, options.extraction, filled)?);
            }
            extracted
        }
        ItemContent::Record(parse) => ExtractedItem::record(parse()?),
        ItemContent::Row(row) => ExtractedItem::record(row::clipping(&row)?),
    };
    let clipping = &mut extracted.clipping;
    options.fill.apply(&file.path, inside, clipping);
    extracted.may_replace = file
        .fetched_from
        .as_deref()
        .is_none_or(|address| clipping.id.is_empty() && owns(address, clipping.url.as_deref()));
    name_outlet(clipping);
    clipping.source = source;
    extracted.whole_source = whole_source;
    if whole_source {
        extracted.replaces = file.clipping.clone();
    }
    Ok(extracted)
}

/// Whether a page fetched from `address` may replace the clipping of `url`: only of its own site.
fn owns(address: &str, url: Option<&str>) -> bool {
    url.is_none_or(|url| outlet::is_same_site(url, outlet::original(address)))
}
