//! Posting lists in memory, and their serialization.
//!
//! Filled by `inverted_index`, written by `segment`.

use std::{io, mem};

use tantivy::DocId;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::Field;

use crate::analyze::bulk::TermTable;

/// A document and a position, packed into one integer: the document in the high bits.
pub(super) trait PackedPosition: Copy + Default + Eq {
    fn from_u64(number: u64) -> Self;
    fn to_u64(self) -> u64;
}

impl PackedPosition for u32 {
    fn from_u64(number: u64) -> u32 {
        number as u32
    }

    fn to_u64(self) -> u64 {
        self.into()
    }
}

impl PackedPosition for u64 {
    fn from_u64(number: u64) -> u64 {
        number
    }

    fn to_u64(self) -> u64 {
        self
    }
}

/// Bit layout of packed positions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Width of the position.
    position_bits: u32,
}

impl Layout {
    /// The layout for positions up to `last`.
    pub(super) fn of(last: u32) -> Layout {
        Layout {
            position_bits: u32::BITS - last.leading_zeros(),
        }
    }

    /// Whether documents up to `docs` fit into 32 bits.
    pub(super) fn is_narrow(self, docs: DocId) -> bool {
        self.position_bits + (u32::BITS - docs.leading_zeros()) <= u32::BITS
    }

    pub(super) fn pack<P: PackedPosition>(self, doc: DocId, position: u32) -> P {
        P::from_u64(u64::from(doc) << self.position_bits | u64::from(position))
    }

    fn doc<P: PackedPosition>(self, packed: P) -> DocId {
        (packed.to_u64() >> self.position_bits) as DocId
    }

    fn position<P: PackedPosition>(self, packed: P) -> u32 {
        (packed.to_u64() & ((1 << self.position_bits) - 1)) as u32
    }
}

/// The posting lists of all terms in one field.
pub(super) struct PostingLists<P> {
    pub(super) field: Field,
    pub(super) layout: Layout,
    /// Positions of the first term, then of the second, and so on.
    pub(super) positions: Vec<P>,
    /// End offset of each term's positions.
    pub(super) ends: Vec<usize>,
}

impl<P: PackedPosition> PostingLists<P> {
    /// Writes terms, postings and positions.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn write(
        &self,
        terms: &TermTable,
        serializer: &mut InvertedIndexSerializer,
    ) -> io::Result<()> {
        if self.positions.is_empty() {
            return Ok(());
        }
        let layout = self.layout;
        // Without field lengths tantivy omits its block-max scores, which our queries do not use:
        // they score all fields of a clipping together.
        let mut out = serializer.new_field(self.field, self.positions.len() as u64, None)?;
        let mut deltas = Vec::new();
        let mut start = 0;
        for (term, &end) in terms.texts().zip(&self.ends) {
            let positions = &self.positions[start..end];
            start = end;
            if positions.is_empty() {
                continue;
            }
            out.new_term(term.as_bytes(), 0, true)?;
            for of_doc in positions.chunk_by(|a, b| layout.doc(*a) == layout.doc(*b)) {
                let mut last = 0;
                deltas.clear();
                deltas.extend(of_doc.iter().map(|&packed| {
                    let position = layout.position(packed);
                    position - mem::replace(&mut last, position)
                }));
                let frequency = deltas.len() as u32;
                out.write_doc(layout.doc(of_doc[0]), frequency, &deltas);
            }
            out.close_term()?;
        }
        out.close()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packing_is_lossless(last: u32, docs: u32, doc: prop::sample::Index, at: prop::sample::Index) {
            let layout = Layout::of(last >> (last % 32));
            let docs = (docs >> (docs % 32)).max(1);
            let doc = doc.index(docs as usize) as DocId;
            let position = at.index((last >> (last % 32)) as usize + 1) as u32;
            let wide: u64 = layout.pack(doc, position);
            prop_assert_eq!((layout.doc(wide), layout.position(wide)), (doc, position));
            if layout.is_narrow(docs) {
                let narrow: u32 = layout.pack(doc, position);
                prop_assert_eq!((layout.doc(narrow), layout.position(narrow)), (doc, position));
            }
        }
    }
}
