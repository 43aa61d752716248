//! Whether a record may have a text, told from its bytes without reading it as a clipping.
//!
//! Used by `reader` for quotations that thousands of records have to be looked at for. It knows how
//! `record` writes; what it lets pass is then read and looked at properly.

use memchr::memmem::Finder;

use super::record::{encode, syllable};

/// A text to look for, spacing aside.
#[derive(Debug)]
pub struct Glance {
    /// Finds the first character.
    first: Finder<'static>,
    rest: Vec<char>,
}

impl Glance {
    /// For a text of these characters, folded (see `analyze::fold`) and without white space; `None`
    /// when it does not begin with a Hangul syllable, and every record has to be read.
    pub fn of(text: &[char]) -> Option<Glance> {
        let (first, rest) = text.split_first()?;
        ('가'..='힣').contains(first).then(|| Glance {
            first: Finder::new(&encode(first.encode_utf8(&mut [0; 4]))).into_owned(),
            rest: rest.to_vec(),
        })
    }

    /// Whether a record, not packed, may have the text. It lets some pass that have it not, and stops
    /// none that has it.
    pub(super) fn passes(&self, record: &[u8]) -> bool {
        let mut from = 0;
        // A place may overlap with the one before: the second byte of a syllable and the first of the
        // next look like one.
        while let Some(rest) = record.get(from..)
            && let Some(at) = self.first.find(rest)
        {
            if self.goes_on(rest.get(at + 2..).unwrap_or_default()) {
                return true;
            }
            from += at + 1;
        }
        has_enclosed(record)
    }

    /// Whether the rest of the text may stand at the beginning of `record`.
    fn goes_on(&self, mut record: &[u8]) -> bool {
        let mut rest = self.rest.iter().peekable();
        while let Some(&&wanted) = rest.peek() {
            let found = match *record {
                [b' ', ref after @ ..] | [b'\\', b'n' | b'r' | b't', ref after @ ..] => {
                    record = after;
                    continue;
                }
                [b'\\', ..] => return true,
                [first, ref after @ ..] if first.is_ascii() => {
                    record = after;
                    char::from(first.to_ascii_lowercase())
                }
                [lead, low, ref after @ ..] => match syllable(lead, low) {
                    Some(syllable) => {
                        record = after;
                        syllable
                    }
                    // Only folding tells what any other character is.
                    None => return true,
                },
                _ => return false,
            };
            if found != wanted {
                return false;
            }
            rest.next();
        }
        true
    }
}

/// Whether a record has, or seems to have, an enclosed syllable (`㉮`, `㈜`; U+3200 to U+32FF): there is
/// no other character that folding makes a syllable of.
fn has_enclosed(record: &[u8]) -> bool {
    memchr::memchr_iter(0xe3, record)
        .any(|at| matches!(record.get(at + 1..at + 3), Some([0x88..=0x8b, 0x80..=0xbf])))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passes(text: &str, wanted: &str) -> bool {
        let json = serde_json::to_string(text).unwrap();
        let wanted: Vec<char> = wanted.chars().collect();
        Glance::of(&wanted).unwrap().passes(&encode(&json))
    }

    #[test]
    fn a_text_is_seen_whatever_its_spacing() {
        for (text, wanted, seen) in [
            ("어제 고발된 사람", "고발된", true),
            ("어제 고 발\n된 사람", "고발된", true),
            ("고발한 사람된", "고발된", false),
            ("고발", "고발된", false),
            ("이상ABC 마트", "이상abc마트", true),
            ("이상 “인", "이상인", true),
            ("이상\"인", "이상인", true),
            ("이상Ⅲ", "이상iii", true),
            ("㉮나다", "가나다", true),
            ("나다", "가나다", false),
        ] {
            assert_eq!(passes(text, wanted), seen, "{wanted} in {text}");
        }
        assert!(Glance::of(&[]).is_none());
        assert!(Glance::of(&['A', '가']).is_none());
    }

    proptest! {
        #[test]
        fn nothing_that_is_there_is_stopped(
            before in "[가-힣a-zA-Z㈜㉮Ⅲ“…\"\\\\\n ]{0,20}",
            first in "[가-힣]",
            rest in "[가-힣a-z李ⅲ.\"]{0,5}",
            gap in "[ \n\t\u{3000}]{0,2}",
            after in any::<String>(),
        ) {
            let text = format!("{before}{first}{gap}{rest}{after}");
            let wanted = first + &rest;
            prop_assert!(passes(&text, &wanted));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            Glance::of(&['가', '나', 'a']).unwrap().passes(&bytes);
            Glance::of(&['가']).unwrap().passes(&bytes);
        }
    }
}
