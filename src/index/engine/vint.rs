//! The numbers in the engine's own files.

/// Takes a number in tantivy's `VInt` off the front of `data`: seven bits a byte, the lowest first, the
/// last byte with its highest bit set. `None` when there is none; the engine's own reader takes numbers
/// of any length for granted.
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
