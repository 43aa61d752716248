//! From lines to paragraphs, the headline first.
//!
//! A page breaks its lines where they are full. Korean is broken between words or between any two
//! syllables; the line ends show which of the two a file does.

use super::lines::{Line, Lines};
use super::spacing::is_space_likely;
use crate::extract::tidy::{self, skeleton};
use crate::hangul::is_syllable;

/// A headline is larger than the text by this factor at least.
const HEADLINE: f32 = 1.25;

/// The text of all lines, one paragraph per line. The largest text on the first page comes first; if
/// nothing is larger than the rest, the document's title does, provided the text repeats it.
pub fn text(lines: &Lines, title: Option<&str>) -> String {
    let breaks = Breaks::of(&lines.list);
    let mut paragraphs: Vec<(f32, usize, String)> = Vec::new();
    let mut before: Option<&Line> = None;
    for (at, line) in lines.list.iter().enumerate() {
        match (before.filter(|_| breaks.is_soft(at)), paragraphs.last_mut()) {
            (Some(before), Some((_, _, paragraph))) => {
                if breaks.is_between_words(before, line) {
                    paragraph.push(' ');
                }
                paragraph.push_str(&line.text);
            }
            _ => paragraphs.push((line.size, line.page, line.text.clone())),
        }
        before = Some(line);
    }
    let body = breaks.body_size;
    let headline = paragraphs
        .iter()
        .enumerate()
        .filter(|(_, (size, page, text))| {
            *page == 0 && *size >= body * HEADLINE && tidy::weight(text) >= 6
        })
        .max_by(|(i, (a, ..)), (j, (b, ..))| a.total_cmp(b).then(j.cmp(i)))
        .map(|(at, _)| at);
    let headline = match (headline, title) {
        (Some(at), _) => Some(paragraphs.remove(at).2),
        (None, Some(title)) => {
            let title = skeleton(title);
            let said = paragraphs.iter().position(|(_, _, text)| {
                tidy::weight(text) >= 6 && title.starts_with(&skeleton(text))
            });
            said.map(|at| paragraphs.remove(at).2)
        }
        (None, None) => None,
    };
    let mut out = String::new();
    for text in headline
        .iter()
        .chain(paragraphs.iter().map(|(_, _, text)| text))
    {
        out.push_str(text);
        out.push_str("\n\n");
    }
    out
}

/// How the lines of a file are broken.
struct Breaks<'a> {
    lines: &'a [Line],
    /// Size of most of the text.
    body_size: f32,
    /// Full lines would still have room for a syllable: words are not broken.
    keeps_words: bool,
    /// The program that wrote the file draws the space after the last word of a line.
    shows_spaces: bool,
}

impl<'a> Breaks<'a> {
    fn of(lines: &'a [Line]) -> Breaks<'a> {
        let mut breaks = Breaks {
            lines,
            body_size: body_size(lines),
            keeps_words: false,
            shows_spaces: false,
        };
        let (mut all, mut roomy, mut spaces) = (0, 0, 0);
        for (at, line) in lines.iter().enumerate() {
            if breaks.is_soft(at + 1) {
                all += 1;
                let room = breaks.room(at, line) + line.stretch.max(0.0);
                roomy += usize::from(room > line.size * 1.05);
                spaces += usize::from(line.ends_in_space);
            }
        }
        breaks.keeps_words = roomy * 5 > all;
        breaks.shows_spaces = spaces * 10 > all;
        breaks
    }

    /// Whether the line with this number goes on with the text of the one before it.
    fn is_soft(&self, number: usize) -> bool {
        let Some(at) = number.checked_sub(1) else {
            return false;
        };
        let (Some(line), Some(next)) = (self.lines.get(at), self.lines.get(number)) else {
            return false;
        };
        let size = line.size;
        if !line.is_sized_as(next) {
            return false;
        }
        if next.page == line.page {
            let down = line.y - next.y;
            let is_next_row = down > size * 0.5 && down < size * 2.1;
            // The next column begins higher up; a smaller step down is the same paragraph.
            let is_next_column = down < -size * 2.0 && next.x > line.end - size;
            if !is_next_row && !is_next_column {
                return false;
            }
            if is_next_row && (next.x - line.x).abs() > size * 2.5 {
                return false;
            }
            // More space than between the lines before: a new paragraph.
            if is_next_row && down > self.spacing(at, line) * 1.35 {
                return false;
            }
        }
        // The first word of the next line would have had room: the break is meant.
        let word = next.text.split(' ').next().unwrap_or_default();
        let letters = next.text.chars().count().max(1) as f32;
        let width = (next.end - next.x) / letters * word.chars().count() as f32;
        self.room(at, line) < width + size * 0.6
    }

    /// The least distance of two lines of this size on the page: that within a paragraph.
    fn spacing(&self, at: usize, line: &Line) -> f32 {
        self.near(at)
            .windows(2)
            .filter_map(|pair| match pair {
                [a, b] if a.page == b.page && line.is_sized_as(a) && line.is_sized_as(b) => {
                    Some(a.y - b.y).filter(|down| (a.size * 0.5..a.size * 2.1).contains(down))
                }
                _ => None,
            })
            .fold(line.size * 2.1, f32::min)
    }

    /// Free space after a line, up to the furthest end of a line in the same column.
    fn room(&self, at: usize, line: &Line) -> f32 {
        let right = self
            .near(at)
            .iter()
            .filter(|other| {
                other.page == line.page
                    && line.is_sized_as(other)
                    && (other.x - line.x).abs() < line.size * 3.0
            })
            .map(|other| other.end)
            .fold(line.end, f32::max);
        right - line.end
    }

    /// The lines around one: enough to see a column by, few enough to look at for every line.
    fn near(&self, at: usize) -> &'a [Line] {
        const AROUND: usize = 40;
        let end = (at + AROUND).min(self.lines.len());
        self.lines
            .get(at.saturating_sub(AROUND)..end)
            .unwrap_or(self.lines)
    }

    /// Whether a soft break is between two words. Where words are broken and no space is shown at
    /// the end of a line, the signs beside the break tell.
    fn is_between_words(&self, line: &Line, next: &Line) -> bool {
        if line.ends_in_space {
            return true;
        }
        // A number and its unit (`300그루`) are one word, though word processors part them.
        if line.text.ends_with(|c: char| c.is_ascii_digit()) && next.text.starts_with(is_syllable) {
            return false;
        }
        if self.keeps_words {
            return true;
        }
        let is_latin = |c: char| c.is_ascii_alphanumeric();
        if line.text.ends_with(is_latin) && next.text.starts_with(is_latin) {
            return true;
        }
        if self.shows_spaces {
            return false;
        }
        match (line.text.chars().last(), next.text.chars().next()) {
            (Some(last), Some(first)) if is_syllable(last) && is_syllable(first) => {
                is_space_likely(last, first)
            }
            // A closing sign ends a word, an opening one begins it.
            (Some(last), Some(first)) => {
                ".,?!”’):;…".contains(last) || "“‘([<〈《「『".contains(first)
            }
            _ => true,
        }
    }
}

/// The size in which most characters are set.
fn body_size(lines: &[Line]) -> f32 {
    let mut sizes: Vec<(f32, usize)> = Vec::new();
    for line in lines.iter().take(10_000) {
        let weight = tidy::weight(&line.text);
        match sizes
            .iter_mut()
            .find(|(size, _)| (size - line.size).abs() < 0.3)
        {
            Some((_, count)) => *count += weight,
            None => sizes.push((line.size, weight)),
        }
    }
    sizes
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map_or(10.0, |(size, _)| size)
}
