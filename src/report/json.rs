//! JSON: one object per query, for programs.
//!
//! `{"query", "total", "notes", "hits": [...]}`, with `"id"` first in a batch. A hit is the record
//! with `rank`, `score`, `headline_highlights`, `snippet`, `copies`, and, when there are more than
//! one or it was asked for, `passages` and `explanation`.

use std::io::{self, Write};

use serde::Serialize;

use super::{Contribution, Copy, Hit, ResultPage, Snippet, to_json};
use crate::clipping::Clipping;

#[derive(Serialize)]
struct PageObject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    query: &'a str,
    total: u64,
    notes: &'a [String],
    hits: Vec<HitObject<'a>>,
}

#[derive(Serialize)]
pub(super) struct HitObject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    query_id: Option<&'a str>,
    rank: usize,
    score: f32,
    #[serde(flatten)]
    clipping: &'a Clipping,
    headline_highlights: &'a [(usize, usize)],
    snippet: Snippet,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    passages: &'a [Snippet],
    copies: &'a [Copy],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    explanation: &'a [Contribution],
}

impl<'a> HitObject<'a> {
    pub(super) fn new(hit: &'a Hit<'a>, query_id: Option<&'a str>) -> Self {
        HitObject {
            query_id,
            rank: hit.rank,
            score: hit.score,
            clipping: hit.clipping,
            headline_highlights: &hit.headline_marks,
            snippet: hit.snippets.first().cloned().unwrap_or_default(),
            passages: match hit.snippets.as_slice() {
                several @ [_, _, ..] => several,
                _ => &[],
            },
            copies: &hit.copies,
            explanation: &hit.explanation,
        }
    }
}

pub(super) fn page(page: &ResultPage<'_>, out: &mut dyn Write) -> io::Result<()> {
    let object = PageObject {
        id: page.query_id,
        query: page.query,
        total: page.total,
        notes: page.notes,
        hits: page.hits.iter().map(|h| HitObject::new(h, None)).collect(),
    };
    // One query reads better spread out; a batch is one line each.
    let text = to_json(&object, page.query_id.is_none())?;
    writeln!(out, "{text}")
}
