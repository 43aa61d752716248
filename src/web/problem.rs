//! Error responses: an HTML page, or problem JSON (RFC 9457) from the API. The codes are stable, the
//! texts are not.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::labels::Labels;
use super::params::{BadParams, MAX_PER_PAGE, MAX_QUERY_CHARS, Params};
use super::protect::pool::Busy;
use crate::app::{AppError, ErrorKind};
use crate::messages::{Hint, Lang, Localize, msg};

/// A failed request. Handlers return it; the outermost layer renders it as a page or JSON.
#[derive(Debug, Clone)]
pub struct Problem {
    pub status: StatusCode,
    pub code: Code,
    /// Details, in the language of the request.
    pub detail: Option<String>,
    /// Value of `Retry-After`, in seconds.
    pub retry_after: Option<u32>,
}

macro_rules! codes {
    ($($code:ident = $name:literal, $status:ident;)*) => {
        /// Stable error codes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(
                #[doc = concat!("`", $name, "`")]
                $code,
            )*
        }

        impl Code {
            #[cfg(test)]
            pub const ALL: &'static [Code] = &[$(Code::$code,)*];

            /// The code as it appears in JSON.
            pub fn name(self) -> &'static str {
                match self {
                    $(Code::$code => $name,)*
                }
            }

            fn status(self) -> StatusCode {
                match self {
                    $(Code::$code => StatusCode::$status,)*
                }
            }
        }
    };
}

codes! {
    BadRequest = "bad_request", BAD_REQUEST;
    BadDate = "bad_date", BAD_REQUEST;
    QueryTooLong = "query_too_long", BAD_REQUEST;
    Unauthorized = "unauthorized", UNAUTHORIZED;
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS;
    CrossSite = "cross_site", FORBIDDEN;
    ReadOnly = "read_only", FORBIDDEN;
    NotFound = "not_found", NOT_FOUND;
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED;
    Conflict = "conflict", CONFLICT;
    Locked = "locked", CONFLICT;
    TooLarge = "too_large", PAYLOAD_TOO_LARGE;
    WrongHost = "wrong_host", MISDIRECTED_REQUEST;
    Internal = "internal", INTERNAL_SERVER_ERROR;
    Index = "index", INTERNAL_SERVER_ERROR;
    Busy = "busy", SERVICE_UNAVAILABLE;
    NoIndex = "no_index", NOT_FOUND;
    NoArticle = "no_article", UNPROCESSABLE_ENTITY;
    NoSpace = "no_space", INSUFFICIENT_STORAGE;
}

impl Problem {
    pub fn new(code: Code) -> Problem {
        Problem {
            status: code.status(),
            code,
            detail: None,
            retry_after: None,
        }
    }

    pub fn with_detail(self, detail: impl Into<String>) -> Problem {
        Problem {
            detail: Some(detail.into()),
            ..self
        }
    }

    pub fn not_found() -> Problem {
        Problem::new(Code::NotFound)
    }

    /// The code as a sentence.
    pub fn title(&self, lang: Lang) -> &'static str {
        let labels = Labels::of(lang);
        match self.code {
            Code::BadRequest => labels.problem_bad_request,
            Code::BadDate => labels.problem_bad_date,
            Code::QueryTooLong => labels.problem_query_too_long,
            Code::Unauthorized => labels.problem_unauthorized,
            Code::TooManyAttempts => labels.problem_too_many_attempts,
            Code::CrossSite => labels.problem_cross_site,
            Code::ReadOnly => labels.problem_read_only,
            Code::NotFound => labels.problem_not_found,
            Code::MethodNotAllowed => labels.problem_method_not_allowed,
            Code::Conflict => labels.problem_conflict,
            Code::Locked => labels.problem_locked,
            Code::TooLarge => labels.problem_too_large,
            Code::WrongHost => labels.problem_wrong_host,
            Code::Internal => labels.problem_internal,
            Code::Index => labels.problem_index,
            Code::Busy => labels.problem_busy,
            Code::NoIndex => labels.problem_no_index,
            Code::NoArticle => labels.add_nothing,
            Code::NoSpace => labels.problem_no_space,
        }
    }

    /// The response as problem JSON.
    pub fn json(&self, lang: Lang) -> Response {
        #[derive(Serialize)]
        struct Json<'p> {
            r#type: &'static str,
            title: &'static str,
            status: u16,
            code: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            detail: Option<&'p str>,
        }
        let json = Json {
            r#type: "about:blank",
            title: self.title(lang),
            status: self.status.as_u16(),
            code: self.code.name(),
            detail: self.detail.as_deref(),
        };
        let kind = HeaderValue::from_static("application/problem+json");
        // Serializing strings and numbers cannot fail.
        let body = serde_json::to_vec(&json).unwrap_or_default();
        let mut response = (self.status, [(header::CONTENT_TYPE, kind)], body).into_response();
        self.add_headers(&mut response);
        response
    }

    /// Adds `Retry-After`, `WWW-Authenticate` and `Cache-Control`.
    pub fn add_headers(&self, response: &mut Response) {
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == Code::Unauthorized {
            let bearer = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, bearer);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// An empty response with the problem as an extension; the outermost layer renders it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Busy> for Problem {
    fn from(_: Busy) -> Problem {
        Problem {
            retry_after: Some(1),
            ..Problem::new(Code::Busy)
        }
    }
}

/// The problem for an error of a use case.
pub fn from_app(e: &AppError, lang: Lang) -> Problem {
    let code = match e.kind() {
        ErrorKind::NoIndex => Code::NoIndex,
        ErrorKind::NotFound => Code::NotFound,
        ErrorKind::BadDate => Code::BadDate,
        ErrorKind::BadRequest => Code::BadRequest,
        ErrorKind::Conflict => Code::Conflict,
        ErrorKind::Locked => Code::Locked,
        ErrorKind::Index => Code::Index,
    };
    // Hints name commands, so show them only where nothing can be done in the browser.
    let detail = match (code, e.hint(lang)) {
        (Code::Index, Some(hint)) => format!("{} ({hint})", e.text(lang)),
        _ => e.text(lang),
    };
    Problem::new(code).with_detail(detail)
}

/// Parses a submitted form.
pub fn form_params(form: &[u8], lang: Lang) -> Result<Params, Problem> {
    Params::read(&String::from_utf8_lossy(form)).map_err(|e| from_params(e, lang))
}

/// The problem for rejected parameters.
pub fn from_params(e: BadParams<'_>, lang: Lang) -> Problem {
    match e {
        BadParams::QueryTooLong => Problem::new(Code::QueryTooLong).with_detail(msg!(lang,
            ko: "검색식은 {MAX_QUERY_CHARS}자까지 쓸 수 있습니다",
            en: "a query may have at most {MAX_QUERY_CHARS} characters",
        )),
        BadParams::FilterTooLong => Problem::new(Code::BadRequest).with_detail(msg!(lang,
            ko: "조건이 너무 많거나 깁니다",
            en: "too many or too long filters",
        )),
        BadParams::NotANumber(name) => Problem::new(Code::BadRequest).with_detail(match name {
            "limit" => msg!(lang,
                ko: "limit은 0부터 {MAX_PER_PAGE}까지의 수여야 합니다",
                en: "limit must be a number from 0 to {MAX_PER_PAGE}",
            ),
            name => msg!(lang,
                ko: "{name}에 쓸 수 없는 값입니다",
                en: "{name} is not a number or out of range",
            ),
        }),
        BadParams::NotAFlag(name) => Problem::new(Code::BadRequest).with_detail(msg!(lang,
            ko: "{name}은(는) 1이나 0이어야 합니다",
            en: "{name} must be 1 or 0",
        )),
        BadParams::NotOneOf(name, values) => Problem::new(Code::BadRequest).with_detail(msg!(lang,
            ko: "{name}은(는) 다음 가운데 하나여야 합니다: {values}",
            en: "{name} must be one of {values}",
        )),
    }
}
