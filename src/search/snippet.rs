//! Selects the passages of a text that best show why it was found.
//!
//! A passage has limited length and as many different matches as possible. It begins and ends at a
//! sentence boundary if possible, otherwise between two eojeols, with an ellipsis.
//!
//! Two kinds of candidates are compared: passages that begin with a sentence and passages that
//! begin with a match. The score is the weight of the distinct terms in the passage, with a bonus
//! for the first kind, which reads better. Both kinds are found by moving a window over the
//! matches, in time linear in the length of the text and the number of matches.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::sentences::sentences;
use page::{Cut, MatchedText};

mod page;
#[cfg(test)]
mod tests;

/// Default length of a passage in characters.
pub const DEFAULT_CHARS: usize = 160;

/// An occurrence of a query term in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Byte range, on character boundaries.
    pub range: Range<usize>,
    /// Identifies the query term. Forms of one term (a word and its synonym) share a number, since
    /// showing both is worth no more than showing one.
    pub term: u32,
    /// Weight of the term, higher for rarer ones; above 0.
    pub weight: f32,
}

/// A part of the text for display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Byte range in the text.
    pub range: Range<usize>,
    /// The text on one line, with white space collapsed and ellipses where it was cut.
    pub text: String,
    /// Matches in `text`, as `[start, end)` in characters; sorted and disjoint.
    pub highlights: Vec<(usize, usize)>,
    /// Whether `text` begins with an ellipsis.
    pub cut_before: bool,
    /// Whether `text` ends with an ellipsis.
    pub cut_after: bool,
}

/// Maximum weight of a term that another passage already shows.
const SHOWN_ALREADY: f32 = 0.05;
/// Weight of each repetition of a term in the passage, in percent of the first occurrence, up to
/// [`MAX_REPEATS`].
const REPEATED_PERCENT: u64 = 5;
const MAX_REPEATS: u64 = 3;
/// Score that a passage starting inside a sentence needs, in percent of the best one starting with
/// a sentence.
const SENTENCE_BONUS_PERCENT: u64 = 115;
/// A passage that starts inside a sentence uses one part in this many of the free space for context
/// before its first match.
const CONTEXT_BEFORE: usize = 3;

/// The best `n` passages of `text`, in text order, each at most `max_chars` characters long
/// including ellipses. Without matches, the beginning of the text. Returns fewer if there is
/// nothing more to show.
///
/// `matches` may overlap and be in any order; those not on character boundaries are ignored. A
/// match is highlighted only if the passage contains all of it.
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
    let page = MatchedText {
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

/// The passage at the beginning of the text.
fn beginning(text: &str, max_chars: usize) -> Option<Passage> {
    let start = text.len() - text.trim_start().len();
    // Twice the length is enough to decide whether the passage ends with a sentence.
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
    let page = MatchedText {
        text: head,
        sentences: &sentences,
        matches: &[],
        max_chars,
    };
    let mut passage = page.render(page.fill(0, true, 0, 0, head.len())?)?;
    passage.range = passage.range.start + start..passage.range.end + start;
    Some(passage)
}

/// A possible passage: from match `first` to match `last`, starting with the sentence of `first` or
/// with `first` itself.
#[derive(Clone, Copy)]
struct PassageCandidate {
    first: usize,
    last: usize,
    whole_sentence: bool,
    score: u64,
}

/// Position of a match, in characters from the start of the text, and its sentence.
#[derive(Clone, Copy)]
struct MatchPosition {
    start: usize,
    end: usize,
    sentence: usize,
}

/// Selects passages one by one.
struct Chooser<'a> {
    page: &'a MatchedText<'a>,
    /// By match.
    positions: Vec<MatchPosition>,
    /// By sentence: its start in characters.
    sentence_starts: Vec<usize>,
    /// By match: index of its term in `worth`.
    terms: Vec<usize>,
    /// By term: the weight of showing it.
    worth: Vec<u64>,
    /// Byte ranges of the selected passages.
    taken: Vec<Range<usize>>,
}

impl<'a> Chooser<'a> {
    fn new(page: &'a MatchedText<'a>) -> Self {
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
        let positions = page
            .matches
            .iter()
            .map(|m| MatchPosition {
                start: chars(m.range.start),
                end: chars(m.range.end),
                sentence: page.sentences.partition_point(|s| s.end <= m.range.start),
            })
            .collect();
        Chooser {
            positions,
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
        // A match too long to be shown completely is not tried again.
        let first = &self.page.matches.get(candidate.first)?.range;
        self.taken
            .push(cut.range.start.min(first.start)..cut.range.end.max(first.end));
        self.page.render(cut)
    }

    /// The free part of the text around `at`.
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

    /// The best candidate of one kind.
    fn best(&self, whole_sentence: bool) -> Option<PassageCandidate> {
        let mut window = Window::new(&self.worth);
        let mut best: Option<PassageCandidate> = None;
        // The window contains the matches `from..to`.
        let (mut from, mut to) = (0, 0);
        // Reserve one character for each possible ellipsis.
        let ellipses = if whole_sentence { 1 } else { 2 };
        let room = self.page.max_chars.saturating_sub(ellipses);
        let mut last_sentence = None;
        for (first, m) in self.page.matches.iter().enumerate() {
            if self.is_taken(m) {
                continue;
            }
            let place = self.positions.get(first)?;
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
                self.positions.get(to),
                self.terms.get(to),
            ) {
                if place.end.saturating_sub(start) > room || m.range.end > free.end {
                    break;
                }
                window.add(*term);
                to += 1;
            }
            // Not even the first match fits: starting with the sentence it cannot be shown,
            // starting with itself only in part.
            if to == first && whole_sentence {
                continue;
            }
            let score = window.score.max(1);
            if best.is_none_or(|b| score > b.score) {
                best = Some(PassageCandidate {
                    first,
                    last: to.saturating_sub(1).max(first),
                    whole_sentence,
                    score,
                });
            }
        }
        best
    }

    /// The byte range of a candidate's passage.
    fn cut(&self, candidate: PassageCandidate) -> Option<Cut> {
        let first = &self.page.matches.get(candidate.first)?.range;
        let last = &self.page.matches.get(candidate.last)?.range;
        let place = self.positions.get(candidate.first)?;
        let sentence = self.page.sentences.get(place.sentence)?.start;
        let free = self.free(first.start);
        let start = if candidate.whole_sentence {
            sentence
        } else {
            let core = self.positions.get(candidate.last)?.end - place.start;
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

/// A weight in integer thousandths, since floats cannot be added and subtracted exactly.
fn units(weight: f32) -> u64 {
    (f64::from(weight.clamp(0.0, 1e6)) * 1000.0) as u64 + 1
}

/// The terms in a moving window and their total weight.
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
                worth + worth * (count - 1).min(MAX_REPEATS) * REPEATED_PERCENT / 100
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
