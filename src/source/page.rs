//! A page as saved by a browser or copied as text: whatever is text and nothing more particular.

use super::{Content, Flow, Format, Input, Item, Page, Refusal, Sink, magic};

/// See the module.
pub struct SavedPage;

impl Format for SavedPage {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        magic::is_text(head)
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, Refusal> {
        let bytes = input.read_all()?;
        Ok(sink.item(Item {
            source: input.source.to_owned(),
            place: input.source.to_owned(),
            size: bytes.len(),
            whole_source: true,
            content: Content::Page(Page {
                bytes,
                content_type: input.origin.content_type,
                url: input.origin.url,
            }),
        }))
    }
}
