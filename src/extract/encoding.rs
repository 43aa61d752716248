//! Decodes bytes, whatever encoding is declared.
//!
//! Korean pages are in UTF-8, in EUC-KR with Microsoft's extension (CP949, which `encoding_rs` calls
//! EUC-KR), rarely in UTF-16, mails also in ISO-2022-KR, and files from the age of DOS in Johab. The
//! declaration of a page is only a hint: valid UTF-8 with Hangul is UTF-8, and invalid UTF-8 is not,
//! whatever the label.

use std::borrow::Cow;

use encoding_rs::{EUC_KR, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::johab;
use crate::hangul::is_syllable;

/// Decoded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text, without byte order mark.
    pub text: Cow<'a, str>,
    /// Name of the encoding the bytes were in: `UTF-8`, `EUC-KR` (with CP949's extension),
    /// `UTF-16LE`, `UTF-16BE`, `ISO-2022-KR`, `Johab`, or another of the Encoding Standard.
    pub encoding: &'static str,
    /// Whether another encoding is declared.
    pub mislabelled: bool,
    /// Number of bytes that are invalid in the encoding and became U+FFFD.
    pub replaced: usize,
}

/// Number of bytes that are searched for a declaration. The standard says 1,024; some pages have
/// server directives or long heads before it.
const DECLARATION_WITHIN: usize = 16 * 1024;

/// Decodes bytes.
///
/// `declared` is the charset from outside, or a whole `Content-Type` header; declarations in the bytes
/// (`<meta charset>`, an XML declaration) are read as well.
pub fn decode<'a>(bytes: &'a [u8], declared: Option<&str>) -> Decoded<'a> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return with(encoding, &bytes[length..], false);
    }
    let label = declared.and_then(charset).or_else(|| inside(bytes));
    if let Some(encoding) = wide(bytes) {
        return with(encoding, bytes, label.is_some());
    }
    if let Some(text) = iso_2022_kr(bytes) {
        return Decoded {
            text: Cow::Owned(text),
            encoding: "ISO-2022-KR",
            mislabelled: label.is_some_and(|l| !l.eq_ignore_ascii_case("iso-2022-kr")),
            replaced: 0,
        };
    }
    let named = label
        .as_deref()
        .and_then(|l| Encoding::for_label(l.as_bytes()));
    // A page cut in the middle of a character is still UTF-8.
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none() && e.valid_up_to() > 0,
    };
    if valid {
        return with(
            UTF_8,
            bytes,
            named.is_some_and(|n| n != UTF_8) && !bytes.is_ascii(),
        );
    }
    if let Some(text) = johab::decode(bytes) {
        return Decoded {
            text: Cow::Owned(text),
            encoding: "Johab",
            mislabelled: label.is_some_and(|l| !l.eq_ignore_ascii_case("johab")),
            replaced: 0,
        };
    }
    let encoding = guess(bytes, named);
    with(encoding, bytes, named.is_some_and(|n| n != encoding))
}

fn with<'a>(encoding: &'static Encoding, bytes: &'a [u8], mislabelled: bool) -> Decoded<'a> {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let replaced = match &text {
        Cow::Borrowed(_) => 0,
        Cow::Owned(t) => t.matches(char::REPLACEMENT_CHARACTER).count(),
    };
    Decoded {
        text,
        encoding: encoding.name(),
        mislabelled,
        replaced,
    }
}

/// For bytes that are not valid UTF-8: damaged UTF-8, EUC-KR, or the declared encoding.
///
/// Counts, over a sample, characters that are well formed in UTF-8 against those in CP949. Damaged
/// UTF-8 (a cut by a tool, one foreign line) keeps nearly all its sequences well formed; CP949
/// Hangul almost never forms one.
fn guess(bytes: &[u8], named: Option<&'static Encoding>) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(1 << 20)];
    let mut good = 0usize;
    let mut bad = 0usize;
    for chunk in sample.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    if good > bad * 4 {
        return UTF_8;
    }
    let (text, _) = EUC_KR.decode_without_bom_handling(sample);
    let hangul = text.chars().filter(|&c| is_syllable(c)).count();
    let broken = text.matches(char::REPLACEMENT_CHARACTER).count();
    if hangul > broken * 4 && hangul > 0 {
        return EUC_KR;
    }
    if let Some(named) = named
        && named != UTF_8
        && named != EUC_KR
    {
        return named;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let found = detector.guess(Some(b"kr"), chardetng::Utf8Detection::Allow);
    if found == WINDOWS_1252 && hangul > broken {
        return EUC_KR;
    }
    found
}

/// UTF-16 without a byte order mark: every other byte of the markup or of line ends is zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096)];
    if sample.len() < 8 {
        return None;
    }
    let (mut even, mut odd) = (0, 0);
    for pair in sample.chunks_exact(2) {
        even += usize::from(pair[0] == 0 && pair[1] != 0);
        odd += usize::from(pair[1] == 0 && pair[0] != 0);
    }
    let pairs = sample.len() / 2;
    // Hangul fills both bytes, so a text without markup has few zeros: blanks and line ends only.
    if odd * 16 > pairs && even * 20 < odd {
        Some(UTF_16LE)
    } else if even * 16 > pairs && odd * 20 < even {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// ISO-2022-KR (RFC 1557): after the designation `ESC $ ) C`, the controls SO and SI switch to KS X
/// 1001 and back; the codes are those of EUC-KR without the high bit.
fn iso_2022_kr(bytes: &[u8]) -> Option<String> {
    const DESIGNATION: &[u8] = b"\x1b$)C";
    if !bytes.is_ascii() {
        return None;
    }
    memchr::memmem::find(bytes, DESIGNATION)?;
    let mut euc = Vec::with_capacity(bytes.len());
    let mut shifted = false;
    let mut rest = bytes;
    while let Some((&b, tail)) = rest.split_first() {
        if rest.starts_with(DESIGNATION) {
            rest = &rest[DESIGNATION.len()..];
            continue;
        }
        rest = tail;
        match b {
            0x0e => shifted = true,
            0x0f => shifted = false,
            b'\n' => {
                shifted = false;
                euc.push(b);
            }
            0x21..=0x7e if shifted => euc.push(b | 0x80),
            _ => euc.push(b),
        }
    }
    Some(EUC_KR.decode_without_bom_handling(&euc).0.into_owned())
}

/// The charset of a `Content-Type` value, or the value itself when it is a bare label.
fn charset(declared: &str) -> Option<String> {
    let lower = declared.to_ascii_lowercase();
    let label = match lower.find("charset") {
        Some(at) => label_after(&lower.as_bytes()[at + 7..])?,
        None if lower.contains('/') => return None,
        None => lower.trim().to_owned(),
    };
    (!label.is_empty()).then_some(label)
}

/// A declaration in the bytes: `<meta charset=...>`, `content="text/html; charset=..."`,
/// `<?xml encoding="..."?>`. One inside a script (`<script charset=...>`) is not the page's.
fn inside(bytes: &[u8]) -> Option<String> {
    let near = &bytes[..bytes.len().min(DECLARATION_WITHIN)];
    let lower = near.to_ascii_lowercase();
    if lower.trim_ascii_start().starts_with(b"<?xml")
        && let Some(end) = memchr::memmem::find(&lower, b"?>")
        && let Some(at) = memchr::memmem::find(&lower[..end], b"encoding")
        && let Some(label) = label_after(&lower[at + 8..end])
    {
        return Some(label);
    }
    for at in memchr::memmem::find_iter(&lower, b"<meta") {
        let rest = &lower[at..];
        let tag = &rest[..memchr::memchr(b'>', rest).unwrap_or(rest.len())];
        if let Some(at) = memchr::memmem::find(tag, b"charset")
            && let Some(label) = label_after(&tag[at + 7..])
        {
            return Some(label);
        }
    }
    None
}

/// The label after `=`, without quotes.
fn label_after(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.trim_ascii_start().strip_prefix(b"=")?;
    let label: String = bytes
        .iter()
        .skip_while(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\''))
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':'))
        .map(|b| *b as char)
        .collect();
    (!label.is_empty()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn euc_kr(text: &str) -> Vec<u8> {
        EUC_KR.encode(text).0.into_owned()
    }

    #[test]
    fn utf_8_is_detected_whatever_the_label() {
        let page = "<meta charset=\"euc-kr\"><p>봄꽃 축제</p>";
        let decoded = decode(page.as_bytes(), None);
        assert_eq!(decoded.text, page);
        assert_eq!(decoded.encoding, "UTF-8");
        assert!(decoded.mislabelled);
        let decoded = decode(page.as_bytes(), Some("text/html; charset=EUC-KR"));
        assert_eq!(decoded.text, page);
    }

    #[test]
    fn cp949_is_told_whatever_the_label_with_its_extended_syllables() {
        // 뷁, 똠, 펲 are in CP949 only.
        let page = "<meta charset=utf-8><p>똠방각하와 뷁, 펲시 이야기를 담은 기사</p>";
        let bytes = euc_kr(page);
        for declared in [None, Some("utf-8"), Some("text/html;charset=UTF-8")] {
            let decoded = decode(&bytes, declared);
            assert_eq!(decoded.text, page);
            assert_eq!(decoded.encoding, "EUC-KR");
            assert!(decoded.mislabelled);
        }
        let page = "한 줄짜리 글";
        let bytes = euc_kr(page);
        assert_eq!(decode(&bytes, None).text, page);
    }

    #[test]
    fn damaged_utf_8_stays_utf_8() {
        let mut bytes = "가을 축제가 시작됐다. 사람들이 모였다.".as_bytes().to_vec();
        bytes[4] = b'?';
        bytes.push(0xff);
        let decoded = decode(&bytes, None);
        assert_eq!(decoded.encoding, "UTF-8");
        assert!(decoded.replaced > 0);
        let cut = &"가을 축제".as_bytes()[..8];
        assert_eq!(decode(cut, None).encoding, "UTF-8");
    }

    #[test]
    fn utf_16_is_told_with_and_without_a_mark() {
        let text = "기사 제목\n본문은 여기에서 시작한다. 그리고 끝난다.";
        for big in [false, true] {
            let unit = |u: u16| {
                if big {
                    u.to_be_bytes()
                } else {
                    u.to_le_bytes()
                }
            };
            let bare: Vec<u8> = text.encode_utf16().flat_map(unit).collect();
            let marked: Vec<u8> = unit(0xFEFF).into_iter().chain(bare.clone()).collect();
            assert_eq!(decode(&bare, None).text, text);
            assert_eq!(decode(&marked, Some("utf-8")).text, text);
        }
    }

    #[test]
    fn iso_2022_kr_is_told() {
        let mut bytes = b"\x1b$)CSubject: \x0e".to_vec();
        bytes.extend(euc_kr("봄날").iter().map(|b| b & 0x7f));
        bytes.extend(b"\x0f OK");
        let decoded = decode(&bytes, None);
        assert_eq!(decoded.text, "Subject: 봄날 OK");
        assert_eq!(decoded.encoding, "ISO-2022-KR");
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(decode("\u{feff}글".as_bytes(), Some("euc-kr")).text, "글");
    }

    #[test]
    fn a_scripts_charset_is_not_the_pages() {
        assert_eq!(
            inside(b"<script charset='euc-kr'></script><meta charset=utf-8>").as_deref(),
            Some("utf-8")
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_some_text(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes, None);
        }

        #[test]
        fn korean_text_survives_each_encoding(text in "[가-힣 ]{12,60}") {
            let utf8 = decode(text.as_bytes(), Some("euc-kr"));
            prop_assert_eq!(&*utf8.text, &*text);
        }
    }
}
