//! A clipping on its way into the engine.

use std::any::Any;
use std::iter::Chain;
use std::sync::OnceLock;

use tantivy::TantivyDocument;
use tantivy::schema::Field;
use tantivy::schema::document::Document;

use super::groups::Fingerprint;
use super::identity::{self, Identity};
use super::keys::{Key, KeysOf};
use super::packing::Packing;
use super::{Fields, PackedPage, PageKey, Result, record};
use crate::clipping::Clipping;

/// What is given back when the engine is done with a clipping: a share of the memory that all
/// clippings in flight may take. Whoever hands a clipping in chooses what it is.
pub type Permit = Box<dyn Any + Send + Sync>;

/// A clipping with all that can be worked out about it alone, in any thread.
pub struct Prepared {
    /// The clipping, its name settled as far as it can be without the index.
    pub clipping: Clipping,
    /// The clipping is all that its source holds, so that a changed source means a changed
    /// clipping.
    pub whole_source: bool,
    /// The name of the clipping that the source was before it changed, if it was one.
    pub(super) replaces: Option<String>,
    pub(super) identity: Identity,
    pub(super) content: u64,
    pub(super) fingerprint: Fingerprint,
    pub(super) page: Option<Page>,
    pub(super) permit: Option<Permit>,
}

/// The page that a clipping was made of.
pub(super) enum Page {
    /// To be kept.
    New(PackedPage),
    /// Kept already.
    Kept(PageKey),
}

impl Prepared {
    /// Works out the name, the hash of the content and the fingerprint of `clipping`.
    pub fn new(mut clipping: Clipping, whole_source: bool) -> Prepared {
        let identity = identity::settle(&mut clipping);
        Prepared {
            whole_source,
            replaces: None,
            identity,
            content: identity::content_hash(&clipping),
            fingerprint: Fingerprint::of(&clipping),
            clipping,
            page: None,
            permit: None,
        }
    }

    /// The same, known to come from a source that was the clipping of this name before. Where this one
    /// has another name, only because of its content, it takes that one's place.
    #[must_use]
    pub fn replacing(mut self, earlier: Option<String>) -> Prepared {
        self.replaces = earlier;
        self
    }

    /// Its name, when it is all that its source holds and known by nothing but its content.
    pub fn name_by_content(&self) -> Option<&str> {
        (self.whole_source && self.identity == Identity::Content).then_some(&*self.clipping.id)
    }

    /// Keeps the page that the clipping was made of with it.
    pub fn with_page(mut self, page: Option<PackedPage>) -> Prepared {
        self.page = page.map(Page::New);
        self
    }

    /// The page stays that is kept already.
    pub(super) fn with_kept(mut self, page: Option<PageKey>) -> Prepared {
        self.page = page.map(Page::Kept);
        self
    }

    /// Keeps `permit` until the engine is done with the clipping.
    pub fn with_permit(mut self, permit: Permit) -> Prepared {
        self.permit = Some(permit);
        self
    }
}

/// What the engine is given.
pub(super) struct Entry {
    /// All fields but the record.
    document: TantivyDocument,
    field: Field,
    keys: KeysOf,
    record: Vec<u8>,
    packing: Packing,
    /// The record, packed when it is first asked for: by the engine, in one of its threads.
    packed: OnceLock<TantivyDocument>,
    permit: Option<Permit>,
}

impl Document for Entry {
    type Value<'a> = <TantivyDocument as Document>::Value<'a>;
    type FieldsValuesIter<'a> = Chain<
        <TantivyDocument as Document>::FieldsValuesIter<'a>,
        <TantivyDocument as Document>::FieldsValuesIter<'a>,
    >;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        let packed = self.packed.get_or_init(|| {
            let mut document = TantivyDocument::with_capacity(self.record.len() / 2 + 64);
            document.add_bytes(self.field, &self.packing.pack(&self.record));
            document
        });
        let rest = self.document.iter_fields_and_values();
        rest.chain(packed.iter_fields_and_values())
    }
}

/// The values of columns that do not follow from the clipping alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    /// Unix seconds of when it was first taken in.
    pub added: i64,
    /// Its near-duplicate group.
    pub group: u64,
    /// The page that is kept with it.
    pub page: Option<PageKey>,
}

impl Entry {
    /// Its record, not packed.
    pub(super) fn record(&self) -> &[u8] {
        &self.record
    }

    /// What it is known again by.
    pub(super) fn keys(&self) -> &KeysOf {
        &self.keys
    }

    /// Gives its permit back before the engine is done with it.
    pub(super) fn release_permit(&mut self) {
        self.permit = None;
    }

    /// Lays a clipping out over the fields of the schema.
    pub(super) fn new(
        fields: &Fields,
        packing: &Packing,
        prepared: Prepared,
        standing: Standing,
    ) -> Result<Entry> {
        let Prepared {
            clipping,
            content,
            fingerprint,
            permit,
            ..
        } = prepared;
        let record = record::write(&clipping, standing.page)?;
        let size = record.len() + 512;
        let mut document = TantivyDocument::with_capacity(size);
        let mut texts = |field: Field, values: &mut dyn Iterator<Item = &str>| {
            for value in values.filter(|v| !v.is_empty()) {
                document.add_text(field, value);
            }
        };
        let reporters = || clipping.reporters.iter().map(String::as_str);
        let outlet = || clipping.outlet.as_deref().into_iter();
        let extra = clipping.subheads.iter().chain(&clipping.captions);
        texts(fields.id, &mut [&*clipping.id].into_iter());
        texts(fields.headline, &mut [&*clipping.headline].into_iter());
        texts(fields.body, &mut [&*clipping.body].into_iter());
        texts(fields.extra, &mut extra.map(String::as_str));
        texts(fields.byline, &mut reporters().chain(outlet()));
        texts(fields.reporter, &mut reporters());
        texts(fields.outlet, &mut outlet());
        texts(fields.section, &mut clipping.section.as_deref().into_iter());
        texts(fields.url, &mut clipping.url.as_deref().into_iter());
        if let Some(published) = clipping.published {
            document.add_i64(fields.published, published.unix_seconds());
        }
        document.add_i64(fields.added, standing.added);
        document.add_u64(fields.content, content);
        document.add_u64(fields.text_bytes, text_bytes(&clipping));
        document.add_u64(fields.group, standing.group);
        for half in fingerprint.sketch {
            document.add_u64(fields.sketch, half);
        }
        let bands = fingerprint.bands.iter().map(|&band| Key::Band(band));
        let keys = [Key::Id(&clipping.id)]
            .into_iter()
            .chain(clipping.url.as_deref().map(Key::Url))
            .chain(bands)
            .collect();
        Ok(Entry {
            document,
            keys,
            field: fields.record,
            record,
            packing: packing.clone(),
            packed: OnceLock::new(),
            permit,
        })
    }
}

/// Bytes of text that a clipping says.
fn text_bytes(clipping: &Clipping) -> u64 {
    let lists = [&clipping.subheads, &clipping.captions, &clipping.reporters];
    let listed: usize = lists.into_iter().flatten().map(String::len).sum();
    let named = [&clipping.outlet, &clipping.section];
    let named: usize = named.into_iter().flatten().map(String::len).sum();
    (clipping.headline.len() + clipping.body.len() + listed + named) as u64
}
