//! Archives (`.zip`, `.tar`, and `.tar.gz` through the wrapper) of any other format.
//!
//! Nothing is unpacked to disk under a name of the archive: entries are read where they stand, so a
//! name cannot lead out of a folder. It is only shown, as `archive.zip/folder/page.html`.

use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use super::spool::spool;
use super::{ColumnMap, Flow, Format, Input, Limits, Origin, Refusal, Sink, charset, magic};

/// Content up to this size is not held against the ratio.
const FREE: u64 = 16 << 20;

/// What stands before the content of an entry of a tar archive is shorter than this.
const LONGEST_HEAD: u64 = 1 << 20;

/// ZIP (PKWARE's APPNOTE 6.3), stored or deflated.
pub struct Zip;

impl Format for Zip {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        head.starts_with(b"PK\x03\x04")
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, Refusal> {
        let (mut file, size) = spool(&mut input)?;
        let broken = |e: zip::result::ZipError| Refusal(format!("a damaged ZIP archive: {e}"));
        let mut archive = zip::ZipArchive::new(&mut file).map_err(broken)?;
        let outer = Outer::new(&input, size);
        for n in 0..archive.len() {
            let entry = match archive.by_index(n) {
                Ok(entry) => entry,
                Err(e) => {
                    let place = format!("{}, entry {}", input.source, n + 1);
                    if sink
                        .skip(place, format!("cannot be unpacked: {e}"))
                        .is_break()
                    {
                        return Ok(Flow::Break(()));
                    }
                    continue;
                }
            };
            if !entry.is_file() {
                continue;
            }
            // Korean Windows wrote names in CP949 without saying so.
            let name = charset::decode(entry.name_raw(), None).into_owned();
            if outer.entry(&name, entry, sink).is_break() {
                return Ok(Flow::Break(()));
            }
        }
        Ok(Flow::Continue(()))
    }
}

/// tar (POSIX.1-2001 and GNU).
pub struct Tar;

impl Format for Tar {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        head.get(257..262) == Some(b"ustar")
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, Refusal> {
        // A tar file is as large as what it holds; what packs it has its own limit.
        let outer = Outer::new(&input, u64::MAX);
        let room = Rc::new(Cell::new(LONGEST_HEAD));
        let mut archive = tar::Archive::new(Heads {
            reader: input.reader,
            room: Rc::clone(&room),
        });
        for entry in archive.entries()? {
            let mut entry = entry.map_err(|e| Refusal(format!("a damaged tar archive: {e}")))?;
            if !entry.header().entry_type().is_file() {
                // Its content is passed over on the way to the next head.
                let content = entry.header().entry_size().unwrap_or(0);
                room.set(content.saturating_add(LONGEST_HEAD));
                continue;
            }
            let name = charset::decode(&entry.path_bytes(), None).into_owned();
            room.set(u64::MAX);
            if outer.entry(&name, &mut entry, sink).is_break() {
                return Ok(Flow::Break(()));
            }
            io::copy(&mut entry, &mut io::sink())?;
            room.set(LONGEST_HEAD);
        }
        Ok(Flow::Continue(()))
    }
}

/// Ends with an error where a head is longer than its room: names and extended attributes are held in
/// memory as a whole, however long the archive says they are.
struct Heads<R> {
    reader: R,
    /// Bytes that may be read up to the next entry.
    room: Rc<Cell<u64>>,
}

impl<R: Read> Read for Heads<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        match self.room.get().checked_sub(n as u64) {
            Some(left) => self.room.set(left),
            None => return Err(io::Error::other("the name of an entry has no end")),
        }
        Ok(n)
    }
}

/// What entries take over from their archive.
struct Outer<'a> {
    source: &'a str,
    depth: usize,
    limits: Limits,
    columns: &'a ColumnMap,
    /// Bytes that all entries together may have, and have given.
    allowed: u64,
    given: Rc<Cell<u64>>,
}

impl<'a> Outer<'a> {
    fn new(input: &Input<'a>, packed: u64) -> Self {
        Outer {
            source: input.source,
            depth: input.depth,
            limits: input.limits,
            columns: input.columns,
            allowed: packed.saturating_mul(input.limits.ratio).max(FREE),
            given: Rc::new(Cell::new(0)),
        }
    }

    /// Reads one entry. What is wrong with it is its own: the others go on.
    fn entry(&self, name: &str, reader: impl Read, sink: &mut dyn Sink) -> Flow {
        let parts: Vec<&str> = name
            .split(['/', '\\'])
            .filter(|part| !matches!(*part, "" | "." | ".."))
            .collect();
        let is_hidden = parts
            .iter()
            .any(|part| part.starts_with('.') || *part == "__MACOSX");
        let Some(file) = parts.last() else {
            return Flow::Continue(());
        };
        if is_hidden || magic::is_plainly_not_text(file) {
            return Flow::Continue(());
        }
        let source = format!("{}/{}", self.source, parts.join("/"));
        let read = super::read(
            Input {
                source: &source,
                name: file.to_lowercase(),
                reader: Box::new(BufReader::new(Metered {
                    reader,
                    given: Rc::clone(&self.given),
                    allowed: self.allowed,
                    ratio: self.limits.ratio,
                })),
                limits: self.limits,
                columns: self.columns,
                depth: self.depth + 1,
                origin: Origin::default(),
            },
            sink,
        );
        match read {
            Ok(flow) => flow,
            Err(Refusal(reason)) => sink.skip(source, reason),
        }
    }
}

/// Ends with an error where all entries together outgrow the archive beyond the ratio.
struct Metered<R> {
    reader: R,
    given: Rc<Cell<u64>>,
    allowed: u64,
    ratio: u64,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        let given = self.given.get().saturating_add(n as u64);
        self.given.set(given);
        if given > self.allowed {
            return Err(io::Error::other(format!(
                "the archive's content is more than {} times its size (--max-ratio raises the limit)",
                self.ratio
            )));
        }
        Ok(n)
    }
}
