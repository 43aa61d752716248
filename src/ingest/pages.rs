//! From a page to a clipping: what `extract` is called with.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::clipping::Clipping;
use crate::source::{Fill, Page};

/// How pages are extracted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extraction {
    /// Leave out the rules about particular outlets.
    pub without_rules: bool,
}

impl Extraction {
    /// A number that changes when a page would be read otherwise than before: by other options or
    /// by another version of the program.
    pub(super) fn fingerprint(&self, fill: &Fill) -> u64 {
        let mut hasher = FxHasher::default();
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        self.without_rules.hash(&mut hasher);
        format!("{fill:?}").hash(&mut hasher);
        hasher.finish()
    }

    /// What a worker extracts with.
    pub fn extractor(&self) -> PageExtractor {
        PageExtractor {}
    }
}

/// Extracts pages.
pub struct PageExtractor {}

impl PageExtractor {
    /// Extracts the clipping that a page holds.
    ///
    /// # Errors
    /// Why the page is no clipping, one line.
    pub fn extract(&mut self, _page: &Page, _source: &str) -> Result<Clipping, String> {
        Err("pages are not read yet".to_owned())
    }
}
