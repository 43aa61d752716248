//! Many texts → their terms: the analyzer for whom there is more than one text, as for `index`, which
//! builds segments.
//!
//! ```text
//! texts ──▶ numbers of runs, with positions        each run looked up        (texts)
//!               │
//!               ▼
//!           different runs ──▶ their terms         each analysed once        (terms)
//! ```
//!
//! What comes out is what [`Analyzer::terms`](super::Analyzer::terms) hands out, except for the places
//! in the text: whoever shows a text asks for those.

mod terms;
mod texts;
mod vocabulary;

pub use terms::{Terms, Write};
pub use texts::{MOST_RUNS, Texts};
pub use vocabulary::{Vocabulary, Words};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Analyzer, Kind, Language};
    use super::*;

    fn write(kind: Kind, text: &str, out: &mut String) -> bool {
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
            let (mut runs, mut numbered) = (Vocabulary::default(), Texts::default());
            let mut expected = Vec::new();
            for (doc, text) in (0..).zip(&texts) {
                numbered.add(doc, std::iter::once(text.as_str()), &mut runs);
                analyzer.terms(text, &mut |term| {
                    let mut written = String::new();
                    write(term.kind, term.text, &mut written);
                    expected.push((doc, term.position, written));
                });
            }
            let terms = Terms::of(&runs.into_words(), &language, threads, &write).unwrap();
            let names: Vec<&str> = terms.texts().collect();
            prop_assert!(names.is_sorted());
            let mut found = Vec::new();
            for (doc, placed) in numbered.docs() {
                for (run, position) in placed {
                    let of_run = terms.of_run(run).iter();
                    found.extend(of_run.map(|&t| (doc, position, names[t as usize].to_owned())));
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
