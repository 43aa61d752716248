//! Detects whether answers may have changed.

use std::fs;

use super::{App, Result, today};

/// Files in the index folder that answers depend on.
const FILES: [&str; 2] = ["saved.json", "digest.json"];

impl App {
    /// A string that changes whenever a request may be answered differently: after a commit, a
    /// change of synonyms or saved searches, a digest, and at midnight in Korea.
    ///
    /// # Errors
    /// When the index cannot be opened.
    pub fn version(&self) -> Result<String> {
        self.only_in_folder("serve")?;
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
