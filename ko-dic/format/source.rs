//! The dictionary's source, and how it is read from the pack.
//!
//! This file is shared: the build script reads the pack with it, the `pack` tool checks with it what
//! it has written (the writing half is `pack/src/encode.rs`), and the tests count with it.
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
//!    - class, low byte; class, high byte;
//!    - cost, signed, less the cost of the last entry of the same class (or 0);
//!    - surface: how many bytes it shares with the one before it; how many follow; those bytes;
//!    - reading (feature 3): 0 if it is the surface, else its bytes + 1; those bytes;
//!    - expression (feature 7): how many bytes; those bytes.
//!
//! Nothing else is in the pack, and nothing of the source is left out.

use std::fmt;

/// The first bytes of the unpacked pack: name and format version.
pub const MAGIC: &[u8; 8] = b"kodic\0\0\x01";

/// All of the dictionary, as it was before any analyzer compiled it.
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
    /// The words, sorted by the bytes of their surfaces.
    pub lexicon: Vec<Entry>,
}

/// A definition file kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The name of the file, without a folder.
    pub name: String,
    /// What stands in it.
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

/// The pack is not one, or is damaged.
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
    /// left over. Never panics, and allocates no more than a small multiple of what it was given.
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

/// What many entries have in common.
struct Class<'a> {
    word: Word,
    features: [&'a str; 6],
}

fn lexicon(input: &mut Input) -> Result<Vec<Entry>> {
    let count: usize = input.number()?;
    let mut classes = input.list(|input| {
        let word = Word {
            left: input.number()?,
            right: input.number()?,
            pos: input.number()?,
            cost: 0,
        };
        let mut features = [""; 6];
        for feature in &mut features {
            *feature = input.text()?;
        }
        Ok(Class { word, features })
    })?;
    let mut low = input.column()?;
    let mut high = input.column()?;
    let mut costs = input.column()?;
    let mut shared = input.column()?;
    let mut surfaces = Strings::read(input)?;
    let mut readings = Strings::read(input)?;
    let mut expressions = Strings::read(input)?;
    if count > low.0.len() {
        return Err(Malformed("the lexicon is cut short"));
    }

    let mut entries: Vec<Entry> = Vec::with_capacity(count);
    for _ in 0..count {
        let class = classes
            .get_mut(usize::from(high.byte()?) << 8 | usize::from(low.byte()?))
            .ok_or(Malformed("an entry is of no class"))?;
        class.word.cost = costs.signed(class.word.cost)?;

        let before = entries.last().map_or("", |entry| &entry.surface);
        let mut surface = before
            .get(..shared.number()?)
            .ok_or(Malformed("a surface shares more than there is"))?
            .to_owned();
        surface.push_str(surfaces.next(0)?.unwrap_or_default());
        let reading = readings.next(1)?.unwrap_or(&surface);
        let expression = expressions.next(0)?.unwrap_or_default();

        let [tag, meaning, end, kind, first, last] = class.features;
        entries.push(Entry {
            features: [tag, meaning, end, reading, kind, first, last, expression].join(","),
            word: class.word,
            surface,
        });
    }
    for column in [low, high, costs, shared] {
        column.end()?;
    }
    for strings in [surfaces, readings, expressions] {
        strings.end()?;
    }
    Ok(entries)
}

/// Two columns: how long each string is, and the strings.
struct Strings<'a> {
    lengths: Input<'a>,
    content: Input<'a>,
}

impl<'a> Strings<'a> {
    fn read(input: &mut Input<'a>) -> Result<Self> {
        Ok(Strings {
            lengths: input.column()?,
            content: input.column()?,
        })
    }

    /// The next string, its length written with `bias` added; none if it is below the bias.
    fn next(&mut self, bias: usize) -> Result<Option<&'a str>> {
        let length: usize = self.lengths.number()?;
        match length.checked_sub(bias) {
            Some(length) => Ok(Some(utf8(self.content.take(length)?)?)),
            None => Ok(None),
        }
    }

    fn end(self) -> Result<()> {
        self.lengths.end()?;
        self.content.end()
    }
}

/// Bytes, read from the front.
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

    /// A count and that many items. Each is at least a byte, which bounds what is allocated.
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
