//! Reading clippings of a cluster: by id, by query, all of them.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::DFS_QUERY_THEN_FETCH;
use super::error::ClusterError;
use super::mapping::{JOINER, Standing, Stored, document_name};
use super::store::ClusterIndex;
use crate::analyze::{Analyzer, TermKind};
use crate::clipping::Clipping;
use crate::index::engine::term::{MAX_TERM_BYTES, encode, term_text};
use crate::index::read::check::Findings;
use crate::index::read::stats::Tally;
use crate::index::write::identity::content_hash;
use crate::index::{Damage, IndexError, Result, Stats};

/// Records that are read by one request.
const RECORDS: usize = 500;

/// Hits of a page; the cluster's own limit is 10,000.
const PAGE: usize = 10_000;

/// Counts that are asked for by one request.
const COUNTED: usize = 500;

/// Terms that are counted by one request.
const TERMS: usize = 4_000;

/// Routing values that are tried to reach every shard.
const ROUTINGS: usize = 10_000;

/// Similar terms that are read of a field.
const SIMILAR_TERMS: usize = 200;

/// How many ids are listed when a prefix fits several.
const IDS_LISTED: usize = 5;

/// Terms of a clipping that are compared, in a check.
const MAX_TERMS: usize = 900;

/// One clipping of this many has its terms compared, in a check.
const COMPARED_OF: u64 = 100;

/// A stored clipping, with what does not follow from it.
#[derive(Debug, Clone)]
pub struct ClusterClipping {
    /// The clipping.
    pub clipping: Clipping,
    /// Unix seconds of when it was first added.
    pub added: i64,
    /// Its near-duplicate group.
    pub group: u64,
    /// Rises with every write.
    pub order: i64,
}

/// A hit of a query, without its record.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Name of its document.
    pub document: String,
    /// Unix seconds.
    pub published: Option<i64>,
    /// Unix seconds.
    pub added: i64,
    /// Its near-duplicate group.
    pub group: u64,
    /// Rises with every write.
    pub order: i64,
    /// It matches the query's certain part.
    pub is_certain: bool,
    /// As written; read only with [`Columns::Names`].
    pub outlet: Option<String>,
    /// The same.
    pub reporters: Vec<String>,
    /// The same.
    pub text_bytes: u64,
    /// Its id.
    pub id: String,
}

/// What is read of a hit besides its id, dates, group and order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// Nothing.
    Few,
    /// Outlets, reporters and sizes, for counts.
    Names,
}

/// A document with the state it was read in.
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
    #[serde(default)]
    pub matched_queries: Vec<String>,
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
    pub order: Vec<i64>,
    pub published: Vec<i64>,
    pub added: Vec<i64>,
    pub outlet: Vec<String>,
    pub reporters: Vec<String>,
    pub bands: Vec<String>,
    pub sketch: Vec<String>,
    pub text_bytes: Vec<u64>,
}

/// The name of the part of a query that decides [`Found::is_certain`].
const CERTAIN: &str = "certain";

impl ClusterIndex {
    /// The clippings of these ids, as they are at this moment; `None` where there is none.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub fn read(&self, ids: &[String]) -> Result<Vec<Option<ClusterClipping>>> {
        let names: Vec<String> = ids.iter().map(|id| document_name(id)).collect();
        self.read_documents(&names)
    }

    /// The same by the names of their documents.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub fn read_documents(&self, names: &[String]) -> Result<Vec<Option<ClusterClipping>>> {
        let documents = self.versioned(names)?.into_iter();
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

    /// The clipping of this id or unique prefix of an id.
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

    /// Calls `each` with everything that matches `query`, in an order of its own, until it gives `false`. What
    /// matches `certain` too is marked so.
    ///
    /// A clipping that is there all the while comes exactly once, whatever is written meanwhile: the order is that
    /// of a hash of its id, which never changes.
    ///
    /// # Errors
    /// When the cluster does not answer for all of it.
    pub fn scan(
        &self,
        query: &Value,
        certain: Option<&Value>,
        columns: Columns,
        each: &mut dyn FnMut(Found) -> bool,
    ) -> Result<()> {
        let query = match certain {
            None => json!({"bool": {"filter": [query]}}),
            Some(certain) => json!({"bool": {
                "filter": [query],
                "should": [{"bool": {"filter": [certain], "_name": CERTAIN}}],
            }}),
        };
        let mut read = vec!["group", "order", "published", "added"];
        match columns {
            Columns::Few => {}
            Columns::Names => read.extend(["outlet", "reporters", "text_bytes"]),
        }
        let body = json!({
            "size": PAGE,
            "query": query,
            // Nothing is read from stored fields: a page of names of documents would decompress as many records.
            "stored_fields": "_none_",
            "track_total_hits": false,
            "docvalue_fields": read,
        });
        self.pages::<Value>(body, &mut |hit| {
            let id = hit.sort.into_iter().nth(1).and_then(|id| match id {
                Value::String(id) => Some(id),
                _ => None,
            });
            let id = id.unwrap_or_default();
            let Fields {
                group,
                order,
                published,
                added,
                outlet,
                reporters,
                text_bytes,
                ..
            } = hit.fields;
            Ok(each(Found {
                document: document_name(&id),
                published: published.first().copied(),
                added: added.first().copied().unwrap_or_default(),
                group: group.first().copied().unwrap_or_default().cast_unsigned(),
                order: order.first().copied().unwrap_or_default(),
                is_certain: certain.is_some() && !hit.matched_queries.is_empty(),
                outlet: outlet.into_iter().next(),
                reporters,
                text_bytes: text_bytes.first().copied().unwrap_or_default(),
                id,
            }))
        })
    }

    /// Calls `each` with every hit of a search, page by page, until it gives `false`.
    pub(super) fn pages<S: for<'de> Deserialize<'de>>(
        &self,
        mut body: Value,
        each: &mut dyn FnMut(Hit<S>) -> Result<bool>,
    ) -> Result<()> {
        let size = body["size"].as_u64().unwrap_or_default() as usize;
        if body["sort"].is_null() {
            body["sort"] = json!([{"key": "asc"}, {"id": "asc"}]);
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

    /// Calls `each` with every clipping, some at a time, until it gives `false`.
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

    /// Calls `each` with every clipping in the order of writing, until it gives `false`. One that is changed
    /// meanwhile may come twice, in its earlier and in its later state.
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
        #[derive(Deserialize)]
        struct Newest {
            hits: NewestHits,
        }
        #[derive(Deserialize)]
        struct NewestHits {
            total: Total,
            hits: Vec<Hit<Value>>,
        }
        let newest: Newest = self.search(&json!({
            "size": 1,
            "query": {"match_all": {}},
            "track_total_hits": true,
            "sort": [{"order": "desc"}],
            "docvalue_fields": ["order"],
            "_source": false,
        }))?;
        let hits = newest.hits;
        let order = hits.hits.first().and_then(|hit| hit.fields.order.first());
        Ok(format!("{} {} {order:?}", self.name, hits.total.value))
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

    /// For each of `texts`, the terms of headlines and bodies that differ from it in at most two characters and not in
    /// the first, without their kinds. Of many, the most similar.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn similar_terms(&self, texts: &[String]) -> Result<Vec<Vec<String>>> {
        #[derive(Deserialize)]
        struct Suggested {
            suggest: FxHashMap<String, Vec<Entry>>,
        }
        #[derive(Deserialize)]
        struct Entry {
            options: Vec<Proposal>,
        }
        #[derive(Deserialize)]
        struct Proposal {
            text: String,
        }
        let mut suggest = serde_json::Map::new();
        let kinds = [TermKind::Whole, TermKind::Stem];
        let terms = texts.iter().enumerate().flat_map(|(n, text)| {
            kinds.map(|kind| {
                let mut term = String::new();
                encode(kind, text, &mut term);
                (n, kind, term)
            })
        });
        for (n, kind, term) in terms {
            for field in ["t_headline", "t_body"] {
                let options = json!({
                    "field": field, "analyzer": "given", "suggest_mode": "always",
                    "size": SIMILAR_TERMS, "shard_size": SIMILAR_TERMS,
                    "max_edits": 2, "prefix_length": 1, "min_word_length": 1, "accuracy": 0.0,
                    "max_term_freq": 1_000_000_000, "sort": "score",
                });
                suggest.insert(
                    format!("{n} {kind:?} {field}"),
                    json!({ "text": term, "term": options }),
                );
            }
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

    /// How many clippings it holds.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub fn count(&self) -> Result<u64> {
        let counts = self.counts(&[json!({"match_all": {}})])?;
        Ok(counts.into_iter().sum())
    }

    /// The clippings that match each query best by the cluster's own ranking, best first.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn best(&self, queries: &[Value], most: usize) -> Result<Vec<Vec<ClusterClipping>>> {
        let searches = queries.iter().map(|query| {
            json!({
                "size": most.min(PAGE),
                "query": query,
                "track_total_hits": false,
            })
        });
        let answers: Vec<Answer<Stored>> = self.client.search_many(
            DFS_QUERY_THEN_FETCH,
            &self.address.index,
            &searches.collect::<Vec<_>>(),
        )?;
        let clippings = |answer: Answer<Stored>| {
            let stored = answer.hits.hits.into_iter().filter_map(|hit| hit.source);
            stored.map(ClusterClipping::from).collect()
        };
        Ok(answers.into_iter().map(clippings).collect())
    }

    /// The ids of the clippings that match `query` best by the cluster's own ranking.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn best_ids(&self, query: &Value, most: usize) -> Result<Vec<String>> {
        let body = json!({
            "size": most.min(PAGE),
            "query": query,
            "stored_fields": "_none_",
            "docvalue_fields": ["id"],
            "track_total_hits": false,
        });
        let answer: Answer<Value> =
            (self.client).search_as(DFS_QUERY_THEN_FETCH, &self.address.index, &body)?;
        let hits = answer.hits.hits.into_iter();
        Ok(hits.flat_map(|hit| hit.fields.id).collect())
    }

    /// How many clippings have each term in a field: pairs of the field and the encoded term.
    ///
    /// Term vectors of a text that has all of the terms come with these counts. They are those of one shard, so every
    /// shard is asked.
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
        struct Found {
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
            let found: Found = self.client.request("GET", &path, None)?;
            let copies = found.shards.into_iter().flatten();
            Ok(copies.map(|copy| copy.shard).collect())
        };
        let mut left = shards("")?;
        let mut routings = Vec::with_capacity(left.len());
        for n in 0..ROUTINGS {
            if left.len() <= 1 && n == 0 {
                // Any value leads to the only shard.
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

    /// About how many near-duplicate groups match each query; nearly exact below 40,000.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn counts_of_groups(&self, queries: &[Value]) -> Result<Vec<u64>> {
        let groups = json!({"cardinality": {"field": "group", "precision_threshold": 40_000}});
        let searches = queries
            .iter()
            .map(|query| json!({"size": 0, "query": query, "aggs": {"groups": groups}}));
        let searches: Vec<Value> = searches.collect();
        let mut counts = Vec::with_capacity(searches.len());
        for searches in searches.chunks(COUNTED) {
            let answers: Vec<Counted> = self.search_many(searches)?;
            counts.extend(answers.iter().map(|answer| {
                let count = answer.aggregations.get("groups").and_then(|a| a.value);
                count.unwrap_or_default().round() as u64
            }));
        }
        Ok(counts)
    }

    /// How many clippings match each query.
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

    /// The same of one query.
    ///
    /// # Errors
    /// When the cluster does not answer for all shards.
    pub fn count_groups(&self, query: &Value) -> Result<u64> {
        let counts = self.counts_of_groups(std::slice::from_ref(query))?;
        Ok(counts.into_iter().sum())
    }

    /// How many clippings there are, and the mean number of terms in each field of text: headline, body, extra.
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

    /// Counts what matches `query`. The size on disk is that of the whole index.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub fn stats(&self, found: impl IntoIterator<Item = Found>) -> Result<Stats> {
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
                // Fewer than the 1,024 clauses that a query may have.
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

impl From<Stored> for ClusterClipping {
    fn from(stored: Stored) -> Self {
        let Standing {
            added,
            group,
            order,
        } = stored.standing();
        ClusterClipping {
            clipping: stored.record,
            added,
            group,
            order,
        }
    }
}
