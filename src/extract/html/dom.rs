//! A page as a flat array in document order.
//!
//! Nodes are in the order in which the page opens them, so the subtree of a node is one
//! contiguous range of the array. Every walk is a plain loop: nothing recurses, whatever the depth
//! of the page, and dropping the document frees a few vectors. Text and attribute values are
//! shared with the parser's buffers, their character references decoded.

use std::ops::Range;

use html5ever::LocalName;
use scraper::node::{Element, Node as Parsed};
use scraper::{Html, Selector, StrTendril};

/// Number of a node in its [`Document`].
pub type NodeId = usize;

macro_rules! tags {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// Elements that extraction distinguishes; all others are [`Tag::Other`].
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
    /// Elements whose content is text up to their own end tag, whatever it looks like.
    pub fn is_raw(self) -> bool {
        use Tag::*;
        matches!(
            self,
            Script | Style | Title | Textarea | Iframe | Noembed | Noframes | Noscript | Xmp
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

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub struct Attr<'a> {
    /// The name in lower case.
    pub name: &'a str,
    /// The value, character references decoded.
    pub value: &'a str,
}

/// The kind of a node and its content.
#[derive(Debug, Clone)]
pub enum Data {
    /// An element with the range of its attributes in the document's list.
    Element {
        /// Which element.
        tag: Tag,
        /// Where its attributes stand.
        attrs: Range<u32>,
    },
    /// Text, character references decoded.
    Text(StrTendril),
    /// The content of a `script`, `style` or the like: no text of the page.
    Raw(StrTendril),
    /// A comment's content.
    Comment(StrTendril),
}

impl Data {
    /// An element that extraction need not know and that has no attributes.
    pub(super) fn no_name() -> Data {
        Data::Element {
            tag: Tag::Other,
            attrs: 0..0,
        }
    }
}

/// A node: what it is, where it hangs and where its subtree ends.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is.
    pub data: Data,
    /// Its parent element; the root points to itself.
    pub parent: u32,
    /// The first node after its subtree.
    pub end: u32,
}

/// A parsed page. Node 0 is the root, an element without name.
#[derive(Debug, Default)]
pub struct Document {
    nodes: Vec<Node>,
    attrs: Vec<(LocalName, StrTendril)>,
    /// Whether the page exceeded the limit on bytes or nodes, so that its end is missing.
    pub truncated: bool,
    /// The parser's tree, for selectors.
    tree: Option<Html>,
}

impl Document {
    /// Adds a node to the element `parent`, which is not closed yet; gives its number.
    pub(super) fn push(&mut self, parent: u32, data: Data) -> u32 {
        let id = self.nodes.len() as u32;
        self.nodes.push(Node {
            data,
            parent,
            end: id + 1,
        });
        id
    }

    /// Ends the element: nodes added from now on follow its subtree.
    pub(super) fn close(&mut self, id: u32) {
        let end = self.nodes.len() as u32;
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.end = end;
        }
    }

    /// Adds an element's attributes to the list.
    pub(super) fn element(&mut self, element: &Element) -> Data {
        let from = self.attrs.len() as u32;
        let attrs = element.attrs.iter();
        self.attrs
            .extend(attrs.map(|(name, value)| (name.local.clone(), value.clone())));
        Data::Element {
            tag: Tag::from_lower(element.name()),
            attrs: from..self.attrs.len() as u32,
        }
    }

    /// Keeps the tree that the document was laid out from.
    pub(super) fn keep(&mut self, tree: Html) {
        self.tree = Some(tree);
    }

    /// The first element that a selector matches.
    pub fn select(&self, selector: &Selector) -> Option<NodeId> {
        let tree = self.tree.as_ref()?;
        let found = tree.select(selector).next()?.id();
        let mut number = 0;
        for node in tree.tree.root().descendants().skip(1) {
            match node.value() {
                Parsed::Document | Parsed::Doctype(_) | Parsed::ProcessingInstruction(_) => {}
                _ => number += 1,
            }
            if node.id() == found {
                return Some(number);
            }
        }
        None
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// All nodes with their numbers, in document order.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node)> {
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

    /// The attributes of an element, in the page's order.
    pub fn attrs(&self, id: NodeId) -> impl Iterator<Item = Attr<'_>> {
        let range = match self.nodes.get(id).map(|n| &n.data) {
            Some(Data::Element { attrs, .. }) => attrs.start as usize..attrs.end as usize,
            _ => 0..0,
        };
        let attrs = self.attrs.get(range).unwrap_or_default();
        attrs.iter().map(|(name, value)| Attr { name, value })
    }

    /// An attribute's value; the name is given in lower case.
    pub fn attr(&self, id: NodeId, name: &str) -> Option<&str> {
        self.attrs(id).find(|a| a.name == name).map(|a| a.value)
    }

    /// All text below a node, white space squeezed; scripts and comments left out.
    pub fn text(&self, id: NodeId) -> String {
        let mut out = String::new();
        for n in self.subtree(id) {
            match self.nodes.get(n).map(|n| &n.data) {
                Some(Data::Text(t)) => out.push_str(t),
                Some(Data::Element { tag, .. }) if tag.is_block() || *tag == Tag::Br => {
                    out.push(' ');
                }
                _ => {}
            }
        }
        crate::extract::tidy::line(&out)
    }

    /// The raw content of a `script`, `style`, `title` or the like.
    pub fn raw(&self, id: NodeId) -> Option<&str> {
        match &self.nodes.get(id + 1)?.data {
            Data::Raw(text) if self.parent(id + 1) == id => Some(text),
            _ => None,
        }
    }
}
