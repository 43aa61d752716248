//! Counts of a result set by outlet, reporter and month.

use rustc_hash::FxHashMap;
use tantivy::columnar::StrColumn;

use crate::index::{Archive, Count, Damage, IndexError, Result};
use crate::korean_time;
use crate::search::Facets;
use crate::search::local::candidates::Candidate;

/// Counts `candidates`, which are in index order.
pub(in crate::search) fn facets(archive: &Archive, candidates: &[Candidate]) -> Result<Facets> {
    let mut outlets = FxHashMap::default();
    let mut reporters = FxHashMap::default();
    let mut days: FxHashMap<i64, u64> = FxHashMap::default();
    for here in candidates.chunk_by(|a, b| a.key.segment == b.key.segment) {
        let Some(first) = here.first() else {
            continue;
        };
        let reader = archive.searcher().segment_reader(first.key.segment);
        for (name, counts) in [("outlet", &mut outlets), ("reporter", &mut reporters)] {
            if let Some(column) = reader.fast_fields().str(name)? {
                count_names(&column, here.iter().map(|c| c.key.doc), counts)?;
            }
        }
        for seconds in here.iter().filter_map(|c| c.published) {
            *days.entry(korean_time::day_number(seconds)).or_default() += 1;
        }
    }
    let mut months: FxHashMap<String, u64> = FxHashMap::default();
    for (number, count) in days {
        *months.entry(month(number)).or_default() += count;
    }
    let mut months = counts(months);
    months.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Facets {
        outlets: counts(outlets),
        reporters: counts(reporters),
        months,
    })
}

fn count_names(
    column: &StrColumn,
    docs: impl Iterator<Item = u32>,
    counts: &mut FxHashMap<String, u64>,
) -> Result<()> {
    let mut by_ord: FxHashMap<u64, u64> = FxHashMap::default();
    for doc in docs {
        for ord in column.term_ords(doc) {
            *by_ord.entry(ord).or_default() += 1;
        }
    }
    let mut by_ord: Vec<(u64, u64)> = by_ord.into_iter().collect();
    by_ord.sort_unstable();
    let ords: Vec<u64> = by_ord.iter().map(|(ord, _)| *ord).collect();
    let mut found = by_ord.iter().map(|(_, count)| *count);
    let are_complete = column
        .dictionary()
        .sorted_ords_to_term_cb(&ords, |name| {
            let name = String::from_utf8_lossy(name);
            let count = found.next().unwrap_or_default();
            match counts.get_mut(&*name) {
                Some(sum) => *sum += count,
                None => {
                    counts.insert(name.into_owned(), count);
                }
            }
        })
        .map_err(tantivy::TantivyError::from)?;
    match are_complete {
        true => Ok(()),
        false => Err(IndexError::Damaged(Damage::Other(
            "a column lacks a name".to_owned(),
        ))),
    }
}

fn month(day_number: i64) -> String {
    let day = korean_time::date_of_day(day_number).unwrap_or_default();
    format!("{:04}-{:02}", day.year(), day.month())
}

/// Sorts by count, then by name.
fn counts(map: FxHashMap<String, u64>) -> Vec<Count> {
    let mut counts: Vec<Count> = map
        .into_iter()
        .map(|(name, count)| Count { name, count })
        .collect();
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    counts
}
