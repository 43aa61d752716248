//! Merging segments: when there are some of like size they become one, so that a search goes through
//! few.
//!
//! Under `feed`, beside `building`. What is merged and when is decided in `choice`, what comes out is
//! written in `merged`. The engine can merge too, for clippings in any order: it looks up where each
//! posting's clipping goes, and waits for memory each time. Here segments are laid one after the other,
//! so all clippings of one move by the same number, and a merge takes half of the time.
//!
//! A merge runs beside all else, over the clippings of a commit. A later commit puts its segment in the
//! place of those it was made of, and takes out of it what was taken out meanwhile.

mod choice;
mod merged;
#[cfg(test)]
mod tests;

use std::mem;
use std::thread::{self, JoinHandle};

use tantivy::index::SegmentId;
use tantivy::{Index, Searcher, Segment};

/// Merges segments of an index, one merge at a time.
pub(super) struct Merger {
    index: Index,
    running: Option<Running>,
    /// A merge failed. Without merges searches are slower and nothing else is wrong, and whatever made it
    /// fail (a full disk, damage) is told where it does harm.
    failed: bool,
}

struct Running {
    sources: Vec<SegmentId>,
    missed: Vec<String>,
    thread: JoinHandle<tantivy::Result<Option<Segment>>>,
}

/// A merge that has ended.
pub(super) struct Merged {
    /// What came out. It is the engine's when it is handed to it.
    pub(super) segment: Segment,
    /// The segments in whose place it is to be put.
    pub(super) sources: Vec<SegmentId>,
    /// Names of the clippings that were taken out since it began.
    pub(super) missed: Vec<String>,
}

impl Merger {
    /// A merger of segments of `index`.
    pub(super) fn new(index: Index) -> Merger {
        Merger {
            index,
            running: None,
            failed: false,
        }
    }

    /// Begins to merge segments of the last commit, which `searcher` sees, unless there is nothing to
    /// merge or a merge is running.
    pub(super) fn begin(&mut self, searcher: &Searcher) {
        if self.running.is_some() || self.failed {
            return;
        }
        let segments = searcher.segment_readers();
        let chosen = choice::choose(segments.iter().map(|s| (s.num_docs(), s.max_doc())));
        if chosen.is_empty() {
            return;
        }
        let readers: Vec<_> = chosen.into_iter().map(|at| segments[at].clone()).collect();
        let sources = readers.iter().map(|reader| reader.segment_id()).collect();
        let index = self.index.clone();
        let thread = thread::Builder::new()
            .name("merge".to_owned())
            .spawn(move || merged::write(&index, &readers));
        match thread {
            Ok(thread) => {
                self.running = Some(Running {
                    sources,
                    missed: Vec::new(),
                    thread,
                });
            }
            Err(_) => self.failed = true,
        }
    }

    /// Notes that a commit takes out clippings, which a merge that is running does not know of.
    pub(super) fn take_out<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        if let Some(running) = &mut self.running {
            running.missed.extend(names.map(str::to_owned));
        }
    }

    /// The merge that has ended since this was last asked; with `wait`, the one that is running.
    pub(super) fn ended(&mut self, wait: bool) -> Option<Merged> {
        let has_ended = |running: &mut Running| wait || running.thread.is_finished();
        let Running {
            sources,
            missed,
            thread,
        } = self.running.take_if(has_ended)?;
        match thread.join() {
            Ok(Ok(segment)) => Some(Merged {
                segment: segment?,
                sources,
                missed,
            }),
            Ok(Err(_)) | Err(_) => {
                self.failed = true;
                None
            }
        }
    }
}

impl Drop for Merger {
    /// Waits for a merge that no one asked for, lest it write into a folder that another process has.
    fn drop(&mut self) {
        if let Some(running) = mem::take(&mut self.running) {
            let _ = running.thread.join();
        }
    }
}
