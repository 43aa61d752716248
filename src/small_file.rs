//! Reads small files that users write: `saved.json`, `synonyms.txt` and the like.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The reason for refusing a pipe, a device or a folder.
#[derive(Debug, thiserror::Error)]
#[error("not a regular file")]
pub struct NotAFile;

impl From<NotAFile> for io::Error {
    fn from(error: NotAFile) -> Self {
        io::Error::new(io::ErrorKind::InvalidInput, error)
    }
}

/// The content of a regular file of at most `limit` bytes. Pipes, which would block on opening, and
/// devices, which may be endless, are errors.
///
/// # Errors
/// Those of the file system; [`io::ErrorKind::InvalidInput`] for something other than a file,
/// [`io::ErrorKind::FileTooLarge`].
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(NotAFile.into());
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("larger than {} MB", limit >> 20),
        )),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_small_regular_files_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, [b'x'; 100]).unwrap();
        assert_eq!(read(&path, 100).unwrap().len(), 100);
        assert_eq!(
            read(&path, 99).unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
        assert_eq!(
            read(dir.path(), 99).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
    }
}
