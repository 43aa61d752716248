//! Where the fields of a clipping were found.

use super::evidence::Weighing;

/// Where a field was found, or why a line is part of it.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The field.
    pub field: ExtractedField,
    /// Where it was found.
    pub origin: Origin,
}

/// What was found on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtractedField {
    /// Whether the page is an article.
    Article,
    /// The headline.
    Headline,
    /// One of the subheads: a line between headline and text.
    Deck,
    /// Text of a picture.
    Caption,
    /// The outlet.
    Outlet,
    /// Names of reporters.
    Reporters,
    /// The date of publication.
    Published,
    /// The text.
    Body,
    /// The character encoding.
    Encoding,
}

/// Where something was found.
#[derive(Debug, Clone)]
pub enum Origin {
    /// In the markup, under this name: `og:title`.
    Markup(&'static str),
    /// By the rule for the outlet.
    OutletRule,
    /// A title of the page's head that says the same as a heading.
    TitleLikeHeading,
    /// A heading that the page's title contains.
    HeadingInTitle,
    /// A heading near the text.
    Heading,
    /// Behind a label such as `제목`, `작성자`.
    LabelledField,
    /// The first line that reads as a headline.
    FirstLine,
    /// A date among the visible lines.
    VisibleDate,
    /// A visible date that is labelled as that of the last change.
    VisibleChange,
    /// An attribute of an element, such as `data-date-time`.
    Attribute,
    /// Data in the page's scripts.
    Scripts,
    /// The page's URL.
    Address,
    /// The page's description.
    Description,
    /// A byline in the text.
    BylineInText,
    /// A byline beside the text.
    BylineBesideText,
    /// An element that is named as a byline's.
    BylineElement,
    /// A name with a post in the last line.
    NameInLastLine,
    /// The title or the URL that a PDF states.
    DocumentInfo,
    /// The sum of signs; for one line among others, with its beginning.
    Signs(Weighing, Option<String>),
    /// The encoding of the bytes.
    Encoding {
        /// See [`Decoded::encoding`](super::encoding::Decoded::encoding).
        name: &'static str,
        /// The page states another.
        is_mislabelled: bool,
    },
}
