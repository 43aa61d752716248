//! Builds segments.
//!
//! `segment_writer` adds documents and passes the finished segments to tantivy. The files are in
//! tantivy's format and written by its own serializers; only the inversion in memory is done here.
//! tantivy's accepts any token stream; this one analyzes each distinct word once, which pays
//! because analyzing a word costs a hundred times what looking it up does.
//!
//! ```text
//! IndexDocument ──▶ channel ──▶ SegmentBuffer: texts as run ids, records
//!                         │ when it is full
//!                         ├──▶ runs ──▶ terms             each run once, on all threads
//!                         ├──▶ texts ──▶ posting lists
//!                         ├──▶ records ──▶ compressed     at the same time, on another thread
//!                         ▼
//!                     one segment ──▶ BuiltSegment ──▶ SegmentWriter ──▶ tantivy
//! ```
//!
//! The same documents give the same segments with any number of threads.

mod inverted_index;
mod posting_lists;
mod segment;
mod segment_buffer;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use tantivy::Index;

use crate::analyze::Language;
use crate::index::engine::document::IndexDocument;
use crate::index::engine::record_codec::RecordCodec;
use crate::index::{Fields, IndexError, Result};

pub(in crate::index) use segment::BuiltSegment;
use segment_buffer::SegmentBuffer;

/// Capacity of the channel in documents.
const WAITING: usize = 64;

/// Selects the runs that are indexed.
pub type RunFilter = Arc<dyn Fn(&str) -> bool + Send + Sync>;

#[derive(Clone)]
pub(in crate::index) struct BuildContext {
    pub index: Index,
    pub fields: Fields,
    pub language: Language,
    /// `None` to store records uncompressed.
    pub codec: Option<RecordCodec>,
    /// Threads per segment.
    pub threads: usize,
    /// Bytes of memory at which a segment is written.
    pub memory: usize,
    /// `None` for all runs.
    pub runs: Option<RunFilter>,
}

/// Builds segments on a thread, which is started with the first document.
pub(in crate::index) struct Builder {
    context: BuildContext,
    running: Option<Running>,
}

struct Running {
    documents: Sender<IndexDocument>,
    finished: Receiver<Result<BuiltSegment>>,
    thread: JoinHandle<()>,
}

impl Builder {
    pub(in crate::index) fn new(context: BuildContext) -> Builder {
        Builder {
            context,
            running: None,
        }
    }

    /// Adds a document and returns the segments finished so far. Blocks while a segment is written.
    ///
    /// # Errors
    /// When a segment cannot be written; documents added before are then lost.
    pub(in crate::index) fn add(&mut self, document: IndexDocument) -> Result<Vec<BuiltSegment>> {
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(Running::begin(self.context.clone())?),
        };
        match running.documents.send(document) {
            Ok(()) => running.finished.try_iter().collect(),
            // The thread ended early: return its error.
            Err(_) => self.flush(),
        }
    }

    /// Writes all documents added so far and returns the remaining segments.
    ///
    /// # Errors
    /// See [`Builder::add`].
    pub(in crate::index) fn flush(&mut self) -> Result<Vec<BuiltSegment>> {
        let Some(running) = self.running.take() else {
            return Ok(Vec::new());
        };
        drop(running.documents);
        // Ends when the thread does.
        let finished = running.finished.iter().collect();
        let joined = running.thread.join();
        joined.map_err(|panic| panicked(&*panic)).and(finished)
    }
}

impl Running {
    fn begin(context: BuildContext) -> Result<Running> {
        let (documents, waiting) = bounded(WAITING);
        let (results, finished) = unbounded();
        let thread = thread::Builder::new()
            .name("build".to_owned())
            .spawn(move || {
                let built = catch_unwind(AssertUnwindSafe(|| build(&context, &waiting, &results)));
                if let Err(error) = built.unwrap_or_else(|panic| Err(panicked(&*panic))) {
                    // The receiver is gone only when the writer was dropped; the error has nowhere to go.
                    let _ = results.send(Err(error));
                }
            })
            .map_err(|e| IndexError::Engine(format!("no thread for building the index: {e}")))?;
        Ok(Running {
            documents,
            finished,
            thread,
        })
    }
}

/// Buffers documents and writes segments until the channel closes.
fn build(
    context: &BuildContext,
    documents: &Receiver<IndexDocument>,
    finished: &Sender<Result<BuiltSegment>>,
) -> Result<()> {
    let begin = || SegmentBuffer::new(&context.index, context.fields);
    let mut buffer = begin()?;
    for document in documents {
        buffer.add(document)?;
        if buffer.memory() >= context.memory {
            let full = std::mem::replace(&mut buffer, begin()?);
            let _ = finished.send(Ok(segment::write(context, full)?));
        }
    }
    if !buffer.is_empty() {
        let _ = finished.send(Ok(segment::write(context, buffer)?));
    }
    Ok(())
}

/// An error with the message of a panic.
fn panicked(panic: &(dyn Any + Send)) -> IndexError {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    let said = panic.downcast_ref::<&str>().copied().or(owned);
    let said = said.unwrap_or("no reason given");
    IndexError::Engine(format!("building the index failed: {said}"))
}
