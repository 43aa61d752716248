//! One article as a row of named fields: what tables, feeds and search APIs give.
//!
//! The values are raw; `extract` parses names, dates and paragraphs.

use rustc_hash::FxHashMap;

/// A field of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Its number in BIGKinds, the archive of the Korea Press Foundation. Rows that have one hold
    /// the first 200 characters of the body.
    NewsId,
    /// The id that the source gives it.
    Id,
    /// Headline.
    Headline,
    /// Line under the headline.
    Subhead,
    /// The text.
    Body,
    /// The beginning of the text, or a summary of it.
    Summary,
    /// Its writers: a byline in any form.
    Reporter,
    /// Its publisher.
    Outlet,
    /// Section.
    Section,
    /// Its date, in any form.
    Published,
    /// Address.
    Url,
    /// Caption of a picture.
    Caption,
    /// Keywords, separated by commas. Of BIGKinds the terms of most weight, then all nouns.
    Keywords,
    /// Subject categories of BIGKinds.
    Category,
    /// Categories of incidents and accidents of BIGKinds.
    Incident,
    /// Persons named in the text.
    Person,
    /// Places named in the text.
    Place,
    /// Organizations named in the text.
    Organization,
    /// Why BIGKinds leaves the article out of its own counts.
    Excluded,
}

impl Field {
    /// All fields, with their names in data files and in `--map`.
    pub const NAMES: &[(&str, Field)] = &[
        ("news_id", Field::NewsId),
        ("id", Field::Id),
        ("headline", Field::Headline),
        ("subhead", Field::Subhead),
        ("body", Field::Body),
        ("summary", Field::Summary),
        ("reporter", Field::Reporter),
        ("outlet", Field::Outlet),
        ("section", Field::Section),
        ("published", Field::Published),
        ("url", Field::Url),
        ("caption", Field::Caption),
        ("keywords", Field::Keywords),
        ("category", Field::Category),
        ("incident", Field::Incident),
        ("person", Field::Person),
        ("place", Field::Place),
        ("organization", Field::Organization),
        ("excluded", Field::Excluded),
    ];

    /// The field of a name.
    pub fn from_name(name: &str) -> Option<Field> {
        Field::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, field)| *field)
    }
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    fields: Vec<(Field, String)>,
    /// The values are HTML: they may hold tags and character references.
    pub is_markup: bool,
}

impl Row {
    /// An empty row whose values will be HTML.
    pub fn markup() -> Row {
        Row {
            is_markup: true,
            ..Row::default()
        }
    }

    /// Adds a value, unless it is blank.
    pub fn push(&mut self, field: Field, value: impl Into<String>) {
        let value = value.into();
        if !value.trim().is_empty() {
            self.fields.push((field, value));
        }
    }

    /// The same with this value for a field instead of what it had.
    #[must_use]
    pub fn with(mut self, field: Field, value: String) -> Row {
        self.fields.retain(|(f, _)| *f != field);
        self.push(field, value);
        self
    }

    /// The first value of a field.
    pub fn first(&self, field: Field) -> Option<&str> {
        self.all(field).next()
    }

    /// All values of a field, in the order of insertion.
    pub fn all(&self, field: Field) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |(f, _)| *f == field)
            .map(|(_, value)| value.as_str())
    }

    /// Whether it has no value at all.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Bytes of its values.
    pub fn size(&self) -> usize {
        self.fields.iter().map(|(_, value)| value.len()).sum()
    }
}

/// Rows of other articles under the address of an earlier row: tables give the address of a site or a
/// section for all of its articles. Such a row gets an id, since its address would make it a new
/// version of the earlier one.
#[derive(Debug, Default)]
pub(super) struct SharedAddresses {
    /// Hash of an address → hash of the headline of its first row; 16 bytes per row.
    headlines: FxHashMap<u64, u64>,
}

impl SharedAddresses {
    /// The row, with an id when it shares its address with a row of another headline.
    pub(super) fn told_apart(&mut self, row: Row) -> Row {
        let has_id = [Field::Id, Field::NewsId]
            .iter()
            .any(|field| row.first(*field).is_some());
        let (Some(url), Some(headline)) = (row.first(Field::Url), row.first(Field::Headline))
        else {
            return row;
        };
        if has_id {
            return row;
        }
        let [of_url, of_headline] =
            [url, headline].map(|text| first_u64(blake3::hash(text.as_bytes())));
        if *self.headlines.entry(of_url).or_insert(of_headline) == of_headline {
            return row;
        }
        let id = format!("{:016x}", of_url.rotate_left(1) ^ of_headline);
        row.with(Field::Id, id)
    }
}

fn first_u64(hash: blake3::Hash) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}
