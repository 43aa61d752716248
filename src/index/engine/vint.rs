//! Variable-length integers in tantivy's files.

/// Reads a tantivy `VInt` from the front of `data`: seven bits per byte, lowest first, the last
/// byte marked by its highest bit. `None` when `data` ends or the number exceeds 64 bits, neither
/// of which tantivy's own reader checks.
#[inline]
pub(in crate::index) fn vint(data: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (&byte, rest) = data.split_first()?;
        *data = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 != 0 {
            return Some(number);
        }
    }
    None
}
