//! JSON Lines: one record per line (`.jsonl`, `.ndjson`).

use std::io::{self, BufRead};

use super::{Flow, Format, Input, ItemContent, Sink, SkipReason, SourceItem, record};

/// See the module documentation.
pub struct JsonLines;

impl Format for JsonLines {
    fn claims(&self, head: &[u8], name: &str) -> bool {
        if name.ends_with(".jsonl") || name.ends_with(".ndjson") {
            return true;
        }
        // By content: the first line is a complete object, or a longer one than `head` that is not
        // pretty-printed.
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let mut lines = head.splitn(2, |&b| b == b'\n');
        let first = lines.next().unwrap_or_default().trim_ascii();
        let is_cut = lines.next().is_none();
        first.starts_with(b"{\"") && (is_cut || first.ends_with(b"}")) && !name.ends_with(".json")
    }

    fn read(&self, mut input: Input<'_>, sink: &mut dyn Sink) -> Result<Flow, SkipReason> {
        let limit = usize::try_from(input.limits.item).unwrap_or(usize::MAX);
        let mut number = 0u64;
        loop {
            number += 1;
            let mut line = Vec::new();
            let is_whole = match next_line(&mut input.reader, limit, &mut line) {
                Ok(Line::End) => return Ok(Flow::Continue(())),
                Ok(Line::Whole) => true,
                Ok(Line::TooLong) => false,
                Err(e) => return Err(SkipReason::from(e).at_line(number)),
            };
            let place = || format!("{}:{number}", input.source);
            if !is_whole {
                let limit = input.limits.item;
                if sink
                    .skip(place(), SkipReason::TooLarge { limit })
                    .is_break()
                {
                    return Ok(Flow::Break(()));
                }
                continue;
            }
            if number == 1 && line.starts_with(b"\xef\xbb\xbf") {
                line.drain(..3);
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let item = SourceItem {
                source: format!("{}#{number}", input.source),
                place: place(),
                size: line.len(),
                whole_source: false,
                content: ItemContent::Record(Box::new(move || record::parse(&line))),
            };
            if sink.item(item).is_break() {
                return Ok(Flow::Break(()));
            }
        }
    }
}

enum Line {
    Whole,
    TooLong,
    End,
}

/// Reads a line into `line`, without its end. A line longer than `limit` is discarded.
fn next_line(reader: &mut dyn BufRead, limit: usize, line: &mut Vec<u8>) -> io::Result<Line> {
    let mut seen = false;
    let mut too_long = false;
    loop {
        let chunk = match reader.fill_buf() {
            Ok(chunk) => chunk,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if chunk.is_empty() {
            return Ok(match (seen, too_long) {
                (false, _) => Line::End,
                (true, false) => Line::Whole,
                (true, true) => Line::TooLong,
            });
        }
        seen = true;
        let end = memchr::memchr(b'\n', chunk);
        let part = &chunk[..end.unwrap_or(chunk.len())];
        if !too_long {
            too_long = line.len() + part.len() > limit;
            if too_long {
                *line = Vec::new();
            } else {
                line.extend_from_slice(part);
            }
        }
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            return Ok(if too_long { Line::TooLong } else { Line::Whole });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded() {
        let mut reader = io::BufReader::with_capacity(4, &b"abc\nabcdefghij\n\nde"[..]);
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            match next_line(&mut reader, 5, &mut line).unwrap() {
                Line::End => break,
                Line::Whole => lines.push(String::from_utf8(line).unwrap()),
                Line::TooLong => lines.push("too long".to_owned()),
            }
        }
        assert_eq!(lines, ["abc", "too long", "", "de"]);
    }
}
