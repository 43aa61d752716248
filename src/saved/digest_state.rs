//! What each saved search has shown so far, so that a digest shows only what is new.
//!
//! A clipping is new if it was added since the last digest. `add` stamps clippings with the time at
//! which it starts, in a cluster with that of each batch, and publishes them later. A digest in between
//! must not miss clippings of later commits with an older stamp, so the ids of clippings stamped shortly
//! before the newest stamp are stored; a clipping stamped in that window is new if its id is not
//! among them.
//!
//! Stamps are compared with other stamps in the index, never with the current time: a clock that
//! runs ahead would otherwise hide everything added before that time. A writer never stamps lower
//! than the newest stamp that the index had at that time.
//!
//! An updated clipping keeps its stamp, and so does `reindex`. A clipping that is removed and added
//! again gets a new stamp.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::file::version;
use super::{SavedError, SavedStore};

pub(super) const NAME: &str = "digest.json";

/// Length in seconds of the window before the newest stamp for which ids are stored; longer than
/// any `add` runs.
const WINDOW: i64 = 24 * 60 * 60;

/// State of a search at its last digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestCheckpoint {
    /// Time of the digest.
    pub last: Timestamp,
    /// Newest stamp in the index at that time, Unix seconds. Not present in files of earlier
    /// versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<i64>,
    /// Ids of the clippings in the window, with their stamps.
    #[serde(default)]
    pub recent: BTreeMap<String, i64>,
}

impl DigestCheckpoint {
    /// Clippings stamped up to this time have been shown. `newest` is the newest stamp in the index
    /// now: in a file of an earlier version, `last` may be ahead of it.
    pub fn watermark(&self, newest: i64) -> i64 {
        let then = self.newest.unwrap_or(self.last.as_second().min(newest));
        then.saturating_sub(WINDOW)
    }

    /// Whether a clipping above the watermark has been shown.
    pub fn has(&self, id: &str, added: i64) -> bool {
        self.recent.get(id) == Some(&added)
    }

    /// The checkpoint of a digest at `now`, with `newest` as the newest stamp in the index, for a
    /// search that matches `clippings` (ids and stamps).
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
    /// By search name.
    #[serde(rename = "marks")]
    checkpoints: BTreeMap<String, DigestCheckpoint>,
}

impl Default for DigestState {
    fn default() -> Self {
        DigestState {
            version: version(),
            checkpoints: BTreeMap::new(),
        }
    }
}

impl DigestState {
    /// Reads the checkpoints.
    ///
    /// # Errors
    /// When they exist but cannot be read.
    pub fn read(store: &SavedStore) -> Result<DigestState, SavedError> {
        Ok(store.read(NAME)?.unwrap_or_default())
    }

    /// The checkpoint of a search; `None` before its first digest.
    pub fn checkpoint(&self, search: &str) -> Option<&DigestCheckpoint> {
        self.checkpoints.get(search)
    }

    /// Sets checkpoints of some searches. Changes by other processes are kept.
    ///
    /// # Errors
    /// When they cannot be written; they are as before then.
    pub fn update(
        store: &SavedStore,
        checkpoints: BTreeMap<String, DigestCheckpoint>,
    ) -> Result<(), SavedError> {
        DigestState::change(store, |state| state.checkpoints.extend(checkpoints.clone()))
    }

    /// Removes the checkpoints of removed searches.
    ///
    /// # Errors
    /// See [`DigestState::update`].
    pub fn forget(store: &SavedStore, searches: &[String]) -> Result<(), SavedError> {
        DigestState::change(store, |state| {
            state.checkpoints.retain(|name, _| !searches.contains(name));
        })
    }

    /// Renames the checkpoint of a search.
    ///
    /// # Errors
    /// See [`DigestState::update`].
    pub fn rename(store: &SavedStore, name: &str, new_name: &str) -> Result<(), SavedError> {
        DigestState::change(store, |state| {
            if let Some(checkpoint) = state.checkpoints.remove(name) {
                state.checkpoints.insert(new_name.to_owned(), checkpoint);
            }
        })
    }

    fn change(store: &SavedStore, change: impl Fn(&mut DigestState)) -> Result<(), SavedError> {
        store.update(NAME, &mut |content: Option<DigestState>| {
            let before = content.unwrap_or_default();
            let mut after = before.clone();
            change(&mut after);
            Ok(((after != before).then_some(after), ()))
        })
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
    fn a_clock_that_runs_ahead_hides_nothing() {
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
    fn checkpoints_are_set_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let store = SavedStore::Folder(dir.path().to_owned());
        let one = |name: &str, n: i64| {
            let checkpoint = DigestCheckpoint::at(at(n), n, [("x".to_owned(), n)]);
            BTreeMap::from([(name.to_owned(), checkpoint)])
        };
        DigestState::update(&store, one("a", 5)).unwrap();
        DigestState::update(&store, one("b", 6)).unwrap();
        let state = DigestState::read(&store).unwrap();
        assert_eq!(state.checkpoint("a").unwrap().recent["x"], 5);
        DigestState::forget(&store, &["a".to_owned()]).unwrap();
        let state = DigestState::read(&store).unwrap();
        assert!(state.checkpoint("a").is_none() && state.checkpoint("b").is_some());
    }
}
