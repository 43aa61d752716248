//! Small parts of HTTP: cookies, entity tags, bodies that are written while they are sent.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderValue, header};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::timeout;

/// The value of a cookie.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lists = headers.get_all(header::COOKIE).into_iter();
    let pairs = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Whether `tag` is among the `known` values of `If-None-Match`.
pub fn matches(known: &[HeaderValue], tag: &HeaderValue) -> bool {
    let tag = tag.as_bytes();
    known.iter().any(|list| {
        let mut tags = list.as_bytes().split(|byte| *byte == b',');
        tags.any(|one| matches!(one.trim_ascii(), b"*") || one.trim_ascii() == tag)
    })
}

/// Bytes that may wait for the client.
const PIECES: usize = 4;
const PIECE: usize = 64 << 10;

/// A client that reads nothing for so long has its answer cut off.
const PATIENCE: Duration = Duration::from_secs(60);

/// A body and the writer that fills it from a thread. When the writer is dropped the body ends; what
/// is written and not flushed is lost.
pub fn streamed() -> (BodyWriter, Body) {
    let (sender, receiver) = mpsc::channel(PIECES);
    let writer = BodyWriter {
        sender,
        runtime: Handle::current(),
        buffer: Vec::with_capacity(PIECE),
    };
    (writer, Body::new(Streamed { receiver }))
}

/// Writes a body; for threads that may block.
#[derive(Debug)]
pub struct BodyWriter {
    sender: Sender<io::Result<Bytes>>,
    runtime: Handle,
    buffer: Vec<u8>,
}

impl BodyWriter {
    /// Breaks the body off, so that the client sees that it is not whole.
    pub fn fail(self, e: io::Error) {
        let _ = self.send(Err(e));
    }

    /// Sends a piece from an asynchronous task.
    ///
    /// # Errors
    /// When the client is gone or does not read.
    pub async fn send_now(&self, piece: String) -> io::Result<()> {
        match timeout(PATIENCE, self.sender.send(Ok(Bytes::from(piece)))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Waits until the client is gone.
    pub async fn closed(&self) {
        self.sender.closed().await;
    }

    fn send(&self, piece: io::Result<Bytes>) -> io::Result<()> {
        let sent = self
            .runtime
            .block_on(timeout(PATIENCE, self.sender.send(piece)));
        match sent {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Write for BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE));
        self.send(Ok(Bytes::from(piece)))
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
        let piece = self.receiver.poll_recv(context);
        piece.map(|piece| piece.map(|piece| piece.map(http_body::Frame::data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "xlang=1; lang=en;empty=".parse().unwrap());
        headers.append(header::COOKIE, "session=a=b".parse().unwrap());
        assert_eq!(cookie(&headers, "lang"), Some("en"));
        assert_eq!(cookie(&headers, "session"), Some("a=b"));
        assert_eq!(cookie(&headers, "empty"), Some(""));
        assert_eq!(cookie(&headers, "ang"), None);
    }

    #[test]
    fn entity_tags_are_compared_one_by_one() {
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
    async fn a_body_is_written_while_it_is_read() {
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
    async fn a_client_that_leaves_ends_the_writing() {
        let (mut writer, body) = streamed();
        drop(body);
        let written = tokio::task::spawn_blocking(move || writer.write_all(&[0; PIECE + 1]));
        assert!(written.await.unwrap().is_err());
    }
}
