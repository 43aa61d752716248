//! The reader thread: walks, opens, cuts into items.

use std::fs;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use crossbeam_channel::Sender;

use super::pipeline::{File, Known, Numbered, Step, Task};
use super::{Options, Progress};
use crate::index::{Budget, Skip, Stamp};
use crate::source::{self, Fetcher, Flow, Found, Input, Item, Location, Opened, Refusal, Sink};

/// What a step takes in memory besides the bytes of its item.
const OVERHEAD: usize = 512;

const GO_ON: Flow = ControlFlow::Continue(());

pub struct Reader<T> {
    pub options: Arc<Options>,
    pub stop: Arc<AtomicBool>,
    pub progress: Arc<Progress>,
    pub budget: Budget,
    /// What is known of files taken in before.
    pub known: Option<Known>,
    pub tasks: Sender<Task>,
    pub steps: Sender<Numbered<Step<T>>>,
    pub number: u64,
    pub fetcher: Fetcher,
}

impl<T: Send> Reader<T> {
    /// Reads everything. Ends early when it is stopped or no one listens any more.
    pub fn run(mut self) {
        let options = Arc::clone(&self.options);
        let _ = source::walk(&options.paths, &mut |found| match found {
            Found::Location(location, metadata) => self.location(&location, metadata),
            Found::Refused(path, reason) => {
                self.step(Step::Skip(Skip {
                    source: source::name(&path),
                    reason,
                }))?;
                self.step(Step::End(None))
            }
            Found::PassedOver => self.step(Step::PassedOver),
        });
    }

    fn location(&mut self, location: &Location, metadata: Option<fs::Metadata>) -> Flow {
        let source = location.source();
        self.progress.set_current(&source);
        let size = metadata.as_ref().map_or(0, fs::Metadata::len);
        let key = key(location);
        let mut clipping = None;
        if let (Some(known), Some(key)) = (&self.known, &key)
            && let Some(entry) = known.ledger.entry(key)
        {
            let is_unchanged = metadata.is_some_and(|metadata| {
                known.holds(&entry, &Stamp::of(&metadata, SystemTime::now()))
            });
            if is_unchanged && !self.options.reread {
                self.progress.bytes.fetch_add(size, Ordering::Relaxed);
                return self.step(Step::Known(entry));
            }
            clipping = entry.clipping;
        }
        let stamp = match self.read(location, &source, clipping) {
            Ok((Flow::Break(()), _)) => return Flow::Break(()),
            Ok((Flow::Continue(()), stamp)) => stamp,
            Err((Refusal(reason), stamp)) => {
                self.step(Step::Skip(Skip { source, reason }))?;
                stamp
            }
        };
        self.step(Step::End(key.zip(stamp)))
    }

    /// Reads one location, which was `clipping` before. Gives the state to note in the ledger: that at
    /// opening, one that equals nothing when the file changed while it was read, none when it could
    /// not be opened at all.
    fn read(
        &mut self,
        location: &Location,
        source: &str,
        clipping: Option<String>,
    ) -> Result<(Flow, Option<Stamp>), (Refusal, Option<Stamp>)> {
        let options = Arc::clone(&self.options);
        // What is on the web may change at any time, so it is asked for each time.
        let unknown = matches!(location, Location::Web(_)).then(Stamp::unknown);
        let Opened {
            reader,
            metadata,
            origin,
        } = location
            .open(&mut self.fetcher, options.limits)
            .map_err(|refusal| (refusal, unknown))?;
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
            file: Arc::new(File {
                path: location.path().to_owned(),
                clipping,
            }),
            is_lasting: location.is_lasting(),
            reader: self,
        };
        let result = source::read(input, &mut sink);
        let changed = match (&stamp, location) {
            (Some(stamp), Location::File(path)) => {
                fs::metadata(path).map_or(true, |metadata| Stamp::of(&metadata, opened) != *stamp)
            }
            _ => false,
        };
        let stamp = stamp.map(|stamp| match changed {
            true => stamp.unsettled(),
            false => stamp,
        });
        match result {
            Ok(flow) => Ok((flow, stamp)),
            Err(refusal) => Err((refusal, stamp)),
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

/// What a location is known by in the ledger: a file by its absolute path, a page of the web by its
/// address.
fn key(location: &Location) -> Option<Box<[u8]>> {
    match location {
        Location::Stdin => None,
        Location::Web(address) => Some(address.as_bytes().into()),
        Location::File(path) => std::path::absolute(path)
            .ok()
            .map(|path| path.as_os_str().as_encoded_bytes().into()),
    }
}

/// Hands the items of one file to the workers.
struct ReaderSink<'a, T> {
    file: Arc<File>,
    is_lasting: bool,
    reader: &'a mut Reader<T>,
}

impl<T: Send> Sink for ReaderSink<'_, T> {
    fn item(&mut self, mut item: Item) -> Flow {
        // What is read next from there is another clipping, not a change of this one.
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

    fn skip(&mut self, place: String, reason: String) -> Flow {
        self.reader.step(Step::Skip(Skip {
            source: place,
            reason,
        }))
    }
}

/// Counts what is read.
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
