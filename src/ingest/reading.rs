//! The reader thread: walks, opens and splits sources into items.

use std::fs;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use crossbeam_channel::Sender;

use super::pipeline::{KnownSources, Numbered, SourceFile, Step, Task};
use super::{IngestOptions, Progress};
use crate::index::{Budget, Skip, Stamp};
use crate::source::{
    self, Fetcher, Flow, FoundPath, Input, Location, Opened, Sink, SkipReason, SourceItem,
};

/// Memory per step, besides the bytes of its item.
const OVERHEAD: usize = 512;

const GO_ON: Flow = ControlFlow::Continue(());

pub struct Reader<T> {
    pub options: Arc<IngestOptions>,
    pub stop: Arc<AtomicBool>,
    pub progress: Arc<Progress>,
    pub budget: Budget,
    /// Sources in the ledger; `None` to read everything.
    pub known: Option<KnownSources>,
    pub tasks: Sender<Task>,
    pub steps: Sender<Numbered<Step<T>>>,
    pub number: u64,
    pub fetcher: Fetcher,
}

impl<T: Send> Reader<T> {
    /// Reads everything. Ends early when stopped or when the channels close.
    pub fn run(mut self) {
        let options = Arc::clone(&self.options);
        let mut visit = |found, is_listed| match found {
            FoundPath::Location {
                location,
                metadata,
                is_named,
            } => self.location(&location, metadata, is_named, is_listed),
            FoundPath::Refused {
                path,
                reason,
                is_named,
            } => self.refused(&path, reason, is_named, is_listed),
            FoundPath::Ignored => self.step(Step::Ignored),
        };
        let flow = source::walk(&options.paths, &mut |found| visit(found, false));
        if flow.is_continue() {
            let _ = source::walk(&options.listed, &mut |found| visit(found, true));
        }
    }

    /// Handles a path that cannot be read. If it exists, for example as a dangling link, the ledger
    /// records it.
    fn refused(
        &mut self,
        path: &Path,
        reason: SkipReason,
        is_named: bool,
        is_listed: bool,
    ) -> Flow {
        let is_there = fs::symlink_metadata(path).is_ok();
        let location = Location::File(path.to_owned());
        let source = self.source(&location);
        let skip = Skip {
            source: source.clone(),
            reason,
        };
        self.step(match is_named && !is_listed {
            true => Step::Failed(skip),
            false => Step::Skip(skip),
        })?;
        let key = is_there.then(|| key(&location)).flatten();
        if let (Some(known), Some(key)) = (&self.known, &key)
            && known.ledger.entry(key).is_some()
        {
            self.count_known(is_named);
        }
        self.step(Step::End(source, key.map(|key| (key, Stamp::unknown()))))
    }

    /// Counts a file in a folder that is in the ledger.
    fn count_known(&self, is_named: bool) {
        if !is_named {
            self.progress.known_files.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn source(&self, location: &Location) -> String {
        match self.known {
            Some(_) => location.lasting_source(),
            None => location.source(),
        }
    }

    fn location(
        &mut self,
        location: &Location,
        metadata: Option<fs::Metadata>,
        is_named: bool,
        is_listed: bool,
    ) -> Flow {
        let source = self.source(location);
        self.progress.set_current(&source);
        let size = metadata.as_ref().map_or(0, fs::Metadata::len);
        let key = key(location);
        let mut clipping = None;
        if let (Some(known), Some(key)) = (&self.known, &key)
            && let Some(entry) = known.ledger.entry(key)
        {
            self.count_known(is_named);
            let is_unchanged = metadata.is_some_and(|metadata| {
                known.holds(&entry, &Stamp::of(&metadata, SystemTime::now()))
            });
            if is_unchanged && !self.options.reread {
                self.progress.bytes.fetch_add(size, Ordering::Relaxed);
                return self.step(Step::Known(source, entry));
            }
            clipping = entry.clipping;
        }
        let stamp = match self.read(location, &source, clipping) {
            Ok((Flow::Break(()), _)) => return Flow::Break(()),
            Ok((Flow::Continue(()), stamp)) => stamp,
            Err(failure) => {
                let skip = Skip {
                    source: source.clone(),
                    reason: failure.reason,
                };
                self.step(match is_named && !is_listed && !failure.is_opened {
                    true => Step::Failed(skip),
                    false => Step::Skip(skip),
                })?;
                failure.stamp
            }
        };
        self.step(Step::End(source, key.zip(stamp)))
    }

    /// Reads one location, whose previous clipping was `clipping`. Returns the stamp for the
    /// ledger: taken on opening, unreliable if the file changed while it was read, `None` if there
    /// is none.
    fn read(
        &mut self,
        location: &Location,
        source: &str,
        clipping: Option<String>,
    ) -> Result<(Flow, Option<Stamp>), ReadFailure> {
        let options = Arc::clone(&self.options);
        // Web pages are fetched every time, since any may have changed.
        let unknown = matches!(location, Location::Web(_)).then(Stamp::unknown);
        let Opened {
            reader,
            metadata,
            mut origin,
        } = location
            .open(&mut self.fetcher, options.limits)
            .map_err(|reason| ReadFailure {
                reason,
                stamp: unknown,
                is_opened: false,
            })?;
        let fetched_from = origin.url.clone();
        origin.url = origin.url.or_else(|| options.page_url.clone());
        let opened = SystemTime::now();
        let stamp = metadata
            .filter(fs::Metadata::is_file)
            .map(|metadata| Stamp::of(&metadata, opened))
            .or(unknown);
        let progress = Arc::clone(&self.progress);
        let input = Input {
            source,
            name: location.name(),
            reader: Box::new(BufReader::with_capacity(
                64 << 10,
                Watched { reader, progress },
            )),
            limits: options.limits,
            columns: &options.fill.columns,
            depth: 0,
            origin,
        };
        let mut sink = ReaderSink {
            file: Arc::new(SourceFile {
                path: location.path().to_owned(),
                fetched_from,
                clipping,
            }),
            is_lasting: location.is_lasting(),
            reader: self,
        };
        let result = read_caught(input, &mut sink);
        let stamp = stamp.map(|stamp| match location {
            Location::File(path) => unless_changed(stamp, path, opened),
            _ => stamp,
        });
        match result {
            Ok(flow) => Ok((flow, stamp)),
            Err(reason) => Err(ReadFailure {
                reason,
                stamp,
                is_opened: true,
            }),
        }
    }

    fn step(&mut self, step: Step<T>) -> Flow {
        let number = self.next()?;
        let step = Numbered {
            number,
            share: self.budget.take(OVERHEAD),
            value: step,
        };
        match self.steps.send(step) {
            Ok(()) => GO_ON,
            Err(_) => Flow::Break(()),
        }
    }

    fn next(&mut self) -> ControlFlow<(), u64> {
        if self.stop.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        let number = self.number;
        self.number += 1;
        ControlFlow::Continue(number)
    }
}

/// A bug that one file triggers must not end the whole run.
fn read_caught(input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
    catch_unwind(AssertUnwindSafe(|| source::read(input, sink)))
        .unwrap_or(Err(SkipReason::InternalError))
}

/// The stamp, unreliable if the file changed since it was `opened`.
fn unless_changed(stamp: Stamp, path: &Path, opened: SystemTime) -> Stamp {
    match fs::metadata(path) {
        Ok(metadata) if Stamp::of(&metadata, opened) == stamp => stamp,
        _ => stamp.unreliable(),
    }
}

/// Why reading a location failed.
struct ReadFailure {
    reason: SkipReason,
    /// Recorded in the ledger.
    stamp: Option<Stamp>,
    /// Whether it was opened before it failed.
    is_opened: bool,
}

/// Ledger key of a location: the absolute path of a file, or the URL.
fn key(location: &Location) -> Option<Box<[u8]>> {
    match location {
        Location::Stdin => None,
        Location::Web(address) => Some(address.as_bytes().into()),
        Location::File(path) => Some(source::absolute(path).as_os_str().as_encoded_bytes().into()),
    }
}

/// Sends the items of one file to the workers.
struct ReaderSink<'a, T> {
    file: Arc<SourceFile>,
    is_lasting: bool,
    reader: &'a mut Reader<T>,
}

impl<T: Send> Sink for ReaderSink<'_, T> {
    fn item(&mut self, mut item: SourceItem) -> Flow {
        // Another item from the same pipe is another clipping, not a new version of this one.
        item.whole_source &= self.is_lasting;
        let number = self.reader.next()?;
        let task = Numbered {
            number,
            share: self.reader.budget.take(item.size + OVERHEAD),
            value: (item, Arc::clone(&self.file)),
        };
        match self.reader.tasks.send(task) {
            Ok(()) => GO_ON,
            Err(_) => Flow::Break(()),
        }
    }

    fn skip(&mut self, place: String, reason: SkipReason) -> Flow {
        self.reader.step(Step::Skip(Skip {
            source: place,
            reason,
        }))
    }
}

struct Watched {
    reader: Box<dyn Read>,
    progress: Arc<Progress>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.progress.bytes.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{ColumnMap, Limits, Origin};

    struct Bug;

    impl Read for Bug {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("as a bug in a format would");
        }
    }

    struct Nothing;

    impl Sink for Nothing {
        fn item(&mut self, _: SourceItem) -> Flow {
            GO_ON
        }

        fn skip(&mut self, _: String, _: SkipReason) -> Flow {
            GO_ON
        }
    }

    #[test]
    fn a_bug_in_a_format_skips_its_file() {
        let input = Input {
            source: "a.csv",
            name: "a.csv".to_owned(),
            reader: Box::new(BufReader::new(Bug)),
            limits: Limits::default(),
            columns: &ColumnMap::default(),
            depth: 0,
            origin: Origin::default(),
        };
        let read = read_caught(input, &mut Nothing);
        assert_eq!(read, Err(SkipReason::InternalError));
    }
}
