//! Recognizes lines that do not belong to the article by their words: copyright, promotion, related
//! news, tools, captions. The patterns are in `data/furniture.tsv`.

use std::sync::{LazyLock, OnceLock};

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::pattern;
use super::table;
use super::tidy;

use crate::hangul;

/// What to do with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Omit it.
    Drop,
    /// Omit it and, once the article has begun, everything after it.
    Stop,
    /// Promotion: omit it and, after nearly all of the article, everything after it.
    Promotion,
    /// It belongs to a picture.
    Caption,
    /// It announces a caption, which follows on the same line or the next.
    CaptionLabel,
}

struct Row {
    action: Action,
    pattern: &'static str,
    /// Compiled on first use: most pages use few of them.
    regex: OnceLock<Regex>,
}

struct Rows {
    rows: Vec<Row>,
    /// Finds the words without which a row's pattern cannot match.
    words: AhoCorasick,
    /// Row of each word.
    row_of: Vec<usize>,
}

static ROWS: LazyLock<Rows> = LazyLock::new(|| {
    let mut rows = Vec::new();
    let mut words = Vec::new();
    let mut row_of = Vec::new();
    for row in table::rows(include_str!("data/furniture.tsv")) {
        if let Some(action) = action(row.get(0)) {
            for word in row.list(1) {
                words.push(word);
                row_of.push(rows.len());
            }
            rows.push(Row {
                action,
                pattern: row.get(2),
                regex: OnceLock::new(),
            });
        }
    }
    #[expect(
        clippy::expect_used,
        reason = "the words are built into the program; a test reads each row"
    )]
    let words = AhoCorasick::new(words).expect("the table's words fit an automaton");
    Rows {
        rows,
        words,
        row_of,
    }
});

fn action(name: &str) -> Option<Action> {
    Some(match name {
        "drop" => Action::Drop,
        "stop" => Action::Stop,
        "promotion" => Action::Promotion,
        "caption" => Action::Caption,
        "caption-label" => Action::CaptionLabel,
        _ => return None,
    })
}

/// Maximum length: a long paragraph that happens to contain such words belongs to the article.
const LONGEST: usize = 260;

/// The action for the text of a line; `None` if it may belong to the article.
pub(super) fn action_of(text: &str) -> Option<Action> {
    let chars = tidy::weight(text);
    if chars > LONGEST {
        return None;
    }
    let table = &*ROWS;
    let mut possible = 0u128;
    for hit in table.words.find_overlapping_iter(text) {
        if let Some(&row) = table.row_of.get(hit.pattern().as_usize()) {
            possible |= 1 << row;
        }
    }
    let mut found = None;
    while possible != 0 {
        let row = possible.trailing_zeros() as usize;
        possible &= possible - 1;
        if let Some(row) = table.rows.get(row)
            && row
                .regex
                .get_or_init(|| pattern::fixed(row.pattern))
                .is_match(text)
        {
            found = Some(row.action);
            break;
        }
    }
    let found = found?;
    // Obituaries end with a telephone number.
    if found == Action::Stop && is_obituary(text) {
        return None;
    }
    // A sentence about copyright or comments is not furniture.
    if matches!(found, Action::Stop | Action::Promotion)
        && chars > 60
        && is_sentence(text)
        && !text.contains(['ⓒ', '©'])
        && !text.to_ascii_lowercase().contains("rights reserved")
    {
        return None;
    }
    Some(found)
}

/// `홍길동씨 별세, ... 발인 13일`: an item of an obituary.
pub(super) fn is_obituary(text: &str) -> bool {
    [
        "별세",
        "발인",
        "빈소",
        "부친상",
        "모친상",
        "빙부상",
        "빙모상",
        "장례식장",
    ]
    .iter()
    .any(|w| text.contains(w))
}

/// Whether the text ends like a Korean sentence or a longer English one.
pub(super) fn is_sentence(text: &str) -> bool {
    let end = text.trim_end_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | '”' | '’' | ')' | ']' | '」' | '』' | '>' | '〉' | '…'
            )
    });
    if let Some(stem) = end.strip_suffix(['.', '。', '．']) {
        return stem.ends_with(|c: char| {
            hangul::is_syllable(c) || matches!(c, ')' | '”' | '"' | '’' | '\'')
        }) || stem.ends_with(|c: char| c.is_ascii_alphabetic())
            && stem.split_whitespace().count() >= 6;
    }
    end.ends_with(['?', '!']) || end.ends_with(['다', '요', '까', '죠']) && end.chars().count() > 20
}

/// Speech levels of the sentences in a text, outside quotations. News reports use the plain style
/// (`-다`); sites address their readers politely (`-습니다`, `-요`, `-세요`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Style {
    plain: usize,
    polite: usize,
    /// Polite sentences in `-요`.
    familiar: usize,
    /// Polite requests to the reader.
    imperative: usize,
}

/// Maximum number of sentences counted.
const MAX_SENTENCES: usize = 200;

impl Style {
    pub(super) fn of(paragraphs: &[String]) -> Style {
        let mut style = Style::default();
        for paragraph in paragraphs {
            let mut sentence = String::new();
            let mut quoted = false;
            for c in paragraph.chars() {
                match c {
                    '“' => quoted = true,
                    '”' => quoted = false,
                    '"' => quoted = !quoted,
                    _ if quoted => {}
                    '.' | '?' | '!' => style.add(&std::mem::take(&mut sentence)),
                    _ => sentence.push(c),
                }
            }
            style.add(&sentence);
            if style.plain + style.polite >= MAX_SENTENCES {
                break;
            }
        }
        style
    }

    fn add(&mut self, sentence: &str) {
        let end = sentence.trim_end_matches(|c: char| !c.is_alphanumeric());
        if end.chars().count() < 6 {
            return;
        }
        if ["세요", "십시오", "시오", "셔요"]
            .iter()
            .any(|e| end.ends_with(e))
        {
            self.polite += 1;
            self.imperative += 1;
        } else if end.ends_with('요') {
            self.polite += 1;
            self.familiar += 1;
        } else if end.ends_with("니다") {
            self.polite += 1;
        } else if end.ends_with('다') {
            self.plain += 1;
        }
    }

    /// Whether almost no sentence is in the plain style and the reader is addressed. Broadcast reports
    /// use `-습니다` throughout.
    pub(super) fn is_spoken(self) -> bool {
        self.familiar + self.imperative >= 1
            && self.polite >= 2
            && self.polite * 10 >= (self.plain + self.polite) * 6
    }

    /// Whether at least a quarter of the sentences are requests to the reader.
    pub(super) fn addresses_reader(self) -> bool {
        self.imperative >= 3 && self.imperative * 4 >= self.plain + self.polite
    }
}

/// Number of sentence ends in a text: `다.` and its like.
pub(super) fn sentences(text: &str) -> usize {
    let mut count = 0;
    let mut previous = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // Three dots are no end: `긴급 회견... 고개 숙여`.
        let is_end = match c {
            '.' => chars.peek() != Some(&'.'),
            '?' | '!' => true,
            _ => false,
        };
        if is_end && (hangul::is_syllable(previous) || matches!(previous, '”' | '"' | ')')) {
            count += 1;
        }
        previous = c;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_matches_its_example() {
        assert!(ROWS.rows.len() <= 128, "one bit a row");
        for row in table::rows(include_str!("data/furniture.tsv")) {
            let wanted = action(row.get(0)).unwrap_or_else(|| panic!("{}", row.get(0)));
            let (pattern, example) = (row.get(2), row.get(3));
            let compiled = Regex::new(pattern).unwrap_or_else(|e| panic!("{e}"));
            assert!(compiled.is_match(example), "{pattern} | {example}");
            assert!(
                row.list(1).any(|word| example.contains(word)),
                "{pattern} | {example}"
            );
            assert!(action_of(example).is_some(), "{wanted:?} {example}");
        }
    }

    #[test]
    fn three_points_end_no_sentence() {
        assert_eq!(sentences("긴급 회견... 고개 숙여"), 0);
        assert_eq!(sentences("봄꽃이 피었다. 시민이 모였다."), 2);
    }

    #[test]
    fn reports_are_told_from_what_a_site_says_to_its_reader() {
        let style = |text: &str| Style::of(&[text.to_owned()]);
        let guide =
            style("위 칸에 글을 넣으세요. 단추를 누르세요. 결과가 나와요. 주소로 알려 주세요.");
        assert!(guide.is_spoken() && guide.addresses_reader());
        for report in [
            "시가 다리를 새로 놓는다. 공사는 봄에 시작된다.",
            "시가 다리를 새로 놓습니다. 공사는 봄에 시작됩니다.",
            "“다리를 놓아 주세요. 돌아가기 힘들어요.” 주민이 말했다. 시는 봄에 시작한다.",
        ] {
            let style = style(report);
            assert!(!style.is_spoken() && !style.addresses_reader(), "{report}");
        }
    }

    #[test]
    fn sentences_of_an_article_stay() {
        for text in [
            "시는 무단 투기를 막기 위해 금지 구역을 늘리기로 했다.",
            "축제위원회는 댓글로 의견을 받아 내년 계획에 반영하겠다고 설명했다.",
            "김씨는 “구독 서비스가 늘었다”고 말했다.",
        ] {
            assert_eq!(action_of(text), None, "{text}");
        }
    }
}
