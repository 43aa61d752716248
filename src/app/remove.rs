//! Removes and restores clippings.

use std::time::Duration;

use rustc_hash::FxHashSet;
use serde::Serialize;

use super::query::Understood;
use super::removed::{Removed, RemovedFile};
use super::{App, AppError, Filters, Note, Result, today};
use crate::index::{Archive, PageReader, Writer, WriterOptions};
use crate::search::{Request, Show, Sort};

/// Result of [`App::restore`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Number of restored clippings.
    pub clippings: u64,
    /// Number of clippings whose stored page is lost.
    pub lost_pages: u64,
    /// Number of lines of the file of removed clippings that are unreadable.
    pub unreadable: u64,
}

/// What a removal would remove.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RemovalPlan {
    /// Ids of all clippings, about 40 bytes each; all of them, since exactly what was shown is
    /// removed.
    pub ids: Vec<String>,
    /// Headlines of the first of them.
    pub headlines: Vec<String>,
    /// How the query was read.
    pub notes: Vec<Note>,
}

/// Ids that a cluster is asked about at a time.
const RESOLVED: usize = 500;

/// Number of headlines in a plan.
const HEADLINES: usize = 10;

impl App {
    /// The full matches of a query, copies included, as [`App::remove`] takes them.
    ///
    /// # Errors
    /// See [`App::search`].
    pub fn plan_removal(&self, query: &str, filters: &Filters) -> Result<RemovalPlan> {
        let Understood { tree, notes, .. } = self.understand(query, filters, today())?;
        let request = Request {
            all_copies: true,
            sort: Sort::Newest,
            ..Request::all_of(tree)
        };
        let searcher = self.any_searcher()?;
        let (ids, _) = searcher.ids(&request)?;
        let first = searcher.search(&Request {
            limit: HEADLINES,
            show: Show {
                snippet_chars: 0,
                ..Show::default()
            },
            ..request
        })?;
        let headlines = first.hits.into_iter().map(|hit| hit.clipping.headline);
        Ok(RemovalPlan {
            ids: ids.into_iter().map(|(id, _)| id).collect(),
            headlines: headlines.collect(),
            notes,
        })
    }

    /// Removes clippings by ids or unique prefixes of ids, and returns how many there were.
    ///
    /// # Errors
    /// See [`App::show`]; when the index cannot be written. Then all stay.
    pub fn remove(&self, ids: &[String], wait: Duration) -> Result<u64> {
        if let Some(index) = self.cluster_index()? {
            let mut full = Vec::with_capacity(ids.len());
            for part in ids.chunks(RESOLVED) {
                for (id, exact) in part.iter().zip(index.read(part)?) {
                    let found = match exact {
                        Some(found) => found,
                        None => index.get(id)?,
                    };
                    full.push(found.clipping.id);
                }
            }
            full.sort();
            full.dedup();
            return Ok(index.remove(&full)?);
        }
        let options = WriterOptions {
            command: "remove",
            wait,
            threads: Some(1),
        };
        let mut writer = Writer::open(&self.dir, false, options)?;
        // Resolve prefixes under the lock, so that they do not change meanwhile.
        let archive = Archive::open(&self.dir)?;
        let mut full = FxHashSet::default();
        // Save the records before removing them.
        RemovedFile::of(&self.dir).append(ids.iter().filter_map(|id| {
            let stored = archive.stored(id).map_err(AppError::from);
            stored
                .map(|stored| full.insert(stored.clipping.id.clone()).then_some(stored))
                .transpose()
        }))?;
        let removed = writer.remove_keeping_pages(full.iter().map(String::as_str));
        let removed = removed
            .and_then(|removed| writer.finish().map(|_| removed))
            .map_err(|e| e.or_gone(&self.dir))?;
        Ok(removed)
    }

    /// Restores removed clippings with their times of adding and stored pages: those with these
    /// ids or unique prefixes of ids, or those of the last removal.
    ///
    /// # Errors
    /// When an id is not that of a removed clipping, or a prefix is ambiguous, and nothing is
    /// restored; when the index cannot be written.
    pub fn restore(&self, ids: &[String], wait: Duration) -> Result<Restored> {
        self.only_in_folder("restore")?;
        let options = WriterOptions {
            command: "restore",
            wait,
            threads: Some(1),
        };
        let mut writer = Writer::open(&self.dir, false, options)?;
        let file = RemovedFile::of(&self.dir);
        let last = file.last_removal()?;
        let full = file.resolve(ids)?;
        let is_meant = |removed: &Removed| match ids {
            [] => removed.removal == last,
            _ => full.contains(&removed.stored.clipping.id),
        };
        let pages = PageReader::open(&self.dir)?;
        let mut restored = Restored::default();
        restored.unreadable = file.each(|removed| {
            if is_meant(&removed) {
                restored.lost_pages += u64::from(writer.restore(removed.stored, &pages)?);
                restored.clippings += 1;
                if writer.is_commit_due() {
                    writer.commit()?;
                }
            }
            Ok(())
        })?;
        writer.finish().map_err(|e| e.or_gone(&self.dir))?;
        if restored.clippings > 0 {
            file.retain(|removed| !is_meant(removed))?;
        }
        Ok(restored)
    }
}
