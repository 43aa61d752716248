//! The documents of an index in a cluster: their fields, and the mapping and settings.
//!
//! | field | type | used for |
//! |---|---|---|
//! | `id`, `url` | keyword | identity, searches by id and URL |
//! | `key` | long | hash of the id: names documents in searches, and is the order in which results are paged |
//! | `t_headline`, `t_body`, `t_extra` | text | terms of the analyzer, separated by spaces |
//! | `t_all` | text | the terms of all three, those of the headline three times: ranking |
//! | `g_text`, `g_headline`, `g_extra` | text | letter bigrams, see `grams`; `g_text` has those of headline and body |
//! | `n_headline`, `n_body`, `n_extra` | integer | number of terms, for length normalization |
//! | `outlet`, `reporters`, `section` | keyword | facets, as written |
//! | `f_outlet`, `f_reporters`, `f_section`, `f_person`, `f_place`, `f_organization`, `f_category` | keyword | filters, folded |
//! | `published`, `added` | long | Unix seconds |
//! | `order` | long | increases with every write: the order of equal hits |
//! | `group`, `bands`, `sketch` | long, keyword | near-duplicates |
//! | `content`, `text_bytes` | keyword, long | hash and size of the content |
//! | `write` | source only | identifies the write: tells a repeated request from another writer's |
//! | `record` | source only | the clipping |
//!
//! The cluster analyzes nothing: it gets the terms of the embedded index and splits them at spaces. A query joins the
//! terms of a word by [`JOINER`]; the search analyzer stacks them at one position, so they are scored as one word.
//! Positions are not indexed: letters in a row are found by bigrams and verified in the text, and proximity is scored
//! by the local engine.
//!
//! Ranking uses one field because BM25 per field, added up, is far from BM25F: a word that is rare in headlines would
//! count several times as much there. Only `t_all` and the short fields have term frequencies.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::grams::add_grams;
use crate::analyze::{Analyzer, Language};
use crate::clipping::Clipping;
use crate::index::engine::document::{category_paths, path_terms, text_bytes};
use crate::index::engine::term::{MAX_TERM_BYTES, encode, fold_name};
use crate::index::hash::hash_text;
use crate::index::write::incoming_doc::IncomingDoc;
use crate::index::{IndexError, Result};

/// Format of the indexes that this version writes. Increased with every change of the mapping or the terms.
pub const CLUSTER_FORMAT: u32 = 3;

/// Separates the terms of one word in a query. U+0001 and U+0002 mark the kinds of terms.
pub const JOINER: char = '\u{3}';

/// The field of a document by which the cluster ranks.
pub const ALL_TEXTS: &str = "t_all";

/// Longer names and URLs are not indexed.
const MAX_NAME_CHARS: usize = 8_000;

/// How often the terms of a headline are in `t_all`: about the weight that the local engine
/// gives headlines. The cluster itself copies the first, like the terms of the other fields.
const HEADLINE_WEIGHT: usize = 3;

/// What an index was created with, in the `_meta` of its mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterMeta {
    /// See [`CLUSTER_FORMAT`].
    pub format: u32,
    /// Identity of the analyzer; equal identities give equal terms.
    pub analyzer: String,
    /// The contents of `user-words.txt`.
    #[serde(default)]
    pub user_words: String,
    /// Name and version of the program, for information only.
    #[serde(default)]
    pub program: String,
}

impl ClusterMeta {
    /// The meta data of a new index in `language`.
    pub fn of(language: &Language) -> ClusterMeta {
        ClusterMeta {
            format: CLUSTER_FORMAT,
            analyzer: language.identity(),
            user_words: language.user_words().to_text(),
            program: concat!("clippings ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// The body of the request to create an index.
pub fn creation(meta: &ClusterMeta, shards: Option<u32>, replicas: Option<u32>) -> Value {
    let text = |similarity: &str| {
        json!({
            "type": "text", "analyzer": "given", "search_analyzer": "stacked",
            "index_options": "freqs", "similarity": similarity, "copy_to": ALL_TEXTS,
        })
    };
    let body = json!({
        "type": "text", "analyzer": "given", "index_options": "docs", "norms": false,
        "copy_to": ALL_TEXTS,
    });
    let all_texts = json!({
        "type": "text", "analyzer": "given", "search_analyzer": "stacked",
        "index_options": "freqs", "similarity": "all",
    });
    let grams =
        json!({"type": "text", "analyzer": "given", "index_options": "docs", "norms": false});
    let column = |kind: &str| json!({"type": kind, "index": false});
    let name = json!({"type": "keyword", "ignore_above": MAX_NAME_CHARS});
    let facet = json!({"type": "keyword", "index": false, "ignore_above": MAX_NAME_CHARS});
    let filter = json!({"type": "keyword", "doc_values": false, "ignore_above": MAX_NAME_CHARS});
    // As in `search::params`, by which the local engine ranks what the cluster proposes.
    let similarity = |b: f64| json!({"type": "BM25", "k1": 1.2, "b": b});
    let mut index = json!({
        "similarity": {
            "headline": similarity(0.3),
            "extra": similarity(0.5),
            "all": similarity(0.6),
        },
        "analysis": {
            "tokenizer": {"spaces": {
                "type": "char_group", "tokenize_on_chars": [" "], "max_token_length": 32_000,
            }},
            "filter": {"stack": {
                "type": "pattern_capture", "preserve_original": false,
                "patterns": [format!("([^{JOINER}]+)")],
            }},
            "analyzer": {
                "given": {"type": "custom", "tokenizer": "spaces"},
                "stacked": {"type": "custom", "tokenizer": "spaces", "filter": ["stack"]},
            },
        },
    });
    if let Some(shards) = shards {
        index["number_of_shards"] = shards.into();
    }
    if let Some(replicas) = replicas {
        index["number_of_replicas"] = replicas.into();
    }
    json!({
        "settings": {"index": index},
        "mappings": {
            "dynamic": false,
            "_meta": {"clippings": meta},
            "_source": {"excludes": ["t_*", "g_*"]},
            "properties": {
                "id": name, "url": name, "key": {"type": "long"},
                "t_headline": text("headline"), "t_body": body, "t_extra": text("extra"),
                ALL_TEXTS: all_texts,
                "g_text": grams, "g_headline": grams, "g_extra": grams,
                "n_headline": column("integer"), "n_body": column("integer"),
                "n_extra": column("integer"),
                "outlet": facet, "reporters": facet, "section": facet,
                "f_outlet": filter, "f_reporters": filter, "f_section": filter,
                "f_person": filter, "f_place": filter, "f_organization": filter,
                "f_category": filter,
                "published": {"type": "long"}, "added": {"type": "long"},
                "order": column("long"),
                "group": {"type": "long"}, "bands": {"type": "keyword"},
                "sketch": {"type": "keyword", "index": false},
                "content": {"type": "keyword", "index": false},
                "text_bytes": column("long"),
                "record": {"type": "object", "enabled": false},
            },
        },
    })
}

/// The name of a document: a hash of the id, because names are limited to 512 bytes.
pub fn document_name(id: &str) -> String {
    let mut name = blake3::hash(id.as_bytes()).to_hex();
    name.truncate(32);
    name.to_string()
}

/// The value of `key`.
pub fn document_key(id: &str) -> i64 {
    hash_text(id).cast_signed()
}

/// A number of 64 bits as a keyword.
pub fn hex(number: u64) -> String {
    format!("{number:016x}")
}

/// Parses the output of [`hex`].
pub fn from_hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

/// The part of a document that does not follow from its clipping.
#[derive(Debug, Clone, Copy)]
pub struct ClusterDocMeta {
    /// When it was first added, Unix seconds.
    pub added: i64,
    /// Its near-duplicate group.
    pub group: u64,
    /// See the table above.
    pub order: i64,
}

/// The part of a document that is read.
#[derive(Debug, Clone, Deserialize)]
pub struct Stored {
    /// The clipping.
    pub record: Clipping,
    /// See [`hex`].
    pub content: String,
    /// See [`ClusterDocMeta`].
    pub added: i64,
    /// The bits of [`ClusterDocMeta::group`].
    pub group: i64,
    /// See [`ClusterDocMeta`].
    pub order: i64,
    /// See the table above.
    pub write: String,
    /// See the table above; 0 if they are not read.
    #[serde(default)]
    pub n_headline: u32,
    #[serde(default)]
    pub n_body: u32,
    #[serde(default)]
    pub n_extra: u32,
}

impl Stored {
    /// See [`ClusterDocMeta`].
    pub fn meta(&self) -> ClusterDocMeta {
        ClusterDocMeta {
            added: self.added,
            group: self.group.cast_unsigned(),
            order: self.order,
        }
    }

    /// The hash of its content.
    pub fn content(&self) -> u64 {
        from_hex(&self.content).unwrap_or_default()
    }
}

/// The document of a clipping, as JSON on one line.
///
/// # Errors
/// When the record cannot be serialized.
pub fn document(
    doc: &IncomingDoc,
    meta: ClusterDocMeta,
    write: &str,
    analyzer: &mut Analyzer,
) -> Result<String> {
    let clipping = &doc.clipping;
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    put("id", clipping.id.as_str().into());
    put("key", document_key(&clipping.id).into());
    if let Some(url) = &clipping.url {
        put("url", url.as_str().into());
    }
    for (name, filter, value) in [
        ("outlet", "f_outlet", &clipping.outlet),
        ("section", "f_section", &clipping.section),
    ] {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            put(name, value.into());
            put(filter, fold_name(value).into());
        }
    }
    let reporters = clipping.reporters.iter().filter(|name| !name.is_empty());
    let folded: Vec<String> = reporters.clone().map(|name| fold_name(name)).collect();
    put("reporters", reporters.cloned().collect::<Vec<_>>().into());
    put("f_reporters", folded.into());
    if let Some(bigkinds) = &clipping.bigkinds {
        for (field, names) in [
            ("f_person", &bigkinds.persons),
            ("f_place", &bigkinds.places),
            ("f_organization", &bigkinds.organizations),
        ] {
            let names = names.iter().map(|name| fold_name(name));
            put(field, names.collect::<Vec<_>>().into());
        }
    }
    let categories: BTreeSet<String> = category_paths(clipping)
        .flat_map(|path| path_terms(path))
        .collect();
    put(
        "f_category",
        categories.into_iter().collect::<Vec<_>>().into(),
    );
    if let Some(published) = clipping.published {
        put("published", published.unix_seconds().into());
    }
    put("added", meta.added.into());
    put("group", meta.group.cast_signed().into());
    put("order", meta.order.into());
    let bands: Vec<String> = doc
        .fingerprint
        .bands
        .iter()
        .map(|&band| hex(band))
        .collect();
    put("bands", bands.into());
    let [low, high] = doc.fingerprint.sketch;
    put("sketch", format!("{}{}", hex(low), hex(high)).into());
    put("content", hex(doc.content).into());
    put("text_bytes", text_bytes(clipping).into());
    put("write", write.into());

    let extra = || clipping.subheads.iter().chain(&clipping.captions);
    let texts: [(&str, &str, Vec<&String>); 3] = [
        ("t_headline", "n_headline", vec![&clipping.headline]),
        ("t_body", "n_body", vec![&clipping.body]),
        ("t_extra", "n_extra", extra().collect()),
    ];
    for (field, length, texts) in texts {
        let mut terms = String::new();
        let mut count = 0_u64;
        for text in texts {
            count += append_terms(text, analyzer, &mut terms);
        }
        if field == "t_headline" {
            let copies = [terms.as_str(); HEADLINE_WEIGHT - 1];
            put(ALL_TEXTS, copies.join(" ").into());
        }
        put(field, terms.into());
        put(length, count.into());
    }
    let grams = |texts: &mut dyn Iterator<Item = &String>| {
        let mut grams = FxHashSet::default();
        for text in texts {
            add_grams(text, &mut grams);
        }
        Value::from(grams.into_iter().collect::<Vec<_>>().join(" "))
    };
    let headline = &clipping.headline;
    put("g_text", grams(&mut [headline, &clipping.body].into_iter()));
    put("g_headline", grams(&mut std::iter::once(headline)));
    put("g_extra", grams(&mut extra()));
    let record = serde_json::to_value(clipping);
    put(
        "record",
        record.map_err(|e| IndexError::Engine(e.to_string()))?,
    );
    Ok(Value::from(out).to_string())
}

/// Appends the encoded terms of a text and returns their number.
fn append_terms(text: &str, analyzer: &mut Analyzer, out: &mut String) -> u64 {
    let mut count = 0;
    analyzer.terms(text, &mut |term| {
        if term.text.len() < MAX_TERM_BYTES && !term.text.contains([' ', JOINER]) {
            if !out.is_empty() {
                out.push(' ');
            }
            encode(term.kind, term.text, out);
            count += 1;
        }
    });
    count
}
