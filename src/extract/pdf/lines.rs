//! From glyphs to the lines that a reader sees, without the margins of every page.

use rustc_hash::FxHashMap;

use super::content::{Glyph, GlyphText, Glyphs};
use crate::extract::tidy::{self, skeleton};
use crate::hangul::is_syllable;

/// Two glyphs are on one line when their baselines differ by less than this, in ems.
const SAME_LINE: f32 = 0.3;
/// A gap wider than this, in ems, is a space ...
const SPACE: f32 = 0.18;
/// ... or than this, beside a letter of another script in a file that shows its spaces: word
/// processors set Latin letters and digits a little apart from Hangul.
const SCRIPTS: f32 = 0.5;
/// ... and one wider than this parts columns.
const COLUMN: f32 = 2.2;
/// A space has about this width.
const NARROW_SPACE: f32 = 0.25;
/// The margins, in which running heads stand: a share of a page's height at its top and at its foot.
const MARGIN: f32 = 0.07;
/// The outermost margin, in which browsers print: theirs are 0.4 inches wide.
const OUTERMOST: f32 = 0.035;

/// A line of text.
#[derive(Debug, Clone, Default)]
pub struct Line {
    pub text: String,
    pub page: usize,
    pub x: f32,
    pub end: f32,
    pub y: f32,
    pub size: f32,
    /// How much wider it was made to fill its column.
    pub stretch: f32,
    /// The line ends in a space that is shown: the word at its end is whole.
    pub ends_in_space: bool,
}

/// The lines of all pages, in the order in which they are shown.
pub struct Lines {
    pub list: Vec<Line>,
    heights: Vec<f32>,
}

impl Lines {
    /// Puts glyphs together.
    pub fn of(glyphs: &Glyphs) -> Lines {
        let mut list: Vec<Line> = Vec::new();
        let mut line = Line::default();
        let spaces = glyphs.list.iter().filter(|glyph| glyph.is_space()).count();
        let shows_spaces = spaces * 50 > glyphs.list.len();
        for glyph in &glyphs.list {
            if !line.takes(glyph) {
                line.finish(&mut list);
                line = Line {
                    page: glyph.page,
                    x: glyph.x,
                    end: glyph.x,
                    y: glyph.y,
                    size: glyph.size,
                    ..Line::default()
                };
            }
            line.push(glyph, shows_spaces);
        }
        line.finish(&mut list);
        Lines {
            list,
            heights: glyphs.heights.clone(),
        }
    }

    /// Removes what programs print in the margins (URL, title, time of printing, page number) and
    /// text repeated in the margins of several pages. Returns the URL.
    pub fn drop_margins(&mut self, title: Option<&str>) -> Option<String> {
        let mut alike: FxHashMap<String, usize> = FxHashMap::default();
        let within = |share| -> Vec<bool> {
            let lines = self.list.iter();
            lines.map(|line| self.is_in_margin(line, share)).collect()
        };
        let (in_margin, is_outermost) = (within(MARGIN), within(OUTERMOST));
        for (line, _) in self.list.iter().zip(&in_margin).filter(|(_, is)| **is) {
            *alike.entry(without_digits(&line.text)).or_default() += 1;
        }
        let title = title.map(skeleton).filter(|title| !title.is_empty());
        // A browser prints its own head and foot, both or neither.
        let printed = || self.list.iter().zip(&is_outermost).filter(|(_, is)| **is);
        let is_print = printed().any(|(line, _)| {
            line.text.contains("://") || title.as_ref() == Some(&skeleton(&line.text))
        });
        let url = printed().find_map(|(line, _)| address(line));
        let margins = in_margin.iter().zip(&is_outermost);
        let keep: Vec<bool> = margins
            .zip(&self.list)
            .map(|((is_margin, is_outermost), line)| {
                let repeats = alike
                    .get(&without_digits(&line.text))
                    .is_some_and(|count| *count > 1);
                let is_number = line
                    .text
                    .chars()
                    .all(|c| c.is_ascii_digit() || " -–—/·|".contains(c));
                !(*is_margin && (repeats || is_number) || *is_outermost && is_print)
            })
            .collect();
        let mut keep = keep.into_iter();
        self.list.retain(|_| keep.next().unwrap_or(true));
        url
    }

    fn is_in_margin(&self, line: &Line, share: f32) -> bool {
        let height = self.heights.get(line.page).copied().unwrap_or(842.0);
        line.y < height * share || line.y + line.size > height * (1.0 - share)
    }
}

/// The address that a line begins with, when it is there whole.
fn address(line: &Line) -> Option<String> {
    let word = line.text.split(' ').next().unwrap_or_default();
    let is_web = word.starts_with("http://") || word.starts_with("https://");
    (is_web && !word.ends_with('…')).then(|| word.to_owned())
}

/// A running head without what changes from page to page.
fn without_digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

impl Line {
    /// Whether another line is set in the same size.
    pub fn is_sized_as(&self, other: &Line) -> bool {
        (self.size - other.size).abs() <= self.size * 0.08
    }

    /// Whether a glyph continues this line.
    fn takes(&self, glyph: &Glyph) -> bool {
        let em = self.size.max(glyph.size);
        let gap = glyph.x - self.end;
        !self.text.is_empty()
            && self.page == glyph.page
            && (self.y - glyph.y).abs() < em * SAME_LINE
            && gap < em * COLUMN
            && gap > -em * 1.2
    }

    fn push(&mut self, glyph: &Glyph, shows_spaces: bool) {
        let em = self.size.max(glyph.size);
        let gap = glyph.x - self.end;
        let mut buffer = [0; 4];
        let text: &str = match &glyph.text {
            GlyphText::Char(c) => c.encode_utf8(&mut buffer),
            GlyphText::String(text) => text,
        };
        // Bold by printing twice: the same again in nearly the same place.
        if gap < -em * 0.4 && self.text.ends_with(text) {
            return;
        }
        let before = self.text.chars().last();
        let is_mixed = before.map(is_syllable) != text.chars().next().map(is_syllable);
        let space = match shows_spaces && is_mixed {
            true => SCRIPTS,
            false => SPACE,
        };
        if gap > em * space && !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
            self.stretch -= em * NARROW_SPACE;
        }
        self.text.push_str(text);
        // The gap between scripts is there in every line, however full it is.
        if !(is_mixed && gap < em * SCRIPTS) {
            self.stretch += gap;
        }
        self.end = self.end.max(glyph.end);
        self.size = em;
    }

    fn finish(mut self, list: &mut Vec<Line>) {
        self.ends_in_space = self.text.ends_with([' ', '\u{a0}', '\u{3000}']);
        self.text = tidy::line(&self.text);
        if !self.text.is_empty() {
            list.push(self);
        }
    }
}
