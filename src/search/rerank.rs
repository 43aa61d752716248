//! Reranks the best hits by features that would be too expensive for all: proximity of the query
//! words, how many of them occur, and how early. A news story says in its lead what it is about
//! (the inverted pyramid); what it only mentions comes later.

use super::local::candidates::Candidate;
use super::local::plan::Plan;
use super::local::reading::{self, PositionsIn};
use super::local::word::Word;
use super::local::word::idf_of;
use super::{HitKey, params};
use crate::index::{Archive, Result};

/// Bonuses of a clipping for the positions of words.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gain {
    pub coverage: f32,
    pub nearness: f32,
    pub lead: f32,
}

impl Gain {
    pub fn sum(self) -> f32 {
        self.coverage + self.nearness + self.lead
    }
}

/// Adds the bonuses for proximity, coverage and early positions to the scores of `candidates`.
pub fn rescore(archive: &Archive, plan: &Plan, candidates: &mut [Candidate]) -> Result<()> {
    let keys: Vec<_> = candidates.iter().map(|c| c.key).collect();
    for (candidate, gain) in candidates
        .iter_mut()
        .zip(gains(archive, &plan.nearness, &keys)?)
    {
        candidate.score += gain.sum();
    }
    Ok(())
}

/// The bonuses of each clipping for the positions of `words`; none for fewer than two words.
pub fn gains(archive: &Archive, words: &[Word], keys: &[HitKey]) -> Result<Vec<Gain>> {
    let mut gains = vec![Gain::default(); keys.len()];
    let mut weighted = Vec::with_capacity(words.len());
    for word in words.iter().filter(|w| !w.terms.is_empty()) {
        weighted.push((word, weight(archive, word)?));
    }
    let words = weighted;
    if words.len() < 2 {
        return Ok(gains);
    }
    let weights: Vec<f32> = words.iter().map(|(_, weight)| *weight).collect();
    let words: Vec<&Word> = words.into_iter().map(|(word, _)| word).collect();
    for field in [PositionsIn::Headline, PositionsIn::Body] {
        let has_lead = field == PositionsIn::Body;
        reading::positions(archive, &words, field, keys, &mut |i, positions| {
            gain(&weights, positions, has_lead, &mut gains[i]);
        })?;
    }
    Ok(gains)
}

/// Adds the bonuses for one field of a clipping. With `has_lead`, early positions count for more.
fn gain(weights: &[f32], positions: &[Vec<u32>], has_lead: bool, gain: &mut Gain) {
    let proximity = match weights.len() > params::MAX_KEYWORDS {
        true => params::PROXIMITY,
        false => params::PROXIMITY_OF_KEYWORDS,
    };
    for (n, &weight) in weights.iter().enumerate() {
        let Some(&first) = positions[n].first() else {
            continue;
        };
        gain.coverage += params::COVERAGE * weight;
        if has_lead {
            let reach = params::LEAD_REACH;
            gain.lead += params::LEAD * weight * reach / (reach + first as f32);
        }
        for (back, share) in [(1, proximity), (2, proximity * params::ACROSS)] {
            let Some(other) = n.checked_sub(back) else {
                break;
            };
            if let Some(distance) = nearest(&positions[other], &positions[n]) {
                let apart = distance.saturating_sub(back as u32) as f32;
                let lesser = weights[other].min(weight);
                gain.nearness += share * lesser * params::NEAR / (params::NEAR + apart);
            }
        }
    }
}

/// Inverse document frequency of a word in bodies, as in BM25.
fn weight(archive: &Archive, word: &Word) -> Result<f32> {
    let with = reading::with_word(archive, word)?;
    Ok(idf_of(with, archive.whole_len()))
}
/// The minimum distance of two sorted lists of positions; 0 for words in the same run.
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

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_least_distance_of_two_rows() {
        assert_eq!(nearest(&[1, 10, 20], &[14, 30]), Some(4));
        assert_eq!(nearest(&[5], &[5]), Some(0));
        assert_eq!(nearest(&[], &[5]), None);
    }
}
