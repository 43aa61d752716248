//! Bytes of text → tree: tokens and tree construction in one linear pass.
//!
//! It follows the HTML Standard where that changes what a reader sees (implied end tags, raw text
//! elements, scopes of tables, unclosed comments) and leaves out what only scripts notice (foster
//! parenting, reconstruction of formatting elements). Depth, attributes per element and the number
//! of nodes are limited; what exceeds the depth hangs at the limit, as in browsers.

use super::dom::{Attr, Data, Document, Node, Tag};

/// Browsers cut nesting at 512 too.
const MAX_DEPTH: usize = 512;
/// A real article page has a few thousand nodes; the largest list pages a hundred thousand.
const MAX_NODES: usize = 2_000_000;
const MAX_ATTRS: usize = 128;

/// Parses a page. Never fails: every text is some page.
pub fn parse(page: &str) -> Document<'_> {
    let mut builder = Builder {
        page,
        at: 0,
        document: Document::default(),
        open: Vec::with_capacity(64),
    };
    builder.push_node(Data::Element {
        tag: Tag::Other,
        attrs: 0..0,
    });
    builder.open.push((0, Tag::Other));
    builder.run();
    builder.finish()
}

struct Builder<'a> {
    page: &'a str,
    at: usize,
    document: Document<'a>,
    /// The elements that are open, root first.
    open: Vec<(u32, Tag)>,
}

impl<'a> Builder<'a> {
    fn run(&mut self) {
        let bytes = self.page.as_bytes();
        let mut text_from = 0;
        while let Some(offset) = memchr::memchr(b'<', &bytes[self.at..]) {
            if self.document.nodes.len() >= MAX_NODES {
                self.document.truncated = true;
                return;
            }
            let lt = self.at + offset;
            let is_tag = match bytes.get(lt + 1) {
                Some(b'!' | b'?') => true,
                // `<%@ page ... %>`: directives of a server's language.
                Some(b'%') => true,
                Some(b'/') => bytes.get(lt + 2).is_some_and(u8::is_ascii_alphabetic),
                Some(b) => b.is_ascii_alphabetic(),
                None => false,
            };
            if !is_tag {
                self.at = lt + 1;
                continue;
            }
            self.text(text_from, lt);
            self.at = lt;
            match bytes.get(lt + 1) {
                Some(b'!') => self.declaration(),
                Some(b'?') => self.skip_past(b">"),
                Some(b'%') => self.skip_past(b"%>"),
                Some(b'/') => self.end_tag(),
                _ => self.start_tag(),
            }
            text_from = self.at;
        }
        self.text(text_from, self.page.len());
    }

    fn finish(mut self) -> Document<'a> {
        let nodes = &mut self.document.nodes;
        for id in (0..nodes.len()).rev() {
            let end = nodes[id].end.max(id as u32 + 1);
            nodes[id].end = end;
            let parent = nodes[id].parent as usize;
            if parent != id && nodes[parent].end < end {
                nodes[parent].end = end;
            }
        }
        self.document
    }

    fn push_node(&mut self, data: Data<'a>) -> u32 {
        let id = self.document.nodes.len() as u32;
        let parent = self.open.last().map_or(0, |o| o.0);
        self.document.nodes.push(Node {
            data,
            parent,
            end: 0,
        });
        id
    }

    fn text(&mut self, from: usize, to: usize) {
        if from < to
            && let Some(text) = self.page.get(from..to)
        {
            self.push_node(Data::Text(text));
        }
    }

    fn skip_past(&mut self, needle: &[u8]) {
        let rest = &self.page.as_bytes()[self.at..];
        self.at = match memchr::memmem::find(rest, needle) {
            Some(offset) => self.at + offset + needle.len(),
            None => self.page.len(),
        };
    }

    /// A comment, a doctype, a CDATA section.
    fn declaration(&mut self) {
        let bytes = self.page.as_bytes();
        let rest = &bytes[self.at..];
        if rest.starts_with(b"<!--") {
            let from = self.at + 4;
            // `<!-->` and `<!--->` are comments without content.
            if rest.starts_with(b"<!-->") || rest.starts_with(b"<!--->") {
                self.skip_past(b">");
                return;
            }
            match memchr::memmem::find(&bytes[from..], b"-->") {
                Some(offset) => {
                    if let Some(content) = self.page.get(from..from + offset) {
                        self.push_node(Data::Comment(content));
                    }
                    self.at = from + offset + 3;
                }
                None => self.at = self.page.len(),
            }
        } else if rest.starts_with(b"<![CDATA[") {
            let from = self.at + 9;
            self.skip_past(b"]]>");
            let to = self.at.saturating_sub(3).max(from);
            self.text(from, to);
        } else {
            self.skip_past(b">");
        }
    }

    /// The tag's name from `from`, and where it ends.
    fn name(&self, from: usize) -> (Tag, usize) {
        let bytes = self.page.as_bytes();
        let mut lower = [0u8; 16];
        let mut len = 0;
        let mut at = from;
        while let Some(&b) = bytes.get(at) {
            if b.is_ascii_whitespace() || b == b'/' || b == b'>' {
                break;
            }
            if let Some(slot) = lower.get_mut(len) {
                *slot = b.to_ascii_lowercase();
            }
            len += 1;
            at += 1;
        }
        let tag = lower
            .get(..len)
            .and_then(|name| std::str::from_utf8(name).ok())
            .map_or(Tag::Other, Tag::from_lower);
        (tag, at)
    }

    fn end_tag(&mut self) {
        let (tag, at) = self.name(self.at + 2);
        self.at = at;
        self.skip_past(b">");
        match tag {
            Tag::Br => {
                let attrs = self.no_attrs();
                self.push_node(Data::Element { tag, attrs });
            }
            // What follows still belongs to the page.
            Tag::Body | Tag::Html => {}
            _ => self.close(tag),
        }
    }

    fn no_attrs(&self) -> std::ops::Range<u32> {
        let end = self.document.attrs.len() as u32;
        end..end
    }

    /// Closes the innermost open element of this tag, if it may be closed from here.
    fn close(&mut self, tag: Tag) {
        use Tag::*;
        if tag == Other {
            // Unknown elements (custom tags) close like inline ones.
            if self.open.last().is_some_and(|o| o.1 == Other && o.0 != 0) {
                self.open.pop();
            }
            return;
        }
        let table_part = matches!(tag, Table | Tbody | Thead | Tfoot | Tr | Td | Th | Caption);
        for depth in (1..self.open.len()).rev() {
            let open = self.open[depth].1;
            if open == tag || (tag.heading_level() > 0 && open.heading_level() > 0) {
                self.open.truncate(depth);
                return;
            }
            if open == Table || (!table_part && matches!(open, Td | Th | Caption)) {
                return;
            }
            if open.is_block() && !tag.is_block() {
                // `<b><p>...</b>`: the element ends with the block that it was opened around.
                if tag.is_formatting() {
                    self.forget(tag, depth);
                }
                return;
            }
            if tag == Form && open.is_block() {
                self.forget(tag, depth);
                return;
            }
        }
    }

    /// Takes an element out of the open ones without closing what stands in it.
    fn forget(&mut self, tag: Tag, below: usize) {
        use Tag::*;
        for depth in (1..below).rev() {
            let open = self.open[depth].1;
            if open == tag {
                self.open.remove(depth);
                return;
            }
            if matches!(open, Table | Td | Th | Caption) {
                return;
            }
        }
    }

    /// Closes the innermost of `tags` unless one of `scope` stands before it.
    fn close_implied(&mut self, tags: &[Tag], scope: &[Tag]) {
        for depth in (1..self.open.len()).rev() {
            let open = self.open[depth].1;
            if tags.contains(&open) {
                self.open.truncate(depth);
                return;
            }
            if scope.contains(&open) {
                return;
            }
        }
    }

    fn is_open(&self, tag: Tag) -> bool {
        self.open.iter().any(|o| o.1 == tag)
    }

    /// The end tags that a start tag implies.
    fn imply(&mut self, tag: Tag) {
        use Tag::*;
        const CELLS: [Tag; 6] = [Table, Td, Th, Caption, Button, Object];
        if self.open.last().is_some_and(|o| o.1 == Head)
            && !matches!(
                tag,
                Meta | Link | Title | Script | Style | Base | Noscript | Template | Other
            )
        {
            self.open.pop();
        }
        if tag.is_block() {
            self.close_implied(&[P], &CELLS);
        }
        match tag {
            Li => self.close_implied(&[Li], &[Ul, Ol, Menu, Table, Td, Th]),
            Dt | Dd => self.close_implied(&[Dt, Dd], &[Dl, Table, Td, Th]),
            Option | Optgroup => self.close_implied(&[Option], &[Select, Table]),
            Td | Th => self.close_implied(&[Td, Th], &[Table, Tr]),
            Tr => self.close_implied(&[Tr], &[Table]),
            Tbody | Thead | Tfoot => self.close_implied(&[Tbody, Thead, Tfoot], &[Table]),
            A => self.close_implied(&[A], &CELLS),
            _ => {}
        }
        if tag.heading_level() > 0 && self.open.last().is_some_and(|o| o.1.heading_level() > 0) {
            self.open.pop();
        }
    }

    fn start_tag(&mut self) {
        let (tag, at) = self.name(self.at + 1);
        self.at = at;
        let attrs_from = self.document.attrs.len() as u32;
        let closed = self.attributes();
        let attrs = attrs_from..self.document.attrs.len() as u32;
        // A second `<body>` or `<html>` in the middle of a page opens nothing.
        if matches!(tag, Tag::Html | Tag::Body) && self.is_open(tag) {
            return;
        }
        self.imply(tag);
        // At the limit an element takes the place of the innermost one, as in browsers.
        if self.open.len() >= MAX_DEPTH && !tag.is_void() {
            self.open.pop();
        }
        let id = self.push_node(Data::Element { tag, attrs });
        if tag.is_void() || (closed && tag == Tag::Other) {
            return;
        }
        if tag.is_raw() {
            self.raw_text(id, tag);
        } else {
            self.open.push((id, tag));
        }
    }

    /// The content of a raw text element, up to its end tag or the end of the page.
    fn raw_text(&mut self, id: u32, tag: Tag) {
        let bytes = self.page.as_bytes();
        let from = self.at;
        let mut to = bytes.len();
        let mut next = bytes.len();
        for offset in memchr::memmem::find_iter(&bytes[from..], b"</") {
            let at = from + offset;
            let (name, after) = self.name(at + 2);
            if name == tag {
                to = at;
                next = memchr::memchr(b'>', &bytes[after..]).map_or(bytes.len(), |o| after + o + 1);
                break;
            }
        }
        if let Some(content) = self.page.get(from..to)
            && !content.is_empty()
        {
            self.document.nodes.push(Node {
                data: Data::Raw(content),
                parent: id,
                end: 0,
            });
        }
        self.at = next;
    }

    /// Reads attributes up to and with `>`; true when the tag closes itself (`/>`).
    fn attributes(&mut self) -> bool {
        let bytes = self.page.as_bytes();
        let first = self.document.attrs.len();
        let mut closed = false;
        loop {
            while bytes
                .get(self.at)
                .is_some_and(|b| b.is_ascii_whitespace() || *b == b'/')
            {
                closed = bytes[self.at] == b'/';
                self.at += 1;
            }
            match bytes.get(self.at) {
                None => return closed,
                Some(b'>') => {
                    self.at += 1;
                    return closed;
                }
                _ => {}
            }
            let name_from = self.at;
            self.at += 1;
            while bytes
                .get(self.at)
                .is_some_and(|b| !b.is_ascii_whitespace() && !matches!(b, b'=' | b'>' | b'/'))
            {
                self.at += 1;
            }
            let name = self.page.get(name_from..self.at).unwrap_or_default();
            let mut ahead = self.at;
            while bytes.get(ahead).is_some_and(u8::is_ascii_whitespace) {
                ahead += 1;
            }
            let mut raw = "";
            if bytes.get(ahead) == Some(&b'=') {
                ahead += 1;
                while bytes.get(ahead).is_some_and(u8::is_ascii_whitespace) {
                    ahead += 1;
                }
                raw = self.value(ahead);
            }
            closed = false;
            if self.document.attrs.len() - first < MAX_ATTRS {
                self.document.attrs.push(Attr { name, raw });
            }
        }
    }

    /// An attribute's value that begins at `from`; moves behind it.
    fn value(&mut self, from: usize) -> &'a str {
        let bytes = self.page.as_bytes();
        match bytes.get(from) {
            Some(&quote @ (b'"' | b'\'')) => {
                let to = memchr::memchr(quote, &bytes[from + 1..])
                    .map_or(bytes.len(), |offset| from + 1 + offset);
                self.at = (to + 1).min(bytes.len());
                self.page.get(from + 1..to).unwrap_or_default()
            }
            _ => {
                let len = bytes
                    .get(from..)
                    .unwrap_or_default()
                    .iter()
                    .take_while(|b| !b.is_ascii_whitespace() && **b != b'>')
                    .count();
                self.at = from + len;
                self.page.get(from..from + len).unwrap_or_default()
            }
        }
    }
}
