//! The middleware around the router; `protect/mod.rs` shows their order.

use std::any::Any;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use tokio::time::timeout;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use url::form_urlencoded;

use super::auth::{SESSION, Verdict};
use crate::web::http::cookie;
use crate::web::lang;
use crate::web::pages::login;
use crate::web::problem::{Code, Problem};
use crate::web::render::Frame;
use crate::web::routes::RECEIVED;
use crate::web::{Site, is_long_running, is_read_only_path};

/// The policy for our own pages: same-origin resources only, no inline scripts or styles, no frames,
/// and Trusted Types, so that scripts cannot turn strings into markup.
const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'",
);

/// The policy for stored pages, which are untrusted HTML: a separate origin, no scripts, no network
/// access.
pub const PAGE_CSP: HeaderValue = HeaderValue::from_static(
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; \
     base-uri 'none'; frame-ancestors 'none'",
);

const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), microphone=(), geolocation=(), browsing-topics=()"),
    ),
];

/// Time limit for the start of a response.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// The same for uploads and requests that write the index.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(6 * 3600);

/// The name of the session cookie.
pub const SESSION_COOKIE: &str = "session";

/// Wraps `router` in all layers. The last one added is the outermost.
pub fn protected(router: Router<Arc<Site>>, site: Arc<Site>) -> Router {
    let csrf = CsrfLayer::new().with_rejection_response(|_: ProtectionError| {
        Problem::new(Code::CrossSite).into_response()
    });
    router
        .layer(from_fn_with_state(Arc::clone(&site), access))
        .layer(csrf)
        .layer(from_fn(exempt))
        .layer(from_fn(within_timeout))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(&site), host))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(Arc::clone(&site), finish))
        .with_state(site)
}

/// Creates the [`Frame`] of the request, renders problems, and sets the response headers.
async fn finish(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let lang = lang::of_request(request.uri(), request.headers());
    let chosen = lang::of_uri(request.uri());
    let frame = Frame::new(
        lang,
        request.uri(),
        request.headers(),
        site.config.read_only,
    );
    request.extensions_mut().insert(frame.clone());
    let mut response = next.run(request).await;
    if let Some(problem) = problem_of(&mut response) {
        response = match frame.is_api() {
            true => problem.json(lang),
            false => site.problem_page(&frame, &problem),
        };
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(CSP);
    let private = HeaderValue::from_static("private, no-cache");
    headers.entry(header::CACHE_CONTROL).or_insert(private);
    if let Some(lang) = chosen {
        let code = lang::code(lang);
        let cookie = format!(
            "{}={code}; Path=/; Max-Age=31536000; SameSite=Lax",
            lang::COOKIE
        );
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The problem in a response of a handler, or the equivalent of a plain-text error of axum.
fn problem_of(response: &mut Response) -> Option<Problem> {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return Some(problem);
    }
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_plain = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let code = match response.status() {
        _ if !is_plain => return None,
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        status if status.is_client_error() => Code::BadRequest,
        status if status.is_server_error() => Code::Internal,
        _ => return None,
    };
    Some(Problem {
        status: response.status(),
        ..Problem::new(code)
    })
}

async fn host(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let named = match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok()),
    };
    match named {
        Some(name) if site.hosts.allow(name) => next.run(request).await,
        _ => Problem::new(Code::WrongHost).into_response(),
    }
}

/// A panic is a bug. The response and standard error have the same id, which links the response to
/// the message of the panic hook.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    let mut id = [0; 4];
    let _ = getrandom::fill(&mut id);
    let id = u32::from_be_bytes(id);
    eprintln!("error: a request failed, id {id:08x}");
    Problem::new(Code::Internal)
        .with_detail(format!("id {id:08x}"))
        .into_response()
}

async fn within_timeout(request: Request, next: Next) -> Response {
    let longest = match is_long_running(request.uri().path()) {
        true => UPLOAD_TIMEOUT,
        false => ANSWER_TIMEOUT,
    };
    match timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Code::Busy).into_response(),
    }
}

/// The value of `Authorization: Bearer`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Exempts requests with `Authorization: Bearer` from the origin check: websites cannot send that
/// header, since its preflight fails. The target of the bookmarklet is exempt because it changes
/// nothing.
async fn exempt(mut request: Request, next: Next) -> Response {
    if request.uri().path() == RECEIVED || bearer(request.headers()).is_some() {
        request.headers_mut().remove(header::ORIGIN);
        request
            .headers_mut()
            .remove(HeaderName::from_static("sec-fetch-site"));
    }
    next.run(request).await
}

async fn access(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path();
    let is_public =
        path.starts_with("/static/") || matches!(path, "/login" | "/api/health" | RECEIVED);
    if !is_public && !site.gate.is_open() {
        match admit(&site, &parts).await {
            Admission::In => {}
            Admission::Session => {
                if let Some(frame) = parts.extensions.get::<Frame>().cloned() {
                    parts.extensions.insert(Frame {
                        has_session: true,
                        ..frame
                    });
                }
            }
            Admission::Answer(response) => return *response,
        }
    }
    if site.config.read_only && !parts.method.is_safe() && !is_read_only_path(parts.uri.path()) {
        return Problem::new(Code::ReadOnly).into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

enum Admission {
    In,
    Session,
    Answer(Box<Response>),
}

async fn admit(site: &Arc<Site>, request: &Parts) -> Admission {
    let answer = |response: Response| Admission::Answer(Box::new(response));
    let from = peer_address(&request.extensions);
    if let Some(token) = bearer(&request.headers) {
        return match check(site, token.to_owned(), from).await {
            Ok(()) => Admission::In,
            Err(problem) => answer(problem.into_response()),
        };
    }
    let session = cookie(&request.headers, SESSION_COOKIE);
    if session.is_some_and(|session| site.gate.has_session(session)) {
        return Admission::Session;
    }
    let uri = &request.uri;
    let is_page = request.method == Method::GET && !uri.path().starts_with("/api/");
    if !is_page {
        return answer(Problem::new(Code::Unauthorized).into_response());
    }
    if let Some((token, clean)) = token_of(uri) {
        return answer(match check(site, token, from).await {
            // Feed readers do not keep cookies.
            Ok(()) if uri.path().ends_with(".atom") => return Admission::In,
            Ok(()) => begin_session(site, &clean),
            Err(problem) => problem.into_response(),
        });
    }
    let next = uri.path_and_query().map_or("/", |path| path.as_str());
    answer(Redirect::to(&login::url(next)).into_response())
}

/// The token in a URL, and the URL without it.
fn token_of(uri: &Uri) -> Option<(String, String)> {
    let pairs = || form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let token = pairs().find(|(key, _)| key == "token")?.1.into_owned();
    let rest = pairs().filter(|(key, _)| key != "token");
    let rest = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(rest)
        .finish();
    let path = local(uri.path());
    Some((
        token,
        if rest.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{rest}")
        },
    ))
}

/// `path` if browsers resolve it to this server, otherwise `/`. Prevents open redirects.
pub fn local(path: &str) -> &str {
    let mut chars = path.chars();
    let is_local = chars.next() == Some('/') && !matches!(chars.next(), Some('/' | '\\'));
    match is_local && !path.contains(|c: char| c.is_control()) {
        true => path,
        false => "/",
    }
}

/// Checks a token or password. argon2id takes tens of milliseconds and 19 MB, so passwords are
/// checked in the pool, like searches.
pub async fn check(site: &Arc<Site>, given: String, from: Option<IpAddr>) -> Result<(), Problem> {
    let verdict = match site.gate.takes_password() {
        false => site.gate.check(&given, from),
        true => {
            let gate = Arc::clone(&site.gate);
            site.pool.run(move || gate.check(&given, from)).await?
        }
    };
    match verdict {
        Verdict::Right => Ok(()),
        Verdict::Wrong => Err(Problem::new(Code::Unauthorized)),
        Verdict::TooMany => Err(Problem {
            retry_after: Some(60),
            ..Problem::new(Code::TooManyAttempts)
        }),
    }
}

/// Starts a session and redirects to `next`.
pub fn begin_session(site: &Site, next: &str) -> Response {
    let Ok(session) = site.gate.begin_session() else {
        return Problem::new(Code::Internal).into_response();
    };
    let seconds = SESSION.as_secs();
    let cookie =
        format!("{SESSION_COOKIE}={session}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict");
    ([(header::SET_COOKIE, cookie)], Redirect::to(local(next))).into_response()
}

/// The IP address of the client; `None` in tests without a network.
pub fn peer_address(extensions: &Extensions) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(peer.0.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_this_server() {
        for (path, to) in [
            ("/search?q=a", "/search?q=a"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(local(path), to, "{path}");
        }
    }
}
