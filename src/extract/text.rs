//! Extracts a clipping from plain text that was copied from a page, a mail or a document.
//!
//! Lines can only be recognized by their words and order. The article begins with the first running
//! text; above it are headline, decks, names and dates in any order.

use super::Extracted;
use super::byline;
use super::clean::{self, Context, Line, LineKind, Parts};
use super::date;
use super::furniture::{self, Action};
use super::naming;
use super::outlet;
use super::provenance::{ExtractedField, Origin};
use super::tidy::{self, skeleton};
use crate::clipping::{Clipping, Published, Warning};
use crate::hangul;
use crate::source::SkipReason;

/// `제목: ...`: mails and notes name their fields.
const LABELS: [(&str, Field); 22] = [
    ("제목", Field::Headline),
    ("헤드라인", Field::Headline),
    ("기사제목", Field::Headline),
    ("title", Field::Headline),
    ("subject", Field::Headline),
    ("headline", Field::Headline),
    ("언론사", Field::Outlet),
    ("매체", Field::Outlet),
    ("매체명", Field::Outlet),
    ("신문", Field::Outlet),
    ("출처", Field::Outlet),
    ("기자", Field::Reporter),
    ("기자명", Field::Reporter),
    ("작성자", Field::Reporter),
    ("글쓴이", Field::Reporter),
    ("링크", Field::Address),
    ("주소", Field::Address),
    ("원문", Field::Address),
    ("url", Field::Address),
    ("link", Field::Address),
    ("부제", Field::Deck),
    ("섹션", Field::Section),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Headline,
    Outlet,
    Reporter,
    Address,
    Deck,
    Section,
}

/// What the lines around the text contain.
#[derive(Default)]
struct Head {
    headline: Option<String>,
    outlet: Option<String>,
    carrier: Option<&'static str>,
    reporters: Vec<String>,
    published: Option<Published>,
    url: Option<String>,
    section: Option<String>,
    subheads: Vec<String>,
}

/// Extracts a plain text. `is_dated`: its source has a date for it.
pub(super) fn extract(text: &str, is_dated: bool) -> Result<Extracted, SkipReason> {
    let lines = unwrap(text);
    if lines.is_empty() {
        return Err(SkipReason::Empty);
    }
    let start = lines
        .iter()
        .position(|l| begins_article(l))
        .ok_or(SkipReason::NoArticleText)?;
    let mut head = Head::default();
    let mut above = Vec::new();
    for line in &lines[..start] {
        if !head.field(line) && !head.notice(line) {
            above.push(line.clone());
        }
    }
    for line in &lines[start..] {
        head.notice_below(line);
    }
    let titles: Vec<&String> = above.iter().filter(|l| may_be_headline(l)).collect();
    let headline = head
        .headline
        .clone()
        .or_else(|| titles.first().map(|t| (*t).clone()));
    let headline = headline.map(|h| head.tidy_headline(&h)).unwrap_or_default();

    let mut rest = below_headline(above, &headline, head.headline.is_some());
    rest.extend(lines[start..].iter().map(|text| Line {
        text: text.clone(),
        ..Line::default()
    }));
    let parts = clean::parts(
        &rest,
        &Context {
            headline: &headline,
            decks: &[],
            is_text: false,
            without: None,
        },
    );
    // A flash of one sentence is an article only with another sign of one.
    let says = !headline.is_empty()
        && (is_dated
            || head.published.is_some()
            || head.outlet.is_some()
            || !parts.names.is_empty()
            || !parts.datelines.is_empty()
            || headline.starts_with("[속보]"));
    if parts.weight() < if says { 12 } else { 40 } {
        return Err(SkipReason::NoArticleText);
    }
    head.outlet = head.outlet.take().or_else(|| outlet_in(&parts));
    for name in parts.names {
        clean::push(&mut head.reporters, name);
    }
    for subhead in parts.subheads {
        clean::push(&mut head.subheads, subhead);
    }
    let mut warnings = Vec::new();
    if headline.is_empty() {
        warnings.push(Warning::NoHeadline);
    }
    if head.outlet.is_none() {
        warnings.push(Warning::NoOutlet);
    }
    let is_dated = head.published.is_some();
    let mut extracted = Extracted {
        clipping: Clipping {
            url: head.url,
            headline,
            subheads: head.subheads,
            reporters: head.reporters,
            outlet: head.outlet,
            carrier: head.carrier.map(str::to_owned),
            section: head.section,
            published: head.published,
            body: parts.paragraphs.join("\n"),
            captions: parts.captions,
            warnings,
            ..Clipping::default()
        },
        ..Extracted::default()
    };
    extracted.note(ExtractedField::Headline, Origin::FirstLine);
    if is_dated {
        extracted.note(ExtractedField::Published, Origin::VisibleDate);
    }
    Ok(extracted)
}

/// The outlet in a dateline, a byline or a credit of the text.
fn outlet_in(parts: &Parts) -> Option<String> {
    let in_dateline = || parts.datelines.iter().find_map(|d| named_outlet(d));
    let in_byline = || {
        let named = parts.outlets.iter().find_map(|o| naming::of_field(o))?;
        Some(named.text().to_owned())
    };
    let in_credit = || {
        let credited = parts.credit.as_deref().and_then(outlet::canonical);
        let credited = credited.filter(|o| !o.is_portal())?;
        Some(credited.name.to_owned())
    };
    in_dateline().or_else(in_byline).or_else(in_credit)
}

/// The lines that follow the headline `headline` above the text; all if a label named it.
fn below_headline(above: Vec<String>, headline: &str, is_labelled: bool) -> Vec<Line> {
    let bare = skeleton(headline);
    let mut lines = above.into_iter();
    if !is_labelled {
        lines.find(|line| skeleton(line).starts_with(&bare));
    }
    lines
        .map(|text| Line {
            kind: if is_deck(&text) {
                LineKind::Deck
            } else {
                LineKind::Text
            },
            text,
            ..Line::default()
        })
        .collect()
}

impl Head {
    /// Reads a labelled line; `false` if it is not one.
    fn field(&mut self, line: &str) -> bool {
        let Some((label, value)) = line.split_once([':', '：', '|']) else {
            return false;
        };
        let label = label
            .trim()
            .trim_matches(['[', ']', '■', '-', '*', ' ', '○', '▶', '·'])
            .to_lowercase()
            .replace(' ', "");
        let value = value.trim();
        let Some((_, field)) = LABELS.iter().find(|(l, _)| *l == label) else {
            return false;
        };
        if value.is_empty() {
            return false;
        }
        match field {
            Field::Headline => self.headline = Some(value.to_owned()),
            Field::Outlet => match outlet::canonical(value) {
                Some(found) if found.is_portal() => self.carrier = Some(found.name),
                Some(found) => self.outlet = Some(found.name.to_owned()),
                None => return false,
            },
            Field::Reporter => self.reporters.extend(byline::reporters(value)),
            Field::Address if value.contains("://") => self.address(value),
            Field::Address => return false,
            Field::Deck => self.subheads.push(value.to_owned()),
            Field::Section => self.section = Some(value.to_owned()),
        }
        true
    }

    /// Reads outlet, reporter, date or URL from a line above the text; `true` if it has nothing else.
    fn notice(&mut self, line: &str) -> bool {
        if line.starts_with("http://") || line.starts_with("https://") {
            self.address(line);
            return true;
        }
        let trimmed = line.trim_matches(|c: char| !c.is_alphanumeric());
        if let Some(found) = outlet::canonical(trimmed) {
            match found.is_portal() {
                true => self.carrier = self.carrier.or(Some(found.name)),
                false => self.name(found.name),
            }
            return true;
        }
        if self.date(line) {
            // `가나일보 2024.02.22 10:31 홍길동 기자`
            if let Some(found) = named_outlet(line) {
                self.name(&found);
            }
            for name in byline::line(&without_dates(line))
                .filter(|b| !b.is_weak)
                .map(|b| b.names)
                .unwrap_or_default()
            {
                if !self.reporters.contains(&name) {
                    self.reporters.push(name);
                }
            }
            return true;
        }
        if let Some(found) = byline::line(line).filter(|b| b.certain && !b.is_weak) {
            for name in found.names {
                if !self.reporters.contains(&name) {
                    self.reporters.push(name);
                }
            }
            if let Some(found) = named_outlet(line) {
                self.name(&found);
            }
            return true;
        }
        false
    }

    /// Reads lines in and below the text: an outlet's name alone, a copyright line, a date line.
    fn notice_below(&mut self, line: &str) {
        if tidy::weight(line) > 120 {
            return;
        }
        if (line.starts_with("http://") || line.starts_with("https://")) && self.url.is_none() {
            self.address(line);
            return;
        }
        let copyright = line.contains(['ⓒ', '©'])
            || line.contains("저작권자")
            || line.to_ascii_lowercase().contains("copyright");
        if self.outlet.is_none()
            && let Some(found) = outlet::canonical(line)
                .filter(|o| !o.is_portal())
                .map(|o| o.name.to_owned())
                .or_else(|| {
                    if !copyright || clean::is_caption(line) {
                        return None;
                    }
                    let holder = naming::of_copyright(line).map(|n| n.text().to_owned());
                    named_outlet(line).or(holder)
                })
        {
            self.outlet = Some(found);
        }
        if self.published.is_none()
            && tidy::weight(line) <= 60
            && !furniture::is_sentence(line)
            && furniture::action_of(line) != Some(Action::Caption)
        {
            self.date(line);
        }
        if self.url.is_none()
            && let Some((label, _)) = line.split_once(':')
            && label.chars().count() <= 6
        {
            let (url, carrier) = (self.url.clone(), self.carrier);
            if !line.contains("://") || !self.field(line) {
                (self.url, self.carrier) = (url, carrier);
            }
        }
    }

    fn address(&mut self, line: &str) {
        let url = line
            .split_whitespace()
            .find(|w| w.contains("://"))
            .unwrap_or_default();
        if let Some(found) = outlet::by_url(url) {
            match found.is_portal() {
                true => self.carrier = self.carrier.or(Some(found.name)),
                false => self.name(found.name),
            }
        }
        self.url = self.url.take().or_else(|| Some(url.to_owned()));
    }

    /// Reads a full date from a line of dates; `false` if there is none.
    fn date(&mut self, line: &str) -> bool {
        if tidy::weight(line) > 90 || furniture::is_sentence(line) && tidy::weight(line) > 40 {
            return false;
        }
        let mut any = false;
        for found in date::find_all(line) {
            match found.role {
                date::Role::Published => {
                    self.published = Some(found.published);
                    return true;
                }
                date::Role::Bare if !any => {
                    self.published = self.published.or(Some(found.published));
                    any = true;
                }
                _ => any = true,
            }
        }
        any
    }

    fn name(&mut self, outlet: &str) {
        if self.outlet.is_none() {
            self.outlet = Some(outlet.to_owned());
        }
    }

    /// Removes the outlet's name at the end and marks of forwarding at the beginning.
    fn tidy_headline(&self, headline: &str) -> String {
        let names: Vec<String> = self.outlet.iter().cloned().collect();
        super::headline::strip_names(without_prefix(headline), &names)
    }
}

/// Removes the marks that mail programs and boards put before a subject: `Fwd:`, `[스크랩]`.
fn without_prefix(subject: &str) -> &str {
    const PREFIXES: [&str; 14] = [
        "fwd:",
        "fw:",
        "re:",
        "전달:",
        "회신:",
        "[스크랩]",
        "[펌]",
        "(펌)",
        "[전달]",
        "[공유]",
        "[기사]",
        "스크랩:",
        "[뉴스]",
        "[fwd]",
    ];
    let mut rest = subject.trim();
    'again: loop {
        for prefix in PREFIXES {
            if let Some((start, behind)) = rest.split_at_checked(prefix.len())
                && start.eq_ignore_ascii_case(prefix)
                && !behind.trim().is_empty()
            {
                rest = behind.trim();
                continue 'again;
            }
        }
        return rest;
    }
}

/// A line without the marks of Markdown: `# Headline`, `**bold**`.
fn without_markdown(line: &str) -> &str {
    let bare = line.trim_start_matches('#');
    let line = match (line.len() - bare.len(), bare.strip_prefix(' ')) {
        (1..=6, Some(heading)) => heading.trim().trim_end_matches('#').trim_end(),
        _ => line,
    };
    line.strip_prefix("**")
        .and_then(|l| l.strip_suffix("**"))
        .filter(|l| !l.contains("**") && !l.trim().is_empty())
        .map_or(line, str::trim)
}

fn without_dates(line: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for found in date::find_all(line) {
        out.push_str(&line[at..found.start]);
        out.push(' ');
        at = found.end;
    }
    out.push_str(&line[at..]);
    for word in [
        "입력",
        "수정",
        "등록",
        "송고",
        "승인",
        "기사입력",
        "최종수정",
        "발행",
    ] {
        out = out.replace(word, " ");
    }
    out
}

/// The first outlet, other than a portal, that is a word of the line.
fn named_outlet(line: &str) -> Option<String> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '.'))
        .filter(|w| w.chars().count() >= 2)
        .filter_map(outlet::canonical)
        .find(|o| !o.is_portal() && o.kind != "government")
        .map(|o| o.name.to_owned())
}

/// Whether the line is running text: a paragraph or a longer sentence. Headlines have no full stop.
fn begins_article(line: &str) -> bool {
    let weight = tidy::weight(line);
    let end = line.trim_end_matches(['"', '”', '\'', '’', ')', ']']);
    let paragraph = weight >= 30
        && end.ends_with(['.', '?', '!', '다'])
        && (furniture::sentences(line) > 0 || weight > 60);
    // An item of an obituary or of appointments is not a sentence.
    if weight >= 20 && line.starts_with(['▲', '△', '◇', '▷']) && clean::is_notice(line) {
        return true;
    }
    (paragraph || weight >= 15 && end.ends_with("다."))
        && furniture::is_sentence(line)
        && furniture::action_of(line).is_none()
}

fn may_be_headline(line: &str) -> bool {
    let weight = tidy::weight(line);
    (6..=120).contains(&weight)
        && hangul::has_syllable(line)
        && furniture::action_of(line).is_none()
        && !byline::is_signature(line)
        && !clean::is_subhead(line)
        && !is_menu(line)
}

/// `정치 | 경제 | 사회`, `홈 > 뉴스 > 경제`: a menu or path.
fn is_menu(line: &str) -> bool {
    let parts: Vec<&str> = line
        .split(['|', '>', '·', '›', 'ㅣ'])
        .map(str::trim)
        .collect();
    parts.len() >= 3 && parts.iter().all(|p| p.chars().count() <= 8)
}

/// Whether a line between headline and text is a deck.
fn is_deck(line: &str) -> bool {
    (8..=80).contains(&tidy::weight(line))
        && hangul::has_syllable(line)
        && furniture::action_of(line).is_none()
        && !byline::is_signature(line)
        && !is_menu(line)
}

/// Lines of the text; lines that a mail program or a document broke at a fixed width are joined.
fn unwrap(text: &str) -> Vec<String> {
    let raw: Vec<String> = text
        .lines()
        .map(|l| without_markdown(&tidy::line(l)).to_owned())
        .collect();
    // Broken text: paragraphs of several lines, most of which end in the middle of a sentence.
    let (mut inner, mut broken) = (0, 0);
    for pair in raw.windows(2) {
        if let [a, b] = pair
            && !a.is_empty()
            && !b.is_empty()
            && tidy::weight(a) >= 18
        {
            inner += 1;
            let ends = a.ends_with(['.', '?', '!', '"', '”', ')', ']', '=', ':']);
            broken += usize::from(!ends);
        }
    }
    if inner < 3 || broken * 3 < inner * 2 {
        return raw.into_iter().filter(|l| !l.is_empty()).collect();
    }
    let widest = raw.iter().map(|l| l.chars().count()).max().unwrap_or(0);
    if widest > 100 {
        return raw.into_iter().filter(|l| !l.is_empty()).collect();
    }
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for line in raw {
        if line.is_empty() {
            open = false;
            continue;
        }
        let full = line.chars().count() * 10 >= widest * 7;
        match out.last_mut() {
            Some(last) if open => {
                last.push(' ');
                last.push_str(&line);
            }
            _ => out.push(line.clone()),
        }
        open = full;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu_time::cpu_time;

    #[test]
    fn a_list_of_many_short_lines_takes_little_time() {
        let sentence = "시는 내년에도 같은 자리에서 축제를 열기로 했다고 밝혔다.";
        let lines: String = (0..300_000).map(|n| format!("■ 가나 {n}\n\n")).collect();
        let begin = cpu_time();
        let _ = extract(
            &format!("봄꽃 축제\n\n{sentence}\n\n{lines}{sentence}"),
            false,
        );
        assert!((cpu_time() - begin).as_secs() < 20);
    }

    #[test]
    fn text_broken_at_a_width_is_joined() {
        let text = "봄꽃 축제 이야기\n\n시청 앞 광장에서 열린 봄꽃 축제에 시민이 많이 찾아와 꽃을\n보며 즐거운 하루를 보냈다. 시는 내년에도 같은 자리에서 축제를\n열 계획이며 올해보다 넓은 자리를 마련하기로 했다고 설명했다고\n전했다. 상인들은 손님이 늘어 반갑다고 말하면서 내년에는 더 많은\n가게가 함께할 수 있기를 바란다고 덧붙였다.\n";
        let lines = unwrap(text);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].contains("꽃을 보며"));
    }

    #[test]
    fn prefixes_of_forwarded_subjects_and_markdown_are_left_out() {
        assert_eq!(without_prefix("Fwd: [스크랩] 봄꽃 축제"), "봄꽃 축제");
        assert_eq!(without_prefix("[단독] 봄꽃 축제"), "[단독] 봄꽃 축제");
        assert_eq!(without_markdown("## 봄꽃 축제"), "봄꽃 축제");
        assert_eq!(without_markdown("#봄꽃 #축제"), "#봄꽃 #축제");
        assert_eq!(without_markdown("**봄꽃 축제**"), "봄꽃 축제");
    }

    #[test]
    fn a_flash_of_one_sentence_is_an_article() {
        let text = "[속보] 가람시 버스 내일 멈춘다\n가람일보 홍길동 기자\n가람시 버스 노조가 28일 총파업을 결의했다.";
        let found = extract(text, false).unwrap().clipping;
        assert_eq!(found.headline, "[속보] 가람시 버스 내일 멈춘다");
        assert_eq!(found.body, "가람시 버스 노조가 28일 총파업을 결의했다.");
        assert_eq!(found.reporters, ["홍길동"]);
    }

    #[test]
    fn an_outlet_that_the_table_lacks_is_named_as_the_text_names_it() {
        let text = "봄꽃 축제 내일 개막\n[가람별뉴스=홍길동 기자] 가람시가 봄꽃 축제를 내일 시청 앞 광장에서 연다고 밝혔다.\n시민 누구나 참여할 수 있다.";
        let found = extract(text, false).unwrap().clipping;
        assert_eq!(found.outlet.as_deref(), Some("가람별뉴스"));
        assert_eq!(found.reporters, ["홍길동"]);
        assert!(found.body.starts_with("가람시가"), "{}", found.body);
    }

    #[test]
    fn notices_without_a_sentence_are_articles() {
        let text = "[부고] 홍길동씨 모친상\n가람일보 2024.02.22 10:31\n▲ 김나라씨 별세, 홍길동(가람시청 과장)씨 모친상=21일, 가람병원 장례식장 1호, 발인 23일 오전 8시";
        let found = extract(text, false).unwrap().clipping;
        assert_eq!(found.headline, "[부고] 홍길동씨 모친상");
        assert!(found.body.contains("발인 23일"), "{}", found.body);
    }

    #[test]
    fn a_text_without_prose_is_none() {
        assert_eq!(
            extract("메뉴\n홈\n로그인", false).unwrap_err(),
            SkipReason::NoArticleText
        );
        assert_eq!(extract(" \n ", false).unwrap_err(), SkipReason::Empty);
    }
}
