//! Results and what they are compared with: which clippings count, and how many have a word.

use rustc_hash::FxHashSet;
use tantivy::query::{EnableScoring, Query};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, TERMINATED};

use super::{CHANCE, Candidate, RelatedWord, surprise};
use crate::index::{Archive, Result};

/// One bit for each clipping of a segment.
#[derive(Clone)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(length: u32) -> Bits {
        Bits(vec![0; (length as usize).div_ceil(64)])
    }

    fn set(&mut self, doc: DocId) {
        if let Some(word) = self.0.get_mut(doc as usize / 64) {
            *word |= 1 << (doc % 64);
        }
    }

    fn common(&self, other: &Bits) -> u64 {
        let pairs = self.0.iter().zip(&other.0);
        pairs.map(|(a, b)| u64::from((a & b).count_ones())).sum()
    }
}

/// The clippings that count, each group of near-duplicates by one of them.
pub(super) struct Population {
    /// By segment.
    here: Vec<Bits>,
    everywhere: Vec<Bits>,
    addresses: Vec<DocAddress>,
    pub(super) results: u64,
    pub(super) clippings: u64,
}

impl Population {
    /// `results` among `compared`, or among all clippings.
    pub(super) fn new(
        archive: &Archive,
        results: &[Candidate],
        compared: Option<&[Candidate]>,
        all_copies: bool,
    ) -> Result<Population> {
        let readers = archive.searcher().segment_readers();
        let empty: Vec<Bits> = readers.iter().map(|r| Bits::new(r.max_doc())).collect();
        let mut population = Population {
            here: empty.clone(),
            everywhere: empty,
            addresses: Vec::with_capacity(results.len()),
            results: 0,
            clippings: 0,
        };
        let mut groups = FxHashSet::default();
        for result in results {
            if all_copies || groups.insert(result.group) {
                population.take(result.address, true);
            }
        }
        let results: FxHashSet<DocAddress> = population.addresses.iter().copied().collect();
        let mut compare = |address: DocAddress, group: u64| {
            if !results.contains(&address) && (all_copies || groups.insert(group)) {
                population.take(address, false);
            }
        };
        match compared {
            Some(compared) => compared.iter().for_each(|c| compare(c.address, c.group)),
            None => {
                for (segment, reader) in (0..).zip(readers) {
                    let group = reader.fast_fields().u64("group")?;
                    for doc in reader.doc_ids_alive() {
                        let address = DocAddress::new(segment, doc);
                        compare(address, group.first(doc).unwrap_or_default());
                    }
                }
            }
        }
        Ok(population)
    }

    fn take(&mut self, address: DocAddress, is_result: bool) {
        let segment = address.segment_ord as usize;
        if let Some(bits) = self.everywhere.get_mut(segment) {
            bits.set(address.doc_id);
        }
        self.clippings += 1;
        if is_result {
            if let Some(bits) = self.here.get_mut(segment) {
                bits.set(address.doc_id);
            }
            self.addresses.push(address);
            self.results += 1;
        }
    }

    /// At most `most` of the results, evenly spread, in the order of the index.
    pub(super) fn sample(&self, most: usize) -> Vec<DocAddress> {
        let all = self.addresses.len();
        if all <= most {
            return self.addresses.clone();
        }
        let places = (0..most).map(|n| n * all / most);
        places
            .filter_map(|n| self.addresses.get(n).copied())
            .collect()
    }

    /// How many results, and how many clippings in all, have any of these terms.
    pub(super) fn count(&self, archive: &Archive, terms: &[(Field, String)]) -> Result<(u64, u64)> {
        let (mut results, mut all) = (0, 0);
        let readers = archive.searcher().segment_readers().iter();
        for (reader, (here, everywhere)) in readers.zip(self.here.iter().zip(&self.everywhere)) {
            let mut having = Bits::new(reader.max_doc());
            for (field, term) in terms {
                let index = reader.inverted_index(*field)?;
                let Some(mut postings) = archive
                    .terms()
                    .postings(&index, term, IndexRecordOption::Basic)
                    .map_err(tantivy::TantivyError::from)?
                else {
                    continue;
                };
                let mut doc = postings.doc();
                while doc != TERMINATED {
                    having.set(doc);
                    doc = postings.advance();
                }
            }
            results += having.common(here);
            all += having.common(everywhere);
        }
        Ok((results, all))
    }

    /// The same for what a query finds.
    pub(super) fn count_query(&self, archive: &Archive, query: &dyn Query) -> Result<(u64, u64)> {
        let searcher = archive.searcher();
        let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
        let (mut results, mut all) = (0, 0);
        let readers = searcher.segment_readers().iter();
        for (reader, (here, everywhere)) in readers.zip(self.here.iter().zip(&self.everywhere)) {
            let mut having = Bits::new(reader.max_doc());
            weight.for_each_no_score(reader, &mut |docs| {
                docs.iter().for_each(|doc| having.set(*doc));
            })?;
            results += having.common(here);
            all += having.common(everywhere);
        }
        Ok((results, all))
    }

    /// The word with these counts, if it is more than chance.
    pub(super) fn word(&self, written: &str, count: u64, all: u64) -> Option<RelatedWord> {
        let [here, all_of, results, clippings] =
            [count, all, self.results, self.clippings].map(|n| n as f64);
        let score = surprise(here, all_of, results, clippings);
        (count >= 2.min(self.results) && score > CHANCE).then(|| RelatedWord {
            word: written.to_owned(),
            count,
            clippings: all,
            lift: (here / results) / (all_of / clippings),
            score,
        })
    }
}
