//! What may stand after a noun at the right edge of an eojeol: particles, chains of particles, forms
//! of the copula, plural and honorific nouns.
//!
//! Serves the step from a run to its stem: [`suffixes`] says where a particle may begin, and the
//! caller decides which of the places to believe. The table is `data/particles.tsv`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Particle {
    /// How it is written.
    pub form: &'static str,
    /// What it stands after in correct writing.
    pub after: After,
    /// Whether the same syllables may as well be the end of the word itself: 은 of 박지은.
    pub ambiguous: bool,
    /// What sort of ending it is.
    pub kind: ParticleKind,
}

/// The sound that a particle follows in correct writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Any sound.
    Any,
    /// An open syllable: 가, 는, 를.
    Vowel,
    /// A closed syllable: 이, 은, 을, 으로.
    Consonant,
    /// An open syllable or one closed by ㄹ: 로.
    VowelOrL,
}

/// The sort of an ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParticleKind {
    /// 조사, alone or in a chain.
    Particle,
    /// A form of 이다.
    Copula,
    /// 들, alone or with a particle.
    Plural,
    /// 씨, 님, 측, alone or with a particle.
    Honorific,
}

/// A place where a word may divide into stem and particle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suffix {
    /// Byte offset where the particle begins, after at least one character.
    pub at: usize,
    /// The particle.
    pub particle: &'static Particle,
}

impl Particle {
    /// Whether correct writing allows the particle after `before`.
    ///
    /// After a character that is not a Hangul syllable (AI, 3, %) every particle fits, since the
    /// sound cannot be seen. A wrong allophone is common enough in print and names that a search
    /// must not depend on this.
    pub fn fits(&self, before: char) -> bool {
        if !('가'..='힣').contains(&before) {
            return true;
        }
        // A syllable block is 28 finals wide; 0 is none, 8 is ㄹ (Unicode 3.12).
        let last = (before as u32 - 0xAC00) % 28;
        match self.after {
            After::Any => true,
            After::Vowel => last == 0,
            After::Consonant => last != 0,
            After::VowelOrL => last == 0 || last == 8,
        }
    }
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        by_form: FxHashMap::default(),
        forms: Vec::new(),
        longest: 0,
    };
    for row in rows() {
        table.longest = table.longest.max(row.form.chars().count());
        table.by_form.insert(row.form, row);
        table.forms.push(row.form);
    }
    table.forms.sort_unstable();
    table
});

struct Table {
    by_form: FxHashMap<&'static str, Particle>,
    /// The forms in the order of their bytes.
    forms: Vec<&'static str>,
    /// Characters of the longest form.
    longest: usize,
}

/// The rows of the data file. A row that cannot be read is left out; the tests see to it that
/// there is none.
fn rows() -> impl Iterator<Item = Particle> {
    include_str!("data/particles.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(parse)
}

fn parse(line: &'static str) -> Option<Particle> {
    let mut fields = line.split('\t');
    let particle = Particle {
        form: fields.next()?,
        after: match fields.next()? {
            "any" => After::Any,
            "vowel" => After::Vowel,
            "consonant" => After::Consonant,
            "vowel-or-l" => After::VowelOrL,
            _ => return None,
        },
        ambiguous: match fields.next()? {
            "yes" => true,
            "no" => false,
            _ => return None,
        },
        kind: match fields.next()? {
            "particle" => ParticleKind::Particle,
            "copula" => ParticleKind::Copula,
            "plural" => ParticleKind::Plural,
            "honorific" => ParticleKind::Honorific,
            _ => return None,
        },
    };
    fields.next().is_none().then_some(particle)
}

/// The places where a particle may begin in `word`, a folded run or compound; the longest particle
/// first. Allophones are not looked at (see [`Particle::fits`]), and the whole word is never one.
pub fn suffixes(word: &str) -> impl Iterator<Item = Suffix> + '_ {
    let table = &*TABLE;
    // Only syllables can be a particle: stop at the first character that is none.
    let mut places = [0usize; 12];
    let mut count = 0;
    for (at, c) in word
        .char_indices()
        .rev()
        .take(table.longest.min(places.len()))
    {
        if at == 0 || !('가'..='힣').contains(&c) {
            break;
        }
        places[count] = at;
        count += 1;
    }
    (0..count).rev().filter_map(move |i| {
        let at = places[i];
        let particle = table.by_form.get(word.get(at..)?)?;
        Some(Suffix { at, particle })
    })
}

/// The particle that `form` is, when it is one.
pub fn particle(form: &str) -> Option<&'static Particle> {
    TABLE.by_form.get(form)
}

/// All particles as written, in the order of their bytes.
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
            assert!(
                row.form.chars().all(|c| ('가'..='힣').contains(&c)),
                "{line}"
            );
            assert!(row.form.chars().count() > 1 || row.ambiguous, "{line}");
        }
        assert_eq!(lines.count(), TABLE.by_form.len(), "a form stands twice");
        assert!(TABLE.longest <= 12);
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

    #[test]
    fn allophones_are_told() {
        let fits = |form: &str, c| particle(form).unwrap().fits(c);
        assert!(fits("가", '주') && !fits("가", '은') && fits("가", 'I'));
        assert!(fits("이", '은') && !fits("이", '주'));
        assert!(fits("로", '울') && fits("로", '주') && !fits("로", '은'));
        assert!(fits("으로", '은') && fits("에서", '은'));
    }

    proptest! {
        #[test]
        fn places_are_inside_and_ascend(word in "([가-힣]|에서|으로|는|들|.){0,12}") {
            let mut last = 0;
            for suffix in suffixes(&word) {
                prop_assert!(suffix.at > last);
                prop_assert_eq!(&word[suffix.at..], suffix.particle.form);
                last = suffix.at;
            }
        }
    }
}
