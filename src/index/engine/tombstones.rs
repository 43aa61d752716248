//! Deletes documents by id in the segments that existed before a commit.
//!
//! tantivy applies a delete query to all segments it knows, including one that was built elsewhere
//! and added later, although a document there may be the replacement of the deleted one. So the
//! query excludes the new segments.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use tantivy::index::SegmentId;
use tantivy::query::{
    BitSetDocSet, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError, Term};

/// Matches documents by id, except in some segments.
#[derive(Debug, Clone)]
pub(in crate::index) struct SegmentDeletes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    except: FxHashSet<SegmentId>,
    names: Vec<Term>,
}

impl SegmentDeletes {
    /// Documents whose field `id` is one of `names`, in all segments except the `new` ones of a
    /// commit.
    pub(in crate::index) fn except<'n>(
        new: impl Iterator<Item = SegmentId>,
        id: Field,
        names: impl Iterator<Item = &'n str>,
    ) -> SegmentDeletes {
        SegmentDeletes(Arc::new(Inner {
            except: new.collect(),
            names: names.map(|name| Term::from_field_text(id, name)).collect(),
        }))
    }
}

impl Query for SegmentDeletes {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for SegmentDeletes {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let Inner { except, names } = &*self.0;
        if except.contains(&reader.segment_id()) {
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
