//! HTTP helpers: cookies, entity tags, streamed bodies.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderValue, header};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::timeout;

/// The value of the cookie `name`.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lists = headers.get_all(header::COOKIE).into_iter();
    let pairs = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Whether any `If-None-Match` header in `known` matches `tag`.
pub fn matches(known: &[HeaderValue], tag: &HeaderValue) -> bool {
    let tag = tag.as_bytes();
    known.iter().any(|list| {
        let mut tags = list.as_bytes().split(|byte| *byte == b',');
        tags.any(|one| matches!(one.trim_ascii(), b"*") || one.trim_ascii() == tag)
    })
}

/// Whether `Accept-Encoding` names gzip without forbidding it.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    let lists = lists.filter_map(|list| list.to_str().ok());
    let mut codings = lists.flat_map(|list| list.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight: String = weight.chars().filter(|c| !c.is_whitespace()).collect();
        let is_forbidden = weight
            .strip_prefix("q=")
            .is_some_and(|q| q.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !is_forbidden
    })
}

/// Chunks buffered for a slow client.
const QUEUED_CHUNKS: usize = 4;
const CHUNK_BYTES: usize = 64 << 10;

/// The response is aborted if the client reads nothing for this long.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// A response body and its writer, for use on a blocking thread. Dropping the writer ends the body;
/// flush it first.
pub fn streamed() -> (BodyWriter, Body) {
    let (sender, receiver) = mpsc::channel(QUEUED_CHUNKS);
    let writer = BodyWriter {
        sender,
        runtime: Handle::current(),
        buffer: Vec::with_capacity(CHUNK_BYTES),
    };
    (writer, Body::new(Streamed { receiver }))
}

/// Writes a body from a thread that may block.
#[derive(Debug)]
pub struct BodyWriter {
    sender: Sender<io::Result<Bytes>>,
    runtime: Handle,
    buffer: Vec<u8>,
}

impl BodyWriter {
    /// Aborts the body, so that the client notices that it is incomplete.
    pub fn fail(self, e: io::Error) {
        let _ = self.send(Err(e));
    }

    /// Sends a chunk at once, from an asynchronous task.
    ///
    /// # Errors
    /// When the client has disconnected or stalled.
    pub async fn send_now(&self, chunk: String) -> io::Result<()> {
        match timeout(STALL_TIMEOUT, self.sender.send(Ok(Bytes::from(chunk)))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Completes when the client has disconnected.
    pub async fn closed(&self) {
        self.sender.closed().await;
    }

    fn send(&self, chunk: io::Result<Bytes>) -> io::Result<()> {
        let sent = self
            .runtime
            .block_on(timeout(STALL_TIMEOUT, self.sender.send(chunk)));
        match sent {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Write for BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK_BYTES));
        self.send(Ok(Bytes::from(chunk)))
    }
}

struct Streamed {
    receiver: Receiver<io::Result<Bytes>>,
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, io::Error>>> {
        let chunk = self.receiver.poll_recv(context);
        chunk.map(|chunk| chunk.map(|chunk| chunk.map(http_body::Frame::data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_only_if_it_is_accepted() {
        for (list, accepts) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("br;q=1.0, gzip; q=0", false),
            ("gzip;q=0.0", false),
            ("identity, *", false),
            ("x-gzip", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(header::ACCEPT_ENCODING, list.parse().unwrap());
            assert_eq!(accepts_gzip(&headers), accepts, "{list}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn cookies_are_matched_by_full_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "xlang=1; lang=en;empty=".parse().unwrap());
        headers.append(header::COOKIE, "session=a=b".parse().unwrap());
        assert_eq!(cookie(&headers, "lang"), Some("en"));
        assert_eq!(cookie(&headers, "session"), Some("a=b"));
        assert_eq!(cookie(&headers, "empty"), Some(""));
        assert_eq!(cookie(&headers, "ang"), None);
    }

    #[test]
    fn if_none_match_may_list_several_tags() {
        let tag = HeaderValue::from_static("W/\"ab\"");
        for (list, is_match) in [
            ("W/\"ab\"", true),
            ("\"x\", W/\"ab\"", true),
            ("*", true),
            ("W/\"a\"", false),
            ("", false),
        ] {
            assert_eq!(matches(&[list.parse().unwrap()], &tag), is_match, "{list}");
        }
    }

    #[tokio::test]
    async fn bodies_are_streamed() {
        let (mut writer, body) = streamed();
        let written = tokio::task::spawn_blocking(move || {
            for _ in 0..100 {
                writer.write_all(&[b'x'; 10_000])?;
            }
            writer.flush()
        });
        let read = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        assert_eq!(read.len(), 1_000_000);
        written.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn writing_fails_after_the_client_disconnects() {
        let (mut writer, body) = streamed();
        drop(body);
        let written = tokio::task::spawn_blocking(move || writer.write_all(&[0; CHUNK_BYTES + 1]));
        assert!(written.await.unwrap().is_err());
    }
}
