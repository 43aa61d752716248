//! The lock that admits one writer at a time.
//!
//! An OS lock on `writer.lock`, which is released when the process ends, however it ends. The
//! content of the file only tells other processes who holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use crate::index::{IndexError, LockHolder, Result};
use crate::korean_time;

const NAME: &str = "writer.lock";

/// Polling interval while waiting for the lock.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Holds the writer lock; released on drop.
#[derive(Debug)]
pub struct WriterLock {
    /// Closing the file releases the lock.
    _file: File,
}

impl WriterLock {
    /// Acquires the lock of the index in `dir` for `command`, waiting at most `wait`.
    ///
    /// # Errors
    /// [`IndexError::Locked`] with a description of the holder; [`IndexError::Io`].
    pub fn acquire(dir: &Path, command: &str, wait: Duration) -> Result<WriterLock> {
        let path = dir.join(NAME);
        let io = |e| IndexError::io(&path, e);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io)?;
        let until = Instant::now() + wait;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(e)) => return Err(io(e)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    thread::sleep(POLL_INTERVAL)
                }
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    // On some systems a locked file cannot be read; then the holder stays unknown.
                    let _ = file.take(500).read_to_string(&mut holder);
                    return Err(IndexError::Locked(read_holder(&holder)));
                }
            }
        }
        let holder = format!(
            "{command}\t{}\t{}\n",
            process::id(),
            korean_time::now().strftime("%F %T")
        );
        file.set_len(0).map_err(io)?;
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        file.write_all(holder.as_bytes()).map_err(io)?;
        Ok(WriterLock { _file: file })
    }
}

/// The command, the number of the process and the time, with tabs between them.
fn read_holder(text: &str) -> Option<LockHolder> {
    let mut parts = text.lines().next()?.split('\t');
    Some(LockHolder {
        command: parts.next()?.to_owned(),
        process: parts.next()?.parse().ok()?,
        since: parts.next()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_learns_who_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let first = WriterLock::acquire(dir.path(), "add", Duration::ZERO).unwrap();
        let refused = WriterLock::acquire(dir.path(), "remove", Duration::ZERO).unwrap_err();
        let message = refused.to_string();
        assert!(message.contains("\"add\""), "{message}");
        assert!(message.contains(&process::id().to_string()), "{message}");
        drop(first);
        WriterLock::acquire(dir.path(), "remove", Duration::ZERO).unwrap();
    }

    #[test]
    fn a_writer_waits() {
        let dir = tempfile::tempdir().unwrap();
        let first = WriterLock::acquire(dir.path(), "add", Duration::ZERO).unwrap();
        let ending = thread::spawn(move || {
            thread::sleep(Duration::from_millis(120));
            drop(first);
        });
        WriterLock::acquire(dir.path(), "remove", Duration::from_secs(20)).unwrap();
        ending.join().unwrap();
    }
}
