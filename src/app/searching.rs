//! The searcher of an index, in a folder or in a cluster.

use std::sync::Arc;

use super::{App, Result};
use crate::clipping::Clipping;
use crate::index::IndexError;
use crate::query::Node;
use crate::search::cluster::ClusterSearcher;
use crate::search::trend::Days;
use crate::search::{
    Answer, Hit, NewHits, Note, Related, Request, ScoredIds, Searcher, Show, Similar,
};

/// One committed state of an index in a folder, or the current index in a cluster.
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

    /// Related words, and whether their counts are estimates.
    pub(super) fn related(
        &self,
        request: &Request,
        against: Option<&Request>,
        most: usize,
    ) -> Result<(Related, bool)> {
        Ok(match self {
            AnySearcher::Folder(searcher) => (searcher.related(request, against, most)?, false),
            AnySearcher::Cluster(searcher) => searcher.related(request, against, most)?,
        })
    }

    pub(super) fn similar(
        &self,
        id: &str,
        filters: &Node,
        limit: usize,
        show: Show,
    ) -> Result<Similar> {
        Ok(match self {
            AnySearcher::Folder(searcher) => searcher.similar(id, filters, limit, show)?,
            AnySearcher::Cluster(searcher) => searcher.similar(id, filters, limit, show)?,
        })
    }

    pub(super) fn clipping_and_copies(
        &self,
        id: &str,
        limit: usize,
    ) -> Result<(Clipping, Vec<Clipping>)> {
        Ok(match self {
            AnySearcher::Folder(searcher) => searcher.clipping_and_copies(id, limit)?,
            AnySearcher::Cluster(searcher) => searcher.clipping_and_copies(id, limit)?,
        })
    }

    /// A cluster keeps no pages.
    pub(super) fn has_page(&self, id: &str) -> Result<bool> {
        Ok(match self {
            AnySearcher::Folder(searcher) => searcher.archive().has_page(id)?,
            AnySearcher::Cluster(_) => false,
        })
    }

    /// The matches of `request` in texts of the clipping with this id.
    pub(super) fn marks(
        &self,
        id: &str,
        request: &Request,
        texts: &[String],
    ) -> Result<Vec<Vec<(usize, usize)>>> {
        Ok(match self {
            AnySearcher::Folder(searcher) => searcher.marks(request, texts)?,
            AnySearcher::Cluster(searcher) => searcher.marks(id, request, texts)?,
        })
    }

    pub(super) fn newest_added(&self) -> Result<i64> {
        Ok(match self {
            AnySearcher::Folder(searcher) => searcher.newest_added()?,
            AnySearcher::Cluster(searcher) => searcher.newest_added()?,
        })
    }

    pub(super) fn new_hits(
        &self,
        request: &Request,
        watermark: Option<i64>,
        known: &dyn Fn(&str, i64) -> bool,
        skip_copies: bool,
    ) -> Result<NewHits> {
        Ok(match self {
            AnySearcher::Folder(searcher) => {
                searcher.new_hits(request, watermark, known, skip_copies)?
            }
            AnySearcher::Cluster(searcher) => {
                searcher.new_hits(request, watermark, known, skip_copies)?
            }
        })
    }
}
