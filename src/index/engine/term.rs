//! How the terms of the analyzer are written in the index.
//!
//! One field has the terms of all kinds, distinguished by a mark at the end: none for a run as it
//! stands, `\u{1}` for its stem, `\u{2}` for a part. The marks sort before every character of a text,
//! so the kinds of one text are neighbours in the term dictionary and one range scan reads them all.

use unicode_normalization::UnicodeNormalization;

use crate::analyze::TermKind;

pub(in crate::index) const STEM_MARK: char = '\u{1}';
pub(in crate::index) const PART_MARK: char = '\u{2}';

/// Longer terms are left out, in bytes: they would bloat the term dictionary, and no query has them
/// (data URLs, base64).
pub const LONGEST_TERM: usize = 512;

/// Appends the term as written in the index.
pub fn encode(kind: TermKind, text: &str, out: &mut String) {
    out.push_str(text);
    match kind {
        TermKind::Whole => {}
        TermKind::Stem => out.push(STEM_MARK),
        TermKind::Part => out.push(PART_MARK),
    }
}

/// The text of an encoded term, without its mark.
pub fn term_text(term: &str) -> &str {
    term.trim_end_matches([STEM_MARK, PART_MARK])
}

/// An encoded term for people: `~` after a stem, `*` after a part.
pub fn readable_term(term: &str) -> String {
    term.replace(STEM_MARK, "~").replace(PART_MARK, "*")
}

/// The form in which the name of an outlet or a reporter is looked up: NFKC, lower case, no white
/// space, so that `JTBC`, `jtbc` and `ＪＴＢＣ` are one.
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
