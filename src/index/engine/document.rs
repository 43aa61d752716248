//! A clipping converted to index fields.

use std::any::Any;
use std::collections::BTreeSet;

use tantivy::TantivyDocument;
use tantivy::schema::Field;

use super::record;
use crate::clipping::Clipping;
use crate::index::engine::id_lookup::{IdHash, IdHashes};
use crate::index::engine::term::fold_name;
use crate::index::{Fields, PageKey, Result};

/// tantivy's limit for a term (`MAX_TERM_LEN`). Longer names are not indexed.
const MAX_NAME_BYTES: usize = u16::MAX as usize - 5;

/// Dropped once a clipping is in a segment buffer. Callers use it to bound the memory in flight;
/// its type is theirs.
pub type Permit = Box<dyn Any + Send + Sync>;

pub(in crate::index) struct IndexDocument {
    pub id: String,
    /// Sequence number in the order of adding; assigned by `SegmentWriter`.
    pub number: u64,
    /// Analyzed text by field.
    pub texts: [(Field, Vec<String>); 4],
    /// Exact terms by field.
    pub names: Vec<(Field, String)>,
    pub columns: TantivyDocument,
    pub keys: IdHashes,
    /// Serialized, not compressed.
    pub record: Vec<u8>,
    /// Dropped when the texts are in the segment buffer.
    pub _permit: Option<Permit>,
}

/// Hashes for recognizing a clipping and its near-duplicates.
#[derive(Debug, Clone)]
pub(in crate::index) struct DocHashes {
    /// See `content_hash`.
    pub content: u64,
    /// LSH keys: near-duplicates share at least one.
    pub bands: Vec<u64>,
    /// Min-hash bits, for estimating the similarity.
    pub sketch: [u64; 2],
}

/// Column values that cannot be derived from the clipping.
#[derive(Debug, Clone, Copy)]
pub(in crate::index) struct DocMeta {
    /// Unix seconds of the first time it was added.
    pub added: i64,
    pub group: u64,
    /// Key of the page stored with it.
    pub page: Option<PageKey>,
}

impl IndexDocument {
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
        let listed = clipping.bigkinds.iter().flat_map(|b| {
            let persons = b.persons.iter().map(|name| (fields.person, name));
            let places = b.places.iter().map(|name| (fields.place, name));
            let organizations = b.organizations.iter();
            let organizations = organizations.map(|name| (fields.organization, name));
            persons.chain(places).chain(organizations)
        });
        let named = reporters.chain(named).chain(listed);
        for (field, name) in named.filter(|(_, n)| !n.is_empty()) {
            columns.add_text(field, name);
            names.push((field, fold_name(name)));
        }
        let categories = clipping.bigkinds.iter().flat_map(|b| &b.categories);
        let mut category_terms = BTreeSet::new();
        for path in categories.chain(&clipping.section) {
            columns.add_text(fields.category, path);
            category_terms.extend(path_terms(path));
        }
        names.extend(
            category_terms
                .into_iter()
                .map(|term| (fields.category, term)),
        );
        names.push((fields.id, clipping.id.clone()));
        names.extend(clipping.url.map(|url| (fields.url, url)));
        names.retain(|(_, name)| !name.is_empty() && name.len() <= MAX_NAME_BYTES);

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

/// The folded terms of a category: of `정치>국회_정당` the path, its beginnings and its parts.
fn path_terms(path: &str) -> Vec<String> {
    let mut terms = Vec::new();
    let mut so_far = String::new();
    for part in path.split('>').map(fold_name).filter(|p| !p.is_empty()) {
        if !so_far.is_empty() {
            so_far.push('>');
        }
        so_far.push_str(&part);
        terms.push(so_far.clone());
        terms.push(part);
    }
    terms
}

/// Bytes of text in a clipping, for statistics.
fn text_bytes(clipping: &Clipping) -> u64 {
    let lists = [&clipping.subheads, &clipping.captions, &clipping.reporters];
    let listed: usize = lists.into_iter().flatten().map(String::len).sum();
    let named = [&clipping.outlet, &clipping.section];
    let named: usize = named.into_iter().flatten().map(String::len).sum();
    (clipping.headline.len() + clipping.body.len() + listed + named) as u64
}
