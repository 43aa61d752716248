//! Reporters' names in bylines.
//!
//! A byline is a short line, or the head or tail of a paragraph, that consists of names, titles,
//! departments, places, outlets and addresses and of nothing else. Names are recognized by their
//! Korean family name and length, beside a title or an address; the remaining letters decide whether
//! the text is a byline at all, so a person quoted in a sentence is never a reporter.

mod dateline;

use std::sync::LazyLock;

use regex::Regex;
use rustc_hash::{FxHashMap, FxHashSet};

use super::date;
use super::naming;
use super::outlet;
use super::pattern;
use super::table;
use super::tidy;

use crate::hangul;

struct Words {
    kinds: FxHashMap<&'static str, FxHashSet<&'static str>>,
    surnames: FxHashSet<&'static str>,
    /// Titles, longest first.
    titles: Vec<&'static str>,
}

impl Words {
    fn is(&self, kind: &str, word: &str) -> bool {
        self.kinds.get(kind).is_some_and(|w| w.contains(word))
    }

    fn ends_with(&self, kind: &str, word: &str) -> bool {
        let words = self.kinds.get(kind);
        words.is_some_and(|words| words.iter().any(|end| word.ends_with(end)))
    }
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut kinds: FxHashMap<&'static str, FxHashSet<&'static str>> = FxHashMap::default();
    for row in table::rows(include_str!("../data/byline_titles.tsv")) {
        kinds.entry(row.get(0)).or_default().extend(row.list(1));
    }
    let mut titles: Vec<&'static str> = kinds
        .get("title")
        .map(|t| t.iter().copied().collect())
        .unwrap_or_default();
    titles.sort_by_key(|t| std::cmp::Reverse(t.len()));
    let surnames = include_str!("../data/surnames.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
        .flat_map(str::split_whitespace)
        .collect();
    Words {
        kinds,
        surnames,
        titles,
    }
});

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern::fixed(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*"));

/// Buttons beside the name, which are part of the byline's text on pages.
static AROUND: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"(?x)
        기자의?\s*(?:다른|최신|전체)\s*기사(?:\s*(?:더)?\s*보기)? | 기자\s*(?:페이지|구독|정보|프로필|채널)(?:\s*(?:바로가기|보기))?
        | 다른\s*기사\s*(?:더)?\s*보기 | 기사\s*더\s*보기 | (?:기자)?\s*구독(?:하기|중|자)? | 응원(?:하기|수)? | 이메일(?:\s*보내기)? | 메일\s*보내기
        | 페이스북 | 트위터 | 인스타그램 | 홈페이지 | 블로그 | 팔로우 | 바로가기 | 더보기 | 프로필 | 네이버 | 채널
        | \([A-Za-z0-9_]{3,20}\) | 저작권자 | 외\s*\d+\s*명 | 등\s*\d+\s*명 | e-?mail | by | twitter | facebook | \d+ | https?://\S+ | www\.\S+ | @\S+",
    )
});

pub(super) use dateline::{dateline, tail};

/// A byline read from a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Byline {
    pub names: Vec<String>,
    /// Camera and editing crew: named in the byline, but not reporters.
    pub crew: Vec<String>,
    /// The outlet it names, where the table of outlets need not know it.
    pub outlet: Option<String>,
    /// A name with an institute and a post: at the ends of a text its writer, inside someone named.
    pub by_post: bool,
    /// A name with nothing but a post: the writer only where the page names no other.
    pub is_weak: bool,
    /// The line is a byline, whatever else it contains.
    pub whole: bool,
    /// Whether a name is beside a title or an address, not merely alone.
    pub certain: bool,
}

/// Names of the reporters in a byline string, in order, without titles: `홍길동 기자`,
/// `서울=이정준 기자`, `홍길동(hong@example.com)`, `홍길동|기자`, `배윤경·이상현 기자`, `홍길동, 김철수`.
///
/// The text is assumed to be a byline, so bare names count. Outlets, departments, places and
/// signatures without a person (`온라인뉴스팀`) are ignored.
pub fn reporters(text: &str) -> Vec<String> {
    let text = tidy::line(text);
    if text.chars().count() > 400 || text.contains("://") {
        return Vec::new();
    }
    if let Some(names) = sign_off(&text).or_else(|| english(&text, true)) {
        return names;
    }
    let byline = scan(&text);
    if !byline.names.is_empty() {
        return byline.names;
    }
    let mut names = Vec::new();
    for part in text.split([
        ',', '·', '|', '/', ';', '&', '=', '(', ')', '[', ']', 'ㅣ', '、',
    ]) {
        let words: Vec<&str> = part.split_whitespace().collect();
        // Several words that only happen to begin with a rare family name are a motto.
        let are_names = words.len() == 1 || words.iter().all(|w| has_common_surname(w));
        if words.len() <= 4 && are_names && words.iter().all(|w| is_name(w)) {
            for word in words {
                push(&mut names, word);
            }
        }
    }
    names
}

/// The most common family names.
const COMMON_SURNAMES: &str = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구나민진지엄채원천방공";

fn has_common_surname(word: &str) -> bool {
    word.chars()
        .next()
        .is_some_and(|c| COMMON_SURNAMES.contains(c))
}

/// The sign-off of a broadcast report: `가나뉴스 홍길동입니다.`, `홍길동 기자입니다.`
static SIGN_OFF: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"(?x)^[\s(\[<]*
        (?: (?:지금까지|이상) \s+ )? (?: (?:\S+에서|\S+) \s+ ){0,3}?
        (?P<name>[가-힣]{2,4}) (?: \s* \( [A-Za-z0-9._%+@-]+ \) | \s* \[ [A-Za-z0-9._%+@-]+ \] )?
        (?: \s* (?:기자|특파원|앵커|리포터|캐스터|아나운서) )? \s* (?:입니다|이었습니다|였습니다) [.\s)\]>]*$",
    )
});

/// The reporter of a sign-off.
fn sign_off(text: &str) -> Option<Vec<String>> {
    if !text.contains("입니다") && !text.contains("였습니다") && !text.contains("이었습니다")
    {
        return None;
    }
    if text.chars().count() > 60 {
        return None;
    }
    let found = SIGN_OFF.captures(text)?;
    let name = found.name("name")?;
    let titled = text[name.end()..]
        .trim_start()
        .starts_with(['기', '특', '앵', '리', '캐', '아', '(', '[']);
    let before = text[..name.start()].trim();
    let from_outlet = before
        .split_whitespace()
        .any(|w| outlet::is_name(w) || naming::reads_as_outlet(w))
        || outlet::is_name(before);
    (is_name(name.as_str()) && (titled || from_outlet)).then(|| vec![name.as_str().to_owned()])
}

/// An English person's name: `Hong Gil-dong`, `HONG GIL-DONG`, `Max Lee`.
static ENGLISH_NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(r"^[A-Z][A-Za-z.'’]*(?:-[A-Za-z]+)?(?:\s[A-Z][A-Za-z.'’]*(?:-[A-Za-z]+)?){1,3}$")
});

/// Sign-off of an English broadcast report: `Max Lee, Garam World Radio News.`
static ENGLISH_SIGN_OFF: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"^(?P<name>[A-Z][A-Za-z'’]+(?:-[A-Za-z]+)?(?:\s[A-Z][A-Za-z'’]+(?:-[A-Za-z]+)?){1,2}),\s(?:[A-Z][A-Za-z0-9]*\s){1,4}(?:News|TV|Radio)\.?$",
    )
});

/// What stands around names in English bylines.
static ENGLISH_ROLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"(?i)\b(?:staff|senior|contributing|intern|guest)?\s*(?:reporter|writer|correspondent|columnist|editor)s?\b",
    )
});

/// The writers of an English byline: `By Hong Gil-dong`, `Hong Gil-dong, Staff reporter`,
/// `BY HONG GIL-DONG [hong@example.com]`, `By Hong Gil-dong and Kim Nara`. Without `By`, an address or
/// a role, names count only where the page says that it is a byline, `in_field`.
fn english(text: &str, in_field: bool) -> Option<Vec<String>> {
    const OTHERS: [&str; 24] = [
        "news", "times", "herald", "daily", "post", "media", "press", "team", "desk", "online",
        "digital", "korea", "journal", "today", "tv", "agency", "network", "group", "admin", "the",
        "web", "weekly", "magazine", "korean",
    ];
    if !text.is_ascii() || text.len() > 120 {
        return None;
    }
    let text = text.trim();
    if let Some(found) = ENGLISH_SIGN_OFF.captures(text) {
        return Some(vec![found["name"].to_owned()]);
    }
    let by = text
        .split_at_checked(3)
        .filter(|(head, _)| head.eq_ignore_ascii_case("by "))
        .map(|(_, rest)| rest);
    let without_address = EMAIL.replace_all(by.unwrap_or(text), " ");
    let names = ENGLISH_ROLE.replace_all(&without_address, " ");
    let is_marked = by.is_some() || names.len() < text.len();
    if !(is_marked || in_field) {
        return None;
    }
    let mut found = Vec::new();
    let parts = names
        .split([',', '[', ']', '(', ')', '<', '>', '|', '/', '&'])
        .flat_map(|part| part.split(" and "));
    for part in parts {
        let name = tidy::line(part.trim_matches(|c: char| !c.is_alphanumeric()));
        if name.is_empty() {
            continue;
        }
        let is_other = |word: &str| OTHERS.iter().any(|o| word.eq_ignore_ascii_case(o));
        if !ENGLISH_NAME.is_match(&name)
            || outlet::is_name(&name)
            || name.split_whitespace().any(is_other)
        {
            return None;
        }
        push(&mut found, &name);
    }
    (!found.is_empty() && found.len() <= 6).then_some(found)
}

/// `작성자 홍길동 기자 댓글 0건 작성일 24-02-22 10:31`: a board's line of fields.
static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"(?:작성자|글쓴이|등록자|기자명|취재기자)\s*[:：]?\s*(?P<name>[가-힣]{2,4})(?:\s*기자)?(?:[\s|,/·(]|$)",
    )
});

/// The writer in a line of fields that holds a date too.
pub(super) fn labelled(text: &str) -> Option<String> {
    let name = LABELLED.captures(text)?.name("name")?.as_str();
    let is_person = is_name(name) && date::find_all(text).next().is_some();
    is_person.then(|| name.to_owned())
}

/// Reads a line that is a byline and nothing else; `None` when it is something else.
pub(super) fn line(text: &str) -> Option<Byline> {
    if text.chars().count() > 160 {
        return None;
    }
    if let Some(names) = sign_off(text).or_else(|| english(text, false)) {
        return Some(Byline {
            names,
            certain: true,
            ..Byline::default()
        });
    }
    let mut byline = credits(text).unwrap_or_else(|| scan(text));
    byline.outlet = byline.outlet.take().or_else(|| outlet_of(text, &byline));
    if byline.whole {
        return Some(byline);
    }
    (byline.certain && residue(text, &byline) <= 5).then_some(byline)
}

/// `(취재 : 홍길동 / 영상편집 : 김나라 / 제작 : 가나팀)`: the credits of a report, recognized by
/// two or more labels. `홍길동 / 사진출처 가나다`: a writer and where the picture is from.
fn credits(text: &str) -> Option<Byline> {
    let labels = CREDIT_LABEL.find_iter(text).count();
    if labels >= 2 {
        return Some(Byline {
            whole: true,
            certain: true,
            ..scan(text)
        });
    }
    let (before, after) = text.split_once(['/', '|', 'ㅣ'])?;
    let name = before.trim();
    let name = name.strip_prefix("글").map_or(name, str::trim);
    let pictures = ["사진", "화면", "자료", "영상"]
        .iter()
        .any(|w| after.trim_start().starts_with(w));
    (pictures && is_name(name) && name.chars().count() >= 3).then(|| Byline {
        names: vec![name.to_owned()],
        whole: true,
        certain: true,
        ..Byline::default()
    })
}

static CREDIT_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"(?:^|[\s(\[/,|·])(?:취재|구성|영상|편집|영상편집|영상취재|화면\s*제공|제작|디자인|CG|기획|그래픽|촬영|작가|연출|글|사진)\s*[:：=]",
    )
});

/// The outlet that a byline begins with: one of the table, or a word that ends as outlets' names do.
fn outlet_of(text: &str, byline: &Byline) -> Option<String> {
    if !byline.certain {
        return None;
    }
    let words = || tokens(text).into_iter().take(4).map(|t| t.text);
    words()
        .find(|w| outlet::is_name(w) && !WORDS.is("place", w))
        .or_else(|| {
            words().find(|w| naming::reads_as_outlet(w) && !byline.names.iter().any(|n| n == w))
        })
        .map(str::to_owned)
}

/// Whether a line is the signature of a desk, a bare address, or an outlet's name: neither a person
/// nor text of the article.
pub(super) fn is_signature(text: &str) -> bool {
    if text.chars().count() > 80 {
        return false;
    }
    let trimmed = text.trim_matches(|c: char| !c.is_alphanumeric());
    if trimmed.is_empty() || WORDS.is("team", trimmed) || outlet::is_name(trimmed) {
        return true;
    }
    (EMAIL.is_match(text) || outlet_prefix(trimmed)) && residue(text, &Byline::default()) <= 3
}

fn outlet_prefix(text: &str) -> bool {
    text.split_whitespace().next().is_some_and(outlet::is_name)
}

fn merge(into: &mut Byline, from: Byline) {
    for name in from.names {
        push(&mut into.names, &name);
    }
    into.certain |= from.certain;
    into.outlet = into.outlet.take().or(from.outlet);
}

fn push(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|n| n == name) {
        names.push(name.to_owned());
    }
}

/// Whether a word looks like a Korean person's name and is not a word used in bylines.
pub(super) fn is_name(word: &str) -> bool {
    let words = &*WORDS;
    let mut chars = word.char_indices();
    let count = word.chars().count();
    if !(2..=4).contains(&count) || !word.chars().all(hangul::is_syllable) {
        return false;
    }
    chars.next();
    let single = chars.next().map_or(word.len(), |(at, _)| at);
    let double = chars.next().map_or(word.len(), |(at, _)| at);
    let named = match count {
        4 => words.surnames.contains(&word[..double]),
        _ => {
            words.surnames.contains(&word[..single])
                || (count == 3 && words.surnames.contains(&word[..double]))
        }
    };
    named
        && ![
            "title", "before", "role", "desk", "place", "team", "word", "crew", "post",
        ]
        .iter()
        .any(|kind| words.is(kind, word))
        && !outlet::is_name(word)
        && before_title(word).is_none()
        && !is_municipality(word)
}

/// `김포시`, `고성군`
fn is_municipality(word: &str) -> bool {
    ['시', '군', '구', '도']
        .iter()
        .filter_map(|end| word.strip_suffix(*end))
        .any(|place| WORDS.is("place", place))
}

struct Token<'a> {
    text: &'a str,
    /// The text between the previous token and this one.
    gap: &'a str,
    start: usize,
    end: usize,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out: Vec<Token<'_>> = Vec::new();
    let mut start = None;
    let mut last_end = 0;
    let in_token = |c: char| c.is_alphanumeric() || matches!(c, '@' | '.' | '_' | '-' | '+');
    for (at, c) in text
        .char_indices()
        .chain(std::iter::once((text.len(), ' ')))
    {
        match (start, in_token(c)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let word = text[from..at].trim_matches(['.', '-', '_', '+']);
                if !word.is_empty() {
                    out.push(Token {
                        text: word,
                        gap: &text[last_end..from],
                        start: from,
                        end: at,
                    });
                    last_end = at;
                }
                start = None;
            }
            _ => {}
        }
    }
    // An address glued to Hangul: `홍길동hong@example.com`.
    let mut split = Vec::with_capacity(out.len());
    for token in out {
        let hangul = token
            .text
            .find(|c: char| c.is_ascii_alphanumeric())
            .unwrap_or(0);
        if hangul > 0 && token.text.contains('@') {
            let at = token.start + hangul;
            split.push(Token {
                text: &token.text[..hangul],
                gap: token.gap,
                start: token.start,
                end: at,
            });
            split.push(Token {
                text: &token.text[hangul..],
                gap: "",
                start: at,
                end: token.end,
            });
        } else {
            split.push(token);
        }
    }
    split
}

/// The part of a token before the title that it ends with. It need not be a name: `미래기자`.
fn before_title(token: &str) -> Option<&str> {
    WORDS.titles.iter().find_map(|t| token.strip_suffix(*t))
}

/// Roles of people who did not write the article.
const PICTURES: [&str; 2] = ["사진", "보도"];

/// All names beside a title or an address.
fn scan(text: &str) -> Byline {
    let mut scan = Scan {
        tokens: tokens(text),
        found: Vec::new(),
        crew: Vec::new(),
        by_post: false,
        is_weak: false,
        between: None,
    };
    for n in 0..scan.tokens.len() {
        let _ = scan.crew(n)
            || scan.account(n)
            || scan.role(n)
            || scan.address(n)
            || scan.title(n)
            || scan.writer(n)
            || scan.place(n);
    }
    scan.byline()
}

/// Names found so far, each with the number of its token.
struct Scan<'a> {
    tokens: Vec<Token<'a>>,
    found: Vec<(usize, String)>,
    /// Camera and editing crew.
    crew: Vec<(usize, String)>,
    by_post: bool,
    is_weak: bool,
    /// The token between a name and its title.
    between: Option<usize>,
}

impl<'a> Scan<'a> {
    fn token(&self, n: usize) -> Option<&Token<'a>> {
        self.tokens.get(n)
    }

    fn text(&self, n: usize) -> &'a str {
        self.tokens.get(n).map_or("", |t| t.text)
    }

    fn is(&self, kind: &str, n: usize) -> bool {
        WORDS.is(kind, self.text(n))
    }

    /// `영상편집 : 홍길동`
    fn crew(&mut self, n: usize) -> bool {
        let Some(next) = self.token(n + 1).filter(|_| self.is("crew", n)) else {
            return false;
        };
        let joined = next.gap.contains([':', '=', '：', '|', 'ㅣ', '/']);
        let named = is_name(next.text) || before_title(next.text).is_some_and(is_name);
        if !joined || !named {
            return false;
        }
        self.crew.push((n + 1, next.text.to_owned()));
        list_after(&self.tokens, n + 1, &mut self.crew);
        true
    }

    /// `홍길동(hong)`: a name with the writer's account, and nothing else.
    fn account(&mut self, n: usize) -> bool {
        let is_account = n == 0
            && self.tokens.len() == 2
            && is_name(self.text(0))
            && self
                .token(1)
                .is_some_and(|t| t.gap == "(" && t.text.bytes().all(|b| b.is_ascii_alphanumeric()));
        if is_account {
            self.found.push((0, self.text(0).to_owned()));
        }
        is_account
    }

    /// `정리=홍길동`, `인턴 홍길동`
    fn role(&mut self, n: usize) -> bool {
        let before = self.is("before", n);
        let behind_name = n.checked_sub(1).is_some_and(|p| is_name(self.text(p)));
        if behind_name || !(before || self.is("role", n)) {
            return false;
        }
        let Some(next) = self.token(n + 1).filter(|t| is_name(t.text)) else {
            return false;
        };
        let joined = next.gap.contains(['=', ':', '|', '/', '：', 'ㅣ']);
        // `글 홍길동 기자 | 사진 김나라`: every part begins with a role.
        let spaced = self.tokens.len() >= 4 && self.is("role", 0) && {
            let gap = self.token(n).map_or("", |t| t.gap);
            n == 0 || gap.contains(['|', '/', ',', 'ㅣ', '·'])
        };
        // `글·사진 홍길동`: roles, a name, and nothing else.
        let roles = self.tokens.get(..=n).unwrap_or_default();
        let alone = n + 2 == self.tokens.len()
            && next.text.chars().count() >= 3
            && has_common_surname(next.text)
            && roles.iter().all(|t| WORDS.is("role", t.text))
            && roles.iter().any(|t| !PICTURES.contains(&t.text));
        if !before && !joined && !spaced && !alone {
            return false;
        }
        self.found.push((n + 1, next.text.to_owned()));
        list_after(&self.tokens, n + 1, &mut self.found);
        true
    }

    /// `홍길동 hong@example.com`
    fn address(&mut self, n: usize) -> bool {
        if !self.text(n).contains('@') {
            return false;
        }
        if let Some(p) = n.checked_sub(1).filter(|&p| is_name(self.text(p))) {
            self.push(p);
        }
        true
    }

    /// `홍길동 기자`, `홍길동기자`, `홍길동 워싱턴 특파원`: a place or a field may come between.
    fn title(&mut self, n: usize) -> bool {
        let Some(before) = before_title(self.text(n)) else {
            return false;
        };
        if is_name(before) {
            self.found.push((n, before.to_owned()));
            list_before(&self.tokens, n, &mut self.found);
            return true;
        }
        let mut back = n;
        while let Some(p) = back.checked_sub(1).filter(|p| n - p <= 3) {
            if n - p > 1 && self.tokens[p + 1].gap.contains(['/', '=', ')', ']']) {
                break;
            }
            if is_name(self.text(p)) {
                self.push(p);
                return true;
            }
            let between = self.text(p);
            if !(["place", "desk", "title"].iter().any(|k| self.is(k, p))
                || between.ends_with("전문")
                || between.ends_with('부'))
            {
                break;
            }
            back = p;
        }
        // `홍길동 가나스타 기자`: one word that is nobody's name between, and nothing else.
        if n == 2 && self.tokens.len() == 3 && before.is_empty() && is_name(self.text(0)) {
            self.found.push((0, self.text(0).to_owned()));
            self.between = Some(1);
            return true;
        }
        // `시민리포터 홍길동`: a title before a lone name.
        let next = self.token(n + 1).filter(|t| is_name(t.text));
        if let Some(next) = next
            && before.is_empty()
            && n == 0
            && self.tokens.len() == 2
            && next.gap.trim().is_empty()
        {
            self.found.push((n + 1, next.text.to_owned()));
            return true;
        }
        false
    }

    /// `홍길동 가나연구소 기획위원`, `홍길동 칼럼니스트`: a name, an institute, a post. Only where
    /// nothing else stands.
    fn writer(&mut self, n: usize) -> bool {
        let last = n + 1 == self.tokens.len() || self.text(n + 1).contains('@');
        if !last || !(ends_with_post(self.text(n)) || ends_with_office(self.text(n))) {
            return false;
        }
        let name = self.text(0);
        // Many words look like names of two syllables or of a rare family.
        let is_person = is_name(name)
            && (n > 1 && !ends_with_office(self.text(n))
                || name.chars().count() >= 3 && has_common_surname(name));
        let is_whole = (1..=4).contains(&n) && is_person && {
            // `[홍길동/가람시 대표]` is how broadcasters name the speaker of what follows.
            let is_speaker = self.tokens[0].gap.contains('[')
                && self.tokens.iter().take(n + 1).any(|t| t.gap.contains('/'));
            let gaps = self.tokens.iter().skip(1).take(n);
            !is_speaker
                && gaps.into_iter().all(|t| {
                    t.gap
                        .chars()
                        .all(|c| c.is_whitespace() || "|/,·(ㅣ".contains(c))
                })
        };
        if is_whole {
            self.found.push((0, self.text(0).to_owned()));
            self.by_post = true;
            self.is_weak = n == 1;
        }
        is_whole
    }

    /// `서울=홍길동`
    fn place(&mut self, n: usize) -> bool {
        let is_origin = self.is("place", n) || outlet::is_name(self.text(n));
        let Some(next) = self.token(n + 1).filter(|_| is_origin) else {
            return false;
        };
        if next.gap.trim() != "=" || !is_name(next.text) || self.tokens.len() > n + 3 {
            return false;
        }
        self.found.push((n + 1, next.text.to_owned()));
        true
    }

    fn push(&mut self, at: usize) {
        self.found.push((at, self.text(at).to_owned()));
        list_before(&self.tokens, at, &mut self.found);
    }

    fn byline(mut self) -> Byline {
        let crew = &self.crew;
        self.found.retain(|f| !crew.iter().any(|c| c.0 == f.0));
        self.found.sort_by_key(|f| f.0);
        let outlet = self
            .between
            .map(|n| self.text(n))
            .filter(|w| naming::reads_as_outlet(w) || outlet::is_name(w))
            .map(str::to_owned);
        let mut byline = Byline {
            outlet,
            crew: self.crew.into_iter().map(|c| c.1).collect(),
            by_post: self.by_post,
            is_weak: self.is_weak,
            ..Byline::default()
        };
        for (_, name) in self.found {
            push(&mut byline.names, &name);
        }
        byline.certain = !byline.names.is_empty() || !byline.crew.is_empty();
        byline
    }
}

/// Whether a word ends with an office that guest writers hold.
fn ends_with_office(word: &str) -> bool {
    WORDS.ends_with("office", word)
}

/// Whether a word ends with a post that columnists hold.
fn ends_with_post(word: &str) -> bool {
    WORDS.ends_with("post", word)
}

/// Names before the one at `at` that belong to the same list: `최지연·박성민 기자`, `배윤경 이상현 기자`.
fn list_before(tokens: &[Token<'_>], at: usize, found: &mut Vec<(usize, String)>) {
    let mut here = at;
    while let Some(previous) = here.checked_sub(1) {
        let gap = tokens[here].gap.trim();
        let name = tokens[previous].text;
        let joined = matches!(gap, "·" | "," | "ㆍ" | "・" | "‧" | "、" | "•" | "∙" | "⋅");
        let spaced = gap.is_empty() && !tokens[here].gap.is_empty() && name.chars().count() >= 3;
        if !(joined || spaced) || !is_name(name) {
            return;
        }
        found.push((previous, name.to_owned()));
        here = previous;
    }
}

/// Names after the one at `at`, joined by a point or comma: `글=홍길동·김철수`.
fn list_after(tokens: &[Token<'_>], at: usize, found: &mut Vec<(usize, String)>) {
    for (n, token) in tokens.iter().enumerate().skip(at + 1) {
        if !matches!(token.gap.trim(), "·" | "," | "ㆍ" | "・") || !is_name(token.text) {
            return;
        }
        found.push((n, token.text.to_owned()));
    }
}

/// `가나대`, `다라연구소`: where writers of columns work.
fn is_institute(word: &str) -> bool {
    [
        "대학교",
        "대학원",
        "대학",
        "대",
        "연구소",
        "연구원",
        "센터",
        "재단",
        "협회",
        "학회",
        "위원회",
        "병원",
        "법무법인",
        "로펌",
        "학과",
        "학부",
    ]
    .iter()
    .any(|e| word.ends_with(e) && word.chars().count() > e.chars().count())
}

/// Number of letters of a byline that belong to no name, title, department, place, outlet, address
/// or button.
fn residue(text: &str, byline: &Byline) -> usize {
    let words = &*WORDS;
    let named = |word: &str| byline.names.iter().chain(&byline.crew).any(|n| n == word);
    let text = EMAIL.replace_all(text, " ");
    let text = AROUND.replace_all(&text, " ");
    let mut left = 0;
    let tokens = tokens(&text);
    for (n, token) in tokens.iter().enumerate() {
        let word = token.text;
        // `기장=홍길동 기자`: places are more than the table knows.
        let is_origin = n == 0
            && (2..=4).contains(&word.chars().count())
            && word.chars().all(hangul::is_syllable)
            && tokens.get(1).is_some_and(|t| t.gap == "=");
        if is_origin && byline.certain {
            continue;
        }
        if named(word)
            || [
                "title", "before", "role", "desk", "place", "team", "word", "crew", "post",
            ]
            .iter()
            .any(|k| words.is(k, word))
            || outlet::is_name(word)
            || byline.outlet.as_deref() == Some(word)
            || byline.certain && (ends_with_post(word) || is_institute(word))
            || byline.by_post && (ends_with_office(word) || n + 1 == tokens.len())
        {
            continue;
        }
        let mut word = word;
        if let Some(before) = before_title(word) {
            word = before;
        }
        if named(word) || word.is_empty() {
            continue;
        }
        // `사회정책부`, `AI산업팀`: departments are many; those that end so count little.
        if token.text.ends_with('부')
            || token.text.ends_with('팀')
            || token.text.ends_with("전문기자")
        {
            left += 1;
            continue;
        }
        left += word.chars().filter(|c| c.is_alphanumeric()).count();
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn byline_strings_give_names() {
        for (text, names) in [
            ("홍길동 기자", "홍길동"),
            ("서울=이정준 기자", "이정준"),
            ("홍길동기자", "홍길동"),
            ("홍길동(hong@example.com)", "홍길동"),
            ("홍길동 hong@example.com", "홍길동"),
            ("홍길동|기자", "홍길동"),
            ("홍길동, 김철수", "홍길동 김철수"),
            ("최지연·박성민 기자", "최지연 박성민"),
            (
                "경주=이권우 abc@example.com /최지연·박성민 기자",
                "이권우 최지연 박성민",
            ),
            ("배윤희 이상민 한수지 기자", "배윤희 이상민 한수지"),
            ("순천, 광양 구현우 기자 abc@example.com", "구현우"),
            ("정리=김정수 기자", "김정수"),
            ("인턴 박경우", "박경우"),
            ("디자이너 김은지", "김은지"),
            ("아시아투데이 홍길동 워싱턴 특파원", "홍길동"),
            ("문화부 홍길동 선임기자", "홍길동"),
            ("이창우 선임기자 goni@example.com", "이창우"),
            ("홍길동 산업전문기자", "홍길동"),
            ("글·사진 홍길동 기자", "홍길동"),
            ("글=홍길동·김철수", "홍길동 김철수"),
            ("글·사진 홍길동", "홍길동"),
            ("기자명 홍길동 기자", "홍길동"),
            ("글 홍길동 기자 | 사진 김나라", "홍길동 김나라"),
            ("기장=홍길동 기자 hong@example.com", "홍길동"),
            ("김환", "김환"),
            ("남궁민수 기자", "남궁민수"),
            ("(영상취재 : 김영수, 영상편집 : 이편우)", ""),
            ("서보미(abc01)", "서보미"),
            ("abc@example.com 홍길동 기자", "홍길동"),
            ("온라인뉴스팀", ""),
            ("디지털뉴스부 기자", ""),
            ("https://www.facebook.com/example", ""),
            ("연합뉴스", ""),
            ("사진=김포시", ""),
            ("뉴시스 | 네이버", ""),
            ("국민리포터 홍길동", "홍길동"),
            ("홍길동 가람별스타 기자", "홍길동"),
            ("홍길동 가람연구소 기획위원", "홍길동"),
            ("홍길동 기자입니다.", "홍길동"),
            ("연합뉴스TV 홍길동입니다.", "홍길동"),
            ("By Hong Gil-dong", "Hong Gil-dong"),
            ("BY HONG GIL-DONG [hong.gd@example.com]", "HONG GIL-DONG"),
            ("Reporter Hong Gil-dong", "Hong Gil-dong"),
            ("By Hong Gil-dong and Max Lee", "Hong Gil-dong Max Lee"),
            ("Max Lee", "Max Lee"),
            ("Garam Daily News", ""),
            ("Hong Gil-dong, Staff reporter", "Hong Gil-dong"),
            ("Hong Gil-dong hong@example.com", "Hong Gil-dong"),
            ("시선은 고르게", ""),
            ("", ""),
        ] {
            assert_eq!(reporters(text).join(" "), names, "{text}");
        }
    }

    #[test]
    fn a_line_of_prose_is_no_byline() {
        for text in [
            "기자들이 모였다.",
            "홍길동 기자는 현장에서 이렇게 전했다.",
            "김철수 팀장은 내년 예산을 설명했다.",
            "[주하늘/가람당 원내대표]",
            "Garam River Festival",
        ] {
            assert_eq!(line(text), None, "{text}");
        }
        assert!(line("홍길동 기자 hong@example.com").is_some());
        assert!(line("박영희 교수").is_some_and(|b| b.is_weak));
        assert!(line("박영희 가람연구소 연구위원").is_some_and(|b| b.by_post && !b.is_weak));
        assert!(line("박영희 경제부장").is_some_and(|b| b.is_weak));
        assert_eq!(line("매달 첫째 토요일 야시장"), None);
        assert_eq!(line("다시 붐비는 가람시장. 박영희 기자"), None);
        assert_eq!(line("보도 내용"), None);
        assert!(line("[류영수 기자 abc@example.com]").is_some());
        assert_eq!(
            line("( 취재 : 홍길동 / 영상편집 : 김나라 / 제작 : 가람뉴스플랫폼부 )")
                .map(|b| b.names),
            Some(vec!["홍길동".to_owned()])
        );
        assert_eq!(
            line("홍길동 / 사진출처 가나다 누리집").map(|b| b.names),
            Some(vec!["홍길동".to_owned()])
        );
        assert_eq!(
            labelled("작성자 홍길동 기자 댓글 0건 작성일 24-02-22 10:31").as_deref(),
            Some("홍길동")
        );
        assert_eq!(labelled("작성자 홍보담당관 등록일 2024-03-05"), None);
        assert!(is_signature("연합뉴스"));
        assert!(is_signature("온라인뉴스팀"));
        assert!(is_signature("hong@example.com"));
        assert!(!is_signature("김 팀장은 웃었다."));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(s in "[가-힣a-z@.=()\\[\\]·, 기자]{0,60}") {
            let _ = reporters(&s);
            let _ = line(&s);
            if let Some((_, at)) = dateline(&s) { prop_assert!(s.is_char_boundary(at)); }
            if let Some((_, at)) = tail(&s) { prop_assert!(s.is_char_boundary(at)); }
        }
    }
}
