//! Articles: paragraphs of sentences, metadata, and near-duplicates.

use serde::Serialize;

use crate::chance::{Chance, Drawn, purpose};
use crate::lexicon::Lexicon;
use crate::prose::{PERSONS, Prose};
use crate::table::words;

/// An article, serialized as a record that `clippings add` reads as JSON Lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Article {
    /// `g` and the article's number.
    pub id: String,
    /// A URL that does not resolve.
    pub url: String,
    /// The headline.
    pub headline: String,
    /// Subheads; one article in five has some.
    pub subheads: Vec<String>,
    /// One or two invented names.
    pub reporters: Vec<String>,
    /// An invented outlet.
    pub outlet: String,
    /// Section of the paper.
    pub section: String,
    /// A date, or a date and time in Korean time, from 2015 to 2025.
    pub published: String,
    /// Paragraphs separated by `\n`.
    pub body: String,
    /// Captions; one article in seven has one.
    pub captions: Vec<String>,
}

/// Near-duplicates per thousand articles.
const COPIES: usize = 50;
/// Maximum distance, in articles, from a near-duplicate back to its original.
const COPY_DISTANCE: usize = 400;
/// Length of a body in characters at the quantiles of [`LENGTH_AT`]. Measured on 27,644 articles of
/// a daily, a weekly, and short items of many outlets.
const LENGTHS: [usize; 8] = [60, 120, 330, 745, 1_210, 2_370, 4_600, 9_500];
const LENGTH_AT: [usize; 8] = [0, 50, 250, 500, 750, 950, 993, 1_000];
/// Mean length of a paragraph in characters.
const PARAGRAPH: usize = 170;
/// Reporters per outlet.
const REPORTERS: usize = 80;

/// Generates the articles of a collection.
pub struct Generator {
    seed: u64,
    prose: Prose,
    outlets: Drawn<&'static str>,
    sections: Vec<&'static str>,
}

impl Generator {
    /// Creates the generator for `seed`, with the words of `lexicon`.
    pub fn new(lexicon: Lexicon, seed: u64) -> Self {
        Generator {
            seed,
            prose: Prose::new(lexicon, seed),
            outlets: Drawn::zipf(words(include_str!("data/outlets.txt")), 0.7, 2.0),
            sections: words(include_str!("data/sections.txt")),
        }
    }

    /// Generates article `n`, which depends on the seed and `n` only.
    pub fn article(&self, n: u64) -> Article {
        let Some(original) = self.original_of(n) else {
            return self.with_metadata(n, self.original(n));
        };
        let copy = self.near_duplicate(n, self.original(original));
        self.with_metadata(n, copy)
    }

    /// Number of the original, if article `n` is a near-duplicate.
    fn original_of(&self, n: u64) -> Option<u64> {
        let is_copy = |n| Chance::new(self.seed, purpose::COPY, n).per_mille(COPIES);
        if !is_copy(n) {
            return None;
        }
        let mut chance = Chance::new(self.seed, purpose::COPY, n);
        chance.next();
        let back = chance.between(1, COPY_DISTANCE) as u64;
        (0..=n.saturating_sub(back))
            .rev()
            .find(|&m| m < n && !is_copy(m))
    }

    /// Generates headline, subheads, body and captions of an original.
    fn original(&self, n: u64) -> Article {
        let chance = &mut Chance::new(self.seed, purpose::TEXT, n);
        let topic = self.prose.topic(chance);
        let mut article = Article {
            headline: self.prose.headline(chance, &topic),
            ..Article::default()
        };
        if chance.per_mille(200) {
            for _ in 0..chance.between(1, 3) {
                article.subheads.push(self.prose.headline(chance, &topic));
            }
        }
        let wanted = length(chance);
        let mut characters = 0;
        while characters == 0 || characters + PARAGRAPH / 2 < wanted {
            if !article.body.is_empty() {
                article.body.push('\n');
            }
            let from = article.body.len();
            for i in 0..chance.between(1, 4) {
                if i > 0 {
                    article.body.push(' ');
                }
                self.prose.sentence(chance, &topic, &mut article.body);
            }
            characters += article.body[from..].chars().count() + 1;
        }
        if chance.per_mille(140) {
            article.captions.push(self.prose.caption(chance, &topic));
        }
        article
    }

    /// Edits an article as another desk would: changes the headline, cuts or moves paragraphs,
    /// replaces one word in fifteen.
    fn near_duplicate(&self, n: u64, mut article: Article) -> Article {
        let chance = &mut Chance::new(self.seed, purpose::TEXT, n);
        let mut paragraphs: Vec<String> = article
            .body
            .split('\n')
            .map(|paragraph| {
                let words = paragraph.split(' ').map(|word| {
                    if !word.ends_with('.') && chance.per_mille(65) {
                        self.prose.noun_phrase(chance, None)
                    } else {
                        word.to_owned()
                    }
                });
                words.collect::<Vec<_>>().join(" ")
            })
            .collect();
        if paragraphs.len() > 3 && chance.per_mille(500) {
            paragraphs.truncate(paragraphs.len() - paragraphs.len() / 5 - 1);
        }
        if paragraphs.len() > 3 && chance.per_mille(300) {
            let from = chance.between(1, paragraphs.len() - 2);
            paragraphs.swap(from, from + 1);
        }
        article.body = paragraphs.join("\n");
        if chance.per_mille(600) {
            article.headline.push('…');
            article
                .headline
                .push_str(&self.prose.noun_phrase(chance, None));
        }
        article
    }

    /// Adds the metadata.
    fn with_metadata(&self, n: u64, mut article: Article) -> Article {
        let chance = &mut Chance::new(self.seed, purpose::RECORD, n);
        article.id = format!("g{n}");
        article.url = format!("https://news.example/{}/{n}", self.seed);
        let outlet = self.outlets.index(chance);
        article.outlet = self.outlets.at(outlet).to_owned();
        let reporters = if chance.per_mille(120) { 2 } else { 1 };
        for _ in 0..reporters {
            // Reporters must not coincide with people in the news, so their numbers follow those.
            let number = PERSONS + outlet * REPORTERS + chance.below(REPORTERS);
            article.reporters.push(self.prose.person(number));
        }
        article.section = chance
            .pick(&self.sections)
            .copied()
            .unwrap_or("")
            .to_owned();
        let (year, month) = (chance.between(2015, 2025), chance.between(1, 12));
        article.published = format!("{year}-{month:02}-{:02}", chance.between(1, 28));
        if chance.per_mille(800) {
            let (hour, minute) = (chance.between(0, 23), chance.between(0, 59));
            article.published += &format!("T{hour:02}:{minute:02}:00+09:00");
        }
        article
    }
}

/// Draws the length of a body in characters, interpolating linearly between the quantiles.
fn length(chance: &mut Chance) -> usize {
    let at = chance.below(1000);
    let points = LENGTH_AT.iter().zip(LENGTHS);
    for ((&from, low), (&to, high)) in points.clone().zip(points.skip(1)) {
        if (from..to).contains(&at) {
            return low + (high - low) * (at - from) / (to - from);
        }
    }
    LENGTHS[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lexicon of invented words, so that these tests do not load the dictionary.
    fn small() -> Lexicon {
        let words = |first: char, count: u32| -> Vec<String> {
            (0..count)
                .filter_map(|i| Some(format!("{first}{}", char::from_u32(0xAC00 + i * 7)?)))
                .collect()
        };
        Lexicon {
            nouns: words('가', 1500),
            actions: words('발', 300),
            proper: words('나', 500),
            verbs: words('막', 100),
            adverbs: words('더', 50),
        }
    }

    #[test]
    fn articles_depend_on_seed_and_number_only() {
        let one = Generator::new(small(), 1);
        let again = Generator::new(small(), 1);
        let other = Generator::new(small(), 2);
        for n in [0, 1, 50, 999] {
            assert_eq!(one.article(n), again.article(n));
            assert_ne!(one.article(n).body, other.article(n).body);
        }
    }

    #[test]
    fn one_in_twenty_is_a_near_duplicate() {
        let generator = Generator::new(small(), 3);
        let copies: Vec<_> = (0..4000)
            .filter_map(|n| Some((n, generator.original_of(n)?)))
            .collect();
        assert!((150..250).contains(&copies.len()), "{}", copies.len());
        for (n, original) in copies {
            assert!(original < n && generator.original_of(original).is_none());
            let (copy, original) = (generator.article(n), generator.article(original));
            assert_ne!(copy.id, original.id);
            let known: std::collections::HashSet<&str> = original.body.split_whitespace().collect();
            let kept = copy
                .body
                .split_whitespace()
                .filter(|w| known.contains(w))
                .count();
            assert!(kept * 100 >= copy.body.split_whitespace().count() * 75);
        }
    }

    #[test]
    fn articles_are_complete_and_of_all_lengths() {
        let generator = Generator::new(small(), 4);
        let mut lengths: Vec<usize> = Vec::new();
        for n in 0..1000 {
            let article = generator.article(n);
            assert!(!article.headline.is_empty() && !article.reporters.is_empty());
            assert!(article.body.lines().all(|line| line.ends_with('.')));
            assert!(!article.body.contains("  "), "{}", article.body);
            lengths.push(article.body.chars().count());
        }
        lengths.sort_unstable();
        assert!(
            (650..950).contains(&lengths[500]),
            "median {}",
            lengths[500]
        );
        assert!(lengths[995] > 3000);
    }
}
