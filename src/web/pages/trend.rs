//! `/trend`: the results of several queries over time.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use crate::app::trend::{Trend, TrendPeriod};
use crate::messages::{Localize, number};
use crate::web::Site;
use crate::web::api::{queries, trend_request};
use crate::web::labels::Labels;
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
        let chart = Chart::new(trend);
        let links = Links { queries, params };
        let periods = || trend.periods.iter().enumerate();
        View {
            queries: queries.join("\n"),
            hidden: params
                .hidden(false)
                .into_iter()
                .filter(|(key, _)| !matches!(*key, "q" | "sort"))
                .collect(),
            from: params.from.clone(),
            to: params.to.clone(),
            units: units(params.other("by").unwrap_or("auto"), t),
            share: chart.share,
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
            bars: match trend.queries.len() {
                1 => periods().map(|(at, p)| chart.bar(at, p, &links)).collect(),
                _ => Vec::new(),
            },
            lines: match trend.queries.len() {
                0 | 1 => Vec::new(),
                series => (0..series).map(|n| chart.line(n, &trend.periods)).collect(),
            },
            grid: chart.grid(),
            labels: periods()
                .step_by(trend.periods.len().div_ceil(MAX_LABELS).max(1))
                .map(|(at, p)| Mark {
                    at: round(chart.center(at)),
                    text: p.label.clone(),
                })
                .collect(),
            rows: periods()
                .map(|(_, p)| Row {
                    period: p.label.clone(),
                    cells: (0..trend.queries.len())
                        .map(|n| Cell::new(p, n, chart.share, &links))
                        .collect(),
                    all: p.all.map(number),
                })
                .collect(),
            csv: links.csv(),
        }
    }
}

fn units(chosen: &str, t: &Labels) -> Vec<UnitView> {
    let units = [
        ("auto", t.unit_auto),
        ("day", t.unit_day),
        ("week", t.unit_week),
        ("month", t.unit_month),
        ("year", t.unit_year),
    ];
    let unit = |(value, label)| UnitView {
        value,
        label,
        is_current: value == chosen,
    };
    units.map(unit).into()
}

/// What the chart and the table link to.
struct Links<'a> {
    queries: &'a [String],
    params: &'a Params,
}

impl Links<'_> {
    /// The results of query `n` in a period.
    fn search(&self, n: usize, period: &TrendPeriod) -> String {
        Params {
            q: self.queries.get(n).cloned().unwrap_or_default(),
            from: period.from.to_string(),
            to: period.to.to_string(),
            page: 1,
            ..self.params.clone()
        }
        .search()
    }

    /// The table as CSV.
    fn csv(&self) -> String {
        let queries = self.queries.iter().map(|query| ("q", query.as_str()));
        let others = self.params.others.iter();
        let others = others
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .filter(|(key, _)| *key != "queries");
        let more: Vec<_> = queries.chain(others).chain([("format", "csv")]).collect();
        self.params.url("/api/trend", &more)
    }
}

/// The scales of the chart.
struct Chart {
    /// Values are percentages of all clippings, not counts.
    share: bool,
    /// Width of a period.
    slot: f64,
    /// Distance of grid lines.
    step: f64,
    /// Value at the upper edge.
    top: f64,
}

impl Chart {
    fn new(trend: &Trend) -> Chart {
        let mut chart = Chart {
            share: trend.all.is_some(),
            slot: WIDTH / trend.periods.len().max(1) as f64,
            step: 1.0,
            top: 1.0,
        };
        let series = 0..trend.queries.len();
        let periods = trend.periods.iter();
        let values = periods.flat_map(|p| series.clone().map(move |n| (p, n)));
        let max = values.map(|(p, n)| chart.value(p, n)).fold(0.0, f64::max);
        chart.step = step(max);
        chart.top = (max / chart.step).ceil().max(1.0) * chart.step;
        chart
    }

    /// The value of query `n` in a period.
    fn value(&self, period: &TrendPeriod, n: usize) -> f64 {
        let count = period.counts.get(n).copied().unwrap_or_default();
        match self.share {
            true => period.share(count),
            false => count as f64,
        }
    }

    fn text(&self, value: f64) -> String {
        match self.share {
            true => format!("{value:.1}%"),
            false => number(value as u64),
        }
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - HEIGHT * value / self.top
    }

    fn center(&self, at: usize) -> f64 {
        self.slot * (at as f64 + 0.5)
    }

    fn bar(&self, at: usize, period: &TrendPeriod, links: &Links<'_>) -> BarView {
        let value = self.value(period, 0);
        let top = self.y(value);
        BarView {
            x: round(self.slot * (at as f64 + 0.1)),
            y: round(top),
            width: round(self.slot * 0.8),
            height: round(HEIGHT - top),
            slot: round(self.slot),
            href: links.search(0, period),
            label: format!("{}: {}", period.label, self.text(value)),
        }
    }

    /// The points of query `n`.
    fn line(&self, n: usize, periods: &[TrendPeriod]) -> String {
        let mut line = String::new();
        for (at, period) in periods.iter().enumerate() {
            let (x, y) = (self.center(at), self.y(self.value(period, n)));
            let _ = write!(line, "{},{} ", round(x), round(y));
        }
        line
    }

    fn grid(&self) -> Vec<Mark> {
        (0..)
            .map(|n| f64::from(n) * self.step)
            .take_while(|value| *value <= self.top)
            .map(|value| Mark {
                at: round(self.y(value)),
                text: self.text(value),
            })
            .collect()
    }
}

impl Cell {
    fn new(period: &TrendPeriod, n: usize, share: bool, links: &Links<'_>) -> Cell {
        let count = period.counts.get(n).copied().unwrap_or_default();
        let text = match share {
            true => format!("{} ({:.1}%)", number(count), period.share(count)),
            false => number(count),
        };
        Cell {
            text,
            href: (count > 0).then(|| links.search(n, period)),
        }
    }
}

/// The distance of grid lines: 1, 2 or 5 times a power of ten, so that there are at most five.
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
