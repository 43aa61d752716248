//! Suffixes of nouns at the end of an eojeol: particles and chains of them, forms of the copula,
//! plural and honorific suffixes.
//!
//! [`suffixes`] lists the candidates in a run; `terms` decides which of them apply. The table is
//! `data/particles.tsv`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::hangul::is_syllable;

/// Syllables of the longest particle in the table.
pub const MAX_SYLLABLES: usize = 6;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Particle {
    /// As written.
    pub form: &'static str,
    /// Whether the same syllables may be the end of the noun itself: 은 of 박지은.
    pub ambiguous: bool,
}

/// A possible particle at the end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suffix {
    /// Byte offset of the particle; never 0.
    pub at: usize,
    /// The particle.
    pub particle: &'static Particle,
}

struct Table {
    by_form: FxHashMap<&'static str, Particle>,
    /// In byte order.
    forms: Vec<&'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let by_form: FxHashMap<_, _> = rows().map(|row| (row.form, row)).collect();
    let mut forms: Vec<_> = by_form.keys().copied().collect();
    forms.sort_unstable();
    Table { by_form, forms }
});

/// Malformed rows are skipped; a test checks that there are none.
fn rows() -> impl Iterator<Item = Particle> {
    include_str!("data/particles.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(parse)
}

fn parse(line: &'static str) -> Option<Particle> {
    let mut columns = line.split('\t');
    let particle = Particle {
        form: columns.next()?,
        ambiguous: match columns.next()? {
            "yes" => true,
            "no" => false,
            _ => return None,
        },
    };
    columns.next().is_none().then_some(particle)
}

/// The particles that `word`, a folded run or compound, may end with, longest first. A particle
/// never covers the whole word.
///
/// Allomorphs are not checked against the preceding sound (은 after a consonant, 는 after a vowel):
/// wrong ones are common in print, and the pronunciation of Latin letters and digits is unknown.
pub fn suffixes(word: &str) -> impl Iterator<Item = Suffix> + '_ {
    let mut starts = [0usize; MAX_SYLLABLES];
    let mut count = 0;
    for (at, c) in word.char_indices().rev().take(MAX_SYLLABLES) {
        if at == 0 || !is_syllable(c) {
            break;
        }
        starts[count] = at;
        count += 1;
    }
    (0..count).rev().filter_map(move |i| {
        let at = starts[i];
        let particle = particle(word.get(at..)?)?;
        Some(Suffix { at, particle })
    })
}

/// Looks up a particle.
#[inline]
pub fn particle(form: &str) -> Option<&'static Particle> {
    TABLE.by_form.get(form)
}

/// All particles, in byte order.
pub fn forms() -> &'static [&'static str] {
    &TABLE.forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_row_is_read() {
        let lines = include_str!("data/particles.tsv")
            .lines()
            .filter(|l| !l.starts_with('#'));
        for line in lines.clone() {
            let row = parse(line).unwrap_or_else(|| panic!("bad row: {line}"));
            assert!(row.form.chars().all(is_syllable), "{line}");
            assert!(row.form.chars().count() > 1 || row.ambiguous, "{line}");
        }
        assert_eq!(lines.count(), TABLE.by_form.len(), "a form stands twice");
        let longest = forms().iter().map(|form| form.chars().count()).max();
        assert_eq!(longest, Some(MAX_SYLLABLES));
    }

    fn stems(word: &str) -> Vec<&str> {
        suffixes(word).map(|s| &word[..s.at]).collect()
    }

    #[test]
    fn stems_come_shortest_first() {
        assert_eq!(stems("하만주가"), ["하만주"]);
        assert_eq!(stems("박지은은"), ["박지은"]);
        assert_eq!(stems("정부에서는"), ["정부", "정부에", "정부에서"]);
        assert_eq!(stems("r&d를"), ["r&d"]);
        assert_eq!(stems("3.1%로"), ["3.1%"]);
        assert_eq!(stems("c++은"), ["c++"]);
        assert_eq!(stems("은"), [""; 0]);
        assert_eq!(stems(""), [""; 0]);
        assert!(stems("서울로부터의").contains(&"서울"));
        assert!(stems("학생들에게는").contains(&"학생"));
        assert!(stems("김하루씨는").contains(&"김하루"));
        assert!(stems("검찰측이").contains(&"검찰"));
    }

    proptest! {
        #[test]
        fn offsets_are_inside_and_ascend(word in "([가-힣]|에서|으로|는|들|.){0,12}") {
            let mut last = 0;
            for suffix in suffixes(&word) {
                prop_assert!(suffix.at > last);
                prop_assert_eq!(&word[suffix.at..], suffix.particle.form);
                last = suffix.at;
            }
        }
    }
}
