//! Rules out records that cannot contain a text, on their bytes, without parsing JSON.
//!
//! A quotation of a common verb has to check thousands of records. The prefilter knows the encoding
//! of `record`; records that pass are parsed and checked exactly.

use std::ops::RangeInclusive;

use memchr::memmem::Finder;
use unicode_normalization::UnicodeNormalization;

use crate::analyze::fold::fold_simple;
use crate::analyze::particles;
use crate::hangul::is_syllable;
use crate::index::engine::record::{encode, is_lead, syllable};

/// Searches a record for a text, ignoring spacing.
#[derive(Debug)]
pub struct RecordPrefilter {
    /// Finds the encoded first character.
    first: Finder<'static>,
    text: Vec<char>,
    /// The match must end at the end of a word or before a particle.
    ends_word: bool,
    /// Some enclosed character (`㈜`) folds to the first character of the text.
    may_be_enclosed: bool,
}

/// Enclosed characters that fold to syllables: `㉮`, `㈜`.
const ENCLOSED: RangeInclusive<char> = '\u{3200}'..='\u{32ff}';

/// A character of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CharKind {
    /// White space, which is skipped while matching.
    Space,
    /// Folded.
    Letter(char),
    /// Any other character that folding does not change; skipped like white space.
    Other,
    /// Has to be folded to know: may be anything.
    Unknown,
}

impl RecordPrefilter {
    /// `text` is folded (see `analyze::fold`) and has no white space. With `ends_word`, a match
    /// must end at the end of a word. `None` when `text` does not begin with a Hangul syllable;
    /// then every record has to be parsed.
    pub fn of(text: &[char], ends_word: bool) -> Option<RecordPrefilter> {
        let first = text.first()?;
        is_syllable(*first).then(|| RecordPrefilter {
            first: Finder::new(&encode(first.encode_utf8(&mut [0; 4]))).into_owned(),
            text: text.to_vec(),
            ends_word,
            may_be_enclosed: ENCLOSED.nfkc().any(|c| c == *first),
        })
    }

    /// Whether an uncompressed record may contain the text. May return `true` for a record that
    /// does not contain it, never `false` for one that does.
    pub(in crate::index) fn passes(&self, record: &[u8]) -> bool {
        self.may_be_enclosed && has_enclosed(record) || self.has_word(record)
    }

    /// The same for a text that is not encoded.
    #[cfg(test)]
    pub(crate) fn passes_text(&self, json: &str) -> bool {
        self.passes(&encode(json))
    }

    fn has_word(&self, record: &[u8]) -> bool {
        // Two-byte syllables are not self-synchronizing: the second byte of one and the first of
        // the next may look like a syllable. So a hit is only valid at a character boundary, which
        // requires a scan from the start. Most records have no hit at all and are not scanned.
        let mut characters = Characters::of(record);
        let mut from = 0;
        while let Some(rest) = record.get(from..)
            && let Some(found) = self.first.find(rest)
        {
            let at = from + found;
            if let Some(rest) = self.match_at(&record[at..])
                && (!self.ends_word || ends_word(rest))
                && characters.begins_word(at)
            {
                return true;
            }
            from = at + 1;
        }
        false
    }

    /// The rest of `record` after the text, if it may begin with it.
    fn match_at<'r>(&self, mut record: &'r [u8]) -> Option<&'r [u8]> {
        let mut rest = self.text.iter();
        let mut wanted = rest.next();
        while let Some(&letter) = wanted {
            let (kind, after) = next(record)?;
            match kind {
                CharKind::Space | CharKind::Other => {}
                CharKind::Unknown => return Some(&[]),
                CharKind::Letter(c) if c == letter => wanted = rest.next(),
                CharKind::Letter(_) => return None,
            }
            record = after;
        }
        Some(record)
    }
}

/// The characters of a record, scanned once, forwards.
struct Characters<'r> {
    record: &'r [u8],
    /// Offsets of the current character and the one before.
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

    /// Whether a character that may begin a word starts at `offset`. Offsets must be ascending.
    fn begins_word(&mut self, offset: usize) -> bool {
        while self.at < offset {
            self.before = Some(self.at);
            self.at += length(&self.record[self.at..]);
        }
        let before = self.before.and_then(|before| next(&self.record[before..]));
        self.at == offset && !matches!(before, Some((CharKind::Letter(_), _)))
    }
}

/// Length in bytes of the first character of `record`, which is not empty.
fn length(record: &[u8]) -> usize {
    match record.first() {
        Some(&first) if first.is_ascii() && first != b'\\' => 1,
        Some(&first) if is_lead(first) => 2,
        _ => next(record).map_or(1, |(_, rest)| (record.len() - rest.len()).max(1)),
    }
}

/// Splits off the first character.
fn next(record: &[u8]) -> Option<(CharKind, &[u8])> {
    Some(match *record {
        [] => return None,
        [b' ', ref rest @ ..] | [b'\\', b'n' | b'r' | b't', ref rest @ ..] => {
            (CharKind::Space, rest)
        }
        [b'\\', b'u', ref rest @ ..] => (CharKind::Unknown, rest.get(4..).unwrap_or_default()),
        [b'\\', _, ref rest @ ..] => (CharKind::Other, rest),
        [first, ref rest @ ..] if first.is_ascii() => {
            let first = char::from(first);
            let first = fold_simple(first).unwrap_or(first);
            let kind = match first.is_ascii_alphanumeric() {
                true => CharKind::Letter(first),
                false => CharKind::Other,
            };
            (kind, rest)
        }
        [lead, low, ref rest @ ..] => match syllable(lead, low) {
            Some(syllable) => (CharKind::Letter(syllable), rest),
            None => {
                let following = match lead {
                    0xc0..=0xdf => 1,
                    0xe0..=0xef => 2,
                    _ => 3,
                };
                (
                    CharKind::Unknown,
                    record.get(1 + following..).unwrap_or_default(),
                )
            }
        },
        [_] => (CharKind::Unknown, &[]),
    })
}

/// Whether a word may end before `rest`: there, or after a particle.
fn ends_word(mut rest: &[u8]) -> bool {
    let mut tail = String::new();
    let mut count = 0;
    loop {
        match next(rest) {
            Some((CharKind::Letter(c), after)) if count <= particles::MAX_SYLLABLES => {
                tail.push(c);
                count += 1;
                rest = after;
            }
            Some((CharKind::Unknown, _)) => return true,
            Some((CharKind::Letter(_), _)) => return false,
            _ => return tail.is_empty() || particles::particle(&tail).is_some(),
        }
    }
}

/// Whether a record has bytes that may be one of [`ENCLOSED`].
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
    fn spacing_is_ignored() {
        for (text, wanted, expected) in [
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
            assert_eq!(passes(text, wanted, false), expected, "{wanted} in {text}");
        }
        assert!(RecordPrefilter::of(&[], false).is_none());
        assert!(RecordPrefilter::of(&['A', '가'], false).is_none());
    }

    #[test]
    fn a_word_ends_with_itself_or_before_a_particle() {
        for (text, expected) in [
            ("아이다", true),
            ("아이다는 이", true),
            ("“아이다”를", true),
            ("아이다운 아이", false),
            ("아이다움\n아이다, 끝", true),
            ("아이다Ⅲ", true),
            ("아이다움", false),
        ] {
            assert_eq!(passes(text, "아이다", true), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_match_is_rejected(
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
        fn any_bytes_are_accepted(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            RecordPrefilter::of(&['가', '나', 'a'], true).unwrap().passes(&bytes);
            RecordPrefilter::of(&['가'], false).unwrap().passes(&bytes);
        }
    }
}
