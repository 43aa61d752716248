//! The fields of the index.
//!
//! | field | kind | for |
//! |---|---|---|
//! | `id` | exact | identity, `show` |
//! | `headline`, `body`, `extra` | analyzed, positions | search; `extra` is captions and subheads |
//! | `byline` | analyzed, positions | reporters and outlet found as words |
//! | `reporter`, `outlet`, `section` | folded name, column as written | filters, facets |
//! | `url` | exact | identity |
//! | `published`, `added` | column, unix seconds | filters, sorting; `published` absent when undated |
//! | `content`, `text_bytes`, `group` | column | hash and size of the content; near-duplicate group |
//! | `sketch` | column | near-duplicates (see `groups`) |
//! | `record` | stored | the whole clipping as JSON |
//!
//! The keys by which the writer recognizes a clipping are no field: see `id_lookup`.

use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};

use crate::index::{IndexError, Result};

/// Tokenizers that the schema names. None is used: the engine is handed finished segments,
/// see `segment_builder`.
const KOREAN: &str = "korean";
const NAME: &str = "name";

/// The fields by name, in the order of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// Identity of the clipping: one exact term.
    pub id: Field,
    /// Headline, analyzed.
    pub headline: Field,
    /// Body, analyzed.
    pub body: Field,
    /// Subheads and captions, analyzed; each is a value of its own.
    pub extra: Field,
    /// Reporters and outlet, analyzed; each is a value of its own.
    pub byline: Field,
    /// Names of reporters: exact terms after [`fold_name`](crate::index::fold_name), column as written.
    pub reporter: Field,
    /// Name of the outlet: see `reporter`.
    pub outlet: Field,
    /// Name of the section: see `reporter`.
    pub section: Field,
    /// Canonical address: one exact term.
    pub url: Field,
    /// Column of unix seconds; a day without a time counts from its midnight in Korea.
    pub published: Field,
    /// Column of unix seconds: when the clipping was added.
    pub added: Field,
    /// Column: hash of the content, to tell a changed clipping from an unchanged one.
    pub content: Field,
    /// Column: bytes of UTF-8 text that it says.
    pub text_bytes: Field,
    /// Column: number of the near-duplicate group.
    pub group: Field,
    /// Column: sketch of the body for comparing it with others.
    pub sketch: Field,
    /// The stored record.
    pub record: Field,
}

/// Terms with positions from the Korean analyzer.
fn analyzed() -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(KOREAN)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions)
            .set_fieldnorms(true),
    )
}

/// One term per value, cut by nothing.
fn exact(tokenizer: &str) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false),
    )
}

/// A folded name for filters, the name as written in a column for facets.
fn name() -> TextOptions {
    exact(NAME).set_fast("raw")
}

/// The schema of this version.
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
    /// Those of running text.
    pub fn analyzed(&self) -> [Field; 4] {
        [self.headline, self.body, self.extra, self.byline]
    }

    /// Finds the fields in a schema.
    ///
    /// # Errors
    /// When one is missing: the index was made by another program.
    pub fn of(schema: &Schema) -> Result<Fields> {
        let field = |name: &'static str| {
            schema
                .get_field(name)
                .map_err(|_| IndexError::Damaged(format!("it has no field '{name}'")))
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
