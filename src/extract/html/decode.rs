//! Character references in text that does not come from the parser: JSON, scripts, text escaped twice.

use std::borrow::Cow;

use scraper::Html;

/// Replaces character references (`&amp;`, `&#8220;`, `&#x201C;`) by their characters; unknown
/// ones stay as written.
///
/// The text is read like the value of an attribute, so `&copy=1` in a URL stays.
pub fn decode(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let page = format!("<p title=\"{}\">", text.replace('"', "&quot;"));
    let html = Html::parse_fragment(&page);
    let value = html
        .tree
        .values()
        .filter_map(|node| node.as_element())
        .find_map(|element| element.attr("title"));
    value.map_or(Cow::Borrowed(text), |value| Cow::Owned(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn references_are_decoded() {
        for (raw, text) in [
            ("a &amp; b", "a & b"),
            ("&quot;가&#034; &#x201C;나&#8221;", "\"가\" “나”"),
            ("\"가\" &lt;br&gt; <b>", "\"가\" <br> <b>"),
            ("&nbsp;&middot;&hellip;", "\u{a0}·…"),
            ("&copy 2024 &lt가", "© 2024 <가"),
            ("?a=1&copy=2&lang=ko", "?a=1&copy=2&lang=ko"),
            ("&#146;", "’"),
            ("&#0;&#x110000;&#99999999999;", "\u{fffd}\u{fffd}\u{fffd}"),
            ("R&D & &; &# &#x; &nosuch;", "R&D & &; &# &#x; &nosuch;"),
        ] {
            assert_eq!(decode(raw), text, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn text_around_references_stays(s in "[a-z0-9 <>\"'=/가]{0,40}") {
            let raw = format!("{s}&amp;");
            prop_assert_eq!(decode(&raw), format!("{s}&"));
        }
    }
}
