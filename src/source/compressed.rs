//! Compressed files (`.gz`, `.zst`) in any format.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use super::{Flow, Format, Input, Limits, Origin, Sink, SkipReason};

/// gzip (RFC 1952), possibly with several members.
pub struct Gzip;

impl Format for Gzip {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        head.starts_with(&[0x1f, 0x8b, 0x08])
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        unpack(input, ".gz", sink, |packed| {
            Ok(flate2::bufread::MultiGzDecoder::new(packed))
        })
    }
}

/// Zstandard (RFC 8878), possibly with several frames.
pub struct Zstd;

impl Format for Zstd {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        unpack(input, ".zst", sink, |packed| {
            zstd::Decoder::with_buffer(packed)
        })
    }
}

/// Reads the content through the decoder that `decoder` creates.
fn unpack<'a, D: Read + 'a>(
    input: Input<'a>,
    ending: &str,
    sink: &mut dyn Sink,
    decoder: impl FnOnce(Counted<'a>) -> io::Result<D>,
) -> Result<Flow, SkipReason> {
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

/// Limits the expansion to the ratio.
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
        let allowed = self.limits.expanded(self.taken.get());
        if self.given > allowed {
            let ratio = self.limits.ratio;
            return Err(SkipReason::TooExpansive { ratio }.into());
        }
        Ok(n)
    }
}
