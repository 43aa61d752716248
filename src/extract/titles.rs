//! Finds lines that may be the headline: headings, bold lines above the text, fields of a board that
//! are labelled as the title.

use super::blocks::Block;
use super::byline;
use super::date;
use super::furniture;
use super::hints::Hint;
use super::page::View;
use super::tidy::skeleton;

impl View<'_> {
    /// Headings before the text and at its beginning, the likeliest headline first: one that the
    /// text or the page's description repeats, then by rank and nearness.
    pub(super) fn headings(&self) -> Vec<String> {
        let start = self.start();
        let blocks = self.blocks();
        let (inside, repeated) = match &self.content {
            Some(c) => (
                c.lines.start..c.lines.end.min(c.lines.start + 12),
                c.lines.start..c.lines.end.min(c.lines.start + 3),
            ),
            None => (0..0, 0..0),
        };
        let echoes: Vec<String> = blocks
            .get(repeated)
            .unwrap_or_default()
            .iter()
            .map(|b| skeleton(&b.text))
            .chain(self.metadata.descriptions().map(skeleton))
            .filter(|e| e.chars().count() >= 8)
            .collect();
        let before = blocks
            .get(start.saturating_sub(120)..start)
            .unwrap_or_default();
        let inside = blocks.get(inside).unwrap_or_default();
        let mut ranked: Vec<(i32, &Block)> = Vec::new();
        for (n, block) in before.iter().rev().chain(inside).enumerate() {
            let titled = block.heading > 0 || block.hint == Some(Hint::Headline);
            // Pages without headings: bold lines, or lines just above the text.
            let above = n < before.len();
            let plain = above
                && block.chars >= 10
                && (block.is_bold() || n < 8)
                && byline::line(&block.text).is_none();
            let bare = skeleton(&block.text);
            // A line of the text does not repeat itself.
            let echoed = block.chars >= 10 && !block.text.ends_with('.') && echoes.contains(&bare);
            // Weblogs link the headline to the page itself, all sites their name to the front page.
            let is_linked = block.link_share() >= 0.5;
            if !(titled || echoed || plain)
                || is_linked && block.heading != 1
                || !(4..=200).contains(&block.chars)
                || block.hint.is_some_and(Hint::is_furniture)
                || furniture::action_of(&block.text).is_some()
                || date::find_all(&block.text).next().is_some()
            {
                continue;
            }
            let rank = match block.heading {
                1 if is_linked => 10,
                1 => 30,
                2 | 3 => 24,
                4..=6 => 18,
                _ if titled => 14,
                _ if block.is_bold() => 4,
                _ => -10,
            };
            let length = if block.chars >= 14 { 12 } else { 0 };
            ranked.push((
                rank + length + if echoed { 40 } else { 0 } - (n as i32).min(60) / 4,
                block,
            ));
        }
        ranked.sort_by_key(|r| std::cmp::Reverse(r.0));
        ranked
            .into_iter()
            .take(30)
            .map(|(_, b)| b.text.clone())
            .collect()
    }

    /// `<th>제목</th><td>...</td>`: boards of public bodies name their fields.
    pub(super) fn labelled_title(&self) -> Option<String> {
        let title = self.labelled(&["제목", "글제목", "제 목", "Title"])?;
        (title.chars >= 4 && title.chars <= 200 && title.link_share() < 0.5)
            .then(|| title.text.clone())
    }

    /// The line after a line that is one of these labels, before the text or at its beginning.
    pub(super) fn labelled(&self, labels: &[&str]) -> Option<&Block> {
        let start = self.content.as_ref().map_or(0, |c| c.lines.start + 3);
        let blocks = self.blocks();
        let before = blocks.get(..start.min(blocks.len()))?;
        let at = before
            .iter()
            .rposition(|b| labels.contains(&b.text.trim_end_matches([':', ' '])))?;
        blocks.get(at + 1)
    }
}
