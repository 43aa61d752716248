//! The pack is mecab-ko-dic without loss: compares digests with those of the original files.

#![allow(clippy::unwrap_used)]

#[path = "../format/source.rs"]
mod source;

use sha2::{Digest, Sha256};
use source::{Malformed, Source};

const PACK: &[u8] = include_bytes!("../data/ko-dic.pack");

fn unpack() -> Source {
    Source::decode(&zstd::decode_all(PACK).unwrap()).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn lexicon_is_complete() {
    let lexicon = unpack().lexicon;
    assert_eq!(lexicon.len(), 816_283);

    // Lines of `surface,left,right,pos,cost,features`; the digest was computed independently from
    // sys.dic.
    let mut digest = Sha256::new();
    for entry in &lexicon {
        let source::Word {
            left,
            right,
            pos,
            cost,
        } = entry.word;
        let line = format!(
            "{},{left},{right},{pos},{cost},{}\n",
            entry.surface, entry.features
        );
        digest.update(line);
    }
    let digest: String = digest
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(
        digest,
        "e7477938d6e8435a1341a695c3be2c2f5ddbc17ba97fd33746303b4233eff5d7"
    );
}

/// Matrix and characters, encoded as MeCab does, have the digests in the wheel's RECORD.
#[test]
fn matrix_and_characters_match_the_wheel() {
    let source = unpack();
    let mut matrix = Vec::new();
    matrix.extend_from_slice(&source.matrix.right.to_le_bytes());
    matrix.extend_from_slice(&source.matrix.left.to_le_bytes());
    for cost in &source.matrix.costs {
        matrix.extend_from_slice(&cost.to_le_bytes());
    }
    assert_eq!(
        sha256(&matrix),
        "e558a8064721b4492c465f9ed55dabd5655257b63bbe68fb15bf7d054bb5a7cc"
    );

    let categories = &source.characters.categories;
    let mut characters = (categories.len() as u32).to_le_bytes().to_vec();
    for name in categories {
        let mut field = name.clone().into_bytes();
        field.resize(32, 0);
        characters.extend_from_slice(&field);
    }
    for &(length, info) in &source.characters.runs {
        for _ in 0..length {
            characters.extend_from_slice(&info.0.to_le_bytes());
        }
    }
    assert_eq!(
        sha256(&characters),
        "3d23b2d8f416f2c04f16cef28a1733f6634d0db004bb164d95ea88df3c6fe8db"
    );
}

#[test]
fn texts_match_the_wheel() {
    let digests: Vec<(String, String)> = unpack()
        .texts
        .into_iter()
        .map(|text| (text.name, sha256(text.content.as_bytes())))
        .collect();
    let expected = [
        (
            "dicrc",
            "f8451a62428211d5af66ec59adf918ac9e4766e4f6c59da1a149c547c08f5df8",
        ),
        (
            "feature.def",
            "25281268cf9d722b6f901cc9e35e281a18cf01cfde0453176779ae4c4f425315",
        ),
        (
            "left-id.def",
            "1069548642547be316a56c8c7af641855f2611f9ee22b63ebb8bede55767f1d0",
        ),
        (
            "pos-id.def",
            "650137376848e2fdafa6c73583bab85d1a90409859a56f6d89acc3caa0fe88b9",
        ),
        (
            "rewrite.def",
            "b498893b6cdd7d7d3bb6f56e34efa3d848a31d384d3225c6971439a6f63b2739",
        ),
        (
            "right-id.def",
            "7827bb62ffb6674ccc1badde69b172b69b97533da2d813c1d357179cf3f32959",
        ),
    ];
    assert_eq!(
        digests,
        expected.map(|(name, digest)| (name.to_owned(), digest.to_owned()))
    );
}

#[test]
fn unknown_words_match_the_wheel() {
    let source = unpack();
    let lines: Vec<String> = source
        .unknown
        .iter()
        .map(|unknown| {
            let category = &source.characters.categories[unknown.category];
            let tag = unknown.features.split(',').next().unwrap();
            let word = unknown.word;
            format!(
                "{category} {} {} {} {} {tag}",
                word.left, word.right, word.pos, word.cost
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "DEFAULT 1801 3566 168 3640 SY",
            "SPACE 1798 3563 164 996 SP",
            "ALPHA 1796 3532 162 824 SL",
            "CYRILLIC 1796 3532 162 824 SL",
            "GREEK 1796 3532 162 824 SL",
            "HANGUL 1803 3569 999 10055 UNKNOWN",
            "HANJA 1795 3561 161 -803 SH",
            "HIRAGANA 1796 3532 162 824 SL",
            "KANJI 1796 3532 162 824 SL",
            "HANJANUMERIC 1795 3561 161 -803 SH",
            "KATAKANA 1796 3532 162 824 SL",
            "NUMERIC 1797 3562 163 3563 SN",
            "SYMBOL 1801 3566 168 3640 SY",
        ]
    );
}

#[test]
fn malformed_packs_are_rejected() {
    let content = zstd::decode_all(PACK).unwrap();
    assert!(matches!(Source::decode(b""), Err(Malformed(_))));
    assert!(matches!(
        Source::decode(b"kodic\0\0\x02"),
        Err(Malformed(_))
    ));
    let cut = &content[..content.len() - 1];
    assert!(matches!(Source::decode(cut), Err(Malformed(_))));
    let longer = [content.as_slice(), b"\0"].concat();
    assert!(matches!(Source::decode(&longer), Err(Malformed(_))));
}
