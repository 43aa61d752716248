//! Building segments: clippings in, files of the engine out.
//!
//! Between `feed`, which says what goes in, and the engine, which is given finished segments and
//! commits, merges and deletes. What lies on disk is the engine's own format, written by its own
//! serializers; only the work in memory is done here, since the engine's is made for any tokens and
//! ours are known better (see [`inversion`]).
//!
//! Threads take in a part each; when there is enough, the parts are written as one segment, since one
//! is smaller and quicker to search than several.
//!
//! ```text
//!                  thread: Part ──▶ turned over ──┐
//! Entry ──▶ channel                               ├──▶ one segment ──▶ Finished ──▶ feed ──▶ engine
//!                  thread: Part ──▶ turned over ──┘
//! ```

mod inversion;
mod lists;
mod part;
mod segment;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::{iter, mem};

use crossbeam_channel::{Receiver, Sender, bounded};
use tantivy::Index;

use super::document::Entry;
use super::packing::Packing;
use super::{Fields, IndexError, Result};
use crate::analyze::{Analyzer, Language};

use part::{ClosedPart, Part};
pub(super) use segment::Finished;

/// Clippings that wait for a thread.
const WAITING: usize = 64;

/// Clippings that are added together, when so many wait: each step of adding has tables of its own that
/// are better used again before they are out of reach.
const TOGETHER: usize = 32;

/// Builds segments of clippings.
pub(super) struct Builders {
    index: Index,
    fields: Fields,
    language: Language,
    packing: Packing,
    /// Threads that take in clippings.
    count: usize,
    /// Bytes of memory after which a segment is written.
    memory: usize,
    taking_in: Option<TakingIn>,
    /// The segment that is being written.
    writing: Option<JoinHandle<Result<Finished>>>,
}

/// Threads at work on the parts of a segment.
struct TakingIn {
    entries: Sender<Entry>,
    threads: Vec<JoinHandle<ClosedPart>>,
    /// Bytes of memory that all parts take together.
    memory: Arc<AtomicUsize>,
}

impl Builders {
    /// Builds segments with `count` threads, begun when there is something to do, and about so many
    /// bytes of memory.
    pub(super) fn new(
        index: &Index,
        fields: Fields,
        language: &Language,
        packing: &Packing,
        count: usize,
        memory: usize,
    ) -> Builders {
        Builders {
            index: index.clone(),
            fields,
            language: language.clone(),
            packing: packing.clone(),
            count,
            memory,
            taking_in: None,
            writing: None,
        }
    }

    /// Hands a clipping in; waits when the threads have enough to do. Gives the segment that is written
    /// by then, if there is one.
    ///
    /// # Errors
    /// When a segment could not be written; then clippings are lost that were handed in before.
    pub(super) fn add(&mut self, entry: Entry) -> Result<Option<Finished>> {
        let is_enough =
            |taking_in: &TakingIn| taking_in.memory.load(Ordering::Relaxed) >= self.memory;
        let finished = match self.taking_in.take_if(|taking_in| is_enough(taking_in)) {
            Some(enough) => self.write(enough)?,
            None => None,
        };
        let taking_in = match &mut self.taking_in {
            Some(taking_in) => taking_in,
            none => none.insert(TakingIn::begin(
                self.fields,
                &self.language,
                &self.packing,
                self.count,
            )?),
        };
        match taking_in.entries.send(entry) {
            Ok(()) => Ok(finished),
            // The threads have ended before their time: this tells why.
            Err(_) => Err(self.flush().err().unwrap_or_else(ended)),
        }
    }

    /// Has all that was handed in written, and gives the segments not given yet.
    ///
    /// # Errors
    /// See [`Builders::add`].
    pub(super) fn flush(&mut self) -> Result<Vec<Finished>> {
        let before = match self.taking_in.take() {
            Some(taking_in) => self.write(taking_in)?,
            None => None,
        };
        Ok(before.into_iter().chain(self.written()?).collect())
    }

    /// Begins to write what was taken in. Gives the segment that was being written.
    fn write(&mut self, taking_in: TakingIn) -> Result<Option<Finished>> {
        // Records are packed with the dictionary that the first of them teach.
        self.packing.learned()?;
        let parts = taking_in.close()?;
        let before = self.written()?;
        let (index, fields) = (self.index.clone(), self.fields);
        let writing = thread::Builder::new()
            .name("segment".to_owned())
            .spawn(move || segment::write(&index, fields, parts))
            .map_err(no_thread)?;
        self.writing = Some(writing);
        Ok(before)
    }

    /// The segment that was being written, when it is.
    fn written(&mut self) -> Result<Option<Finished>> {
        let Some(writing) = self.writing.take() else {
            return Ok(None);
        };
        writing.join().map_err(|panic| panicked(&*panic))?.map(Some)
    }
}

impl TakingIn {
    fn begin(
        fields: Fields,
        language: &Language,
        packing: &Packing,
        count: usize,
    ) -> Result<TakingIn> {
        let (entries, waiting) = bounded(WAITING);
        let memory = Arc::new(AtomicUsize::new(0));
        let mut threads = Vec::with_capacity(count);
        for number in 0..count {
            let (waiting, memory) = (waiting.clone(), Arc::clone(&memory));
            let (language, packing) = (language.clone(), packing.clone());
            let run = move || {
                let part = take_in(&waiting, Part::new(fields), &memory);
                part.close(&mut Analyzer::new(language), &packing)
            };
            let thread = thread::Builder::new().name(format!("part {number}"));
            threads.push(thread.spawn(run).map_err(no_thread)?);
        }
        Ok(TakingIn {
            entries,
            threads,
            memory,
        })
    }

    /// Waits until all is taken in and turned over.
    fn close(self) -> Result<Vec<ClosedPart>> {
        drop(self.entries);
        let parts = self.threads.into_iter().map(JoinHandle::join);
        // Waits for all, whatever became of the first.
        let parts: Vec<_> = parts.collect();
        let parts = parts
            .into_iter()
            .map(|part| part.map_err(|panic| panicked(&*panic)));
        parts.collect()
    }
}

/// Takes in clippings until no more come. `memory` is what this and other threads take together.
fn take_in(entries: &Receiver<Entry>, mut part: Part, memory: &AtomicUsize) -> Part {
    let mut own = 0;
    while let Ok(first) = entries.recv() {
        let further = entries.try_iter().take(TOGETHER - 1);
        part.add(iter::once(first).chain(further).collect());
        let before = mem::replace(&mut own, part.memory());
        memory.fetch_add(own.saturating_sub(before), Ordering::Relaxed);
    }
    part
}

fn no_thread(error: std::io::Error) -> IndexError {
    IndexError::Engine(format!("no thread for building the index: {error}"))
}

fn ended() -> IndexError {
    IndexError::Engine("the threads that build the index have ended".to_owned())
}

/// What a panic said.
fn panicked(panic: &(dyn Any + Send)) -> IndexError {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    let said = panic.downcast_ref::<&str>().copied().or(owned);
    let said = said.unwrap_or("no reason given");
    IndexError::Engine(format!("building the index failed: {said}"))
}
