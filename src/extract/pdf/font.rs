//! Maps the codes of a drawn string to characters and widths (ISO 32000-1, 9.6 to 9.10).

use hayro_cmap::{BfString, CMap, CMapName, CidFamily, load_embedded};
use lopdf::{Dictionary, Document, Object, Stream};
use rustc_hash::FxHashMap;

/// Maximum expanded size of a table of a font, in bytes.
const TABLE_BYTES: usize = 8 << 20;

/// Maximum number of widths kept of a font.
const MAX_WIDTHS: usize = 70_000;

/// The parts of a font that text extraction needs.
pub struct Font {
    codes: Codes,
    to_unicode: Option<CMap>,
    widths: FxHashMap<u32, f32>,
    default_width: f32,
    /// Glyphs go down, lines from right to left.
    pub is_vertical: bool,
}

/// What codes are and mean.
enum Codes {
    /// One byte each, with their characters.
    Simple(Box<[Option<char>; 256]>),
    /// One to four bytes each, with the numbers (CIDs) of glyphs; and what a number means in the
    /// collection of characters.
    Wide(Box<(CMap, Option<CMap>)>),
}

/// One code of a string.
pub struct Code {
    /// The characters it shows, if they are known.
    pub text: Option<BfString>,
    /// Its width in ems.
    pub width: f32,
    /// It is the single byte 32, to which word spacing applies.
    pub is_space: bool,
}

impl Font {
    /// Reads a font's dictionary. What is missing or wrong leaves characters unknown.
    pub fn read(document: &Document, dict: &Dictionary) -> Font {
        let to_unicode = stream(document, dict, b"ToUnicode")
            .and_then(unpack)
            .and_then(|bytes| CMap::parse(&bytes, load_embedded));
        let descendant = dict
            .get_deref(b"DescendantFonts", document)
            .and_then(Object::as_array)
            .ok()
            .and_then(|fonts| document.dereference(fonts.first()?).ok())
            .and_then(|(_, font)| font.as_dict().ok());
        let mut font = Font {
            codes: match descendant {
                Some(descendant) => wide(document, dict, descendant),
                None => Codes::Simple(simple(document, dict)),
            },
            to_unicode,
            widths: FxHashMap::default(),
            default_width: 0.5,
            is_vertical: false,
        };
        match descendant {
            Some(descendant) => {
                font.default_width = number(document, descendant, b"DW").unwrap_or(1000.0) / 1000.0;
                font.read_wide_widths(document, descendant);
                font.is_vertical = dict
                    .get(b"Encoding")
                    .and_then(Object::as_name)
                    .is_ok_and(|name| name.ends_with(b"-V"));
            }
            None => font.read_simple_widths(document, dict),
        }
        font
    }

    /// Calls `each` with every code of a string.
    pub fn codes(&self, bytes: &[u8], each: &mut dyn FnMut(Code)) {
        match &self.codes {
            Codes::Simple(characters) => {
                for &byte in bytes {
                    let code = u32::from(byte);
                    let own = || characters.get(usize::from(byte)).copied().flatten();
                    each(Code {
                        text: self.mapped(code).or_else(|| own().map(BfString::Char)),
                        width: self.width(code),
                        is_space: byte == b' ',
                    });
                }
            }
            Codes::Wide(maps) => {
                let (cids, characters) = &**maps;
                let mut rest = bytes;
                while !rest.is_empty() {
                    let (code, length, cid) = next_code(cids, rest);
                    rest = rest.get(length..).unwrap_or_default();
                    let of_cid = || characters.as_ref()?.lookup_bf_string(cid?);
                    each(Code {
                        text: self.mapped(code).or_else(of_cid),
                        width: self.width(cid.unwrap_or(0)),
                        is_space: length == 1 && code == 32,
                    });
                }
            }
        }
    }

    fn mapped(&self, code: u32) -> Option<BfString> {
        let text = self.to_unicode.as_ref()?.lookup_bf_string(code)?;
        // Some programs map what they do not know to NUL or U+FFFD.
        let is_known = match &text {
            BfString::Char(c) => !matches!(c, '\0' | '\u{fffd}'),
            BfString::String(text) => !text.is_empty(),
        };
        is_known.then_some(text)
    }

    fn width(&self, code: u32) -> f32 {
        self.widths
            .get(&code)
            .copied()
            .unwrap_or(self.default_width)
    }

    fn read_simple_widths(&mut self, document: &Document, dict: &Dictionary) {
        let first = number(document, dict, b"FirstChar").unwrap_or(0.0).max(0.0) as u32;
        let Ok(widths) = dict
            .get_deref(b"Widths", document)
            .and_then(Object::as_array)
        else {
            return;
        };
        for (code, width) in (first..).zip(widths).take(256) {
            if let Some(width) = value(document, width) {
                self.widths.insert(code, width / 1000.0);
            }
        }
    }

    /// `W`: `c [w1 w2 ...]` and `first last w` (ISO 32000-1, 9.7.4.3).
    fn read_wide_widths(&mut self, document: &Document, dict: &Dictionary) {
        let Ok(list) = dict.get_deref(b"W", document).and_then(Object::as_array) else {
            return;
        };
        let mut list = list.iter();
        while let (Some(first), Some(second)) = (list.next(), list.next()) {
            let Some(first) = value(document, first).map(|n| n.max(0.0) as u32) else {
                return;
            };
            if let Ok((_, Object::Array(widths))) = document.dereference(second) {
                for (cid, width) in (first..).zip(widths) {
                    if let Some(width) = value(document, width) {
                        self.set_width(cid, width);
                    }
                }
            } else if let Some(last) = value(document, second).map(|n| n.max(0.0) as u32)
                && let Some(width) = list.next().and_then(|w| value(document, w))
            {
                for cid in first..=last.min(0xffff) {
                    self.set_width(cid, width);
                }
            }
        }
    }

    fn set_width(&mut self, cid: u32, width: f32) {
        if self.widths.len() < MAX_WIDTHS {
            self.widths.insert(cid, width / 1000.0);
        }
    }
}

/// The next code of a string, how many bytes it has, and the number of its glyph.
fn next_code(cids: &CMap, bytes: &[u8]) -> (u32, usize, Option<u32>) {
    let mut code = 0;
    for (n, &byte) in bytes.iter().take(4).enumerate() {
        code = code << 8 | u32::from(byte);
        if let Some(cid) = cids.lookup_cid_code(code, n as u8 + 1) {
            return (code, n + 1, Some(cid));
        }
    }
    // Nothing fits: two bytes, as nearly all such fonts have.
    let code = bytes
        .iter()
        .take(2)
        .fold(0, |code, &byte| code << 8 | u32::from(byte));
    (code, bytes.len().min(2), None)
}

fn wide(document: &Document, dict: &Dictionary, descendant: &Dictionary) -> Codes {
    let named = |name: CMapName<'_>| CMap::parse(load_embedded(name)?, load_embedded);
    let cids = match dict.get_deref(b"Encoding", document) {
        Ok(Object::Name(name)) => match name.as_slice() {
            b"Identity-H" => None,
            b"Identity-V" => Some(CMap::identity_v()),
            name => named(CMapName::from_bytes(name)),
        },
        Ok(Object::Stream(stream)) => {
            unpack(stream).and_then(|bytes| CMap::parse(&bytes, load_embedded))
        }
        _ => None,
    }
    .unwrap_or_else(CMap::identity_h);
    let string = |field: &[u8]| {
        descendant
            .get_deref(b"CIDSystemInfo", document)
            .and_then(Object::as_dict)
            .and_then(|info| info.get_deref(field, document))
            .and_then(Object::as_str)
            .unwrap_or_default()
    };
    let family = CidFamily::from_registry_ordering(string(b"Registry"), string(b"Ordering"));
    Codes::Wide(Box::new((cids, family.ucs2_cmap().and_then(named))))
}

/// The characters of a font of one-byte codes.
fn simple(document: &Document, dict: &Dictionary) -> Box<[Option<char>; 256]> {
    let mut characters = Box::new([None; 256]);
    if let Ok(encoding) = dict.get_font_encoding_with_limit(document, TABLE_BYTES) {
        for (byte, character) in (0..=255).zip(characters.iter_mut()) {
            *character = Document::decode_text(&encoding, &[byte])
                .ok()
                .and_then(|text| text.chars().next())
                .filter(|c| *c != '\u{fffd}');
        }
    }
    characters
}

fn stream<'a>(document: &'a Document, dict: &'a Dictionary, field: &[u8]) -> Option<&'a Stream> {
    dict.get_deref(field, document)
        .and_then(Object::as_stream)
        .ok()
}

fn unpack(stream: &Stream) -> Option<Vec<u8>> {
    stream.get_plain_content_with_limit(TABLE_BYTES).ok()
}

fn number(document: &Document, dict: &Dictionary, field: &[u8]) -> Option<f32> {
    value(document, dict.get(field).ok()?)
}

fn value(document: &Document, object: &Object) -> Option<f32> {
    let (_, object) = document.dereference(object).ok()?;
    object.as_float().ok().filter(|n| n.is_finite())
}
