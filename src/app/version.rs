//! Telling whether an answer may have changed.

use std::fs;

use super::{App, Result, today};

/// Files beside the index that answers depend on.
const FILES: [&str; 2] = ["saved.json", "digest.json"];

impl App {
    /// A text that differs whenever a request could be answered otherwise than before: after a
    /// commit, a change of synonyms or saved searches, a digest, and at midnight in Korea.
    ///
    /// # Errors
    /// When the index cannot be opened.
    pub fn version(&self) -> Result<String> {
        let opened = self.opened()?;
        let state = opened.engine.searcher()?.archive().state();
        let stamp = |name: &str| {
            let metadata = fs::metadata(self.dir.join(name)).ok()?;
            Some((metadata.modified().ok(), metadata.len()))
        };
        let files = FILES.map(stamp);
        Ok(format!("{state}{:?}{files:?}{}", opened.synonyms, today()))
    }
}
