//! Counts matches per day, week, month or year.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use rustc_hash::FxHashMap;

use super::{Request, Searcher};
use crate::index::Result;
use crate::korean_time;

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A day.
    Day,
    /// A week, starting on Monday (ISO 8601).
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Unit {
    /// All units, finest first.
    pub const ALL: [Unit; 4] = [Unit::Day, Unit::Week, Unit::Month, Unit::Year];

    /// The finest unit with at most `most` periods between two days; years if there is none.
    pub fn fitting(first: Date, last: Date, most: usize) -> Unit {
        let fits = |unit: &Unit| unit.periods(first, last).take(most + 1).count() <= most;
        Unit::ALL.into_iter().find(fits).unwrap_or(Unit::Year)
    }

    /// The first day of the period of `day`.
    pub fn start(self, day: Date) -> Date {
        match self {
            Unit::Day => day,
            Unit::Week => {
                let back = i64::from(day.weekday().to_monday_zero_offset());
                // Only the first week of the calendar has no Monday.
                day.checked_sub(back.days()).unwrap_or(day)
            }
            Unit::Month => day.first_of_month(),
            Unit::Year => day.first_of_year(),
        }
    }

    fn span(self) -> Span {
        match self {
            Unit::Day => 1.day(),
            Unit::Week => 1.week(),
            Unit::Month => 1.month(),
            Unit::Year => 1.year(),
        }
    }

    /// The first days of all periods from that of `first` to that of `last`.
    pub fn periods(self, first: Date, last: Date) -> impl Iterator<Item = Date> {
        let span = self.span();
        std::iter::successors(Some(self.start(first)), move |start| {
            start.checked_add(span).ok()
        })
        .take_while(move |start| *start <= last)
    }

    /// The last day of the period that begins on `start`.
    pub fn end(self, start: Date) -> Date {
        start
            .checked_add(self.span())
            .and_then(|next| next.yesterday())
            .unwrap_or(Date::MAX)
    }

    /// Label of the period that begins on `start`: `2024-02-22`, `2024-02`, `2024`. A week is
    /// labelled by its Monday.
    pub fn label(self, start: Date) -> String {
        let text = start.to_string();
        let end = match self {
            Unit::Day | Unit::Week => text.len(),
            Unit::Month => text.len().saturating_sub(3),
            Unit::Year => text.len().saturating_sub(6),
        };
        text.get(..end).unwrap_or(&text).to_owned()
    }
}

/// Number of clippings by day of publication, in Korea.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    /// Days without clippings are not listed.
    pub dated: BTreeMap<Date, u64>,
    /// Number of undated clippings.
    pub undated: u64,
}

impl Days {
    /// Total number.
    pub fn total(&self) -> u64 {
        self.dated.values().sum::<u64>() + self.undated
    }

    /// The counts of the periods that begin on `starts`, which must be consecutive. Days before the
    /// first and after `last` are not counted.
    pub fn by(&self, starts: &[Date], last: Date) -> Vec<u64> {
        let mut counts = vec![0; starts.len()];
        for (day, count) in self.dated.range(..=last) {
            let place = starts.partition_point(|start| start <= day).checked_sub(1);
            if let Some(sum) = place.and_then(|place| counts.get_mut(place)) {
                *sum += count;
            }
        }
        counts
    }
}

impl Extend<Date> for Days {
    fn extend<T: IntoIterator<Item = Date>>(&mut self, days: T) {
        for day in days {
            *self.dated.entry(day).or_default() += 1;
        }
    }
}

impl Days {
    /// The days of clippings, given the near-duplicate group and the time of publication of each. A
    /// group counts once, on the day of its first; with `all_copies` every clipping counts.
    pub(in crate::search) fn of(
        clippings: impl ExactSizeIterator<Item = (u64, Option<i64>)>,
        all_copies: bool,
    ) -> Days {
        let mut numbers: FxHashMap<Option<i64>, u64> = FxHashMap::default();
        let mut count = |published: Option<i64>| {
            let number = published.map(korean_time::day_number);
            *numbers.entry(number).or_default() += 1;
        };
        if all_copies {
            clippings.for_each(|(_, published)| count(published));
        } else {
            let mut groups: FxHashMap<u64, Option<i64>> =
                FxHashMap::with_capacity_and_hasher(clippings.len(), Default::default());
            for (group, published) in clippings {
                let first = groups.entry(group).or_insert(published);
                *first = match (*first, published) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
            groups.into_values().for_each(count);
        }
        let mut days = Days::default();
        for (number, count) in numbers {
            match number.and_then(korean_time::date_of_day) {
                Some(day) => *days.dated.entry(day).or_default() += count,
                None => days.undated += count,
            }
        }
        days
    }
}

impl Searcher {
    /// The days of the full matches of `request`, see `Days::of`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn days(&self, request: &Request) -> Result<Days> {
        let (candidates, _) = self.matching(request)?;
        Ok(candidates.days(request.all_copies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clipping::Published;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn units_follow_one_another() {
        let labels = |unit: Unit, first: &str, last: &str| -> Vec<String> {
            let starts = unit.periods(day(first), day(last));
            starts.map(|start| unit.label(start)).collect()
        };
        assert_eq!(
            labels(Unit::Day, "2024-02-28", "2024-03-01"),
            ["2024-02-28", "2024-02-29", "2024-03-01"]
        );
        assert_eq!(
            labels(Unit::Week, "2024-02-28", "2024-03-04"),
            ["2024-02-26", "2024-03-04"]
        );
        assert_eq!(
            labels(Unit::Month, "2023-12-31", "2024-02-01"),
            ["2023-12", "2024-01", "2024-02"]
        );
        assert_eq!(
            labels(Unit::Year, "2023-12-31", "2024-01-01"),
            ["2023", "2024"]
        );
        assert_eq!(Unit::Month.end(day("2024-02-01")), day("2024-02-29"));
        // The ends of the calendar end no program.
        for unit in Unit::ALL {
            assert!(unit.periods(Date::MIN, Date::MIN).count() <= 1);
            assert_eq!(unit.periods(Date::MAX, Date::MAX).count(), 1);
            let _ = unit.end(unit.start(Date::MAX));
        }
    }

    #[test]
    fn the_unit_fits_the_period() {
        for (last, unit) in [
            ("2024-01-31", Unit::Day),
            ("2024-12-31", Unit::Week),
            ("2027-01-01", Unit::Month),
            ("2260-01-01", Unit::Year),
        ] {
            assert_eq!(
                Unit::fitting(day("2024-01-31"), day(last), 92),
                unit,
                "{last}"
            );
        }
    }

    #[test]
    fn gaps_count_nothing_and_nothing_is_lost() {
        let mut days = Days::default();
        days.extend(["2024-02-28", "2024-03-02", "2024-02-28", "2024-04-01"].map(day));
        let starts: Vec<Date> = Unit::Day
            .periods(day("2024-02-28"), day("2024-03-02"))
            .collect();
        assert_eq!(days.by(&starts, day("2024-03-02")), [2, 0, 0, 1]);
        let starts: Vec<Date> = Unit::Month
            .periods(day("2024-02-01"), day("2024-04-30"))
            .collect();
        assert_eq!(days.by(&starts, day("2024-04-30")), [2, 1, 1]);
    }

    #[test]
    fn a_story_counts_on_the_day_of_its_first_copy() {
        let at = |date: &str| Some(Published::day(day(date)).unix_seconds());
        let clippings = [
            (1, at("2024-02-29")),
            (1, at("2024-02-28")),
            (1, None),
            (2, None),
            (3, at("2024-02-28")),
        ];
        let days = |all_copies| Days::of(clippings.into_iter(), all_copies);
        let (stories, all) = (days(false), days(true));
        assert_eq!(stories.dated, [(day("2024-02-28"), 2)].into());
        assert_eq!((stories.undated, stories.total()), (1, 3));
        let both = [(day("2024-02-28"), 2), (day("2024-02-29"), 1)];
        assert_eq!(all.dated, both.into());
        assert_eq!((all.undated, all.total()), (2, 5));
    }
}
