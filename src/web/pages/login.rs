//! `GET` and `POST /login`, `POST /logout`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawForm, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{RequestExt, http::StatusCode};
use serde::Serialize;
use url::form_urlencoded;

use crate::web::Site;
use crate::web::http::cookie;
use crate::web::params::form_value;
use crate::web::problem::{Code, Problem};
use crate::web::protect::{self, SESSION_COOKIE};
use crate::web::render::Frame;

#[derive(Serialize)]
struct View {
    next: String,
    is_password: bool,
    is_wrong: bool,
}

/// The URL of the login form that redirects to `next`.
pub fn url(next: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", next);
    format!("/login?{}", query.finish())
}

/// `GET /login`.
pub async fn form(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    request: Request,
) -> Result<Response, Problem> {
    let next = form_value(request.uri().query().unwrap_or_default().as_bytes(), "next");
    page(&site, &frame, next, false)
}

fn page(site: &Site, frame: &Frame, next: String, is_wrong: bool) -> Result<Response, Problem> {
    let view = View {
        next,
        is_password: site.gate.takes_password(),
        is_wrong,
    };
    site.page(frame, "login.html", &view)
}

/// `POST /login`.
pub async fn log_in(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    request: Request,
) -> Result<Response, Problem> {
    let from = protect::peer_address(request.extensions());
    let RawForm(form) = request
        .extract()
        .await
        .map_err(|_| Problem::new(Code::BadRequest))?;
    let next = form_value(&form, "next");
    match protect::check(&site, form_value(&form, "secret"), from).await {
        Ok(()) => Ok(protect::begin_session(&site, &next)),
        Err(problem) if problem.code == Code::Unauthorized => {
            let mut response = page(&site, &frame, next, true)?;
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            Ok(response)
        }
        Err(problem) => Err(problem),
    }
}

/// `POST /logout`.
pub async fn log_out(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    if let Some(session) = cookie(&headers, SESSION_COOKIE) {
        site.gate.end_session(session);
    }
    let gone = HeaderValue::from_static("session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
    ([(header::SET_COOKIE, gone)], Redirect::to("/")).into_response()
}
