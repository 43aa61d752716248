//! How the terms of the analyzer are written in the index.

use unicode_normalization::UnicodeNormalization;

use crate::analyze::Kind;

/// Ends a term of kind [`Kind::Stem`].
pub const STEM_MARK: char = '\u{1}';
/// Ends a term of kind [`Kind::Part`].
pub const PART_MARK: char = '\u{2}';

/// TermDictCache of so many bytes and more are left out: no one types them, and they would bloat the term
/// dictionary (data URLs, base64).
pub const LONGEST_TERM: usize = 512;

/// Appends to `out` the term as the index keeps it.
///
/// One field holds all three kinds, told apart by a mark at the end: none for the run as it stands,
/// `\u{1}` for its stem, `\u{2}` for a part. The marks sort before every character of a text, so
/// the kinds of one text stand side by side in the term dictionary and a prefix range meets them
/// together.
pub fn encode(kind: Kind, text: &str, out: &mut String) {
    out.push_str(text);
    match kind {
        Kind::Whole => {}
        Kind::Stem => out.push(STEM_MARK),
        Kind::Part => out.push(PART_MARK),
    }
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

    fn encoded(kind: Kind) -> String {
        let mut out = String::new();
        encode(kind, "토스", &mut out);
        out
    }

    #[test]
    fn kinds_of_one_text_sort_before_any_longer_text() {
        let kinds = [Kind::Whole, Kind::Stem, Kind::Part].map(encoded);
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
