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
    /// Number of terms in headline, body and captions. Must be given if not all runs are indexed.
    pub lengths: Option<[u32; 3]>,
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

        let names = exact_terms(fields, &clipping);

        let mut columns = TantivyDocument::with_capacity(256);
        for (field, name) in name_values(fields, &clipping) {
            columns.add_text(field, name);
        }
        for path in category_paths(&clipping) {
            columns.add_text(fields.category, path);
        }
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
            lengths: None,
            _permit: permit,
        })
    }
}

/// The names of a clipping by field, as written.
fn name_values<'c>(fields: &Fields, clipping: &'c Clipping) -> Vec<(Field, &'c str)> {
    let mut lists: Vec<(Field, &[String])> = vec![
        (fields.reporter, &clipping.reporters),
        (fields.outlet, clipping.outlet.as_slice()),
        (fields.section, clipping.section.as_slice()),
    ];
    if let Some(bigkinds) = &clipping.bigkinds {
        lists.extend([
            (fields.person, &bigkinds.persons[..]),
            (fields.place, &bigkinds.places),
            (fields.organization, &bigkinds.organizations),
        ]);
    }
    let names = lists.into_iter().flat_map(|(field, names)| {
        let names = names.iter().map(String::as_str);
        names.map(move |name| (field, name))
    });
    names.filter(|(_, name)| !name.is_empty()).collect()
}

/// Subject categories and section.
pub(in crate::index) fn category_paths(clipping: &Clipping) -> impl Iterator<Item = &String> {
    let categories = clipping.bigkinds.iter().flat_map(|b| &b.categories);
    categories.chain(&clipping.section)
}

/// The exact terms of a clipping by field: folded names and categories, id and URL.
fn exact_terms(fields: &Fields, clipping: &Clipping) -> Vec<(Field, String)> {
    let names = name_values(fields, clipping).into_iter();
    let names = names.map(|(field, name)| (field, fold_name(name)));
    let categories: BTreeSet<String> = category_paths(clipping)
        .flat_map(|path| path_terms(path))
        .collect();
    let categories = categories.into_iter().map(|term| (fields.category, term));
    let mut terms: Vec<(Field, String)> = names.chain(categories).collect();
    terms.push((fields.id, clipping.id.clone()));
    terms.extend(clipping.url.clone().map(|url| (fields.url, url)));
    terms.retain(|(_, term)| !term.is_empty() && term.len() <= MAX_NAME_BYTES);
    terms
}

/// The folded terms of a category path: for `정치>국회_정당`, the path, its prefixes and its parts.
pub(in crate::index) fn path_terms(path: &str) -> Vec<String> {
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
pub(in crate::index) fn text_bytes(clipping: &Clipping) -> u64 {
    let lists = [&clipping.subheads, &clipping.captions, &clipping.reporters];
    let listed: usize = lists.into_iter().flatten().map(String::len).sum();
    let named = [&clipping.outlet, &clipping.section];
    let named: usize = named.into_iter().flatten().map(String::len).sum();
    (clipping.headline.len() + clipping.body.len() + listed + named) as u64
}
