//! Decoder of the wheel: reads the dictionary as compiled by MeCab 0.996 and published on PyPI.
//!
//! All integers are little-endian. The formats are defined by the source of MeCab
//! (`dictionary.cpp`, `darts.h`, `connector.cpp`, `char_property.cpp` in
//! <https://taku910.github.io/mecab/>):
//!
//! - `sys.dic`, `unk.dic`: ten u32 (magic xor file size, version, type, how many entries, left size,
//!   right size, bytes of the trie, of the tokens and of the features, zero), the charset (32 bytes),
//!   then the trie, the tokens and the features.
//!   The trie is a Darts double array of units `{i32 base, u32 check}`. The child of a node with base
//!   `n` by byte `b` is unit `n + b + 1`, if its check is `n`; a key ends there if the check of unit
//!   `n` itself is `n` and its base negative: `-base - 1` is the first token times 256 plus how many.
//!   A token is 16 bytes: left id, right id, part of speech id (u16), cost (i16), where its features
//!   start (u32; they end with NUL), and four unused.
//! - `matrix.bin`: right size and left size (u16), then the costs (i16), right ids running fastest.
//! - `char.bin`: how many categories (u32), their names (32 bytes each), then one [`CharInfo`] for
//!   each of 65,535 characters.

use std::fmt;
use std::io::{Cursor, Read};

use sha2::{Digest, Sha256};

use crate::source::{CharInfo, Characters, Entry, Matrix, Source, Text, Unknown, Word};

/// The only accepted wheel.
pub const NAME: &str = "python_mecab_ko_dic-2.1.1.post2-py3-none-any.whl";

/// SHA-256 of the wheel on PyPI.
pub const SHA256: &str = "ef8f4e80c8976f1340a7264abb0c96f384fe059fd897584aeba0151753c6ae9b";

/// Folder of the dictionary in the wheel.
const FOLDER: &str = "mecab_ko_dic/dictionary";

/// Definition files that the wheel has in text form.
const TEXTS: [&str; 6] = [
    "dicrc",
    "feature.def",
    "left-id.def",
    "pos-id.def",
    "rewrite.def",
    "right-id.def",
];

/// Magic number of MeCab dictionaries, XORed with the file size.
const MECAB_MAGIC: u32 = 0xef71_8f77;

/// The wheel is not [`NAME`], or not in MeCab's format.
#[derive(Debug)]
pub enum Unreadable {
    /// A different SHA-256.
    OtherWheel(String),
    /// Not a ZIP archive, or a file is missing.
    Archive(zip::result::ZipError),
    /// This file cannot be decompressed.
    File(&'static str, std::io::Error),
    /// This file is not in MeCab's format.
    Format(&'static str),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::OtherWheel(found) => write!(
                f,
                "not {NAME}: its SHA-256 is {found}, expected {SHA256}; download it again"
            ),
            Unreadable::Archive(error) => write!(f, "{error}"),
            Unreadable::File(name, error) => write!(f, "{name}: {error}"),
            Unreadable::Format(name) => write!(f, "{name} is not in MeCab's format"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Reads the source of the dictionary from the bytes of the wheel.
///
/// Fails if the bytes are not those of the wheel [`NAME`] with [`SHA256`].
pub fn read(wheel: &[u8]) -> Result<Source, Unreadable> {
    let found: String = Sha256::digest(wheel)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if found != SHA256 {
        return Err(Unreadable::OtherWheel(found));
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(wheel)).map_err(Unreadable::Archive)?;
    let mut file = |name: &'static str| {
        let mut content = Vec::new();
        archive
            .by_name(&format!("{FOLDER}/{name}"))
            .map_err(Unreadable::Archive)?
            .read_to_end(&mut content)
            .map_err(|error| Unreadable::File(name, error))?;
        Ok(content)
    };

    let mut texts = Vec::new();
    for name in TEXTS {
        texts.push(Text {
            name: name.to_owned(),
            content: String::from_utf8(file(name)?).map_err(|_| Unreadable::Format(name))?,
        });
    }
    let characters = characters(&file("char.bin")?).ok_or(Unreadable::Format("char.bin"))?;
    let unknown = unknown(&file("unk.dic")?, &characters).ok_or(Unreadable::Format("unk.dic"))?;
    let matrix = matrix(&file("matrix.bin")?).ok_or(Unreadable::Format("matrix.bin"))?;
    let lexicon = entries(&file("sys.dic")?).ok_or(Unreadable::Format("sys.dic"))?;
    Ok(Source {
        texts,
        characters,
        unknown,
        matrix,
        lexicon,
    })
}

fn characters(bytes: &[u8]) -> Option<Characters> {
    let (count, rest) = bytes.split_at_checked(4)?;
    let (names, infos) = rest.split_at_checked(u32_at(count, 0)? as usize * 32)?;
    let categories = names
        .chunks_exact(32)
        .map(|name| String::from_utf8(until_nul(name).to_vec()).ok())
        .collect::<Option<_>>()?;
    let mut runs: Vec<(u32, CharInfo)> = Vec::new();
    for index in 0..infos.len() / 4 {
        let info = CharInfo(u32_at(infos, index * 4)?);
        match runs.last_mut() {
            Some((length, of)) if *of == info => *length += 1,
            _ => runs.push((1, info)),
        }
    }
    Some(Characters { categories, runs })
}

fn matrix(bytes: &[u8]) -> Option<Matrix> {
    let costs = bytes.get(4..)?.chunks_exact(2);
    Some(Matrix {
        right: u16_at(bytes, 0)?,
        left: u16_at(bytes, 2)?,
        costs: costs.map(|c| i16::from_le_bytes([c[0], c[1]])).collect(),
    })
}

fn unknown(bytes: &[u8], characters: &Characters) -> Option<Vec<Unknown>> {
    let mut list = Vec::new();
    for entry in entries(bytes)? {
        list.push(Unknown {
            category: characters
                .categories
                .iter()
                .position(|name| *name == entry.surface)?,
            word: entry.word,
            features: entry.features,
        });
    }
    Some(list)
}

/// All entries of a dictionary in the order of its source files, which is the order of their
/// features, as MeCab writes those while reading.
fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    let header: Vec<u32> = (0..10)
        .map(|index| u32_at(bytes, index * 4))
        .collect::<Option<_>>()?;
    let &[magic, _, _, count, _, _, trie, tokens, features, _] = header.as_slice() else {
        return None;
    };
    if magic ^ bytes.len() as u32 != MECAB_MAGIC {
        return None;
    }
    let (trie, rest) = bytes.get(72..)?.split_at_checked(trie as usize)?;
    let (tokens, rest) = rest.split_at_checked(tokens as usize)?;
    let features = rest.get(..features as usize)?;

    let mut entries = Vec::new();
    for (surface, first, count) in keys(trie)? {
        let surface = String::from_utf8(surface).ok()?;
        for index in first..first + count {
            let token = tokens.get(index * 16..index * 16 + 16)?;
            let start = u32_at(token, 8)?;
            let features = until_nul(features.get(start as usize..)?);
            let entry = Entry {
                surface: surface.clone(),
                word: Word {
                    left: u16_at(token, 0)?,
                    right: u16_at(token, 2)?,
                    pos: u16_at(token, 4)?,
                    cost: u16_at(token, 6)? as i16,
                },
                features: String::from_utf8(features.to_vec()).ok()?,
            };
            entries.push((start, entry));
        }
    }
    entries.sort_by_key(|(start, _)| *start);
    let entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
    (entries.len() == count as usize).then_some(entries)
}

/// All keys of a Darts double array in byte order, each with its first token and number of tokens.
fn keys(trie: &[u8]) -> Option<Vec<(Vec<u8>, usize, usize)>> {
    let base = |unit: usize| Some(u32_at(trie, unit * 8)? as i32);
    let check = |unit: usize| u32_at(trie, unit * 8 + 4);

    let mut keys = Vec::new();
    // Children are pushed in reverse, so that keys are popped in order.
    let mut open = vec![(base(0)?, Vec::new())];
    while let Some((node, key)) = open.pop() {
        let node = usize::try_from(node).ok()?;
        if check(node) == Some(node as u32)
            && let value @ ..0 = base(node)?
        {
            let value = (-(value + 1)) as usize;
            keys.push((key.clone(), value >> 8, value & 0xff));
        }
        for byte in (0..=u8::MAX).rev() {
            let child = node + usize::from(byte) + 1;
            if check(child) == Some(node as u32) {
                let mut key = key.clone();
                key.push(byte);
                open.push((base(child)?, key));
            }
        }
    }
    Some(keys)
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
