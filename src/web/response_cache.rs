//! Compressed responses of the current state of the index, by entity tag. People go back and forth
//! between results and articles, and several ask for the same pages.

use std::io::{self, Write};

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::cache::Cache;

/// Bytes of each generation: some 600 pages of results.
const MAX_BYTES: usize = 8 << 20;

/// Larger responses are not cached.
const MAX_RESPONSE_BYTES: usize = 1 << 20;

/// The responses used lately.
#[derive(Debug)]
pub struct ResponseCache(Cache<HeaderValue, CachedResponse>);

#[derive(Debug, Clone)]
struct CachedResponse {
    headers: HeaderMap,
    /// gzip.
    body: Bytes,
}

impl Default for ResponseCache {
    fn default() -> Self {
        ResponseCache(Cache::new(MAX_BYTES))
    }
}

impl ResponseCache {
    /// The response with this entity tag.
    pub fn get(&self, tag: &HeaderValue) -> Option<Response> {
        self.0.get(tag).map(CachedResponse::into_response)
    }

    /// Caches `response` under its entity tag, if it has one and its length is known, and returns
    /// it compressed.
    pub async fn keep(&self, response: Response) -> Response {
        let length = response.body().size_hint().exact();
        let is_small = length.is_some_and(|length| length <= MAX_RESPONSE_BYTES as u64);
        let is_plain = !response.headers().contains_key(header::CONTENT_ENCODING);
        let tag = response.headers().get(header::ETAG).cloned();
        let Some(tag) = tag.filter(|_| is_small && is_plain && response.status().is_success())
        else {
            return response;
        };
        let (mut parts, body) = response.into_parts();
        let Ok(body) = to_bytes(body, MAX_RESPONSE_BYTES).await else {
            return Response::from_parts(parts, Body::empty());
        };
        let Ok(compressed) = gzip(&body) else {
            return Response::from_parts(parts, Body::from(body));
        };
        let gzip = HeaderValue::from_static("gzip");
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.insert(header::CONTENT_ENCODING, gzip);
        let entry = CachedResponse {
            headers: parts.headers,
            body: compressed.into(),
        };
        let bytes = entry.body.len();
        self.0.insert(tag, entry.clone(), bytes);
        entry.into_response()
    }
}

impl CachedResponse {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.headers_mut() = self.headers;
        response
    }
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    async fn text(response: Response) -> String {
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let mut text = String::new();
        GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap();
        text
    }

    fn page(tag: &str, text: String) -> Response {
        let mut response = Response::new(Body::from(text));
        let tag = HeaderValue::try_from(tag).unwrap();
        response.headers_mut().insert(header::ETAG, tag);
        response
    }

    #[tokio::test]
    async fn responses_are_kept_by_their_tag() {
        let cache = ResponseCache::default();
        let kept = cache.keep(page("\"1\"", "본문".to_owned())).await;
        assert_eq!(kept.headers()[header::CONTENT_ENCODING], "gzip");
        let again = cache.get(&HeaderValue::from_static("\"1\"")).unwrap();
        assert_eq!(again.headers(), kept.headers());
        assert_eq!(
            (text(kept).await, text(again).await),
            ("본문".into(), "본문".into())
        );
        assert!(cache.get(&HeaderValue::from_static("\"2\"")).is_none());
    }
}
