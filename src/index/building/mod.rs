//! Building segments: clippings in, files of the engine out.
//!
//! Between `feed`, which says what goes in, and the engine, which is given finished segments and
//! commits, merges and deletes. What lies on disk is the engine's own format, written by its own
//! serializers; only the work in memory is done here, since the engine's is made for any tokens and
//! ours are known better: a word that was met before gives the same terms as before, so it is kept by
//! a number, and its terms are turned over once for all its places (see [`inversion`]).
//!
//! ```text
//! Entry ──▶ channel ──▶ thread ──▶ SegmentBuilder ──▶ Finished ──▶ feed ──▶ engine
//! ```

mod inversion;
mod segment;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::any::Any;
use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use tantivy::Index;

use super::document::Entry;
use super::{Fields, IndexError, Result};
use crate::analyze::{Analyzer, Language};

pub(super) use segment::Finished;
use segment::SegmentBuilder;

/// Clippings that wait for a thread.
const WAITING: usize = 64;

/// Clippings that are added together, when so many wait: each step of adding has tables of its own that
/// are better used again before they are out of reach.
const TOGETHER: usize = 32;

/// Threads that build segments of clippings.
pub(super) struct Builders {
    index: Index,
    fields: Fields,
    language: Language,
    count: usize,
    /// Bytes of memory after which a segment is finished.
    memory: usize,
    running: Option<Running>,
    /// Analyzers of threads that ended, with what they remember.
    idle: Vec<Analyzer>,
}

struct Running {
    entries: Sender<Entry>,
    finished: Receiver<Result<Finished>>,
    threads: Vec<JoinHandle<Option<Analyzer>>>,
}

impl Builders {
    /// `count` threads, begun when there is something to do, which together take about so many bytes
    /// of memory.
    pub(super) fn new(
        index: &Index,
        fields: Fields,
        language: &Language,
        count: usize,
        memory: usize,
    ) -> Builders {
        Builders {
            index: index.clone(),
            fields,
            language: language.clone(),
            count,
            memory: memory / count,
            running: None,
            idle: Vec::new(),
        }
    }

    /// Hands a clipping in. Waits when the threads have enough to do.
    ///
    /// # Errors
    /// When a segment could not be written; then clippings are lost that were handed in before.
    pub(super) fn add(&mut self, entry: Entry) -> Result<()> {
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(Running::begin(
                &self.index,
                self.fields,
                (0..self.count)
                    .map(|_| {
                        let begin = || Analyzer::new(self.language.clone());
                        self.idle.pop().unwrap_or_else(begin)
                    })
                    .collect(),
                self.memory,
            )?),
        };
        running.entries.send(entry).map_err(|_| ended())
    }

    /// The segments finished since this was asked last.
    ///
    /// # Errors
    /// See [`Builders::add`].
    pub(super) fn finished(&self) -> Result<Vec<Finished>> {
        match &self.running {
            Some(running) => running.finished.try_iter().collect(),
            None => Ok(Vec::new()),
        }
    }

    /// Has all that was handed in finished, and gives the segments not asked for yet.
    ///
    /// # Errors
    /// See [`Builders::add`].
    pub(super) fn flush(&mut self) -> Result<Vec<Finished>> {
        let Some(running) = self.running.take() else {
            return Ok(Vec::new());
        };
        drop(running.entries);
        // Ends when the last thread does.
        let finished = running.finished.iter().collect();
        for thread in running.threads {
            self.idle.extend(thread.join().ok().flatten());
        }
        finished
    }
}

impl Running {
    fn begin(
        index: &Index,
        fields: Fields,
        analyzers: Vec<Analyzer>,
        memory: usize,
    ) -> Result<Running> {
        let (entries, waiting) = bounded(WAITING);
        let (results, finished) = unbounded();
        let mut threads = Vec::with_capacity(analyzers.len());
        for analyzer in analyzers {
            let mut thread = Builder {
                index: index.clone(),
                fields,
                analyzer,
                memory,
            };
            let (waiting, results) = (waiting.clone(), results.clone());
            let started = thread::Builder::new()
                .name("segment".to_owned())
                .spawn(move || {
                    let built = catch_unwind(AssertUnwindSafe(|| thread.run(&waiting, &results)));
                    let error = match built {
                        Ok(Ok(())) => return Some(thread.analyzer),
                        Ok(Err(error)) => error,
                        Err(panic) => IndexError::Engine(format!(
                            "building the index failed: {}",
                            message(&*panic)
                        )),
                    };
                    // No one to tell: the writer is gone.
                    let _ = results.send(Err(error));
                    None
                });
            threads.push(started.map_err(|e| IndexError::Engine(format!("no thread: {e}")))?);
        }
        Ok(Running {
            entries,
            finished,
            threads,
        })
    }
}

/// What a thread has.
struct Builder {
    index: Index,
    fields: Fields,
    analyzer: Analyzer,
    memory: usize,
}

impl Builder {
    /// Builds segments until no more clippings come.
    fn run(
        &mut self,
        entries: &Receiver<Entry>,
        finished: &Sender<Result<Finished>>,
    ) -> Result<()> {
        while let Ok(first) = entries.recv() {
            let mut builder = SegmentBuilder::new(&self.index, self.fields)?;
            let mut next = Some(first);
            while let Some(first) = next {
                let further = entries.try_iter().take(TOGETHER - 1);
                builder.add(iter::once(first).chain(further).collect())?;
                next = match builder.memory() < self.memory {
                    true => entries.recv().ok(),
                    false => None,
                };
            }
            if finished
                .send(Ok(builder.finish(&mut self.analyzer)?))
                .is_err()
            {
                break;
            }
        }
        Ok(())
    }
}

fn ended() -> IndexError {
    IndexError::Engine("the threads that build the index have ended".to_owned())
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    let said = panic.downcast_ref::<&str>().copied().or(owned);
    said.unwrap_or("no reason given")
}
