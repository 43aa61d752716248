//! The passages of a text that show best why it was found.
//!
//! A passage is a stretch of at most so many characters with as many different matches as
//! possible. It begins and ends with a sentence where one fits, otherwise between two eojeols, with
//! an ellipsis to say so.
//!
//! How it is chosen: among the stretches that begin with a sentence, and among those that begin with
//! a match, the one is taken whose different terms weigh most; the first kind is a little preferred
//! because it reads better. Both are found by moving a window over the matches, in time linear in
//! the text and the number of matches.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::sentences::sentences;
use page::{Cut, Page};

mod page;
#[cfg(test)]
mod tests;

/// Characters of a passage unless said otherwise.
pub const DEFAULT_CHARS: usize = 160;

/// A place of the text that a term of the query matched.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Bytes of the text, on character boundaries.
    pub range: Range<usize>,
    /// Which of the query's terms. Several forms of one term (a word and its synonym) share a
    /// number: showing both is worth no more than showing one.
    pub term: u32,
    /// What showing the term is worth, more for rarer ones; above 0.
    pub weight: f32,
}

/// A stretch of the text, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Bytes of the text that it stands for.
    pub range: Range<usize>,
    /// The text in one line: white space made single spaces, ellipses where it was cut.
    pub text: String,
    /// What matched, `[start, end)` in characters of `text`, in order, none touching another.
    pub highlights: Vec<(usize, usize)>,
    /// Whether `text` begins with an ellipsis.
    pub cut_before: bool,
    /// Whether `text` ends with one.
    pub cut_after: bool,
}

/// What a term counts at most that a chosen passage shows already.
const SHOWN_ALREADY: f32 = 0.05;
/// What a further match of a term in the same passage counts, for the first few, in hundredths of
/// the first.
const REPEATED_PERCENT: u64 = 5;
const MOST_REPEATS: u64 = 3;
/// How much a passage that begins inside a sentence must be worth, in hundredths of the best one
/// that begins with a sentence, to be taken instead.
const SENTENCE_BONUS_PERCENT: u64 = 115;
/// Of what a passage that begins inside a sentence has left, the part that goes before its first
/// match.
const CONTEXT_BEFORE: usize = 3;

/// The best `n` passages of `text`, in the order of the text, each at most `max_chars` characters
/// long with its ellipses. Without a match, the beginning of the text. Fewer when there is no more
/// to show.
///
/// `matches` may come in any order and overlap; those that do not lie on character boundaries are
/// passed over. A match is highlighted when the passage holds the whole of it.
pub fn passages(text: &str, matches: &[Match], max_chars: usize, n: usize) -> Vec<Passage> {
    if max_chars == 0 || n == 0 {
        return Vec::new();
    }
    let mut matches: Vec<&Match> = matches
        .iter()
        .filter(|m| {
            text.get(m.range.clone())
                .is_some_and(|t| !t.trim().is_empty())
        })
        .collect();
    if matches.is_empty() {
        return beginning(text, max_chars).into_iter().collect();
    }
    matches.sort_by_key(|m| (m.range.start, m.range.end));
    let sentences = sentences(text);
    let page = Page {
        text,
        sentences: &sentences,
        matches: &matches,
        max_chars,
    };
    let mut chooser = Chooser::new(&page);
    let mut chosen = Vec::new();
    while chosen.len() < n {
        let Some(passage) = chooser.next() else { break };
        chosen.push(passage);
    }
    chosen.sort_by_key(|p| p.range.start);
    chosen
}

/// The beginning of the text.
fn beginning(text: &str, max_chars: usize) -> Option<Passage> {
    let start = text.len() - text.trim_start().len();
    // Twice as much as can be shown is enough to know whether what ends there is a sentence.
    let enough = max_chars.saturating_mul(2).saturating_add(64);
    let rest = text.get(start..)?;
    let head = match rest.char_indices().nth(enough) {
        Some((end, _)) => rest.get(..end)?,
        None => rest.trim_end(),
    };
    let mut sentences = sentences(head);
    if head.len() < rest.trim_end().len() {
        sentences.pop();
    }
    let page = Page {
        text: head,
        sentences: &sentences,
        matches: &[],
        max_chars,
    };
    let mut passage = page.render(page.fill(0, true, 0, 0, head.len())?)?;
    passage.range = passage.range.start + start..passage.range.end + start;
    Some(passage)
}

/// A stretch that might become a passage: from match `first` to match `last`, beginning with the
/// sentence of the first or not.
#[derive(Clone, Copy)]
struct Candidate {
    first: usize,
    last: usize,
    whole_sentence: bool,
    score: u64,
}

/// Where a match stands, in characters from the start of the text, and in which sentence.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    end: usize,
    sentence: usize,
}

/// Picks one passage after the other.
struct Chooser<'a> {
    page: &'a Page<'a>,
    /// Of each match.
    places: Vec<Place>,
    /// Of each sentence, where it starts, in characters.
    sentence_starts: Vec<usize>,
    /// Of each match, its term's place in `worth`.
    terms: Vec<usize>,
    /// What showing each term is worth.
    worth: Vec<u64>,
    /// Bytes that chosen passages cover.
    taken: Vec<Range<usize>>,
}

impl<'a> Chooser<'a> {
    fn new(page: &'a Page<'a>) -> Self {
        let mut points: Vec<usize> = page.sentences.iter().map(|s| s.start).collect();
        points.extend(
            page.matches
                .iter()
                .flat_map(|m| [m.range.start, m.range.end]),
        );
        points.sort_unstable();
        points.dedup();
        let mut counts = Vec::with_capacity(points.len());
        let (mut at, mut count) = (0, 0);
        for point in &points {
            count += page.text.get(at..*point).map_or(0, |t| t.chars().count());
            at = *point;
            counts.push(count);
        }
        let chars = |byte: usize| {
            let found = points.binary_search(&byte).ok();
            found.and_then(|i| counts.get(i)).copied().unwrap_or(0)
        };
        let mut numbers: FxHashMap<u32, usize> = FxHashMap::default();
        let mut worth: Vec<u64> = Vec::new();
        let mut terms = Vec::with_capacity(page.matches.len());
        for m in page.matches {
            let number = *numbers.entry(m.term).or_insert_with(|| {
                worth.push(0);
                worth.len() - 1
            });
            if let Some(most) = worth.get_mut(number) {
                *most = (*most).max(units(m.weight));
            }
            terms.push(number);
        }
        let places = page
            .matches
            .iter()
            .map(|m| Place {
                start: chars(m.range.start),
                end: chars(m.range.end),
                sentence: page.sentences.partition_point(|s| s.end <= m.range.start),
            })
            .collect();
        Chooser {
            places,
            sentence_starts: page.sentences.iter().map(|s| chars(s.start)).collect(),
            terms,
            worth,
            taken: Vec::new(),
            page,
        }
    }

    fn next(&mut self) -> Option<Passage> {
        let candidate = match (self.best(true), self.best(false)) {
            (Some(a), Some(b)) if b.score * 100 > a.score * SENTENCE_BONUS_PERCENT => b,
            (Some(a), _) => a,
            (None, b) => b?,
        };
        let cut = self.cut(candidate)?;
        for (m, term) in self.page.matches.iter().zip(&self.terms) {
            if cut.range.start <= m.range.start
                && m.range.end <= cut.range.end
                && let Some(worth) = self.worth.get_mut(*term)
            {
                *worth = (*worth).min(units(SHOWN_ALREADY));
            }
        }
        // A match too long to be shown whole is not tried again.
        let first = &self.page.matches.get(candidate.first)?.range;
        self.taken
            .push(cut.range.start.min(first.start)..cut.range.end.max(first.end));
        self.page.render(cut)
    }

    /// The part of the text around `at` that no passage has taken.
    fn free(&self, at: usize) -> Range<usize> {
        let before = self.taken.iter().map(|t| t.end).filter(|e| *e <= at).max();
        let after = self.taken.iter().map(|t| t.start).filter(|s| *s > at).min();
        before.unwrap_or(0)..after.unwrap_or(self.page.text.len())
    }

    fn is_taken(&self, m: &Match) -> bool {
        self.taken
            .iter()
            .any(|t| m.range.start < t.end && t.start < m.range.end)
    }

    /// The best stretch of those that begin with a sentence, or of those that begin with a match.
    fn best(&self, whole_sentence: bool) -> Option<Candidate> {
        let mut window = Window::new(&self.worth);
        let mut best: Option<Candidate> = None;
        // Matches `from..to` are in the window.
        let (mut from, mut to) = (0, 0);
        // One character is kept for each ellipsis that there may be.
        let ellipses = if whole_sentence { 1 } else { 2 };
        let room = self.page.max_chars.saturating_sub(ellipses);
        let mut last_sentence = None;
        for (first, m) in self.page.matches.iter().enumerate() {
            if self.is_taken(m) {
                continue;
            }
            let place = self.places.get(first)?;
            let free = self.free(m.range.start);
            let start = if whole_sentence {
                let is_new = last_sentence.replace(place.sentence) != Some(place.sentence);
                let sentence = self.page.sentences.get(place.sentence)?;
                if !is_new || sentence.start < free.start {
                    continue;
                }
                *self.sentence_starts.get(place.sentence)?
            } else {
                place.start
            };
            while from < first {
                if from < to {
                    window.remove(*self.terms.get(from)?);
                }
                from += 1;
            }
            to = to.max(from);
            while let (Some(m), Some(place), Some(term)) = (
                self.page.matches.get(to),
                self.places.get(to),
                self.terms.get(to),
            ) {
                if place.end.saturating_sub(start) > room || m.range.end > free.end {
                    break;
                }
                window.add(*term);
                to += 1;
            }
            // No room for even the first: from the sentence on it cannot be shown, from itself on
            // only in part.
            if to == first && whole_sentence {
                continue;
            }
            let score = window.score.max(1);
            if best.is_none_or(|b| score > b.score) {
                best = Some(Candidate {
                    first,
                    last: to.saturating_sub(1).max(first),
                    whole_sentence,
                    score,
                });
            }
        }
        best
    }

    /// The bytes that a candidate is to cover.
    fn cut(&self, candidate: Candidate) -> Option<Cut> {
        let first = &self.page.matches.get(candidate.first)?.range;
        let last = &self.page.matches.get(candidate.last)?.range;
        let place = self.places.get(candidate.first)?;
        let sentence = self.page.sentences.get(place.sentence)?.start;
        let free = self.free(first.start);
        let start = if candidate.whole_sentence {
            sentence
        } else {
            let core = self.places.get(candidate.last)?.end - place.start;
            let spare = self.page.max_chars.saturating_sub(core + 2);
            let border = sentence.min(first.start).max(free.start);
            self.page
                .back_to_eojeol(first.start, border, spare / CONTEXT_BEFORE)
        };
        self.page.fill(
            start,
            self.page.starts_sentence(start),
            first.end,
            last.end,
            free.end,
        )
    }
}

/// A weight in whole thousandths: windows add and take away, which floats do not do exactly.
fn units(weight: f32) -> u64 {
    (f64::from(weight.clamp(0.0, 1e6)) * 1000.0) as u64 + 1
}

/// The terms in a moving window, and what they are worth together.
struct Window<'a> {
    worth: &'a [u64],
    counts: Vec<u64>,
    score: u64,
}

impl<'a> Window<'a> {
    fn new(worth: &'a [u64]) -> Self {
        Window {
            worth,
            counts: vec![0; worth.len()],
            score: 0,
        }
    }

    fn value(&self, term: usize) -> u64 {
        match (self.worth.get(term), self.counts.get(term)) {
            (Some(worth), Some(count)) if *count > 0 => {
                worth + worth * (count - 1).min(MOST_REPEATS) * REPEATED_PERCENT / 100
            }
            _ => 0,
        }
    }

    fn change(&mut self, term: usize, change: impl Fn(u64) -> u64) {
        let before = self.value(term);
        if let Some(count) = self.counts.get_mut(term) {
            *count = change(*count);
        }
        self.score = self.score + self.value(term) - before;
    }

    fn add(&mut self, term: usize) {
        self.change(term, |count| count + 1);
    }

    fn remove(&mut self, term: usize) {
        self.change(term, |count| count.saturating_sub(1));
    }
}
