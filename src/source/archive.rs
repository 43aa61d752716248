//! Archives (`.zip`, `.tar`, and `.tar.gz` through `compressed`) of files in any format.
//!
//! Members are read in place and never extracted to disk, so a member name cannot escape a folder.
//! It is only displayed, as `archive.zip/folder/page.html`.

use std::cell::Cell;
use std::io::{self, BufReader, Read, Seek};
use std::rc::Rc;

use zip::ZipArchive;
use zip::result::ZipError;

use super::spool::spool;
use super::{
    ColumnMap, FileKind, Flow, Format, Input, Limits, Origin, Sink, SkipReason, charset, magic,
};

/// Maximum number of bytes between the contents of two members of a tar archive.
const MAX_HEADER_BYTES: u64 = 1 << 20;

/// ZIP (PKWARE's APPNOTE 6.3), stored or deflated.
pub struct Zip;

impl Format for Zip {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        head.starts_with(b"PK\x03\x04")
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        let (mut file, size) = spool(&mut input)?;
        let mut archive = ZipArchive::new(&mut file).map_err(of_zip)?;
        if let Some(kind) = office_kind(&archive) {
            return Err(SkipReason::NotText { kind: Some(kind) });
        }
        check_overlap(&mut archive, size)?;
        let outer = Outer::new(&input, size);
        for n in 0..archive.len() {
            let entry = match archive.by_index(n) {
                Ok(entry) => entry,
                Err(e) => {
                    let place = format!("{}, entry {}", input.source, n + 1);
                    if sink.skip(place, of_zip(e)).is_break() {
                        return Ok(Flow::Break(()));
                    }
                    continue;
                }
            };
            if !entry.is_file() {
                continue;
            }
            // Korean Windows wrote names in CP949 without setting the flag of APPNOTE D.
            let name = charset::decode(entry.name_raw(), None).into_owned();
            if outer.entry(&name, entry, sink).is_break() {
                return Ok(Flow::Break(()));
            }
        }
        Ok(Flow::Continue(()))
    }
}

/// The kind of an office document in a ZIP archive, recognized by mandatory parts (ECMA-376, OWPML
/// KS X 6101, OpenDocument 1.3).
pub(super) fn office_kind<R: Read + Seek>(archive: &ZipArchive<R>) -> Option<FileKind> {
    const PARTS: [(&str, FileKind); 5] = [
        ("word/document.xml", FileKind::Docx),
        ("ppt/presentation.xml", FileKind::Pptx),
        ("Contents/content.hpf", FileKind::Hwpx),
        ("Contents/section0.xml", FileKind::Hwpx),
        ("META-INF/manifest.xml", FileKind::OpenDocument),
    ];
    let has = |name| archive.index_for_name(name).is_some();
    let found = PARTS
        .iter()
        .find(|(part, _)| has(part))
        .map(|(_, kind)| *kind);
    found.filter(|kind| *kind != FileKind::OpenDocument || has("mimetype"))
}

/// Rejects archives with overlapping members, whose expanded size is not bounded by the archive's.
pub(super) fn check_overlap<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    size: u64,
) -> Result<(), SkipReason> {
    let mut packed = 0u64;
    for n in 0..archive.len() {
        // A member that cannot be opened is skipped later.
        if let Ok(member) = archive.by_index_raw(n) {
            packed = packed.saturating_add(member.compressed_size());
        }
        if packed > size {
            return Err(SkipReason::OverlappingMembers);
        }
    }
    Ok(())
}

/// Converts an error about an archive or a member.
pub(super) fn of_zip(error: ZipError) -> SkipReason {
    match error {
        ZipError::Io(e) => SkipReason::from(e),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            SkipReason::PasswordProtectedArchive
        }
        ZipError::CompressionMethodNotSupported(method) => SkipReason::UnsupportedCoding {
            coding: format!("ZIP {method}"),
        },
        _ => SkipReason::DamagedArchive,
    }
}

fn of_tar(error: io::Error) -> SkipReason {
    SkipReason::inside(&error).unwrap_or(SkipReason::DamagedArchive)
}

/// tar (POSIX.1-2001 and GNU).
pub struct Tar;

impl Format for Tar {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        head.get(257..262) == Some(b"ustar")
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        // tar does not compress. Compression around it has its own limit.
        let outer = Outer::new(&input, u64::MAX);
        let room = Rc::new(Cell::new(MAX_HEADER_BYTES));
        let mut archive = tar::Archive::new(Heads {
            reader: input.reader,
            room: Rc::clone(&room),
        });
        for entry in archive.entries().map_err(of_tar)? {
            let mut entry = entry.map_err(of_tar)?;
            if !entry.header().entry_type().is_file() {
                // Its content is skipped on the way to the next header.
                let content = entry.header().entry_size().unwrap_or(0);
                room.set(content.saturating_add(MAX_HEADER_BYTES));
                continue;
            }
            let name = charset::decode(&entry.path_bytes(), None).into_owned();
            room.set(u64::MAX);
            if outer.entry(&name, &mut entry, sink).is_break() {
                return Ok(Flow::Break(()));
            }
            io::copy(&mut entry, &mut io::sink())?;
            room.set(MAX_HEADER_BYTES);
        }
        Ok(Flow::Continue(()))
    }
}

/// Limits the size of tar headers: the tar crate reads names and extended attributes into memory,
/// whatever length they claim.
struct Heads<R> {
    reader: R,
    /// Bytes that may be read before the next entry.
    room: Rc<Cell<u64>>,
}

impl<R: Read> Read for Heads<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        match self.room.get().checked_sub(n as u64) {
            Some(left) => self.room.set(left),
            None => return Err(SkipReason::UnterminatedHeader.into()),
        }
        Ok(n)
    }
}

/// What members inherit from their archive.
struct Outer<'a> {
    source: &'a str,
    depth: usize,
    limits: Limits,
    columns: &'a ColumnMap,
    /// Bytes that all members may expand to in total, and have so far.
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
            allowed: input.limits.expanded(packed),
            given: Rc::new(Cell::new(0)),
        }
    }

    /// Reads one member. If it fails, it is skipped.
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
            Err(reason) => sink.skip(source, reason),
        }
    }
}

/// Limits the total expansion of all members.
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
            return Err(SkipReason::TooExpansive { ratio: self.ratio }.into());
        }
        Ok(n)
    }
}
