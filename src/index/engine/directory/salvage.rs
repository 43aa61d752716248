//! A read-only directory over a damaged data folder, which ignores tantivy's list of managed files.
//!
//! tantivy opens the files of a segment through an index, and an index through `meta.json`. If that
//! is damaged, an empty index is created in this directory, which writes nothing to disk.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{DirectoryLock, FileHandle, Lock, WatchCallback, WatchHandle, WritePtr};

use super::{META, VerifiedDirectory};
use crate::index::Result;

#[derive(Debug, Clone)]
pub(in crate::index) struct SalvageDirectory {
    files: VerifiedDirectory,
    has_stores: bool,
}

impl SalvageDirectory {
    pub(in crate::index) fn open(path: &Path) -> Result<SalvageDirectory> {
        Ok(SalvageDirectory {
            files: VerifiedDirectory::open(path)?,
            has_stores: true,
        })
    }

    /// Without record stores, to open the rest of a segment whose store is damaged. The stores must
    /// not be read.
    pub(in crate::index) fn without_stores(path: &Path) -> Result<SalvageDirectory> {
        Ok(SalvageDirectory {
            has_stores: false,
            ..SalvageDirectory::open(path)?
        })
    }
}

impl Directory for SalvageDirectory {
    fn get_file_handle(
        &self,
        path: &Path,
    ) -> std::result::Result<Arc<dyn FileHandle>, OpenReadError> {
        match self.has_stores || path.extension().is_none_or(|e| e != "store") {
            true => self.files.get_file_handle(path),
            // tantivy reads the footer of the store when it opens a segment, so another file with
            // one stands in.
            false => self
                .files
                .get_file_handle(&path.with_extension("fieldnorm")),
        }
    }

    fn delete(&self, _: &Path) -> std::result::Result<(), DeleteError> {
        Ok(())
    }

    fn exists(&self, path: &Path) -> std::result::Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn open_write(&self, path: &Path) -> std::result::Result<WritePtr, OpenWriteError> {
        let refused = io::ErrorKind::ReadOnlyFilesystem.into();
        Err(OpenWriteError::wrap_io_error(refused, path.to_owned()))
    }

    fn atomic_read(&self, path: &Path) -> std::result::Result<Vec<u8>, OpenReadError> {
        match path == Path::new(META) {
            true => self.files.atomic_read(path),
            false => Err(OpenReadError::FileDoesNotExist(path.to_owned())),
        }
    }

    fn atomic_write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _: &Lock) -> std::result::Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
