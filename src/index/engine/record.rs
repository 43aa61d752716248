//! The record of a clipping: JSON in which Hangul syllables take two bytes instead of three.
//!
//! UTF-8 needs three bytes per syllable, of which the first is nearly constant. Two bytes make
//! records a tenth smaller after compression, and there is less to compress.
//!
//! A record with a stored page has a byte `01` and the 16-byte key of the page in front.
//!
//! | first byte | what follows |
//! |---|---|
//! | `00`–`7f` | nothing: ASCII |
//! | `80`–`ab` | one byte: syllable number `(first - 0x80) * 256 + second` after 가 |
//! | `c2`–`f4` | one to three bytes: any other character in UTF-8 |

use std::io;

use crate::clipping::Clipping;
use crate::hangul::{FIRST_SYLLABLE, SYLLABLES};
use crate::index::{Damage, IndexError, PageKey, Result};

/// First byte of a record with a stored page. JSON never begins with it.
const WITH_PAGE: u8 = 1;

const KEY_LEN: usize = 16;

/// First bytes of two-byte syllables.
const LEAD: u8 = 0x80;
const LEAD_END: u8 = LEAD + (SYLLABLES / 256) as u8 + 1;

/// Serializes a clipping, with the key of its page.
///
/// # Errors
/// An error of the JSON serializer, which a `Clipping` does not cause.
pub fn write(clipping: &Clipping, page: Option<PageKey>) -> Result<Vec<u8>> {
    let mut record = Vec::with_capacity(clipping.body.len() + 512);
    if let Some(PageKey(key)) = page {
        record.push(WITH_PAGE);
        record.extend_from_slice(&key);
    }
    serde_json::to_writer(Encoder(&mut record), clipping)
        .map_err(|e| IndexError::Engine(format!("a record cannot be written: {e}")))?;
    Ok(record)
}

/// Re-encodes UTF-8. serde_json writes whole characters at a time.
struct Encoder<'r>(&'r mut Vec<u8>);

impl io::Write for Encoder<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        encode_into(text, self.0);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The key of the page stored with a clipping.
pub fn page(stored: &[u8]) -> Option<PageKey> {
    let (key, _) = split_page(stored);
    Some(PageKey(key.get(1..)?.try_into().ok()?))
}

/// Splits a stored record into its page prefix, which may be empty, and the rest.
pub fn split_page(stored: &[u8]) -> (&[u8], &[u8]) {
    match stored.first() {
        Some(&WITH_PAGE) => stored.split_at_checked(1 + KEY_LEN).unwrap_or_default(),
        _ => (&[], stored),
    }
}

/// Parses a decompressed record.
///
/// # Errors
/// [`IndexError::Damaged`] when `record` was not written by [`write`].
pub fn read(record: &[u8]) -> Result<Clipping> {
    let damaged = |e: String| IndexError::Damaged(Damage::Record(e));
    let json = decode(record).map_err(damaged)?;
    serde_json::from_str(&json).map_err(|e| damaged(e.to_string()))
}

/// Encodes a text; the inverse of `decode`.
pub(in crate::index) fn encode(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    encode_into(text.as_bytes(), &mut out);
    out
}

fn encode_into(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some((&first, after)) = text.split_first() {
        if let [0xea..=0xed, second, third, rest @ ..] = text {
            let character = u32::from(first & 0x0f) << 12
                | u32::from(second & 0x3f) << 6
                | u32::from(third & 0x3f);
            let syllable = character.wrapping_sub(u32::from(FIRST_SYLLABLE));
            if syllable < SYLLABLES {
                let [.., high, low] = syllable.to_be_bytes();
                out.push(LEAD + high);
                out.push(low);
                text = rest;
                continue;
            }
        }
        out.push(first);
        text = after;
    }
}

/// Whether `byte` is the first of a two-byte syllable.
#[inline]
pub(in crate::index) fn is_lead(byte: u8) -> bool {
    (LEAD..LEAD_END).contains(&byte)
}

/// The syllable of a two-byte sequence.
#[inline]
pub(in crate::index) fn syllable(lead: u8, low: u8) -> Option<char> {
    let number = u32::from(lead.checked_sub(LEAD)?) * 256 + u32::from(low);
    char::from_u32(u32::from(FIRST_SYLLABLE) + number).filter(|_| is_lead(lead))
}

fn decode(stored: &[u8]) -> std::result::Result<String, String> {
    let mut out = String::with_capacity(stored.len() * 3 / 2);
    let mut rest = stored;
    while let Some((&byte, after)) = rest.split_first() {
        if is_lead(byte) {
            let (&low, after) = after.split_first().ok_or("it ends within a syllable")?;
            out.push(syllable(byte, low).ok_or("no syllable")?);
            rest = after;
        } else if byte.is_ascii() {
            out.push(char::from(byte));
            rest = after;
        } else {
            // Any other character is plain UTF-8.
            let length = match byte {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                _ => 4,
            };
            let (character, after) = rest.split_at_checked(length).ok_or("it ends early")?;
            out.push_str(str::from_utf8(character).map_err(|e| e.to_string())?);
            rest = after;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn syllables_take_two_bytes() {
        assert_eq!(
            encode("가힣a李"),
            [0x80, 0, 0xab, 0xa3, b'a', 0xe6, 0x9d, 0x8e]
        );
        let clipping = Clipping {
            headline: "李 대통령, ‘AI 강국’ 선언… 3조 투자😀".to_owned(),
            ..Clipping::default()
        };
        for key in [None, Some(PageKey([7; 16]))] {
            let stored = write(&clipping, key).unwrap();
            assert_eq!(read(split_page(&stored).1).unwrap(), clipping);
            assert_eq!(page(&stored), key);
        }
    }

    proptest! {
        #[test]
        fn any_text_round_trips(text in any::<String>(), korean in "[가-힣ㄱ-ㅎ0-9 ]{0,40}") {
            for text in [text, korean] {
                prop_assert_eq!(decode(&encode(&text)), Ok(text));
            }
        }

        #[test]
        fn any_bytes_are_accepted(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = read(&bytes);
        }
    }
}
