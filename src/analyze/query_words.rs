//! The words of a query: the analyzer as search uses it.
//!
//! A clipping's word has many terms, so that it is found; a query's word is strict. It matches the word
//! without its particle, and a clipping that only has the parts of the word matches only if the word
//! consists of several words.

use super::explain::{ExplainedMorpheme, ExplainedTerm, RunAnalysis};
use super::particles;
use super::terms::TermOrigin;
use super::{Analyzer, TermKind};

/// One word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryWord {
    /// As typed.
    pub written: String,
    /// Byte offset of its start in the query.
    pub start: usize,
    /// Byte offset of its end.
    pub end: usize,
    /// Position of its first run, as [`super::Term::position`].
    pub position: u32,
    /// Positions it covers: one, more for a compound such as `R&D`.
    pub span: u32,
    /// The whole word, folded.
    pub folded: String,
    /// Folded texts any of which is the word, whatever their kind in the clipping: without its
    /// particle, as written, readings of Hanja.
    pub forms: Vec<String>,
    /// The word without its particle, where the index takes the particle for granted: 정부 of 정부가.
    /// Not where the syllables may as well end a name (이상인).
    pub bare: Option<String>,
    /// A form of a verb or adjective from its first syllable on.
    pub is_predicate: bool,
    /// Hanja as they are read, and what abbreviations stand for.
    pub readings: Vec<String>,
    /// Dictionary forms of a verb or adjective; parts in the clipping.
    pub lemmas: Vec<String>,
    /// A clipping that has all of these matches although it does not have the word.
    pub atoms: Vec<String>,
    /// Set if the index has no term for the run as written: the term under which clippings with
    /// exactly this run are found. An exact search checks their texts.
    pub indexed_fallback: Option<(TermKind, String)>,
}

impl QueryWord {
    /// The word folded, as written and without its particle.
    pub fn spellings(&self) -> (&str, &str) {
        (&self.folded, self.forms.first().map_or("", String::as_str))
    }
}

impl Analyzer {
    /// The words of `text`, in order: all runs, except that a compound replaces its runs.
    pub fn query_words(&mut self, text: &str) -> Vec<QueryWord> {
        let mut words = Vec::new();
        let mut compound_end = 0;
        for run in self.explain(text) {
            if run.bytes.start >= compound_end {
                compound_end = run.bytes.end;
                words.push(query_word(run));
            }
        }
        words
    }
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
    // Not for a single character: 중, the reading of 中, is a word of nearly every text.
    if run.folded.chars().count() > 1 {
        forms.extend(of(TermOrigin::Reading));
    }
    let mut morphemes = run.terms.iter().filter(|t| t.why == TermOrigin::Morpheme);
    if morphemes.all(|t| t.term.chars().count() == 1) {
        forms.extend(of(TermOrigin::Abbreviation));
    }
    forms.dedup();
    let mut atoms = run.atoms.clone();
    let lemmas = match &atoms[..] {
        [] => of(TermOrigin::DictionaryForm),
        _ => Vec::new(),
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
        is_predicate: is_predicate(&run.morphemes),
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

/// Whether what follows `bare` is a form of the copula that names end with as well: 인 of 이상인.
fn may_be_a_name(run: &RunAnalysis, bare: &str) -> bool {
    let particle = run.folded.strip_prefix(bare).and_then(particles::particle);
    particle.is_some_and(|particle| particle.ambiguous)
        && run.morphemes.iter().any(|m| m.tag.starts_with("VCP"))
}

/// Tags as mecab-ko-dic has them; `VV+EC` is a morpheme of several.
fn is_predicate(morphemes: &[ExplainedMorpheme]) -> bool {
    let (Some(first), Some(last)) = (morphemes.first(), morphemes.last()) else {
        return false;
    };
    let ending = last.tag.rsplit('+').next().unwrap_or_default();
    ["VV", "VA"].iter().any(|tag| first.tag.starts_with(tag))
        && morphemes
            .iter()
            .skip(1)
            .all(|m| m.tag.starts_with('E') || m.tag.starts_with("VX"))
        && ending.starts_with('E')
}

/// The term of a run that usually fewest other runs have: its stem or dictionary form.
fn indexed_fallback(terms: &[ExplainedTerm]) -> Option<(TermKind, String)> {
    let rank = |term: &&ExplainedTerm| match term.why {
        TermOrigin::WithoutParticle => 0,
        TermOrigin::DictionaryForm => 1,
        _ => 2,
    };
    let term = terms.iter().min_by_key(rank)?;
    Some((term.kind, term.term.clone()))
}
