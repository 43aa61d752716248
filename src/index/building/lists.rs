//! Which term stands where, and how that is written.
//!
//! Between `inversion`, which makes them, and `segment`.

use std::{io, mem};

use tantivy::DocId;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::Field;

use super::terms::Terms;

/// Where a term stands: the clipping in the upper half, the position in the lower.
pub(super) type Place = u64;

/// A place.
pub(super) fn place(doc: DocId, position: u32) -> Place {
    Place::from(doc) << 32 | Place::from(position)
}

fn doc_of(place: Place) -> DocId {
    (place >> 32) as DocId
}

/// The places of all terms in one field.
pub(super) struct Lists {
    /// The field.
    pub(super) field: Field,
    /// Those of the first term, of the second, and so on.
    pub(super) places: Vec<Place>,
    /// Where those of each term end.
    pub(super) ends: Vec<usize>,
    /// How many terms each clipping has.
    pub(super) lengths: Vec<u32>,
}

impl Lists {
    /// Writes the terms with their postings and positions.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn write(
        &self,
        terms: &Terms,
        serializer: &mut InvertedIndexSerializer,
    ) -> io::Result<()> {
        if self.places.is_empty() {
            return Ok(());
        }
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
            for of_doc in places.chunk_by(|a, b| doc_of(*a) == doc_of(*b)) {
                let mut last = 0;
                positions.clear();
                positions.extend(of_doc.iter().map(|&place| {
                    let position = place as u32;
                    position - mem::replace(&mut last, position)
                }));
                out.write_doc(doc_of(of_doc[0]), positions.len() as u32, &positions);
            }
            out.close_term()?;
        }
        out.close()
    }
}
