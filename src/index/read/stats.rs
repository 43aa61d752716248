//! Counts of what an index holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use tantivy::DocAddress;

use crate::index::write::groups::day_of;
use crate::index::write::ledger::Ledger;
use crate::index::{Archive, IndexError, Meta, PageReader, Result, Skip};

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
}

/// Counts what an opened index holds, or those `among` it that are named. The size on disk is that
/// of the whole index.
///
/// # Errors
/// When it cannot be read.
pub fn stats(archive: &Archive, among: Option<&FxHashSet<DocAddress>>) -> Result<Stats> {
    let counts = |address| among.is_none_or(|among| among.contains(&address));
    let mut groups = FxHashSet::default();
    let mut outlets: FxHashMap<String, u64> = FxHashMap::default();
    let mut days: BTreeMap<i64, u64> = BTreeMap::new();
    let (mut undated, mut text_bytes) = (0, 0);
    let mut clippings = 0;
    for (number, segment) in (0..).zip(archive.searcher().segment_readers()) {
        let fast = segment.fast_fields();
        let (group, text) = (fast.u64("group")?, fast.u64("text_bytes")?);
        let published = fast.i64("published")?;
        let outlet = fast.str("outlet")?;
        let mut by_ord: FxHashMap<u64, u64> = FxHashMap::default();
        let alive = segment.doc_ids_alive();
        for doc in alive.filter(|doc| counts(DocAddress::new(number, *doc))) {
            clippings += 1;
            groups.extend(group.first(doc));
            text_bytes += text.first(doc).unwrap_or(0);
            match published.first(doc) {
                Some(seconds) => *days.entry(day_of(seconds)).or_default() += 1,
                None => undated += 1,
            }
            for ord in outlet.iter().flat_map(|column| column.term_ords(doc)) {
                *by_ord.entry(ord).or_default() += 1;
            }
        }
        for (ord, count) in by_ord {
            let mut name = String::new();
            if let Some(column) = &outlet {
                column
                    .ord_to_str(ord, &mut name)
                    .map_err(tantivy::TantivyError::from)?;
            }
            *outlets.entry(name).or_default() += count;
        }
    }
    let mut outlets: Vec<Count> = outlets
        .into_iter()
        .map(|(name, count)| Count { name, count })
        .collect();
    outlets.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    let mut months: BTreeMap<String, u64> = BTreeMap::new();
    for (&day, count) in &days {
        if let Some(date) = date_of(day) {
            *months
                .entry(date.strftime("%Y-%m").to_string())
                .or_default() += count;
        }
    }
    let (pages, page_bytes) = PageReader::open(archive.dir())?.size();
    Ok(Stats {
        clippings,
        groups: groups.len() as u64,
        undated,
        first_day: days.keys().next().copied().and_then(date_of),
        last_day: days.keys().next_back().copied().and_then(date_of),
        outlets,
        months: months
            .into_iter()
            .map(|(name, count)| Count { name, count })
            .collect(),
        text_bytes,
        disk_bytes: folder_bytes(archive.dir()),
        pages,
        page_bytes,
    })
}

const DAY: i64 = 24 * 60 * 60;

/// The date of a day counted from 1970-01-01.
fn date_of(korean_day: i64) -> Option<Date> {
    let midnight = Timestamp::from_second(korean_day.checked_mul(DAY)?).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(midnight).date())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_korean() {
        // 2024-02-21T15:00:00Z is midnight of the 22nd in Korea.
        let midnight = 1_708_527_600;
        let day = |seconds| date_of(day_of(seconds)).unwrap().to_string();
        assert_eq!(day(midnight), "2024-02-22");
        assert_eq!(day(midnight - 1), "2024-02-21");
        assert_eq!(day(-1), "1970-01-01");
    }
}
