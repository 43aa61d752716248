//! A clipping to be added, with everything that can be computed without the index, on any thread.

use crate::clipping::Clipping;
use crate::index::engine::document::Permit;
use crate::index::write::groups::Fingerprint;
use crate::index::write::identity::{self, Identity};
use crate::index::{PackedPage, PageKey};

/// A clipping with identity, content hash and fingerprint.
pub struct IncomingDoc {
    /// Has an id; the writer may replace it by that of a stored version.
    pub clipping: Clipping,
    /// Whether the clipping is the only content of its source. Then a changed source means a
    /// changed clipping.
    pub whole_source: bool,
    /// Whether it may replace a clipping from another source with its id or URL. A fetched page may
    /// only do so for URLs of its own site.
    pub(in crate::index) may_replace: bool,
    /// Id of the clipping that the same source contained when it was last read.
    pub(in crate::index) replaces: Option<String>,
    pub(in crate::index) identity: Identity,
    pub(in crate::index) content: u64,
    pub(in crate::index) fingerprint: Fingerprint,
    pub(in crate::index) page: Option<DocPage>,
    pub(in crate::index) permit: Option<Permit>,
    /// When it was first added, if not now: Unix seconds.
    pub(in crate::index) added: Option<i64>,
}

/// The page that a clipping was extracted from.
pub(in crate::index) enum DocPage {
    /// Not stored yet.
    New(PackedPage),
    /// Already stored.
    Kept(PageKey),
}

impl IncomingDoc {
    /// Computes id, content hash and fingerprint.
    pub fn new(mut clipping: Clipping, whole_source: bool) -> IncomingDoc {
        let identity = identity::assign_id(&mut clipping);
        IncomingDoc {
            whole_source,
            may_replace: true,
            replaces: None,
            identity,
            content: identity::content_hash(&clipping),
            fingerprint: Fingerprint::of(&clipping),
            clipping,
            page: None,
            permit: None,
            added: None,
        }
    }

    /// Prepares a clipping of another index to be added to this one, with its time of adding.
    pub fn copied(clipping: Clipping, added: Option<i64>) -> IncomingDoc {
        IncomingDoc {
            added,
            ..IncomingDoc::from_stored(clipping)
        }
    }

    /// Prepares a stored clipping to be added again.
    pub(in crate::index) fn from_stored(clipping: Clipping) -> IncomingDoc {
        // The id does not show whether it was derived from the content: derive one and compare.
        let mut without_id = Clipping {
            id: String::new(),
            ..clipping.clone()
        };
        let is_derived = identity::assign_id(&mut without_id) == Identity::Content
            && without_id.id == clipping.id;
        let mut incoming = IncomingDoc::new(clipping, is_derived);
        if is_derived {
            incoming.identity = Identity::Content;
        }
        incoming
    }

    /// Sets the id of the clipping that the same source contained before. If this clipping is
    /// identified by its content, it replaces that one.
    #[must_use]
    pub fn replacing(mut self, earlier: Option<String>) -> IncomingDoc {
        self.replaces = earlier;
        self
    }

    /// Sets whether it may replace clippings from other sources.
    #[must_use]
    pub fn with_may_replace(mut self, may_replace: bool) -> IncomingDoc {
        self.may_replace = may_replace;
        self
    }

    /// The id, if it is derived from the content and the source contains nothing else.
    pub fn content_id(&self) -> Option<&str> {
        (self.whole_source && self.identity == Identity::Content).then_some(&*self.clipping.id)
    }

    /// Sets the page to store with it.
    pub fn with_page(mut self, page: Option<PackedPage>) -> IncomingDoc {
        self.page = page.map(DocPage::New);
        self
    }

    /// Applies the user's corrections of an earlier version of the same source.
    pub(in crate::index) fn apply_corrections(&mut self, earlier: &Clipping) {
        if !earlier.corrected.is_empty() {
            self.clipping.apply_corrections(earlier);
            self.content = identity::content_hash(&self.clipping);
            self.fingerprint = Fingerprint::of(&self.clipping);
        }
    }

    /// Keeps the page that is stored already.
    pub(in crate::index) fn with_kept(mut self, page: Option<PageKey>) -> IncomingDoc {
        self.page = page.map(DocPage::Kept);
        self
    }

    /// Holds `permit` until the clipping is in a segment buffer.
    pub fn with_permit(mut self, permit: Permit) -> IncomingDoc {
        self.permit = Some(permit);
        self
    }
}
