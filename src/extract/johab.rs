//! Johab (KS X 1001, annex 3; code page 1361): what Korean word processors of the eighties and
//! nineties wrote. Files of that time have no label.
//!
//! A syllable is two bytes: a set bit, then five bits each for its initial, vowel and final. Symbols
//! and Hanja are the rows of KS X 1001 in other places, so EUC-KR decodes them.

use encoding_rs::EUC_KR;

use crate::hangul;

/// Number of characters examined to detect the encoding.
const SAMPLE: usize = 1_000;

/// Minimum number of characters for a decision.
const LEAST: usize = 8;

/// Decodes bytes that are clearly Johab: as Johab nearly all syllables are common ones, as CP949 they
/// are not.
pub fn decode(bytes: &[u8]) -> Option<String> {
    let sample = read(bytes.get(..bytes.len().min(2 * SAMPLE))?);
    let (as_johab, wrong) = (sample.common, sample.wrong);
    if as_johab < LEAST || wrong * 50 > as_johab || sample.rare * 20 > as_johab {
        return None;
    }
    let (cp949, _) = EUC_KR.decode_without_bom_handling(bytes.get(..bytes.len().min(2 * SAMPLE))?);
    let (mut common, mut others) = (0, 0);
    for c in cp949.chars().filter(|c| !c.is_ascii()) {
        match is_common(c) {
            true => common += 1,
            false => others += 1,
        }
    }
    // In CP949 the same bytes are rare syllables, signs and errors.
    (others * 2 > common).then(|| read(bytes).text)
}

#[derive(Default)]
struct Reading {
    text: String,
    /// Number of the 2,350 syllables of KS X 1001, the common ones.
    common: usize,
    /// Number of other syllables.
    rare: usize,
    /// Number of invalid bytes.
    wrong: usize,
}

fn read(mut rest: &[u8]) -> Reading {
    let mut reading = Reading::default();
    while let Some((&first, after)) = rest.split_first() {
        if first < 0x80 {
            reading.text.push(char::from(first));
            rest = after;
            continue;
        }
        let Some((&second, after)) = after.split_first() else {
            // A sample may end inside of a character.
            break;
        };
        rest = after;
        match character(first, second) {
            Some(c) => {
                match c {
                    '가'..='힣' if is_common(c) => reading.common += 1,
                    '가'..='힣' => reading.rare += 1,
                    _ => {}
                }
                reading.text.push(c);
            }
            None => {
                reading.wrong += 1;
                reading.text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
    reading
}

/// Whether EUC-KR proper has a character: both its bytes have the high bit.
fn is_common(c: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, is_lossy) = EUC_KR.encode(c.encode_utf8(&mut buffer));
    !is_lossy && bytes.iter().all(|b| *b >= 0xa1)
}

fn character(first: u8, second: u8) -> Option<char> {
    match first {
        0x84..=0xd3 => syllable(u16::from_be_bytes([first, second])),
        0xd9..=0xde => of_row(2 * (first - 0xd9) + 0x21, second),
        0xe0..=0xf9 => of_row(2 * (first - 0xe0) + 0x4a, second),
        _ => None,
    }
}

fn syllable(code: u16) -> Option<char> {
    let part = |shift: u16| u32::from(code >> shift & 31);
    let initial = part(10).checked_sub(2).filter(|n| *n < 19)?;
    let vowel = match part(5) {
        n @ 3..=7 => n - 3,
        n @ 10..=15 => n - 5,
        n @ 18..=23 => n - 7,
        n @ 26..=29 => n - 9,
        _ => return None,
    };
    let last = match part(0) {
        n @ 1..=17 => n - 1,
        n @ 19..=29 => n - 2,
        _ => return None,
    };
    hangul::compose(initial, vowel, last)
}

/// A character of this row of KS X 1001, or of the next one.
fn of_row(row: u8, second: u8) -> Option<char> {
    let (row, column) = match second {
        0x31..=0x7e => (row, second - 0x31 + 0x21),
        0x91..=0xa0 => (row, second - 0x91 + 0x6f),
        0xa1..=0xfe => (row + 1, second - 0x80),
        _ => return None,
    };
    let code = [row | 0x80, column | 0x80];
    let text = EUC_KR.decode_without_bom_handling_and_without_replacement(&code)?;
    text.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `다온시, 새 다리 착공`, `「橋梁」 ㎞ 뷁` in Johab, from Python's codec.
    const HEADLINE: &[u8] = &[
        0x94, 0x61, 0xb5, 0xa5, 0xaf, 0xa1, 0x2c, 0x20, 0xac, 0x81, 0x20, 0x94, 0x61, 0x9f, 0xa1,
        0x20, 0xc0, 0x62, 0x89, 0xb7,
    ];
    const SIGNS: &[u8] = &[
        0xd9, 0x48, 0xe2, 0x79, 0xe5, 0xd9, 0xd9, 0x49, 0x20, 0xdc, 0x40, 0x20, 0xa6, 0xca,
    ];

    #[test]
    fn syllables_signs_and_hanja_are_decoded() {
        assert_eq!(read(HEADLINE).text, "다온시, 새 다리 착공");
        assert_eq!(read(SIGNS).text, "「橋梁」 ㎞ 뷁");
        assert_eq!(decode(HEADLINE).as_deref(), Some("다온시, 새 다리 착공"));
    }

    #[test]
    fn other_encodings_are_no_johab() {
        let text = "다온시가 강을 건너는 새 다리를 놓기로 했다고 밝혔다. 똠방각하 펲시콜라 橋梁";
        let (cp949, ..) = EUC_KR.encode(text);
        for bytes in [
            &cp949,
            text.as_bytes(),
            b"plain text",
            b"",
            b"caf\xe9 cr\xe8me br\xfbl\xe9e",
        ] {
            assert_eq!(decode(bytes), None);
        }
    }
}
