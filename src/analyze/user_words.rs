//! The user's words: names and terms that are not in the dictionary.
//!
//! The lattice treats them like dictionary words. The file has one word per line, as plain text or
//! CSV:
//!
//! ```text
//! word[,tag[,parts]]
//! 하만주
//! 오픈AI,NNP
//! 한빛미래연구소,NNP,한빛+미래+연구소
//! ```
//!
//! User words change the terms of texts, so the index stores the [`UserWords::digest`] it was built
//! with.

use super::fold::folded;
use super::runs::runs;
use super::synonyms::{LineProblem, LineWarning, without_comment};

/// Proper noun.
const DEFAULT_TAG: &str = "NNP";

/// In bytes; the limit of the dictionary format.
const MAX_WORD_BYTES: usize = 255;

/// Tags of mecab-ko-dic for words that can stand alone.
const TAGS: [&str; 14] = [
    "NNG", "NNP", "NNB", "NNBC", "NR", "NP", "SL", "SH", "SN", "MM", "MAG", "MAJ", "IC", "XR",
];

/// A word of the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserWord {
    /// Folded.
    pub word: String,
    /// Part of speech, a tag of mecab-ko-dic: `NNP`, `NNG`, ...
    pub tag: &'static str,
    /// Folded; concatenated they give the word. Empty if none are listed.
    pub parts: Vec<String>,
}

/// A word list, sorted, without duplicates. The number of a word is its index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserWords {
    words: Vec<UserWord>,
    /// Characters of each word, parallel to `words`.
    spelled: Vec<Box<[char]>>,
}

impl UserWords {
    /// Parses a word list: `word[,tag[,parts]]` per line, parts separated by `+` or spaces, fields
    /// quoted if necessary. `#` starts a comment. Invalid rows are skipped with a warning. The last
    /// row of a repeated word wins.
    pub fn parse(text: &str) -> (UserWords, Vec<LineWarning>) {
        let mut words: Vec<UserWord> = Vec::new();
        let mut warnings = Vec::new();
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        for (number, line) in text.lines().enumerate() {
            let line = without_comment(line).trim();
            if line.is_empty() || (number == 0 && is_header(line)) {
                continue;
            }
            match read(line) {
                Ok(word) => words.push(word),
                Err(problem) => warnings.push(LineWarning {
                    line: number + 1,
                    problem,
                }),
            }
        }
        // A stable sort of the reversed rows puts the last of equal words first.
        words.reverse();
        words.sort_by(|a, b| a.word.cmp(&b.word));
        words.dedup_by(|a, b| a.word == b.word);
        let spelled = words.iter().map(|w| w.word.chars().collect()).collect();
        (UserWords { words, spelled }, warnings)
    }

    /// Sorted.
    pub fn words(&self) -> &[UserWord] {
        &self.words
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Serializes the list so that [`UserWords::parse`] reads it back.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for word in &self.words {
            // Quoted, since a word may contain a comma: 1,000.
            let (word, tag, parts) = (&word.word, word.tag, word.parts.join("+"));
            text.push_str(&format!("\"{word}\",{tag},{parts}\n"));
        }
        text
    }

    /// BLAKE3 of the words in hexadecimal, independent of order, spacing and comments in the file.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for word in &self.words {
            for field in [word.word.as_str(), word.tag, word.parts.join("+").as_str()] {
                hasher.update(field.as_bytes());
                hasher.update(b"\t");
            }
            hasher.update(b"\n");
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Calls `each` with length in characters and number of every word that is a prefix of `rest`.
    pub fn prefixes(&self, rest: &[char], mut each: impl FnMut(usize, u32)) {
        // Characters sort like their UTF-8, so words with a common prefix are adjacent.
        let (mut low, mut high) = (0, self.spelled.len());
        for (at, c) in rest.iter().enumerate() {
            let Some(range) = self.spelled.get(low..high) else {
                return;
            };
            high = low + range.partition_point(|word| word.get(at) <= Some(c));
            low += range.partition_point(|word| word.get(at) < Some(c));
            match self.spelled.get(low) {
                Some(word) if low < high => {
                    if word.len() == at + 1 {
                        each(at + 1, low as u32);
                    }
                }
                _ => return,
            }
        }
    }

    /// The parts of a word; empty if none are listed.
    pub fn parts_of(&self, number: u32) -> &[String] {
        let word = self.words.get(number as usize);
        word.map_or(&[], |word| &word.parts)
    }
}

fn is_header(line: &str) -> bool {
    let first = line.split(',').next().unwrap_or_default();
    let rest = line.get(first.len()..).unwrap_or_default();
    let names =
        |list: &[&str], text: &str| list.iter().any(|n| text.trim().eq_ignore_ascii_case(n));
    names(&["word", "단어", "표제어"], first)
        && rest
            .split(',')
            .nth(1)
            .is_some_and(|tag| names(&["tag", "pos", "품사"], tag))
}

fn read(line: &str) -> Result<UserWord, LineProblem> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    let read = reader.read_record(&mut record).unwrap_or(false);
    if !read || record.len() > 3 {
        return Err(LineProblem::NotARow);
    }
    let written = record.get(0).unwrap_or_default();
    let word = folded(written);
    if word.is_empty() {
        return Err(LineProblem::NoWord);
    }
    if word.len() > MAX_WORD_BYTES {
        return Err(LineProblem::WordTooLong {
            limit: MAX_WORD_BYTES,
        });
    }
    if !is_one_word(&word) {
        return Err(LineProblem::NotOneWord {
            word: written.to_owned(),
        });
    }
    let tag = record
        .get(1)
        .filter(|t| !t.is_empty())
        .unwrap_or(DEFAULT_TAG);
    let Some(tag) = TAGS.into_iter().find(|t| t.eq_ignore_ascii_case(tag)) else {
        return Err(LineProblem::UnknownTag {
            tag: tag.to_owned(),
            tags: TAGS.to_vec(),
        });
    };
    let parts: Vec<String> = record
        .get(2)
        .unwrap_or_default()
        .split(|c: char| c == '+' || c.is_whitespace())
        .map(folded)
        .filter(|part| !part.is_empty())
        .collect();
    if !parts.is_empty() && parts.concat() != word {
        return Err(LineProblem::OtherParts {
            word: written.to_owned(),
            parts: parts.join("+"),
        });
    }
    let parts = if parts.len() > 1 { parts } else { Vec::new() };
    Ok(UserWord { word, tag, parts })
}

/// Whether a text is one run or one compound.
fn is_one_word(word: &str) -> bool {
    let mut cut = runs(word);
    cut.next().is_some_and(|first| {
        let (end, count) = first.compound.map_or((first.end, 1), |c| (c.end, c.runs));
        first.start == 0 && end == word.len() && cut.count() + 1 == count
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_read() {
        let (words, warnings) = UserWords::parse(
            "\u{FEFF}word,tag,parts\n# names\n하만주\n오픈AI,NNP # a company\n\
             한빛미래연구소,nng,한빛+미래+연구소\n\"다온 \",,\nR&D\n가나다,NNP,가나 다\n",
        );
        assert_eq!(warnings, []);
        let rows: Vec<(&str, &str, String)> = words
            .words
            .iter()
            .map(|w| (w.word.as_str(), w.tag, w.parts.join("+")))
            .collect();
        assert_eq!(
            rows,
            [
                ("r&d", "NNP", String::new()),
                ("가나다", "NNP", "가나+다".into()),
                ("다온", "NNP", String::new()),
                ("오픈ai", "NNP", String::new()),
                ("하만주", "NNP", String::new()),
                ("한빛미래연구소", "NNG", "한빛+미래+연구소".into()),
            ]
        );
    }

    #[test]
    fn a_serialized_list_is_parsed_back() {
        let (words, warnings) = UserWords::parse(
            "\"1,000\"\nC++\nR&D,NNG\n한빛미래연구소,nng,한빛+미래+연구소\n6·25\n3.1%\n",
        );
        assert_eq!(warnings, []);
        assert_eq!(UserWords::parse(&words.to_text()), (words, Vec::new()));
    }

    #[test]
    fn invalid_rows_are_reported_and_skipped() {
        let (words, warnings) =
            UserWords::parse("두 단어\n하나,XX\n셋,NNP,세+엣\n,NNP\na,NNP,,,\n좋다\n...\n");
        let lines: Vec<usize> = warnings.iter().map(|n| n.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5, 7]);
        assert!(matches!(&warnings[1].problem, LineProblem::UnknownTag { tag, .. } if tag == "XX"));
        assert_eq!(
            warnings[2].problem,
            LineProblem::OtherParts {
                word: "셋".to_owned(),
                parts: "세+엣".to_owned()
            }
        );
        assert_eq!(words.words.len(), 1);
    }

    #[test]
    fn the_digest_ignores_order_and_comments() {
        let digest = |text| UserWords::parse(text).0.digest();
        assert_eq!(digest("가\n나,NNP\n"), digest("# x\n나\r\n가 ,nnp\n나\n"));
        assert_ne!(digest("가\n"), digest("가,NNG\n"));
        assert_ne!(digest("가\n"), digest(""));
        assert_eq!(digest("가,NNG\n가\n"), digest("가\n"));
    }

    #[test]
    fn words_are_found_by_prefix_with_their_parts() {
        let (words, _) = UserWords::parse("가,NNG\n가나다,NNG,가+나다\n가나다라마\n나\n오픈AI");
        let found = |rest: &str| {
            let rest: Vec<char> = rest.chars().collect();
            let mut found = Vec::new();
            words.prefixes(&rest, |length, number| {
                found.push((length, words.words()[number as usize].word.as_str()));
            });
            found
        };
        assert_eq!(found("가나다라"), [(1, "가"), (3, "가나다")]);
        assert_eq!(found("오픈ai는"), [(4, "오픈ai")]);
        assert_eq!(found("다"), []);
        assert_eq!(found(""), []);
        assert_eq!(words.parts_of(1), ["가", "나다"]);
        assert!(words.parts_of(0).is_empty() && words.parts_of(99).is_empty());
    }

    proptest! {
        #[test]
        fn any_file_can_be_read(text in "([가-다]|[a-cA-C]|NNP|[,+ \n\"#]|.){0,60}") {
            let (words, warnings) = UserWords::parse(&text);
            prop_assert!(words.words.len() + warnings.len() <= text.lines().count());
            for word in &words.words {
                prop_assert!(word.parts.is_empty() || word.parts.concat() == word.word);
            }
        }
    }
}
