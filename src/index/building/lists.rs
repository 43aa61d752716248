//! Which term stands where: the lists that parts of a segment are turned over into, and how those of
//! several parts are written as one.
//!
//! Between `inversion`, which makes them, and `segment`.

use std::cmp::Ordering;
use std::{io, mem, slice};

use tantivy::DocId;
use tantivy::fieldnorm::FieldNormsWriter;
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::Field;

use super::vocabulary::{Ranked, Vocabulary};

/// Where a term stands: the clipping in the upper half, the position in the lower.
pub(super) type Place = u64;

/// The texts of a part, turned over.
pub(super) struct Inverted {
    /// The terms.
    pub(super) terms: Vocabulary,
    /// The terms in their order.
    pub(super) order: Vec<Ranked>,
    /// Where they stand, field by field.
    pub(super) fields: Vec<Lists>,
}

/// The places of all terms in one field.
pub(super) struct Lists {
    /// The field.
    pub(super) field: Field,
    /// Those of the first term in the order, of the second, and so on.
    pub(super) places: Vec<Place>,
    /// By the number of a term: where its places end.
    pub(super) ends: Vec<usize>,
    /// How many terms each clipping has.
    pub(super) lengths: Vec<u32>,
}

/// A place.
pub(super) fn place(doc: DocId, position: u32) -> Place {
    Place::from(doc) << 32 | Place::from(position)
}

fn doc_of(place: Place) -> DocId {
    (place >> 32) as DocId
}

/// A part whose clippings have their numbers in the segment.
pub(super) struct Numbered {
    pub(super) inverted: Inverted,
    /// The number of each clipping, ascending.
    pub(super) docs: Vec<DocId>,
}

/// Writes the terms of parts with their postings and positions.
///
/// # Errors
/// When they cannot be written.
pub(super) fn write(
    parts: &[Numbered],
    serializer: &mut InvertedIndexSerializer,
) -> io::Result<()> {
    let fields = parts.first().map_or(0, |part| part.inverted.fields.len());
    for number in 0..fields {
        write_field(parts, number, serializer)?;
    }
    Ok(())
}

/// Notes how many terms each of `docs` clippings has.
pub(super) fn note_lengths(parts: &[Numbered], docs: DocId, norms: &mut FieldNormsWriter) {
    let fields = parts.first().map_or(0, |part| part.inverted.fields.len());
    for number in 0..fields {
        let mut lengths = vec![0; docs as usize];
        let mut field = None;
        for part in parts {
            let lists = &part.inverted.fields[number];
            field = Some(lists.field);
            for (&doc, &length) in part.docs.iter().zip(&lists.lengths) {
                lengths[doc as usize] = length;
            }
        }
        let Some(field) = field else { continue };
        for (doc, length) in (0..).zip(lengths) {
            norms.record(doc, field, length);
        }
    }
}

/// Goes through the terms that stand in a field of a part.
struct Cursor<'p> {
    part: &'p Numbered,
    lists: &'p Lists,
    /// The terms that come after this one.
    rest: slice::Iter<'p, Ranked>,
    term: Option<&'p Ranked>,
    places: &'p [Place],
    /// Where its places end in the lists.
    end: usize,
}

impl<'p> Cursor<'p> {
    fn new(part: &'p Numbered, field: usize) -> Cursor<'p> {
        let mut cursor = Cursor {
            part,
            lists: &part.inverted.fields[field],
            rest: part.inverted.order.iter(),
            term: None,
            places: &[],
            end: 0,
        };
        cursor.advance();
        cursor
    }

    fn advance(&mut self) {
        for term in self.rest.by_ref() {
            let end = self.lists.ends[term.number as usize];
            let start = mem::replace(&mut self.end, end);
            if start < end {
                self.term = Some(term);
                self.places = &self.lists.places[start..end];
                return;
            }
        }
        self.term = None;
    }

    /// The term at hand.
    fn word(&self) -> &'p str {
        let term = self.term;
        term.map_or("", |term| term.word(&self.part.inverted.terms))
    }

    /// Which of two terms at hand comes first.
    fn compare(&self, other: &Cursor<'_>) -> Ordering {
        let rank = |cursor: &Cursor<'_>| cursor.term.map(Ranked::rank);
        let by_rank = rank(self).cmp(&rank(other));
        by_rank.then_with(|| self.word().cmp(other.word()))
    }

    /// The clippings that have the term, by their numbers in the segment, each with its places.
    fn docs(&self) -> impl Iterator<Item = (DocId, &'p [Place])> + use<'p> {
        let numbers = &self.part.docs;
        let docs = self.places.chunk_by(|a, b| doc_of(*a) == doc_of(*b));
        docs.map(move |places| (numbers[doc_of(places[0]) as usize], places))
    }
}

fn write_field(
    parts: &[Numbered],
    number: usize,
    serializer: &mut InvertedIndexSerializer,
) -> io::Result<()> {
    let mut cursors: Vec<Cursor<'_>> = parts.iter().map(|part| Cursor::new(part, number)).collect();
    let Some(field) = cursors
        .iter()
        .find(|c| c.term.is_some())
        .map(|c| c.lists.field)
    else {
        return Ok(());
    };
    let total: usize = cursors.iter().map(|c| c.lists.places.len()).sum();
    // Without the lengths of texts the engine notes no highest scores of blocks: our queries score by
    // all fields of a clipping together and have no use for them.
    let mut out = serializer.new_field(field, total as u64, None)?;
    let mut docs: Vec<(DocId, &[Place])> = Vec::new();
    let mut positions = Vec::new();
    let mut first = Vec::with_capacity(cursors.len());
    while find_first(&cursors, &mut first) {
        docs.clear();
        for &at in &first {
            docs.extend(cursors[at].docs());
        }
        if first.len() > 1 {
            docs.sort_by_key(|(doc, _)| *doc);
        }
        out.new_term(cursors[first[0]].word().as_bytes(), 0, true)?;
        for (doc, places) in &docs {
            let mut last = 0;
            positions.clear();
            positions.extend(places.iter().map(|&place| {
                let position = place as u32;
                position - mem::replace(&mut last, position)
            }));
            out.write_doc(*doc, positions.len() as u32, &positions);
        }
        out.close_term()?;
        for &at in &first {
            cursors[at].advance();
        }
    }
    out.close()
}

/// Finds the cursors at the term that comes first; `false` when all are at their end.
fn find_first(cursors: &[Cursor<'_>], first: &mut Vec<usize>) -> bool {
    first.clear();
    for (at, cursor) in cursors.iter().enumerate().filter(|(_, c)| c.term.is_some()) {
        let order = first.first().map(|&first| cursor.compare(&cursors[first]));
        if order == Some(Ordering::Less) {
            first.clear();
        }
        if order != Some(Ordering::Greater) {
            first.push(at);
        }
    }
    !first.is_empty()
}
