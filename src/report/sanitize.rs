//! Sanitizes text from clippings for display.
//!
//! A page may contain escape sequences that move the cursor or set the window title, and
//! bidirectional controls that disguise a line. A spreadsheet evaluates cells that begin with `=`.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::CharIndices;

/// Sanitizes `text` as one line for a terminal: drops escape sequences, control characters and
/// bidirectional controls; line breaks and tabs become spaces.
pub fn line(text: &str) -> Cow<'_, str> {
    clean(text, false)
}

/// Like [`line()`], with line breaks kept.
pub fn paragraphs(text: &str) -> Cow<'_, str> {
    clean(text, true)
}

/// Sanitizes a CSV cell as for a terminal, with line breaks, and prepends an apostrophe to what a
/// spreadsheet would evaluate.
///
/// Source: OWASP, "CSV Injection": cells that begin with `=`, `+`, `-`, `@`, tab or carriage
/// return. East Asian editions of Excel accept the full-width forms of these signs, too.
pub fn cell(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let text = paragraphs(text);
    if formula
        || text
            .trim_start()
            .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
    {
        Cow::Owned(format!("'{text}"))
    } else {
        text
    }
}

/// Makes JSON safe on a terminal: control characters and bidirectional controls, which JSON allows
/// in strings, are escaped as `\u....`. The data stay the same.
pub fn json(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe_in_json) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe_in_json(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn is_unsafe_in_json(c: char) -> bool {
    c >= '\u{7f}' && (is_control(c) || is_invisible(c) || is_line_break(c))
}

fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\x1f' | '\x7f'..='\u{9f}')
}

/// Bidirectional controls, and invisible characters that can hide text. Joiners are allowed, since
/// emoji need them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

fn clean(text: &str, keep_breaks: bool) -> Cow<'_, str> {
    let harmless = |c: char| {
        !(is_control(c) || is_invisible(c) || is_line_break(c)) || keep_breaks && c == '\n'
    };
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.char_indices().peekable();
    while let Some((_, c)) = chars.next() {
        match c {
            '\x1b' => escape_sequence(&mut chars),
            // The one-character form of ESC [.
            '\u{9b}' => control_sequence(&mut chars),
            '\r' if chars.peek().is_some_and(|(_, n)| *n == '\n') => {}
            '\t' => out.push(' '),
            c if is_line_break(c) => out.push(if keep_breaks { '\n' } else { ' ' }),
            c if harmless(c) => out.push(c),
            _ => {}
        }
    }
    Cow::Owned(out)
}

/// Skips what follows ESC (ECMA-48): a control sequence, a control string, or one character.
fn escape_sequence(chars: &mut Peekable<CharIndices<'_>>) {
    match chars.peek().map(|(_, c)| *c) {
        Some('[') => {
            chars.next();
            control_sequence(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            control_string(chars);
        }
        // Character sets: ESC ( B.
        Some(' '..='/') => {
            chars.next();
            chars.next_if(|(_, c)| ('0'..='~').contains(c));
        }
        Some('0'..='~') => {
            chars.next();
        }
        _ => {}
    }
}

/// Skips the parameters and the final character of a control sequence.
fn control_sequence(chars: &mut Peekable<CharIndices<'_>>) {
    while chars.next_if(|(_, c)| (' '..='?').contains(c)).is_some() {}
    chars.next_if(|(_, c)| ('@'..='~').contains(c));
}

/// Skips a terminated control string such as a window title. For an unterminated one, drops only
/// its introducer, since skipping would swallow the article.
fn control_string(chars: &mut Peekable<CharIndices<'_>>) {
    /// Longer than real ones: titles, links, colors.
    const MAX_LEN: usize = 2048;
    let mut ahead = chars.clone();
    for _ in 0..MAX_LEN {
        match ahead.next().map(|(_, c)| c) {
            Some('\x07' | '\u{9c}') => {
                *chars = ahead;
                return;
            }
            Some('\x1b') => {
                if ahead.next_if(|(_, c)| *c == '\\').is_some() {
                    *chars = ahead;
                }
                return;
            }
            Some(c) if !is_control(c) => {}
            _ => return,
        }
    }
}

/// For content and attributes of XML (XML 1.0, 2.4): escaped, without control characters, which XML
/// does not allow even escaped.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Not characters of XML.
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_go_and_the_text_stays() {
        for (text, expected) in [
            ("보통 글", "보통 글"),
            ("\x1b[31m빨강\x1b[0m", "빨강"),
            ("\x1b]0;제목\x07글", "글"),
            ("\x1b]8;;http://a.example\x1b\\링크\x1b]8;;\x1b\\", "링크"),
            ("\u{9b}31m빨강", "빨강"),
            ("\x1b]끝이 없는 글", "끝이 없는 글"),
            ("\x1b(B글\x1b", "글"),
            ("\x1bc글", "글"),
            ("앞\u{202e}뒤\u{2066}", "앞뒤"),
            ("한\r\n줄\t글\u{85}", "한 줄 글"),
            ("👨\u{200d}👩", "👨\u{200d}👩"),
        ] {
            assert_eq!(line(text), expected, "{text:?}");
        }
        assert_eq!(paragraphs("가\r\n나\u{2028}다"), "가\n나\n다");
    }

    #[test]
    fn formulas_are_defused() {
        assert_eq!(cell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(cell("-5% 급락"), "'-5% 급락");
        assert_eq!(cell("\t=1"), "' =1");
        assert_eq!(cell(" \x1b[0m@a"), "' @a");
        assert_eq!(cell("＝1"), "'＝1");
        assert_eq!(cell("5-3"), "5-3");
    }

    #[test]
    fn json_keeps_its_data() {
        let text = "a\u{9b}b\u{202e}c\u{7f}\u{e0001}한";
        let written = serde_json::to_string(text).unwrap();
        let safe = json(&written);
        assert!(safe.chars().all(|c| !is_unsafe_in_json(c)));
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
    }

    proptest! {
        #[test]
        fn nothing_harmful_comes_through(text in "([\\PC]|[\u{0}-\u{20}\u{7f}-\u{9f}\u{202a}-\u{202e}]|\x1b[\\[\\]P(]|[=+@-]){0,40}") {
            for (shown, breaks) in [(line(&text), false), (paragraphs(&text), true), (cell(&text), true)] {
                for c in shown.chars() {
                    prop_assert!(!is_invisible(c));
                    prop_assert!(!is_control(c) || breaks && c == '\n', "{:?}", c);
                }
            }
            prop_assert!(!cell(&text).starts_with(['=', '+', '-', '@']));
        }
    }
}
