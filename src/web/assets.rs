//! Embedded scripts, styles and icons. Their URLs contain a hash of their content, so browsers may
//! cache them forever.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

struct Asset {
    /// File name in `static/`.
    name: &'static str,
    /// File name with the hash, as in the URL.
    hashed: String,
    kind: &'static str,
    text: &'static str,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    const JS: &str = "text/javascript; charset=utf-8";
    let assets = [
        (
            "style.css",
            "text/css; charset=utf-8",
            include_str!("static/style.css"),
        ),
        ("page.js", JS, include_str!("static/page.js")),
        ("icon.svg", "image/svg+xml", include_str!("static/icon.svg")),
    ];
    assets
        .into_iter()
        .map(|(name, kind, text)| {
            let hash = blake3::hash(text.as_bytes()).to_hex();
            let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
            let hash = hash.get(..12).unwrap_or_default();
            Asset {
                name,
                hashed: format!("{stem}.{hash}.{ending}"),
                kind,
                text,
            }
        })
        .collect()
});

/// The URL of an asset; empty for unknown names.
pub fn url(name: &str) -> String {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    asset.map_or_else(String::new, |asset| format!("/static/{}", asset.hashed))
}

/// Changes with any asset; part of the entity tags of pages, which contain their URLs.
pub fn version() -> &'static str {
    static ALL: LazyLock<String> =
        LazyLock::new(|| ASSETS.iter().map(|asset| asset.hashed.as_str()).collect());
    &ALL
}

/// `GET /static/{name}`.
pub async fn get(Path(name): Path<String>) -> Result<Response, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.hashed == name);
    let asset = asset.ok_or_else(Problem::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    Ok((headers, Bytes::from_static(asset.text.as_bytes())).into_response())
}
