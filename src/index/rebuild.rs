//! Rebuilding an index from its own records.
//!
//! The rebuilt index grows in a data folder of its own, next to the live one, which readers go on
//! using. When it is whole and on disk, `clippings.json` is replaced to name it: from one moment to
//! the next it is the live one. A rebuild that is stopped or killed leaves a folder that no one
//! looks at; the next writer removes it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use tantivy::columnar::Column;
use tantivy::schema::Value;
use tantivy::{ReloadPolicy, SegmentReader, TantivyDocument, TantivyError};

use super::budget::Budget;
use super::document::Standing;
use super::language::language;
use super::lock::WriterLock;
use super::reader::{open_data, open_old_data};
use super::writer::{Writer, WriterOptions, again, make_data, remove_dead_data};
use super::{FORMAT, IndexError, Meta, Result, record};

/// Bytes of records in flight.
const IN_FLIGHT: usize = 24 << 20;

/// Blocks of records kept unpacked: they are read in order, so one would do.
const BLOCKS: usize = 2;

/// What a rebuild did.
#[derive(Debug, Default)]
pub struct Rebuilt {
    /// How many clippings the index holds now; `None` when it was stopped and is as it was.
    pub clippings: Option<u64>,
    /// What could not be read, a sentence each.
    pub damage: Vec<String>,
}

/// Rebuilds the index in `dir`, until `stop` is set.
///
/// # Errors
/// When there is none, when another process writes, when it cannot be written. It is then as it
/// was.
pub fn rebuild(dir: &Path, options: WriterOptions<'_>, stop: &AtomicBool) -> Result<Rebuilt> {
    // Read before the lock, so that no lock is left in a folder that is no index.
    Meta::read(dir)?;
    let lock = WriterLock::acquire(dir, options.command, options.wait)?;
    let old = Meta::read(dir)?;
    remove_dead_data(dir, &old);
    let language = language(dir)?;
    let new = Meta::new(old.generation() + 1, &language.identity());
    let filled = make_data(dir, &new).and_then(|()| {
        let target = open_data(&new.data_dir(dir))?;
        fill(
            dir,
            &old,
            Writer::over(dir, target, &language, lock, options)?,
            stop,
        )
    });
    match filled {
        Ok((rebuilt, Some(lock))) => {
            new.write(dir)?;
            remove_dead_data(dir, &new);
            drop(lock);
            Ok(rebuilt)
        }
        // Stopped or failed: the room it took is given back.
        Ok((rebuilt, None)) => {
            remove_dead_data(dir, &old);
            Ok(rebuilt)
        }
        Err(e) => {
            remove_dead_data(dir, &old);
            Err(e)
        }
    }
}

/// Fills the writer's index from the old one. Gives back the lock unless it was stopped.
fn fill(
    dir: &Path,
    old: &Meta,
    mut writer: Writer,
    stop: &AtomicBool,
) -> Result<(Rebuilt, Option<WriterLock>)> {
    let searcher = open_old_data(&old.data_dir(dir))?
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .try_into()?
        .searcher();
    let budget = Budget::new(IN_FLIGHT);
    let mut rebuilt = Rebuilt::default();
    for segment in searcher.segment_readers() {
        let damage = &mut rebuilt.damage;
        if !move_segment(segment, old, &mut writer, &budget, stop, damage)? {
            return Ok((rebuilt, None));
        }
    }
    writer.commit()?;
    rebuilt.clippings = Some(writer.len());
    Ok((rebuilt, Some(writer.finish()?)))
}

/// Hands the clippings of a segment to the writer. `false` when it was stopped.
fn move_segment(
    segment: &SegmentReader,
    old: &Meta,
    writer: &mut Writer,
    budget: &Budget,
    stop: &AtomicBool,
    damage: &mut Vec<String>,
) -> Result<bool> {
    let store = segment
        .get_store_reader(BLOCKS)
        .map_err(TantivyError::from)?;
    let field = segment
        .schema()
        .get_field("record")
        .map_err(|_| IndexError::Damaged("it holds no records".to_owned()))?;
    let added: Option<Column<i64>> = segment.fast_fields().i64("added").ok();
    // Another format may have grouped in another way.
    let group: Option<Column<u64>> = match old.format {
        FORMAT => segment.fast_fields().u64("group").ok(),
        _ => None,
    };
    for doc in segment.doc_ids_alive() {
        if stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let clipping = store
            .get::<TantivyDocument>(doc)
            .map_err(IndexError::from)
            .and_then(|document| {
                let stored = document.get_first(field).and_then(|v| v.as_bytes());
                record::read(stored.unwrap_or_default())
            });
        let clipping = match clipping {
            Ok(clipping) => clipping,
            Err(e) => {
                damage.push(format!("a clipping is left out: {e}"));
                continue;
            }
        };
        let share = budget.take(clipping.body.len() * 2 + 1024);
        let prepared = again(clipping).with_permit(Box::new(share));
        let added = added.as_ref().and_then(|column| column.first(doc));
        match (added, group.as_ref().and_then(|column| column.first(doc))) {
            (Some(added), Some(group)) => {
                writer.add_standing(prepared, Standing { added, group })?;
            }
            (added, _) => writer.add(prepared, added.map(|added| (added, None)))?,
        }
        if writer.is_commit_due() {
            writer.commit()?;
        }
    }
    Ok(true)
}
