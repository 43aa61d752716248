//! Words and phrases back to text that is read as the same words and phrases: for printing a tree.

use super::lexer::{Token, tokens};
use super::notes::Notes;
use super::signs::{DOUBLE_QUOTES, is_quote};

/// `word` so that it is read as this one word: as it stands where that works, otherwise with a
/// backslash before each sign.
pub(super) fn quoted_word(word: &str) -> String {
    // In capitals they would be operators; for searching it is all the same.
    if matches!(word, "AND" | "OR" | "NOT") {
        return word.to_lowercase();
    }
    quoted(word, Token::Word)
}

/// What must stand before the `*` so that a prefix is read as this one.
pub(super) fn quoted_prefix(word: &str) -> String {
    quoted(word, Token::Prefix)
}

fn quoted(word: &str, token: fn(String) -> Token) -> String {
    let star = if token(String::new()) == Token::Prefix(String::new()) {
        "*"
    } else {
        ""
    };
    let reads_back = |text: &str| {
        let mut notes = Notes::default();
        tokens(&format!("{text}{star}"), &mut notes).0 == [token(word.to_owned())]
            && notes.is_empty()
    };
    // Quotes and brackets may find a partner in the words around.
    let risky = |c| is_quote(c) || matches!(c, '[' | '{' | '\\');
    if !word.contains(risky) && reads_back(word) {
        return word.to_owned();
    }
    let mut first = true;
    let light = escaped(word, |c| {
        std::mem::take(&mut first) && c.is_ascii_punctuation() || risky(c)
    });
    if reads_back(&light) {
        return light;
    }
    escaped(word, |c| c.is_ascii_punctuation() || is_quote(c))
}

/// What must stand between double quotation marks so that the phrase is read as this one.
pub(super) fn quoted_phrase(text: &str) -> String {
    escaped(text, |c| c == '\\' || DOUBLE_QUOTES.contains(c))
}

fn escaped(text: &str, mut special: impl FnMut(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if special(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
