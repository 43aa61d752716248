//! The JSON API. Its answers equal those of the commands with `--format json`: both use `report`.

use std::error::Error;
use std::io;
use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;

use super::Site;
use super::pages::search::request;
use super::params::{self, Params};
use super::problem::{Code, Problem, from_app, from_params};
use super::render::Frame;
use crate::app::digest::DigestRequest;
use crate::app::related::RelatedRequest;
use crate::app::search::SearchRequest;
use crate::app::similar::SimilarRequest;
use crate::app::trend::{TrendRequest, Unit};
use crate::app::{AppError, Filters, Sort};
use crate::messages::{Lang, Localize, json_detail};
use crate::report::{self, Format, Printer, ResultPage, Style};

/// Maximum number of passages per result, and of characters per passage.
const MAX_PASSAGES: usize = 20;
const MAX_PASSAGE_CHARS: usize = 2000;

const JSON: &str = "application/json";
const CSV: &str = "text/csv; charset=utf-8";

/// Default `limit`, as in `clippings search`.
const USUAL_LIMIT: usize = 10;

fn body(
    kind: &'static str,
    write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) -> Result<Response, Problem> {
    let mut body = Vec::new();
    // Writing to memory cannot fail; serialization could.
    write(&mut body).map_err(|_| Problem::new(Code::Internal))?;
    Ok((
        [(header::CONTENT_TYPE, HeaderValue::from_static(kind))],
        body,
    )
        .into_response())
}

/// Whether CSV is requested, by `Accept` or by `format=csv` (for links).
fn wants_csv(frame: &Frame, params: &Params) -> bool {
    let mut accepted = frame.accept.split(',');
    accepted.any(|range| range.trim().starts_with("text/csv"))
        || params.other("format") == Some("csv")
}

fn read(query: Option<String>, lang: Lang) -> Result<Params, Problem> {
    Params::read(&query.unwrap_or_default()).map_err(|e| from_params(e, lang))
}

fn flag(params: &Params, name: &'static str, lang: Lang) -> Result<bool, Problem> {
    let value = params.other(name).unwrap_or("0");
    params::flag(name, value).map_err(|e| from_params(e, lang))
}

fn number(
    params: &Params,
    name: &'static str,
    usual: usize,
    most: usize,
    lang: Lang,
) -> Result<usize, Problem> {
    match params.other(name) {
        None => Ok(usual),
        Some(value) => match value.parse() {
            Ok(number) if number <= most => Ok(number),
            _ => Err(from_params(params::BadParams::NotANumber(name), lang)),
        },
    }
}

/// `GET /api/health`: a liveness check; does not access the index.
pub async fn health() -> Response {
    axum::Json(serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
        .into_response()
}

/// `GET /api/openapi.json`.
pub async fn openapi() -> Response {
    const TEXT: &str = include_str!("../../openapi.json");
    (
        [(header::CONTENT_TYPE, HeaderValue::from_static(JSON))],
        TEXT,
    )
        .into_response()
}

/// `GET /api/search`.
pub async fn search(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = read(query, frame.lang)?;
    let asked = SearchRequest {
        limit: params.limit.unwrap_or(USUAL_LIMIT),
        offset: params.offset.unwrap_or_default(),
        facets: flag(&params, "facets", frame.lang)?,
        explain: flag(&params, "explain", frame.lang)?,
        passages: number(&params, "passages", 1, MAX_PASSAGES, frame.lang)?,
        snippet_chars: number(&params, "snippet_chars", 160, MAX_PASSAGE_CHARS, frame.lang)?,
        ..request(&params)
    };
    let is_csv = wants_csv(&frame, &params);
    let work = move |site: &Site, frame: &Frame| {
        let answer = site
            .app
            .search(&asked)
            .map_err(|e| from_app(&e, frame.lang))?;
        let page = ResultPage {
            query_id: None,
            query: &asked.query,
            total: answer.total,
            partial: answer.partial,
            clippings: answer.clippings,
            notes: &answer.notes,
            hits: &answer.hits,
            facets: answer.facets.as_ref(),
        };
        let (format, kind) = match is_csv {
            true => (Format::Csv, CSV),
            false => (Format::Json, JSON),
        };
        let style = Style {
            lang: frame.lang,
            ..Style::default()
        };
        body(kind, |out| {
            Printer::new(format, style, false).page(&page, out)
        })
    };
    site.cached(&frame, &headers, work).await
}

/// `GET /api/clippings/{id}`.
pub async fn clipping(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let work = move |site: &Site, frame: &Frame| {
        let shown = site.app.show(&[id]).map_err(|e| from_app(&e, frame.lang))?;
        let shown = shown.first().ok_or_else(Problem::not_found)?;
        body(JSON, |out| report::clipping::json(shown, true, out))
    };
    site.cached(&frame, &headers, work).await
}

/// `GET /api/clippings/{id}/similar`.
pub async fn similar(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = read(query, frame.lang)?;
    let asked = SimilarRequest {
        id,
        filters: params.filters(),
        limit: params.limit.unwrap_or(USUAL_LIMIT),
        passages: number(&params, "passages", 1, MAX_PASSAGES, frame.lang)?,
        snippet_chars: number(&params, "snippet_chars", 160, MAX_PASSAGE_CHARS, frame.lang)?,
    };
    let work = move |site: &Site, frame: &Frame| {
        let similar = site
            .app
            .similar(&asked)
            .map_err(|e| from_app(&e, frame.lang))?;
        body(JSON, |out| report::similar::json(&similar, out))
    };
    site.cached(&frame, &headers, work).await
}

/// `GET /api/stats`.
pub async fn stats(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = read(query, frame.lang)?;
    let work = move |site: &Site, frame: &Frame| {
        let stats = site
            .app
            .stats(&params.filters())
            .map_err(|e| from_app(&e, frame.lang))?;
        body(JSON, |out| report::stats::json(&stats, out))
    };
    site.cached(&frame, &headers, work).await
}

/// All values of `q`.
pub fn queries(query: &str) -> Vec<String> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let queries = pairs
        .filter(|(key, _)| key == "q")
        .map(|(_, value)| value.trim().to_owned());
    queries
        .filter(|query| !query.is_empty())
        .take(MAX_QUERIES)
        .collect()
}

/// Maximum number of queries of a trend; the chart has seven colors.
const MAX_QUERIES: usize = 7;

pub fn trend_request(
    params: &Params,
    queries: Vec<String>,
    lang: Lang,
) -> Result<TrendRequest, Problem> {
    Ok(TrendRequest {
        queries,
        filters: params.filters(),
        by: match params.other("by") {
            None | Some("auto") => None,
            Some("day") => Some(Unit::Day),
            Some("week") => Some(Unit::Week),
            Some("month") => Some(Unit::Month),
            Some("year") => Some(Unit::Year),
            Some(_) => {
                return Err(
                    Problem::new(Code::BadRequest).with_detail("by: day, week, month, year")
                );
            }
        },
        share: flag(params, "share", lang)?,
        all_copies: params.all_copies,
    })
}

/// `GET /api/trend`.
pub async fn trend(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let queries = queries(query.as_deref().unwrap_or_default());
    let params = read(query, frame.lang)?;
    let asked = trend_request(&params, queries, frame.lang)?;
    let is_csv = wants_csv(&frame, &params);
    let work = move |site: &Site, frame: &Frame| {
        let trend = site
            .app
            .trend(&asked)
            .map_err(|e| from_app(&e, frame.lang))?;
        match is_csv {
            true => body(CSV, |out| report::trend::table(&trend, b',', out)),
            false => body(JSON, |out| report::trend::json(&trend, frame.lang, out)),
        }
    };
    site.cached(&frame, &headers, work).await
}

pub fn related_request(params: &Params) -> RelatedRequest {
    RelatedRequest {
        query: params.q.clone(),
        filters: params.filters(),
        against: params.other("against").map(str::to_owned),
        limit: params.limit.unwrap_or(30),
        all_copies: params.all_copies,
    }
}

/// `GET /api/related`.
pub async fn related(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = read(query, frame.lang)?;
    let asked = related_request(&params);
    let is_csv = wants_csv(&frame, &params);
    let work = move |site: &Site, frame: &Frame| {
        let answer = site
            .app
            .related(&asked)
            .map_err(|e| from_app(&e, frame.lang))?;
        match is_csv {
            true => body(CSV, |out| report::related::table(&answer, b',', out)),
            false => body(JSON, |out| report::related::json(&answer, frame.lang, out)),
        }
    };
    site.cached(&frame, &headers, work).await
}

/// `GET /api/saved`.
pub async fn saved(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let work = |site: &Site, frame: &Frame| {
        let searches = site
            .app
            .saved_searches(&[])
            .map_err(|e| from_app(&e, frame.lang))?;
        body(JSON, |out| {
            Ok(serde_json::to_writer_pretty(out, &searches)?)
        })
    };
    site.cached(&frame, &headers, work).await
}

/// The body of `POST /api/saved`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSearch {
    name: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    replace: bool,
    #[serde(default)]
    outlets: Vec<String>,
    #[serde(default)]
    reporters: Vec<String>,
    from: Option<String>,
    to: Option<String>,
    #[serde(default)]
    undated: bool,
}

/// `POST /api/saved`.
pub async fn save(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    json: Result<Json<NewSearch>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(new) = json.map_err(|e| bad_json(&e, frame.lang))?;
    let day = |day: Option<String>| day.filter(|day| !day.trim().is_empty());
    let filters = Filters {
        outlets: new.outlets,
        reporters: new.reporters,
        from: day(new.from),
        to: day(new.to),
        undated: new.undated,
    };
    let worker = Arc::clone(&site);
    let stored = site
        .pool
        .run(move || {
            worker
                .app
                .save_search(&new.name, &new.query, &filters, new.replace)
        })
        .await?
        .map_err(|e| from_app(&e, frame.lang))?;
    let status = match stored.replaced {
        true => StatusCode::OK,
        false => StatusCode::CREATED,
    };
    let notes: Vec<String> = stored
        .notes
        .iter()
        .map(|note| note.text(frame.lang))
        .collect();
    let json =
        serde_json::json!({ "name": stored.name, "replaced": stored.replaced, "notes": notes });
    Ok((status, Json(json)).into_response())
}

fn bad_json(e: &JsonRejection, lang: Lang) -> Problem {
    let detail = match e {
        _ if lang == Lang::En => e.body_text(),
        JsonRejection::MissingJsonContentType(_) => {
            "Content-Type은 application/json이어야 합니다".to_owned()
        }
        _ => {
            let mut cause: &dyn Error = e;
            while let Some(source) = cause.source() {
                cause = source;
            }
            json_detail(&cause.to_string(), lang)
        }
    };
    Problem {
        status: e.status(),
        ..Problem::new(Code::BadRequest).with_detail(detail)
    }
}

/// `DELETE /api/saved/{name}`.
pub async fn unsave(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let worker = Arc::clone(&site);
    site.pool
        .run(move || worker.app.remove_saved_searches(&[name]))
        .await?
        .map_err(|e| from_app(&e, frame.lang))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The body of `PATCH /api/saved/{name}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewName {
    name: String,
}

/// `PATCH /api/saved/{name}`.
pub async fn rename(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    Path(name): Path<String>,
    json: Result<Json<NewName>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(new) = json.map_err(|e| bad_json(&e, frame.lang))?;
    let worker = Arc::clone(&site);
    let name = site
        .pool
        .run(move || worker.app.rename_saved_search(&name, &new.name))
        .await?
        .map_err(|e| from_app(&e, frame.lang))?;
    Ok(Json(serde_json::json!({ "name": name })).into_response())
}

/// `GET /api/digest`: new clippings, without marking them as seen.
pub async fn digest(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    new_clippings(site, frame, query, false).await
}

/// `POST /api/digest`: new clippings, marked as seen.
pub async fn seen(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    new_clippings(site, frame, query, true).await
}

async fn new_clippings(
    site: Arc<Site>,
    frame: Frame,
    query: Option<String>,
    marks_seen: bool,
) -> Result<Response, Problem> {
    let params = read(query, frame.lang)?;
    let names = params.others.iter().filter(|(key, _)| key == "name");
    let asked = DigestRequest {
        names: names.map(|(_, name)| name.clone()).collect(),
        since: params.other("since").map(str::to_owned),
        all_copies: params.all_copies,
        skip_copies: flag(&params, "skip_copies", frame.lang)?,
        sort: params.sort().unwrap_or(Sort::Newest),
        limit: params.limit,
        ..DigestRequest::default()
    };
    let worker = Arc::clone(&site);
    let work = move || {
        let failed = |e: AppError| from_app(&e, frame.lang);
        let digest = worker.app.digest(&asked).map_err(failed)?;
        if let Some((name, e)) = digest.failed.first() {
            let problem = from_app(e, frame.lang);
            let detail = format!("@{name}: {}", e.text(frame.lang));
            return Err(problem.with_detail(detail));
        }
        let style = Style {
            lang: frame.lang,
            ..Style::default()
        };
        let response = body(JSON, |out| {
            let mut printer = Printer::new(Format::Json, style, true);
            for part in &digest.parts {
                let page = ResultPage {
                    query_id: Some(&part.name),
                    query: &part.query,
                    total: part.total,
                    partial: 0,
                    clippings: part.clippings,
                    notes: &part.notes,
                    hits: &part.hits,
                    facets: None,
                };
                printer.page(&page, out)?;
            }
            printer.finish(out)
        })?;
        if marks_seen {
            worker.app.mark_seen(digest.seen).map_err(failed)?;
        }
        Ok(response)
    };
    site.pool.run(work).await?
}
