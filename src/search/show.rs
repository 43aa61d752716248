//! Builds hits with everything that is displayed from ranked keys.

use super::answer::{Cause, Contribution, Copy, Hit, Snippet};
use super::engine::{RankedSet, Searcher};
use super::local::candidates::Ranked;
use super::local::word;
use super::request::Show;
use super::rerank;
use super::snippet::{self, Match};
use super::workers;
use crate::analyze::Analyzer;
use crate::clipping::Clipping;
use crate::index::Result;

/// Batch size when all hits of a set are requested.
pub(in crate::search) const BATCH: usize = 256;

/// Marking fewer clippings takes less time than starting a thread.
const HITS_PER_THREAD: usize = 16;

/// Smaller parts of a score are rounding errors.
const MIN_SHARE: f32 = 0.005;

/// The hits of `ranked`, the first of which has rank `first`.
///
/// # Errors
/// When a record or the index cannot be read.
pub(in crate::search) fn hits(
    searcher: &Searcher,
    set: &RankedSet,
    ranked: &[Ranked],
    first: u64,
    show: Show,
) -> Result<Vec<Hit>> {
    let numbered: Vec<(u64, &Ranked)> = (first..).zip(ranked).collect();
    let made = workers::map(&numbered, HITS_PER_THREAD, |(rank, ranked)| {
        hit(searcher, set, ranked, *rank, show)
    });
    made.into_iter().collect()
}

fn hit(
    searcher: &Searcher,
    set: &RankedSet,
    ranked: &Ranked,
    rank: u64,
    show: Show,
) -> Result<Hit> {
    let clipping = searcher.archive.fetch(ranked.key.into())?;
    let (headline_marks, snippets) = searcher.analyzers.with(|analyzer| {
        let headline = set.marks.of(&clipping.headline, analyzer);
        let snippets = snippets(set, &clipping, show, analyzer);
        (char_ranges(&clipping.headline, &headline), snippets)
    });
    let mut copies = Vec::with_capacity(ranked.copies.len());
    for &key in &ranked.copies {
        let copy = searcher.archive.fetch(key.into())?;
        copies.push(Copy {
            id: copy.id,
            outlet: copy.outlet,
            url: copy.url,
            headline: copy.headline,
        });
    }
    let explanation = match show.explain {
        true => explanation(searcher, set, ranked)?,
        false => Vec::new(),
    };
    Ok(Hit {
        key: ranked.key,
        rank,
        score: ranked.score,
        partial: ranked.partial,
        missing: ranked.missing.clone(),
        clipping,
        headline_marks,
        snippets,
        same_event: None,
        story: format!("{:016x}", ranked.group),
        copies,
        explanation,
    })
}

/// The best passages of the body, or of the first caption if there is no body.
fn snippets(
    set: &RankedSet,
    clipping: &Clipping,
    show: Show,
    analyzer: &mut Analyzer,
) -> Vec<Snippet> {
    if show.snippet_chars == 0 || show.passages == 0 {
        return Vec::new();
    }
    let text = match clipping.body.is_empty() {
        false => clipping.body.as_str(),
        true => clipping.captions.first().map_or("", String::as_str),
    };
    let marks = set.marks.of(text, analyzer);
    let passages = snippet::passages(text, &marks, show.snippet_chars, show.passages);
    passages.into_iter().map(Into::into).collect()
}

fn explanation(searcher: &Searcher, set: &RankedSet, ranked: &Ranked) -> Result<Vec<Contribution>> {
    let mut shares = Vec::new();
    for word in &set.words {
        let found = word::contributions(word, &searcher.archive, ranked.key)?;
        shares.extend(found.into_iter().map(|share| {
            let (word, form) = (word.label.clone(), share.form);
            Contribution {
                cause: match share.is_synonym {
                    true => Cause::Synonym { word, form },
                    false => Cause::Word { word, form },
                },
                field: Some(share.field),
                score: share.score,
            }
        }));
    }
    let gains = rerank::gains(&searcher.archive, &set.nearness, &[ranked.key])?;
    // The hit may not have been reranked, or the hits may be sorted by date.
    let left = ranked.score - shares.iter().map(|s| s.score).sum::<f32>();
    let gain = gains
        .into_iter()
        .find(|gain| gain.sum() <= left + MIN_SHARE);
    let gain = gain.unwrap_or_default();
    for (cause, score) in [
        (Cause::Coverage, gain.coverage),
        (Cause::Nearness, gain.nearness),
        (Cause::Lead, gain.lead),
    ] {
        if score > MIN_SHARE {
            shares.push(Contribution {
                cause,
                field: None,
                score,
            });
        }
    }
    let rest = ranked.score - shares.iter().map(|s| s.score).sum::<f32>();
    if rest > MIN_SHARE {
        shares.push(Contribution {
            cause: Cause::Rest,
            field: None,
            score: rest,
        });
    }
    shares.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(shares)
}

/// Matches as `[start, end)` in characters, sorted and disjoint.
pub(in crate::search) fn char_ranges(text: &str, matches: &[Match]) -> Vec<(usize, usize)> {
    let mut places: Vec<(usize, usize)> = matches
        .iter()
        .map(|m| (m.range.start, m.range.end))
        .collect();
    places.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (start, end) in places {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    let (mut byte, mut chars) = (0, 0);
    let mut at = |to: usize| {
        chars += text.get(byte..to).map_or(0, |t| t.chars().count());
        byte = to;
        chars
    };
    joined
        .into_iter()
        .map(|(start, end)| (at(start), at(end)))
        .collect()
}
