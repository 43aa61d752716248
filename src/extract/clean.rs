//! Sorts the lines of the content element into body, subheads, captions and bylines.
//!
//! On most sites the element with the article also contains captions, decks, promotion, copyright
//! lines and bylines. Each line is classified by its element and its words; where the article begins
//! and ends is decided from all lines together.

use std::sync::LazyLock;

use regex::Regex;

use super::byline::{self, Byline};
use super::date;
use super::evidence::{Decision, Sign, Weighing};
use super::furniture::{self, Action};
use super::pattern;
use super::tidy::{self, skeleton};

/// A line with its properties. Plain text has few of them, HTML most.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub text: String,
    pub kind: LineKind,
    /// Whether all of it is bold, or it is a heading.
    pub strong: bool,
    /// Share of the text in links.
    pub link_share: f32,
    /// Whether it directly follows a picture.
    pub after_image: bool,
    /// Whether it is in a table cell.
    pub cell: bool,
    /// Whether it begins like the alternative text of the picture before it.
    pub repeats_alt: bool,
    /// Number of its block element; 0 if the source has none.
    pub container: usize,
    /// Whether positions of pictures are known.
    pub sees_pictures: bool,
}

/// The kind of a line according to its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum LineKind {
    /// Unknown.
    #[default]
    Text,
    Deck,
    Caption,
    /// In a figure: a caption if it is short.
    Figure,
    Byline,
    Date,
    Furniture,
}

/// The parts of an article.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    pub paragraphs: Vec<String>,
    pub subheads: Vec<String>,
    pub captions: Vec<String>,
    /// Names in bylines at the beginning or end.
    pub names: Vec<String>,
    /// Names with only an office in the last line of the text.
    pub weak_names: Vec<String>,
    /// Bylines on lines of their own, as written.
    pub bylines: Vec<String>,
    /// Datelines cut from paragraphs, as written.
    pub datelines: Vec<String>,
    /// Outlets named in datelines and bylines, as written.
    pub outlets: Vec<String>,
    /// Outlets named alone on the last lines: wire credits.
    pub credit: Option<String>,
    /// Captions without an element of their own, with the signs that decided.
    pub evidence: Vec<(String, Weighing)>,
}

impl Parts {
    /// Number of characters in the paragraphs without white space.
    pub(super) fn weight(&self) -> usize {
        self.paragraphs.iter().map(|p| tidy::weight(p)).sum()
    }

    fn note_byline(&mut self, found: Byline) {
        let names = match found.is_weak {
            true => &mut self.weak_names,
            false => &mut self.names,
        };
        for name in found.names {
            push(names, name);
        }
        if let Some(outlet) = found.outlet {
            push(&mut self.outlets, outlet);
        }
    }
}

/// Adds a value that the list does not have. Lists of names and short lines are short; one of thousands is
/// no article's, and comparing with all of it would take quadratic time.
pub(super) fn push(list: &mut Vec<String>, value: String) {
    if list.len() < MAX_DISTINCT && !list.contains(&value) {
        list.push(value);
    }
}

/// Maximum number of names, subheads or captions of an article.
const MAX_DISTINCT: usize = 1000;

/// What is known besides the lines.
pub(super) struct Context<'a> {
    pub headline: &'a str,
    /// Decks found elsewhere, as skeletons.
    pub decks: &'a [String],
    /// Whether the lines are known to be an article's text, as in tables and feeds: then a line stays,
    /// however short, unless it is clearly something else.
    pub is_text: bool,
    /// A sign that is not counted.
    pub without: Option<Sign>,
}

enum Verdict {
    Body(String),
    Subhead(String),
    Caption(String),
    /// A caption according to the signs.
    WeighedCaption(String, Weighing),
    /// A caption follows.
    CaptionLabel,
    Byline(Byline, String),
    Signature(String),
    Drop,
    /// The end of the article, if most of it comes before.
    Stop,
    /// Promotion: the end of the article, if nearly all of it comes before.
    Promotion,
}

/// Sorts the lines of an article.
pub(super) fn parts(lines: &[Line], context: &Context<'_>) -> Parts {
    Sorter::new(lines, context).sort()
}

struct Sorter<'a> {
    lines: &'a [Line],
    context: &'a Context<'a>,
    /// Skeleton of the headline.
    headline: String,
    /// Amount of running text in all lines, and after each line.
    total: usize,
    after: Vec<usize>,
    /// Lines that begin with a mark of captions, without a picture before them.
    marked: usize,
    /// Number of lines of a first element with decks only.
    decks: std::ops::Range<usize>,
    /// Whether positions of pictures are known and there are none.
    without_pictures: bool,
    out: Parts,
    /// Amount of running text so far.
    prose: usize,
    /// Trailing lines without a sentence, which are kept only if prose follows.
    pending: Vec<String>,
    stopped_by_byline: bool,
    /// Whether the last line announced a caption.
    caption_follows: bool,
}

impl<'a> Sorter<'a> {
    fn new(lines: &'a [Line], context: &'a Context<'a>) -> Self {
        let mut after = vec![0; lines.len()];
        let mut total = 0;
        for (n, line) in lines.iter().enumerate().rev() {
            after[n] = total;
            if is_prose(line) {
                total += tidy::weight(&line.text);
            }
        }
        Sorter {
            lines,
            context,
            headline: skeleton(context.headline),
            total,
            after,
            marked: lines
                .iter()
                .filter(|l| l.text.starts_with(['▲', '△', '▶', '▷']) && !l.after_image)
                .count(),
            decks: leading_decks(lines),
            without_pictures: lines
                .iter()
                .all(|l| l.sees_pictures && !l.after_image && l.kind != LineKind::Figure),
            out: Parts::default(),
            prose: 0,
            pending: Vec::new(),
            stopped_by_byline: false,
            caption_follows: false,
        }
    }

    fn sort(mut self) -> Parts {
        for n in 0..self.lines.len() {
            if self.take(n) {
                break;
            }
        }
        self.finish()
    }

    /// Adds a line; whether the article ends with it.
    fn take(&mut self, n: usize) -> bool {
        let Some(line) = self.lines.get(n) else {
            return true;
        };
        let begun = self.prose > 0;
        let announced = std::mem::take(&mut self.caption_follows) || self.is_credited_below(n);
        let ends = self.after.get(n).is_none_or(|after| *after == 0);
        let verdict = match self.judge(line, begun, ends, announced) {
            Verdict::Body(text) if self.decks.contains(&n) => Verdict::Subhead(text),
            verdict => verdict,
        };
        match verdict {
            Verdict::Drop => {}
            Verdict::Stop => {
                if begun && self.prose * 10 >= self.total * 6 {
                    self.byline_below(n);
                    return true;
                }
            }
            Verdict::Promotion => {
                let behind = self.after.get(n).copied().unwrap_or_default();
                if begun && behind * 5 <= self.total {
                    self.byline_below(n);
                    return true;
                }
            }
            Verdict::CaptionLabel => self.caption_follows = true,
            Verdict::Caption(text) => push(&mut self.out.captions, text),
            Verdict::WeighedCaption(text, weighing) => {
                push(&mut self.out.captions, text.clone());
                self.out.evidence.push((text, weighing));
            }
            Verdict::Subhead(text) if self.context.is_text => self.out.paragraphs.push(text),
            Verdict::Subhead(text) => {
                if begun || line.kind == LineKind::Text && self.heads_item(&text) {
                    self.pending.push(text.clone());
                }
                self.out.subheads.push(text);
            }
            Verdict::Byline(found, text) => {
                self.out.note_byline(found);
                self.out.bylines.push(text);
                if begun && self.prose * 10 >= self.total * 7 {
                    self.stopped_by_byline = true;
                }
            }
            Verdict::Signature(text) => {
                if begun
                    && super::outlet::is_name(text.trim_matches(|c: char| !c.is_alphanumeric()))
                {
                    self.out.credit = Some(text);
                }
            }
            Verdict::Body(text) if self.context.is_text => {
                self.prose += tidy::weight(&text);
                let text = self.strip_bylines(text);
                if !text.is_empty() {
                    self.out.paragraphs.push(text);
                }
            }
            Verdict::Body(text) => self.body(n, line, text),
        }
        false
    }

    /// A byline may still follow below tags or a copyright line.
    fn byline_below(&mut self, n: usize) {
        if self.out.names.is_empty() {
            let below = self.lines.iter().skip(n).take(5);
            let found = below
                .filter(|l| l.kind != LineKind::Furniture)
                .filter_map(|l| byline::line(&l.text))
                .find(|b| b.certain && !b.names.is_empty());
            if let Some(found) = found {
                self.out.note_byline(found);
            }
        }
    }

    fn body(&mut self, n: usize, line: &Line, text: String) {
        let is_prose = is_prose(line);
        let weight = tidy::weight(&text);
        if self.prose == 0 && !is_prose {
            self.before_prose(n, line, text);
            return;
        }
        if self.stopped_by_byline && !is_prose {
            return;
        }
        let text = self.strip_bylines(text);
        if text.is_empty() {
            return;
        }
        if is_prose {
            self.out.paragraphs.append(&mut self.pending);
            self.prose += weight;
            self.out.paragraphs.push(text);
        } else {
            self.pending.push(text);
        }
    }

    /// A line before the first sentence: a deck, a quotation at the beginning of the text, or the end
    /// of the page's head.
    fn before_prose(&mut self, n: usize, line: &Line, text: String) {
        let weight = tidy::weight(&text);
        let follows = self.lines.iter().skip(n + 1).take(8).any(is_prose);
        // Narration in short lines or a quotation: decks end neither with a comma nor with a sentence.
        let narrates = text.ends_with([',', '.', '?']) || is_quotation(&text);
        if follows && (narrates && !line.strong || weight > 70 || self.heads_item(&text)) {
            let text = self.strip_bylines(text);
            if !text.is_empty() {
                self.pending.push(text);
            }
        } else if weight >= 6 && (line.strong || follows && weight <= 70) {
            push(&mut self.out.subheads, text);
        }
    }

    /// Whether this is the first line of an item in a digest: at least three lines begin with its mark.
    fn heads_item(&self, text: &str) -> bool {
        let Some(mark) = text.chars().next().filter(|c| ITEM_MARKS.contains(c)) else {
            return false;
        };
        let items = self.lines.iter().filter(|l| l.text.starts_with(mark));
        items.take(3).count() == 3
    }

    /// Whether the line follows a picture and the next line is only the picture's credit.
    fn is_credited_below(&self, n: usize) -> bool {
        let is_credit = |line: &Line| {
            furniture::action_of(&line.text) == Some(Action::Caption)
                && tidy::weight(&line.text) <= 24
                && !line.text.starts_with(CAPTION_MARKS)
                && !furniture::is_sentence(&line.text)
        };
        self.lines
            .get(n)
            .is_some_and(|l| l.after_image && !is_credit(l))
            && self.lines.get(n + 1).is_some_and(is_credit)
    }

    fn finish(mut self) -> Parts {
        if self.out.paragraphs.is_empty() && self.pending.is_empty() {
            let lines = self.unspoken();
            let is_text = lines.iter().map(|l| tidy::weight(l)).sum::<usize>() >= SHORTEST_LIST;
            for text in lines {
                let text = self.strip_bylines(text);
                match is_text {
                    true => self.out.paragraphs.push(text),
                    false => self.pending.push(text),
                }
            }
            return self.out;
        }
        // A list or table may end an article; a few stray words do not.
        if self.pending.iter().any(|p| tidy::weight(p) > 24) && !self.stopped_by_byline {
            while self.pending.last().is_some_and(|p| tidy::weight(p) <= 24) {
                self.pending.pop();
            }
            self.out.paragraphs.append(&mut self.pending);
        }
        let out = &mut self.out;
        while out
            .paragraphs
            .last()
            .is_some_and(|p| out.subheads.contains(p))
        {
            out.paragraphs.pop();
        }
        self.out
    }

    /// Lines of a text without any sentence: appointments, results, a programme.
    fn unspoken(&self) -> Vec<String> {
        let lines = self.lines.iter().filter(|l| {
            l.kind == LineKind::Text
                && l.link_share < 0.3
                && (tidy::weight(&l.text) >= 10 || is_subhead(&l.text))
                && matches!(furniture::action_of(&l.text), None | Some(Action::Caption))
                && !self.out.captions.contains(&l.text)
                && !self.context.decks.contains(&skeleton(&l.text))
                && skeleton(&l.text) != self.headline
                && !byline::is_signature(&l.text)
                && byline::line(&l.text).is_none()
                && (tidy::weight(&l.text) > 40 || date::find_all(&l.text).next().is_none())
        });
        lines.map(|l| l.text.clone()).collect()
    }

    fn judge(&self, line: &Line, begun: bool, ends: bool, announced: bool) -> Verdict {
        let text = line.text.as_str();
        let weight = tidy::weight(text);
        match line.kind {
            LineKind::Furniture | LineKind::Date => return Verdict::Drop,
            LineKind::Caption => return Verdict::Caption(text.to_owned()),
            LineKind::Figure if weight <= 300 => return Verdict::Caption(text.to_owned()),
            LineKind::Deck => return Verdict::Subhead(text.to_owned()),
            LineKind::Byline => {
                let found = Byline {
                    names: byline::reporters(text),
                    certain: true,
                    ..Byline::default()
                };
                return Verdict::Byline(found, text.to_owned());
            }
            _ => {}
        }
        if weight == 0 || !text.chars().any(char::is_alphanumeric) {
            return Verdict::Drop;
        }
        let bare = skeleton(text);
        if !begun
            && !bare.is_empty()
            && (bare == self.headline || self.context.decks.contains(&bare))
        {
            return Verdict::Drop;
        }
        // `가나일보 | 2024.02.22 10:31`
        let is_dated = weight <= 60 && date::find_all(text).next().is_some();
        if !begun && is_dated && !furniture::is_sentence(text) && !is_notice(text) {
            return Verdict::Drop;
        }
        if !begun && is_editors_note(text) {
            return Verdict::Subhead(text.to_owned());
        }
        if announced && weight <= 300 {
            return Verdict::Caption(text.to_owned());
        }
        if let Some(found) = byline::line(text)
            && found.certain
            && (!found.by_post || !begun && !found.is_weak || ends && begun)
        {
            return Verdict::Byline(found, text.to_owned());
        }
        if byline::is_signature(text) {
            return Verdict::Signature(text.to_owned());
        }
        let action = furniture::action_of(text);
        match action {
            Some(Action::Drop) => return Verdict::Drop,
            Some(Action::Stop) => return Verdict::Stop,
            Some(Action::Promotion) => return Verdict::Promotion,
            Some(Action::CaptionLabel) => {
                return match label_rest(text) {
                    Some(caption) => Verdict::Caption(caption.to_owned()),
                    None => Verdict::CaptionLabel,
                };
            }
            Some(Action::Caption) | None => {}
        }
        let weighing = self.weigh_caption(line, action);
        if weighing.decides(Decision::Caption) {
            return Verdict::WeighedCaption(text.to_owned(), weighing);
        }
        if line.link_share > 0.8 && (weight < 60 || !furniture::is_sentence(text)) {
            return Verdict::Drop;
        }
        if is_subhead(text)
            || (line.strong && begun && weight <= 60 && !furniture::is_sentence(text))
        {
            return Verdict::Subhead(text.to_owned());
        }
        Verdict::Body(without_credit(text).to_owned())
    }

    /// Weighs the signs that a line belongs to a picture.
    fn weigh_caption(&self, line: &Line, action: Option<Action>) -> Weighing {
        let text = line.text.as_str();
        let mut weighing = Weighing::new(self.context.without);
        let marked = text.starts_with(CAPTION_MARKS);
        let says = action == Some(Action::Caption);
        let credited = says && !marked || line.after_image && ends_with_credit(text);
        if !says && !credited && !line.repeats_alt {
            return weighing;
        }
        let bare = without_credit(text);
        let weight = tidy::weight(text);
        let mut note = |sign, holds| weighing.note(sign, holds);
        note(Sign::AltText, line.repeats_alt);
        note(Sign::CaptionMark, says && marked);
        note(
            Sign::MarkedList,
            marked && self.marked >= 3 && !line.after_image,
        );
        note(Sign::NoticeLine, marked && is_notice(text));
        note(Sign::NoPictureAtAll, marked && self.without_pictures);
        note(Sign::PictureCredit, credited);
        note(
            Sign::CreditAlone,
            credited && weight <= 24 && !furniture::is_sentence(bare),
        );
        note(
            Sign::AfterPicture,
            line.after_image || line.kind == LineKind::Figure,
        );
        note(
            Sign::NoPictureNear,
            line.sees_pictures && !line.after_image && !line.cell && line.kind != LineKind::Figure,
        );
        note(Sign::PictureCell, line.cell);
        note(Sign::NoSentence, !furniture::is_sentence(bare));
        note(Sign::SceneEnding, shows_scene(bare));
        note(Sign::SeveralSentences, furniture::sentences(bare) >= 3);
        note(Sign::LongLine, weight > 160);
        weighing
    }

    /// Cuts a dateline from the beginning and a byline from the end of a paragraph.
    fn strip_bylines(&mut self, mut text: String) -> String {
        if (self.out.paragraphs.is_empty() || text.starts_with(['(', '[', '【', '〔', '<']))
            && let Some((head, at)) = byline::dateline(&text)
        {
            self.out.note_byline(head);
            self.out.datelines.push(text[..at].to_owned());
            text.drain(..at);
        }
        if let Some((tail, at)) = byline::tail(&text) {
            self.out.note_byline(tail);
            text.truncate(at);
            // `가나뉴스 홍길동입니다. hong@example.com`: a sign-off before the address.
            if let Some(found) = byline::line(&text).filter(|b| b.certain && !b.by_post) {
                self.out.note_byline(found);
                text.clear();
            }
        }
        let trimmed = text.trim();
        if trimmed.len() != text.len() {
            text = trimmed.to_owned();
        }
        text
    }
}

/// `▲ 홍길동씨 별세`, `▲ 기획관 홍길동 ▲ 감사관 김나라`: an item of a notice.
pub(super) fn is_notice(text: &str) -> bool {
    furniture::is_obituary(text) || text.matches(['▲', '△', '▷', '◇']).count() >= 2
}

/// The lines of the first element with text, if they are two to five lines without a full stop and
/// paragraphs follow in other elements.
fn leading_decks(lines: &[Line]) -> std::ops::Range<usize> {
    let is_text = |l: &Line| l.kind == LineKind::Text && tidy::weight(&l.text) > 0;
    let Some(first) = lines.iter().position(is_text) else {
        return 0..0;
    };
    let container = lines.get(first).map_or(0, |l| l.container);
    let mine = |l: &Line| l.container == container;
    let count = lines.iter().skip(first).take_while(|l| mine(l)).count();
    let end = first + count;
    let may_be_deck = |l: &Line| {
        let text = l.text.trim_end_matches(['"', '”', '’', '\'', ' ']);
        (6..=80).contains(&tidy::weight(text))
            && l.link_share < 0.5
            && !l.after_image
            && (!text.ends_with(['.', '?', '!']) || text.ends_with("..."))
    };
    let are_decks = container != 0
        && (2..=5).contains(&count)
        && lines
            .get(first..end)
            .unwrap_or_default()
            .iter()
            .all(may_be_deck)
        && !lines.iter().skip(end).any(mine)
        && lines.iter().skip(end).take(8).any(is_prose);
    if are_decks { first..end } else { 0..0 }
}

/// Signs at the beginning of the items of a digest.
const ITEM_MARKS: [char; 8] = ['▲', '△', '▶', '▷', '◇', '◆', '■', '●'];

/// Signs at the beginning of captions.
const CAPTION_MARKS: [char; 12] = ['▲', '△', '▼', '▽', '◀', '◁', '↑', '↓', '→', '←', '▶', '▷'];

/// `사진 설명) ...`: the text after the label.
fn label_rest(text: &str) -> Option<&str> {
    let at = text
        .char_indices()
        .take(12)
        .find(|(_, c)| matches!(c, ')' | ']' | '>' | ':' | '：' | '='))
        .map(|(at, c)| at + c.len_utf8())?;
    let rest = text[at..].trim();
    (tidy::weight(rest) >= 6).then_some(rest)
}

/// A picture credit after the last sentence of a paragraph.
static CREDIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern::fixed(
        r"\s*[\[(<〈/]?\s*(?:사진|자료\s*사진|사진\s*제공|사진\s*출처|영상\s*캡처|그래픽)\s*[=:：/]\s*[^.。=]{1,36}[\])>〉]?\s*\.?$",
    )
});

/// The text without a picture credit after its last sentence.
fn without_credit(text: &str) -> &str {
    if !text.contains(['=', ':', '：', '/']) {
        return text;
    }
    match CREDIT.find(text) {
        Some(found) if tidy::weight(&text[..found.start()]) >= 12 => text[..found.start()].trim(),
        _ => text,
    }
}

/// `... 걷고 있다.`, `... 행사 모습.`: phrases of captions.
fn shows_scene(text: &str) -> bool {
    let end = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    ["있다", "있는"].iter().any(|e| end.ends_with(e))
        || !["다", "요", "까", "죠", "오", "라", "함", "음"]
            .iter()
            .any(|e| end.ends_with(e))
}

/// `[편집자주] ...`: an editor's note before the article.
fn is_editors_note(text: &str) -> bool {
    let bare = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    ["편집자주", "편집자 주"]
        .iter()
        .any(|w| bare.starts_with(w))
}

/// Minimum length of a text without a sentence.
const SHORTEST_LIST: usize = 24;

/// Whether the whole line is a quotation.
fn is_quotation(text: &str) -> bool {
    text.starts_with(['“', '"', '‘', '「', '『'])
        && text
            .trim_end_matches(['.', '…', ' '])
            .ends_with(['”', '"', '’', '」', '』', '?', '!'])
}

/// Whether the line is running text.
fn is_prose(line: &Line) -> bool {
    let text = without_credit(&line.text);
    let weight = tidy::weight(text);
    matches!(line.kind, LineKind::Text)
        && weight >= 8
        && line.link_share < 0.6
        && (furniture::is_sentence(text) && (weight >= 12 || text.ends_with(['.', '”', '"']))
            // A sentence followed by a byline.
            || weight >= 24 && furniture::sentences(text) > 0
            || weight > 80)
        && matches!(
            furniture::action_of(&line.text),
            None | Some(Action::Caption)
        )
}

/// Whether the line is short and begins with a sign of subheads.
pub(super) fn is_subhead(text: &str) -> bool {
    text.starts_with([
        '◇', '◆', '■', '□', '○', '●', '◎', '▣', '▶', '◈', '❚', '▌', '★', '☆', '△', '▷',
    ]) && tidy::weight(text) <= 80
        && !furniture::is_sentence(text)
        // The speaker: `▶ 인터뷰 : 홍길동 / 가람시`.
        && !text.contains("인터뷰 :")
}

/// Whether the words of the line alone show that it belongs to a picture.
pub(super) fn is_caption(text: &str) -> bool {
    furniture::action_of(text) == Some(Action::Caption)
}

/// `... 하고 있다. 연합뉴스`: a caption that ends with a credit.
fn ends_with_credit(text: &str) -> bool {
    let Some((before, last)) = text.rsplit_once(['.', '/', ' ']) else {
        return false;
    };
    let last = last.trim();
    let agency =
        super::outlet::is_name(last) || matches!(last, "제공" | "캡처" | "갈무리" | "기자");
    agency
        && tidy::weight(text) <= 120
        && before.chars().count() >= 4
        && (!furniture::is_sentence(text) || before.ends_with(['.', '다']))
}
