//! The routing table.

use std::sync::Arc;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, delete, get, post};

use super::Site;
use super::pages::login;
use super::problem::{Code, Problem};
use super::{api, api_add, assets, contract, pages};

type Routes = Vec<(&'static str, MethodRouter<Arc<Site>>)>;

/// The target of the bookmarklet. It accepts cross-site posts without authentication, since it only
/// shows a form filled with what was sent.
pub const RECEIVED: &str = "/add/received";

fn table() -> Routes {
    vec![
        ("/", get(pages::search::get)),
        ("/search", get(pages::search::get)),
        ("/clippings/{id}", get(pages::clipping::get)),
        ("/clippings/{id}/page", get(pages::clipping::page)),
        ("/export", get(pages::export::get).post(pages::export::post)),
        ("/saved", get(pages::saved::get).post(pages::saved::add)),
        ("/saved/remove", post(pages::saved::remove)),
        ("/saved/rename", post(pages::saved::rename)),
        ("/saved/{file}", get(pages::saved::feed)),
        ("/digest", get(pages::digest::get)),
        ("/digest/seen", post(pages::digest::seen)),
        ("/trend", get(pages::trend::get)),
        ("/related", get(pages::related::get)),
        ("/terms", get(pages::terms::get).post(pages::terms::post)),
        ("/add", get(pages::add::get)),
        ("/add/text", post(pages::add::text)),
        ("/add/addresses", post(pages::add::addresses)),
        ("/add/files", pages::add::files_route()),
        (RECEIVED, post(pages::add::received)),
        ("/add/{id}", get(pages::add::job).post(pages::add::keep)),
        ("/add/{id}/discard", post(pages::add::discard)),
        ("/add/{id}/events", get(pages::add::events)),
        ("/stats", get(pages::stats::get)),
        ("/api/health", get(api::health)),
        ("/api/openapi.json", get(api::openapi)),
        ("/api/search", get(api::search)),
        ("/api/clippings", post(api_add::add)),
        ("/api/clippings/{id}", get(api::clipping)),
        ("/api/clippings/{id}/similar", get(api::similar)),
        ("/api/extract", post(api_add::extracted)),
        ("/api/export", get(pages::export::get)),
        ("/api/stats", get(api::stats)),
        ("/api/trend", get(api::trend)),
        ("/api/related", get(api::related)),
        ("/api/saved", get(api::saved).post(api::save)),
        ("/api/saved/{name}", delete(api::unsave).patch(api::rename)),
        ("/api/digest", get(api::digest).post(api::seen)),
        ("/login", get(login::form).post(login::log_in)),
        ("/logout", post(login::log_out)),
        ("/static/{name}", get(assets::get)),
    ]
}

#[cfg(test)]
pub fn paths() -> impl Iterator<Item = &'static str> {
    table().into_iter().map(|(path, _)| path)
}

/// Paths that change neither the index nor the saved searches, even if requested by `POST`.
pub fn is_read_only_path(path: &str) -> bool {
    matches!(
        path,
        "/login" | "/logout" | "/export" | "/terms" | "/api/extract" | "/api/export"
    )
}

/// Paths that accept uploads or write the index, and so get the longer timeout.
pub fn is_long_running(path: &str) -> bool {
    matches!(path, "/add/files" | "/api/clippings" | "/api/extract")
}

/// All routes, without the layers of `protect`.
pub fn router() -> Router<Arc<Site>> {
    let routes = table().into_iter();
    routes
        .fold(Router::new(), |router, (path, handlers)| {
            let handlers = match path.starts_with("/api/") {
                true => contract::checked(path, handlers),
                false => handlers,
            };
            router.route(path, handlers)
        })
        .fallback(|| async { Problem::not_found().into_response() })
        .method_not_allowed_fallback(|| async {
            Problem::new(Code::MethodNotAllowed).into_response()
        })
}
