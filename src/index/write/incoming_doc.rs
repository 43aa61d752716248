//! A clipping on its way into the index, with all that can be worked out about it alone, in any thread.

use crate::clipping::Clipping;
use crate::index::engine::document::Permit;
use crate::index::write::groups::Fingerprint;
use crate::index::write::identity::{self, Identity};
use crate::index::{PackedPage, PageKey};

/// A clipping with all that can be worked out about it alone, in any thread.
pub struct IncomingDoc {
    /// The clipping, its name settled as far as it can be without the index.
    pub clipping: Clipping,
    /// The clipping is all that its source holds, so that a changed source means a changed
    /// clipping.
    pub whole_source: bool,
    /// It may replace what came from another source under its id or address. What was fetched from
    /// the web may only claim addresses of its own site.
    pub(in crate::index) may_replace: bool,
    /// The name of the clipping that the source was before it changed, if it was one.
    pub(in crate::index) replaces: Option<String>,
    pub(in crate::index) identity: Identity,
    pub(in crate::index) content: u64,
    pub(in crate::index) fingerprint: Fingerprint,
    pub(in crate::index) page: Option<DocPage>,
    pub(in crate::index) permit: Option<Permit>,
}

/// The page that a clipping was made of.
pub(in crate::index) enum DocPage {
    /// To be kept.
    New(PackedPage),
    /// Kept already.
    Kept(PageKey),
}

impl IncomingDoc {
    /// Works out the name, the hash of the content and the fingerprint of `clipping`.
    pub fn new(mut clipping: Clipping, whole_source: bool) -> IncomingDoc {
        let identity = identity::settle(&mut clipping);
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
        }
    }

    /// The same, known to come from a source that was the clipping of this name before. Where this one
    /// has another name, only because of its content, it takes that one's place.
    #[must_use]
    pub fn replacing(mut self, earlier: Option<String>) -> IncomingDoc {
        self.replaces = earlier;
        self
    }

    /// The same with the right to replace what came from other sources.
    #[must_use]
    pub fn with_right_to_replace(mut self, may_replace: bool) -> IncomingDoc {
        self.may_replace = may_replace;
        self
    }

    /// Its name, when it is all that its source holds and known by nothing but its content.
    pub fn name_by_content(&self) -> Option<&str> {
        (self.whole_source && self.identity == Identity::Content).then_some(&*self.clipping.id)
    }

    /// Keeps the page that the clipping was made of with it.
    pub fn with_page(mut self, page: Option<PackedPage>) -> IncomingDoc {
        self.page = page.map(DocPage::New);
        self
    }

    /// The page stays that is kept already.
    pub(in crate::index) fn with_kept(mut self, page: Option<PageKey>) -> IncomingDoc {
        self.page = page.map(DocPage::Kept);
        self
    }

    /// Holds `permit` until the clipping is in a segment.
    pub fn with_permit(mut self, permit: Permit) -> IncomingDoc {
        self.permit = Some(permit);
        self
    }
}
