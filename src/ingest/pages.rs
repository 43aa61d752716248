//! From a page to a clipping: what `extract` is called with.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::clipping::Clipping;
use crate::extract::{self, Extracted, Extractor};
use crate::source::{Fill, Page};

/// A clipping as it comes out of a source.
#[derive(Debug)]
pub struct Made {
    /// The clipping; it has no name yet unless its source gave it one.
    pub clipping: Clipping,
    /// Field → where a page says it; empty for a record.
    pub provenance: Vec<(&'static str, String)>,
    /// The source holds nothing else.
    pub whole_source: bool,
    /// The name of the clipping that the source was before, see [`LedgerEntry::clipping`].
    ///
    /// [`LedgerEntry::clipping`]: crate::index::LedgerEntry::clipping
    pub replaces: Option<String>,
}

impl Made {
    pub(super) fn record(clipping: Clipping) -> Made {
        Made {
            clipping,
            provenance: Vec::new(),
            whole_source: false,
            replaces: None,
        }
    }
}

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
    pub(super) fn extractor(&self) -> Extractor {
        Extractor::new(extract::Options {
            rules: !self.without_rules,
        })
    }
}

/// Extracts the clipping that a page holds.
///
/// # Errors
/// Why the page is no clipping, one line.
pub(super) fn extract_page(
    extractor: &Extractor,
    page: &Page,
    source: &str,
) -> Result<Made, String> {
    let page = extract::Page {
        bytes: &page.bytes,
        source,
        content_type: page.content_type.as_deref(),
        url: page.url.as_deref(),
    };
    let Extracted {
        clipping,
        provenance,
    } = extractor.extract(&page).map_err(|e| e.to_string())?;
    Ok(Made {
        clipping,
        provenance,
        whole_source: false,
        replaces: None,
    })
}
