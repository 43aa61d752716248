//! The ledger: which sources were read, so that unchanged ones are skipped.
//!
//! A cache in `ledger.redb` beside the index. A row is written after the commit that contains the
//! clippings of its source, so losing rows only means reading sources again. It also stores what
//! was skipped and why, for `stats --skipped`.

use std::cell::Cell;
use std::fs::Metadata;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redb::{
    Database, Durability, ReadOnlyDatabase, ReadableDatabase, ReadableTable, TableDefinition,
};
use serde::{Deserialize, Serialize};

use crate::index::{IndexError, Result};
use crate::source::SkipReason;

const NAME: &str = "ledger.redb";

/// Version of the row format. A ledger with another version is emptied, and every source is read
/// once more.
const VERSION: u64 = 2;

/// One row: the version.
const ABOUT: TableDefinition<(), u64> = TableDefinition::new("about");

/// Absolute path of a source, as bytes → see [`row`].
const SOURCES: TableDefinition<&[u8], &[u8]> = TableDefinition::new("sources");

/// File system timestamps have coarse ticks: a file modified this shortly before it was read may
/// change again within the tick and look unchanged.
const TICK: Duration = Duration::from_millis(50);

/// Skips stored per source; all of them are counted.
pub const SKIPS_KEPT: usize = 200;

/// redb's cache. Its default of 1 GB would exceed the rest of the process.
const CACHE_BYTES: usize = 8 << 20;

/// State of a file, to detect changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    size: u64,
    /// Nanoseconds since 1970; zero if unreliable, in which case the stamp equals no other.
    mtime: i64,
    inode: u64,
}

impl Stamp {
    /// The stamp of a file from its metadata, taken when it was opened at `now`.
    pub fn of(metadata: &Metadata, now: SystemTime) -> Stamp {
        let nanos = |t: SystemTime| {
            t.duration_since(UNIX_EPOCH)
                .ok()
                .and_then(|d| i64::try_from(d.as_nanos()).ok())
        };
        let settled = metadata.modified().ok().filter(|&modified| {
            // A time in the future means that the clock was set back; ignore it.
            now.duration_since(modified).is_ok_and(|age| age > TICK)
        });
        Stamp {
            size: metadata.len(),
            mtime: settled.and_then(nanos).unwrap_or(0),
            inode: inode(metadata),
        }
    }

    /// The stamp of a file that changed while it was read; never equal to another.
    pub fn unreliable(self) -> Stamp {
        Stamp { mtime: 0, ..self }
    }

    /// The stamp of a source without detectable changes; never equal to another.
    pub fn unknown() -> Stamp {
        Stamp {
            size: 0,
            mtime: 0,
            inode: 0,
        }
    }

    /// Whether a file with this stamp still has the same content, given its stamp `now`.
    fn is_unchanged(&self, now: &Stamp) -> bool {
        self.mtime != 0 && self == now
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

/// Something that was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    /// The source as given, with `#n` or `:line` if it contains several items.
    pub source: String,
    /// The reason.
    pub reason: SkipReason,
}

/// The result of reading one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// State of the source when it was read.
    pub stamp: Stamp,
    /// Hash of everything besides the content that affects the result: options and the version of
    /// the extraction.
    pub reading: u64,
    /// Number of clippings from it.
    pub kept: u64,
    /// Id of the clipping if the source is one that is identified by its content. Used to replace
    /// it when the source changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clipping: Option<String>,
    /// The first [`SKIPS_KEPT`] skips.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skips: Vec<Skip>,
    /// Number of all skips.
    #[serde(default)]
    pub skipped: u64,
}

impl LedgerEntry {
    /// `skipped` is the number of all skips; of `skips`, [`SKIPS_KEPT`] are stored.
    pub fn new(
        stamp: Stamp,
        reading: u64,
        kept: u64,
        skipped: u64,
        mut skips: Vec<Skip>,
    ) -> LedgerEntry {
        skips.truncate(SKIPS_KEPT);
        LedgerEntry {
            stamp,
            reading,
            kept,
            clipping: None,
            skips,
            skipped,
        }
    }

    /// Sets the id of the clipping that the source is.
    #[must_use]
    pub fn with_clipping(mut self, clipping: Option<String>) -> LedgerEntry {
        self.clipping = clipping;
        self
    }

    /// Whether reading the source again would give the same result.
    pub fn holds(&self, stamp: &Stamp, reading: u64) -> bool {
        self.reading == reading && self.stamp.is_unchanged(stamp)
    }
}

/// The ledger of an index, open for writing.
pub struct Ledger {
    /// `None` once it is closed.
    db: Option<Database>,
}

impl Drop for Ledger {
    /// redb writes on close and may panic if the file is damaged. All recorded rows are on disk
    /// already.
    fn drop(&mut self) {
        let db = self.db.take();
        let _ = guarded(|| {
            drop(db);
            Ok(())
        });
    }
}

impl Ledger {
    /// Opens the ledger of the index in `dir`, creating it if it does not exist or is unreadable.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(dir: &Path) -> Result<Ledger> {
        let path = dir.join(NAME);
        let open = || {
            guarded(|| {
                let db = Database::builder()
                    .set_cache_size(CACHE_BYTES)
                    .create(&path)?;
                let write = db.begin_write()?;
                {
                    let mut about = write.open_table(ABOUT)?;
                    if about
                        .get(())?
                        .is_none_or(|version| version.value() != VERSION)
                    {
                        write.delete_table(SOURCES)?;
                        about.insert((), VERSION)?;
                    }
                    write.open_table(SOURCES)?;
                }
                write.commit()?;
                Ok(Ledger { db: Some(db) })
            })
        };
        match open() {
            Ok(ledger) => Ok(ledger),
            Err(Failure::Redb(redb::Error::DatabaseAlreadyOpen)) => Err(IndexError::Locked(None)),
            // A full disk or missing permission: the file is intact, so do not replace it.
            Err(Failure::Redb(redb::Error::Io(e))) if e.raw_os_error().is_some() => {
                Err(IndexError::io(&path, e))
            }
            Err(_) if path.exists() => {
                std::fs::remove_file(&path).map_err(|e| IndexError::io(&path, e))?;
                Ok(open()?)
            }
            Err(e) => Err(e.into()),
        }
    }

    fn db(&self) -> std::result::Result<&Database, redb::Error> {
        let closed = || redb::Error::Corrupted("it is closed".to_owned());
        self.db.as_ref().ok_or_else(closed)
    }

    /// A consistent view for many lookups.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn read(&self) -> Result<View> {
        Ok(guarded(|| {
            Ok(View {
                table: self.db()?.begin_read()?.open_table(SOURCES)?,
                _db: None,
            })
        })?)
    }

    /// A view of the ledger of the index in `dir`, which may be read-only.
    ///
    /// # Errors
    /// When another process has it open for writing, or when it cannot be read.
    pub fn view(dir: &Path) -> Result<View> {
        let open = || {
            let db = ReadOnlyDatabase::open(dir.join(NAME))?;
            let read = db.begin_read()?;
            let version = read.open_table(ABOUT)?.get(())?.map(|v| v.value());
            if version != Some(VERSION) {
                return Err(redb::Error::Corrupted("another version".to_owned()));
            }
            let table = read.open_table(SOURCES)?;
            let _db = Some(db);
            Ok(View { table, _db })
        };
        match guarded(open) {
            Ok(view) => Ok(view),
            // A killed process leaves a file that only opening for writing repairs.
            Err(_) => Ledger::open(dir)?.read(),
        }
    }

    /// Records results of sources, atomically. Their clippings must be committed first.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record<'a>(
        &self,
        entries: impl IntoIterator<Item = (&'a [u8], &'a LedgerEntry)>,
    ) -> Result<()> {
        Ok(guarded(|| {
            let mut write = self.db()?.begin_write()?;
            write.set_durability(Durability::Immediate)?;
            {
                let mut table = write.open_table(SOURCES)?;
                for (key, entry) in entries {
                    table.insert(key, row(key, entry)?.as_slice())?;
                }
            }
            write.commit()?;
            Ok(())
        })?)
    }

    /// Removes the rows of sources that no longer exist.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn forget<'a>(&self, keys: impl IntoIterator<Item = &'a [u8]>) -> Result<()> {
        let mut keys = keys.into_iter().peekable();
        if keys.peek().is_none() {
            return Ok(());
        }
        Ok(guarded(|| {
            let write = self.db()?.begin_write()?;
            {
                let mut table = write.open_table(SOURCES)?;
                for key in keys {
                    table.remove(key)?;
                }
            }
            write.commit()?;
            Ok(())
        })?)
    }
}

/// A consistent view of the ledger.
pub struct View {
    table: redb::ReadOnlyTable<&'static [u8], &'static [u8]>,
    /// Keeps the database open if there is no [`Ledger`].
    _db: Option<ReadOnlyDatabase>,
}

impl View {
    /// The row of a source; `None` also if it is unreadable.
    pub fn entry(&self, key: &[u8]) -> Option<LedgerEntry> {
        let value = guarded(|| Ok(self.table.get(key)?)).ok()??;
        read_row(key, value.value())
    }

    /// Calls `each` with the keys of all files in `folder`, sorted.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn files_in(&self, folder: &Path, mut each: impl FnMut(&[u8])) -> Result<()> {
        let mut prefix = folder.as_os_str().as_encoded_bytes().to_vec();
        if prefix.last() != Some(&b'/') {
            prefix.push(b'/');
        }
        Ok(guarded(|| {
            for row in self.table.range(prefix.as_slice()..)? {
                let (key, _) = row?;
                if !key.value().starts_with(&prefix) {
                    break;
                }
                each(key.value());
            }
            Ok(())
        })?)
    }

    /// Calls `each` with the key and the row of every source, sorted by key.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn for_each(&self, mut each: impl FnMut(&[u8], LedgerEntry)) -> Result<()> {
        Ok(guarded(|| {
            for row in self.table.iter()? {
                let (key, value) = row?;
                if let Some(entry) = read_row(key.value(), value.value()) {
                    each(key.value(), entry);
                }
            }
            Ok(())
        })?)
    }
}

/// Serializes a row: CRC-32 of key and JSON, then JSON.
fn row(key: &[u8], entry: &LedgerEntry) -> std::io::Result<Vec<u8>> {
    let mut value = vec![0; 4];
    serde_json::to_writer(&mut value, entry)?;
    let checksum = checksum(key, &value[4..]);
    value[..4].copy_from_slice(&checksum);
    Ok(value)
}

/// Parses a row; `None` if it is corrupt.
fn read_row(key: &[u8], value: &[u8]) -> Option<LedgerEntry> {
    let (sum, json) = value.split_first_chunk::<4>()?;
    (*sum == checksum(key, json)).then(|| serde_json::from_slice(json).ok())?
}

fn checksum(key: &[u8], json: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(json);
    hasher.finalize().to_le_bytes()
}

enum Failure {
    Redb(redb::Error),
    /// redb panicked.
    Panic,
}

impl From<Failure> for IndexError {
    fn from(failure: Failure) -> IndexError {
        IndexError::Engine(match failure {
            Failure::Redb(e) => format!("{NAME}: {e}"),
            Failure::Panic => {
                format!("{NAME} is damaged: remove it, and sources will be read again")
            }
        })
    }
}

/// Runs `work`, which panics on some kinds of damage to the database file, and catches the panic.
fn guarded<T>(
    work: impl FnOnce() -> std::result::Result<T, redb::Error>,
) -> std::result::Result<T, Failure> {
    GUARDED.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(false);
    match result {
        Ok(result) => result.map_err(Failure::Redb),
        Err(_) => Err(Failure::Panic),
    }
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether the current thread catches panics, so that a panic hook need not report them.
pub fn is_guarded() -> bool {
    GUARDED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(stamp: Stamp) -> LedgerEntry {
        LedgerEntry::new(stamp, 7, 1, 0, Vec::new())
    }

    #[test]
    fn an_unchanged_file_is_recognized() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.html");
        std::fs::write(&file, "본문").unwrap();
        let metadata = std::fs::metadata(&file).unwrap();
        let later = SystemTime::now() + Duration::from_secs(5);
        let stamp = Stamp::of(&metadata, later);

        let ledger = Ledger::open(dir.path()).unwrap();
        ledger.record([(b"a".as_slice(), &entry(stamp))]).unwrap();
        drop(ledger);
        let ledger = Ledger::open(dir.path()).unwrap();
        let view = ledger.read().unwrap();
        let known = view.entry(b"a").unwrap();
        assert!(known.holds(&stamp, 7));
        assert!(!known.holds(&stamp, 8), "other options");
        assert!(view.entry(b"b").is_none());

        let racy = Stamp::of(&metadata, metadata.modified().unwrap());
        assert!(!entry(racy).holds(&racy, 7), "changed within the tick");
        std::fs::write(&file, "본문이 길어졌다").unwrap();
        let grown = Stamp::of(&std::fs::metadata(&file).unwrap(), later);
        assert!(!known.holds(&grown, 7));

        for key in ["/d/a", "/d/b/c", "/d.html", "/e"] {
            ledger.record([(key.as_bytes(), &entry(stamp))]).unwrap();
        }
        let files = || {
            let mut files = Vec::new();
            let view = ledger.read().unwrap();
            view.files_in(Path::new("/d"), |key| files.push(key.to_vec()))
                .unwrap();
            files
        };
        assert_eq!(files(), [b"/d/a".to_vec(), b"/d/b/c".to_vec()]);
        ledger.forget([b"/d/a".as_slice()]).unwrap();
        assert_eq!(files(), [b"/d/b/c".to_vec()]);
    }

    /// redb reads some of its allocator state only when it writes or closes the file.
    #[test]
    fn a_flipped_bit_never_panics() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        let stamp = Stamp::unknown();
        let record = |key: &[u8]| {
            let ledger = Ledger::open(dir.path())?;
            ledger.record([(key, &entry(stamp))])
        };
        for key in [b"a", b"b", b"c"] {
            record(key).unwrap();
        }
        let whole = std::fs::read(&path).unwrap();
        for at in (0..whole.len().min(40 << 10)).step_by(331) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            std::fs::write(&path, bytes).unwrap();
            let _ = record(b"d");
            let _ = Ledger::view(dir.path()).map(|view| view.entry(b"a"));
        }
    }

    #[test]
    fn a_ledger_of_another_version_is_emptied() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        let stamp = Stamp::unknown();
        ledger.record([(b"a".as_slice(), &entry(stamp))]).unwrap();
        drop(ledger);
        let db = Database::create(dir.path().join(NAME)).unwrap();
        let write = db.begin_write().unwrap();
        write
            .open_table(ABOUT)
            .unwrap()
            .insert((), VERSION - 1)
            .unwrap();
        write.commit().unwrap();
        drop(db);
        assert!(Ledger::view(dir.path()).unwrap().entry(b"a").is_none());
        let ledger = Ledger::open(dir.path()).unwrap();
        ledger.record([(b"b".as_slice(), &entry(stamp))]).unwrap();
        assert!(ledger.read().unwrap().entry(b"b").is_some());
    }

    #[test]
    fn a_broken_ledger_is_recreated() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(NAME), "no database").unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        assert!(ledger.read().unwrap().entry(b"a").is_none());
    }
}
