//! Copies an index into another: from a folder to a cluster, or back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;

use super::{App, AppError, Result};
use crate::analyze::user_words::UserWords;
use crate::atomic_file::{self, Durability};
use crate::clipping::Clipping;
use crate::index::{
    self, Archive, ClippingSink, ClusterIndex, IncomingDoc, Meta, StoredClipping, USER_WORDS,
    WriterOptions,
};
use crate::ingest::Summary;
use crate::saved::{DigestState, Searches};

/// Clippings between two commits.
const BATCH: u64 = 20_000;

/// How an index is copied.
pub struct CopyOptions<'a> {
    /// Shown to other processes as the holder of the lock.
    pub command: &'static str,
    /// How long to wait for the lock.
    pub wait: Duration,
    /// Called with the number of clippings so far.
    pub progress: &'a dyn Fn(u64),
}

/// Result of [`App::copy_to`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// Clippings missing in the target.
    pub added: u64,
    /// Clippings that differed in the target.
    pub updated: u64,
    /// Clippings that were equal in the target.
    pub unchanged: u64,
    /// Saved searches missing in the target.
    pub searches: u64,
    /// Number of clippings in the source.
    pub from: u64,
    /// Number of clippings in the target afterwards.
    pub to: u64,
    /// Whether it was stopped early.
    pub interrupted: bool,
}

/// An index that is read from beginning to end.
enum Source {
    Folder(Box<Archive>),
    Cluster(Box<ClusterIndex>),
}

impl Source {
    /// The word list that it was created with.
    fn words(&self) -> &UserWords {
        match self {
            Source::Folder(archive) => archive.language().user_words(),
            Source::Cluster(index) => index.language().user_words(),
        }
    }

    fn count(&self) -> Result<u64> {
        Ok(match self {
            Source::Folder(archive) => archive.len(),
            Source::Cluster(index) => index.count()?,
        })
    }

    /// Calls `each` with every clipping and its time of adding, until it returns `false`.
    fn each(
        &self,
        each: &mut dyn FnMut(Clipping, Option<i64>) -> index::Result<bool>,
    ) -> Result<()> {
        match self {
            Source::Folder(archive) => archive.for_each(&mut |stored| {
                let StoredClipping {
                    clipping, added, ..
                } = stored;
                each(clipping, added)
            })?,
            Source::Cluster(index) => {
                index.each_in_order(&mut |stored| each(stored.clipping, Some(stored.added)))?;
            }
        }
        Ok(())
    }
}

impl App {
    /// Copies all clippings with their times of adding, and the saved searches, to the index of
    /// `target`, which is created if it does not exist. Nothing is deleted there, so that a second
    /// copy completes an interrupted one. Stored pages are not copied.
    ///
    /// # Errors
    /// When one of the two cannot be read or written, or the target lacks clippings afterwards.
    pub fn copy_to(
        &self,
        target: &App,
        options: &CopyOptions<'_>,
        stop: &AtomicBool,
    ) -> Result<Copied> {
        let source = self.source()?;
        target.prepare(source.words())?;
        let writer_options = WriterOptions {
            command: options.command,
            wait: options.wait,
            threads: None,
        };
        let mut writer = target.target(writer_options, source.words())?;
        let sink = writer.sink();
        let mut summary = Summary::default();
        let mut count = 0;
        source.each(&mut |clipping, added| {
            if stop.load(Ordering::Relaxed) {
                summary.interrupted = true;
                return Ok(false);
            }
            if let Some(outcome) = sink.put(IncomingDoc::copied(clipping, added))? {
                summary.count(outcome.into());
            }
            count += 1;
            (options.progress)(count);
            if sink.is_commit_due() || count % BATCH == 0 {
                commit(sink, &mut summary)?;
            }
            Ok(true)
        })?;
        commit(sink, &mut summary)?;
        writer.finish()?;
        let mut copied = Copied {
            added: summary.added,
            updated: summary.updated,
            unchanged: summary.unchanged,
            interrupted: summary.interrupted,
            ..Copied::default()
        };
        if copied.interrupted {
            return Ok(copied);
        }
        copied.searches = self.copy_searches(target)?;
        copied.from = source.count()?;
        copied.to = target.source()?.count()?;
        match copied.to < copied.from {
            true => Err(AppError::CopyIncomplete {
                from: copied.from,
                to: copied.to,
            }),
            false => Ok(copied),
        }
    }

    fn source(&self) -> Result<Source> {
        Ok(match self.cluster_index()? {
            Some(index) => Source::Cluster(Box::new(index)),
            None => Source::Folder(Box::new(Archive::open(&self.dir)?)),
        })
    }

    /// Copies the word list of the source to a folder without an index, unless that has one of its own.
    fn prepare(&self, words: &UserWords) -> Result<()> {
        let is_new = self.cluster_address()?.is_none() && !Meta::exists(&self.dir);
        let text = words.to_text();
        if !is_new || text.is_empty() {
            return Ok(());
        }
        let path = self.dir.join(USER_WORDS);
        if path.exists() {
            return Ok(());
        }
        let written = std::fs::create_dir_all(&self.dir).and_then(|()| {
            atomic_file::replace(&path, Durability::Synced, |out| {
                out.write_all(text.as_bytes())
            })
        });
        written.map_err(|source| AppError::Unreadable { path, source })
    }

    /// Copies the saved searches that `target` does not have, with what their digests have shown.
    fn copy_searches(&self, target: &App) -> Result<u64> {
        let (from, to) = (self.saved_store()?, target.saved_store()?);
        let searches = Searches::read(&from)?;
        if searches.all().is_empty() {
            return Ok(0);
        }
        let state = DigestState::read(&from)?;
        let copied = Searches::update(&to, |others| Ok(others.take_missing(&searches)))?;
        let checkpoints = copied
            .iter()
            .filter_map(|name| Some((name.clone(), state.checkpoint(name)?.clone())));
        DigestState::update(&to, checkpoints.collect())?;
        Ok(copied.len() as u64)
    }
}

fn commit(sink: &mut dyn ClippingSink, summary: &mut Summary) -> index::Result<()> {
    sink.commit()?;
    summary.count(sink.take_outcomes());
    Ok(())
}
