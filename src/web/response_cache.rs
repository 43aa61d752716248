//! Compressed responses of the current state of the index, by entity tag. People go back and forth
//! between results and articles, and several ask for the same pages.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Bytes of each generation: some 600 pages of results.
const MAX_BYTES: usize = 8 << 20;

/// Larger responses are not cached.
const MAX_RESPONSE_BYTES: usize = 1 << 20;

/// Keeps the responses used since the generation before the last one was full.
#[derive(Debug, Default)]
pub struct ResponseCache(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<HeaderValue, Entry>,
    young_bytes: usize,
    old: HashMap<HeaderValue, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    headers: HeaderMap,
    /// gzip.
    body: Bytes,
}

impl ResponseCache {
    /// The response with this entity tag.
    pub fn get(&self, tag: &HeaderValue) -> Option<Response> {
        let mut generations = self.lock();
        let entry = match generations.young.get(tag) {
            Some(entry) => entry.clone(),
            None => {
                let entry = generations.old.remove(tag)?;
                generations.insert(tag.clone(), entry.clone());
                entry
            }
        };
        drop(generations);
        Some(entry.into_response())
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
        let entry = Entry {
            headers: parts.headers,
            body: compressed.into(),
        };
        self.lock().insert(tag, entry.clone());
        entry.into_response()
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn insert(&mut self, tag: HeaderValue, entry: Entry) {
        if self.young_bytes + entry.body.len() > MAX_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += entry.body.len();
        if let Some(replaced) = self.young.insert(tag, entry) {
            self.young_bytes -= replaced.body.len();
        }
    }
}

impl Entry {
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

    #[tokio::test]
    async fn memory_is_bounded_and_used_responses_stay() {
        let cache = ResponseCache::default();
        // Random digits, so that they are not compressed to nothing.
        let mut state = 1u64;
        let mut noise = || {
            let digits = (0..400_000).map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                char::from(b'!' + (state >> 58) as u8)
            });
            digits.collect::<String>()
        };
        let tag = |n: usize| HeaderValue::try_from(format!("\"{n}\"")).unwrap();
        for n in 0..80 {
            cache.keep(page(&format!("\"{n}\""), noise())).await;
            assert!(cache.get(&tag(0)).is_some(), "{n}");
        }
        assert!(cache.get(&tag(1)).is_none());
        assert!(cache.get(&tag(79)).is_some());
        let generations = cache.lock();
        let bytes = |map: &HashMap<HeaderValue, Entry>| -> usize {
            map.values().map(|entry| entry.body.len()).sum()
        };
        assert_eq!(bytes(&generations.young), generations.young_bytes);
        assert!(generations.young_bytes <= MAX_BYTES);
        assert!(bytes(&generations.old) <= MAX_BYTES);
    }
}
