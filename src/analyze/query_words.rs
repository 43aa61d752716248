//! Analyzes the words of a query.
//!
//! A word in a clipping has many terms, so that it is found in many ways. A word in a query is
//! strict: it matches the word with or without a particle. A clipping that only has the parts of
//! the word is a partial match.

use super::explain::{ExplainedMorpheme, ExplainedTerm, RunAnalysis};
use super::particles;
use super::terms::TermOrigin;
use super::{Analyzer, TermKind};

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryWord {
    /// As typed.
    pub written: String,
    /// Byte range in the query: start.
    pub start: usize,
    /// End.
    pub end: usize,
    /// Position of its first run, as in [`super::Term::position`].
    pub position: u32,
    /// Number of positions covered; more than one for a compound such as `R&D`.
    pub span: u32,
    /// Folded, as written.
    pub folded: String,
    /// Folded texts any of which matches, as a term of any kind: the word without its particle, the
    /// word as written, readings of its Hanja.
    pub forms: Vec<String>,
    /// The word without its particle, if the index has no whole term for it: 정부 for 정부가. `None`
    /// where the syllables may be the end of a name (이상인).
    pub bare: Option<String>,
    /// A form of a verb or adjective, starting with its stem.
    pub is_predicate: bool,
    /// Whether such a form is a noun too: 사기, 사서.
    pub is_noun: bool,
    /// Whether the word before it is a verb: 않는 in 가지 않는, 싶은 in 보고 싶은.
    pub is_auxiliary: bool,
    /// Readings of Hanja, and meanings of abbreviations.
    pub readings: Vec<String>,
    /// Dictionary forms of a verb or adjective. Part terms in clippings.
    pub lemmas: Vec<String>,
    /// Terms whose conjunction is a partial match for the word.
    pub atoms: Vec<String>,
    /// Set if the index has no whole term for the word: the term under which clippings with exactly
    /// this word are found. An exact search checks their texts.
    pub indexed_fallback: Option<(TermKind, String)>,
}

impl QueryWord {
    /// The folded word as written, and without its particle.
    pub fn spellings(&self) -> (&str, &str) {
        (&self.folded, self.forms.first().map_or("", String::as_str))
    }
}

impl Analyzer {
    /// The words of `text`: all runs, with a compound replacing its runs.
    pub fn query_words(&mut self, text: &str) -> Vec<QueryWord> {
        let mut words = Vec::new();
        let mut compound_end = 0;
        for run in self.explain(text) {
            if run.bytes.start >= compound_end {
                compound_end = run.bytes.end;
                let is_derived = is_derived(&run.morphemes);
                let mut word = query_word(run);
                word.is_noun = word.is_predicate && self.is_noun(&word);
                if word.is_noun && is_derived {
                    // 침해 is no form of 침하다.
                    (word.is_predicate, word.is_noun) = (false, false);
                    word.lemmas.clear();
                } else if word.is_predicate && !word.is_noun {
                    // 말 is no part of the meaning of 말했다.
                    word.atoms.clear();
                }
                words.push(word);
            }
        }
        words
    }

    /// Whether the form of a verb is a noun in the dictionary too: 사기 by itself is analyzed as 사다,
    /// but 사기의 as a noun.
    fn is_noun(&mut self, word: &QueryWord) -> bool {
        if word.indexed_fallback.is_some() || word.folded.chars().count() < 2 {
            return false;
        }
        let runs = self.explain(&format!("{}의", word.folded));
        matches!(&runs[..], [run] if matches!(&run.morphemes[..], [noun, particle]
            if noun.text == word.folded
                && (noun.tag == "NNG" || noun.tag == "NNP")
                && particle.tag == "JKG"))
    }
}

fn is_auxiliary(run: &RunAnalysis) -> bool {
    let stem = run.morphemes.first();
    stem.is_some_and(|m| m.tag.starts_with("VX") || ["있", "없", "못하"].contains(&&*m.text))
}

fn query_word(run: RunAnalysis) -> QueryWord {
    let of = |origin: TermOrigin| {
        let chosen = run.terms.iter().filter(move |t| t.why == origin);
        chosen.map(|t| t.term.clone()).collect::<Vec<_>>()
    };
    let has_whole = run.terms.iter().any(|t| t.kind == TermKind::Whole);
    let mut forms = of(TermOrigin::WithoutParticle);
    forms.truncate(1);
    if has_whole {
        forms.push(run.folded.clone());
    }
    if forms.is_empty() {
        forms = of(TermOrigin::PerhapsWithoutParticle);
    }
    // Not for single characters: 中 reads 중, which occurs in nearly every text.
    if run.folded.chars().count() > 1 {
        forms.extend(of(TermOrigin::Reading));
    }
    let mut morphemes = run.terms.iter().filter(|t| t.why == TermOrigin::Morpheme);
    if morphemes.all(|t| t.term.chars().count() == 1) {
        forms.extend(of(TermOrigin::Abbreviation));
    }
    forms.dedup();
    let dictionary_forms = of(TermOrigin::DictionaryForm);
    let is_predicate = is_predicate(&run.morphemes, !dictionary_forms.is_empty());
    let mut atoms = run.atoms.clone();
    let lemmas = match is_predicate || atoms.is_empty() {
        true => dictionary_forms,
        false => Vec::new(),
    };
    // 발표했다 means 발표: its only atom is the word.
    if forms.is_empty() && lemmas.is_empty() && atoms.len() == 1 {
        forms.append(&mut atoms);
    }
    let bare = of(TermOrigin::WithoutParticle).into_iter().next();
    let bare = bare.filter(|bare| !has_whole && !may_be_a_name(&run, bare));
    let mut readings = match run.folded.chars().count() {
        1 => Vec::new(),
        _ => of(TermOrigin::Reading),
    };
    readings.extend(of(TermOrigin::Abbreviation));
    QueryWord {
        bare,
        is_predicate,
        is_noun: false,
        is_auxiliary: is_auxiliary(&run),
        readings,
        start: run.bytes.start,
        end: run.bytes.end,
        position: run.position,
        span: run.span,
        indexed_fallback: match has_whole {
            true => None,
            false => indexed_fallback(&run.terms),
        },
        written: run.run,
        folded: run.folded,
        forms,
        lemmas,
        atoms,
    }
}

/// Whether the particle after `bare` is a form of the copula that also ends names: 인 of 이상인.
fn may_be_a_name(run: &RunAnalysis, bare: &str) -> bool {
    let particle = run.folded.strip_prefix(bare).and_then(particles::particle);
    particle.is_some_and(|particle| particle.ambiguous)
        && run.morphemes.iter().any(|m| m.tag.starts_with("VCP"))
}

/// Tags are as in mecab-ko-dic, where `VV+EC` is one morpheme with two tags. `has_form`: the run has a
/// dictionary form.
fn is_predicate(morphemes: &[ExplainedMorpheme], has_form: bool) -> bool {
    let (Some(first), Some(last)) = (morphemes.first(), morphemes.last()) else {
        return false;
    };
    let is_derived = is_derived(morphemes);
    let begins = match is_derived {
        // 말했다: its dictionary form has the noun.
        true => has_form && first.text.chars().count() == 1,
        false => has_any(first, &["VV", "VA"]) || has_form && has_any(first, &["VX"]),
    };
    let mut rest = morphemes.iter().skip(1 + usize::from(is_derived));
    let ending = last.tag.rsplit('+').next().unwrap_or_default();
    begins && rest.all(|m| has_any(m, &["E", "VX"])) && ending.starts_with('E')
}

/// Whether the second morpheme makes a verb of the first: 말 + 하다, 잘 + 하다.
fn is_derived(morphemes: &[ExplainedMorpheme]) -> bool {
    let second = morphemes.get(1);
    second.is_some_and(|m| has_any(m, &["XSV", "XSA", "VV"]))
}

fn has_any(morpheme: &ExplainedMorpheme, tags: &[&str]) -> bool {
    tags.iter().any(|tag| morpheme.tag.starts_with(tag))
}

/// The most selective term of a run: its stem or dictionary form.
fn indexed_fallback(terms: &[ExplainedTerm]) -> Option<(TermKind, String)> {
    let rank = |term: &&ExplainedTerm| match term.why {
        TermOrigin::WithoutParticle => 0,
        TermOrigin::DictionaryForm => 1,
        _ => 2,
    };
    let term = terms.iter().min_by_key(rank)?;
    Some((term.kind, term.term.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Language;

    #[test]
    fn a_form_of_a_verb_may_be_a_noun() {
        let mut analyzer = Analyzer::new(Language::embedded().unwrap());
        let mut is = |word: &str| {
            let words = analyzer.query_words(word);
            (words[0].is_predicate, words[0].is_noun)
        };
        for noun in ["사기", "사서", "가자", "보고", "오지", "서고", "타자"] {
            assert_eq!(is(noun), (true, true), "{noun}");
        }
        for form in ["먹기", "갔다", "팔아", "늘어난", "사는", "해"] {
            assert_eq!(is(form), (true, false), "{form}");
        }
    }
}
