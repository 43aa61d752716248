//! How likely one spelling is a typo for another, as a cost: 0 for equal spellings, about 1 for one
//! wrong key.
//!
//! The costs reflect common causes of typos: letters that sound alike (ㅐ and ㅔ, plain and tense
//! consonants, final consonants before another), adjacent keys, and letters or syllables omitted,
//! doubled or swapped.

use std::sync::LazyLock;

use super::jamo::{self, Spelling};
use super::keyboard;

/// Letters that sound alike, or used to: the usual typos of people who know the word by ear.
const SOUND_ALIKE: [&str; 24] = [
    "ㅐㅔ",
    "ㅒㅖ",
    "ㅖㅔ",
    "ㅒㅐ",
    "ㅚㅙㅞ",
    "ㅢㅣ",
    "ㅡㅜ",
    "ㅓㅗ",
    "ㅑㅏ",
    "ㅕㅓ",
    "ㅛㅗ",
    "ㅠㅜ",
    "ㄱㄲㅋ",
    "ㄷㄸㅌ",
    "ㅂㅃㅍ",
    "ㅅㅆ",
    "ㅈㅉㅊ",
    "ㄱㄳ",
    "ㄴㄵㄶ",
    "ㄱㄺ",
    "ㄹㄼㄽㄾㅀ",
    "ㅁㄻ",
    "ㅂㅄ",
    "ㅍㄿ",
];

const SOUNDS_ALIKE: f32 = 0.5;
const NEIGHBORING_KEY: f32 = 0.8;
const OTHER_LETTER: f32 = 1.2;
/// A consonant instead of a vowel, or a digit instead of a letter.
const OTHER_CLASS: f32 = 1.5;
const LETTER_EXTRA_OR_MISSING: f32 = 0.9;
const LETTER_DOUBLED: f32 = 0.5;
const LETTERS_SWAPPED: f32 = 0.8;
const SYLLABLES_SWAPPED: f32 = 1.0;
const SYLLABLE_DOUBLED: f32 = 0.6;
const SYLLABLE_EXTRA_OR_MISSING: f32 = 1.3;

/// Length in jamo from which a word may have two typos.
const MIN_LONG: usize = 8;

/// A possible typo.
#[derive(Debug, Clone)]
pub struct Slip {
    chars: Vec<char>,
    letters: Vec<char>,
    spelling: Spelling,
}

impl Slip {
    /// `typed` is what the user typed.
    pub fn new(typed: &str) -> Slip {
        Slip {
            chars: typed.chars().collect(),
            letters: jamo::decompose(typed),
            spelling: Spelling::new(typed),
        }
    }

    /// Number of jamo.
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// The cost of the typos from `meant` to what was typed; `None` if there are more than one in a
    /// short word or two in a long one.
    pub fn cost(&self, meant: &str) -> Option<f32> {
        let most = if self.letters.len() < MIN_LONG { 1 } else { 2 };
        let letters = self.spelling.distance(meant, most).map(|distance| {
            // The distance counts a swap as one edit; its cost is computed here.
            debug_assert!(distance <= most);
            weighted(&self.letters, &jamo::decompose(meant))
        });
        match (letters, self.syllables(meant)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// The cost of a syllable swapped with the next, omitted, inserted or doubled. One syllable
    /// more or less at the end makes another word (기타리스트들, 봐주기식), unless it is doubled.
    fn syllables(&self, meant: &str) -> Option<f32> {
        let typed = &self.chars;
        let other = meant.chars().count();
        if other.abs_diff(typed.len()) > 1 || typed.len() < 3 {
            return None;
        }
        let meant: Vec<char> = meant.chars().collect();
        let same = typed.iter().zip(&meant).take_while(|(a, b)| a == b).count();
        let (a, b) = (&typed[same..], &meant[same..]);
        match a.len().cmp(&b.len()) {
            std::cmp::Ordering::Equal => {
                let is_swapped = a.len() >= 2 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..];
                is_swapped.then_some(SYLLABLES_SWAPPED)
            }
            std::cmp::Ordering::Greater if a[1..] != *b => None,
            std::cmp::Ordering::Greater => {
                let is_doubled = same > 0 && typed[same - 1] == a[0];
                match (is_doubled, b.is_empty()) {
                    (true, _) => Some(SYLLABLE_DOUBLED),
                    (false, false) => Some(SYLLABLE_EXTRA_OR_MISSING),
                    (false, true) => None,
                }
            }
            std::cmp::Ordering::Less => {
                (!a.is_empty() && b[1..] == *a).then_some(SYLLABLE_EXTRA_OR_MISSING)
            }
        }
    }
}

/// The cost of typing `typed` for `meant`, for the best alignment.
fn weighted(typed: &[char], meant: &[char]) -> f32 {
    let width = meant.len() + 1;
    let mut rows: Vec<f32> = vec![0.0; (typed.len() + 1) * width];
    let at = |i: usize, j: usize| i * width + j;
    for i in 0..=typed.len() {
        for j in 0..=meant.len() {
            if i == 0 && j == 0 {
                continue;
            }
            let mut least = f32::INFINITY;
            if i > 0 && j > 0 {
                least = rows[at(i - 1, j - 1)] + substitution(typed[i - 1], meant[j - 1]);
            }
            if i > 0 {
                let is_doubled = i > 1 && typed[i - 2] == typed[i - 1];
                least = least.min(rows[at(i - 1, j)] + missing(is_doubled));
            }
            if j > 0 {
                let is_doubled = j > 1 && meant[j - 2] == meant[j - 1];
                least = least.min(rows[at(i, j - 1)] + missing(is_doubled));
            }
            let is_swap = i > 1
                && j > 1
                && typed[i - 1] == meant[j - 2]
                && typed[i - 2] == meant[j - 1]
                && typed[i - 1] != typed[i - 2];
            if is_swap {
                least = least.min(rows[at(i - 2, j - 2)] + LETTERS_SWAPPED);
            }
            rows[at(i, j)] = least;
        }
    }
    rows.last().copied().unwrap_or_default()
}

fn missing(is_doubled: bool) -> f32 {
    if is_doubled {
        LETTER_DOUBLED
    } else {
        LETTER_EXTRA_OR_MISSING
    }
}

/// Number of compatibility jamo, from U+3131.
const JAMO: usize = 'ㅣ' as usize - 'ㄱ' as usize + 1;

/// Costs of all pairs of jamo: a suggestion compares a word with thousands.
static JAMO_COSTS: LazyLock<Vec<[f32; JAMO]>> = LazyLock::new(|| {
    let costs = |typed| std::array::from_fn(|n| compared(typed, jamo_at(n)));
    (0..JAMO).map(|n| costs(jamo_at(n))).collect()
});

fn jamo_at(number: usize) -> char {
    ('ㄱ'..='ㅣ').nth(number).unwrap_or('ㄱ')
}

fn substitution(typed: char, meant: char) -> f32 {
    let number = |c: char| (c as usize).wrapping_sub('ㄱ' as usize);
    let costs = JAMO_COSTS.get(number(typed));
    match costs.and_then(|costs| costs.get(number(meant))) {
        Some(cost) => *cost,
        None => compared(typed, meant),
    }
}

fn compared(typed: char, meant: char) -> f32 {
    if typed == meant {
        return 0.0;
    }
    if SOUND_ALIKE
        .iter()
        .any(|group| group.contains(typed) && group.contains(meant))
    {
        return SOUNDS_ALIKE;
    }
    if keyboard::are_neighbors(typed, meant) {
        return NEIGHBORING_KEY;
    }
    if class(typed) == class(meant) {
        OTHER_LETTER
    } else {
        OTHER_CLASS
    }
}

fn class(c: char) -> u8 {
    match c {
        'ㄱ'..='ㅎ' => 0,
        'ㅏ'..='ㅣ' => 1,
        _ if c.is_alphabetic() => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cost(typed: &str, meant: &str) -> f32 {
        let cost = Slip::new(typed).cost(meant);
        cost.unwrap_or_else(|| panic!("{typed} {meant}"))
    }

    #[test]
    fn letters_that_sound_alike_cost_least() {
        assert_eq!(cost("재작소", "제작소"), SOUNDS_ALIKE);
        assert_eq!(cost("안되", "안돼"), SOUNDS_ALIKE);
        assert!(cost("재작소", "제작소") < cost("제작시", "제작소"));
        assert!(cost("하늘젼", "하늘전") < cost("하늘번", "하늘전"));
    }

    #[test]
    fn adjacent_keys_cost_less_than_others() {
        // The keys of ㅏ and ㅣ are adjacent, those of ㅏ and ㅛ are not.
        assert_eq!(cost("시과나무", "사과나무"), NEIGHBORING_KEY);
        assert_eq!(cost("쇼과나무", "샤과나무"), OTHER_LETTER);
        assert_eq!(cost("타웨", "타위"), NEIGHBORING_KEY);
    }

    #[test]
    fn syllables_are_swapped_doubled_or_left_out() {
        assert_eq!(cost("나과사무", "나사과무"), SYLLABLES_SWAPPED);
        assert_eq!(cost("사과과나무", "사과나무"), SYLLABLE_DOUBLED);
        assert_eq!(cost("사나무", "사과나무"), SYLLABLE_EXTRA_OR_MISSING);
        assert_eq!(Slip::new("사나무").cost("사과배나무"), None);
        assert_eq!(cost("사과나무무", "사과나무"), SYLLABLE_DOUBLED);
        assert_eq!(Slip::new("사과나무들").cost("사과나무"), None);
        assert_eq!(Slip::new("사과나").cost("사과나무"), None);
    }

    #[test]
    fn a_short_word_has_at_most_one_typo() {
        assert_eq!(Slip::new("사과").cost("시고"), None);
        assert!(Slip::new("사과나무").cost("시과나모").is_some());
        assert_eq!(Slip::new("사과").cost("사과"), Some(0.0));
        assert_eq!(Slip::new("").cost("가"), None);
    }

    proptest! {
        #[test]
        fn anything_has_a_cost_or_none(a in any::<String>(), b in any::<String>()) {
            if let Some(cost) = Slip::new(&a).cost(&b) {
                prop_assert!(cost >= 0.0 && cost.is_finite());
            }
        }
    }
}
