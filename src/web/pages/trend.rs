//! `/trend`: the results of several queries over time.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use crate::app::trend::Trend;
use crate::messages::{Localize, number};
use crate::web::Site;
use crate::web::api::{queries, trend_request};
use crate::web::params::Params;
use crate::web::problem::{Problem, from_app, from_params};
use crate::web::render::Frame;

/// Size of the chart in SVG units.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 180.0;

/// Maximum number of labels below the chart.
const MAX_LABELS: usize = 6;

#[derive(Serialize)]
struct View {
    queries: String,
    hidden: Vec<(&'static str, String)>,
    from: String,
    to: String,
    units: Vec<UnitView>,
    share: bool,
    notes: Vec<String>,
    names: Vec<String>,
    totals: Vec<String>,
    bars: Vec<BarView>,
    lines: Vec<String>,
    grid: Vec<Mark>,
    labels: Vec<Mark>,
    rows: Vec<Row>,
    csv: String,
}

#[derive(Serialize)]
struct UnitView {
    value: &'static str,
    label: &'static str,
    is_current: bool,
}

#[derive(Serialize)]
struct BarView {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    slot: f64,
    href: String,
    label: String,
}

#[derive(Serialize)]
struct Mark {
    at: f64,
    text: String,
}

#[derive(Serialize)]
struct Row {
    period: String,
    cells: Vec<Cell>,
    all: Option<String>,
}

#[derive(Serialize)]
struct Cell {
    text: String,
    href: Option<String>,
}

/// `GET /trend`.
pub async fn get(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let mut params = Params::read(&query).map_err(|e| from_params(e, frame.lang))?;
    // Forms send one query per line; links use one parameter per query.
    let mut queries = queries(&query);
    let lines = params
        .other("queries")
        .unwrap_or_default()
        .lines()
        .map(str::trim);
    queries.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    queries.truncate(7);
    params.q = String::new();
    let work = move |site: &Site, frame: &Frame| {
        let asked = trend_request(&params, queries, frame.lang)?;
        let trend = site
            .app
            .trend(&asked)
            .map_err(|e| from_app(&e, frame.lang))?;
        let view = View::new(&trend, &asked.queries, &params, frame);
        site.page(frame, "trend.html", &view)
    };
    site.cached(&frame, &headers, work).await
}

impl View {
    fn new(trend: &Trend, queries: &[String], params: &Params, frame: &Frame) -> View {
        let t = frame.labels();
        let share = trend.all.is_some();
        let value = |period: &crate::app::trend::TrendPeriod, n: usize| {
            let count = period.counts.get(n).copied().unwrap_or_default();
            if share {
                period.share(count)
            } else {
                count as f64
            }
        };
        let series = trend.queries.len();
        let values = trend
            .periods
            .iter()
            .flat_map(|p| (0..series).map(move |n| value(p, n)));
        let step = step(values.fold(0.0, f64::max));
        let values = trend
            .periods
            .iter()
            .flat_map(|p| (0..series).map(move |n| value(p, n)));
        let top = (values.fold(0.0, f64::max) / step).ceil().max(1.0) * step;
        let periods = trend.periods.len().max(1) as f64;
        let slot = WIDTH / periods;
        let y = |value: f64| HEIGHT - HEIGHT * value / top;
        let search = |n: usize, from: &str, to: &str| {
            Params {
                q: queries.get(n).cloned().unwrap_or_default(),
                from: from.to_owned(),
                to: to.to_owned(),
                page: 1,
                ..params.clone()
            }
            .search()
        };
        let shown = |value: f64| match share {
            true => format!("{value:.1}%"),
            false => number(value as u64),
        };
        let mut bars = Vec::new();
        let mut lines = vec![String::new(); if series > 1 { series } else { 0 }];
        let mut rows = Vec::with_capacity(trend.periods.len());
        for (at, period) in trend.periods.iter().enumerate() {
            let (from, to) = (period.from.to_string(), period.to.to_string());
            let x = slot * at as f64;
            if series == 1 {
                let top = y(value(period, 0));
                let text = shown(value(period, 0));
                bars.push(BarView {
                    x: round(x + slot * 0.1),
                    y: round(top),
                    width: round(slot * 0.8),
                    height: round(HEIGHT - top),
                    slot: round(slot),
                    href: search(0, &from, &to),
                    label: format!("{}: {text}", period.label),
                });
            }
            for (n, line) in lines.iter_mut().enumerate() {
                let _ = write!(
                    line,
                    "{},{} ",
                    round(x + slot / 2.0),
                    round(y(value(period, n)))
                );
            }
            let cell = |n: usize| {
                let count = period.counts.get(n).copied().unwrap_or_default();
                let text = match share {
                    true => format!("{} ({:.1}%)", number(count), period.share(count)),
                    false => number(count),
                };
                Cell {
                    text,
                    href: (count > 0).then(|| search(n, &from, &to)),
                }
            };
            rows.push(Row {
                period: period.label.clone(),
                cells: (0..series).map(cell).collect(),
                all: period.all.map(number),
            });
        }
        let every = trend.periods.len().div_ceil(MAX_LABELS).max(1);
        let unit = params.other("by").unwrap_or("auto");
        let unit = |(value, label)| UnitView {
            value,
            label,
            is_current: value == unit,
        };
        View {
            queries: queries.join("\n"),
            hidden: params
                .hidden(false)
                .into_iter()
                .filter(|(key, _)| !matches!(*key, "q" | "sort"))
                .collect(),
            from: params.from.clone(),
            to: params.to.clone(),
            units: [
                ("auto", t.unit_auto),
                ("day", t.unit_day),
                ("week", t.unit_week),
                ("month", t.unit_month),
                ("year", t.unit_year),
            ]
            .map(unit)
            .into(),
            share,
            notes: trend
                .notes
                .iter()
                .map(|note| note.text(frame.lang))
                .collect(),
            names: trend
                .queries
                .iter()
                .map(|query| match query.query.as_str() {
                    "*" => t.trend_all.to_owned(),
                    query => query.to_owned(),
                })
                .collect(),
            totals: trend
                .queries
                .iter()
                .map(|query| number(query.total))
                .collect(),
            bars,
            lines,
            grid: (0..)
                .map(|n| f64::from(n) * step)
                .take_while(|value| *value <= top)
                .map(|value| Mark {
                    at: round(y(value)),
                    text: shown(value),
                })
                .collect(),
            labels: trend
                .periods
                .iter()
                .enumerate()
                .step_by(every)
                .map(|(at, p)| Mark {
                    at: round(slot * (at as f64 + 0.5)),
                    text: p.label.clone(),
                })
                .collect(),
            rows,
            csv: {
                let queries = queries.iter().map(|query| ("q", query.as_str()));
                let others = params
                    .others
                    .iter()
                    .map(|(key, value)| (key.as_str(), value.as_str()));
                let others = others.filter(|(key, _)| *key != "queries");
                let more: Vec<_> = queries.chain(others).chain([("format", "csv")]).collect();
                params.url("/api/trend", &more)
            },
        }
    }
}

/// The distance of grid lines: 1, 2 or 5 times a power of ten, so that there are at max five.
fn step(max: f64) -> f64 {
    let mut step = 1.0;
    while max / step > 5.0 {
        let digits = step / 10f64.powf(step.log10().floor());
        step *= if (1.5..3.0).contains(&digits) {
            2.5
        } else {
            2.0
        };
    }
    step
}

fn round(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grid_steps_are_round_numbers() {
        for (max, expected) in [
            (0.0, 1.0),
            (5.0, 1.0),
            (6.0, 2.0),
            (26.0, 10.0),
            (12_345.0, 5000.0),
        ] {
            assert!((step(max) - expected).abs() < 1e-6, "{max}: {}", step(max));
        }
    }
}
