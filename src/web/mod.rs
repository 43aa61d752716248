//! The page and the API: HTTP → `app` → `report` or templates.
//!
//! Stands beside `cli` on top of everything. Pages work without scripts: the address of a page is
//! its whole state, and `templates/` renders all of it. `static/` adds comfort. Everything is
//! compiled in.
//!
//! ```text
//! server ──▶ protect ──▶ routes ──▶ pages, api ──▶ app
//! ```

mod api;
mod api_add;
mod assets;
mod http;
mod jobs;
mod labels;
mod lang;
mod pages;
mod params;
mod problem;
mod protect;
mod render;
mod routes;
mod server;
#[cfg(test)]
mod tests;
mod upload;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use minijinja::Environment;
use serde::Serialize;

pub use protect::auth::{Secret, SecretError};
pub use server::{ServeError, Server};

use crate::app::{self, App, ErrorKind};
use crate::messages::Lang;
use jobs::Jobs;
use problem::Problem;
use protect::auth::Gate;
use protect::host::AllowedHosts;
use protect::pool::Pool;
use render::Frame;
use routes::{is_harmless, is_long_work};

/// Requests that may wait for a core. At 5 ms a search, the last waits half a second.
const MAX_WAITING: usize = 200;

/// Exports that are written at a time. A workbook and a clip book hold all their clippings in memory,
/// some 3 KB apiece.
const MAX_EXPORTS: usize = 4;

/// Uploads at a time.
const MAX_UPLOADS: usize = 32;

/// Long forms at a time; each takes up to a hundred megabytes.
const MAX_FORMS: usize = 4;

/// How the server is set up.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Further names that the server answers to.
    pub hosts: Vec<String>,
    /// Refuse whatever changes the index or the saved searches.
    pub read_only: bool,
    /// What lets a request in.
    pub secret: Secret,
}

/// Everything a handler needs.
struct Site {
    app: App,
    config: Config,
    hosts: AllowedHosts,
    gate: Arc<Gate>,
    /// Searches and whatever else reads the index.
    pool: Pool,
    /// Exports: they take longer, and searches do not wait for them.
    exports: Pool,
    /// Bodies that are written to disk.
    uploads: Pool,
    /// Forms with long texts, which are in memory.
    forms: Pool,
    jobs: Jobs,
    templates: Environment<'static>,
}

impl Site {
    fn new(app: App, bound: SocketAddr, config: Config) -> Result<Site, ServeError> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Ok(Site {
            app,
            hosts: AllowedHosts::new(bound, &config.hosts),
            gate: Arc::new(Gate::new(config.secret.clone())?),
            pool: Pool::new(cores, MAX_WAITING),
            exports: Pool::new(MAX_EXPORTS, MAX_WAITING),
            uploads: Pool::new(MAX_UPLOADS, MAX_WAITING),
            forms: Pool::new(MAX_FORMS, MAX_WAITING),
            jobs: Jobs::default(),
            templates: render::environment()?,
            config,
        })
    }

    /// Does `work` on a thread, unless the client has the answer of this state of the index already.
    async fn cached(
        self: &Arc<Self>,
        frame: &Frame,
        headers: &HeaderMap,
        work: impl FnOnce(&Site, &Frame) -> Result<Response, Problem> + Send + 'static,
    ) -> Result<Response, Problem> {
        let (site, frame) = (Arc::clone(self), frame.clone());
        let known = headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .cloned()
            .collect::<Vec<_>>();
        let done = self.pool.run(move || {
            let tag = site.tag(&frame);
            if let Some(tag) = &tag
                && http::matches(&known, tag)
            {
                let headers = [(header::ETAG, tag.clone())];
                return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
            }
            let mut response = work(&site, &frame)?;
            if let Some(tag) = tag.filter(|_| response.status().is_success()) {
                response.headers_mut().insert(header::ETAG, tag);
                let vary = HeaderValue::from_static("Accept, Accept-Language, Cookie");
                response.headers_mut().insert(header::VARY, vary);
            }
            Ok(response)
        });
        done.await?
    }

    /// The entity tag of a request: it differs whenever the answer may.
    fn tag(&self, frame: &Frame) -> Option<HeaderValue> {
        let version = self.app.version().ok()?;
        let mut hasher = blake3::Hasher::new();
        for part in [
            version.as_str(),
            &frame.key(),
            assets::version(),
            env!("CARGO_PKG_VERSION"),
        ] {
            hasher.update(part.as_bytes()).update(b"\0");
        }
        let hash = hasher.finalize().to_hex();
        HeaderValue::try_from(format!("W/\"{}\"", hash.get(..32)?)).ok()
    }

    /// What a use case answers; `None` when there is no index yet.
    fn answer<T>(
        &self,
        lang: Lang,
        use_case: impl FnOnce(&App) -> app::Result<T>,
    ) -> Result<Option<T>, Problem> {
        match use_case(&self.app) {
            Ok(answer) => Ok(Some(answer)),
            Err(e) if e.kind() == ErrorKind::NoIndex => Ok(None),
            Err(e) => Err(problem::of_app(&e, lang)),
        }
    }

    /// A page made by a template.
    fn page(
        &self,
        frame: &Frame,
        template: &str,
        view: &impl Serialize,
    ) -> Result<Response, Problem> {
        render::page(&self.templates, frame, template, view)
    }

    /// The page of a problem.
    fn problem_page(&self, frame: &Frame, problem: &Problem) -> Response {
        #[derive(Serialize)]
        struct View<'p> {
            status: u16,
            title: &'static str,
            detail: Option<&'p str>,
        }
        let view = View {
            status: problem.status.as_u16(),
            title: problem.title(frame.lang),
            detail: problem.detail.as_deref(),
        };
        match self.page(frame, "problem.html", &view) {
            Ok(mut page) => {
                *page.status_mut() = problem.status;
                problem.add_headers(&mut page);
                page
            }
            Err(_) => problem.json(frame.lang),
        }
    }
}
