//! Counts words in a result set and in the clippings it is compared with.

use rustc_hash::FxHashSet;
use tantivy::query::{EnableScoring, Query};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, TERMINATED};

use super::candidates::Candidate;
use super::plan;
use crate::analyze::{Analyzer, TermKind};
use crate::index::{Archive, Result, encoded};
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
pub(in crate::search) struct Population<'w> {
    /// By segment.
    here: Vec<Bits>,
    everywhere: Vec<Bits>,
    keys: Vec<HitKey>,
    pub(in crate::search) results: u64,
    pub(in crate::search) clippings: u64,
    whole: Option<&'w dyn WholePopulation>,
}

/// Counts in a population of which an index holds a sample only.
pub(in crate::search) trait WholePopulation {
    /// Number of results in all.
    fn results(&self) -> u64;

    /// Number of all clippings compared.
    fn clippings(&self) -> u64;

    /// Number of clippings compared that have any of these encoded terms in headline or body; `None`
    /// if the sample tells as much.
    fn count(&self, terms: &[String]) -> Option<u64>;

    /// The same for a quotation.
    fn count_quoted(&self, text: &str, analyzer: &mut Analyzer) -> Option<u64>;
}

impl<'w> Population<'w> {
    /// `results` are compared with `compared`, or with all clippings.
    pub(in crate::search) fn new(
        archive: &Archive,
        results: &[Candidate],
        compared: Option<&[Candidate]>,
        all_copies: bool,
    ) -> Result<Population<'w>> {
        let readers = archive.searcher().segment_readers();
        let empty: Vec<Bits> = readers.iter().map(|r| Bits::new(r.max_doc())).collect();
        let mut population = Population {
            here: empty.clone(),
            everywhere: empty,
            keys: Vec::with_capacity(results.len()),
            results: 0,
            clippings: 0,
            whole: None,
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

    /// The same as a sample of `whole`.
    pub(in crate::search) fn sample_of(
        archive: &Archive,
        results: &[Candidate],
        compared: &[Candidate],
        whole: &'w dyn WholePopulation,
    ) -> Result<Population<'w>> {
        let mut population = Population::new(archive, results, Some(compared), true)?;
        population.whole = Some(whole);
        Ok(population)
    }

    /// Numbers of results and of all clippings compared.
    pub(in crate::search) fn totals(&self) -> (u64, u64) {
        match self.whole {
            Some(whole) => (whole.results(), whole.clippings()),
            None => (self.results, self.clippings),
        }
    }

    /// Whether it is a sample of a larger population.
    pub(in crate::search) fn is_sample(&self) -> bool {
        self.whole.is_some()
    }

    /// Counts of this index, for the whole population.
    fn scaled(&self, results: u64, all: u64, whole: Option<u64>) -> (u64, u64) {
        let (all_results, all_clippings) = self.totals();
        let scaled = |count: u64, of: u64, to: u64| match of {
            0 => 0,
            _ if of == to => count,
            _ => (count as f64 * to as f64 / of as f64).round() as u64,
        };
        let others = scaled(
            all - results,
            self.clippings - self.results,
            all_clippings - all_results,
        );
        let results = scaled(results, self.results, all_results);
        let all = whole.unwrap_or(results + others).max(results);
        (results, all)
    }

    /// An upper bound of how many clippings have a word.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(in crate::search) fn most_with(&self, archive: &Archive, word: &str) -> Result<u64> {
        match self.whole {
            None => postings(archive, word),
            Some(_) => Ok(self.count(archive, &[word])?.1),
        }
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
        let whole = self.whole.and_then(|whole| {
            let headline = archive.fields().headline;
            let terms = terms.iter().filter(|(field, _)| *field == headline);
            let terms: Vec<String> = terms.map(|(_, term)| term.clone()).collect();
            whole.count(&terms)
        });
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
        Ok(self.scaled(results, all, whole))
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
        let whole = self
            .whole
            .and_then(|whole| whole.count_quoted(text, analyzer));
        Ok(Some(self.scaled(results, all, whole)))
    }
}

/// The terms of a word as written and before a particle.
fn terms(archive: &Archive, word: &str) -> Vec<(Field, String)> {
    let fields = archive.fields();
    let mut terms = Vec::with_capacity(4);
    for kind in [TermKind::Whole, TermKind::Stem] {
        let term = encoded(kind, word);
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
