//! Decks: lines between headline and text that summarize the article.

use super::blocks::Block;
use super::byline;
use super::clean::Parts;
use super::date;
use super::evidence::{Decision, Sign, Weighing};
use super::furniture;
use super::hints::Hint;
use super::page::View;
use super::tidy::{self, skeleton};
use crate::hangul;

/// Number of lines after the headline that may be decks.
const WITHIN: usize = 16;

impl View<'_> {
    /// The decks above the text. `parts` is the text, if known.
    pub(super) fn decks(&self, headline: &str, parts: &Parts) -> Vec<String> {
        let decks = self.weighed_decks(headline, parts).into_iter();
        decks.map(|(text, _)| text).collect()
    }

    /// The decks with the signs that decided; none for the end of the headline's own line.
    pub(super) fn weighed_decks(
        &self,
        headline: &str,
        parts: &Parts,
    ) -> Vec<(String, Option<Weighing>)> {
        let bare = skeleton(headline);
        let start = self.start();
        let at = self.headline_at(headline);
        let mut out: Vec<(String, Option<Weighing>)> = Vec::new();
        let mut add = |text: &str, weighing: Option<Weighing>| {
            let known = skeleton(text);
            if !known.is_empty() && known != bare && !out.iter().any(|o| skeleton(&o.0) == known) {
                out.push((text.to_owned(), weighing));
            }
        };
        let blocks = self.blocks();
        if let Some(title) = at.and_then(|at| blocks.get(at))
            && let Some(rest) = behind(&title.text, &bare)
            && tidy::weight(rest) >= 6
            && furniture::action_of(rest).is_none()
            && byline::line(rest).is_none()
            && date::find_all(rest).next().is_none()
        {
            add(rest, None);
        }
        let from = at.map_or(start.saturating_sub(40), |at| at + 1);
        let first = parts.paragraphs.first().map(|p| skeleton(p));
        let mut below = at.is_some();
        for (n, block) in blocks
            .get(from..start)
            .unwrap_or_default()
            .iter()
            .enumerate()
        {
            if !may_be_deck(block) || skeleton(&block.text) == bare {
                // A deck may follow a bar of buttons, but not a byline or date.
                below &= block.chars < 6 || block.hint.is_some_and(Hint::is_furniture);
                continue;
            }
            let place = DeckPosition {
                at: from + n,
                title: at.and_then(|at| blocks.get(at)),
                is_below: below && n < WITHIN,
            };
            let weighing = self.weigh_deck(block, &place, first.as_deref());
            if weighing.decides(Decision::Deck) {
                add(&block.text, Some(weighing));
            } else {
                below = false;
            }
        }
        out
    }

    /// Weighs the signs of a deck. `first` is the skeleton of the first paragraph.
    fn weigh_deck(&self, block: &Block, place: &DeckPosition<'_>, first: Option<&str>) -> Weighing {
        let blocks = self.blocks();
        let mut weighing = Weighing::new(self.without);
        let mut note = |sign, holds| weighing.note(sign, holds);
        let text = &block.text;
        note(Sign::DeckElement, block.hint == Some(Hint::Deck));
        note(Sign::BelowHeadline, place.is_below);
        note(
            Sign::SameContainer,
            place.title.is_some_and(|title| {
                let parent = |b: &Block| self.document.parent(b.container);
                title.container == block.container || parent(title) == parent(block)
            }),
        );
        note(Sign::BesideText, self.is_beside_text(place.at));
        note(
            Sign::DeckMark,
            text.starts_with(['-', '–', '·', '◆', '■', '▶', '△', '○', '◇', '…']),
        );
        note(Sign::DeckHeading, block.heading > 0 || block.is_bold());
        note(
            Sign::AboveByline,
            blocks
                .get(place.at + 1..self.start())
                .unwrap_or_default()
                .iter()
                .take(WITHIN)
                .any(is_byline_or_date),
        );
        let known = skeleton(text);
        note(
            Sign::RepeatsText,
            first.is_some_and(|f| f.starts_with(&known)),
        );
        note(Sign::LinkedLine, block.link_share() > 0.5);
        note(Sign::TinyLine, tidy::weight(text) < 6);
        note(
            Sign::Elsewhere,
            blocks
                .iter()
                .filter(|b| b.chars == block.chars && b.text == *text)
                .count()
                > 2,
        );
        weighing
    }
}

/// Where a block stands that may be a deck.
struct DeckPosition<'a> {
    /// Its number.
    at: usize,
    title: Option<&'a Block>,
    /// It is close below the headline, with only decks between.
    is_below: bool,
}

impl View<'_> {
    /// A short line in a sibling of the text's element, with only pictures and their captions between
    /// the two.
    fn is_beside_text(&self, n: usize) -> bool {
        let Some(content) = &self.content else {
            return false;
        };
        let blocks = self.blocks();
        // The element may be the inner one of two that contain only the text.
        let parent = self.document.parent(content.root);
        let parents = [parent, self.document.parent(parent)];
        let is_sibling = |b: &Block| {
            let around = [b.container, self.document.parent(b.container)];
            around
                .iter()
                .any(|at| parents.contains(&self.document.parent(*at)) && !parents.contains(at))
                || b.is_bold() && parents.contains(&b.container)
        };
        let is_picture =
            |b: &Block| b.figure || b.after_image || b.repeats_alt || b.hint == Some(Hint::Caption);
        let between = blocks.get(n + 1..content.lines.start).unwrap_or_default();
        blocks.get(n).is_some_and(|b| {
            b.chars <= 80 && !b.after_image && !furniture::is_sentence(&b.text) && is_sibling(b)
        }) && between.len() <= 10
            && between
                .iter()
                .all(|b| is_picture(b) || is_sibling(b) && may_be_deck(b))
    }
}

fn is_byline_or_date(block: &Block) -> bool {
    matches!(block.hint, Some(Hint::Byline | Hint::Date))
        || block.chars <= 80
            && (date::find_all(&block.text).next().is_some() || byline::line(&block.text).is_some())
}

fn may_be_deck(block: &Block) -> bool {
    let hinted = match block.hint {
        None | Some(Hint::Deck | Hint::Headline | Hint::Body) => true,
        Some(_) => false,
    };
    hinted
        && !block.figure
        && (4..=240).contains(&block.chars)
        && hangul::has_syllable(&block.text)
        && furniture::action_of(&block.text).is_none()
        && !byline::is_signature(&block.text)
        && !is_byline_or_date(block)
        && !is_path(&block.text)
}

/// `홈 > 뉴스 > 경제`
fn is_path(text: &str) -> bool {
    text.matches(['>', '›', '»', '|']).count() >= 1 && tidy::weight(text) <= 30
}

/// The rest of a line that begins with the headline.
fn behind<'a>(line: &'a str, bare: &str) -> Option<&'a str> {
    let mut left = bare.chars();
    let mut expected = left.next();
    for (at, c) in line.char_indices() {
        let mut letters = c.to_lowercase().filter(|c| c.is_alphanumeric());
        let Some(letter) = letters.next() else {
            continue;
        };
        match expected {
            Some(wanted) if wanted == letter => {
                expected = left.next();
                for more in letters {
                    if expected != Some(more) {
                        return None;
                    }
                    expected = left.next();
                }
            }
            Some(_) => return None,
            None => {
                // Signs right before the letter belong to the rest: an opening quotation mark.
                let signs = line[..at]
                    .char_indices()
                    .rev()
                    .take_while(|(_, c)| {
                        matches!(
                            c,
                            '‘' | '“' | '"' | '\'' | '[' | '<' | '(' | '-' | '◆' | '■'
                        )
                    })
                    .last()
                    .map_or(at, |(from, _)| from);
                return Some(line[signs..].trim());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_headline_on_its_line_is_the_deck() {
        let bare = skeleton("봄꽃 축제, 내일 열린다");
        assert_eq!(
            behind("봄꽃 축제, 내일 열린다 ‘작은 무대’ 스무 곳", &bare),
            Some("‘작은 무대’ 스무 곳")
        );
        assert_eq!(behind("봄꽃 축제, 내일 열린다!", &bare), None);
        assert_eq!(behind("봄꽃 시장", &bare), None);
    }
}
