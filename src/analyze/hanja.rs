//! Transliterates Hanja to Hangul: 李開復 → 이개복, 對중국 → 대중국.
//!
//! A run with Hanja has its readings as additional terms. The table, `data/hanja.tsv`, is embedded
//! and binary-searched in place, so texts without Hanja cost nothing.
//!
//! The initial-sound law (두음법칙, Hangul orthography, articles 10 to 12) applies at the start of a
//! run: 女 is 여 there and 녀 elsewhere. 렬 and 률 become 열 and 율 after an open syllable or ㄴ (article
//! 11), and 不 is 부 before ㄷ and ㅈ.

use super::runs::{CharClass, char_class};
use crate::hangul::{compose_jamo, jamo};

const TABLE: &str = include_str!("data/hanja.tsv");

/// Length of the longest word in the table, in characters.
const MAX_WORD_CHARS: usize = 4;

/// Maximum number of readings of a run.
const MAX_READINGS: usize = 4;

/// Whether `text` contains Hanja.
pub fn has_hanja(text: &str) -> bool {
    // First bytes of the UTF-8 of Chinese characters.
    text.bytes()
        .any(|b| (0xE3..=0xE9).contains(&b) || b == 0xEF || b >= 0xF0)
        && text.chars().any(is_hanja)
}

/// Whether `c` is Hanja.
pub fn is_hanja(c: char) -> bool {
    char_class(c) == CharClass::Hanja
}

/// The readings of a folded run, most common first, at most four: 金 is 금, and 김 as a surname. Empty
/// if `run` has no Hanja, or one without a Korean reading.
pub fn readings(run: &str) -> Vec<String> {
    if !has_hanja(run) {
        return Vec::new();
    }
    let mut out = vec![String::with_capacity(run.len())];
    let mut rest = run;
    while let Some(c) = rest.chars().next() {
        let (len, choices) = if !is_hanja(c) {
            (c.len_utf8(), None)
        } else if c == '々' && rest.len() < run.len() {
            (c.len_utf8(), Some("々"))
        } else if let Some(found) = longest(rest) {
            (found.0, Some(found.1))
        } else {
            return Vec::new();
        };
        let (piece, after) = rest.split_at(len);
        match choices {
            None => out.iter_mut().for_each(|o| o.push_str(piece)),
            Some("々") => out.iter_mut().for_each(|o| o.extend(o.chars().next_back())),
            Some(choices) => {
                let before = out.len();
                let mut choices = choices.split(' ');
                let first = choices.next().unwrap_or_default();
                for other in choices {
                    for i in 0..before.min(MAX_READINGS - out.len().min(MAX_READINGS)) {
                        let mut reading = out[i].clone();
                        push(other, piece, after, &mut reading);
                        out.push(reading);
                    }
                }
                for reading in out.iter_mut().take(before) {
                    push(first, piece, after, reading);
                }
            }
        }
        rest = after;
    }
    out
}

/// The longest table row that is a prefix of `text`: length in bytes, and readings.
fn longest(text: &str) -> Option<(usize, &'static str)> {
    let mut ends = [0; MAX_WORD_CHARS];
    let mut count = 0;
    for (at, c) in text.char_indices().take(MAX_WORD_CHARS) {
        if !is_hanja(c) {
            break;
        }
        ends[count] = at + c.len_utf8();
        count += 1;
    }
    ends[..count]
        .iter()
        .rev()
        .find_map(|&end| Some((end, row(text.get(..end)?)?)))
}

fn row(key: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, TABLE.len());
    while low < high {
        let middle = (low + high) / 2;
        let start = TABLE.as_bytes()[low..middle]
            .iter()
            .rposition(|&b| b == b'\n')
            .map_or(low, |i| low + i + 1);
        let line = TABLE.get(start..)?.lines().next()?;
        let (found, readings) = line.split_once('\t').unwrap_or((line, ""));
        match found.cmp(key) {
            std::cmp::Ordering::Equal => return readings.split('\t').next(),
            std::cmp::Ordering::Less => low = start + line.len() + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

/// Appends `reading`, a reading of `piece`, as pronounced after `out` and before `after`.
fn push(reading: &str, piece: &str, after: &str, out: &mut String) {
    // Words in the table are written as pronounced.
    if piece.chars().nth(1).is_some() {
        out.push_str(reading);
        return;
    }
    let Some(syllable) = reading.chars().next() else {
        return;
    };
    out.push(match out.chars().next_back() {
        _ if piece == "不" => negation(after),
        None => initial(syllable),
        Some(before) => medial(syllable, before),
    });
}

/// The reading of 不 before the rest of its word.
fn negation(after: &str) -> char {
    let next = longest(after).and_then(|(_, readings)| readings.chars().next());
    match next.and_then(jamo) {
        Some(('ㄷ' | 'ㅈ', ..)) => '부',
        _ => '불',
    }
}

/// The form of `syllable` at the start of a word.
fn initial(syllable: char) -> char {
    let Some((lead, vowel, tail)) = jamo(syllable) else {
        return syllable;
    };
    // After ㄴ the law lists ㅕ ㅛ ㅠ ㅣ only; no character reads 냐.
    let is_iotized = matches!(vowel, 'ㅑ' | 'ㅒ' | 'ㅕ' | 'ㅖ' | 'ㅛ' | 'ㅠ' | 'ㅣ');
    let lead = match lead {
        'ㄹ' | 'ㄴ' if is_iotized => 'ㅇ',
        'ㄹ' => 'ㄴ',
        _ => return syllable,
    };
    compose_jamo(lead, vowel, tail).unwrap_or(syllable)
}

/// The form of `syllable` inside a word, after `before`.
fn medial(syllable: char, before: char) -> char {
    let open = jamo(before).is_some_and(|(_, _, tail)| matches!(tail, None | Some('ㄴ')));
    match syllable {
        '렬' if open => '열',
        '률' if open => '율',
        _ => syllable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::fold::folded;
    use crate::hangul::is_syllable;
    use proptest::prelude::*;

    #[test]
    fn every_row_is_read_and_found() {
        let mut last = "";
        let mut count = 0;
        for line in TABLE.lines().filter(|l| !l.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            assert!(matches!(fields.len(), 2 | 3), "{line}");
            let key = fields[0];
            assert!(key > last, "not sorted: {line}");
            assert!(key.chars().all(is_hanja), "{line}");
            assert_eq!(folded(key), key, "never looked up: {line}");
            let length = key.chars().count();
            assert!(length <= MAX_WORD_CHARS, "{line}");
            for reading in fields[1..].iter().flat_map(|f| f.split(' ')) {
                assert_eq!(reading.chars().count(), length, "{line}");
                assert!(reading.chars().all(is_syllable), "{line}");
            }
            assert_eq!(row(key), Some(fields[1]), "{line}");
            assert!(!readings(key).is_empty(), "{line}");
            last = key;
            count += 1;
        }
        assert!(count > 9_000, "{count}");
        assert_eq!(row("가"), None);
        assert_eq!(row(""), None);
    }

    #[test]
    fn hanja_is_read() {
        for (hanja, hangul) in [
            ("李開復", "이개복"),
            ("對중국", "대중국"),
            ("女性", "여성"),
            ("男女", "남녀"),
            ("來日", "내일"),
            ("10年", "10년"),
            ("年間", "연간"),
            ("法律", "법률"),
            ("比率", "비율"),
            ("戰列", "전열"),
            ("不正", "부정"),
            ("不法", "불법"),
            ("不實", "부실"),
            ("金融", "금융"),
            ("尹대통령", "윤대통령"),
            ("前장관", "전장관"),
            ("전년比", "전년비"),
            ("習近平", "습근평"),
            ("习近平", "습근평"),
            ("駐韓미군", "주한미군"),
            ("樂器", "악기"),
            ("娛樂", "오락"),
            ("ai時代", "ai시대"),
            ("人々", "인인"),
        ] {
            assert_eq!(readings(hanja)[0], hangul, "{hanja}");
        }
    }

    #[test]
    fn a_surname_has_its_own_reading() {
        assert_eq!(readings("金총리"), ["금총리", "김총리"]);
        assert_eq!(readings("車"), ["차", "거"]);
        assert!(readings("金金金").len() <= MAX_READINGS);
        assert_eq!(readings("金九"), ["금구", "김구"]);
        assert!(readings("하만주").is_empty());
        assert!(readings("sk").is_empty());
    }

    proptest! {
        #[test]
        fn only_hanja_changes(run in "([가-힣]|[a-z0-9]|[一-龥]|金|不|率|々|.){0,10}") {
            let all = readings(&run);
            prop_assert!(all.len() <= MAX_READINGS);
            for reading in all {
                prop_assert!(!has_hanja(&reading));
                prop_assert_eq!(reading.chars().count(), run.chars().count());
            }
        }
    }
}
