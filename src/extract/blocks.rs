//! Splits a document into lines of text with their properties, among which the content is searched.
//!
//! Lines end where they end on the screen: at block elements, at `<br>`, and around inline elements
//! whose class marks them as something separate (a caption in an `<em class="img_desc">` next to a
//! sentence).

use std::ops::Range;

use super::furniture::{self, Action};
use super::hints::{self as names, Hint};
use super::html::{Data, Document, NodeId, Tag};
use super::tidy;

/// A line of text as displayed.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// The text, tidied.
    pub text: String,
    /// Its first text node.
    pub node: NodeId,
    /// Its block element.
    pub container: NodeId,
    /// Characters without white space.
    pub chars: usize,
    /// Number of them in links.
    pub link_chars: usize,
    /// Number of them in bold.
    pub bold_chars: usize,
    /// Length in bytes of its first run of bold text.
    pub bold_prefix: usize,
    /// Whether that run began on an earlier line.
    pub bold_continued: bool,
    /// Level of the heading, 1 to 6; 0 outside.
    pub heading: u8,
    /// The outermost hint for something other than the text, else the innermost hint.
    pub hint: Option<Hint>,
    /// The element that gave the hint.
    pub hint_node: NodeId,
    /// Whether it is in a table cell.
    pub cell: bool,
    /// Whether it is in a `figure` or another element for pictures.
    pub figure: bool,
    /// Whether a picture is between this line and the previous one.
    pub after_image: bool,
    /// Whether it begins like the alternative text of the picture before it.
    pub repeats_alt: bool,
}

impl Block {
    /// Share of the text that is in links.
    pub(super) fn link_share(&self) -> f32 {
        if self.chars == 0 {
            0.0
        } else {
            self.link_chars as f32 / self.chars as f32
        }
    }

    /// Whether all of it is bold.
    pub(super) fn is_bold(&self) -> bool {
        self.chars > 0 && self.bold_chars >= self.chars
    }
}

/// The hint of each element that has one, in document order.
pub(super) struct Hinted {
    pub node: NodeId,
    pub hint: Hint,
}

/// All lines of a page.
pub(super) struct Lines {
    pub blocks: Vec<Block>,
    pub hinted: Vec<Hinted>,
}

impl Lines {
    /// The lines in an element.
    pub(super) fn range_of(&self, document: &Document, id: NodeId) -> Range<usize> {
        let nodes = document.subtree(id);
        let from = self.blocks.partition_point(|b| b.node < nodes.start);
        from..self.blocks.partition_point(|b| b.node < nodes.end)
    }
}

/// Properties inherited from the parent elements.
#[derive(Clone, Copy, Default)]
struct State {
    link: bool,
    bold: bool,
    heading: u8,
    furniture: Option<(Hint, NodeId)>,
    role: Option<(Hint, NodeId)>,
    cell: bool,
    figure: bool,
    container: NodeId,
    pre: bool,
}

struct Frame {
    end: NodeId,
    before: State,
    breaks: bool,
}

/// Reads the lines of a document. Hints of the elements in `voided` are ignored.
pub(super) fn lines(
    document: &Document,
    hints: &[Option<Hint>],
    voided: &dyn Fn(NodeId) -> bool,
) -> Lines {
    let mut reader = Reader {
        state: State::default(),
        line: Line::default(),
        out: Lines {
            blocks: Vec::new(),
            hinted: Vec::new(),
        },
        bold_open_since: None,
        image: false,
        alt: String::new(),
        lines_since_alt: 0,
        after_link: false,
    };
    let mut frames: Vec<Frame> = Vec::new();
    let mut skip_until = 0;
    for (id, node) in document.iter() {
        while frames.last().is_some_and(|f| f.end <= id) {
            if let Some(frame) = frames.pop() {
                if frame.breaks {
                    reader.flush();
                }
                reader.after_link = reader.state.link && !frame.before.link;
                if reader.state.bold && !frame.before.bold {
                    reader.bold_open_since = None;
                }
                reader.state = frame.before;
            }
        }
        if id < skip_until {
            continue;
        }
        match &node.data {
            Data::Text(raw) => reader.text(id, raw),
            Data::Element { tag, .. } => {
                if let Some(end) = reader.element(document, id, *tag, hints, voided, &mut frames) {
                    skip_until = end;
                }
            }
            Data::Raw(_) | Data::Comment(_) => {}
        }
    }
    reader.flush();
    reader.out
}

#[derive(Default)]
struct Line {
    text: String,
    node: NodeId,
    started: bool,
    state: State,
    link_chars: usize,
    bold_chars: usize,
    chars: usize,
    bold_prefix: usize,
    bold_continued: bool,
    prefix_open: bool,
    after_image: bool,
}

struct Reader {
    state: State,
    line: Line,
    out: Lines,
    /// Number of lines before the open bold element.
    bold_open_since: Option<usize>,
    /// Whether there was no text since the last link.
    after_link: bool,
    /// Whether there was a picture since the last line.
    image: bool,
    /// Beginning of the last picture's alternative text, as a skeleton; empty if it is short.
    alt: String,
    lines_since_alt: usize,
}

/// Minimum and maximum number of letters compared between an alternative text and a caption.
const ALT: (usize, usize) = (10, 60);
/// Number of lines after a picture that may be its caption.
const NEAR_PICTURE: usize = 4;

impl Reader {
    /// Enters an element; returns the end of its subtree if that is to be skipped.
    fn element(
        &mut self,
        document: &Document,
        id: NodeId,
        tag: Tag,
        hints: &[Option<Hint>],
        voided: &dyn Fn(NodeId) -> bool,
        frames: &mut Vec<Frame>,
    ) -> Option<NodeId> {
        let end = document.subtree(id).end;
        match tag {
            Tag::Br | Tag::Hr => {
                self.flush();
                return None;
            }
            Tag::Head
            | Tag::Template
            | Tag::Svg
            | Tag::Select
            | Tag::Textarea
            | Tag::Canvas
            | Tag::Object
            | Tag::Video
            | Tag::Audio => return Some(end),
            Tag::Img => {
                self.image = true;
                let alt = document.attr(id, "alt").unwrap_or_default();
                self.alt = beginning(alt);
                if self.alt.chars().count() < ALT.0 {
                    self.alt.clear();
                }
                self.lines_since_alt = 0;
                return None;
            }
            Tag::Wbr | Tag::Input => return None,
            _ => {}
        }
        let before = self.state;
        let mut breaks = tag.is_block();
        let hint = hints.get(id).copied().flatten();
        if let Some(hint) = hint {
            self.out.hinted.push(Hinted { node: id, hint });
            if hint == Hint::Hidden && !voided(id) {
                return Some(end);
            }
            breaks |= hint != Hint::Photo && hint != Hint::Headline && hint != Hint::Tool;
        }
        breaks |= matches!(tag, Tag::Em | Tag::Span | Tag::Font | Tag::Small)
            && labels_picture(document, id);
        if breaks {
            self.flush();
        }
        let state = &mut self.state;
        match hint {
            Some(hint) if hint.is_furniture() && (state.furniture.is_some() || voided(id)) => {}
            Some(hint) if hint.is_furniture() => state.furniture = Some((hint, id)),
            Some(Hint::Body) => {
                // The element of the article's text overrides the elements around it.
                state.role = Some((Hint::Body, id));
            }
            Some(Hint::Photo) => state.figure |= !voided(id) && has_picture(document, id),
            Some(hint) if !voided(id) => state.role = Some((hint, id)),
            _ => {}
        }
        match tag {
            Tag::A => {
                state.link = true;
                // Links side by side are separate words, set apart by style alone.
                if self.after_link && self.line.started {
                    self.line.text.push(' ');
                }
            }
            // `<a>가나일보</a><span>기사전송`, `홍길동<time>`: apart by style, unlike what follows a link in
            // a sentence.
            Tag::Span if self.after_link && self.line.started => self.line.text.push(' '),
            Tag::Time if self.line.started => self.line.text.push(' '),
            Tag::B | Tag::Strong => {
                if !state.bold {
                    self.bold_open_since = Some(self.out.blocks.len());
                }
                state.bold = true;
            }
            Tag::Em | Tag::Span | Tag::Font | Tag::Small if labels_picture(document, id) => {
                state.figure = true;
            }
            Tag::Td | Tag::Th => state.cell = true,
            Tag::Figure | Tag::Figcaption => state.figure = true,
            Tag::Pre => state.pre = true,
            _ => {}
        }
        if tag.heading_level() > 0 {
            state.heading = tag.heading_level();
        }
        if tag.is_block() {
            state.container = id;
        }
        frames.push(Frame {
            end,
            before,
            breaks,
        });
        None
    }

    fn text(&mut self, id: NodeId, text: &str) {
        if self.state.pre {
            for (n, part) in text.split('\n').enumerate() {
                if n > 0 {
                    self.flush();
                }
                self.append(id, part);
            }
        } else {
            self.append(id, text);
        }
    }

    fn append(&mut self, id: NodeId, text: &str) {
        let chars = tidy::weight(text);
        self.after_link &= text.is_empty();
        let line = &mut self.line;
        if chars > 0 && !line.started {
            line.started = true;
            line.after_image = std::mem::take(&mut self.image);
            line.node = id;
            line.state = self.state;
            line.prefix_open = self.state.bold;
            line.bold_continued = self.state.bold
                && self
                    .bold_open_since
                    .is_some_and(|since| since < self.out.blocks.len());
        }
        if !line.started {
            return;
        }
        // A name and an address side by side in elements of their own.
        let is_address = text
            .split_ascii_whitespace()
            .next()
            .is_some_and(|word| word.len() < 80 && word.contains('@'));
        if is_address && line.text.ends_with(char::is_alphanumeric) {
            line.text.push(' ');
        }
        line.text.push_str(text);
        line.chars += chars;
        if self.state.link {
            line.link_chars += chars;
        }
        if self.state.bold {
            line.bold_chars += chars;
        }
        if line.prefix_open {
            if self.state.bold {
                line.bold_prefix = line.text.len();
            } else if chars > 0 {
                line.prefix_open = false;
            }
        }
    }

    fn flush(&mut self) {
        if !self.line.started {
            return;
        }
        let line = std::mem::take(&mut self.line);
        let prefix = tidy::line(line.text.get(..line.bold_prefix).unwrap_or_default());
        let text = tidy::line(&line.text);
        if text.is_empty() {
            return;
        }
        // `이미지 확대`: a button between a picture and its caption.
        if line.after_image && line.chars <= 12 && furniture::action_of(&text) == Some(Action::Drop)
        {
            self.image = true;
        }
        self.lines_since_alt += 1;
        let repeats_alt = !self.alt.is_empty() && self.lines_since_alt <= NEAR_PICTURE && {
            let text = beginning(&text);
            // Some sites cut the alternative text.
            text.starts_with(&self.alt)
                || text.chars().count() >= ALT.0 && self.alt.starts_with(&text)
        };
        let state = line.state;
        let hint = match (state.furniture, state.role) {
            (Some(furniture), _) => Some(furniture),
            (None, role) => role,
        };
        self.out.blocks.push(Block {
            bold_prefix: if text.starts_with(&prefix) {
                prefix.len()
            } else {
                0
            },
            text,
            node: line.node,
            container: state.container,
            chars: line.chars,
            link_chars: line.link_chars,
            bold_chars: line.bold_chars,
            bold_continued: line.bold_continued,
            heading: state.heading,
            hint: hint.map(|h| h.0),
            hint_node: hint.map_or(0, |h| h.1),
            cell: state.cell,
            figure: state.figure,
            after_image: line.after_image,
            repeats_alt,
        });
    }
}

/// The [`element_hint`] of each node.
pub(super) fn hints(document: &Document) -> Vec<Option<Hint>> {
    document
        .iter()
        .map(|(id, node)| match node.data {
            Data::Element { tag, .. } => element_hint(document, id, tag),
            _ => None,
        })
        .collect()
}

/// The hint from an element's tag, attributes, class and id.
fn element_hint(document: &Document, id: NodeId, tag: Tag) -> Option<Hint> {
    match tag {
        Tag::Body | Tag::Html | Tag::Main => return None,
        Tag::Figcaption | Tag::Caption => return Some(Hint::Caption),
        Tag::Nav | Tag::Footer => return Some(Hint::Nav),
        Tag::Aside => return Some(Hint::Related),
        Tag::Button => return Some(Hint::Tool),
        _ => {}
    }
    let mut found: Option<Hint> = None;
    for attr in document.attrs(id) {
        let name = attr.name;
        if name.eq_ignore_ascii_case("itemprop") {
            let value = attr.value;
            if value.split_ascii_whitespace().any(|v| v == "articleBody") {
                return Some(Hint::Body);
            }
            if value == "author" {
                found = found.or(Some(Hint::Byline));
            }
        } else if name.eq_ignore_ascii_case("style") {
            let style: String = attr
                .value
                .chars()
                .take(400)
                .filter(|c| !c.is_whitespace())
                .map(|c| c.to_ascii_lowercase())
                .collect();
            if style.contains("display:none") || style.contains("visibility:hidden") {
                return Some(Hint::Hidden);
            }
        } else if name.eq_ignore_ascii_case("hidden") {
            return Some(Hint::Hidden);
        } else if (name.eq_ignore_ascii_case("class") || name.eq_ignore_ascii_case("id"))
            && let Some(hint) = names::of(attr.value)
        {
            found = Some(match found {
                Some(Hint::Body) => Hint::Body,
                Some(other) if !hint.is_furniture() && hint != Hint::Body => other,
                _ => hint,
            });
        }
    }
    found
}

/// The first letters of a text, as a skeleton.
fn beginning(text: &str) -> String {
    let near = text
        .char_indices()
        .nth(120)
        .map_or(text.len(), |(at, _)| at);
    tidy::skeleton(&text[..near]).chars().take(ALT.1).collect()
}

/// Whether this is the caption after a picture in the same inline element.
fn labels_picture(document: &Document, id: NodeId) -> bool {
    let parent = document.parent(id);
    let is_inline = matches!(
        document.tag(parent),
        Some(Tag::Span | Tag::Em | Tag::Font | Tag::A)
    );
    is_inline
        && id == parent + 2
        && document.tag(parent + 1) == Some(Tag::Img)
        && document.subtree(id).end == document.subtree(parent).end
}

/// Whether the element contains a picture.
fn has_picture(document: &Document, id: NodeId) -> bool {
    document
        .subtree(id)
        .take(200)
        .any(|n| matches!(document.tag(n), Some(Tag::Img | Tag::Iframe | Tag::Video)))
}
