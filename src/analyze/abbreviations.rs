//! One-letter abbreviations in Korean headlines: 美 for 미국 (the United States), 檢 for 검찰 (the
//! prosecution).
//!
//! Their meanings become terms of the run, so that a search for 미국 finds a headline with 美. The
//! table is `data/abbreviations.tsv`; the rules here exclude letters of ordinary words. They depend
//! only on the run.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::hanja::has_hanja;
use super::runs::{CharClass, char_class};

/// An abbreviation found in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abbreviation {
    /// A word that it stands for.
    pub meaning: &'static str,
    /// Byte range in the run: start.
    pub start: usize,
    /// End.
    pub end: usize,
}

/// The abbreviations found in a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Abbreviations {
    /// In order; an abbreviation with two meanings is listed twice.
    pub found: Vec<Abbreviation>,
    /// Byte offset of the word after the abbreviations (대선 of 美대선), or the end of the run.
    pub rest: usize,
}

/// Category of a row; decides what it may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Category {
    Country,
    Institution,
    Title,
    Prefix,
    /// A run of several characters that is not a sequence of abbreviations.
    Word,
}

/// Where a row applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Any,
    /// The whole run, or after a country.
    Row,
    /// The whole run only.
    Alone,
}

struct Row {
    letter: &'static str,
    category: Category,
    /// Separated by spaces.
    meanings: &'static str,
    scope: Scope,
    /// Texts after the letter with which it is part of another word, separated by spaces.
    not_before: &'static str,
}

static TABLE: LazyLock<FxHashMap<&'static str, Row>> =
    LazyLock::new(|| rows().map(|row| (row.letter, row)).collect());

/// The abbreviations with a meaning that `is_meant` accepts.
pub fn standing_for(is_meant: impl Fn(&str) -> bool) -> impl Iterator<Item = &'static str> {
    let means = move |row: &&Row| row.meanings.split(' ').any(&is_meant);
    TABLE.values().filter(means).map(|row| row.letter)
}

/// Malformed rows are skipped; a test checks that there are none.
fn rows() -> impl Iterator<Item = Row> {
    include_str!("data/abbreviations.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(parse)
}

fn parse(line: &'static str) -> Option<Row> {
    let mut columns = line.split('\t');
    let words = |columns: &mut std::str::Split<'static, char>| {
        columns.next().map(|f| if f == "-" { "" } else { f })
    };
    let row = Row {
        letter: columns.next()?,
        category: match columns.next()? {
            "country" => Category::Country,
            "institution" => Category::Institution,
            "title" => Category::Title,
            "prefix" => Category::Prefix,
            "word" => Category::Word,
            _ => return None,
        },
        meanings: words(&mut columns)?,
        scope: match columns.next()? {
            "any" => Scope::Any,
            "row" => Scope::Row,
            "alone" => Scope::Alone,
            _ => return None,
        },
        not_before: words(&mut columns)?,
    };
    columns.next().is_none().then_some(row)
}

impl Row {
    /// Whether the letter is part of another word before `after`.
    fn is_word_before(&self, after: &str) -> bool {
        let mut texts = self.not_before.split(' ');
        texts.any(|text| !text.is_empty() && after.starts_with(text))
    }

    fn push(&self, start: usize, end: usize, found: &mut Vec<Abbreviation>) {
        let meanings = self.meanings.split(' ').filter(|m| !m.is_empty());
        found.extend(meanings.map(|meaning| Abbreviation {
            meaning,
            start,
            end,
        }));
    }
}

/// The abbreviations at the beginning of `run`, which is folded. Nearly all runs have none.
///
/// They apply if all leading Hanja are abbreviations: alone (美), in sequence (韓美日), before other
/// text (美대선), or after a prefix in Hanja or Hangul (訪美, 방미).
pub fn abbreviations(run: &str) -> Abbreviations {
    let found = match has_hanja(run) {
        true => in_hanja(run),
        false => in_hangul(run),
    };
    found.unwrap_or_default()
}

/// A run without Hanja must be an abbreviation as a whole (한미).
fn in_hangul(run: &str) -> Option<Abbreviations> {
    let row = TABLE
        .get(run)
        .filter(|row| row.category == Category::Country)?;
    let mut found = Vec::new();
    row.push(0, run.len(), &mut found);
    let rest = run.len();
    Some(Abbreviations { found, rest })
}

fn in_hanja(run: &str) -> Option<Abbreviations> {
    let mut found = Vec::new();
    let mut last: Option<&Row> = None;
    let mut rest = 0;
    for (at, c) in run.char_indices() {
        let end = at + c.len_utf8();
        let row = run.get(at..end).and_then(|letter| TABLE.get(letter));
        if char_class(c) != CharClass::Hanja
            && !row.is_some_and(|row| fits_in_hangul(row, last, &run[end..]))
        {
            break;
        }
        let row = row?;
        if !may_follow(row, last) || (row.scope == Scope::Alone && end - at != run.len()) {
            return None;
        }
        row.push(at, end, &mut found);
        last = Some(row);
        rest = end;
    }
    let last = last?;
    let after = run.get(rest..)?;
    // Japanese continues in kana, and its Hanja are words.
    let is_kana = |c: char| !c.is_ascii() && char_class(c) == CharClass::Letter;
    if after.chars().next().is_some_and(is_kana) {
        return None;
    }
    if let Some(word) = run.get(..rest).and_then(|w| TABLE.get(w))
        && word.category == Category::Word
        && !word.is_word_before(after)
    {
        found.clear();
        word.push(0, rest, &mut found);
    } else if last.category == Category::Prefix
        || last.is_word_before(after)
        || (last.scope == Scope::Row && found.len() == 1 && !after.is_empty())
        || has_repetition(&found)
    {
        return None;
    }
    (!found.is_empty()).then_some(Abbreviations { found, rest })
}

/// Whether a Hangul letter next to Hanja is an abbreviation: at the beginning as a prefix (방美), or
/// at the end of a sequence of countries (北러).
fn fits_in_hangul(row: &Row, last: Option<&Row>, after: &str) -> bool {
    match (row.category, last) {
        (Category::Prefix, None) => true,
        (Category::Country, Some(last)) => {
            last.category == Category::Country && !row.is_word_before(after)
        }
        _ => false,
    }
}

/// The order is: prefix or title, countries, institutions.
fn may_follow(row: &Row, last: Option<&Row>) -> bool {
    let Some(last) = last else {
        return row.category != Category::Word;
    };
    match row.category {
        Category::Country => last.category != Category::Institution,
        Category::Institution => true,
        Category::Title | Category::Prefix | Category::Word => false,
    }
}

fn has_repetition(found: &[Abbreviation]) -> bool {
    let mut later = found.iter().enumerate();
    later.any(|(i, a)| found[..i].iter().any(|b| b.meaning == a.meaning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::fold::folded;
    use crate::hangul::is_syllable;
    use proptest::prelude::*;

    #[test]
    fn every_row_is_read() {
        let lines = include_str!("data/abbreviations.tsv")
            .lines()
            .filter(|l| !l.starts_with('#'));
        for line in lines.clone() {
            let row = parse(line).unwrap_or_else(|| panic!("bad row: {line}"));
            assert_eq!(folded(row.letter), row.letter, "{line}");
            let length = row.letter.chars().count();
            assert_eq!(length > 1, row.category == Category::Word, "{line}");
            let meant = row.meanings.split(' ').all(|w| w.chars().all(is_syllable));
            assert!(meant, "{line}");
        }
        assert_eq!(lines.count(), TABLE.len(), "a letter stands twice");
    }

    fn meanings(run: &str) -> Vec<&'static str> {
        abbreviations(run).found.iter().map(|s| s.meaning).collect()
    }

    #[test]
    fn abbreviations_are_read() {
        for (run, want) in [
            ("美", vec!["미국"]),
            ("美대선", vec!["미국"]),
            ("美의회", vec!["미국"]),
            ("美fda", vec!["미국"]),
            ("美10년물", vec!["미국"]),
            ("中정부", vec!["중국"]),
            ("中에", vec!["중국"]),
            ("韓美日", vec!["한국", "미국", "일본"]),
            ("與野", vec!["여당", "야당"]),
            ("檢警", vec!["검찰", "경찰"]),
            ("美軍", vec!["미국", "군"]),
            ("對中", vec!["중국"]),
            ("訪美", vec!["미국"]),
            ("방美", vec!["미국"]),
            ("駐韓미군", vec!["한국"]),
            ("한美", vec!["한국", "미국"]),
            ("脫北민", vec!["북한"]),
            ("北러", vec!["북한", "러시아"]),
            ("北러밀착", vec!["북한", "러시아"]),
            ("러", vec!["러시아"]),
            ("前장관", vec!["전"]),
            ("法", vec!["법원"]),
            ("越南", vec!["베트남"]),
            ("伊매체", vec!["이탈리아"]),
            ("北美회담", vec!["북한", "미국"]),
        ] {
            assert_eq!(meanings(run), want, "{run}");
        }
        assert_eq!(abbreviations("美대선").rest, "美".len());
        assert_eq!(abbreviations("故하만주").rest, "故".len());
        assert_eq!(abbreviations("韓美").rest, "韓美".len());
    }

    #[test]
    fn words_are_not_abbreviations() {
        for run in [
            "日本",
            "中國",
            "美國",
            "北美",
            "南美",
            "中東",
            "英才",
            "3日中",
            "회의中",
            "기부美",
            "中학생",
            "中2",
            "佛교",
            "對",
            "대",
            "미",
            "中中",
            "法대로",
            "러시아",
            "러닝",
            "재판行",
            "하만주",
            "",
            "野心",
            "脫黨",
            "20대男",
            "靑년",
        ] {
            let found = meanings(run);
            assert!(found.is_empty(), "{run}: {found:?}");
        }
    }

    proptest! {
        #[test]
        fn offsets_are_inside(run in "([가-힣]|[美中日北韓與野對訪前러대방]|[a-z0-9]|.){0,8}") {
            let all = abbreviations(&run);
            for a in &all.found {
                prop_assert!(run.get(a.start..a.end).is_some_and(|s| !s.is_empty()));
                prop_assert!(a.end <= all.rest);
            }
            prop_assert!(run.is_char_boundary(all.rest));
        }
    }
}
