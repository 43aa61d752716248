//! Writes request bodies to disk as they arrive.

use std::fs::File;
use std::future::{Future, poll_fn};
use std::io::{self, Write};
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::{HeaderMap, header};
use tokio::sync::mpsc::{self, Sender};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use super::problem::{Code, Problem};

/// Maximum size of an upload.
pub const MAX_UPLOAD_BYTES: u64 = 4 << 30;

/// Maximum number of files in an upload.
pub const MAX_FILES: usize = 50_000;

/// Maximum size of a form with a text or with a page sent by the bookmarklet. URL encoding triples
/// the size of Korean text.
pub const MAX_FORM_BYTES: usize = 16 << 20;

/// The request fails if the client sends nothing for this long.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// Chunks buffered for the disk.
const QUEUED_CHUNKS: usize = 16;

/// Rejects a `Content-Length` over [`MAX_UPLOAD_BYTES`] before the body is read.
pub fn check_length(headers: &HeaderMap) -> Result<(), Problem> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length: Option<u64> = length.and_then(|length| length.to_str().ok()?.parse().ok());
    match length.is_some_and(|length| length > MAX_UPLOAD_BYTES) {
        true => Err(Problem::new(Code::TooLarge)),
        false => Ok(()),
    }
}

/// Reads a form of at most [`MAX_FORM_BYTES`].
pub async fn form(body: Body) -> Result<Bytes, Problem> {
    to_bytes(body, MAX_FORM_BYTES)
        .await
        .map_err(|_| Problem::new(Code::TooLarge))
}

/// Awaits the next part of a body for at most [`STALL_TIMEOUT`].
pub async fn within_timeout<T>(
    arriving: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let late = || Problem::new(Code::BadRequest).with_detail("timed out while reading the body");
    timeout(STALL_TIMEOUT, arriving)
        .await
        .unwrap_or_else(|_| Err(late()))
}

/// Writes a body to `file` and returns its size.
///
/// # Errors
/// When the body is larger than [`MAX_UPLOAD_BYTES`] or ends early, or when writing fails.
pub async fn save(mut body: Body, file: File) -> Result<u64, Problem> {
    let mut out = FileWriter::new(file);
    let mut size = 0;
    loop {
        let next = async {
            match poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
                None => Ok(None),
                Some(Ok(frame)) => Ok(Some(frame)),
                Some(Err(e)) => Err(Problem::new(Code::BadRequest).with_detail(e.to_string())),
            }
        };
        let Some(frame) = within_timeout(next).await? else {
            break;
        };
        if let Ok(chunk) = frame.into_data() {
            size += chunk.len() as u64;
            if size > MAX_UPLOAD_BYTES {
                return Err(Problem::new(Code::TooLarge));
            }
            out.write(chunk).await?;
        }
    }
    out.finish().await?;
    Ok(size)
}

/// Writes a file from an asynchronous task, on a blocking thread.
pub struct FileWriter {
    chunks: Sender<Bytes>,
    written: JoinHandle<io::Result<()>>,
}

impl FileWriter {
    pub fn new(mut file: File) -> FileWriter {
        let (chunks, mut arriving) = mpsc::channel::<Bytes>(QUEUED_CHUNKS);
        let written = spawn_blocking(move || {
            while let Some(chunk) = arriving.blocking_recv() {
                file.write_all(&chunk)?;
            }
            Ok(())
        });
        FileWriter { chunks, written }
    }

    /// Queues a chunk, waiting if the disk is behind.
    ///
    /// # Errors
    /// When writing an earlier chunk failed.
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), Problem> {
        match self.chunks.send(chunk).await {
            Ok(()) => Ok(()),
            Err(_) => Err(outcome((&mut self.written).await)
                .err()
                .unwrap_or_else(|| Problem::new(Code::Internal))),
        }
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// When writing failed.
    pub async fn finish(self) -> Result<(), Problem> {
        drop(self.chunks);
        outcome(self.written.await)
    }
}

fn outcome(written: Result<io::Result<()>, tokio::task::JoinError>) -> Result<(), Problem> {
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(e)) => Err(from_io(&e)),
        Err(_) => Err(Problem::new(Code::Internal)),
    }
}

/// The problem for a disk error.
pub fn from_io(e: &io::Error) -> Problem {
    match e.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Problem::new(Code::NoSpace),
        _ => Problem::new(Code::Internal).with_detail(e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn save_writes_the_whole_body() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("body");
        let size = save(
            Body::from(vec![b'x'; 1 << 20]),
            File::create(&path).unwrap(),
        )
        .await;
        assert_eq!(size.unwrap(), 1 << 20);
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 1 << 20);
    }

    #[tokio::test]
    async fn save_reports_write_errors() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("body");
        std::fs::write(&path, "").unwrap();
        let saved = save(Body::from("text"), File::open(&path).unwrap()).await;
        assert_eq!(saved.unwrap_err().code, Code::Internal);
    }

    #[test]
    fn check_length_rejects_large_bodies() {
        for (length, is_refused) in [
            ("10", false),
            ("4294967296", false),
            ("4294967297", true),
            ("x", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_LENGTH, length.parse().unwrap());
            assert_eq!(check_length(&headers).is_err(), is_refused, "{length}");
        }
    }
}
