//! Near-duplicates: the same wire story in several papers, with another headline, paragraphs cut or
//! moved, a part rewritten.
//!
//! A body is taken as the set of its word pairs (shingles). One pass of one-permutation hashing
//! (Li, Owen, Zhang 2012) with densification (Shrivastava 2017) gives [`BINS`] minima; the share of
//! equal minima of two bodies estimates the Jaccard similarity of their sets.
//!
//! - Minima in pairs make [`BANDS`] *bands*, keys of the index: bodies that share one are
//!   candidates (locality-sensitive hashing).
//! - One bit of each minimum makes a *sketch* of 96 bits (b-bit minwise hashing, Li and König
//!   2010), kept in a column with the number of shingles and short hashes of outlet and headline:
//!   comparing a candidate costs two XORs.
//!
//! How similar two bodies must be depends on what they are. One outlet seldom prints a story twice
//! under two headlines, but fills one mould again and again: market reports, photo captions,
//! horoscopes, introductions of a series. There only the same text on another day counts.
//!
//! This is a page of arithmetic in the innermost loop of `add`; the crates for it hash each shingle
//! once per minimum, which is two orders more work.

use rustc_hash::FxHashSet;

use crate::clipping::Clipping;
use crate::hangul::is_syllable;
use crate::index::hash::hash_text;
use crate::korean_time::day_number;

/// Minima taken of a body.
const BINS: usize = 96;
/// Pairs of minima that are kept as keys.
const BANDS: usize = 8;
/// Bodies with fewer characters that count are equal or not, never similar.
const SHORT: usize = 100;

/// Bytes of a body that a word takes, about.
const BYTES_OF_WORD: usize = 10;

/// Bodies with fewer shingles say so little that a mould is most of it.
const FEW_SHINGLES: u64 = 80;

/// Similarity from which bodies are copies.
const SIMILAR: f64 = 0.38;
/// The same for bodies of few shingles.
const SIMILAR_FEW: f64 = 0.6;
/// The same within an outlet, under another headline, on one day.
const SIMILAR_WITHIN: f64 = 0.5;
/// The same on another day.
const SIMILAR_LATER: f64 = 0.8;
/// The same for bodies of few shingles, on whatever day.
const SIMILAR_FEW_WITHIN: f64 = 0.95;
/// A body of which this share is contained in another is a cut copy of it ...
const CONTAINED: f64 = 0.80;
/// ... when the two have at least this similarity.
const CUT: f64 = 0.25;

/// Where things stand in the second half of a sketch, above 32 bits of minima.
const COUNT_AT: u32 = 32;
const COUNT_BITS: u32 = 12;
const OUTLET_AT: u32 = COUNT_AT + COUNT_BITS;
const HEADLINE_AT: u32 = OUTLET_AT + NAME_BITS;
const NAME_BITS: u32 = 10;

/// What is kept of a clipping to find its copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// IdLookup under which copies meet; none for an empty body.
    pub bands: Vec<u64>,
    /// 96 bits of minima, the number of shingles, short hashes of outlet and headline.
    pub sketch: [u64; 2],
    /// The day it was published, counted in any way.
    pub day: Option<i64>,
}

impl Fingerprint {
    /// Takes the fingerprint of a clipping.
    pub fn of(clipping: &Clipping) -> Fingerprint {
        let day = clipping.published.map(|p| day_number(p.unix_seconds()));
        // Zero stands for an outlet that is not known.
        let outlet = clipping
            .outlet
            .as_deref()
            .map_or(0, |name| field(hash_text(name), NAME_BITS).max(1));
        let headline = field(hash_text(&clipping.headline), NAME_BITS);
        let named = outlet << OUTLET_AT | headline << HEADLINE_AT;

        let body = &clipping.body;
        let letters = body.chars().filter(|&c| counts(c)).take(SHORT).count();
        let words = body
            .split(|c| !counts(c))
            .filter(|word| !word.is_empty())
            .map(hash_word);
        if letters < SHORT {
            // No shingles: compared by the one band alone.
            let whole = words.fold(0, |hash, word| mix(hash ^ word));
            return Fingerprint {
                bands: (letters > 0).then_some(whole).into_iter().collect(),
                sketch: [0, named],
                day,
            };
        }

        let mut bins = [u64::MAX; BINS];
        let mut shingles = FxHashSet::default();
        shingles.reserve(clipping.body.len() / BYTES_OF_WORD);
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
        let most = (1 << COUNT_BITS) - 1;
        sketch[1] |= (shingles.len() as u64).min(most) << COUNT_AT | named;
        let bands = minima
            .chunks_exact(2)
            .take(BANDS)
            .enumerate()
            .map(|(i, pair)| mix(pair[0] ^ pair[1].rotate_left(29) ^ i as u64))
            .collect();
        Fingerprint { bands, sketch, day }
    }

    /// The estimated similarity to a clipping that shares a band, when the two are copies of one
    /// another. `sketch` and `day` are the other's.
    pub fn copy_similarity(&self, sketch: [u64; 2], day: Option<i64>) -> Option<f64> {
        let part = |of: [u64; 2], at: u32, bits: u32| field(of[1] >> at, bits);
        let count = |of| part(of, COUNT_AT, COUNT_BITS);
        let outlet = |of| part(of, OUTLET_AT, NAME_BITS);
        let headline = |of| part(of, HEADLINE_AT, NAME_BITS);
        let own = self.sketch;
        if count(own) == 0 || count(sketch) == 0 {
            return (count(own) == count(sketch)).then_some(1.0);
        }
        let similarity = similarity(own, sketch);
        let few = count(own).min(count(sketch)) < FEW_SHINGLES;
        let within =
            outlet(own) != 0 && outlet(own) == outlet(sketch) && headline(own) != headline(sketch);
        let needed = match (within, few) {
            (true, true) => SIMILAR_FEW_WITHIN,
            (true, false) if self.day != day => SIMILAR_LATER,
            (true, false) => SIMILAR_WITHIN,
            (false, true) => SIMILAR_FEW,
            (false, false) => SIMILAR,
        };
        // |A ∩ B| = J (|A| + |B|) / (1 + J)
        let common = similarity * (count(own) + count(sketch)) as f64 / (1.0 + similarity);
        let contained = common / count(own).min(count(sketch)) as f64;
        let cut = !within && !few && similarity >= CUT && contained >= CONTAINED;
        (similarity >= needed || cut).then_some(similarity)
    }
}

/// The lowest `bits` of a number.
fn field(number: u64, bits: u32) -> u64 {
    number & ((1 << bits) - 1)
}

/// Jaccard similarity, estimated from the bits that differ: minima that differ have equal bits half
/// of the time.
fn similarity(a: [u64; 2], b: [u64; 2]) -> f64 {
    const LOW: u64 = (1 << COUNT_AT) - 1;
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

/// Whether a character is part of a word. The two common cases are told without a table.
fn counts(c: char) -> bool {
    match c {
        _ if is_syllable(c) => true,
        _ if c.is_ascii() => c.is_ascii_alphanumeric(),
        _ => c.is_alphanumeric(),
    }
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

    fn clipping(outlet: &str, headline: &str, body: &str) -> Clipping {
        Clipping {
            outlet: Some(outlet.to_owned()),
            headline: headline.to_owned(),
            body: body.to_owned(),
            ..Clipping::default()
        }
    }

    fn of(body: &str) -> Fingerprint {
        Fingerprint::of(&clipping("한빛신문", "제목", body))
    }

    fn are_grouped(a: &Fingerprint, b: &Fingerprint) -> bool {
        a.bands.iter().any(|band| b.bands.contains(band))
            && a.copy_similarity(b.sketch, b.day).is_some()
    }

    /// Two outlets, two headlines.
    fn grouped(a: &[String], b: &[String]) -> bool {
        are_grouped(
            &Fingerprint::of(&clipping("한빛신문", "제목", &a.join("\n"))),
            &Fingerprint::of(&clipping("저녁신문", "다른 제목", &b.join("\n"))),
        )
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
    fn one_mould_filled_twice_is_two_stories() {
        let mould = paragraphs(1, 4).join("\n");
        let first = format!("{mould}\n{}", paragraphs(2, 1).join("\n"));
        let second = format!("{mould}\n{}", paragraphs(3, 1).join("\n"));
        let on = |day: &str, outlet, headline, body: &str| {
            Fingerprint::of(&Clipping {
                published: day.parse().ok(),
                ..clipping(outlet, headline, body)
            })
        };
        let a = on("2024-07-01", "한빛신문", "7월 1일 증시", &first);
        let next_day = on("2024-07-02", "한빛신문", "7월 2일 증시", &second);
        assert!(!are_grouped(&a, &next_day));
        assert!(are_grouped(
            &a,
            &on("2024-07-02", "한빛신문", "7월 1일 증시", &first)
        ));
        assert!(are_grouped(
            &a,
            &on("2024-07-01", "저녁신문", "1일 증시 마감", &first)
        ));
    }

    #[test]
    fn short_bodies_are_grouped_when_equal() {
        let a = of("오늘 서울은 맑다.");
        assert_eq!(a, of("오늘  서울은 맑다"));
        assert_ne!(a.bands, of("오늘 부산은 맑다.").bands);
        assert!(are_grouped(&a, &of("오늘  서울은 맑다")));
        let long = of(&paragraphs(1, 12).join("\n"));
        assert_eq!(a.copy_similarity(long.sketch, None), None);
        assert!(of(" \n").bands.is_empty());
    }
}
