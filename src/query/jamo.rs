//! Edit distance in Hangul letters (jamo) instead of syllables.
//!
//! Used for suggestions. By syllables, 제목 is as far from 재목 as from 개목; by jamo, the distances are
//! one and two.

use crate::hangul;

/// Decomposes Hangul syllables into jamo, and lower-cases other characters.
pub fn decompose(text: &str) -> Vec<char> {
    let mut jamo = Vec::with_capacity(text.len());
    for c in text.chars() {
        match hangul::jamo(c) {
            Some((lead, vowel, tail)) => {
                jamo.push(lead);
                jamo.push(vowel);
                jamo.extend(tail);
            }
            None => jamo.extend(c.to_lowercase()),
        }
    }
    jamo
}

/// All syllables that differ from `c` in one jamo; none if `c` is not a syllable.
pub fn variants(c: char) -> impl Iterator<Item = char> {
    let parts = hangul::decompose(c).into_iter();
    let all = parts.flat_map(|(lead, vowel, tail)| {
        let leads = (0..19).filter_map(move |lead| hangul::compose(lead, vowel, tail));
        let vowels = (0..21).filter_map(move |vowel| hangul::compose(lead, vowel, tail));
        let tails = (0..28).filter_map(move |tail| hangul::compose(lead, vowel, tail));
        leads.chain(vowels).chain(tails)
    });
    all.filter(move |other| *other != c)
}

/// Length of `decompose(text)`, without allocating.
fn count(text: &str) -> usize {
    let letters = |c| match hangul::decompose(c) {
        None => 1,
        Some((.., 0)) => 2,
        Some(_) => 3,
    };
    text.chars().map(letters).sum()
}

fn has_capitals(text: &str) -> bool {
    text.chars().any(char::is_uppercase)
}

/// A word to be compared with many others.
#[derive(Debug, Clone)]
pub struct Spelling {
    jamo: Vec<char>,
}

impl Spelling {
    /// Decomposes `word` once.
    pub fn new(word: &str) -> Self {
        Spelling {
            jamo: decompose(word),
        }
    }

    /// Number of jamo.
    pub fn len(&self) -> usize {
        self.jamo.len()
    }

    /// Whether the word is empty.
    pub fn is_empty(&self) -> bool {
        self.jamo.is_empty()
    }

    /// Number of insertions, deletions, substitutions and swaps of neighbours between this word and
    /// `other`; `None` if more than `max`.
    ///
    /// Takes O(`max` × length) time. Words of a different length are rejected before they are
    /// decomposed, so a whole dictionary can be scanned.
    pub fn distance(&self, other: &str, max: usize) -> Option<usize> {
        // Lower-casing may change the length, but not for Latin and Hangul.
        if count(other).abs_diff(self.jamo.len()) > max
            && (other.is_ascii() || !has_capitals(other))
        {
            return None;
        }
        within(&self.jamo, &decompose(other), max)
    }
}

/// Edit distance between two words, see [`Spelling::distance`].
pub fn distance(a: &str, b: &str, max: usize) -> Option<usize> {
    Spelling::new(a).distance(b, max)
}

/// Optimal string alignment distance (Levenshtein with swaps of neighbours), computed in a band of
/// width `max` around the diagonal.
fn within(a: &[char], b: &[char], max: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > max {
        return None;
    }
    let too_far = max + 1;
    let mut two_back: Vec<usize> = vec![too_far; b.len() + 1];
    let mut back: Vec<usize> = (0..=b.len()).map(|j| j.min(too_far)).collect();
    let mut row: Vec<usize> = vec![too_far; b.len() + 1];
    for i in 1..=a.len() {
        let (low, high) = (i.saturating_sub(max).max(1), (i + max).min(b.len()));
        row.fill(too_far);
        row[0] = i.min(too_far);
        let mut best = row[0];
        for j in low..=high {
            let same = a[i - 1] == b[j - 1];
            let mut least = (back[j - 1] + usize::from(!same))
                .min(back[j] + 1)
                .min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(two_back[j - 2] + 1);
            }
            row[j] = least.min(too_far);
            best = best.min(row[j]);
        }
        if best > max {
            return None;
        }
        std::mem::swap(&mut two_back, &mut back);
        std::mem::swap(&mut back, &mut row);
    }
    back.get(b.len()).copied().filter(|d| *d <= max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn variants_differ_in_one_jamo() {
        let all: Vec<char> = variants('가').collect();
        assert_eq!(all.len(), 18 + 20 + 27);
        for c in all {
            let (a, b) = (hangul::jamo('가').unwrap(), hangul::jamo(c).unwrap());
            let same = [a.0 == b.0, a.1 == b.1, a.2 == b.2];
            assert_eq!(same.iter().filter(|same| !**same).count(), 1, "{c}");
        }
        assert_eq!(variants('a').count(), 0);
    }

    #[test]
    fn distance_counts_jamo_not_syllables() {
        assert_eq!(distance("제목", "재목", 2), Some(1));
        assert_eq!(distance("제목", "개목", 2), Some(2));
        assert_eq!(distance("언론", "언론사", 2), Some(2));
        assert_eq!(distance("삼성", "삼송", 1), Some(1));
        assert_eq!(distance("outlt", "outlet", 1), Some(1));
        assert_eq!(distance("Tilte", "title", 1), Some(1));
        assert_eq!(distance("삼성전자", "하이닉스", 3), None);
        assert_eq!(distance("", "", 0), Some(0));
    }

    /// The full table, as in a textbook.
    fn plain(a: &[char], b: &[char]) -> usize {
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let mut least = (d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]))
                        .min(d[i - 1][j] + 1)
                        .min(d[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        least = least.min(d[i - 2][j - 2] + 1);
                    }
                    least
                };
            }
        }
        d[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn the_band_agrees_with_the_full_table(a in "[가각나abㄱ]{0,6}", b in "[가각나abㄱ]{0,6}", max in 0usize..5) {
            let full = plain(&decompose(&a), &decompose(&b));
            prop_assert_eq!(distance(&a, &b, max), (full <= max).then_some(full));
        }
    }
}
