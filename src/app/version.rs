//! Detects whether answers may have changed.

use std::fs;

use super::{App, Result, today};
use crate::saved::{FILES, SavedStore};

impl App {
    /// A string that changes whenever a request may be answered differently: after a commit, a
    /// change of synonyms or saved searches, a digest, and at midnight in Korea.
    ///
    /// # Errors
    /// When the index cannot be opened.
    pub fn version(&self) -> Result<String> {
        if let Some(cluster) = self.cluster_searcher()? {
            let SavedStore::Cluster(state) = self.saved_store()? else {
                return Ok(String::new());
            };
            let stamp = self.synonyms.stamp(&self.dir);
            let (clippings, saved) = (cluster.index().version()?, state.version(&FILES)?);
            return Ok(format!("{clippings} {saved}{stamp:?}{}", today()));
        }
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
