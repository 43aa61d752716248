//! The vocabulary of the articles, by part of speech.

use std::cmp::Reverse;
use std::collections::HashSet;

use lindera_dictionary::dictionary::Dictionary;

/// The embedded dictionary could not be read.
#[derive(Debug)]
pub struct NoLexicon(String);

impl std::fmt::Display for NoLexicon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the dictionary gives no words: {}", self.0)
    }
}

impl std::error::Error for NoLexicon {}

/// Words in Hangul, each list sorted by descending frequency.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    /// Common nouns.
    pub nouns: Vec<String>,
    /// Nouns that form verbs with 하다: 발표, 논의.
    pub actions: Vec<String>,
    /// Names of places, institutions, companies and products.
    pub proper: Vec<String>,
    /// Stems of verbs and adjectives that do not change before an ending: 막, 나서.
    pub verbs: Vec<String>,
    /// Adverbs.
    pub adverbs: Vec<String>,
}

/// Size in bytes of lindera-dictionary's serialized `WordEntry`: word id (u32), cost (i16), left
/// and right context id (u16 each), little-endian.
const ENTRY: usize = 10;

impl Lexicon {
    /// Reads the embedded mecab-ko-dic. Words are sorted by cost, which was trained on text:
    /// frequent words cost little.
    pub fn embedded() -> Result<Self, NoLexicon> {
        let dictionary = clippings_ko_dic::load().map_err(|e| NoLexicon(e.to_string()))?;
        let lexicon = Lexicon::of(&dictionary);
        if lexicon.nouns.is_empty() || lexicon.actions.is_empty() {
            return Err(NoLexicon("no nouns are in it".into()));
        }
        Ok(lexicon)
    }

    fn of(dictionary: &Dictionary) -> Self {
        let mut found: [Vec<(i16, String)>; 5] = Default::default();
        for entry in dictionary.prefix_dictionary.vals_data.chunks_exact(ENTRY) {
            let &[a, b, c, d, low, high, ..] = entry else {
                continue;
            };
            let id = u32::from_le_bytes([a, b, c, d]) as usize;
            let cost = i16::from_le_bytes([low, high]);
            let details: Vec<&str> = dictionary.word_details_iter(id).collect();
            // The dictionary gives no headword; for words in Hangul it equals the reading.
            let &[tag, meaning, _, reading, kind, ..] = details.as_slice() else {
                continue;
            };
            let syllables = reading.chars().count();
            if kind == "Inflect" || !reading.chars().all(|c| ('가'..='힣').contains(&c)) {
                continue;
            }
            let list = match (tag, meaning) {
                ("NNG", "행위") if (2..=3).contains(&syllables) => 1,
                ("NNG", _) if (2..=6).contains(&syllables) => 0,
                // Names of people are generated, so that no real person is in these articles.
                ("NNP", "인명") => continue,
                ("NNP", _) if (2..=7).contains(&syllables) => 2,
                ("VV" | "VA", _) if (1..=3).contains(&syllables) => 3,
                ("MAG", _) if (2..=4).contains(&syllables) => 4,
                _ => continue,
            };
            if let Some(words) = found.get_mut(list) {
                words.push((cost, reading.to_owned()));
            }
        }
        let [nouns, actions, proper, verbs, adverbs] = found.map(by_cost);
        Lexicon {
            nouns,
            actions,
            proper,
            verbs,
            adverbs,
        }
    }
}

/// Sorts by cost and removes duplicates. Words with the same cost (whole lists of names have one)
/// are ordered by length, then by their last syllable, which looks random.
fn by_cost(mut words: Vec<(i16, String)>) -> Vec<String> {
    words.sort_unstable_by_key(|(cost, word)| {
        (
            *cost,
            word.len(),
            Reverse(word.chars().next_back()),
            word.clone(),
        )
    });
    let mut seen = HashSet::new();
    words.retain(|(_, word)| seen.insert(word.clone()));
    words.into_iter().map(|(_, word)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_words() {
        let lexicon = Lexicon::embedded().unwrap();
        assert!(lexicon.nouns.len() > 50_000);
        for (words, one) in [
            (&lexicon.nouns, "정부"),
            (&lexicon.actions, "발표"),
            (&lexicon.proper, "서울"),
            (&lexicon.verbs, "나서"),
            (&lexicon.adverbs, "함께"),
        ] {
            assert!(words.iter().any(|word| word == one), "{one} is missing");
            assert!(
                words
                    .iter()
                    .all(|word| word.chars().all(|c| c.is_alphabetic()))
            );
        }
    }
}
