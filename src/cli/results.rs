//! What the engine found → results as the formats of `report` take them.
//!
//! Shared by the commands that show results with their passages.

use super::CliError;
use crate::clipping::Clipping;
use crate::index::readable_term;
use crate::report::{Contribution, Copy, Hit, Snippet};
use crate::search::snippet::{self, Match};
use crate::search::{Engine, Found, FoundHit};

/// How much of each result is shown.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    /// Characters of a passage.
    pub chars: usize,
    /// Passages of a result.
    pub passages: usize,
    /// Whether each result says where its score comes from.
    pub explain: bool,
}

/// The records of what was found, in its order.
///
/// # Errors
/// When one cannot be read.
pub fn fetch(engine: &Engine, found: &Found) -> Result<Vec<Clipping>, CliError> {
    let fetched = found.hits.iter().map(|hit| engine.fetch(hit.address));
    Ok(fetched.collect::<Result<_, _>>()?)
}

/// Results with their passages; `clippings` are those that [`fetch`] gave, the first of them has
/// the rank `first`.
///
/// # Errors
/// When the record of a copy cannot be read.
pub fn hits<'c>(
    engine: &mut Engine,
    found: &Found,
    clippings: &'c [Clipping],
    first: usize,
    depth: Depth,
) -> Result<Vec<Hit<'c>>, CliError> {
    let ranked = clippings.iter().zip(&found.hits).enumerate();
    ranked
        .map(|(n, (clipping, hit))| self::hit(engine, found, clipping, hit, first + n, depth))
        .collect()
}

fn hit<'c>(
    engine: &mut Engine,
    found: &Found,
    clipping: &'c Clipping,
    hit: &FoundHit,
    rank: usize,
    depth: Depth,
) -> Result<Hit<'c>, CliError> {
    let headline = found.marks.of(&clipping.headline, engine.analyzer());
    let mut copies = Vec::with_capacity(hit.copies.len());
    for &address in &hit.copies {
        let copy = engine.fetch(address)?;
        copies.push(Copy {
            id: copy.id,
            outlet: copy.outlet,
        });
    }
    let explanation = match depth.explain {
        false => Vec::new(),
        true => engine
            .explain(found, hit)?
            .into_iter()
            .map(|(term, field, score)| Contribution {
                term: readable_term(&term),
                field,
                score,
            })
            .collect(),
    };
    Ok(Hit {
        rank,
        clipping,
        score: hit.score,
        headline_marks: char_ranges(&clipping.headline, &headline),
        snippets: passages(engine, found, clipping, depth.chars, depth.passages),
        copies,
        explanation,
    })
}

/// The best passages of a clipping; of its first caption when it has no body.
pub fn passages(
    engine: &mut Engine,
    found: &Found,
    clipping: &Clipping,
    chars: usize,
    most: usize,
) -> Vec<Snippet> {
    let text = match clipping.body.is_empty() {
        false => clipping.body.as_str(),
        true => clipping.captions.first().map_or("", String::as_str),
    };
    let marks = found.marks.of(text, engine.analyzer());
    let passages = snippet::passages(text, &marks, chars, most.max(1));
    passages.into_iter().map(Into::into).collect()
}

/// Matches as `[start, end)` in characters, in order, none touching another.
fn char_ranges(text: &str, matches: &[Match]) -> Vec<(usize, usize)> {
    let mut places: Vec<(usize, usize)> = matches
        .iter()
        .map(|m| (m.range.start, m.range.end))
        .collect();
    places.sort_unstable();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    let (mut byte, mut chars) = (0, 0);
    let mut at = |to: usize| {
        chars += text.get(byte..to).map_or(0, |t| t.chars().count());
        byte = to;
        chars
    };
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (start, end) in places {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    for (start, end) in joined {
        ranges.push((at(start), at(end)));
    }
    ranges
}
