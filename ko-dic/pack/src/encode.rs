//! Source → pack: the writing half of the format that `format/source.rs` describes and reads.

use std::collections::HashMap;
use std::fmt;

use crate::source::{Entry, MAGIC, Matrix, Source, Word};

/// The source holds what the pack has no form for.
#[derive(Debug, PartialEq, Eq)]
pub enum Unfit {
    /// An entry with this surface has not eight features.
    Features(String),
    /// There are more than 65,536 classes of entries.
    Classes,
    /// The matrix has not as many costs as its sizes say.
    Matrix,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::Features(surface) => {
                write!(f, "the entry {surface:?} has not eight features")
            }
            Unfit::Classes => write!(f, "the entries are of more than 65536 classes"),
            Unfit::Matrix => write!(f, "the matrix has not right times left costs"),
        }
    }
}

impl std::error::Error for Unfit {}

/// Writes the pack's content, not yet compressed. The same source always gives the same bytes.
///
/// Fails if an entry has not eight features, if there are more classes than two bytes can count, or
/// if the matrix contradicts its own size.
pub fn encode(source: &Source) -> Result<Vec<u8>, Unfit> {
    let mut out = MAGIC.to_vec();
    put_number(&mut out, source.texts.len());
    for text in &source.texts {
        put_bytes(&mut out, text.name.as_bytes());
        put_bytes(&mut out, text.content.as_bytes());
    }
    put_number(&mut out, source.characters.categories.len());
    for category in &source.characters.categories {
        put_bytes(&mut out, category.as_bytes());
    }
    put_number(&mut out, source.characters.runs.len());
    for &(length, info) in &source.characters.runs {
        put_number(&mut out, length as usize);
        put_number(&mut out, info.0 as usize);
    }
    put_number(&mut out, source.unknown.len());
    for unknown in &source.unknown {
        put_number(&mut out, unknown.category);
        put_ids(&mut out, unknown.word);
        put_signed(&mut out, unknown.word.cost, 0);
        put_bytes(&mut out, unknown.features.as_bytes());
    }
    put_matrix(&mut out, &source.matrix)?;
    put_lexicon(&mut out, &source.lexicon)?;
    Ok(out)
}

fn put_matrix(out: &mut Vec<u8>, matrix: &Matrix) -> Result<(), Unfit> {
    let right = usize::from(matrix.right);
    if matrix.costs.len() != right * usize::from(matrix.left) {
        return Err(Unfit::Matrix);
    }
    put_number(out, right);
    put_number(out, matrix.left.into());
    let mut column = Vec::with_capacity(matrix.costs.len());
    for row in matrix.costs.chunks(right.max(1)) {
        let mut before = 0;
        for &cost in row {
            put_signed(&mut column, cost, before);
            before = cost;
        }
    }
    put_bytes(out, &column);
    Ok(())
}

/// The columns of the lexicon, as they stand in the pack.
#[derive(Default)]
struct Columns {
    low: Vec<u8>,
    high: Vec<u8>,
    cost: Vec<u8>,
    shared: Vec<u8>,
    surface: Strings,
    reading: Strings,
    expression: Strings,
}

/// Two columns: how long each string is, and the strings.
#[derive(Default)]
struct Strings {
    lengths: Vec<u8>,
    content: Vec<u8>,
}

impl Strings {
    fn push(&mut self, text: &str, bias: usize) {
        put_number(&mut self.lengths, text.len() + bias);
        self.content.extend_from_slice(text.as_bytes());
    }
}

fn put_lexicon(out: &mut Vec<u8>, lexicon: &[Entry]) -> Result<(), Unfit> {
    let mut classes = Vec::new();
    let mut class_count: usize = 0;
    let mut known: HashMap<([u16; 3], [&str; 6]), (u16, i16)> = HashMap::new();
    let mut columns = Columns::default();
    let mut before = "";

    for entry in lexicon {
        let features: Vec<&str> = entry.features.split(',').collect();
        let &[tag, meaning, end, reading, kind, first, last, expression] = features.as_slice()
        else {
            return Err(Unfit::Features(entry.surface.clone()));
        };

        let word = entry.word;
        let shape = [tag, meaning, end, kind, first, last];
        let key = ([word.left, word.right, word.pos], shape);
        let (class, cost_before) = match known.get(&key) {
            Some(&found) => found,
            None => {
                let class = u16::try_from(class_count).map_err(|_| Unfit::Classes)?;
                class_count += 1;
                put_ids(&mut classes, word);
                for feature in shape {
                    put_bytes(&mut classes, feature.as_bytes());
                }
                (class, 0)
            }
        };
        known.insert(key, (class, word.cost));

        let [low, high] = class.to_le_bytes();
        columns.low.push(low);
        columns.high.push(high);
        put_signed(&mut columns.cost, word.cost, cost_before);
        let shared = shared_prefix(before, &entry.surface);
        put_number(&mut columns.shared, shared);
        columns.surface.push(&entry.surface[shared..], 0);
        if reading == entry.surface {
            put_number(&mut columns.reading.lengths, 0);
        } else {
            columns.reading.push(reading, 1);
        }
        columns.expression.push(expression, 0);
        before = &entry.surface;
    }

    put_number(out, lexicon.len());
    put_number(out, class_count);
    out.extend_from_slice(&classes);
    for column in [&columns.low, &columns.high, &columns.cost, &columns.shared] {
        put_bytes(out, column);
    }
    for strings in [&columns.surface, &columns.reading, &columns.expression] {
        put_bytes(out, &strings.lengths);
        put_bytes(out, &strings.content);
    }
    Ok(())
}

/// How many bytes two strings share at their start, in whole characters.
fn shared_prefix(a: &str, b: &str) -> usize {
    a.chars()
        .zip(b.chars())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum()
}

fn put_ids(out: &mut Vec<u8>, word: Word) {
    for id in [word.left, word.right, word.pos] {
        put_number(out, id.into());
    }
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn put_signed(out: &mut Vec<u8>, cost: i16, before: i16) {
    let difference = i32::from(cost) - i32::from(before);
    put_number(
        out,
        ((difference << 1) ^ (difference >> 31)) as u32 as usize,
    );
}

fn put_number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
