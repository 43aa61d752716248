//! The language of a response: `?lang=`, then the cookie, then `Accept-Language`, then Korean.

use axum::http::{HeaderMap, Uri, header};
use url::form_urlencoded;

use super::http::cookie;

pub use crate::messages::Lang;

/// The name of the language cookie.
pub const COOKIE: &str = "lang";

/// The code used in `lang=` attributes, cookies and URLs.
pub fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Ko => "ko",
        Lang::En => "en",
    }
}

fn known(code: &str) -> Option<Lang> {
    match code.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
        "ko" => Some(Lang::Ko),
        "en" => Some(Lang::En),
        _ => None,
    }
}

/// The language requested by `?lang=`.
pub fn of_uri(uri: &Uri) -> Option<Lang> {
    let query = uri.query()?;
    let asked = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "lang")?;
    known(&asked.1)
}

/// The language in which to answer a request.
pub fn of_request(uri: &Uri, headers: &HeaderMap) -> Lang {
    of_uri(uri)
        .or_else(|| known(cookie(headers, COOKIE)?))
        .or_else(|| accepted(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?))
        .unwrap_or(Lang::Ko)
}

/// The supported language with the highest weight in `Accept-Language`; the first among equals.
fn accepted(list: &str) -> Option<Lang> {
    let mut best: Option<(Lang, f32)> = None;
    for range in list.split(',').take(32) {
        let mut parts = range.trim().split(';');
        let Some(lang) = parts.next().and_then(known) else {
            continue;
        };
        let weight = parts.find_map(|p| p.trim().strip_prefix("q=")?.parse().ok());
        let weight: f32 = weight.unwrap_or(1.0);
        if weight > 0.0 && best.is_none_or(|(_, w)| weight > w) {
            best = Some((lang, weight));
        }
    }
    best.map(|(lang, _)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_takes_precedence_over_cookie_and_accept_language() {
        for (uri, cookie, accept, lang) in [
            ("/", "", "", Lang::Ko),
            ("/", "", "en-GB,en;q=0.9,ko;q=0.8", Lang::En),
            ("/", "", "fr, ko;q=0.4, en;q=0.6", Lang::En),
            ("/", "", "de", Lang::Ko),
            ("/", "", "en;q=0", Lang::Ko),
            ("/", "a=b; lang=ko", "en", Lang::Ko),
            ("/?q=x&lang=en", "lang=ko", "ko", Lang::En),
            ("/?lang=xx", "lang=en", "ko", Lang::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(of_request(&uri, &headers), lang, "{uri} {cookie} {accept}");
        }
    }
}
