//! `/related`: words that are over-represented in the results of a query.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use super::view::line;
use crate::messages::{Localize, number};
use crate::web::Site;
use crate::web::api::related_request;
use crate::web::params::Params;
use crate::web::problem::{Problem, from_app, from_params};
use crate::web::render::Frame;

#[derive(Serialize)]
struct View {
    q: String,
    against: String,
    hidden: Vec<(&'static str, String)>,
    notes: Vec<String>,
    words: Vec<Word>,
    csv: String,
}

#[derive(Serialize)]
struct Word {
    word: String,
    href: String,
    results: String,
    clippings: String,
    score: String,
}

/// `GET /related`.
pub async fn get(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params =
        Params::read(&query.unwrap_or_default()).map_err(|e| from_params(e, frame.lang))?;
    let work = move |site: &Site, frame: &Frame| {
        let asked = related_request(&params);
        let is_asked = !params.are_empty();
        let answer = match is_asked {
            true => Some(
                site.app
                    .related(&asked)
                    .map_err(|e| from_app(&e, frame.lang))?,
            ),
            false => None,
        };
        let words = answer
            .as_ref()
            .map_or(&[][..], |answer| &answer.related.words);
        let view = View {
            q: params.q.clone(),
            against: asked.against.clone().unwrap_or_default(),
            hidden: params
                .hidden(true)
                .into_iter()
                .filter(|(key, _)| *key != "q")
                .collect(),
            notes: answer.as_ref().map_or_else(Vec::new, |answer| {
                answer
                    .notes
                    .iter()
                    .map(|note| note.text(frame.lang))
                    .collect()
            }),
            words: words
                .iter()
                .map(|word| Word {
                    word: line(&word.word),
                    href: Params {
                        q: format!("{} {}", params.q, word.word).trim().to_owned(),
                        page: 1,
                        ..params.clone()
                    }
                    .search(),
                    results: number(word.count),
                    clippings: number(word.clippings),
                    score: format!("{:.1}", word.score),
                })
                .collect(),
            csv: match &asked.against {
                Some(against) => {
                    params.url("/api/related", &[("against", against), ("format", "csv")])
                }
                None => params.url("/api/related", &[("format", "csv")]),
            },
        };
        site.page(frame, "related.html", &view)
    };
    site.cached(&frame, &headers, work).await
}
