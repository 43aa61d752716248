//! `/terms`: counts the results of each term in a pasted list.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawForm, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use url::form_urlencoded;

use super::view::line;
use crate::app::search::SearchRequest;
use crate::messages::number;
use crate::report::sanitize;
use crate::web::Site;
use crate::web::params::{MAX_QUERY_CHARS, Params};
use crate::web::problem::{Code, Problem, from_app, from_params};
use crate::web::render::Frame;

/// Maximum number of terms per request; 500 searches take about two seconds.
const MAX_TERMS: usize = 500;

#[derive(Serialize)]
struct View {
    terms: String,
    is_exact: bool,
    from: String,
    to: String,
    hidden: Vec<(&'static str, String)>,
    too_many: bool,
    max: usize,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    term: String,
    href: String,
    count: u64,
    text: String,
}

/// `GET /terms`.
pub async fn get(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    count(site, frame, query.unwrap_or_default()).await
}

/// `POST /terms`.
pub async fn post(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawForm(form): RawForm,
) -> Result<Response, Problem> {
    count(site, frame, String::from_utf8_lossy(&form).into_owned()).await
}

async fn count(site: Arc<Site>, frame: Frame, form: String) -> Result<Response, Problem> {
    // The list may be longer than [`Params`] allows, so take it out first.
    let (mut text, mut rest) = (String::new(), Vec::new());
    for (key, value) in form_urlencoded::parse(form.as_bytes()) {
        match &*key {
            "terms" => text = value.into_owned(),
            _ => rest.push((key.into_owned(), value.into_owned())),
        }
    }
    let rest = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(rest)
        .finish();
    let params = Params::read(&rest).map_err(|e| from_params(e, frame.lang))?;
    let worker = Arc::clone(&site);
    site.pool
        .run(move || page(&worker, &frame, &text, &params))
        .await?
}

fn page(site: &Site, frame: &Frame, text: &str, params: &Params) -> Result<Response, Problem> {
    let mut terms: Vec<&str> = Vec::new();
    for term in text.lines().map(str::trim).filter(|term| !term.is_empty()) {
        if term.chars().count() > MAX_QUERY_CHARS {
            return Err(Problem::new(Code::QueryTooLong));
        }
        if !terms.contains(&term) && terms.len() <= MAX_TERMS {
            terms.push(term);
        }
    }
    let too_many = terms.len() > MAX_TERMS;
    terms.truncate(MAX_TERMS);
    let is_exact = params.is_on("exact");
    let mut rows = Vec::with_capacity(terms.len());
    for term in terms {
        let query = match is_exact {
            true => format!("\"{}\"", term.replace(['"', '\\'], " ")),
            false => term.to_owned(),
        };
        let answer = site.app.search(&SearchRequest {
            query: query.clone(),
            filters: params.filters(),
            all_copies: params.all_copies,
            limit: 0,
            suggest: false,
            ..SearchRequest::default()
        });
        let answer = answer.map_err(|e| from_app(&e, frame.lang))?;
        rows.push(Row {
            term: line(term),
            href: Params {
                q: query,
                page: 1,
                ..params.clone()
            }
            .search(),
            count: answer.total,
            text: number(answer.total),
        });
    }
    if params.other("format") == Some("csv") {
        return Ok(csv(&rows, frame));
    }
    let view = View {
        terms: text.to_owned(),
        is_exact,
        from: params.from.clone(),
        to: params.to.clone(),
        hidden: params
            .hidden(false)
            .into_iter()
            .filter(|(key, _)| matches!(*key, "outlet" | "reporter"))
            .collect(),
        too_many,
        max: MAX_TERMS,
        rows,
    };
    site.page(frame, "terms.html", &view)
}

/// The counts as CSV, with the byte order mark that Excel needs.
fn csv(rows: &[Row], frame: &Frame) -> Response {
    let t = frame.labels();
    let quoted = |text: &str| format!("\"{}\"", sanitize::cell(text).replace('"', "\"\""));
    let mut out = format!("\u{feff}{},{}\r\n", quoted(t.terms_term), quoted(t.count));
    for row in rows {
        out.push_str(&format!("{},{}\r\n", quoted(&row.term), row.count));
    }
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"terms.csv\""),
        ),
    ];
    (headers, out).into_response()
}
