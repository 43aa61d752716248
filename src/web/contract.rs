//! Checks the query strings of API requests against `openapi.json`, so that a misspelt filter is an error and not a
//! result without that filter.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::Request;
use axum::http::{Method, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::routing::MethodRouter;
use serde::Deserialize;
use url::form_urlencoded;

use super::params::{BadParams, flag};
use super::problem::{Code, Problem, from_params};
use super::render::Frame;
use crate::messages::{Lang, msg};

/// The part of the OpenAPI document that is checked.
#[derive(Deserialize)]
struct Document {
    /// By path and lower-case method.
    paths: HashMap<String, HashMap<String, Operation>>,
}

#[derive(Default, Deserialize)]
struct Operation {
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    #[serde(rename = "in")]
    location: String,
    schema: Schema,
}

#[derive(Deserialize)]
struct Schema {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "enum", default)]
    values: Vec<String>,
}

static OPERATIONS: LazyLock<HashMap<String, HashMap<String, Operation>>> = LazyLock::new(|| {
    // A test reads it. If it could not be read, nothing would be checked.
    let document = serde_json::from_str(include_str!("../../openapi.json"));
    document.map_or_else(|_| HashMap::new(), |document: Document| document.paths)
});

/// `handlers` of `path`, behind a check of the query string.
pub fn checked<S: Clone + Send + Sync + 'static>(
    path: &'static str,
    handlers: MethodRouter<S>,
) -> MethodRouter<S> {
    handlers.layer(from_fn(move |request: Request, next: Next| async move {
        let lang = request.extensions().get::<Frame>().map(|frame| frame.lang);
        match check(
            path,
            request.method(),
            request.uri(),
            lang.unwrap_or(Lang::En),
        ) {
            Ok(()) => next.run(request).await,
            Err(problem) => problem.into_response(),
        }
    }))
}

fn check(path: &str, method: &Method, uri: &Uri, lang: Lang) -> Result<(), Problem> {
    let method = match *method {
        Method::HEAD => "get".to_owned(),
        _ => method.as_str().to_ascii_lowercase(),
    };
    let operation = OPERATIONS
        .get(path)
        .and_then(|methods| methods.get(&method));
    // The router refuses other methods.
    let (Some(operation), Some(query)) = (operation, uri.query()) else {
        return Ok(());
    };
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let parameters = operation
            .parameters
            .iter()
            .filter(|p| p.location == "query");
        let Some(known) = parameters.clone().find(|p| p.name == name) else {
            let known: Vec<_> = parameters.map(|p| p.name.as_str()).collect();
            let known = known.join(", ");
            return Err(Problem::new(Code::BadRequest).with_detail(msg!(lang,
                ko: "없는 매개변수입니다: {name} (쓸 수 있는 것: {known})",
                en: "unknown parameter: {name} (known: {known})",
            )));
        };
        known.check(value.trim(), lang)?;
    }
    Ok(())
}

impl Parameter {
    /// Checks booleans and enumerations. Numbers are checked where they are used; empty values are those of forms.
    fn check(&'static self, value: &str, lang: Lang) -> Result<(), Problem> {
        let (name, values) = (&self.name, &self.schema.values);
        if value.is_empty() {
            return Ok(());
        }
        if self.schema.kind == "boolean" {
            let is_flag = flag(name, value).map(|_| ());
            return is_flag.map_err(|e| from_params(e, lang));
        }
        if values.is_empty() || values.iter().any(|known| known == value) {
            return Ok(());
        }
        let known = values.join(", ");
        Err(from_params(BadParams::NotOneOf(name, known), lang))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(method: Method, uri: &str) -> Option<String> {
        let uri: Uri = uri.parse().unwrap();
        let path = uri.path().to_owned();
        let checked = check(&path, &method, &uri, Lang::En);
        checked.err().and_then(|problem| problem.detail)
    }

    #[test]
    fn only_documented_parameters_are_accepted() {
        for good in [
            "/api/search?q=AI&outlet=a&outlet=b&facets=1&lang=ko&explain=false&limit=",
            "/api/digest?name=a&name=b",
            "/api/health",
        ] {
            assert_eq!(problem(Method::GET, good), None, "{good}");
        }
        for (bad, detail) in [
            (
                "/api/search?q=AI&outlets=a",
                "unknown parameter: outlets (known: q, outlet, ",
            ),
            ("/api/stats?limit=3", "unknown parameter: limit"),
            ("/api/health?x", "unknown parameter: x"),
            ("/api/search?facets=maybe", "facets must be 1 or 0"),
            (
                "/api/trend?q=AI&format=svg",
                "format must be one of json, csv",
            ),
            ("/api/search?lang=fr", "lang must be one of ko, en"),
        ] {
            let detail_seen = problem(Method::GET, bad).unwrap_or_default();
            assert!(detail_seen.starts_with(detail), "{bad}: {detail_seen}");
        }
        assert_eq!(problem(Method::HEAD, "/api/search?q=AI"), None);
        assert!(problem(Method::HEAD, "/api/search?query=AI").is_some());
        assert_eq!(problem(Method::POST, "/api/clippings?keep_pages=1"), None);
        assert!(problem(Method::POST, "/api/extract?keep_pages=1").is_some());
    }
}
