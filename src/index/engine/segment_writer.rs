//! What goes to the engine, in which order, and with how much memory and merging.
//!
//! Under the [`Writer`](super::Writer), which says what clippings there are.

use std::{mem, thread};

use rustc_hash::FxHashMap;
use tantivy::directory::TerminatingWrite;
use tantivy::fastfield::write_alive_bitset;
use tantivy::index::SegmentComponent;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::schema::Field;
use tantivy::{BitSet, DocId, Index, IndexWriter, TantivyError};

use crate::analyze::Language;
use crate::index::engine::document::IndexDocument;
use crate::index::engine::merge::{Merged, Merger};
use crate::index::engine::record_codec::{RecordCodec, TRAINING_BYTES, TrainingSet};
use crate::index::engine::segment_builder::{BuildContext, Builder, BuiltSegment};
use crate::index::engine::snapshot::Snapshot;
use crate::index::engine::tombstones::SegmentDeletes;
use crate::index::{Fields, Result};

/// Bytes of records after which a commit is due: so much makes a segment.
const SEGMENT_BYTES: usize = 56 << 20;

/// Memory in which a segment is built. What records of [`SEGMENT_BYTES`] take of it is less, unless
/// hardly a word in them comes twice.
const MEMORY: usize = 450 << 20;
/// No more threads than this build segments.
const MOST_THREADS: usize = 8;

/// Bytes that the engine wants for a thread that builds segments. It has one, which is never given
/// anything.
const IDLE_THREAD: usize = 15 << 20;

/// The engine with what waits for it.
pub(in crate::index) struct SegmentWriter {
    engine: IndexWriter,
    id: Field,
    builder: Builder,
    packing: RecordCodec,
    /// What is there to train from how to pack records; `None` when it is known, or being learned.
    sample: Option<TrainingSet>,
    /// How many clippings were handed in.
    count: u64,
    /// Bytes of their records since the last commit.
    bytes: usize,
    /// Segments that wait for the commit.
    finished: Vec<BuiltSegment>,
    /// Names of clippings taken out since the last commit, and how many had been handed in before.
    tombstones: FxHashMap<String, u64>,
    merger: Merger,
}

impl SegmentWriter {
    /// The engine over `index`, with so many threads; `None` for as many as there are cores.
    ///
    /// # Errors
    /// When the folder cannot be written, or what its records are packed with cannot be read.
    pub(in crate::index) fn new(
        index: &Index,
        fields: Fields,
        language: &Language,
        packing: RecordCodec,
        threads: Option<usize>,
    ) -> Result<SegmentWriter> {
        let threads = threads
            .or_else(|| thread::available_parallelism().ok().map(usize::from))
            .unwrap_or(1)
            .clamp(1, MOST_THREADS);
        let engine: IndexWriter = index.writer_with_options(
            IndexWriterOptions::builder()
                .num_worker_threads(1)
                .memory_budget_per_thread(IDLE_THREAD)
                .num_merge_threads(1)
                .build(),
        )?;
        engine.set_merge_policy(Box::new(NoMergePolicy));
        Ok(SegmentWriter {
            sample: (!packing.prepare()?).then(TrainingSet::default),
            engine,
            id: fields.id,
            builder: Builder::new(BuildContext {
                index: index.clone(),
                fields,
                language: language.clone(),
                packing: packing.clone(),
                threads,
                memory: MEMORY,
            }),
            packing,
            count: 0,
            bytes: 0,
            finished: Vec::new(),
            tombstones: FxHashMap::default(),
            merger: Merger::new(index.clone()),
        })
    }

    /// How records are packed.
    pub(in crate::index) fn packing(&self) -> &RecordCodec {
        &self.packing
    }

    /// Hands a clipping in. `committed` is what there is already to train from.
    ///
    /// # Errors
    /// When a segment could not be written; then nothing since the last commit is kept.
    pub(in crate::index) fn add(
        &mut self,
        mut entry: IndexDocument,
        committed: &Snapshot,
    ) -> Result<()> {
        if let Some(mut sample) = self.sample.take() {
            if sample.is_empty() {
                let records = committed.sample(TRAINING_BYTES);
                records.iter().for_each(|record| sample.add(record));
            }
            let is_of_committed = !sample.is_empty() && self.count == 0;
            sample.add(&entry.record);
            match is_of_committed || sample.is_enough() {
                true => self.packing.train(sample)?,
                false => self.sample = Some(sample),
            }
        }
        entry.number = self.count;
        self.count += 1;
        self.bytes += entry.record.len();
        self.finished.extend(self.builder.add(entry)?);
        Ok(())
    }

    /// Takes out the clipping of this name that was added before.
    pub(in crate::index) fn delete(&mut self, id: &str) {
        self.tombstones.insert(id.to_owned(), self.count);
    }

    /// Whether enough has come together for a segment.
    pub(in crate::index) fn is_full(&self) -> bool {
        self.bytes >= SEGMENT_BYTES
    }

    /// Makes it all durable and visible.
    ///
    /// # Errors
    /// When it cannot be written; then nothing since the last commit is kept.
    pub(in crate::index) fn commit(&mut self) -> Result<()> {
        let merged = self.ended_merge(false);
        let finished = self.builder.flush()?;
        self.finished.extend(finished);
        let tombstones = mem::take(&mut self.tombstones);
        let finished = mem::take(&mut self.finished);
        self.merger.take_out(tombstones.keys().map(String::as_str));
        if let Some(merged) = merged {
            self.put_in_place(merged)?;
        }
        if !tombstones.is_empty() {
            let names = tombstones.keys().map(String::as_str);
            let new = finished.iter().map(|finished| finished.segment.id());
            let before = SegmentDeletes::but_in(new, self.id, names);
            self.engine.delete_query(Box::new(before))?;
        }
        for segment in finished {
            self.pass_on(segment, &tombstones)?;
        }
        self.engine.commit()?;
        self.bytes = 0;
        Ok(())
    }

    /// Begins to merge segments of the last commit, where that is due.
    pub(in crate::index) fn merge(&mut self) {
        self.merger.begin();
    }

    /// Waits for the merge that is running and commits what came out. Tells whether there was one.
    ///
    /// # Errors
    /// When it cannot be written; all that was committed before is kept.
    pub(in crate::index) fn commit_merged(&mut self) -> Result<bool> {
        let Some(merged) = self.ended_merge(true) else {
            return Ok(false);
        };
        self.put_in_place(merged)?;
        self.engine.commit()?;
        Ok(true)
    }

    /// Removes files that nothing needs any more, and closes the engine.
    ///
    /// # Errors
    /// When the engine failed.
    pub(in crate::index) fn finish(self) -> Result<()> {
        self.engine.garbage_collect_files().wait()?;
        Ok(self.engine.wait_merging_threads()?)
    }

    /// The merge that has ended, see [`Merger::ended`].
    fn ended_merge(&mut self, wait: bool) -> Option<Merged> {
        let had_failed = self.merger.has_failed();
        let merged = self.merger.ended(wait);
        if self.merger.has_failed() && !had_failed {
            // What it wrote takes room on a disk that may be full. Where that cannot be removed now, it is
            // at the next commit.
            let _ = self.engine.garbage_collect_files().wait();
        }
        merged
    }

    /// Gives the engine a segment in the place of those that it was merged of.
    fn put_in_place(&self, merged: Merged) -> Result<()> {
        let Merged {
            segment,
            sources,
            deletes_during_merge,
        } = merged;
        self.engine.add_segment(segment.meta().clone())?;
        let replaced = SegmentDeletes::all_of(sources.into_iter());
        self.engine.delete_query(Box::new(replaced))?;
        if !deletes_during_merge.is_empty() {
            let deletes_during_merge = deletes_during_merge.iter().map(String::as_str);
            let deletes_during_merge =
                SegmentDeletes::from(segment.id(), self.id, deletes_during_merge);
            self.engine.delete_query(Box::new(deletes_during_merge))?;
        }
        Ok(())
    }

    /// Gives the engine a segment, without what was taken out again after it was handed in.
    fn pass_on(
        &self,
        BuiltSegment { segment, clippings }: BuiltSegment,
        tombstones: &FxHashMap<String, u64>,
    ) -> Result<()> {
        let is_dead =
            |(id, number): &(String, u64)| tombstones.get(id).is_some_and(|before| number < before);
        let docs = 0..clippings.len() as DocId;
        let dead: Vec<DocId> = docs
            .zip(&clippings)
            .filter_map(|(doc, clipping)| is_dead(clipping).then_some(doc))
            .collect();
        if dead.is_empty() {
            return Ok(self.engine.add_segment(segment.meta().clone())?);
        }
        let mut alive = BitSet::with_max_value_and_full(clippings.len() as u32);
        for &doc in &dead {
            alive.remove(doc);
        }
        let opstamp = self.engine.commit_opstamp();
        let segment = segment.with_delete_meta(dead.len() as u32, opstamp);
        let mut file = segment
            .open_write(SegmentComponent::Delete)
            .map_err(TantivyError::from)?;
        write_alive_bitset(&alive, &mut file)
            .and_then(|()| file.terminate())
            .map_err(TantivyError::from)?;
        Ok(self.engine.add_segment(segment.meta().clone())?)
    }
}
