//! What a person means by the words of a query: the analyzer seen from the asking side.
//!
//! A clipping's word is generous with terms, so that it is found; a query's word is strict: it
//! asks for the word without its particle, and only where that is made of several words does it
//! also take a clipping that has all of these.

use super::explain::TermView;
use super::terms::Reason;
use super::{Analyzer, Kind};

/// One word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// As typed.
    pub written: String,
    /// Place in the query's text, in bytes.
    pub start: usize,
    /// See `start`.
    pub end: usize,
    /// Position of its first run, as [`super::Term::position`].
    pub position: u32,
    /// Positions it takes: one, more for a compound such as `R&D`.
    pub span: u32,
    /// The whole word as folded.
    pub folded: String,
    /// Folded texts any of which is the word, of whatever kind in the clipping: without its
    /// particle, as written, as read.
    pub forms: Vec<String>,
    /// Dictionary forms of a verb or adjective; parts in the clipping.
    pub lemmas: Vec<String>,
    /// All of these together stand for the word where it does not occur itself.
    pub atoms: Vec<String>,
    /// A term of every clipping that has just this run as written, where the index keeps the run
    /// itself under no term of its own: an exact search has to look into the texts of those.
    pub indexed_fallback: Option<(Kind, String)>,
}

impl Reading {
    /// The word folded, as written and without its particle.
    pub fn spellings(&self) -> (&str, &str) {
        (&self.folded, self.forms.first().map_or("", String::as_str))
    }
}

impl Analyzer {
    /// The words of `text`, in order: every run, and instead of the runs of a compound the
    /// compound alone.
    pub fn read(&mut self, text: &str) -> Vec<Reading> {
        let mut readings = Vec::new();
        let mut inside_until = 0;
        for run in self.explain(text) {
            if run.place.0 < inside_until {
                continue;
            }
            inside_until = run.place.1;
            let of = |reason: Reason| {
                let chosen = run.terms.iter().filter(move |t| t.why == reason);
                chosen.map(|t| t.term.clone()).collect::<Vec<_>>()
            };
            let whole = run.terms.iter().any(|t| t.kind == Kind::Whole);
            let mut forms = of(Reason::WithoutParticle);
            forms.truncate(1);
            if whole {
                forms.push(run.folded.clone());
            }
            if forms.is_empty() {
                forms = of(Reason::PerhapsWithoutParticle);
            }
            // A lone sign is not asked for as it is read: 中 as 중 is a word of every text.
            if run.folded.chars().count() > 1 {
                forms.extend(of(Reason::Reading));
            }
            if run
                .terms
                .iter()
                .all(|t| !matches!(t.why, Reason::Morpheme) || t.term.chars().count() == 1)
            {
                forms.extend(of(Reason::Sign));
            }
            forms.dedup();
            let mut atoms = run.atoms;
            let lemmas = match &atoms[..] {
                [] => of(Reason::DictionaryForm),
                _ => Vec::new(),
            };
            // 발표했다 is asked for as 발표: one word, however the dictionary divides it.
            if forms.is_empty() && lemmas.is_empty() && atoms.len() == 1 {
                forms.append(&mut atoms);
            }
            let indexed_fallback = match whole {
                true => None,
                false => indexed_fallback(&run.terms),
            };
            readings.push(Reading {
                written: run.run.clone(),
                start: run.place.0,
                end: run.place.1,
                position: run.position,
                span: run.span,
                folded: run.folded,
                forms,
                lemmas,
                atoms,
                indexed_fallback,
            });
        }
        readings
    }
}

/// Of the terms of a run, the one that as a rule fewest other runs have: its stem or dictionary form.
fn indexed_fallback(terms: &[TermView]) -> Option<(Kind, String)> {
    let rank = |term: &&TermView| match term.why {
        Reason::WithoutParticle => 0,
        Reason::DictionaryForm => 1,
        _ => 2,
    };
    let term = terms.iter().min_by_key(rank)?;
    Some((term.kind, term.term.clone()))
}
