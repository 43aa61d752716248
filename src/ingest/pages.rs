//! From a page to a clipping.

use std::hash::{Hash, Hasher};
use std::path::Path;

use rustc_hash::FxHasher;

use serde::{Deserialize, Serialize};

use crate::clipping::{Clipping, Published};
use crate::extract::outlet;
use crate::extract::{self, Extracted, Extractor};
use crate::index::{KeptPage, PackedPage};
use crate::source::{Fill, RawPage, SkipReason};

/// A clipping as it comes out of a source.
#[derive(Debug)]
pub struct ExtractedItem {
    /// The clipping; its id is empty unless the source gives one.
    pub clipping: Clipping,
    /// Field → where the page says it; empty for a record.
    pub provenance: Vec<(&'static str, String)>,
    /// The source holds nothing else.
    pub whole_source: bool,
    /// Id of the clipping that the source was before, see [`LedgerEntry::clipping`].
    ///
    /// [`LedgerEntry::clipping`]: crate::index::LedgerEntry::clipping
    pub replaces: Option<String>,
    /// It may replace what the index holds under its id or address, whatever source that came from.
    pub may_replace: bool,
    /// The page that it was extracted from, when pages are kept.
    pub page: Option<PackedPage>,
}

impl ExtractedItem {
    pub(super) fn record(clipping: Clipping) -> ExtractedItem {
        ExtractedItem {
            clipping,
            provenance: Vec::new(),
            whole_source: false,
            replaces: None,
            may_replace: true,
            page: None,
        }
    }
}

/// How pages are extracted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extraction {
    /// Disable outlet-specific rules.
    pub without_rules: bool,
    /// Store the original pages.
    pub keep_pages: bool,
}

impl Extraction {
    /// Hashes of the options and the version of the program. The first is that of these options; sources
    /// read under any of them need not be read again, since stored pages stay.
    pub(super) fn readings(&self, fill: &Fill) -> Vec<u64> {
        let keeping = Extraction {
            keep_pages: true,
            ..*self
        };
        match self.keep_pages {
            true => vec![keeping.fingerprint(fill)],
            false => vec![self.fingerprint(fill), keeping.fingerprint(fill)],
        }
    }

    fn fingerprint(&self, fill: &Fill) -> u64 {
        let mut hasher = FxHasher::default();
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        self.without_rules.hash(&mut hasher);
        self.keep_pages.hash(&mut hasher);
        format!("{fill:?}").hash(&mut hasher);
        hasher.finish()
    }

    /// The extractor of a worker.
    pub(super) fn extractor(&self) -> Extractor {
        Extractor::new(extract::Options {
            rules: !self.without_rules,
            ..extract::Options::default()
        })
    }
}

/// Extracts the clipping of a page.
///
/// # Errors
/// Why the page is not a clipping.
pub(super) fn extract_page(
    extractor: &Extractor,
    page: &RawPage,
    source: &str,
) -> Result<ExtractedItem, SkipReason> {
    let page = extract::Page {
        bytes: &page.bytes,
        source,
        content_type: page.content_type.as_deref(),
        url: page.url.as_deref(),
    };
    let Extracted {
        clipping,
        provenance,
        ..
    } = extractor.extract(&page)?;
    Ok(ExtractedItem {
        clipping,
        provenance,
        whole_source: false,
        replaces: None,
        may_replace: true,
        page: None,
    })
}

/// What is stored with the bytes of a page, so that it can be extracted again.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct About {
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    without_rules: bool,
    /// Values for the fields that the page leaves empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    outlet: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reporters: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<Published>,
}

/// Packs a page. `filled` is an empty clipping with the values for fields that the page leaves empty.
///
/// # Errors
/// When it cannot be compressed.
pub(super) fn pack(
    page: &RawPage,
    extraction: Extraction,
    filled: Clipping,
) -> std::io::Result<PackedPage> {
    let about = About {
        content_type: page.content_type.clone(),
        url: page.url.clone(),
        without_rules: extraction.without_rules,
        outlet: filled.outlet,
        reporters: filled.reporters,
        section: filled.section,
        published: filled.published,
    };
    KeptPage::pack(&serde_json::to_string(&about)?, &page.bytes)
}

/// Extracts the clipping of a stored page again, under the options of the first time. `before` is the
/// clipping in the index.
///
/// # Errors
/// Why the page is not a clipping.
pub fn re_extract(before: &Clipping, kept: &KeptPage) -> Result<Clipping, SkipReason> {
    let about: About =
        serde_json::from_str(&kept.about).map_err(|_| SkipReason::StoredPageUnreadable)?;
    let extraction = Extraction {
        without_rules: about.without_rules,
        keep_pages: true,
    };
    let page = extract::Page {
        bytes: &kept.bytes,
        source: &before.source,
        content_type: about.content_type.as_deref(),
        url: about.url.as_deref(),
    };
    let extracted = extraction.extractor().extract(&page)?;
    let mut clipping = extracted.clipping;
    let fill = Fill {
        outlet: about.outlet,
        reporters: about.reporters,
        published: about.published,
        ..Fill::default()
    };
    let source = Path::new(&before.source);
    fill.apply(source, source, &mut clipping);
    clipping.section = clipping.section.or(about.section);
    name_outlet(&mut clipping);
    Ok(clipping)
}

/// Replaces an outlet's alias by its canonical name, which filters and counts need.
pub(super) fn name_outlet(clipping: &mut Clipping) {
    if let Some(named) = &mut clipping.outlet
        && let Some(outlet) = outlet::canonical(named)
        && !outlet.is_portal()
        && outlet.name != named
    {
        *named = outlet.name.to_owned();
    }
}
