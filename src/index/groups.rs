//! Near-duplicates: the same wire story in several papers, with another headline, paragraphs cut or
//! moved, a part rewritten.
//!
//! A body is taken as the set of its word pairs (shingles). One pass of one-permutation hashing
//! (Li, Owen, Zhang 2012) with densification (Shrivastava 2017) gives [`BINS`] minima; the share of
//! equal minima of two bodies estimates the Jaccard similarity of their sets.
//!
//! - Minima in pairs make [`BANDS`] *bands*, exact terms of the index: bodies that share one are
//!   candidates (locality-sensitive hashing).
//! - One bit of each minimum makes a *sketch* of 112 bits (b-bit minwise hashing, Li and König
//!   2010), kept in a column with the number of shingles: comparing a candidate costs two XORs.
//!
//! This is 25 lines of arithmetic in the innermost loop of `add`; the crates for it hash each
//! shingle once per minimum, which is two orders more work.

use rustc_hash::FxHashSet;

/// Minima taken of a body.
const BINS: usize = 112;
/// Pairs of minima that are kept as terms.
const BANDS: usize = 8;
/// Bodies with fewer characters that count are equal or not, never similar.
const SHORT: usize = 100;
/// Bodies whose estimated Jaccard similarity reaches this are copies.
const SIMILAR: f64 = 0.40;
/// A body of which this share is contained in another is a cut copy of it ...
const CONTAINED: f64 = 0.80;
/// ... when the two have at least this similarity.
const CUT: f64 = 0.25;

/// What is kept of a body to find its copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Terms under which copies meet; none for an empty body.
    pub bands: Vec<u64>,
    /// 112 bits of minima and, in the highest 16, the number of shingles.
    pub sketch: [u64; 2],
}

impl Fingerprint {
    /// Takes the fingerprint of a body.
    pub fn of(body: &str) -> Fingerprint {
        let letters = body
            .chars()
            .filter(|c| c.is_alphanumeric())
            .take(SHORT)
            .count();
        if letters == 0 {
            return Fingerprint {
                bands: Vec::new(),
                sketch: [0, 0],
            };
        }
        let words = body
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(hash_word);
        if letters < SHORT {
            let whole = words.fold(0, |hash, word| mix(hash ^ word));
            // No shingles: compared by the one band alone.
            return Fingerprint {
                bands: vec![whole],
                sketch: [0, 0],
            };
        }

        let mut bins = [u64::MAX; BINS];
        let mut shingles: FxHashSet<u64> = FxHashSet::default();
        let mut before = 0u64;
        for word in words {
            let shingle = mix(before.wrapping_mul(31).wrapping_add(word));
            before = word;
            if shingles.insert(shingle) {
                let bin = ((u128::from(shingle) * BINS as u128) >> 64) as usize;
                let value = mix(shingle);
                bins[bin] = bins[bin].min(value);
            }
        }
        let minima = densified(&bins);

        let mut sketch = [0u64; 2];
        for (i, minimum) in minima.iter().enumerate() {
            sketch[i / 64] |= (minimum & 1) << (i % 64);
        }
        sketch[1] |= (shingles.len().min(0xffff) as u64) << 48;
        let bands = minima
            .chunks_exact(2)
            .take(BANDS)
            .enumerate()
            // 40 bits tell bands apart well enough and halve their room in the term dictionary.
            .map(|(i, pair)| mix(pair[0] ^ pair[1].rotate_left(29) ^ i as u64) >> 24)
            .collect();
        Fingerprint { bands, sketch }
    }

    /// The estimated similarity to a body that shares a band, when the two are copies of one
    /// another.
    pub fn copy_similarity(&self, other: [u64; 2]) -> Option<f64> {
        let (own_count, other_count) = (self.sketch[1] >> 48, other[1] >> 48);
        if own_count == 0 || other_count == 0 {
            return (own_count == other_count).then_some(1.0);
        }
        let similarity = similarity(self.sketch, other);
        // |A ∩ B| = J (|A| + |B|) / (1 + J)
        let common = similarity * (own_count + other_count) as f64 / (1.0 + similarity);
        let contained = common / own_count.min(other_count) as f64;
        (similarity >= SIMILAR || (similarity >= CUT && contained >= CONTAINED))
            .then_some(similarity)
    }
}

/// Jaccard similarity, estimated from the bits that differ: minima that differ have equal bits half
/// of the time.
fn similarity(a: [u64; 2], b: [u64; 2]) -> f64 {
    const LOW: u64 = (1 << 48) - 1;
    let differing = (a[0] ^ b[0]).count_ones() + ((a[1] ^ b[1]) & LOW).count_ones();
    (1.0 - 2.0 * f64::from(differing) / BINS as f64).max(0.0)
}

/// Fills each empty bin from one that is filled, chosen by a hash, so that equal sets fill alike.
fn densified(bins: &[u64; BINS]) -> [u64; BINS] {
    let mut minima = *bins;
    for (i, minimum) in minima.iter_mut().enumerate() {
        let mut attempt = i as u64;
        while *minimum == u64::MAX {
            attempt = mix(attempt.wrapping_add(0x9e37_79b9_7f4a_7c15));
            *minimum = bins[(attempt % BINS as u64) as usize];
        }
    }
    minima
}

/// FNV-1a over the folded letters of a word.
fn hash_word(word: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for c in word.chars() {
        let c = if c.is_ascii() {
            c.to_ascii_lowercase()
        } else {
            c
        };
        hash = (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3);
    }
    mix(hash)
}

/// The finalizer of SplitMix64: every bit of the input moves every bit of the output.
fn mix(mut x: u64) -> u64 {
    x ^= x >> 30;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 27;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sentences of invented words, one paragraph each; `seed` chooses the words.
    fn paragraphs(seed: u64, count: usize) -> Vec<String> {
        let mut state = seed;
        (0..count)
            .map(|_| {
                let words: Vec<String> = (0..18)
                    .map(|_| {
                        state = mix(state.wrapping_add(0x9e37_79b9_7f4a_7c15));
                        (0..3)
                            .filter_map(|i| {
                                char::from_u32(0xac00 + ((state >> (i * 16)) % 900) as u32)
                            })
                            .collect()
                    })
                    .collect();
                words.join(" ") + "."
            })
            .collect()
    }

    fn grouped(a: &[String], b: &[String]) -> bool {
        let (a, b) = (
            Fingerprint::of(&a.join("\n")),
            Fingerprint::of(&b.join("\n")),
        );
        a.bands.iter().any(|band| b.bands.contains(band)) && a.copy_similarity(b.sketch).is_some()
    }

    /// How many of a hundred stories are grouped with what `change` makes of them.
    fn found(change: impl Fn(u64, Vec<String>) -> Vec<String>) -> usize {
        (1..=100)
            .filter(|&seed| {
                let story = paragraphs(seed, 12);
                grouped(&story, &change(seed, story.clone()))
            })
            .count()
    }

    #[test]
    fn copies_with_paragraphs_cut_or_moved_are_found() {
        let moved = found(|_, mut story| {
            story.rotate_left(5);
            story
        });
        assert!(moved >= 99, "{moved}");
        let cut = found(|_, mut story| {
            story.truncate(8);
            story
        });
        assert!(cut >= 95, "{cut}");
    }

    #[test]
    fn copies_with_paragraphs_rewritten_are_found() {
        let rewritten = found(|seed, mut story| {
            let other = paragraphs(seed + 1000, 3);
            story.splice(4..7, other);
            story
        });
        assert!(rewritten >= 93, "{rewritten}");
    }

    #[test]
    fn other_stories_that_share_a_paragraph_are_not() {
        let topic = found(|seed, story| {
            let mut other = paragraphs(seed + 1000, 11);
            other.insert(3, story[0].clone());
            other
        });
        assert_eq!(topic, 0);
    }

    #[test]
    fn short_bodies_are_grouped_when_equal() {
        let a = Fingerprint::of("오늘 서울은 맑다.");
        assert_eq!(a, Fingerprint::of("오늘  서울은 맑다"));
        assert_ne!(a.bands, Fingerprint::of("오늘 부산은 맑다.").bands);
        assert_eq!(a.copy_similarity([0, 0]), Some(1.0));
        let long = Fingerprint::of(&paragraphs(1, 12).join("\n"));
        assert_eq!(a.copy_similarity(long.sketch), None);
        assert!(Fingerprint::of(" \n").bands.is_empty());
    }
}
