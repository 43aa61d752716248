//! Bylines within a paragraph: datelines before its first sentence, signatures after its last.

use super::super::outlet;
use super::{
    Byline, EMAIL, WORDS, before_title, is_signature, line, merge, outlet_of, residue, scan, tokens,
};
use crate::extract::naming;

/// Reads a dateline with its byline at the head of a paragraph: `(서울=연합뉴스) 홍길동 기자 = `,
/// `[서울=뉴시스]홍길동 기자 = `, `아시아투데이 하만주 워싱턴 특파원 = `, `[이데일리 홍길동 기자] `.
/// Returns the byline and the byte offset at which the sentence begins.
pub(in crate::extract) fn dateline(text: &str) -> Option<(Byline, usize)> {
    let (mut byline, mut at, mut anchored) = match brackets(text) {
        Some((inside, end)) => (bracketed(inside, &text[end..])?, end, true),
        None => (Byline::default(), 0, false),
    };
    let rest = &text[at..];
    // Up to the last `=` among the next characters, if only a byline precedes it.
    let near = rest.char_indices().nth(90).map_or(rest.len(), |(i, _)| i);
    for (equals, sign) in rest[..near]
        .char_indices()
        .rev()
        .filter(|(_, c)| matches!(c, '=' | '＝'))
    {
        let before = &rest[..equals];
        if before.trim().is_empty() && anchored {
            at += equals + sign.len_utf8();
            break;
        }
        let found = scan(before);
        let plain = residue(before, &found) <= 5;
        if plain && (found.certain || (anchored && before.chars().count() <= 30)) {
            at += equals + sign.len_utf8();
            merge(&mut byline, found);
            anchored = true;
            break;
        }
        // `경주=홍길동 기자 본문`: the sign is inside the byline.
        if let Some((found, end)) = head(&rest[equals + sign.len_utf8()..])
            && (outlet::is_name(before.trim()) || WORDS.is("place", before.trim()))
        {
            at += equals + sign.len_utf8() + end;
            merge(&mut byline, found);
            anchored = true;
            break;
        }
    }
    if anchored
        && byline.names.is_empty()
        && let Some((found, end)) = head(&text[at..])
    {
        at += end;
        merge(&mut byline, found);
    }
    if !anchored {
        return None;
    }
    let rest = &text[at..];
    at += rest.len()
        - rest
            .trim_start_matches([' ', '=', '－', '-', '|', ':'])
            .len();
    Some((byline, at))
}

/// The content of the brackets that a text begins with, and the byte offset at which they end.
fn brackets(text: &str) -> Option<(&str, usize)> {
    let open = text.chars().next()?;
    let close = match open {
        '[' => ']',
        '(' => ')',
        '【' => '】',
        '〔' => '〕',
        '<' => '>',
        '［' => '］',
        _ => return None,
    };
    let (end, _) = text.char_indices().take(60).find(|(_, c)| *c == close)?;
    Some((&text[open.len_utf8()..end], end + close.len_utf8()))
}

/// Reads the dateline in brackets at the head of a paragraph; `after` is the text that follows them.
fn bracketed(inside: &str, after: &str) -> Option<Byline> {
    let mut found = match outlet_and_place(inside) {
        Some(rest) => scan(rest),
        None => scan(inside),
    };
    found.outlet = outlet_of(inside, &found).or_else(|| origin(inside));
    let has_origin = found.outlet.is_some()
        || inside
            .split(['=', '|', '·', '/', ' ', ','])
            .any(|w| outlet::is_name(w.trim()))
        || outlet::is_name(inside)
        || WORDS.is("place", inside.split('=').next().unwrap_or_default().trim());
    // Brackets that end with a name and its title hold a byline, whatever precedes the name.
    let most = if ends_with_byline(inside, &found) {
        16
    } else {
        5
    };
    // `[다라=가나통신]홍길동 기자 = `: unknown words, but a byline and an equals sign follow.
    let is_origin = inside.contains(['=', '＝'])
        && inside.chars().count() <= 20
        && is_byline_before_equals(after);
    if is_origin {
        found.outlet = found.outlet.take().or_else(|| {
            let (_, outlet) = inside.split_once(['=', '＝'])?;
            Some(outlet.trim().to_owned()).filter(|o| !o.is_empty())
        });
    }
    let is_dateline = is_origin || (found.certain || has_origin) && residue(inside, &found) <= most;
    is_dateline.then_some(found)
}

/// `홍길동 기자 = `: the beginning of a text.
fn is_byline_before_equals(text: &str) -> bool {
    let near = text.char_indices().nth(40).map_or(text.len(), |(i, _)| i);
    let Some((before, _)) = text[..near].split_once(['=', '＝']) else {
        return false;
    };
    let found = scan(before);
    found.certain && residue(before, &found) <= 3
}

/// `가나스타=고척, 홍길동 기자`: after an outlet and an equals sign, the word before the comma is a
/// place, even if it looks like a name. Returns the byline after it.
fn outlet_and_place(inside: &str) -> Option<&str> {
    let (outlet, rest) = inside.split_once(['=', '＝'])?;
    let (place, rest) = rest.split_once(',')?;
    let outlet = outlet.trim();
    let place = place.trim().chars().count();
    let named = outlet::is_name(outlet) || naming::reads_as_outlet(outlet) || outlet.is_ascii();
    let is_origin = !outlet.is_empty() && named && !WORDS.is("place", outlet);
    (is_origin && (2..=4).contains(&place) && scan(rest).certain).then_some(rest)
}

/// `스포츠가나 | 다라=홍길동 기자`: the last two words are a name and its title, or one of both.
fn ends_with_byline(inside: &str, found: &Byline) -> bool {
    let tokens = tokens(inside);
    let Some(last) = tokens.last() else {
        return false;
    };
    let Some(before) = before_title(last.text) else {
        return false;
    };
    let name = match before {
        "" => tokens.iter().rev().nth(1).map_or("", |t| t.text),
        before => before,
    };
    found.certain && tokens.len() <= 5 && found.names.iter().any(|n| n == name)
}

/// The outlet in brackets without a reporter: `서울=가나뉴스`, `가나뉴스`. If a byline follows an
/// equals sign, the word before the sign is the outlet, whatever it looks like.
fn origin(inside: &str) -> Option<String> {
    let mut parts = inside.split(['=', '＝']).map(str::trim);
    let (first, second) = (parts.next()?, parts.next());
    let of_word = |word: &str| {
        let named = outlet::is_name(word) && !WORDS.is("place", word);
        (named || naming::reads_as_outlet(word)).then(|| word.to_owned())
    };
    match second {
        None => of_word(first),
        Some(second) => of_word(second).or_else(|| of_word(first)).or_else(|| {
            let reporter = scan(second).certain && !first.contains(char::is_whitespace);
            let is_word = (2..=12).contains(&first.chars().count());
            (reporter && is_word && !WORDS.is("place", first)).then(|| first.to_owned())
        }),
    }
}

/// `홍길동 기자 ` at the very beginning of a text: the byline and where it ends.
fn head(text: &str) -> Option<(Byline, usize)> {
    let near = text.char_indices().nth(40).map_or(text.len(), |(i, _)| i);
    let tokens = tokens(&text[..near]);
    for (n, token) in tokens.iter().enumerate().take(5) {
        if before_title(token.text).is_some() {
            let before = &text[..token.end];
            let found = scan(before);
            let next = tokens.get(n + 1);
            if found.certain
                && residue(before, &found) <= 3
                && next.is_none_or(|t| t.gap.contains(char::is_whitespace) || t.gap.contains('='))
            {
                return Some((found, token.end));
            }
            return None;
        }
    }
    None
}

/// A byline after the last sentence of a paragraph: `... 말했다. 홍길동 기자 hong@example.com`.
/// Returns the byline and the byte offset at which the sentence ends.
pub(in crate::extract) fn tail(text: &str) -> Option<(Byline, usize)> {
    let from = text.char_indices().rev().nth(100).map_or(0, |(i, _)| i);
    let mut best = None;
    for (at, c) in text[from..].char_indices() {
        if !matches!(
            c,
            '.' | '”' | '"' | '’' | '\'' | ')' | ']' | '!' | '?' | '…' | '/'
        ) {
            continue;
        }
        let start = from + at + c.len_utf8();
        let rest = &text[start..];
        if rest.trim().is_empty() {
            break;
        }
        // Not inside an address or a number.
        if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            continue;
        }
        if let Some(byline) = line(rest).filter(|b| b.certain && !b.by_post) {
            best = Some((byline, if c == '/' { start - 1 } else { start }));
            break;
        }
        if is_signature(rest) && EMAIL.is_match(rest) {
            best = Some((Byline::default(), start));
            break;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn datelines_are_read() {
        for (text, names, rest) in [
            (
                "(서울=연합뉴스) 홍길동 기자 = 봄꽃이 피었다.",
                "홍길동",
                "봄꽃이 피었다.",
            ),
            (
                "[서울=뉴시스]홍길동 기자 = 봄꽃이 피었다.",
                "홍길동",
                "봄꽃이 피었다.",
            ),
            (
                "(서울=뉴스1) 홍길동 김철수 기자 = 봄꽃이",
                "홍길동 김철수",
                "봄꽃이",
            ),
            (
                "아시아투데이 홍길동 워싱턴 특파원 = 봄꽃이",
                "홍길동",
                "봄꽃이",
            ),
            ("[이데일리 홍길동 기자] 봄꽃이", "홍길동", "봄꽃이"),
            ("[헤럴드경제=홍길동 기자] 봄꽃이", "홍길동", "봄꽃이"),
            ("[비즈니스포스트] 봄꽃이", "", "봄꽃이"),
            ("경주=홍길동 기자 봄꽃이", "홍길동", "봄꽃이"),
            ("(수원=연합뉴스) 봄꽃이", "", "봄꽃이"),
            ("【서울=뉴시스】홍길동 기자 = 봄꽃이", "홍길동", "봄꽃이"),
        ] {
            let (byline, at) = dateline(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(byline.names.join(" "), names, "{text}");
            assert_eq!(&text[at..], rest, "{text}");
        }
        for text in [
            "[단독] 봄꽃이",
            "(사진) 봄꽃",
            "봄꽃이 a=b 식으로",
            "",
            "[",
            "서울 봄꽃",
        ] {
            assert_eq!(dateline(text), None, "{text}");
        }
    }

    #[test]
    fn a_byline_behind_the_last_sentence_is_found() {
        let text = "축제가 열린다고 말했다. 홍길동 기자 hong@example.com";
        let (byline, at) = tail(text).unwrap();
        assert_eq!(byline.names, ["홍길동"]);
        assert_eq!(&text[..at], "축제가 열린다고 말했다.");
        assert_eq!(tail("김철수 팀장이 말했다. 박영희 팀장도 그랬다."), None);
    }

    proptest! {
        #[test]
        fn any_text_is_cut_between_characters(s in "[가-힣a-z@.=()\\[\\]·, 기자]{0,60}") {
            if let Some((_, at)) = dateline(&s) {
                prop_assert!(s.is_char_boundary(at));
            }
            if let Some((_, at)) = tail(&s) {
                prop_assert!(s.is_char_boundary(at));
            }
        }
    }
}
