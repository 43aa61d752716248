//! Letter bigrams, an upper bound for quotations in any spacing.
//!
//! A clipping with a quotation has all its bigrams, and the quotation begins at the beginning of a word. So the bigrams
//! of a text are indexed and, with a mark, the first two letters of each word. Their conjunction matches a superset;
//! the text of the clipping decides.

use rustc_hash::FxHashSet;

use crate::analyze::letters::letters;

/// Marks the first letters of a word. No letter is folded to it.
const BEGIN: char = '^';

/// Adds the bigrams of `text` to `grams`.
pub fn add_grams(text: &str, grams: &mut FxHashSet<String>) {
    let mut before: Option<(char, bool)> = None;
    letters(text, &mut |letter, begins| {
        if let Some((first, began)) = before {
            grams.insert(String::from_iter([first, letter]));
            if began {
                grams.insert(String::from_iter([BEGIN, first, letter]));
            }
        }
        if begins {
            grams.insert(String::from_iter([BEGIN, letter]));
        }
        before = Some((letter, begins));
    });
}

/// The bigrams of every text that has these folded letters in a row from the beginning of a word.
pub fn grams_of(letters: &[char]) -> Vec<String> {
    let mut grams = Vec::new();
    match letters {
        [] => {}
        [only] => grams.push(String::from_iter([BEGIN, *only])),
        [first, second, ..] => {
            grams.push(String::from_iter([BEGIN, *first, *second]));
            for pair in letters.windows(2).skip(1) {
                let gram = String::from_iter(pair);
                if !grams.contains(&gram) {
                    grams.push(gram);
                }
            }
        }
    }
    grams
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_pairs_of_what_stands_in_it() {
        let mut grams = FxHashSet::default();
        add_grams("인공 지능을, 둘", &mut grams);
        for text in ["인공", "인공지능", "지능", "둘", "지"] {
            let letters: Vec<char> = text.chars().collect();
            assert!(
                grams_of(&letters).iter().all(|gram| grams.contains(gram)),
                "{text}"
            );
        }
        for text in ["공지", "능", "인공능"] {
            let letters: Vec<char> = text.chars().collect();
            assert!(
                !grams_of(&letters).iter().all(|gram| grams.contains(gram)),
                "{text}"
            );
        }
        assert!(grams_of(&[]).is_empty());
    }
}
