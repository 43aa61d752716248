//! A clipping laid out over the fields of the schema.

use std::any::Any;

use tantivy::TantivyDocument;
use tantivy::schema::Field;

use super::record;
use crate::clipping::Clipping;
use crate::index::engine::id_lookup::{IdHash, IdHashes};
use crate::index::engine::term::fold_name;
use crate::index::{Fields, PageKey, Result};

/// A longer name is no term: the engine's dictionaries take no more.
const LONGEST_NAME: usize = u16::MAX as usize - 5;

/// Held until a clipping is in a segment, for instance a share of the memory that all clippings in flight may take. The
/// caller chooses its type.
pub type Permit = Box<dyn Any + Send + Sync>;

/// A clipping laid out over the fields of the schema.
pub(in crate::index) struct IndexDocument {
    /// Its name.
    pub id: String,
    /// Its number in the order in which clippings are handed in.
    pub number: u64,
    /// Running text.
    pub texts: [(Field, Vec<String>); 4],
    /// What is looked up as a whole.
    pub names: Vec<(Field, String)>,
    /// The values of columns, and perhaps others.
    pub columns: TantivyDocument,
    /// What it is known again by.
    pub keys: IdHashes,
    /// The stored record, not packed.
    pub record: Vec<u8>,
    /// Dropped when the texts are in the buffer.
    pub _permit: Option<Permit>,
}

/// What a clipping is recognized by when it, or a copy of it, comes again.
#[derive(Debug, Clone)]
pub(in crate::index) struct DocHashes {
    /// Hash of all that it says.
    pub content: u64,
    /// Keys under which near-duplicates meet.
    pub bands: Vec<u64>,
    /// Compared to tell how similar two near-duplicates are.
    pub sketch: [u64; 2],
}

/// The values of columns that do not follow from the clipping alone.
#[derive(Debug, Clone, Copy)]
pub(in crate::index) struct DocMeta {
    /// Unix seconds of when it was first added.
    pub added: i64,
    /// Its near-duplicate group.
    pub group: u64,
    /// The page that is kept with it.
    pub page: Option<PageKey>,
}

impl IndexDocument {
    /// Lays a clipping out.
    pub(in crate::index) fn new(
        fields: &Fields,
        clipping: Clipping,
        hashes: &DocHashes,
        meta: DocMeta,
        permit: Option<Permit>,
    ) -> Result<IndexDocument> {
        let record = record::write(&clipping, meta.page)?;
        let text_bytes = text_bytes(&clipping);
        let bands = hashes.bands.iter().map(|&band| IdHash::Band(band));
        let keys = [IdHash::Id(&clipping.id)]
            .into_iter()
            .chain(clipping.url.as_deref().map(IdHash::Url))
            .chain(bands)
            .collect();

        let named = [
            (fields.outlet, &clipping.outlet),
            (fields.section, &clipping.section),
        ];
        let reporters = clipping.reporters.iter().map(|r| (fields.reporter, r));
        let named = named
            .into_iter()
            .filter_map(|(f, n)| Some((f, n.as_ref()?)));
        let mut columns = TantivyDocument::with_capacity(256);
        let mut names = Vec::new();
        for (field, name) in reporters.chain(named).filter(|(_, n)| !n.is_empty()) {
            columns.add_text(field, name);
            names.push((field, fold_name(name)));
        }
        names.push((fields.id, clipping.id.clone()));
        names.extend(clipping.url.map(|url| (fields.url, url)));
        names.retain(|(_, name)| !name.is_empty() && name.len() <= LONGEST_NAME);

        if let Some(published) = clipping.published {
            columns.add_i64(fields.published, published.unix_seconds());
        }
        columns.add_i64(fields.added, meta.added);
        columns.add_u64(fields.content, hashes.content);
        columns.add_u64(fields.text_bytes, text_bytes);
        columns.add_u64(fields.group, meta.group);
        for half in hashes.sketch {
            columns.add_u64(fields.sketch, half);
        }

        let mut extra = clipping.subheads;
        extra.extend(clipping.captions);
        let mut byline = clipping.reporters;
        byline.extend(clipping.outlet);
        Ok(IndexDocument {
            number: 0,
            texts: [
                (fields.headline, vec![clipping.headline]),
                (fields.body, vec![clipping.body]),
                (fields.extra, extra),
                (fields.byline, byline),
            ]
            .map(|(field, mut texts)| {
                texts.retain(|text| !text.is_empty());
                (field, texts)
            }),
            id: clipping.id,
            names,
            columns,
            keys,
            record,
            _permit: permit,
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
