//! How the terms of a text come about, for `clippings analyze` and for queries.
//!
//! Analyses every run without the cache, and keeps the intermediate results.

use std::ops::Range;

use serde::Serialize;

use super::lattice::{Lexeme, Morpheme};
use super::terms::{self, TermOrigin};
use super::{Analyzer, TermKind, runs};

/// One run or compound of a text, step by step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunAnalysis {
    /// As written.
    pub run: String,
    /// Start in the text, in chars.
    pub start: usize,
    /// End in the text, in chars.
    pub end: usize,
    /// Position for phrases. A compound has that of its first run.
    pub position: u32,
    /// Whether it is a compound (`R&D`); its runs follow.
    pub compound: bool,
    /// As folded.
    pub folded: String,
    /// Its segmentation.
    pub morphemes: Vec<ExplainedMorpheme>,
    /// The terms in the index.
    pub terms: Vec<ExplainedTerm>,
    /// See [`terms::atoms`].
    pub atoms: Vec<String>,
    /// How many positions it covers; more than one for a compound.
    #[serde(skip)]
    pub span: u32,
    /// Its place in the text, in bytes.
    #[serde(skip)]
    pub bytes: Range<usize>,
}

/// A morpheme for display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedMorpheme {
    /// As folded.
    pub text: String,
    /// Part of speech as in the dictionary; with `?` for an unknown word.
    pub tag: String,
}

/// A term for display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedTerm {
    /// Folded, as in the index.
    pub term: String,
    /// What it stands for.
    #[serde(serialize_with = "kind_name")]
    pub kind: TermKind,
    /// How the run comes to have it.
    pub why: TermOrigin,
}

fn kind_name<S: serde::Serializer>(kind: &TermKind, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(kind.name())
}

impl Analyzer {
    /// Every run and compound of `text`, in order.
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
        self.analyse_run(run);
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
