//! Makes a stream seekable, for formats with a directory at the end (ZIP archives, workbooks).

use std::io::{BufRead, Read, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

use super::{Input, SkipReason};

/// Larger copies go to a temporary file.
const IN_MEMORY: usize = 16 << 20;

/// Copies the rest of the input to a seekable file and returns it with its size. Inside another
/// format the size is limited to one item; a file of its own may have any size.
///
/// # Errors
/// When it cannot be read or stored, or is too large.
pub fn spool(input: &mut Input<'_>) -> Result<(SpooledTempFile, u64), SkipReason> {
    let limit = if input.depth == 0 {
        u64::MAX
    } else {
        input.limits.item
    };
    let mut file = SpooledTempFile::new(IN_MEMORY);
    let mut size = 0u64;
    loop {
        let chunk = input.reader.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        file.write_all(chunk)?;
        let n = chunk.len();
        size += n as u64;
        input.reader.consume(n);
        if size > limit {
            return Err(SkipReason::TooLarge { limit });
        }
    }
    file.seek(SeekFrom::Start(0))?;
    Ok((file, size))
}

/// Reads to the end, at most `limit` bytes, and returns their number.
///
/// # Errors
/// When it cannot be read.
pub fn measure(reader: &mut dyn Read, limit: u64) -> std::io::Result<u64> {
    std::io::copy(&mut reader.take(limit), &mut std::io::sink())
}
