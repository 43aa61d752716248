//! One article as a row of named fields: what tables, feeds and search APIs give.
//!
//! The values are raw; `extract` parses names, dates and paragraphs.

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
    /// Keywords, separated by commas.
    Keywords,
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
