//! Rebuilding an index from its own records, or from the pages that are kept with them.
//!
//! The rebuilt index grows in a data folder of its own, next to the live one, which readers go on
//! using. When it is whole and on disk, `clippings.json` is replaced to name it: from one moment to
//! the next it is the live one. A rebuild that is stopped or killed leaves a folder that no one
//! looks at; the next writer removes it. Pages that no record names are dropped at the very end.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::clipping::Clipping;
use crate::index::engine::document::DocMeta;
use crate::index::engine::stored_docs::{LostDoc, StoredDoc, StoredDocs};
use crate::index::language::language;
use crate::index::pages::PageWriter;
use crate::index::write::budget::Budget;
use crate::index::write::folder::{make_data, remove_dead_data};
use crate::index::write::identity::Identity;
use crate::index::write::lock::WriterLock;
use crate::index::write::writer::{Writer, WriterOptions, again};
use crate::index::{
    FORMAT, IncomingDoc, IndexError, KeptPage, Meta, PageKey, PageReader, Result, Skip,
};
use crate::source::SkipReason;
use jiff::Timestamp;
use rustc_hash::FxHashSet;

/// Bytes of records in flight.
const IN_FLIGHT: usize = 24 << 20;

/// Clippings that are made again at a time, and bytes of their pages.
const BATCH: usize = 128;
const BATCH_BYTES: usize = 32 << 20;

/// Makes a clipping of a kept page again; what it was before tells where it came from. Gives the
/// reason when the page is no clipping any more. Called from several threads.
pub type Redo<'a> =
    &'a (dyn Fn(&Clipping, &KeptPage) -> std::result::Result<Clipping, SkipReason> + Sync);

/// What a rebuild did.
#[derive(Debug, Default, serde::Serialize)]
pub struct Rebuilt {
    /// How many clippings the index holds now; `None` when it was stopped and is as it was.
    pub clippings: Option<u64>,
    /// How many of them were made again of their pages.
    pub redone: u64,
    /// Clippings whose page gives none any more, and why: they are as they were.
    pub kept_as_they_were: Vec<Skip>,
    /// What could not be read, a sentence each.
    pub damage: Vec<String>,
    /// How many clippings are lost with it.
    pub lost: u64,
}

/// Rebuilds the index in `dir`, until `stop` is set; with `redo`, from the kept pages where there
/// are any.
///
/// # Errors
/// When there is none, when another process writes, when it cannot be written. It is then as it
/// was.
pub fn rebuild(
    dir: &Path,
    options: WriterOptions<'_>,
    stop: &AtomicBool,
    redo: Option<Redo<'_>>,
) -> Result<Rebuilt> {
    // Read before the lock, so that no lock is left in a folder that is no index.
    read_meta(dir)?;
    let lock = WriterLock::acquire(dir, options.command, options.wait)?;
    let (old, damage) = read_meta(dir)?;
    if damage.is_none() {
        remove_dead_data(dir, &old);
    }
    let language = language(dir)?;
    let new = Meta::of(old.generation() + 1, &language);
    let filled = make_data(dir, &new).and_then(|()| {
        let mut filling = Filling {
            writer: Writer::over(dir, &new.data_dir(dir), &language, lock, options)?,
            old_format: old.format,
            pages: PageReader::open(dir)?,
            live: FxHashSet::default(),
            budget: Budget::new(IN_FLIGHT),
            redo,
            rebuilt: Rebuilt::default(),
            has_duplicates: false,
            now: Timestamp::now().as_second(),
        };
        filling.rebuilt.damage.extend(damage);
        let is_done = filling.fill(&old.data_dir(dir), stop)?;
        filling.finish(is_done)
    });
    match filled {
        Ok((rebuilt, live, Some(lock))) => {
            new.write(dir)?;
            remove_dead_data(dir, &new);
            // Where records were damaged, their pages may be all that is left of them.
            if rebuilt.damage.is_empty() {
                PageWriter::new(dir).retain(&live)?;
            }
            drop(lock);
            Ok(rebuilt)
        }
        // Stopped or failed: the room it took is given back.
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

/// What the index was made with. Where `clippings.json` is damaged, its newest data folder is taken for the live one;
/// then also what is wrong, in a sentence.
fn read_meta(dir: &Path) -> Result<(Meta, Option<String>)> {
    match Meta::read(dir) {
        Ok(meta) => Ok((meta, None)),
        Err(IndexError::Damaged(why)) => match Meta::of_newest_data(dir) {
            Some(meta) => Ok((meta, Some(format!("{why}; its newest data is rebuilt")))),
            None => Err(unrebuildable(IndexError::Damaged(why))),
        },
        Err(e) => Err(e),
    }
}

/// Damage that a rebuild cannot get round.
fn unrebuildable(error: IndexError) -> IndexError {
    match error {
        IndexError::Damaged(why) => IndexError::Unrebuildable(why),
        error => error,
    }
}

/// Names a clipping that is lost as well as the rest of the index can.
fn lost_sentence(lost: &LostDoc) -> String {
    let id = lost
        .id
        .as_deref()
        .unwrap_or("a clipping whose id is lost too");
    match &lost.headline {
        Some(headline) => format!("lost: {id} ({headline}): {}", lost.error),
        None => format!("lost: {id}: {}", lost.error),
    }
}

/// A rebuild at work.
struct Filling<'a> {
    writer: Writer,
    old_format: u32,
    pages: PageReader,
    /// The pages that the records of the new index name.
    live: FxHashSet<PageKey>,
    budget: Budget,
    redo: Option<Redo<'a>>,
    rebuilt: Rebuilt,
    /// See [`StoredDocs::has_duplicates`].
    has_duplicates: bool,
    now: i64,
}

/// A clipping on its way from the old index to the new.
struct RebuildItem {
    clipping: Clipping,
    key: Option<PageKey>,
    page: Option<KeptPage>,
    added: Option<i64>,
    group: Option<u64>,
    /// What its page gives now.
    again: Option<std::result::Result<Clipping, SkipReason>>,
}

impl Filling<'_> {
    /// Fills the writer's index from the old one. `false` when it was stopped.
    fn fill(&mut self, old: &Path, stop: &AtomicBool) -> Result<bool> {
        let docs = StoredDocs::open(old).map_err(unrebuildable)?;
        self.rebuilt.damage.extend(docs.damage.iter().cloned());
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
                    self.rebuilt.damage.push(lost_sentence(&lost));
                }
            }
            if batch.len() >= BATCH || bytes >= BATCH_BYTES {
                self.hand_in(std::mem::take(&mut batch))?;
                bytes = 0;
            }
            Ok(true)
        })?;
        if !is_done {
            return Ok(false);
        }
        self.hand_in(batch)?;
        self.writer.commit()?;
        if self.writer.is_empty() && !self.rebuilt.damage.is_empty() {
            let why = "none of its clippings can be read; it is left as it is";
            return Err(IndexError::Unrebuildable(why.to_owned()));
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
            // Another format may have grouped in another way.
            group: group.filter(|_| self.old_format == FORMAT),
            again: None,
        }
    }

    /// Gives back the lock unless it was stopped.
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

    /// The page that is kept with a clipping, verified.
    fn page(&mut self, clipping: &Clipping, key: Option<PageKey>) -> Option<KeptPage> {
        match self.pages.get(key?) {
            Ok(page) => Some(page),
            Err(e) => {
                let id = &clipping.id;
                self.rebuilt
                    .damage
                    .push(format!("{id} is kept without its page: {e}"));
                None
            }
        }
    }

    fn hand_in(&mut self, mut batch: Vec<RebuildItem>) -> Result<()> {
        if let Some(redo) = self.redo {
            redo_all(&mut batch, redo);
        }
        for moving in batch {
            self.move_one(moving)?;
            if self.writer.is_commit_due() {
                self.writer.commit()?;
            }
        }
        Ok(())
    }

    fn move_one(&mut self, moving: RebuildItem) -> Result<()> {
        let RebuildItem {
            clipping,
            key,
            added,
            group,
            again: redone,
            ..
        } = moving;
        self.live.extend(key);
        let share = self.budget.take(clipping.body.len() * 2 + 1024);
        let old = again(clipping);
        let (prepared, is_changed) = match redone {
            Some(Ok(new)) => {
                self.rebuilt.redone += 1;
                let prepared = made_again(new, &old);
                let is_changed = prepared.content != old.content;
                (prepared, is_changed)
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
        let prepared = prepared.with_kept(key).with_permit(Box::new(share));
        match (added, group) {
            // What was made again may have become the same as another, which has its group.
            (added, _) if self.has_duplicates => {
                let added = added.unwrap_or(self.now);
                self.writer.put_with_added_at(prepared, added).map(|_| ())
            }
            (Some(added), _) if self.redo.is_some() => {
                let is_alone = !is_changed && self.writer.is_new(&prepared)?;
                match group.filter(|_| is_alone) {
                    Some(group) => self.stand(prepared, added, group),
                    None => self.writer.put_with_added_at(prepared, added).map(|_| ()),
                }
            }
            (Some(added), Some(group)) => self.stand(prepared, added, group),
            (added, _) => self.writer.add(prepared, added.map(|added| (added, None))),
        }
    }

    fn stand(&mut self, prepared: IncomingDoc, added: i64, group: u64) -> Result<()> {
        let standing = DocMeta {
            added,
            group,
            page: None,
        };
        self.writer.add_with_meta(prepared, standing)
    }
}

/// What a page gives now, in the place of what it gave before: under the same name, unless that came
/// from the content.
fn made_again(mut new: Clipping, old: &IncomingDoc) -> IncomingDoc {
    new.source.clone_from(&old.clipping.source);
    new.other_sources.clone_from(&old.clipping.other_sources);
    if old.identity == Identity::Content && new.url.is_none() {
        return IncomingDoc::new(new, old.whole_source);
    }
    new.id.clone_from(&old.clipping.id);
    again(new)
}

/// Makes clippings of pages in as many threads as there are cores.
fn redo_all(batch: &mut [RebuildItem], redo: Redo<'_>) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = batch.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        for part in batch.chunks_mut(share) {
            scope.spawn(move || {
                for moving in part {
                    let page = moving.page.take();
                    moving.again = page.map(|page| redo(&moving.clipping, &page));
                }
            });
        }
    });
}
