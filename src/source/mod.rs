//! Bytes in, pages and records out: the first step of the data.
//!
//! Opens files, folders, URLs and standard input, detects the format from the first bytes (then from
//! the name) and yields its items one at a time, so that memory does not grow with the file. Pages go
//! to `extract`; records and rows are parsed by the workers of `ingest`.
//!
//! One file per format: it implements [`Format`] and is listed in `FORMATS`. A format that wraps
//! others (compression) passes its content back to [`read`].

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
mod location;
mod magic;
mod mail;
mod page;
mod path_rule;
mod pdf;
mod record;
mod row;
mod search_api;
mod separated;
mod skip;
mod spool;
mod walk;
mod warc;
mod web;
mod xlsx;

use std::io::{BufRead, Cursor, Read};
use std::ops::ControlFlow;

use crate::clipping::{Clipping, Published};

pub use columns::{ColumnMap, ColumnMapError};
pub use fill::Fill;
pub use list::read_list;
pub use location::{Location, Opened, absolute, has_left_folder, is_gone, name, path_of};
pub use magic::file_kind;
pub use path_rule::{PathRule, PathRuleError};
pub use pdf::is_pdf;
pub use row::{Field, Row};
pub use skip::{AddressKind, FileKind, SkipReason, SpecialFile};
pub use walk::{FoundPath, all_unreadable, walk};
pub use web::{Fetcher, WebOptions, is_web_address};

/// Every format, in the order in which they are tried.
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

/// Bytes by which a format is detected.
const HEAD: usize = 4096;

/// Depth to which formats inside formats are read.
const DEEPEST: usize = 4;

/// Whether to go on: `Break` when the receiver wants no more.
pub type Flow = ControlFlow<()>;

/// Bounds of one source, so that no input exhausts the memory.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one page or one record.
    pub item: u64,
    /// Most bytes of content per compressed byte, beyond the first 16 MB.
    pub ratio: u64,
}

impl Limits {
    /// Bytes that `packed` bytes may expand to. The first 16 MB are free: a page of one repeated byte
    /// is odd, not dangerous.
    fn expanded(&self, packed: u64) -> u64 {
        const FREE: u64 = 16 << 20;
        packed.saturating_mul(self.ratio).max(FREE)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            item: 100 << 20,
            ratio: 200,
        }
    }
}

/// What an HTTP response says about its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address after redirects.
    pub url: Option<String>,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
}

/// A page as it was saved.
#[derive(Debug, Default)]
pub struct RawPage {
    /// Its bytes, in any encoding.
    pub bytes: Vec<u8>,
    /// The media type that came with it (`text/html; charset=euc-kr`).
    pub content_type: Option<String>,
    /// The address that came with it.
    pub url: Option<String>,
    /// When the mail that it came in was sent; counts where the page says no date.
    pub sent: Option<Published>,
}

/// Parses the clipping of a record.
pub type Parse = Box<dyn FnOnce() -> Result<Clipping, SkipReason> + Send>;

/// The content of an item.
pub enum ItemContent {
    /// A page, for `extract`.
    Page(RawPage),
    /// A record, to be parsed by a worker.
    Record(Parse),
    /// A row of named fields.
    Row(Row),
}

/// One page, record or row of a source.
pub struct SourceItem {
    /// Its source: the name of the file, with `#n` for the n-th record of many.
    pub source: String,
    /// Its place for people: with `:line` where lines can be counted.
    pub place: String,
    /// Bytes it takes in memory.
    pub size: usize,
    /// The source holds nothing else.
    pub whole_source: bool,
    /// Its content.
    pub content: ItemContent,
}

/// Receives the items of a source.
pub trait Sink {
    /// An item.
    fn item(&mut self, item: SourceItem) -> Flow;
    /// An item that cannot be used: its place and why.
    fn skip(&mut self, place: String, reason: SkipReason) -> Flow;
}

/// An opened source.
pub struct Input<'a> {
    /// Name of the source.
    pub source: &'a str,
    /// Its file name in lower case, without the extensions of wrappers (`a.jsonl` of `a.jsonl.gz`).
    pub name: String,
    /// Its bytes.
    pub reader: Box<dyn BufRead + 'a>,
    /// Its bounds.
    pub limits: Limits,
    /// Columns of tables that the user named.
    pub columns: &'a ColumnMap,
    /// Number of wrappers around it.
    pub depth: usize,
    /// The response that it is the body of.
    pub origin: Origin,
}

impl Input<'_> {
    /// Reads the rest.
    ///
    /// # Errors
    /// When it is larger than the limit or cannot be read.
    pub fn read_all(&mut self) -> Result<Vec<u8>, SkipReason> {
        let limit = self.limits.item;
        let mut bytes = Vec::new();
        (&mut self.reader)
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(SkipReason::TooLarge { limit });
        }
        Ok(bytes)
    }

    /// All of it as one page of this type.
    ///
    /// # Errors
    /// See [`Input::read_all`].
    pub fn into_page(mut self, content_type: Option<String>) -> Result<SourceItem, SkipReason> {
        let bytes = self.read_all()?;
        Ok(SourceItem {
            source: self.source.to_owned(),
            place: self.source.to_owned(),
            size: bytes.len(),
            whole_source: true,
            content: ItemContent::Page(RawPage {
                bytes,
                content_type,
                url: self.origin.url,
                sent: None,
            }),
        })
    }
}

/// A file format that holds clippings.
pub trait Format: Sync {
    /// Whether a file that begins with `head` (up to 4 KB) and is called `name` has this format.
    fn claims(&self, head: &[u8], name: &str) -> bool;

    /// Passes the items of the file to `sink` as they are read.
    ///
    /// # Errors
    /// When the rest cannot be read. Items passed on before are valid.
    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason>;
}

/// Passes the items of an opened source to `sink`.
///
/// # Errors
/// See [`Format::read`]; and when no format claims the source.
pub fn read(mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
    if input.depth > DEEPEST {
        return Err(SkipReason::NestedTooDeep);
    }
    let mut head = Vec::with_capacity(HEAD);
    (&mut input.reader)
        .take(HEAD as u64)
        .read_to_end(&mut head)?;
    if head.is_empty() {
        return Err(SkipReason::Empty);
    }
    let Some(format) = FORMATS.iter().find(|f| f.claims(&head, &input.name)) else {
        let kind = magic::kind_of(&head, &input.name);
        return Err(SkipReason::NotText { kind });
    };
    let rest = input.reader;
    input.reader = Box::new(Cursor::new(head).chain(rest));
    format.read(input, sink)
}
