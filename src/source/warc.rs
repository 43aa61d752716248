//! Web archives (`.warc`, and `.warc.gz` through `compressed`; ISO 28500): the responses that a
//! crawler received.
//!
//! Read as a stream, record by record. Responses with HTML or text are passed on; revisits,
//! requests and metadata are ignored.

use std::io::{self, BufRead, Read};

use super::{Flow, Format, Input, ItemContent, RawPage, Sink, SkipReason, SourceItem, charset};

/// See the module documentation.
pub struct WebArchive;

/// Maximum size of a header.
const MAX_HEADER_BYTES: u64 = 1 << 20;

impl Format for WebArchive {
    fn claims(&self, head: &[u8], _name: &str) -> bool {
        head.starts_with(b"WARC/")
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        let mut number = 0;
        loop {
            number += 1;
            let at = |reason: SkipReason| reason.at_record(number);
            let head = Head::read(&mut input.reader).map_err(|e| at(e.into()))?;
            let Some(head) = head else {
                return Ok(Flow::Continue(()));
            };
            if !head.first.starts_with("WARC/") {
                return Err(at(SkipReason::NotAWarcRecord));
            }
            let length: u64 = head
                .get("Content-Length")
                .and_then(|length| length.parse().ok())
                .ok_or_else(|| at(SkipReason::NoRecordLength))?;
            let source = format!("{}#{number}", input.source);
            let mut content = (&mut input.reader).take(length);
            let flow = if length > input.limits.item {
                let limit = input.limits.item;
                sink.skip(source, SkipReason::TooLarge { limit })
            } else {
                match page(&head, &mut content, input.limits.item) {
                    Ok(None) => Flow::Continue(()),
                    Ok(Some(page)) => sink.item(SourceItem {
                        place: source.clone(),
                        source,
                        size: page.bytes.len(),
                        whole_source: false,
                        content: ItemContent::Page(page),
                    }),
                    Err(reason) => sink.skip(source, reason),
                }
            };
            if flow.is_break() {
                return Ok(Flow::Break(()));
            }
            io::copy(&mut content, &mut io::sink())?;
        }
    }
}

/// The page of a record, if it has one.
fn page(
    head: &Head,
    content: &mut impl BufRead,
    limit: u64,
) -> Result<Option<RawPage>, SkipReason> {
    let url = head
        .get("WARC-Target-URI")
        .map(|url| url.trim_matches(['<', '>']).to_owned());
    match head.get("WARC-Type") {
        Some("resource" | "conversion") => {
            let kind = head.get("Content-Type").map(str::to_owned);
            if !kind.as_deref().is_some_and(is_text) {
                return Ok(None);
            }
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            Ok(Some(RawPage {
                bytes,
                content_type: kind,
                url,
                sent: None,
            }))
        }
        Some("response") => response(content, url, limit),
        _ => Ok(None),
    }
}

/// The body of an HTTP response (RFC 9112).
fn response(
    content: &mut impl BufRead,
    url: Option<String>,
    limit: u64,
) -> Result<Option<RawPage>, SkipReason> {
    let Some(http) = Head::read(content)? else {
        return Ok(None);
    };
    let is_found = http.first.starts_with("HTTP/")
        && http
            .first
            .split_whitespace()
            .nth(1)
            .is_some_and(|code| code == "200");
    let kind = http.get("Content-Type").map(str::to_owned);
    if !is_found || !kind.as_deref().is_none_or(is_text) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes)?;
    let is_chunked = http
        .get("Transfer-Encoding")
        .is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
    // Some crawlers keep the field but store the decoded body.
    if is_chunked && let Some(joined) = join_chunks(&bytes) {
        bytes = joined;
    }
    let coding = http
        .get("Content-Encoding")
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let bytes = match coding.as_str() {
        "" | "identity" => bytes,
        "gzip" | "x-gzip" if bytes.starts_with(&[0x1f, 0x8b]) => {
            unpack(flate2::read::MultiGzDecoder::new(&bytes[..]), limit)?
        }
        "deflate" if bytes.starts_with(&[0x78]) => {
            unpack(flate2::read::ZlibDecoder::new(&bytes[..]), limit)?
        }
        "deflate" => unpack(flate2::read::DeflateDecoder::new(&bytes[..]), limit)?,
        "zstd" => unpack(zstd::Decoder::new(&bytes[..])?, limit)?,
        "br" => {
            return Err(SkipReason::UnsupportedCoding {
                coding: "Brotli".to_owned(),
            });
        }
        // The field was kept, but the body is decoded.
        _ => bytes,
    };
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    Ok(Some(RawPage {
        bytes,
        content_type: kind,
        url,
        sent: None,
    }))
}

fn is_text(kind: &str) -> bool {
    let kind = kind.trim().to_ascii_lowercase();
    ["text/html", "application/xhtml+xml", "text/plain"]
        .iter()
        .any(|known| kind.starts_with(known))
}

fn unpack(reader: impl Read, limit: u64) -> Result<Vec<u8>, SkipReason> {
    let mut bytes = Vec::new();
    reader
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(SkipReason::TooLarge { limit });
    }
    Ok(bytes)
}

/// Joins a chunked body (RFC 9112, 7.1); `None` if it is not one.
fn join_chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(rest.len());
    loop {
        let end = memchr::memchr(b'\n', rest)?;
        let line = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = line.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = rest.get(end + 1..)?;
        if size == 0 {
            return Some(out);
        }
        out.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?;
        rest = rest
            .strip_prefix(b"\r\n")
            .or_else(|| rest.strip_prefix(b"\n"))?;
    }
}

/// A start line and header fields, up to an empty line.
struct Head {
    first: String,
    fields: Vec<(String, String)>,
}

impl Head {
    /// Reads a header, skipping empty lines before it; `None` at the end.
    fn read(reader: &mut impl BufRead) -> io::Result<Option<Head>> {
        let mut reader = reader.take(MAX_HEADER_BYTES);
        let mut head = Head {
            first: String::new(),
            fields: Vec::new(),
        };
        let mut line = Vec::new();
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                if reader.limit() == 0 {
                    return Err(SkipReason::UnterminatedHeader.into());
                }
                return Ok((!head.first.is_empty()).then_some(head));
            }
            let text = charset::decode(line.trim_ascii(), None);
            if text.is_empty() {
                if head.first.is_empty() {
                    continue;
                }
                return Ok(Some(head));
            }
            if head.first.is_empty() {
                head.first = text.into_owned();
            } else if let Some((name, value)) = text.split_once(':') {
                head.fields
                    .push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined() {
        assert_eq!(
            join_chunks(b"4\r\nabcd\r\n3;x=1\r\nefg\r\n0\r\n\r\n").as_deref(),
            Some(&b"abcdefg"[..])
        );
        for no in [&b"zz\r\n"[..], b"", b"ffffffffffffffff\r\na", b"5\r\nabc"] {
            assert_eq!(join_chunks(no), None);
        }
    }
}
