//! Scripts, styles and icons, compiled in. Their addresses hold a hash of their content, so that a
//! browser may keep them for good.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

struct Asset {
    /// Name in the source.
    name: &'static str,
    /// Name with the hash.
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

/// The address of an asset; empty for a name that is none.
pub fn address(name: &str) -> String {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    asset.map_or_else(String::new, |asset| format!("/static/{}", asset.hashed))
}

/// A hash over all assets, for entity tags of pages that name them.
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
