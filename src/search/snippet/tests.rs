//! Passages of small texts made for one rule each, and the promises on any text.

use super::*;
use crate::cpu_time::cpu_time;
use proptest::prelude::*;

/// Every place where one of the words stands; the n-th word is term n.
fn found(text: &str, words: &[&str]) -> Vec<Match> {
    let mut matches = Vec::new();
    for (term, word) in words.iter().enumerate() {
        for (start, m) in text.match_indices(word) {
            matches.push(Match {
                range: start..start + m.len(),
                term: term as u32,
                weight: 1.0,
            });
        }
    }
    matches
}

fn best(text: &str, words: &[&str], max_chars: usize) -> Passage {
    passages(text, &found(text, words), max_chars, 1).remove(0)
}

fn marked(passage: &Passage) -> Vec<String> {
    passage
        .highlights
        .iter()
        .map(|(a, b)| passage.text.chars().skip(*a).take(b - a).collect())
        .collect()
}

const TEXT: &str = "첫 문장은 날씨를 말한다. 둘째 문장은 바람만 말한다.
셋째 문장에는 바람과 구름이 함께 나온다. 넷째는 딴 이야기다.";

#[test]
fn the_sentence_with_most_different_matches_is_shown() {
    let p = best(TEXT, &["바람", "구름"], 30);
    assert_eq!(p.text, "셋째 문장에는 바람과 구름이 함께 나온다.");
    assert_eq!(marked(&p), ["바람", "구름"]);
    assert!(!p.cut_before && !p.cut_after);
    assert_eq!(&TEXT[p.range.clone()], p.text);
}

#[test]
fn short_texts_are_shown_whole() {
    let p = best(TEXT, &["구름"], 160);
    assert_eq!(
        p.text,
        "셋째 문장에는 바람과 구름이 함께 나온다. 넷째는 딴 이야기다."
    );
}

#[test]
fn without_a_match_the_beginning_is_shown() {
    let p = passages(TEXT, &[], 20, 3);
    assert_eq!(p.len(), 1);
    assert_eq!(p[0].text, "첫 문장은 날씨를 말한다.");
    let p = passages(TEXT, &[], 9, 1);
    assert_eq!(p[0].text, "첫 문장은…");
    assert!(p[0].cut_after);
    assert!(passages("  \n ", &[], 20, 1).is_empty());
    assert_eq!(passages("  가 ", &[], 20, 1)[0].text, "가");
}

#[test]
fn a_long_sentence_is_cut_between_eojeols() {
    let filler = "이런저런 말들이 길게 이어지고 ".repeat(20);
    let text = format!("{filler}마침내 하만이 바이트와 만났고 {filler}끝났다.");
    let p = best(&text, &["하만", "바이트"], 40);
    assert!(p.cut_before && p.cut_after);
    assert_eq!(marked(&p), ["하만", "바이트"]);
    assert!(p.text.chars().count() <= 40);
    let inner = p.text.trim_matches('…');
    assert!(text.contains(&format!(" {inner} ")), "{inner}");
}

#[test]
fn several_passages_do_not_overlap_and_show_what_is_new() {
    let text = "가나 하나다. 가나 둘이다. 딴 말이다. 다라 셋이다. 가나 넷이다.";
    let ps = passages(text, &found(text, &["가나", "다라"]), 10, 2);
    assert_eq!(
        ps.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(),
        ["가나 하나다.", "다라 셋이다."]
    );
}

#[test]
fn one_eojeol_longer_than_the_passage_is_cut_inside() {
    let text = format!("{}찾기{}", "가".repeat(300), "나".repeat(300));
    let p = best(&text, &["찾기"], 20);
    assert_eq!(marked(&p), ["찾기"]);
    assert!(p.text.chars().count() <= 20);
}

#[test]
fn a_match_longer_than_the_passage_is_shown_in_part() {
    let text = "가나다라마바사아자차카타파하";
    let p = best(text, &["나다라마바사아자차카타"], 8);
    assert!(p.highlights.is_empty());
    assert!(p.text.chars().count() <= 8);
}

#[test]
fn rare_terms_outweigh_common_ones() {
    let text = "흔한 말과 잦은 말이 있다. 드문 말이 있다.";
    let mut matches = found(text, &["흔한", "잦은", "드문"]);
    for m in &mut matches {
        m.weight = if m.term == 2 { 10.0 } else { 1.0 };
    }
    assert_eq!(passages(text, &matches, 16, 1)[0].text, "드문 말이 있다.");
}

#[test]
fn white_space_is_one_space() {
    let text = "가나\n\n  다라\t마바";
    let p = best(text, &["다라"], 30);
    assert_eq!(p.text, "다라 마바");
    assert_eq!(p.highlights, [(0, 2)]);
}

#[test]
fn ten_megabytes_take_a_moment() {
    let unit = "가나 다라가 마바를 사아한다. ";
    let text = unit.repeat(10_000_000 / unit.len());
    let matches = found(&text, &["다라", "마바"]);
    let begin = cpu_time();
    assert_eq!(passages(&text, &matches, 160, 5).len(), 5);
    assert!((cpu_time() - begin).as_secs() < 20);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn passages_keep_their_promises(
        text in "([가나다]{1,6}|[a-c]{1,9}|\\. |다\\. |[ \n\t]|\"|“|”|🚗|\u{301}){0,60}",
        spans in proptest::collection::vec((0usize..400, 0usize..12, 0u32..4, 0.1f32..3.0), 0..20),
        max_chars in 1usize..60,
        n in 1usize..5,
    ) {
        let matches: Vec<Match> = spans
            .into_iter()
            .map(|(at, length, term, weight)| Match { range: at..at + length, term, weight })
            .collect();
        let passages = passages(&text, &matches, max_chars, n);
        prop_assert!(passages.len() <= n);
        prop_assert!(max_chars < 3 || !passages.is_empty() || text.trim().is_empty());
        let mut end = 0;
        for p in &passages {
            prop_assert!(p.range.start >= end && p.range.end > p.range.start);
            end = p.range.end;
            let source = text.get(p.range.clone());
            prop_assert!(source.is_some());
            let source = source.unwrap();
            let chars: Vec<char> = p.text.chars().collect();
            prop_assert!(chars.len() <= max_chars, "{} > {}", chars.len(), max_chars);
            prop_assert!(!p.text.contains(['\n', '\t']));
            let bare: String = p.text.chars().filter(|c| !c.is_whitespace() && *c != '…').collect();
            let bare_source: String = source.chars().filter(|c| !c.is_whitespace()).collect();
            prop_assert_eq!(bare, bare_source);
            let mut last = 0;
            for (a, b) in &p.highlights {
                prop_assert!(*a >= last && a < b && *b <= chars.len());
                last = *b;
                // What is marked is one match, or several that touch.
                let shown: String = chars[*a..*b].iter().filter(|c| !c.is_whitespace()).collect();
                let covers = matches.iter().any(|first| {
                    let Some(mut reach) = text.get(first.range.clone()).map(|_| first.range.end) else { return false };
                    while let Some(m) = matches.iter().find(|m| {
                        m.range.start <= reach && m.range.start >= first.range.start && m.range.end > reach
                            && m.range.end <= p.range.end && text.get(m.range.clone()).is_some_and(|t| !t.trim().is_empty())
                    }) {
                        reach = m.range.end;
                    }
                    text.get(first.range.start..reach)
                        .is_some_and(|t| t.chars().filter(|c| !c.is_whitespace()).eq(shown.chars()))
                });
                prop_assert!(covers, "{} in {}", shown, p.text);
            }
        }
    }
}
