//! Tests of the language: how queries are read.

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{DateRange, Field, Node, QueryNote, parse};
use crate::cpu_time::cpu_time;

const TODAY: Date = date(2024, 2, 22);

/// The query as read, printed again. Asserts that there are no notes.
#[track_caller]
fn clean(text: &str) -> String {
    let parsed = parse(text, TODAY);
    assert_eq!(parsed.notes, [], "{text}");
    parsed.tree.to_string()
}

/// The query as read, and its only note.
#[track_caller]
fn noted(text: &str) -> (String, QueryNote) {
    let parsed = parse(text, TODAY);
    assert_eq!(parsed.notes.len(), 1, "{text}: {:?}", parsed.notes);
    (parsed.tree.to_string(), parsed.notes[0].clone())
}

fn word(text: &str) -> Node {
    Node::Word(text.to_owned())
}

#[test]
fn juxtaposed_words_are_all_required() {
    assert_eq!(
        parse("생성형  AI", TODAY).tree,
        Node::And(vec![word("생성형"), word("AI")])
    );
    for same in [
        "생성형 AND AI",
        "생성형 & AI",
        "생성형 && AI",
        "+생성형 +AI",
        "(생성형) (AI)",
        "생성형\u{3000}ＡＩ",
        "생성형 - AI",
        "생성형 + AI",
    ] {
        assert_eq!(clean(same), "생성형 AI", "{same}");
    }
}

#[test]
fn either_of_several() {
    for same in [
        "사과 OR 배",
        "사과|배",
        "사과 | 배",
        "사과 || 배",
        "(사과 OR 배)",
    ] {
        assert_eq!(clean(same), "사과 OR 배", "{same}");
    }
    assert_eq!(clean("값 사과|배"), "값 (사과 OR 배)");
    assert_eq!(clean("삼성(전자|물산)"), "삼성 (전자 OR 물산)");
    assert_eq!(clean("가 AND 나 OR 다"), "(가 나) OR 다");
    assert_eq!(
        clean("제목:가 OR 제목:나 date:2024-02-22"),
        "(headline:가 OR headline:나) date:2024-02-22"
    );
    let (read, note) = noted("수출 반도체 OR 자동차");
    assert_eq!(read, "수출 (반도체 OR 자동차)");
    assert!(matches!(note, QueryNote::OrReadAs { query } if query == read));
}

#[test]
fn exclusions() {
    for same in [
        "사과 -애플",
        "사과 NOT 애플",
        "사과 !애플",
        "사과 ! 애플",
        "사과 AND NOT 애플",
    ] {
        assert_eq!(clean(same), "사과 -애플", "{same}");
    }
    assert_eq!(clean("사과 -(애플 OR 아이폰)"), "사과 -(애플 OR 아이폰)");
    assert_eq!(clean("사과 -제목:애플"), "사과 -headline:애플");
    assert_eq!(clean("사과 제목:-애플"), "사과 -headline:애플");
    assert_eq!(clean("사과 NOT -애플"), "사과 애플");
    assert_eq!(noted("코스피 -3.1%").1, QueryNote::ExcludedNumber);
    let (read, note) = noted("-애플");
    assert_eq!(read, "-애플");
    assert_eq!(note, QueryNote::OnlyExclusions);
}

#[test]
fn phrases_in_all_quotation_marks() {
    for same in [
        "\"생성형 AI\"",
        "“생성형 AI”",
        "”생성형 AI“",
        "‘생성형 AI’",
        "'생성형  AI'",
        "「생성형 AI」",
        "『생성형 AI』",
        "《생성형 AI》",
        "«생성형 AI»",
        "＂생성형 AI＂",
    ] {
        assert_eq!(clean(same), "\"생성형 AI\"", "{same}");
    }
    assert_eq!(clean("\"금리 인상\"~5"), "\"금리 인상\"~5");
    assert_eq!(clean("제목:“금리 인상”"), "headline:\"금리 인상\"");
    assert_eq!(clean("‘토스’ 은행"), "\"토스\" 은행");
    assert_eq!(clean("'토스'가 연 '은행'에서"), "\"토스\" 연 \"은행\"");
    assert_eq!(clean("“토스”전자"), "\"토스\" 전자");
    assert_eq!(clean("'24년"), "\\'24년");
    assert_eq!(clean("McDonald's 매장"), "McDonald\\'s 매장");
    assert_eq!(clean("\"말하길 \\\"그만\\\"\""), "\"말하길 \\\"그만\\\"\"");
    assert_eq!(noted("\"생성형 AI").0, "\"생성형 AI\"",);
}

#[test]
fn words_with_signs_inside_are_not_split() {
    for text in [
        "C++",
        "R&D",
        "01.AI",
        "3.1%",
        "6·25",
        "AT&T",
        "12:30",
        "http://news.example.kr/a?b=1&c=2",
        "hong@example.kr",
        "인공지능(AI)",
        "SK-II",
        "코로나-19",
        "A/B",
        ".NET",
        "#미투",
        "10~20대",
        "미·중",
        "챗GPT",
        "$100",
    ] {
        assert_eq!(parse(text, TODAY).tree, word(text), "{text}");
        assert_eq!(clean(text), text);
    }
    assert_eq!(clean("[단독] 하이브"), "\\[단독] 하이브");
    assert_eq!(clean("삼성, LG … 하이닉스!"), "삼성, LG 하이닉스!");
    assert_eq!(clean("\\-5%"), "\\-5%");
}

#[test]
fn fields_by_their_korean_and_english_names() {
    for (text, read) in [
        ("제목:총선", "headline:총선"),
        ("제목: 총선", "headline:총선"),
        ("HEADLINE:총선", "headline:총선"),
        ("제목：총선", "headline:총선"),
        ("본문:(금리 인상)", "body:(금리 인상)"),
        ("기자:홍길동", "reporter:홍길동"),
        ("언론사:한빛일보", "outlet:한빛일보"),
        ("면:사회", "section:사회"),
        ("섹션:사회", "section:사회"),
        ("사진설명:현장", "caption:현장"),
        ("url:https://a.example/b", "url:https://a.example/b"),
        ("id:a:b", "id:a\\:b"),
        ("제목:삼성*", "headline:삼성*"),
        ("기자:*", "reporter:*"),
        ("제목:본문:가", "body:가"),
        ("기자:홍길동|김철수", "reporter:홍길동 OR reporter:김철수"),
        (
            "기자:홍길동|제목:(가 나)|다",
            "reporter:홍길동 OR headline:(가 나) OR headline:다",
        ),
        ("기자:홍길동 | 김철수", "reporter:홍길동 OR 김철수"),
        ("제목:(가 본문:나)", "headline:(가 body:나)"),
    ] {
        assert_eq!(clean(text), read, "{text}");
    }
    let tree = parse("기자:홍길동", TODAY).tree;
    let expected = Node::Field {
        field: Field::Reporter,
        node: Box::new(word("홍길동")),
    };
    assert_eq!(tree, expected);
}

#[test]
fn misspelt_fields_are_noted() {
    for (text, read, right) in [
        ("언론:한빛일보", "한빛일보", "언론사"),
        ("outlt:한빛일보", "한빛일보", "outlet"),
        ("재목:(가 나)", "가 나", "제목"),
    ] {
        let (tree, note) = noted(text);
        assert_eq!(tree, read);
        assert!(format!("{note:?}").contains(right), "{note:?}");
    }
    let (read, note) = noted("속보:삼성");
    assert_eq!(parse(&read, TODAY).tree, word("속보:삼성"));
    assert_eq!(
        note,
        QueryNote::UnknownField {
            name: "속보".to_owned()
        }
    );
    assert_eq!(clean("속보: 삼성"), "속보: 삼성");
}

#[test]
fn dates() {
    for (text, read) in [
        ("date:2024-02..2024-03", "date:2024-02-01..2024-03-31"),
        ("date:2024", "date:2024-01-01..2024-12-31"),
        ("날짜:7d", "date:2024-02-15..2024-02-22"),
        ("날짜:오늘", "date:2024-02-22"),
        ("날짜:2024년 2월 가", "date:2024-02-01..2024-02-29 가"),
        ("날짜:2024년 2월 3일 가", "date:2024-02-03 가"),
        ("date:[2024-01 TO 2024-02]", "date:2024-01-01..2024-02-29"),
        ("date:{2024-01 TO 2024-03}", "date:2024-02-01..2024-02-29"),
        ("date:[* TO 2024-02]", "date:..2024-02-29"),
        ("[2024-01 TO 2024-02] 가", "date:2024-01-01..2024-02-29 가"),
        ("date:>=2024-02", "date:2024-02-01.."),
        ("date:<2024", "date:..2023-12-31"),
        ("date:2024-02~", "date:2024-02-01.."),
        ("date:2024~2025", "date:2024-01-01..2025-12-31"),
        (
            "from:2024-02 until:2024-03",
            "date:2024-02-01.. date:..2024-03-31",
        ),
        ("before:2024-02-01", "date:..2024-01-31"),
        (
            "date:(2023-02-22 OR 2024-02-22)",
            "date:2023-02-22 OR date:2024-02-22",
        ),
        ("-date:2024-02-22", "-date:2024-02-22"),
        ("date:\"최근 2주\"", "date:2024-02-08..2024-02-22"),
        ("date:*", "date:*"),
    ] {
        let parsed = parse(text, TODAY);
        assert_eq!(parsed.tree.to_string(), read, "{text}");
    }
    let (read, note) = noted("가 date:2024-02-30");
    assert_eq!(read, "가");
    assert!(format!("{note:?}").contains("2024-02-29"), "{note:?}");
    assert_eq!(
        parse("date:*", TODAY).tree,
        Node::Date(DateRange::default())
    );
}

#[test]
fn malformed_queries_are_read_as_far_as_possible() {
    for (text, read) in [
        ("(가 나", "가 나"),
        ("가 나)", "가 나"),
        ("가) 나", "가 나"),
        ("()", "-*"),
        ("가 AND", "가"),
        ("가 |", "가"),
        ("OR 가", "가"),
        ("가 OR OR 나", "가 OR 나"),
        ("가 AND OR 나", "가 나"),
        ("AND", "and"),
        ("NOT", "not"),
        ("제목:", "-*"),
        ("date:2024-13", "-*"),
        ("가 NOT", "가"),
        ("\"\" 가", "가"),
        ("가^2", "가"),
        ("\"가 나\"^2.5", "\"가 나\""),
        ("가~2", "가"),
        ("*성전자", "성전자"),
        ("[가 TO 나]", "가 나"),
        ("[가 AND - TO 나]", "가 and 나"),
        ("AND* (가", "AND* 가"),
    ] {
        let parsed = parse(text, TODAY);
        assert_eq!(parsed.tree.to_string(), read, "{text}");
        if text != "()" {
            assert!(!parsed.notes.is_empty(), "{text}");
        }
    }
}

#[test]
fn empty_queries_and_stars_match_everything() {
    for text in ["", " ", "*", "* *", "\u{feff}"] {
        assert_eq!(parse(text, TODAY).tree, Node::All, "{text}");
    }
    for text in ["()", "...", "-", "\"\"", "&"] {
        let parsed = parse(text, TODAY);
        assert_eq!(parsed.tree, Node::All.negated(), "{text}");
        assert!(!parsed.notes.is_empty(), "{text}");
        assert_eq!(parse(&parsed.tree.to_string(), TODAY).tree, parsed.tree);
    }
    assert_eq!(clean("가 *"), "가");
}

#[test]
fn text_is_normalized_to_nfc() {
    assert_eq!(clean("\u{1112}\u{1161}\u{11ab}글"), "한글");
}

#[test]
fn parsing_takes_linear_time() {
    let begin = cpu_time();
    for unit in [
        "(",
        ")",
        "((a ",
        "\"",
        "'a ",
        "-",
        "!",
        "! ",
        "a*",
        "a&",
        "&",
        "a(",
        "[a TO ",
        "제목:",
        "NOT ",
        "OR ",
        "a|",
        "「",
        "^1",
        "~1",
        "a\"",
        "\\",
        "a:",
        "-(",
        "제목:(",
        "date:2024년 ",
        "‘a",
        "a OR (b ",
    ] {
        let text = unit.repeat(1_000_000 / unit.len());
        let parsed = parse(&text, TODAY);
        let again = parse(&parsed.tree.to_string(), TODAY);
        assert!(again.tree == parsed.tree, "{unit}");
        let size = |note: &QueryNote| format!("{note:?}").len();
        assert!(parsed.notes.iter().all(|n| size(n) < 1000), "{unit}");
    }
    // 28 MB. Quadratic time in any of them would take minutes.
    assert!((cpu_time() - begin).as_secs() < 60);
}

#[test]
fn a_query_is_bounded() {
    let parsed = parse(&"가 ".repeat(5000), TODAY);
    assert!(matches!(&parsed.tree, Node::And(parts) if parts.len() == 1024));
    assert_eq!(parsed.notes.len(), 1);
}

/// Arbitrary trees in normal form.
fn trees() -> impl Strategy<Value = Node> {
    let text = prop_oneof![
        "[가-힣]{1,3}",
        "[가-힣a-zA-Z0-9]{1,3}[-+&|!*()\":~^'.,\\[\\]{}\\\\<>=]{0,3}[가-힣a-z0-9]{0,2}",
        "[-+&|!*()\":~^'“”「」]{1,3}[가-힣a-zA-Z]{1,3}",
        Just("http://a.example/(b)?c=1".to_owned()),
        Just("제목:가".to_owned()),
    ];
    let field = prop_oneof![
        Just(Field::Headline),
        Just(Field::Body),
        Just(Field::Outlet),
        Just(Field::Url),
        Just(Field::Id),
    ];
    let day = (0i64..20000)
        .prop_map(|n| date(1970, 1, 1).saturating_add(jiff::SignedDuration::from_hours(24 * n)));
    let range =
        (proptest::option::of(day.clone()), proptest::option::of(day)).prop_map(|(a, b)| {
            match (a, b) {
                (Some(a), Some(b)) => DateRange {
                    from: Some(a.min(b)),
                    to: Some(a.max(b)),
                },
                (from, to) => DateRange { from, to },
            }
        });
    let leaf = prop_oneof![
        4 => text.clone().prop_filter("operators are no words", |t| !matches!(t.as_str(), "AND" | "OR" | "NOT")).prop_map(Node::Word),
        1 => text.clone().prop_map(Node::Prefix),
        1 => (text, proptest::option::of(0u32..100)).prop_map(|(text, slop)| Node::Phrase { text, slop }),
        1 => range.prop_map(Node::Date),
        1 => Just(Node::All),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Node::and),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Node::or),
            inner.clone().prop_map(Node::negated),
            (inner, field.clone()).prop_map(|(node, field)| node.in_field(field)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn printed_trees_parse_to_the_same_tree(tree in trees()) {
        let printed = tree.to_string();
        prop_assert_eq!(parse(&printed, TODAY).tree, tree, "{}", printed);
    }

    #[test]
    fn any_text_is_read_and_survives_printing(text in any::<String>()) {
        let tree = parse(&text, TODAY).tree;
        let printed = tree.to_string();
        prop_assert_eq!(parse(&printed, TODAY).tree, tree, "{}", printed);
    }

    #[test]
    fn any_signs_are_read_and_survive_printing(
        text in "([-+&|!*()\":~^'.,\\[\\]{}\\\\<>=“”‘’「」 가a2]|AND|OR|NOT| TO |제목:|date:|id:|http://|2024|년| 2월){0,24}"
    ) {
        let tree = parse(&text, TODAY).tree;
        let printed = tree.to_string();
        prop_assert_eq!(parse(&printed, TODAY).tree, tree, "{}", printed);
    }
}
