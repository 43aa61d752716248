//! A query for a precomputed list of documents.

use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::query::{ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::graph::DocCount;

type Segments = Arc<[(SegmentId, Arc<[DocCount]>)]>;

/// Matches a list of documents.
#[derive(Debug, Clone)]
pub struct ListedQuery(Segments);

impl ListedQuery {
    /// `segments` has the documents of each segment, sorted.
    pub fn new(segments: Vec<(SegmentId, Arc<[DocCount]>)>) -> ListedQuery {
        ListedQuery(segments.into())
    }
}

impl Query for ListedQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(ListedWeight(Arc::clone(&self.0))))
    }
}

struct ListedWeight(Segments);

impl Weight for ListedWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let here = self.0.iter().find(|(id, _)| *id == reader.segment_id());
        Ok(match here {
            Some((_, docs)) => {
                let docs = Arc::clone(docs);
                Box::new(ConstScorer::new(List { docs, at: 0 }, boost))
            }
            None => Box::new(EmptyScorer),
        })
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            return Ok(Explanation::new("no match", 0.0));
        }
        Ok(Explanation::new("listed", 1.0))
    }
}

struct List {
    docs: Arc<[DocCount]>,
    at: usize,
}

impl DocSet for List {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).map_or(TERMINATED, |(doc, _)| *doc)
    }

    fn size_hint(&self) -> u32 {
        self.docs.len() as u32
    }
}
