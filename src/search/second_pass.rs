//! The best hits looked at once more, with what is too dear to ask of all: how near the words of
//! the query stand to one another.

use tantivy::schema::Field;

use super::plan::Plan;
use super::word::Places;
use super::{Candidate, params};
use crate::index::{Archive, Result};

/// Adds to the scores of `candidates` what the nearness of neighbouring words is worth.
pub fn rescore(archive: &Archive, plan: &Plan, candidates: &mut [Candidate]) -> Result<()> {
    let words: Vec<_> = plan.words.iter().filter(|w| !w.terms.is_empty()).collect();
    if words.len() < 2 {
        return Ok(());
    }
    let searcher = archive.searcher();
    let fields = archive.fields();
    let weights = word_weights(archive, plan)?;
    let weighted: [(Field, f32); 2] = [(fields.headline, 1.0), (fields.body, 1.0)];
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|&i| candidates[i].address);
    for (segment, reader) in searcher.segment_readers().iter().enumerate() {
        let here = order
            .iter()
            .filter(|&&i| candidates[i].address.segment_ord as usize == segment);
        let here: Vec<usize> = here.copied().collect();
        if here.is_empty() {
            continue;
        }
        for (field, worth) in weighted {
            let mut places = Vec::with_capacity(words.len());
            for word in &words {
                places.push(Places::open(word, field, reader)?);
            }
            for &i in &here {
                let doc = candidates[i].address.doc_id;
                let mut before: Vec<u32> = Vec::new();
                let mut sum = 0.0;
                for (n, places) in places.iter_mut().enumerate() {
                    let positions = places.at(doc);
                    if n > 0
                        && let Some(distance) = nearest(&before, positions)
                    {
                        let least = weights[n - 1].min(weights[n]);
                        sum += least * params::NEAR
                            / (params::NEAR + distance.saturating_sub(1) as f32);
                    }
                    before.clear();
                    before.extend_from_slice(positions);
                }
                candidates[i].score += worth * params::PROXIMITY * sum;
            }
        }
    }
    Ok(())
}

/// How rare each word is.
fn word_weights(archive: &Archive, plan: &Plan) -> Result<Vec<f32>> {
    let all = archive.len().max(1) as f32;
    let words = plan.words.iter().filter(|w| !w.terms.is_empty());
    words
        .map(|word| {
            let mut with = 0;
            for (term, _) in &word.terms {
                let term = tantivy::Term::from_field_text(archive.fields().body, term);
                with += archive.searcher().doc_freq(&term)?;
            }
            let with = (with as f32).min(all);
            Ok((1.0 + (all - with + 0.5) / (with + 0.5)).ln())
        })
        .collect()
}

/// The least distance of two sorted rows of positions; words in one run are no distance apart.
fn nearest(a: &[u32], b: &[u32]) -> Option<u32> {
    let (mut i, mut j) = (0, 0);
    let mut least: Option<u32> = None;
    while let (Some(&x), Some(&y)) = (a.get(i), b.get(j)) {
        let distance = x.abs_diff(y);
        least = Some(least.map_or(distance, |l| l.min(distance)));
        if x < y {
            i += 1;
        } else {
            j += 1;
        }
    }
    least
}
