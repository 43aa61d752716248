//! Adds, deletes, commits and merges. Wraps tantivy's `IndexWriter`, which is given finished
//! segments.
//!
//! Only committed segments are merged, one merge at a time, in the background. tantivy replaces the
//! sources by the merged segment and applies deletes that happened during the merge.

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

/// A commit is due after this many bytes of records, which make one segment.
const SEGMENT_BYTES: usize = 56 << 20;

/// Memory limit of a segment under construction. [`SEGMENT_BYTES`] of records stay below it, unless
/// hardly a word in them repeats.
const MEMORY: usize = 450 << 20;
/// Maximum number of threads that build a segment.
const MAX_THREADS: usize = 8;

/// Smallest memory budget that tantivy accepts for an indexing thread. It has one, which stays
/// idle.
const IDLE_THREAD: usize = 15 << 20;

enum Wait {
    Yes,
    No,
}

/// How often unused files are collected when the writer is closed, and the pause in between.
const COLLECTIONS: usize = 50;
const BETWEEN_COLLECTIONS: Duration = Duration::from_millis(20);

/// tantivy's writer with the segments that wait for a commit.
pub(in crate::index) struct SegmentWriter {
    engine: IndexWriter,
    id: Field,
    builder: Builder,
    codec: RecordCodec,
    /// Records to train the record dictionary on; `None` once there is one, or training has begun.
    sample: Option<TrainingSet>,
    /// Documents added so far; the sequence number of the next.
    count: u64,
    /// Bytes of records since the last commit.
    bytes: usize,
    /// Segments to hand over at the next commit.
    finished: Vec<BuiltSegment>,
    /// Ids deleted since the last commit, each with the sequence number before which it was
    /// deleted.
    tombstones: FxHashMap<String, u64>,
    index: Index,
    /// Joins the running merge.
    merge: Option<JoinHandle<tantivy::Result<Option<SegmentMeta>>>>,
    /// Why the last merge failed. No further merges are started: searches get slower, nothing is
    /// lost.
    merge_failure: Option<IndexError>,
}

impl SegmentWriter {
    /// `threads` is `None` for one per core.
    ///
    /// # Errors
    /// When the folder is not writable, or the record dictionary is damaged.
    pub(in crate::index) fn new(
        index: &Index,
        fields: Fields,
        language: &Language,
        codec: RecordCodec,
        threads: Option<usize>,
    ) -> Result<SegmentWriter> {
        let threads = threads
            .or_else(|| thread::available_parallelism().ok().map(usize::from))
            .unwrap_or(1)
            .clamp(1, MAX_THREADS);
        let engine: IndexWriter = index.writer_with_options(
            IndexWriterOptions::builder()
                .num_worker_threads(1)
                .memory_budget_per_thread(IDLE_THREAD)
                .num_merge_threads(1)
                .build(),
        )?;
        engine.set_merge_policy(Box::new(NoMergePolicy));
        Ok(SegmentWriter {
            sample: (!codec.prepare()?).then(TrainingSet::default),
            engine,
            id: fields.id,
            builder: Builder::new(BuildContext {
                index: index.clone(),
                fields,
                language: language.clone(),
                codec: Some(codec.clone()),
                threads,
                memory: MEMORY,
                runs: None,
            }),
            codec,
            count: 0,
            bytes: 0,
            finished: Vec::new(),
            tombstones: FxHashMap::default(),
            index: index.clone(),
            merge: None,
            merge_failure: None,
        })
    }

    /// Adds a document. A dictionary is trained on the records of `committed` if there are enough,
    /// else on those of added documents.
    ///
    /// # Errors
    /// When a segment cannot be written; changes since the last commit are then lost.
    pub(in crate::index) fn add(
        &mut self,
        mut document: IndexDocument,
        committed: &Snapshot,
    ) -> Result<()> {
        if let Some(mut sample) = self.sample.take() {
            if sample.is_empty() {
                let records = committed.sample(TRAINING_BYTES);
                records.iter().for_each(|record| sample.add(record));
            }
            let is_of_committed = !sample.is_empty() && self.count == 0;
            sample.add(&document.record);
            match is_of_committed || sample.is_enough() {
                true => self.codec.train(sample)?,
                false => self.sample = Some(sample),
            }
        }
        document.number = self.count;
        self.count += 1;
        self.bytes += document.record.len();
        self.finished.extend(self.builder.add(document)?);
        Ok(())
    }

    /// Deletes the document with this id that was added before.
    pub(in crate::index) fn delete(&mut self, id: &str) {
        self.tombstones.insert(id.to_owned(), self.count);
    }

    /// Whether there are enough records for a segment.
    pub(in crate::index) fn is_full(&self) -> bool {
        self.bytes >= SEGMENT_BYTES
    }

    /// Makes all changes durable and visible.
    ///
    /// # Errors
    /// When the index cannot be written; changes since the last commit are then lost.
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

    /// Starts a merge in the background if one is due, unless one is running or has failed.
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

    /// Takes the error of the last merge, if it failed.
    pub(in crate::index) fn merge_failure(&mut self) -> Option<IndexError> {
        self.merge_failure.take()
    }

    /// Joins a merge that has ended.
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
            // The partial output takes space on a disk that may be full. If it cannot be removed
            // now, the next commit removes it.
            let _ = self.engine.garbage_collect_files().wait();
        }
    }

    /// Removes unused files and closes tantivy's writer.
    ///
    /// # Errors
    /// When a merge thread of tantivy failed.
    pub(in crate::index) fn finish(self) -> Result<()> {
        for _ in 0..COLLECTIONS {
            self.engine.garbage_collect_files().wait()?;
            // tantivy reports a merge as done before it releases the source segments.
            if !self.has_dead_files()? {
                break;
            }
            thread::sleep(BETWEEN_COLLECTIONS);
        }
        Ok(self.engine.wait_merging_threads()?)
    }

    /// Whether there are files of segments that no longer belong to the index.
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

    /// Hands a segment to tantivy, with its documents marked deleted that were deleted after they
    /// were added.
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
