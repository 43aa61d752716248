//! The embedded dictionary loads and has the content of the pack.

#![allow(clippy::unwrap_used)]

#[path = "../format/source.rs"]
mod source;

use std::collections::HashMap;

use lindera_dictionary::dictionary::Dictionary;
use lindera_dictionary::dictionary::context_id_map::ContextIdMap;
use source::{CharInfo, Source, Unknown, Word};

fn unpack() -> Source {
    let pack = include_bytes!("../data/ko-dic.pack").as_slice();
    Source::decode(&zstd::decode_all(pack).unwrap()).unwrap()
}

fn ids(dictionary: &Dictionary) -> &ContextIdMap {
    dictionary.metadata.context_id_map.as_ref().unwrap()
}

#[test]
fn words_have_their_features() {
    let dictionary = clippings_ko_dic::load().unwrap();
    let details = |surface: &str| -> Vec<Vec<&str>> {
        let entries = dictionary.prefix_dictionary.find_surface(surface);
        let ids = entries.iter().map(|entry| entry.word_id().id() as usize);
        ids.map(|id| dictionary.word_details(id)).collect()
    };
    assert_eq!(
        details("국회의원"),
        [[
            "NNG",
            "*",
            "T",
            "국회의원",
            "Compound",
            "*",
            "*",
            "국회/NNG/*+의원/NNG/*"
        ]]
    );
    assert_eq!(details("國會")[0][3], "국회");
    assert!(details("는").contains(&vec!["JX", "*", "T", "는", "*", "*", "*", "*"]));
    assert!(details("국회의원은").is_empty());
}

#[test]
fn contains_every_word() {
    let dictionary = clippings_ko_dic::load().unwrap();
    let lexicon = unpack().lexicon;
    assert_eq!(dictionary.prefix_dictionary.word_count(), lexicon.len());

    // Words with the same surface keep their order; lindera trims the trailing space of four
    // surfaces.
    let mut seen: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, entry) in lexicon.iter().enumerate() {
        seen.entry(entry.surface.trim()).or_default().push(index);
    }
    for (surface, expected) in seen {
        let found = dictionary.prefix_dictionary.find_surface(surface);
        assert_eq!(found.len(), expected.len(), "{surface}");
        let spaced = expected
            .iter()
            .any(|&index| lexicon[index].surface != surface);
        for (found, index) in found.iter().zip(expected).filter(|_| !spaced) {
            let Word {
                left, right, cost, ..
            } = lexicon[index].word;
            assert_eq!(found.left_id(), u32::from(ids(&dictionary).map_left(left)));
            assert_eq!(
                found.right_id(),
                u32::from(ids(&dictionary).map_right(right))
            );
            assert_eq!(found.word_cost(), cost);
            let features = dictionary.word_details_iter(found.word_id().id() as usize);
            assert!(features.eq(lexicon[index].features.split(',')), "{surface}");
        }
    }
}

#[test]
fn connection_costs_match() {
    let dictionary = clippings_ko_dic::load().unwrap();
    let costs = &dictionary.connection_cost_matrix;
    assert!(costs.is_zero_copy());
    let matrix = unpack().matrix;
    let rows = matrix.costs.chunks_exact(matrix.right.into());
    for (left, row) in (0..matrix.left).zip(rows) {
        let found = costs.row(ids(&dictionary).map_left(left).into());
        for (right, cost) in (0..matrix.right).zip(row) {
            let right = usize::from(ids(&dictionary).map_right(right));
            assert_eq!(found[right], *cost, "after {right}, before {left}");
        }
    }
}

#[test]
fn character_categories_match() {
    let dictionary = clippings_ko_dic::load().unwrap();
    let definition = &dictionary.character_definition;
    let characters = unpack().characters;
    assert_eq!(definition.categories(), characters.categories);
    let runs = characters.runs.iter();
    let infos = runs.flat_map(|&(length, info)| std::iter::repeat_n(info, length as usize));
    for (code, CharInfo(bits)) in infos.enumerate() {
        let Some(c) = char::from_u32(code as u32) else {
            continue;
        };
        let found = definition.lookup_categories(c);
        assert_eq!(found[0].0, (bits >> 18 & 0xff) as usize, "{c:?}");
        let set = found.iter().fold(0, |set, category| set | 1 << category.0);
        assert_eq!(set, bits & 0x3_ffff, "{c:?}");
        let data = definition.lookup_definition(found[0]);
        let flags = (data.length, data.group, data.invoke);
        assert_eq!(
            flags,
            (bits >> 26 & 0xf, bits >> 30 & 1 == 1, bits >> 31 == 1),
            "{c:?}"
        );
    }
}

#[test]
fn contains_every_unknown_word() {
    let dictionary = clippings_ko_dic::load().unwrap();
    let unknown = &dictionary.unknown_dictionary;
    let source = unpack();
    for Unknown {
        category,
        word,
        features,
    } in source.unknown
    {
        let name = &source.characters.categories[category];
        let category = dictionary.character_definition.category_id_by_name(name);
        let &[id] = unknown.lookup_word_ids(category.unwrap()) else {
            panic!("{name} has not one unknown word");
        };
        let found = unknown.word_entry(id);
        assert_eq!(
            found.left_id(),
            u32::from(ids(&dictionary).map_left(word.left))
        );
        assert_eq!(
            found.right_id(),
            u32::from(ids(&dictionary).map_right(word.right))
        );
        assert_eq!(found.word_cost(), word.cost);
        assert!(
            unknown
                .word_details_iter(id)
                .unwrap()
                .eq(features.split(','))
        );
    }
}

#[test]
fn digest_is_blake3() {
    assert_eq!(clippings_ko_dic::DIGEST.len(), 64);
    assert!(
        clippings_ko_dic::DIGEST
            .bytes()
            .all(|b| b.is_ascii_hexdigit())
    );
}
