//! Where clippings come from: bytes in, pages and records out.
//!
//! First on the way of the data. A path, a folder or standard input is opened, its format is told
//! from its first bytes (then its name), and what it holds is handed on one item at a time, so that
//! a file of any size takes little memory. A page goes to `extract`; a record of an export is
//! parsed where there is a thread for it.
//!
//! One file per format: it implements [`Format`] and is listed in `FORMATS`. A format that wraps
//! others (compression) hands its content back to [`read`].

mod archive;
mod charset;
mod columns;
mod compressed;
mod feed;
mod fill;
mod json;
mod json_items;
mod json_lines;
mod list;
mod magic;
mod mail;
mod page;
mod path_rule;
mod pdf;
mod record;
mod row;
mod search_api;
mod separated;
mod spool;
mod walk;
mod warc;
mod web;
mod xlsx;

use std::io::{self, BufRead, Cursor, Read};
use std::ops::ControlFlow;

use crate::clipping::Clipping;

pub use columns::{ColumnMap, ColumnMapError};
pub use fill::Fill;
pub use list::read_list;
pub use path_rule::{PathRule, PathRuleError};
pub use pdf::is_pdf;
pub use row::{Field, Row};
pub use walk::{Found, Location, Opened, name, walk};
pub use web::{Fetcher, WebOptions, is_web_address};

/// Every format, asked in this order.
const FORMATS: &[&dyn Format] = &[
    &compressed::Gzip,
    &compressed::Zstd,
    &xlsx::Workbook,
    &archive::Zip,
    &archive::Tar,
    &warc::WebArchive,
    &mail::Mail,
    &search_api::SearchAnswer,
    &json_lines::JsonLines,
    &json::JsonDocument,
    &feed::Feed,
    &separated::SeparatedValues,
    &pdf::Pdf,
    &page::SavedPage,
];

/// How much of the beginning a format is told by.
const HEAD: usize = 4096;

/// Formats inside formats are followed this far.
const DEEPEST: usize = 4;

/// Whether the receiver wants more.
pub type Flow = ControlFlow<()>;

/// What a source is bounded by, so that no input takes more memory than this.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one page or one record.
    pub item: u64,
    /// How many times larger than the compressed bytes their content may be, beyond the first
    /// 16 MB.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            item: 100 << 20,
            ratio: 200,
        }
    }
}

/// What comes with the bytes of a source from the web.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address that they came from in the end.
    pub url: Option<String>,
    /// The `Content-Type` that they came with.
    pub content_type: Option<String>,
}

/// A page as it was saved.
#[derive(Debug, Default)]
pub struct Page {
    /// Its bytes, in whatever encoding.
    pub bytes: Vec<u8>,
    /// The media type that came with it (`text/html; charset=euc-kr`).
    pub content_type: Option<String>,
    /// The address that came with it.
    pub url: Option<String>,
}

/// Makes a clipping of a record, or says in one line why not.
pub type Parse = Box<dyn FnOnce() -> Result<Clipping, String> + Send>;

/// What an item is.
pub enum Content {
    /// A page to be extracted.
    Page(Page),
    /// A record to be parsed.
    Record(Parse),
    /// A row of named fields.
    Row(Row),
}

/// One thing that a source holds.
pub struct Item {
    /// Where it stands: the source as given, with `#n` for the n-th record of many.
    pub source: String,
    /// Where it stands for people: with `:line` where lines can be counted.
    pub place: String,
    /// Bytes it takes in memory.
    pub size: usize,
    /// The source holds nothing else.
    pub whole_source: bool,
    /// The thing itself.
    pub content: Content,
}

/// Receives what a source holds.
pub trait Sink {
    /// One thing.
    fn item(&mut self, item: Item) -> Flow;
    /// One thing that cannot be used: where it stands and why.
    fn skip(&mut self, place: String, reason: String) -> Flow;
}

/// An opened source.
pub struct Input<'a> {
    /// The source as given.
    pub source: &'a str,
    /// Its name without the endings of wrappers already taken off (`a.jsonl` of `a.jsonl.gz`), in
    /// lower case.
    pub name: String,
    /// Its bytes.
    pub reader: Box<dyn BufRead + 'a>,
    /// What bounds it.
    pub limits: Limits,
    /// What the user says of the columns of tables.
    pub columns: &'a ColumnMap,
    /// How many wrappers were taken off.
    pub depth: usize,
    /// What came with it.
    pub origin: Origin,
}

impl Input<'_> {
    /// Reads all that is left.
    ///
    /// # Errors
    /// [`Refusal`] when that is more than the limit, or cannot be read.
    pub fn read_all(&mut self) -> Result<Vec<u8>, Refusal> {
        let limit = self.limits.item;
        let mut bytes = Vec::new();
        (&mut self.reader)
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(too_large(limit));
        }
        Ok(bytes)
    }

    /// All of it as one page of this type.
    ///
    /// # Errors
    /// See [`Input::read_all`].
    pub fn into_page(mut self, content_type: Option<String>) -> Result<Item, Refusal> {
        let bytes = self.read_all()?;
        Ok(Item {
            source: self.source.to_owned(),
            place: self.source.to_owned(),
            size: bytes.len(),
            whole_source: true,
            content: Content::Page(Page {
                bytes,
                content_type,
                url: self.origin.url,
            }),
        })
    }
}

fn too_large(limit: u64) -> Refusal {
    let size = match limit >> 20 {
        0 => format!("{} KB", limit >> 10),
        megabytes => format!("{megabytes} MB"),
    };
    Refusal(format!("larger than {size} (--max-size raises the limit)"))
}

/// Why a source gives nothing more: one line for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

impl From<io::Error> for Refusal {
    fn from(e: io::Error) -> Self {
        Refusal(format!("cannot be read: {e}"))
    }
}

/// A kind of file that clippings are kept in.
pub trait Format: Sync {
    /// Whether a file that begins with `head` (up to 4 KB) and is called `name` is of this kind.
    fn claims(&self, head: &[u8], name: &str) -> bool;

    /// Hands on what the file holds, as it is read.
    ///
    /// # Errors
    /// When nothing more can be read of it; what was handed on before stands.
    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, Refusal>;
}

/// Hands on what an opened source holds.
///
/// # Errors
/// See [`Format::read`]; and when no format knows the source.
pub fn read(mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, Refusal> {
    if input.depth > DEEPEST {
        return Err(Refusal("packed into itself too many times".to_owned()));
    }
    let mut head = Vec::with_capacity(HEAD);
    (&mut input.reader)
        .take(HEAD as u64)
        .read_to_end(&mut head)?;
    if head.is_empty() {
        return Err(Refusal("empty".to_owned()));
    }
    let Some(format) = FORMATS.iter().find(|f| f.claims(&head, &input.name)) else {
        return Err(Refusal(match magic::kind_of(&head) {
            Some(kind) => format!("not text: {kind}"),
            None => "not text".to_owned(),
        }));
    };
    let rest = input.reader;
    input.reader = Box::new(Cursor::new(head).chain(rest));
    format.read(input, sink)
}
