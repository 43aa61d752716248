//! What each saved search has shown before, so that a digest shows only what is new.
//!
//! A clipping is new when it was added since the last digest. `add` stamps clippings when it begins
//! and publishes them with each commit, so a digest in between must not skip what later commits
//! bring with an older stamp. So the clippings stamped shortly before the newest stamp at a digest
//! are remembered by id, and one that is stamped in that time and not remembered is new.
//!
//! Stamps are compared with stamps of the index, never with the clock of the digest: a clock that
//! is ahead would otherwise hide everything added until that date. The writer never stamps lower
//! than what the index has.
//!
//! A changed clipping keeps its stamp, and `reindex` keeps all stamps: neither makes anything new.
//! One that is removed and added again has a new stamp.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::file::{read, version, write};
use super::{SavedError, SavedLock};

const NAME: &str = "digest.json";

/// Seconds before the newest stamp within which clippings are remembered by id: longer than an
/// `add` runs.
const WINDOW: i64 = 24 * 60 * 60;

/// What a search had shown at its last digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestCheckpoint {
    /// When that was.
    pub last: Timestamp,
    /// The newest stamp of the index then, in unix seconds. Files of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<i64>,
    /// Ids of the clippings stamped shortly before, with their stamps.
    #[serde(default)]
    pub recent: BTreeMap<String, i64>,
}

impl DigestCheckpoint {
    /// Clippings stamped up to then have been shown. `newest` is the newest stamp of the index now:
    /// the clock by which a file of an earlier version was written may have been ahead of it.
    pub fn watermark(&self, newest: i64) -> i64 {
        let then = self.newest.unwrap_or(self.last.as_second().min(newest));
        then.saturating_sub(WINDOW)
    }

    /// Whether the clipping of this id and stamp has been shown, if it is above the watermark.
    pub fn has(&self, id: &str, added: i64) -> bool {
        self.recent.get(id) == Some(&added)
    }

    /// The checkpoint of a digest at `now`, when the newest stamp of the index is `newest`, of a
    /// search that finds `clippings` (ids and stamps).
    pub fn at(
        now: Timestamp,
        newest: i64,
        clippings: impl IntoIterator<Item = (String, i64)>,
    ) -> DigestCheckpoint {
        let mut checkpoint = DigestCheckpoint {
            last: now,
            newest: Some(newest),
            recent: BTreeMap::new(),
        };
        let watermark = checkpoint.watermark(newest);
        let recent = clippings
            .into_iter()
            .filter(|(_, added)| *added > watermark);
        checkpoint.recent.extend(recent);
        checkpoint
    }
}

/// The checkpoints of all searches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestState {
    version: u32,
    /// By name of the search.
    marks: BTreeMap<String, DigestCheckpoint>,
}

impl Default for DigestState {
    fn default() -> Self {
        DigestState {
            version: version(),
            marks: BTreeMap::new(),
        }
    }
}

impl DigestState {
    /// Reads the checkpoints of the index in `dir`.
    ///
    /// # Errors
    /// When the file exists and cannot be read.
    pub fn read(dir: &Path) -> Result<DigestState, SavedError> {
        Ok(read(dir, NAME)?.unwrap_or_default())
    }

    /// The checkpoint of a search; `None` before its first digest.
    pub fn checkpoint(&self, search: &str) -> Option<&DigestCheckpoint> {
        self.marks.get(search)
    }

    /// Sets the checkpoints of some searches. Those of the others stay as another process may have
    /// set them meanwhile.
    ///
    /// # Errors
    /// When they cannot be written; then they are as they were.
    pub fn update(
        dir: &Path,
        checkpoints: BTreeMap<String, DigestCheckpoint>,
    ) -> Result<(), SavedError> {
        let _lock = SavedLock::acquire(dir)?;
        let mut state = DigestState::read(dir)?;
        state.marks.extend(checkpoints);
        write(dir, NAME, &state)
    }

    /// Forgets the checkpoints of removed searches. The caller holds the lock.
    ///
    /// # Errors
    /// See [`DigestState::update`].
    pub fn forget(dir: &Path, searches: &[String], _lock: &SavedLock) -> Result<(), SavedError> {
        let mut state = DigestState::read(dir)?;
        let before = state.marks.len();
        state.marks.retain(|name, _| !searches.contains(name));
        match state.marks.len() == before {
            true => Ok(()),
            false => write(dir, NAME, &state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn late_commits_are_new_and_shown_clippings_are_not() {
        let now = 10 * WINDOW;
        let found = [("old", WINDOW), ("a", now - 100), ("b", now)];
        let found = found.map(|(id, t)| (id.to_owned(), t));
        let checkpoint = DigestCheckpoint::at(at(now), now, found);
        assert_eq!(checkpoint.recent.len(), 2);
        let watermark = checkpoint.watermark(now + 5);
        let is_shown = |id: &str, added| added <= watermark || checkpoint.has(id, added);
        for (id, added, shown) in [
            ("old", WINDOW, true),
            ("a", now - 100, true),
            ("b", now, true),
            // Stamped before the digest, committed after it.
            ("late", now - 50, false),
            ("later", now + 1, false),
            // Removed and added again.
            ("a", now + 5, false),
        ] {
            assert_eq!(is_shown(id, added), shown, "{id} {added}");
        }
    }

    #[test]
    fn a_clock_that_was_ahead_hides_nothing() {
        let (now, ahead) = (10 * WINDOW, 1000 * WINDOW);
        let checkpoint = DigestCheckpoint::at(at(ahead), now, []);
        assert!(checkpoint.watermark(now + 1) < now);
        let of_earlier_version = DigestCheckpoint {
            newest: None,
            ..checkpoint
        };
        assert!(of_earlier_version.watermark(now + 1) < now);
    }

    #[test]
    fn checkpoints_are_set_for_some_and_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let one = |name: &str, n: i64| {
            let checkpoint = DigestCheckpoint::at(at(n), n, [("x".to_owned(), n)]);
            BTreeMap::from([(name.to_owned(), checkpoint)])
        };
        DigestState::update(dir.path(), one("a", 5)).unwrap();
        DigestState::update(dir.path(), one("b", 6)).unwrap();
        let state = DigestState::read(dir.path()).unwrap();
        assert_eq!(state.checkpoint("a").unwrap().recent["x"], 5);
        let lock = SavedLock::acquire(dir.path()).unwrap();
        DigestState::forget(dir.path(), &["a".to_owned()], &lock).unwrap();
        let state = DigestState::read(dir.path()).unwrap();
        assert!(state.checkpoint("a").is_none() && state.checkpoint("b").is_some());
    }
}
