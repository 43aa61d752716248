//! Analyzes many texts at once, for building a segment.
//!
//! ```text
//! texts ──▶ sequences of run ids ──▶ distinct runs ──▶ terms
//!           (RunSequences)           (Interner)        (TermTable)
//! ```
//!
//! Runs are interned per batch, so each distinct run is analyzed once and no cache is needed. Terms
//! and positions equal those of [`Analyzer::terms`](super::Analyzer::terms); byte offsets are not
//! computed.

mod interner;
mod run_sequences;
mod term_table;

pub use interner::{InternedWords, Interner};
pub use run_sequences::{MAX_RUNS, RunSequences};
pub use term_table::{EncodeTerm, TermTable};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Analyzer, Language, TermKind};
    use super::*;

    fn encode(kind: TermKind, text: &str, out: &mut String) -> bool {
        out.push_str(text);
        out.push_str(kind.name());
        true
    }

    proptest! {
        #[test]
        fn terms_and_positions_are_those_of_one_text_at_a_time(
            texts in prop::collection::vec("(대통령실|생성형AI|R&D|[가-다a-c0-9]|[ .,“\n]|-{40}){0,12}", 1..8),
            threads in 1usize..4,
        ) {
            let language = Language::embedded().unwrap();
            let mut analyzer = Analyzer::new(language.clone());
            let (mut runs, mut sequences) = (Interner::default(), RunSequences::default());
            let mut expected = Vec::new();
            for (doc, text) in (0..).zip(&texts) {
                sequences.add(doc, std::iter::once(text.as_str()), &mut runs);
                analyzer.terms(text, &mut |term| {
                    let mut written = String::new();
                    encode(term.kind, term.text, &mut written);
                    expected.push((doc, term.position, written));
                });
            }
            let terms = TermTable::build(&runs.into_words(), &language, threads, &|_| true, &encode).unwrap();
            let names: Vec<&str> = terms.texts().collect();
            prop_assert!(names.is_sorted());
            let mut found = Vec::new();
            for (doc, placed) in sequences.docs() {
                for (run, position) in placed {
                    let of_run = terms.of_run(run).iter();
                    found.extend(of_run.map(|&t| (doc, position, names[t as usize].to_owned())));
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
