//! Splits a text into runs, the unit of analysis.
//!
//! This is the outer loop of indexing: it makes one pass over the bytes, does not allocate, and
//! classifies ASCII and Hangul syllables without decoding.
//!
//! A *run* is a maximal sequence of word characters: letters of any script, digits, Hangul
//! syllables and jamo (conjoining ones included, so that decomposed text is not split), Hanja and
//! combining marks. Zero-width characters inside a word belong to it. A decimal (`3.1`) and a
//! number with thousands separators (`1,000`) are one run.
//!
//! A *compound* is written and searched as one word although it contains other characters: `R&D`,
//! `01.AI`, `3.1%`, `6·25`, `F-35`, `C++`, `2024-02-22`. It is attached to its first run. Its runs
//! are returned too, so that the parts can be found.

use crate::hangul::{is_conjoining_lead, is_jamo, is_syllable, starts_with_syllable};

/// Maximum number of runs in a compound; a longer chain is split.
const MAX_LINKED: usize = 8;

/// A run of word characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Start, in bytes.
    pub start: usize,
    /// End, in bytes.
    pub end: usize,
    /// Position for phrase queries: one more than that of the previous run if only white space, or
    /// white space and quotation marks, are between them; else two more, so that a phrase does not
    /// match across punctuation.
    pub position: u32,
    /// Whether it belongs to the same compound as the previous run.
    pub linked: bool,
    /// The compound that starts here.
    pub compound: Option<Compound>,
}

/// A word of several runs, or of one run and following signs (`C++`). It starts with its first run
/// and includes a particle (`R&D를`, `3.1%로`), as a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compound {
    /// End, in bytes.
    pub end: usize,
    /// Number of runs.
    pub runs: usize,
}

/// Iterates over the runs of `text`.
pub fn runs(text: &str) -> Runs<'_> {
    Runs {
        text,
        at: 0,
        position: None,
        linked: [EMPTY; MAX_LINKED],
        next: 0,
        count: 0,
    }
}

/// Iterator over the runs of a text, see [`runs`].
#[derive(Debug, Clone)]
pub struct Runs<'t> {
    text: &'t str,
    at: usize,
    /// Position of the last run.
    position: Option<u32>,
    /// The remaining runs of the current compound are `next..count`.
    linked: [Run; MAX_LINKED],
    next: usize,
    count: usize,
}

const EMPTY: Run = Run {
    start: 0,
    end: 0,
    position: 0,
    linked: false,
    compound: None,
};

/// Classes of characters, for splitting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharClass {
    /// Hangul syllable or jamo.
    Hangul,
    /// Chinese character.
    Hanja,
    /// Letter of another script.
    Letter,
    /// Digit.
    Digit,
    /// Combining mark: continues a run but does not start one.
    Mark,
    /// Invisible: may be inside a run but not at its start or end.
    ZeroWidth,
    /// White space.
    Space,
    /// Quotation mark.
    Quote,
    /// Everything else.
    Other,
}

impl CharClass {
    /// Whether a run may start with it.
    pub fn starts_run(self) -> bool {
        matches!(
            self,
            CharClass::Hangul | CharClass::Hanja | CharClass::Letter | CharClass::Digit
        )
    }

    /// A letter or digit other than Hangul and Hanja: the kind that signs can join.
    fn is_alnum(self) -> bool {
        matches!(self, CharClass::Letter | CharClass::Digit)
    }
}

/// Classifies a character.
pub fn char_class(c: char) -> CharClass {
    match c {
        'a'..='z' | 'A'..='Z' => CharClass::Letter,
        '0'..='9' => CharClass::Digit,
        c if is_syllable(c) => CharClass::Hangul,
        '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}'
        | '々'
        | '〇' => CharClass::Hanja,
        '\u{3164}' | '\u{FFA0}' => CharClass::ZeroWidth, // Hangul fillers
        // Named after the obsolete vowel araea, but used as a middle dot.
        'ㆍ' | '\u{119E}' => CharClass::Other,
        c if is_jamo(c) => CharClass::Hangul,
        '\'' | '"' | '`' | '´' | '‘'..='‟' | '′' | '″' | '＂' | '＇' | '｀' => {
            CharClass::Quote
        }
        c if is_zero_width(c) => CharClass::ZeroWidth,
        // Circled and parenthesized characters number an item or mark a company; they are not part
        // of the word beside them. Squared units are: 5㎞.
        '\u{2460}'..='\u{24FF}' | '\u{2776}'..='\u{2793}' | '\u{3200}'..='\u{32FF}' => {
            CharClass::Other
        }
        '\u{3371}'..='\u{33DF}' => CharClass::Letter,
        c if c.is_whitespace() => CharClass::Space,
        c if c.is_numeric() => CharClass::Digit,
        c if unicode_normalization::char::is_combining_mark(c) => CharClass::Mark,
        c if c.is_alphabetic() => CharClass::Letter,
        _ => CharClass::Other,
    }
}

/// Whether `c` is invisible: zero-width spaces and joiners, soft hyphen, byte order mark, direction
/// marks, variation selectors, Hangul fillers.
pub fn is_zero_width(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether `c` is used as the Korean middle dot.
pub fn is_middle_dot(c: char) -> bool {
    matches!(
        c,
        '·' | 'ㆍ' | '・' | '･' | '‧' | '•' | '∙' | '⋅' | '\u{387}' | '\u{119E}'
    )
}

/// Whether `c` is a hyphen, or a dash or minus sign used as one.
pub fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '−' | '－' | '﹣')
}

/// Whether `c` is used as an apostrophe.
pub fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’' | 'ʼ' | '＇' | '′' | '`' | '´')
}

fn is_digit_at(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        let linked = self.linked.get(..self.count);
        if let Some(run) = linked.and_then(|runs| runs.get(self.next)) {
            self.next += 1;
            return Some(*run);
        }
        let from = self.at;
        let (start, is_adjacent) = self.next_start(from)?;
        let mut run = Run {
            start,
            end: self.run_end(start),
            position: match self.position {
                None => 0,
                Some(last) => last.saturating_add(if is_adjacent { 1 } else { 2 }),
            },
            linked: false,
            compound: None,
        };
        self.at = run.end;
        self.position = Some(run.position);
        // Fast path: nearly every run ends here without starting a compound.
        if !matches!(
            self.text.as_bytes().get(run.end),
            None | Some(b' ' | b',' | b'\n')
        ) {
            self.link_runs(&mut run);
        }
        Some(run)
    }
}

impl Runs<'_> {
    fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    fn class_at(&self, at: usize) -> CharClass {
        self.char_at(at).map_or(CharClass::Other, char_class)
    }

    /// The next character at or after `at` that starts a run, and whether the gap has white space
    /// and otherwise only quotation marks.
    fn next_start(&self, mut at: usize) -> Option<(usize, bool)> {
        let bytes = self.text.as_bytes();
        let (mut space, mut other) = (false, false);
        loop {
            let byte = *bytes.get(at)?;
            if byte.is_ascii() {
                match byte {
                    b' ' | b'\n' | b'\t' | b'\r' | 0x0B | 0x0C => space = true,
                    b'\'' | b'"' | b'`' => {}
                    _ if byte.is_ascii_alphanumeric() => return Some((at, space && !other)),
                    _ => other = true,
                }
                at += 1;
            } else if starts_with_syllable(&bytes[at..]) {
                return Some((at, space && !other));
            } else {
                let c = self.char_at(at)?;
                match char_class(c) {
                    CharClass::Space => space = true,
                    CharClass::Quote | CharClass::ZeroWidth => {}
                    CharClass::Mark | CharClass::Other => other = true,
                    _ => return Some((at, space && !other)),
                }
                at += c.len_utf8();
            }
        }
    }

    fn run_end(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        let mut end = start;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii_alphanumeric() {
                at += 1;
            } else if starts_with_syllable(&bytes[at..]) {
                at += 3;
            } else if byte.is_ascii() {
                if matches!(byte, b'.' | b',') && self.is_in_number(start, at) {
                    at += 2;
                } else {
                    break;
                }
            } else {
                let Some(c) = self.char_at(at) else { break };
                match char_class(c) {
                    CharClass::ZeroWidth => {
                        at += c.len_utf8();
                        continue;
                    }
                    CharClass::Space | CharClass::Quote => break,
                    // After a leading consonant, araea is a vowel.
                    CharClass::Other
                        if c != '\u{119E}' || !self.is_after_conjoining_lead(start, at) =>
                    {
                        break;
                    }
                    _ => at += c.len_utf8(),
                }
            }
            end = at;
        }
        end
    }

    fn is_after_conjoining_lead(&self, start: usize, at: usize) -> bool {
        self.text
            .get(start..at)
            .and_then(|t| t.chars().next_back())
            .is_some_and(is_conjoining_lead)
    }

    /// Whether the dot or comma at `at` is inside a number. `1.2.3` and `2024.2.22` are several
    /// numbers, `1,2` is a list.
    fn is_in_number(&self, start: usize, at: usize) -> bool {
        let bytes = self.text.as_bytes();
        if at <= start || !is_digit_at(bytes, at - 1) || !is_digit_at(bytes, at + 1) {
            return false;
        }
        let mut from = at;
        while from > start && is_digit_at(bytes, from - 1) {
            from -= 1;
        }
        let before = match from.checked_sub(1).and_then(|i| bytes.get(i)) {
            Some(&sign @ (b'.' | b',')) if from >= 2 && is_digit_at(bytes, from - 2) => Some(sign),
            _ => None,
        };
        let inside = from > start;
        let mut to = at + 1;
        while is_digit_at(bytes, to) {
            to += 1;
        }
        let continues = |sign| bytes.get(to) == Some(&sign) && is_digit_at(bytes, to + 1);
        if bytes[at] == b'.' {
            !continues(b'.') && before != Some(b'.')
        } else {
            let first = before.is_none() && at - from <= 3;
            let later = before == Some(b',') && inside;
            to - at == 4 && (first || later)
        }
    }

    /// Finds the runs that signs link to `first`, and makes them a compound.
    fn link_runs(&mut self, first: &mut Run) {
        let mut last = *first;
        let mut runs = 1;
        let mut end = first.end;
        let mut acronym = true;
        (self.next, self.count) = (0, 0);
        while let Some(link) = self.link(&last, acronym && runs > 1) {
            end = link.signs_end;
            acronym &= link.is_dot && self.is_one_letter(&last);
            if !link.has_next || runs == MAX_LINKED {
                break;
            }
            last = Run {
                start: end,
                end: self.run_end(end),
                position: last.position.saturating_add(2),
                linked: true,
                compound: None,
            };
            self.linked[self.count] = last;
            self.count += 1;
            runs += 1;
            end = last.end;
        }
        if runs > 1 || end > first.end {
            first.compound = Some(Compound { end, runs });
            self.position = Some(last.position);
            self.at = last.end;
        }
    }

    /// As in `D.C.` and `C#`.
    fn is_one_letter(&self, run: &Run) -> bool {
        run.end == run.start + 1 && self.text.as_bytes()[run.start].is_ascii_alphabetic()
    }

    /// The sign after `run` that makes it part of a compound. `acronym`: the runs so far are single
    /// letters separated by dots.
    fn link(&self, run: &Run, acronym: bool) -> Option<Link> {
        let sign = self.char_at(run.end)?;
        let after = run.end + sign.len_utf8();
        let left = self.text.get(run.start..run.end)?;
        let before = char_class(left.chars().next_back()?);
        let next = self.class_at(after);
        let both = |test: fn(CharClass) -> bool| test(before) && test(next);
        let link = |has_next| Link {
            signs_end: after,
            has_next,
            is_dot: matches!(sign, '.' | '．'),
        };
        let one = || left.chars().nth(1).is_none();
        let joined = |fits: bool| (fits && next.starts_run()).then(|| link(true));
        match sign {
            '&' | '＆' | '_' => joined(true),
            '.' | '．' if both(CharClass::is_alnum) => joined(true),
            '.' if acronym && self.is_one_letter(run) => Some(link(next == CharClass::Hangul)),
            ':' | '/' => joined(both(|c| c == CharClass::Digit)),
            '@' | '＠' => joined(both(CharClass::is_alnum)),
            '%' | '％' | '‰' | '℃' if before == CharClass::Digit => {
                Some(link(next.starts_run()))
            }
            '#' if self.is_one_letter(run) => Some(link(next == CharClass::Hangul)),
            '+' | '＋' => {
                let second = self.char_at(after) == Some(sign);
                let signs_end = if second {
                    after + sign.len_utf8()
                } else {
                    after
                };
                Some(Link {
                    signs_end,
                    has_next: self.class_at(signs_end).starts_run(),
                    is_dot: false,
                })
            }
            c if is_hyphen(c) => joined(before.is_alnum() || next.is_alnum() || one()),
            // `6·25` and 한·미 are words, but names separated by a dot are a list.
            c if is_middle_dot(c) => joined(both(|c| c == CharClass::Digit) || one()),
            c if is_apostrophe(c) => joined(both(|c| c == CharClass::Letter)),
            _ => None,
        }
    }
}

/// A sign that links runs or belongs to one.
struct Link {
    /// End of the sign, in bytes.
    signs_end: usize,
    /// Whether the run after it belongs to the compound.
    has_next: bool,
    is_dot: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<(&str, u32)> {
        runs(text)
            .map(|r| (&text[r.start..r.end], r.position))
            .collect()
    }

    fn compounds(text: &str) -> Vec<&str> {
        runs(text)
            .filter_map(|r| r.compound.map(|c| &text[r.start..c.end]))
            .collect()
    }

    #[test]
    fn positions_distinguish_space_from_punctuation() {
        assert_eq!(
            words("“하만주 기자”가 ‘말했다’. 그는"),
            [
                ("하만주", 0),
                ("기자", 1),
                ("가", 3),
                ("말했다", 4),
                ("그는", 6)
            ]
        );
        assert_eq!(words("홍길동(주)"), [("홍길동", 0), ("주", 2)]);
        assert_eq!(words("  a\n\"b\""), [("a", 0), ("b", 1)]);
        assert_eq!(words("a'b"), [("a", 0), ("b", 2)]);
    }

    #[test]
    fn numbers_are_not_split() {
        for number in [
            "3.1",
            "1,000",
            "1,234,567.89",
            "10억달러",
            "1,000억원",
            "５．",
        ] {
            assert_eq!(words(number).len(), 1, "{number}");
        }
        assert_eq!(words("2024.2.22").len(), 3);
        assert_eq!(words("1,2,3").len(), 3);
        assert_eq!(words("2024,2025").len(), 2);
        assert_eq!(words("12,34,567").len(), 3);
        assert_eq!(words("3.1.").len(), 1);
        assert_eq!(words("3.1,4.2"), [("3.1", 0), ("4.2", 2)]);
    }

    #[test]
    fn words_with_signs_are_compounds() {
        for word in [
            "R&D",
            "R&D를",
            "AT&T",
            "S&P500",
            "01.AI",
            "01.AI는",
            "D.C.",
            "D.C.에서",
            "U.S.",
            "3.1%",
            "3.1%로",
            "0.25%p",
            "36.5℃",
            "6·25",
            "6ㆍ25",
            "4·3",
            "Dall-E",
            "F-35",
            "K-팝",
            "코로나-19",
            "C++",
            "C++은",
            "C#",
            "C#은",
            "디즈니+",
            "디즈니+가",
            "10:30",
            "2024-02-22",
            "2024.2.22",
            "McDonald’s",
            "한·미",
            "美·中",
            "hong@news.co.kr",
            "1/2",
        ] {
            assert_eq!(compounds(word), [word]);
            let spaced = format!("가 {word} 나");
            assert_eq!(compounds(&spaced), [word]);
        }
    }

    #[test]
    fn lists_and_sentences_are_not_compounds() {
        for text in [
            "홍길동·김철수",
            "a/b",
            "했다.AI",
            "그는 AI.",
            "서울-부산",
            "삼성 & LG",
            "'AI'가",
            "1~3",
            "e메일",
            "1,000",
            "#해시",
            "간다.1위",
        ] {
            assert_eq!(compounds(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_runs_of_a_compound_are_returned_too() {
        assert_eq!(
            words("국산 F-35를 샀다"),
            [("국산", 0), ("F", 1), ("35를", 3), ("샀다", 4)]
        );
        let linked: Vec<bool> = runs("국산 F-35를 샀다").map(|r| r.linked).collect();
        assert_eq!(linked, [false, false, true, false]);
    }

    #[test]
    fn invisible_and_decomposed_characters_do_not_split_words() {
        for word in [
            "삼\u{200B}성",
            "삼\u{AD}성",
            "삼\u{FEFF}성",
            "사\u{11B7}성",
            "ㅋㅋㅋ",
            "cafe\u{301}",
            "ﾡﾢ",
        ] {
            assert_eq!(words(word), [(word, 0)]);
        }
        assert_eq!(
            words("\u{FEFF}삼성\u{200B} 전자"),
            [("삼성", 0), ("전자", 1)]
        );
        assert_eq!(words("㈜한빛①둘"), [("한빛", 0), ("둘", 2)]);
        assert_eq!(words("5㎞를"), [("5㎞를", 0)]);
    }

    /// Characters that make the interesting cases likely.
    const MIX: &str = "([가-힣]|[a-cA-C]|[0-9]|[.,&·ㆍ%+#'’:/@_-]|[ \n]|[美中李]|[\u{200B}\u{AD}\u{1100}\u{1161}\u{11A8}\u{301}]|.){0,40}";

    proptest! {
        #[test]
        fn runs_are_in_order_and_cover_every_letter(text in MIX) {
            let mut end = 0;
            let mut position = None;
            let mut left = 0;
            for run in runs(&text) {
                prop_assert!(run.start < run.end && run.start >= end);
                let (gap, word) = (text.get(end..run.start), text.get(run.start..run.end));
                prop_assert!(gap.is_some() && word.is_some());
                prop_assert!(!gap.unwrap().chars().any(|c| char_class(c).starts_run()));
                prop_assert!(position.is_none_or(|p| run.position > p && run.position <= p + 2));
                prop_assert_eq!(run.linked, left > 0);
                left = match run.compound {
                    Some(c) => {
                        prop_assert!(text.get(run.start..c.end).is_some() && c.end >= run.end);
                        c.runs
                    }
                    None => left,
                };
                left = left.saturating_sub(1);
                end = run.end;
                position = Some(run.position);
            }
            prop_assert!(!text[end..].chars().any(|c| char_class(c).starts_run()));
        }
    }
}
