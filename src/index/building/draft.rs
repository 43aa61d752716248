//! A segment in the making: the clippings taken in so far.

use tantivy::schema::Field;
use tantivy::{DocId, TantivyDocument};

use super::super::Fields;
use super::super::document::Entry;
use super::super::keys::KeysOf;
use super::inversion::Inversion;
use crate::analyze::bulk::MOST_RUNS;

/// Clippings of a segment.
pub(super) struct Draft {
    /// Their texts.
    pub(super) inversion: Inversion,
    /// All else of them.
    pub(super) clippings: Vec<Taken>,
    /// Bytes of what `clippings` hold.
    held: usize,
}

/// What there is of a clipping besides its texts. See [`Entry`].
pub(super) struct Taken {
    pub(super) id: String,
    pub(super) number: u64,
    pub(super) names: Vec<(Field, String)>,
    pub(super) columns: TantivyDocument,
    pub(super) record: Vec<u8>,
    pub(super) keys: KeysOf,
}

/// Bytes that the keys and columns of a clipping take, about.
const SMALL_THINGS: usize = 400;

impl Draft {
    /// No clippings yet.
    pub(super) fn new(fields: Fields) -> Draft {
        Draft {
            inversion: Inversion::new(&fields.analyzed()),
            clippings: Vec::new(),
            held: 0,
        }
    }

    /// Takes a clipping in.
    pub(super) fn add(&mut self, entry: Entry) {
        let doc = self.clippings.len() as DocId;
        for (field, texts) in &entry.texts {
            let texts = texts.iter().map(String::as_str);
            self.inversion.add(doc, *field, texts);
        }
        let names: usize = entry.names.iter().map(|(_, name)| name.len()).sum();
        self.held += size_of::<Taken>() + entry.record.capacity() + names + SMALL_THINGS;
        self.clippings.push(Taken {
            id: entry.id,
            number: entry.number,
            names: entry.names,
            columns: entry.columns,
            record: entry.record,
            keys: entry.keys,
        });
    }

    /// Whether there are no clippings.
    pub(super) fn is_empty(&self) -> bool {
        self.clippings.is_empty()
    }

    /// Bytes of memory that it takes until it is written; more than there can be when it can number no
    /// more runs.
    pub(super) fn memory(&self) -> usize {
        match self.inversion.runs() < MOST_RUNS / 2 {
            true => self.inversion.memory() + self.held,
            false => usize::MAX,
        }
    }
}
