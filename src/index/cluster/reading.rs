//! Reads clippings of a cluster: by id, by query, or all of them.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{DFS_QUERY_THEN_FETCH, QUERY_THEN_FETCH};
use super::error::ClusterError;
use super::mapping::{ALL_TEXTS, ClusterDocMeta, JOINER, Stored, document_key, document_name};
use super::store::ClusterIndex;
use crate::analyze::{Analyzer, TermKind};
use crate::clipping::Clipping;
use crate::index::engine::term::{MAX_TERM_BYTES, encode, encoded, term_text};
use crate::index::read::check::Findings;
use crate::index::read::stats::Tally;
use crate::index::write::identity::content_hash;
use crate::index::{Damage, IndexError, Result, Stats};

/// Number of records per request.
const RECORDS: usize = 500;

/// Number of hits per page, which is the cluster's limit.
const PAGE: usize = 10_000;

/// Maximum number of outlets and of reporters that are counted. The cluster's limit is 65,535 for both.
const NAMES: usize = 20_000;

/// Number of counts per request.
const COUNTED: usize = 500;

/// Number of terms counted per request.
const TERMS: usize = 4_000;

/// Maximum number of routing values tried to reach every shard.
const ROUTINGS: usize = 10_000;

/// Similar terms are frequent if one of their kinds, with or without a particle, has this share of the occurrences:
/// most have all kinds in headline and body, six in all.
const RARER_FORM: u64 = 60;

/// Maximum number of similar terms per kind.
const SIMILAR_TERMS: usize = 200;

/// Maximum number of ids listed if a prefix is ambiguous.
const IDS_LISTED: usize = 5;

/// Maximum number of terms per clipping compared by a check.
const MAX_TERMS: usize = 900;

/// A check compares the terms of one clipping in this many.
const COMPARED_OF: u64 = 100;

/// A clipping and the data of its document that do not follow from it.
#[derive(Debug, Clone)]
pub struct ClusterClipping {
    /// The clipping.
    pub clipping: Clipping,
    /// When it was first added, Unix seconds.
    pub added: i64,
    /// Its near-duplicate group.
    pub group: u64,
    /// Increases with every write.
    pub order: i64,
    /// Number of terms in headline, body and captions.
    pub lengths: [u32; 3],
}

impl ClusterClipping {
    /// See [`document_key`].
    pub fn key(&self) -> i64 {
        document_key(&self.clipping.id)
    }
}

/// Columns of a hit.
#[derive(Debug, Clone, PartialEq)]
pub struct HitColumns {
    /// See [`document_key`].
    pub key: i64,
    /// Unix seconds.
    pub published: Option<i64>,
    /// Unix seconds. Only with [`Columns::Ids`].
    pub added: i64,
    /// Its near-duplicate group.
    pub group: u64,
    /// Increases with every write.
    pub order: i64,
    /// Only with [`Columns::Ids`].
    pub id: String,
    /// As written. Only with [`Columns::Sizes`].
    pub outlet: Option<String>,
    /// Only with [`Columns::Sizes`].
    pub text_bytes: u64,
}

/// The columns that are read besides key, date, group and order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// None.
    Few,
    /// The time of adding and the id.
    Ids,
    /// Outlet and size.
    Sizes,
}

/// A search for candidates and their columns; see [`ClusterIndex::propose`].
pub struct Search<'s> {
    /// Matches a subset of the results.
    pub lower: &'s Value,
    /// Matches a superset of the results.
    pub upper: &'s Value,
    /// The columns to read.
    pub columns: Columns,
    /// Maximum number of clippings whose columns are read.
    pub most: usize,
    /// Count outlets and reporters.
    pub names: bool,
    /// The records to read.
    pub best: Option<Best<'s>>,
}

/// The best results of a query.
pub struct Best<'s> {
    /// The query, whose score is used by [`by_score`].
    pub query: &'s Value,
    /// The sort order.
    pub sort: Value,
    /// Maximum number.
    pub most: usize,
}

/// The answer to a [`Search`].
#[derive(Default)]
pub struct Proposal {
    /// Matches of the lower bound.
    pub certain: Vec<HitColumns>,
    /// Other matches of the upper bound.
    pub doubtful: Vec<HitColumns>,
    /// There are more.
    pub is_cut: bool,
    /// Counts of the matches of the lower bound.
    pub names: NameCounts,
    /// The best, in order.
    pub best: Vec<ClusterClipping>,
}

/// Numbers of clippings by name.
#[derive(Debug, Default)]
pub struct NameCounts {
    /// By outlet.
    pub outlets: FxHashMap<String, u64>,
    /// By reporter.
    pub reporters: FxHashMap<String, u64>,
    /// Some names are missing.
    pub is_cut: bool,
}

/// A document and its version.
#[derive(Debug, Clone)]
pub(super) struct Versioned {
    pub stored: Stored,
    pub seq_no: u64,
    pub primary_term: u64,
}

#[derive(Deserialize)]
struct Documents {
    docs: Vec<Document>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    found: bool,
    #[serde(rename = "_seq_no", default)]
    seq_no: u64,
    #[serde(rename = "_primary_term", default)]
    primary_term: u64,
    #[serde(rename = "_source")]
    source: Option<Stored>,
}

#[derive(Deserialize)]
pub(super) struct Answer<S> {
    pub hits: Hits<S>,
    #[serde(default)]
    aggregations: FxHashMap<String, Names>,
}

#[derive(Deserialize)]
struct Names {
    #[serde(default)]
    sum_other_doc_count: u64,
    #[serde(default)]
    buckets: Vec<Name>,
}

#[derive(Deserialize)]
struct Name {
    key: String,
    doc_count: u64,
}

#[derive(Deserialize)]
pub(super) struct Hits<S> {
    pub hits: Vec<Hit<S>>,
}

#[derive(Deserialize)]
pub(super) struct Hit<S> {
    #[serde(rename = "_id", default)]
    pub id: String,
    #[serde(rename = "_source")]
    pub source: Option<S>,
    #[serde(default)]
    pub fields: Fields,
    #[serde(default)]
    pub sort: Vec<Value>,
}

#[derive(Deserialize)]
struct Counted {
    hits: CountedHits,
    #[serde(default)]
    aggregations: FxHashMap<String, Aggregation>,
}

#[derive(Deserialize)]
struct CountedHits {
    #[serde(default)]
    total: Total,
}

#[derive(Deserialize, Default)]
struct Total {
    value: u64,
}

#[derive(Deserialize)]
struct Aggregation {
    value: Option<f64>,
}

/// Columns of a hit, each a list of values.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Fields {
    pub id: Vec<String>,
    pub group: Vec<i64>,
    pub published: Vec<i64>,
    pub bands: Vec<String>,
    pub sketch: Vec<String>,
}

impl ClusterIndex {
    /// The current clippings with these ids; `None` for missing ones.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub fn read(&self, ids: &[String]) -> Result<Vec<Option<ClusterClipping>>> {
        let names: Vec<String> = ids.iter().map(|id| document_name(id)).collect();
        let documents = self.versioned(&names)?.into_iter();
        Ok(documents
            .map(|found| found.map(|found| ClusterClipping::from(found.stored)))
            .collect())
    }

    /// Documents by name, with their versions.
    pub(super) fn versioned(&self, names: &[String]) -> Result<Vec<Option<Versioned>>> {
        let mut found = Vec::with_capacity(names.len());
        for names in names.chunks(RECORDS) {
            let documents: Documents = self.client.documents(&self.address.index, names)?;
            if documents.docs.len() != names.len() {
                let reason = "another number of documents than was asked for".to_owned();
                return Err(ClusterError::Malformed { reason }.into());
            }
            for document in documents.docs {
                found.push(
                    document
                        .source
                        .filter(|_| document.found)
                        .map(|stored| Versioned {
                            stored,
                            seq_no: document.seq_no,
                            primary_term: document.primary_term,
                        }),
                );
            }
        }
        Ok(found)
    }

    /// The clipping with this id or unique prefix of an id.
    ///
    /// # Errors
    /// When there is none, or the prefix is ambiguous.
    pub fn get(&self, id: &str) -> Result<ClusterClipping> {
        if let Some(found) = self.read(&[id.to_owned()])?.into_iter().flatten().next() {
            return Ok(found);
        }
        if id.is_empty() {
            return Err(IndexError::NoClipping(id.to_owned()));
        }
        let answer: Answer<Stored> = self.search(&json!({
            "size": IDS_LISTED + 1,
            "query": {"prefix": {"id": id}},
            "sort": ["id"],
            "_source": ["record", "content", "added", "group", "order", "write"],
        }))?;
        let mut found = answer.hits.hits.into_iter().filter_map(|hit| hit.source);
        match (found.next(), found.next()) {
            (None, _) => Err(IndexError::NoClipping(id.to_owned())),
            (Some(only), None) => Ok(only.into()),
            (Some(first), Some(second)) => {
                let all = [first, second].into_iter().chain(found);
                let mut names: Vec<String> = all.map(|stored| stored.record.id).collect();
                if names.len() > IDS_LISTED {
                    names.truncate(IDS_LISTED);
                    names.push("...".to_owned());
                }
                Err(IndexError::Ambiguous {
                    prefix: id.to_owned(),
                    names,
                })
            }
        }
    }

    /// Finds candidates in one request, if they fit on one page.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn propose(&self, search: &Search<'_>) -> Result<Proposal> {
        let mut proposal = Proposal::default();
        let (lower, upper) = (search.lower, search.upper);
        let mut columns = columns_of(upper, lower, search.columns);
        let mut searches: Vec<(&'static str, Value)> = Vec::with_capacity(3);
        searches.push((QUERY_THEN_FETCH, columns.clone()));
        if search.names && !lower["match_none"].is_object() {
            let names = |field| json!({"terms": {"field": field, "size": NAMES}});
            let names = json!({"outlets": names("outlet"), "reporters": names("reporters")});
            let body = json!({
                "size": 0, "query": constant(lower), "track_total_hits": false, "aggs": names,
            });
            searches.push((QUERY_THEN_FETCH, body));
        }
        if let Some(best) = &search.best {
            searches.push((DFS_QUERY_THEN_FETCH, best.body()));
        }
        let bodies = searches
            .iter()
            .map(|(search_type, body)| (*search_type, body));
        let answers: Vec<Answer<Stored>> = self.client.search_many(&self.address.index, bodies)?;
        let mut answers = answers.into_iter();
        let page = answers
            .next()
            .map(|answer| answer.hits.hits)
            .unwrap_or_default();
        let is_full = page.len() >= PAGE;
        let last = page.last().map(|hit| hit.sort.clone());
        let mut read = page.len();
        let mut take = |(found, is_certain): (HitColumns, bool)| match is_certain {
            true => proposal.certain.push(found),
            false => proposal.doubtful.push(found),
        };
        let page = page.into_iter().map(|hit| found(hit, search.columns));
        page.for_each(&mut take);
        if let Some(last) = last.filter(|_| is_full) {
            columns["search_after"] = last.into();
            self.pages::<Value>(columns, &mut |hit| {
                take(found(hit, search.columns));
                read += 1;
                Ok(read < search.most)
            })?;
        }
        proposal.is_cut = read >= search.most;
        if search.names && !lower["match_none"].is_object() {
            let mut names = answers
                .next()
                .map(|answer| answer.aggregations)
                .unwrap_or_default();
            let mut take = |name: &str| names.remove(name).into_iter();
            let counts = &mut proposal.names;
            for (name, into) in [
                ("outlets", &mut counts.outlets),
                ("reporters", &mut counts.reporters),
            ] {
                for names in take(name) {
                    counts.is_cut |= names.sum_other_doc_count > 0;
                    into.extend(names.buckets.into_iter().map(|n| (n.key, n.doc_count)));
                }
            }
        }
        let best = answers
            .next()
            .map(|answer| answer.hits.hits)
            .unwrap_or_default();
        let best = best.into_iter().filter_map(|hit| hit.source);
        proposal.best = best.map(ClusterClipping::from).collect();
        Ok(proposal)
    }

    /// Calls `each` with every hit of a search, page by page, until it returns `false`.
    pub(super) fn pages<S: for<'de> Deserialize<'de>>(
        &self,
        mut body: Value,
        each: &mut dyn FnMut(Hit<S>) -> Result<bool>,
    ) -> Result<()> {
        let size = body["size"].as_u64().unwrap_or_default() as usize;
        if body["sort"].is_null() {
            body["sort"] = json!(["key", "id"]);
        }
        loop {
            let answer: Answer<S> = self.search(&body)?;
            let count = answer.hits.hits.len();
            let mut last = Vec::new();
            for hit in answer.hits.hits {
                last.clone_from(&hit.sort);
                if !each(hit)? {
                    return Ok(());
                }
            }
            if count < size {
                return Ok(());
            }
            body["search_after"] = last.into();
        }
    }

    /// Calls `each` with every clipping until it returns `false`.
    ///
    /// # Errors
    /// When the cluster does not answer for all of it, or `each` fails.
    pub(super) fn each_record(
        &self,
        each: &mut dyn FnMut(Hit<Stored>) -> Result<bool>,
    ) -> Result<()> {
        let body = json!({
            "size": RECORDS,
            "query": {"match_all": {}},
            "track_total_hits": false,
        });
        self.pages(body, each)
    }

    /// Calls `each` with every clipping in the order of writing until it returns `false`. A clipping that is changed
    /// meanwhile may come twice, in its old and in its new version.
    ///
    /// # Errors
    /// When the cluster does not answer for all of it, or `each` fails.
    pub fn each_in_order(
        &self,
        each: &mut dyn FnMut(ClusterClipping) -> Result<bool>,
    ) -> Result<()> {
        let body = json!({
            "size": RECORDS,
            "query": {"match_all": {}},
            "track_total_hits": false,
            "sort": [{"order": "asc"}, {"id": "asc"}],
        });
        self.pages(body, &mut |hit: Hit<Stored>| match hit.source {
            Some(stored) => each(stored.into()),
            None => Ok(true),
        })
    }

    /// Other clippings of the near-duplicate group of a clipping, in the order of writing.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn copies(&self, of: &ClusterClipping, limit: usize) -> Result<Vec<Clipping>> {
        let answer: Answer<Stored> = self.search(&json!({
            "size": limit.min(PAGE),
            "query": {"bool": {
                "filter": [{"term": {"group": of.group.cast_signed()}}],
                "must_not": [{"term": {"id": of.clipping.id}}],
            }},
            "sort": ["order", "id"],
        }))?;
        let stored = answer.hits.hits.into_iter().filter_map(|hit| hit.source);
        Ok(stored.map(|stored| stored.record).collect())
    }

    /// A text that changes when clippings are added, changed or removed.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn version(&self) -> Result<String> {
        // The cluster caches answers to searches without hits.
        let answer: Counted = self.search(&json!({
            "size": 0,
            "track_total_hits": true,
            "aggs": {"newest": {"max": {"field": "order"}}},
        }))?;
        let newest = answer.aggregations.get("newest").and_then(|a| a.value);
        let newest = newest.unwrap_or_default() as i64;
        Ok(format!(
            "{} {} {newest}",
            self.name, answer.hits.total.value
        ))
    }

    /// Time of adding of the newest clipping, Unix seconds; 0 for an empty index.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn newest_added(&self) -> Result<i64> {
        let answer: Counted = self.search(&json!({
            "size": 0, "aggs": {"newest": {"max": {"field": "added"}}},
        }))?;
        let newest = answer.aggregations.get("newest").and_then(|a| a.value);
        Ok(newest.unwrap_or_default() as i64)
    }

    /// For each of `texts`, the terms that differ from it in at most two characters, and not in the first; without
    /// their kinds. If there are many, the most similar ones. Only frequent ones are needed: each text comes with the
    /// least number of occurrences in headlines and bodies, counted for each kind.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn similar_terms(&self, texts: &[(String, u64)]) -> Result<Vec<Vec<String>>> {
        #[derive(Deserialize)]
        struct Suggested {
            suggest: FxHashMap<String, Vec<Suggestion>>,
        }
        #[derive(Deserialize)]
        struct Suggestion {
            options: Vec<Proposal>,
        }
        #[derive(Deserialize)]
        struct Proposal {
            text: String,
        }
        let mut suggest = serde_json::Map::new();
        let shards = self.routings()?.len() as u64;
        let kinds = [TermKind::Whole, TermKind::Stem];
        let terms = texts.iter().enumerate().flat_map(|(n, (text, least))| {
            kinds.map(|kind| {
                let term = encoded(kind, text);
                (n, kind, term, least / (RARER_FORM * shards))
            })
        });
        for (n, kind, term, more_than) in terms {
            let options = json!({
                "field": ALL_TEXTS, "analyzer": "given", "suggest_mode": "always",
                "size": SIMILAR_TERMS, "shard_size": SIMILAR_TERMS,
                "max_edits": 2, "prefix_length": 1, "min_word_length": 1, "accuracy": 0.0,
                "min_doc_freq": more_than, "max_term_freq": 1_000_000_000, "sort": "score",
            });
            suggest.insert(
                format!("{n} {kind:?}"),
                json!({ "text": term, "term": options }),
            );
        }
        let answer: Suggested = self.search(&json!({ "size": 0, "suggest": suggest }))?;
        let mut similar: Vec<BTreeSet<String>> = vec![BTreeSet::new(); texts.len()];
        for (name, entries) in answer.suggest {
            let n = name.split(' ').next().and_then(|n| n.parse::<usize>().ok());
            if let Some(terms) = n.and_then(|n| similar.get_mut(n)) {
                let proposals = entries.into_iter().flat_map(|entry| entry.options);
                terms.extend(proposals.map(|proposal| term_text(&proposal.text).to_owned()));
            }
        }
        let similar = similar.into_iter();
        Ok(similar.map(|terms| terms.into_iter().collect()).collect())
    }

    /// Number of clippings.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub fn count(&self) -> Result<u64> {
        let counts = self.counts(&[json!({"match_all": {}})])?;
        Ok(counts.into_iter().sum())
    }

    /// The best clippings of all `queries` and the approximate number of near-duplicate groups that match `groups`.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn best(
        &self,
        queries: &[Best<'_>],
        groups: Option<&Value>,
    ) -> Result<(Vec<ClusterClipping>, u64)> {
        let mut searches: Vec<(&'static str, Value)> = Vec::with_capacity(queries.len() + 1);
        searches.extend(
            queries
                .iter()
                .map(|best| (DFS_QUERY_THEN_FETCH, best.body())),
        );
        searches.extend(groups.map(|query| (QUERY_THEN_FETCH, groups_of(query))));
        #[derive(Deserialize)]
        struct Either {
            hits: Hits<Stored>,
            #[serde(default)]
            aggregations: FxHashMap<String, Aggregation>,
        }
        let bodies = searches
            .iter()
            .map(|(search_type, body)| (*search_type, body));
        let answers: Vec<Either> = self.client.search_many(&self.address.index, bodies)?;
        let mut clippings = Vec::new();
        let mut count = 0;
        for answer in answers {
            let hits = answer.hits.hits.into_iter();
            clippings.extend(hits.filter_map(|hit| hit.source).map(ClusterClipping::from));
            count += group_count(&answer.aggregations);
        }
        Ok((clippings, count))
    }

    /// The clippings with these keys, in any order.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn read_keys(&self, keys: &[i64]) -> Result<Vec<ClusterClipping>> {
        let mut clippings = Vec::with_capacity(keys.len());
        for keys in keys.chunks(RECORDS) {
            let answer: Answer<Stored> = self.search(&json!({
                // Different ids may have the same key.
                "size": keys.len() + RECORDS,
                "query": {"bool": {"filter": [{"terms": {"key": keys}}]}},
                "track_total_hits": false,
            }))?;
            let stored = answer.hits.hits.into_iter().filter_map(|hit| hit.source);
            clippings.extend(stored.map(ClusterClipping::from));
        }
        Ok(clippings)
    }

    /// The document frequencies of terms, given as pairs of a field and an encoded term.
    ///
    /// The cluster returns them with the term vectors of a text that has all the terms. They are those of one shard, so
    /// every shard is asked.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn doc_freqs(&self, terms: &[(String, String)]) -> Result<Vec<u64>> {
        #[derive(Deserialize)]
        struct Vectors {
            docs: Vec<Vector>,
        }
        #[derive(Deserialize)]
        struct Vector {
            #[serde(default)]
            term_vectors: FxHashMap<String, VectorField>,
        }
        #[derive(Deserialize)]
        struct VectorField {
            terms: FxHashMap<String, VectorTerm>,
        }
        #[derive(Deserialize)]
        struct VectorTerm {
            #[serde(default)]
            doc_freq: u64,
        }
        let mut counts: Vec<u64> = Vec::with_capacity(terms.len());
        for terms in terms.chunks(TERMS) {
            let mut texts: BTreeMap<&str, String> = BTreeMap::new();
            for (field, term) in terms {
                let text = texts.entry(field).or_default();
                text.push_str(term);
                text.push(' ');
            }
            let fields: Vec<&&str> = texts.keys().collect();
            let docs = self.routings()?.iter().map(|routing| {
                json!({
                    "doc": texts, "routing": routing, "fields": fields, "term_statistics": true,
                    "field_statistics": false, "positions": false, "offsets": false,
                    "payloads": false,
                })
            });
            let docs: Vec<Value> = docs.collect();
            let vectors: Vectors = self.client.term_vectors(&self.address.index, &docs)?;
            if vectors.docs.len() != docs.len() {
                let reason = "another number of term vectors than of shards".to_owned();
                return Err(ClusterError::Malformed { reason }.into());
            }
            counts.extend(terms.iter().map(|(field, term)| {
                let of_shard = |vector: &Vector| {
                    let term = vector.term_vectors.get(field)?.terms.get(term)?;
                    Some(term.doc_freq)
                };
                vectors.docs.iter().filter_map(of_shard).sum::<u64>()
            }));
        }
        Ok(counts)
    }

    /// A routing value for each shard.
    fn routings(&self) -> Result<&[String]> {
        #[derive(Deserialize)]
        struct SearchShards {
            shards: Vec<Vec<Copy>>,
        }
        #[derive(Deserialize)]
        struct Copy {
            shard: u64,
        }
        if let Some(routings) = self.routings.get() {
            return Ok(routings);
        }
        let shards = |routing: &str| -> Result<BTreeSet<u64>> {
            let path = format!("/{}/_search_shards{routing}", self.address.index);
            let found: SearchShards = self.client.request("GET", &path, None)?;
            let copies = found.shards.into_iter().flatten();
            Ok(copies.map(|copy| copy.shard).collect())
        };
        let mut left = shards("")?;
        let mut routings = Vec::with_capacity(left.len());
        for n in 0..ROUTINGS {
            if left.len() <= 1 && n == 0 {
                // All values lead to the only shard.
                left.clear();
                routings.push(n.to_string());
            }
            if left.is_empty() {
                return Ok(self.routings.get_or_init(|| routings));
            }
            let reached = shards(&format!("?routing={n}"))?;
            if reached.iter().any(|shard| left.remove(shard)) {
                routings.push(n.to_string());
            }
        }
        let reason = "no routing value leads to some of its shards".to_owned();
        Err(ClusterError::Malformed { reason }.into())
    }

    /// Approximate number of near-duplicate groups that match each query; nearly exact below 40,000.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn counts_of_groups(&self, queries: &[Value]) -> Result<Vec<u64>> {
        let searches: Vec<Value> = queries.iter().map(groups_of).collect();
        let mut counts = Vec::with_capacity(searches.len());
        for searches in searches.chunks(COUNTED) {
            let answers: Vec<Counted> = self.search_many(searches)?;
            counts.extend(
                answers
                    .iter()
                    .map(|answer| group_count(&answer.aggregations)),
            );
        }
        Ok(counts)
    }

    /// Number of clippings that match each query.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn counts(&self, queries: &[Value]) -> Result<Vec<u64>> {
        let searches = queries
            .iter()
            .map(|query| json!({"size": 0, "track_total_hits": true, "query": query}));
        let searches: Vec<Value> = searches.collect();
        let mut counts = Vec::with_capacity(searches.len());
        for searches in searches.chunks(COUNTED) {
            let answers: Vec<Counted> = self.search_many(searches)?;
            counts.extend(answers.into_iter().map(|answer| answer.hits.total.value));
        }
        Ok(counts)
    }

    /// Number of clippings, and the mean number of terms in headline, body and captions.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn lengths(&self) -> Result<(u64, [f32; 3])> {
        let mean = |field: &str| json!({"avg": {"field": field}});
        let answer: Counted = self.search(&json!({
            "size": 0,
            "track_total_hits": true,
            "aggs": {
                "headline": mean("n_headline"), "body": mean("n_body"), "extra": mean("n_extra"),
            },
        }))?;
        let mean = |name: &str| {
            let value = answer.aggregations.get(name).and_then(|a| a.value);
            (value.unwrap_or_default() as f32).max(1.0)
        };
        let means = [mean("headline"), mean("body"), mean("extra")];
        Ok((answer.hits.total.value, means))
    }

    /// Statistics of `found`. The size on disk is that of the whole index.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub fn stats(&self, found: impl IntoIterator<Item = HitColumns>) -> Result<Stats> {
        let mut tally = Tally::default();
        let mut outlets: FxHashMap<String, u64> = FxHashMap::default();
        for found in found {
            tally.add(Some(found.group), found.published, found.text_bytes);
            if let Some(outlet) = found.outlet {
                *outlets.entry(outlet).or_default() += 1;
            }
        }
        Ok(Stats {
            disk_bytes: self.disk_bytes()?,
            ..tally.stats(outlets)
        })
    }

    /// Compares every record with its hash and its name, and the terms of one in a hundred with its text.
    ///
    /// # Errors
    /// When the cluster does not answer; what is wrong inside is in the findings.
    pub fn check(&self, progress: &mut dyn FnMut(u64)) -> Result<Findings> {
        let mut findings = Findings::default();
        let mut compared: Vec<(String, Value)> = Vec::new();
        let mut analyzer = Analyzer::new(self.language.clone());
        self.each_record(&mut |hit| {
            findings.clippings += 1;
            progress(findings.clippings);
            let Some(stored) = hit.source else {
                findings.problem(Damage::NoRecord.of_clipping(&hit.id));
                return Ok(true);
            };
            let clipping = &stored.record;
            if document_name(&clipping.id) != hit.id {
                findings.problem(Damage::NotFoundById.of_clipping(&clipping.id));
            }
            if content_hash(clipping) != stored.content() {
                findings.problem(Damage::HashDiffers.of_clipping(&clipping.id));
            }
            if findings.clippings % COMPARED_OF == 1 {
                let mut terms = FxHashSet::default();
                for (field, text) in [
                    ("t_headline", &clipping.headline),
                    ("t_body", &clipping.body),
                ] {
                    analyzer.terms(text, &mut |term| {
                        if term.text.len() < MAX_TERM_BYTES && !term.text.contains([' ', JOINER]) {
                            let mut encoded = String::new();
                            encode(term.kind, term.text, &mut encoded);
                            terms.insert((field, encoded));
                        }
                    });
                }
                // A query may have 1,024 clauses.
                let terms = terms.into_iter().take(MAX_TERMS);
                let all = terms.map(|(field, term)| json!({"term": {field: term}}));
                let all: Vec<Value> = all.chain([json!({"ids": {"values": [hit.id]}})]).collect();
                let query =
                    json!({"size": 1, "_source": false, "query": {"bool": {"filter": all}}});
                compared.push((clipping.id.clone(), query));
            }
            Ok(true)
        })?;
        for part in compared.chunks(50) {
            let queries: Vec<Value> = part.iter().map(|(_, query)| query.clone()).collect();
            let answers: Vec<Answer<Value>> = self.search_many(&queries)?;
            for ((id, _), answer) in part.iter().zip(answers) {
                if answer.hits.hits.is_empty() {
                    findings.problem(Damage::NotFoundBySomeWord.of_clipping(id));
                }
            }
        }
        Ok(findings)
    }
}

/// Sorts by score; ties by date, newer first, and then in the order of writing, as the local engine does.
pub fn by_score() -> Value {
    json!(["_score", {"published": "desc"}, "order"])
}

impl Best<'_> {
    fn body(&self) -> Value {
        json!({
            "size": self.most.min(PAGE),
            "query": self.query,
            "sort": self.sort,
            "track_total_hits": false,
        })
    }
}

/// Reads columns of all matches of `upper`, and whether `lower` matches, as a score.
///
/// Columns are read as sort values, which is several times as fast as reading them in the fetch phase. The order is
/// that of a hash of the id, so a clipping that exists all the time is returned exactly once whatever is written
/// between two pages.
fn columns_of(upper: &Value, lower: &Value, columns: Columns) -> Value {
    let mut sort = vec!["key", "_score", "order", "group", "published"];
    match columns {
        Columns::Few => {}
        Columns::Ids => sort.extend(["added", "id"]),
        Columns::Sizes => sort.extend(["outlet", "text_bytes"]),
    }
    let is_certain = json!({"constant_score": {"filter": lower}});
    let query = match upper == lower {
        true => is_certain,
        false => json!({"bool": {"filter": [upper], "should": [is_certain]}}),
    };
    json!({
        "size": PAGE,
        "query": query,
        "sort": sort,
        "stored_fields": "_none_",
        "track_total_hits": false,
    })
}

/// Without scores.
fn constant(query: &Value) -> Value {
    json!({"bool": {"filter": [query]}})
}

/// The columns of a hit, and whether the lower bound matches.
fn found(hit: Hit<impl Sized>, columns: Columns) -> (HitColumns, bool) {
    let mut values = hit.sort.into_iter();
    let key = values.next().and_then(|value| value.as_i64());
    let score = values.next().and_then(|value| value.as_f64());
    // A missing number sorts last, as the greatest.
    let mut number = || {
        let value = values.next().and_then(|value| value.as_i64());
        value.filter(|&value| value != i64::MAX)
    };
    let (order, group, published) = (number(), number(), number());
    let mut found = HitColumns {
        key: key.unwrap_or(i64::MAX),
        published,
        added: 0,
        group: group.unwrap_or(i64::MAX).cast_unsigned(),
        order: order.unwrap_or_default(),
        id: String::new(),
        outlet: None,
        text_bytes: 0,
    };
    let text = |value: Option<Value>| match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    match columns {
        Columns::Few => {}
        Columns::Ids => {
            let added = values.next().and_then(|value| value.as_i64());
            found.added = added.unwrap_or_default();
            found.id = text(values.next()).unwrap_or_default();
        }
        Columns::Sizes => {
            found.outlet = text(values.next());
            let bytes = values.next().and_then(|value| value.as_u64());
            found.text_bytes = bytes.unwrap_or_default();
        }
    }
    (found, score.is_some_and(|score| score > 0.0))
}

fn groups_of(query: &Value) -> Value {
    let groups = json!({"cardinality": {"field": "group", "precision_threshold": 40_000}});
    json!({
        "size": 0, "query": constant(query), "track_total_hits": false, "aggs": {"groups": groups},
    })
}

fn group_count(aggregations: &FxHashMap<String, Aggregation>) -> u64 {
    let count = aggregations.get("groups").and_then(|a| a.value);
    count.unwrap_or_default().round() as u64
}

impl From<Stored> for ClusterClipping {
    fn from(stored: Stored) -> Self {
        let ClusterDocMeta {
            added,
            group,
            order,
        } = stored.meta();
        ClusterClipping {
            lengths: [stored.n_headline, stored.n_body, stored.n_extra],
            clipping: stored.record,
            added,
            group,
            order,
        }
    }
}
