//! Extracts clippings from pages.

use std::hash::{Hash, Hasher};
use std::io;
use std::path::Path;

use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clipping::{Clipping, Published};
use crate::extract::outlet;
use crate::extract::provenance::Provenance;
use crate::extract::{self, Extracted, Extractor};
use crate::index::{KeptPage, PackedPage};
use crate::source::{Fill, RawPage, SkipReason};

/// A clipping from a source.
#[derive(Debug)]
pub struct ExtractedItem {
    /// Its id is empty unless the source gave one.
    pub clipping: Clipping,
    /// Where each field was found on the page; empty for a record.
    pub provenance: Vec<Provenance>,
    /// Whether the source contains nothing else.
    pub whole_source: bool,
    /// Id of the clipping that the source contained before, see [`LedgerEntry::clipping`].
    ///
    /// [`LedgerEntry::clipping`]: crate::index::LedgerEntry::clipping
    pub replaces: Option<String>,
    /// Whether it may replace a clipping with its id or URL from any source.
    pub may_replace: bool,
    /// The compressed page, if pages are stored.
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

/// Options for extracting pages.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extraction {
    /// Disable outlet-specific rules.
    pub without_rules: bool,
    /// Store the original pages.
    pub keep_pages: bool,
}

impl Extraction {
    /// Hashes of these options and the program version, for [`LedgerEntry::reading`]. The first is
    /// that of these options. Sources read under any of them are up to date, since stored pages are
    /// kept.
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

    /// An extractor with these options.
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
/// The reason why the page is not a clipping.
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
        is_dated: page.sent.is_some(),
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

/// Metadata stored with a page, for extracting it again.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct About {
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    without_rules: bool,
    /// Values for fields that the page leaves empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    outlet: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reporters: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<Published>,
    /// Fields of the clipping that the user corrected.
    #[serde(skip_serializing_if = "Map::is_empty")]
    corrected: Map<String, Value>,
}

/// Compresses a page for storing. `filled` has the values for fields that the page leaves empty.
///
/// # Errors
/// When compression fails.
pub(super) fn pack(
    page: &RawPage,
    extraction: Extraction,
    filled: Clipping,
) -> io::Result<PackedPage> {
    let about = About {
        content_type: page.content_type.clone(),
        url: page.url.clone(),
        without_rules: extraction.without_rules,
        outlet: filled.outlet,
        reporters: filled.reporters,
        section: filled.section,
        published: filled.published,
        corrected: Map::new(),
    };
    KeptPage::pack(&serde_json::to_string(&about)?, &page.bytes)
}

/// Stores the user's corrections with a page, so that they are applied when it is extracted again.
///
/// # Errors
/// When the page is damaged.
pub fn with_corrections(
    page: &PackedPage,
    extracted: &Clipping,
    corrected: &Clipping,
) -> io::Result<PackedPage> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let kept = KeptPage::unpack(page.as_bytes()).ok_or_else(damaged)?;
    let mut about: About = serde_json::from_str(&kept.about)?;
    let before = fields(extracted)?;
    about.corrected = fields(corrected)?
        .into_iter()
        .filter(|(name, value)| before.get(name) != Some(value))
        .collect();
    KeptPage::pack(&serde_json::to_string(&about)?, &kept.bytes)
}

/// The fields that a correction may change: all except identity and sources.
fn fields(clipping: &Clipping) -> io::Result<Map<String, Value>> {
    let Value::Object(mut fields) = serde_json::to_value(clipping)? else {
        return Ok(Map::new());
    };
    for name in ["id", "source", "other_sources", "warnings"] {
        fields.remove(name);
    }
    Ok(fields)
}

/// Extracts a stored page again, with the options used when it was stored. `before` is the clipping
/// in the index.
///
/// # Errors
/// The reason why the page is not a clipping.
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
        is_dated: about.published.is_some(),
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
    match about.corrected.is_empty() {
        true => Ok(clipping),
        false => correct(&clipping, about.corrected),
    }
}

fn correct(clipping: &Clipping, corrected: Map<String, Value>) -> Result<Clipping, SkipReason> {
    let correct = || -> serde_json::Result<Clipping> {
        let mut record = serde_json::to_value(clipping)?;
        if let Value::Object(record) = &mut record {
            record.extend(corrected);
        }
        serde_json::from_value(record)
    };
    let mut corrected = correct().map_err(|_| SkipReason::StoredPageUnreadable)?;
    corrected.drop_settled_warnings();
    Ok(corrected)
}

/// Replaces an alias of an outlet by its canonical name, so that filters and counts agree.
pub(super) fn name_outlet(clipping: &mut Clipping) {
    if let Some(named) = &mut clipping.outlet
        && let Some(outlet) = outlet::canonical(named)
        && !outlet.is_portal()
        && outlet.name != named
    {
        *named = outlet.name.to_owned();
    }
}
