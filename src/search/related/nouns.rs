//! Decides which words are nouns, as opposed to particles, verbs, numbers and pronouns.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::sample::{Occurrences, Tally};
use crate::analyze::{Analyzer, particles};
use crate::hangul::is_syllable;

/// Nouns without topical meaning.
static FUNCTION_NOUNS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("../data/function-nouns.txt").lines();
    lines
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect()
});

/// Share of texts in which a word that ends like a particle must itself be followed by a particle.
const OWN_PARTICLE: f64 = 0.15;

/// If at least this share of a word's occurrences continue with the same syllables, it is not a
/// word by itself.
pub(super) const ONLY_BEGINNING: f64 = 0.9;

/// For a name that only its particles reveal: maximum length in syllables, minimum number of texts,
/// and minimum share of texts in which a particle follows.
const MAX_NAME: usize = 4;
const MIN_TEXTS_OF_NAME: u32 = 3;
const MOSTLY: f64 = 0.5;

/// Caches the shape of words.
#[derive(Default)]
pub(super) struct Nouns {
    known: FxHashMap<String, Shape>,
}

/// How the dictionary segments a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Nouns and their affixes.
    Noun,
    /// Nouns, and at the end either a particle or the last syllable of a name: 이재은.
    Doubtful,
    Other,
}

impl Nouns {
    /// Whether `word`, folded, is a noun. If it ends like a particle, `tally` must show that it
    /// takes particles itself.
    pub(super) fn has(
        &mut self,
        word: &str,
        tally: Option<&Tally>,
        analyzer: &mut Analyzer,
    ) -> bool {
        if FUNCTION_NOUNS.contains(word) {
            return false;
        }
        let shape = match self.known.get(word) {
            Some(shape) => *shape,
            None => {
                let shape = shape(word, analyzer);
                self.known.insert(word.to_owned(), shape);
                shape
            }
        };
        match shape {
            Shape::Noun => true,
            Shape::Doubtful => tally.is_some_and(takes_particles),
            Shape::Other => tally.is_some_and(|tally| is_unknown_name(word, tally)),
        }
    }
}

/// Whether a word may be a name that the dictionary segments as a verb, like 하만주 into 하+만+주: it has
/// the length of a name, and mostly particles, which never follow a verb.
fn is_unknown_name(word: &str, tally: &Tally) -> bool {
    let syllables = word.chars().count();
    (2..=MAX_NAME).contains(&syllables)
        && word.chars().all(is_syllable)
        && tally.texts >= MIN_TEXTS_OF_NAME
        && f64::from(tally.with_particle) >= MOSTLY * f64::from(tally.texts)
}

fn takes_particles(tally: &Tally) -> bool {
    f64::from(tally.with_particle) >= OWN_PARTICLE * f64::from(tally.texts)
}

/// Tags are those of mecab-ko-dic. `NNG?` is a guess, `VV+EC` a fused morpheme.
fn shape(word: &str, analyzer: &mut Analyzer) -> Shape {
    let runs = analyzer.explain(word);
    let [run] = &runs[..] else {
        // Only a compound such as R&D has several runs.
        return match runs.first() {
            Some(run) if run.compound => Shape::Noun,
            _ => Shape::Other,
        };
    };
    let tags: Vec<&str> = run
        .morphemes
        .iter()
        .map(|m| m.tag.trim_end_matches('?'))
        .collect();
    let names = |tag: &&str| matches!(*tag, "NNG" | "NNP" | "SL" | "SH" | "user");
    let belongs = |tag: &&str| {
        names(tag)
            || matches!(
                *tag,
                "XPN" | "XSN" | "XR" | "SN" | "NNB" | "NNBC" | "NR" | "MM"
            )
    };
    let rest: Vec<&&str> = tags.iter().skip_while(|tag| belongs(tag)).collect();
    let counted = tags.first() == Some(&"SN");
    if !tags.iter().any(names) || counted && !run.terms.iter().any(|t| t.term == word) {
        return match tags.iter().all(|tag| *tag == "Other") {
            true => Shape::Doubtful,
            false => Shape::Other,
        };
    }
    // Any word that ends with a noun is one: 더불어민주당 begins with the verb 더불어.
    let ends = run
        .morphemes
        .last()
        .is_some_and(|last| tags.last().is_some_and(names) && last.text.chars().count() > 1);
    match rest.as_slice() {
        _ if ends => Shape::Noun,
        [] => Shape::Noun,
        [tag] if tag.starts_with('J') => Shape::Doubtful,
        _ => Shape::Other,
    }
}

/// Relation of a word to its beginning without a possible particle.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pair<'w> {
    /// The beginning is the word, and the rest its particle: `하만주가`.
    Particle,
    /// The beginning is not a word by itself: `연방준비제` of 연방준비제도, `이재` of 이재은.
    Name(&'w str),
}

/// The relation of `word` to its beginning, if both are candidates.
pub(super) fn pair<'w>(
    word: &'w str,
    tallies: &FxHashMap<String, Tally>,
    occurrences: &Occurrences,
) -> Option<Pair<'w>> {
    for suffix in particles::suffixes(word) {
        let Some((stem, rest)) = word.split_at_checked(suffix.at) else {
            continue;
        };
        let Some(followed) = occurrences.followed(stem, rest) else {
            continue;
        };
        let is_name = tallies.get(word).is_some_and(takes_particles);
        return Some(match is_name && followed >= ONLY_BEGINNING {
            true => Pair::Name(stem),
            false => Pair::Particle,
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Language;

    #[test]
    fn the_table_is_read() {
        assert!(FUNCTION_NOUNS.len() > 50);
        let mut analyzer = Analyzer::new(Language::embedded().unwrap());
        for word in FUNCTION_NOUNS.iter() {
            assert!(word.chars().all(is_syllable), "{word:?}");
            assert!(!Nouns::default().has(word, None, &mut analyzer), "{word}");
        }
    }

    #[test]
    fn names_that_end_like_particles_are_distinguished() {
        let texts = [
            "연방준비제도가 정했다. 도시가 컸다.",
            "연방준비제도의 도시의 연방준비제도는 도시는.",
        ]
        .map(str::to_owned);
        let mut analyzer = Analyzer::new(Language::embedded().unwrap());
        let tallies = super::super::sample::tally(&texts, &mut analyzer);
        let words = tallies.keys().cloned().collect();
        let occurrences = Occurrences::of(&words, &texts, &mut analyzer);
        let pair = |word| pair(word, &tallies, &occurrences);
        if occurrences.followed("연방준비제", "도").is_some() {
            assert_eq!(pair("연방준비제도"), Some(Pair::Name("연방준비제")));
        }
        assert_ne!(pair("도시가"), Some(Pair::Name("도시")));
    }

    #[test]
    fn nouns_are_distinguished_from_other_words() {
        let mut analyzer = Analyzer::new(Language::embedded().unwrap());
        for noun in [
            "반도체",
            "한국은행",
            "더불어민주당",
            "sk하이닉스",
            "ai",
            "기준금리",
            "생성형",
        ] {
            assert_eq!(shape(noun, &mut analyzer), Shape::Noun, "{noun}");
        }
        for other in ["밝혔다", "그리고", "22일", "우리", "것으로", "있는", "위해"]
        {
            assert_eq!(shape(other, &mut analyzer), Shape::Other, "{other}");
        }
    }
}
