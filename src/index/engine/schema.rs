//! The fields of the index.
//!
//! | field | kind | for |
//! |---|---|---|
//! | `id` | exact | identity, `show` |
//! | `headline`, `body`, `extra` | analyzed, positions | search; `extra` is captions and subheads |
//! | `byline` | analyzed, positions | reporters and outlet found as words |
//! | `reporter`, `outlet`, `section` | folded name, column as written | filters, facets |
//! | `person`, `place`, `organization`, `category` | folded name, column as written | filters on BIGKinds fields; `category` also has sections and the parts of paths |
//! | `url` | exact | identity |
//! | `published`, `added` | column, unix seconds | filters, sorting; `published` absent when undated |
//! | `content`, `text_bytes`, `group` | column | hash and size of the content; near-duplicate group |
//! | `sketch` | column | near-duplicates (see `groups`) |
//! | `record` | stored | the whole clipping as JSON |
//!
//! The hashes by which the writer recognizes a clipping are not a field: see `id_lookup`.

use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};

use crate::index::{Damage, IndexError, Result};

/// Tokenizers named in the schema. They are never run: segments are built outside tantivy, see
/// `segment_builder`.
const KOREAN: &str = "korean";
const NAME: &str = "name";

/// Field handles, in the order of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// Id of the clipping: one exact term.
    pub id: Field,
    /// Analyzed.
    pub headline: Field,
    /// Analyzed.
    pub body: Field,
    /// Subheads and captions, analyzed, one value each.
    pub extra: Field,
    /// Reporters and outlet, analyzed, one value each.
    pub byline: Field,
    /// Reporters: exact terms after [`fold_name`](crate::index::fold_name); column as written.
    pub reporter: Field,
    /// Outlet: see `reporter`.
    pub outlet: Field,
    /// Section: see `reporter`.
    pub section: Field,
    /// People named in the text: see `reporter`.
    pub person: Field,
    /// Places named in the text: see `reporter`.
    pub place: Field,
    /// Organizations named in the text: see `reporter`.
    pub organization: Field,
    /// Subject categories and section: see `reporter`. Every part of a path is a term too.
    pub category: Field,
    /// Canonical URL: one exact term.
    pub url: Field,
    /// Column: Unix seconds. A day without a time counts as its midnight in Korea.
    pub published: Field,
    /// Column: Unix seconds of the first time the clipping was added.
    pub added: Field,
    /// Column: content hash, to detect changed clippings.
    pub content: Field,
    /// Column: bytes of UTF-8 text.
    pub text_bytes: Field,
    /// Column: near-duplicate group.
    pub group: Field,
    /// Column: min-hash bits of the body, see `groups`.
    pub sketch: Field,
    /// The stored record, see `record`.
    pub record: Field,
}

/// Terms with frequencies, positions and field lengths.
fn analyzed() -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(KOREAN)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions)
            .set_fieldnorms(true),
    )
}

/// One term per value, without frequencies and lengths.
fn exact(tokenizer: &str) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false),
    )
}

/// Folded name as term for filters, name as written in a column for facets.
fn name() -> TextOptions {
    exact(NAME).set_fast("raw")
}

pub fn schema() -> Schema {
    let column = || NumericOptions::default().set_fast();
    let mut s = SchemaBuilder::new();
    s.add_text_field("id", exact("raw"));
    s.add_text_field("headline", analyzed());
    s.add_text_field("body", analyzed());
    s.add_text_field("extra", analyzed());
    s.add_text_field("byline", analyzed());
    s.add_text_field("reporter", name());
    s.add_text_field("outlet", name());
    s.add_text_field("section", name());
    s.add_text_field("person", name());
    s.add_text_field("place", name());
    s.add_text_field("organization", name());
    s.add_text_field("category", name());
    s.add_text_field("url", exact("raw"));
    s.add_i64_field("published", column());
    s.add_i64_field("added", column());
    s.add_u64_field("content", column());
    s.add_u64_field("text_bytes", column());
    s.add_u64_field("group", column());
    s.add_u64_field("sketch", column());
    s.add_bytes_field("record", BytesOptions::default().set_stored());
    s.build()
}

impl Fields {
    /// The fields of running text.
    pub fn analyzed(&self) -> [Field; 4] {
        [self.headline, self.body, self.extra, self.byline]
    }

    /// Looks the fields up in `schema`.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when one is missing: another program wrote the index.
    pub fn of(schema: &Schema) -> Result<Fields> {
        let field = |name: &'static str| {
            schema.get_field(name).map_err(|_| {
                IndexError::Damaged(Damage::Other(format!("it has no field '{name}'")))
            })
        };
        Ok(Fields {
            id: field("id")?,
            headline: field("headline")?,
            body: field("body")?,
            extra: field("extra")?,
            byline: field("byline")?,
            reporter: field("reporter")?,
            outlet: field("outlet")?,
            section: field("section")?,
            person: field("person")?,
            place: field("place")?,
            organization: field("organization")?,
            category: field("category")?,
            url: field("url")?,
            published: field("published")?,
            added: field("added")?,
            content: field("content")?,
            text_bytes: field("text_bytes")?,
            group: field("group")?,
            sketch: field("sketch")?,
            record: field("record")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found() {
        Fields::of(&schema()).unwrap();
        assert!(Fields::of(&SchemaBuilder::new().build()).is_err());
    }
}
