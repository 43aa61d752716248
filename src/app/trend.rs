//! Counts of several queries over time.

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use super::query::all_within;
use super::search::name_suggestions;
use super::{App, AppError, Filters, Note, Result, SearchNote, today};
use crate::search::Request;

pub use crate::search::trend::{Days, Unit};

/// Maximum number of periods if no unit is given.
const USUAL_PERIODS: usize = 60;

/// Maximum number of periods: about a century of days.
const MAX_PERIODS: usize = 40_000;

/// The first Korean newspaper, Hanseong Sunbo, appeared in 1883. Earlier dates are errors in pages;
/// a trend only includes them if `from` does.
const EARLIEST: Date = date(1883, 1, 1);

/// Options of a trend.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrendRequest {
    /// The queries as typed; none for everything.
    pub queries: Vec<String>,
    /// Restricts the clippings.
    pub filters: Filters,
    /// The unit of time; if `None`, the finest with few periods.
    pub by: Option<Unit>,
    /// Also count all clippings that pass the filters in each period.
    pub share: bool,
    /// Count every copy of a story.
    pub all_copies: bool,
}

/// Counts of several queries over time.
#[derive(Debug, Clone, Serialize)]
pub struct Trend {
    /// The unit of time.
    #[serde(rename = "by")]
    pub unit: Unit,
    /// The queries.
    pub queries: Vec<TrendQuery>,
    /// All clippings that pass the filters, if shares were requested.
    pub all: Option<TrendQuery>,
    /// All periods from the first to the last.
    pub periods: Vec<TrendPeriod>,
    /// Notes on the queries.
    pub notes: Vec<Note>,
}

/// One query.
#[derive(Debug, Clone, Serialize)]
pub struct TrendQuery {
    /// As typed.
    pub query: String,
    /// Number of matches, including undated ones.
    pub total: u64,
    /// Number of undated matches, which no period includes.
    pub undated: u64,
}

/// One period.
#[derive(Debug, Clone, Serialize)]
pub struct TrendPeriod {
    /// Label; a week is labelled by its Monday.
    #[serde(rename = "period")]
    pub label: String,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// Counts, in the order of the queries.
    pub counts: Vec<u64>,
    /// Number of all clippings in the period that pass the filters, if shares were requested.
    pub all: Option<u64>,
}

impl TrendPeriod {
    /// A count as a percentage of all; 0 if there are none.
    pub fn share(&self, count: u64) -> f64 {
        match self.all {
            Some(all) if all > 0 => 100.0 * count as f64 / all as f64,
            _ => 0.0,
        }
    }
}

impl App {
    /// Counts the clippings that match each query, over time.
    ///
    /// # Errors
    /// See [`App::search`]; [`AppError::TooManyPeriods`].
    pub fn trend(&self, asked: &TrendRequest) -> Result<Trend> {
        let today = today();
        let everything = ["*".to_owned()];
        let queries = match asked.queries.as_slice() {
            [] => &everything,
            queries => queries,
        };
        let mut requests = Vec::with_capacity(queries.len());
        let mut notes = Vec::new();
        for query in queries {
            let understood = self.understand(query, &asked.filters, today)?;
            notes.extend(understood.notes);
            requests.push(Request {
                all_copies: asked.all_copies,
                ..Request::all_of(understood.tree)
            });
        }
        let searcher = self.any_searcher()?;
        let mut counted = Vec::with_capacity(requests.len());
        let mut is_estimated = false;
        let mut count = |request: &Request| -> Result<Days> {
            let (days, is_estimate) = searcher.days(request)?;
            is_estimated |= is_estimate;
            Ok(days)
        };
        for request in &requests {
            counted.push(count(request)?);
        }
        let all = match asked.share {
            false => None,
            true => Some(count(&Request {
                all_copies: asked.all_copies,
                ..Request::all_of(all_within(&asked.filters, today)?)
            })?),
        };
        if is_estimated {
            notes.push(SearchNote::Estimated.into());
        }
        for (request, days) in requests.iter().zip(&counted) {
            if days.total() == 0 {
                notes.extend(name_suggestions(&searcher, &request.tree)?);
            }
        }
        let mut trend = periodic(asked, queries, &counted, all.as_ref())?;
        notes.append(&mut trend.notes);
        Ok(Trend { notes, ..trend })
    }
}

/// The days of a search result with these filters, by period.
///
/// # Errors
/// [`AppError::TooManyPeriods`].
pub fn over_time(query: &str, filters: &Filters, days: &Days) -> Result<Trend> {
    let asked = TrendRequest {
        filters: filters.clone(),
        ..TrendRequest::default()
    };
    let queries = [query.to_owned()];
    periodic(&asked, &queries, std::slice::from_ref(days), None)
}

/// Counts of `queries` by period, with notes on their dates.
fn periodic(
    asked: &TrendRequest,
    queries: &[String],
    counted: &[Days],
    all: Option<&Days>,
) -> Result<Trend> {
    let today = today();
    let mut notes = Vec::new();
    let wanted = asked.filters.days(today)?.unwrap_or_default();
    let days = || counted.iter().flat_map(|days| days.dated.keys().copied());
    let first = wanted
        .from
        .or_else(|| days().filter(|day| *day >= EARLIEST).min());
    let last = wanted.to.or_else(|| days().max());
    let (unit, starts) = periods(asked.by, first, last)?;
    if let Some(first) = first.filter(|_| wanted.from.is_none()) {
        notes.extend(too_early(queries, counted, first));
    }
    notes.extend(undated(queries, counted));
    let last = last.unwrap_or(today);
    let by = |days: &Days| days.by(&starts, last);
    let counts: Vec<Vec<u64>> = counted.iter().map(by).collect();
    let of_all = all.map(by);
    let at = |counts: &[u64], n: usize| counts.get(n).copied().unwrap_or_default();
    let period = |(n, start): (usize, &Date)| TrendPeriod {
        label: unit.label(*start),
        from: *start,
        to: unit.end(*start),
        counts: counts.iter().map(|counts| at(counts, n)).collect(),
        all: of_all.as_ref().map(|counts| at(counts, n)),
    };
    let query = |(query, days): (&String, &Days)| TrendQuery {
        query: query.clone(),
        total: days.total(),
        undated: days.undated,
    };
    Ok(Trend {
        unit,
        queries: queries.iter().zip(counted).map(query).collect(),
        all: all.map(|days| TrendQuery {
            query: "*".to_owned(),
            total: days.total(),
            undated: days.undated,
        }),
        periods: starts.iter().enumerate().map(period).collect(),
        notes,
    })
}

/// The unit, and the first days of all periods from `first` to `last`.
fn periods(by: Option<Unit>, first: Option<Date>, last: Option<Date>) -> Result<(Unit, Vec<Date>)> {
    let (Some(first), Some(last)) = (first, last) else {
        return Ok((by.unwrap_or(Unit::Day), Vec::new()));
    };
    if first > last {
        return Ok((by.unwrap_or(Unit::Day), Vec::new()));
    }
    let unit = by.unwrap_or_else(|| Unit::fitting(first, last, USUAL_PERIODS));
    let starts: Vec<Date> = unit.periods(first, last).take(MAX_PERIODS + 1).collect();
    match starts.len() > MAX_PERIODS {
        true => Err(AppError::TooManyPeriods {
            limit: MAX_PERIODS,
            from: first,
            to: last,
        }),
        false => Ok((unit, starts)),
    }
}

fn undated<'q>(queries: &'q [String], counted: &'q [Days]) -> impl Iterator<Item = Note> + 'q {
    let of = |(query, days): (&String, &Days)| {
        (days.undated > 0).then(|| Note::Undated {
            query: query.clone(),
            count: days.undated,
        })
    };
    queries.iter().zip(counted).filter_map(of)
}

/// A note on clippings before the first period.
fn too_early<'q>(
    queries: &'q [String],
    counted: &'q [Days],
    first: Date,
) -> impl Iterator<Item = Note> + 'q {
    let of = move |(query, days): (&String, &Days)| {
        let count = days
            .dated
            .range(..first.min(EARLIEST))
            .map(|(_, n)| n)
            .sum();
        (count > 0).then(|| Note::ImplausibleDates {
            query: query.clone(),
            count,
            before: EARLIEST,
        })
    };
    queries.iter().zip(counted).filter_map(of)
}
