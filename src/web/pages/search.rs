//! `GET /` and `GET /search`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use super::view::{Choice, HitView, Link};
use crate::app::search::{Count, SearchAnswer, SearchRequest};
use crate::app::trend::{Trend, TrendPeriod, over_time};
use crate::app::{Note, today};
use crate::messages::{Lang, Localize, number};
use crate::web::Site;
use crate::web::labels::Labels;
use crate::web::params::{PER_PAGE, Params, with_pair};
use crate::web::problem::{self, Problem, from_params};
use crate::web::render::Frame;

/// Maximum number of bars in the histogram. Each bar is a link and must be wide enough to tap.
const MAX_BARS: usize = 48;

/// Maximum number of values listed per facet, and of those shown unfolded.
const MAX_NAMES: usize = 200;
const SHOWN_NAMES: usize = 8;

#[derive(Serialize)]
struct View {
    title: String,
    q: String,
    total: u64,
    partial: u64,
    is_empty_index: bool,
    has_filters: bool,
    hidden_for_dates: Vec<(&'static str, String)>,
    hidden_for_export: Vec<(&'static str, String)>,
    from: String,
    to: String,
    undated: bool,
    all_copies: bool,
    spans: Vec<Choice>,
    facets: Vec<FacetView>,
    sorts: Vec<Choice>,
    chips: Vec<Link>,
    clear_href: String,
    notes: Vec<String>,
    suggestions: Vec<Link>,
    histogram: Option<Histogram>,
    hits: Vec<HitView>,
    pages: Vec<PageLink>,
    previous: Option<String>,
    next: Option<String>,
    save_href: String,
    trend_href: String,
    related_href: String,
}

#[derive(Serialize)]
struct FacetView {
    name: &'static str,
    shown: usize,
    values: Vec<ValueView>,
}

#[derive(Serialize)]
struct ValueView {
    name: String,
    count: String,
    href: String,
    without: Option<String>,
    /// The label of the link `without`.
    exclude: String,
    is_chosen: bool,
}

#[derive(Serialize)]
struct Histogram {
    width: usize,
    first: String,
    last: String,
    bars: Vec<Bar>,
}

#[derive(Serialize)]
struct Bar {
    x: usize,
    height: u64,
    href: String,
    label: String,
    count: u64,
    from: String,
    to: String,
}

#[derive(Serialize)]
struct PageLink {
    number: usize,
    href: Option<String>,
    is_current: bool,
}

/// `GET /` and `GET /search`.
pub async fn get(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params =
        Params::read(&query.unwrap_or_default()).map_err(|e| from_params(e, frame.lang))?;
    let work = move |site: &Site, frame: &Frame| {
        let view = view(site, frame, &params)?;
        site.page(frame, "search.html", &view)
    };
    site.cached(&frame, &headers, work).await
}

pub fn request(params: &Params) -> SearchRequest {
    SearchRequest {
        query: params.q.clone(),
        filters: params.filters(),
        sort: params.sort().unwrap_or_default(),
        limit: params.limit.unwrap_or(PER_PAGE),
        offset: params
            .offset
            .unwrap_or((params.page - 1).saturating_mul(PER_PAGE)),
        all_copies: params.all_copies,
        ..SearchRequest::default()
    }
}

fn view(site: &Site, frame: &Frame, params: &Params) -> Result<View, Problem> {
    let (lang, labels) = (frame.lang, frame.labels());
    let request = SearchRequest {
        facets: true,
        days: true,
        snippet_chars: 200,
        ..request(params)
    };
    let answer = site.answer(lang, |app| app.search(&request))?;
    let Some(answer) = answer else {
        return Ok(View {
            is_empty_index: true,
            ..View::of(&SearchAnswer::default(), params, lang, labels)
        });
    };
    let mut view = View::of(&answer, params, lang, labels);
    if answer.total + answer.partial == 0 && params.are_empty() {
        view.is_empty_index = true;
        return Ok(view);
    }
    if let Some(days) = answer.days.filter(|_| answer.total > 1) {
        let trend = over_time(&params.q, &request.filters, &days);
        view.histogram = histogram(&trend.map_err(|e| problem::from_app(&e, lang))?, params);
    }
    Ok(view)
}

impl View {
    fn of(answer: &SearchAnswer, params: &Params, lang: Lang, labels: &'static Labels) -> View {
        let mut suggestions = Vec::new();
        let mut notes = Vec::new();
        for note in &answer.notes {
            let suggested = |label: &str, changed: Params| Link {
                label: label.to_owned(),
                href: changed.search(),
            };
            match note {
                Note::DidYouMean { query, .. } => suggestions.push(suggested(
                    query,
                    Params {
                        q: query.clone(),
                        page: 1,
                        ..params.clone()
                    },
                )),
                Note::DidYouMeanOutlet { typed, name, .. } => suggestions.push(suggested(
                    name,
                    Params {
                        outlets: replaced(&params.outlets, typed, name),
                        ..params.clone()
                    },
                )),
                Note::DidYouMeanReporter { typed, name, .. } => suggestions.push(suggested(
                    name,
                    Params {
                        reporters: replaced(&params.reporters, typed, name),
                        ..params.clone()
                    },
                )),
                note => notes.push(note.text(lang)),
            }
        }
        let cleared = Params {
            q: params.q.clone(),
            sort: params.sort.clone(),
            ..Params::default()
        };
        let last_page = usize::try_from(answer.total + answer.partial)
            .unwrap_or(usize::MAX)
            .div_ceil(PER_PAGE);
        let facets = answer.facets.as_ref();
        View {
            title: match params.q.is_empty() {
                true => labels.nav_search.to_owned(),
                false => params.q.clone(),
            },
            q: params.q.clone(),
            total: answer.total,
            partial: answer.partial,
            is_empty_index: false,
            has_filters: params.has_filters(),
            hidden_for_dates: params.hidden(false),
            hidden_for_export: params.hidden(true),
            from: params.from.clone(),
            to: params.to.clone(),
            undated: params.undated,
            all_copies: params.all_copies,
            spans: spans(params, labels),
            facets: vec![
                FacetView {
                    name: "outlet",
                    shown: SHOWN_NAMES,
                    values: facets.map_or_else(Vec::new, |f| {
                        values(&f.outlets, params, "outlet", "언론사", labels, |p| {
                            &mut p.outlets
                        })
                    }),
                },
                FacetView {
                    name: "reporter",
                    shown: SHOWN_NAMES,
                    values: facets.map_or_else(Vec::new, |f| {
                        values(&f.reporters, params, "reporter", "기자", labels, |p| {
                            &mut p.reporters
                        })
                    }),
                },
            ],
            sorts: sorts(params, labels),
            chips: chips(params, labels),
            clear_href: cleared.search(),
            notes,
            suggestions,
            histogram: None,
            hits: answer
                .hits
                .iter()
                .map(|hit| HitView::new(hit, params, lang))
                .collect(),
            pages: page_links(params, last_page),
            previous: (params.page > 1).then(|| params.search_page(params.page - 1)),
            next: (params.page < last_page).then(|| params.search_page(params.page + 1)),
            save_href: params.url("/saved", &[]),
            trend_href: params.url("/trend", &[]),
            related_href: params.url("/related", &[]),
        }
    }
}

fn replaced(names: &[String], typed: &str, name: &str) -> Vec<String> {
    let names = names.iter().map(|n| if n == typed { name } else { n });
    names.map(str::to_owned).collect()
}

fn values(
    counts: &[Count],
    params: &Params,
    key: &str,
    field: &str,
    labels: &Labels,
    list: impl Fn(&mut Params) -> &mut Vec<String>,
) -> Vec<ValueView> {
    // Serialized once: a page has hundreds of these links.
    let first_page = Params {
        page: 1,
        ..params.clone()
    };
    let address = first_page.search();
    let other_queries = Params {
        q: String::new(),
        ..first_page.clone()
    };
    let other_queries = other_queries.search();
    let chosen = list(&mut params.clone()).clone();
    let counts = counts
        .iter()
        .filter(|count| !count.name.is_empty())
        .take(MAX_NAMES);
    let value = |count: &Count| {
        let is_chosen = chosen.contains(&count.name);
        let name = super::view::line(&count.name);
        let href = match is_chosen {
            true => {
                let mut changed = first_page.clone();
                list(&mut changed).retain(|name| *name != count.name);
                changed.search()
            }
            false => with_pair(&address, key, &count.name),
        };
        let without = || {
            let query = params.excluding(field, &count.name);
            with_pair(&other_queries, "q", &query)
        };
        ValueView {
            count: number(count.count),
            href,
            without: (!is_chosen).then(without),
            exclude: labels.exclude.replace("{name}", &name),
            name,
            is_chosen,
        }
    };
    counts.map(value).collect()
}

fn sorts(params: &Params, labels: &Labels) -> Vec<Choice> {
    let mut sorts = vec![
        ("relevance", labels.sort_relevance),
        ("newest", labels.sort_newest),
        ("oldest", labels.sort_oldest),
    ];
    // Without a query there is nothing to rank by.
    let usual = if params.q.is_empty() {
        "newest"
    } else {
        "relevance"
    };
    sorts.retain(|(name, _)| usual == "relevance" || *name != "relevance");
    let current = match params.sort.as_str() {
        "" | "relevance" => usual,
        sort => sort,
    };
    let choice = |(name, label): (&str, &str)| Choice {
        label: label.to_owned(),
        href: Params {
            sort: if name == usual {
                String::new()
            } else {
                name.to_owned()
            },
            page: 1,
            ..params.clone()
        }
        .search(),
        is_current: name == current,
    };
    sorts.into_iter().map(choice).collect()
}

/// Links to common date ranges. They use absolute dates, so that a URL still shows the same clippings
/// tomorrow.
fn spans(params: &Params, labels: &Labels) -> Vec<Choice> {
    let today = today();
    let ago = |days: i32| today.checked_sub(days.days()).unwrap_or(today);
    let last_month = today.checked_sub(1.month()).unwrap_or(today);
    let span = |label: &str, days: Option<(Date, Date)>| {
        let (from, to) = days.map_or_else(Default::default, |(from, to)| {
            (from.to_string(), to.to_string())
        });
        Choice {
            label: label.to_owned(),
            is_current: params.from == from && params.to == to,
            href: Params {
                from,
                to,
                page: 1,
                ..params.clone()
            }
            .search(),
        }
    };
    vec![
        span(labels.span_all, None),
        span(labels.span_today, Some((today, today))),
        span(labels.span_yesterday, Some((ago(1), ago(1)))),
        span(labels.span_week, Some((ago(6), today))),
        span(labels.span_month, Some((today.first_of_month(), today))),
        span(
            labels.span_last_month,
            Some((last_month.first_of_month(), last_month.last_of_month())),
        ),
    ]
}

fn chips(params: &Params, labels: &Labels) -> Vec<Link> {
    let mut chips = Vec::new();
    let mut chip = |label: String, changed: Params| {
        chips.push(Link {
            label,
            href: Params { page: 1, ..changed }.search(),
        });
    };
    for name in &params.outlets {
        let mut changed = params.clone();
        changed.outlets.retain(|n| n != name);
        chip(format!("{}: {name}", labels.outlet), changed);
    }
    for name in &params.reporters {
        let mut changed = params.clone();
        changed.reporters.retain(|n| n != name);
        chip(format!("{}: {name}", labels.reporter), changed);
    }
    if !(params.from.is_empty() && params.to.is_empty()) {
        let (from, to) = (&params.from, &params.to);
        let label = match from == to {
            true => format!("{}: {from}", labels.published),
            false => format!("{}: {from}–{to}", labels.published),
        };
        chip(
            label,
            Params {
                from: String::new(),
                to: String::new(),
                undated: false,
                ..params.clone()
            },
        );
    }
    chips
}

/// Links to the first and last page and to those around the current one.
fn page_links(params: &Params, last: usize) -> Vec<PageLink> {
    if last <= 1 {
        return Vec::new();
    }
    let current = params.page;
    let mut links: Vec<PageLink> = Vec::new();
    let near = current.saturating_sub(2)..=current.saturating_add(2);
    let mut before = 0;
    for number in [1].into_iter().chain(near).chain([last]) {
        if number <= before || number > last {
            continue;
        }
        if number > before + 1 {
            links.push(PageLink {
                number: 0,
                href: None,
                is_current: false,
            });
        }
        links.push(PageLink {
            number,
            href: Some(params.search_page(number)),
            is_current: number == current,
        });
        before = number;
    }
    links
}

fn histogram(trend: &Trend, params: &Params) -> Option<Histogram> {
    if trend.periods.len() < 2 {
        return None;
    }
    // Merge periods if there are more than bars.
    let size = trend.periods.len().div_ceil(MAX_BARS);
    let chunks: Vec<_> = trend.periods.chunks(size).collect();
    let sum =
        |chunk: &[TrendPeriod]| -> u64 { chunk.iter().filter_map(|p| p.counts.first()).sum() };
    let max = chunks.iter().map(|chunk| sum(chunk)).max()?.max(1);
    let bar = |(n, chunk): (usize, &&[TrendPeriod])| {
        let (first, last) = (chunk.first()?, chunk.last()?);
        let (from, to) = (first.from.to_string(), last.to.to_string());
        let count = sum(chunk);
        let label = match size {
            1 => first.label.clone(),
            _ => format!("{}–{}", first.label, last.label),
        };
        Some(Bar {
            x: n * 10,
            // Keep the bar of a single clipping visible.
            height: if count == 0 {
                0
            } else {
                (count * 56 / max).max(2)
            },
            href: Params {
                from: from.clone(),
                to: to.clone(),
                page: 1,
                ..params.clone()
            }
            .search(),
            label,
            count,
            from,
            to,
        })
    };
    let bars: Vec<Bar> = chunks.iter().enumerate().filter_map(bar).collect();
    Some(Histogram {
        width: bars.len() * 10,
        first: trend.periods.first()?.label.clone(),
        last: trend.periods.last()?.label.clone(),
        bars,
    })
}
