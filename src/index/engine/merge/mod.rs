//! Merging segments: when there are some of like size they become one, so that a search goes through
//! few.
//!
//! Under `feed`, beside `building`. What is merged and when is decided in `choice`, what comes out is
//! written in `merged`. The engine can merge too, for clippings in any order: it looks up where each
//! posting's clipping goes, and waits for memory each time. Here segments are laid one after the other,
//! so the clippings of one move by the same number, unless some were taken out.
//!
//! A merge runs beside all else, over the clippings of a commit. A later commit puts its segment in the
//! place of those it was made of, and takes out of it what was taken out meanwhile.

mod merge_policy;
mod merged;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use tantivy::index::SegmentId;
use tantivy::{Index, Segment, SegmentMeta, SegmentReader};

/// Merges segments of an index, one merge at a time.
pub(in crate::index) struct Merger {
    index: Index,
    running: Option<Running>,
    /// A merge failed. Without merges searches are slower and nothing else is wrong, and whatever made it
    /// fail (a full disk, damage) is told where it does harm.
    has_failed: bool,
    /// Tells the merge that is running that no one waits for it.
    stop: Arc<AtomicBool>,
}

struct Running {
    /// The segments that are merged. Their files stay for as long as these are here, also when a commit
    /// takes out all that is in one.
    sources: Vec<SegmentMeta>,
    deletes_during_merge: Vec<String>,
    thread: JoinHandle<tantivy::Result<Option<Segment>>>,
}

/// A merge that has ended.
pub(in crate::index) struct Merged {
    /// What came out. It is the engine's when it is handed to it.
    pub(in crate::index) segment: Segment,
    /// The segments in whose place it is to be put.
    pub(in crate::index) sources: Vec<SegmentId>,
    /// Names of the clippings that were taken out since it began.
    pub(in crate::index) deletes_during_merge: Vec<String>,
}

impl Merger {
    /// A merger of segments of `index`.
    pub(in crate::index) fn new(index: Index) -> Merger {
        Merger {
            index,
            running: None,
            has_failed: false,
            stop: Arc::default(),
        }
    }

    /// Begins to merge segments of the last commit, unless there is nothing to merge or a merge is running.
    pub(in crate::index) fn begin(&mut self) {
        if self.running.is_some() || self.has_failed {
            return;
        }
        match self.start() {
            Ok(running) => self.running = running,
            Err(_) => self.has_failed = true,
        }
    }

    fn start(&self) -> tantivy::Result<Option<Running>> {
        let segments = self.index.searchable_segment_metas()?;
        let chosen =
            merge_policy::select_merge(segments.iter().map(|s| (s.num_docs(), s.max_doc())));
        if chosen.is_empty() {
            return Ok(None);
        }
        let sources: Vec<_> = chosen.into_iter().map(|at| segments[at].clone()).collect();
        let (index, stop) = (self.index.clone(), Arc::clone(&self.stop));
        let segments = sources.clone();
        let thread = thread::Builder::new().name("merge".to_owned());
        let thread = thread.spawn(move || {
            // Of its own, so that what it reads of them is forgotten with them.
            let readers = segments.into_iter();
            let readers = readers.map(|meta| SegmentReader::open(&index.segment(meta)));
            let readers = readers.collect::<tantivy::Result<Vec<_>>>()?;
            merged::write(&index, &readers, &stop)
        })?;
        Ok(Some(Running {
            sources,
            deletes_during_merge: Vec::new(),
            thread,
        }))
    }

    /// Whether a merge has failed, so that there are none any more.
    pub(in crate::index) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Notes that a commit takes out clippings, which a merge that is running does not know of.
    pub(in crate::index) fn take_out<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        if let Some(running) = &mut self.running {
            running
                .deletes_during_merge
                .extend(names.map(str::to_owned));
        }
    }

    /// The merge that has ended since this was last asked; with `wait`, the one that is running.
    pub(in crate::index) fn ended(&mut self, wait: bool) -> Option<Merged> {
        let has_ended = |running: &mut Running| wait || running.thread.is_finished();
        let Running {
            sources,
            deletes_during_merge,
            thread,
        } = self.running.take_if(has_ended)?;
        match thread.join() {
            Ok(Ok(segment)) => Some(Merged {
                segment: segment?,
                sources: sources.iter().map(SegmentMeta::id).collect(),
                deletes_during_merge,
            }),
            Ok(Err(_)) | Err(_) => {
                self.has_failed = true;
                None
            }
        }
    }
}

impl Drop for Merger {
    /// Ends a merge that no one asked for, lest it write into a folder that another process has.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(running) = self.running.take() {
            let _ = running.thread.join();
        }
    }
}
