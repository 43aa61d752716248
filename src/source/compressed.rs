//! Compressed files (`.gz`, `.zst`) of any other format.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use super::{Flow, Format, Input, Limits, Origin, Refusal, Sink};

/// Content up to this size is not held against the ratio: a page of one repeated byte is odd, not
/// dangerous.
const FREE: u64 = 16 << 20;

/// gzip (RFC 1952), also of several members.
pub struct Gzip;

impl Format for Gzip {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        head.starts_with(&[0x1f, 0x8b, 0x08])
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, Refusal> {
        unpack(input, ".gz", sink, |packed| {
            Ok(flate2::bufread::MultiGzDecoder::new(packed))
        })
    }
}

/// Zstandard (RFC 8878), also of several frames.
pub struct Zstd;

impl Format for Zstd {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, Refusal> {
        unpack(input, ".zst", sink, |packed| {
            zstd::Decoder::with_buffer(packed)
        })
    }
}

/// Reads the content through `decoder`, which gets the packed bytes.
fn unpack<'a, D: Read + 'a>(
    input: Input<'a>,
    ending: &str,
    sink: &mut dyn Sink,
    decoder: impl FnOnce(Counted<'a>) -> io::Result<D>,
) -> Result<Flow, Refusal> {
    let taken = Rc::new(Cell::new(0));
    let packed = Counted {
        reader: input.reader,
        taken: Rc::clone(&taken),
    };
    let content = Bounded {
        reader: decoder(packed)?,
        given: 0,
        taken,
        limits: input.limits,
    };
    let name = input.name.strip_suffix(ending).unwrap_or(&input.name);
    super::read(
        Input {
            name: name.to_owned(),
            reader: Box::new(BufReader::with_capacity(64 << 10, content)),
            depth: input.depth + 1,
            source: input.source,
            limits: input.limits,
            columns: input.columns,
            origin: Origin {
                content_type: None,
                ..input.origin
            },
        },
        sink,
    )
}

/// Counts the bytes that are taken of a reader.
struct Counted<'a> {
    reader: Box<dyn BufRead + 'a>,
    taken: Rc<Cell<u64>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.taken.set(self.taken.get() + n as u64);
        Ok(n)
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.taken.set(self.taken.get() + n as u64);
        self.reader.consume(n);
    }
}

/// Ends with an error where the content outgrows the packed bytes beyond the ratio.
struct Bounded<D> {
    reader: D,
    given: u64,
    taken: Rc<Cell<u64>>,
    limits: Limits,
}

impl<D: Read> Read for Bounded<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.given += n as u64;
        let allowed = self.taken.get().saturating_mul(self.limits.ratio).max(FREE);
        if self.given > allowed {
            return Err(io::Error::other(format!(
                "its content is more than {} times its size (--max-ratio raises the limit)",
                self.limits.ratio
            )));
        }
        Ok(n)
    }
}
