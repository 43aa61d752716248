//! The letters of a text without anything between them.
//!
//! Quotations match with any spacing. An engine that does not know all ways to space one searches this
//! sequence of letters.

use super::fold::fold_char;
use super::runs::{CharClass, char_class};

/// Calls `each` with every letter and digit of `text`, folded, and whether a word may begin with it.
pub fn letters(text: &str, each: &mut dyn FnMut(char, bool)) {
    let mut begins = true;
    let mut folded = String::new();
    for c in text.chars() {
        match char_class(c) {
            CharClass::Hangul
            | CharClass::Hanja
            | CharClass::Letter
            | CharClass::Digit
            | CharClass::Mark => {
                folded.clear();
                fold_char(c, &mut folded);
                for letter in folded.chars().filter(|c| is_letter(*c)) {
                    each(letter, begins);
                    begins = false;
                }
            }
            CharClass::ZeroWidth => {}
            CharClass::Space | CharClass::Quote | CharClass::Other => begins = true,
        }
    }
}

fn is_letter(c: char) -> bool {
    matches!(
        char_class(c),
        CharClass::Hangul | CharClass::Hanja | CharClass::Letter | CharClass::Digit
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_folded_and_know_where_words_begin() {
        let mut found = String::new();
        letters(
            "ＳＭ엔터, 5㎞를\u{200b}‘둘’",
            &mut |c, begins| {
                if begins {
                    found.push('^');
                }
                found.push(c);
            },
        );
        assert_eq!(found, "^sm엔터^5km를^둘");
    }
}
