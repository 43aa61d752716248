//! The extent of a passage and its rendering.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use super::{Match, Passage};

/// Maximum number of characters shown of an eojeol before a match inside it.
const MAX_BEGINNING: usize = 10;

const ELLIPSIS: char = '…';

/// A text with its sentences and matches.
pub(super) struct MatchedText<'a> {
    pub(super) text: &'a str,
    /// Byte ranges.
    pub(super) sentences: &'a [Range<usize>],
    /// In text order.
    pub(super) matches: &'a [&'a Match],
    /// Maximum length of a passage, including ellipses.
    pub(super) max_chars: usize,
}

/// Byte range of a passage, and where it cuts a sentence.
pub(super) struct Cut {
    pub(super) range: Range<usize>,
    before: bool,
    after: bool,
}

impl MatchedText<'_> {
    pub(super) fn starts_sentence(&self, at: usize) -> bool {
        self.sentences
            .binary_search_by_key(&at, |s| s.start)
            .is_ok()
    }

    /// Extends a passage from `start` as far as possible: to the end of a sentence if that loses no
    /// match or little space, otherwise to the end of an eojeol. `core` is the end of the last
    /// match to include if possible, `first` that of the match to include in any case. Never
    /// reaches past `border`.
    pub(super) fn fill(
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
            // Reserve the last character for an ellipsis.
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

    /// Start of the first eojeol at most `most` characters before `at`, not before `border`. If
    /// `at` is inside an eojeol, a few characters more are allowed to reach its beginning.
    pub(super) fn back_to_eojeol(&self, at: usize, border: usize, most: usize) -> usize {
        let before = self.text.get(border..at).unwrap_or_default();
        let inside = before
            .chars()
            .next_back()
            .is_some_and(|c| !c.is_whitespace());
        let most = most + if inside { MAX_BEGINNING } else { 0 };
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

    /// The matches completely inside the range.
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

    /// Renders a passage with its highlights.
    pub(super) fn render(&self, cut: Cut) -> Option<Passage> {
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

/// Text with collapsed white space.
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
