//! HTML → a flat [`Document`]: the first step for a saved page.
//!
//! The parser is [`scraper`]'s, which follows the HTML Standard. A saved page is foreign data of any
//! size and shape, so a linear pass bounds it first, and extraction reads a flat copy of the tree.
//!
//! ```text
//! text ─ limit ─▶ text ─ parse (scraper) ─▶ tree ─ flatten ─▶ Document
//! ```

mod decode;
mod dom;
mod limit;
mod parse;

pub use decode::decode;
pub use dom::{Data, Document, NodeId, Tag};
pub use parse::parse;

/// Whether the text is HTML: it has a tag that is common in pages, at the beginning or after lines
/// of another language (server directives, mail headers).
pub fn looks_like_html(text: &str) -> bool {
    const NEAR: usize = 64 * 1024;
    let near = &text.as_bytes()[..text.len().min(NEAR)];
    let mut tags = 0;
    for at in memchr::memchr_iter(b'<', near) {
        let rest = &near[at + 1..];
        let name: String = rest
            .iter()
            .skip_while(|b| **b == b'/' || **b == b'!')
            .take_while(|b| b.is_ascii_alphanumeric())
            .take(12)
            .map(|b| b.to_ascii_lowercase() as char)
            .collect();
        if rest.first() == Some(&b'!') && name == "doctype" {
            return true;
        }
        match Tag::from_lower(&name) {
            Tag::Html | Tag::Head | Tag::Body | Tag::Meta => return true,
            Tag::Other => {}
            _ => tags += 1,
        }
        if tags >= 4 {
            return true;
        }
    }
    false
}
