//! Writes to a cluster, with the identity, merging and near-duplicates of the embedded index, and many writers at once.
//!
//! Clippings are looked up, decided and written in batches of about a thousand. Writes are conditional (`create`, or
//! `if_seq_no`), so a change of another writer is never overwritten: after a conflict, the clipping is looked up and
//! decided again. A write whose answer was lost is repeated; its mark in the document shows that the conflict is with
//! itself. Documents are named by their ids, so there are no duplicates.
//!
//! Counted clippings are on disk in all copies of their shard.

use std::mem;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Value, json};

use super::client::{BulkItem, BulkOutcome};
use super::error::ClusterError;
use super::mapping::{ClusterDocMeta, document, document_name, from_hex, hex};
use super::reading::Hit;
use super::store::ClusterIndex;
use crate::analyze::Analyzer;
use crate::clipping::Clipping;
use crate::index::engine::snapshot::CANDIDATES;
use crate::index::hash::hash_text;
use crate::index::write::decide::{Action, KnownDoc, decide};
use crate::index::write::grouping::MAX_COMPARED;
use crate::index::write::groups::copy_similarity;
use crate::index::write::identity::Identity;
use crate::index::write::incoming_doc::IncomingDoc;
use crate::index::write::writer::{MAX_SOURCES, is_source_of};
use crate::index::{ClippingSink, IndexError, Ledger, Outcome, Outcomes, Result};
use crate::korean_time::day_number;

/// Maximum number of clippings, and of bytes of text, per batch.
const BATCH: usize = 2_000;
const BATCH_BYTES: usize = 16 << 20;

/// Number of documents per bulk request, which has two to four megabytes.
const BULK: usize = 256;

/// Maximum number of bulk requests in flight, each with a thread that analyzes its documents.
const MAX_THREADS: usize = 8;

/// Maximum number of attempts if other writers change a clipping.
const ROUNDS: usize = 10;

/// Adds clippings to an index in a cluster.
pub struct ClusterWriter {
    index: ClusterIndex,
    waiting: Vec<IncomingDoc>,
    bytes: usize,
    analyzers: Vec<Analyzer>,
    now: i64,
    /// First half of the marks of all writes.
    run: u64,
    writes: u64,
    order: i64,
    outcomes: Outcomes,
}

/// The version that a write replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Nothing,
    State { seq_no: u64, primary_term: u64 },
}

/// What a write counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    Added,
    Updated,
    Unchanged,
}

/// A document to be written.
struct Write {
    doc: IncomingDoc,
    meta: ClusterDocMeta,
    expected: Expected,
    mark: String,
    /// The incoming clippings that it merges, in order; they are decided again after a conflict.
    parts: Vec<(IncomingDoc, Counted)>,
}

/// A clipping that may be a copy.
#[derive(Clone)]
struct Print {
    id: String,
    sketch: [u64; 2],
    group: u64,
    day: Option<i64>,
}

/// The documents of the cluster that concern a batch.
#[derive(Default)]
struct KnownDocs {
    by_id: FxHashMap<String, Earlier>,
    by_url: FxHashMap<String, String>,
    /// By band.
    prints: FxHashMap<u64, Vec<Print>>,
    /// Records of possible copies, by id.
    records: FxHashMap<String, Clipping>,
}

#[derive(Clone)]
struct Earlier {
    doc: KnownDoc,
    meta: ClusterDocMeta,
    expected: Expected,
}

impl ClusterWriter {
    /// A writer of `index`. `threads` is `None` for one per core.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(index: ClusterIndex, threads: Option<usize>) -> Result<ClusterWriter> {
        let threads = threads
            .or_else(|| thread::available_parallelism().ok().map(usize::from))
            .unwrap_or(1)
            .clamp(1, MAX_THREADS);
        let mut run = [0; 8];
        getrandom::fill(&mut run).map_err(|e| IndexError::Engine(e.to_string()))?;
        Ok(ClusterWriter {
            analyzers: (0..threads)
                .map(|_| Analyzer::new(index.language.clone()))
                .collect(),
            index,
            waiting: Vec::new(),
            bytes: 0,
            now: Timestamp::now().as_second(),
            run: u64::from_le_bytes(run),
            writes: 0,
            order: 0,
            outcomes: Outcomes::default(),
        })
    }

    /// Writes the waiting clippings and makes them visible.
    fn flush(&mut self) -> Result<()> {
        let mut waiting = mem::take(&mut self.waiting);
        self.bytes = 0;
        if waiting.is_empty() {
            return Ok(());
        }
        // As the digests expect, see `saved::digest_state`: another writer may have stamped higher.
        let now = Timestamp::now().as_second();
        self.now = now.max(self.index.newest_added()?);
        for _ in 0..ROUNDS {
            let known = self.look_up(&waiting)?;
            let writes = self.decide(waiting, known)?;
            waiting = self.write(writes)?;
            self.index.refresh()?;
            if waiting.is_empty() {
                return Ok(());
            }
        }
        Err(ClusterError::Busy {
            seconds: 0,
            status: Some(409),
        }
        .into())
    }

    fn look_up(&self, incoming: &[IncomingDoc]) -> Result<KnownDocs> {
        let mut known = KnownDocs::default();
        let ids: FxHashSet<&str> = incoming.iter().map(|doc| &*doc.clipping.id).collect();
        self.look_up_ids(ids.into_iter().map(str::to_owned).collect(), &mut known)?;
        let urls: FxHashSet<&str> = incoming
            .iter()
            .filter(|doc| !known.by_id.contains_key(&doc.clipping.id))
            .filter_map(|doc| doc.clipping.url.as_deref())
            .collect();
        if !urls.is_empty() {
            let body = json!({
                "size": BATCH,
                "query": {"terms": {"url": urls}},
                "docvalue_fields": ["id"],
                "_source": false,
            });
            let mut ids = Vec::new();
            self.index.pages::<Value>(body, &mut |hit| {
                ids.extend(hit.fields.id);
                Ok(true)
            })?;
            ids.retain(|id| !known.by_id.contains_key(id));
            self.look_up_ids(ids.clone(), &mut known)?;
            for id in ids {
                let url = known
                    .by_id
                    .get(&id)
                    .and_then(|e| e.doc.clipping.url.clone());
                if let Some(url) = url {
                    known.by_url.insert(url, id);
                }
            }
        }
        self.look_up_prints(incoming, &mut known)?;
        Ok(known)
    }

    fn look_up_ids(&self, ids: Vec<String>, known: &mut KnownDocs) -> Result<()> {
        let names: Vec<String> = ids.iter().map(|id| document_name(id)).collect();
        for found in self.index.versioned(&names)?.into_iter().flatten() {
            let meta = found.stored.meta();
            let content = found.stored.content();
            let clipping = found.stored.record;
            known.by_id.insert(
                clipping.id.clone(),
                Earlier {
                    doc: KnownDoc {
                        clipping,
                        content,
                        has_page: false,
                    },
                    meta,
                    expected: Expected::State {
                        seq_no: found.seq_no,
                        primary_term: found.primary_term,
                    },
                },
            );
        }
        Ok(())
    }

    /// Looks up clippings that share a band with one of `incoming`, and the records of possible copies.
    fn look_up_prints(&self, incoming: &[IncomingDoc], known: &mut KnownDocs) -> Result<()> {
        let is_changed = |doc: &&IncomingDoc| {
            let earlier = known.by_id.get(&doc.clipping.id);
            earlier.is_none_or(|earlier| earlier.doc.content != doc.content)
        };
        let changed: Vec<&IncomingDoc> = incoming.iter().filter(is_changed).collect();
        let bands: FxHashSet<u64> = changed
            .iter()
            .flat_map(|doc| doc.fingerprint.bands.iter().copied())
            .collect();
        if bands.is_empty() {
            return Ok(());
        }
        let terms: Vec<String> = bands.iter().map(|&band| hex(band)).collect();
        let body = json!({
            "size": 5_000,
            "query": {"terms": {"bands": terms}},
            "docvalue_fields": ["id", "bands", "sketch", "group", "published"],
            "_source": false,
        });
        self.index.pages::<Value>(body, &mut |hit| {
            let Some((print, of)) = print_of(hit) else {
                return Ok(true);
            };
            for band in of.into_iter().filter(|band| bands.contains(band)) {
                let prints = known.prints.entry(band).or_default();
                if prints.len() < CANDIDATES {
                    prints.push(print.clone());
                }
            }
            Ok(true)
        })?;
        let mut wanted: FxHashSet<String> = FxHashSet::default();
        for doc in changed {
            let proposed = known.proposed(doc);
            wanted.extend(proposed.into_iter().map(|(_, print)| print.id));
        }
        wanted.retain(|id| !known.by_id.contains_key(id));
        let wanted: Vec<String> = wanted.into_iter().collect();
        for found in self.index.read(&wanted)?.into_iter().flatten() {
            known
                .records
                .insert(found.clipping.id.clone(), found.clipping);
        }
        Ok(())
    }

    /// Decides what to write. Several versions of one clipping in a batch become one write.
    fn decide(&mut self, incoming: Vec<IncomingDoc>, mut known: KnownDocs) -> Result<Vec<Write>> {
        let mut writes: Vec<Write> = Vec::new();
        let mut write_of: FxHashMap<String, usize> = FxHashMap::default();
        for mut doc in incoming {
            let earlier = known.of(&mut doc);
            let known_doc = earlier.as_ref().map(|earlier| &earlier.doc);
            let source = &doc.clipping.source;
            let may_replace =
                doc.may_replace || known_doc.is_some_and(|k| is_source_of(&k.clipping, source));
            let action = decide(&doc.clipping, doc.content, false, may_replace, known_doc);
            let (clipping, counted) = match (action, &earlier) {
                (Action::Add, _) | (_, None) => (doc.clipping.clone(), Counted::Added),
                (Action::NoteSource, Some(earlier)) => {
                    // Corrections are not a source.
                    let is_correction = !doc.clipping.corrected.is_empty();
                    match with_source(&earlier.doc.clipping, &doc.clipping) {
                        Some(noted) if !is_correction => (noted, Counted::Unchanged),
                        _ => {
                            self.outcomes.unchanged += 1;
                            continue;
                        }
                    }
                }
                (Action::Replace(merged), Some(_)) => {
                    let mut merged = *merged;
                    merged.other_sources.truncate(MAX_SOURCES);
                    (merged, Counted::Updated)
                }
            };
            let merged = IncomingDoc {
                identity: doc.identity,
                ..IncomingDoc::new(clipping, doc.whole_source)
            };
            let meta = ClusterDocMeta {
                added: earlier
                    .as_ref()
                    .map_or(doc.added.unwrap_or(self.now), |e| e.meta.added),
                group: known.group(&merged, earlier.as_ref()),
                order: self.next_order(),
            };
            let expected = earlier.as_ref().map_or(Expected::Nothing, |e| e.expected);
            known.take(&merged, meta, expected);
            let id = merged.clipping.id.clone();
            match write_of.get(&id).and_then(|&at| writes.get_mut(at)) {
                Some(write) => {
                    write.doc = merged;
                    write.meta = meta;
                    write.parts.push((doc, counted));
                }
                None => {
                    self.writes += 1;
                    write_of.insert(id, writes.len());
                    writes.push(Write {
                        doc: merged,
                        meta,
                        expected,
                        mark: format!("{}-{}", hex(self.run), self.writes),
                        parts: vec![(doc, counted)],
                    });
                }
            }
        }
        Ok(writes)
    }

    /// Analyzes and sends documents, several requests at a time. Returns the clippings to be decided again.
    fn write(&mut self, writes: Vec<Write>) -> Result<Vec<IncomingDoc>> {
        let chunks: Vec<&[Write]> = writes.chunks(BULK).collect();
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<(usize, Result<Vec<BulkOutcome>>)>> = Mutex::default();
        let index = &self.index;
        thread::scope(|scope| {
            for analyzer in &mut self.analyzers {
                let (next, results, chunks) = (&next, &results, &chunks);
                scope.spawn(move || {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(chunk) = chunks.get(at) else {
                            return;
                        };
                        let result = send(index, chunk, analyzer);
                        let failed = result.is_err();
                        if let Ok(mut results) = results.lock() {
                            results.push((at, result));
                        }
                        if failed {
                            next.store(chunks.len(), Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let mut results = results.into_inner().unwrap_or_default();
        results.sort_by_key(|(at, _)| *at);
        let mut failure = None;
        let mut outcomes: Vec<Option<BulkOutcome>> = vec![None; writes.len()];
        for (at, result) in results {
            match result {
                Ok(of_chunk) => {
                    let places = outcomes.iter_mut().skip(at * BULK);
                    places
                        .zip(of_chunk)
                        .for_each(|(place, outcome)| *place = Some(outcome));
                }
                Err(e) => failure = failure.or(Some(e)),
            }
        }
        let mine = self.own_conflicts(&writes, &outcomes)?;
        let mut again = Vec::new();
        for ((write, outcome), is_mine) in writes.into_iter().zip(outcomes).zip(mine) {
            match outcome {
                Some(BulkOutcome::Written) => self.count(&write),
                Some(BulkOutcome::Conflict) if is_mine => self.count(&write),
                Some(BulkOutcome::Conflict) => {
                    again.extend(write.parts.into_iter().map(|(doc, _)| doc));
                }
                Some(BulkOutcome::Refused { reason }) => {
                    let id = write.doc.clipping.id;
                    failure = failure.or(Some(ClusterError::Refused { id, reason }.into()));
                }
                // The request was not sent, or failed.
                None => {}
            }
        }
        match failure {
            Some(failure) => Err(failure),
            None => Ok(again),
        }
    }

    /// Microseconds since 1970, strictly increasing; of several machines as far as their clocks agree.
    fn next_order(&mut self) -> i64 {
        let now = Timestamp::now().as_microsecond();
        self.order = now.max(self.order + 1);
        self.order
    }

    fn count(&mut self, write: &Write) {
        for (_, counted) in &write.parts {
            *match counted {
                Counted::Added => &mut self.outcomes.added,
                Counted::Updated => &mut self.outcomes.updated,
                Counted::Unchanged => &mut self.outcomes.unchanged,
            } += 1;
        }
    }

    /// Finds the conflicts with an earlier attempt of the same write, whose answer was lost.
    fn own_conflicts(
        &self,
        writes: &[Write],
        outcomes: &[Option<BulkOutcome>],
    ) -> Result<Vec<bool>> {
        let mut mine = vec![false; writes.len()];
        let conflicts: Vec<usize> = (0..writes.len())
            .filter(|&n| matches!(outcomes.get(n), Some(Some(BulkOutcome::Conflict))))
            .collect();
        let names = conflicts.iter().filter_map(|&n| writes.get(n));
        let names: Vec<String> = names.map(|w| document_name(&w.doc.clipping.id)).collect();
        for (n, found) in conflicts.into_iter().zip(self.index.versioned(&names)?) {
            if let (Some(write), Some(found), Some(mine)) = (writes.get(n), found, mine.get_mut(n))
            {
                *mine = found.stored.write == write.mark;
            }
        }
        Ok(mine)
    }
}

impl ClippingSink for ClusterWriter {
    fn put(&mut self, mut incoming: IncomingDoc) -> Result<Option<Outcome>> {
        // The memory budget covers the pipeline before this writer, which holds one batch.
        incoming.permit = None;
        incoming.page = None;
        self.bytes += incoming.clipping.body.len();
        self.waiting.push(incoming);
        if self.waiting.len() >= BATCH || self.bytes >= BATCH_BYTES {
            self.flush()?;
        }
        Ok(None)
    }

    fn is_commit_due(&self) -> bool {
        false
    }

    fn commit(&mut self) -> Result<()> {
        self.flush()
    }

    fn take_outcomes(&mut self) -> Outcomes {
        mem::take(&mut self.outcomes)
    }

    fn ledger(&self) -> Option<&Ledger> {
        None
    }

    fn forget_moved_files(&mut self) -> Result<()> {
        Ok(())
    }

    fn prune(&mut self, _: &mut dyn FnMut(&str) -> bool) -> Result<u64> {
        Err(ClusterError::NotOnCluster {
            what: "add --prune",
        }
        .into())
    }
}

impl KnownDocs {
    /// The known version of a clipping, by id or else by URL. A clipping known by its URL takes over the known id.
    fn of(&self, incoming: &mut IncomingDoc) -> Option<Earlier> {
        if let Some(earlier) = self.by_id.get(&incoming.clipping.id) {
            return Some(earlier.clone());
        }
        let id = self.by_url.get(incoming.clipping.url.as_deref()?)?;
        let earlier = self.by_id.get(id)?;
        match incoming.identity {
            Identity::Url => {
                incoming.clipping.id.clone_from(&earlier.doc.clipping.id);
                Some(earlier.clone())
            }
            // Two ids for one URL are two clippings, unless one is the beginning of the other.
            _ if earlier.doc.clipping.excerpt != incoming.clipping.excerpt => Some(earlier.clone()),
            _ => None,
        }
    }

    /// Records a planned write.
    fn take(&mut self, doc: &IncomingDoc, meta: ClusterDocMeta, expected: Expected) {
        let clipping = &doc.clipping;
        if let Some(url) = &clipping.url {
            self.by_url.insert(url.clone(), clipping.id.clone());
        }
        let print = Print {
            id: clipping.id.clone(),
            sketch: doc.fingerprint.sketch,
            group: meta.group,
            day: doc.fingerprint.day,
        };
        for &band in &doc.fingerprint.bands {
            let prints = self.prints.entry(band).or_default();
            prints.retain(|other| other.id != print.id);
            prints.push(print.clone());
        }
        self.by_id.insert(
            clipping.id.clone(),
            Earlier {
                doc: KnownDoc {
                    clipping: clipping.clone(),
                    content: doc.content,
                    has_page: false,
                },
                meta,
                expected,
            },
        );
    }

    /// Possible copies of a clipping, those with the highest estimated similarity first.
    fn proposed(&self, doc: &IncomingDoc) -> Vec<(f64, Print)> {
        let mut seen = FxHashSet::default();
        let mut proposed = Vec::new();
        for print in doc
            .fingerprint
            .bands
            .iter()
            .filter_map(|b| self.prints.get(b))
        {
            for print in print {
                if print.id != doc.clipping.id
                    && seen.insert(print.id.as_str())
                    && let Some(similarity) = doc.fingerprint.estimate(print.sketch, print.day)
                {
                    proposed.push((similarity, print.clone()));
                }
            }
        }
        // Ties: the lower number, so that the result does not depend on the order.
        proposed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.group.cmp(&b.1.group)));
        proposed.truncate(MAX_COMPARED);
        proposed
    }

    /// The near-duplicate group of a clipping: that of its most similar copy, else its previous one, else a new one.
    fn group(&self, doc: &IncomingDoc, earlier: Option<&Earlier>) -> u64 {
        let mut best: Option<(f64, u64)> = None;
        for (_, print) in self.proposed(doc) {
            let known = self
                .by_id
                .get(&print.id)
                .map(|earlier| &earlier.doc.clipping);
            let Some(other) = known.or_else(|| self.records.get(&print.id)) else {
                continue;
            };
            if let Some(similarity) = copy_similarity(&doc.clipping, other)
                && best.is_none_or(|(s, g)| similarity > s || (similarity == s && print.group < g))
            {
                best = Some((similarity, print.group));
            }
        }
        let own = || {
            let earlier = earlier?;
            copy_similarity(&doc.clipping, &earlier.doc.clipping)?;
            Some(earlier.meta.group)
        };
        best.map(|(_, group)| group)
            .or_else(own)
            .unwrap_or_else(|| hash_text(&doc.clipping.id))
    }
}

/// The fingerprint of a hit, and its bands.
fn print_of(hit: Hit<Value>) -> Option<(Print, Vec<u64>)> {
    let fields = hit.fields;
    let sketch = fields.sketch.into_iter().next()?;
    let (low, high) = sketch.split_at_checked(16)?;
    let day = fields.published.first().map(|&seconds| day_number(seconds));
    let print = Print {
        id: fields.id.into_iter().next()?,
        sketch: [from_hex(low)?, from_hex(high)?],
        group: fields.group.first()?.cast_unsigned(),
        day,
    };
    let bands = fields.bands.iter().filter_map(|band| from_hex(band));
    Some((print, bands.collect()))
}

/// A known clipping with the sources of another version added; `None` if it has them all.
fn with_source(known: &Clipping, found: &Clipping) -> Option<Clipping> {
    let mut noted = known.clone();
    let further = found.other_sources.iter().chain([&found.source]);
    for source in further {
        let is_known = is_source_of(&noted, source);
        if !is_known && noted.other_sources.len() < MAX_SOURCES {
            noted.other_sources.push(source.clone());
        }
    }
    (noted.other_sources.len() > known.other_sources.len()).then_some(noted)
}

fn send(
    index: &ClusterIndex,
    writes: &[Write],
    analyzer: &mut Analyzer,
) -> Result<Vec<BulkOutcome>> {
    let mut items = Vec::with_capacity(writes.len());
    for write in writes {
        let id = document_name(&write.doc.clipping.id);
        let action = match write.expected {
            Expected::Nothing => json!({"create": {"_id": id}}),
            Expected::State {
                seq_no,
                primary_term,
            } => json!({"index": {
                "_id": id, "if_seq_no": seq_no, "if_primary_term": primary_term,
            }}),
        };
        items.push(BulkItem {
            action: action.to_string(),
            source: Some(document(&write.doc, write.meta, &write.mark, analyzer)?),
        });
    }
    Ok(index.client.bulk(&index.address.index, &items)?)
}
