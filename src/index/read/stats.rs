//! Counts of what an index holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use crate::index::engine::{DocAddress, columns};
use crate::index::pages::FOLDER as PAGES;
use crate::index::write::ledger::Ledger;
use crate::index::{Archive, IndexError, Meta, PageReader, Result, Skip};
use crate::korean_time::{date_of_day, day_number};

/// Skips that are listed.
const SKIPS_LISTED: usize = 100_000;

/// How many clippings something has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The outlet, or the month as `2024-02`.
    pub name: String,
    /// How many.
    pub count: u64,
}

/// What an index holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Clippings.
    pub clippings: u64,
    /// Near-duplicate groups: clippings that are no copy of another.
    pub groups: u64,
    /// Clippings without a date.
    pub undated: u64,
    /// Earliest day of publication in Korean time.
    pub first_day: Option<Date>,
    /// Latest day of publication.
    pub last_day: Option<Date>,
    /// By outlet, the largest first.
    pub outlets: Vec<Count>,
    /// By month, the earliest first.
    pub months: Vec<Count>,
    /// Bytes of UTF-8 text in the clippings.
    pub text_bytes: u64,
    /// Bytes of all files of the index.
    pub disk_bytes: u64,
    /// Pages that are kept with clippings.
    pub pages: u64,
    /// Bytes of them on disk.
    pub page_bytes: u64,
    /// Segments that are to be merged and are not: a merge failed, or the last `add` was interrupted.
    pub unmerged_segments: usize,
}

/// Counts what an opened index holds, or those `among` it that are named. The size on disk is that
/// of the whole index.
///
/// # Errors
/// When it cannot be read.
pub fn stats(archive: &Archive, among: Option<&FxHashSet<DocAddress>>) -> Result<Stats> {
    let counts = |address: DocAddress| among.is_none_or(|among| among.contains(&address));
    let mut groups = FxHashSet::default();
    let mut days: BTreeMap<i64, u64> = BTreeMap::new();
    let (mut clippings, mut undated, mut text_bytes) = (0, 0, 0);
    let outlets = columns::for_each_doc(archive.searcher(), &counts, &mut |doc| {
        clippings += 1;
        groups.extend(doc.group);
        text_bytes += doc.text_bytes;
        match doc.published {
            Some(seconds) => *days.entry(day_number(seconds)).or_default() += 1,
            None => undated += 1,
        }
    })?;
    let mut outlets: Vec<Count> = outlets
        .into_iter()
        .map(|(name, count)| Count { name, count })
        .collect();
    outlets.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    let mut months: BTreeMap<String, u64> = BTreeMap::new();
    for (&day, count) in &days {
        if let Some(date) = date_of_day(day) {
            *months
                .entry(date.strftime("%Y-%m").to_string())
                .or_default() += count;
        }
    }
    let (pages, page_bytes) = kept_pages(archive)?;
    Ok(Stats {
        clippings,
        groups: groups.len() as u64,
        undated,
        first_day: days.keys().next().copied().and_then(date_of_day),
        last_day: days.keys().next_back().copied().and_then(date_of_day),
        outlets,
        months: months
            .into_iter()
            .map(|(name, count)| Count { name, count })
            .collect(),
        text_bytes,
        disk_bytes: folder_bytes(archive.dir()),
        pages,
        page_bytes,
        unmerged_segments: archive.unmerged_segments(),
    })
}

/// How many pages are kept, and their bytes. What the packs say is compared with the records that name pages, since the
/// pages after a damaged one, or of a pack that was cut, are not seen.
fn kept_pages(archive: &Archive) -> Result<(u64, u64)> {
    let size = PageReader::open(archive.dir())?.size();
    if size == (0, 0) && !archive.dir().join(PAGES).exists() {
        return Ok(size);
    }
    let is_current = || Meta::read(archive.dir()).is_ok_and(|meta| meta == *archive.meta());
    let pages = PageReader::open(archive.dir())?;
    let mut lost = 0;
    archive.for_each_page(&mut |page| lost += u64::from(!pages.has(page)))?;
    match lost {
        0 => Ok(size),
        // A process that writes may have dropped them meanwhile.
        _ if !is_current() => Ok(size),
        _ => Err(IndexError::Damaged(format!("{lost} kept pages are lost"))),
    }
}

/// Bytes of all files in a folder and below. What vanishes meanwhile does not count.
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

/// What `add` skipped, as the ledger remembers it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// How much was skipped.
    pub count: u64,
    /// What and why, by the order of paths; not all when there is very much.
    pub skips: Vec<Skip>,
}

/// What was skipped of the sources of the index in `dir`.
///
/// # Errors
/// When there is no index, or another process writes it.
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
