//! Conversion of tantivy's errors.

use std::io;
use std::path::PathBuf;

use tantivy::TantivyError;
use tantivy::directory::error::{OpenDirectoryError, OpenReadError, OpenWriteError};

use crate::index::{Damage, IndexError};

/// Keeps the OS error and the path where tantivy has them.
impl From<TantivyError> for IndexError {
    fn from(error: TantivyError) -> Self {
        let of_io = |path: PathBuf, e: &io::Error| IndexError::Io {
            path,
            // tantivy wraps the error and loses its kind; the message still has the number.
            source: system_error(&e.to_string())
                .unwrap_or_else(|| io::Error::new(e.kind(), e.to_string())),
        };
        match &error {
            // A checksum mismatch, found by `directory`.
            TantivyError::IoError(e)
            | TantivyError::OpenReadError(OpenReadError::IoError { io_error: e, .. })
                if matches!(
                    e.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
                ) =>
            {
                IndexError::Damaged(Damage::from(&**e))
            }
            TantivyError::IoError(e) => of_io(PathBuf::from("index"), e),
            TantivyError::OpenReadError(OpenReadError::IoError { io_error, filepath })
            | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, filepath }) => {
                of_io(filepath.clone(), io_error)
            }
            TantivyError::OpenDirectoryError(OpenDirectoryError::IoError {
                io_error,
                directory_path,
            }) => of_io(directory_path.clone(), io_error),
            TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(path))
            | TantivyError::OpenDirectoryError(
                OpenDirectoryError::DoesNotExist(path) | OpenDirectoryError::NotADirectory(path),
            ) => IndexError::Damaged(Damage::Missing(path.display().to_string())),
            TantivyError::DataCorruption(_)
            | TantivyError::SchemaError(_)
            | TantivyError::IncompatibleIndex(_) => {
                IndexError::Damaged(Damage::Other(error.to_string()))
            }
            _ => match system_error(&error.to_string()) {
                Some(e) => of_io(PathBuf::from("index"), &e),
                None => IndexError::Engine(error.to_string()),
            },
        }
    }
}

/// tantivy's threads pass OS errors on as text: `... (os error 28)`.
fn system_error(message: &str) -> Option<io::Error> {
    let (_, rest) = message.rsplit_once("(os error ")?;
    let (number, _) = rest.split_once(')')?;
    number.parse().ok().map(io::Error::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_full_disk_is_reported_from_any_thread() {
        let error = TantivyError::SystemError(
            "An error occurred: 'No space left on device (os error 28)'".to_owned(),
        );
        let wrapped = io::Error::other(io::Error::from_raw_os_error(28).to_string());
        for error in [error, TantivyError::from(wrapped)] {
            let error = IndexError::from(error);
            assert!(
                matches!(&error, IndexError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull),
                "{error}"
            );
        }
    }
}
