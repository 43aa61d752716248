//! What a commit takes out of the segments that were there before.
//!
//! Under `feed`. The engine applies a deletion to all segments that it has, also to one that was built
//! beside and is handed to it later: it cannot know that a clipping there took the place of the one
//! that was deleted. So here the deletion itself knows which segments it is for.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use tantivy::index::SegmentId;
use tantivy::query::{
    AllScorer, BitSetDocSet, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer,
    Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError, Term};

/// Finds clippings in some of the segments.
#[derive(Debug, Clone)]
pub(in crate::index) struct SegmentDeletes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    segments: Segments,
    clippings: Clippings,
}

#[derive(Debug)]
enum Segments {
    Only(FxHashSet<SegmentId>),
    Except(FxHashSet<SegmentId>),
}

#[derive(Debug)]
enum Clippings {
    All,
    Called(Vec<Term>),
}

impl SegmentDeletes {
    /// Those that `id` says are called `names`, in all segments but `new` ones, which a commit adds.
    pub(in crate::index) fn but_in<'n>(
        new: impl Iterator<Item = SegmentId>,
        id: Field,
        names: impl Iterator<Item = &'n str>,
    ) -> SegmentDeletes {
        SegmentDeletes(Arc::new(Inner {
            segments: Segments::Except(new.collect()),
            clippings: called(id, names),
        }))
    }

    /// Those that `id` says are called `names`, in one segment.
    pub(in crate::index) fn from<'n>(
        segment: SegmentId,
        id: Field,
        names: impl Iterator<Item = &'n str>,
    ) -> SegmentDeletes {
        SegmentDeletes(Arc::new(Inner {
            segments: Segments::Only(FxHashSet::from_iter([segment])),
            clippings: called(id, names),
        }))
    }

    /// All clippings of some segments.
    pub(in crate::index) fn all_of(segments: impl Iterator<Item = SegmentId>) -> SegmentDeletes {
        SegmentDeletes(Arc::new(Inner {
            segments: Segments::Only(segments.collect()),
            clippings: Clippings::All,
        }))
    }
}

fn called<'n>(id: Field, names: impl Iterator<Item = &'n str>) -> Clippings {
    Clippings::Called(names.map(|name| Term::from_field_text(id, name)).collect())
}

impl Segments {
    fn has(&self, segment: SegmentId) -> bool {
        match self {
            Segments::Only(these) => these.contains(&segment),
            Segments::Except(these) => !these.contains(&segment),
        }
    }
}

impl Query for SegmentDeletes {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for SegmentDeletes {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let Inner {
            segments,
            clippings,
        } = &*self.0;
        if !segments.has(reader.segment_id()) {
            return Ok(Box::new(EmptyScorer));
        }
        let names = match clippings {
            Clippings::All => return Ok(Box::new(AllScorer::new(reader.max_doc()))),
            Clippings::Called(names) => names,
        };
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
