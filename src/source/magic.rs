//! Kinds of files that hold no clipping, told by their first bytes or their names.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

static MAGIC: LazyLock<Vec<(Vec<u8>, &'static str)>> = LazyLock::new(|| {
    rows(include_str!("data/magic.tsv"))
        .filter_map(|row| {
            let (bytes, kind) = row.split_once('\t')?;
            Some((hex(bytes)?, kind))
        })
        .collect()
});

static NOT_TEXT: LazyLock<FxHashSet<&'static str>> =
    LazyLock::new(|| rows(include_str!("data/not_text.txt")).collect());

/// Names the kind of a file that begins with `head`, when it is one that holds no text.
pub fn kind_of(head: &[u8]) -> Option<&'static str> {
    MAGIC
        .iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map(|(_, kind)| *kind)
}

/// Whether a file of this name is plainly no clipping and not worth opening: the pictures, styles
/// and scripts that are saved along with a page.
pub fn is_plainly_not_text(name: &str) -> bool {
    let Some((_, extension)) = name.rsplit_once('.') else {
        return false;
    };
    NOT_TEXT.contains(extension.to_ascii_lowercase().as_str())
}

/// Whether the beginning of a file can be that of a text: no control characters but those of
/// layout, or UTF-16 by its mark or by every other byte.
pub fn is_text(head: &[u8]) -> bool {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return true;
    }
    if kind_of(head).is_some() {
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
        // UTF-16 without its mark: markup is ASCII, so one byte of each pair is mostly zero.
        return half > 8 && even.max(odd) * 4 > half && even.min(odd) * 50 < half;
    }
    // Escape begins the shifts of ISO-2022-KR, 0x0e and 0x0f are the shifts.
    let control = head
        .iter()
        .filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x0e | 0x0f | 0x1b))
        .count();
    control * 100 <= head.len()
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
    fn text_is_told_from_other_files() {
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
        assert_eq!(kind_of(b"\xff\xd8\xff\xe0"), Some("a JPEG picture"));
    }
}
