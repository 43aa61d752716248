//! Words typed with the wrong keyboard layout: `todtjdgud` for 생성형, `ㅗ디ㅐ` for hello.
//!
//! The layout is dubeolsik (KS X 5002), the Korean standard: each key is a consonant or a vowel,
//! Shift doubles some of them, and the input method composes syllables.

use crate::hangul;

/// Keys with their letters. With Shift, a key without a letter of its own gives its plain letter.
const KEYS: [(char, char); 33] = [
    ('q', 'ㅂ'),
    ('w', 'ㅈ'),
    ('e', 'ㄷ'),
    ('r', 'ㄱ'),
    ('t', 'ㅅ'),
    ('y', 'ㅛ'),
    ('u', 'ㅕ'),
    ('i', 'ㅑ'),
    ('o', 'ㅐ'),
    ('p', 'ㅔ'),
    ('a', 'ㅁ'),
    ('s', 'ㄴ'),
    ('d', 'ㅇ'),
    ('f', 'ㄹ'),
    ('g', 'ㅎ'),
    ('h', 'ㅗ'),
    ('j', 'ㅓ'),
    ('k', 'ㅏ'),
    ('l', 'ㅣ'),
    ('z', 'ㅋ'),
    ('x', 'ㅌ'),
    ('c', 'ㅊ'),
    ('v', 'ㅍ'),
    ('b', 'ㅠ'),
    ('n', 'ㅜ'),
    ('m', 'ㅡ'),
    ('Q', 'ㅃ'),
    ('W', 'ㅉ'),
    ('E', 'ㄸ'),
    ('R', 'ㄲ'),
    ('T', 'ㅆ'),
    ('O', 'ㅒ'),
    ('P', 'ㅖ'),
];

/// Letters typed as two.
const PAIRS: [(char, char, char); 18] = [
    ('ㅗ', 'ㅏ', 'ㅘ'),
    ('ㅗ', 'ㅐ', 'ㅙ'),
    ('ㅗ', 'ㅣ', 'ㅚ'),
    ('ㅜ', 'ㅓ', 'ㅝ'),
    ('ㅜ', 'ㅔ', 'ㅞ'),
    ('ㅜ', 'ㅣ', 'ㅟ'),
    ('ㅡ', 'ㅣ', 'ㅢ'),
    ('ㄱ', 'ㅅ', 'ㄳ'),
    ('ㄴ', 'ㅈ', 'ㄵ'),
    ('ㄴ', 'ㅎ', 'ㄶ'),
    ('ㄹ', 'ㄱ', 'ㄺ'),
    ('ㄹ', 'ㅁ', 'ㄻ'),
    ('ㄹ', 'ㅂ', 'ㄼ'),
    ('ㄹ', 'ㅅ', 'ㄽ'),
    ('ㄹ', 'ㅌ', 'ㄾ'),
    ('ㄹ', 'ㅍ', 'ㄿ'),
    ('ㄹ', 'ㅎ', 'ㅀ'),
    ('ㅂ', 'ㅅ', 'ㅄ'),
];

fn letter_of(key: char) -> Option<char> {
    let find = |k: char| KEYS.iter().find(|(key, _)| *key == k).map(|(_, l)| *l);
    find(key).or_else(|| find(key.to_ascii_lowercase()))
}

fn key_of(letter: char) -> Option<char> {
    KEYS.iter().find(|(_, l)| *l == letter).map(|(k, _)| *k)
}

fn joined(first: char, second: char) -> Option<char> {
    PAIRS
        .iter()
        .find(|(a, b, _)| (*a, *b) == (first, second))
        .map(|(_, _, c)| *c)
}

fn parted(letter: char) -> Option<(char, char)> {
    PAIRS
        .iter()
        .find(|(_, _, c)| *c == letter)
        .map(|(a, b, _)| (*a, *b))
}

fn is_vowel(letter: char) -> bool {
    ('ㅏ'..='ㅣ').contains(&letter)
}

/// Rows of the keyboard. A key is adjacent to the two keys of the row below at its own column and
/// the one before.
const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

fn key_at(key: char) -> Option<(usize, usize)> {
    let key = key.to_ascii_lowercase();
    let mut rows = ROWS.iter().enumerate();
    rows.find_map(|(row, keys)| keys.find(key).map(|column| (row, column)))
}

/// Whether one letter may be typed for the other by hitting an adjacent key or by Shift. For
/// letters typed with two keys: if they share one key, and the other is such a typo or missing.
pub fn are_neighbors(a: char, b: char) -> bool {
    let keys = |c: char| match parted(c) {
        Some((first, second)) => (key_of(first), key_of(second)),
        None => (key_of(c).or(c.is_ascii_alphabetic().then_some(c)), None),
    };
    match (keys(a), keys(b)) {
        ((Some(a), None), (Some(b), None)) => are_near(a, b),
        ((Some(a), Some(after_a)), (Some(b), Some(after_b))) => {
            a == b && are_near(after_a, after_b) || after_a == after_b && are_near(a, b)
        }
        ((Some(a), None), (Some(b), Some(after))) | ((Some(b), Some(after)), (Some(a), None)) => {
            a == b || a == after
        }
        _ => false,
    }
}

fn are_near(a: char, b: char) -> bool {
    let (Some((row, column)), Some((other_row, other_column))) = (key_at(a), key_at(b)) else {
        return false;
    };
    match other_row.abs_diff(row) {
        0 => column.abs_diff(other_column) <= 1,
        1 => {
            let (upper, lower) = match row < other_row {
                true => (column, other_column),
                false => (other_column, column),
            };
            lower == upper || lower + 1 == upper
        }
        _ => false,
    }
}

/// What the keys of a word give in Korean: `todtjdgud` → `생성형`. A word in capitals is read as typed
/// with Caps Lock. `None` if there is no Latin letter, or a character outside ASCII, or if the
/// letters do not form complete syllables, which rules out most English words.
pub fn to_hangul(word: &str) -> Option<String> {
    if !word.chars().any(|c| c.is_ascii_alphabetic()) || !word.is_ascii() {
        return None;
    }
    let caps_lock = !word.chars().any(|c| c.is_ascii_lowercase());
    let mut composer = Composer::default();
    for c in word.chars() {
        let key = if caps_lock { c.to_ascii_lowercase() } else { c };
        match letter_of(key) {
            Some(letter) => composer.letter(letter),
            None => composer.other(key),
        }
    }
    let hangul = composer.finish();
    let stray = hangul.chars().any(hangul::is_compatibility_jamo);
    (!stray).then_some(hangul)
}

/// The keys of a Korean text: `ㅗ디ㅐ` → `hello`. `None` without Hangul.
pub fn to_latin(text: &str) -> Option<String> {
    let mut keys = String::new();
    let mut any = false;
    let mut press = |letter: char, keys: &mut String| {
        let key = key_of(letter);
        any |= key.is_some();
        keys.push(key.unwrap_or(letter));
    };
    for c in text.chars() {
        let letters = match hangul::jamo(c) {
            Some((lead, vowel, tail)) => [Some(lead), Some(vowel), tail],
            None => [Some(c), None, None],
        };
        for letter in letters.into_iter().flatten() {
            match parted(letter) {
                Some((first, second)) => {
                    press(first, &mut keys);
                    press(second, &mut keys);
                }
                None => press(letter, &mut keys),
            }
        }
    }
    any.then_some(keys)
}

/// Composes letters into syllables like a Korean input method.
#[derive(Default)]
struct Composer {
    done: String,
    lead: Option<char>,
    vowel: Option<char>,
    tail: Option<char>,
}

impl Composer {
    fn letter(&mut self, letter: char) {
        if is_vowel(letter) {
            self.vowel(letter);
        } else {
            self.consonant(letter);
        }
    }

    fn vowel(&mut self, letter: char) {
        match (self.lead, self.vowel, self.tail) {
            // The last consonant belongs to the syllable of this vowel: 각+ㅏ → 가가.
            (Some(_), Some(_), Some(tail)) => {
                let (stays, moves) = match parted(tail) {
                    Some((first, second)) => (Some(first), second),
                    None => (None, tail),
                };
                self.tail = stays;
                self.flush();
                self.lead = Some(moves);
                self.vowel = Some(letter);
            }
            (_, Some(vowel), _) => match joined(vowel, letter) {
                Some(both) => self.vowel = Some(both),
                None => {
                    self.flush();
                    self.vowel = Some(letter);
                }
            },
            _ => self.vowel = Some(letter),
        }
    }

    fn consonant(&mut self, letter: char) {
        match (self.lead, self.vowel, self.tail) {
            (Some(lead), Some(vowel), tail) => {
                let longer = match tail {
                    Some(tail) => joined(tail, letter),
                    None => Some(letter),
                };
                match longer.filter(|t| hangul::compose_jamo(lead, vowel, Some(*t)).is_some()) {
                    Some(t) => self.tail = Some(t),
                    None => {
                        self.flush();
                        self.lead = Some(letter);
                    }
                }
            }
            _ => {
                self.flush();
                self.lead = Some(letter);
            }
        }
    }

    fn other(&mut self, c: char) {
        self.flush();
        self.done.push(c);
    }

    fn flush(&mut self) {
        let (lead, vowel, tail) = (self.lead.take(), self.vowel.take(), self.tail.take());
        match (lead, vowel) {
            (Some(l), Some(v)) => match hangul::compose_jamo(l, v, tail) {
                Some(syllable) => self.done.push(syllable),
                None => self
                    .done
                    .extend([Some(l), Some(v), tail].into_iter().flatten()),
            },
            _ => self.done.extend([lead, vowel, tail].into_iter().flatten()),
        }
    }

    fn finish(mut self) -> String {
        self.flush();
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn english_keys_give_what_was_meant() {
        for (keys, meant) in [
            ("todtjdgud", "생성형"),
            ("tkatjdwjswk", "삼성전자"),
            ("dlswlzl", "인지키"),
            ("ekfrrhrl", "닭고기"),
            ("rhksrhkd", "관광"),
            ("dmltk", "의사"),
            ("Whgdk", "쫗아"),
            ("rkqtdl", "값이"),
            ("dnpqxns", "웹툰"),
            ("TODTJDGUD", "생성형"),
            ("todtjdgud2024", "생성형2024"),
        ] {
            assert_eq!(to_hangul(keys).as_deref(), Some(meant), "{keys}");
        }
    }

    #[test]
    fn english_words_that_make_no_syllables_are_let_be() {
        for word in ["NVIDIA", "hello", "CEO", "2024", "", "삼성"] {
            assert_eq!(to_hangul(word), None, "{word}");
        }
    }

    #[test]
    fn korean_keys_give_what_was_meant() {
        assert_eq!(to_latin("ㅗ디ㅣㅐ").as_deref(), Some("hello"));
        assert_eq!(to_latin("ㅊㅗㅁㅅ헷").as_deref(), Some("chatgpt"));
        assert_eq!(to_latin("생성형").as_deref(), Some("todtjdgud"));
        assert_eq!(to_latin("plain"), None);
    }

    #[test]
    fn neighbors_lie_side_by_side_or_on_one_key() {
        for (a, b) in [
            ('ㅏ', 'ㅣ'),
            ('ㄱ', 'ㄲ'),
            ('ㄹ', 'ㄱ'),
            ('ㅟ', 'ㅞ'),
            ('ㅟ', 'ㅜ'),
            ('e', 'r'),
        ] {
            assert!(are_neighbors(a, b) && are_neighbors(b, a), "{a} {b}");
        }
        for (a, b) in [
            ('ㅏ', 'ㅛ'),
            ('ㅁ', 'ㅇ'),
            ('ㅘ', 'ㅝ'),
            ('a', 'p'),
            ('1', '2'),
            ('中', 'ㅏ'),
        ] {
            assert!(!are_neighbors(a, b) && !are_neighbors(b, a), "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn any_korean_word_survives_both_ways(word in "[가-힣]{1,8}") {
            let keys = to_latin(&word).unwrap();
            // 뼤 needs capitals only, as with Caps Lock.
            prop_assume!(keys.chars().any(|c| c.is_ascii_lowercase()));
            prop_assert_eq!(to_hangul(&keys).unwrap(), word);
        }

        #[test]
        fn anything_is_taken(text in any::<String>()) {
            let _ = to_hangul(&text);
            let _ = to_latin(&text);
            let mut chars = text.chars();
            if let (Some(a), Some(b)) = (chars.next(), chars.next()) {
                assert_eq!(are_neighbors(a, b), are_neighbors(b, a));
            }
        }
    }
}
