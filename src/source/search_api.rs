//! Saved responses of news search APIs: Naver (`/v1/search/news.json`) and newsapi.org
//! (`/v2/everything`), complete or reduced to the list of items.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::row::{Field, Row};
use super::{Flow, Format, Input, ItemContent, Sink, SkipReason, SourceItem, json_items};

/// See the module documentation.
pub struct SearchAnswer;

/// Placeholders that crawlers write for missing values.
const NOTHING: &[&str] = &["N/A", "n/a", "None", "null", "-"];

impl Format for SearchAnswer {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let head = head.trim_ascii_start();
        let has = |key: &[u8]| memchr::memmem::find(head, key).is_some();
        let is_list = head.starts_with(b"[")
            || (head.starts_with(b"{") && (has(b"\"items\"") || has(b"\"articles\"")));
        // Records of this program have no `title`.
        is_list && has(b"\"title\"") && (has(b"\"pubDate\"") || has(b"\"publishedAt\""))
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        let bytes = input.read_all()?;
        let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut number = 0u64;
        let flow = json_items::each(json, &["items", "articles"], &mut |raw| {
            number += 1;
            let source = format!("{}#{number}", input.source);
            let row = row(raw);
            sink.item(SourceItem {
                place: source.clone(),
                source,
                size: row.size(),
                whole_source: false,
                content: ItemContent::Row(row),
            })
        })?;
        flow.ok_or(SkipReason::NoItemList)
    }
}

/// The fields of an item. Values of another type than string are ignored.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    title: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    description: Option<&'a RawValue>,
    #[serde(borrow)]
    pub_date: Option<&'a RawValue>,
    #[serde(borrow)]
    published_at: Option<&'a RawValue>,
    #[serde(borrow)]
    originallink: Option<&'a RawValue>,
    #[serde(borrow)]
    link: Option<&'a RawValue>,
    #[serde(borrow)]
    url: Option<&'a RawValue>,
    #[serde(borrow)]
    author: Option<&'a RawValue>,
    #[serde(borrow)]
    source: Option<&'a RawValue>,
}

/// The publisher in an item of newsapi.org.
#[derive(Deserialize)]
struct Source {
    name: Option<String>,
}

fn row(item: &RawValue) -> Row {
    let answer: Answer<'_> = serde_json::from_str(item.get()).unwrap_or_default();
    let text = |value: Option<&RawValue>| {
        let text: String = serde_json::from_str(value?.get()).ok()?;
        (!NOTHING.contains(&text.trim())).then_some(text)
    };
    let mut row = Row::markup();
    let mut push = |field, value: Option<String>| {
        if let Some(value) = value {
            row.push(field, value);
        }
    };
    push(Field::Headline, text(answer.title));
    push(Field::Body, text(answer.content));
    push(Field::Summary, text(answer.description));
    push(
        Field::Published,
        text(answer.pub_date).or_else(|| text(answer.published_at)),
    );
    // Naver gives the outlet's page, then the portal's copy.
    push(
        Field::Url,
        text(answer.originallink).filter(|l| !l.is_empty()),
    );
    push(Field::Url, text(answer.link));
    push(Field::Url, text(answer.url));
    push(Field::Reporter, text(answer.author));
    let outlet = |source: &RawValue| serde_json::from_str::<Source>(source.get()).ok()?.name;
    push(Field::Outlet, answer.source.and_then(outlet));
    row
}
