//! How the terms of a text came about, for `clippings analyze` and for reading queries.
//!
//! Goes the way of a cache miss for every run and keeps what it saw.

use serde::Serialize;

use super::lattice::{Morpheme, Word};
use super::terms::{self, Reason};
use super::{Analyzer, Kind, runs};

/// One run or compound of a text with all that the analyzer makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunAnalysis {
    /// As written.
    pub run: String,
    /// Its place in the text, in chars: `[start, end)`.
    pub start: usize,
    /// See `start`.
    pub end: usize,
    /// Its position. A compound has that of its first run.
    pub position: u32,
    /// True for a compound of several runs (`R&D`); its runs follow.
    pub compound: bool,
    /// As folded.
    pub folded: String,
    /// The morphemes that the dictionary sees.
    pub morphemes: Vec<MorphemeView>,
    /// The terms of the index.
    pub terms: Vec<TermView>,
    /// What a search for this word demands when the word itself does not occur: all of these.
    pub atoms: Vec<String>,
    /// How many positions it takes, its own and those of punctuation inside a compound.
    #[serde(skip)]
    pub span: u32,
    /// Its place in the text, in bytes.
    #[serde(skip)]
    pub place: (usize, usize),
}

/// A morpheme as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MorphemeView {
    /// As folded.
    pub text: String,
    /// Part of speech as the dictionary writes it, `?` after it for a guess.
    pub tag: String,
}

/// A term as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TermView {
    /// As the index keeps it.
    pub term: String,
    /// What it stands for.
    #[serde(serialize_with = "kind_name")]
    pub kind: Kind,
    /// Why it is there.
    pub why: Reason,
}

fn kind_name<S: serde::Serializer>(kind: &Kind, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(kind.name())
}

impl Analyzer {
    /// Every run and compound of `text`, in order.
    pub fn explain(&mut self, text: &str) -> Vec<RunAnalysis> {
        let mut all = Vec::new();
        let runs: Vec<_> = runs::runs(text).collect();
        for (i, run) in runs.iter().enumerate() {
            if let Some(compound) = run.compound {
                let last = runs.get(i + compound.runs - 1).unwrap_or(run);
                let span = last.position - run.position + 1;
                all.push(self.explain_run(
                    text,
                    (run.start, compound.end),
                    run.position,
                    true,
                    span,
                ));
            }
            all.push(self.explain_run(text, (run.start, run.end), run.position, false, 1));
        }
        all
    }

    fn explain_run(
        &mut self,
        text: &str,
        (start, end): (usize, usize),
        position: u32,
        compound: bool,
        span: u32,
    ) -> RunAnalysis {
        let run = &text[start..end];
        self.derive(run);
        let folded = self.folded.text.clone();
        let before = text[..start].chars().count();
        RunAnalysis {
            run: run.to_owned(),
            start: before,
            end: before + run.chars().count(),
            position,
            compound,
            span,
            place: (start, end),
            morphemes: self.morphemes.iter().map(|m| self.view(m)).collect(),
            terms: self
                .run_terms
                .reasons()
                .map(|(term, kind, why)| TermView {
                    term: term.to_owned(),
                    kind,
                    why,
                })
                .collect(),
            atoms: terms::atoms(&folded, &self.morphemes, &self.lattice),
            folded,
        }
    }

    fn view(&self, m: &Morpheme) -> MorphemeView {
        let dictionary = self.lattice.dictionary();
        let tag = match m.word {
            Word::Known(id) => dictionary
                .word_details_iter(id as usize)
                .next()
                .unwrap_or("?")
                .to_owned(),
            Word::User(_) => "user".to_owned(),
            Word::Unknown => format!("{:?}?", m.first),
        };
        MorphemeView {
            text: self.folded.text[m.start..m.end].to_owned(),
            tag,
        }
    }
}
