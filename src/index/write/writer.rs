//! The writer: adds, updates and removes clippings, and commits.
//!
//! One thread owns the [`Writer`]; analysis, segment building and merging run on other threads (see
//! `engine`). Changes are durable and visible once [`Writer::commit`] returns. If the process dies
//! before that, the index stays at the previous commit.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustc_hash::FxHashSet;

use crate::analyze::Language;
use crate::clipping::Clipping;
use crate::index::engine::DocAddress;
use crate::index::engine::data_index::{DataIndex, Snapshots};
use crate::index::engine::document::{DocHashes, DocMeta, IndexDocument};
use crate::index::engine::segment_writer::SegmentWriter;
use crate::index::engine::snapshot::Snapshot;
use crate::index::language::language_of;
use crate::index::pages::PageWriter;
use crate::index::write::decide::{Action, decide, same_file};
use crate::index::write::folder::{can_become_index, create_index, remove_dead_data};
use crate::index::write::grouping::group_of;
use crate::index::write::incoming_doc::{DocPage, IncomingDoc};
use crate::index::write::ledger::Ledger;
use crate::index::write::lock::WriterLock;
use crate::index::write::lookup::{DocRef, ExistingDoc, Lookup};
use crate::index::write::uncommitted::Uncommitted;
use crate::index::{Fields, IndexError, Meta, PageKey, PageReader, Result, StoredClipping};
use crate::source::{file_of, has_left_folder};

/// A commit is due after this many changed clippings ...
const COMMIT_CHANGES: usize = 50_000;
/// ... or this long after the previous one.
const COMMIT_INTERVAL: Duration = Duration::from_secs(30);

/// Sources stored per clipping. The record is rewritten for each new source, so a page that exists
/// in thousands of copies would otherwise cost quadratic time.
pub(in crate::index) const MAX_SOURCES: usize = 1_000;

/// What [`Writer::put`] did with a clipping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was new.
    Added,
    /// It replaced or changed a stored clipping.
    Updated,
    /// The index already had it; at most its source was added.
    Unchanged,
}

/// Writes an index. At most one exists per index: it holds the writer lock.
pub struct Writer {
    fields: Fields,
    segments: SegmentWriter,
    snapshots: Snapshots,
    committed: Snapshot,
    uncommitted: Uncommitted,
    /// (id, source) pairs to add to stored clippings at the next commit.
    pending_sources: Vec<(String, String)>,
    /// Files that are gone, with records that were found in other files.
    moved_from: FxHashSet<String>,
    last_commit: Instant,
    /// Unix seconds stored as the time of adding.
    now: i64,
    pages: PageWriter,
    ledger: Ledger,
    words_changed: bool,
    lock: WriterLock,
}

/// Options of [`Writer::open`].
#[derive(Debug, Clone, Copy)]
pub struct WriterOptions<'a> {
    /// The running command, shown to processes that find the index locked.
    pub command: &'a str,
    /// How long to wait for the lock.
    pub wait: Duration,
    /// Number of indexing threads; `None` for one per core.
    pub threads: Option<usize>,
}

/// Returned by [`Writer::finish`].
pub struct Finished {
    /// Still held, so that the caller can do more before other writers start.
    pub lock: WriterLock,
    /// Why a merge failed. No clipping is lost; searches are slower until a merge succeeds.
    pub merge_failure: Option<IndexError>,
}

impl Writer {
    /// Opens the index in `dir` for writing; with `create`, creates it if it does not exist.
    ///
    /// # Errors
    /// When the index has another format, dictionary or analyzer, when another process holds the
    /// lock, or when the folder is not writable.
    pub fn open(dir: &Path, create: bool, options: WriterOptions<'_>) -> Result<Writer> {
        if !Meta::exists(dir) {
            if !create {
                return Err(IndexError::Missing(dir.to_owned()));
            }
            if !dir.is_file() {
                fs::create_dir_all(dir).map_err(|e| IndexError::io(dir, e))?;
            }
        }
        // Check before locking, so that no lock file is created in a folder that is not an index.
        match Meta::read(dir) {
            Ok(meta) => meta.check_format()?,
            Err(IndexError::Missing(_)) => {}
            Err(IndexError::Foreign(_)) if can_become_index(dir) => {}
            Err(e) => return Err(e),
        }
        let lock = WriterLock::acquire(dir, options.command, options.wait)?;
        let meta = match Meta::read(dir) {
            Ok(meta) => meta,
            Err(IndexError::Missing(_)) if create => create_index(dir)?,
            Err(IndexError::Foreign(_)) if create && can_become_index(dir) => create_index(dir)?,
            Err(e) => return Err(e),
        };
        let (language, words_changed) = language_of(dir, &meta)?;
        remove_dead_data(dir, &meta);
        let mut writer = Writer::open_data(dir, &meta.data_dir(dir), &language, lock, options)?;
        writer.words_changed = words_changed;
        Ok(writer)
    }

    /// Whether `user-words.txt` changed since the index was created. Until `reindex`, clippings are
    /// still analyzed with the word list stored in the index, so that all terms are consistent.
    pub fn words_changed(&self) -> bool {
        self.words_changed
    }

    pub(in crate::index) fn open_data(
        dir: &Path,
        data: &Path,
        language: &Language,
        lock: WriterLock,
        options: WriterOptions<'_>,
    ) -> Result<Writer> {
        let index = DataIndex::open_for_writing(data)?;
        let snapshots = index.snapshots()?;
        let committed = snapshots.latest(None)?;
        // Digests rely on these times never decreasing, even if the system clock is set back.
        let now = Timestamp::now().as_second().max(committed.newest_added());
        Ok(Writer {
            fields: index.fields(),
            committed,
            snapshots,
            segments: index.segment_writer(language, options.threads)?,
            uncommitted: Uncommitted::default(),
            pending_sources: Vec::new(),
            moved_from: FxHashSet::default(),
            last_commit: Instant::now(),
            now,
            pages: PageWriter::new(dir),
            ledger: Ledger::open(dir)?,
            words_changed: false,
            lock,
        })
    }

    /// The ledger, which is written through the same lock.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Number of clippings in the last commit.
    pub fn len(&self) -> u64 {
        self.committed.len()
    }

    /// Whether the last commit has no clippings.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lookup(&self) -> Lookup<'_> {
        Lookup {
            committed: &self.committed,
            uncommitted: &self.uncommitted,
        }
    }

    /// Adds a clipping, or merges it into the stored version, as `decide` says. A new clipping
    /// identified by its content replaces the one that the same source held before.
    ///
    /// The page of the clipping is stored too; the page of a replaced version is removed.
    ///
    /// # Errors
    /// When the index cannot be read or written; changes since the last commit are then lost.
    pub fn put(&mut self, mut incoming: IncomingDoc) -> Result<Outcome> {
        let existing = self.lookup().existing(&mut incoming, self.now)?;
        let known = existing.as_ref().map(|existing| &existing.doc);
        let source = &incoming.clipping.source;
        let may_replace = incoming.may_replace
            || known.is_some_and(|known| is_source_of(&known.clipping, source));
        let has_page = incoming.page.is_some();
        let action = decide(
            &incoming.clipping,
            incoming.content,
            has_page,
            may_replace,
            known,
        );
        match (action, existing) {
            (Action::Add, _) | (_, None) => {
                let replaced = self.supersede_previous(&mut incoming)?;
                self.add(incoming, None)?;
                Ok(match replaced {
                    true => Outcome::Updated,
                    false => Outcome::Added,
                })
            }
            (Action::NoteSource, Some(existing)) => {
                self.queue_sources(incoming.clipping, &existing.doc.clipping);
                Ok(Outcome::Unchanged)
            }
            (Action::Replace(merged), Some(existing)) => {
                self.replace(incoming, *merged, &existing)?;
                Ok(Outcome::Updated)
            }
        }
    }

    /// Queues the sources of `found` to be added to the stored clipping `known` at the next commit.
    /// A record of corrections is not a source.
    fn queue_sources(&mut self, found: Clipping, known: &Clipping) {
        if !found.corrected.is_empty() {
            return;
        }
        let is_known = is_source_of(known, &found.source);
        for source in found.other_sources {
            self.pending_sources.push((known.id.clone(), source));
        }
        if !is_known && known.other_sources.len() < MAX_SOURCES {
            self.pending_sources.push((known.id.clone(), found.source));
        }
    }

    /// Replaces `existing` by `merged`, which combines it with `incoming`.
    fn replace(
        &mut self,
        incoming: IncomingDoc,
        mut merged: Clipping,
        existing: &ExistingDoc,
    ) -> Result<()> {
        merged
            .other_sources
            .retain(|source| !has_left_folder(source));
        merged.other_sources.truncate(MAX_SOURCES);
        // The stored page stays if the merged clipping is still the one made from it.
        let is_of_stored_page = merged.source == existing.doc.clipping.source;
        let page = match incoming.page {
            None if is_of_stored_page && merged.source != incoming.clipping.source => {
                existing.page.map(DocPage::Kept)
            }
            page => page,
        };
        let merged = IncomingDoc {
            identity: incoming.identity,
            whole_source: incoming.whole_source,
            page,
            permit: incoming.permit,
            ..IncomingDoc::new(merged, incoming.whole_source)
        };
        self.delete(&existing.doc.clipping.id, existing.page)?;
        self.add(merged, Some((existing.added, existing.address)))
    }

    /// Like [`Writer::put`], with a given time of adding.
    pub(in crate::index) fn put_with_added_at(
        &mut self,
        incoming: IncomingDoc,
        added: i64,
    ) -> Result<Outcome> {
        let now = std::mem::replace(&mut self.now, added);
        let outcome = self.put(incoming);
        self.now = now;
        outcome
    }

    /// Whether no stored clipping has the id of `incoming`.
    pub(in crate::index) fn is_new(&self, incoming: &IncomingDoc) -> Result<bool> {
        Ok(self.lookup().by_id(&incoming.clipping.id)?.is_none())
    }

    /// Removes the previous content of a source that holds a single clipping identified by its
    /// content. If the old clipping has other sources, only removes this one from it. Returns
    /// whether there was such a clipping.
    fn supersede_previous(&mut self, incoming: &mut IncomingDoc) -> Result<bool> {
        let (Some(_), Some(previous)) = (incoming.content_id(), &incoming.replaces) else {
            return Ok(false);
        };
        let Some(DocRef::Committed(at)) = self.lookup().by_id(previous)? else {
            return Ok(false);
        };
        let source = &incoming.clipping.source;
        let mut old = self.committed.clipping(at)?;
        if old.source == *source {
            if !old.other_sources.is_empty() {
                old.source = old.other_sources.remove(0);
            } else {
                let page = self.committed.page(at)?;
                self.delete(previous, page)?;
                incoming.apply_corrections(&old);
                return Ok(true);
            }
        } else if let Some(index) = old.other_sources.iter().position(|s| s == source) {
            old.other_sources.remove(index);
        } else {
            // The stored clipping has other sources only.
            return Ok(false);
        }
        let page = self.committed.page(at)?;
        self.delete(previous, page)?;
        let added = self.committed.added(at).unwrap_or(self.now);
        let old = IncomingDoc::from_stored(old).with_kept(page);
        self.add(old, Some((added, Some(at))))?;
        Ok(true)
    }

    /// Removes the clippings with exactly these ids and returns how many there were. Their pages
    /// stay until the next rebuild, so that [`Writer::restore`] can use them.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn remove_keeping_pages<'a>(
        &mut self,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<u64> {
        let mut removed = 0;
        for id in ids {
            if self.lookup().by_id(id)?.is_some() {
                self.delete(id, None)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Restores a removed clipping with its time of adding, and with its page if that is among
    /// `pages`. Returns whether its page is lost.
    ///
    /// # Errors
    /// See [`Writer::put`].
    pub fn restore(&mut self, stored: StoredClipping, pages: &PageReader) -> Result<bool> {
        let page = stored.page.filter(|key| pages.length(*key).is_some());
        let is_lost = stored.page.is_some() && page.is_none();
        let incoming = IncomingDoc::new(stored.clipping, false).with_kept(page);
        let added = stored.added.unwrap_or(self.now);
        self.put_with_added_at(incoming, added)?;
        Ok(is_lost)
    }

    /// Removes the clippings with exactly these ids and returns how many there were.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn remove<'a>(&mut self, ids: impl IntoIterator<Item = &'a str>) -> Result<u64> {
        let mut removed = 0;
        for id in ids {
            let lookup = self.lookup();
            let Some(at) = lookup.by_id(id)? else {
                continue;
            };
            let page = lookup.page(&at)?;
            self.delete(id, page)?;
            removed += 1;
        }
        Ok(removed)
    }

    /// Deletes a clipping. Its page is removed after the next commit.
    fn delete(&mut self, id: &str, page: Option<PageKey>) -> Result<()> {
        if let Some(page) = page {
            self.pages.drop_later(page);
        }
        self.segments.delete(id);
        self.uncommitted.remove(id);
        Ok(())
    }

    /// Adds a clipping that replaces no other. `previous` is the time of adding and the address of
    /// an earlier version, which was deleted.
    pub(in crate::index) fn add(
        &mut self,
        incoming: IncomingDoc,
        previous: Option<(i64, Option<DocAddress>)>,
    ) -> Result<()> {
        let address = previous.and_then(|(_, address)| address);
        let meta = DocMeta {
            added: previous.map_or(self.now, |(added, _)| added),
            group: group_of(self.lookup(), &incoming, address)?,
            page: None,
        };
        self.add_with_meta(incoming, meta)
    }

    /// Adds a clipping whose time of adding and group are known. The page of `meta` is taken from
    /// `incoming`.
    pub(in crate::index) fn add_with_meta(
        &mut self,
        incoming: IncomingDoc,
        mut meta: DocMeta,
    ) -> Result<()> {
        match &incoming.page {
            Some(DocPage::New(page)) => {
                let key = page.key(&incoming.clipping.id);
                self.pages.put(key, page)?;
                meta.page = Some(key);
            }
            Some(DocPage::Kept(key)) => {
                self.pages.keep(*key);
                meta.page = Some(*key);
            }
            None => {}
        }
        self.uncommitted.add(&incoming, meta)?;
        let IncomingDoc {
            clipping,
            content,
            fingerprint,
            permit,
            ..
        } = incoming;
        let hashes = DocHashes {
            content,
            bands: fingerprint.bands,
            sketch: fingerprint.sketch,
        };
        let document = IndexDocument::new(&self.fields, clipping, &hashes, meta, permit)?;
        self.segments.add(document, &self.committed)
    }

    /// Whether there are enough changes for a segment, or the last commit is long enough ago.
    pub fn is_commit_due(&self) -> bool {
        !self.is_clean()
            && (self.segments.is_full()
                || self.uncommitted.len() >= COMMIT_CHANGES
                || self.last_commit.elapsed() >= COMMIT_INTERVAL)
    }

    fn is_clean(&self) -> bool {
        self.uncommitted.is_empty() && self.pending_sources.is_empty()
    }

    /// Makes all changes since the last commit durable and visible, atomically.
    ///
    /// # Errors
    /// When the index cannot be written (a full disk); changes since the last commit are then lost.
    pub fn commit(&mut self) -> Result<()> {
        if !self.uncommitted.is_empty() {
            self.commit_changes()?;
        }
        if !self.pending_sources.is_empty() {
            let mut pending = std::mem::take(&mut self.pending_sources);
            // A stable sort keeps the sources of one clipping in order.
            pending.sort_by(|a, b| a.0.cmp(&b.0));
            let mut renamed = Vec::new();
            for of_one in pending.chunk_by(|a, b| a.0 == b.0) {
                self.add_sources(of_one, &mut renamed)?;
            }
            self.commit_changes()?;
            let (moved, whole): (Vec<_>, Vec<_>) = renamed
                .into_iter()
                .partition(|source| file_of(source) != source);
            self.ledger.forget(whole.iter().map(String::as_bytes))?;
            self.moved_from
                .extend(moved.iter().map(|source| file_of(source).to_owned()));
        }
        self.segments.merge();
        self.last_commit = Instant::now();
        Ok(())
    }

    fn commit_changes(&mut self) -> Result<()> {
        self.pages.sync()?;
        self.segments.commit()?;
        self.uncommitted = Uncommitted::default();
        self.committed = self.snapshots.latest(Some(&self.committed))?;
        self.pages.remove_dropped()
    }

    /// Adds sources to one committed clipping; `pending` are pairs of its id and a source. Known
    /// sources whose file is gone from an existing folder are dropped and added to `renamed`.
    fn add_sources(
        &mut self,
        pending: &[(String, String)],
        renamed: &mut Vec<String>,
    ) -> Result<()> {
        let Some((id, _)) = pending.first() else {
            return Ok(());
        };
        let Some(at) = self.committed.by_id(id)? else {
            return Ok(());
        };
        let mut clipping = self.committed.clipping(at)?;
        let before = clipping.other_sources.len();
        for (_, source) in pending {
            if clipping.other_sources.len() >= MAX_SOURCES {
                break;
            }
            if clipping.source != *source && !clipping.other_sources.contains(source) {
                clipping.other_sources.push(source.clone());
            }
        }
        if clipping.other_sources.len() == before {
            return Ok(());
        }
        let sources = sources_without(&clipping, &mut |source| {
            let is_renamed = has_left_folder(source);
            if is_renamed {
                renamed.push(source.to_owned());
            }
            is_renamed
        });
        self.set_sources(at, clipping, sources)
    }

    /// Replaces the sources of a committed clipping, unless `sources` is empty.
    fn set_sources(
        &mut self,
        at: DocAddress,
        mut clipping: Clipping,
        sources: Vec<String>,
    ) -> Result<()> {
        let mut sources = sources.into_iter();
        if let Some(first) = sources.next() {
            clipping.source = first;
            clipping.other_sources = sources.collect();
        }
        let meta = DocMeta {
            added: self.committed.added(at).unwrap_or(self.now),
            group: self.committed.candidate(at).map_or(0, |c| c.group),
            page: None,
        };
        let page = self.committed.page(at)?;
        self.delete(&clipping.id, page)?;
        self.add_with_meta(IncomingDoc::from_stored(clipping).with_kept(page), meta)
    }

    /// Drops the sources for which `is_gone`, removes the clippings that have none left, and returns
    /// how many were removed.
    ///
    /// # Errors
    /// When the index cannot be read or written.
    pub fn prune(&mut self, is_gone: &mut dyn FnMut(&str) -> bool) -> Result<u64> {
        self.commit()?;
        let mut affected: Vec<(String, Vec<String>)> = Vec::new();
        for at in self.committed.addresses() {
            let clipping = self.committed.clipping(at)?;
            let sources = sources_without(&clipping, is_gone);
            if sources.len() <= clipping.other_sources.len() {
                affected.push((clipping.id, sources));
            }
        }
        let mut removed = 0;
        for (id, sources) in affected {
            if sources.is_empty() {
                removed += self.remove([id.as_str()])?;
            } else if let Some(at) = self.committed.by_id(&id)? {
                let clipping = self.committed.clipping(at)?;
                self.set_sources(at, clipping, sources)?;
            }
            if self.is_commit_due() {
                self.commit()?;
            }
        }
        self.commit()?;
        Ok(removed)
    }

    /// Forgets the files that are gone and of which all records are in other files by now. Reads all
    /// clippings if a record was found in another file since the last call.
    ///
    /// # Errors
    /// When the index cannot be read or the ledger cannot be written.
    pub fn forget_moved_files(&mut self) -> Result<()> {
        let mut moved = std::mem::take(&mut self.moved_from);
        for at in self.committed.addresses() {
            if moved.is_empty() {
                return Ok(());
            }
            let clipping = self.committed.clipping(at)?;
            for source in std::iter::once(&clipping.source).chain(&clipping.other_sources) {
                moved.remove(file_of(source));
            }
        }
        self.ledger.forget(moved.iter().map(String::as_bytes))
    }

    /// Commits and waits for all due merges.
    ///
    /// # Errors
    /// See [`Writer::commit`].
    pub fn finish(mut self) -> Result<Finished> {
        self.commit()?;
        // Everything is committed. A merge that fails, say on a full disk, is left to the next writer.
        self.segments.merge_all();
        let merge_failure = self.segments.merge_failure();
        // Close all files first: open ones are not removed.
        drop(self.committed);
        drop(self.snapshots);
        self.segments.finish()?;
        Ok(Finished {
            lock: self.lock,
            merge_failure,
        })
    }
}

/// The sources of a clipping for which not `is_gone`, in order.
fn sources_without(clipping: &Clipping, is_gone: &mut dyn FnMut(&str) -> bool) -> Vec<String> {
    std::iter::once(&clipping.source)
        .chain(&clipping.other_sources)
        .filter(|source| !is_gone(source))
        .cloned()
        .collect()
}

/// Whether one of the sources of `clipping` is in the same file as `source`.
pub(in crate::index) fn is_source_of(clipping: &Clipping, source: &str) -> bool {
    same_file(&clipping.source, source)
        || clipping
            .other_sources
            .iter()
            .any(|other| same_file(other, source))
}
