//! Folds a run or a compound to the form that the index keeps, so that what looks alike or means
//! alike on paper is one term.
//!
//! Second step of the analysis. What is folded: decomposed text is composed (an archive from a
//! Mac), compatibility forms become plain ones (full and half width, squared units, compatibility
//! ideographs), letters become small, zero-width characters go, middle dots, hyphens and
//! apostrophes each become one character, thousands separators go (`1,000` → `1000`), and so does
//! the last point of an acronym (`D.C.` → `d.c`). Compatibility jamo (ㄱ) stay, and half-width and
//! lone conjoining jamo become them.
//!
//! Forms: Unicode Standard Annex 15 (NFKC); jamo: chapter 3.12 of the standard.

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::runs::{Class, class, is_apostrophe, is_hyphen, is_middle_dot, is_zero_width};

/// A folded text, with the way back to the text it was made from. Meant to be used again and
/// again.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    /// The folded form.
    pub text: String,
    /// One entry for each stretch of the original that folds as a whole; empty when offsets are
    /// the same on both sides.
    pieces: Vec<Piece>,
    same: bool,
    cluster: String,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where the stretch begins in the folded text.
    folded: u32,
    /// Where it begins in the original.
    start: u32,
    /// Where it ends in the original.
    end: u32,
}

impl Folded {
    /// Whether byte offsets in the folded text are those of the original.
    pub fn is_identity(&self) -> bool {
        self.same
    }

    /// The byte offset in the original of the character that stands at byte `at` of the folded
    /// text. Inside an unfolded sign (the `m` of ㎞) it is the sign's start.
    pub fn original_start(&self, at: usize) -> usize {
        if self.same {
            return at;
        }
        let after = self.pieces.partition_point(|p| p.folded as usize <= at);
        let piece = after.checked_sub(1).and_then(|i| self.pieces.get(i));
        piece.map_or(0, |p| p.start as usize)
    }

    /// The byte offset in the original after the character that ends at byte `at` of the folded
    /// text. Inside an unfolded sign it is the sign's end.
    pub fn original_end(&self, at: usize) -> usize {
        if self.same {
            return at;
        }
        let after = self.pieces.partition_point(|p| (p.folded as usize) < at);
        let piece = after.checked_sub(1).and_then(|i| self.pieces.get(i));
        piece.map_or(0, |p| p.end as usize)
    }
}

/// Folds `run` into `out`, whose former content goes.
///
/// Folding a folded text changes nothing. NFC and NFD of a text fold alike. The result is empty
/// when nothing in `run` can be seen.
pub fn fold(run: &str, out: &mut Folded) {
    out.text.clear();
    out.pieces.clear();
    out.same = is_plain(run.as_bytes());
    if out.same {
        out.text.push_str(run);
        out.text.make_ascii_lowercase();
    } else {
        fold_clusters(run, out);
    }
}

/// `run` folded. For tests and for texts that are folded once.
pub fn folded(run: &str) -> String {
    let mut out = Folded::default();
    fold(run, &mut out);
    out.text
}

/// Whether a text is only ASCII and Hangul syllables, and nothing in it goes away.
fn is_plain(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b',' | b'`' => return false,
            b'.' => {
                if !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) {
                    return false;
                }
                at += 1;
            }
            0..=0x7F => at += 1,
            0xEB..=0xEC => at += 3,
            0xEA if bytes.get(at + 1).is_some_and(|&b| b >= 0xB0) => at += 3,
            0xED if bytes.get(at + 1).is_some_and(|&b| b < 0x9E) => at += 3,
            _ => return false,
        }
    }
    true
}

/// Folds one cluster after the other: a character with all that composes with it.
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
            out.pieces.push(Piece {
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

/// Takes out commas between digits, and points that no Latin letter or digit follows.
fn drop_signs(out: &mut Folded) {
    let text = std::mem::take(&mut out.text);
    let mut pieces = out.pieces.iter_mut().peekable();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        while let Some(piece) = pieces.next_if(|p| p.folded as usize <= at) {
            piece.folded = out.text.len() as u32;
        }
        let next = chars.peek().map(|&(_, c)| c);
        let goes = match c {
            ',' => {
                out.text.chars().next_back().is_some_and(char::is_numeric)
                    && next.is_some_and(char::is_numeric)
            }
            '.' => !next.is_some_and(|c| matches!(class(c), Class::Letter | Class::Digit)),
            _ => false,
        };
        if !goes {
            out.text.push(c);
        }
    }
}

/// The one character that stands for all of its look-alikes; none for one that cannot be seen.
fn plain(c: char) -> Option<char> {
    match c {
        c if is_zero_width(c) => None,
        c if c != '\u{119E}' && is_middle_dot(c) => Some('·'),
        c if is_hyphen(c) => Some('-'),
        c if is_apostrophe(c) => Some('\''),
        '\u{FFA1}'..='\u{FFDC}' => Some(full_width_jamo(c)),
        c => Some(c),
    }
}

/// The compatibility jamo of a half-width one. The blocks run parallel, with gaps.
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

fn is_leading_jamo(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115E}' | '\u{A960}'..='\u{A97C}')
}

fn is_following_jamo(c: char) -> bool {
    matches!(c, '\u{1161}'..='\u{11FF}' | '\u{D7B0}'..='\u{D7FB}')
}

/// Whether `c` belongs to the cluster that `before` is the last visible character of.
fn continues(before: char, c: char) -> bool {
    if is_zero_width(c) {
        return true;
    }
    if is_following_jamo(c) {
        return is_leading_jamo(before)
            || (c != '\u{119E}' && is_following_jamo(before))
            || (c != '\u{119E}' && matches!(before, '가'..='힣'));
    }
    std::iter::once(c)
        .nfkd()
        .next()
        .is_some_and(|c| canonical_combining_class(c) != 0)
        || is_nfkc_quick(std::iter::once(c)) == IsNormalized::Maybe
}

/// Pushes the form of one cluster.
fn push_folded(cluster: &str, out: &mut String) {
    // NFKC would make conjoining jamo, then syllables, of ㄱ and ㅏ.
    let is_jamo = cluster
        .chars()
        .next()
        .is_some_and(|c| matches!(c, '\u{3131}'..='\u{318E}'));
    if is_jamo {
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
        let bound = (is_leading_jamo(c) && chars.peek().is_some_and(|&c| is_following_jamo(c)))
            || (is_following_jamo(c) && before.is_some_and(|b| continues(b, c)));
        out.push(if bound { c } else { lone_jamo(c) });
        before = Some(c);
    }
}

/// The compatibility jamo of a modern conjoining one that has nothing to conjoin with.
fn lone_jamo(c: char) -> char {
    const LEADING: &str = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
    const TRAILING: &str = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";
    let nth = |list: &str, first: u32| list.chars().nth((c as u32 - first) as usize);
    match c {
        '\u{1100}'..='\u{1112}' => nth(LEADING, 0x1100),
        '\u{1161}'..='\u{1175}' => char::from_u32(c as u32 - 0x1161 + 0x314F),
        '\u{119E}' => Some('·'),
        '\u{11A8}'..='\u{11C2}' => nth(TRAILING, 0x11A8),
        _ => None,
    }
    .unwrap_or(c)
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
    fn offsets_lead_back() {
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

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
