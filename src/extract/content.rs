//! Finds the element that holds the article's text.
//!
//! Every line gets a value: prose counts for, links, comments and other furniture against. The
//! subtree with the largest sum holds the text; names of elements and agreement with the page's
//! description move the choice. Sums are prefix sums over lines in document order, so all elements
//! are judged in one pass.

use std::ops::Range;

use super::blocks::{Block, Lines};
use super::clean;
use super::furniture;
use super::hints::Hint;
use super::html::{Data, Document, NodeId};
use super::tidy;

/// Where the article's text stands.
#[derive(Debug, Clone)]
pub(super) struct Content {
    /// The element.
    pub root: NodeId,
    /// Its lines.
    pub lines: Range<usize>,
    /// Share of the page's prose that it holds.
    pub share: f32,
}

/// Prefix sums of prose over nodes, to judge an element without reading its lines.
pub(super) struct Prose {
    before: Vec<u32>,
    body: Vec<NodeId>,
}

impl Prose {
    /// Measures a document.
    pub(super) fn measure(document: &Document, hints: &[Option<Hint>]) -> Prose {
        let mut before = Vec::with_capacity(document.len() + 1);
        let mut body = Vec::new();
        let mut sum = 0u32;
        for (id, node) in document.iter() {
            before.push(sum);
            match &node.data {
                Data::Text(text) if text.len() > 40 && text.contains("다.") => {
                    sum = sum.saturating_add(text.len() as u32);
                }
                Data::Element { .. } if hints.get(id) == Some(&Some(Hint::Body)) => body.push(id),
                _ => {}
            }
        }
        before.push(sum);
        Prose { before, body }
    }

    fn of(&self, range: &Range<NodeId>) -> u32 {
        let at = |n: usize| self.before.get(n).copied().unwrap_or_default();
        at(range.end).saturating_sub(at(range.start))
    }

    /// True for an element that holds so much of the page's prose that its name must mislead.
    pub(super) fn voids(&self, document: &Document, id: NodeId) -> bool {
        let total = self.before.last().copied().unwrap_or_default();
        let range = document.subtree(id);
        let mine = self.of(&range);
        // Inside an element that calls itself the article's text, what holds most of it is the text.
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
        if total == 0 || u64::from(mine) * 10 < u64::from(total) * 4 {
            return false;
        }
        let from = self.body.partition_point(|&b| b < id);
        let inside = self
            .body
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|&&b| b < range.end);
        let mut best_inside = 0;
        for &b in inside.take(200) {
            best_inside = best_inside.max(self.of(&document.subtree(b)));
        }
        if u64::from(best_inside) * 10 >= u64::from(total) * 3 {
            return true;
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
    fn prose_of(&self, range: &Range<usize>) -> f32 {
        let at = |n: usize| self.prose.get(n).copied().unwrap_or_default();
        at(range.end) - at(range.start)
    }

    fn of(&self, range: &Range<usize>) -> f32 {
        let at = |n: usize| self.sums.get(n).copied().unwrap_or_default();
        at(range.end) - at(range.start)
    }
}

/// True for a line of running text.
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
        return match block.text.starts_with(LINK_MARKS) {
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
    if block.link_chars > 0 { -6.0 } else { -2.0 }
}

/// Finds the element. `descriptions` are skeletons of how the page says the article begins.
pub(super) fn find(document: &Document, lines: &Lines, descriptions: &[String]) -> Option<Content> {
    let blocks = &lines.blocks;
    let mut sums = Vec::with_capacity(blocks.len() + 1);
    let mut prose = Vec::with_capacity(blocks.len() + 1);
    let (mut sum, mut prose_sum) = (0.0, 0.0);
    let mut total_prose = 0;
    let teasers = teasers(blocks);
    for (n, block) in blocks.iter().enumerate() {
        sums.push(sum);
        prose.push(prose_sum);
        let anchored = is_anchor(block, descriptions);
        sum += if !anchored && teasers.binary_search(&n).is_ok() {
            -0.3 * block.chars.min(300) as f32
        } else {
            value(block, anchored)
        };
        if is_prose(block) {
            total_prose += block.chars;
            if !block.hint.is_some_and(Hint::is_furniture) {
                prose_sum += block.chars as f32;
            }
        }
    }
    sums.push(sum);
    prose.push(prose_sum);
    let values = Values { sums, prose };
    let range_of = |id: NodeId| {
        let nodes = document.subtree(id);
        let from = blocks.partition_point(|b| b.node < nodes.start);
        from..blocks.partition_point(|b| b.node < nodes.end)
    };

    // Every element around a line of prose is a candidate.
    let mut seen = vec![false; document.len()];
    let mut candidates: Vec<(NodeId, Range<usize>, f32)> = Vec::new();
    for block in blocks.iter().filter(|b| is_prose(b)) {
        let mut id = block.container;
        while let Some(flag) = seen.get_mut(id) {
            if *flag {
                break;
            }
            *flag = true;
            let range = range_of(id);
            let score = values.of(&range);
            candidates.push((id, range, score));
            let parent = document.parent(id);
            if parent == id {
                break;
            }
            id = parent;
        }
    }
    let best = candidates
        .iter()
        .max_by(|a, b| a.2.total_cmp(&b.2).then(a.0.cmp(&b.0)))?;
    let best_score = best.2;
    if best_score <= 0.0 {
        return None;
    }

    // The elements that call themselves the article's text, if they hold enough of the best sum;
    // several of one name hold it together.
    let bodies: Vec<&(NodeId, Range<usize>, f32)> = candidates
        .iter()
        .filter(|c| c.2 >= 0.05 * best_score && document.subtree(best.0).contains(&c.0))
        .filter(|c| {
            lines
                .hinted
                .binary_search_by_key(&c.0, |h| h.node)
                .is_ok_and(|n| lines.hinted[n].hint == Hint::Body)
        })
        .collect();
    let mut root = best.0;
    let together: f32 = bodies
        .iter()
        .filter(|c| {
            !bodies
                .iter()
                .any(|o| o.0 < c.0 && document.subtree(o.0).contains(&c.0))
        })
        .map(|c| c.2)
        .sum();
    if together >= 0.5 * best_score
        && let Some(largest) = bodies
            .iter()
            .max_by(|a, b| a.2.total_cmp(&b.2).then(a.0.cmp(&b.0)))
    {
        let class = document.attr(largest.0, "class");
        let same = bodies.iter().filter(|c| {
            c.0 == largest.0
                || class.is_some()
                    && document.attr(c.0, "class") == class
                    && !document.subtree(largest.0).contains(&c.0)
                    && !document.subtree(c.0).contains(&largest.0)
        });
        root = common_ancestor(document, same.map(|c| c.0));
    }
    // Down as long as one child holds nearly all. Its value alone could be that of one paragraph
    // between many links.
    loop {
        let range = range_of(root);
        let (here, prose) = (values.of(&range), values.prose_of(&range));
        let next = candidates
            .iter()
            .filter(|c| {
                c.0 > root
                    && document.subtree(root).contains(&c.0)
                    && c.2 >= 0.93 * here
                    && values.prose_of(&c.1) >= 0.85 * prose
            })
            .min_by_key(|c| c.0);
        match next {
            Some(child) if child.2 > 0.0 => root = child.0,
            _ => break,
        }
    }
    Some(held(lines, root, range_of(root), total_prose))
}

/// The content that an outlet's rule points at, if it holds running text.
pub(super) fn at(document: &Document, lines: &Lines, root: NodeId) -> Option<Content> {
    let nodes = document.subtree(root);
    let from = lines.blocks.partition_point(|b| b.node < nodes.start);
    let range = from..lines.blocks.partition_point(|b| b.node < nodes.end);
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
    // `▶관련기사: ...` between the parts of an article is no headline of the part below it.
    let is_link = |n: usize| {
        blocks.get(n).is_some_and(|b| {
            b.link_share() > 0.8 && (10..=120).contains(&b.chars) && !b.text.starts_with(LINK_MARKS)
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

/// True for the line that the page's description begins with.
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
