//! Normalizes white space and Unicode form of extracted text.

use std::borrow::Cow;

use crate::compose::nfc;
use crate::hangul::is_syllable;

/// Characters without width or meaning that pages leave in their text.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{feff}' | '\u{fffc}'
    ) || (c.is_control() && !c.is_whitespace())
}

/// One line of text: white space squeezed to single spaces, invisible characters gone, NFC.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() || c == '\u{2028}' || c == '\u{2029}' {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(c) {
            out.push(c);
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    match nfc(&out) {
        Cow::Borrowed(_) => out,
        Cow::Owned(normal) => normal,
    }
}

/// The skeleton of a text, for comparisons: its letters and digits in lower case.
pub(crate) fn skeleton(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_syllable(c) || c.is_ascii_digit() || c.is_ascii_lowercase() {
            out.push(c);
        } else if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        }
    }
    out
}

/// Number of characters other than white space.
pub(crate) fn weight(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_squeezed_and_composed() {
        assert_eq!(line(" \u{a0}가\u{200b}나\n\t 다\u{0} "), "가나 다");
        assert_eq!(line("\u{1112}\u{1161}\u{11ab}"), "한");
    }

    #[test]
    fn a_skeleton_has_letters_only() {
        assert_eq!(skeleton("[단독] “A·B” 1위"), "단독ab1위");
    }
}
