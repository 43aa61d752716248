//! How likely one spelling is a slip for another, as a cost: 0 for the same spelling, about 1 for an
//! ordinary slip of one key.
//!
//! The costs follow where slips come from: letters that sound alike (ㅐ and ㅔ, plain and tense
//! consonants, final consonants before another), keys beside one another, letters or syllables left
//! out, doubled or swapped.

use super::jamo::{self, Spelling};
use super::keyboard;

/// Letters that sound alike, or did when spelling was learnt: the usual slips of people who know the
/// word by ear.
const ALIKE: [&str; 24] = [
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
/// A consonant for a vowel, a digit for a letter.
const OTHER_CLASS: f32 = 1.5;
const LETTER_MORE_OR_LESS: f32 = 0.9;
const LETTER_DOUBLED: f32 = 0.5;
const LETTERS_SWAPPED: f32 = 0.8;
const SYLLABLES_SWAPPED: f32 = 1.0;
const SYLLABLE_DOUBLED: f32 = 0.6;
const SYLLABLE_MORE_OR_LESS: f32 = 1.3;

/// Letters from which on a word may have two slips.
const LONG: usize = 8;

/// A spelling that may be a slip.
#[derive(Debug, Clone)]
pub struct Slip {
    chars: Vec<char>,
    letters: Vec<char>,
    spelling: Spelling,
}

impl Slip {
    /// What was typed.
    pub fn new(typed: &str) -> Slip {
        Slip {
            chars: typed.chars().collect(),
            letters: jamo::decompose(typed),
            spelling: Spelling::new(typed),
        }
    }

    /// Number of letters (jamo).
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// Whether there is no letter at all.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// The cost of the slips that lead from `meant` to what was typed; `None` when it takes more
    /// than one in a short word or two in a long one.
    pub fn cost(&self, meant: &str) -> Option<f32> {
        let most = if self.letters.len() < LONG { 1 } else { 2 };
        let letters = self.spelling.distance(meant, most).map(|distance| {
            // A swap is one step of the distance, and the table knows what it costs.
            debug_assert!(distance <= most);
            weighted(&self.letters, &jamo::decompose(meant))
        });
        match (letters, self.syllables(meant)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// The cost of one syllable swapped with the next, left out, put in or doubled. With one more or less
    /// at its end a word is another word (기타리스트들, 봐주기식), unless that is doubled.
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
                    (false, false) => Some(SYLLABLE_MORE_OR_LESS),
                    (false, true) => None,
                }
            }
            std::cmp::Ordering::Less => {
                (!a.is_empty() && b[1..] == *a).then_some(SYLLABLE_MORE_OR_LESS)
            }
        }
    }
}

/// What it costs to type `typed` for `meant`, over the best alignment.
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
        LETTER_MORE_OR_LESS
    }
}

fn substitution(typed: char, meant: char) -> f32 {
    if typed == meant {
        return 0.0;
    }
    if ALIKE
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
    fn letters_that_sound_alike_are_the_likeliest_slip() {
        assert_eq!(cost("재작소", "제작소"), SOUNDS_ALIKE);
        assert_eq!(cost("안되", "안돼"), SOUNDS_ALIKE);
        assert!(cost("재작소", "제작소") < cost("제작시", "제작소"));
        assert!(cost("하늘젼", "하늘전") < cost("하늘번", "하늘전"));
    }

    #[test]
    fn keys_beside_one_another_are_likelier_than_others() {
        // ㅏ and ㅣ lie beside one another, ㅏ and ㅛ do not.
        assert_eq!(cost("시과나무", "사과나무"), NEIGHBORING_KEY);
        assert_eq!(cost("쇼과나무", "샤과나무"), OTHER_LETTER);
        assert_eq!(cost("타웨", "타위"), NEIGHBORING_KEY);
    }

    #[test]
    fn syllables_are_swapped_doubled_or_left_out() {
        assert_eq!(cost("나과사무", "나사과무"), SYLLABLES_SWAPPED);
        assert_eq!(cost("사과과나무", "사과나무"), SYLLABLE_DOUBLED);
        assert_eq!(cost("사나무", "사과나무"), SYLLABLE_MORE_OR_LESS);
        assert_eq!(Slip::new("사나무").cost("사과배나무"), None);
        assert_eq!(cost("사과나무무", "사과나무"), SYLLABLE_DOUBLED);
        assert_eq!(Slip::new("사과나무들").cost("사과나무"), None);
        assert_eq!(Slip::new("사과나").cost("사과나무"), None);
    }

    #[test]
    fn a_short_word_has_one_slip_at_most() {
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
