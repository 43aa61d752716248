//! The best hits looked at once more, with what is too dear to ask of all: how near the words of
//! the query stand to one another, how many of them are there, and how early. A news story says in
//! its lead what it is about (the inverted pyramid); what a word is only mentioned in comes later.

use super::local::candidates::Candidate;
use super::local::plan::Plan;
use super::local::word::{Places, Word};
use super::params;
use crate::index::{Archive, Result};

/// Adds to the scores of `candidates` what nearness, number and early places of the words are worth.
pub fn rescore(archive: &Archive, plan: &Plan, candidates: &mut [Candidate]) -> Result<()> {
    let mut words = Vec::with_capacity(plan.words.len());
    for word in plan.words.iter().filter(|w| !w.terms.is_empty()) {
        words.push((word, weight(archive, word)?));
    }
    if words.len() < 2 {
        return Ok(());
    }
    let fields = [archive.fields().headline, archive.fields().body];
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|&i| candidates[i].address);
    for (segment, reader) in archive.searcher().segment_readers().iter().enumerate() {
        let here = |i: &usize| candidates[*i].address.segment_ord as usize == segment;
        let here: Vec<usize> = order.iter().copied().filter(here).collect();
        for &field in fields.iter().filter(|_| !here.is_empty()) {
            let has_lead = field == archive.fields().body;
            let open = |word| Places::open(word, field, reader, archive.terms());
            let places = words.iter().map(|(word, _)| open(word));
            let places = places.collect::<tantivy::Result<_>>()?;
            rescore_field(&words, places, has_lead, &here, candidates);
        }
    }
    Ok(())
}

/// Does one field of the candidates numbered `here`, which stand in one segment in its order, by the
/// places of the words in it.
/// `has_lead`: early places in the field count for more.
fn rescore_field(
    words: &[(&Word, f32)],
    mut places: Vec<Places>,
    has_lead: bool,
    here: &[usize],
    candidates: &mut [Candidate],
) {
    let proximity = match words.len() > params::MOST_KEYWORDS {
        true => params::PROXIMITY,
        false => params::PROXIMITY_OF_KEYWORDS,
    };
    // Positions of each word in the clipping at hand.
    let mut positions: Vec<Vec<u32>> = vec![Vec::new(); words.len()];
    for &i in here {
        for (places, positions) in places.iter_mut().zip(&mut positions) {
            positions.clear();
            positions.extend_from_slice(places.at(candidates[i].address.doc_id));
        }
        let mut gain = 0.0;
        for (n, (_, weight)) in words.iter().enumerate() {
            if positions[n].is_empty() {
                continue;
            }
            gain += params::COVERAGE * weight;
            if let (true, Some(&first)) = (has_lead, positions[n].first()) {
                let reach = params::LEAD_REACH;
                gain += params::LEAD * weight * reach / (reach + first as f32);
            }
            for (back, share) in [(1, proximity), (2, proximity * params::ACROSS)] {
                let Some(other) = n.checked_sub(back) else {
                    break;
                };
                if let Some(distance) = nearest(&positions[other], &positions[n]) {
                    let apart = distance.saturating_sub(back as u32) as f32;
                    let lesser = words[other].1.min(*weight);
                    gain += share * lesser * params::NEAR / (params::NEAR + apart);
                }
            }
        }
        candidates[i].score += gain;
    }
}

/// How rare a word is in bodies: BM25's inverse document frequency.
fn weight(archive: &Archive, word: &Word) -> Result<f32> {
    let all = archive.len().max(1) as f32;
    let mut with = 0;
    for (term, _) in &word.terms {
        let body = archive.fields().body;
        with += archive.terms().doc_freq(archive.searcher(), body, term)?;
    }
    let with = (with as f32).min(all);
    Ok((1.0 + (all - with + 0.5) / (with + 0.5)).ln())
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
