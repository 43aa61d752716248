//! From a page to a clipping: what `extract` is called with.

use std::hash::{Hash, Hasher};
use std::path::Path;

use rustc_hash::FxHasher;

use serde::{Deserialize, Serialize};

use crate::clipping::{Clipping, Published};
use crate::extract::outlet;
use crate::extract::{self, Extracted, Extractor};
use crate::index::{KeptPage, PackedPage};
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
    /// The page that it was made of, when pages are kept.
    pub page: Option<PackedPage>,
}

impl Made {
    pub(super) fn record(clipping: Clipping) -> Made {
        Made {
            clipping,
            provenance: Vec::new(),
            whole_source: false,
            replaces: None,
            page: None,
        }
    }
}

/// How pages are extracted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extraction {
    /// Leave out the rules about particular outlets.
    pub without_rules: bool,
    /// Keep the pages that clippings are made of.
    pub keep_pages: bool,
}

impl Extraction {
    /// Numbers that change when a page would be read otherwise than before: by other options or by
    /// another version of the program. The first stands for this reading; what was read under any of
    /// them need not be read again: where pages were kept, they stay.
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

    /// What a worker extracts with.
    pub(super) fn extractor(&self) -> Extractor {
        Extractor::new(extract::Options {
            rules: !self.without_rules,
            ..extract::Options::default()
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
        ..
    } = extractor.extract(&page).map_err(|e| e.to_string())?;
    Ok(Made {
        clipping,
        provenance,
        whole_source: false,
        replaces: None,
        page: None,
    })
}

/// What is kept of a page beside its bytes: all that its clipping came from.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct About {
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    without_rules: bool,
    /// What the user said for the fields that the page leaves empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    outlet: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reporters: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<Published>,
}

/// Packs a page with what `filled`, an empty clipping, got from the user's options.
///
/// # Errors
/// When there is no memory for it.
pub(super) fn pack(
    page: &Page,
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

/// Makes a clipping of a kept page as it was made when the page was taken in, with the extraction of
/// today. `before` is the clipping as it is.
///
/// # Errors
/// Why the page is no clipping, one line.
pub fn remake(before: &Clipping, kept: &KeptPage) -> Result<Clipping, String> {
    let about: About = serde_json::from_str(&kept.about)
        .map_err(|e| format!("what was kept of its page cannot be read: {e}"))?;
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
    let extracted = extraction
        .extractor()
        .extract(&page)
        .map_err(|e| e.to_string())?;
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

/// Records and options name an outlet in whatever way; filters and counts need one name for it.
pub(super) fn name_outlet(clipping: &mut Clipping) {
    if let Some(named) = &mut clipping.outlet
        && let Some(outlet) = outlet::canonical(named)
        && !outlet.is_portal()
        && outlet.name != named
    {
        *named = outlet.name.to_owned();
    }
}
