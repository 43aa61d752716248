//! What goes to the engine, in which order, and with how much memory and merging.
//!
//! Under the [`Writer`](super::Writer), which says what clippings there are. The first clippings of an
//! index wait here until there are enough of them to learn from how to pack records.

use std::thread;

use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::{Index, IndexWriter, Term};

use super::Result;
use super::committed::Committed;
use super::document::Entry;
use super::packing::{Packing, SAMPLE_BYTES};

/// Memory in which the engine's threads build segments, all together.
const HEAP_BYTES: usize = 192 << 20;
/// The engine takes no more threads than this.
const MOST_THREADS: usize = 8;

/// So many segments of like size become one.
const MERGED_AT_ONCE: usize = 8;
/// Segments of more clippings are merged no more, so that a clipping costs the same in a large index
/// as in a small one. To merge goes through all their files, and what is mapped of them counts as
/// memory of the process.
const LARGE_SEGMENT: usize = 30_000;
/// A segment of which this share is deleted is written anew.
const MOST_DELETED: f32 = 0.3;

/// The engine with what waits for it.
pub(super) struct Feed {
    engine: IndexWriter<Entry>,
    packing: Packing,
    /// Clippings held back until it is known how to pack them; `None` when it is.
    held: Option<Vec<Entry>>,
    /// Bytes of their records.
    held_bytes: usize,
}

impl Feed {
    /// The engine over `index`, with so many threads; `None` for as many as there are cores.
    ///
    /// # Errors
    /// When the folder cannot be written, or what its records are packed with cannot be read.
    pub(super) fn new(index: &Index, packing: Packing, threads: Option<usize>) -> Result<Feed> {
        let threads = threads
            .or_else(|| thread::available_parallelism().ok().map(usize::from))
            .unwrap_or(1)
            .clamp(1, MOST_THREADS);
        let engine: IndexWriter<Entry> = index.writer_with_options(
            IndexWriterOptions::builder()
                .num_worker_threads(threads)
                .memory_budget_per_thread(HEAP_BYTES / threads)
                .num_merge_threads(1)
                .build(),
        )?;
        engine.set_merge_policy(Box::new(merge_policy()));
        // The engine gives its first operation the number of the last commit. A merge of what that
        // commit holds takes such an operation for done already, and a deletion would be lost. So
        // that number goes to an operation that does nothing.
        engine.run([])?;
        Ok(Feed {
            held: (!packing.prepare()?).then(Vec::new),
            held_bytes: 0,
            engine,
            packing,
        })
    }

    /// How records are packed.
    pub(super) fn packing(&self) -> &Packing {
        &self.packing
    }

    /// Hands a clipping to the engine, or holds it back for a while. `committed` is what there is
    /// already to learn from.
    pub(super) fn add(&mut self, mut entry: Entry, committed: &Committed) -> Result<()> {
        if self.held.as_ref().is_some_and(Vec::is_empty) {
            let sample = committed.sample(SAMPLE_BYTES);
            if !sample.is_empty() {
                self.packing.learn(sample.iter().map(Vec::as_slice))?;
                self.held = None;
            }
        }
        let Some(held) = &mut self.held else {
            self.engine.add_document(entry)?;
            return Ok(());
        };
        // What is held back must not keep out what it waits for.
        entry.release_permit();
        self.held_bytes += entry.record().len();
        held.push(entry);
        if self.held_bytes >= SAMPLE_BYTES {
            let held = self.held.take().unwrap_or_default();
            self.packing.learn(held.iter().map(Entry::record))?;
            self.hand_in(held)?;
        }
        Ok(())
    }

    /// Takes out all that has a term, of what was added before.
    pub(super) fn delete(&mut self, term: Term) -> Result<()> {
        // The engine takes deletions in their order.
        self.release()?;
        self.engine.delete_term(term);
        Ok(())
    }

    /// Makes it all durable and visible.
    ///
    /// # Errors
    /// When it cannot be written; then nothing since the last commit is kept.
    pub(super) fn commit(&mut self) -> Result<()> {
        self.release()?;
        self.engine.commit()?;
        Ok(())
    }

    /// Waits for merges to end.
    pub(super) fn finish(self) -> Result<()> {
        Ok(self.engine.wait_merging_threads()?)
    }

    fn release(&mut self) -> Result<()> {
        match &mut self.held {
            Some(held) => {
                let held = std::mem::take(held);
                self.hand_in(held)
            }
            None => Ok(()),
        }
    }

    fn hand_in(&mut self, held: Vec<Entry>) -> Result<()> {
        self.held_bytes = 0;
        for entry in held {
            self.engine.add_document(entry)?;
        }
        Ok(())
    }
}

fn merge_policy() -> LogMergePolicy {
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(MERGED_AT_ONCE);
    policy.set_max_docs_before_merge(LARGE_SEGMENT);
    policy.set_del_docs_ratio_before_merge(MOST_DELETED);
    policy
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::reader::open_data;
    use super::super::{Fields, Meta, Prepared, Writer, WriterOptions};
    use super::*;
    use crate::clipping::Clipping;

    #[test]
    fn no_operation_has_the_number_of_the_last_commit() {
        let dir = tempfile::tempdir().unwrap();
        let options = WriterOptions {
            command: "add",
            wait: Duration::ZERO,
            threads: Some(1),
        };
        for n in 0..3 {
            let mut writer = Writer::open(dir.path(), true, options).unwrap();
            let clipping = Clipping {
                headline: format!("소식 {n}"),
                ..Clipping::default()
            };
            writer.put(Prepared::new(clipping, false)).unwrap();
            writer.finish().unwrap();

            let data = Meta::read(dir.path()).unwrap().data_dir(dir.path());
            let index = open_data(&data).unwrap();
            let packing = Packing::open(&data).unwrap();
            let last = index.load_metas().unwrap().opstamp;
            let feed = Feed::new(&index, packing, Some(1)).unwrap();
            let fields = Fields::of(&index.schema()).unwrap();
            let term = Term::from_field_text(fields.id, "a");
            assert!(feed.engine.delete_term(term) > last, "writer {n}");
        }
    }
}
