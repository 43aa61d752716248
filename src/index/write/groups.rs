//! Detection of near-duplicates: one wire story in several papers, with another headline, with
//! paragraphs cut, moved or rewritten.
//!
//! A body is treated as the set of its pairs of neighbouring words (shingles). One-permutation
//! hashing (Li, Owen, Zhang 2012) with densification (Shrivastava 2017) computes [`BINS`] minima in
//! one pass. The fraction of equal minima of two bodies estimates the Jaccard similarity of their
//! sets.
//!
//! - Pairs of minima are hashed to [`BANDS`] *bands*, which are looked up in the index: bodies that
//!   share one are candidates (locality-sensitive hashing).
//! - One bit of each minimum makes a *sketch* of 96 bits (b-bit minwise hashing, Li and König
//!   2010). It is stored in a column, with the number of shingles and short hashes of outlet and
//!   headline, so comparing a candidate costs two XORs.
//!
//! Bands and sketches only select candidates. Whether two clippings are copies is decided on the
//! shingles of their stored texts: the estimates alone grouped 23 wrong pairs among 71,000
//! articles, and errors grow with the square of the archive.
//!
//! The required similarity depends on the pair. An outlet rarely prints a story twice under two
//! headlines, but often reuses a template: market reports, photo captions, horoscopes,
//! introductions of a series. There only nearly identical text on another day counts. If there is
//! little text, the headlines must be similar too, since a column with the same few lines every day
//! has its news in the headline.
//!
//! This runs for every clipping of `add`. Existing crates hash every shingle once per minimum,
//! which is about a hundred times the work.

use rustc_hash::FxHashSet;

use crate::clipping::Clipping;
use crate::hangul::is_syllable;
use crate::index::hash::hash_text;
use crate::korean_time::day_number;

/// Number of minima.
const BINS: usize = 96;
/// Number of pairs of minima used as lookup keys.
const BANDS: usize = 8;
/// Bodies with fewer letters and digits are copies only if equal.
const MIN_LETTERS: usize = 100;

/// Average bytes per word, to size the set of shingles.
const BYTES_PER_WORD: usize = 10;

/// Below this number of shingles, a template may be most of the text.
const FEW_SHINGLES: u64 = 80;

/// Standard deviation of an estimated similarity of 0.4: 2 √(p (1 − p) / [`BINS`]), where p = 0.7
/// is the fraction of equal bits. Candidates below the threshold by less than this are compared
/// too.
const DEVIATION: f64 = 0.09;

/// Similarity of copies.
const SIMILAR: f64 = 0.38;
/// The same with few shingles.
const SIMILAR_FEW: f64 = 0.6;
/// The same within an outlet, under another headline, on the same day.
const SIMILAR_SAME_OUTLET: f64 = 0.5;
/// The same on another day.
const SIMILAR_OTHER_DAY: f64 = 0.8;
/// The same with few shingles, on any day.
const SIMILAR_FEW_SAME_OUTLET: f64 = 0.95;
/// A body of which at least this fraction is in the other body is a shortened copy ...
const CONTAINED: f64 = 0.80;
/// ... if their similarity is at least this.
const SHORTENED_SIMILAR: f64 = 0.25;

/// Minimum Jaccard similarity of the letter bigrams of two headlines, where it is required.
const HEADLINES: f64 = 0.5;

/// Bit offsets in the second half of a sketch, above 32 bits of minima.
const COUNT_AT: u32 = 32;
const COUNT_BITS: u32 = 12;
const OUTLET_AT: u32 = COUNT_AT + COUNT_BITS;
const HEADLINE_AT: u32 = OUTLET_AT + NAME_BITS;
const NAME_BITS: u32 = 10;

/// Data stored for finding copies of a clipping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Lookup keys shared by copies; none for an empty body.
    pub bands: Vec<u64>,
    /// 96 bits of minima, number of shingles, short hashes of outlet and headline.
    pub sketch: [u64; 2],
    /// Day of publication, counted from a fixed day.
    pub day: Option<i64>,
}

impl Fingerprint {
    pub fn of(clipping: &Clipping) -> Fingerprint {
        let day = clipping.published.map(|p| day_number(p.unix_seconds()));
        // 0 means that the outlet is unknown.
        let outlet = clipping
            .outlet
            .as_deref()
            .map_or(0, |name| field(hash_text(name), NAME_BITS).max(1));
        let headline = field(hash_text(&clipping.headline), NAME_BITS);
        let named = outlet << OUTLET_AT | headline << HEADLINE_AT;

        let body = &clipping.body;
        let Some(shingles) = shingles(body) else {
            // Too short for shingles: the only band is a hash of the whole text.
            let mut words = words(body).peekable();
            let is_empty = words.peek().is_none();
            let whole = words.fold(0, |hash, word| mix(hash ^ word));
            return Fingerprint {
                bands: (!is_empty).then_some(whole).into_iter().collect(),
                sketch: [0, named],
                day,
            };
        };

        let mut bins = [u64::MAX; BINS];
        for &shingle in &shingles {
            let bin = ((u128::from(shingle) * BINS as u128) >> 64) as usize;
            let value = mix(shingle);
            bins[bin] = bins[bin].min(value);
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

    /// Estimated similarity to a clipping with this `sketch` and `day`, or `None` if they cannot be
    /// copies. The estimate has an error of about [`DEVIATION`], so [`copy_similarity`] decides.
    pub fn estimate(&self, sketch: [u64; 2], day: Option<i64>) -> Option<f64> {
        let part = |of: [u64; 2], at: u32, bits: u32| field(of[1] >> at, bits);
        let count = |of| part(of, COUNT_AT, COUNT_BITS);
        let outlet = |of| part(of, OUTLET_AT, NAME_BITS);
        let headline = |of| part(of, HEADLINE_AT, NAME_BITS);
        let own = self.sketch;
        if count(own) == 0 || count(sketch) == 0 {
            return (count(own) == count(sketch)).then_some(1.0);
        }
        let pair = Pair {
            counts: [count(own), count(sketch)],
            is_same_outlet: outlet(own) != 0
                && outlet(own) == outlet(sketch)
                && headline(own) != headline(sketch),
            is_same_day: self.day == day,
        };
        let similarity = similarity(own, sketch);
        pair.are_copies(similarity + DEVIATION)
            .then_some(similarity)
    }
}

/// Features of two bodies with shingles that set the required similarity.
struct Pair {
    /// Number of shingles of each.
    counts: [u64; 2],
    /// Both are from one outlet, with different headlines.
    is_same_outlet: bool,
    is_same_day: bool,
}

impl Pair {
    fn has_few(&self) -> bool {
        self.counts[0].min(self.counts[1]) < FEW_SHINGLES
    }

    fn are_copies(&self, similarity: f64) -> bool {
        let smaller = self.counts[0].min(self.counts[1]);
        let few = self.has_few();
        let needed = match (self.is_same_outlet, few) {
            (true, true) => SIMILAR_FEW_SAME_OUTLET,
            (true, false) if !self.is_same_day => SIMILAR_OTHER_DAY,
            (true, false) => SIMILAR_SAME_OUTLET,
            (false, true) => SIMILAR_FEW,
            (false, false) => SIMILAR,
        };
        // |A ∩ B| = J (|A| + |B|) / (1 + J)
        let sum = (self.counts[0] + self.counts[1]) as f64;
        let contained = similarity * sum / (1.0 + similarity) / smaller as f64;
        let is_shortened = !self.is_same_outlet
            && !few
            && similarity >= SHORTENED_SIMILAR
            && contained >= CONTAINED;
        similarity >= needed || is_shortened
    }
}

/// The similarity of the bodies of two clippings, or `None` if they are not copies.
pub fn copy_similarity(a: &Clipping, b: &Clipping) -> Option<f64> {
    let (shingles_a, shingles_b) = (shingles(&a.body), shingles(&b.body));
    let (Some(shingles_a), Some(shingles_b)) = (shingles_a, shingles_b) else {
        let is_same = words(&a.body).eq(words(&b.body)) && headlines_agree(a, b);
        return is_same.then_some(1.0);
    };
    let common = shingles_a.intersection(&shingles_b).count();
    let union = shingles_a.len() + shingles_b.len() - common;
    let similarity = common as f64 / union as f64;
    let day = |c: &Clipping| c.published.map(|p| day_number(p.unix_seconds()));
    let pair = Pair {
        counts: [shingles_a.len() as u64, shingles_b.len() as u64],
        is_same_outlet: a.outlet.is_some() && a.outlet == b.outlet && a.headline != b.headline,
        is_same_day: day(a) == day(b),
    };
    let may_be_template = pair.has_few() && pair.is_same_outlet;
    let are_copies = pair.are_copies(similarity) && (!may_be_template || headlines_agree(a, b));
    are_copies.then_some(similarity)
}

/// Whether two headlines may be of one story: they have the same numbers, and the similarity of
/// their letter bigrams is at least [`HEADLINES`].
fn headlines_agree(a: &Clipping, b: &Clipping) -> bool {
    let numbers = |c: &Clipping| -> Vec<String> {
        let numbers = c.headline.split(|c: char| !c.is_numeric());
        let mut numbers: Vec<String> = numbers
            .filter(|number| !number.is_empty())
            .map(str::to_owned)
            .collect();
        numbers.sort();
        numbers
    };
    let pairs = |c: &Clipping| -> FxHashSet<(char, char)> {
        let letters: Vec<char> = c.headline.chars().filter(|&c| is_word_char(c)).collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    let (pairs_a, pairs_b) = (pairs(a), pairs(b));
    let common = pairs_a.intersection(&pairs_b).count() as f64;
    let union = (pairs_a.len() + pairs_b.len()) as f64 - common;
    numbers(a) == numbers(b) && common >= HEADLINES * union
}

/// Hashes of the words of a body.
fn words(body: &str) -> impl Iterator<Item = u64> {
    let words = body
        .split(|c| !is_word_char(c))
        .filter(|word| !word.is_empty());
    words.map(hash_word)
}

/// Hashes of pairs of neighbouring words; `None` if the body is too short.
fn shingles(body: &str) -> Option<FxHashSet<u64>> {
    if is_short(body) {
        return None;
    }
    let mut shingles = FxHashSet::default();
    shingles.reserve(body.len() / BYTES_PER_WORD);
    let mut before = 0u64;
    for word in words(body) {
        shingles.insert(shingle(before, word));
        before = word;
    }
    Some(shingles)
}

fn is_short(body: &str) -> bool {
    body.chars()
        .filter(|&c| is_word_char(c))
        .take(MIN_LETTERS)
        .count()
        < MIN_LETTERS
}

fn shingle(before: u64, word: u64) -> u64 {
    mix(before.wrapping_mul(31).wrapping_add(word))
}

/// The low `bits` of a number.
fn field(number: u64, bits: u32) -> u64 {
    number & ((1 << bits) - 1)
}

/// Estimated Jaccard similarity. Different minima have equal bits half of the time, so the fraction
/// of differing bits counts twice.
fn similarity(a: [u64; 2], b: [u64; 2]) -> f64 {
    const LOW: u64 = (1 << COUNT_AT) - 1;
    let differing = (a[0] ^ b[0]).count_ones() + ((a[1] ^ b[1]) & LOW).count_ones();
    (1.0 - 2.0 * f64::from(differing) / BINS as f64).max(0.0)
}

/// Fills each empty bin from a non-empty one chosen by a hash, the same one in equal sets.
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

/// Whether `c` is part of a word. The common cases come first: they need no Unicode table.
fn is_word_char(c: char) -> bool {
    match c {
        _ if is_syllable(c) => true,
        _ if c.is_ascii() => c.is_ascii_alphanumeric(),
        _ => c.is_alphanumeric(),
    }
}

/// FNV-1a of a word in ASCII lower case.
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

/// The finalizer of SplitMix64: each input bit affects every output bit.
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

    /// Paragraphs of made-up words, determined by `seed`.
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

    fn are_proposed(a: &Fingerprint, b: &Fingerprint) -> bool {
        a.bands.iter().any(|band| b.bands.contains(band)) && a.estimate(b.sketch, b.day).is_some()
    }

    /// Whether two clippings are candidates, and copies.
    fn are_copies(a: &Clipping, b: &Clipping) -> bool {
        are_proposed(&Fingerprint::of(a), &Fingerprint::of(b)) && copy_similarity(a, b).is_some()
    }

    /// As printed by two outlets under two headlines.
    fn grouped(a: &[String], b: &[String]) -> bool {
        are_copies(
            &clipping("한빛신문", "제목", &a.join("\n")),
            &clipping("저녁신문", "다른 제목", &b.join("\n")),
        )
    }

    /// How many of a hundred stories are grouped with the story that `change` returns.
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

    /// The estimate is sometimes wrong; the comparison of texts is not.
    #[test]
    fn texts_decide_where_the_estimate_is_wrong() {
        let mut wrong = 0;
        for seed in 1..=400 {
            let story = paragraphs(seed, 12);
            let mut other = paragraphs(seed + 1000, 8);
            other.splice(2..2, story[..5].iter().cloned());
            let a = clipping("한빛신문", "제목", &story.join("\n"));
            let b = clipping("저녁신문", "다른 제목", &other.join("\n"));
            let (of_a, of_b) = (Fingerprint::of(&a), Fingerprint::of(&b));
            let exact = |body: &[String]| shingles(&body.join("\n")).unwrap();
            let (set_a, set_b) = (exact(&story), exact(&other));
            let common = set_a.intersection(&set_b).count() as f64;
            assert!(common / (set_a.union(&set_b).count() as f64) < SIMILAR);
            wrong += usize::from(similarity(of_a.sketch, of_b.sketch) >= SIMILAR);
            assert!(!are_copies(&a, &b), "{seed}");
        }
        assert!(wrong > 10, "{wrong}");
    }

    #[test]
    fn one_template_used_twice_is_two_stories() {
        let template = paragraphs(1, 4).join("\n");
        let first = format!("{template}\n{}", paragraphs(2, 1).join("\n"));
        let second = format!("{template}\n{}", paragraphs(3, 1).join("\n"));
        let on = |day: &str, outlet, headline, body: &str| Clipping {
            published: day.parse().ok(),
            ..clipping(outlet, headline, body)
        };
        let a = on("2024-07-01", "한빛신문", "7월 1일 증시", &first);
        let next_day = on("2024-07-02", "한빛신문", "7월 2일 증시", &second);
        assert!(!are_copies(&a, &next_day));
        assert!(are_copies(
            &a,
            &on("2024-07-02", "한빛신문", "7월 1일 증시", &first)
        ));
        assert!(are_copies(
            &a,
            &on("2024-07-01", "저녁신문", "1일 증시 마감", &first)
        ));
    }

    #[test]
    fn columns_with_their_news_in_the_headline_are_different_stories() {
        let fixed = "청취자와 함께하는 저녁 시사 프로그램입니다. 진행은 한빛라디오 김하나 기자가 맡고, 방송은 평일 \
                     저녁 일곱 시에 나갑니다. 다시 듣기는 누리집에서 할 수 있습니다. 제보는 언제나 받습니다. 전화는 \
                     받지 않습니다. 방송 시간은 바뀔 수 있습니다.";
        for body in ["오늘의 운세입니다.", fixed] {
            let of = |headline: &str| clipping("한빛신문", headline, body);
            for (a, b, same) in [
                (
                    "이하늘 \"예산을 다시 짜야\" [저녁 시사]",
                    "박바다 \"항만 계획 늦었다\" [저녁 시사]",
                    false,
                ),
                ("[오늘의 운세/7월 25일]", "[오늘의 운세/7월 30일]", false),
                ("시청, 새 도서관 연다", "시청, 새 도서관 열었다", true),
            ] {
                assert_eq!(are_copies(&of(a), &of(b)), same, "{a}, {b}: {body}");
            }
        }
    }

    #[test]
    fn short_bodies_are_copies_when_equal() {
        let of = |body: &str| clipping("한빛신문", "제목", body);
        let short = of("오늘 서울은 맑다.");
        assert!(are_copies(&short, &of("오늘  서울은 맑다")));
        assert!(!are_copies(&short, &of("오늘 부산은 맑다.")));
        let long = of(&paragraphs(1, 12).join("\n"));
        assert!(!are_copies(&short, &long));
        assert_eq!(copy_similarity(&short, &long), None);
        assert!(Fingerprint::of(&of(" \n")).bands.is_empty());
    }
}
