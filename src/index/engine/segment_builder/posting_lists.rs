//! Which term stands where, and how that is written.
//!
//! Filled by `inverted_index`, written by `segment`.

use std::{io, mem};

use tantivy::DocId;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::Field;

use crate::analyze::bulk::TermTable;

/// Where a term stands, in a number: the clipping above, the position below.
pub(super) trait PackedPosition: Copy + Default + Eq {
    /// The number, which has room for both.
    fn of(number: u64) -> Self;
    /// The same back.
    fn number(self) -> u64;
}

impl PackedPosition for u32 {
    fn of(number: u64) -> u32 {
        number as u32
    }

    fn number(self) -> u64 {
        self.into()
    }
}

impl PackedPosition for u64 {
    fn of(number: u64) -> u64 {
        number
    }

    fn number(self) -> u64 {
        self
    }
}

/// How places are laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Bits of a position.
    position_bits: u32,
}

impl Layout {
    /// One for positions up to `last`.
    pub(super) fn of(last: u32) -> Layout {
        Layout {
            position_bits: u32::BITS - last.leading_zeros(),
        }
    }

    /// Whether places of so many clippings have room in half of a number.
    pub(super) fn is_narrow(self, docs: DocId) -> bool {
        self.position_bits + (u32::BITS - docs.leading_zeros()) <= u32::BITS
    }

    /// A place.
    pub(super) fn place<P: PackedPosition>(self, doc: DocId, position: u32) -> P {
        P::of(u64::from(doc) << self.position_bits | u64::from(position))
    }

    fn doc<P: PackedPosition>(self, place: P) -> DocId {
        (place.number() >> self.position_bits) as DocId
    }

    fn position<P: PackedPosition>(self, place: P) -> u32 {
        (place.number() & ((1 << self.position_bits) - 1)) as u32
    }
}

/// The places of all terms in one field.
pub(super) struct PostingLists<P> {
    /// The field.
    pub(super) field: Field,
    /// How they are laid out.
    pub(super) layout: Layout,
    /// Those of the first term, of the second, and so on.
    pub(super) places: Vec<P>,
    /// Where those of each term end.
    pub(super) ends: Vec<usize>,
}

impl<P: PackedPosition> PostingLists<P> {
    /// Writes the terms with their postings and positions.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn write(
        &self,
        terms: &TermTable,
        serializer: &mut InvertedIndexSerializer,
    ) -> io::Result<()> {
        if self.places.is_empty() {
            return Ok(());
        }
        let layout = self.layout;
        // Without the lengths of texts the engine notes no highest scores of blocks: our queries score
        // by all fields of a clipping together and have no use for them.
        let mut out = serializer.new_field(self.field, self.places.len() as u64, None)?;
        let mut positions = Vec::new();
        let mut start = 0;
        for (term, &end) in terms.texts().zip(&self.ends) {
            let places = &self.places[start..end];
            start = end;
            if places.is_empty() {
                continue;
            }
            out.new_term(term.as_bytes(), 0, true)?;
            for of_doc in places.chunk_by(|a, b| layout.doc(*a) == layout.doc(*b)) {
                let mut last = 0;
                positions.clear();
                positions.extend(of_doc.iter().map(|&place| {
                    let position = layout.position(place);
                    position - mem::replace(&mut last, position)
                }));
                let times = positions.len() as u32;
                out.write_doc(layout.doc(of_doc[0]), times, &positions);
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
        fn a_place_has_room_for_both(last: u32, docs: u32, doc: prop::sample::Index, at: prop::sample::Index) {
            let layout = Layout::of(last >> (last % 32));
            let docs = (docs >> (docs % 32)).max(1);
            let doc = doc.index(docs as usize) as DocId;
            let position = at.index((last >> (last % 32)) as usize + 1) as u32;
            let wide: u64 = layout.place(doc, position);
            prop_assert_eq!((layout.doc(wide), layout.position(wide)), (doc, position));
            if layout.is_narrow(docs) {
                let narrow: u32 = layout.place(doc, position);
                prop_assert_eq!((layout.doc(narrow), layout.position(narrow)), (doc, position));
            }
        }
    }
}
