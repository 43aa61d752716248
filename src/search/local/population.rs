//! Counts words in a result set and in the clippings it is compared with.

use rustc_hash::FxHashSet;
use tantivy::query::{EnableScoring, Query};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, TERMINATED};

use super::candidates::Candidate;
use super::plan;
use crate::analyze::{Analyzer, TermKind};
use crate::index::{Archive, Result, encode};
use crate::search::HitKey;

/// A bit set over the documents of a segment.
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

/// The counted clippings, with one of each group of near-duplicates.
pub(in crate::search) struct Population {
    /// By segment.
    here: Vec<Bits>,
    everywhere: Vec<Bits>,
    keys: Vec<HitKey>,
    pub(in crate::search) results: u64,
    pub(in crate::search) clippings: u64,
}

impl Population {
    /// `results` are compared with `compared`, or with all clippings.
    pub(in crate::search) fn new(
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
            keys: Vec::with_capacity(results.len()),
            results: 0,
            clippings: 0,
        };
        let mut groups = FxHashSet::default();
        for result in results {
            if all_copies || groups.insert(result.group) {
                population.take(result.key, true);
            }
        }
        let results: FxHashSet<HitKey> = population.keys.iter().copied().collect();
        let mut compare = |key: HitKey, group: u64| {
            if !results.contains(&key) && (all_copies || groups.insert(group)) {
                population.take(key, false);
            }
        };
        match compared {
            Some(compared) => compared.iter().for_each(|c| compare(c.key, c.group)),
            None => {
                for (segment, reader) in (0..).zip(readers) {
                    let group = reader.fast_fields().u64("group")?;
                    for doc in reader.doc_ids_alive() {
                        let key = HitKey { segment, doc };
                        compare(key, group.first(doc).unwrap_or_default());
                    }
                }
            }
        }
        Ok(population)
    }

    fn take(&mut self, key: HitKey, is_result: bool) {
        let segment = key.segment as usize;
        if let Some(bits) = self.everywhere.get_mut(segment) {
            bits.set(key.doc);
        }
        self.clippings += 1;
        if is_result {
            if let Some(bits) = self.here.get_mut(segment) {
                bits.set(key.doc);
            }
            self.keys.push(key);
            self.results += 1;
        }
    }

    /// At most `most` of the results, spread evenly, in index order.
    pub(in crate::search) fn sample(&self, most: usize) -> Vec<HitKey> {
        let all = self.keys.len();
        if all <= most {
            return self.keys.clone();
        }
        let places = (0..most).map(|n| n * all / most);
        places.filter_map(|n| self.keys.get(n).copied()).collect()
    }

    /// Number of results, and of all clippings compared, with any of these words in headline or
    /// body, as written or before a particle.
    pub(in crate::search) fn count(&self, archive: &Archive, words: &[&str]) -> Result<(u64, u64)> {
        let terms: Vec<(Field, String)> = words.iter().flat_map(|w| terms(archive, w)).collect();
        let (mut results, mut all) = (0, 0);
        let readers = archive.searcher().segment_readers().iter();
        for (reader, (here, everywhere)) in readers.zip(self.here.iter().zip(&self.everywhere)) {
            let mut having = Bits::new(reader.max_doc());
            for (field, term) in &terms {
                let dict = archive.terms().dict(reader, *field)?;
                let Some(mut postings) = dict
                    .postings(term, IndexRecordOption::Basic)
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

    /// The same for a quotation; `None` if it has no words.
    pub(in crate::search) fn count_quoted(
        &self,
        archive: &Archive,
        text: &str,
        analyzer: &mut Analyzer,
    ) -> Result<Option<(u64, u64)>> {
        let Some(query) = plan::quoted(archive, text, analyzer)? else {
            return Ok(None);
        };
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
        Ok(Some((results, all)))
    }
}

/// The terms of a word as written and before a particle.
fn terms(archive: &Archive, word: &str) -> Vec<(Field, String)> {
    let fields = archive.fields();
    let mut terms = Vec::with_capacity(4);
    for kind in [TermKind::Whole, TermKind::Stem] {
        let mut term = String::new();
        encode(kind, word, &mut term);
        terms.push((fields.headline, term.clone()));
        terms.push((fields.body, term));
    }
    terms
}

/// Number of postings of a word in headlines and bodies, as written and before a particle.
pub(in crate::search) fn postings(archive: &Archive, word: &str) -> Result<u64> {
    let mut sum = 0;
    for (field, term) in terms(archive, word) {
        let terms = archive.terms();
        sum += terms.whole_doc_freq(archive.searcher(), field, &term)?;
    }
    Ok(sum)
}
