//! Chooses the Korean particles of a message by the sound before them.

use crate::hangul;

/// As a template writes them, after a consonant, and after a vowel.
const PARTICLES: [(&str, &str, &str); 5] = [
    ("은(는)", "은", "는"),
    ("이(가)", "이", "가"),
    ("을(를)", "을", "를"),
    ("과(와)", "과", "와"),
    ("(으)로", "으로", "로"),
];

/// Number of ㄹ among trailing consonants, after which it is 로.
const RIEUL: u32 = 8;

enum Sound {
    Vowel,
    Rieul,
    Consonant,
}

/// Chooses the particles in the `text` of a message, if its `template` has any.
pub fn chosen(template: &str, text: String) -> String {
    match PARTICLES.iter().any(|(both, ..)| template.contains(both)) {
        true => choose(&text),
        false => text,
    }
}

/// Replaces both forms of each particle by the one that follows the word before it. Both stay where its
/// sound is unknown, as after words in Latin letters.
pub fn choose(text: &str) -> String {
    let mut text = text.to_owned();
    for (both, after_consonant, after_vowel) in PARTICLES {
        let mut parts = text.split(both);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            out += match last_sound(&out) {
                None => both,
                Some(Sound::Vowel) => after_vowel,
                Some(Sound::Rieul) if both == "(으)로" => after_vowel,
                Some(_) => after_consonant,
            };
            out += part;
        }
        text = out;
    }
    text
}

/// The sound at the end of a text, without quotation marks and an addition in parentheses: 지우람(1건).
fn last_sound(text: &str) -> Option<Sound> {
    let is_mark = |c: char| matches!(c, '\'' | '"' | '`' | '>' | '}' | '’' | '”');
    let mut word = text.trim_end_matches(is_mark);
    if let Some((before, _)) = word
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('))
    {
        word = before.trim_end_matches(is_mark);
    }
    let last = word.chars().next_back()?;
    // Read letter by letter.
    let is_acronym = word.chars().rev().take(2).all(|c| c.is_ascii_uppercase());
    Some(match last {
        '2' | '4' | '5' | '9' => Sound::Vowel,
        '1' | '7' | '8' => Sound::Rieul,
        '0' | '3' | '6' => Sound::Consonant,
        'L' | 'R' if is_acronym => Sound::Rieul,
        'M' | 'N' if is_acronym => Sound::Consonant,
        'A'..='Z' if is_acronym => Sound::Vowel,
        last => match hangul::decompose(last)? {
            (_, _, 0) => Sound::Vowel,
            (_, _, RIEUL) => Sound::Rieul,
            _ => Sound::Consonant,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particles_follow_the_sound_before_them() {
        for (text, expected) in [
            ("'생성형'(으)로", "'생성형'으로"),
            ("@경쟁(으)로", "@경쟁으로"),
            ("@서울(으)로", "@서울로"),
            ("'제주'(으)로", "'제주'로"),
            ("'AI'이(가) 든", "'AI'가 든"),
            ("'KTX'을(를) 'CNN'과(와)", "'KTX'를 'CNN'과"),
            ("지우람(1건)을(를)", "지우람(1건)을"),
            ("'2024'은(는) '7'(으)로", "'2024'는 '7'로"),
            ("'xlsx'은(는)", "'xlsx'은(는)"),
            ("'--sort <순서>'은(는)", "'--sort <순서>'는"),
            ("은(는)", "은(는)"),
        ] {
            assert_eq!(choose(text), expected);
        }
        assert_eq!(
            chosen("{path}: 폴더", "가이(가): 폴더".to_owned()),
            "가이(가): 폴더"
        );
    }
}
