//! The articles themselves: words into sentences, sentences into paragraphs, and the copies.

use serde::Serialize;

use crate::chance::{Chance, Weighted};
use crate::lexicon::Lexicon;
use crate::table::{number, rows, words};

/// One article, in the record that `clippings add` takes as JSON Lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Article {
    /// `g` and the article's number.
    pub id: String,
    /// An address that no server answers.
    pub url: String,
    /// The headline.
    pub headline: String,
    /// Subheads, of every fifth article.
    pub subheads: Vec<String>,
    /// One or two invented names.
    pub reporters: Vec<String>,
    /// An invented outlet.
    pub outlet: String,
    /// Section.
    pub section: String,
    /// A day, or a moment of Korean time, of the years 2015 to 2025.
    pub published: String,
    /// Paragraphs separated by `\n`.
    pub body: String,
    /// Captions, of every seventh article.
    pub captions: Vec<String>,
}

/// What the streams of chance are for, so that a change of one leaves the others alone.
mod purpose {
    pub const TEXT: u64 = 1;
    pub const COPY: u64 = 2;
    pub const RECORD: u64 = 3;
    pub const PERSON: u64 = 4;
    pub const COMPANION: u64 = 5;
}

/// Near-duplicates in a thousand articles.
const COPIES: usize = 50;
/// How far back the article stands that a near-duplicate copies.
const COPY_DISTANCE: usize = 400;
/// Characters of a body at the quantiles of [`LENGTH_AT`]: counted over 27,644 articles of a
/// daily, a weekly and many outlets' short items.
const LENGTHS: [usize; 8] = [60, 120, 330, 745, 1_210, 2_370, 4_600, 9_500];
const LENGTH_AT: [usize; 8] = [0, 50, 250, 500, 750, 950, 993, 1_000];
/// Characters of a paragraph, on average.
const PARAGRAPH: usize = 170;
/// Persons in the news, and reporters of one outlet.
const PERSONS: usize = 60_000;
const REPORTERS: usize = 80;

/// A list with the law by which its items are drawn.
struct Drawn<T> {
    items: Vec<T>,
    law: Weighted,
}

impl<T> Drawn<T> {
    fn zipf(items: Vec<T>, exponent: f64, shift: f64) -> Self {
        let law = Weighted::zipf(items.len(), exponent, shift);
        Drawn { items, law }
    }

    fn weighted(items: Vec<(T, f64)>) -> Self {
        let (items, weights): (Vec<T>, Vec<f64>) = items.into_iter().unzip();
        let law = Weighted::new(&weights);
        Drawn { items, law }
    }

    fn index(&self, chance: &mut Chance) -> usize {
        self.law.draw(chance)
    }
}

impl<T: AsRef<str>> Drawn<T> {
    fn draw(&self, chance: &mut Chance) -> &str {
        self.at(self.index(chance))
    }

    fn at(&self, index: usize) -> &str {
        self.items.get(index).map_or("", AsRef::as_ref)
    }
}

/// Makes the articles of one collection.
pub struct Generator {
    seed: u64,
    nouns: Drawn<String>,
    actions: Drawn<String>,
    proper: Drawn<String>,
    verbs: Drawn<String>,
    adverbs: Drawn<String>,
    frequent: Drawn<&'static str>,
    latin: Drawn<&'static str>,
    hanja: Drawn<&'static str>,
    particles: Drawn<(&'static str, &'static str)>,
    units: Drawn<(&'static str, usize)>,
    surnames: Drawn<&'static str>,
    given: Vec<&'static str>,
    titles: Drawn<&'static str>,
    persons: Weighted,
    outlets: Drawn<&'static str>,
    sections: Vec<&'static str>,
    /// Endings of actions and verbs, inside a sentence and at its end.
    action_inner: Drawn<&'static str>,
    action_final: Drawn<&'static str>,
    verb_inner: Drawn<&'static str>,
    verb_final: Drawn<&'static str>,
}

/// What one article is about: the words that come back in it.
struct Topic {
    nouns: Vec<usize>,
    proper: Vec<usize>,
    actions: Vec<usize>,
    persons: Vec<usize>,
}

fn endings(of: &str, place: &str) -> Drawn<&'static str> {
    let table = rows(include_str!("data/endings.tsv"));
    let chosen = table.filter_map(|row| match row.as_slice() {
        [kind, form, at, weight] if *kind == of && *at == place => {
            Some((*form, number(Some(weight)) as f64))
        }
        _ => None,
    });
    Drawn::weighted(chosen.collect())
}

fn named(kind: &str) -> Vec<(&'static str, f64)> {
    rows(include_str!("data/names.tsv"))
        .filter(|row| row.first() == Some(&kind))
        .filter_map(|row| Some((*row.get(1)?, number(row.get(2)) as f64)))
        .collect()
}

impl Generator {
    /// A generator of the collection that `seed` names, from the words of `lexicon`.
    pub fn new(lexicon: Lexicon, seed: u64) -> Self {
        let particles = rows(include_str!("data/particles.tsv")).filter_map(|row| {
            let bare = |form: &'static str| if form == "-" { "" } else { form };
            let forms = (bare(row.first()?), bare(row.get(1)?));
            Some((forms, number(row.get(2)) as f64))
        });
        let units = rows(include_str!("data/units.tsv")).filter_map(|row| {
            let unit = (*row.first()?, number(row.get(1)));
            Some((unit, number(row.get(2)) as f64))
        });
        // The exponents and shifts were set so that the growth of the vocabulary, and the share
        // that the most frequent words have of a text, come near those of real articles.
        Generator {
            seed,
            nouns: Drawn::zipf(lexicon.nouns, 1.45, 150.0),
            actions: Drawn::zipf(lexicon.actions, 1.35, 40.0),
            proper: Drawn::zipf(lexicon.proper, 1.35, 50.0),
            verbs: Drawn::zipf(lexicon.verbs, 1.3, 30.0),
            adverbs: Drawn::zipf(lexicon.adverbs, 1.1, 5.0),
            frequent: Drawn::zipf(words(include_str!("data/frequent.txt")), 0.6, 2.0),
            latin: Drawn::zipf(words(include_str!("data/latin.txt")), 1.0, 1.0),
            hanja: Drawn::zipf(words(include_str!("data/hanja.txt")), 1.0, 1.0),
            particles: Drawn::weighted(particles.collect()),
            units: Drawn::weighted(units.collect()),
            surnames: Drawn::weighted(named("surname")),
            given: named("given").into_iter().map(|(word, _)| word).collect(),
            titles: Drawn::weighted(named("title")),
            persons: Weighted::zipf(PERSONS, 1.3, 60.0),
            outlets: Drawn::zipf(words(include_str!("data/outlets.txt")), 0.7, 2.0),
            sections: words(include_str!("data/sections.txt")),
            action_inner: endings("action", "inner"),
            action_final: endings("action", "final"),
            verb_inner: endings("verb", "inner"),
            verb_final: endings("verb", "final"),
        }
    }

    /// The article of a number. The same seed and number give the same article.
    pub fn article(&self, n: u64) -> Article {
        let Some(original) = self.copied(n) else {
            return self.recorded(n, self.written(n));
        };
        let copy = self.edited(n, self.written(original));
        self.recorded(n, copy)
    }

    /// The number of the article that article `n` copies, if it is a near-duplicate.
    fn copied(&self, n: u64) -> Option<u64> {
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

    /// Headline, subheads, body and captions of an original.
    fn written(&self, n: u64) -> Article {
        let chance = &mut Chance::new(self.seed, purpose::TEXT, n);
        let topic = self.topic(chance);
        let mut article = Article {
            headline: self.headline(chance, &topic),
            ..Article::default()
        };
        if chance.per_mille(200) {
            for _ in 0..chance.between(1, 3) {
                article.subheads.push(self.headline(chance, &topic));
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
                self.sentence(chance, &topic, &mut article.body);
            }
            characters += article.body[from..].chars().count() + 1;
        }
        if chance.per_mille(140) {
            let mut caption = self.person(topic.person(chance));
            caption.push(' ');
            caption.push_str(self.titles.draw(chance));
            agree(&mut caption, "가", "이");
            caption.push(' ');
            caption.push_str(self.proper.at(topic.proper(chance)));
            caption.push_str("에서 ");
            caption.push_str(self.actions.at(topic.action(chance)));
            caption.push_str("하고 있다.");
            article.captions.push(caption);
        }
        article
    }

    /// What another desk makes of an article: another headline, paragraphs cut or moved, one word
    /// in fifteen replaced.
    fn edited(&self, n: u64, mut article: Article) -> Article {
        let chance = &mut Chance::new(self.seed, purpose::TEXT, n);
        let mut paragraphs: Vec<String> = article
            .body
            .split('\n')
            .map(|paragraph| {
                let words = paragraph.split(' ').map(|word| {
                    if !word.ends_with('.') && chance.per_mille(65) {
                        self.noun_phrase(chance, None)
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
            article.headline.push_str(&self.noun_phrase(chance, None));
        }
        article
    }

    /// Gives a text all else that a record has.
    fn recorded(&self, n: u64, mut article: Article) -> Article {
        let chance = &mut Chance::new(self.seed, purpose::RECORD, n);
        article.id = format!("g{n}");
        article.url = format!("https://news.example/{}/{n}", self.seed);
        let outlet = self.outlets.index(chance);
        article.outlet = self.outlets.at(outlet).to_owned();
        let reporters = if chance.per_mille(120) { 2 } else { 1 };
        for _ in 0..reporters {
            // Reporters are other people than those in the news: they begin after them.
            let number = PERSONS + outlet * REPORTERS + chance.below(REPORTERS);
            article.reporters.push(self.person(number));
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

    fn topic(&self, chance: &mut Chance) -> Topic {
        let mut several = |count: usize, law: &Weighted| -> Vec<usize> {
            (0..count).map(|_| law.draw(chance)).collect()
        };
        Topic {
            nouns: several(14, &self.nouns.law),
            proper: several(4, &self.proper.law),
            actions: several(5, &self.actions.law),
            persons: several(3, &self.persons),
        }
    }

    /// Name of a person. Who it is never changes; who is often in the news, the number says.
    fn person(&self, number: usize) -> String {
        let chance = &mut Chance::new(self.seed, purpose::PERSON, number as u64);
        let mut name = self.surnames.draw(chance).to_owned();
        for _ in 0..2 {
            name.push_str(chance.pick(&self.given).copied().unwrap_or(""));
        }
        name
    }

    fn headline(&self, chance: &mut Chance, topic: &Topic) -> String {
        let mut headline = String::new();
        if chance.per_mille(80) {
            headline.push_str(self.hanja.draw(chance));
            headline.push(' ');
        }
        headline.push_str(match chance.below(3) {
            0 => self.proper.at(topic.proper(chance)),
            _ => self.nouns.at(topic.noun(chance)),
        });
        if chance.per_mille(250) {
            headline.push(' ');
            headline.push_str(&self.person(topic.person(chance)));
        }
        headline.push_str(", ");
        let noun = topic.noun(chance);
        self.compound(chance, noun, &mut headline);
        headline.push(' ');
        headline.push_str(self.actions.at(topic.action(chance)));
        headline.push('…');
        if chance.per_mille(150) {
            headline.push_str(self.latin.draw(chance));
            headline.push(' ');
        }
        headline.push_str(&self.noun_phrase(chance, Some(topic)));
        headline.push(' ');
        headline.push_str(self.nouns.at(topic.noun(chance)));
        headline.push(' ');
        headline.push_str(self.actions.draw(chance));
        headline
    }

    /// One sentence, 8 to 20 eojeols long, a quotation now and then.
    fn sentence(&self, chance: &mut Chance, topic: &Topic, out: &mut String) {
        let said = chance.per_mille(110);
        if said {
            out.push_str(&self.person(topic.person(chance)));
            out.push(' ');
            out.push_str(self.titles.draw(chance));
            agree(out, "는", "은");
            out.push_str(" “");
        }
        for _ in 0..chance.between(6, 17) {
            self.eojeol(chance, topic, out);
            if chance.per_mille(45) {
                out.push(',');
            }
            out.push(' ');
        }
        if chance.per_mille(850) {
            out.push_str(self.actions.at(topic.action(chance)));
            out.push_str(self.action_final.draw(chance));
        } else {
            out.push_str(self.verbs.draw(chance));
            out.push_str(self.verb_final.draw(chance));
        }
        out.push_str(if said { "”고 말했다." } else { "." });
    }

    /// One eojeol inside a sentence. The shares are those of edited prose, rounded.
    fn eojeol(&self, chance: &mut Chance, topic: &Topic, out: &mut String) {
        match chance.below(1000) {
            0..130 => out.push_str(self.frequent.draw(chance)),
            130..200 => self.quantity(chance, out),
            200..220 => {
                out.push_str(self.latin.draw(chance));
                out.push_str(self.particles(chance).0);
            }
            220..222 => out.push_str(self.hanja.draw(chance)),
            222..255 => {
                out.push_str(&self.person(topic.person(chance)));
                if chance.per_mille(500) {
                    out.push(' ');
                    out.push_str(self.titles.draw(chance));
                }
                self.with_particle(chance, out);
            }
            255..295 => out.push_str(self.adverbs.draw(chance)),
            295..375 => {
                out.push_str(self.verbs.draw(chance));
                out.push_str(self.verb_inner.draw(chance));
            }
            375..520 => {
                let action = if chance.per_mille(400) {
                    topic.action(chance)
                } else {
                    self.actions.index(chance)
                };
                out.push_str(self.actions.at(action));
                out.push_str(self.action_inner.draw(chance));
            }
            _ => out.push_str(&self.noun_phrase(chance, Some(topic))),
        }
    }

    /// A noun, alone or in a compound, with its particle.
    fn noun_phrase(&self, chance: &mut Chance, topic: Option<&Topic>) -> String {
        let mut phrase = String::new();
        match topic {
            Some(topic) if chance.per_mille(90) => {
                phrase.push_str(self.proper.at(topic.proper(chance)));
            }
            _ if chance.per_mille(120) => phrase.push_str(self.proper.draw(chance)),
            topic => {
                let noun = match topic {
                    Some(topic) if chance.per_mille(380) => topic.noun(chance),
                    _ => self.nouns.index(chance),
                };
                if chance.per_mille(120) {
                    self.compound(chance, noun, &mut phrase);
                } else {
                    phrase.push_str(self.nouns.at(noun));
                }
            }
        }
        self.with_particle(chance, &mut phrase);
        phrase
    }

    /// A noun with one of the few companions it has: written together or apart, as Koreans do.
    fn compound(&self, chance: &mut Chance, noun: usize, out: &mut String) {
        let which = (noun * 4 + chance.below(4)) as u64;
        let fate = &mut Chance::new(self.seed, purpose::COMPANION, which);
        out.push_str(self.nouns.at(noun));
        if chance.per_mille(600) {
            out.push(' ');
        }
        out.push_str(self.nouns.draw(fate));
    }

    fn particles(&self, chance: &mut Chance) -> (&'static str, &'static str) {
        let index = self.particles.index(chance);
        self.particles.items.get(index).copied().unwrap_or_default()
    }

    fn with_particle(&self, chance: &mut Chance, out: &mut String) {
        let (after_vowel, after_consonant) = self.particles(chance);
        agree(out, after_vowel, after_consonant);
    }

    fn quantity(&self, chance: &mut Chance, out: &mut String) {
        let index = self.units.index(chance);
        let Some(&(unit, most)) = self.units.items.get(index) else {
            return;
        };
        match unit {
            "%" => {
                let (whole, tenth) = (chance.between(0, most), chance.below(10));
                out.push_str(&format!("{whole}.{tenth}"));
            }
            "년" => out.push_str(&chance.between(most - 25, most).to_string()),
            _ => {
                // Small numbers are the frequent ones.
                let bound = chance.between(1, most);
                out.push_str(&chance.between(1, bound).to_string());
            }
        }
        out.push_str(unit);
        self.with_particle(chance, out);
    }
}

impl Topic {
    /// One of the article's words: the first ones more often.
    fn one(chance: &mut Chance, of: &[usize]) -> usize {
        let bound = chance.between(1, of.len());
        chance
            .pick(of.get(..bound).unwrap_or(of))
            .copied()
            .unwrap_or(0)
    }

    fn noun(&self, chance: &mut Chance) -> usize {
        Topic::one(chance, &self.nouns)
    }

    fn proper(&self, chance: &mut Chance) -> usize {
        Topic::one(chance, &self.proper)
    }

    fn action(&self, chance: &mut Chance) -> usize {
        Topic::one(chance, &self.actions)
    }

    fn person(&self, chance: &mut Chance) -> usize {
        Topic::one(chance, &self.persons)
    }
}

/// Adds the form of a particle that agrees with the end of the word before it.
fn agree(out: &mut String, after_vowel: &str, after_consonant: &str) {
    let last = out.chars().next_back().map_or(0, u32::from);
    // A Hangul syllable is 0xAC00 + (lead * 21 + vowel) * 28 + tail; tail 8 is ㄹ.
    let tail = match last {
        0xAC00..=0xD7A3 => (last - 0xAC00) % 28,
        _ => 0,
    };
    let open = tail == 0 || (tail == 8 && after_vowel.starts_with('로'));
    out.push_str(if open { after_vowel } else { after_consonant });
}

/// Characters of a body: a straight line between the quantiles.
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

    /// A lexicon of made-up words, so that these tests need no dictionary.
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
    fn an_article_depends_on_seed_and_number_alone() {
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
            .filter_map(|n| Some((n, generator.copied(n)?)))
            .collect();
        assert!((150..250).contains(&copies.len()), "{}", copies.len());
        for (n, original) in copies {
            assert!(original < n && generator.copied(original).is_none());
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
    fn articles_are_whole_and_of_every_length() {
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
