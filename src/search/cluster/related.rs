//! Related words and similar clippings in a cluster. A sample is read; words are counted in the whole archive.

use std::cell::Cell;

use rustc_hash::FxHashSet;
use serde_json::{Value, json};

use super::counts::Unit;
use super::dsl;
use super::searcher::{ClusterSearcher, Records, add, keys};
use crate::analyze::Analyzer;
use crate::index::{ALL_TEXTS, Best, Columns, HitColumns, JOINER, Result, by_score, document_key};
use crate::query::Node;
use crate::search::local::population::{Population, WholePopulation};
use crate::search::related::{Related, SAMPLE, Similar};
use crate::search::{Request, Show};

/// Maximum number of proposed similar clippings.
const MAX_SIMILAR: usize = 300;

/// A population that is known by a sample.
struct Sampled<'s> {
    searcher: &'s ClusterSearcher,
    results: u64,
    clippings: u64,
    unit: Unit,
    /// Whether it is compared with the results of another query, of which a sample is counted, too.
    is_compared: bool,
}

impl WholePopulation for Sampled<'_> {
    fn results(&self) -> u64 {
        self.results
    }

    fn clippings(&self) -> u64 {
        self.clippings
    }

    fn count(&self, terms: &[String]) -> Option<u64> {
        let fields = ["t_headline", "t_body"];
        let having = fields.map(|field| json!({"terms": {field: terms}}));
        self.matching(&json!({"bool": {"should": having}}))
    }

    fn count_quoted(&self, text: &str, analyzer: &mut Analyzer) -> Option<u64> {
        self.matching(&dsl::quoted(text, analyzer, &*self.searcher.counts))
    }
}

impl Sampled<'_> {
    fn matching(&self, query: &Value) -> Option<u64> {
        let query = json!({"bool": {"filter": [query]}});
        (!self.is_compared).then(|| self.searcher.counts.matches(&query, self.unit))
    }
}

impl ClusterSearcher {
    /// See [`Searcher::related`](crate::search::Searcher::related). Also returns whether the counts are estimates.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn related(
        &self,
        request: &Request,
        against: Option<&Request>,
        most: usize,
    ) -> Result<(Related, bool)> {
        self.counts.renew(&self.index)?;
        let query = self.query(request)?;
        let mut matching = self.matching(request, &query, Columns::Few)?;
        let results = representatives(matching.members.clone(), request.all_copies);
        let mut sampled = Sampled {
            searcher: self,
            results: matching.scaled(results.len() as u64),
            clippings: 0,
            unit: match request.all_copies {
                true => Unit::Clippings,
                false => Unit::Groups,
            },
            is_compared: against.is_some(),
        };
        let mut compared = Vec::new();
        match against {
            Some(against) => {
                let query = self.query(against)?;
                let others = self.matching(against, &query, Columns::Few)?;
                let known: FxHashSet<i64> = results.iter().map(|m| m.key).collect();
                let groups: FxHashSet<u64> = results.iter().map(|m| m.group).collect();
                compared = representatives(others.members.clone(), request.all_copies);
                compared.retain(|member| match request.all_copies {
                    true => !known.contains(&member.key),
                    false => !groups.contains(&member.group),
                });
                sampled.clippings = sampled.results + others.scaled(compared.len() as u64);
            }
            None => {
                let everything = json!({"match_all": {}});
                let unit = sampled.unit;
                sampled.clippings = self.counted(|| Ok(self.counts.matches(&everything, unit)))?;
            }
        }
        // Numbers of groups are estimates.
        sampled.clippings = sampled.clippings.max(sampled.results);
        let (of_results, of_clippings) = (sampled.results, sampled.clippings);
        let is_estimated = of_results > SAMPLE as u64 || !request.all_copies || against.is_some();
        let mut related = Related {
            results: of_results,
            clippings: of_clippings,
            words: Vec::new(),
        };
        if of_results == 0 || of_results == of_clippings {
            return Ok((related, matching.estimate.is_some()));
        }
        let results = spread(results);
        let read = [keys(&results), keys(&spread(compared))].concat();
        let part = self.part(&read, &mut matching.records, None)?;
        let of_query = self.counted(|| part.matching(request))?;
        let everything = part.matching(&Request::all_of(Node::All))?.0;
        let (found, plan) = of_query;
        let population =
            Population::sample_of(part.archive(), found.all(), everything.all(), &sampled)?;
        let seen = Cell::new(self.counts.misses());
        let fill = || {
            let is_missing = self.counts.misses() > seen.get();
            if is_missing {
                self.counts.fill(&self.index)?;
                seen.set(self.counts.misses());
            }
            Ok(is_missing)
        };
        related.words = part.distinctive(request, &plan.words, &population, most, &fill)?;
        Ok((related, is_estimated))
    }

    /// See [`Searcher::similar`](crate::search::Searcher::similar). The cluster proposes clippings with the
    /// characteristic words.
    ///
    /// # Errors
    /// When there is no such clipping, or the cluster does not answer for all shards.
    pub fn similar(&self, id: &str, filters: &Node, limit: usize, show: Show) -> Result<Similar> {
        self.counts.renew(&self.index)?;
        let own = self.index.get(id)?;
        let part = self.part_of(vec![own.clone()], None)?;
        let words = self.counted(|| {
            let analyzers = &self.analyzers;
            analyzers.with(|analyzer| part.telling_words(&own.clipping, analyzer))
        })?;
        let mut like = Vec::new();
        for (word, weight) in &words {
            let mut forms: Vec<&str> = Vec::new();
            forms.extend(word.terms.iter().map(|(term, _)| term.as_str()));
            let forms = forms.join(&JOINER.to_string());
            like.push(json!({"match": {ALL_TEXTS: {"query": forms, "boost": weight}}}));
        }
        let mut filter = Vec::new();
        if *filters != Node::All {
            filter.push(self.query(&Request::all_of(filters.clone()))?.upper);
        }
        let mut records = Records::default();
        let mut read = vec![document_key(&own.clipping.id)];
        if !like.is_empty() && limit > 0 {
            let query = json!({"bool": {
                "should": like,
                "minimum_should_match": 1,
                "filter": filter,
                "must_not": [{"term": {"group": own.group.cast_signed()}}],
            }});
            let best = [Best {
                query: &query,
                sort: by_score(),
                most: MAX_SIMILAR.max(limit),
            }];
            let (found, _) = self.index.best(&best, None)?;
            add(found, &mut read, &mut records);
        }
        let part = self.part(&read, &mut records, None)?;
        let id = own.clipping.id;
        self.counted(|| part.similar(&id, filters, limit, show))
    }
}

/// The first of each group in the order of writing, or all with `all_copies`.
fn representatives(mut members: Vec<HitColumns>, all_copies: bool) -> Vec<HitColumns> {
    members.sort_by_key(|member| member.order);
    let mut groups = FxHashSet::default();
    members.retain(|member| all_copies || groups.insert(member.group));
    members
}

/// An evenly spread sample.
fn spread(members: Vec<HitColumns>) -> Vec<HitColumns> {
    let all = members.len();
    if all <= SAMPLE {
        return members;
    }
    let places = (0..SAMPLE).map(|n| n * all / SAMPLE);
    places.filter_map(|n| members.get(n).cloned()).collect()
}
