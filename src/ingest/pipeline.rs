//! The threads between a source and whoever settles what comes out of it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::pages::{Made, extract_page, name_outlet, pack};
use super::reading::Reader;
use super::{Options, Progress};
use crate::clipping::Clipping;
use crate::extract::row;
use crate::index::{Budget, LedgerEntry, LedgerView, Share, Skip, Stamp};
use crate::source::{Content, Fetcher, Flow, Item, is_web_address};

/// Bytes of pages and records in flight. Small enough that an interrupted `add` ends within a
/// second, large enough that no thread waits.
const IN_FLIGHT: usize = 24 << 20;

/// How often someone who waits for a step looks whether to stop.
const PAUSE: Duration = Duration::from_millis(50);

/// Items and steps that wait in a channel.
const WAITING: usize = 256;

/// A step of the way, in the order of the input.
pub enum Step<T> {
    /// What was made of a clipping.
    Made(T),
    /// Something that is no clipping.
    Skip(Skip),
    /// A file's end: its key in the ledger and its state when it was opened, if it has these.
    End(Option<(Box<[u8]>, Stamp)>),
    /// A file that did not change since it was taken in.
    Known(LedgerEntry),
    /// A file that was not worth opening.
    PassedOver,
}

/// Something with its place in the order and its share of the budget.
pub struct Numbered<T> {
    pub number: u64,
    pub share: Share,
    pub value: T,
}

/// An item on its way to a worker, with the file it comes from.
pub type Task = Numbered<(Item, Arc<File>)>;

/// What is known of a file while it is read.
pub struct File {
    pub path: PathBuf,
    /// The name of the clipping that it was before, see [`LedgerEntry::clipping`].
    pub clipping: Option<String>,
}

/// What reading a file again would depend on.
pub struct Known {
    pub ledger: LedgerView,
    /// The values of [`LedgerEntry::reading`] that are as good as what would be read now.
    pub readings: Vec<u64>,
}

impl Known {
    /// Whether reading a source again would give the same.
    pub fn holds(&self, entry: &LedgerEntry, stamp: &Stamp) -> bool {
        self.readings
            .iter()
            .any(|reading| entry.holds(stamp, *reading))
    }
}

/// Reads what `options` names, makes a clipping of each item in the workers, calls `make` on it
/// there, and `settle` on every step in this thread, in the order of the input, until it breaks,
/// fails or `stop` is set.
///
/// The threads are not waited for: they end by themselves when no one listens any more, and one
/// that waits for standard input must not hold up an interrupted command.
pub fn run<T: Send + 'static, E>(
    options: &Arc<Options>,
    known: Option<Known>,
    stop: &Arc<AtomicBool>,
    progress: &Arc<Progress>,
    make: fn(Made) -> T,
    settle: &mut dyn FnMut(Step<T>, Share) -> Result<Flow, E>,
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
        thread::spawn(move || work(&tasks, &steps, &options, make));
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

    let result = in_order(steps, stop, settle);
    budget.close();
    result
}

/// Settles steps in their order. Dropping the channel at the end ends the threads.
fn in_order<T, E>(
    steps: Receiver<Numbered<Step<T>>>,
    stop: &AtomicBool,
    settle: &mut dyn FnMut(Step<T>, Share) -> Result<Flow, E>,
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
            if stop.load(Ordering::Relaxed) || settle(step, share)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A worker: items in, steps out, until either end is closed.
fn work<T>(
    tasks: &Receiver<Task>,
    steps: &Sender<Numbered<Step<T>>>,
    options: &Options,
    make: fn(Made) -> T,
) {
    let extractor = options.extraction.extractor();
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
        let made = catch_unwind(AssertUnwindSafe(|| {
            let inside = Path::new(of_file(&source, whole_source));
            let mut made = match content {
                Content::Page(page) => {
                    let mut made = extract_page(&extractor, &page, &source)?;
                    // What was on the web may be gone tomorrow.
                    let is_fetched = file.path.to_str().is_some_and(is_web_address);
                    if options.extraction.keep_pages || is_fetched {
                        let mut filled = Clipping::default();
                        options.fill.apply(&file.path, inside, &mut filled);
                        let packed = pack(&page, options.extraction, filled);
                        made.page = Some(packed.map_err(|e| e.to_string())?);
                    }
                    made
                }
                Content::Record(parse) => Made::record(parse()?),
                Content::Row(row) => Made::record(row::clipping(&row).map_err(|e| e.to_string())?),
            };
            options.fill.apply(&file.path, inside, &mut made.clipping);
            made.clipping.source = source;
            made.whole_source = whole_source;
            if whole_source {
                made.replaces = file.clipping.clone();
            }
            name_outlet(&mut made.clipping);
            Ok(make(made))
        }));
        let made = made.unwrap_or_else(|_| {
            Err("an error inside the program; please report it with this file".to_owned())
        });
        let value = match made {
            Ok(made) => Step::Made(made),
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

/// The file that an item stands in: its source without its number among others.
fn of_file(source: &str, whole_source: bool) -> &str {
    match source.rsplit_once('#') {
        Some((file, n)) if !whole_source && n.bytes().all(|b| b.is_ascii_digit()) => file,
        _ => source,
    }
}
