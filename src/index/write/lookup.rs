//! Finds the stored version of an incoming clipping: in the last commit, or among the uncommitted
//! changes, which the engine cannot search yet.

use crate::index::engine::DocAddress;
use crate::index::engine::record;
use crate::index::engine::snapshot::Snapshot;
use crate::index::write::decide::KnownDoc;
use crate::index::write::identity::Identity;
use crate::index::write::incoming_doc::IncomingDoc;
use crate::index::write::uncommitted::{Uncommitted, UncommittedDoc};
use crate::index::{IndexError, PageKey, Result};

/// Where a version of a clipping is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::index) enum DocRef {
    /// Changed since the last commit; its id.
    Uncommitted(String),
    Committed(DocAddress),
}

/// The stored version that an incoming clipping updates.
pub(in crate::index) struct ExistingDoc {
    pub doc: KnownDoc,
    pub added: i64,
    pub page: Option<PageKey>,
    /// `None` while it is uncommitted.
    pub address: Option<DocAddress>,
}

/// The last commit with the changes since.
#[derive(Clone, Copy)]
pub(in crate::index) struct Lookup<'a> {
    pub committed: &'a Snapshot,
    pub uncommitted: &'a Uncommitted,
}

impl Lookup<'_> {
    pub(in crate::index) fn by_id(&self, id: &str) -> Result<Option<DocRef>> {
        Ok(match self.uncommitted.by_id(id) {
            Some(None) => None,
            Some(Some(_)) => Some(DocRef::Uncommitted(id.to_owned())),
            None => self.committed.by_id(id)?.map(DocRef::Committed),
        })
    }

    fn by_url(&self, url: &str) -> Result<Option<DocRef>> {
        match self.uncommitted.by_url(url) {
            Some(id) => self.by_id(id),
            None => match self.committed.by_url(url)? {
                // The commit may list an id that was deleted since, so resolve it again.
                Some(address) => self.by_id(&self.committed.clipping(address)?.id),
                None => Ok(None),
            },
        }
    }

    /// Finds the stored version of `incoming` by id, then by URL. If only the URL matches and the
    /// id of `incoming` was derived from it, `incoming` takes over the stored id.
    ///
    /// `now` is the time of adding for a stored version that has none.
    pub(in crate::index) fn existing(
        &self,
        incoming: &mut IncomingDoc,
        now: i64,
    ) -> Result<Option<ExistingDoc>> {
        if let Some(at) = self.by_id(&incoming.clipping.id)? {
            return self.load(at, now).map(Some);
        }
        let Some(url) = &incoming.clipping.url else {
            return Ok(None);
        };
        let Some(at) = self.by_url(url)? else {
            return Ok(None);
        };
        let existing = self.load(at, now)?;
        match incoming.identity {
            Identity::Url => {
                incoming.clipping.id.clone_from(&existing.doc.clipping.id);
                Ok(Some(existing))
            }
            // Two given ids under one URL are two clippings, unless one of them is an excerpt of
            // the other.
            _ if existing.doc.clipping.excerpt != incoming.clipping.excerpt => Ok(Some(existing)),
            _ => Ok(None),
        }
    }

    fn load(&self, at: DocRef, now: i64) -> Result<ExistingDoc> {
        match at {
            DocRef::Uncommitted(id) => {
                let doc = self.uncommitted_doc(&id)?;
                Ok(ExistingDoc {
                    doc: KnownDoc {
                        clipping: record::read(&doc.record)?,
                        content: doc.content,
                        has_page: doc.page.is_some(),
                    },
                    added: doc.added,
                    page: doc.page,
                    address: None,
                })
            }
            DocRef::Committed(address) => {
                let page = self.committed.page(address)?;
                Ok(ExistingDoc {
                    doc: KnownDoc {
                        clipping: self.committed.clipping(address)?,
                        content: self.committed.content(address).unwrap_or_default(),
                        has_page: page.is_some(),
                    },
                    added: self.committed.added(address).unwrap_or(now),
                    page,
                    address: Some(address),
                })
            }
        }
    }

    /// The key of the page stored with a version.
    pub(in crate::index) fn page(&self, at: &DocRef) -> Result<Option<PageKey>> {
        match at {
            DocRef::Uncommitted(id) => Ok(self.uncommitted_doc(id)?.page),
            DocRef::Committed(address) => self.committed.page(*address),
        }
    }

    fn uncommitted_doc(&self, id: &str) -> Result<&UncommittedDoc> {
        let doc = self.uncommitted.by_id(id).flatten();
        doc.ok_or_else(|| {
            IndexError::Engine(format!("'{id}' is not among the uncommitted clippings"))
        })
    }
}
