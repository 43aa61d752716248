//! Encoding of the analyzer's terms in the index.
//!
//! A field holds all kinds of terms, distinguished by a suffix: none for a whole term, `\u{1}` for
//! a stem, `\u{2}` for a part. The suffixes sort before every character of a text, so the kinds of
//! one text are neighbours in the term dictionary.

use unicode_normalization::UnicodeNormalization;

use crate::analyze::TermKind;

pub(in crate::index) const STEM_MARK: char = '\u{1}';
pub(in crate::index) const PART_MARK: char = '\u{2}';

/// In bytes. Longer terms (data URLs, base64) are not indexed: they would bloat the term
/// dictionary, and nobody searches for them.
pub const MAX_TERM_BYTES: usize = 512;

/// Appends the encoded term to `out`.
#[inline]
pub fn encode(kind: TermKind, text: &str, out: &mut String) {
    out.push_str(text);
    match kind {
        TermKind::Whole => {}
        TermKind::Stem => out.push(STEM_MARK),
        TermKind::Part => out.push(PART_MARK),
    }
}

/// The encoded term.
pub fn encoded(kind: TermKind, text: &str) -> String {
    let mut term = String::with_capacity(text.len() + 1);
    encode(kind, text, &mut term);
    term
}

/// The text of an encoded term.
pub fn term_text(term: &str) -> &str {
    term.trim_end_matches([STEM_MARK, PART_MARK])
}

/// An encoded term for display: `~` marks a stem, `*` a part.
pub fn readable_term(term: &str) -> String {
    term.replace(STEM_MARK, "~").replace(PART_MARK, "*")
}

/// Normalizes the name of an outlet, reporter or section for lookup: NFKC, lower case, no white
/// space. `JTBC`, `jtbc` and `ＪＴＢＣ` are one name.
pub fn fold_name(name: &str) -> String {
    name.nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(kind: TermKind) -> String {
        let mut out = String::new();
        encode(kind, "토스", &mut out);
        out
    }

    #[test]
    fn kinds_of_one_text_sort_before_any_longer_text() {
        let kinds = [TermKind::Whole, TermKind::Stem, TermKind::Part].map(encoded);
        assert!(kinds.is_sorted());
        assert!(
            kinds
                .iter()
                .all(|k| k.as_str() < "토스 " && k.starts_with("토스"))
        );
    }

    #[test]
    fn names_are_folded() {
        assert_eq!(fold_name(" ＪＴＢＣ 뉴스"), "jtbc뉴스");
    }
}
