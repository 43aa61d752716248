//! Folds runs and compounds, so that spellings that look or mean the same become one term.
//!
//! Folding applies NFKC (UAX 15: composes decomposed text; replaces full- and half-width forms,
//! squared units and compatibility ideographs) and lower case; removes zero-width characters,
//! thousands separators (`1,000` → `1000`) and the last dot of an acronym (`D.C.` → `d.c`); and
//! maps all middle dots, hyphens and apostrophes to one character each. Unlike in NFKC,
//! compatibility jamo (ㄱ) are kept, and half-width and lone conjoining jamo are mapped to them.

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::hangul::{
    compatibility_jamo, is_compatibility_jamo, is_conjoining_lead, is_conjoining_vowel_or_tail,
    is_half_width_jamo, is_syllable,
};

use super::runs::{CharClass, char_class, is_apostrophe, is_hyphen, is_middle_dot, is_zero_width};

/// A folded text with a map of its offsets to the original. Reuse it to reuse its buffers.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// In order; empty if `is_identity`.
    segments: Vec<Segment>,
    is_identity: bool,
    cluster: String,
}

/// A span of the original that folds as a unit: a character with its combining characters.
#[derive(Debug, Clone, Copy)]
struct Segment {
    /// Start in the folded text.
    folded: u32,
    /// Start in the original.
    start: u32,
    /// End in the original.
    end: u32,
}

impl Folded {
    /// Whether byte offsets in the folded text and the original are equal.
    pub fn is_identity(&self) -> bool {
        self.is_identity
    }

    /// The original offset of the character at byte `at` of the folded text. If one character folds
    /// to several (㎞ to km), the start of that character.
    pub fn original_start(&self, at: usize) -> usize {
        if self.is_identity {
            return at;
        }
        let after = self.segments.partition_point(|p| p.folded as usize <= at);
        let segment = after.checked_sub(1).and_then(|i| self.segments.get(i));
        segment.map_or(0, |p| p.start as usize)
    }

    /// The original end of the character that ends at byte `at` of the folded text. If one
    /// character folds to several, the end of that character.
    pub fn original_end(&self, at: usize) -> usize {
        if self.is_identity {
            return at;
        }
        let after = self.segments.partition_point(|p| (p.folded as usize) < at);
        let segment = after.checked_sub(1).and_then(|i| self.segments.get(i));
        segment.map_or(0, |p| p.end as usize)
    }
}

/// Folds `run` into `out`, replacing its content.
///
/// Folding is idempotent, and equal for NFC and NFD. The result is empty if all characters are
/// invisible.
pub fn fold(run: &str, out: &mut Folded) {
    out.text.clear();
    out.segments.clear();
    out.is_identity = is_plain(run);
    if out.is_identity {
        out.text.push_str(run);
        out.text.make_ascii_lowercase();
    } else {
        fold_clusters(run, out);
    }
}

/// Folds `run` without reusing buffers.
pub fn folded(run: &str) -> String {
    let mut out = Folded::default();
    fold(run, &mut out);
    out.text
}

/// Folds `c` if that needs neither Unicode tables nor its neighbours, which holds for nearly all
/// characters of Korean text. Every fast path of the crate uses this function.
///
/// Combining characters after `c` may compose with it; this function folds none of those.
pub fn fold_simple(c: char) -> Option<char> {
    match c {
        // See `is_dropped`.
        ',' | '.' => None,
        '`' | '‘' | '’' => Some('\''),
        _ if c.is_ascii() => Some(c.to_ascii_lowercase()),
        _ if is_syllable(c) => Some(c),
        '一'..='鿿' | '‚'..='‟' => Some(c),
        _ => None,
    }
}

/// Appends `c`, folded independently of its neighbours.
pub fn fold_char(c: char, out: &mut String) {
    if let Some(folded) = fold_simple(c) {
        out.push(folded);
    } else if let Some(c) = plain(c) {
        push_folded(c.encode_utf8(&mut [0; 4]), out);
    }
}

/// Whether folding removes `c` between these neighbours: thousands separators, and dots that are
/// not followed by a Latin letter or digit.
pub fn is_dropped(c: char, before: Option<char>, after: Option<char>) -> bool {
    match c {
        ',' => before.is_some_and(char::is_numeric) && after.is_some_and(char::is_numeric),
        '.' => {
            !after.is_some_and(|c| matches!(char_class(c), CharClass::Letter | CharClass::Digit))
        }
        _ => false,
    }
}

/// Whether folding only lower-cases ASCII letters.
fn is_plain(run: &str) -> bool {
    let mut chars = run.chars().peekable();
    while let Some(c) = chars.next() {
        let is_kept = match c {
            '.' => chars.peek().is_some_and(char::is_ascii_alphanumeric),
            _ => fold_simple(c) == Some(c.to_ascii_lowercase()),
        };
        if !is_kept {
            return false;
        }
    }
    true
}

/// Folds each character together with those that compose with it.
fn fold_clusters(run: &str, out: &mut Folded) {
    let mut chars = run.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        out.cluster.clear();
        out.cluster.extend(plain(c));
        let mut before = c;
        while let Some(&(next, c)) = chars.peek() {
            if !continues(before, c) {
                break;
            }
            chars.next();
            end = next + c.len_utf8();
            out.cluster.extend(plain(c));
            if !is_zero_width(c) {
                before = c;
            }
        }
        let folded = out.text.len();
        push_folded(&out.cluster, &mut out.text);
        if out.text.len() > folded {
            out.segments.push(Segment {
                folded: folded as u32,
                start: start as u32,
                end: end as u32,
            });
        }
    }
    if out.text.contains(['.', ',']) {
        drop_signs(out);
    }
}

/// Removes commas between digits, and dots that are not followed by a Latin letter or digit.
fn drop_signs(out: &mut Folded) {
    let text = std::mem::take(&mut out.text);
    let mut segments = out.segments.iter_mut().peekable();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        while let Some(segment) = segments.next_if(|p| p.folded as usize <= at) {
            segment.folded = out.text.len() as u32;
        }
        let next = chars.peek().map(|&(_, c)| c);
        let before = out.text.chars().next_back();
        let is_removed = is_dropped(c, before, next);
        if !is_removed {
            out.text.push(c);
        }
    }
}

/// Maps look-alikes to one character; `None` for invisible characters.
fn plain(c: char) -> Option<char> {
    match c {
        c if is_zero_width(c) => None,
        c if c != '\u{119E}' && is_middle_dot(c) => Some('·'),
        c if is_hyphen(c) => Some('-'),
        c if is_apostrophe(c) => Some('\''),
        c if is_half_width_jamo(c) => Some(full_width_jamo(c)),
        c => Some(c),
    }
}

/// The compatibility jamo of a half-width one. The blocks have the same order, with gaps.
fn full_width_jamo(c: char) -> char {
    let shift = match c {
        '\u{FFA1}'..='\u{FFBE}' => 0xFFA1 - 0x3131,
        '\u{FFC2}'..='\u{FFC7}' => 0xFFC2 - 0x314F,
        '\u{FFCA}'..='\u{FFCF}' => 0xFFCA - 0x3155,
        '\u{FFD2}'..='\u{FFD7}' => 0xFFD2 - 0x315B,
        '\u{FFDA}'..='\u{FFDC}' => 0xFFDA - 0x3161,
        _ => 0,
    };
    char::from_u32(c as u32 - shift).unwrap_or(c)
}

/// Whether `c` composes with the preceding visible character `before`.
fn continues(before: char, c: char) -> bool {
    if is_zero_width(c) {
        return true;
    }
    if is_conjoining_vowel_or_tail(c) {
        return is_conjoining_lead(before)
            || (c != '\u{119E}' && is_conjoining_vowel_or_tail(before))
            || (c != '\u{119E}' && is_syllable(before));
    }
    std::iter::once(c)
        .nfkd()
        .next()
        .is_some_and(|c| canonical_combining_class(c) != 0)
        || is_nfkc_quick(std::iter::once(c)) == IsNormalized::Maybe
}

fn push_folded(cluster: &str, out: &mut String) {
    // NFKC would turn ㄱㅏ into conjoining jamo and compose them.
    if cluster.chars().next().is_some_and(is_compatibility_jamo) {
        out.extend(cluster.nfc());
        return;
    }
    let mut chars = cluster
        .nfkc()
        .flat_map(char::to_lowercase)
        .nfkc()
        .filter_map(plain)
        .peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        let bound = (is_conjoining_lead(c)
            && chars
                .peek()
                .is_some_and(|&c| is_conjoining_vowel_or_tail(c)))
            || (is_conjoining_vowel_or_tail(c) && before.is_some_and(|b| continues(b, c)));
        out.push(if bound { c } else { lone_jamo(c) });
        before = Some(c);
    }
}

/// The compatibility jamo of a conjoining one without neighbours to compose with.
fn lone_jamo(c: char) -> char {
    match c {
        '\u{119E}' => '·',
        _ => compatibility_jamo(c).unwrap_or(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn look_alikes_are_one_term() {
        for (from, to) in [
            ("삼성전자", "삼성전자"),
            ("SK하이닉스", "sk하이닉스"),
            ("ＡＩ", "ai"),
            ("５Ｇ", "5g"),
            ("5㎞", "5km"),
            ("CO₂", "co2"),
            ("\u{F9E1}", "李"),
            ("삼\u{200B}성\u{AD}", "삼성"),
            ("1,000억원", "1000억원"),
            ("1,234,567.8", "1234567.8"),
            ("6ㆍ25", "6·25"),
            ("6\u{119E}25", "6·25"),
            ("R＆D", "r&d"),
            ("D.C.", "d.c"),
            ("D.C.에서", "d.c에서"),
            ("McDonald’s", "mcdonald's"),
            ("F–35", "f-35"),
            ("ﾡﾢ", "ㄱㄲ"),
            ("\u{110F}\u{110F}", "ㅋㅋ"),
            ("ㅋㅋ", "ㅋㅋ"),
            ("Ⅳ", "iv"),
            ("CAFE\u{301}", "café"),
            ("C++", "c++"),
            ("3.1％", "3.1%"),
            ("\u{200B}", ""),
        ] {
            assert_eq!(folded(from), to, "{from}");
        }
    }

    #[test]
    fn offsets_map_to_the_original() {
        let mut out = Folded::default();
        let text = "5㎞\u{200B}1,000사\u{11B7}";
        fold(text, &mut out);
        assert_eq!(out.text, "5km1000삼");
        assert!(!out.is_identity());
        let back = |from, to| &text[out.original_start(from)..out.original_end(to)];
        assert_eq!(back(0, 1), "5");
        assert_eq!(back(1, 2), "㎞\u{200B}");
        assert_eq!(back(2, 3), "㎞\u{200B}");
        assert_eq!(back(3, 7), "1,000");
        assert_eq!(back(7, 10), "사\u{11B7}");
        fold("AI가", &mut out);
        assert!(out.is_identity());
        assert_eq!((out.original_start(2), out.original_end(5)), (2, 5));
    }

    #[test]
    fn simple_characters_fold_as_the_tables_say() {
        let mut count = 0;
        for c in '\0'..=char::MAX {
            let Some(simple) = fold_simple(c) else {
                continue;
            };
            let mut by_tables = String::new();
            push_folded(plain(c).unwrap().encode_utf8(&mut [0; 4]), &mut by_tables);
            assert!(by_tables.chars().eq([simple]), "{c:?}");
            assert!(!continues('a', c) && !continues('가', c), "{c:?}");
            count += 1;
        }
        assert!(count > 11_172 + 20_000);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

        #[test]
        fn the_fast_path_folds_as_the_clusters_do(text in "([가-힣]|[a-zA-Z0-9]|[.,`'‘’“%&李]){0,12}") {
            let mut by_clusters = Folded::default();
            fold_clusters(&text, &mut by_clusters);
            prop_assert_eq!(folded(&text), by_clusters.text);
        }

        #[test]
        fn folding_is_idempotent_and_blind_to_composition(text in TEXT) {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once.clone());
            let nfc: String = text.nfc().collect();
            let nfd: String = text.nfd().collect();
            prop_assert_eq!(folded(&nfc), once.clone());
            prop_assert_eq!(folded(&nfd), once);
        }

        #[test]
        fn offsets_are_monotonic_and_on_boundaries(text in TEXT) {
            let mut out = Folded::default();
            fold(&text, &mut out);
            let (mut start, mut end) = (0, 0);
            for at in (0..=out.text.len()).filter(|&at| out.text.is_char_boundary(at)) {
                let (s, e) = (out.original_start(at), out.original_end(at));
                prop_assert!(text.is_char_boundary(s) && text.is_char_boundary(e));
                prop_assert!(s >= start && e >= end);
                (start, end) = (s, e);
            }
        }
    }

    const TEXT: &str = "([가-힣]|[a-zA-Z0-9]|[.,·ㆍ'’-]|[\u{1100}-\u{11FF}]|[\u{3130}-\u{3200}]|\
                        [\u{FF00}-\u{FFEF}]|[\u{300}-\u{36F}]|[\u{200B}\u{AD}]|[\u{F900}-\u{FAFF}]|.){0,12}";
}
