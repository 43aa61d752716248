//! Statistics of an index.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::index::engine::{DocAddress, columns};
use crate::index::pages::FOLDER as PAGES;
use crate::index::write::ledger::Ledger;
use crate::index::{Archive, Damage, IndexError, Meta, PageReader, Result, Skip};
use crate::korean_time::{date_of_day, day_number};

/// Skips listed by [`skipped`].
const SKIPS_LISTED: usize = 100_000;

/// Number of clippings of an outlet or month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Outlet, or month as `2024-02`.
    pub name: String,
    /// Number of clippings.
    pub count: u64,
}

/// Statistics of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Number of clippings.
    pub clippings: u64,
    /// Number of near-duplicate groups, that is, of clippings without their copies.
    pub groups: u64,
    /// Number of clippings without a date.
    pub undated: u64,
    /// Earliest day of publication, Korean time.
    pub first_day: Option<Date>,
    /// Latest day of publication.
    pub last_day: Option<Date>,
    /// By outlet, largest first.
    pub outlets: Vec<Count>,
    /// By month, earliest first.
    pub months: Vec<Count>,
    /// Bytes of UTF-8 text.
    pub text_bytes: u64,
    /// Bytes of all files in the index folder.
    pub disk_bytes: u64,
    /// Number of stored pages.
    pub pages: u64,
    /// Bytes of stored pages on disk.
    pub page_bytes: u64,
    /// Segments of a merge that is due but not done: it failed, or the last `add` was interrupted.
    pub unmerged_segments: usize,
}

/// Statistics of all clippings, or of those in `among`. Sizes and stored pages are always those of
/// the whole index.
///
/// # Errors
/// When a column cannot be read, or stored pages are lost.
pub fn stats(archive: &Archive, among: Option<&FxHashSet<DocAddress>>) -> Result<Stats> {
    let counts = |address: DocAddress| among.is_none_or(|among| among.contains(&address));
    let mut tally = Tally::default();
    let outlets = columns::for_each_doc(archive.searcher(), &counts, &mut |doc| {
        tally.add(doc.group, doc.published, doc.text_bytes);
    })?;
    let (pages, page_bytes) = kept_pages(archive)?;
    Ok(Stats {
        disk_bytes: folder_bytes(archive.dir()),
        pages,
        page_bytes,
        unmerged_segments: archive.unmerged_segments(),
        ..tally.stats(outlets)
    })
}

/// Counts of clippings, one after the other.
#[derive(Default)]
pub(in crate::index) struct Tally {
    clippings: u64,
    undated: u64,
    text_bytes: u64,
    groups: FxHashSet<u64>,
    days: BTreeMap<i64, u64>,
}

impl Tally {
    /// Counts a clipping of this near-duplicate group, published at `published` (Unix seconds).
    pub(in crate::index) fn add(
        &mut self,
        group: Option<u64>,
        published: Option<i64>,
        text_bytes: u64,
    ) {
        self.clippings += 1;
        self.groups.extend(group);
        self.text_bytes += text_bytes;
        match published {
            Some(seconds) => *self.days.entry(day_number(seconds)).or_default() += 1,
            None => self.undated += 1,
        }
    }

    /// The statistics, without those of files, pages and segments. `outlets` are numbers of clippings.
    pub(in crate::index) fn stats(self, outlets: FxHashMap<String, u64>) -> Stats {
        let count = |(name, count)| Count { name, count };
        let mut outlets: Vec<Count> = outlets.into_iter().map(count).collect();
        outlets.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        let mut months: BTreeMap<String, u64> = BTreeMap::new();
        for (&day, clippings) in &self.days {
            if let Some(date) = date_of_day(day) {
                let month = date.strftime("%Y-%m").to_string();
                *months.entry(month).or_default() += clippings;
            }
        }
        Stats {
            clippings: self.clippings,
            groups: self.groups.len() as u64,
            undated: self.undated,
            first_day: self.days.keys().next().copied().and_then(date_of_day),
            last_day: self.days.keys().next_back().copied().and_then(date_of_day),
            outlets,
            months: months.into_iter().map(count).collect(),
            text_bytes: self.text_bytes,
            disk_bytes: 0,
            pages: 0,
            page_bytes: 0,
            unmerged_segments: 0,
        }
    }
}

/// Number and size of the pages that records refer to. Pages after a damaged header or in a
/// truncated pack are invisible to the reader, so counting the pages in packs would hide damage.
fn kept_pages(archive: &Archive) -> Result<(u64, u64)> {
    let pages = PageReader::open(archive.dir())?;
    if !archive.dir().join(PAGES).exists() {
        return Ok((0, 0));
    }
    let is_current = || Meta::read(archive.dir()).is_ok_and(|meta| meta == *archive.meta());
    let (mut count, mut bytes, mut lost) = (0, 0, 0u64);
    archive.for_each_page(&mut |page| match pages.length(page) {
        Some(length) => {
            count += 1;
            bytes += length;
        }
        None => lost += 1,
    })?;
    match lost {
        // A concurrent writer may have removed them.
        1.. if is_current() => Err(IndexError::Damaged(Damage::LostPages(lost))),
        _ => Ok((count, bytes)),
    }
}

/// Bytes of all files in a folder, recursively. Files that vanish meanwhile do not count.
fn folder_bytes(dir: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else {
        return 0;
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            Some(if metadata.is_dir() {
                folder_bytes(&entry.path())
            } else {
                metadata.len()
            })
        })
        .sum()
}

/// What `add` skipped, according to the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Number of all skips.
    pub count: u64,
    /// The skips, sorted by path; at most 100,000.
    pub skips: Vec<Skip>,
}

/// Reads the skips of all sources from the ledger of the index in `dir`.
///
/// # Errors
/// When there is no index, or another process has the ledger open.
pub fn skipped(dir: &Path) -> Result<Skipped> {
    if !Meta::exists(dir) {
        return Err(IndexError::Missing(dir.to_owned()));
    }
    let mut skipped = Skipped::default();
    Ledger::view(dir)?.for_each(|_, entry| {
        skipped.count += entry.skipped;
        let room = SKIPS_LISTED.saturating_sub(skipped.skips.len());
        skipped.skips.extend(entry.skips.into_iter().take(room));
    })?;
    Ok(skipped)
}
