//! The searcher of an index, in a folder or in a cluster.

use std::sync::Arc;

use super::{App, Result};
use crate::index::IndexError;
use crate::search::cluster::ClusterSearcher;
use crate::search::trend::Days;
use crate::search::{Answer, Hit, Note, Request, ScoredIds, Searcher};

/// One committed state of an index in a folder, or the index in a cluster as it stands.
pub(super) enum AnySearcher {
    Folder(Arc<Searcher>),
    Cluster(Arc<ClusterSearcher>),
}

impl App {
    pub(super) fn any_searcher(&self) -> Result<AnySearcher> {
        Ok(match self.cluster_searcher()? {
            Some(searcher) => AnySearcher::Cluster(searcher),
            None => AnySearcher::Folder(self.searcher()?),
        })
    }
}

impl AnySearcher {
    pub(super) fn search(&self, request: &Request) -> Result<Answer> {
        Ok(match self {
            AnySearcher::Folder(searcher) => searcher.search(request)?,
            AnySearcher::Cluster(searcher) => searcher.search(request)?,
        })
    }

    pub(super) fn ids(&self, request: &Request) -> Result<(ScoredIds, Vec<Note>)> {
        Ok(match self {
            AnySearcher::Folder(searcher) => searcher.ids(request)?,
            AnySearcher::Cluster(searcher) => searcher.ids(request)?,
        })
    }

    pub(super) fn search_in_batches<E: From<IndexError>>(
        &self,
        request: &Request,
        each: &mut dyn FnMut(Vec<Hit>) -> std::result::Result<(), E>,
    ) -> std::result::Result<Answer, E> {
        match self {
            AnySearcher::Folder(searcher) => searcher.search_in_batches(request, each),
            AnySearcher::Cluster(searcher) => searcher.search_in_batches(request, each),
        }
    }

    /// The days of what matches, and whether they are estimates.
    pub(super) fn days(&self, request: &Request) -> Result<(Days, bool)> {
        Ok(match self {
            AnySearcher::Folder(searcher) => (searcher.days(request)?, false),
            AnySearcher::Cluster(searcher) => searcher.days(request)?,
        })
    }
}
