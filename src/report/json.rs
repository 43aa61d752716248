//! JSON: one object per query.
//!
//! `{"query", "total", "partial", "clippings", "notes", "hits": [...], "facets"}`, with `"id"` first
//! in a batch. `total` counts full matches with near-duplicates folded, `clippings` all of them,
//! `partial` those that lack words of the query. A hit is the record with `rank`, `score`,
//! `headline_highlights`, `snippet`, `passages`, `same_event` (rank of an earlier hit that reports
//! the same event), `story` (equal for near-duplicates), `copies` and `explanation`. All keys are
//! always present.

use std::io;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{ResultPage, texts, to_json};
use crate::app::Hit;
use crate::app::search::Facets;
use crate::clipping::Clipping;
use crate::messages::Lang;

#[derive(Serialize)]
struct PageObject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    query: &'a str,
    total: u64,
    partial: u64,
    clippings: u64,
    notes: Vec<String>,
    hits: Vec<Value>,
    facets: Option<&'a Facets>,
}

/// The results of a query.
pub(super) fn object(page: &ResultPage<'_>, lang: Lang, pretty: bool) -> io::Result<String> {
    let hits = page.hits.iter().map(|h| hit(h, None));
    let object = PageObject {
        id: page.query_id,
        query: page.query,
        total: page.total,
        partial: page.partial,
        clippings: page.clippings,
        notes: texts(page.notes, lang),
        hits: hits.collect::<io::Result<_>>()?,
        facets: page.facets,
    };
    to_json(&object, pretty)
}

/// A hit with all keys; `query_id` is the id of its query in a batch.
pub(super) fn hit(hit: &Hit, query_id: Option<&str>) -> io::Result<Value> {
    let mut object = Map::new();
    if let Some(id) = query_id {
        object.insert("query_id".to_owned(), json!(id));
    }
    object.insert("rank".to_owned(), json!(hit.rank));
    object.insert("score".to_owned(), json!(hit.score));
    object.extend(record(&hit.clipping)?);
    let rest = json!({
        "headline_highlights": hit.headline_marks,
        "snippet": hit.snippets.first().cloned().unwrap_or_default(),
        "passages": hit.snippets,
        "partial": hit.partial,
        "missing": hit.missing,
        "same_event": hit.same_event,
        "story": hit.story,
        "copies": hit.copies,
        "explanation": hit.explanation,
    });
    if let Value::Object(rest) = rest {
        object.extend(rest);
    }
    Ok(Value::Object(object))
}

/// A record with all keys. The index omits empty ones.
pub(super) fn record(clipping: &Clipping) -> io::Result<Map<String, Value>> {
    let mut object = match serde_json::to_value(clipping)? {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    for (key, empty) in [
        ("other_sources", json!([])),
        ("carrier", Value::Null),
        ("keywords", json!([])),
        ("bigkinds", Value::Null),
        ("excerpt", json!(false)),
        ("warnings", json!([])),
        ("corrected", json!([])),
    ] {
        object.entry(key).or_insert(empty);
    }
    Ok(object)
}
