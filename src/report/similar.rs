//! Similar clippings as text or JSON.

use std::io::{self, Write};

use super::text::{DIM, PLAIN, hits, joined, styled};
use super::wrap::paragraph;
use super::{Style, json, sanitize, to_json};
use crate::app::similar::Similar;
use crate::messages::msg;

/// Maximum number of characteristic words listed.
const WORDS_NAMED: usize = 12;

/// The given clipping, its characteristic words, and the others as in `search`.
pub fn text(similar: &Similar, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let lang = style.lang;
    let headline = sanitize::line(&similar.headline);
    let id = sanitize::line(&similar.id);
    let title = joined([&*headline, &*id]);
    let title = msg!(lang, ko: "이 기사와 주제가 비슷한 기사: {title}", en: "similar to: {title}");
    out.write_all(paragraph(&title, 0, PLAIN, style).as_bytes())?;
    // Two words may have the same most frequent spelling.
    let mut words: Vec<&str> = Vec::new();
    for word in &similar.words {
        if !words.contains(&&*word.word) {
            words.push(&word.word);
        }
    }
    if !words.is_empty() {
        let words = words[..words.len().min(WORDS_NAMED)].join(", ");
        let line = msg!(lang, ko: "비교한 단어: {words}", en: "compared by: {words}");
        out.write_all(paragraph(&sanitize::line(&line), 0, DIM, style).as_bytes())?;
    }
    writeln!(out)?;
    hits(&similar.hits, style, out)?;
    let total = similar.hits.len();
    let summary = match total {
        0 => msg!(lang, ko: "주제가 비슷한 기사가 없습니다", en: "nothing similar found"),
        1 => msg!(lang, ko: "1건", en: "1 clipping"),
        _ => msg!(lang, ko: "{total}건", en: "{total} clippings"),
    };
    writeln!(out, "{}", styled(&summary, DIM, style))
}

/// One JSON document: `{"id", "headline", "words": [{"word", "weight"}], "hits": [...]}`, with hits
/// as in the output of `search`.
pub fn json(similar: &Similar, out: &mut dyn Write) -> io::Result<()> {
    let hits = similar.hits.iter().map(|hit| json::hit(hit, None));
    let object = serde_json::json!({
        "id": similar.id,
        "headline": similar.headline,
        "words": similar.words,
        "hits": hits.collect::<io::Result<Vec<_>>>()?,
    });
    writeln!(out, "{}", to_json(&object, true)?)
}

/// One hit per line.
pub fn jsonl(similar: &Similar, out: &mut dyn Write) -> io::Result<()> {
    for hit in &similar.hits {
        writeln!(out, "{}", to_json(&json::hit(hit, None)?, false)?)?;
    }
    Ok(())
}
