//! Counts the words of sampled texts, with their spellings and neighbours.

use rustc_hash::{FxHashMap, FxHashSet};

use super::nouns::ONLY_BEGINNING;
use crate::analyze::{Analyzer, Term, TermKind, particles};

/// Number of sampled texts that have a word.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    /// In any form.
    pub(super) texts: u32,
    /// Followed by a possible particle.
    pub(super) with_particle: u32,
    /// Number of the last text counted, from 1.
    last: u32,
    last_with_particle: u32,
}

/// Counts every word of the texts, folded, as written and without a possible particle.
pub(super) fn tally(texts: &[String], analyzer: &mut Analyzer) -> FxHashMap<String, Tally> {
    let mut tallies: FxHashMap<String, Tally> = FxHashMap::default();
    for (number, text) in (1..).zip(texts) {
        analyzer.terms(text, &mut |term| {
            if term.kind == TermKind::Part {
                return;
            }
            if !tallies.contains_key(term.text) {
                tallies.insert(term.text.to_owned(), Tally::default());
            }
            let Some(tally) = tallies.get_mut(term.text) else {
                return;
            };
            if tally.last != number {
                tally.last = number;
                tally.texts += 1;
            }
            if term.kind == TermKind::Stem && tally.last_with_particle != number {
                tally.last_with_particle = number;
                tally.with_particle += 1;
            }
        });
    }
    tallies
}

/// How some words occur in the texts.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    words: FxHashMap<String, Occurring>,
}

/// Occurrences of a word.
#[derive(Debug, Default)]
struct Occurring {
    times: u32,
    /// Count by spelling.
    written: FxHashMap<String, u32>,
    /// Count by the rest of its run, including a parenthesis right after the run.
    followed: FxHashMap<String, u32>,
    /// Count by adjacent word, separated by a single space, with the spelling of both.
    neighbours: FxHashMap<String, (u32, String)>,
}

/// A term in the current text.
struct TermSpan {
    folded: String,
    kind: TermKind,
    start: usize,
    end: usize,
}

impl Occurrences {
    /// Collects the occurrences of `words`, which are folded.
    pub(super) fn of(
        words: &FxHashSet<String>,
        texts: &[String],
        analyzer: &mut Analyzer,
    ) -> Occurrences {
        let mut occurrences = Occurrences::default();
        for word in words {
            occurrences.words.insert(word.clone(), Occurring::default());
        }
        for text in texts {
            // Terms of the previous and of the current run.
            let (mut before, mut current) = (Vec::new(), Vec::new());
            let mut position = 0;
            analyzer.terms(text, &mut |term: Term<'_>| {
                if term.kind == TermKind::Part {
                    return;
                }
                if term.position != position {
                    occurrences.run(text, &before, &current);
                    before = std::mem::take(&mut current);
                    position = term.position;
                }
                current.push(TermSpan {
                    folded: term.text.to_owned(),
                    kind: term.kind,
                    start: term.start as usize,
                    end: term.end as usize,
                });
            });
            occurrences.run(text, &before, &current);
        }
        occurrences
    }

    /// Counts all terms of a run, and the pairs with the run before.
    fn run(&mut self, text: &str, before: &[TermSpan], current: &[TermSpan]) {
        for place in current {
            if let Some(word) = self.words.get_mut(&place.folded) {
                word.times += 1;
                let (before, after) = text.split_at_checked(place.end).unwrap_or((text, ""));
                let written = before.get(place.start..).unwrap_or_default();
                let end = after.find(|c: char| !c.is_alphanumeric());
                let end = end.map_or(after.len(), |end| {
                    end + usize::from(after.get(end..).is_some_and(|a| a.starts_with('(')))
                });
                let rest = after.get(..end).unwrap_or(after);
                *word.followed.entry(rest.to_owned()).or_default() += 1;
                if let Some(times) = word.written.get_mut(written) {
                    *times += 1;
                } else {
                    word.written.insert(written.to_owned(), 1);
                }
            }
        }
        for first in before.iter().filter(|place| place.kind == TermKind::Whole) {
            for second in current {
                let beside = text.get(first.end..second.start) == Some(" ");
                let known = |place: &TermSpan| self.words.contains_key(&place.folded);
                if !beside || !(known(first) || known(second)) {
                    continue;
                }
                let written = text.get(first.start..second.end).unwrap_or_default();
                for (word, other) in [(first, second), (second, first)] {
                    if let Some(word) = self.words.get_mut(&word.folded) {
                        let neighbour = word.neighbours.entry(other.folded.clone());
                        neighbour.or_insert_with(|| (0, written.to_owned())).0 += 1;
                    }
                }
            }
        }
    }

    /// The most frequent spelling of a word.
    pub(super) fn written(&self, word: &str) -> String {
        let Some(occurring) = self.words.get(word) else {
            return word.to_owned();
        };
        let most = occurring
            .written
            .iter()
            .max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
        let mut written = most.map_or(word, |(written, _)| written).to_owned();
        written.extend(self.lost_syllable(word));
        written
    }

    /// The last syllable of a name that was taken for a particle: 도 of 연방준비제도. It follows nearly
    /// all occurrences of the word, and is followed by what never follows a particle: another
    /// particle, or an explanation in parentheses.
    fn lost_syllable(&self, word: &str) -> Option<char> {
        let occurring = self.words.get(word).filter(|w| w.times >= 3)?;
        let (most, _) = occurring.followed.iter().max_by_key(|(_, times)| **times)?;
        let syllable = most.chars().next()?;
        let letters = syllable.to_string();
        particles::particle(&letters)?;
        if self.followed(word, &letters)? < ONLY_BEGINNING {
            return None;
        }
        let mut rests = occurring.followed.keys();
        let is_name = rests.any(|rest| {
            rest.strip_prefix(syllable)
                .is_some_and(|rest| rest == "(" || particles::particle(rest).is_some())
        });
        is_name.then_some(syllable)
    }

    /// Share of a word's occurrences that are directly followed by `letters`; `None` if it does not
    /// occur.
    pub(super) fn followed(&self, word: &str, letters: &str) -> Option<f64> {
        let occurring = self.words.get(word).filter(|w| w.times > 0)?;
        let rests = occurring.followed.iter();
        let times: u32 = rests
            .filter(|(rest, _)| rest.starts_with(letters))
            .map(|(_, times)| times)
            .sum();
        Some(f64::from(times) / f64::from(occurring.times))
    }

    /// The word adjacent to `word` in at least `share` of its occurrences, and the spelling of
    /// both. Prefers the shortest of equally frequent forms.
    pub(super) fn neighbour(&self, word: &str, share: f64) -> Option<(&str, &str)> {
        let occurring = self.words.get(word)?;
        let least = f64::from(occurring.times) * share;
        let best = occurring
            .neighbours
            .iter()
            .filter(|(_, (times, _))| f64::from(*times) >= least && *times > 1)
            .max_by(|(a, (n, _)), (b, (m, _))| {
                n.cmp(m)
                    .then_with(|| b.len().cmp(&a.len()))
                    .then_with(|| b.cmp(a))
            })?;
        Some((best.0, &best.1.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Language;

    #[test]
    fn words_are_counted_once_a_text_and_names_hold_together() {
        let texts = [
            "차관 샘 올슨은 웃었다. 올슨은 돌아왔다.",
            "샘 올슨의 회사. 샘 올슨이 말했다.",
        ]
        .map(str::to_owned);
        let mut analyzer = Analyzer::new(Language::embedded().unwrap());
        let tallies = tally(&texts, &mut analyzer);
        assert_eq!(tallies["올슨"].texts, 2);
        assert_eq!(tallies["올슨"].with_particle, 2);
        let words = FxHashSet::from_iter(["올슨".to_owned(), "회사".to_owned()]);
        let occurrences = Occurrences::of(&words, &texts, &mut analyzer);
        assert_eq!(occurrences.written("올슨"), "올슨");
        assert_eq!(occurrences.neighbour("올슨", 0.7), Some(("샘", "샘 올슨")));
        assert_eq!(occurrences.neighbour("올슨", 0.8), None);
    }
}
