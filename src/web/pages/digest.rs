//! `/digest`: new clippings of the saved searches.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawForm, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::view::HitView;
use crate::app::AppError;
use crate::app::digest::DigestRequest;
use crate::messages::Localize;
use crate::web::Site;
use crate::web::params::Params;
use crate::web::problem::{Problem, form_params, from_app};
use crate::web::render::Frame;

/// Maximum number of clippings shown per search; a link leads to all of them.
const SHOWN: usize = 20;

#[derive(Serialize)]
struct View {
    version: String,
    parts: Vec<Part>,
    problems: Vec<String>,
}

#[derive(Serialize)]
struct Part {
    name: String,
    total: u64,
    all: Option<String>,
    notes: Vec<String>,
    hits: Vec<HitView>,
}

/// `GET /digest`. Does not mark anything as seen.
pub async fn get(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
) -> Result<Response, Problem> {
    let worker = Arc::clone(&site);
    let work = move || {
        let view = view(&worker, &frame).map_err(|e| from_app(&e, frame.lang))?;
        worker.page(&frame, "digest.html", &view)
    };
    site.pool.run(work).await?
}

fn view(site: &Site, frame: &Frame) -> Result<View, AppError> {
    // Read the version before the digest, so that clippings added in between are not marked as seen.
    let version = version(site)?;
    let digest = site.app.digest(&DigestRequest {
        limit: Some(SHOWN),
        ..DigestRequest::default()
    });
    let digest = match digest {
        Ok(digest) => digest,
        Err(AppError::NoSavedSearches) => {
            return Ok(View {
                version,
                parts: Vec::new(),
                problems: Vec::new(),
            });
        }
        Err(e) => return Err(e),
    };
    let parts = digest.parts.iter().map(|part| {
        let params = Params {
            q: format!("@{}", part.name),
            sort: "newest".to_owned(),
            ..Params::default()
        };
        // Ranks in a digest are not ranks of the search, so links do not carry them.
        let links = Params {
            sort: String::new(),
            ..params.clone()
        };
        Part {
            name: part.name.clone(),
            total: part.total,
            all: (part.total > SHOWN as u64).then(|| params.search()),
            notes: part
                .notes
                .iter()
                .map(|note| note.text(frame.lang))
                .collect(),
            hits: part
                .hits
                .iter()
                .map(|hit| HitView::unranked(hit, &links, frame.lang))
                .collect(),
        }
    });
    Ok(View {
        version,
        parts: parts.collect(),
        problems: digest
            .failed
            .iter()
            .map(|(name, e)| format!("@{name}: {}", e.text(frame.lang)))
            .collect(),
    })
}

fn version(site: &Site) -> Result<String, AppError> {
    Ok(blake3::hash(site.app.version()?.as_bytes())
        .to_hex()
        .to_string())
}

/// `POST /digest/seen`: marks the clippings on the page as seen. If the index has changed since the
/// page was rendered, only shows the page again.
pub async fn seen(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawForm(form): RawForm,
) -> Result<Response, Problem> {
    let params = form_params(&form, frame.lang)?;
    let worker = Arc::clone(&site);
    let work = move || {
        let marked = || -> Result<(), AppError> {
            let digest = worker.app.digest(&DigestRequest {
                limit: Some(0),
                snippet_chars: 0,
                ..DigestRequest::default()
            })?;
            // Read the version after the digest, so that a commit in between is noticed.
            if params.other("version") == Some(&version(&worker)?) {
                worker.app.mark_seen(digest.seen)?;
            }
            Ok(())
        };
        marked().map_err(|e| from_app(&e, frame.lang))?;
        Ok(Redirect::to("/digest").into_response())
    };
    site.pool.run(work).await?
}
