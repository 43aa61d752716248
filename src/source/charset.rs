//! Decoding of tables, feeds and mails.
//!
//! Valid UTF-8 is UTF-8 regardless of its label, since CP949 text is hardly ever valid UTF-8.
//! Otherwise the label decides; without a label, or with an unknown one, it is CP949.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, EUC_KR, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Decodes a value or file and drops its byte order mark. `declared` is its label.
pub fn decode<'a>(bytes: &'a [u8], declared: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let encoding = declared
        .and_then(|label| Encoding::for_label(label.trim().as_bytes()))
        .filter(|encoding| *encoding != UTF_8 && encoding.is_ascii_compatible())
        .unwrap_or(EUC_KR);
    let text = encoding.decode_without_bom_handling(bytes).0;
    // Damaged UTF-8 gives even more replacement characters in other encodings.
    let damaged = String::from_utf8_lossy(bytes);
    let losses = |text: &str| text.matches('\u{fffd}').count();
    if losses(&damaged) < losses(&text) {
        damaged
    } else {
        text
    }
}

/// A reader of the same text in an ASCII-compatible encoding: transcodes UTF-16 to UTF-8, and drops
/// a byte order mark.
///
/// # Errors
/// When the first bytes cannot be read.
pub fn ascii_compatible<'a>(mut reader: Box<dyn BufRead + 'a>) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = Vec::with_capacity(4);
    (&mut reader).take(4).read_to_end(&mut head)?;
    let found = Encoding::for_bom(&head);
    let mark = found.map_or(0, |(_, mark)| mark);
    let rest = io::Cursor::new(head.split_off(mark)).chain(reader);
    Ok(match found {
        Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            Box::new(Transcoded {
                reader: rest,
                decoder: encoding.new_decoder_without_bom_handling(),
                ready: Vec::new(),
                at: 0,
                is_done: false,
            })
        }
        _ => Box::new(rest),
    })
}

/// Transcodes to UTF-8 while reading.
struct Transcoded<R> {
    reader: R,
    decoder: Decoder,
    ready: Vec<u8>,
    at: usize,
    is_done: bool,
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() && !self.is_done {
            let mut raw = [0; 8192];
            let n = self.reader.read(&mut raw)?;
            self.is_done = n == 0;
            let raw = raw.get(..n).unwrap_or_default();
            let room = self.decoder.max_utf8_buffer_length(n).unwrap_or(4 * n + 16);
            self.ready.resize(room, 0);
            let (_, _, written, _) =
                self.decoder
                    .decode_to_utf8(raw, &mut self.ready, self.is_done);
            self.ready.truncate(written);
            self.at = 0;
        }
        let ready = self.ready.get(self.at..).unwrap_or_default();
        let n = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..n), ready.get(..n)) {
            to.copy_from_slice(from);
        }
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_whatever_it_says() {
        let (cp949, ..) = EUC_KR.encode("똠방각하 소식");
        assert_eq!(decode(&cp949, None), "똠방각하 소식");
        assert_eq!(decode(&cp949, Some("utf-8")), "똠방각하 소식");
        assert_eq!(decode("소식".as_bytes(), Some("euc-kr")), "소식");
        assert_eq!(decode(b"\xef\xbb\xbf\xec\x86\x8c", None), "소");
        assert_eq!(decode(b"caf\xe9", Some("iso-8859-1")), "café");
        let mut damaged = "긴 소식이 여기 있다".as_bytes().to_vec();
        damaged.push(0xed);
        assert_eq!(decode(&damaged, None), "긴 소식이 여기 있다\u{fffd}");
    }

    #[test]
    fn utf_16_becomes_utf_8() {
        let text = "제목\t본문\n가\t나".repeat(2000);
        for big in [false, true] {
            let mut bytes = if big {
                vec![0xfe, 0xff]
            } else {
                vec![0xff, 0xfe]
            };
            for unit in text.encode_utf16() {
                bytes.extend(if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                });
            }
            let reader = io::BufReader::with_capacity(7, &bytes[..]);
            let mut out = String::new();
            ascii_compatible(Box::new(reader))
                .unwrap()
                .read_to_string(&mut out)
                .unwrap();
            assert!(out == text);
        }
    }
}
