//! Hangul in Unicode: character classes, decomposition and composition of syllables.
//!
//! The arithmetic follows section 3.12 of the Unicode core specification.

/// U+AC00, the first precomposed syllable.
pub const FIRST_SYLLABLE: char = '가';

/// Number of precomposed syllables: each lead with each vowel and each tail or none.
pub const SYLLABLES: u32 = 11_172;

/// Leading consonants (choseong), in code order.
const LEADS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ',
    'ㅌ', 'ㅍ', 'ㅎ',
];
/// Vowels (jungseong), in code order.
const VOWELS: [char; 21] = [
    'ㅏ', 'ㅐ', 'ㅑ', 'ㅒ', 'ㅓ', 'ㅔ', 'ㅕ', 'ㅖ', 'ㅗ', 'ㅘ', 'ㅙ', 'ㅚ', 'ㅛ', 'ㅜ', 'ㅝ', 'ㅞ',
    'ㅟ', 'ㅠ', 'ㅡ', 'ㅢ', 'ㅣ',
];
/// Trailing consonants (jongseong), in code order. Number 0 means none, so the first has number 1.
const TAILS: [char; 27] = [
    'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ', 'ㅁ',
    'ㅂ', 'ㅄ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
];

const VOWEL_COUNT: u32 = VOWELS.len() as u32;
/// Including none.
const TAIL_COUNT: u32 = TAILS.len() as u32 + 1;

/// Whether `c` is a precomposed syllable.
pub fn is_syllable(c: char) -> bool {
    matches!(c, '가'..='힣')
}

/// Whether `text` contains a precomposed syllable.
pub fn has_syllable(text: &str) -> bool {
    text.chars().any(is_syllable)
}

/// Whether `bytes`, which are UTF-8, begin with a precomposed syllable.
pub fn starts_with_syllable(bytes: &[u8]) -> bool {
    match bytes {
        [0xEB | 0xEC, ..] | [0xEA, 0xB0..=0xBF, ..] | [0xED, ..=0x9D, ..] => true,
        [0xED, 0x9E, third, ..] => *third <= 0xA3,
        _ => false,
    }
}

/// Whether `c` is a compatibility jamo (ㄱ to ㆎ), as typed for a single letter.
pub fn is_compatibility_jamo(c: char) -> bool {
    matches!(c, '\u{3131}'..='\u{318E}')
}

/// Whether `c` is a half-width jamo.
pub fn is_half_width_jamo(c: char) -> bool {
    matches!(c, '\u{FFA1}'..='\u{FFDC}')
}

/// Whether `c` is a jamo of any block, including fillers.
pub fn is_jamo(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97C}' | '\u{D7B0}'..='\u{D7FB}')
        || is_compatibility_jamo(c)
        || is_half_width_jamo(c)
}

/// Whether `c` is a conjoining leading consonant, without the filler.
pub fn is_conjoining_lead(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115E}' | '\u{A960}'..='\u{A97C}')
}

/// Whether `c` is a conjoining vowel or trailing consonant, without the filler.
pub fn is_conjoining_vowel_or_tail(c: char) -> bool {
    matches!(c, '\u{1161}'..='\u{11FF}' | '\u{D7B0}'..='\u{D7FB}')
}

/// The numbers of a syllable's lead, vowel and tail, where tail 0 means none. `None` if `c` is not
/// a syllable.
pub fn decompose(c: char) -> Option<(u32, u32, u32)> {
    let number = u32::from(c).checked_sub(u32::from(FIRST_SYLLABLE))?;
    (number < SYLLABLES).then_some((
        number / TAIL_COUNT / VOWEL_COUNT,
        number / TAIL_COUNT % VOWEL_COUNT,
        number % TAIL_COUNT,
    ))
}

/// The syllable with these numbers; the inverse of [`decompose`].
pub fn compose(lead: u32, vowel: u32, tail: u32) -> Option<char> {
    if lead >= LEADS.len() as u32 || vowel >= VOWEL_COUNT || tail >= TAIL_COUNT {
        return None;
    }
    let number = (lead * VOWEL_COUNT + vowel) * TAIL_COUNT + tail;
    char::from_u32(u32::from(FIRST_SYLLABLE) + number)
}

/// A syllable as compatibility jamo: lead, vowel and, if it has one, tail.
pub fn jamo(c: char) -> Option<(char, char, Option<char>)> {
    let (lead, vowel, tail) = decompose(c)?;
    let tail = tail
        .checked_sub(1)
        .and_then(|tail| TAILS.get(tail as usize));
    Some((
        *LEADS.get(lead as usize)?,
        *VOWELS.get(vowel as usize)?,
        tail.copied(),
    ))
}

/// The syllable with these compatibility jamo; the inverse of [`jamo`].
pub fn compose_jamo(lead: char, vowel: char, tail: Option<char>) -> Option<char> {
    let number = |list: &[char], c: char| list.iter().position(|&x| x == c).map(|n| n as u32);
    let tail = match tail {
        Some(tail) => number(&TAILS, tail)? + 1,
        None => 0,
    };
    compose(number(&LEADS, lead)?, number(&VOWELS, vowel)?, tail)
}

/// The compatibility jamo for a modern conjoining one.
pub fn compatibility_jamo(conjoining: char) -> Option<char> {
    let nth = |list: &[char], first: char| {
        let number = u32::from(conjoining).checked_sub(u32::from(first))?;
        list.get(number as usize).copied()
    };
    nth(&LEADS, '\u{1100}')
        .or_else(|| nth(&VOWELS, '\u{1161}'))
        .or_else(|| nth(&TAILS, '\u{11A8}'))
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn every_syllable_is_taken_apart_and_put_together_again() {
        let mut count = 0;
        for c in '\0'..=char::MAX {
            let parts = decompose(c);
            assert_eq!(parts.is_some(), is_syllable(c), "{c:?}");
            assert_eq!(jamo(c).is_some(), is_syllable(c), "{c:?}");
            let Some((lead, vowel, tail)) = parts else {
                continue;
            };
            assert_eq!(compose(lead, vowel, tail), Some(c));
            let (lead, vowel, tail) = jamo(c).unwrap();
            assert_eq!(compose_jamo(lead, vowel, tail), Some(c));
            // Unicode's own decomposition.
            let nfd: String = std::iter::once(c).nfd().collect();
            let letters = nfd.chars().filter_map(compatibility_jamo);
            assert!(letters.eq([lead, vowel].into_iter().chain(tail)), "{c}");
            count += 1;
        }
        assert_eq!(count, SYLLABLES);
    }

    #[test]
    fn what_is_no_syllable_is_not_composed() {
        assert_eq!(compose(19, 0, 0), None);
        assert_eq!(compose(0, 21, 0), None);
        assert_eq!(compose(0, 0, 28), None);
        assert_eq!(compose(u32::MAX, u32::MAX, u32::MAX), None);
        assert_eq!(jamo('ㄱ'), None);
        assert_eq!(compose_jamo('ㅏ', 'ㄱ', None), None);
        assert_eq!(compatibility_jamo('가'), None);
    }

    #[test]
    fn bytes_are_judged_as_characters_are() {
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            assert_eq!(
                starts_with_syllable(text.as_bytes()),
                is_syllable(c),
                "{c:?}"
            );
        }
        assert!(!starts_with_syllable(b""));
    }
}
