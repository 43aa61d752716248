//! Encoder of the pack; `format/source.rs` describes the format and decodes it.

use std::collections::HashMap;
use std::fmt;

use crate::source::{Entry, MAGIC, Matrix, Source, Word};

/// The source cannot be represented in the pack.
#[derive(Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The entry with this surface does not have eight features.
    Features(String),
    /// The entry with this surface contains a control character or lacks a reading.
    Text(String),
    /// More than 65,536 classes of entries.
    Classes,
    /// The number of costs differs from the product of the matrix's dimensions.
    Matrix,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::Features(surface) => {
                write!(f, "the entry {surface:?} does not have eight features")
            }
            Unfit::Text(surface) => {
                write!(
                    f,
                    "the entry {surface:?} contains a control character or lacks a reading"
                )
            }
            Unfit::Classes => write!(f, "there are more than 65536 classes of entries"),
            Unfit::Matrix => write!(f, "the matrix does not have right × left costs"),
        }
    }
}

impl std::error::Error for Unfit {}

/// Encodes the uncompressed content of a pack. Deterministic.
///
/// Fails if an entry does not have eight features, contains a control character or lacks a reading,
/// if there are more classes than two bytes can number, or if the matrix contradicts its
/// dimensions.
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

fn put_lexicon(out: &mut Vec<u8>, lexicon: &[Entry]) -> Result<(), Unfit> {
    let mut classes = Vec::new();
    let mut known: HashMap<([u16; 3], [&str; 6]), u16> = HashMap::new();
    let [mut low, mut high, mut costs, mut shared] = [const { Vec::new() }; 4];
    let [mut surfaces, mut readings, mut expressions] = [const { Vec::new() }; 3];
    let mut before = "";

    for entry in lexicon {
        let Entry {
            surface,
            word,
            features,
        } = entry;
        let split: Vec<&str> = features.split(',').collect();
        let &[tag, meaning, end, reading, kind, first, last, expression] = split.as_slice() else {
            return Err(Unfit::Features(surface.clone()));
        };
        let control = [surface, reading, expression]
            .iter()
            .any(|text| text.contains(|c| c < ' '));
        if control || reading.is_empty() && !surface.is_empty() {
            return Err(Unfit::Text(surface.clone()));
        }

        let key = (
            [word.left, word.right, word.pos],
            [tag, meaning, end, kind, first, last],
        );
        let class = match known.get(&key) {
            Some(&class) => class,
            None => {
                let class = u16::try_from(known.len()).map_err(|_| Unfit::Classes)?;
                put_ids(&mut classes, *word);
                for feature in key.1 {
                    put_bytes(&mut classes, feature.as_bytes());
                }
                known.insert(key, class);
                class
            }
        };
        let [class_low, class_high] = class.to_le_bytes();
        low.push(class_low);
        high.push(class_high);
        costs.extend_from_slice(&word.cost.to_le_bytes());

        let common = shared_prefix(before, surface);
        put_number(&mut shared, common);
        put_string(&mut surfaces, &surface[common..]);
        put_string(&mut readings, if reading == surface { "" } else { reading });
        put_string(&mut expressions, &shorten_expression(expression, surface));
        before = surface;
    }

    put_number(out, lexicon.len());
    put_number(out, known.len());
    out.extend_from_slice(&classes);
    for column in [low, high, costs, shared, surfaces, readings, expressions] {
        put_bytes(out, &column);
    }
    Ok(())
}

/// Shortens an expression: replaces each part that is the next piece of the surface with its
/// length.
fn shorten_expression(expression: &str, surface: &str) -> String {
    let mut rest = surface;
    let mut short = String::new();
    for (index, part) in expression.split('+').enumerate() {
        if index > 0 {
            short.push('+');
        }
        let piece = part.split('/').next().unwrap_or_default();
        match (
            u8::try_from(piece.chars().count()),
            rest.strip_prefix(piece),
        ) {
            (Ok(length @ 1..0x20), Some(left)) => {
                short.push(char::from(length));
                short.push_str(&part[piece.len()..]);
                rest = left;
            }
            _ => short.push_str(part),
        }
    }
    short
}

/// Length in bytes of the common prefix, in whole characters.
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

fn put_string(out: &mut Vec<u8>, string: &str) {
    out.extend_from_slice(string.as_bytes());
    out.push(0);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::{CharInfo, Characters, Text, Unknown};

    fn word() -> impl Strategy<Value = Word> {
        any::<(u16, u16, u16, i16)>().prop_map(|(left, right, pos, cost)| Word {
            left,
            right,
            pos,
            cost,
        })
    }

    /// An entry, often with an expression made of pieces of its surface.
    fn entry() -> impl Strategy<Value = Entry> {
        let parts = prop::collection::vec("[가-힣A-Z+/1]{1,4}", 1..4);
        let others = prop::array::uniform7("[가-힣A-Z*+]{1,3}");
        (parts, others, any::<bool>(), any::<bool>(), word()).prop_map(
            |(parts, [tag, meaning, end, reading, kind, first, last], same, made, word)| {
                let surface = parts.concat();
                let reading = if same { &surface } else { &reading };
                let expression = if made {
                    parts.join("/NNG/*+")
                } else {
                    "*".to_owned()
                };
                Entry {
                    features: [
                        &tag,
                        &meaning,
                        &end,
                        reading,
                        &kind,
                        &first,
                        &last,
                        &expression,
                    ]
                    .map(String::as_str)
                    .join(","),
                    surface,
                    word,
                }
            },
        )
    }

    fn matrix() -> impl Strategy<Value = Matrix> {
        (0u16..5, 0u16..5).prop_flat_map(|(right, left)| {
            prop::collection::vec(any::<i16>(), usize::from(right * left))
                .prop_map(move |costs| Matrix { right, left, costs })
        })
    }

    fn source() -> impl Strategy<Value = Source> {
        let texts = prop::collection::vec(("\\PC*", "\\PC*"), 0..3);
        let runs = prop::collection::vec((any::<u32>(), any::<u32>().prop_map(CharInfo)), 0..5);
        let characters = (prop::collection::vec("[A-Z]*", 0..4), runs);
        let unknown = prop::collection::vec((0usize..9, word(), "[A-Z,*]*"), 0..3);
        let lexicon = prop::collection::vec(entry(), 0..9);
        (texts, characters, unknown, matrix(), lexicon).prop_map(
            |(texts, (categories, runs), unknown, matrix, lexicon)| Source {
                texts: texts
                    .into_iter()
                    .map(|(name, content)| Text { name, content })
                    .collect(),
                characters: Characters { categories, runs },
                unknown: unknown
                    .into_iter()
                    .map(|(category, word, features)| Unknown {
                        category,
                        word,
                        features,
                    })
                    .collect(),
                matrix,
                lexicon,
            },
        )
    }

    proptest! {
        #[test]
        fn encoding_round_trips(source in source()) {
            let content = encode(&source).unwrap();
            prop_assert_eq!(Source::decode(&content), Ok(source));
        }

        #[test]
        fn damage_never_panics(
            source in source(),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            cut in any::<bool>(),
        ) {
            let mut content = encode(&source).unwrap();
            let at = at.index(content.len());
            if cut {
                content.truncate(at);
                prop_assert!(Source::decode(&content).is_err());
            } else {
                content[at] = byte;
                let _ = Source::decode(&content);
            }
        }

        #[test]
        fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let content = [MAGIC.as_slice(), &bytes].concat();
            let _ = Source::decode(&content);
        }
    }

    fn one(surface: &str, features: &str) -> Source {
        let entry = Entry {
            surface: surface.to_owned(),
            word: Word {
                left: 1,
                right: 2,
                pos: 3,
                cost: -4,
            },
            features: features.to_owned(),
        };
        Source {
            texts: Vec::new(),
            characters: Characters {
                categories: Vec::new(),
                runs: Vec::new(),
            },
            unknown: Vec::new(),
            matrix: Matrix {
                right: 0,
                left: 0,
                costs: Vec::new(),
            },
            lexicon: vec![entry],
        }
    }

    #[test]
    fn expressions_are_shortened_to_lengths() {
        assert_eq!(
            shorten_expression("국회/NNG/*+의원/NNG/*", "국회의원"),
            "\u{2}/NNG/*+\u{2}/NNG/*"
        );
        assert_eq!(
            shorten_expression("하/XSV/*+ᆫ/ETM/*", "한"),
            "하/XSV/*+ᆫ/ETM/*"
        );
        assert_eq!(shorten_expression("*", "국회"), "*");
    }

    #[test]
    fn unrepresentable_sources_are_rejected() {
        let error = |surface, features| encode(&one(surface, features)).unwrap_err();
        let surface = || "국회".to_owned();
        assert_eq!(error("국회", "NNG,*,F"), Unfit::Features(surface()));
        assert_eq!(error("국회", "NNG,*,F,,*,*,*,*"), Unfit::Text(surface()));
        assert_eq!(
            error("국회", "NNG,*,F,국회,*,*,*,\u{2}"),
            Unfit::Text(surface())
        );
        let mut source = one("국회", "NNG,*,F,국회,*,*,*,*");
        source.matrix.left = 1;
        source.matrix.right = 1;
        assert_eq!(encode(&source), Err(Unfit::Matrix));
    }
}
