//! The use cases that an index in a cluster has too.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::opened::Stamp;
use super::{App, Result};
use crate::analyze::user_words::UserWords;
use crate::index::{ClusterAddress, ClusterError, ClusterIndex, ClusterWriter, Environment};
use crate::search::cluster::ClusterSearcher;

/// How long an opened index is trusted before checking that no other one took its place.
const TRUSTED: Duration = Duration::from_secs(5);

/// An index in a cluster that is open.
pub(super) struct OpenedCluster {
    searcher: Arc<ClusterSearcher>,
    /// State of the file of synonyms when it was read.
    synonyms: Stamp,
    since: Instant,
}

/// Whether the text names a cluster and not a folder.
pub fn is_cluster_address(text: &str) -> bool {
    ClusterAddress::is_address(text)
}

impl App {
    /// The address of the cluster; `None` for an index in a folder.
    pub(super) fn cluster_address(&self) -> Result<Option<ClusterAddress>> {
        match self
            .dir
            .to_str()
            .filter(|text| ClusterAddress::is_address(text))
        {
            None => Ok(None),
            Some(text) => {
                let address = ClusterAddress::parse(text, &Environment);
                Ok(Some(address.map_err(ClusterError::from)?))
            }
        }
    }

    /// Fails where the index is in a cluster.
    ///
    /// # Errors
    /// [`ClusterError::NotOnCluster`].
    pub(super) fn only_in_folder(&self, what: &'static str) -> Result<()> {
        match self.cluster_address()? {
            None => Ok(()),
            Some(_) => Err(ClusterError::NotOnCluster { what }.into()),
        }
    }

    /// The index in the cluster; `None` for an index in a folder.
    pub(super) fn cluster_index(&self) -> Result<Option<ClusterIndex>> {
        Ok(match self.cluster_address()? {
            None => None,
            Some(address) => Some(ClusterIndex::open(address)?),
        })
    }

    /// The searcher of the cluster; `None` for an index in a folder.
    pub(super) fn cluster_searcher(&self) -> Result<Option<Arc<ClusterSearcher>>> {
        let Some(address) = self.cluster_address()? else {
            return Ok(None);
        };
        let stamp = self.synonyms.stamp(&self.dir);
        // Not locked while the cluster is asked, which may take long: other requests go on.
        let opened = || self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        let known = opened()
            .as_ref()
            .filter(|opened| opened.synonyms == stamp)
            .map(|opened| (Arc::clone(&opened.searcher), opened.since));
        if let Some((searcher, since)) = known {
            if since.elapsed() < TRUSTED {
                return Ok(Some(searcher));
            }
            if searcher.index().is_live()? {
                if let Some(opened) = &mut *opened()
                    && Arc::ptr_eq(&opened.searcher, &searcher)
                {
                    opened.since = Instant::now();
                }
                return Ok(Some(searcher));
            }
        }
        let synonyms = self.synonyms.read(&self.dir, &mut Vec::new())?;
        let index = ClusterIndex::open(address)?;
        let searcher = Arc::new(ClusterSearcher::new(index, synonyms));
        *opened() = Some(OpenedCluster {
            searcher: Arc::clone(&searcher),
            synonyms: stamp,
            since: Instant::now(),
        });
        Ok(Some(searcher))
    }

    /// The writer of the cluster; `None` for an index in a folder. A new index gets `words` as its
    /// word list.
    pub(super) fn cluster_writer(
        &self,
        threads: Option<usize>,
        words: &UserWords,
    ) -> Result<Option<ClusterWriter>> {
        let Some(address) = self.cluster_address()? else {
            return Ok(None);
        };
        let index = ClusterIndex::open_for_writing(address, words)?;
        Ok(Some(ClusterWriter::new(index, threads)?))
    }
}
