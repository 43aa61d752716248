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
use unicode_width::UnicodeWidthChar;

use super::sentences::sentences;

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

/// How many characters of an eojeol before a match inside it are shown in any case.
const LONGEST_BEGINNING: usize = 10;

const ELLIPSIS: char = '…';

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

/// A text with all that is known about it.
struct Page<'a> {
    text: &'a str,
    sentences: &'a [Range<usize>],
    /// In the order of the text.
    matches: &'a [&'a Match],
    max_chars: usize,
}

/// The bytes of a passage, and where it cuts a sentence.
struct Cut {
    range: Range<usize>,
    before: bool,
    after: bool,
}

impl Page<'_> {
    fn starts_sentence(&self, at: usize) -> bool {
        self.sentences
            .binary_search_by_key(&at, |s| s.start)
            .is_ok()
    }

    /// From `start` as far as fits, to the end of a sentence if that loses no match or little
    /// room, otherwise to the end of an eojeol. `core` is the end of the last match to be shown if
    /// possible, `first` of the one that must be; nothing from `border` on may be.
    fn fill(
        &self,
        start: usize,
        starts_sentence: bool,
        first: usize,
        core: usize,
        border: usize,
    ) -> Option<Cut> {
        let room = self.max_chars.checked_sub(usize::from(!starts_sentence))?;
        let cut = |end: usize, after: bool| Cut {
            range: start..end,
            before: !starts_sentence,
            after,
        };
        let rest = self.text.get(start..border)?;
        let (mut eojeol, mut character) = (None, None);
        let mut fits = border;
        let mut chars = rest.char_indices().enumerate().peekable();
        while let Some((count, (i, c))) = chars.next() {
            if count >= room {
                fits = start + i;
                break;
            }
            let end = start + i + c.len_utf8();
            let next = chars.peek().map(|(_, (_, c))| *c);
            // The last place is needed by the ellipsis.
            if count + 1 < room {
                if !c.is_whitespace() && next.is_none_or(char::is_whitespace) {
                    eojeol = Some(end);
                }
                if character.is_none() || next.is_none_or(|n| n.width() != Some(0)) {
                    character = Some(end);
                }
            }
        }
        let ended = self.sentences.partition_point(|s| s.end <= fits);
        let sentence = ended
            .checked_sub(1)
            .and_then(|i| self.sentences.get(i))
            .map(|s| s.end)
            .filter(|end| *end > start && *end >= core);
        if let Some(end) = sentence {
            let more = eojeol.unwrap_or(end);
            let next = self.matches.partition_point(|m| m.range.start < end);
            let loses = self.matches.get(next).is_some_and(|m| m.range.end <= more);
            let used = self.text.get(start..end)?.chars().count();
            if !loses || used * 2 >= self.max_chars {
                return Some(cut(end, false));
            }
        }
        let end = eojeol.filter(|end| *end >= first).or(character)?;
        Some(cut(end, true))
    }

    /// The start of the first eojeol not more than `most` characters before `at`, nor before
    /// `border`. A match that begins inside its eojeol gets the beginning of it.
    fn back_to_eojeol(&self, at: usize, border: usize, most: usize) -> usize {
        let before = self.text.get(border..at).unwrap_or_default();
        let inside = before
            .chars()
            .next_back()
            .is_some_and(|c| !c.is_whitespace());
        let most = most + if inside { LONGEST_BEGINNING } else { 0 };
        let mut best = at;
        let mut chars = before.char_indices().rev().take(most).peekable();
        while let Some((i, c)) = chars.next() {
            let starts = match chars.peek() {
                Some((_, previous)) => previous.is_whitespace(),
                None => i == 0,
            };
            if !c.is_whitespace() && starts {
                best = border + i;
            }
        }
        best
    }

    /// The matches that lie wholly in the range.
    fn inside(&self, range: &Range<usize>) -> impl Iterator<Item = &Match> {
        let first = self
            .matches
            .partition_point(|m| m.range.start < range.start);
        let (start, end) = (first, range.end);
        self.matches
            .get(start..)
            .unwrap_or_default()
            .iter()
            .take_while(move |m| m.range.start < end)
            .filter(move |m| m.range.end <= end)
            .copied()
    }

    /// The passage of a cut, its matches marked.
    fn render(&self, cut: Cut) -> Option<Passage> {
        let mut marks: Vec<Range<usize>> = Vec::new();
        for m in self.inside(&cut.range) {
            match marks.last_mut() {
                Some(last) if m.range.start <= last.end => last.end = last.end.max(m.range.end),
                _ => marks.push(m.range.clone()),
            }
        }
        let mut line = Line::default();
        if cut.before {
            line.push(ELLIPSIS);
        }
        let mut highlights = Vec::with_capacity(marks.len());
        let mut at = cut.range.start;
        for mark in marks {
            line.extend(self.text.get(at..mark.start)?);
            let from = line.chars;
            line.extend(self.text.get(mark.clone())?);
            highlights.push((from, line.chars));
            at = mark.end;
        }
        line.extend(self.text.get(at..cut.range.end)?);
        if cut.after {
            line.push(ELLIPSIS);
        }
        Some(Passage {
            range: cut.range,
            text: line.text,
            highlights,
            cut_before: cut.before,
            cut_after: cut.after,
        })
    }
}

/// Text with every stretch of white space made one space.
#[derive(Default)]
struct Line {
    text: String,
    chars: usize,
    after_space: bool,
}

impl Line {
    fn push(&mut self, c: char) {
        let space = c.is_whitespace();
        if !(space && self.after_space) {
            self.text.push(if space { ' ' } else { c });
            self.chars += 1;
        }
        self.after_space = space;
    }

    fn extend(&mut self, text: &str) {
        text.chars().for_each(|c| self.push(c));
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every place where one of the words stands; the n-th word is term n.
    fn found(text: &str, words: &[&str]) -> Vec<Match> {
        let mut matches = Vec::new();
        for (term, word) in words.iter().enumerate() {
            for (start, m) in text.match_indices(word) {
                matches.push(Match {
                    range: start..start + m.len(),
                    term: term as u32,
                    weight: 1.0,
                });
            }
        }
        matches
    }

    fn best(text: &str, words: &[&str], max_chars: usize) -> Passage {
        passages(text, &found(text, words), max_chars, 1).remove(0)
    }

    fn marked(passage: &Passage) -> Vec<String> {
        passage
            .highlights
            .iter()
            .map(|(a, b)| passage.text.chars().skip(*a).take(b - a).collect())
            .collect()
    }

    const TEXT: &str = "첫 문장은 날씨를 말한다. 둘째 문장은 바람만 말한다.
셋째 문장에는 바람과 구름이 함께 나온다. 넷째는 딴 이야기다.";

    #[test]
    fn the_sentence_with_most_different_matches_is_shown() {
        let p = best(TEXT, &["바람", "구름"], 30);
        assert_eq!(p.text, "셋째 문장에는 바람과 구름이 함께 나온다.");
        assert_eq!(marked(&p), ["바람", "구름"]);
        assert!(!p.cut_before && !p.cut_after);
        assert_eq!(&TEXT[p.range.clone()], p.text);
    }

    #[test]
    fn short_texts_are_shown_whole() {
        let p = best(TEXT, &["구름"], 160);
        assert_eq!(
            p.text,
            "셋째 문장에는 바람과 구름이 함께 나온다. 넷째는 딴 이야기다."
        );
    }

    #[test]
    fn without_a_match_the_beginning_is_shown() {
        let p = passages(TEXT, &[], 20, 3);
        assert_eq!(p.len(), 1);
        assert_eq!(p[0].text, "첫 문장은 날씨를 말한다.");
        let p = passages(TEXT, &[], 9, 1);
        assert_eq!(p[0].text, "첫 문장은…");
        assert!(p[0].cut_after);
        assert!(passages("  \n ", &[], 20, 1).is_empty());
        assert_eq!(passages("  가 ", &[], 20, 1)[0].text, "가");
    }

    #[test]
    fn a_long_sentence_is_cut_between_eojeols() {
        let filler = "이런저런 말들이 길게 이어지고 ".repeat(20);
        let text = format!("{filler}마침내 하만이 바이트와 만났고 {filler}끝났다.");
        let p = best(&text, &["하만", "바이트"], 40);
        assert!(p.cut_before && p.cut_after);
        assert_eq!(marked(&p), ["하만", "바이트"]);
        assert!(p.text.chars().count() <= 40);
        let inner = p.text.trim_matches('…');
        assert!(text.contains(&format!(" {inner} ")), "{inner}");
    }

    #[test]
    fn several_passages_do_not_overlap_and_show_what_is_new() {
        let text = "가나 하나다. 가나 둘이다. 딴 말이다. 다라 셋이다. 가나 넷이다.";
        let ps = passages(text, &found(text, &["가나", "다라"]), 10, 2);
        assert_eq!(
            ps.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(),
            ["가나 하나다.", "다라 셋이다."]
        );
    }

    #[test]
    fn one_eojeol_longer_than_the_passage_is_cut_inside() {
        let text = format!("{}찾기{}", "가".repeat(300), "나".repeat(300));
        let p = best(&text, &["찾기"], 20);
        assert_eq!(marked(&p), ["찾기"]);
        assert!(p.text.chars().count() <= 20);
    }

    #[test]
    fn a_match_longer_than_the_passage_is_shown_in_part() {
        let text = "가나다라마바사아자차카타파하";
        let p = best(text, &["나다라마바사아자차카타"], 8);
        assert!(p.highlights.is_empty());
        assert!(p.text.chars().count() <= 8);
    }

    #[test]
    fn rare_terms_outweigh_common_ones() {
        let text = "흔한 말과 잦은 말이 있다. 드문 말이 있다.";
        let mut matches = found(text, &["흔한", "잦은", "드문"]);
        for m in &mut matches {
            m.weight = if m.term == 2 { 10.0 } else { 1.0 };
        }
        assert_eq!(passages(text, &matches, 16, 1)[0].text, "드문 말이 있다.");
    }

    #[test]
    fn white_space_is_one_space() {
        let text = "가나\n\n  다라\t마바";
        let p = best(text, &["다라"], 30);
        assert_eq!(p.text, "다라 마바");
        assert_eq!(p.highlights, [(0, 2)]);
    }

    #[test]
    fn ten_megabytes_take_a_moment() {
        let unit = "가나 다라가 마바를 사아한다. ";
        let text = unit.repeat(10_000_000 / unit.len());
        let matches = found(&text, &["다라", "마바"]);
        let begin = std::time::Instant::now();
        assert_eq!(passages(&text, &matches, 160, 5).len(), 5);
        assert!(begin.elapsed().as_secs() < 20);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn passages_keep_their_promises(
            text in "([가나다]{1,6}|[a-c]{1,9}|\\. |다\\. |[ \n\t]|\"|“|”|🚗|\u{301}){0,60}",
            spans in proptest::collection::vec((0usize..400, 0usize..12, 0u32..4, 0.1f32..3.0), 0..20),
            max_chars in 1usize..60,
            n in 1usize..5,
        ) {
            let matches: Vec<Match> = spans
                .into_iter()
                .map(|(at, length, term, weight)| Match { range: at..at + length, term, weight })
                .collect();
            let passages = passages(&text, &matches, max_chars, n);
            prop_assert!(passages.len() <= n);
            prop_assert!(max_chars < 3 || !passages.is_empty() || text.trim().is_empty());
            let mut end = 0;
            for p in &passages {
                prop_assert!(p.range.start >= end && p.range.end > p.range.start);
                end = p.range.end;
                let source = text.get(p.range.clone());
                prop_assert!(source.is_some());
                let source = source.unwrap();
                let chars: Vec<char> = p.text.chars().collect();
                prop_assert!(chars.len() <= max_chars, "{} > {}", chars.len(), max_chars);
                prop_assert!(!p.text.contains(['\n', '\t']));
                let bare: String = p.text.chars().filter(|c| !c.is_whitespace() && *c != '…').collect();
                let bare_source: String = source.chars().filter(|c| !c.is_whitespace()).collect();
                prop_assert_eq!(bare, bare_source);
                let mut last = 0;
                for (a, b) in &p.highlights {
                    prop_assert!(*a >= last && a < b && *b <= chars.len());
                    last = *b;
                    // What is marked is one match, or several that touch.
                    let shown: String = chars[*a..*b].iter().filter(|c| !c.is_whitespace()).collect();
                    let covers = matches.iter().any(|first| {
                        let Some(mut reach) = text.get(first.range.clone()).map(|_| first.range.end) else { return false };
                        while let Some(m) = matches.iter().find(|m| {
                            m.range.start <= reach && m.range.start >= first.range.start && m.range.end > reach
                                && m.range.end <= p.range.end && text.get(m.range.clone()).is_some_and(|t| !t.trim().is_empty())
                        }) {
                            reach = m.range.end;
                        }
                        text.get(first.range.start..reach)
                            .is_some_and(|t| t.chars().filter(|c| !c.is_whitespace()).eq(shown.chars()))
                    });
                    prop_assert!(covers, "{} in {}", shown, p.text);
                }
            }
        }
    }
}
