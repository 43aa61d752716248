//! An article as named fields, as read from tables, feeds and search APIs.
//!
//! Values are raw; `extract` parses names, dates and paragraphs.

use rustc_hash::FxHashMap;

/// A field of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Id in BIGKinds, the news archive of the Korea Press Foundation. Rows with it have only the
    /// first 200 characters of the body.
    NewsId,
    /// Id given by the source.
    Id,
    /// Headline.
    Headline,
    /// Deck or subhead.
    Subhead,
    /// Body.
    Body,
    /// Beginning or summary of the text.
    Summary,
    /// Byline in any format.
    Reporter,
    /// Outlet.
    Outlet,
    /// Section.
    Section,
    /// Date in any format.
    Published,
    /// URL.
    Url,
    /// Caption.
    Caption,
    /// Keywords, separated by commas. BIGKinds has two such columns: first the terms with the
    /// highest weight, then all nouns.
    Keywords,
    /// Subject categories of BIGKinds: paths such as `정치>국회_정당`.
    Category,
    /// Incident categories of BIGKinds.
    Incident,
    /// People named in the text.
    Person,
    /// Places named in the text.
    Place,
    /// Organizations named in the text.
    Organization,
    /// Why BIGKinds excludes the article from its statistics.
    Excluded,
}

impl Field {
    /// All fields by name, as in data files and in `--map`.
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

    /// Looks up a field by name.
    pub fn from_name(name: &str) -> Option<Field> {
        Field::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, field)| *field)
    }
}

/// See the module documentation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    fields: Vec<(Field, String)>,
    /// Whether values are HTML, with tags and character references.
    pub is_markup: bool,
}

impl Row {
    /// An empty row for HTML values.
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

    /// Replaces the values of a field.
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

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Total size of the values in bytes.
    pub fn size(&self) -> usize {
        self.fields.iter().map(|(_, value)| value.len()).sum()
    }
}

/// Detects rows of different articles with the same URL: some tables give the URL of a site or
/// section for all articles. Such a row gets a derived id, since the URL would make it a new
/// version of an earlier row.
#[derive(Debug, Default)]
pub(super) struct SharedUrls {
    /// Hash of a URL → hash of the headline of its first row; 16 bytes per row.
    headlines: FxHashMap<u64, u64>,
}

impl SharedUrls {
    /// Sets an id if an earlier row had the same URL but another headline.
    pub(super) fn with_distinct_id(&mut self, row: Row) -> Row {
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
