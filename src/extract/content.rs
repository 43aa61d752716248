//! Finds the element that holds the article's text.
//!
//! Each line gets a value: positive for prose, negative for links, comments and other furniture. The
//! subtree with the largest sum contains the text; names of elements and agreement with the page's
//! description influence the choice. With prefix sums over the lines in document order, all elements
//! are evaluated in one pass.

use std::ops::Range;

use super::blocks::{Block, Lines};
use super::clean;
use super::furniture::{self, Action};
use super::hints::Hint;
use super::html::{Data, Document, NodeId};
use super::tidy;

/// Where the article's text is.
#[derive(Debug, Clone)]
pub(super) struct Content {
    /// The element.
    pub root: NodeId,
    /// Its lines.
    pub lines: Range<usize>,
    /// Its share of the page's prose.
    pub share: f32,
}

/// Labels of automatic summaries, as skeletons.
const SUMMARY_LABELS: [&str; 10] = [
    "ai요약",
    "ai뉴스요약",
    "ai기사요약",
    "ai핵심요약",
    "ai가요약한기사",
    "뉴스요약쏙",
    "요약봇",
    "3줄요약",
    "세줄요약",
    "한줄요약",
];

/// Prefix sums of prose over nodes, to measure an element without reading its lines.
pub(super) struct Prose {
    before: Vec<u32>,
    body: Vec<NodeId>,
    /// Prose in the elements of `body`.
    in_body: u32,
    headings: Vec<NodeId>,
}

impl Prose {
    /// Measures a document.
    pub(super) fn measure(document: &Document, hints: &[Option<Hint>]) -> Prose {
        let mut before = Vec::with_capacity(document.len() + 1);
        let (mut body, mut headings) = (Vec::new(), Vec::new());
        let mut sum = 0u32;
        for (id, node) in document.iter() {
            before.push(sum);
            match &node.data {
                Data::Text(text) if text.len() > 40 && text.contains("다.") => {
                    sum = sum.saturating_add(text.len() as u32);
                }
                Data::Element { tag, .. } => {
                    if hints.get(id) == Some(&Some(Hint::Body)) {
                        body.push(id);
                    }
                    if tag.heading_level() > 0 {
                        headings.push(id);
                    }
                }
                _ => {}
            }
        }
        before.push(sum);
        let mut prose = Prose {
            before,
            body,
            in_body: 0,
            headings,
        };
        let mut end = 0;
        let mut in_body = 0;
        for &id in &prose.body {
            if id >= end {
                let range = document.subtree(id);
                end = range.end;
                in_body += prose.of(&range);
            }
        }
        prose.in_body = in_body;
        prose
    }

    /// Marks elements under a label such as `AI 요약` as summaries, unless they have much of the
    /// page's prose.
    pub(super) fn mark_summaries(&self, document: &Document, hints: &mut [Option<Hint>]) {
        const LEVELS: usize = 4;
        let total = self.before.last().copied().unwrap_or_default();
        for (id, node) in document.iter() {
            let Data::Text(text) = &node.data else {
                continue;
            };
            if text.len() > 60 || !text.contains('요') {
                continue;
            }
            if !SUMMARY_LABELS.contains(&tidy::skeleton(text).as_str()) {
                continue;
            }
            let mut at = id;
            for _ in 0..LEVELS {
                at = document.parent(at);
                let prose = self.of(&document.subtree(at));
                if prose == 0 {
                    continue;
                }
                if u64::from(prose) * 10 < u64::from(total) * 3
                    && let Some(hint) = hints.get_mut(at)
                {
                    *hint = Some(Hint::Summary);
                }
                break;
            }
        }
    }

    fn of(&self, range: &Range<NodeId>) -> u32 {
        let at = |n: usize| self.before.get(n).copied().unwrap_or_default();
        at(range.end).saturating_sub(at(range.start))
    }

    /// Whether the element has so much of the page's prose that its name, the source of `hint`, must be
    /// misleading.
    pub(super) fn voids(&self, document: &Document, id: NodeId, hint: Option<Hint>) -> bool {
        let total = self.before.last().copied().unwrap_or_default();
        let range = document.subtree(id);
        let mine = self.of(&range);
        // Inside an element named as the article's text, the element with most of its prose is the text.
        let around = self
            .body
            .get(..self.body.partition_point(|&b| b < id))
            .unwrap_or_default()
            .iter()
            .rev()
            .take(400)
            .find(|&&b| document.subtree(b).contains(&id));
        if let Some(&around) = around {
            let text = self.of(&document.subtree(around));
            if text > 0 && u64::from(mine) * 10 >= u64::from(text) * 7 {
                return true;
            }
        }
        let first = |list: &[NodeId]| list.partition_point(|&b| b < id);
        let inside = self
            .body
            .get(first(&self.body)..)
            .unwrap_or_default()
            .iter()
            .take_while(|&&b| b < range.end);
        let mut best_inside = 0;
        for &b in inside.take(200) {
            best_inside = best_inside.max(self.of(&document.subtree(b)));
        }
        // Below a short article, comments and teasers may have most of the page's prose.
        if best_inside > 0 && u64::from(best_inside) * 10 >= u64::from(self.in_body) * 6 {
            return true;
        }
        if total == 0 || u64::from(mine) * 10 < u64::from(total) * 4 {
            return false;
        }
        if u64::from(best_inside) * 10 >= u64::from(total) * 3 {
            return true;
        }
        // If the article is a picture, comments have most of the prose. An element around the article
        // contains its headline too.
        let heading = self.headings.get(first(&self.headings));
        if hint == Some(Hint::Comment) && heading.is_none_or(|&h| h >= range.end) {
            return false;
        }
        let outside = self.body.iter().take(400).any(|&b| {
            !range.contains(&b)
                && !document.subtree(b).contains(&id)
                && u64::from(self.of(&document.subtree(b))) * 20 >= u64::from(total)
        });
        !outside && u64::from(mine) * 10 > u64::from(total) * 8
    }
}

/// Values of all lines as prefix sums.
struct Values {
    sums: Vec<f32>,
    /// Characters of running text alone.
    prose: Vec<f32>,
}

impl Values {
    fn new(blocks: &[Block], descriptions: &[String]) -> Self {
        let mut values = Values {
            sums: Vec::with_capacity(blocks.len() + 1),
            prose: Vec::with_capacity(blocks.len() + 1),
        };
        let (mut sum, mut prose) = (0.0, 0.0);
        let teasers = teasers(blocks);
        for (n, block) in blocks.iter().enumerate() {
            values.sums.push(sum);
            values.prose.push(prose);
            let anchored = is_anchor(block, descriptions);
            sum += if !anchored && teasers.binary_search(&n).is_ok() {
                -0.3 * block.chars.min(300) as f32
            } else {
                value(block, anchored)
            };
            if is_prose(block) && !block.hint.is_some_and(Hint::is_furniture) {
                prose += block.chars as f32;
            }
        }
        values.sums.push(sum);
        values.prose.push(prose);
        values
    }

    fn prose_of(&self, range: &Range<usize>) -> f32 {
        let at = |n: usize| self.prose.get(n).copied().unwrap_or_default();
        at(range.end) - at(range.start)
    }

    fn of(&self, range: &Range<usize>) -> f32 {
        let at = |n: usize| self.sums.get(n).copied().unwrap_or_default();
        at(range.end) - at(range.start)
    }
}

/// Whether the line is running text.
pub(super) fn is_prose(block: &Block) -> bool {
    block.chars >= 16
        && block.link_share() < 0.5
        && (furniture::is_sentence(&block.text)
            || furniture::sentences(&block.text) > 0 && block.chars > 40
            || block.chars > 120)
}

/// Marks before a link inside an article.
const LINK_MARKS: [char; 5] = ['▶', '▷', '☞', '►', '→'];

fn value(block: &Block, anchored: bool) -> f32 {
    let chars = block.chars as f32;
    if block.hint.is_some_and(Hint::is_furniture) {
        return -0.4 * chars.min(300.0);
    }
    if matches!(
        block.hint,
        Some(Hint::Caption | Hint::Byline | Hint::Date | Hint::Deck)
    ) {
        return 0.0;
    }
    if block.link_share() > 0.5 {
        // `▶관련기사: ...` is between the parts of articles, not in lists.
        let is_source = block.text.starts_with("http");
        return match is_source || block.text.starts_with(LINK_MARKS) {
            true => -2.0,
            false => -0.7 * chars.min(120.0) - 4.0,
        };
    }
    if is_prose(block) && furniture::action_of(&block.text).is_none() {
        let body = if block.hint == Some(Hint::Body) {
            1.3
        } else {
            1.0
        };
        let anchor = if anchored { 150.0 + chars } else { 0.0 };
        return chars * body + anchor;
    }
    if block.link_chars > 0 {
        -6.0
    } else if is_short_sentence(block) {
        chars * 0.5
    } else {
        -2.0
    }
}

/// A sentence too short for running text, but none that a page says to its reader (`...해 주세요`,
/// `...됩니다`), unless it is in the element of the article's text.
fn is_short_sentence(block: &Block) -> bool {
    let text = block.text.trim_end_matches(['"', '”', '’', '\'']);
    let declares = text.ends_with("다.") && !text.ends_with("니다.");
    (6..16).contains(&block.chars)
        && block.link_chars == 0
        && block.heading == 0
        && (declares || block.hint == Some(Hint::Body) && furniture::is_sentence(text))
        && furniture::action_of(&block.text).is_none()
}

/// Finds the element. `descriptions` are skeletons of the page's descriptions.
pub(super) fn find(document: &Document, lines: &Lines, descriptions: &[String]) -> Option<Content> {
    let search = Search::new(document, lines, descriptions);
    let best = search
        .candidates
        .iter()
        .max_by(ContentCandidate::order)
        .filter(|best| best.score > 0.0)?;
    let root = search.narrow(search.named_root(best).unwrap_or(best.id));
    let total: usize = lines
        .blocks
        .iter()
        .filter(|b| is_prose(b))
        .map(|b| b.chars)
        .sum();
    Some(held(lines, root, search.range_of(root), total))
}

/// Finds the element of an article without running text: an obituary, appointments, a list of
/// headlines. Only for pages marked as articles; on others such lines are menus.
pub(super) fn find_lines(document: &Document, lines: &Lines) -> Option<Content> {
    let is_line = |block: &Block| {
        let furniture = matches!(
            block.hint,
            Some(Hint::Caption | Hint::Byline | Hint::Date | Hint::Deck | Hint::Headline)
        ) || block.hint.is_some_and(Hint::is_furniture);
        !furniture
            && !block.figure
            && block.heading == 0
            && block.link_chars == 0
            && match furniture::action_of(&block.text) {
                None => true,
                // `▲총무과장 홍길동` is marked as captions are.
                Some(Action::Caption) => block.text.starts_with(['▲', '△']) && !block.after_image,
                Some(_) => false,
            }
    };
    let value = |block: &Block| -> f32 {
        match is_line(block) {
            true if block.hint == Some(Hint::Body) => 2.0 * block.chars as f32,
            true => block.chars.min(200) as f32 - 6.0,
            false => -0.5 * block.chars.min(60) as f32 - 6.0,
        }
    };
    let mut sums = vec![0.0];
    for block in &lines.blocks {
        sums.push(sums.last().copied().unwrap_or_default() + value(block));
    }
    let mut best: Option<(f32, NodeId)> = None;
    for block in lines.blocks.iter().filter(|b| is_line(b) && b.chars >= 10) {
        let mut id = block.container;
        for _ in 0..4 {
            let range = lines.range_of(document, id);
            let at = |n: usize| sums.get(n).copied().unwrap_or_default();
            let score = at(range.end) - at(range.start);
            if best.is_none_or(|(known, _)| score > known) {
                best = Some((score, id));
            }
            id = document.parent(id);
        }
    }
    let (_, root) = best.filter(|(score, _)| *score >= 20.0)?;
    Some(Content {
        root,
        lines: lines.range_of(document, root),
        share: 1.0,
    })
}

/// An element around running text.
struct ContentCandidate {
    id: NodeId,
    /// Its lines.
    range: Range<usize>,
    /// The sum of their values.
    score: f32,
}

impl ContentCandidate {
    /// By score; with equal scores, the inner one is greater.
    fn order(a: &&ContentCandidate, b: &&ContentCandidate) -> std::cmp::Ordering {
        a.score.total_cmp(&b.score).then(a.id.cmp(&b.id))
    }
}

struct Search<'a> {
    document: &'a Document,
    lines: &'a Lines,
    values: Values,
    candidates: Vec<ContentCandidate>,
}

impl<'a> Search<'a> {
    fn new(document: &'a Document, lines: &'a Lines, descriptions: &[String]) -> Self {
        let mut search = Search {
            document,
            lines,
            values: Values::new(&lines.blocks, descriptions),
            candidates: Vec::new(),
        };
        let mut seen = vec![false; document.len()];
        for block in lines.blocks.iter().filter(|b| is_prose(b)) {
            let mut id = block.container;
            while let Some(flag) = seen.get_mut(id) {
                if std::mem::replace(flag, true) {
                    break;
                }
                let range = search.range_of(id);
                let score = search.values.of(&range);
                search
                    .candidates
                    .push(ContentCandidate { id, range, score });
                let parent = document.parent(id);
                if parent == id {
                    break;
                }
                id = parent;
            }
        }
        search
    }

    fn range_of(&self, id: NodeId) -> Range<usize> {
        self.lines.range_of(self.document, id)
    }

    fn is_inside(&self, inner: NodeId, outer: NodeId) -> bool {
        self.document.subtree(outer).contains(&inner)
    }

    fn is_named_body(&self, id: NodeId) -> bool {
        let hinted = &self.lines.hinted;
        hinted
            .binary_search_by_key(&id, |h| h.node)
            .is_ok_and(|n| hinted[n].hint == Hint::Body)
    }

    /// The element named as the article's text, if such elements have enough of the best sum; for
    /// several with one name, their parent.
    fn named_root(&self, best: &ContentCandidate) -> Option<NodeId> {
        let bodies: Vec<&ContentCandidate> = self
            .candidates
            .iter()
            .filter(|c| c.score >= 0.05 * best.score && self.is_inside(c.id, best.id))
            .filter(|c| self.is_named_body(c.id))
            .collect();
        let outermost = |c: &&&ContentCandidate| {
            !bodies
                .iter()
                .any(|o| o.id < c.id && self.is_inside(c.id, o.id))
        };
        let together: f32 = bodies.iter().filter(outermost).map(|c| c.score).sum();
        let largest = bodies.iter().copied().max_by(ContentCandidate::order)?;
        // The only element of that name may be shorter than the notices below it.
        let is_only = bodies.iter().filter(outermost).count() == 1;
        if together < if is_only { 0.25 } else { 0.5 } * best.score {
            return None;
        }
        let class = self.document.attr(largest.id, "class");
        let same = bodies.iter().filter(|c| {
            c.id == largest.id
                || class.is_some()
                    && self.document.attr(c.id, "class") == class
                    && !self.is_inside(c.id, largest.id)
                    && !self.is_inside(largest.id, c.id)
        });
        Some(common_ancestor(self.document, same.map(|c| c.id)))
    }

    /// Descends as long as one child has nearly the whole sum. The sum could be that of one paragraph
    /// between many links, so it must have nearly all running text too.
    fn narrow(&self, mut root: NodeId) -> NodeId {
        loop {
            let range = self.range_of(root);
            let (here, prose) = (self.values.of(&range), self.values.prose_of(&range));
            let next = self
                .candidates
                .iter()
                .filter(|c| {
                    c.id > root
                        && self.is_inside(c.id, root)
                        && c.score >= 0.93 * here
                        && self.values.prose_of(&c.range) >= 0.85 * prose
                })
                .min_by_key(|c| c.id);
            match next {
                Some(child) if child.score > 0.0 => root = child.id,
                _ => return root,
            }
        }
    }
}

/// The content selected by an outlet's rule, if it has running text.
pub(super) fn at(document: &Document, lines: &Lines, root: NodeId) -> Option<Content> {
    let range = lines.range_of(document, root);
    let prose = |blocks: &[Block]| -> usize {
        blocks.iter().filter(|b| is_prose(b)).map(|b| b.chars).sum()
    };
    let mine = prose(lines.blocks.get(range.clone()).unwrap_or_default());
    (mine >= 60).then(|| held(lines, root, range, prose(&lines.blocks)))
}

fn held(lines: &Lines, root: NodeId, range: Range<usize>, total_prose: usize) -> Content {
    let prose: usize = lines
        .blocks
        .get(range.clone())
        .unwrap_or_default()
        .iter()
        .filter(|b| is_prose(b) && !b.hint.is_some_and(Hint::is_furniture))
        .map(|b| b.chars)
        .sum();
    Content {
        root,
        lines: range,
        share: prose as f32 / total_prose.max(1) as f32,
    }
}

/// Lone lines of prose under a headline that is a link: the items of a list. A few
/// such lines may be an article's own; none is given for fewer than three.
pub(super) fn teasers(blocks: &[Block]) -> Vec<usize> {
    // `▶관련기사: ...` between the parts of an article is not the headline of the next part.
    let is_link = |n: usize| {
        blocks.get(n).is_some_and(|b| {
            b.link_share() > 0.8
                && (10..=120).contains(&b.chars)
                && !b.text.starts_with(LINK_MARKS)
                // A source between the items of a digest.
                && !b.text.starts_with("http")
        })
    };
    let is_subhead = |n: usize| blocks.get(n).is_some_and(|b| clean::is_subhead(&b.text));
    let is_text = |n: usize| blocks.get(n).is_some_and(is_prose);
    let found: Vec<usize> = (1..blocks.len())
        .filter(|&n| {
            let linked_text = blocks
                .get(n)
                .is_some_and(|b| b.link_share() > 0.8 && b.chars > 60);
            (is_text(n) || linked_text)
                && (is_link(n - 1)
                    || n >= 2 && is_link(n - 2) && !is_text(n - 1) && !is_subhead(n - 1))
                && (linked_text || !is_text(n + 1))
        })
        .collect();
    if found.len() >= 3 { found } else { Vec::new() }
}

/// Whether the page's description begins with this line.
fn is_anchor(block: &Block, descriptions: &[String]) -> bool {
    const SHORTEST: usize = 36;
    if block.chars < 24 || descriptions.is_empty() || block.hint.is_some_and(Hint::is_furniture) {
        return false;
    }
    let near = block
        .text
        .char_indices()
        .nth(200)
        .map_or(block.text.len(), |(i, _)| i);
    let skeleton = tidy::skeleton(&block.text[..near]);
    descriptions.iter().any(|d| {
        let shared = d.char_indices().nth(20).map_or(d.len(), |(i, _)| i);
        shared >= SHORTEST && skeleton.contains(&d[..shared])
    })
}

fn common_ancestor(document: &Document, ids: impl Iterator<Item = NodeId>) -> NodeId {
    let (mut low, mut high) = (usize::MAX, 0);
    for id in ids {
        low = low.min(id);
        high = high.max(id);
    }
    let mut at = low;
    while at != 0 && !document.subtree(at).contains(&high) {
        at = document.parent(at);
    }
    at
}
