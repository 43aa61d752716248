//! Searches a text literally. Verifies matches that the terms of the index leave uncertain.
//!
//! Letters and digits are compared after folding, ignoring spacing. Punctuation is ignored between
//! the words of a quotation and not allowed inside one, except for hyphens and middle dots. A match
//! begins at the start of a word and ends at the end of a word or before a particle.
//!
//! Characters between digits are significant: `3.1` is neither `31` nor `3 1`. So are the signs of
//! `R&D`, `C++` and `3.1%` if the query has them.

use std::ops::Range;

use crate::analyze::fold::fold_char;
use crate::analyze::particles;
use crate::analyze::runs::{CharClass, char_class, is_hyphen, is_middle_dot};
use crate::hangul::is_syllable;

/// Where a match must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// At the end of a word, or before a particle.
    Word,
    /// Anywhere.
    Anywhere,
}

/// What is between a letter and the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
struct Gap {
    /// Any character.
    any: bool,
    /// A single dot or comma between digits, except the comma of `1,000`.
    point: bool,
    /// `&`.
    ampersand: bool,
    /// Punctuation that does not occur inside words.
    breaks: bool,
}

/// A letter of the literal, folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Letter {
    c: char,
    gap: Gap,
    /// Signs that must follow directly: `+` and `#` in names, `%`.
    signs: Option<(char, u8)>,
}

/// A text to search for, ignoring spacing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Literal {
    letters: Vec<Letter>,
    end: End,
}

impl Literal {
    /// `None` if `text` has no letter or digit.
    pub fn new(text: &str, end: End) -> Option<Literal> {
        let mut letters = Vec::new();
        for (letter, after) in Letters::of(text, 0) {
            letters.push(Letter {
                signs: signs(text.get(after..).unwrap_or_default()),
                ..letter
            });
        }
        (!letters.is_empty()).then_some(Literal { letters, end })
    }

    /// The folded letters.
    pub fn chars(&self) -> impl Iterator<Item = char> + '_ {
        self.letters.iter().map(|letter| letter.c)
    }

    /// Where matches must end.
    pub fn end(&self) -> End {
        self.end
    }

    /// Byte ranges of the matches in `text`, disjoint.
    pub fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let first = self.letters.first().map(|letter| letter.c);
        let mut free = 0;
        text.char_indices().filter_map(move |(at, c)| {
            let begins = match plain(c) {
                Some(c) => Some(c) == first,
                None => is_letter(c) && fold(c).chars().next() == first,
            };
            if !begins || at < free || !begins_word(text, at) {
                return None;
            }
            let end = self.end_at(text, at)?;
            free = end;
            Some(at..end)
        })
    }

    /// The end of the match at byte `at`, where a word begins.
    fn end_at(&self, text: &str, at: usize) -> Option<usize> {
        let mut found = Letters::of(text, at);
        let mut before: Option<char> = None;
        let mut end = at;
        for (number, letter) in self.letters.iter().enumerate() {
            let (there, after) = found.next()?;
            if there.c != letter.c
                || number > 0 && !fits(letter.gap, there.gap, before, letter.c)
                || letter.signs.is_some() && signs(text.get(after..)?) != letter.signs
            {
                return None;
            }
            before = Some(letter.c);
            end = after;
        }
        // Inside a character that folds to several (㎞).
        if found.is_inside() {
            return None;
        }
        (self.end == End::Anywhere || ends_word(text, end)).then_some(end)
    }
}

/// Whether a gap in the text, between `before` and `after`, is allowed by the query.
fn fits(wanted: Gap, there: Gap, before: Option<char>, after: char) -> bool {
    if before.is_some_and(char::is_numeric) && after.is_numeric() {
        return (wanted.any, wanted.point) == (there.any, there.point);
    }
    wanted.ampersand == there.ampersand && (wanted.any || !there.breaks)
}

/// Iterates over the letters of a text, each with the offset after it.
struct Letters<'t> {
    text: &'t str,
    at: usize,
    /// The rest of a character that folds to several.
    folded: Vec<char>,
    after: usize,
    gap: Gap,
    is_first: bool,
}

impl<'t> Letters<'t> {
    fn of(text: &'t str, at: usize) -> Letters<'t> {
        Letters {
            text,
            at,
            folded: Vec::new(),
            after: at,
            gap: Gap::default(),
            is_first: true,
        }
    }

    fn is_inside(&self) -> bool {
        !self.folded.is_empty()
    }

    fn letter(&mut self, c: char) -> (Letter, usize) {
        let gap = std::mem::take(&mut self.gap);
        self.is_first = false;
        let letter = Letter {
            c,
            gap,
            signs: None,
        };
        (letter, self.after)
    }
}

impl Iterator for Letters<'_> {
    type Item = (Letter, usize);

    fn next(&mut self) -> Option<(Letter, usize)> {
        if let Some(c) = self.folded.pop() {
            return Some(self.letter(c));
        }
        loop {
            let rest = self.text.get(self.at..)?;
            let c = rest.chars().next()?;
            let from = self.at;
            self.at += c.len_utf8();
            if let Some(c) = plain(c) {
                self.after = self.at;
                return Some(self.letter(c));
            }
            match char_class(c) {
                CharClass::Hangul
                | CharClass::Hanja
                | CharClass::Letter
                | CharClass::Digit
                | CharClass::Mark => {
                    self.after = self.at;
                    self.folded
                        .extend(fold(c).chars().filter(|c| is_letter(*c)));
                    self.folded.reverse();
                    if let Some(c) = self.folded.pop() {
                        return Some(self.letter(c));
                    }
                }
                CharClass::ZeroWidth => {}
                CharClass::Space => {
                    self.gap.any = true;
                    self.gap.point = false;
                }
                CharClass::Quote => self.gap.any = true,
                CharClass::Other => {
                    let digits = || {
                        let next = rest.chars().nth(1);
                        let before = self.text.get(..from).and_then(|t| t.chars().next_back());
                        [before, next]
                            .iter()
                            .all(|c| c.is_some_and(char::is_numeric))
                    };
                    if c == ',' && digits() && is_thousands(self.text, from) {
                        continue;
                    }
                    self.gap.point = !self.gap.any && matches!(c, '.' | ',') && digits();
                    self.gap.any = true;
                    self.gap.ampersand |= matches!(c, '&' | '＆');
                    self.gap.breaks |= !(is_hyphen(c) || is_middle_dot(c) || c == '&');
                }
            }
        }
    }
}

/// Whether the comma at `at` separates thousands: exactly three digits follow.
fn is_thousands(text: &str, at: usize) -> bool {
    let digits = text.get(at + 1..).unwrap_or_default().bytes();
    digits.take_while(u8::is_ascii_digit).take(4).count() == 3
}

/// Signs that belong to the preceding name or number.
fn signs(rest: &str) -> Option<(char, u8)> {
    let sign = |c: char| match c {
        '+' | '＋' => Some('+'),
        '#' | '＃' => Some('#'),
        '%' | '％' => Some('%'),
        '‰' | '℃' => Some(c),
        _ => None,
    };
    let mut signs = rest.chars().map_while(sign);
    let first = signs.next()?;
    let more = signs.take(3).filter(|c| *c == first).count();
    Some((first, more as u8))
}

fn is_letter(c: char) -> bool {
    matches!(
        char_class(c),
        CharClass::Hangul | CharClass::Hanja | CharClass::Letter | CharClass::Digit
    )
}

/// Folds a letter without Unicode tables; `None` if that is not possible or it is not a letter.
fn plain(c: char) -> Option<char> {
    match c {
        '一'..='鿿' | 'a'..='z' | '0'..='9' => Some(c),
        _ if is_syllable(c) => Some(c),
        'A'..='Z' => Some(c.to_ascii_lowercase()),
        _ => None,
    }
}

fn fold(c: char) -> String {
    let mut folded = String::new();
    fold_char(c, &mut folded);
    folded
}

/// Whether a word begins at `at`: no letter precedes it, and no number that continues there.
fn begins_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let mut before = before
        .chars()
        .rev()
        .filter(|c| char_class(*c) != CharClass::ZeroWidth);
    let here = text.get(at..).and_then(|rest| rest.chars().next());
    match before.next() {
        Some('.' | ',') if here.is_some_and(|c| c.is_ascii_digit()) => {
            !before.next().is_some_and(|c| c.is_ascii_digit())
        }
        Some(c) => !is_letter(c) && char_class(c) != CharClass::Mark,
        None => true,
    }
}

/// Whether a word ends at `end`, possibly before a particle.
fn ends_word(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default();
    let mut following = rest.chars();
    if matches!(following.next(), Some('.' | ','))
        && following.next().is_some_and(|c| c.is_ascii_digit())
        && text
            .get(..end)
            .is_some_and(|t| t.ends_with(|c: char| c.is_ascii_digit()))
    {
        return false;
    }
    let following = rest
        .chars()
        .filter(|c| char_class(*c) != CharClass::ZeroWidth);
    let tail: String = following
        .take_while(|c| is_letter(*c) || char_class(*c) == CharClass::Mark)
        .take(particles::MAX_SYLLABLES + 1)
        .collect();
    tail.is_empty() || particles::particle(&tail).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cpu_time::cpu_time;
    use crate::index::RecordPrefilter;

    fn stands(text: &str, wanted: &str, end: End) -> bool {
        let literal = Literal::new(wanted, end).unwrap();
        literal.places(text).next().is_some()
    }

    #[test]
    fn plain_letters_fold_to_themselves() {
        for c in ('가'..='힣').chain('一'..='鿿') {
            assert!(fold(c).chars().eq([c]), "{c:?}");
        }
    }

    #[test]
    fn words_with_particles_stand_there_and_longer_words_do_not() {
        for (text, wanted, there) in [
            ("이재은 기자가", "이재은", true),
            ("이재은이 말했다", "이재은", true),
            ("이재가 말했다", "이재은", false),
            ("토스트를 먹었다", "토스", false),
            ("뮤토스", "토스", false),
            ("(토스)는", "토스", true),
            ("인공 지능이", "인공지능", true),
            ("인공\n지능이", "인공지능", true),
            ("인공. 지능이", "인공지능", false),
            ("한·미 동맹", "한미동맹", true),
            ("ＳＭ 엔터테인먼트의", "sm엔터테인먼트", true),
            ("회견을 열고, 이같이", "열고 이같이", true),
            ("회견을 열고이같이", "열고 이같이", true),
            ("“회견”을 열고 ‘이같이’", "회견을 열고 이같이", true),
            ("3.1% 올랐다", "3.1%", true),
            ("3.1포인트", "3.1%", false),
            ("31% 올랐다", "3.1%", false),
            ("3 1% 올랐다", "3.1%", false),
            ("13.1% 올랐다", "3.1%", false),
            ("5.3.1%", "3.1%", false),
            ("1,000원", "1000원", true),
            ("1000원", "1,000원", true),
            ("3.14", "3.1", false),
            ("R&D를", "R&D", true),
            ("R D를", "R&D", false),
            ("R&D를", "RD", false),
            ("C++와", "C++", true),
            ("C와", "C++", false),
            ("5㎞를", "5km", true),
            ("5㎞를", "5k", false),
            ("", "가", false),
        ] {
            assert_eq!(stands(text, wanted, End::Word), there, "{wanted} in {text}");
        }
        assert!(stands("어제 발표했다", "발표했", End::Anywhere));
        assert!(!stands("미발표했다", "발표했", End::Anywhere));
        assert!(Literal::new(" .…", End::Word).is_none());
    }

    #[test]
    fn a_text_without_an_end_takes_no_longer_than_it_is() {
        let literal = Literal::new("방문한방문한방문핫", End::Word).unwrap();
        for text in [
            "방문한".repeat(100_000),
            "방 문 한 ".repeat(100_000),
            "방,".repeat(100_000),
        ] {
            let begun = cpu_time();
            assert_eq!(literal.places(&text).count(), 0);
            assert!((cpu_time() - begun).as_secs() < 2);
        }
    }

    proptest! {
        #[test]
        fn a_text_stands_in_itself_whatever_is_around(
            before in "([가-힣a-zA-Z]{0,4}[ .“(\n])?",
            words in prop::collection::vec("[가-힣a-zA-Z李㎞]{1,5}|[0-9]{1,3}", 1..6),
            gaps in prop::collection::vec("[ \n]|, |… ", 6),
            particle in "(은|에게|입니다)?[ .)]?",
        ) {
            let mut text = before;
            for (word, gap) in words.iter().zip(&gaps) {
                text.push_str(word);
                text.push_str(gap);
            }
            let text = text.trim_end_matches([' ', '\n', ',', '…']).to_owned();
            let ends_in_hangul = words.last().unwrap().chars().all(|c| ('가'..='힣').contains(&c));
            let tail = if ends_in_hangul { particle.as_str() } else { "" };
            let text = text + tail;
            prop_assert!(stands(&text, &words.join(" "), End::Word));
        }

        #[test]
        fn the_prefilter_stops_no_record_that_has_it(
            text in "([가나다은는에게a-c ㈜Ⅲ㎞.,“\"\n]|(가나|나다a)( |, |·)?(은|에게|입니다)?){0,14}",
            wanted in "[가나다][가나a은ⅲ .]{0,3}",
        ) {
            for end in [End::Word, End::Anywhere] {
                let Some(literal) = Literal::new(&wanted, end) else { continue };
                let letters: Vec<char> = literal.chars().collect();
                let prefilter = RecordPrefilter::of(&letters, end == End::Word).unwrap();
                if literal.places(&text).next().is_some() {
                    prop_assert!(prefilter.passes_text(&serde_json::to_string(&text).unwrap()));
                }
            }
        }

        #[test]
        fn places_are_of_the_text(text in "[가나a .,·&\u{200b}㎞ﷺ0-9]{0,30}", wanted in "[가나a㎞ﷺ0-9][가나a .&0-9]{0,5}") {
            let mut free = 0;
            if let Some(literal) = Literal::new(&wanted, End::Anywhere) {
                for place in literal.places(&text) {
                    prop_assert!(place.start >= free && text.get(place.clone()).is_some());
                    free = place.end;
                }
            }
        }
    }
}
