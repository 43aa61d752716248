//! Renders views with the templates in `templates/`.

use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use serde::Serialize;
use url::form_urlencoded::{self, Serializer};

use super::labels::Labels;
use super::problem::{Code, Problem};
use super::{assets, lang};
use crate::messages::{Lang, number};

const TEMPLATES: &[(&str, &str)] = &[
    ("base.html", include_str!("templates/base.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("add.html", include_str!("templates/add.html")),
    ("job.html", include_str!("templates/job.html")),
    ("clipping.html", include_str!("templates/clipping.html")),
    ("login.html", include_str!("templates/login.html")),
    ("problem.html", include_str!("templates/problem.html")),
    ("search.html", include_str!("templates/search.html")),
    ("digest.html", include_str!("templates/digest.html")),
    ("related.html", include_str!("templates/related.html")),
    ("saved.html", include_str!("templates/saved.html")),
    ("terms.html", include_str!("templates/terms.html")),
    ("trend.html", include_str!("templates/trend.html")),
    ("stats.html", include_str!("templates/stats.html")),
];

/// Properties of a request that all templates need.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    #[serde(skip)]
    pub lang: Lang,
    /// The path, to mark the current entry of the menu.
    pub path: String,
    /// The URL of the same page in the other language.
    pub other_language: String,
    /// Hide forms that change something.
    pub read_only: bool,
    /// The request came with a session, so show "Log out".
    pub has_session: bool,
    /// The `Accept` header.
    #[serde(skip)]
    pub accept: String,
}

impl Frame {
    pub fn new(lang: Lang, uri: &Uri, headers: &HeaderMap, read_only: bool) -> Frame {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let accept = headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok());
        let other = match lang {
            Lang::Ko => Lang::En,
            Lang::En => Lang::Ko,
        };
        let query = Serializer::new(String::new())
            .extend_pairs(pairs.filter(|(key, _)| key != "lang" && key != "token"))
            .append_pair("lang", lang::code(other))
            .finish();
        Frame {
            lang,
            path: uri.path().to_owned(),
            other_language: format!("{}?{query}", uri.path()),
            read_only,
            has_session: false,
            accept: accept.unwrap_or_default().to_owned(),
        }
    }

    /// Everything but the state of the index that the response depends on, for the entity tag.
    pub fn key(&self) -> String {
        let (url, lang) = (&self.other_language, lang::code(self.lang));
        format!(
            "{url} {lang} {} {} {}",
            self.read_only, self.has_session, self.accept
        )
    }

    /// Whether the request is for the JSON API.
    pub fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }

    pub fn labels(&self) -> &'static Labels {
        Labels::of(self.lang)
    }
}

/// Compiles the embedded templates.
pub fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    environment.add_function("asset", |name: &str| assets::url(name));
    environment.add_function("menu", menu);
    environment.add_filter("fill", fill);
    environment.add_filter("number", |n: u64| number(n));
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}

/// The entries of the menu: path and label.
fn menu(read_only: bool) -> Vec<Value> {
    let entries = [
        ("/", "nav_search"),
        ("/digest", "nav_digest"),
        ("/saved", "nav_saved"),
        ("/trend", "nav_trend"),
        ("/related", "nav_related"),
        ("/terms", "nav_terms"),
        ("/add", "nav_add"),
        ("/stats", "nav_stats"),
    ];
    let entry = |(path, label): (&str, &str)| context! { path, label };
    let entries = entries.into_iter();
    let entries = entries.filter(|(path, _)| !read_only || *path != "/add");
    entries.map(entry).collect()
}

/// The template filter `fill`: replaces `{name}` in a label by a value.
fn fill(text: &str, values: Kwargs) -> Result<String, minijinja::Error> {
    let mut text = text.to_owned();
    for name in values.args() {
        let value: Value = values.get(name)?;
        text = text.replace(&format!("{{{name}}}"), &value.to_string());
    }
    values.assert_all_used()?;
    Ok(text)
}

/// Renders a page. Failure is a bug in a template; it is reported on standard error.
pub fn page(
    environment: &Environment<'_>,
    frame: &Frame,
    template: &str,
    view: &impl Serialize,
) -> Result<Response, Problem> {
    let context = context! {
        t => Value::from(Serde(frame.labels())),
        lang => lang::code(frame.lang),
        frame => Value::from(Serde(frame)),
        v => Value::from(Serde(view)),
    };
    let html = environment
        .get_template(template)
        .and_then(|template| template.render(context));
    match html {
        Ok(html) => {
            let kind = HeaderValue::from_static("text/html; charset=utf-8");
            Ok(([(header::CONTENT_TYPE, kind)], html).into_response())
        }
        Err(e) => {
            eprintln!("error: cannot render {template}: {e:#}");
            Err(Problem::new(Code::Internal))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_compiles() {
        environment().unwrap();
    }
}
