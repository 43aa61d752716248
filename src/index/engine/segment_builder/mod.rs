//! Building segments: clippings in, files of the engine out.
//!
//! Between `segment_writer`, which hands in clippings, and the engine, which is given finished segments. The files have
//! the engine's own format and are written by its own serializers; only the work in memory is done here. The engine's
//! serves any tokens; here words repeat, and analysing one costs a hundred times what looking it up does.
//!
//! ```text
//! IndexDocument ──▶ channel ──▶ SegmentBuffer: texts as numbers of their runs, records
//!                         │ when there is enough
//!                         ├──▶ runs ──▶ terms       analysed once each, by all threads
//!                         ├──▶ texts ──▶ lists      which term stands where (lists)
//!                         ├──▶ records ──▶ packed   beside the two, by the other threads
//!                         ▼
//!                     one segment ──▶ BuiltSegment ──▶ feed ──▶ engine
//! ```
//!
//! The same clippings give the same segments, with however many threads.

mod inverted_index;
mod posting_lists;
mod segment;
mod segment_buffer;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use tantivy::Index;

use crate::analyze::Language;
use crate::index::engine::document::IndexDocument;
use crate::index::engine::record_codec::RecordCodec;
use crate::index::{Fields, IndexError, Result};

pub(in crate::index) use segment::BuiltSegment;
use segment_buffer::SegmentBuffer;

/// Clippings that wait in the channel.
const WAITING: usize = 64;

/// What segments are built with.
#[derive(Clone)]
pub(in crate::index) struct BuildContext {
    pub index: Index,
    pub fields: Fields,
    pub language: Language,
    pub packing: RecordCodec,
    /// Threads that work on a segment.
    pub threads: usize,
    /// Bytes of memory after which a segment is written.
    pub memory: usize,
}

/// Builds segments of clippings.
pub(in crate::index) struct Builder {
    workshop: BuildContext,
    running: Option<Running>,
}

struct Running {
    entries: Sender<IndexDocument>,
    finished: Receiver<Result<BuiltSegment>>,
    thread: JoinHandle<()>,
}

impl Builder {
    /// A builder, which begins when there is something to do.
    pub(in crate::index) fn new(workshop: BuildContext) -> Builder {
        Builder {
            workshop,
            running: None,
        }
    }

    /// Hands a clipping in; waits while a segment is written. Gives the segments finished by then.
    ///
    /// # Errors
    /// When a segment could not be written; then clippings are lost that were handed in before.
    pub(in crate::index) fn add(&mut self, entry: IndexDocument) -> Result<Vec<BuiltSegment>> {
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(Running::begin(self.workshop.clone())?),
        };
        match running.entries.send(entry) {
            Ok(()) => running.finished.try_iter().collect(),
            // It ended before its time: this tells why.
            Err(_) => self.flush(),
        }
    }

    /// Has all that was handed in written, and gives the segments not given yet.
    ///
    /// # Errors
    /// See [`Builder::add`].
    pub(in crate::index) fn flush(&mut self) -> Result<Vec<BuiltSegment>> {
        let Some(running) = self.running.take() else {
            return Ok(Vec::new());
        };
        drop(running.entries);
        // Until the thread has ended.
        let finished = running.finished.iter().collect();
        let joined = running.thread.join();
        joined.map_err(|panic| panicked(&*panic)).and(finished)
    }
}

impl Running {
    fn begin(workshop: BuildContext) -> Result<Running> {
        let (entries, waiting) = bounded(WAITING);
        let (results, finished) = unbounded();
        let thread = thread::Builder::new()
            .name("build".to_owned())
            .spawn(move || {
                let built = catch_unwind(AssertUnwindSafe(|| build(&workshop, &waiting, &results)));
                if let Err(error) = built.unwrap_or_else(|panic| Err(panicked(&*panic))) {
                    // The receiver is gone only when the writer was dropped; the error has nowhere to go.
                    let _ = results.send(Err(error));
                }
            })
            .map_err(|e| IndexError::Engine(format!("no thread for building the index: {e}")))?;
        Ok(Running {
            entries,
            finished,
            thread,
        })
    }
}

/// Takes in clippings and writes segments until no more come.
fn build(
    workshop: &BuildContext,
    entries: &Receiver<IndexDocument>,
    finished: &Sender<Result<BuiltSegment>>,
) -> Result<()> {
    let begin = || SegmentBuffer::new(&workshop.index, workshop.fields);
    let mut draft = begin()?;
    for entry in entries {
        draft.add(entry)?;
        if draft.memory() >= workshop.memory {
            let full = std::mem::replace(&mut draft, begin()?);
            let _ = finished.send(Ok(segment::write(workshop, full)?));
        }
    }
    if !draft.is_empty() {
        let _ = finished.send(Ok(segment::write(workshop, draft)?));
    }
    Ok(())
}

/// What a panic said.
fn panicked(panic: &(dyn Any + Send)) -> IndexError {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    let said = panic.downcast_ref::<&str>().copied().or(owned);
    let said = said.unwrap_or("no reason given");
    IndexError::Engine(format!("building the index failed: {said}"))
}
