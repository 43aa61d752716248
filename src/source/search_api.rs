//! Answers of news search interfaces, as saved: Naver's (`/v1/search/news.json`) and newsapi.org's
//! (`/v2/everything`), whole or only their list of items.

use serde_json::Value;

use super::row::{Field, Row};
use super::{Content, Flow, Format, Input, Item, Refusal, Sink};

/// See the module.
pub struct SearchAnswer;

/// What crawlers write where there is no value.
const NOTHING: &[&str] = &["N/A", "n/a", "None", "null", "-"];

impl Format for SearchAnswer {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let head = head.trim_ascii_start();
        let has = |key: &[u8]| memchr::memmem::find(head, key).is_some();
        let is_list = head.starts_with(b"[")
            || (head.starts_with(b"{") && (has(b"\"items\"") || has(b"\"articles\"")));
        // `title` is no field of the program's own records.
        is_list && has(b"\"title\"") && (has(b"\"pubDate\"") || has(b"\"publishedAt\""))
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, Refusal> {
        let bytes = input.read_all()?;
        let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let answer: Value =
            serde_json::from_slice(json).map_err(|e| Refusal(format!("not valid JSON: {e}")))?;
        let items = match &answer {
            Value::Array(items) => Some(items),
            Value::Object(object) => ["items", "articles"]
                .iter()
                .find_map(|key| object.get(*key)?.as_array()),
            _ => None,
        };
        let Some(items) = items else {
            return Err(Refusal(
                "an answer of a search without a list of items".to_owned(),
            ));
        };
        for (n, item) in items.iter().enumerate() {
            let source = format!("{}#{}", input.source, n + 1);
            let row = row(item);
            let item = Item {
                place: source.clone(),
                source,
                size: row.size(),
                whole_source: false,
                content: Content::Row(row),
            };
            if sink.item(item).is_break() {
                return Ok(Flow::Break(()));
            }
        }
        Ok(Flow::Continue(()))
    }
}

fn row(item: &Value) -> Row {
    let text = |key: &str| {
        let value = item.get(key)?.as_str()?;
        (!NOTHING.contains(&value.trim())).then_some(value)
    };
    let mut row = Row::markup();
    let mut push = |field, value: Option<&str>| {
        if let Some(value) = value {
            row.push(field, value);
        }
    };
    push(Field::Headline, text("title"));
    push(Field::Body, text("content"));
    push(Field::Summary, text("description"));
    push(
        Field::Published,
        text("pubDate").or_else(|| text("publishedAt")),
    );
    // Naver: the outlet's page, then its copy at the portal.
    push(Field::Url, text("originallink").filter(|l| !l.is_empty()));
    push(Field::Url, text("link"));
    push(Field::Url, text("url"));
    push(Field::Reporter, text("author"));
    let outlet = item.get("source").and_then(|source| source.get("name"));
    push(Field::Outlet, outlet.and_then(Value::as_str));
    row
}
