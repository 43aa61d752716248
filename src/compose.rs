//! Normalization to NFC, the form of all stored text. `source` and `extract` normalize what they
//! read.

use std::borrow::Cow;
use std::iter;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::hangul::starts_with_syllable;

/// Normalizes `text`; copies it only if that changes something.
pub fn nfc(text: &str) -> Cow<'_, str> {
    match is_composed(text) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfc().collect()),
    }
}

/// Whether a text is certainly in NFC: none of its characters combines with others or has another
/// form. Common characters of Korean text are recognized by their bytes.
fn is_composed(text: &str) -> bool {
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        at += match *rest {
            [0x00..=0x7f, ..] => 1,
            _ if starts_with_syllable(rest) => 3,
            // Hanja, U+4E00 to U+9FFF.
            [0xe5..=0xe9, ..] | [0xe4, 0xb8..=0xbf, ..] => 3,
            // Dashes and quotation marks, U+2010 to U+2027.
            [0xe2, 0x80, 0x90..=0xa7, ..] => 3,
            _ => match text[at..].chars().next() {
                Some(c) if is_plain(c) => c.len_utf8(),
                _ => return false,
            },
        };
    }
    true
}

fn is_plain(c: char) -> bool {
    canonical_combining_class(c) == 0 && is_nfc_quick(iter::once(c)) == IsNormalized::Yes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_character_is_judged_as_by_the_tables() {
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            assert_eq!(is_composed(&text), is_plain(c), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_composed(text in "[가각\u{1100}\u{1161}\u{11a8}a\u{301}·“△李\u{302a}豈]{0,12}|\\PC{0,20}") {
            prop_assert_eq!(nfc(&text), text.nfc().collect::<String>());
        }
    }
}
