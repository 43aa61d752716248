//! Shows how the terms of a text are derived, for `clippings analyze` and for queries.
//!
//! Bypasses the cache and keeps intermediate results.

use std::ops::Range;

use serde::Serialize;

use super::lattice::{Lexeme, Morpheme};
use super::terms::{self, TermOrigin};
use super::{Analyzer, TermKind, runs};

/// Analysis of one run or compound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunAnalysis {
    /// As written.
    pub run: String,
    /// Start in the text, in characters.
    pub start: usize,
    /// End in the text, in characters.
    pub end: usize,
    /// Position for phrase queries. A compound has the position of its first run.
    pub position: u32,
    /// Whether it is a compound (`R&D`). Its runs follow it.
    pub compound: bool,
    /// Folded form.
    pub folded: String,
    /// Segmentation by the dictionary.
    pub morphemes: Vec<ExplainedMorpheme>,
    /// Terms in the index.
    pub terms: Vec<ExplainedTerm>,
    /// See [`terms::atoms`].
    pub atoms: Vec<String>,
    /// Number of positions covered; more than one for a compound.
    #[serde(skip)]
    pub span: u32,
    /// Byte range in the text.
    #[serde(skip)]
    pub bytes: Range<usize>,
}

/// A morpheme, for display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedMorpheme {
    /// Folded.
    pub text: String,
    /// Part-of-speech tag of the dictionary; with `?` for an unknown word.
    pub tag: String,
}

/// A term, for display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedTerm {
    /// Folded, as in the index.
    pub term: String,
    /// Its kind.
    #[serde(serialize_with = "kind_name")]
    pub kind: TermKind,
    /// Why the run has this term.
    pub why: TermOrigin,
}

fn kind_name<S: serde::Serializer>(kind: &TermKind, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(kind.name())
}

impl Analyzer {
    /// Analyzes every run and compound of `text`.
    pub fn explain(&mut self, text: &str) -> Vec<RunAnalysis> {
        let mut all = Vec::new();
        let runs: Vec<_> = runs::runs(text).collect();
        let (mut byte, mut before) = (0, 0);
        for (i, run) in runs.iter().enumerate() {
            before += text[byte..run.start].chars().count();
            byte = run.start;
            if let Some(compound) = run.compound {
                let last = runs.get(i + compound.runs - 1).unwrap_or(run);
                let span = last.position - run.position + 1;
                all.push(self.explain_run(
                    text,
                    (run.start, compound.end),
                    before,
                    run.position,
                    true,
                    span,
                ));
            }
            let place = (run.start, run.end);
            all.push(self.explain_run(text, place, before, run.position, false, 1));
        }
        all
    }

    fn explain_run(
        &mut self,
        text: &str,
        (start, end): (usize, usize),
        before: usize,
        position: u32,
        compound: bool,
        span: u32,
    ) -> RunAnalysis {
        let run = &text[start..end];
        self.analyze_run(run);
        let folded = self.folded.text.clone();
        RunAnalysis {
            run: run.to_owned(),
            start: before,
            end: before + run.chars().count(),
            position,
            compound,
            span,
            bytes: start..end,
            morphemes: self.morphemes.iter().map(|m| self.view(m)).collect(),
            terms: self
                .run_terms
                .origins()
                .map(|(term, kind, why)| ExplainedTerm {
                    term: term.to_owned(),
                    kind,
                    why,
                })
                .collect(),
            atoms: terms::atoms(&folded, &self.morphemes, &self.lattice),
            folded,
        }
    }

    fn view(&self, m: &Morpheme) -> ExplainedMorpheme {
        let dictionary = self.lattice.dictionary();
        let tag = match m.lexeme {
            Lexeme::Known(id) => dictionary
                .word_details_iter(id as usize)
                .next()
                .unwrap_or("?")
                .to_owned(),
            Lexeme::User(_) => "user".to_owned(),
            Lexeme::Unknown => format!("{:?}?", m.first),
        };
        ExplainedMorpheme {
            text: self.folded.text[m.start..m.end].to_owned(),
            tag,
        }
    }
}
