//! The dictionary's source, and how it is read from the pack.
//!
//! Shared by the build script, the tests, and the `pack` tool, which verifies with it what it has
//! written (`pack/src/encode.rs` is the writing half).
//!
//! # The pack
//!
//! One zstd frame. Inside, after the eight bytes of [`MAGIC`], five sections follow one another.
//! *Number* means LEB128 (seven bits a byte, low bits first, high bit: more follows), *signed* the
//! zigzag form of it, *text* a number (bytes) and that many bytes of UTF-8, *column* a number (bytes)
//! and that many bytes.
//!
//! 1. **Texts**: how many, then for each its name and content. The definition files that MeCab keeps
//!    as text (`dicrc`, `left-id.def`, `pos-id.def`, ...).
//! 2. **Characters**: how many categories and their names (text); how many runs, then for each run its
//!    length and the [`CharInfo`] word that all characters of it share. Characters count from U+0000.
//! 3. **Unknown words**: how many, then for each the index of its category, left id, right id, part of
//!    speech id (numbers), cost (signed), features (text).
//! 4. **Matrix**: right size, left size, and a column of `right * left` signed numbers: each cost less
//!    the one before it, from zero anew for each left id. Neighbours are alike, so most are one byte.
//! 5. **Lexicon**, by columns, because like compresses best beside like. How many entries; how many
//!    classes; each class: left id, right id, part of speech id (numbers) and features 0, 1, 2, 4, 5
//!    and 6 (texts); then these columns, in each of which the entries follow one another:
//!    - the class, low byte; the class, high byte;
//!    - the cost, two bytes, low first;
//!    - how many bytes the surface shares with the one before it;
//!    - the rest of the surface, and NUL;
//!    - the reading (feature 3), or nothing if it is the surface, and NUL;
//!    - the expression (feature 7), and NUL. In it a character from U+0001 to U+001F stands for the
//!      next so many characters of the surface: `\u{2}/NNG/*+\u{2}/NNG/*` is `국회/NNG/*+의원/NNG/*`
//!      in the entry 국회의원.
//!
//! Nothing else is in the pack, and nothing of the source is left out.

use std::fmt;

/// The first bytes of the unpacked pack: name and format version.
pub const MAGIC: &[u8; 8] = b"kodic\0\0\x01";

/// The whole dictionary, as in MeCab's source files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The definition files that are text.
    pub texts: Vec<Text>,
    /// The categories of characters (`char.def`).
    pub characters: Characters,
    /// What a word outside the lexicon may be (`unk.def`).
    pub unknown: Vec<Unknown>,
    /// What it costs for one word to follow another (`matrix.def`).
    pub matrix: Matrix,
    /// The words, in the order of the files they come from (`EC.csv`, `EF.csv`, ...).
    pub lexicon: Vec<Entry>,
}

/// A definition file, unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The name of the file, without a folder.
    pub name: String,
    /// Its content.
    pub content: String,
}

/// Which categories each character of the Basic Multilingual Plane is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Characters {
    /// The names of the categories; all else refers to them by index.
    pub categories: Vec<String>,
    /// Runs of characters from U+0000 on, with what holds for each character of the run.
    pub runs: Vec<(u32, CharInfo)>,
}

/// MeCab's word about one character: `type:18, default:8, length:4, group:1, invoke:1`, low bits
/// first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharInfo(pub u32);

/// One reading of the unknown words of a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The index of the category.
    pub category: usize,
    /// Context ids, part of speech id and cost.
    pub word: Word,
    /// The features, separated by commas.
    pub features: String,
}

/// What the search for the cheapest path knows of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The context id towards the word before.
    pub left: u16,
    /// The context id towards the word after.
    pub right: u16,
    /// The part of speech id, as `pos-id.def` gives it.
    pub pos: u16,
    /// The cost of the word itself.
    pub cost: i16,
}

/// The connection costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// How many right ids there are (of the word before).
    pub right: u16,
    /// How many left ids there are (of the word after).
    pub left: u16,
    /// The cost of the word with left id `l` after one with right id `r`, at `r + right * l`.
    pub costs: Vec<i16>,
}

/// A word of the lexicon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How the word is written.
    pub surface: String,
    /// Context ids, part of speech id and cost.
    pub word: Word,
    /// The eight features, separated by commas: tag, meaning, final consonant (T, F), reading, type,
    /// first tag, last tag, expression.
    pub features: String,
}

/// The bytes are no pack, or a damaged one.
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
    /// Reads the source from the pack's content (already decompressed).
    ///
    /// Fails if a section is cut short, a text is no UTF-8, a number is out of range, or bytes are
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
        return Err(Malformed("the matrix is cut short"));
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

/// The fields that many entries share.
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
        return Err(Malformed("the lexicon is cut short"));
    }

    let mut entries: Vec<Entry> = Vec::with_capacity(count);
    for _ in 0..count {
        let class = usize::from(u16::from_le_bytes([low.byte()?, high.byte()?]));
        let class = classes
            .get(class)
            .ok_or(Malformed("an entry is of no class"))?;
        let [left, right, pos] = class.ids;
        let cost = i16::from_le_bytes([costs.byte()?, costs.byte()?]);

        let before = entries.last().map_or("", |entry| &entry.surface);
        let shared = before.get(..shared.number()?);
        let shared = shared.ok_or(Malformed("a surface shares more than there is"))?;
        let surface = [shared, surfaces.string()?].concat();
        let reading = match readings.string()? {
            "" => &surface,
            reading => reading,
        };
        let expression = fill(expressions.string()?, &surface)?;

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

/// The expression, with its references to pieces of the surface replaced by these.
fn fill(expression: &str, surface: &str) -> Result<String> {
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

/// A reader over bytes.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(Malformed("it is cut short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        let (&byte, rest) = self.0.split_first().ok_or(Malformed("it is cut short"))?;
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

    /// The cost whose difference from `before` comes next.
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

    /// The text up to the next NUL, which is skipped.
    fn string(&mut self) -> Result<&'a str> {
        let end = self.0.iter().position(|&byte| byte == 0);
        let string = self.take(end.ok_or(Malformed("a string does not end"))?)?;
        self.byte()?;
        utf8(string)
    }

    /// A count and that many items. Each takes at least one byte, which bounds the allocation.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let count: usize = self.number()?;
        if count > self.0.len() {
            return Err(Malformed("a list is cut short"));
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
