//! Splits Korean newspaper text into sentences.
//!
//! Used by snippets, which begin and end at sentence boundaries if possible. A sentence ends
//!
//! - at a line break;
//! - at `.`, `?`, `!` or `。`, with the closing marks after it, before white space. Not after the
//!   number of a list or a date (`1. 개요`, `2024. 2. 22.`), after an abbreviation (`D.C.`, `Mr.`) or after
//!   dots that stand for a pause (`...`);
//! - at `다.`, `요.`, `죠.` or `까?` before Hangul even without white space, a frequent slip;
//! - not inside a quotation, which the sentence around it needs: `"간다. 꼭 간다."라고 말했다.`;
//! - before a sign that opens an item: `◇`, `■`, `▶`.

use std::ops::Range;

use crate::hangul::is_syllable;

/// Maximum length of a quotation in bytes, about 200 syllables. In a longer one, sentences are
/// split.
const MAX_QUOTATION_BYTES: usize = 600;

/// Abbreviations that rarely end a sentence, in lower case and without the last dot.
const ABBREVIATIONS: [&str; 24] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "no", "vs", "inc", "co", "ltd", "corp", "jr", "sr",
    "gen", "sen", "rep", "gov", "lt", "col", "etc", "vol", "fig", "pp",
];

/// Maximum number of signs and marks that are read after the sign that ends a sentence.
const MAX_SIGNS: usize = 16;

/// Words that continue the sentence after a quotation, even after white space.
const QUOTATIVES: [&str; 7] = ["라고", "이라고", "라며", "이라며", "고 ", "며 ", "라는"];

/// Byte ranges of the sentences of `text`, trimmed. Every character other than white space is in
/// exactly one.
///
/// Takes linear time.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r', '\u{2028}', '\u{2029}']) {
        split_line(line, start, &mut found);
        start += line.len();
    }
    found
}

fn split_line(line: &str, offset: usize, found: &mut Vec<Range<usize>>) {
    let mut begin = 0;
    let mut at = 0;
    let mut push = |from: usize, to: usize| {
        let part = line.get(from..to).unwrap_or_default();
        let trimmed = part.trim();
        if !trimmed.is_empty() {
            let lead = part.len() - part.trim_start().len();
            found.push(offset + from + lead..offset + from + lead + trimmed.len());
        }
    };
    let mut before = None;
    while let Some(c) = next_char(line, at) {
        let after = at + c.len_utf8();
        let mut end = None;
        if let Some(close) = closing(c)
            && let Some(past) = quotation_end(line, after, close)
        {
            // A quotation that ends like a sentence may end the enclosing one.
            let inside_end = line.get(..past - close.len_utf8()).and_then(last_char);
            let next = line.get(past..).unwrap_or_default();
            if inside_end.is_some_and(|e| matches!(e, '.' | '?' | '!' | '。'))
                && next.starts_with(char::is_whitespace)
                && !QUOTATIVES.iter().any(|q| next.trim_start().starts_with(q))
            {
                end = Some(past);
            }
            before = Some(close);
            at = past;
        } else {
            match c {
                '.' | '?' | '!' | '。' => end = sentence_end(line, begin, at, before),
                '◇' | '◆' | '■' | '□' | '▶' | '▷' | '●' | '※'
                    if before.is_some_and(char::is_whitespace) =>
                {
                    push(begin, at);
                    begin = at;
                }
                _ => {}
            }
            before = Some(c);
            at = after;
        }
        if let Some(end) = end {
            push(begin, end);
            begin = end;
            at = end;
            before = None;
        }
    }
    push(begin, line.len());
}

fn next_char(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

fn last_char(text: &str) -> Option<char> {
    text.chars().next_back()
}

/// The mark that closes a quotation opened by `c`.
fn closing(c: char) -> Option<char> {
    Some(match c {
        '"' => '"',
        '“' => '”',
        '‘' => '’',
        '「' => '」',
        '『' => '』',
        _ => return None,
    })
}

/// The offset after the closing mark, if it is near.
fn quotation_end(line: &str, from: usize, close: char) -> Option<usize> {
    line.get(from..)?
        .char_indices()
        .take_while(|(i, _)| *i < MAX_QUOTATION_BYTES)
        .find(|(_, c)| *c == close)
        .map(|(i, c)| from + i + c.len_utf8())
}

/// The end of the sentence from `begin` that the sign at `at` may end.
fn sentence_end(line: &str, begin: usize, at: usize, before: Option<char>) -> Option<usize> {
    let sign = next_char(line, at)?;
    let mut end = at + sign.len_utf8();
    // Several signs (`?!`), then closing marks. Of a long row, the last signs decide.
    for c in line.get(end..)?.chars().take(MAX_SIGNS) {
        match c {
            '?' | '!' | '"' | '\'' | '”' | '’' | '」' | '』' | '》' | '〉' | ')' | ']' => {
                end += c.len_utf8();
            }
            _ => break,
        }
    }
    let next = next_char(line, end);
    if sign == '.' {
        if before == Some('.') || next == Some('.') {
            return None;
        }
        if end == at + 1
            && before.is_some_and(|c| matches!(c, '다' | '요' | '죠'))
            && next.is_some_and(is_syllable)
        {
            return Some(end);
        }
        if next.is_some_and(|c| !c.is_whitespace()) || is_label(line, begin, at) {
            return None;
        }
    } else if sign != '。' && next.is_some_and(|c| !c.is_whitespace()) {
        let asked = before == Some('까') && end == at + 1 && next.is_some_and(is_syllable);
        return asked.then_some(end);
    }
    Some(end)
}

/// Whether the word before the dot at `at` is a number or an abbreviation.
fn is_label(line: &str, begin: usize, at: usize) -> bool {
    let word = line.get(begin..at).unwrap_or_default();
    // Longer words are neither; the limit bounds the search backwards.
    let start = word
        .char_indices()
        .rev()
        .take(12)
        .find(|(_, c)| c.is_whitespace() || matches!(c, '(' | '"' | '“' | '‘' | '['))
        .map_or(0, |(i, c)| i + c.len_utf8());
    let word = word.get(start..).unwrap_or_default();
    if word.len() > 12 {
        return false;
    }
    let numeral = word.bytes().all(|b| b.is_ascii_digit()) && !word.is_empty();
    let initials = word
        .split('.')
        .all(|part| part.len() == 1 && part.bytes().all(|b| b.is_ascii_alphabetic()));
    numeral || initials || ABBREVIATIONS.contains(&word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu_time::cpu_time;
    use proptest::prelude::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|r| &text[r]).collect()
    }

    #[test]
    fn sentences_end_where_a_reader_says() {
        for (text, expected) in [
            ("비가 왔다. 눈도 왔다.", vec!["비가 왔다.", "눈도 왔다."]),
            ("갈까요? 갑시다! 네.", vec!["갈까요?", "갑시다!", "네."]),
            (
                "물가가 3.1% 올랐다. 끝.",
                vec!["물가가 3.1% 올랐다.", "끝."],
            ),
            (
                "미국 워싱턴 D.C. 에서 만났다.",
                vec!["미국 워싱턴 D.C. 에서 만났다."],
            ),
            (
                "1. 개요 2024. 2. 22. 발표했다.",
                vec!["1. 개요 2024. 2. 22. 발표했다."],
            ),
            ("Mr. 김이 왔다. 갔다.", vec!["Mr. 김이 왔다.", "갔다."]),
            ("첫 줄\n둘째 줄", vec!["첫 줄", "둘째 줄"]),
            (
                "붙여 썼다.그래도 나눈다.",
                vec!["붙여 썼다.", "그래도 나눈다."],
            ),
            (
                "갈 수 있을까?그는 물었다.",
                vec!["갈 수 있을까?", "그는 물었다."],
            ),
            (
                "중국 붐...미국 한계 ... 끝",
                vec!["중국 붐...미국 한계 ... 끝"],
            ),
            (
                "그는 \"간다. 꼭 간다.\"라고 말했다. 갔다.",
                vec!["그는 \"간다. 꼭 간다.\"라고 말했다.", "갔다."],
            ),
            (
                "그는 “간다. 꼭 간다.” 라고 말했다. 갔다.",
                vec!["그는 “간다. 꼭 간다.” 라고 말했다.", "갔다."],
            ),
            (
                "“비가 온다.” 그가 말했다.",
                vec!["“비가 온다.”", "그가 말했다."],
            ),
            ("(괄호였다.) 다음이다.", vec!["(괄호였다.)", "다음이다."]),
            ("앞이다 ◇둘째 항 내용", vec!["앞이다", "◇둘째 항 내용"]),
            ("", vec![]),
            (" \n ", vec![]),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn an_unclosed_quotation_ends_with_its_paragraph() {
        assert_eq!(split("“하나다. 둘이다."), ["“하나다.", "둘이다."]);
        let units = [
            "\"", "“", "‘가. ", ".", "가.", "1. ", "다.가", "a.b. ", "!", "?!", "!)",
        ];
        for unit in units {
            // The letter keeps the signs before it from ending a sentence.
            let text = unit.repeat(1_000_000 / unit.len()) + "가";
            let begin = cpu_time();
            sentences(&text);
            assert!((cpu_time() - begin).as_secs() < 10, "{unit}");
        }
    }

    proptest! {
        #[test]
        fn every_visible_character_is_in_exactly_one_sentence(text in "([가-힣a-z0-9.?!\"“”‘’ \n)◇]|다\\. |[\\PC])*") {
            let mut covered = 0;
            for range in sentences(&text) {
                prop_assert!(range.start >= covered && range.start < range.end);
                prop_assert!(text.get(covered..range.start).unwrap().trim().is_empty());
                prop_assert!(text.get(range.clone()).is_some());
                covered = range.end;
            }
            prop_assert!(text[covered..].trim().is_empty());
        }
    }
}
