//! Adds, deletes, commits and merges: the engine's `IndexWriter`, handed finished segments.
//!
//! Only segments of a commit are merged, one merge at a time, and beside all else. The engine puts the result in
//! the place of its sources, with what was deleted meanwhile.

use std::mem;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::directory::TerminatingWrite;
use tantivy::fastfield::write_alive_bitset;
use tantivy::index::{SegmentComponent, SegmentId};
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::schema::Field;
use tantivy::{BitSet, DocId, Index, IndexWriter, SegmentMeta, TantivyError};

use crate::analyze::Language;
use crate::index::engine::document::IndexDocument;
use crate::index::engine::merge_policy::select_merge;
use crate::index::engine::record_codec::{RecordCodec, TRAINING_BYTES, TrainingSet};
use crate::index::engine::segment_builder::{BuildContext, Builder, BuiltSegment};
use crate::index::engine::snapshot::Snapshot;
use crate::index::engine::tombstones::SegmentDeletes;
use crate::index::{Fields, IndexError, Result};

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

enum Wait {
    Yes,
    No,
}

/// How often dead files are collected at the end, and the pause before the next time.
const COLLECTIONS: usize = 50;
const BETWEEN_COLLECTIONS: Duration = Duration::from_millis(20);

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
    index: Index,
    /// Waits for the merge that is running.
    merge: Option<JoinHandle<tantivy::Result<Option<SegmentMeta>>>>,
    /// Why the last merge failed. There are no more merges then: searches are slower, and nothing else is wrong.
    merge_failure: Option<IndexError>,
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
            index: index.clone(),
            merge: None,
            merge_failure: None,
        })
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
        let finished = self.builder.flush()?;
        self.finished.extend(finished);
        let tombstones = mem::take(&mut self.tombstones);
        let finished = mem::take(&mut self.finished);
        if !tombstones.is_empty() {
            let names = tombstones.keys().map(String::as_str);
            let new = finished.iter().map(|finished| finished.segment.id());
            let before = SegmentDeletes::except(new, self.id, names);
            self.engine.delete_query(Box::new(before))?;
        }
        for segment in finished {
            self.pass_on(segment, &tombstones)?;
        }
        self.engine.commit()?;
        self.bytes = 0;
        Ok(())
    }

    /// Begins to merge segments of the last commit, unless none is due, or a merge is running or has failed.
    pub(in crate::index) fn merge(&mut self) {
        self.end_merge(Wait::No);
        if self.merge.is_some() || self.merge_failure.is_some() {
            return;
        }
        match self.index.searchable_segment_metas() {
            Ok(segments) => {
                let due = select_merge(segments.iter().map(|s| (s.num_docs(), s.max_doc())));
                let due: Vec<_> = due.into_iter().map(|at| segments[at].id()).collect();
                if due.is_empty() {
                    return;
                }
                let merge = self.engine.merge(&due);
                let waiting = thread::Builder::new().name("merge".to_owned());
                match waiting.spawn(move || merge.wait()) {
                    Ok(waiting) => self.merge = Some(waiting),
                    Err(e) => self.merge_failure = Some(TantivyError::from(e).into()),
                }
            }
            Err(e) => self.merge_failure = Some(e.into()),
        }
    }

    /// Merges until no merge is due.
    pub(in crate::index) fn merge_all(&mut self) {
        self.merge();
        while self.merge.is_some() {
            self.end_merge(Wait::Yes);
            self.merge();
        }
    }

    /// Why a merge failed, if one did.
    pub(in crate::index) fn merge_failure(&mut self) -> Option<IndexError> {
        self.merge_failure.take()
    }

    /// Takes note of a merge that has ended.
    fn end_merge(&mut self, wait: Wait) {
        let has_ended =
            |merge: &mut JoinHandle<_>| matches!(wait, Wait::Yes) || merge.is_finished();
        let Some(merge) = self.merge.take_if(has_ended) else {
            return;
        };
        let panicked = |_| Err(TantivyError::SystemError("a merge panicked".to_owned()));
        let result = merge.join().unwrap_or_else(panicked);
        if let Err(e) = result {
            self.merge_failure = Some(e.into());
            // What the merge wrote takes room on a disk that may be full. Where it cannot be removed now, the next
            // commit removes it.
            let _ = self.engine.garbage_collect_files().wait();
        }
    }

    /// Removes files that nothing needs any more, and closes the engine.
    ///
    /// # Errors
    /// When the engine failed.
    pub(in crate::index) fn finish(self) -> Result<()> {
        for _ in 0..COLLECTIONS {
            self.engine.garbage_collect_files().wait()?;
            // The engine reports the end of a merge before it lets go of the segments that were merged.
            if !self.has_dead_files()? {
                break;
            }
            thread::sleep(BETWEEN_COLLECTIONS);
        }
        Ok(self.engine.wait_merging_threads()?)
    }

    /// Whether there are files of segments that are not in the index.
    fn has_dead_files(&self) -> Result<bool> {
        let live: FxHashSet<String> = self
            .index
            .searchable_segment_ids()?
            .iter()
            .map(SegmentId::uuid_string)
            .collect();
        let files = self.index.directory().list_managed_files();
        Ok(files.iter().any(|file| {
            let name = file.to_str().unwrap_or_default();
            let segment = name.split('.').next().unwrap_or_default();
            SegmentId::from_uuid_string(segment).is_ok() && !live.contains(segment)
        }))
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
