//! The source of the dictionary, and the decoder of the pack.
//!
//! Included by the build script, the tests and the `pack` tool, which checks its output with it.
//! The encoder is `pack/src/encode.rs`.
//!
//! # The pack
//!
//! A pack is one zstd frame. Its content is the eight bytes of [`MAGIC`] and five sections. A
//! *number* is LEB128 (7 bits per byte, least significant first; the high bit is set if more bytes
//! follow), a *signed* number is zigzag-encoded LEB128, a *text* is its length in bytes (number)
//! and UTF-8, a *column* is its length in bytes (number) and its content.
//!
//! 1. **Texts**: count, then name and content of each. The definition files that MeCab keeps as text
//!    (`dicrc`, `left-id.def`, `pos-id.def`, ...).
//! 2. **Characters**: number of categories and their names (text); number of runs, then the length of
//!    each run and the [`CharInfo`] that its characters share. The first run starts at U+0000.
//! 3. **Unknown words**: count, then for each the index of its category, left id, right id, part of
//!    speech id (numbers), cost (signed), features (text).
//! 4. **Matrix**: right size, left size, and a column of `right * left` signed numbers: the difference
//!    of each cost from the previous one, starting from 0 for each left id. Neighbouring costs are
//!    similar, so most differences take one byte.
//! 5. **Lexicon**, stored by columns, which compresses best. Number of entries; number of classes; for
//!    each class its left id, right id, part of speech id (numbers) and features 0, 1, 2, 4, 5 and 6
//!    (texts); then these columns, each with one item per entry:
//!    - low byte of the class; high byte of the class;
//!    - cost, two bytes, little-endian;
//!    - number of bytes that the surface shares with the previous one;
//!    - rest of the surface, NUL;
//!    - reading (feature 3), empty if it equals the surface, NUL;
//!    - expression (feature 7), NUL. A character from U+0001 to U+001F in it represents the next 1 to
//!      31 characters of the surface: `\u{2}/NNG/*+\u{2}/NNG/*` is `국회/NNG/*+의원/NNG/*` in the entry
//!      국회의원.
//!
//! The pack has no other content and represents the source without loss.

use std::fmt;

/// First bytes of the decompressed pack: name and format version.
pub const MAGIC: &[u8; 8] = b"kodic\0\0\x01";

/// The complete dictionary, as in MeCab's source files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Definition files in text form.
    pub texts: Vec<Text>,
    /// Character categories (`char.def`).
    pub characters: Characters,
    /// Unknown words (`unk.def`).
    pub unknown: Vec<Unknown>,
    /// Connection costs (`matrix.def`).
    pub matrix: Matrix,
    /// Lexicon, in the order of its source files (`EC.csv`, `EF.csv`, ...).
    pub lexicon: Vec<Entry>,
}

/// A definition file, unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// File name without a folder.
    pub name: String,
    /// Its content.
    pub content: String,
}

/// Categories of the characters of the Basic Multilingual Plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Characters {
    /// Names of the categories, which are referred to by index.
    pub categories: Vec<String>,
    /// Runs of characters with the same properties, from U+0000 on.
    pub runs: Vec<(u32, CharInfo)>,
}

/// MeCab's bit field of a character, from the low bits: `type:18, default:8, length:4, group:1,
/// invoke:1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharInfo(pub u32);

/// A part of speech that unknown words of a category can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Index of the category.
    pub category: usize,
    /// Context ids, part of speech id and cost.
    pub word: Word,
    /// Features, separated by commas.
    pub features: String,
}

/// Ids and cost of a word, for the Viterbi search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Left context id.
    pub left: u16,
    /// Right context id.
    pub right: u16,
    /// Part of speech id (`pos-id.def`).
    pub pos: u16,
    /// Word cost.
    pub cost: i16,
}

/// Connection costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// Number of right context ids (of the preceding word).
    pub right: u16,
    /// Number of left context ids (of the following word).
    pub left: u16,
    /// `costs[r + right * l]` is the cost of a word with left id `l` after a word with right id
    /// `r`.
    pub costs: Vec<i16>,
}

/// Entry of the lexicon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Surface form.
    pub surface: String,
    /// Context ids, part of speech id and cost.
    pub word: Word,
    /// The eight features, separated by commas: tag, meaning, final consonant (T, F), reading, type,
    /// first tag, last tag, expression.
    pub features: String,
}

/// The pack is damaged, or the bytes are not a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the packed dictionary is damaged: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

type Result<T> = std::result::Result<T, Malformed>;

impl Source {
    /// Decodes the decompressed content of a pack.
    ///
    /// Fails if a section is truncated, a text is not UTF-8, a number is out of range, or bytes are
    /// left over. Never panics.
    pub fn decode(bytes: &[u8]) -> Result<Source> {
        let mut input = Input(bytes);
        if input.take(MAGIC.len())? != MAGIC {
            return Err(Malformed(
                "it does not start as a pack of this version does",
            ));
        }
        let source = Source {
            texts: texts(&mut input)?,
            characters: characters(&mut input)?,
            unknown: unknown(&mut input)?,
            matrix: matrix(&mut input)?,
            lexicon: lexicon(&mut input)?,
        };
        if input.0.is_empty() {
            Ok(source)
        } else {
            Err(Malformed("bytes follow the lexicon"))
        }
    }
}

fn texts(input: &mut Input) -> Result<Vec<Text>> {
    input.list(|input| {
        Ok(Text {
            name: input.text()?.to_owned(),
            content: input.text()?.to_owned(),
        })
    })
}

fn characters(input: &mut Input) -> Result<Characters> {
    Ok(Characters {
        categories: input.list(|input| Ok(input.text()?.to_owned()))?,
        runs: input.list(|input| Ok((input.number()?, CharInfo(input.number()?))))?,
    })
}

fn unknown(input: &mut Input) -> Result<Vec<Unknown>> {
    input.list(|input| {
        Ok(Unknown {
            category: input.number()?,
            word: Word {
                left: input.number()?,
                right: input.number()?,
                pos: input.number()?,
                cost: input.signed(0)?,
            },
            features: input.text()?.to_owned(),
        })
    })
}

fn matrix(input: &mut Input) -> Result<Matrix> {
    let right = input.number()?;
    let left = input.number()?;
    let mut column = input.column()?;
    let size = usize::from(right) * usize::from(left);
    if size > column.0.len() {
        return Err(Malformed("the matrix is truncated"));
    }
    let mut costs = Vec::with_capacity(size);
    for _ in 0..left {
        let mut before = 0;
        for _ in 0..right {
            before = column.signed(before)?;
            costs.push(before);
        }
    }
    column.end()?;
    Ok(Matrix { right, left, costs })
}

/// Fields that many entries share.
struct Class<'a> {
    ids: [u16; 3],
    features: [&'a str; 6],
}

fn lexicon(input: &mut Input) -> Result<Vec<Entry>> {
    let count: usize = input.number()?;
    let classes = input.list(|input| {
        let ids = [input.number()?, input.number()?, input.number()?];
        let mut features = [""; 6];
        for feature in &mut features {
            *feature = input.text()?;
        }
        Ok(Class { ids, features })
    })?;
    let mut low = input.column()?;
    let mut high = input.column()?;
    let mut costs = input.column()?;
    let mut shared = input.column()?;
    let mut surfaces = input.column()?;
    let mut readings = input.column()?;
    let mut expressions = input.column()?;
    if count > low.0.len() {
        return Err(Malformed("the lexicon is truncated"));
    }

    let mut entries: Vec<Entry> = Vec::with_capacity(count);
    for _ in 0..count {
        let class = usize::from(u16::from_le_bytes([low.byte()?, high.byte()?]));
        let class = classes
            .get(class)
            .ok_or(Malformed("an entry has an unknown class"))?;
        let [left, right, pos] = class.ids;
        let cost = i16::from_le_bytes([costs.byte()?, costs.byte()?]);

        let before = entries.last().map_or("", |entry| &entry.surface);
        let shared = before.get(..shared.number()?);
        let shared = shared.ok_or(Malformed("a surface shares more than the previous one has"))?;
        let surface = [shared, surfaces.string()?].concat();
        let reading = match readings.string()? {
            "" => &surface,
            reading => reading,
        };
        let expression = expand_expression(expressions.string()?, &surface)?;

        let [tag, meaning, end, kind, first, last] = class.features;
        entries.push(Entry {
            features: [tag, meaning, end, reading, kind, first, last, &expression].join(","),
            word: Word {
                left,
                right,
                pos,
                cost,
            },
            surface,
        });
    }
    for column in [low, high, costs, shared, surfaces, readings, expressions] {
        column.end()?;
    }
    Ok(entries)
}

/// Restores an expression: replaces each length with that many characters of the surface.
fn expand_expression(expression: &str, surface: &str) -> Result<String> {
    let mut filled = String::with_capacity(expression.len() + surface.len());
    let mut rest = surface.chars();
    for c in expression.chars() {
        if c >= ' ' {
            filled.push(c);
            continue;
        }
        for _ in 0..u32::from(c) {
            let next = rest.next();
            filled.push(next.ok_or(Malformed("an expression is longer than its surface"))?);
        }
    }
    Ok(filled)
}

/// Cursor over bytes.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(Malformed("it is truncated"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        let (&byte, rest) = self.0.split_first().ok_or(Malformed("it is truncated"))?;
        self.0 = rest;
        Ok(byte)
    }

    fn number<T: TryFrom<u64>>(&mut self) -> Result<T> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return T::try_from(value).map_err(|_| Malformed("a number is out of range"));
            }
        }
        Err(Malformed("a number does not end"))
    }

    /// Reads a cost, encoded as its difference from `before`.
    fn signed(&mut self, before: i16) -> Result<i16> {
        let zigzag: u32 = self.number()?;
        let difference = (zigzag >> 1) as i32 ^ -((zigzag & 1) as i32);
        difference
            .checked_add(before.into())
            .and_then(|cost| i16::try_from(cost).ok())
            .ok_or(Malformed("a cost is out of range"))
    }

    fn column(&mut self) -> Result<Input<'a>> {
        let length = self.number()?;
        Ok(Input(self.take(length)?))
    }

    fn text(&mut self) -> Result<&'a str> {
        utf8(self.column()?.0)
    }

    /// Reads up to the next NUL and skips it.
    fn string(&mut self) -> Result<&'a str> {
        let end = self.0.iter().position(|&byte| byte == 0);
        let string = self.take(end.ok_or(Malformed("a string does not end"))?)?;
        self.byte()?;
        utf8(string)
    }

    /// Reads a count and that many items. Each takes at least one byte, which bounds the
    /// allocation.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let count: usize = self.number()?;
        if count > self.0.len() {
            return Err(Malformed("a list is truncated"));
        }
        (0..count).map(|_| item(self)).collect()
    }

    fn end(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Malformed("a column is too long"))
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Malformed("a text is no UTF-8"))
}
