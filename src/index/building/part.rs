//! What one thread takes in of a segment.

use tantivy::schema::Field;
use tantivy::{DocId, TantivyDocument};

use super::super::Fields;
use super::super::document::Entry;
use super::super::keys::KeysOf;
use super::super::packing::Packing;
use super::inversion::{Inversion, MOST_RUNS};
use super::lists::Inverted;
use crate::analyze::Analyzer;

/// Clippings of a segment, their texts on their way into lists.
pub(super) struct Part {
    inversion: Inversion,
    clippings: Vec<Taken>,
    /// Bytes of what `clippings` hold.
    held: usize,
}

/// A part with its texts turned over.
pub(super) struct ClosedPart {
    pub(super) inverted: Inverted,
    pub(super) clippings: Vec<Taken>,
}

/// What there is of a clipping besides its texts. See [`Entry`].
pub(super) struct Taken {
    pub(super) id: String,
    pub(super) number: u64,
    pub(super) names: Vec<(Field, String)>,
    pub(super) columns: TantivyDocument,
    /// Packed in a closed part.
    pub(super) record: Vec<u8>,
    pub(super) keys: KeysOf,
}

impl Part {
    /// A part without clippings.
    pub(super) fn new(fields: Fields) -> Part {
        Part {
            inversion: Inversion::new(&fields.analyzed()),
            clippings: Vec::new(),
            held: 0,
        }
    }

    /// Takes clippings in.
    pub(super) fn add(&mut self, entries: Vec<Entry>) {
        let first = self.clippings.len() as DocId;
        for (doc, entry) in (first..).zip(&entries) {
            for (field, texts) in &entry.texts {
                let texts = texts.iter().map(String::as_str);
                self.inversion.add(doc, *field, texts);
            }
        }
        for entry in entries {
            let names: usize = entry.names.iter().map(|(_, name)| name.len()).sum();
            self.held += size_of::<Taken>() + entry.record.capacity() + names + SMALL_THINGS;
            self.clippings.push(Taken {
                record: entry.record,
                id: entry.id,
                number: entry.number,
                names: entry.names,
                columns: entry.columns,
                keys: entry.keys,
            });
        }
    }

    /// Bytes of memory that it takes until its texts are turned over; more than there can be when it can
    /// number no more runs.
    pub(super) fn memory(&self) -> usize {
        match self.inversion.runs() < MOST_RUNS / 2 {
            true => self.inversion.memory() + self.held,
            false => usize::MAX / 2,
        }
    }

    /// Has the records packed, and the texts analysed and turned over.
    pub(super) fn close(mut self, analyzer: &mut Analyzer, packing: &Packing) -> ClosedPart {
        for taken in &mut self.clippings {
            taken.record = packing.pack(&taken.record);
        }
        ClosedPart {
            inverted: self.inversion.turn(self.clippings.len() as DocId, analyzer),
            clippings: self.clippings,
        }
    }
}

/// Bytes that the keys and columns of a clipping take, about.
const SMALL_THINGS: usize = 400;
