//! What each saved search has shown before, so that a digest gives only what is new.
//!
//! A clipping is new when it was taken in since the last digest. The time alone does not tell:
//! `add` stamps clippings when it begins and shows them when it commits, so a digest in between
//! would pass over what comes with the next commit, stamped with a time before it. So the
//! clippings stamped shortly before a digest are remembered by name, and one that is stamped in
//! that time and not remembered is new.
//!
//! A clipping that changes keeps its stamp, and `reindex` keeps all stamps: neither makes anything
//! new. One that is removed and taken in again has another stamp, and is.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::file::{read, version, write};
use super::{SavedError, SavedLock};

const NAME: &str = "digest.json";

/// Seconds before a digest whose clippings are remembered by name: longer than `add` runs.
const WINDOW: i64 = 24 * 60 * 60;

/// What a search had shown at its last digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestCheckpoint {
    /// When that was.
    pub last: Timestamp,
    /// Names of the clippings taken in shortly before, with their stamps in unix seconds.
    #[serde(default)]
    pub recent: BTreeMap<String, i64>,
}

impl DigestCheckpoint {
    /// Clippings stamped up to then (unix seconds) have been shown.
    pub fn watermark(&self) -> i64 {
        self.last.as_second().saturating_sub(WINDOW)
    }

    /// Whether the clipping of this name, stamped so, has been shown.
    pub fn has(&self, id: &str, added: i64) -> bool {
        added <= self.watermark() || self.recent.get(id) == Some(&added)
    }

    /// The mark of a digest at `now`, of a search that finds `clippings` (names and stamps).
    pub fn at(
        now: Timestamp,
        clippings: impl IntoIterator<Item = (String, i64)>,
    ) -> DigestCheckpoint {
        let mut mark = DigestCheckpoint {
            last: now,
            recent: BTreeMap::new(),
        };
        let watermark = mark.watermark();
        let recent = clippings
            .into_iter()
            .filter(|(_, added)| *added > watermark);
        mark.recent.extend(recent);
        mark
    }
}

/// The marks of all searches.
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
    /// Reads the marks of the index in `dir`.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(dir: &Path) -> Result<DigestState, SavedError> {
        Ok(read(dir, NAME)?.unwrap_or_default())
    }

    /// The mark of a search; `None` when it was in no digest yet.
    pub fn mark(&self, search: &str) -> Option<&DigestCheckpoint> {
        self.marks.get(search)
    }

    /// Sets the marks of some searches; those of the others stay as another process may have set
    /// them meanwhile.
    ///
    /// # Errors
    /// When they cannot be written; then they are as they were.
    pub fn update(dir: &Path, marks: BTreeMap<String, DigestCheckpoint>) -> Result<(), SavedError> {
        let _lock = SavedLock::acquire(dir)?;
        let mut seen = DigestState::read(dir)?;
        seen.marks.extend(marks);
        write(dir, NAME, &seen)
    }

    /// Forgets the marks of searches that are no more. For whoever holds the lock.
    ///
    /// # Errors
    /// See [`DigestState::update`].
    pub fn forget(dir: &Path, searches: &[String], _lock: &SavedLock) -> Result<(), SavedError> {
        let mut seen = DigestState::read(dir)?;
        let before = seen.marks.len();
        seen.marks.retain(|name, _| !searches.contains(name));
        match seen.marks.len() == before {
            true => Ok(()),
            false => write(dir, NAME, &seen),
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
    fn what_was_committed_late_is_new_and_what_was_shown_is_not() {
        let now = 10 * WINDOW;
        let found = [("old", WINDOW), ("a", now - 100), ("b", now)];
        let mark = DigestCheckpoint::at(at(now), found.map(|(id, t)| (id.to_owned(), t)));
        assert_eq!(mark.recent.len(), 2);
        for (id, added, shown) in [
            ("old", WINDOW, true),
            ("a", now - 100, true),
            ("b", now, true),
            // Stamped before the digest, committed after it.
            ("late", now - 50, false),
            ("later", now + 1, false),
            // Removed and taken in again.
            ("a", now + 5, false),
        ] {
            assert_eq!(mark.has(id, added), shown, "{id} {added}");
        }
    }

    #[test]
    fn marks_are_set_for_some_and_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let one = |name: &str, n: i64| {
            let mark = DigestCheckpoint::at(at(n), [("x".to_owned(), n)]);
            BTreeMap::from([(name.to_owned(), mark)])
        };
        DigestState::update(dir.path(), one("a", 5)).unwrap();
        DigestState::update(dir.path(), one("b", 6)).unwrap();
        let seen = DigestState::read(dir.path()).unwrap();
        assert_eq!(seen.mark("a").unwrap().recent["x"], 5);
        let lock = SavedLock::acquire(dir.path()).unwrap();
        DigestState::forget(dir.path(), &["a".to_owned()], &lock).unwrap();
        let seen = DigestState::read(dir.path()).unwrap();
        assert!(seen.mark("a").is_none() && seen.mark("b").is_some());
    }
}
