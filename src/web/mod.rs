//! The web interface and the JSON API: HTTP → `app` → `report` or templates.
//!
//! Pages are rendered on the server and work without scripts: the URL of a page is its whole state.
//! `static/` is progressive enhancement. Templates and assets are embedded in the binary.
//!
//! ```text
//! server ──▶ protect ──▶ routes ──▶ pages, api ──▶ app
//! ```

mod api;
mod api_add;
mod assets;
mod contract;
mod http;
mod jobs;
mod labels;
mod lang;
mod pages;
mod params;
mod problem;
mod protect;
mod render;
mod response_cache;
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
use response_cache::ResponseCache;
use routes::{is_long_running, is_read_only_path};

/// Maximum number of requests queued for a core. At 5 ms per search and two cores, the last one
/// waits half a second.
const MAX_QUEUED: usize = 200;

/// Maximum number of concurrent exports. Workbooks and clip books are built in memory, about 3 KB per
/// clipping.
const MAX_EXPORTS: usize = 4;

/// Maximum number of concurrent uploads.
const MAX_UPLOADS: usize = 32;

/// Maximum number of concurrent long forms; parsing one takes up to 100 MB.
const MAX_FORMS: usize = 4;

/// Server configuration.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Additional host names to accept (`--host`): `name` at any port, or `name:port`.
    pub hosts: Vec<String>,
    /// Reject requests that change the index or the saved searches.
    pub read_only: bool,
    /// How requests authenticate.
    pub secret: Secret,
}

/// The state shared by all handlers.
struct Site {
    app: App,
    config: Config,
    hosts: AllowedHosts,
    gate: Arc<Gate>,
    /// Runs searches and other short reads of the index.
    pool: Pool,
    /// Runs exports, which take longer, so that searches do not queue behind them.
    exports: Pool,
    /// Bounds uploads, which go to disk.
    uploads: Pool,
    /// Bounds forms with long texts, which are held in memory.
    forms: Pool,
    jobs: Jobs,
    responses: ResponseCache,
    templates: Environment<'static>,
}

impl Site {
    fn new(app: App, bound: SocketAddr, config: Config) -> Result<Site, ServeError> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Ok(Site {
            app,
            hosts: AllowedHosts::new(bound, &config.hosts),
            gate: Arc::new(Gate::new(config.secret.clone())?),
            pool: Pool::new(cores, MAX_QUEUED),
            exports: Pool::new(MAX_EXPORTS, MAX_QUEUED),
            uploads: Pool::new(MAX_UPLOADS, MAX_QUEUED),
            forms: Pool::new(MAX_FORMS, MAX_QUEUED),
            jobs: Jobs::default(),
            responses: ResponseCache::default(),
            templates: render::environment()?,
            config,
        })
    }

    /// Runs `work` in the pool, unless the client or the cache has the response for this state of the
    /// index already.
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
        let accepts_gzip = http::accepts_gzip(headers);
        let done = self.pool.run(move || {
            let tag = site.tag(&frame);
            if let Some(tag) = &tag
                && http::matches(&known, tag)
            {
                let headers = [(header::ETAG, tag.clone())];
                return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
            }
            let cached = tag.as_ref().filter(|_| accepts_gzip);
            if let Some(response) = cached.and_then(|tag| site.responses.get(tag)) {
                return Ok(response);
            }
            let mut response = work(&site, &frame)?;
            if let Some(tag) = tag.filter(|_| response.status().is_success()) {
                response.headers_mut().insert(header::ETAG, tag);
                let vary =
                    HeaderValue::from_static("Accept, Accept-Encoding, Accept-Language, Cookie");
                response.headers_mut().insert(header::VARY, vary);
            }
            Ok(response)
        });
        let response: Result<Response, Problem> = done.await?;
        match accepts_gzip {
            true => Ok(self.responses.keep(response?).await),
            false => response,
        }
    }

    /// The entity tag of the response: a hash of everything that the response depends on.
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

    /// Runs a use case; `None` if there is no index yet.
    fn answer<T>(
        &self,
        lang: Lang,
        use_case: impl FnOnce(&App) -> app::Result<T>,
    ) -> Result<Option<T>, Problem> {
        match use_case(&self.app) {
            Ok(answer) => Ok(Some(answer)),
            Err(e) if e.kind() == ErrorKind::NoIndex => Ok(None),
            Err(e) => Err(problem::from_app(&e, lang)),
        }
    }

    fn page(
        &self,
        frame: &Frame,
        template: &str,
        view: &impl Serialize,
    ) -> Result<Response, Problem> {
        render::page(&self.templates, frame, template, view)
    }

    /// Renders `problem` as a page, or as JSON if rendering fails.
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
