//! Whether two syllables of Korean have a space between them.
//!
//! A page that breaks its lines between any two syllables does not show whether a word went on. Two
//! syllables alone decide about seven of eight cases: `을` ends a word, `했` does not begin one.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::extract::table;

/// Ten times the logarithm of how much rarer a space between two syllables is than none.
const PRIOR: i32 = -9;

/// Syllable → weights of a space after it and before it; see the table.
static SYLLABLES: LazyLock<FxHashMap<char, (i32, i32)>> = LazyLock::new(|| {
    table::rows(include_str!("../data/syllables.tsv"))
        .filter_map(|row| {
            let number = |n| row.get(n).parse().ok();
            Some((row.get(0).chars().next()?, (number(1)?, number(2)?)))
        })
        .collect()
});

/// Whether a space between two syllables, the last of a line and the first of the next, is more
/// likely than none.
pub fn is_space_likely(last: char, first: char) -> bool {
    let of = |c| SYLLABLES.get(&c).copied().unwrap_or_default();
    PRIOR + of(last).0 + of(first).1 > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hangul::is_syllable;

    #[test]
    fn every_row_is_read() {
        let rows = table::rows(include_str!("../data/syllables.tsv"));
        assert_eq!(rows.count(), SYLLABLES.len());
        assert!(SYLLABLES.keys().all(|&c| is_syllable(c)));
    }

    #[test]
    fn particles_end_words_and_endings_do_not_begin_them() {
        for (last, first) in [
            ('을', '다'),
            ('는', '시'),
            ('고', '나'),
            ('를', '위'),
            ('다', '그'),
        ] {
            assert!(is_space_likely(last, first), "{last} {first}");
        }
        for (last, first) in [
            ('설', '명'),
            ('들', '은'),
            ('했', '다'),
            ('이', '끄'),
            ('국', '회'),
        ] {
            assert!(!is_space_likely(last, first), "{last}{first}");
        }
    }
}
