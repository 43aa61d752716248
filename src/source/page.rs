//! A saved page: any text that no other format claims.

use memchr::memmem;

use super::{Flow, Format, Input, ItemContent, Sink, SkipReason, magic};

/// See the module documentation.
pub struct SavedPage;

/// Maximum number of lines. Each line costs memory while it is parsed, and no article has more.
const MAX_LINES: usize = 1_000_000;

impl Format for SavedPage {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        magic::is_text(head)
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        let content_type = input.origin.content_type.take();
        let is_markdown = [".md", ".markdown"]
            .iter()
            .any(|ending| input.name.ends_with(ending));
        let mut item = input.into_page(content_type)?;
        if let ItemContent::Page(page) = &mut item.content {
            let lines = memchr::memchr2_iter(b'\n', b'\r', &page.bytes).count();
            if lines > MAX_LINES {
                return Err(SkipReason::TooManyLines { limit: MAX_LINES });
            }
            if is_markdown {
                match linked_headings(&page.bytes) {
                    0 => {}
                    1 => return Err(SkipReason::NotAnArticle),
                    articles => return Err(SkipReason::ArticleList { articles }),
                }
                page.bytes = without_heading_marks(&page.bytes);
            }
        }
        Ok(sink.item(item))
    }
}

/// Number of headings below the first level that are links as a whole: each leads to an article, as
/// in what `export` writes.
fn linked_headings(text: &[u8]) -> usize {
    let is_linked = |line: &&[u8]| {
        let is_below = line.trim_ascii_start().starts_with(b"##");
        is_below
            && heading(line).is_some_and(|text| {
                text.starts_with(b"[")
                    && memmem::find(text, b"](").is_some()
                    && text.ends_with(b")")
            })
    };
    text.split(|&b| b == b'\n').filter(is_linked).count()
}

/// Removes the `#` marks of Markdown headings (CommonMark 0.31, 4.2). In UTF-8 and CP949, the byte
/// of `#` occurs only as `#`.
fn without_heading_marks(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&b| b == b'\n') {
        out.extend_from_slice(heading(line).unwrap_or(line));
        if heading(line).is_some() && line.ends_with(b"\n") {
            out.push(b'\n');
        }
    }
    out
}

/// The text of a heading; `None` if the line is not one.
fn heading(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_end();
    let indent = line.iter().take_while(|&&b| b == b' ').count();
    let rest = line.get(indent..).filter(|_| indent <= 3)?;
    let marks = rest.iter().take_while(|&&b| b == b'#').count();
    let text = rest.get(marks..).filter(|_| (1..=6).contains(&marks))?;
    if !text.is_empty() && !text.starts_with(b" ") && !text.starts_with(b"\t") {
        return None;
    }
    let text = text.trim_ascii();
    // An optional closing sequence.
    let open = text.iter().rposition(|&b| b != b'#').map_or(0, |at| at + 1);
    let closed = text.get(..open).filter(|open| open.ends_with(b" "));
    Some(closed.unwrap_or(text).trim_ascii_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_that_lead_to_articles_are_counted() {
        let list = "# AI\n\n## 한빛신문 (2)\n\n### [하나](<https://a.example/1>)\n\n### [둘](https://a.example/2)\n";
        assert_eq!(linked_headings(list.as_bytes()), 2);
        for article in [
            "# [하나](https://a.example/1)\n\n본문이다.",
            "## 둘째 [주](https://a.example/1)\n",
            "[## 하나](x)",
            "## [단독] 하나 (종합)",
        ] {
            assert_eq!(linked_headings(article.as_bytes()), 0, "{article}");
        }
    }

    #[test]
    fn heading_marks_are_removed() {
        let text = "# 새 다리 착공\r\n\n본문 #1이다.\n## 둘째 ##\n#태그\n####### 일곱\n  ### C#\n#";
        assert_eq!(
            String::from_utf8(without_heading_marks(text.as_bytes())).unwrap(),
            "새 다리 착공\n\n본문 #1이다.\n둘째\n#태그\n####### 일곱\nC#\n"
        );
    }
}
