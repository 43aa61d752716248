//! Finds the light words of questions and sentences, which say nothing about the topic. Clippings
//! need not have them; those that do rank slightly higher.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::verb_forms::is_verb_form;
use crate::analyze::Analyzer;
use crate::query::Node;

/// A query with fewer words is not a sentence: 이유 may be its topic.
const MIN_SENTENCE: usize = 4;

/// Interrogative endings (늘었나, 되는지, 갔을까).
const ASKING: [&str; 10] = [
    "나", "나요", "가", "가요", "까", "까요", "냐", "니", "지", "지요",
];

/// Shorter verb forms are often names (가나, 이가).
const MIN_VERB: usize = 3;

static LIGHT: LazyLock<FxHashMap<&str, FxHashSet<&str>>> = LazyLock::new(|| {
    let mut light: FxHashMap<&str, FxHashSet<&str>> = FxHashMap::default();
    let lines = include_str!("data/light-words.txt").lines();
    for (kind, word) in lines.filter_map(|line| line.split_once('\t')) {
        light.entry(kind).or_default().insert(word);
    }
    light
});

/// A query with its light words separated.
#[derive(Debug, PartialEq)]
pub(super) struct Question {
    /// The rest of the query.
    pub content: Node,
    /// The light words, as typed.
    pub light: Vec<String>,
}

/// A word with the forms to look up in the table.
struct Word {
    /// As written, and without its particle.
    forms: Vec<String>,
    /// Whether it is an interrogative verb form.
    asks: bool,
}

/// Separates the light words of `tree`; `None` if it has none, or nothing else.
pub(super) fn question(tree: &Node, analyzer: &mut Analyzer) -> Option<Question> {
    let Node::And(parts) = tree else {
        return None;
    };
    let words: Vec<Word> = typed(parts).map(|word| read(word, analyzer)).collect();
    let is_sentence = words.len() >= MIN_SENTENCE;
    let is_question: Vec<bool> = words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            let after_how_many = at > 0 && words[at - 1].is("question", "몇");
            word.is_in("question") || word.counts() || after_how_many && word.is_in("counter")
        })
        .collect();
    let has_question = is_question.contains(&true);
    let is_light: Vec<bool> = words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            let asks = word.asks && (has_question || at + 1 == words.len())
                || has_question && word.is_in("asking");
            is_question[at] || asks || is_sentence && word.is_in("sentence")
        })
        .collect();
    let has_quotation = parts.iter().any(|part| matches!(part, Node::Phrase { .. }));
    if !is_light.contains(&true) || !(is_light.contains(&false) || has_quotation) {
        return None;
    }
    let mut is_light = is_light.into_iter();
    let mut light = Vec::new();
    let mut content = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Node::Word(word) if is_light.next() == Some(true) => light.push(word.clone()),
            other => content.push(other.clone()),
        }
    }
    Some(Question {
        content: Node::and(content),
        light,
    })
}

fn typed(parts: &[Node]) -> impl Iterator<Item = &str> {
    parts.iter().filter_map(|part| match part {
        Node::Word(word) => Some(word.as_str()),
        _ => None,
    })
}

fn read(word: &str, analyzer: &mut Analyzer) -> Word {
    let Some(run) = analyzer.explain(word).into_iter().next() else {
        return Word {
            forms: Vec::new(),
            asks: false,
        };
    };
    let readings = analyzer.query_words(word);
    let mut forms = vec![run.folded.clone()];
    if let [reading] = &readings[..] {
        forms.extend(reading.forms.iter().cloned());
    }
    let asks = run.folded.chars().count() >= MIN_VERB
        && is_verb_form(&run.morphemes)
        && run.morphemes.len() > 1
        && ASKING.iter().any(|ending| run.folded.ends_with(ending));
    Word { forms, asks }
}

impl Word {
    fn is_in(&self, kind: &str) -> bool {
        let words = LIGHT.get(kind);
        words.is_some_and(|words| self.forms.iter().any(|form| words.contains(form.as_str())))
    }

    fn is(&self, kind: &str, word: &str) -> bool {
        self.is_in(kind) && self.forms.iter().any(|form| form == word)
    }

    /// 몇명, 몇년.
    fn counts(&self) -> bool {
        let counters = LIGHT.get("counter");
        let mut counted = self.forms.iter().filter_map(|form| form.strip_prefix('몇'));
        counters.is_some_and(|counters| counted.any(|unit| counters.contains(unit)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Language;

    fn parts(query: &str) -> Option<(String, Vec<String>)> {
        let today = jiff::civil::date(2024, 2, 22);
        let tree = crate::query::parse(query, today).tree;
        let mut analyzer = Analyzer::new(Language::embedded().unwrap());
        let question = question(&tree, &mut analyzer)?;
        Some((question.content.to_string(), question.light))
    }

    #[test]
    fn words_that_ask_are_light() {
        for (query, content, light) in [
            ("수능 만점자 몇 명", "수능 만점자", vec!["몇", "명"]),
            ("합격자 몇명인가", "합격자", vec!["몇명인가"]),
            ("러브버그 왜 늘었나", "러브버그", vec!["왜", "늘었나"]),
            ("내년 최저임금 얼마", "내년 최저임금", vec!["얼마"]),
            ("참사 책임자는 누구인가", "참사 책임자는", vec!["누구인가"]),
            ("의사들 언제 복귀하나", "의사들 복귀하나", vec!["언제"]),
            ("\"경찰국\" 왜", "\"경찰국\"", vec!["왜"]),
            ("유심 교체 왜 하나", "유심 교체", vec!["왜", "하나"]),
            ("협박 누가 했나", "협박", vec!["누가", "했나"]),
        ] {
            let light = light.into_iter().map(str::to_owned).collect();
            assert_eq!(parts(query), Some((content.to_owned(), light)), "{query}");
        }
    }

    #[test]
    fn words_of_sentences_are_light_in_sentences_only() {
        let (content, light) = parts("여름철 녹조가 심한 이유는").unwrap();
        assert_eq!(content, "여름철 녹조가");
        assert_eq!(light, ["심한", "이유는"]);
        assert_eq!(parts("파업 이유"), None);
    }

    #[test]
    fn a_query_without_anything_else_is_left_alone() {
        for query in [
            "왜",
            "누구 언제",
            "가나 대사관",
            "세종 10명",
            "둘 중 하나",
            "수능 명",
            "왜 OR 수능",
        ] {
            assert_eq!(parts(query), None, "{query}");
        }
    }

    #[test]
    fn every_row_has_a_known_kind() {
        let lines = include_str!("data/light-words.txt").lines();
        let rows = lines.filter(|line| !line.starts_with('#'));
        for row in rows {
            let (kind, word) = row.split_once('\t').unwrap();
            assert!(
                ["question", "asking", "counter", "sentence"].contains(&kind),
                "{row}"
            );
            assert!(!word.is_empty() && word.trim() == word, "{row}");
        }
    }
}
