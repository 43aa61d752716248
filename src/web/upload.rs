//! Bodies of any size, written to disk as they arrive.

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

/// Bytes of an upload.
pub const MAX_UPLOAD_BYTES: u64 = 4 << 30;

/// Files of an upload.
pub const MAX_FILES: usize = 50_000;

/// Bytes of a form with a text, or with a page that a bookmarklet sent. Korean text takes three bytes
/// for one in a form.
pub const MAX_FORM_BYTES: usize = 16 << 20;

/// A client that sends nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Pieces that wait for the disk.
const PIECES: usize = 16;

/// Refuses a body that says it is larger than an upload may be.
///
/// # Errors
/// When it is.
pub fn check_length(headers: &HeaderMap) -> Result<(), Problem> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length: Option<u64> = length.and_then(|length| length.to_str().ok()?.parse().ok());
    match length.is_some_and(|length| length > MAX_UPLOAD_BYTES) {
        true => Err(Problem::new(Code::TooLarge)),
        false => Ok(()),
    }
}

/// The bytes of a form.
///
/// # Errors
/// When it is larger than [`MAX_FORM_BYTES`] or breaks off.
pub async fn form(body: Body) -> Result<Bytes, Problem> {
    to_bytes(body, MAX_FORM_BYTES)
        .await
        .map_err(|_| Problem::new(Code::TooLarge))
}

/// What `arriving` gives, unless nothing arrives for a minute.
///
/// # Errors
/// When the body breaks off.
pub async fn in_time<T>(arriving: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    let late = || Problem::new(Code::BadRequest).with_detail("the body broke off");
    timeout(PATIENCE, arriving)
        .await
        .unwrap_or_else(|_| Err(late()))
}

/// Writes a body to `file`; returns its size.
///
/// # Errors
/// When it is larger than an upload may be, breaks off, or cannot be written.
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
        let Some(frame) = in_time(next).await? else {
            break;
        };
        if let Ok(piece) = frame.into_data() {
            size += piece.len() as u64;
            if size > MAX_UPLOAD_BYTES {
                return Err(Problem::new(Code::TooLarge));
            }
            out.write(piece).await?;
        }
    }
    out.finish().await?;
    Ok(size)
}

/// Writes a file from an asynchronous task.
pub struct FileWriter {
    pieces: Sender<Bytes>,
    written: JoinHandle<io::Result<()>>,
}

impl FileWriter {
    /// A writer of `file`.
    pub fn new(mut file: File) -> FileWriter {
        let (pieces, mut arriving) = mpsc::channel::<Bytes>(PIECES);
        let written = spawn_blocking(move || {
            while let Some(piece) = arriving.blocking_recv() {
                file.write_all(&piece)?;
            }
            Ok(())
        });
        FileWriter { pieces, written }
    }

    /// Writes a piece, as soon as the disk is ready for it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn write(&mut self, piece: Bytes) -> Result<(), Problem> {
        match self.pieces.send(piece).await {
            Ok(()) => Ok(()),
            Err(_) => Err(outcome((&mut self.written).await)
                .err()
                .unwrap_or_else(|| Problem::new(Code::Internal))),
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn finish(self) -> Result<(), Problem> {
        drop(self.pieces);
        outcome(self.written.await)
    }
}

fn outcome(written: Result<io::Result<()>, tokio::task::JoinError>) -> Result<(), Problem> {
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(e)) => Err(of_disk(&e)),
        Err(_) => Err(Problem::new(Code::Internal)),
    }
}

/// What the disk failed with.
pub fn of_disk(e: &io::Error) -> Problem {
    match e.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Problem::new(Code::NoSpace),
        _ => Problem::new(Code::Internal).with_detail(e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_written_to_its_end() {
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
    async fn what_cannot_be_written_is_a_problem() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("body");
        std::fs::write(&path, "").unwrap();
        let saved = save(Body::from("text"), File::open(&path).unwrap()).await;
        assert_eq!(saved.unwrap_err().code, Code::Internal);
    }

    #[test]
    fn what_is_too_large_is_refused_before_it_is_sent() {
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
