//! `removed.jsonl`: the records of removed clippings, until the next `reindex`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{AppError, Result};
use crate::index::StoredClipping;

const NAME: &str = "removed.jsonl";

/// A removed clipping.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Removed {
    /// Number of the removal that it was part of.
    pub(super) removal: u64,
    #[serde(flatten)]
    pub(super) stored: StoredClipping,
}

/// The file in the index folder `dir`. Callers must hold the writer lock.
pub(super) struct RemovedFile {
    path: PathBuf,
}

impl RemovedFile {
    pub(super) fn of(dir: &Path) -> RemovedFile {
        RemovedFile {
            path: dir.join(NAME),
        }
    }

    /// Appends the clippings of one removal durably. Takes them one by one, so they need not fit
    /// into memory.
    pub(super) fn append(
        &self,
        clippings: impl Iterator<Item = Result<StoredClipping>>,
    ) -> Result<()> {
        let removal = self.last_removal()? + 1;
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .map_err(|e| self.failed(e))?;
        let mut out = BufWriter::new(file);
        for stored in clippings {
            let removed = Removed {
                removal,
                stored: stored?,
            };
            write_line(&mut out, &removed).map_err(|e| self.failed(e))?;
        }
        let synced = out.flush().and_then(|()| out.get_ref().sync_all());
        synced.map_err(|e| self.failed(e))
    }

    /// Calls `each` with every clipping. A line that a killed process left incomplete is skipped:
    /// its clipping was not removed.
    pub(super) fn each(&self, mut each: impl FnMut(Removed) -> Result<()>) -> Result<()> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(self.failed(e)),
        };
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(|e| self.failed(e))?;
            if let Ok(removed) = serde_json::from_slice(&line) {
                each(removed)?;
            }
        }
        Ok(())
    }

    /// Number of the last removal; 0 if there was none.
    pub(super) fn last_removal(&self) -> Result<u64> {
        let mut last = 0;
        self.each(|removed| {
            last = last.max(removed.removal);
            Ok(())
        })?;
        Ok(last)
    }

    /// Keeps only the clippings for which `keep` is true.
    pub(super) fn retain(&self, keep: impl Fn(&Removed) -> bool) -> Result<()> {
        let beside = self.path.with_extension("new");
        let file = File::create(&beside).map_err(|e| self.failed(e))?;
        let mut out = BufWriter::new(file);
        self.each(|removed| {
            if keep(&removed) {
                write_line(&mut out, &removed).map_err(|e| self.failed(e))?;
            }
            Ok(())
        })?;
        let synced = out.flush().and_then(|()| out.get_ref().sync_all());
        let replaced = synced.and_then(|()| fs::rename(&beside, &self.path));
        replaced.map_err(|e| self.failed(e))
    }

    /// Removes the file.
    pub(super) fn clear(&self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(self.failed(e)),
            _ => Ok(()),
        }
    }

    fn failed(&self, source: io::Error) -> AppError {
        AppError::Unreadable {
            path: self.path.clone(),
            source,
        }
    }
}

fn write_line(out: &mut impl Write, removed: &Removed) -> io::Result<()> {
    serde_json::to_writer(&mut *out, removed)?;
    out.write_all(b"\n")
}
