//! Pairs of letters that follow one another: what narrows a quotation down, in whatever spacing.
//!
//! A text that is looked for stands only where its pairs stand, and it begins where a word begins. So each text gives
//! its pairs, and the first two letters of each word under a mark. That finds more than the text, never less: what
//! is found is compared with the text of the clipping.

use rustc_hash::FxHashSet;

use crate::analyze::letters::letters;

/// Stands before the first letters of a word. No letter is folded to it.
const BEGIN: char = '^';

/// Adds the pairs of `text` to `grams`.
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

/// The pairs that stand where these folded letters stand in a row, from the beginning of a word on.
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
