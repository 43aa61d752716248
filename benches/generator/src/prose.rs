//! Sentences: eojeols with particles and endings, names, numbers, headlines.

use crate::chance::{Chance, Drawn, Weighted, purpose};
use crate::lexicon::Lexicon;
use crate::table::{number, rows, words};

/// Number of people in the news.
pub const PERSONS: usize = 60_000;

/// The words of sentences, with their frequencies.
pub struct Prose {
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
    /// Endings of verbs made with 하다 and of other verbs, within a sentence and at its end.
    action_inner: Drawn<&'static str>,
    action_final: Drawn<&'static str>,
    verb_inner: Drawn<&'static str>,
    verb_final: Drawn<&'static str>,
}

/// Topic of an article: the words that recur in it.
pub struct Topic {
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

impl Prose {
    /// Creates the language for `seed`, with the words of `lexicon`.
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
        // Exponents and shifts are fitted so that vocabulary growth and the share of the most
        // frequent words are close to those of real articles; `benches/README.md` compares them.
        Prose {
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
            action_inner: endings("action", "inner"),
            action_final: endings("action", "final"),
            verb_inner: endings("verb", "inner"),
            verb_final: endings("verb", "final"),
        }
    }

    /// Draws a topic.
    pub fn topic(&self, chance: &mut Chance) -> Topic {
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

    /// Name of person `number`; low numbers are often in the news.
    pub fn person(&self, number: usize) -> String {
        let chance = &mut Chance::new(self.seed, purpose::PERSON, number as u64);
        let mut name = self.surnames.draw(chance).to_owned();
        for _ in 0..2 {
            name.push_str(chance.pick(&self.given).copied().unwrap_or(""));
        }
        name
    }

    /// Generates a headline of about 25 characters.
    pub fn headline(&self, chance: &mut Chance, topic: &Topic) -> String {
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

    /// Generates a caption.
    pub fn caption(&self, chance: &mut Chance, topic: &Topic) -> String {
        let mut caption = self.person(topic.person(chance));
        caption.push(' ');
        caption.push_str(self.titles.draw(chance));
        agree(&mut caption, "가", "이");
        caption.push(' ');
        caption.push_str(self.proper.at(topic.proper(chance)));
        caption.push_str("에서 ");
        caption.push_str(self.actions.at(topic.action(chance)));
        caption.push_str("하고 있다.");
        caption
    }

    /// Generates a sentence of 8 to 20 eojeols, sometimes with a quotation.
    pub fn sentence(&self, chance: &mut Chance, topic: &Topic, out: &mut String) {
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

    /// Generates an eojeol within a sentence. The proportions are those of edited prose, rounded.
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

    /// Generates a noun or compound with its particle.
    pub fn noun_phrase(&self, chance: &mut Chance, topic: Option<&Topic>) -> String {
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

    /// Appends `noun` with one of the few nouns it is compounded with; with or without a space, as
    /// both are common in Korean.
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
                // Small numbers are the most frequent.
                let bound = chance.between(1, most);
                out.push_str(&chance.between(1, bound).to_string());
            }
        }
        out.push_str(unit);
        self.with_particle(chance, out);
    }
}

impl Topic {
    /// Draws one of the topic's words, the first ones more often.
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

/// Appends the form of a particle that agrees with the preceding syllable.
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
