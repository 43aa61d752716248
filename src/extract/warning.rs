//! What is doubtful about a record. The codes of the JSON form are stable; the text for people is in
//! the `Display` implementation at the end.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is doubtful about a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "detail", rename_all = "snake_case")]
pub enum Warning {
    /// No headline was found.
    NoHeadline,
    /// No text was found.
    NoBody,
    /// The text has less than 60 characters.
    ShortBody,
    /// Most running text of the page is not in the body.
    TextElsewhere,
    /// No publisher was found.
    NoOutlet,
    /// The page is larger than is read.
    Truncated,
    /// Bytes without meaning in the page's encoding.
    Undecodable {
        /// How many.
        bytes: usize,
        /// The encoding's name.
        encoding: String,
    },
    /// A date that cannot be read, as written.
    UnreadableDate(String),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::NoHeadline => f.write_str("no headline was found"),
            Warning::NoBody => f.write_str("no body text was found: the page may be pictures only"),
            Warning::ShortBody => f.write_str("the body is very short"),
            Warning::TextElsewhere => {
                f.write_str("most of the page's text is not in what was taken as the body")
            }
            Warning::NoOutlet => f.write_str("no outlet was found"),
            Warning::Truncated => f.write_str("the page is larger than is read"),
            Warning::Undecodable { bytes, encoding } => {
                write!(f, "{bytes} bytes have no meaning in {encoding}")
            }
            Warning::UnreadableDate(text) => write!(f, "'{text}' is no date that can be read"),
        }
    }
}
