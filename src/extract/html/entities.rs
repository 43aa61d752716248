//! Character references: `&amp;`, `&#8220;`, `&#x201C;`, and those without a semicolon.
//!
//! Names come from `data/entities.tsv`, the HTML Standard's table.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::extract::table;

struct Reference {
    text: String,
    bare: bool,
}

static NAMED: LazyLock<FxHashMap<&'static str, Reference>> = LazyLock::new(|| {
    table::rows(include_str!("../data/entities.tsv"))
        .map(|row| {
            let text = row
                .get(1)
                .split(' ')
                .filter_map(|hex| u32::from_str_radix(hex, 16).ok().and_then(char::from_u32))
                .collect();
            let bare = row.get(2) == "1";
            (row.get(0), Reference { text, bare })
        })
        .collect()
});

/// The longest name that stands without a semicolon (`&thetasym` and the like need one).
const LONGEST_BARE: usize = 6;
/// Longer than any name of the table.
const LONGEST: usize = 32;

/// What C1 control numbers mean on pages written for Windows (HTML Standard, "numeric character
/// reference end state").
const WINDOWS_1252: [u16; 32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
];

/// Replaces character references by what they stand for; unknown ones stay as written.
pub fn decode(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let used = reference(rest, &mut out);
        if used == 0 {
            out.push('&');
            rest = &rest[1..];
        } else {
            rest = &rest[used..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Decodes the reference that `text` begins with; gives its length in bytes, 0 when it is none.
fn reference(text: &str, out: &mut String) -> usize {
    let bytes = text.as_bytes();
    if bytes.get(1) == Some(&b'#') {
        return numeric(text, out);
    }
    let name_len = bytes[1..]
        .iter()
        .take(LONGEST)
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    let name = &text[1..1 + name_len];
    if bytes.get(1 + name_len) == Some(&b';')
        && let Some(found) = NAMED.get(name)
    {
        out.push_str(&found.text);
        return name_len + 2;
    }
    for len in (2..=name_len.min(LONGEST_BARE)).rev() {
        if let Some(found) = NAMED.get(&name[..len])
            && found.bare
        {
            // `&copy=1` in an address is no reference.
            if matches!(bytes.get(1 + len), Some(b'=')) || len < name_len {
                return 0;
            }
            out.push_str(&found.text);
            return len + 1;
        }
    }
    0
}

fn numeric(text: &str, out: &mut String) -> usize {
    let bytes = text.as_bytes();
    let hex = matches!(bytes.get(2), Some(b'x' | b'X'));
    let start = if hex { 3 } else { 2 };
    let radix = if hex { 16 } else { 10 };
    let len = bytes
        .get(start..)
        .unwrap_or_default()
        .iter()
        .take_while(|b| (**b as char).is_digit(radix))
        .count();
    if len == 0 {
        return 0;
    }
    let digits = &text[start..start + len];
    let code = u32::from_str_radix(digits, radix).unwrap_or(u32::MAX);
    let code = match code {
        0x80..=0x9F => WINDOWS_1252
            .get(code as usize - 0x80)
            .map_or(code, |&c| u32::from(c)),
        _ => code,
    };
    out.push(match char::from_u32(code) {
        Some('\0') | None => char::REPLACEMENT_CHARACTER,
        Some(c) => c,
    });
    let semicolon = bytes.get(start + len) == Some(&b';');
    start + len + usize::from(semicolon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_holds_the_whole_standard() {
        assert_eq!(NAMED.len(), 2125);
        assert!(NAMED.values().all(|r| !r.text.is_empty()));
    }

    #[test]
    fn references_are_decoded() {
        for (raw, text) in [
            ("a &amp; b", "a & b"),
            ("&quot;가&#034; &#x201C;나&#8221;", "\"가\" “나”"),
            ("&nbsp;&middot;&hellip;", "\u{a0}·…"),
            ("&copy 2024 &lt가", "© 2024 <가"),
            ("?a=1&copy=2&lang=ko", "?a=1&copy=2&lang=ko"),
            ("&#146;", "’"),
            ("&#0;&#x110000;&#99999999999;", "\u{fffd}\u{fffd}\u{fffd}"),
            ("R&D & &; &# &#x; &nosuch;", "R&D & &; &# &#x; &nosuch;"),
        ] {
            assert_eq!(decode(raw), text, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_decoded_without_panic(s in "[&#;xa-z0-9가\u{0}]{0,40}") {
            let _ = decode(&s);
        }
    }
}
