//! What a commit takes out of the segments that were there before.
//!
//! Under `feed`. The engine applies a deletion to all segments that it has, also to one that was built
//! beside and is handed to it later: it cannot know that a clipping there took the place of the one
//! that was deleted. So here the deletion itself knows which segments are new.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use tantivy::index::SegmentId;
use tantivy::query::{
    BitSetDocSet, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError, Term};

/// Finds the clippings of some names, but not in the segments that a commit adds.
#[derive(Debug, Clone)]
pub(super) struct TakenOut(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    names: Vec<Term>,
    new: FxHashSet<SegmentId>,
}

impl TakenOut {
    /// Those that `id` says are called `names`; `new` are the segments that the commit adds.
    pub(super) fn new<'n>(
        id: Field,
        names: impl Iterator<Item = &'n str>,
        new: impl Iterator<Item = SegmentId>,
    ) -> TakenOut {
        TakenOut(Arc::new(Inner {
            names: names.map(|name| Term::from_field_text(id, name)).collect(),
            new: new.collect(),
        }))
    }
}

impl Query for TakenOut {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for TakenOut {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let Inner { names, new } = &*self.0;
        if new.contains(&reader.segment_id()) {
            return Ok(Box::new(EmptyScorer));
        }
        let mut found = BitSet::with_max_value(reader.max_doc());
        for name in names {
            let index = reader.inverted_index(name.field())?;
            let Some(mut postings) = index.read_postings(name, IndexRecordOption::Basic)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                found.insert(postings.doc());
                postings.advance();
            }
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(found), 1.0)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Err(TantivyError::InvalidArgument("it has no score".to_owned()))
    }
}
