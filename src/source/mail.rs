//! Mail (`.eml`, `.mbox`, RFC 5322 and 4155) and pages that browsers save as mail (`.mht`,
//! `.mhtml`, RFC 2557).
//!
//! The article of a mail is its HTML part, else its text part. Forwarded mails and attached HTML
//! files are read too. The subject is the headline if a part has no title, and the date of the mail
//! is used if the article has none. Of a saved page, only the page itself is read, with the URL it
//! was saved from.

use std::io::{BufRead, Read};

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::web::is_web_address;
use super::{Flow, Format, Input, ItemContent, RawPage, Sink, SkipReason, SourceItem, charset};
use crate::clipping::Published;

/// See the module documentation.
pub struct Mail;

/// Header fields. A mail begins with at least two of them.
const FIELDS: &[&str] = &[
    "from",
    "to",
    "subject",
    "date",
    "mime-version",
    "message-id",
    "received",
    "content-type",
    "return-path",
    "delivered-to",
    "snapshot-content-location",
];

/// Maximum nesting of mails.
const MAX_DEPTH: usize = 4;

/// Maximum number of header fields and part boundaries.
const MAX_FIELDS: usize = 100_000;

impl Format for Mail {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        let head = match head.strip_prefix(b"From ") {
            Some(rest) => memchr::memchr(b'\n', rest).and_then(|end| rest.get(end + 1..)),
            None => Some(head),
        };
        let Some(head) = head else { return false };
        let mut known = 0;
        for line in head.split(|&b| b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                break;
            }
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                continue;
            }
            let name = line.split(|&b| b == b':').next().unwrap_or_default();
            let is_name = name.len() < line.len()
                && !name.is_empty()
                && name.iter().all(|b| b.is_ascii_graphic());
            if !is_name {
                // `head` may end inside a field.
                return known >= 4;
            }
            let name = name.to_ascii_lowercase();
            known += usize::from(FIELDS.iter().any(|field| field.as_bytes() == name));
        }
        known >= 2
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        if !input.reader.fill_buf()?.starts_with(b"From ") {
            let bytes = input.read_all()?;
            return self::message(&bytes, input.source, true, sink);
        }
        let mut number = 0;
        loop {
            let Some(bytes) = next_of_mbox(&mut input)? else {
                return Ok(Flow::Continue(()));
            };
            number += 1;
            let source = format!("{}#{number}", input.source);
            let flow = match self::message(&bytes, &source, false, sink) {
                Ok(flow) => flow,
                Err(reason) => sink.skip(source, reason),
            };
            if flow.is_break() {
                return Ok(Flow::Break(()));
            }
        }
    }
}

/// The next mail of an mbox, without its `From ` line.
fn next_of_mbox(input: &mut Input<'_>) -> Result<Option<Vec<u8>>, SkipReason> {
    let limit = input.limits.item;
    let mut first = Vec::new();
    (&mut input.reader)
        .take(limit)
        .read_until(b'\n', &mut first)?;
    if first.is_empty() {
        return Ok(None);
    }
    let mut mail = Vec::new();
    loop {
        // Mails are separated by an empty line, and `From ` at the start of a line of text is
        // quoted with `>`.
        let is_end = mail.ends_with(b"\n\n") || mail.ends_with(b"\r\n\r\n");
        if is_end && input.reader.fill_buf()?.starts_with(b"From ") {
            return Ok(Some(mail));
        }
        let room = limit.saturating_sub(mail.len() as u64);
        if (&mut input.reader)
            .take(room)
            .read_until(b'\n', &mut mail)?
            == 0
        {
            if room == 0 {
                return Err(SkipReason::TooLarge { limit });
            }
            return Ok(Some(mail));
        }
    }
}

/// Limits the number of parts and fields: the parser needs many times their size in memory.
fn is_bounded(bytes: &[u8]) -> bool {
    let is_field = |line: &[u8]| {
        let name = line
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-')
            .count();
        name > 0 && line.get(name) == Some(&b':')
    };
    let mut left = MAX_FIELDS;
    bytes.split(|&b| b == b'\n').all(|line| {
        left -= usize::from(line.starts_with(b"--") || is_field(line));
        left > 0
    })
}

fn message(
    bytes: &[u8],
    source: &str,
    is_whole: bool,
    sink: &mut dyn Sink,
) -> Result<Flow, SkipReason> {
    if !is_bounded(bytes) {
        return Err(SkipReason::MalformedMail);
    }
    let message = MessageParser::default()
        .parse(bytes)
        .ok_or(SkipReason::MalformedMail)?;
    let mut pages = Vec::new();
    match saved_address(&message) {
        Some(address) => {
            let page = message
                .parts
                .iter()
                .find_map(|part| saved_page(&message, part, &address));
            pages.extend(page);
        }
        None => self::pages(&message, 0, &mut pages),
    }
    if pages.is_empty() {
        return Err(SkipReason::MailWithoutText);
    }
    let is_single = pages.len() == 1;
    for (n, page) in pages.into_iter().enumerate() {
        let source = match is_single {
            true => source.to_owned(),
            false => format!("{source}#{}", n + 1),
        };
        let item = SourceItem {
            place: source.clone(),
            source,
            size: page.bytes.len(),
            whole_source: is_whole && is_single,
            content: ItemContent::Page(page),
        };
        if sink.item(item).is_break() {
            return Ok(Flow::Break(()));
        }
    }
    Ok(Flow::Continue(()))
}

/// The URL that a browser saved the page from; `None` for a mail.
fn saved_address(message: &Message<'_>) -> Option<String> {
    let field = |name: &str| message.header_raw(name).map(|v| v.trim().to_owned());
    if let Some(address) = field("Snapshot-Content-Location") {
        return Some(address);
    }
    let root = message.content_type()?;
    let is_related = root.ctype() == "multipart" && root.subtype() == Some("related");
    if !is_related || message.to().is_some() {
        return None;
    }
    message
        .parts
        .iter()
        .find(|part| matches!(part.body, PartType::Html(_)))
        .and_then(|part| part.content_location())
        .map(str::to_owned)
}

fn saved_page(message: &Message<'_>, part: &MessagePart<'_>, address: &str) -> Option<RawPage> {
    matches!(part.body, PartType::Html(_)).then(|| RawPage {
        bytes: content(message, part),
        content_type: Some(match charset_of(part) {
            Some(charset) => format!("text/html; charset={charset}"),
            None => "text/html".to_owned(),
        }),
        url: is_web_address(address).then(|| address.to_owned()),
        sent: None,
    })
}

/// Collects the articles of a mail: its own, those of nested mails, and attached HTML files.
fn pages(message: &Message<'_>, depth: usize, out: &mut Vec<RawPage>) {
    let is_html = |part: &MessagePart<'_>| matches!(part.body, PartType::Html(_));
    let is_text = |part: &MessagePart<'_>| matches!(part.body, PartType::Text(_));
    let body = message
        .html_bodies()
        .find(|part| is_html(part))
        .or_else(|| message.text_bodies().find(|part| is_text(part)));
    if let Some(part) = body {
        let text = text(message, part);
        if !text.trim().is_empty() {
            out.push(page(message, &text, is_html(part)));
        }
    }
    for part in message.attachments() {
        match &part.body {
            PartType::Message(inner) if depth < MAX_DEPTH => pages(inner, depth + 1, out),
            PartType::Html(_) => out.push(RawPage {
                bytes: text(message, part).into_bytes(),
                content_type: Some("text/html; charset=utf-8".to_owned()),
                sent: sent(message),
                url: None,
            }),
            _ => {}
        }
    }
}

/// The text of a mail as a page, with the subject as title.
fn page(message: &Message<'_>, text: &str, is_html: bool) -> RawPage {
    let subject = subject(message.subject().unwrap_or_default());
    let (bytes, kind) = if is_html {
        let mut head = String::from("<meta charset=\"utf-8\">");
        if !text.to_ascii_lowercase().contains("<title") {
            head.push_str(&format!("<title>{}</title>", escape(&subject)));
        }
        (format!("{head}\n{text}").into_bytes(), "text/html")
    } else {
        (format!("{subject}\n\n{text}").into_bytes(), "text/plain")
    };
    RawPage {
        bytes,
        content_type: Some(format!("{kind}; charset=utf-8")),
        sent: sent(message),
        url: None,
    }
}

/// Date of the mail.
fn sent(message: &Message<'_>) -> Option<Published> {
    message.date()?.to_rfc3339().parse().ok()
}

/// Removes forwarding and reply marks.
fn subject(subject: &str) -> String {
    const MARKS: [&str; 8] = [
        "fwd:",
        "fw:",
        "re:",
        "전달:",
        "[전달]",
        "[스크랩]",
        "[fwd]",
        "[fw]",
    ];
    let mut rest = subject.trim();
    while let Some(bare) = MARKS.iter().find_map(|mark| {
        let (start, bare) = rest.split_at_checked(mark.len())?;
        start.eq_ignore_ascii_case(mark).then_some(bare)
    }) {
        rest = bare.trim_start();
    }
    rest.to_owned()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// Undoes the transfer encoding of a part; the charset is unchanged.
fn content(message: &Message<'_>, part: &MessagePart<'_>) -> Vec<u8> {
    let place = usize::try_from(part.offset_body).unwrap_or(0)
        ..usize::try_from(part.offset_end).unwrap_or(0);
    let raw = message.raw_message().get(place).unwrap_or_default();
    let decoded = match part.encoding {
        Encoding::None => None,
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    decoded.unwrap_or_else(|| raw.to_vec())
}

fn text(message: &Message<'_>, part: &MessagePart<'_>) -> String {
    charset::decode(&content(message, part), charset_of(part)).into_owned()
}

fn charset_of<'a>(part: &'a MessagePart<'_>) -> Option<&'a str> {
    part.content_type()
        .and_then(|kind| kind.attribute("charset"))
}
