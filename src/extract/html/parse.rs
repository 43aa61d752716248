//! HTML → flat [`Document`], on [`scraper`] and the standard's parser inside it.
//!
//! The page is limited first ([`super::limit`]), then parsed in pieces, so that parsing can stop at a
//! page that grows too large nevertheless, then laid out flat in document order.

use html5ever::driver::{self, Parser};
use html5ever::tendril::{StrTendril, TendrilSink};
use scraper::{Html, HtmlTreeSink, Node as Parsed};

use super::dom::{Data, Document, Tag};
use super::limit::limit;

/// A real article page has a few thousand nodes; the largest list pages a hundred thousand.
const MAX_NODES: usize = 1_000_000;
/// Elements around one node, those with optional end tags counted. The limits before the parser
/// keep pages below this; what gets past them stops here.
const MAX_DEPTH: usize = 2_048;
/// Bytes that are parsed between two checks of the tree.
const PIECE: usize = 16 << 10;

/// Parses a page by the rules of the HTML Standard. Never fails: every text is some page.
pub fn parse(page: &str) -> Document {
    let (html, truncated) = build(&limit(page));
    let mut document = flatten(&html);
    document.truncated |= truncated;
    document.keep(html);
    document
}

/// The standard's tree of a page; true when the page was not read to its end.
fn build(page: &str) -> (Html, bool) {
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = driver::parse_document(sink, driver::ParseOpts::default());
    let mut rest = page;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE));
        parser.process(StrTendril::from_slice(piece));
        rest = behind;
        if !rest.is_empty() && is_out_of_bounds(&parser) {
            break;
        }
    }
    (parser.finish(), !rest.is_empty())
}

fn is_out_of_bounds(parser: &Parser<HtmlTreeSink>) -> bool {
    let html = parser.tokenizer.sink.sink.0.borrow();
    html.tree.values().len() > MAX_NODES
        || html
            .tree
            .nodes()
            .next_back()
            .is_some_and(|last| last.ancestors().nth(MAX_DEPTH).is_some())
}

/// Lays the tree out in document order. A plain loop: the tree may be deep.
fn flatten(html: &Html) -> Document {
    let mut document = Document::default();
    // The elements around the next node: the parser's node and its number here.
    let mut open = vec![(html.tree.root(), document.push(0, Data::no_name()))];
    let mut next = html.tree.root().first_child();
    while let Some(&(around, parent)) = open.last() {
        let Some(node) = next else {
            document.close(parent);
            open.pop();
            // The root has no sibling, so the loop ends with it.
            next = around.next_sibling();
            continue;
        };
        next = node.next_sibling();
        // `Document::select` counts the same nodes.
        let data = match node.value() {
            Parsed::Element(element) => document.element(element),
            Parsed::Text(text) if document.tag(parent as usize).is_some_and(Tag::is_raw) => {
                Data::Raw(text.text.clone())
            }
            Parsed::Text(text) => Data::Text(text.text.clone()),
            Parsed::Comment(comment) => Data::Comment(comment.comment.clone()),
            // The content of a `template`.
            Parsed::Fragment => Data::no_name(),
            Parsed::Document | Parsed::Doctype(_) | Parsed::ProcessingInstruction(_) => continue,
        };
        let id = document.push(parent, data);
        if let Some(child) = node.first_child() {
            open.push((node, id));
            next = Some(child);
        }
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outline(page: &str) -> String {
        let document = parse(page);
        let mut out = String::new();
        for (id, node) in document.iter() {
            let mut depth = 0;
            let mut at = id;
            while at != 0 {
                at = document.parent(at);
                depth += 1;
            }
            let label = match &node.data {
                Data::Element { tag, .. } => format!("{tag:?}"),
                Data::Text(text) => format!("{:?}", &**text),
                Data::Raw(text) => format!("raw {:?}", &**text),
                Data::Comment(text) => format!("comment {:?}", &**text),
            };
            out.push_str(&format!("{}{label}\n", " ".repeat(depth)));
        }
        out
    }

    #[test]
    fn the_tree_is_the_standards() {
        let page = "<!doctype html><title>a &amp; b</title><!--c--><ul><li>가<li>나</ul>\
            <p>하나<div>둘<b>셋<p>넷</b>다섯</div><template><i>여섯</i></template>";
        assert_eq!(
            outline(page),
            r#"Other
 Html
  Head
   Title
    raw "a & b"
   comment "c"
  Body
   Ul
    Li
     "가"
    Li
     "나"
   P
    "하나"
   Div
    "둘"
    B
     "셋"
    P
     B
      "넷"
     "다섯"
   Template
    Other
     I
      "여섯"
"#
        );
    }

    #[test]
    fn attributes_are_decoded() {
        let document =
            parse("<a HREF='?a=1&amp;b=2&copy=3' title=\"&lt;가&gt;\" href=second>x</a>");
        let id = document.elements(Tag::A).next().unwrap();
        assert_eq!(document.attr(id, "href"), Some("?a=1&b=2&copy=3"));
        assert_eq!(document.attr(id, "title"), Some("<가>"));
    }

    #[test]
    fn a_subtree_is_one_range() {
        let document = parse("<div><p>가<b>나</b></p></div><p>다");
        let div = document.elements(Tag::Div).next().unwrap();
        assert_eq!(document.subtree(div).len(), 5);
        assert_eq!(document.text(div), "가나");
        assert_eq!(document.subtree(0).len(), document.len());
    }

    #[test]
    fn endless_growth_is_cut() {
        // Each paragraph opens all of the formatting elements again.
        let open: String = (0..32).map(|n| format!("<b id={n}>")).collect();
        let document = parse(&format!("{open}{}", "<p>가".repeat(1_000_000)));
        assert!(document.truncated);
        assert!(document.len() < 2 * MAX_NODES);
    }

    proptest! {
        #[test]
        fn subtrees_nest(s in r#"([<>/!='" -]|div|b|svg|table|td|a|p|template|script|가|\PC){0,60}"#) {
            let document = parse(&s);
            for (id, node) in document.iter().skip(1) {
                let around = document.subtree(node.parent as usize);
                prop_assert!((node.parent as usize) < id && node.end as usize <= around.end);
            }
        }
    }
}
