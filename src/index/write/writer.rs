//! Writing an index: identity, changes, near-duplicate groups, commits.
//!
//! One thread holds the [`Writer`] and hands clippings in one after the other; analysis, building and
//! merging of segments happen in others (see `engine`). Nothing counts as kept before
//! [`Writer::commit`] returns; what a killed process had not committed is not in the index at all.

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
use crate::index::engine::record;
use crate::index::engine::segment_writer::SegmentWriter;
use crate::index::engine::snapshot::{Candidate, Snapshot};
use crate::index::hash::hash_text;
use crate::index::language::language_of;
use crate::index::pages::PageWriter;
use crate::index::write::decide::{Action, KnownDoc, decide, same_file};
use crate::index::write::folder::{begin, only_ours, remove_dead_data};
use crate::index::write::groups::copy_similarity;
use crate::index::write::identity::Identity;
use crate::index::write::incoming_doc::{DocPage, IncomingDoc};
use crate::index::write::ledger::Ledger;
use crate::index::write::lock::WriterLock;
use crate::index::write::uncommitted::Uncommitted;
use crate::index::{Fields, IndexError, Meta, PageKey, Result};
use crate::source::has_left_folder;

/// A commit is due after so many changes ...
const COMMIT_CHANGES: usize = 50_000;
/// ... or after so long.
const COMMIT_TIME: Duration = Duration::from_secs(30);

/// Places that are remembered of one clipping. A page that lies around in thousands of copies would
/// otherwise grow a record that is read and written anew for each of them.
const MOST_SOURCES: usize = 1_000;

/// So many clippings that may be copies of a new one are compared with it by their texts: the most similar by estimate.
const MOST_COMPARED: usize = 8;

/// What became of a clipping that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was not known.
    Added,
    /// It was known with another content, or at other places.
    Updated,
    /// It was known just so.
    Unchanged,
}

/// The one writer of an index.
pub struct Writer {
    fields: Fields,
    segments: SegmentWriter,
    snapshots: Snapshots,
    committed: Snapshot,
    changes: Uncommitted,
    /// Sources to be added to clippings that are not committed yet.
    further_sources: Vec<(String, String)>,
    last_commit: Instant,
    now: i64,
    pages: PageWriter,
    ledger: Ledger,
    words_changed: bool,
    lock: WriterLock,
}

/// How to open a writer.
#[derive(Debug, Clone, Copy)]
pub struct WriterOptions<'a> {
    /// The command that writes, named to processes that find the index locked.
    pub command: &'a str,
    /// How long to wait for another writer to end.
    pub wait: Duration,
    /// Threads of the engine; `None` for as many as there are cores.
    pub threads: Option<usize>,
}

/// What is left of a writer that has ended.
pub struct Finished {
    /// The right to write, until it is dropped.
    pub lock: WriterLock,
    /// Why segments could not be merged. All clippings are kept; searches are slower until a merge succeeds.
    pub merge_failure: Option<IndexError>,
}

impl Writer {
    /// Opens the index in `dir` for writing, or makes one there when there is none and `create`.
    ///
    /// # Errors
    /// When it was made by another version or with another dictionary, when another process writes,
    /// when the folder cannot be written.
    pub fn open(dir: &Path, create: bool, options: WriterOptions<'_>) -> Result<Writer> {
        if !Meta::exists(dir) {
            if !create {
                return Err(IndexError::Missing(dir.to_owned()));
            }
            if !dir.is_file() {
                fs::create_dir_all(dir).map_err(|e| IndexError::io(dir, e))?;
            }
        }
        // Before the lock, so that none is left in a folder that is no index.
        match Meta::read(dir) {
            Ok(meta) => meta.check_format()?,
            Err(IndexError::Missing(_)) => {}
            Err(IndexError::Foreign(_)) if only_ours(dir) => {}
            Err(e) => return Err(e),
        }
        let lock = WriterLock::acquire(dir, options.command, options.wait)?;
        let meta = match Meta::read(dir) {
            Ok(meta) => meta,
            Err(IndexError::Missing(_)) if create => begin(dir)?,
            Err(IndexError::Foreign(_)) if create && only_ours(dir) => begin(dir)?,
            Err(e) => return Err(e),
        };
        let (language, words_changed) = language_of(dir, &meta)?;
        remove_dead_data(dir, &meta);
        let mut writer = Writer::over(dir, &meta.data_dir(dir), &language, lock, options)?;
        writer.words_changed = words_changed;
        Ok(writer)
    }

    /// Whether the user's word list says something else than when the index was made. What is taken
    /// in is read by the words it was made with, so that all of it agrees.
    pub fn words_changed(&self) -> bool {
        self.words_changed
    }

    pub(in crate::index) fn over(
        dir: &Path,
        data: &Path,
        language: &Language,
        lock: WriterLock,
        options: WriterOptions<'_>,
    ) -> Result<Writer> {
        let index = DataIndex::open_for_writing(data)?;
        let snapshots = index.snapshots()?;
        let committed = snapshots.latest(None)?;
        // Digests compare these times: they never decrease, though a clock may be set back.
        let now = Timestamp::now().as_second().max(committed.newest_added());
        Ok(Writer {
            fields: index.fields(),
            committed,
            snapshots,
            segments: index.segment_writer(language, options.threads)?,
            changes: Uncommitted::default(),
            further_sources: Vec::new(),
            last_commit: Instant::now(),
            now,
            pages: PageWriter::new(dir),
            ledger: Ledger::open(dir)?,
            words_changed: false,
            lock,
        })
    }

    /// The ledger of the sources.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// How many clippings the last commit held.
    pub fn len(&self) -> u64 {
        self.committed.len()
    }

    /// Whether the last commit held none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a clipping, or merges it into what is known of it, as `decide` says. One that is known by nothing but its
    /// content, from a source that held another before, replaces that one.
    ///
    /// Its page, where it brings one, is kept with it; the page of what it replaces is dropped.
    ///
    /// # Errors
    /// When the index cannot be read or written; then nothing since the last commit is kept.
    pub fn put(&mut self, mut incoming: IncomingDoc) -> Result<Outcome> {
        let earlier = self.known(&mut incoming)?;
        let known = earlier.as_ref().map(|earlier| &earlier.doc);
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
        match (action, earlier) {
            (Action::Add, _) | (_, None) => {
                let replaced = self.leave_origin(&incoming)?;
                self.add(incoming, None)?;
                Ok(match replaced {
                    true => Outcome::Updated,
                    false => Outcome::Added,
                })
            }
            (Action::NoteSource, Some(earlier)) => {
                self.note_sources_later(incoming.clipping, &earlier.doc.clipping);
                Ok(Outcome::Unchanged)
            }
            (Action::Replace(merged), Some(earlier)) => {
                self.replace(incoming, *merged, &earlier)?;
                Ok(Outcome::Updated)
            }
        }
    }

    /// Notes where a known clipping was found, with the next commit.
    fn note_sources_later(&mut self, found: Clipping, known: &Clipping) {
        let is_known = is_source_of(known, &found.source);
        for source in found.other_sources {
            self.further_sources.push((known.id.clone(), source));
        }
        if !is_known && known.other_sources.len() < MOST_SOURCES {
            self.further_sources.push((known.id.clone(), found.source));
        }
    }

    /// Replaces what is known by `merged`, which was merged of that and `incoming`.
    fn replace(
        &mut self,
        incoming: IncomingDoc,
        mut merged: Clipping,
        earlier: &Earlier,
    ) -> Result<()> {
        merged
            .other_sources
            .retain(|source| !has_left_folder(source));
        merged.other_sources.truncate(MOST_SOURCES);
        let is_of_known_page = merged.source == earlier.doc.clipping.source;
        let page = match incoming.page {
            None if is_of_known_page && merged.source != incoming.clipping.source => {
                earlier.page.map(DocPage::Kept)
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
        self.delete(&earlier.doc.clipping.id, earlier.page)?;
        self.add(merged, Some((earlier.added, earlier.at)))
    }

    /// The same for a clipping that was first added at `added`.
    pub(in crate::index) fn put_with_added_at(
        &mut self,
        prepared: IncomingDoc,
        added: i64,
    ) -> Result<Outcome> {
        let now = std::mem::replace(&mut self.now, added);
        let outcome = self.put(prepared);
        self.now = now;
        outcome
    }

    /// Looks a clipping up by its id, then by its address. When it is known by its address under another id, it takes
    /// that id over.
    fn known(&self, incoming: &mut IncomingDoc) -> Result<Option<Earlier>> {
        if let Some(known) = self.by_id(&incoming.clipping.id)? {
            return self.earlier(known).map(Some);
        }
        let Some(url) = &incoming.clipping.url else {
            return Ok(None);
        };
        let known = match self.changes.by_url(url) {
            Some(id) => self.by_id(id)?,
            None => match self.committed.by_url(url)? {
                Some(at) => self.by_id(&self.committed.clipping(at)?.id)?,
                None => None,
            },
        };
        let Some(known) = known else {
            return Ok(None);
        };
        let earlier = self.earlier(known)?;
        match incoming.identity {
            Identity::Address => {
                incoming.clipping.id.clone_from(&earlier.doc.clipping.id);
                Ok(Some(earlier))
            }
            // Two ids for one address are two clippings, unless one is but the beginning of the other.
            _ if earlier.doc.clipping.excerpt != incoming.clipping.excerpt => Ok(Some(earlier)),
            _ => Ok(None),
        }
    }

    /// What a clipping is before a change.
    fn earlier(&self, known: Known) -> Result<Earlier> {
        match known {
            Known::Pending(id) => {
                let Some(pending) = self.changes.by_id(&id).flatten() else {
                    return Err(IndexError::Engine(format!("lost sight of {id}")));
                };
                Ok(Earlier {
                    doc: KnownDoc {
                        clipping: record::read(&pending.record)?,
                        content: pending.content,
                        has_page: pending.page.is_some(),
                    },
                    added: pending.added,
                    page: pending.page,
                    at: None,
                })
            }
            Known::Snapshot(at) => {
                let page = self.committed.page(at)?;
                Ok(Earlier {
                    doc: KnownDoc {
                        clipping: self.committed.clipping(at)?,
                        content: self.committed.content(at).unwrap_or_default(),
                        has_page: page.is_some(),
                    },
                    added: self.committed.added(at).unwrap_or(self.now),
                    page,
                    at: Some(at),
                })
            }
        }
    }

    /// Whether a clipping is known by no name that this one has.
    pub(in crate::index) fn is_new(&self, prepared: &IncomingDoc) -> Result<bool> {
        Ok(self.by_id(&prepared.clipping.id)?.is_none())
    }

    fn by_id(&self, id: &str) -> Result<Option<Known>> {
        Ok(match self.changes.by_id(id) {
            Some(None) => None,
            Some(Some(_)) => Some(Known::Pending(id.to_owned())),
            None => self.committed.by_id(id)?.map(Known::Snapshot),
        })
    }

    /// When the source of a clipping known only by its content was another one before, takes that
    /// out, or, when it was found elsewhere too, takes the source off it. Tells whether it did.
    fn leave_origin(&mut self, prepared: &IncomingDoc) -> Result<bool> {
        let (Some(_), Some(before)) = (prepared.name_by_content(), &prepared.replaces) else {
            return Ok(false);
        };
        let Some(Known::Snapshot(at)) = self.by_id(before)? else {
            return Ok(false);
        };
        let source = &prepared.clipping.source;
        let mut earlier = self.committed.clipping(at)?;
        if earlier.source == *source {
            if !earlier.other_sources.is_empty() {
                earlier.source = earlier.other_sources.remove(0);
            } else {
                let page = self.committed.page(at)?;
                self.delete(before, page)?;
                return Ok(true);
            }
        } else if let Some(place) = earlier.other_sources.iter().position(|s| s == source) {
            earlier.other_sources.remove(place);
        } else {
            // Known from another place alone, under another name of this one.
            return Ok(false);
        }
        let page = self.committed.page(at)?;
        self.delete(before, page)?;
        let added = self.committed.added(at).unwrap_or(self.now);
        self.add(again(earlier).with_kept(page), Some((added, Some(at))))?;
        Ok(true)
    }

    /// Takes out the clippings with exactly these names; gives the number of those that were there.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn remove<'a>(&mut self, ids: impl IntoIterator<Item = &'a str>) -> Result<u64> {
        let mut removed = 0;
        for id in ids {
            let page = match self.by_id(id)? {
                None => continue,
                Some(Known::Snapshot(at)) => self.committed.page(at)?,
                Some(Known::Pending(_)) => {
                    let pending = self.changes.by_id(id).flatten();
                    pending.and_then(|pending| pending.page)
                }
            };
            self.delete(id, page)?;
            removed += 1;
        }
        Ok(removed)
    }

    /// Takes out a clipping, and with the next commit its page.
    fn delete(&mut self, id: &str, page: Option<PageKey>) -> Result<()> {
        if let Some(page) = page {
            self.pages.drop_later(page);
        }
        self.segments.delete(id);
        self.changes.remove(id);
        Ok(())
    }

    /// Hands a clipping to the engine. `earlier` is when it was first added and where its
    /// earlier state is.
    pub(in crate::index) fn add(
        &mut self,
        prepared: IncomingDoc,
        earlier: Option<(i64, Option<DocAddress>)>,
    ) -> Result<()> {
        let standing = DocMeta {
            added: earlier.map_or(self.now, |(added, _)| added),
            group: self.group(&prepared, earlier.and_then(|(_, at)| at))?,
            page: None,
        };
        self.add_with_meta(prepared, standing)
    }

    /// Hands a clipping to the engine that is known to be new, with all its columns but its page.
    pub(in crate::index) fn add_with_meta(
        &mut self,
        prepared: IncomingDoc,
        mut standing: DocMeta,
    ) -> Result<()> {
        match &prepared.page {
            Some(DocPage::New(page)) => {
                let key = page.key(&prepared.clipping.id);
                self.pages.put(key, page)?;
                standing.page = Some(key);
            }
            Some(DocPage::Kept(key)) => {
                self.pages.keep(*key);
                standing.page = Some(*key);
            }
            None => {}
        }
        self.changes.add(&prepared, standing)?;
        let IncomingDoc {
            clipping,
            content,
            fingerprint,
            permit,
            ..
        } = prepared;
        let hashes = DocHashes {
            content,
            bands: fingerprint.bands,
            sketch: fingerprint.sketch,
        };
        let entry = IndexDocument::new(&self.fields, clipping, &hashes, standing, permit)?;
        self.segments.add(entry, &self.committed)
    }

    /// The near-duplicate group of a clipping: that of its most similar copy, else the one it was in, else its own.
    fn group(&self, incoming: &IncomingDoc, earlier: Option<DocAddress>) -> Result<u64> {
        let fingerprint = &incoming.fingerprint;
        let mut proposed: Vec<(f64, u64, Known)> = Vec::new();
        let mut propose = |candidate: Candidate, known: Known| {
            if let Some(similarity) = fingerprint.estimate(candidate.sketch, candidate.day) {
                proposed.push((similarity, candidate.group, known));
            }
        };
        if !fingerprint.bands.is_empty() {
            self.changes.sharing(incoming, &mut |id, candidate| {
                propose(candidate, Known::Pending(id.to_owned()));
            });
            self.committed
                .sharing(&fingerprint.bands, &mut |at, candidate| {
                    if Some(at) != earlier {
                        propose(candidate, Known::Snapshot(at));
                    }
                });
        }
        let mut group = self.group_among(&incoming.clipping, proposed)?;
        if group.is_none()
            && let Some(at) = earlier
            && let Some(candidate) = self.committed.candidate(at)
        {
            let own = vec![(1.0, candidate.group, Known::Snapshot(at))];
            group = self.group_among(&incoming.clipping, own)?;
        }
        Ok(group.unwrap_or_else(|| hash_text(&incoming.clipping.id)))
    }

    /// The group of the clipping that is most similar by its text, of those that are `proposed` with estimates.
    fn group_among(
        &self,
        clipping: &Clipping,
        mut proposed: Vec<(f64, u64, Known)>,
    ) -> Result<Option<u64>> {
        // Equal similarities: the lower number, so that the order in which they are met does not matter.
        proposed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut best: Option<(f64, u64)> = None;
        let mut compared = FxHashSet::default();
        for (_, group, known) in proposed {
            if compared.len() == MOST_COMPARED {
                break;
            }
            if !compared.insert(known.clone()) {
                continue;
            }
            let other = match known {
                Known::Snapshot(at) => self.committed.clipping(at)?,
                Known::Pending(id) => match self.changes.by_id(&id) {
                    Some(Some(pending)) => record::read(&pending.record)?,
                    // Its print is older than its removal.
                    _ => continue,
                },
            };
            if let Some(similarity) = copy_similarity(clipping, &other)
                && best.is_none_or(|(s, g)| similarity > s || (similarity == s && group < g))
            {
                best = Some((similarity, group));
            }
        }
        Ok(best.map(|(_, group)| group))
    }

    /// Whether enough has come together for a commit.
    pub fn is_commit_due(&self) -> bool {
        !self.is_clean()
            && (self.segments.is_full()
                || self.changes.len() >= COMMIT_CHANGES
                || self.last_commit.elapsed() >= COMMIT_TIME)
    }

    fn is_clean(&self) -> bool {
        self.changes.is_empty() && self.further_sources.is_empty()
    }

    /// Makes everything since the last commit durable and visible, all or nothing.
    ///
    /// # Errors
    /// When it cannot be written (a full disk); then nothing since the last commit is kept.
    pub fn commit(&mut self) -> Result<()> {
        if !self.changes.is_empty() {
            self.commit_changes()?;
        }
        if !self.further_sources.is_empty() {
            let mut further = std::mem::take(&mut self.further_sources);
            // Stable: the sources of one clipping stay in their order.
            further.sort_by(|a, b| a.0.cmp(&b.0));
            for of_one in further.chunk_by(|a, b| a.0 == b.0) {
                self.note_sources(of_one)?;
            }
            self.commit_changes()?;
        }
        self.segments.merge();
        self.last_commit = Instant::now();
        Ok(())
    }

    fn commit_changes(&mut self) -> Result<()> {
        self.pages.sync()?;
        self.segments.commit()?;
        self.changes = Uncommitted::default();
        self.committed = self.snapshots.latest(Some(&self.committed))?;
        self.pages.forget()
    }

    /// Adds sources to one clipping of the last commit: pairs of its name and a source. They take the
    /// place of those that have left their folder: a renamed file is the same source.
    fn note_sources(&mut self, further: &[(String, String)]) -> Result<()> {
        let Some((id, _)) = further.first() else {
            return Ok(());
        };
        let Some(at) = self.committed.by_id(id)? else {
            return Ok(());
        };
        let mut clipping = self.committed.clipping(at)?;
        let before = clipping.other_sources.len();
        for (_, source) in further {
            if clipping.other_sources.len() >= MOST_SOURCES {
                break;
            }
            if clipping.source != *source && !clipping.other_sources.contains(source) {
                clipping.other_sources.push(source.clone());
            }
        }
        if clipping.other_sources.len() == before {
            return Ok(());
        }
        let sources = sources_without(&clipping, &mut |source| has_left_folder(source));
        self.set_sources(at, clipping, sources)
    }

    /// Replaces the sources of a clipping of the last commit. One that would have none keeps them.
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
        self.add_with_meta(again(clipping).with_kept(page), meta)
    }

    /// Removes the clippings whose every source is gone, and takes the sources that are gone off the
    /// others. Gives the number of clippings removed.
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

    /// Commits, and waits until all that is due is merged.
    ///
    /// # Errors
    /// See [`Writer::commit`].
    pub fn finish(mut self) -> Result<Finished> {
        self.commit()?;
        // All is kept already: a merge that fails, for instance for want of room, is left to the next writer.
        self.segments.merge_all();
        let merge_failure = self.segments.merge_failure();
        // Files that are open are not removed.
        drop(self.committed);
        drop(self.snapshots);
        self.segments.finish()?;
        Ok(Finished {
            lock: self.lock,
            merge_failure,
        })
    }
}

/// Where a clipping is known.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Known {
    /// Handed in since the last commit, under this name.
    Pending(String),
    Snapshot(DocAddress),
}

/// What a clipping is before a change.
struct Earlier {
    doc: KnownDoc,
    added: i64,
    page: Option<PageKey>,
    at: Option<DocAddress>,
}

/// A stored clipping on its way back in.
pub(in crate::index) fn again(clipping: Clipping) -> IncomingDoc {
    // The id alone does not say whether it was derived from the content, so the derived one is compared.
    let mut bare = Clipping {
        id: String::new(),
        ..clipping.clone()
    };
    let identity = crate::index::write::identity::settle(&mut bare);
    let derived = identity == Identity::Content && bare.id == clipping.id;
    let mut prepared = IncomingDoc::new(clipping, derived);
    if derived {
        prepared.identity = Identity::Content;
    }
    prepared
}

/// The sources of a clipping that are not gone, the first of them first.
fn sources_without(clipping: &Clipping, is_gone: &mut dyn FnMut(&str) -> bool) -> Vec<String> {
    std::iter::once(&clipping.source)
        .chain(&clipping.other_sources)
        .filter(|source| !is_gone(source))
        .cloned()
        .collect()
}

/// Whether a clipping was found in the file of `source`.
fn is_source_of(clipping: &Clipping, source: &str) -> bool {
    same_file(&clipping.source, source)
        || clipping
            .other_sources
            .iter()
            .any(|other| same_file(other, source))
}
