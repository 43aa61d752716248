//! `GET /stats`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde::Serialize;

use super::view::line;
use crate::app::search::Count;
use crate::app::stats::{Skip, Skipped};
use crate::app::{ErrorKind, Filters};
use crate::messages::{Localize, number};
use crate::report::stats::size;
use crate::web::Site;
use crate::web::params::Params;
use crate::web::problem::{Problem, from_app};
use crate::web::render::Frame;

/// Maximum number of rows per table.
const MAX_ROWS: usize = 500;

/// Maximum number of skipped sources listed.
const MAX_SKIPPED: usize = 200;

#[derive(Serialize)]
struct View {
    figures: Vec<Figure>,
    tables: Vec<Table>,
    /// `None` while clippings are being added: the ledger is locked.
    skipped: Option<Vec<SkippedView>>,
    more_skipped: u64,
}

#[derive(Serialize)]
struct Figure {
    label: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Table {
    title: &'static str,
    head: &'static str,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    href: String,
    count: u64,
}

#[derive(Serialize)]
struct SkippedView {
    source: String,
    reason: String,
}

/// `GET /stats`.
pub async fn get(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let work = |site: &Site, frame: &Frame| {
        let view = view(site, frame)?;
        let mut response = site.page(frame, "stats.html", &view)?;
        // The entity tag does not cover whether clippings are being added.
        if view.skipped.is_none() {
            let no_store = HeaderValue::from_static("no-store");
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, no_store);
        }
        Ok(response)
    };
    site.cached(&frame, &headers, work).await
}

fn view(site: &Site, frame: &Frame) -> Result<View, Problem> {
    let (lang, t) = (frame.lang, frame.labels());
    let failed = |e| from_app(&e, lang);
    let stats = site.app.stats(&Filters::default()).map_err(failed)?;
    let skipped = match site.app.skipped() {
        Ok(skipped) => Some(skipped),
        // An index in a cluster does not remember what was skipped.
        Err(e) if e.is_not_on_cluster() => Some(Skipped::default()),
        Err(e) if e.kind() == ErrorKind::Locked => None,
        Err(e) => return Err(failed(e)),
    };
    let (skips, skip_count) = match &skipped {
        Some(skipped) => (skipped.skips.as_slice(), skipped.count),
        None => (&[][..], 0),
    };
    let figure = |label, value| Figure { label, value };
    let mut figures = vec![
        figure(t.stats_clippings, number(stats.clippings)),
        figure(t.stats_stories, number(stats.groups)),
    ];
    if let (Some(first), Some(last)) = (&stats.first_day, &stats.last_day) {
        figures.push(figure(t.stats_period, format!("{first} – {last}")));
    }
    figures.push(figure(t.stats_undated, number(stats.undated)));
    figures.push(figure(t.stats_disk, size(stats.disk_bytes)));
    figures.push(figure(t.stats_text, size(stats.text_bytes)));
    if stats.pages > 0 {
        let pages = format!("{} ({})", number(stats.pages), size(stats.page_bytes));
        figures.push(figure(t.stats_pages, pages));
    }
    let rows = |counts: &[Count], params: &dyn Fn(&str) -> Params| {
        let counts = counts
            .iter()
            .filter(|count| !count.name.is_empty())
            .take(MAX_ROWS);
        let row = |count: &Count| Row {
            name: line(&count.name),
            href: params(&count.name).search(),
            count: count.count,
        };
        counts.map(row).collect::<Vec<_>>()
    };
    let of_outlet = |name: &str| Params {
        outlets: vec![name.to_owned()],
        ..Params::default()
    };
    let of_month = |name: &str| Params {
        from: name.to_owned(),
        to: name.to_owned(),
        ..Params::default()
    };
    let listed = skips.len().min(MAX_SKIPPED);
    let skip_view = |skip: &Skip| SkippedView {
        source: line(&skip.source),
        reason: line(&skip.reason.text(lang)),
    };
    Ok(View {
        figures,
        tables: vec![
            Table {
                title: t.by_outlet,
                head: t.outlet,
                rows: rows(&stats.outlets, &of_outlet),
            },
            Table {
                title: t.by_month,
                head: t.month,
                rows: rows(&stats.months, &of_month),
            },
        ],
        more_skipped: skip_count.saturating_sub(listed as u64),
        skipped: skipped
            .is_some()
            .then(|| skips.iter().take(MAX_SKIPPED).map(skip_view).collect()),
    })
}
