//! Reads sources: bytes in, pages and records out.
//!
//! Opens files, folders, URLs and standard input, detects the format from the first bytes, then
//! from the name, and yields items one at a time, so memory does not grow with the file. Pages go
//! to `extract`; records and rows are parsed by the workers of `ingest`.
//!
//! There is one file per format. It implements [`Format`] and is listed in `FORMATS`. A format that
//! contains others (compression, archives) passes their content back to [`read`].

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
pub use location::{Location, Opened, absolute, file_of, has_left_folder, is_gone, name, path_of};
pub use magic::file_kind;
pub use path_rule::{PathRule, PathRuleError};
pub use pdf::is_pdf;
pub use record::{check_id, parse as parse_record};
pub use row::{Field, Row};
pub use skip::{AddressKind, FileKind, SkipReason, SpecialFile};
pub use walk::{FoundPath, all_unreadable, walk};
pub use web::{Fetcher, WebOptions, is_web_address};

/// All formats, in the order in which they are tried.
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

/// Bytes read to detect a format.
const HEAD: usize = 4096;

/// Maximum nesting of formats.
const MAX_DEPTH: usize = 4;

/// `Break` when the receiver wants no more items.
pub type Flow = ControlFlow<()>;

/// Limits per source, so that no input exhausts memory.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Maximum size of a page or record in bytes.
    pub item: u64,
    /// Maximum ratio of content to compressed bytes, beyond the first 16 MB.
    pub ratio: u64,
}

impl Limits {
    /// Maximum size that `packed` bytes may expand to. At least 16 MB: a small page of one repeated
    /// byte is odd but harmless.
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

/// Metadata of an HTTP response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// URL after redirects.
    pub url: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
}

/// A page as stored.
#[derive(Debug, Default)]
pub struct RawPage {
    /// Content in any encoding.
    pub bytes: Vec<u8>,
    /// Media type from the container (`text/html; charset=euc-kr`).
    pub content_type: Option<String>,
    /// URL from the container.
    pub url: Option<String>,
    /// Date of the mail that contained it; used if the page has no date.
    pub sent: Option<Published>,
}

/// Parses the clipping from a record.
pub type Parse = Box<dyn FnOnce() -> Result<Clipping, SkipReason> + Send>;

/// Content of an item.
pub enum ItemContent {
    /// A page, for `extract`.
    Page(RawPage),
    /// A record, parsed by a worker.
    Record(Parse),
    /// A row of named fields.
    Row(Row),
}

/// A page, record or row of a source.
pub struct SourceItem {
    /// Name of the file, with `#n` for the n-th item of several.
    pub source: String,
    /// Position for display, with `:line` where lines can be counted.
    pub place: String,
    /// Size in memory.
    pub size: usize,
    /// Whether the source contains nothing else.
    pub whole_source: bool,
    /// Its content.
    pub content: ItemContent,
}

/// Receives the items of a source.
pub trait Sink {
    /// Called with an item.
    fn item(&mut self, item: SourceItem) -> Flow;
    /// Called for an unusable item, with its position and the reason.
    fn skip(&mut self, place: String, reason: SkipReason) -> Flow;
}

/// An opened source.
pub struct Input<'a> {
    /// Name of the source.
    pub source: &'a str,
    /// File name in lower case, without extensions of containers (`a.jsonl` for `a.jsonl.gz`).
    pub name: String,
    /// Its bytes.
    pub reader: Box<dyn BufRead + 'a>,
    /// Limits.
    pub limits: Limits,
    /// Table columns named by the user.
    pub columns: &'a ColumnMap,
    /// Nesting depth.
    pub depth: usize,
    /// Metadata of the response, if it was fetched.
    pub origin: Origin,
}

impl Input<'_> {
    /// Reads the rest.
    ///
    /// # Errors
    /// When it exceeds the limit or cannot be read.
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

    /// The rest as one page of this media type.
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

/// A file format that contains clippings.
pub trait Format: Sync {
    /// Whether this is the format of a file that begins with `head`, up to 4 KB, and is called
    /// `name`.
    fn claims(&self, head: &[u8], name: &str) -> bool;

    /// Passes the items of the file to `sink` while reading.
    ///
    /// # Errors
    /// When the rest cannot be read. Items passed on before are valid.
    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason>;
}

/// Detects the format of an open source and passes its items to `sink`.
///
/// # Errors
/// Those of [`Format::read`], and when no format claims the source.
pub fn read(mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
    if input.depth > MAX_DEPTH {
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
