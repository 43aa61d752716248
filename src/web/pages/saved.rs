//! `/saved`: lists, adds, renames and removes saved searches; serves an Atom feed of each.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawForm, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::view::{feed_path, line, path, plain_headline};
use crate::app::digest::DigestRequest;
use crate::app::saved::SavedSearch;
use crate::app::search::SearchRequest;
use crate::app::{App, AppError, Filters, Sort};
use crate::clipping::Published;
use crate::korean_time;
use crate::messages::Localize;
use crate::report::sanitize::xml;
use crate::web::Site;
use crate::web::params::Params;
use crate::web::problem::{Problem, form_params, from_app, from_params};
use crate::web::render::Frame;

/// Maximum number of entries in a feed.
const MAX_ENTRIES: usize = 50;

#[derive(Serialize)]
struct View {
    /// Hidden fields of the form for a new search.
    hidden: Vec<(&'static str, String)>,
    query: String,
    name: String,
    offers_form: bool,
    problem: Option<String>,
    searches: Vec<SearchView>,
}

#[derive(Serialize)]
struct SearchView {
    name: String,
    query: String,
    new: u64,
    href: String,
    edit: String,
    feed: String,
    problem: Option<String>,
}

/// `GET /saved`.
pub async fn get(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let params =
        Params::read(&query.unwrap_or_default()).map_err(|e| from_params(e, frame.lang))?;
    let worker = Arc::clone(&site);
    site.pool
        .run(move || page(&worker, &frame, &params, None))
        .await?
}

fn page(
    site: &Site,
    frame: &Frame,
    params: &Params,
    problem: Option<&Problem>,
) -> Result<Response, Problem> {
    let failed = |e: AppError| from_app(&e, frame.lang);
    let searches = site.app.saved_searches(&[]).map_err(failed)?;
    let (mut new, mut broken) = (Vec::new(), Vec::new());
    if !searches.is_empty() {
        let digest = site.app.digest(&DigestRequest {
            limit: Some(0),
            snippet_chars: 0,
            ..DigestRequest::default()
        });
        let digest = digest.map_err(failed)?;
        new = digest.parts;
        broken = digest.failed;
    }
    let searches = searches.into_iter().map(|listed| {
        let search = listed.search;
        let params = params_of(&search);
        SearchView {
            new: new
                .iter()
                .find(|part| part.name == search.name)
                .map_or(0, |part| part.total),
            href: Params {
                q: format!("@{}", search.name),
                ..Params::default()
            }
            .search(),
            edit: params.search(),
            feed: feed_path(&search.name),
            problem: broken
                .iter()
                .find(|(name, _)| *name == search.name)
                .map(|(_, e)| e.text(frame.lang)),
            query: described(&params),
            name: search.name,
        }
    });
    let view = View {
        hidden: params.hidden(true),
        query: described(params),
        name: params.other("name").unwrap_or_default().to_owned(),
        offers_form: !frame.read_only && !params.are_empty(),
        problem: problem.map(|p| {
            p.detail
                .clone()
                .unwrap_or_else(|| p.title(frame.lang).to_owned())
        }),
        searches: searches.collect(),
    };
    let mut response = site.page(frame, "saved.html", &view)?;
    if let Some(problem) = problem {
        *response.status_mut() = problem.status;
    }
    Ok(response)
}

/// A saved search as search parameters.
fn params_of(search: &SavedSearch) -> Params {
    Params {
        q: search.query.clone(),
        outlets: search.outlets.clone(),
        reporters: search.reporters.clone(),
        from: search.from.clone().unwrap_or_default(),
        to: search.to.clone().unwrap_or_default(),
        undated: search.undated,
        ..Params::default()
    }
}

/// Query and filters, on one line.
fn described(params: &Params) -> String {
    let mut parts = Vec::new();
    if !params.q.is_empty() {
        parts.push(params.q.clone());
    }
    parts.extend(params.outlets.iter().chain(&params.reporters).cloned());
    if !(params.from.is_empty() && params.to.is_empty()) {
        parts.push(format!("{}–{}", params.from, params.to));
    }
    line(&parts.join(" · "))
}

/// `POST /saved`.
pub async fn add(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawForm(form): RawForm,
) -> Result<Response, Problem> {
    let params = form_params(&form, frame.lang)?;
    let worker = Arc::clone(&site);
    let work = move || {
        let name = params.other("name").unwrap_or_default();
        let replace = params.is_on("replace");
        let saved = worker
            .app
            .save_search(name, &params.q, &params.filters(), replace);
        match saved {
            Ok(_) => Ok(Redirect::to("/saved").into_response()),
            Err(e @ (AppError::Saved(_) | AppError::EmptySearch | AppError::Filter(_))) => {
                page(&worker, &frame, &params, Some(&from_app(&e, frame.lang)))
            }
            Err(e) => Err(from_app(&e, frame.lang)),
        }
    };
    site.pool.run(work).await?
}

/// The list after a change, or the list with the error.
fn changed<T>(
    site: &Site,
    frame: &Frame,
    result: Result<T, AppError>,
) -> Result<Response, Problem> {
    match result {
        Ok(_) => Ok(Redirect::to("/saved").into_response()),
        Err(e) => {
            let problem = from_app(&e, frame.lang);
            page(site, frame, &Params::default(), Some(&problem))
        }
    }
}

/// `POST /saved/rename`.
pub async fn rename(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawForm(form): RawForm,
) -> Result<Response, Problem> {
    let params = form_params(&form, frame.lang)?;
    let worker = Arc::clone(&site);
    let work = move || {
        let name = |key| params.other(key).unwrap_or_default();
        let renamed = worker
            .app
            .rename_saved_search(name("name"), name("new_name"));
        changed(&worker, &frame, renamed)
    };
    site.pool.run(work).await?
}

/// `POST /saved/remove`.
pub async fn remove(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawForm(form): RawForm,
) -> Result<Response, Problem> {
    let params = form_params(&form, frame.lang)?;
    let worker = Arc::clone(&site);
    let work = move || {
        let name = params.other("name").unwrap_or_default().to_owned();
        changed(&worker, &frame, worker.app.remove_saved_searches(&[name]))
    };
    site.pool.run(work).await?
}

/// `GET /saved/{name}.atom`: the newest clippings as an Atom feed (RFC 4287).
pub async fn feed(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let name = file
        .strip_suffix(".atom")
        .ok_or_else(Problem::not_found)?
        .to_owned();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.unwrap_or_default().to_owned();
    let work = move |site: &Site, frame: &Frame| {
        let feed = atom(&site.app, &name, &host).map_err(|e| from_app(&e, frame.lang))?;
        let kind = HeaderValue::from_static("application/atom+xml; charset=utf-8");
        Ok(([(header::CONTENT_TYPE, kind)], feed).into_response())
    };
    site.cached(&frame, &headers, work).await
}

fn atom(app: &App, name: &str, host: &str) -> Result<String, AppError> {
    // Fails with a suggestion if there is no search of this name.
    app.saved_searches(&[name.to_owned()])?;
    let answer = app.search(&SearchRequest {
        query: format!("@{name}"),
        filters: Filters::default(),
        sort: Sort::Newest,
        limit: MAX_ENTRIES,
        ..SearchRequest::default()
    })?;
    let base = format!("http://{}", xml(host));
    let this = format!("{base}{}", feed_path(name));
    let newest = answer.hits.iter().find_map(|hit| hit.clipping.published);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
         <id>{this}</id>\n<title>{}</title>\n<updated>{}</updated>\n<link rel=\"self\" href=\"{this}\"/>\n",
        xml(name),
        moment(newest),
    );
    for hit in &answer.hits {
        let c = &hit.clipping;
        let page = format!("{base}{}", path(&c.id));
        let author = match (c.reporters.is_empty(), &c.outlet) {
            (false, _) => c.reporters.join(", "),
            (true, Some(outlet)) => outlet.clone(),
            (true, None) => "?".to_owned(),
        };
        let snippet = hit.snippets.first().map_or("", |snippet| &snippet.text);
        let _ = write!(
            out,
            "<entry>\n<id>{page}</id>\n<title>{}</title>\n<updated>{}</updated>\n<author><name>{}</name></author>\n\
             <link href=\"{page}\"/>\n<summary>{}</summary>\n</entry>\n",
            xml(&plain_headline(c)),
            moment(c.published),
            xml(&author),
            xml(snippet),
        );
    }
    out.push_str("</feed>\n");
    Ok(out)
}

/// A time in RFC 3339 format. Entries must have one, so undated clippings get the epoch.
fn moment(published: Option<Published>) -> String {
    let Some(published) = published else {
        return "1970-01-01T00:00:00Z".to_owned();
    };
    let at = published
        .date
        .to_datetime(published.time.unwrap_or_default());
    let instant = korean_time::instant(at).unwrap_or_default();
    instant.to_string()
}
