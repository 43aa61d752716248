//! A page as saved by a browser or copied as text: whatever is text and nothing more particular.

use super::{Flow, Format, Input, Refusal, Sink, magic};

/// See the module.
pub struct SavedPage;

impl Format for SavedPage {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        magic::is_text(head)
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, Refusal> {
        let content_type = input.origin.content_type.take();
        Ok(sink.item(input.into_page(content_type)?))
    }
}
