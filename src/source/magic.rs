//! Detects files without text by their first bytes or their name.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;

use super::FileKind;

static MAGIC: LazyLock<Vec<(Vec<u8>, FileKind)>> = LazyLock::new(|| {
    rows(include_str!("data/magic.tsv"))
        .filter_map(|row| {
            let (bytes, code) = row.split_once('\t')?;
            let code: serde::de::value::StrDeserializer<'_, Error> = code.into_deserializer();
            Some((hex(bytes)?, FileKind::deserialize(code).ok()?))
        })
        .collect()
});

static NOT_TEXT: LazyLock<FxHashSet<&'static str>> =
    LazyLock::new(|| rows(include_str!("data/not_text.txt")).collect());

/// The kind of a file that begins with `head` and is called `name`, if it is one without text.
pub fn kind_of(head: &[u8], name: &str) -> Option<FileKind> {
    let kind = file_kind(head)?;
    Some(match kind {
        FileKind::OldOffice if name.ends_with(".hwp") => FileKind::Hwp,
        kind => kind,
    })
}

/// The kind of a file that begins with `head`, if it is one without text.
pub fn file_kind(head: &[u8]) -> Option<FileKind> {
    // ISO/IEC 14496-12: such files begin with a box of type `ftyp`.
    if head.get(4..8) == Some(b"ftyp") {
        return Some(FileKind::IsoMedia);
    }
    let (magic, kind) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic))?;
    // A text may begin with "BMW" or "MZ세대". A file with a printable signature has control
    // characters in its header; text does not.
    let is_printable = magic.iter().all(|b| b.is_ascii_graphic() || *b == b' ');
    if is_printable && *kind != FileKind::Pdf && !has_control(head) {
        return None;
    }
    match kind {
        FileKind::OldOffice if is_hwp(head) => Some(FileKind::Hwp),
        kind => Some(*kind),
    }
}

/// The directory of an HWP 5.0 compound file has this entry.
fn is_hwp(head: &[u8]) -> bool {
    let entry: Vec<u8> = "HwpSummaryInformation"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    memchr::memmem::find(head, &entry).is_some()
}

/// Counts control characters, except for layout and ISO-2022-KR (escape, shift out, shift in).
fn control(head: &[u8]) -> usize {
    head.iter()
        .filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x0e | 0x0f | 0x1b))
        .count()
}

fn has_control(head: &[u8]) -> bool {
    control(head) > 0
}

/// Whether a file is not a clipping by its name: images, styles and scripts that browsers save with
/// a page.
pub fn is_plainly_not_text(name: &str) -> bool {
    let Some((_, extension)) = name.rsplit_once('.') else {
        return false;
    };
    NOT_TEXT.contains(extension.to_ascii_lowercase().as_str())
}

/// Whether a file that begins with `head` can be text: nearly no control characters, or UTF-16,
/// with a byte order mark or zeros in every other byte.
pub fn is_text(head: &[u8]) -> bool {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return true;
    }
    if file_kind(head).is_some() {
        return false;
    }
    let zeros = |from: usize| {
        head.iter()
            .skip(from)
            .step_by(2)
            .filter(|&&b| b == 0)
            .count()
    };
    let half = head.len() / 2;
    let (even, odd) = (zeros(0), zeros(1));
    if even + odd > 0 {
        // UTF-16 without byte order mark: markup is ASCII, so one byte of each pair is mostly zero.
        return half > 8 && even.max(odd) * 4 > half && even.min(odd) * 50 < half;
    }
    control(head) * 100 <= head.len()
}

fn rows(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    digits
        .split(' ')
        .map(|byte| u8::from_str_radix(byte, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        assert_eq!(MAGIC.len(), rows(include_str!("data/magic.tsv")).count());
        for extension in rows(include_str!("data/not_text.txt")) {
            assert!(is_plainly_not_text(&format!(
                "A.{}",
                extension.to_uppercase()
            )));
        }
        for kept in ["a.html", "a", "a.txt", "a.jsonl", "기사.htm", "a.php"] {
            assert!(!is_plainly_not_text(kept));
        }
    }

    #[test]
    fn text_may_begin_like_a_binary_file() {
        for text in [
            "MZ세대의 소비",
            "BMW, 새 전기차 공개",
            "ID3 조약 체결",
            "RIFF 2024",
        ] {
            assert!(is_text(text.as_bytes()), "{text}");
        }
        for (head, kind) in [
            (&b"MZ\x90\0\x03\0\0\0"[..], FileKind::Program),
            (b"BM\x36\x10\0\0\0\0", FileKind::Bmp),
            (b"RIFF\x24\x08\0\0WEBPVP8 ", FileKind::Riff),
            (b"\0\0\0\x1cftypavif", FileKind::IsoMedia),
            (b"%PDF-1.7\n", FileKind::Pdf),
        ] {
            assert_eq!(file_kind(head), Some(kind));
            assert!(!is_text(head));
        }
    }

    #[test]
    fn hwp_is_distinguished_from_other_compound_files() {
        const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
        assert_eq!(kind_of(COMPOUND, "a.doc"), Some(FileKind::OldOffice));
        assert_eq!(kind_of(COMPOUND, "a.hwp"), Some(FileKind::Hwp));
        let mut named = COMPOUND.to_vec();
        named.extend(
            "HwpSummaryInformation"
                .encode_utf16()
                .flat_map(u16::to_le_bytes),
        );
        assert_eq!(file_kind(&named), Some(FileKind::Hwp));
        let old = b"HWP Document File V3.00 \x1a\x01\x02\x03";
        assert_eq!(file_kind(old), Some(FileKind::Hwp));
    }

    #[test]
    fn text_is_distinguished_from_other_files() {
        assert!(is_text("<html>본문".as_bytes()));
        assert!(is_text(b"\xb1\xe2\xbb\xe7"));
        assert!(is_text(b"\x1b$)C\x0e1b;g\x0f"));
        let utf16: Vec<u8> = "<html><body>기사 본문 text"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(is_text(&utf16));
        assert!(!is_text(b"\x89PNG\r\n\x1a\n"));
        assert!(!is_text(b"\x00\x01\x02\x00\x00\x00\x00\x05\x06\x00"));
        assert_eq!(file_kind(b"\xff\xd8\xff\xe0"), Some(FileKind::Jpeg));
    }
}
