//! The one-letter signs of headlines: 美 for 미국, 檢 for 검찰.
//!
//! Serves the step from a run to its terms: beside the run as written and its reading, what its
//! signs mean becomes terms too, so that a search for 미국 finds a headline with 美. The table is
//! `data/signs.tsv`; the rules that keep a sign from being seen in an ordinary word are here. They
//! look at the run alone, never at its neighbours.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::hanja::has_hanja;
use super::runs::{Class, class};

/// A sign in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    /// One word that it stands for.
    pub meaning: &'static str,
    /// Byte offset of the sign in the run.
    pub start: usize,
    /// Byte offset after it.
    pub end: usize,
}

/// The signs of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs {
    /// What they mean, in order; a sign with two meanings stands twice.
    pub found: Vec<Sign>,
    /// Byte offset of what comes after the signs and is a word of its own: 대선 of 美대선. The end
    /// of the run when there is nothing.
    pub rest: usize,
}

impl IntoIterator for Signs {
    type Item = Sign;
    type IntoIter = std::vec::IntoIter<Sign>;

    fn into_iter(self) -> Self::IntoIter {
        self.found.into_iter()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Country,
    Institution,
    Title,
    Prefix,
    Word,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Any,
    Row,
    Alone,
}

struct Row {
    sign: &'static str,
    kind: Kind,
    meaning: &'static str,
    place: Where,
    not: &'static str,
}

static TABLE: LazyLock<FxHashMap<&'static str, Row>> =
    LazyLock::new(|| rows().map(|row| (row.sign, row)).collect());

/// The signs that stand for `meaning`.
pub fn standing_for(meaning: &str) -> impl Iterator<Item = &'static str> {
    let means = move |row: &&Row| row.meaning.split(' ').any(|m| m == meaning);
    TABLE.values().filter(means).map(|row| row.sign)
}

fn rows() -> impl Iterator<Item = Row> {
    include_str!("data/signs.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(parse)
}

fn parse(line: &'static str) -> Option<Row> {
    let mut fields = line.split('\t');
    let words = |fields: &mut std::str::Split<'static, char>| {
        fields.next().map(|f| if f == "-" { "" } else { f })
    };
    let row = Row {
        sign: fields.next()?,
        kind: match fields.next()? {
            "country" => Kind::Country,
            "institution" => Kind::Institution,
            "title" => Kind::Title,
            "prefix" => Kind::Prefix,
            "word" => Kind::Word,
            _ => return None,
        },
        meaning: words(&mut fields)?,
        place: match fields.next()? {
            "any" => Where::Any,
            "row" => Where::Row,
            "alone" => Where::Alone,
            _ => return None,
        },
        not: words(&mut fields)?,
    };
    fields.next().is_none().then_some(row)
}

impl Row {
    /// Whether the text after the sign is one of those that the row names.
    fn is_before(&self, rest: &str) -> bool {
        self.not
            .split(' ')
            .any(|not| !not.is_empty() && rest.starts_with(not))
    }

    fn push(&self, start: usize, end: usize, found: &mut Vec<Sign>) {
        found.extend(
            self.meaning
                .split(' ')
                .filter(|m| !m.is_empty())
                .map(|meaning| Sign {
                    meaning,
                    start,
                    end,
                }),
        );
    }
}

/// The signs that `run`, a folded run, begins with. None (`found` is empty) in nearly all runs.
///
/// Signs count when the whole Hanja beginning of the run is made of them: alone (美), in rows
/// (韓美日), before other text (美대선), after a prefix in Hanja or Hangul (訪美, 방美).
pub fn signs(run: &str) -> Signs {
    read(run).unwrap_or_default()
}

fn read(run: &str) -> Option<Signs> {
    let table = &*TABLE;
    if !has_hanja(run) {
        let row = table.get(run).filter(|r| r.kind == Kind::Country)?;
        let mut found = Vec::new();
        row.push(0, run.len(), &mut found);
        return Some(Signs {
            found,
            rest: run.len(),
        });
    }
    let mut found = Vec::new();
    let mut last: Option<&Row> = None;
    let mut rest = 0;
    for (at, c) in run.char_indices() {
        let end = at + c.len_utf8();
        let row = run.get(at..end).and_then(|sign| table.get(sign));
        if class(c) != Class::Hanja {
            // A Hangul letter is a sign at the beginning before Hanja (방美) and at the end of a
            // row (北러).
            let fits = row.is_some_and(|row| match (row.kind, last) {
                (Kind::Prefix, None) => true,
                (Kind::Country, Some(last)) => {
                    last.kind == Kind::Country && !row.is_before(run.get(end..).unwrap_or_default())
                }
                _ => false,
            });
            if !fits {
                break;
            }
        }
        let row = row?;
        if !follows(row, last) || (row.place == Where::Alone && end - at != run.len()) {
            return None;
        }
        row.push(at, end, &mut found);
        last = Some(row);
        rest = end;
    }
    let last = last?;
    let after = run.get(rest..)?;
    // Japanese goes on in its own letters, and its Hanja are words.
    if after
        .chars()
        .next()
        .is_some_and(|c| !c.is_ascii() && class(c) == Class::Letter)
    {
        return None;
    }
    if let Some(word) = run.get(..rest).and_then(|w| table.get(w))
        && word.kind == Kind::Word
        && !word.is_before(after)
    {
        found.clear();
        word.push(0, rest, &mut found);
    } else if last.kind == Kind::Prefix
        || last.is_before(after)
        || (last.place == Where::Row && found.len() == 1 && !after.is_empty())
        || repeats(&found)
    {
        return None;
    }
    (!found.is_empty()).then_some(Signs { found, rest })
}

/// Whether `row` may stand after `last`: prefix or title, then countries, then institutions.
fn follows(row: &Row, last: Option<&Row>) -> bool {
    let Some(last) = last else {
        return row.kind != Kind::Word;
    };
    match row.kind {
        Kind::Country => last.kind != Kind::Institution,
        Kind::Institution => true,
        Kind::Title | Kind::Prefix | Kind::Word => false,
    }
}

fn repeats(found: &[Sign]) -> bool {
    found
        .iter()
        .enumerate()
        .any(|(i, sign)| found[..i].iter().any(|s| s.meaning == sign.meaning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::fold::folded;
    use proptest::prelude::*;

    #[test]
    fn every_row_is_read() {
        let lines = include_str!("data/signs.tsv")
            .lines()
            .filter(|l| !l.starts_with('#'));
        for line in lines.clone() {
            let row = parse(line).unwrap_or_else(|| panic!("bad row: {line}"));
            assert_eq!(folded(row.sign), row.sign, "{line}");
            let length = row.sign.chars().count();
            assert_eq!(length > 1, row.kind == Kind::Word, "{line}");
            let meant = row
                .meaning
                .split(' ')
                .all(|w| w.chars().all(|c| ('가'..='힣').contains(&c)));
            assert!(meant, "{line}");
        }
        assert_eq!(lines.count(), TABLE.len(), "a sign stands twice");
    }

    fn meanings(run: &str) -> Vec<&'static str> {
        signs(run).found.iter().map(|s| s.meaning).collect()
    }

    #[test]
    fn signs_are_read() {
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
        assert_eq!(signs("美대선").rest, "美".len());
        assert_eq!(signs("故하만주").rest, "故".len());
        assert_eq!(signs("韓美").rest, "韓美".len());
    }

    #[test]
    fn words_are_not_signs() {
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
        fn places_are_inside(run in "([가-힣]|[美中日北韓與野對訪前러대방]|[a-z0-9]|.){0,8}") {
            let signs = signs(&run);
            for sign in &signs.found {
                prop_assert!(run.get(sign.start..sign.end).is_some_and(|s| !s.is_empty()));
                prop_assert!(sign.end <= signs.rest);
            }
            prop_assert!(run.is_char_boundary(signs.rest));
        }
    }
}
