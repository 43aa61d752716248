//! How a clipping lies in a cluster: fields, settings, and the document that is sent.
//!
//! | field | kind | for |
//! |---|---|---|
//! | `id`, `url` | keyword | identity, exact searches |
//! | `key` | long | hash of the id: the order in which all hits are read, page by page |
//! | `t_headline`, `t_body`, `t_extra` | text | the terms of the analyzer, one space between two |
//! | `g_text`, `g_extra` | text | pairs of letters, see `grams` |
//! | `n_headline`, `n_body`, `n_extra` | integer | numbers of terms: the lengths that ranking needs |
//! | `outlet`, `reporters`, `section` | keyword | facets, as written |
//! | `f_outlet`, `f_reporters`, `f_section`, `f_person`, `f_place`, `f_organization`, `f_category` | keyword | filters, folded |
//! | `published`, `added` | long | unix seconds |
//! | `order` | long | rises with every write: the order of hits that are equal otherwise |
//! | `group`, `bands`, `sketch` | long, keyword | near-duplicates |
//! | `content`, `text_bytes` | keyword, long | hash and size of the content |
//! | `write` | in the source only | which write it was: tells a repeated request from a foreign one |
//! | `record` | in the source only | the whole clipping |
//!
//! The cluster analyses nothing: it is given the terms that the embedded index has, and splits them at spaces. A
//! query gives several terms for one word, joined by [`JOINER`], which the search analyzer stacks at one position,
//! so that they count as one word. Positions are not indexed: letters in a row are found by `grams` and decided by
//! the text, and nearness is judged where hits are ranked.

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

/// Format of an index in a cluster that this version writes. It rises with every change of the mapping or of the
/// terms.
pub const CLUSTER_FORMAT: u32 = 1;

/// Stands between the terms of one word of a query. U+0001 and U+0002 mark the kinds of terms.
pub const JOINER: char = '\u{3}';

/// A longer name or address is no term of the cluster.
const MAX_NAME_CHARS: usize = 8_000;

/// What an index was made with, in the `_meta` of its mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterMeta {
    /// See [`CLUSTER_FORMAT`].
    pub format: u32,
    /// Identity of the analyzer: equal means equal terms.
    pub analyzer: String,
    /// The user's words that it was made with, as a file of them.
    #[serde(default)]
    pub user_words: String,
    /// The program that made it, for people.
    #[serde(default)]
    pub program: String,
}

impl ClusterMeta {
    /// That of an index which this version makes in `language`.
    pub fn of(language: &Language) -> ClusterMeta {
        ClusterMeta {
            format: CLUSTER_FORMAT,
            analyzer: language.identity(),
            user_words: language.user_words().to_text(),
            program: concat!("clippings ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// The body of the request that creates an index.
pub fn creation(meta: &ClusterMeta, shards: Option<u32>, replicas: Option<u32>) -> Value {
    let text = |similarity: &str| {
        json!({
            "type": "text", "analyzer": "given", "search_analyzer": "stacked",
            "index_options": "freqs", "similarity": similarity,
        })
    };
    let grams =
        json!({"type": "text", "analyzer": "given", "index_options": "docs", "norms": false});
    let column = |kind: &str| json!({"type": kind, "index": false});
    let name = json!({"type": "keyword", "ignore_above": MAX_NAME_CHARS});
    let facet = json!({"type": "keyword", "index": false, "ignore_above": MAX_NAME_CHARS});
    let filter = json!({"type": "keyword", "doc_values": false, "ignore_above": MAX_NAME_CHARS});
    // Those of the ranking here, which decides the order of the best that the cluster proposes.
    let similarity = |b: f64| json!({"type": "BM25", "k1": 1.2, "b": b});
    let mut index = json!({
        "similarity": {
            "headline": similarity(0.3),
            "body": similarity(0.6),
            "extra": similarity(0.5),
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
                "t_headline": text("headline"), "t_body": text("body"), "t_extra": text("extra"),
                "g_text": grams, "g_extra": grams,
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

/// The name of a document: of a fixed length, whatever the id.
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

/// What [`hex`] wrote.
pub fn from_hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

/// What of a document does not follow from its clipping.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Unix seconds of when it was first added.
    pub added: i64,
    /// Its near-duplicate group.
    pub group: u64,
    /// See the table of the module.
    pub order: i64,
}

/// What is read back of a document.
#[derive(Debug, Clone, Deserialize)]
pub struct Stored {
    /// The clipping.
    pub record: Clipping,
    /// See [`hex`].
    pub content: String,
    /// See [`Standing`].
    pub added: i64,
    /// The bits of [`Standing::group`].
    pub group: i64,
    /// See [`Standing`].
    pub order: i64,
    /// See the table of the module.
    pub write: String,
}

impl Stored {
    /// See [`Standing`].
    pub fn standing(&self) -> Standing {
        Standing {
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
/// When the record cannot be written.
pub fn document(
    doc: &IncomingDoc,
    standing: Standing,
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
    put("added", standing.added.into());
    put("group", standing.group.cast_signed().into());
    put("order", standing.order.into());
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
    put(
        "g_text",
        grams(&mut [&clipping.headline, &clipping.body].into_iter()),
    );
    put("g_extra", grams(&mut extra()));
    let record = serde_json::to_value(clipping);
    put(
        "record",
        record.map_err(|e| IndexError::Engine(e.to_string()))?,
    );
    Ok(Value::from(out).to_string())
}

/// Appends the terms of a text as the index writes them, and gives their number.
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
