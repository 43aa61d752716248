//! Wraps text with highlights to the width of a terminal.
//!
//! Widths are terminal columns: a Hangul syllable takes two. Lines break between eojeols; one wider
//! than a line is broken anywhere.

use std::fmt::Write as _;

use anstyle::Style as Look;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Style, sanitize};

/// A span of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) marked: bool,
}

/// Splits `text` at its marks (`[start, end)` in characters, sorted) and sanitizes each part for
/// one line of a terminal.
pub(super) fn pieces(text: &str, marks: &[(usize, usize)]) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(2 * marks.len() + 1);
    let mut chars = text.chars();
    let mut at = 0;
    let mut take = |to: usize, marked: bool| {
        let part: String = chars.by_ref().take(to.saturating_sub(at)).collect();
        at = at.max(to);
        if !part.is_empty() {
            pieces.push(Piece {
                text: sanitize::line(&part).into_owned(),
                marked,
            });
        }
    };
    for (start, end) in marks {
        take(*start, false);
        take(*end, true);
    }
    take(usize::MAX, false);
    pieces
}

/// Wraps sanitized `text` in one style; see [`wrapped`].
pub(super) fn paragraph(text: &str, indent: usize, look: Look, style: Style) -> String {
    wrapped(&pieces(text, &[]), indent, look, look, style)
}

/// Wraps pieces to lines with `indent` spaces before and a line break after each.
pub(super) fn wrapped(
    pieces: &[Piece],
    indent: usize,
    plain: Look,
    marked: Look,
    style: Style,
) -> String {
    let room = style
        .width
        .map(|width| width.saturating_sub(indent).max(16));
    let mut lines = Lines {
        out: String::new(),
        indent,
        room: room.unwrap_or(usize::MAX),
        looks: style.color.then_some((plain, marked)),
        current: None,
        column: 0,
        begun: false,
        space: false,
    };
    for word in words(pieces) {
        lines.word(&word);
    }
    lines.finish()
}

/// Splits pieces into eojeols, each of one or more pieces.
fn words(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut words: Vec<Vec<Piece>> = vec![Vec::new()];
    for piece in pieces {
        for (n, part) in piece.text.split(' ').enumerate() {
            if n > 0 {
                words.push(Vec::new());
            }
            if let Some(word) = words.last_mut().filter(|_| !part.is_empty()) {
                word.push(Piece {
                    text: part.to_owned(),
                    marked: piece.marked,
                });
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

struct Lines {
    out: String,
    indent: usize,
    room: usize,
    /// Styles of plain and of marked text; `None` without colors.
    looks: Option<(Look, Look)>,
    /// The active style.
    current: Option<Look>,
    column: usize,
    /// Whether the line has any text, even of width 0.
    begun: bool,
    space: bool,
}

impl Lines {
    fn word(&mut self, word: &[Piece]) {
        let width: usize = word.iter().map(|p| p.text.width()).sum();
        if self.space && self.column + 1 + width > self.room {
            self.break_line();
        }
        for piece in word {
            self.piece(piece);
        }
        self.space = true;
    }

    fn piece(&mut self, piece: &Piece) {
        let look = self
            .looks
            .map(|(plain, marked)| if piece.marked { marked } else { plain })
            .filter(|look| *look != Look::new());
        self.switch(look);
        for c in piece.text.chars() {
            let width = c.width().unwrap_or(0);
            if self.column > 0 && self.column + width > self.room {
                self.break_line();
                self.switch(look);
            }
            self.out.push(c);
            self.column += width;
        }
    }

    /// Switches styles, with pending white space in between: a space, or the indent of a new line.
    fn switch(&mut self, look: Option<Look>) {
        if self.current != look {
            self.look_off();
        }
        if !self.begun {
            self.begun = true;
            self.out.extend(std::iter::repeat_n(' ', self.indent));
        } else if self.space {
            self.out.push(' ');
            self.column += 1;
        }
        self.space = false;
        if let Some(look) = look.filter(|_| self.current != look) {
            // Writing to a string does not fail.
            let _ = write!(self.out, "{look}");
            self.current = Some(look);
        }
    }

    fn look_off(&mut self) {
        if let Some(look) = self.current.take() {
            let _ = write!(self.out, "{look:#}");
        }
    }

    fn break_line(&mut self) {
        self.look_off();
        self.out.push('\n');
        self.column = 0;
        self.begun = false;
        self.space = false;
    }

    fn finish(mut self) -> String {
        if !self.out.is_empty() {
            self.break_line();
        }
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(text: &str, width: usize) -> String {
        let style = Style {
            color: false,
            width: Some(width),
            ..Style::default()
        };
        paragraph(text, 2, Look::new(), style)
    }

    #[test]
    fn lines_break_between_eojeols_by_their_width() {
        assert_eq!(
            plain("가나다라 마바사아 자차카타", 20),
            "  가나다라 마바사아\n  자차카타\n"
        );
        assert_eq!(
            plain(&"가".repeat(20), 22),
            format!("  {}\n  {}\n", "가".repeat(10), "가".repeat(10))
        );
        assert_eq!(plain("", 20), "");
    }

    #[test]
    fn marks_are_bold_and_do_not_span_lines() {
        let style = Style {
            color: true,
            width: Some(18),
            ..Style::default()
        };
        let bold = Look::new().bold();
        assert_eq!(
            wrapped(
                &pieces("가나다라 마바사아는", &[(0, 2), (3, 9)]),
                0,
                Look::new(),
                bold,
                style
            ),
            "\x1b[1m가나\x1b[0m다\x1b[1m라\x1b[0m\n\x1b[1m마바사아\x1b[0m는\n"
        );
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_is_lost(text in "[가-힣a-z 🚗\u{301}]{0,80}", width in 10usize..60,
            marks in proptest::collection::btree_set(0usize..80, 0..8)) {
            let marks: Vec<usize> = marks.into_iter().collect();
            let marks: Vec<(usize, usize)> = marks.chunks_exact(2).map(|p| (p[0], p[1])).collect();
            let style = Style { width: Some(width), ..Style::default() };
            let out = wrapped(&pieces(&text, &marks), 2, Look::new(), Look::new().bold(), style);
            for line in out.lines() {
                prop_assert!(line.width() <= width.max(18), "{}", line);
            }
            let bare = |t: &str| t.split_whitespace().collect::<String>();
            prop_assert_eq!(bare(&out), bare(&text));
        }
    }
}
