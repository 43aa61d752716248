//! A JSON document: one record or an array of records (`.json`).

use serde_json::value::RawValue;

use super::{Flow, Format, Input, ItemContent, Sink, SkipReason, SourceItem, json_items, record};

/// See the module documentation.
pub struct JsonDocument;

impl Format for JsonDocument {
    fn claims(&self, head: &[u8], name: &str) -> bool {
        let head = head
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(head)
            .trim_ascii_start();
        match head.first() {
            Some(b'{') => {
                let rest = head.get(1..).unwrap_or_default().trim_ascii_start();
                rest.starts_with(b"\"") || rest.starts_with(b"}")
            }
            Some(b'[') => {
                let rest = head.get(1..).unwrap_or_default().trim_ascii_start();
                name.ends_with(".json") || rest.starts_with(b"{\"")
            }
            _ => name.ends_with(".json"),
        }
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        let bytes = input.read_all()?;
        let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        if !json.trim_ascii_start().starts_with(b"[") {
            // Validated here, so that the reason is invalid JSON rather than an invalid record.
            serde_json::from_slice::<&RawValue>(json).map_err(|e| json_items::invalid(&e))?;
            let json = json.to_vec();
            return Ok(sink.item(SourceItem {
                source: input.source.to_owned(),
                place: input.source.to_owned(),
                size: json.len(),
                whole_source: true,
                content: ItemContent::Record(Box::new(move || record::parse(&json))),
            }));
        }
        let mut number = 0u64;
        let flow = json_items::each(json, &[], &mut |raw| {
            number += 1;
            let raw = raw.get().as_bytes().to_vec();
            let source = format!("{}#{number}", input.source);
            sink.item(SourceItem {
                place: source.clone(),
                source,
                size: raw.len(),
                whole_source: false,
                content: ItemContent::Record(Box::new(move || record::parse(&raw))),
            })
        })?;
        Ok(flow.unwrap_or(Flow::Continue(())))
    }
}
