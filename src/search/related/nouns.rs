//! Which words can be names of things: nouns, not particles, verbs, numbers or pronouns.

use rustc_hash::FxHashMap;

use super::sample::Tally;
use crate::analyze::{Analyzer, particles};

/// Share of a word's texts in which it must take a particle itself, when it ends like one.
const OWN_PARTICLE: f64 = 0.15;

/// Remembers which words are nouns.
#[derive(Default)]
pub(super) struct Nouns {
    known: FxHashMap<String, Shape>,
}

/// What a word looks like to the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Nouns and what belongs to them.
    Noun,
    /// Nouns, and at the end what may be a particle or the last syllable of a name: 이재은.
    Doubtful,
    Other,
}

impl Nouns {
    /// Whether `word` (folded) is a noun. One that ends like a particle is, when `tally` tells that
    /// it takes particles itself.
    pub(super) fn has(
        &mut self,
        word: &str,
        tally: Option<&Tally>,
        analyzer: &mut Analyzer,
    ) -> bool {
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
            Shape::Other => false,
        }
    }
}

fn takes_particles(tally: &Tally) -> bool {
    f64::from(tally.with_particle) >= OWN_PARTICLE * f64::from(tally.texts)
}

/// The tags are those of mecab-ko-dic; `NNG?` is a guess, `VV+EC` a morpheme of several.
fn shape(word: &str, analyzer: &mut Analyzer) -> Shape {
    let runs = analyzer.explain(word);
    let [run] = &runs[..] else {
        // A compound such as R&D comes with its runs; nothing else has several.
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
        names(tag) || matches!(*tag, "XPN" | "XSN" | "XR" | "SN" | "NNB" | "NNBC" | "NR" | "MM")
    };
    let rest: Vec<&&str> = tags.iter().skip_while(|tag| belongs(tag)).collect();
    let counted = tags.first() == Some(&"SN");
    if !tags.iter().any(|tag| names(&tag)) || counted && !run.terms.iter().any(|t| t.term == word) {
        return match tags.iter().all(|tag| *tag == "Other") {
            true => Shape::Doubtful,
            false => Shape::Other,
        };
    }
    match rest.as_slice() {
        [] => Shape::Noun,
        [tag] if tag.starts_with('J') => Shape::Doubtful,
        _ => Shape::Other,
    }
}

/// Of a word and the same word with a particle, the one that is only a reading of the other:
/// `하만주가` where 하만주 has more clippings, `이재` where all are of 이재은.
pub(super) fn doubled<'w>(
    word: &'w str,
    counts: &FxHashMap<&'w str, u64>,
    tallies: &FxHashMap<String, Tally>,
) -> Option<&'w str> {
    let own = counts.get(word)?;
    for suffix in particles::suffixes(word) {
        let Some((stem, stems)) = word.get(..suffix.at).and_then(|s| counts.get_key_value(s))
        else {
            continue;
        };
        let is_name = tallies.get(word).is_some_and(takes_particles);
        // The stem's clippings are those of the longer word, and hardly any of its own.
        let only_beginning = stems * 10 <= own * 11;
        return Some(if is_name && only_beginning { stem } else { word });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Language;

    #[test]
    fn nouns_are_told_from_other_words() {
        let mut analyzer = Analyzer::new(Language::embedded().unwrap());
        for noun in ["반도체", "금통위", "더불어민주당", "sk하이닉스", "ai", "기준금리", "생성형"] {
            assert_eq!(shape(noun, &mut analyzer), Shape::Noun, "{noun}");
        }
        for other in ["밝혔다", "그리고", "22일", "우리", "것으로", "있는", "이번", "3.1%", "위해"] {
            assert_eq!(shape(other, &mut analyzer), Shape::Other, "{other}");
        }
    }
}
