//! Escapes words and phrases, so that a printed tree parses to the same tree.

use super::lexer::{Token, tokens};
use super::notes::Notes;
use super::signs::{DOUBLE_QUOTES, is_quote};

/// Escapes `word` where necessary, so that it parses as one word.
pub(super) fn quoted_word(word: &str) -> String {
    // In capitals it would be an operator. Search ignores case.
    if matches!(word, "AND" | "OR" | "NOT") {
        return word.to_lowercase();
    }
    quoted(word, Token::Word)
}

/// Escapes `word` where necessary, so that it parses as a prefix with a `*` after it.
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
    // Quotes and brackets might pair with those of other words.
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

/// Escapes `text`, so that it parses as a phrase in double quotation marks.
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
