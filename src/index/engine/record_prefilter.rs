//! Whether a record may have a text, by its bytes, without parsing it as a clipping.
//!
//! Used by `records` for quotations that thousands of records have to be looked at for. It knows how
//! `record` writes; what it lets pass is then read and looked at properly.

use std::ops::RangeInclusive;

use memchr::memmem::Finder;
use unicode_normalization::UnicodeNormalization;

use crate::analyze::fold::fold_simple;
use crate::analyze::particles;
use crate::hangul::is_syllable;
use crate::index::engine::record::{encode, is_lead, syllable};

/// A text to look for, spacing aside.
#[derive(Debug)]
pub struct RecordPrefilter {
    /// Finds the first character.
    first: Finder<'static>,
    text: Vec<char>,
    /// It must end with its word, or before a particle.
    ends_word: bool,
    /// There are enclosed syllables of which folding makes the first character.
    may_be_enclosed: bool,
}

/// Characters of which folding makes syllables, besides those that are some: `㉮`, `㈜`.
const ENCLOSED: RangeInclusive<char> = '\u{3200}'..='\u{32ff}';

/// A character of a record as far as a glance tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// White space, which may stand within what is looked for.
    Space,
    /// A letter or digit, folded.
    Letter(char),
    /// Any other character that folding leaves alone. It may stand within what is looked for, as
    /// white space may.
    Sign,
    /// Only folding tells.
    Unknown,
}

impl RecordPrefilter {
    /// For a text of these characters, folded (see `analyze::fold`) and without white space, which ends
    /// anywhere or, with `ends_word`, as a word does; `None` when it does not begin with a Hangul
    /// syllable, and every record has to be read.
    pub fn of(text: &[char], ends_word: bool) -> Option<RecordPrefilter> {
        let first = text.first()?;
        is_syllable(*first).then(|| RecordPrefilter {
            first: Finder::new(&encode(first.encode_utf8(&mut [0; 4]))).into_owned(),
            text: text.to_vec(),
            ends_word,
            may_be_enclosed: ENCLOSED.nfkc().any(|c| c == *first),
        })
    }

    /// Whether a record, not packed, may have the text. It lets some pass that have it not, and stops
    /// none that has it.
    pub(in crate::index) fn passes(&self, record: &[u8]) -> bool {
        self.may_be_enclosed && has_enclosed(record) || self.has_word(record)
    }

    /// The same of a text that is not stored.
    #[cfg(test)]
    pub(crate) fn passes_text(&self, json: &str) -> bool {
        self.passes(&encode(json))
    }

    /// Whether the letters stand somewhere as a word.
    fn has_word(&self, record: &[u8]) -> bool {
        // Characters are gone through from the beginning, since only that tells where one begins: the
        // second byte of a syllable and the first of the next look like a syllable too. Most records
        // have the letters nowhere, not even so.
        let mut characters = Characters::of(record);
        let mut from = 0;
        while let Some(rest) = record.get(from..)
            && let Some(found) = self.first.find(rest)
        {
            let at = from + found;
            if let Some(rest) = self.goes_on(&record[at..])
                && (!self.ends_word || ends_word(rest))
                && characters.begins_word(at)
            {
                return true;
            }
            from = at + 1;
        }
        false
    }

    /// What follows the text, when it may stand at the beginning of `record`.
    fn goes_on<'r>(&self, mut record: &'r [u8]) -> Option<&'r [u8]> {
        let mut rest = self.text.iter();
        let mut wanted = rest.next();
        while let Some(&letter) = wanted {
            let (seen, after) = next(record)?;
            match seen {
                Seen::Space | Seen::Sign => {}
                Seen::Unknown => return Some(&[]),
                Seen::Letter(c) if c == letter => wanted = rest.next(),
                Seen::Letter(_) => return None,
            }
            record = after;
        }
        Some(record)
    }
}

/// The characters of a record, gone through once.
struct Characters<'r> {
    record: &'r [u8],
    /// Where the character at hand begins, and the one before it.
    at: usize,
    before: Option<usize>,
}

impl Characters<'_> {
    fn of(record: &[u8]) -> Characters<'_> {
        Characters {
            record,
            at: 0,
            before: None,
        }
    }

    /// Whether a character begins at `place` that may be the first of a word. Places are asked for in
    /// ascending order.
    fn begins_word(&mut self, place: usize) -> bool {
        while self.at < place {
            self.before = Some(self.at);
            self.at += length(&self.record[self.at..]);
        }
        let before = self.before.and_then(|before| next(&self.record[before..]));
        self.at == place && !matches!(before, Some((Seen::Letter(_), _)))
    }
}

/// How many bytes the first character has of what is left of a record, which is not nothing.
fn length(record: &[u8]) -> usize {
    match record.first() {
        Some(&first) if first.is_ascii() && first != b'\\' => 1,
        Some(&first) if is_lead(first) => 2,
        _ => next(record).map_or(1, |(_, rest)| (record.len() - rest.len()).max(1)),
    }
}

/// The first character of what is left of a record, and the rest.
fn next(record: &[u8]) -> Option<(Seen, &[u8])> {
    Some(match *record {
        [] => return None,
        [b' ', ref rest @ ..] | [b'\\', b'n' | b'r' | b't', ref rest @ ..] => (Seen::Space, rest),
        [b'\\', b'u', ref rest @ ..] => (Seen::Unknown, rest.get(4..).unwrap_or_default()),
        [b'\\', _, ref rest @ ..] => (Seen::Sign, rest),
        [first, ref rest @ ..] if first.is_ascii() => {
            let first = char::from(first);
            let first = fold_simple(first).unwrap_or(first);
            let seen = match first.is_ascii_alphanumeric() {
                true => Seen::Letter(first),
                false => Seen::Sign,
            };
            (seen, rest)
        }
        [lead, low, ref rest @ ..] => match syllable(lead, low) {
            Some(syllable) => (Seen::Letter(syllable), rest),
            None => {
                let following = match lead {
                    0xc0..=0xdf => 1,
                    0xe0..=0xef => 2,
                    _ => 3,
                };
                (
                    Seen::Unknown,
                    record.get(1 + following..).unwrap_or_default(),
                )
            }
        },
        [_] => (Seen::Unknown, &[]),
    })
}

/// Whether a word may end before `rest`.
fn ends_word(mut rest: &[u8]) -> bool {
    let mut tail = String::new();
    let mut count = 0;
    loop {
        match next(rest) {
            Some((Seen::Letter(c), after)) if count <= particles::LONGEST => {
                tail.push(c);
                count += 1;
                rest = after;
            }
            Some((Seen::Unknown, _)) => return true,
            Some((Seen::Letter(_), _)) => return false,
            _ => return tail.is_empty() || particles::particle(&tail).is_some(),
        }
    }
}

/// Whether a record has, or seems to have, one of the characters [`ENCLOSED`].
fn has_enclosed(record: &[u8]) -> bool {
    memchr::memchr_iter(0xe3, record)
        .any(|at| matches!(record.get(at + 1..at + 3), Some([0x88..=0x8b, 0x80..=0xbf])))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passes(text: &str, wanted: &str, ends_word: bool) -> bool {
        let json = serde_json::to_string(text).unwrap();
        let wanted: Vec<char> = wanted.chars().collect();
        RecordPrefilter::of(&wanted, ends_word)
            .unwrap()
            .passes(&encode(&json))
    }

    #[test]
    fn a_text_is_seen_whatever_its_spacing() {
        for (text, wanted, seen) in [
            ("어제 고발된 사람", "고발된", true),
            ("어제 고 발\n된 사람", "고발된", true),
            ("고발한 사람된", "고발된", false),
            ("고발", "고발된", false),
            ("재고발된 사람", "고발된", false),
            ("이상ABC 마트", "이상abc마트", true),
            ("이상 “인", "이상인", true),
            ("이상\"인", "이상인", true),
            ("이상Ⅲ", "이상iii", true),
            ("㉮나다", "가나다", true),
            ("나다", "가나다", false),
            ("㈜한빛", "이상", false),
            ("㈜한빛", "주한빛", true),
        ] {
            assert_eq!(passes(text, wanted, false), seen, "{wanted} in {text}");
        }
        assert!(RecordPrefilter::of(&[], false).is_none());
        assert!(RecordPrefilter::of(&['A', '가'], false).is_none());
    }

    #[test]
    fn a_word_ends_with_itself_or_before_a_particle() {
        for (text, seen) in [
            ("아이다", true),
            ("아이다는 이", true),
            ("“아이다”를", true),
            ("아이다운 아이", false),
            ("아이다움\n아이다, 끝", true),
            ("아이다Ⅲ", true),
            ("아이다움", false),
        ] {
            assert_eq!(passes(text, "아이다", true), seen, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_there_is_stopped(
            before in "[가-힣a-zA-Z㈜㉮Ⅲ“…\"\\\\\n ]{0,20}[㈜Ⅲ“…\"\\\\\n ]",
            first in "[가-힣]",
            rest in "[가-힣a-z李ⅲ.\"]{0,5}",
            gap in "[ \n\t\u{3000}]{0,2}",
            particle in "(은|에게|입니다)?",
            after in "[.Ⅲ“\"\\\\\n ]\\PC{0,12}|",
        ) {
            let text = format!("{before}{first}{gap}{rest}{particle}{after}");
            let letters = rest.chars().filter(|c| c.is_alphanumeric());
            let wanted: String = first.chars().chain(letters).collect();
            prop_assert!(passes(&text, &wanted, true));
            prop_assert!(passes(&text, &wanted, false));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            RecordPrefilter::of(&['가', '나', 'a'], true).unwrap().passes(&bytes);
            RecordPrefilter::of(&['가'], false).unwrap().passes(&bytes);
        }
    }
}
