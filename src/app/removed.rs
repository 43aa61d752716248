//! `removed.jsonl`: the records of removed clippings, until the next `reindex`.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{AppError, Result};
use crate::atomic_file::{self, Durability};
use crate::index::{IndexError, StoredClipping};
use crate::small_file::NotAFile;

const NAME: &str = "removed.jsonl";

/// Maximum length of a line, twice that of a record of the largest page that `add` reads by default.
const MAX_LINE: u64 = 256 << 20;

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

/// A line of the file.
enum Line<'l> {
    Removed(Box<Removed>),
    /// With its end.
    Unreadable(&'l [u8]),
}

impl RemovedFile {
    pub(super) fn of(dir: &Path) -> RemovedFile {
        RemovedFile {
            path: dir.join(NAME),
        }
    }

    /// Appends the clippings of one removal durably. Takes them one by one, so they need not fit
    /// into memory.
    ///
    /// # Errors
    /// When one of them is an error, or the file cannot be written. Then it has none of them.
    pub(super) fn append(
        &self,
        clippings: impl Iterator<Item = Result<StoredClipping>>,
    ) -> Result<()> {
        let removal = self.last_removal()?.saturating_add(1);
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .map_err(|e| self.failed(e))?;
        let length = file.metadata().map_err(|e| self.failed(e))?.len();
        // A killed process may have left an incomplete line.
        let is_whole = self.ends_with_line()?;
        let mut out = BufWriter::new(file);
        let write = || {
            if !is_whole {
                out.write_all(b"\n").map_err(|e| self.failed(e))?;
            }
            for stored in clippings {
                let removed = Removed {
                    removal,
                    stored: stored?,
                };
                write_line(&mut out, &removed).map_err(|e| self.failed(e))?;
            }
            let synced = out.flush().and_then(|()| out.get_ref().sync_all());
            synced.map_err(|e| self.failed(e))
        };
        let written = write();
        if written.is_err() {
            // Without writing what is buffered.
            let (file, _) = out.into_parts();
            file.set_len(length).map_err(|e| self.failed(e))?;
        }
        written
    }

    /// Calls `each` with every clipping. Returns the number of unreadable lines.
    pub(super) fn each(&self, mut each: impl FnMut(Removed) -> Result<()>) -> Result<u64> {
        let mut unreadable = 0;
        self.each_line(|line| match line {
            Line::Removed(removed) => each(*removed),
            Line::Unreadable(_) => {
                unreadable += 1;
                Ok(())
            }
        })?;
        Ok(unreadable)
    }

    /// Calls `each` with every line. One that a killed process left incomplete is skipped: its clipping was
    /// not removed.
    fn each_line(&self, mut each: impl FnMut(Line<'_>) -> Result<()>) -> Result<()> {
        let Some(file) = self.open()? else {
            return Ok(());
        };
        let mut file = BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let limited = (&mut file).take(MAX_LINE).read_until(b'\n', &mut line);
            if limited.map_err(|e| self.failed(e))? == 0 {
                return Ok(());
            }
            if line.len() as u64 == MAX_LINE && !line.ends_with(b"\n") {
                let too_long = format!("a line of more than {} MB", MAX_LINE >> 20);
                return Err(self.failed(io::Error::new(io::ErrorKind::FileTooLarge, too_long)));
            }
            match serde_json::from_slice(line.trim_ascii_end()) {
                Ok(removed) => each(Line::Removed(Box::new(removed)))?,
                Err(e) if e.is_eof() => {}
                Err(_) => each(Line::Unreadable(&line))?,
            }
        }
    }

    /// Opens the file; `None` if there is none. A pipe would block.
    fn open(&self) -> Result<Option<File>> {
        let opened = fs::metadata(&self.path).and_then(|found| match found.is_file() {
            true => File::open(&self.path).map(Some),
            false => Err(NotAFile.into()),
        });
        match opened {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map_err(|e| self.failed(e)),
        }
    }

    /// Whether the file is empty or its last line is complete.
    fn ends_with_line(&self) -> Result<bool> {
        let Some(mut file) = self.open()? else {
            return Ok(true);
        };
        let mut last = [b'\n'];
        let read = file.metadata().and_then(|found| match found.len() {
            0 => Ok(()),
            _ => {
                file.seek(SeekFrom::End(-1))?;
                file.read_exact(&mut last)
            }
        });
        read.map_err(|e| self.failed(e))?;
        Ok(last == *b"\n")
    }

    /// Checks that every line can be read.
    ///
    /// # Errors
    /// When one cannot.
    pub(super) fn check(&self) -> Result<()> {
        match self.each(|_| Ok(()))? {
            0 => Ok(()),
            unreadable => Err(self.failed(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{unreadable} unreadable lines"),
            ))),
        }
    }

    /// The full ids of removed clippings with these ids or unique prefixes of ids.
    pub(super) fn resolve(&self, ids: &[String]) -> Result<BTreeSet<String>> {
        let mut known = BTreeSet::new();
        if !ids.is_empty() {
            self.each(|removed| {
                known.insert(removed.stored.clipping.id);
                Ok(())
            })?;
        }
        let full = ids.iter().map(|id| {
            let mut found = known.range(id.clone()..).take_while(|k| k.starts_with(id));
            match (found.next(), found.next()) {
                (None, _) => Err(AppError::NotRemoved(id.clone())),
                (Some(other), Some(_)) if other != id => {
                    Err(AppError::Index(IndexError::Ambiguous {
                        prefix: id.clone(),
                        names: known.range(id.clone()..).take(2).cloned().collect(),
                    }))
                }
                (Some(full), _) => Ok(full.clone()),
            }
        });
        full.collect()
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

    /// Keeps only the clippings for which `keep` is true, and unreadable lines as they are.
    pub(super) fn retain(&self, keep: impl Fn(&Removed) -> bool) -> Result<()> {
        let replaced = atomic_file::replace(&self.path, Durability::Synced, |mut out| {
            let written = self.each_line(|line| {
                let written = match line {
                    Line::Removed(removed) if keep(&removed) => write_line(&mut out, &removed),
                    Line::Removed(_) => Ok(()),
                    Line::Unreadable(line) => out.write_all(line),
                };
                written.map_err(|e| self.failed(e))
            });
            written.map_err(io::Error::other)
        });
        replaced.map_err(|e| e.downcast::<AppError>().unwrap_or_else(|e| self.failed(e)))
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
