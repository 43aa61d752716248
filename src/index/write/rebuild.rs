//! Rebuilds an index from its records, or from its stored pages.
//!
//! The new index is built in a data folder of its own, while readers use the live one. When it is
//! complete and synced, replacing `clippings.json` makes it the live one atomically. A rebuild that
//! is stopped or killed leaves an unused folder, which the next writer removes. Unreferenced pages
//! are removed last.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::clipping::Clipping;
use crate::index::engine::document::DocMeta;
use crate::index::engine::stored_docs::{LostDoc, StoredDoc, StoredDocs};
use crate::index::language::language;
use crate::index::pages::PageWriter;
use crate::index::write::budget::Budget;
use crate::index::write::folder::{create_data, remove_dead_data};
use crate::index::write::identity::Identity;
use crate::index::write::lock::WriterLock;
use crate::index::write::writer::{Writer, WriterOptions};
use crate::index::{
    Damage, FORMAT, IncomingDoc, IndexError, KeptPage, Meta, PageKey, PageReader, Result, Skip,
};
use crate::source::SkipReason;
use jiff::Timestamp;
use rustc_hash::FxHashSet;

/// Bytes of records in flight.
const IN_FLIGHT: usize = 24 << 20;

/// Clippings that are extracted again at a time, and bytes of their pages.
const BATCH: usize = 128;
const BATCH_BYTES: usize = 32 << 20;

/// Extracts a clipping from its stored page again, given the clipping as stored, or returns the
/// reason why the page no longer has one. Called from several threads.
pub type Redo<'a> =
    &'a (dyn Fn(&Clipping, &KeptPage) -> std::result::Result<Clipping, SkipReason> + Sync);

/// Result of [`rebuild`].
#[derive(Debug, Default)]
pub struct Rebuilt {
    /// Number of clippings in the new index; `None` if the rebuild was stopped, which leaves the
    /// old index in place.
    pub clippings: Option<u64>,
    /// Number of clippings extracted again from their pages.
    pub redone: u64,
    /// Clippings kept as stored because their page no longer gives one, with the reason.
    pub kept_as_they_were: Vec<Skip>,
    /// What could not be read.
    pub damage: Vec<Damage>,
    /// Number of clippings lost to damage, as far as it is known.
    pub lost: u64,
    /// Whether more may be lost, since nothing says how many clippings a segment had.
    pub may_have_lost_more: bool,
}

/// Rebuilds the index in `dir`, until `stop` is set. With `redo`, clippings with a stored page are
/// extracted again.
///
/// # Errors
/// When there is no index, when another process holds the lock, or when the index cannot be
/// written. The old index then stays in place.
pub fn rebuild(
    dir: &Path,
    options: WriterOptions<'_>,
    stop: &AtomicBool,
    redo: Option<Redo<'_>>,
) -> Result<Rebuilt> {
    // Check before locking, so that no lock file is created in a folder that is not an index.
    read_meta(dir)?;
    let lock = WriterLock::acquire(dir, options.command, options.wait)?;
    let (old, damage) = read_meta(dir)?;
    if damage.is_none() {
        remove_dead_data(dir, &old);
    }
    let language = language(dir)?;
    let new = Meta::of(old.generation() + 1, &language);
    let filled = create_data(dir, &new).and_then(|()| {
        let mut rebuild = Rebuild {
            writer: Writer::open_data(dir, &new.data_dir(dir), &language, lock, options)?,
            old_format: old.format,
            pages: PageReader::open(dir)?,
            live: FxHashSet::default(),
            budget: Budget::new(IN_FLIGHT),
            redo,
            rebuilt: Rebuilt::default(),
            has_duplicates: false,
            now: Timestamp::now().as_second(),
        };
        rebuild.rebuilt.damage.extend(damage);
        let is_done = rebuild.fill(&old.data_dir(dir), stop)?;
        rebuild.finish(is_done)
    });
    match filled {
        Ok((rebuilt, live, Some(lock))) => {
            new.write(dir)?;
            remove_dead_data(dir, &new);
            // The page of an unreadable record may be all that is left of a clipping.
            if rebuilt.damage.is_empty() {
                PageWriter::new(dir).retain(&live)?;
            }
            drop(lock);
            Ok(rebuilt)
        }
        // Stopped or failed: remove the new folder.
        Ok((rebuilt, _, None)) => {
            remove_dead_data(dir, &old);
            Ok(rebuilt)
        }
        Err(e) => {
            remove_dead_data(dir, &old);
            Err(e)
        }
    }
}

/// Reads `clippings.json`. If it is damaged, the newest data folder counts as the live one, and the
/// damage is returned.
fn read_meta(dir: &Path) -> Result<(Meta, Option<Damage>)> {
    match Meta::read(dir) {
        Ok(meta) => Ok((meta, None)),
        Err(IndexError::Damaged(why)) => match Meta::of_newest_data(dir) {
            Some(meta) => Ok((meta, Some(Damage::NewestDataRebuilt(Box::new(why))))),
            None => Err(unrebuildable(IndexError::Damaged(why))),
        },
        Err(e) => Err(e),
    }
}

fn unrebuildable(error: IndexError) -> IndexError {
    match error {
        IndexError::Damaged(why) => IndexError::Unrebuildable(why),
        error => error,
    }
}

/// Describes a lost clipping by what its terms reveal.
fn lost_clipping(lost: LostDoc) -> Damage {
    Damage::ClippingLost {
        id: lost.id,
        headline: lost.headline,
        damage: Box::new(lost.damage),
    }
}

/// State of a rebuild.
struct Rebuild<'a> {
    writer: Writer,
    old_format: u32,
    pages: PageReader,
    /// Pages that records of the new index refer to.
    live: FxHashSet<PageKey>,
    budget: Budget,
    redo: Option<Redo<'a>>,
    rebuilt: Rebuilt,
    /// See [`StoredDocs::has_duplicates`].
    has_duplicates: bool,
    now: i64,
}

/// A clipping of the old index.
struct RebuildItem {
    clipping: Clipping,
    key: Option<PageKey>,
    page: Option<KeptPage>,
    added: Option<i64>,
    group: Option<u64>,
    /// The result of extracting its page again.
    reextracted: Option<std::result::Result<Clipping, SkipReason>>,
}

impl Rebuild<'_> {
    /// Copies the old index into the writer. `false` if it was stopped.
    fn fill(&mut self, old: &Path, stop: &AtomicBool) -> Result<bool> {
        let docs = StoredDocs::open(old).map_err(unrebuildable)?;
        self.rebuilt.damage.extend(docs.damage.iter().cloned());
        self.rebuilt.lost = docs.unnamed_losses.known;
        self.rebuilt.may_have_lost_more = docs.unnamed_losses.has_more;
        self.has_duplicates = docs.has_duplicates;
        let mut batch = Vec::new();
        let mut bytes = 0;
        let is_done = docs.for_each(&mut |doc| {
            if stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            match doc {
                Ok(doc) => {
                    let item = self.item(doc);
                    bytes += item.page.as_ref().map_or(0, |page| page.bytes.len());
                    batch.push(item);
                }
                Err(lost) => {
                    self.rebuilt.lost += 1;
                    self.rebuilt.damage.push(lost_clipping(lost));
                }
            }
            if batch.len() >= BATCH || bytes >= BATCH_BYTES {
                self.flush(std::mem::take(&mut batch))?;
                bytes = 0;
            }
            Ok(true)
        })?;
        if !is_done {
            return Ok(false);
        }
        self.flush(batch)?;
        self.writer.commit()?;
        if self.writer.is_empty() && !self.rebuilt.damage.is_empty() {
            return Err(IndexError::Unrebuildable(Damage::NothingReadable));
        }
        Ok(true)
    }

    fn item(&mut self, doc: StoredDoc) -> RebuildItem {
        let StoredDoc {
            clipping,
            page: key,
            added,
            group,
        } = doc;
        let page = self.page(&clipping, key);
        RebuildItem {
            clipping,
            key: key.filter(|_| page.is_some()),
            page: page.filter(|_| self.redo.is_some()),
            added,
            // Groups of another format are not comparable.
            group: group.filter(|_| self.old_format == FORMAT),
            reextracted: None,
        }
    }

    /// Returns the lock, unless the rebuild was stopped.
    fn finish(
        mut self,
        is_done: bool,
    ) -> Result<(Rebuilt, FxHashSet<PageKey>, Option<WriterLock>)> {
        if !is_done {
            return Ok((self.rebuilt, self.live, None));
        }
        self.rebuilt.clippings = Some(self.writer.len());
        Ok((self.rebuilt, self.live, Some(self.writer.finish()?.lock)))
    }

    /// The page stored with a clipping, verified.
    fn page(&mut self, clipping: &Clipping, key: Option<PageKey>) -> Option<KeptPage> {
        match self.pages.get(key?) {
            Ok(page) => Some(page),
            Err(e) => {
                self.rebuilt.damage.push(Damage::KeptWithoutPage {
                    id: clipping.id.clone(),
                    damage: Box::new(e.into()),
                });
                None
            }
        }
    }

    fn flush(&mut self, mut batch: Vec<RebuildItem>) -> Result<()> {
        if let Some(redo) = self.redo {
            redo_all(&mut batch, redo);
        }
        for item in batch {
            self.add_item(item)?;
            if self.writer.is_commit_due() {
                self.writer.commit()?;
            }
        }
        Ok(())
    }

    fn add_item(&mut self, item: RebuildItem) -> Result<()> {
        let RebuildItem {
            clipping,
            key,
            added,
            group,
            reextracted: result,
            ..
        } = item;
        self.live.extend(key);
        let share = self.budget.take(clipping.body.len() * 2 + 1024);
        let old = IncomingDoc::from_stored(clipping);
        let (incoming, is_changed) = match result {
            Some(Ok(new)) => {
                self.rebuilt.redone += 1;
                let incoming = reextracted(new, &old);
                let is_changed = incoming.content != old.content;
                (incoming, is_changed)
            }
            Some(Err(reason)) => {
                self.rebuilt.kept_as_they_were.push(Skip {
                    source: old.clipping.id.clone(),
                    reason,
                });
                (old, false)
            }
            None => (old, false),
        };
        let incoming = incoming.with_kept(key).with_permit(Box::new(share));
        match (added, group) {
            // A clipping that was extracted again may now equal another, which has a group of its
            // own.
            (added, _) if self.has_duplicates => {
                let added = added.unwrap_or(self.now);
                self.writer.put_with_added_at(incoming, added).map(|_| ())
            }
            (Some(added), _) if self.redo.is_some() => {
                let is_unchanged = !is_changed && self.writer.is_new(&incoming)?;
                match group.filter(|_| is_unchanged) {
                    Some(group) => self.add_to_group(incoming, added, group),
                    None => self.writer.put_with_added_at(incoming, added).map(|_| ()),
                }
            }
            (Some(added), Some(group)) => self.add_to_group(incoming, added, group),
            (added, _) => self.writer.add(incoming, added.map(|added| (added, None))),
        }
    }

    fn add_to_group(&mut self, incoming: IncomingDoc, added: i64, group: u64) -> Result<()> {
        let meta = DocMeta {
            added,
            group,
            page: None,
        };
        self.writer.add_with_meta(incoming, meta)
    }
}

/// Combines a clipping that was extracted again with the identity and the corrections of the `old`
/// one: it keeps the id, unless that was derived from a content that nobody corrected.
fn reextracted(mut new: Clipping, old: &IncomingDoc) -> IncomingDoc {
    new.source.clone_from(&old.clipping.source);
    new.other_sources.clone_from(&old.clipping.other_sources);
    new.apply_corrections(&old.clipping);
    let is_corrected = !new.corrected.is_empty();
    if old.identity == Identity::Content && new.url.is_none() && !is_corrected {
        return IncomingDoc::new(new, old.whole_source);
    }
    new.id.clone_from(&old.clipping.id);
    IncomingDoc::from_stored(new)
}

/// Runs `redo` on all cores.
fn redo_all(batch: &mut [RebuildItem], redo: Redo<'_>) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = batch.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        for part in batch.chunks_mut(share) {
            scope.spawn(move || {
                for item in part {
                    let page = item.page.take();
                    item.reextracted = page.map(|page| redo(&item.clipping, &page));
                }
            });
        }
    });
}
