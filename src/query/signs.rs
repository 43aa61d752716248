//! Characters of a query: signs, quotation marks, normalization.

use unicode_normalization::UnicodeNormalization;

use crate::analyze::runs::char_class;

/// A character, and whether a backslash escaped it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Char {
    pub(super) c: char,
    pub(super) literal: bool,
}

/// Interchangeable: people open with one and close with another.
pub(super) const DOUBLE_QUOTES: &str = "\"“”„‟";
pub(super) const SINGLE_QUOTES: &str = "'‘’‚‛`";
/// Closed only by their counterpart.
pub(super) const BRACKET_QUOTES: [(char, char); 6] = [
    ('「', '」'),
    ('『', '』'),
    ('《', '》'),
    ('〈', '〉'),
    ('«', '»'),
    ('‹', '›'),
];

pub(super) fn is_quote(c: char) -> bool {
    DOUBLE_QUOTES.contains(c)
        || SINGLE_QUOTES.contains(c)
        || BRACKET_QUOTES.iter().any(|(a, b)| c == *a || c == *b)
}

/// The words of plain text, with operators made words.
pub(super) fn plain_words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace()
        .filter(|word| !word.chars().all(is_sign))
        .map(|word| match word {
            "AND" | "OR" | "NOT" => word.to_lowercase(),
            _ => word.to_owned(),
        })
}

/// Whether `c` alone is never a term: punctuation, symbols, emoji, circled letters, white space.
pub(super) fn is_sign(c: char) -> bool {
    !char_class(c).starts_run()
}

/// Whether `text` begins with the legal form of a company or foundation, as in `(주)한빛` or
/// `한빛(주)`, which is not a group.
pub(super) fn is_company_mark(text: &[Char]) -> bool {
    matches!(text, [open, mark, close, ..]
        if open.c == '(' && close.c == ')' && matches!(mark.c, '주' | '유' | '사' | '재'))
}

/// Normalizes `text` like a query: NFC, ASCII instead of full-width characters, no invisible
/// characters.
pub fn normalized(text: &str) -> String {
    prepare(text).into_iter().map(|c| c.c).collect()
}

/// Normalizes to NFC, replaces full-width ASCII and other spaces, drops invisible characters and
/// resolves escapes.
pub(super) fn prepare(text: &str) -> Vec<Char> {
    let mut chars = Vec::new();
    let mut raw = text
        .nfc()
        .filter(|c| {
            !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
        })
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '−' => '-',
            c if c.is_whitespace() || c.is_control() => ' ',
            c => c,
        })
        .peekable();
    while let Some(c) = raw.next() {
        let escaped = raw.next_if(|n| c == '\\' && (n.is_ascii_punctuation() || is_quote(*n)));
        chars.push(Char {
            c: escaped.unwrap_or(c),
            literal: escaped.is_some(),
        });
    }
    chars
}
