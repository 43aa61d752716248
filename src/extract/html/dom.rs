//! A page as a flat array in document order.
//!
//! Nodes stand in the order in which the page opens them, so the subtree of a node is one
//! contiguous range of the array. Every walk is a plain loop: nothing recurses, whatever the depth
//! of the page, and dropping the document frees a few vectors. Text and attribute values are
//! slices of the page; character references are decoded when asked for.

use std::borrow::Cow;
use std::ops::Range;

use super::entities;

/// Number of a node in its [`Document`].
pub type NodeId = usize;

macro_rules! tags {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// Elements that extraction tells apart; all the rest are [`Tag::Other`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Tag { $(#[doc = $name] $variant,)* #[doc = "any other element"] Other }

        impl Tag {
            /// The tag of a name written in lower case.
            pub fn from_lower(name: &str) -> Tag {
                match name { $($name => Tag::$variant,)* _ => Tag::Other }
            }
        }
    };
}

tags! {
    A "a", Abbr "abbr", Address "address", Article "article", Aside "aside", Audio "audio", B "b",
    Base "base", Big "big", Blockquote "blockquote", Body "body", Br "br", Button "button",
    Canvas "canvas", Caption "caption", Center "center", Cite "cite", Col "col",
    Colgroup "colgroup", Dd "dd", Details "details", Dialog "dialog", Div "div", Dl "dl", Dt "dt",
    Em "em", Embed "embed", Fieldset "fieldset", Figcaption "figcaption", Figure "figure",
    Font "font", Footer "footer", Form "form", Frame "frame", Frameset "frameset", H1 "h1",
    H2 "h2", H3 "h3", H4 "h4", H5 "h5", H6 "h6", Head "head", Header "header", Hgroup "hgroup",
    Hr "hr", Html "html", I "i", Iframe "iframe", Img "img", Input "input", Label "label",
    Legend "legend", Li "li", Link "link", Main "main", Map "map", Mark "mark", Menu "menu",
    Meta "meta", Nav "nav", Nobr "nobr", Noembed "noembed", Noframes "noframes",
    Noscript "noscript", Object "object", Ol "ol", Optgroup "optgroup", Option "option", P "p",
    Param "param", Pre "pre", Q "q", S "s", Script "script", Section "section", Select "select",
    Small "small", Source "source", Span "span", Strong "strong", Style "style", Sub "sub",
    Summary "summary", Sup "sup", Svg "svg", Table "table", Tbody "tbody", Td "td",
    Template "template", Textarea "textarea", Tfoot "tfoot", Th "th", Thead "thead", Time "time",
    Title "title", Tr "tr", Track "track", U "u", Ul "ul", Video "video", Wbr "wbr", Xmp "xmp",
}

impl Tag {
    /// Elements without content.
    pub fn is_void(self) -> bool {
        use Tag::*;
        matches!(
            self,
            Base | Br
                | Col
                | Embed
                | Frame
                | Hr
                | Img
                | Input
                | Link
                | Meta
                | Param
                | Source
                | Track
                | Wbr
        )
    }

    /// Elements whose content is text up to their own end tag, whatever it looks like.
    pub fn is_raw(self) -> bool {
        use Tag::*;
        matches!(
            self,
            Script | Style | Title | Textarea | Iframe | Noembed | Noframes | Noscript | Xmp
        )
    }

    /// Inline elements that a page may close in another order than it opened them.
    pub fn is_formatting(self) -> bool {
        use Tag::*;
        matches!(
            self,
            A | B | Big | Em | Font | I | Nobr | S | Small | Strong | U | Form
        )
    }

    /// Elements that begin a line of their own.
    pub fn is_block(self) -> bool {
        use Tag::*;
        matches!(
            self,
            Address
                | Article
                | Aside
                | Blockquote
                | Body
                | Caption
                | Center
                | Dd
                | Details
                | Dialog
                | Div
                | Dl
                | Dt
                | Fieldset
                | Figcaption
                | Figure
                | Footer
                | Form
                | Frameset
                | H1
                | H2
                | H3
                | H4
                | H5
                | H6
                | Head
                | Header
                | Hgroup
                | Hr
                | Html
                | Legend
                | Li
                | Main
                | Menu
                | Nav
                | Ol
                | Optgroup
                | Option
                | P
                | Pre
                | Section
                | Summary
                | Table
                | Tbody
                | Td
                | Tfoot
                | Th
                | Thead
                | Title
                | Tr
                | Ul
                | Xmp
        )
    }

    /// 1 to 6 for `h1` to `h6`, else 0.
    pub fn heading_level(self) -> u8 {
        match self {
            Tag::H1 => 1,
            Tag::H2 => 2,
            Tag::H3 => 3,
            Tag::H4 => 4,
            Tag::H5 => 5,
            Tag::H6 => 6,
            _ => 0,
        }
    }
}

/// One attribute: name as written, value not yet decoded.
#[derive(Debug, Clone, Copy)]
pub struct Attr<'a> {
    /// The name as the page writes it.
    pub name: &'a str,
    /// The value with its character references still in it.
    pub raw: &'a str,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Data<'a> {
    /// An element with the range of its attributes in the document's list.
    Element {
        /// Which element.
        tag: Tag,
        /// Where its attributes stand.
        attrs: Range<u32>,
    },
    /// Text, character references not yet decoded.
    Text(&'a str),
    /// The content of a `script`, `style` or the like: no text of the page.
    Raw(&'a str),
    /// A comment's content.
    Comment(&'a str),
}

/// A node: what it is, where it hangs and where its subtree ends.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// What it is.
    pub data: Data<'a>,
    /// The element it stands in; the root points to itself.
    pub parent: u32,
    /// First node behind its subtree.
    pub end: u32,
}

/// A parsed page. Node 0 is the root, an element without name.
#[derive(Debug, Default)]
pub struct Document<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) attrs: Vec<Attr<'a>>,
    /// True when the page was longer or had more nodes than is read.
    pub truncated: bool,
}

impl<'a> Document<'a> {
    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// All nodes with their numbers, in document order.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node<'a>)> {
        self.nodes.iter().enumerate()
    }

    /// The element's tag, `None` for text and comments.
    pub fn tag(&self, id: NodeId) -> Option<Tag> {
        match self.nodes.get(id)?.data {
            Data::Element { tag, .. } => Some(tag),
            _ => None,
        }
    }

    /// The element's parent; the root's is itself.
    pub fn parent(&self, id: NodeId) -> NodeId {
        self.nodes.get(id).map_or(0, |n| n.parent as usize)
    }

    /// The node and all below it.
    pub fn subtree(&self, id: NodeId) -> Range<NodeId> {
        id..self.nodes.get(id).map_or(id, |n| n.end as usize)
    }

    /// Elements of this tag, in document order.
    pub fn elements(&self, wanted: Tag) -> impl Iterator<Item = NodeId> {
        self.nodes
            .iter()
            .enumerate()
            .filter(move |(_, n)| matches!(n.data, Data::Element { tag, .. } if tag == wanted))
            .map(|(id, _)| id)
    }

    /// The attributes of an element, in order.
    pub fn attrs(&self, id: NodeId) -> &[Attr<'a>] {
        match self.nodes.get(id).map(|n| &n.data) {
            Some(Data::Element { attrs, .. }) => self
                .attrs
                .get(attrs.start as usize..attrs.end as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }

    /// An attribute's decoded value; the name is compared without regard to case.
    pub fn attr(&self, id: NodeId, name: &str) -> Option<Cow<'a, str>> {
        self.attrs(id)
            .iter()
            .find(|a| a.name.eq_ignore_ascii_case(name))
            .map(|a| entities::decode(a.raw))
    }

    /// All text below a node, white space squeezed; scripts and comments left out.
    pub fn text(&self, id: NodeId) -> String {
        let mut out = String::new();
        for n in self.subtree(id) {
            match self.nodes.get(n).map(|n| &n.data) {
                Some(Data::Text(t)) => out.push_str(&entities::decode(t)),
                Some(Data::Element { tag, .. }) if tag.is_block() || *tag == Tag::Br => {
                    out.push(' ');
                }
                _ => {}
            }
        }
        crate::extract::tidy::line(&out)
    }

    /// The raw content of a `script`, `style`, `title` or the like.
    pub fn raw(&self, id: NodeId) -> Option<&'a str> {
        match self.nodes.get(id + 1)?.data {
            Data::Raw(text) if self.parent(id + 1) == id => Some(text),
            _ => None,
        }
    }
}
